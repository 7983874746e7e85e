"""Who acts. The audit log and the journal of deletions note it; it is kept per task, in context variables."""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

__all__ = ["clear_audit_user", "get_audit_metadata", "get_audit_user", "set_audit_user"]

_user: ContextVar[tuple[str | None, str | None] | None] = ContextVar("reprieve_actor", default=None)


def set_audit_user(user_id: Any, **metadata: Any) -> None:
    """Says who acts from here on in this task.

    :param user_id: the user's key; noted as text. None: nobody in particular
    :param metadata: what else to note with each change, as the ``extra_data`` of its entry in the log; JSON, other
        values as text

    Example::

        set_audit_user(7, address="10.0.0.4")
    """
    _user.set((None if user_id is None else str(user_id), json.dumps(metadata, default=str) if metadata else None))


def get_audit_user() -> str | None:
    """Who acts in this task, or None.

    Example::

        set_audit_user(7)
        print(get_audit_user())  # 7, as text
    """
    actor = _user.get()
    return actor[0] if actor else None


def get_audit_metadata() -> dict[str, Any]:
    """What else is noted with each change in this task: the keywords of :func:`set_audit_user`, as they are noted.

    Example::

        set_audit_user(7, address="10.0.0.4")
        print(get_audit_metadata())  # {'address': '10.0.0.4'}
    """
    actor = _user.get()
    metadata: dict[str, Any] = json.loads(actor[1]) if actor and actor[1] else {}
    return metadata


def clear_audit_user() -> None:
    """Says that nobody in particular acts from here on in this task; forgets the metadata too.

    Example::

        clear_audit_user()
        print(get_audit_user())  # None
    """
    _user.set(None)
