"""Models: classes that are declared into the engine's schema, and whose instances are rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from . import _engine, schemas
from .constraints import understood
from .exceptions import SchemaError
from .fields import DateTimeField, Field
from .mixins import AuditMixin, SoftDeleteMixin
from .registry import Registry
from .relations import Relation

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import Self

__all__ = ["Base", "Model", "ModelMeta"]


class ModelMeta(type):
    """Collects a class's fields, declares them into the schema, and gives instances one slot per field."""

    __registry__: Registry
    __fields__: dict[str, Field]
    __relations__: dict[str, Relation]
    __collections__: tuple[str, ...]
    __key__: str
    __table__: _engine.Table
    __tablename__: str

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        abstract = namespace.get("__abstract__", False) or not any(isinstance(base, ModelMeta) for base in bases)
        declared = {key: value for key, value in namespace.items() if isinstance(value, Field)}
        fields = _inherited_fields(bases) | declared
        if any(issubclass(base, SoftDeleteMixin) for base in bases):
            fields.setdefault("deleted_at", DateTimeField())
        body = {key: value for key, value in namespace.items() if key not in declared}
        taken = {slot for base in bases for ancestor in base.__mro__ for slot in _slots(ancestor)}
        own = _slots_of(namespace.get("__slots__", ()))
        body["__slots__"] = (*own, *(() if abstract else (key for key in fields if key not in taken)))
        body["__fields__"] = fields
        body["__abstract__"] = abstract
        cls: Any = super().__new__(mcs, name, bases, body, **options)
        cls.__relations__ = {
            key: value
            for ancestor in reversed(cls.__mro__)
            for key, value in vars(ancestor).items()
            if isinstance(value, Relation)
        }
        cls.__collections__ = tuple(key for key, relation in cls.__relations__.items() if relation.many)
        cls.__key__ = next((key for key, field in fields.items() if field.primary_key), "")
        if not abstract:
            cls.__tablename__ = namespace.get("__tablename__") or _table_name(name)
            cls.__registry__.declare(cls, sys._getframe(1))
        return cls


def _inherited_fields(bases: tuple[type, ...]) -> dict[str, Field]:
    """Fields of models and of plain mixins, nearest first, in the order of their declaration."""
    fields: dict[str, Field] = {}
    for base in reversed(bases):
        for ancestor in reversed(base.__mro__):
            if isinstance(ancestor, ModelMeta):
                fields |= ancestor.__dict__.get("__fields__", {})
            else:
                fields |= {key: value for key, value in vars(ancestor).items() if isinstance(value, Field)}
    return fields


def _slots_of(slots: str | tuple[str, ...]) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _slots(cls: type) -> tuple[str, ...]:
    return _slots_of(cls.__dict__.get("__slots__", ()))


def _table_name(name: str) -> str:
    """``BlogPost`` is stored in ``blog_posts``."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    if snake.endswith("y") and snake[-2:-1] not in "aeiou":
        return snake[:-1] + "ies"
    return snake + ("es" if snake.endswith(("s", "x", "ch", "sh")) else "s")


class Model(_engine.ModelBase, metaclass=ModelMeta):
    """A row of a table. Declare a subclass with a primary key::

        class Post(Model, SoftDeleteMixin):
            __tablename__ = "posts"

            id: int = IntegerField(primary_key=True)
            title: str = StringField(max_length=200, nullable=False)

    Two objects of one row are equal, and have one hash. The order of bases does not matter. A class with
    ``__abstract__ = True`` has no table; its fields are inherited.
    """

    __abstract__ = True
    __registry__: ClassVar[Registry] = Registry()
    # What get_or_create() and update_or_create() do with a deleted row that has the values they look for.
    __upsert_deleted__: ClassVar[Literal["new", "revive", "reject"]] = "new"

    def __init__(self, **values: Any) -> None:
        fields = type(self).__fields__
        for name, value in values.items():
            if name not in fields and name not in type(self).__relations__:
                raise _engine.unknown_field(type(self), name)
            setattr(self, name, value)
        _engine.fill_defaults(self)

    @classmethod
    def response_model(
        cls, include: str | Iterable[str] = (), *, exclude: str | Iterable[str] = (), name: str | None = None
    ) -> type[BaseModel]:
        """A pydantic model of what an endpoint answers with, for ``response_model=``.

        It reads an object of this class, what its ``to_response()`` returned, or a mapping. The same arguments give
        the same class. Relations are read from loaded objects, never from the database.

        :param include: relations to show, such as ``"posts"`` and ``"posts.comments"``; the query loads them with its
            own ``include()``
        :param exclude: fields to leave out, such as ``"email"`` and ``"posts.content"``
        :param name: its name on the OpenAPI page; by default it says what is included: ``UserWithPostsResponse``
        :returns: a subclass of ``pydantic.BaseModel``
        :raises UnknownFieldError: when there is no such relation or field
        :raises SchemaError: when a foreign key or relation leads to a model that is not declared yet
        :raises ModuleNotFoundError: when pydantic is not installed
        :raises RelationNotLoadedError: the model, when it is given an object without a relation that it shows

        Example::

            PostAnswer = Post.response_model()
            post = await Post.create(session, title="Hello")
            print(PostAnswer.model_validate(post).model_dump_json())
        """
        return schemas.response_model(cls, include, exclude, name)

    @classmethod
    def create_model(
        cls, *, exclude: str | Iterable[str] = (), optional: str | Iterable[str] = (), name: str | None = None
    ) -> type[BaseModel]:
        """A pydantic model of the body of a request that creates a row.

        It has the fields that a client can give: not a generated key, not what fills itself, not ``deleted_at``.
        Required is what can neither be NULL nor has a default. All that the fields demand is checked, their
        validators included, and a name that is no field is refused.

        :param exclude: fields that no client gives
        :param optional: fields that a client may leave out although they are required; ``model_dump()`` leaves them
            out too, so that the endpoint gives them
        :param name: its name on the OpenAPI page, by default such as ``PostCreate``
        :returns: a subclass of ``pydantic.BaseModel``
        :raises UnknownFieldError: when there is no such field
        :raises SchemaError: when a foreign key leads to a model that is not declared yet
        :raises ModuleNotFoundError: when pydantic is not installed

        Example::

            body = Post.create_model()(title="Hello")
            post = await Post.create(session, **body.model_dump())
        """
        return schemas.create_model(cls, exclude, optional, name)

    @classmethod
    def update_model(cls, *, exclude: str | Iterable[str] = (), name: str | None = None) -> type[BaseModel]:
        """A pydantic model of the body of a request that changes a row: as :meth:`create_model`, with every field
        optional, and without the key.

        ``model_dump()`` has what the client sent and nothing else, with and without ``exclude_unset``. Null is taken
        for fields that can be NULL.

        :param exclude: fields that no client changes
        :param name: its name on the OpenAPI page, by default such as ``PostUpdate``
        :returns: a subclass of ``pydantic.BaseModel``
        :raises UnknownFieldError: when there is no such field
        :raises SchemaError: when a foreign key leads to a model that is not declared yet
        :raises ModuleNotFoundError: when pydantic is not installed

        Example::

            post = await Post.create(session, title="Hello")
            body = Post.update_model()(title="Goodbye")
            await post.update(session, **body.model_dump(exclude_unset=True))
        """
        return schemas.update_model(cls, exclude, name)

    def __await__(self) -> Generator[Any, Any, Self]:
        """The object itself, so that ``await post.author`` is right whether the author was loaded before or not."""
        return self
        yield

    def __iter__(self) -> Iterator[Any]:
        """What ``to_response()`` holds, in pairs: FastAPI shows an object that an endpoint returns as it is."""
        return iter(self.to_response().items())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        key = _key_of(self)
        return key is not None and bool(key == _key_of(other))

    def __hash__(self) -> int:
        key = _key_of(self)
        if key is None:
            name = type(self).__key__
            raise TypeError(f"a {type(self).__name__} without {name} has no hash yet: create its row first")
        return hash((type(self), key))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in _shown(type(self).__fields__))
        return f"<{type(self).__name__}({shown})>"


class Base:
    """What all models have in common that have no base of their own: a name for them where one is asked for.

    Models derive from :class:`Model`. A database holds them when no base is named, or this one.
    :func:`fastapi_orm.testing.create_test_model_base` makes another.

    Example::

        links = create_association_table("post_tags", "posts", "tags", Base)
        db = Database("sqlite:///:memory:", base=Base)
    """

    __registry__: ClassVar[Registry] = Model.__registry__


# Every verb that writes has this keyword: a field of the name could not be written.
_ACTOR = "_audit_user_id"


def _key_of(row: Model) -> Any:
    return getattr(row, type(row).__key__, None)


def _shown(fields: dict[str, Field]) -> list[str]:
    """The key and the first short text: enough to recognise a row in a log."""
    key = [name for name, field in fields.items() if field.primary_key]
    text = [name for name, field in fields.items() if field.kind == "text" and field.max_length and name not in key]
    return [*key, *text[:1]]


def declare(cls: Any, registry: Registry) -> None:
    """Declares a class into the registry's schema; called once for each class."""
    together = understood(cls.__name__, cls.__fields__, getattr(cls, "__table_args__", ()))
    described = [(name, field.describe()) for name, field in cls.__fields__.items()]
    soft = issubclass(cls, SoftDeleteMixin)
    audit = issubclass(cls, AuditMixin)
    if _ACTOR in cls.__fields__:
        raise SchemaError(
            f"{cls.__name__}.{_ACTOR} has the name of the keyword that says who acts: give the field another name"
        )
    if not any(field.primary_key for field in cls.__fields__.values()):
        raise SchemaError(f"Model {cls.__name__} has no primary key: give one field primary_key=True")
    cls.__table__ = _engine.Table(
        registry.schema, cls, cls.__tablename__, described, soft, cls.__upsert_deleted__, audit, together
    )
