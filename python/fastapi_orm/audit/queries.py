"""Questions to the audit log. Each is one statement."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import _engine
from ..exceptions import ValidationError
from .log import AuditLog

if TYPE_CHECKING:
    from ..sessions import AnySession

__all__ = ["get_audit_trail", "get_recent_changes", "get_user_activity", "search_audit_logs"]


async def get_audit_trail(
    session: AnySession, model: Any, model_id: Any, limit: int | None = None, operation: str | None = None
) -> list[AuditLog]:
    """What happened to one row, oldest first.

    :param model: the row's model, or its name
    :param model_id: the row's key
    :param limit: at most so many entries: the latest ones
    :param operation: only entries of this operation, in upper or lower case
    :returns: the entries; none for a row that never was, or whose model was never audited
    :raises ValidationError: for an operation that is none, or a limit that is no number of rows

    Example::

        for entry in await get_audit_trail(session, Post, 1):
            print(entry.operation, entry.user_id, entry.changes)
    """
    found = AuditLog.filter(session, model_name=_model(model), model_id=str(model_id), **_operation(operation))
    if limit is None:
        return await found.order_by("id")
    return (await found.order_by("-id").limit(_rows(limit)))[::-1]


async def get_user_activity(
    session: AnySession, user_id: Any, limit: int | None = None, model_name: Any = None
) -> list[AuditLog]:
    """What a user did, newest first.

    :param user_id: the user, as :func:`set_audit_user` was told; None for changes by nobody in particular
    :param limit: at most so many entries
    :param model_name: only rows of this model: the model, or its name
    :raises ValidationError: for a limit that is no number of rows

    Example::

        activity = await get_user_activity(session, 7, limit=20)
    """
    user = None if user_id is None else str(user_id)
    return await AuditLog.filter(session, user_id=user, **_named(model_name)).order_by("-id").limit(_rows(limit))


async def get_recent_changes(
    session: AnySession, limit: int | None = 100, operation: str | None = None, model_name: Any = None
) -> list[AuditLog]:
    """The latest changes of all audited rows, newest first.

    :param limit: at most so many entries; None for all of them
    :param operation: only entries of this operation, in upper or lower case
    :param model_name: only rows of this model: the model, or its name
    :raises ValidationError: for an operation that is none, or a limit that is no number of rows

    Example::

        removed = await get_recent_changes(session, operation="DELETE")
    """
    return await search_audit_logs(session, operation=operation, model_name=model_name, limit=limit)


async def search_audit_logs(
    session: AnySession,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
    user_id: Any = None,
    model_name: Any = None,
    operation: str | None = None,
    limit: int | None = 100,
) -> list[AuditLog]:
    """The entries that fulfil all that is given, newest first.

    :param start_date: not before this instant; a naive one means local time
    :param end_date: not after this instant
    :param user_id: only what this user did
    :param model_name: only rows of this model: the model, or its name
    :param operation: only entries of this operation, in upper or lower case
    :param limit: at most so many entries; None for all of them
    :raises ValidationError: for an operation that is none, or a limit that is no number of rows

    Example::

        from datetime import datetime, timedelta

        yesterday = datetime.now() - timedelta(days=1)
        found = await search_audit_logs(session, start_date=yesterday, user_id=7)
    """
    found = AuditLog.filter(session, **_named(model_name), **_operation(operation))
    if user_id is not None:
        found = found.filter(user_id=str(user_id))
    if start_date is not None:
        found = found.filter(timestamp={"gte": start_date})
    if end_date is not None:
        found = found.filter(timestamp={"lte": end_date})
    return await found.order_by("-id").limit(_rows(limit))


def _model(model: Any) -> str:
    """The name under which the log has a model."""
    name = model if isinstance(model, str) else getattr(model, "__name__", None)
    if name is None:
        raise ValidationError("model_name", f"expects a model or the name of one, got {model!r}")
    return str(name)


def _named(model: Any) -> dict[str, str]:
    return {} if model is None else {"model_name": _model(model)}


def _operation(operation: str | None) -> dict[str, str]:
    if operation is None:
        return {}
    known = _engine.AUDIT_OPERATIONS
    if not isinstance(operation, str) or operation.upper() not in known:
        raise ValidationError("operation", f"expects one of {', '.join(known)}, got {operation!r}")
    return {"operation": operation.upper()}


def _rows(limit: int | None) -> int | None:
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        raise ValidationError("limit", f"expects a number of rows, 0 or more, or None, got {limit!r}")
    return limit
