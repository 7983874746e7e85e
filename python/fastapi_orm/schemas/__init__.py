"""pydantic models of a model: what an endpoint answers with, and what it takes.

pydantic is imported when the first of them is asked for, and is needed for nothing else. Each is made once for its
arguments and kept with the model, so that an OpenAPI page names it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["create_model", "response_model", "update_model"]

Names = str | Iterable[str]


def response_model(model: Any, include: Names, exclude: Names, name: str | None) -> type[BaseModel]:
    """What :meth:`Model.response_model` returns."""
    _need_pydantic(model, "response_model")
    from .answers import answer

    made: type[BaseModel] = _kept(model, answer, (_paths(_names(include)), _names(exclude), name))
    return made


def create_model(model: Any, exclude: Names, optional: Names, name: str | None) -> type[BaseModel]:
    """What :meth:`Model.create_model` returns."""
    _need_pydantic(model, "create_model")
    from .bodies import create_body

    made: type[BaseModel] = _kept(model, create_body, (_names(exclude), _names(optional), name))
    return made


def update_model(model: Any, exclude: Names, name: str | None) -> type[BaseModel]:
    """What :meth:`Model.update_model` returns."""
    _need_pydantic(model, "update_model")
    from .bodies import update_body

    made: type[BaseModel] = _kept(model, update_body, (_names(exclude), name))
    return made


def _names(names: Names) -> frozenset[str]:
    return frozenset([names] if isinstance(names, str) else names)


def _paths(names: frozenset[str]) -> frozenset[str]:
    """With the relations on the way: ``posts.comments`` shows ``posts`` too."""
    return frozenset(
        ".".join(parts[: end + 1]) for parts in (name.split(".") for name in names) for end in range(len(parts))
    )


def _kept(model: Any, make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    kept = model.__dict__.get("__schemas__")
    if kept is None:
        kept = model.__schemas__ = {}
    key = (make.__name__, *arguments)
    if key not in kept:
        kept[key] = make(model, *arguments)
    return kept[key]


def _need_pydantic(model: Any, method: str) -> None:
    try:
        import pydantic
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{model.__name__}.{method}() makes a pydantic model, and the package pydantic is not installed: "
            "run `pip install pydantic`",
            name="pydantic",
        ) from error
    if pydantic.VERSION.startswith("1."):
        raise ImportError(
            f"{model.__name__}.{method}() needs pydantic 2, and {pydantic.VERSION} is installed: "
            "run `pip install --upgrade pydantic`",
            name="pydantic",
        )
