"""New objects that refer to each other: the order in which their rows can be inserted, and the keys they get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import _engine
from .exceptions import ValidationError

__all__ = ["connect", "in_order"]


def in_order(objects: list[Any]) -> list[Any]:
    """The objects, each after the new ones it refers to: through a relation, or by the key that another one is given.
    Those referred to through a relation are among them even if nobody added them.

    :raises ValidationError: when objects refer to each other in a circle
    """
    keys = {(type(one).__tablename__, getattr(one, type(one).__key__, None)): one for one in objects}
    ordered: list[Any] = []
    done: set[int] = set()
    for first in objects:
        path: list[Any] = [first]
        ways = [_referred(first, keys)]
        while path:
            other = next((other for other in ways[-1] if id(other) not in done), None)
            if other is None:
                ways.pop()
                last = path.pop()
                if id(last) not in done:
                    done.add(id(last))
                    ordered.append(last)
            elif any(other is one for one in path):
                _refuse_circle(path, other)
            else:
                path.append(other)
                ways.append(_referred(other, keys))
    return ordered


def _referred(one: Any, keys: dict[tuple[str, Any], Any]) -> Iterator[Any]:
    """The new objects that a new object refers to."""
    for name, relation in type(one).__relations__.items():
        other = one.__dict__.get(name)
        if not relation.many and isinstance(other, _engine.ModelBase) and not _engine.is_stored(other):
            yield other
    for name, field in type(one).__fields__.items():
        key = getattr(one, name, None) if hasattr(field, "on_delete") else None
        other = None if key is None else keys.get((field.table, key))
        if other is not None and other is not one:
            yield other


def _refuse_circle(path: list[Any], other: Any) -> None:
    circle = path[next(place for place, one in enumerate(path) if one is other) :]
    names = " -> ".join(type(one).__name__ for one in [*circle, other])
    raise ValidationError(
        _reference(circle[-1], other),
        f"new objects refer to each other in a circle ({names}), so that none can be inserted first: add one without "
        "its reference, flush, and set the reference then",
    )


def _reference(one: Any, other: Any) -> str:
    return next((name for name in type(one).__relations__ if one.__dict__.get(name) is other), "")


def connect(one: Any) -> None:
    """A new object's references to objects that have a row by now get their keys.

    :raises ValidationError: when one of them has none
    """
    for name, relation in type(one).__relations__.items():
        other: Any = one.__dict__.get(name)
        if relation.many or not isinstance(other, _engine.ModelBase):
            continue
        if getattr(other, relation.target().__key__, None) is None:
            model = type(other).__name__
            raise ValidationError(
                name,
                f"{relation.place()} is a {model} whose row is not in the database: save it first, or add both to the "
                "session",
            )
        relation.assign(one, other)
