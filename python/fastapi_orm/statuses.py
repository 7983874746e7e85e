"""What an error answers over HTTP: the one table of statuses.

An app that installs no handler of its own answers a client's mistake with the status here, and with what a client may
be told of it as its ``detail``: models and fields, and neither what rows hold, nor what was refused, nor what the
database says. (The message of the error itself has the value that is taken, for the program.) A database that cannot do
it now answers 503, which says nothing of the server but that another try may succeed; the error is logged. Everything
else stays a fault of the server, a logged 500. Starlette finds handlers by an exception's classes, so an error with a
status is made as a ``starlette.exceptions.HTTPException`` too, if the program has imported Starlette. Nothing here
imports it.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

__all__ = ["STATUSES", "answering", "reduced", "status"]

# By the name of the class; the nearest class of an error counts. None: a mistake in the program, not the client's.
STATUSES: dict[str, int | None] = {
    "KeyOutOfRangeError": 404,
    "RecordNotFoundError": 404,
    "ConstraintError": 409,
    "DuplicateRecordError": 409,
    "RecordDeletedError": 409,
    "RestoreConflict": 409,
    "RestrictedError": 409,
    "ValidationError": 422,
    "ConnectionLostError": 503,
    "DatabaseTimeoutError": 503,
    "DatabaseUnavailableError": 503,
    "SerializationError": 503,
    "UnknownFieldError": None,
}

# What a client is told of a database that cannot do it now; after so many seconds it may try again.
_LATER = "The database cannot be reached now: try again later"
_BUSY = "Others changed the same rows at the same time: try again"
_IN_DOUBT = "The connection to the database was lost: this may have been done all the same"
_AFTER = {"Retry-After": "1"}

_made: dict[type[BaseException], type[BaseException]] = {}


def status(kind: type[BaseException]) -> int | None:
    """The status that an error of this class answers, or None for a fault of the server."""
    return next((STATUSES[base.__name__] for base in kind.__mro__ if base.__name__ in STATUSES), None)


def answering(kind: type[Any]) -> type[Any]:
    """The class to make an error of: itself, or under Starlette a subclass that Starlette answers with its status."""
    if kind in _made:
        return _made[kind]
    starlette = sys.modules.get("starlette.exceptions")
    base = getattr(starlette, "HTTPException", None)
    code = status(kind)
    if base is None or issubclass(kind, base):
        return kind
    made = kind if code is None else _subclass(kind, base, code)
    _made[kind] = _made[made] = made
    return made


# Of errors that were made by hand. The engine's bring their own.
_REFUSED = "The row refers to one that does not exist, others refer to it, or it holds what is not allowed"


def _told(error: Any) -> str:
    """What a client is told of its mistake."""
    kinds = {base.__name__ for base in type(error).__mro__}
    if "DuplicateRecordError" in kinds:
        return (
            f"{error.model} with this {error.field} already exists" if error.field else f"{error.model} already exists"
        )
    if "ConstraintError" in kinds:
        return _REFUSED
    return str(getattr(error, "_detail", error))


def _unavailable(error: Any) -> str:
    """Starlette reads the detail when it answers the error, which nobody caught: that is the time to log it."""
    if "_logged" not in vars(error):
        error._logged = True
        logging.getLogger("fastapi_orm").error("A request was answered with 503", exc_info=error)
    if _is_in_doubt(error):
        return _IN_DOUBT
    return _BUSY if error.retryable else _LATER


def _retry_after(error: Any) -> dict[str, str] | None:
    """A client that tries again by itself must not do twice what may have been done."""
    return None if _is_in_doubt(error) else _AFTER


def _is_in_doubt(error: Any) -> bool:
    return bool(getattr(error, "in_doubt", False))


def _subclass(kind: type[Any], base: type[Any], code: int) -> type[Any]:
    """Looks like its parent in every other way, tracebacks included."""
    is_fault = code >= 500
    body = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__str__": Exception.__str__,
        "__repr__": Exception.__repr__,
        "_plain": kind,
        "status_code": code,
        "detail": property(_unavailable if is_fault else _told),
        "headers": property(_retry_after) if is_fault else None,
    }
    return type(kind.__name__, (kind, base), body)


def reduced(error: Any) -> Any:
    """What a pickle keeps of an error: the class it is made of, whether Starlette is there or not; its arguments have
    been put together."""
    kind = type(error)
    return _restore, (vars(kind).get("_plain", kind), error.args, error.__dict__)


def _restore(kind: type[Any], arguments: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error
