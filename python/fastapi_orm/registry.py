"""Which models there are. Relations name their targets here; the engine's schema holds the tables."""

from __future__ import annotations

import gc
import weakref
from types import CodeType, FrameType
from typing import Any

from . import _engine
from .exceptions import SchemaError

__all__ = ["Registry"]

# Where a class is declared: the code that runs, and the line in it.
Place = tuple[CodeType, int]


class Registry:
    """The models that know each other by name."""

    def __init__(self) -> None:
        self.schema = _engine.Schema()
        self._models: dict[str, tuple[weakref.ref[Any], Place]] = {}
        self._links: dict[str, Any] = {}

    def models(self) -> list[Any]:
        """The declared classes that are still in use."""
        return [model for model in (entry[0]() for entry in self._models.values()) if model is not None]

    def model(self, name: str, wanted_by: str) -> Any:
        """The class of that name.

        :raises SchemaError: when there is none, or more than one
        """
        found = [model for model in self.models() if model.__name__ == name]
        if len(found) == 1:
            return found[0]
        if not found:
            known = ", ".join(sorted(model.__name__ for model in self.models()))
            raise SchemaError(
                f"{wanted_by} is a relation to '{name}', which no model is called (declared: {known}): import the "
                "module that declares it, or correct the name"
            )
        modules = ", ".join(f"{model.__module__}.{model.__qualname__}" for model in found)
        raise SchemaError(f"{wanted_by} is a relation to '{name}', which names more than one model: {modules}")

    def links(self, name: str, wanted_by: str) -> Any:
        """The table of links of that name, or the model of that table.

        :raises SchemaError: when there is none
        """
        if name in self._links:
            return self._links[name]
        for model in self.models():
            if model.__tablename__ == name:
                return model
        raise SchemaError(
            f"{wanted_by} is a relation by the links '{name}', which nobody declares: call "
            f"create_association_table('{name}', ...), or correct the name"
        )

    def links_between(self, tables: set[str]) -> list[str]:
        """The names of the tables of links whose both ends are among these."""
        return [name for name, links in self._links.items() if {links.left[1], links.right[1]} <= tables]

    def declare_links(self, make: Any, name: str, left: tuple[str, str], right: tuple[str, str]) -> Any:
        """Takes a table of links in; the same declaration again, of a module that is reloaded, is the same table.

        :raises SchemaError: when another table has that name
        """
        known = self._links.get(name)
        if known is None:
            known = self._links[name] = make(self, name, left, right)
        elif (known.left, known.right) != (left, right):
            raise SchemaError(
                f"The association table '{name}' is declared twice, first between '{known.left[1]}' and "
                f"'{known.right[1]}', then between '{left[1]}' and '{right[1]}': give one of them another name"
            )
        return known

    def declare(self, cls: Any, frame: FrameType) -> None:
        """Takes a new class in.

        :raises SchemaError: when another class of the same table is in use
        """
        from .model import declare

        name = cls.__tablename__
        place = (frame.f_code, frame.f_lineno)
        if name in self._models:
            self._replace(cls, name, place)
        declare(cls, self)
        self._models[name] = (weakref.ref(cls), place)

    def _replace(self, cls: Any, name: str, place: Place) -> None:
        """Makes room for a class that is declared anew: a reloaded module, a notebook cell run again, or a class
        whose last use has ended. Two classes in use are a mistake."""
        first, (code, line) = self._models[name]
        old = first()
        if old is not None and "<locals>" in old.__qualname__:
            # A class made in a function that has returned lives on in reference cycles only.
            del old
            gc.collect()
            old = first()
        again = (
            old is not None
            and (old.__module__, old.__qualname__) == (cls.__module__, cls.__qualname__)
            and "<locals>" not in cls.__qualname__
            # A second class statement of the same run of the same code is no repetition.
            and (code is not place[0] or line == place[1])
        )
        if old is not None and not again:
            raise SchemaError(
                f"Model {cls.__name__} ({cls.__module__}) declares the table '{name}', which model {old.__name__} "
                f"({old.__module__}) declares already: declare it once and import it, or give one of them another "
                "__tablename__",
                {"model": cls.__name__, "table": name},
            )
        self.schema.forget(name)
        del self._models[name]

    def check(self) -> None:
        """Resolves every relation, and every foreign key that names its column.

        :raises SchemaError: when one leads nowhere
        """
        keys = {model.__tablename__: model.__key__ for model in self.models()}
        for model in self.models():
            for name, field in model.__fields__.items():
                column = getattr(field, "column", "")
                key = keys.get(getattr(field, "table", ""), column)
                if column and column != key:
                    raise SchemaError(
                        f"{model.__name__}.{name} refers to {field.table}.{column}, and a foreign key refers to the "
                        f"primary key, which is {field.table}.{key}: write ForeignKeyField('{field.table}')"
                    )
            for relation in model.__relations__.values():
                relation.link()
                # Which checks the columns of links too.
                relation.path()
