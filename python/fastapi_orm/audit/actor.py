"""Who acts. The audit log and the journal of deletions note it; it is kept per task, in a context variable.

FastAPI runs a dependency that is a plain ``def`` in a thread, with a copy of the request's context: a variable that is
set there is lost. What the copy shares with the request are objects. So a session that a dependency opens puts an actor
into the request's context that a thread may change; without one, the thread is told.
"""

from __future__ import annotations

import asyncio
import json
import threading
from contextvars import ContextVar
from typing import Any

from .. import _engine
from ..exceptions import SessionError, ValidationError

__all__ = ["clear_audit_user", "get_audit_metadata", "get_audit_user", "set_audit_user"]


class _Actor:
    __slots__ = ("metadata", "shared", "user")

    def __init__(self, user: str | None, metadata: str | None, shared: bool = False) -> None:
        self.user = user
        self.metadata = metadata
        #: Whether threads that work for a request change it in place.
        self.shared = shared


_actor: ContextVar[_Actor | None] = ContextVar("reprieve_actor", default=None)
# Where a request's scope notes that its context has an actor of its own.
_SCOPE = "fastapi_orm.actor"


def share_with_threads(scope: dict[str, Any]) -> None:
    """Gives a request's context an actor that its threads may change."""
    if _SCOPE in scope:
        return
    known = _actor.get() or _Actor(None, None)
    scope[_SCOPE] = actor = _Actor(known.user, known.metadata, shared=True)
    _actor.set(actor)


def _say(user: str | None, metadata: str | None) -> None:
    known = _actor.get()
    # Only what runs an event loop has a context of its own to set.
    if asyncio._get_running_loop() is None:
        if known is not None and known.shared:
            known.user, known.metadata = user, metadata
            return
        if type(threading.current_thread()).__module__.startswith("anyio."):
            raise SessionError(
                "set_audit_user() in a dependency or endpoint that is a plain `def` runs in a thread, and the request "
                "would not see it: make it an `async def`, or let it depend on the session, as in "
                "session=Depends(get_db)"
            )
    _actor.set(_Actor(user, metadata, known is not None and known.shared))


def set_audit_user(user_id: Any, **metadata: Any) -> None:
    """Says who acts from here on in this task.

    :param user_id: the user's key; noted as text. None: nobody in particular
    :param metadata: what else to note with each change, as the ``extra_data`` of its entry in the log; JSON, other
        values as text
    :raises ValidationError: when the key is no text, or the metadata no JSON
    :raises SessionError: in a FastAPI dependency that is a plain ``def``, unless it depends on the session: it runs in
        a thread, and the request would not see who acts

    Example::

        set_audit_user(7, address="10.0.0.4")
    """
    user = None if user_id is None else _engine.actor_text("user_id", user_id)
    _say(user, _noted(metadata) if metadata else None)


def _noted(metadata: dict[str, Any]) -> str:
    try:
        return json.dumps(metadata, default=str)
    except (RecursionError, TypeError, ValueError) as error:
        kind = type(error)
    # Not within the handler of an exception that may hold what was given.
    why = "nests too deep" if kind is RecursionError else "has a key or a value that JSON has no form for"
    raise ValidationError("metadata", f"cannot be noted as JSON: it {why}")


def get_audit_user() -> str | None:
    """Who acts in this task, or None.

    Example::

        set_audit_user(7)
        print(get_audit_user())  # 7, as text
    """
    actor = _actor.get()
    return actor.user if actor else None


def get_audit_metadata() -> dict[str, Any]:
    """What else is noted with each change in this task: the keywords of :func:`set_audit_user`, as they are noted.

    Example::

        set_audit_user(7, address="10.0.0.4")
        print(get_audit_metadata())  # {'address': '10.0.0.4'}
    """
    actor = _actor.get()
    metadata: dict[str, Any] = json.loads(actor.metadata) if actor and actor.metadata else {}
    return metadata


def clear_audit_user() -> None:
    """Says that nobody in particular acts from here on in this task; forgets the metadata too.

    :raises SessionError: as :func:`set_audit_user`

    Example::

        clear_audit_user()
        print(get_audit_user())  # None
    """
    _say(None, None)
