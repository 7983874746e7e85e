"""Fields: what a column holds, and what a value has to fulfil.

A field is a description. The model's class hands it to the engine's schema, which checks every value written. What a
type checker sees is in ``fields.pyi``.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from . import _engine
from .exceptions import SchemaError

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


def _functions(validators: Sequence[Validator] | None) -> list[Validator]:
    functions: list[Validator] = list(validators) if isinstance(validators, (list, tuple, set, frozenset)) else []
    if validators and not functions:
        raise SchemaError(f"validators expects a list of functions, got {validators!r}")
    for function in functions:
        if not callable(function) or inspect.iscoroutinefunction(function):
            raise SchemaError(f"validators are functions of the value, and not async, got {function!r}")
    return functions


class Field:
    """A column of a model. Use one of its subclasses.

    :param primary_key: whether it is the model's key; a key is never NULL
    :param nullable: whether NULL is allowed
    :param unique: whether no two (live) rows may share a value
    :param index: whether reads by this field get an index
    :param default: the value of a row created without one, or a function of no argument that makes it
    :param validators: functions of the value; one that returns ``False`` or raises refuses it
    :param min_value: the smallest number, itself included
    :param max_value: the largest number, itself included
    :param min_length: the shortest text, in characters
    :param max_length: the longest text, in characters
    :raises SchemaError: when an option says nothing about such a field, here or when the model is declared

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            code: str = StringField(max_length=8, nullable=False, unique=True, min_length=2)
            stock: int = IntegerField(default=0, min_value=0, validators=[lambda stock: stock != 13])
    """

    kind = "any"

    def __init__(
        self,
        *,
        primary_key: bool = False,
        nullable: bool = True,
        unique: bool = False,
        index: bool = False,
        default: Any = None,
        validators: Sequence[Validator] | None = None,
        min_value: Any = None,
        max_value: Any = None,
        min_length: int | None = None,
        max_length: int | None = None,
    ) -> None:
        self.primary_key = primary_key
        self.nullable = nullable and not primary_key
        self.unique = unique
        self.index = index
        self.default = default
        self.validators = _functions(validators)
        self.min_value = min_value
        self.max_value = max_value
        self.min_length = min_length
        self.max_length = max_length

    def describe(self) -> dict[str, Any]:
        """The description that the engine's schema takes."""
        return {
            "kind": self.kind,
            "primary_key": self.primary_key,
            "nullable": self.nullable,
            "unique": self.unique,
            "index": self.index,
            "default": self.default,
            "validators": self.validators,
            "min_value": self.min_value,
            "max_value": self.max_value,
            "min_length": self.min_length,
            "max_length": self.max_length,
            "fill": None,
            "references": None,
            "options": None,
        }

    def validate(self, value: Any, name: str = "value") -> Any:
        """Checks a value by hand, as a create or update would, and returns it.

        :raises ValidationError: when it does not fit

        Example::

            stock = IntegerField(min_value=0)
            stock.validate(3, "stock")
            try:
                stock.validate(-1, "stock")
            except ValidationError as error:
                print(error)
        """
        _engine.validate(self.describe(), name, value)
        return value

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class IntegerField(Field):
    """A 64-bit integer.

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            stock: int = IntegerField(default=0, min_value=0)
    """

    kind = "integer"


class StringField(Field):
    """Text of limited length.

    :param max_length: the longest text, in characters

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            name: str = StringField(max_length=80, nullable=False)
    """

    kind = "text"

    def __init__(self, max_length: int = 255, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class TextField(Field):
    """Text of any length.

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            description: str = TextField()
    """

    kind = "text"


class BooleanField(Field):
    """True or false.

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            sold: bool = BooleanField(default=False)
    """

    kind = "boolean"


class FloatField(Field):
    """A double. NaN is refused, and so is infinity: JSON has neither, so a row with one could not be sent.

    :param allow_infinity: takes infinity too; ``to_response()`` and pydantic models show it as null

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            weight: float = FloatField(min_value=0)
    """

    kind = "float"

    def __init__(self, *, allow_infinity: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.allow_infinity = allow_infinity

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "options": self.allow_infinity}


class DecimalField(Field):
    """An exact decimal.

    :param precision: digits in all
    :param scale: digits after the point

    Example::

        from decimal import Decimal

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            price: Decimal = DecimalField(precision=8, scale=2)
    """

    kind = "decimal"

    def __init__(self, precision: int = 10, scale: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.precision = precision
        self.scale = scale

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "options": (self.precision, self.scale)}


class DateTimeField(Field):
    """An instant, stored in UTC. Naive values mean local time, in and out, as everywhere in :mod:`datetime`. In a
    database with a zone (``Database(timezone=...)``) values come out aware, in that zone, and naive ones mean it.

    :param auto_now_add: filled with the instant of the creation
    :param auto_now: filled with the instant of the creation and of every update
    :param timezone: hands out aware values, in UTC unless the database has a zone

    Example::

        from datetime import datetime

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            created_at: datetime = DateTimeField(auto_now_add=True)
    """

    kind = "datetime"

    def __init__(
        self, *, auto_now_add: bool = False, auto_now: bool = False, timezone: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.auto_now_add = auto_now_add
        self.auto_now = auto_now
        self.timezone = timezone

    def describe(self) -> dict[str, Any]:
        fill = "updated" if self.auto_now else "created" if self.auto_now_add else None
        return {**super().describe(), "fill": fill, "options": self.timezone}


class DateField(Field):
    """A calendar date.

    Example::

        from datetime import date

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            bought: date = DateField()
    """

    kind = "date"


class TimeField(Field):
    """A time of day, naive.

    Example::

        from datetime import time

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            opens: time = TimeField()
    """

    kind = "time"


class JSONField(Field):
    """A JSON document: dicts, lists, text, numbers, booleans and None.

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            labels: list = JSONField(default=list)
    """

    kind = "json"


class UUIDField(Field):
    """A UUID.

    :param auto_generate: filled with a random one when a row is created without

    Example::

        from uuid import UUID

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            token: UUID = UUIDField(auto_generate=True)
    """

    kind = "uuid"

    def __init__(self, *, auto_generate: bool = False, **options: Any) -> None:
        if auto_generate and options.get("default") is None:
            from uuid import uuid4

            options["default"] = uuid4
        super().__init__(**options)


class EnumField(Field):
    """A member of an enumeration, stored by name.

    :param enum_class: the enumeration

    Example::

        from enum import Enum

        class Size(Enum):
            SMALL = "s"
            LARGE = "l"

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            size: Size = EnumField(Size, default=Size.SMALL)
    """

    kind = "enum"

    def __init__(self, enum_class: type[enum.Enum], **options: Any) -> None:
        super().__init__(**options)
        if not (isinstance(enum_class, type) and issubclass(enum_class, enum.Enum)):
            raise SchemaError(f"EnumField expects a subclass of enum.Enum, got {enum_class!r}")
        self.enum_class = enum_class

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "options": self.enum_class}


# What an item of a list is an instance of, by what the list is declared to hold.
_ITEMS: dict[Any, Any] = {
    None: None,
    object: None,
    Any: None,
    "json": None,
    **{kind: kind for kind in (str, int, bool, dict, list)},
    float: (int, float),
    "text": str,
    "integer": int,
    "boolean": bool,
    "float": (int, float),
}


def _kind_of(item_type: Any) -> Any:
    if isinstance(item_type, Field):
        return item_type.kind
    # SQLAlchemy's types know which one of Python they stand for.
    if hasattr(item_type, "python_type"):
        return (item_type() if isinstance(item_type, type) else item_type).python_type
    return item_type


class ArrayField(Field):
    """A list, stored as JSON on databases without arrays.

    :param item_type: what the items are: a type such as ``str``, or a field; any JSON values when left out

    Example::

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            colours: list[str] = ArrayField(str)
    """

    kind = "array"

    def __init__(self, item_type: Any = None, **options: Any) -> None:
        super().__init__(**options)
        if _kind_of(item_type) not in _ITEMS:
            raise SchemaError(
                "ArrayField holds what JSON does: str, int, float, bool, dict, list, or any of them when nothing is "
                f"said, got {item_type!r}"
            )
        self.item_type = item_type

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "options": _ITEMS[_kind_of(self.item_type)]}


class ForeignKeyField(Field):
    """A reference to the key of another table; it takes that key's type.

    :param table: the table's name
    :param on_delete: what the referred row's deletion does to this one: ``CASCADE``, ``RESTRICT``, ``SET NULL``,
        ``SET DEFAULT`` or ``NO ACTION``; also spelled ``ondelete``
    :param on_update: what a change of its key does; also spelled ``onupdate``

    Example::

        class Shelf(Model):
            __tablename__ = "shelves"

            id: int = IntegerField(primary_key=True)

        class Item(Model):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
            shelf_id: int = ForeignKeyField("shelves", on_delete="SET NULL")
    """

    kind = "key"

    def __init__(
        self,
        table: str,
        on_delete: str = "CASCADE",
        on_update: str = "CASCADE",
        *,
        ondelete: str | None = None,
        onupdate: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if not isinstance(table, str):
            raise SchemaError(f"ForeignKeyField expects the name of a table, got {table!r}")
        # "users.id" is how SQLAlchemy writes it.
        self.table, _, self.column = table.partition(".")
        self.on_delete = ondelete or on_delete
        self.on_update = onupdate or on_update

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "references": (self.table, self.on_delete, self.on_update)}
