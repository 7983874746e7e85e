"""The errors of this library: one base class, one class per kind.

Each says what was done, to which model, field and key, and what to do next. The engine raises them; nothing else does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .statuses import answering, reduced

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "ConnectionLostError",
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
    "RecordDeletedError",
    "RecordNotFoundError",
    "RelationNotLoadedError",
    "RestoreConflict",
    "RestrictedError",
    "SchemaError",
    "SerializationError",
    "SessionError",
    "TransactionError",
    "UnknownFieldError",
    "ValidationError",
]


class FastAPIOrmException(Exception):
    """Base of every error of this library.

    ``message`` is what happened; ``details`` are its parts (model, field, value) by name; ``retryable`` is whether the
    same work, run again from its beginning, may well succeed. What an error answers over HTTP is in
    :mod:`fastapi_orm.statuses`.

    Example::

        try:
            await Post.get_or_404(session, 99)
        except FastAPIOrmException as error:
            print(error.message, error.details, error.retryable)
    """

    retryable: bool = False

    def __new__(cls, *arguments: Any, **named: Any) -> Self:
        made: Self = super().__new__(answering(cls))
        return made

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        # Past `HTTPException`, which expects a status here.
        Exception.__init__(self, message)
        self.message = message
        self.details = details or {}

    def __reduce__(self) -> Any:
        return reduced(self)


ORMError = FastAPIOrmException


class SchemaError(FastAPIOrmException):
    """A declaration contradicts itself or another one.

    Example::

        try:
            Post.filter(session).include("author")
        except SchemaError as error:
            print(error)
    """


class RecordNotFoundError(FastAPIOrmException):
    """No row with that key is visible: it never was, it is deleted, or it was removed.

    Example::

        try:
            await Post.get_or_404(session, 99)
        except RecordNotFoundError as error:
            print(error.model, error.filters)
    """

    def __init__(self, model: str, /, *key: Any, **filters: Any) -> None:
        # `RecordNotFoundError("User", 1)` means the key.
        filters = {**dict(zip(("id",), key, strict=True)), **filters} if key else filters
        terms = ", ".join(f"{name}={value}" for name, value in filters.items())
        super().__init__(
            f"{model} not found with {terms}" if terms else f"{model} not found", {"model": model, "filters": filters}
        )
        self.model = model
        self.filters = filters


class DuplicateRecordError(FastAPIOrmException):
    """Another live row holds the same unique key.

    Example::

        try:
            await User.create(session, username="ada")
        except DuplicateRecordError as error:
            print(error.model, error.field, error.value)
    """

    def __init__(self, model: str, field: str, value: Any) -> None:
        super().__init__(
            f"{model} with {field}={value} already exists", {"model": model, "field": field, "value": value}
        )
        self.model = model
        self.field = field
        self.value = value


class ValidationError(FastAPIOrmException):
    """A value does not fit its field: wrong type, NULL, too long, out of range.

    Example::

        try:
            await Post.create(session, title=None)
        except ValidationError as error:
            print(error.field, error.message)
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"Validation error for {field}: {message}", {"field": field})
        self.field = field
        self.message = message


class KeyOutOfRangeError(ValidationError):
    """A row was asked for by a number that no row can have: one beyond 64 bits.

    Example::

        try:
            await Post.get(session, 2**64)
        except KeyOutOfRangeError as error:
            print(error)
    """


class UnknownFieldError(ValidationError, TypeError):
    """The model has no field, or a filter no operator, of that name.

    Example::

        try:
            await Post.filter(session, titel="Hello")
        except UnknownFieldError as error:
            print(error)
    """


class DatabaseError(FastAPIOrmException):
    """The database refused or failed.

    ``database_message`` is what the database said in its own words, if it said anything. They may name constraints and
    repeat what rows hold: they are for the developer, and belong in no answer and no log.

    Example::

        try:
            await session.execute("SELECT * FROM nowhere")
        except DatabaseError as error:
            print(error.operation, error.database_message)
    """

    database_message: str | None = None

    def __init__(self, operation: str, original_error: BaseException | str | None = None) -> None:
        cause = "" if original_error is None else f": {original_error}"
        # By name: a subclass may have other parents in between.
        FastAPIOrmException.__init__(
            self,
            f"Database error during {operation}{cause}",
            {"operation": operation, "original_error": original_error},
        )
        self.operation = operation
        self.original_error = original_error


class ConstraintError(DatabaseError):
    """The database refused a row: a foreign key without its target, or with a deleted one.

    Example::

        try:
            await Post.create(session, title="Hello", author_id=99)
        except ConstraintError as error:
            print(error)
    """


class MissingTableError(DatabaseError):
    """A model's table is not in the database: ``create_tables()`` was not called, or the address is another one.

    Example::

        other = Database("sqlite:///:memory:")
        async with other.session() as session:
            try:
                await Post.get(session, 1)
            except MissingTableError as error:
                print(error)
    """


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be opened or written: not a database, read-only, on a full disk; no server there, or one that
    does not let the user in.

    Example::

        other = Database("sqlite:///no/such/folder/app.db")
        try:
            await other.create_tables()
        except DatabaseUnavailableError as error:
            print(error)
    """


class DatabaseTimeoutError(DatabaseError, TimeoutError):
    """Nobody let go of a lock, or of a connection, within the time allowed; or a command took longer than its
    ``command_timeout``, and was stopped.

    ``in_doubt`` says whether what was asked may have been done all the same: a commit that took too long, or a
    statement outside of a transaction. Otherwise nothing of the transaction was done.

    Example::

        other = Database("sqlite:///:memory:", pool_size=1, max_overflow=0, pool_timeout=0.01)
        async with other.session() as first, other.session() as second:
            async with first.begin():
                try:
                    await second.execute("SELECT 1")
                except DatabaseTimeoutError as error:
                    print(error)
    """

    def __init__(
        self, operation: str, original_error: BaseException | str | None = None, in_doubt: bool = False
    ) -> None:
        super().__init__(operation, original_error)
        self.in_doubt = in_doubt
        self.details["in_doubt"] = in_doubt


class RestrictedError(FastAPIOrmException):
    """A live child forbids the deletion of its parent (``on_delete="RESTRICT"``).

    Example::

        user = await User.get(session, 1)
        try:
            await user.soft_delete(session)
        except RestrictedError as error:
            print(error)
    """


class RecordDeletedError(FastAPIOrmException):
    """An object was to be written whose row was deleted after it was read, or one from the trash whose row was
    restored.

    Also when ``get_or_create()`` or ``update_or_create()`` was asked for a row that is deleted, and the model's
    ``__upsert_deleted__`` is ``"reject"``; or was given the key of a deleted row, which is not given away twice.

    Example::

        ada = await User.get(session, 1)
        await (await User.get(session, 1)).soft_delete(session)
        try:
            await ada.update(session, username="countess")
        except RecordDeletedError as error:
            print(error)
    """


class RestoreConflict(FastAPIOrmException):
    """A restore would collide with a live row, or put a live row under a deleted parent.

    Example::

        ada = await User.get(session, 1)
        await ada.soft_delete(session)
        await User.create(session, username="ada")
        try:
            await ada.restore(session)
        except RestoreConflict as error:
            print(error)
    """


class ReadOnlyError(FastAPIOrmException):
    """A row of the audit log was to be written: only the engine does that, together with the change it tells of.

    Example::

        await Post.create(session, title="Hello")
        log = await AuditLog.first(session)
        try:
            await log.delete(session)
        except ReadOnlyError as error:
            print(error)
    """


class RelationNotLoadedError(FastAPIOrmException):
    """A relation was used that is not loaded, and cannot be now: that of a row of a list, of an object whose session is
    closed, or one that others keep waiting.

    Example::

        for post in await Post.all(session):
            try:
                print(post.author.username)
            except RelationNotLoadedError as error:
                print(error.model, error.relation)
        for post in await Post.all(session).include("author"):
            print(post.author.username)
    """

    def __init__(self, model: str, relation: str, why: str | None = None) -> None:
        load = f"await it, or load it for all rows of a query with {model}.filter(...).include({relation!r})"
        super().__init__(
            f"{model}.{relation} is not loaded: {why or load}",
            {"model": model, "relation": relation},
        )
        self.model = model
        self.relation = relation


class TransactionError(FastAPIOrmException):
    """A transaction could not be carried through.

    Example::

        try:
            async with transaction(session):
                await Post.create(session, title="Hello")
        except TransactionError as error:
            print(error.original_error)
    """

    def __init__(self, message: str, original_error: BaseException | str | None = None) -> None:
        super().__init__(message, {"original_error": original_error})
        self.original_error = original_error


class SerializationError(DatabaseError, TransactionError):
    """Other transactions were in the way: this one could not have run before or after them, or they waited for each
    other (a deadlock). Nothing of it is left; run again from its beginning, it may well succeed.

    ``retryable`` is true. :func:`atomic` with ``retries=`` runs it again.

    Example::

        @atomic(db, retries=3)
        async def view(session, id):
            post = await Post.get_or_404(session, id)
            await post.update(session, views=post.views + 1)

        try:
            await view(1)
        except SerializationError as error:
            print("others were faster, four times", error.original_error)
    """

    retryable = True


class ConnectionLostError(DatabaseError, TransactionError):
    """The connection to the server was lost while something was under way: the server was restarted, an administrator
    ended the connection, or the network did. The next use of the database opens a fresh connection.

    ``in_doubt`` says whether what was asked may have been done all the same, because nobody was left to say: a commit
    that was sent, or a statement outside of a transaction. It is never run again by itself: look first. Otherwise
    nothing of the transaction was done.

    Example::

        try:
            await Post.create(session, title="Hello")
            await session.commit()
        except ConnectionLostError as error:
            print("look before you try again" if error.in_doubt else "nothing was done")
    """

    def __init__(
        self, operation: str, original_error: BaseException | str | None = None, in_doubt: bool = False
    ) -> None:
        super().__init__(operation, original_error)
        self.in_doubt = in_doubt
        self.details["in_doubt"] = in_doubt


class SessionError(TransactionError):
    """A session was used after close, from two tasks at once, or after a cancelled call.

    Example::

        session.close_now()
        try:
            await Post.get(session, 1)
        except SessionError as error:
            print(error)
    """


class ForkedError(SessionError):
    """A connection of the parent process was used after ``fork``.

    Example::

        def answer(error: Exception) -> str:
            if isinstance(error, ForkedError):
                return "make a Database in each worker process"
            return str(error)
    """
