"""Relations that are not loaded: those of the rows of a list, and those that are awaited. They say so when they are
used otherwise."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from . import _engine
from .collection import Collection, write
from .exceptions import RelationNotLoadedError

if TYPE_CHECKING:
    from .relations import Relation

__all__ = ["CLOSED", "UnloadedList", "UnloadedRow", "keep_list", "keep_row"]

CLOSED = "the session that read the object is closed. Read it again with another one, or load the relation before"


class Unloaded:
    """A relation of one object that is not loaded. ``await`` it: one statement, the first time."""

    __slots__ = ("_loaded", "_object", "_relation", "_result")

    def __init__(self, relation: Relation, object: Any) -> None:
        self._relation = relation
        self._object = object
        self._loaded = False
        self._result: Any = None

    def __await__(self) -> Generator[Any, Any, Any]:
        if not self._loaded:
            self._result = yield from self._load()
            self._loaded = True
        elif isinstance(self._result, Collection):
            yield from self._result.__await__()
        return self._result

    def _load(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError

    def _refuse(self, *_: Any) -> NoReturn:
        relation = self._relation
        closed = relation.loader(self._object).closed
        raise RelationNotLoadedError(relation.owner.__name__, relation.name, CLOSED if closed else None)

    __iter__ = __len__ = __bool__ = __contains__ = __getitem__ = __reversed__ = _refuse

    def __eq__(self, other: object) -> bool:
        return self is other or self._refuse()

    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __repr__(self) -> str:
        return f"<{self._relation.place()}, not loaded: await it, or include({self._relation.name!r})>"


class UnloadedList(Unloaded):
    """The rows of a relation to many that are not loaded. They can be awaited, asked for as a query, and changed."""

    __slots__ = ()

    NEEDS_NO_ROWS = frozenset({"append", "extend", "filter", "order_by"})

    def _load(self) -> Generator[Any, Any, Any]:
        loader = self._relation.loader(self._object)
        rows = yield from loader.load().__await__()
        return keep_list(loader, self._object, rows)

    def filter(self, *conditions: _engine.Q, **filters: Any) -> _engine.Query[Any]:
        """The rows that fulfil the filters, as a query."""
        return self._relation.loader(self._object).query().filter(*conditions, **filters)

    def order_by(self, *names: str) -> _engine.Query[Any]:
        """The rows in this order, as a query."""
        return self._relation.loader(self._object).query().order_by(*names)

    def append(self, row: Any) -> None:
        """Adds a row, without reading the others: written at the next flush."""
        write(self._relation.loader(self._object), self._object, row, True)

    def extend(self, rows: Iterable[Any]) -> None:
        """Adds rows."""
        for row in list(rows):
            self.append(row)

    def remove(self, row: Any) -> None:
        """Takes a row out, without reading the others: written at the next flush."""
        write(self._relation.loader(self._object), self._object, row, False)


class UnloadedRow(Unloaded):
    """The row that a reference leads to, not loaded."""

    __slots__ = ()

    def _load(self) -> Generator[Any, Any, Any]:
        relation, object = self._relation, self._object
        loader = relation.loader(object)
        rows = [] if loader.is_null else (yield from loader.load().__await__())
        return keep_row(relation, object, rows)


def keep_list(loader: _engine.RelationLoader, object: Any, rows: list[Any]) -> Any:
    """These rows, as the object's collection from now on."""
    collection = loader.collect(object, rows)
    _engine.keep_related(object, loader.relation.name, collection)
    return collection


def keep_row(relation: Relation, object: Any, rows: list[Any]) -> Any:
    """The row found, which the object refers to from now on; or None. That is not kept: the row may be restored."""
    if not rows:
        return None
    _engine.keep_related(object, relation.name, rows[0])
    return rows[0]
