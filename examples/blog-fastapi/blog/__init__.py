"""A blog whose posts can be thrown away and brought back."""
