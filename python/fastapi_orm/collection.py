"""Loaded relations to many rows: lists that write what is added to them and taken from them."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

from . import _engine
from .exceptions import ValidationError

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Collection"]

Row = TypeVar("Row")


class Collection(list[Row]):
    """The live rows of a relation, as a list: loaded by ``include()``, by ``await`` or by being read, or the empty
    one of a row that was just created.

    Two objects of one row are the same to it: ``tag in post.tags`` asks for the row. Rows that are created, added or
    moved later through the same session show up in it. What is added and removed is written at the next flush::

        post = await Post.get(session, 1)
        post.tags.append(await Tag.create(session, name="rust"))
        post.tags.remove(post.tags[0])
        await session.commit()

    It can be awaited like a relation that is not loaded. That costs nothing, unless rows were deleted or restored
    through the session meanwhile, or it was rolled back: then the rows are read again.
    """

    __slots__ = ("__weakref__", "_lives", "_loader", "_noted", "_owner")

    def __init__(self, rows: Iterable[Row], loader: _engine.RelationLoader, owner: Any, lives: int) -> None:
        super().__init__(rows)
        self._loader = loader
        self._owner = weakref.ref(owner)
        self._lives = lives
        self._noted = 0

    def __await__(self) -> Generator[Any, Any, Self]:
        if self._lives != self._loader.lives:
            rows: list[Any] = yield from self._loader.load().__await__()
            super().__setitem__(slice(None), rows)
            self._lives = self._loader.lives
        return self

    def __contains__(self, row: object) -> bool:
        return position(self, row) is not None

    def index(self, row: Row, start: SupportsIndex = 0, stop: SupportsIndex = sys.maxsize, /) -> int:
        """Where the row is.

        :raises ValueError: when it is not in the list
        """
        found = self._position(row)
        if found not in range(len(self))[start:stop]:
            raise ValueError(f"{self._loader.place} has no {row!r} there")
        return found

    def count(self, row: Row, /) -> int:
        """1 for a row that is in the list, else 0."""
        return int(row in self)

    def filter(self, *conditions: _engine.Q, **filters: Any) -> _engine.Query[Row]:
        """The rows of the relation that fulfil the filters, as a query: it reads the database.

        Example::

            user = await User.get(session, 1)
            drafts = await user.posts.filter(published=False)
        """
        return self._loader.query().filter(*conditions, **filters)

    def order_by(self, *names: str) -> _engine.Query[Row]:
        """The rows of the relation in this order, as a query: it reads the database.

        Example::

            user = await User.get(session, 1)
            newest = await user.posts.order_by("-id").limit(5)
        """
        return self._loader.query().order_by(*names)

    # What adds.

    def append(self, row: Row) -> None:
        """Adds a row: its foreign key, or a link to it, is written at the next flush."""
        self._insert(len(self), row)

    def extend(self, rows: Iterable[Row]) -> None:
        """Adds rows."""
        for row in list(rows):
            self.append(row)

    def insert(self, index: SupportsIndex, row: Row) -> None:
        """Adds a row here. The place is not stored: a collection that is loaded again is in the order of its keys."""
        self._insert(index, row)

    def __iadd__(self, rows: Iterable[Row]) -> Self:  # type: ignore[override,misc]
        self.extend(rows)
        return self

    # What takes away.

    def remove(self, row: Row) -> None:
        """Takes a row out: its foreign key becomes NULL, or the link to it goes, at the next flush. The row stays.

        :raises ValueError: when it is not in the list
        :raises ValidationError: when its foreign key cannot be NULL
        """
        self.pop(self._position(row))

    def pop(self, index: SupportsIndex = -1) -> Row:
        """Takes the row at this place out, and returns it."""
        row = self[index]
        self._note()
        write(self._loader, self._owner(), row, False)
        self._lost(row)
        return row

    def clear(self) -> None:
        """Takes all rows out."""
        for row in list(self):
            self.remove(row)

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        for row in self[index] if isinstance(index, slice) else [self[index]]:
            self.remove(row)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not isinstance(index, slice):
            place = index.__index__() % len(self) if len(self) else 0
            self.pop(index)
            self.insert(place, value)
            return
        wanted, place = list(value), range(len(self))[index].start
        for row in self[index]:
            if position(wanted, row) is None:
                self.remove(row)
        for offset, row in enumerate(wanted):
            if row not in self:
                self.insert(place + offset, row)

    def __imul__(self, times: SupportsIndex) -> Self:
        raise TypeError(f"{self._loader.place} holds a row once: it cannot be multiplied")

    # Copies are plain lists.

    def copy(self) -> list[Row]:
        """The rows as a plain list."""
        return list(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (list, (list(self),))

    def _insert(self, index: SupportsIndex, row: Row) -> None:
        found = position(self, row)
        if found is not None and self[found] is row:
            return
        self._note()
        write(self._loader, self._owner(), row, True)
        if row not in self:
            super().insert(index, row)

    def _position(self, row: Row) -> int:
        found = position(self, row)
        if found is None:
            raise ValueError(f"{self._loader.place} has no {row!r}")
        return found

    def _gained(self, row: Row) -> None:
        if row not in self:
            self._note()
            super().append(row)

    def _lost(self, row: Row) -> None:
        found = position(self, row)
        if found is not None:
            self._note()
            super().__delitem__(found)

    def _note(self) -> None:
        """Notes the rows before they change, so that a rollback puts them back."""
        if self._noted < self._loader.scope:
            self._noted = self._loader.note(self, list(self), self._noted)

    def _put_back(self, rows: list[Row], noted: int) -> None:
        super().__setitem__(slice(None), rows)
        self._noted = noted


def position(rows: list[Any], row: Any) -> int | None:
    """Where the row of this object is in a list, by whichever object."""
    if rows and rows[-1] is row:
        return len(rows) - 1
    if not isinstance(row, _engine.ModelBase):
        return None
    kind = type(row)
    key: str = kind.__key__  # type: ignore[attr-defined]
    mine = getattr(row, key, None)
    for found, own in enumerate(rows):
        if own is row or (mine is not None and type(own) is kind and getattr(own, key, None) == mine):
            return found
    return None


def write(loader: _engine.RelationLoader, owner: Any, row: Any, added: bool) -> None:
    """Notes that a row is to be added to, or taken out of, a relation at the next flush."""
    relation = loader.relation
    if not isinstance(row, relation.target()):
        raise ValidationError(relation.name, f"{relation.place()} holds {relation.target_name} objects, got {row!r}")
    relation.write(loader, owner, row, added)
