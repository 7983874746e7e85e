"""Conditions and queries, at the path that users of the older package import them from."""

from ._engine import Q, Query

__all__ = ["Q", "Query"]
