"""Help for tests of programs that use this library."""

from __future__ import annotations

from typing import Any

from .model import Model, ModelMeta
from .registry import Registry

__all__ = ["create_test_model_base"]


def create_test_model_base() -> tuple[Any, Any]:
    """Models of their own, apart from those of the program and of other tests: they may have the same class and table
    names, and relations find their targets among themselves only.

    :returns: ``(Base, Model)``: models derive from ``Model``; a database holds them when it is made with
        ``Database(url, base=Base)``

    Example::

        Base, TestModel = create_test_model_base()

        class User(TestModel):
            __tablename__ = "users"
            id: int = IntegerField(primary_key=True)

        db = Database("sqlite:///:memory:", base=Base)
        await db.create_tables()
    """
    registry = Registry()
    base = type("Base", (), {"__doc__": "What a database of these models is made with.", "__registry__": registry})
    body = {"__abstract__": True, "__registry__": registry, "__doc__": Model.__doc__, "__module__": __name__}
    return base, ModelMeta("Model", (Model,), body)
