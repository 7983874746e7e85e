"""Answers: pydantic models that read a row, or what ``to_response()`` returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model, model_validator

from ..exceptions import RelationNotLoadedError
from ..unloaded import UnloadedList, UnloadedRow
from . import response_model
from .selection import select
from .values import answered

__all__ = ["answer"]


class Answer(BaseModel):
    """What the answers of all models have in common."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


class AnswerWithRelations(Answer):
    """An answer that reads relations: of an object that was read alone, and loaded ones of a row of a list."""

    __shown__: ClassVar[tuple[str, tuple[str, ...]]]

    @model_validator(mode="before")
    @classmethod
    def _has_relations(cls, data: Any) -> Any:
        model, relations = cls.__shown__
        for name in relations if isinstance(data, Mapping) else ():
            if name not in data:
                # `to_response()` has the fields of one row.
                raise RelationNotLoadedError(model, name)
        return data


def answer(model: Any, include: frozenset[str], exclude: frozenset[str], name: str | None) -> type[BaseModel]:
    """The pydantic model of a model's fields, and of the relations that are asked for."""
    selection = select(model, include, exclude)
    fields: dict[str, Any] = {field: (answered(model, field), ...) for field in selection.fields}
    for relation, (below, left_out) in selection.relations.items():
        fields[relation] = (_related(model.__relations__[relation], below, left_out), ...)
    base = AnswerWithRelations if selection.relations else Answer
    made: Any = create_model(
        name or f"{model.__name__}{selection.suffix}Response",
        __base__=base,
        __module__=model.__module__,
        **fields,
    )
    if selection.relations:
        made.__shown__ = (model.__name__, tuple(selection.relations))
    return made  # type: ignore[no-any-return]


def _related(relation: Any, include: frozenset[str], exclude: frozenset[str]) -> Any:
    row: Any = response_model(relation.target(), include, exclude, None)
    # A reference may lead to a deleted row, and then reads as None, whatever the foreign key says.
    return Annotated[list[row] if relation.many else row | None, BeforeValidator(_loaded)]


def _loaded(value: Any) -> Any:
    if isinstance(value, UnloadedList | UnloadedRow):
        value._refuse()
    return value
