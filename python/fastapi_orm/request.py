"""The commit of a request, before its response is sent.

FastAPI runs the end of a ``yield`` dependency after the response: a client that reads at once after its 201 would not
find the row, and a crash in between would lose what was acknowledged. FastAPI also keeps, for each request, a stack of
exits that run when the endpoint has returned and before the response is sent (``fastapi_function_astack`` in the
request's scope); it receives the endpoint's exception, if there was one. A session that is opened while FastAPI solves
dependencies puts its commit there. Older versions of FastAPI and other callers have no such stack: the commit then
happens at the end of the generator, as usual.
"""

from __future__ import annotations

import sys
from typing import Any

from . import _engine
from .audit.actor import share_with_threads

_STACK = "fastapi_function_astack"
# Deep enough for dependencies that depend on each other; a caller outside FastAPI pays for a short walk only.
_DEPTH = 40


def commit_before_response(session: _engine.Session) -> None:
    """Arranges for the commit when the caller is a dependency of a FastAPI request."""
    scope = _request_scope()
    if scope is None:
        return
    # The dependencies that come after may say who acts in a thread.
    share_with_threads(scope)
    stack = scope.get(_STACK)
    if stack is not None:
        stack.push_async_exit(_Exit(session))


def _request_scope() -> dict[str, Any] | None:
    frame = sys._getframe(2)
    for _ in range(_DEPTH):
        if frame is None:
            return None
        if frame.f_code.co_name == "solve_dependencies":
            request = frame.f_locals.get("request")
            scope = getattr(request, "scope", None)
            return scope if isinstance(scope, dict) else None
        frame = frame.f_back  # type: ignore[assignment]
    return None


class _Exit:
    def __init__(self, session: _engine.Session) -> None:
        self._session = session

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        if self._session.closed:
            return
        if kind is None:
            await self._session.commit()
        else:
            await self._session.rollback()
