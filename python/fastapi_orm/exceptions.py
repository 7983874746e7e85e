"""The errors of this library: one base class, one class per kind.

Each says what was done, to which model, field and key, and what to do next. The engine raises them; nothing else does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .statuses import answering

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "ConstraintError",
    "DatabaseError",
    "DatabaseTimeoutError",
    "DatabaseUnavailableError",
    "DuplicateRecordError",
    "FastAPIOrmException",
    "ForkedError",
    "KeyOutOfRangeError",
    "MissingTableError",
    "ORMError",
    "ReadOnlyError",
    "RecordNotFoundError",
    "RelationNotLoadedError",
    "RestoreConflict",
    "RestrictedError",
    "SchemaError",
    "SessionError",
    "TransactionError",
    "UnknownFieldError",
    "ValidationError",
]


class FastAPIOrmException(Exception):
    """Base of every error of this library.

    ``message`` is what happened; ``details`` are its parts (model, field, value) by name. What an error answers over
    HTTP is in :mod:`fastapi_orm.statuses`.
    """

    def __new__(cls, *arguments: Any, **named: Any) -> Self:
        made: Self = super().__new__(answering(cls))
        return made

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        # Past `HTTPException`, which expects a status here.
        Exception.__init__(self, message)
        self.message = message
        self.details = details or {}


ORMError = FastAPIOrmException


class SchemaError(FastAPIOrmException):
    """A declaration contradicts itself or another one."""


class RecordNotFoundError(FastAPIOrmException):
    """No row with that key is visible: it never was, it is deleted, or it was removed."""

    def __init__(self, model: str, **filters: Any) -> None:
        terms = ", ".join(f"{name}={value}" for name, value in filters.items())
        super().__init__(f"{model} not found with {terms}", {"model": model, "filters": filters})
        self.model = model
        self.filters = filters


class DuplicateRecordError(FastAPIOrmException):
    """Another live row holds the same unique key."""

    def __init__(self, model: str, field: str, value: Any) -> None:
        super().__init__(
            f"{model} with {field}={value} already exists", {"model": model, "field": field, "value": value}
        )
        self.model = model
        self.field = field
        self.value = value


class ValidationError(FastAPIOrmException):
    """A value does not fit its field: wrong type, NULL, too long, out of range."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"Validation error for {field}: {message}", {"field": field})
        self.field = field
        self.message = message


class KeyOutOfRangeError(ValidationError):
    """A row was asked for by a number that no row can have: one beyond 64 bits."""


class UnknownFieldError(ValidationError, TypeError):
    """The model has no field, or a filter no operator, of that name."""


class DatabaseError(FastAPIOrmException):
    """The database refused or failed."""

    def __init__(self, operation: str, original_error: BaseException | str | None = None) -> None:
        super().__init__(
            f"Database error during {operation}: {original_error}",
            {"operation": operation, "error": str(original_error)},
        )
        self.operation = operation
        self.original_error = original_error


class ConstraintError(DatabaseError):
    """The database refused a row: a foreign key without its target, or with a deleted one."""


class MissingTableError(DatabaseError):
    """A model's table is not in the database: ``create_tables()`` was not called, or the address is another one."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be opened or written: not a database, read-only, on a full disk."""


class DatabaseTimeoutError(DatabaseError, TimeoutError):
    """Nobody let go of a lock, or of a connection, within the time allowed."""


class RestrictedError(FastAPIOrmException):
    """A live child forbids the deletion of its parent (``on_delete="RESTRICT"``)."""


class RestoreConflict(FastAPIOrmException):
    """A restore would collide with a live row, or put a live row under a deleted parent."""


class ReadOnlyError(FastAPIOrmException):
    """A row of the audit log was to be written: only the engine does that, together with the change it tells of."""


class RelationNotLoadedError(FastAPIOrmException):
    """A relation was used that is not loaded, and cannot be now: that of a row of a list, of an object whose session is
    closed, or one that others keep waiting."""

    def __init__(self, model: str, relation: str, why: str | None = None) -> None:
        load = f"await it, or load it for all rows of a query with {model}.filter(...).include({relation!r})"
        super().__init__(
            f"{model}.{relation} is not loaded: {why or load}",
            {"model": model, "relation": relation},
        )
        self.model = model
        self.relation = relation


class TransactionError(FastAPIOrmException):
    """A transaction could not be carried through."""

    def __init__(self, message: str, original_error: BaseException | None = None) -> None:
        super().__init__(message, {"original_error": original_error})
        self.original_error = original_error


class SessionError(TransactionError):
    """A session was used after close, from two tasks at once, or after a cancelled call."""


class ForkedError(SessionError):
    """A connection of the parent process was used after ``fork``."""
