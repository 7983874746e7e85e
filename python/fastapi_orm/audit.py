"""Who acts. The audit log and the journal of deletions note it; it is kept per task, in context variables."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

__all__ = ["clear_audit_user", "get_audit_user", "set_audit_user"]

_user: ContextVar[tuple[str | None, str | None] | None] = ContextVar("reprieve_actor", default=None)


def set_audit_user(user_id: Any, **metadata: Any) -> None:
    """Says who acts from here on in this task.

    :param user_id: the user's key; noted as text
    :param metadata: what else to note with each change, as JSON
    """
    _user.set((None if user_id is None else str(user_id), json.dumps(metadata, default=str) if metadata else None))


def get_audit_user() -> str | None:
    """Who acts in this task, or None."""
    actor = _user.get()
    return actor[0] if actor else None


def clear_audit_user() -> None:
    """Says that nobody in particular acts from here on in this task."""
    _user.set(None)
