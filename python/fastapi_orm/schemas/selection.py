"""Which fields and relations of a model an answer has, and the name that tells one selection from another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from .. import _engine
from ..exceptions import UnknownFieldError

__all__ = ["Selection", "check_fields", "select", "without"]


@dataclass(frozen=True)
class Selection:
    """The fields of a model, and its relations with what is included and excluded in each."""

    fields: tuple[str, ...]
    relations: dict[str, tuple[frozenset[str], frozenset[str]]]
    suffix: str


def select(model: Any, include: Collection[str], exclude: Collection[str]) -> Selection:
    """Reads paths such as ``posts.comments`` and ``posts.content``.

    :raises UnknownFieldError: when a path names no relation, or no field of what is included
    """
    included = {name: _below(include, name) for name in {path.partition(".")[0] for path in include}}
    for name in included:
        if name not in model.__relations__:
            raise UnknownFieldError(name, _no_relation(model, name))
    for path in exclude:
        name, _, rest = path.partition(".")
        if rest and name not in included:
            raise UnknownFieldError(
                path,
                f"{model.__name__}.response_model() excludes '{path}' but does not include '{name}': "
                f"include it, or leave '{path}' out",
            )
    check_fields(model, [path for path in exclude if "." not in path])
    return Selection(
        fields=tuple(name for name in model.__fields__ if name not in exclude),
        relations={name: (included[name], _below(exclude, name)) for name in model.__relations__ if name in included},
        suffix=_with(include) + without(exclude),
    )


def check_fields(model: Any, names: Iterable[str]) -> None:
    """
    :raises UnknownFieldError: when a name is none of the model's fields
    """
    for name in names:
        if name not in model.__fields__:
            raise _engine.unknown_field(model, name)


def without(exclude: Iterable[str]) -> str:
    """``WithoutEmailAndPosts_Content``, or nothing."""
    words = [_word(path) for path in sorted(exclude)]
    return "Without" + "And".join(words) if words else ""


def _with(include: Collection[str]) -> str:
    """``WithPosts_CommentsAndTags``: a relation that leads on to another one is not named twice."""
    ends = [path for path in sorted(include) if not any(other.startswith(path + ".") for other in include)]
    return "With" + "And".join(map(_word, ends)) if ends else ""


def _word(path: str) -> str:
    return "_".join("".join(part.title() for part in name.split("_")) for name in path.split("."))


def _below(paths: Iterable[str], name: str) -> frozenset[str]:
    return frozenset(path.removeprefix(name + ".") for path in paths if path.startswith(name + "."))


def _no_relation(model: Any, name: str) -> str:
    known = ", ".join(model.__relations__) or "none"
    what = "a field, which is there already" if name in model.__fields__ else "no relation"
    return f"{model.__name__}.response_model() includes '{name}', which is {what}: its relations are {known}"
