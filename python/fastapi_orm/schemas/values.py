"""The types of fields in pydantic models: the Python type, and what a field demands of its values."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from .. import _engine
from ..exceptions import SchemaError, ValidationError

__all__ = ["answered", "taken"]

_PLAIN: dict[str, Any] = {
    "integer": int,
    "text": str,
    "boolean": bool,
    "float": float,
    "decimal": Decimal,
    "datetime": datetime,
    "date": date,
    "time": time,
    "uuid": UUID,
}
_NUMBERS = ("integer", "float", "decimal")

# With the local offset, as `to_response()` writes it; pydantic would write a naive instant without one.
_Instant: Any = Annotated[
    datetime,
    PlainSerializer(lambda value: value.astimezone().isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _number(shown: dict[str, Any], null: bool) -> Any:
    """A double. JSON has no infinity, which another program may have written: it is null, as in `to_response()`."""
    schema: dict[str, Any] = {"type": "number", **shown}
    if null:
        schema = {"anyOf": [schema, {"type": "null"}]}
    write = PlainSerializer(_finite, return_type=float | None, when_used="json")
    return Annotated[float, write, WithJsonSchema(schema)]


def answered(model: Any, name: str) -> Any:
    """The type of a field in an answer. What is stored is not checked again; its limits are only shown."""
    field = model.__fields__[name]
    # A decimal is text in an answer, which has no minimum.
    limits = {} if field.kind == "decimal" else _limits(field)
    shown = {_SHOWN[key]: value for key, value in limits.items() if key in _SHOWN}
    if field.kind == "float":
        kind = _number(shown, field.allow_infinity)
    else:
        kind = _Instant if field.kind == "datetime" else _type(model, name)
        kind = list[_number({}, False)] if kind == list[float] else kind  # type: ignore[misc]
        kind = Annotated[kind, Field(json_schema_extra=shown)] if shown else kind
    return kind | None if field.nullable and kind is not Any else kind


def taken(model: Any, name: str) -> Any:
    """The type of a field in a body: its limits, and then everything that a create or update would check."""
    field = model.__fields__[name]
    plain = _type(model, name)
    kind: Any = Annotated[plain, Field(**_limits(field)), AfterValidator(_checked(model, name))]
    return kind | None if field.nullable and plain is not Any else kind


_SHOWN = {"min_length": "minLength", "max_length": "maxLength", "ge": "minimum", "le": "maximum"}


def _limits(field: Any) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if field.kind == "text":
        limits = {"min_length": field.min_length, "max_length": field.max_length}
    if field.kind in _NUMBERS:
        limits = {"ge": field.min_value, "le": field.max_value}
    if field.kind == "decimal":
        limits |= {"max_digits": field.precision, "decimal_places": field.scale}
    if field.kind == "float":
        limits["allow_inf_nan"] = field.allow_infinity
    return {key: value for key, value in limits.items() if value is not None}


def _type(model: Any, name: str) -> Any:
    field = model.__fields__[name]
    if field.kind == "key":
        target = _referred(model, name)
        return _type(target, target.__key__)
    if field.kind == "enum":
        return field.enum_class
    if field.kind == "array":
        item = field.describe()["options"]
        return list[float if isinstance(item, tuple) else item or Any]  # type: ignore[misc]
    return _PLAIN.get(field.kind, Any)


def _referred(model: Any, name: str) -> Any:
    table = model.__fields__[name].table
    for other in model.__registry__.models():
        if other.__tablename__ == table:
            return other
    raise SchemaError(
        f"{model.__name__}.{name} refers to the table '{table}', which no model declares yet: import the module that "
        f"declares it before you ask {model.__name__} for a pydantic model"
    )


def _checked(model: Any, name: str) -> Any:
    description = _described(model, name)

    def check(value: Any) -> Any:
        try:
            _engine.validate(description, name, value)
        except ValidationError as error:
            raise PydanticCustomError("field", "{reason}", {"reason": error.message}) from error
        return value

    return check


def _described(model: Any, name: str) -> dict[str, Any]:
    """A field's description; a foreign key's has the kind of the key that it refers to."""
    field = model.__fields__[name]
    described: dict[str, Any] = field.describe()
    if field.kind != "key":
        return described
    target = _referred(model, name)
    key = _described(target, target.__key__)
    return {**described, "kind": key["kind"], "options": key["options"], "references": None}
