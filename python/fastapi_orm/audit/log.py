"""The audit log as a model. Its table is the engine's, the same for every database; the class is declared over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from .. import _engine
from ..exceptions import ReadOnlyError
from ..fields import DateTimeField, Field, IntegerField, JSONField, TextField
from ..model import Model
from ..registry import Registry

__all__ = ["AuditLog"]

_KINDS: dict[str, type[Field]] = {
    "integer": IntegerField,
    "text": TextField,
    "datetime": DateTimeField,
    "JSON": JSONField,
}


def _fields() -> dict[str, Field]:
    """The columns of the engine's table, as fields."""
    return {
        name: _KINDS[kind](primary_key=key, nullable=nullable)
        for name, kind, key, nullable in _engine.audit_log_columns()
    }


class _EngineTables(Registry):
    """Knows the one model whose table no schema declares."""

    def declare(self, cls: Any, frame: Any) -> None:
        described = [(name, field.describe()) for name, field in cls.__fields__.items()]
        cls.__table__ = _engine.Table.audit_log(cls, described)


class AuditLog(Model):
    """One change of a row of a model with :class:`~fastapi_orm.AuditMixin`, as the engine noted it.

    It is queried as any model is, on every database, and read only: to write to it is a :class:`ReadOnlyError`. Its
    table is created with the first audited model, or by ``create_tables([AuditLog])``.

    An entry is a mapping too, of what ``to_response()`` holds: ``entry["operation"]``; ``entry["metadata"]`` is
    another name of ``extra_data``. FastAPI sends it as it is.

    Example::

        updates = await AuditLog.filter(session, model_name="Page", operation="UPDATE").order_by("-id")
        for entry in updates:
            print(entry.user_id, entry.changes["title"]["old"])
    """

    __tablename__ = "audit_logs"
    __registry__: ClassVar[Registry] = _EngineTables()

    if TYPE_CHECKING:
        id: int
        #: The model's name, and the row's key as text.
        model_name: str
        model_id: str
        #: CREATE, UPDATE, DELETE, SOFT_DELETE, RESTORE or PURGE.
        operation: str
        #: Who did it, as text.
        user_id: str | None
        timestamp: datetime
        #: ``{field: {"old": value, "new": value}}``; None for operations that change no field.
        changes: dict[str, dict[str, Any]] | None
        #: The row before the operation; for CREATE, the row created.
        snapshot: dict[str, Any] | None
        #: What else ``set_audit_user`` was told.
        extra_data: dict[str, Any] | None

    # In the body of a class, these are its names.
    vars().update(_fields())

    def __setattr__(self, name: str, value: Any) -> None:
        raise ReadOnlyError(f"AuditLog.{name} cannot be set: entries of the log stay as the engine wrote them")

    def __getitem__(self, name: str) -> Any:
        return self.to_dict()["extra_data" if name == "metadata" else name]

    def __iter__(self) -> Iterator[str]:
        return iter(type(self).__fields__)

    def keys(self) -> list[str]:
        """The names of the fields, as of a mapping.

        Example::

            log = await AuditLog.first(session)
            print(dict(log))
        """
        return list(type(self).__fields__)

    def __repr__(self) -> str:
        return (
            f"<AuditLog(id={self.id}, operation={self.operation!r}, model_name={self.model_name!r}, "
            f"model_id={self.model_id!r})>"
        )
