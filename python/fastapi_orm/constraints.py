"""What ``__table_args__`` holds: fields that are unique together, and indexes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .exceptions import SchemaError

__all__ = ["Index", "composite_unique", "create_composite_index", "create_composite_unique", "understood"]

# The columns, whether they are unique together, and the name in the database, if one was given.
Together = tuple[tuple[str, ...], bool, "str | None"]


class Index:
    """An index over fields, for ``__table_args__``. Of a model with soft delete it covers the live rows.

    :param columns: the fields, in order; a first one that the model does not have is taken for the index's name
    :param name: the index's name in the database; made of the table and the fields when left out
    :param unique: whether no two (live) rows may have the same values

    Example::

        class Visit(Model):
            __tablename__ = "visits"
            __table_args__ = (Index("place", "day"), Index("place", "guest", unique=True))

            id: int = IntegerField(primary_key=True)
            place: str = StringField(max_length=50)
            day: int = IntegerField()
            guest: str = StringField(max_length=50)
    """

    def __init__(self, *columns: str, name: str | None = None, unique: bool = False) -> None:
        self.columns = columns
        self.name = name
        self.unique = unique

    def __repr__(self) -> str:
        return f"<Index {', '.join(self.columns)}>"


def composite_unique(*columns: str, name: str | None = None) -> Index:
    """Fields that are unique together, for ``__table_args__``; a tuple of their names means the same.

    :param name: the name in the database

    Example::

        class Visit(Model):
            __tablename__ = "visits"
            __table_args__ = (composite_unique("place", "guest"),)

            id: int = IntegerField(primary_key=True)
            place: str = StringField(max_length=50)
            guest: str = StringField(max_length=50)
    """
    return Index(*columns, name=name, unique=True)


def create_composite_unique(table_name: str, *columns: str, name: str | None = None) -> Index:
    """:func:`composite_unique`, with the table's name in front.

    Example::

        class Visit(Model):
            __tablename__ = "visits"
            __table_args__ = (create_composite_unique("visits", "place", "guest"),)

            id: int = IntegerField(primary_key=True)
            place: str = StringField(max_length=50)
            guest: str = StringField(max_length=50)
    """
    return Index(*columns, name=name, unique=True)


def create_composite_index(table_name: str, *columns: str, name: str | None = None, unique: bool = False) -> Index:
    """:class:`Index`, with the table's name in front.

    Example::

        class Visit(Model):
            __tablename__ = "visits"
            __table_args__ = (create_composite_index("visits", "place", "guest"),)

            id: int = IntegerField(primary_key=True)
            place: str = StringField(max_length=50)
            guest: str = StringField(max_length=50)
    """
    return Index(*columns, name=name, unique=unique)


def understood(model: str, fields: Iterable[str], arguments: Any) -> list[Together]:
    """What a model's ``__table_args__`` ask for.

    :raises SchemaError: for what cannot be had; nothing is left out silently
    """
    known = set(fields)
    entries = arguments if isinstance(arguments, (list, tuple)) else (arguments,)
    if entries and all(isinstance(entry, str) for entry in entries):
        listed = ", ".join(repr(entry) for entry in entries)
        raise SchemaError(f"Model {model} has names alone in __table_args__: write (({listed}),) for a unique group")
    return [_together(model, known, entry) for entry in entries if not _is_option(model, entry)]


def _is_option(model: str, entry: Any) -> bool:
    """Whether it is a dictionary of options that say nothing about this database."""
    if not isinstance(entry, dict):
        return False
    other = [key for key in entry if not key.startswith(("mysql_", "mariadb_", "oracle_", "mssql_", "postgresql_"))]
    meaning = [key for key in other if key not in ("comment", "extend_existing", "info", "keep_existing")]
    if meaning:
        raise SchemaError(f"Model {model} has the option {meaning[0]!r} in __table_args__, which does not exist here")
    return True


def _together(model: str, known: set[str], entry: Any) -> Together:
    kind = type(entry).__name__
    if isinstance(entry, (list, tuple)):
        columns, unique, name = tuple(entry), True, None
    elif isinstance(entry, Index):
        columns, unique, name = entry.columns, entry.unique, entry.name
        if name is None and len(columns) > 1 and columns[0] not in known:
            name, columns = columns[0], columns[1:]
    elif kind in ("UniqueConstraint", "Index") and hasattr(entry, "_pending_colargs"):
        # SQLAlchemy's, by the names it was given.
        columns, name = tuple(entry._pending_colargs), entry.name
        unique = kind == "UniqueConstraint" or bool(entry.unique)
    else:
        raise SchemaError(
            f"Model {model} has {entry!r} in __table_args__: use tuples of names of fields, which are unique together, "
            "and Index(...); for a condition on values min_value, max_value and validators of the field"
        )
    if not columns or not all(isinstance(column, str) for column in columns):
        raise SchemaError(f"Model {model} has {entry!r} in __table_args__: name its fields by text")
    return columns, unique, name if name is None else str(name)
