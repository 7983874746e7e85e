"""Relations that are not loaded: they are awaited, and say so when they are used otherwise."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from . import _engine
from .collection import Collection, write
from .exceptions import RelationNotLoadedError

if TYPE_CHECKING:
    from .relations import Relation

__all__ = ["Absent", "UnloadedList", "UnloadedRow"]


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
        raise RelationNotLoadedError(relation.owner.__name__, relation.name)

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

    def _load(self) -> Generator[Any, Any, Any]:
        relation, object = self._relation, self._object
        loader = relation.loader(object)
        rows = yield from loader.load().__await__()
        collection = loader.collect(object, rows)
        _engine.keep_related(object, relation.name, collection)
        return collection

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
        row = rows[0] if rows else None
        _engine.keep_related(object, relation.name, Absent(relation.place()) if row is None else row)
        return row


class Absent:
    """No row, found by awaiting a reference: false, equal to None, and None when it is awaited again."""

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Absent)

    def __hash__(self) -> int:
        return hash(None)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self._place} is None: it has no {name!r}")

    def __repr__(self) -> str:
        return "None"
