"""Pages behind cursors, at the path that users of the older package import them from."""

from .pages import CursorPaginator

__all__ = ["CursorPaginator"]
