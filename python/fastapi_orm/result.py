"""What a statement of your own SQL returned: see :meth:`Session.execute`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

__all__ = ["Result", "Row"]


class Row(Sequence[Any]):
    """One row: a tuple whose values also have the names of their columns. It equals the tuple of its values. Of columns
    with one name, the name means the last.

    Example::

        result = await session.execute("SELECT id, title FROM posts")
        row = result.first()
        print(row[0], row["title"], row.title, dict(row))
    """

    __slots__ = ("_index", "_values")

    _index: dict[str, int]
    _values: tuple[Any, ...]

    def __init__(self, values: tuple[Any, ...], index: dict[str, int]) -> None:
        self._values = values
        self._index = index

    def __getitem__(self, key: Any) -> Any:
        return self._values[self._index[key] if isinstance(key, str) else key]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[self._index[name]]
        except KeyError:
            raise AttributeError(f"the row has no column '{name}': it has {', '.join(self._index)}") from None

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Row):
            return self._values == other._values
        return self._values == other

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={self._values[at]!r}' for name, at in self._index.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Row, (self._values, self._index)

    def keys(self) -> list[str]:
        """The names of the columns.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            print(result.first().keys())
        """
        return list(self._index)

    @property
    def _mapping(self) -> dict[str, Any]:
        """The values by name."""
        return {name: self._values[at] for name, at in self._index.items()}


class Result:
    """The rows of a statement, read from the first to the last, once. All of them are in memory: rows of a model are
    streamed by its queries.

    ``rowcount`` is how many rows the statement changed, or, for one that returns rows, how many it returned.

    Example::

        result = await session.execute("SELECT id, title FROM posts WHERE views > :least", {"least": 10})
        for row in result:
            print(row.id, row["title"])
    """

    def __init__(self, names: list[str], rows: list[tuple[Any, ...]], changed: int) -> None:
        self._names = names
        self._index = {name: at for at, name in enumerate(names)}
        self._rows = iter(rows)
        self.rowcount: int = len(rows) if names else changed

    @property
    def returns_rows(self) -> bool:
        """Whether the statement is one that returns rows, be it none this time."""
        return bool(self._names)

    def keys(self) -> list[str]:
        """The names of the columns.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            print(result.keys())
        """
        return list(self._names)

    def __iter__(self) -> Iterator[Row]:
        return (Row(values, self._index) for values in self._rows)

    def fetchone(self) -> Row | None:
        """The next row, or None after the last.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            row = result.fetchone()
        """
        return next(iter(self), None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        """The next rows, at most ``size`` of them.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            rows = result.fetchmany(100)
        """
        return list(islice(self, max(size, 0)))

    def fetchall(self) -> list[Row]:
        """The rows that are left.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            for row in result.fetchall():
                print(row.title)
        """
        return list(self)

    all = fetchall

    def first(self) -> Row | None:
        """The next row, or None; the rest is dropped.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            row = result.first()
        """
        row = self.fetchone()
        self._rows = iter(())
        return row

    def one(self) -> Row:
        """The one row.

        :raises LookupError: when there is none, or more than one

        Example::

            result = await session.execute("SELECT count(*) AS posts FROM posts")
            print(result.one().posts)
        """
        rows = self.fetchall()
        if len(rows) != 1:
            raise LookupError(f"one row was expected, and {len(rows)} came")
        return rows[0]

    def scalar(self) -> Any:
        """The first value of the next row, or None; the rest is dropped.

        Example::

            result = await session.execute("SELECT count(*) AS posts FROM posts")
            print(result.scalar())
        """
        row = self.first()
        return row[0] if row else None

    def scalar_one(self) -> Any:
        """The first value of the one row.

        :raises LookupError: when there is none, or more than one

        Example::

            result = await session.execute("SELECT count(*) AS posts FROM posts")
            print(result.scalar_one())
        """
        return self.one()[0]

    def scalars(self) -> list[Any]:
        """The first value of each row that is left.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            ids = result.scalars()
        """
        return [values[0] for values in self._rows]

    def mappings(self) -> list[dict[str, Any]]:
        """The rows that are left, as dictionaries.

        Example::

            result = await session.execute("SELECT id, title FROM posts")
            print(result.mappings())
        """
        return [row._mapping for row in self]

    def __repr__(self) -> str:
        return f"<Result of {self.rowcount} rows>"
