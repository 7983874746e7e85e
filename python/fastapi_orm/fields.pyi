"""The fields of :mod:`fastapi_orm.fields`, as type checkers see them.

Two things cannot be said in the module itself. A field stands for its value: ``title: str = StringField()`` is right
and ``title: int = StringField()`` an error, because here a ``StringField`` is a ``str`` too. And a field that is not
annotated says the type itself: ``created_at = DateTimeField(auto_now_add=True)`` reads as ``datetime``, and
``DateTimeField()`` as ``datetime | None``. It reads without None when it is the key, cannot be NULL, has a default, or
fills itself.
"""

import enum
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Generic, Literal, TypedDict, overload, type_check_only
from uuid import UUID

from typing_extensions import Required, Self, TypeVar, Unpack

__all__ = [
    "ArrayField",
    "BooleanField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EnumField",
    "Field",
    "FloatField",
    "ForeignKeyField",
    "IntegerField",
    "JSONField",
    "StringField",
    "TextField",
    "TimeField",
    "UUIDField",
]

Validator = Callable[[Any], Any]

_Value = TypeVar("_Value", default=Any)
_Default = TypeVar("_Default")
_Member = TypeVar("_Member", bound=enum.Enum)
_Item = TypeVar("_Item")
_Integer = TypeVar("_Integer", default=int | None)
_Text = TypeVar("_Text", default=str | None)
_Boolean = TypeVar("_Boolean", default=bool | None)
_Float = TypeVar("_Float", default=float | None)
_Decimal = TypeVar("_Decimal", default=Decimal | None)
_DateTime = TypeVar("_DateTime", default=datetime | None)
_Date = TypeVar("_Date", default=date | None)
_Time = TypeVar("_Time", default=time | None)
_UUID = TypeVar("_UUID", default=UUID | None)

@type_check_only
class _Options(TypedDict, total=False):
    unique: bool
    index: bool
    validators: Sequence[Validator] | None
    min_value: Any
    max_value: Any
    min_length: int | None

# The ways to say whether NULL is among the values, and one for each overload.

@type_check_only
class _Key(_Options, total=False):
    primary_key: Required[Literal[True]]
    nullable: bool
    default: Any

@type_check_only
class _Filled(_Options, total=False):
    nullable: Required[Literal[False]]
    primary_key: bool
    default: Any

@type_check_only
class _Defaulted(_Options, Generic[_Default], total=False):
    default: Required[_Default | Callable[[], _Default]]
    nullable: bool
    primary_key: bool

@type_check_only
class _Nullable(_Options, total=False):
    nullable: bool
    primary_key: bool
    default: None

@type_check_only
class _Anyhow(_Options, total=False):
    nullable: bool
    primary_key: bool
    default: Any

class Field(Generic[_Value]):
    kind: str
    primary_key: bool
    nullable: bool
    unique: bool
    index: bool
    default: Any
    validators: list[Validator]
    min_value: Any
    max_value: Any
    min_length: int | None
    max_length: int | None
    # In front of the constructors of the values that fields stand for.
    def __new__(cls, *_arguments: Any, **_options: Any) -> Self: ...
    def __init__(self, *, max_length: int | None = None, **options: Unpack[_Anyhow]) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type) -> Any: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...
    def __set__(self, instance: Any, value: _Value) -> None: ...
    def describe(self) -> dict[str, Any]: ...
    def validate(self, value: Any, name: str = "value") -> Any: ...

class IntegerField(Field[_Integer], int):
    @overload
    def __init__(self: IntegerField[int], **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: IntegerField[int], **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: IntegerField[int], **options: Unpack[_Defaulted[int]]) -> None: ...
    @overload
    def __init__(self: IntegerField[int | None], **options: Unpack[_Nullable]) -> None: ...

class StringField(Field[_Text], str):  # type: ignore[misc]
    @overload
    def __init__(self: StringField[str], max_length: int = 255, **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: StringField[str], max_length: int = 255, **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: StringField[str], max_length: int = 255, **options: Unpack[_Defaulted[str]]) -> None: ...
    @overload
    def __init__(self: StringField[str | None], max_length: int = 255, **options: Unpack[_Nullable]) -> None: ...

class TextField(Field[_Text], str):  # type: ignore[misc]
    @overload
    def __init__(self: TextField[str], *, max_length: int | None = None, **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: TextField[str], *, max_length: int | None = None, **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(
        self: TextField[str], *, max_length: int | None = None, **options: Unpack[_Defaulted[str]]
    ) -> None: ...
    @overload
    def __init__(
        self: TextField[str | None], *, max_length: int | None = None, **options: Unpack[_Nullable]
    ) -> None: ...

class BooleanField(Field[_Boolean], bool):  # type: ignore[misc]
    @overload
    def __init__(self: BooleanField[bool], **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: BooleanField[bool], **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: BooleanField[bool], **options: Unpack[_Defaulted[bool]]) -> None: ...
    @overload
    def __init__(self: BooleanField[bool | None], **options: Unpack[_Nullable]) -> None: ...

class FloatField(Field[_Float], float):
    allow_infinity: bool
    @overload
    def __init__(self: FloatField[float], *, allow_infinity: bool = False, **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: FloatField[float], *, allow_infinity: bool = False, **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(
        self: FloatField[float], *, allow_infinity: bool = False, **options: Unpack[_Defaulted[float]]
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None], *, allow_infinity: bool = False, **options: Unpack[_Nullable]
    ) -> None: ...

class DecimalField(Field[_Decimal], Decimal):
    precision: int
    scale: int
    @overload
    def __init__(self: DecimalField[Decimal], precision: int = 10, scale: int = 2, **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(
        self: DecimalField[Decimal], precision: int = 10, scale: int = 2, **options: Unpack[_Filled]
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[Decimal], precision: int = 10, scale: int = 2, **options: Unpack[_Defaulted[Decimal]]
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[Decimal | None], precision: int = 10, scale: int = 2, **options: Unpack[_Nullable]
    ) -> None: ...

class DateTimeField(Field[_DateTime], datetime):
    auto_now_add: bool
    auto_now: bool
    timezone: bool
    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        auto_now_add: Literal[True],
        auto_now: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Anyhow],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        auto_now: Literal[True],
        auto_now_add: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Anyhow],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        auto_now_add: bool = ...,
        auto_now: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Key],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        auto_now_add: bool = ...,
        auto_now: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Filled],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        auto_now_add: bool = ...,
        auto_now: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Defaulted[datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime | None],
        *,
        auto_now_add: bool = ...,
        auto_now: bool = ...,
        timezone: bool = ...,
        **options: Unpack[_Nullable],
    ) -> None: ...

class DateField(Field[_Date], date):
    @overload
    def __init__(self: DateField[date], **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: DateField[date], **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: DateField[date], **options: Unpack[_Defaulted[date]]) -> None: ...
    @overload
    def __init__(self: DateField[date | None], **options: Unpack[_Nullable]) -> None: ...

class TimeField(Field[_Time], time):
    @overload
    def __init__(self: TimeField[time], **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: TimeField[time], **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: TimeField[time], **options: Unpack[_Defaulted[time]]) -> None: ...
    @overload
    def __init__(self: TimeField[time | None], **options: Unpack[_Nullable]) -> None: ...

class JSONField(Field[_Value], Any): ...  # type: ignore[misc]

class UUIDField(Field[_UUID], UUID):
    @overload
    def __init__(self: UUIDField[UUID], *, auto_generate: Literal[True], **options: Unpack[_Anyhow]) -> None: ...
    @overload
    def __init__(self: UUIDField[UUID], *, auto_generate: bool = ..., **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: UUIDField[UUID], *, auto_generate: bool = ..., **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(self: UUIDField[UUID], *, auto_generate: bool = ..., **options: Unpack[_Defaulted[UUID]]) -> None: ...
    @overload
    def __init__(self: UUIDField[UUID | None], *, auto_generate: bool = ..., **options: Unpack[_Nullable]) -> None: ...

class EnumField(Field[_Value], Any):  # type: ignore[misc]
    enum_class: type[enum.Enum]
    @overload
    def __init__(self: EnumField[_Member], enum_class: type[_Member], **options: Unpack[_Key]) -> None: ...
    @overload
    def __init__(self: EnumField[_Member], enum_class: type[_Member], **options: Unpack[_Filled]) -> None: ...
    @overload
    def __init__(
        self: EnumField[_Member], enum_class: type[_Member], **options: Unpack[_Defaulted[_Member]]
    ) -> None: ...
    @overload
    def __init__(self: EnumField[_Member | None], enum_class: type[_Member], **options: Unpack[_Nullable]) -> None: ...

class ArrayField(Field[_Value], Any):  # type: ignore[misc]
    item_type: Any
    @overload
    def __init__(
        self: ArrayField[list[_Item]], item_type: type[_Item], *, max_length: int | None = None, **options: Unpack[_Key]
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[_Item]],
        item_type: type[_Item],
        *,
        max_length: int | None = None,
        **options: Unpack[_Filled],
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[_Item]],
        item_type: type[_Item],
        *,
        max_length: int | None = None,
        **options: Unpack[_Defaulted[list[_Item]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[_Item] | None],
        item_type: type[_Item],
        *,
        max_length: int | None = None,
        **options: Unpack[_Nullable],
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[Any]], item_type: Any = None, *, max_length: int | None = None, **options: Unpack[_Key]
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[Any]], item_type: Any = None, *, max_length: int | None = None, **options: Unpack[_Filled]
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[Any]],
        item_type: Any = None,
        *,
        max_length: int | None = None,
        **options: Unpack[_Defaulted[list[Any]]],
    ) -> None: ...
    @overload
    def __init__(
        self: ArrayField[list[Any] | None],
        item_type: Any = None,
        *,
        max_length: int | None = None,
        **options: Unpack[_Nullable],
    ) -> None: ...

class ForeignKeyField(Field[_Value], Any):  # type: ignore[misc]
    table: str
    on_delete: str
    on_update: str
    def __init__(
        self,
        table: str,
        on_delete: str = "CASCADE",
        on_update: str = "CASCADE",
        *,
        ondelete: str | None = None,
        onupdate: str | None = None,
        **options: Unpack[_Anyhow],
    ) -> None: ...
