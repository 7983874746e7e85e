"""Bodies: pydantic models of what a client sends to create a row, or to change one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    create_model,
    model_serializer,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from ..mixins import SoftDeleteMixin
from .selection import check_fields, without
from .values import taken

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["create_body", "update_body"]


class Body(BaseModel):
    """What the bodies of all models have in common: a name that is no field is refused.

    ``model_dump()`` has no value for what the client left out and what has no default: None would be written as NULL.
    """

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    __left_out__: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="wrap")
    @classmethod
    def _without_values(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """What was refused is not repeated: FastAPI sends it back, and logs keep it. It may be a password, and a number
        that JSON cannot say would make the answer fail."""
        try:
            return validate(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [_line(line) for line in error.errors(include_url=False)], hide_input=True
            ) from None

    @model_serializer(mode="wrap")
    def _what_is_there(self, dump: Callable[[Any], dict[str, Any]]) -> Any:
        left_out = self.__left_out__ - self.model_fields_set
        return {name: value for name, value in dump(self).items() if name not in left_out}


def _line(line: ErrorDetails) -> InitErrorDetails:
    kind, ctx = line["type"], line.get("ctx", {})
    # Pydantic makes its own messages again; one of ours is a text.
    known = kind in _KNOWN
    made: Any = kind if known else PydanticCustomError(kind, "{reason}", {"reason": line["msg"]})
    return {"type": made, "loc": line["loc"], "input": None, "ctx": ctx if known else {}}


_KNOWN = frozenset(get_args(ErrorType))


def create_body(model: Any, exclude: frozenset[str], optional: frozenset[str], name: str | None) -> type[BaseModel]:
    """The fields that a client can give to a new row."""
    check_fields(model, exclude | optional)
    names = [field for field in _writable(model) if field not in exclude]
    left_out = frozenset(field for field in names if field in optional and model.__fields__[field].default is None)
    given = {field: (taken(model, field), _given(model.__fields__[field], field in left_out)) for field in names}
    suffix = without(exclude) + without(optional).replace("Without", "WithOptional", 1)
    return _body(model, name or f"{model.__name__}{suffix}Create", given, left_out)


def update_body(model: Any, exclude: frozenset[str], name: str | None) -> type[BaseModel]:
    """The fields that a client can change, each of which it may leave out."""
    check_fields(model, exclude)
    names = [field for field in _writable(model) if field not in exclude and field != model.__key__]
    given = {field: (taken(model, field), _left_out()) for field in names}
    return _body(model, name or f"{model.__name__}{without(exclude)}Update", given, frozenset(names))


def _body(model: Any, name: str, fields: dict[str, Any], left_out: frozenset[str]) -> type[BaseModel]:
    made: Any = create_model(name, __base__=Body, __module__=model.__module__, **fields)
    made.__left_out__ = left_out
    return made  # type: ignore[no-any-return]


def _writable(model: Any) -> list[str]:
    """Not the generated key, what fills itself, or the marker of a deletion, which its verbs write."""
    marker = "deleted_at" if issubclass(model, SoftDeleteMixin) else None
    return [
        name
        for name, field in model.__fields__.items()
        if name != marker and not _is_generated(field) and field.describe()["fill"] is None
    ]


def _is_generated(field: Any) -> bool:
    return bool(field.primary_key and (field.kind == "integer" or field.default is not None))


def _given(field: Any, left_out: bool) -> Any:
    if left_out:
        return _left_out()
    if callable(field.default):
        return Field(default_factory=field.default)
    return Field(field.default) if field.default is not None or field.nullable else Field()


def _left_out() -> Any:
    """None in Python, and no default on the OpenAPI page: a client that sends null says something else."""
    return Field(None, json_schema_extra=lambda schema: schema.pop("default", None))  # type: ignore[arg-type]
