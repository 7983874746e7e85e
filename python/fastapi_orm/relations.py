"""Relations: names for what foreign keys say."""

from __future__ import annotations

from typing import Any

from . import _engine
from .exceptions import SchemaError

__all__ = ["ManyToOne", "OneToMany", "Relation"]


class Relation:
    """A relation to another model, named by its class. Targets are resolved when they are first needed.

    :param target: the other model's class name, or the class
    :param back_populates: the name of the relation on the other side
    :param foreign_key: which foreign key, when there is more than one between the two
    """

    many = False

    def __init__(
        self, target: str | type, *, back_populates: str | None = None, foreign_key: str | None = None
    ) -> None:
        self.target_name = target if isinstance(target, str) else target.__name__
        self._target: Any = None if isinstance(target, str) else target
        self.back_populates = back_populates
        self.foreign_key = foreign_key
        self.name = ""
        self.owner: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.owner = owner

    def target(self) -> Any:
        """The other model.

        :raises SchemaError: when no model of that name is declared, or more than one
        """
        if self._target is None:
            self._target = self.owner.__registry__.model(self.target_name, f"{self.owner.__name__}.{self.name}")
        return self._target

    def link(self) -> tuple[Any, str]:
        """The model that holds the foreign key, and the key's name."""
        target = self.target()
        child, parent = (target, self.owner) if self.many else (self.owner, target)
        keys = [
            name
            for name, field in child.__fields__.items()
            if getattr(field, "table", None) == parent.__tablename__
            and (self.foreign_key is None or name == self.foreign_key)
        ]
        if len(keys) == 1:
            return child, keys[0]
        where = f"{self.owner.__name__}.{self.name}"
        if not keys:
            raise SchemaError(
                f"{where} is a relation to {target.__name__}, but {child.__name__} has no foreign key to the table "
                f"'{parent.__tablename__}': declare one with ForeignKeyField('{parent.__tablename__}')"
            )
        raise SchemaError(
            f"{where} is ambiguous: {child.__name__} refers to '{parent.__tablename__}' by {', '.join(keys)}. "
            "Say which with foreign_key="
        )

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return _engine.load_relation(instance, self)


class OneToMany(Relation):
    """The rows of another model that refer to this one: ``await user.posts`` is a list."""

    many = True


class ManyToOne(Relation):
    """The row that a foreign key of this model refers to: ``await post.author`` is the row, or None."""
