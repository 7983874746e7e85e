"""The engine, as Python sees it. Users import from :mod:`fastapi_orm`; this module is what that is made of."""

import datetime
import uuid
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Mapping, MutableMapping
from collections.abc import Coroutine as AbstractCoroutine
from typing import Any, Generic, TypeVar, final

from typing_extensions import Self, disjoint_base

from .exceptions import UnknownFieldError
from .pages import CursorPage, Page
from .result import Result
from .sessions import AnySession
from .transactions import Transaction

__all__ = [
    "AUDIT_OPERATIONS",
    "Coroutine",
    "Database",
    "Deletion",
    "LinkTable",
    "ModelBase",
    "Q",
    "Query",
    "RelationLoader",
    "RelationPath",
    "Response",
    "Restoration",
    "Schema",
    "Session",
    "Stream",
    "Table",
    "__version__",
    "actor_text",
    "audit_log_columns",
    "bulk_restore",
    "bulk_soft_delete",
    "fill_defaults",
    "filter",
    "get",
    "is_alone",
    "is_stored",
    "isolation",
    "keep_related",
    "relation_loader",
    "restore",
    "retry_pause",
    "soft_delete",
    "unknown_field",
    "validate",
]

__version__: str

AUDIT_OPERATIONS: tuple[str, ...]

_Row = TypeVar("_Row")
_Result = TypeVar("_Result")

@final
class Coroutine(AbstractCoroutine[Any, Any, _Result]):
    """What every verb returns: await it."""

    __name__: str
    def __await__(self) -> Generator[Any, Any, _Result]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any: ...
    def close(self) -> None: ...

@final
class Schema:
    """The tables that a set of models declares."""

    def __new__(cls) -> Self: ...
    def forget(self, table: str) -> None: ...

@final
class Table:
    """The table of one model."""

    def __new__(
        cls,
        schema: Schema,
        model: type,
        name: str,
        fields: list[tuple[str, dict[str, Any]]],
        soft_delete: bool,
        upsert_deleted: str,
        audit: bool,
        together: list[tuple[tuple[str, ...], bool, str | None]],
    ) -> Self: ...
    @staticmethod
    def audit_log(model: type, fields: list[tuple[str, dict[str, Any]]]) -> Table: ...
    @property
    def name(self) -> str: ...

@final
class Database:
    """A database at an address."""

    def __new__(
        cls,
        url: str,
        schema: Schema,
        pool_size: int,
        max_overflow: int,
        pool_timeout: float,
        pool_recycle: float | None,
        pool_pre_ping: bool,
        busy_poll: bool,
        prepared_statements: bool | None = None,
        trace: Callable[[str], object] | None = None,
        timezone: datetime.tzinfo | None = None,
        operators: bool = True,
        audit_keyword: bool = True,
        command_timeout: float | None = None,
    ) -> Self: ...
    def session(self, isolation: str | None = None, command_timeout: float | None = None) -> Session: ...
    def create_tables(self, only: list[str] | None) -> Coroutine[None]: ...
    def create_indexes(self, only: list[str] | None) -> Coroutine[None]: ...
    def drop_tables(self, only: list[str] | None) -> Coroutine[None]: ...
    def close(self) -> Coroutine[None]: ...
    @property
    def address(self) -> str: ...

@final
class Session:
    """One caller's work on a database, in one transaction at a time. Get one from ``db.session()``.

    Example::

        async with db.session() as session:
            post = await Post.create(session, title="Hello")
            post.title = "Hello again"
            await session.commit()
    """

    def commit(self) -> Coroutine[None]:
        """Writes what is pending, and commits. The session goes on with a new transaction.

        Inside a block of ``begin()`` it ends the block: leave it before the session is used again.

        :raises DatabaseError: when the database refuses; everything since the last commit is rolled back then

        Example::

            await Post.create(session, title="kept")
            await session.commit()
        """

    def rollback(self) -> Coroutine[None]:
        """Undoes what was written since the last commit. Objects hold again what they held then; what was pending is
        dropped; one that was created since has no row.

        Inside a block of ``begin()`` it ends the block: leave it before the session is used again.

        Example::

            await Post.create(session, title="dropped")
            await session.rollback()
        """

    def begin(self) -> Transaction:
        """A block of work that happens as a whole: ``async with session.begin():``. It opens the transaction, before
        anything is read in it, when none is open; inside one it is a savepoint.

        :returns: an async context manager that gives this session
        :raises TransactionError: at the block's end, when the database cannot commit

        Example::

            async with session.begin():
                await Post.create(session, title="all")
                await Post.create(session, title="or nothing")
        """

    def begin_nested(self) -> Transaction:
        """A savepoint, in the transaction that is open or a new one. An exception undoes what was written since, and
        nothing else.

        :returns: an async context manager that gives this session as the savepoint's: ``commit()`` and ``rollback()``
            called on that end the savepoint alone

        Example::

            async with session.begin_nested() as savepoint:
                await Post.create(savepoint, title="tried")
                await savepoint.rollback()
        """

    def add(self, object: ModelBase) -> None:
        """Has the row of an object that was made by its class inserted at the next flush, after those of new objects
        that it refers to. An object that does not fit raises at that flush, and stays to be mended. A stored object of
        another session is from then on this session's.

        :raises SessionError: when the session is closed

        Example::

            post = Post(title="added")
            session.add(post)
            await session.flush()
            print(post.id)
        """

    def add_all(self, objects: Iterable[ModelBase]) -> None:
        """Adds several objects, as :meth:`add` does.

        Example::

            session.add_all([Post(title="one"), Post(title="two")])
            await session.commit()
        """

    def delete(self, object: ModelBase, *, force: bool = False) -> Coroutine[None]:
        """Deletes the object's row at once, as ``object.delete(session)`` does: softly when its model has soft delete,
        unless forced.

        Example::

            await session.delete(await Post.create(session, title="short-lived"))
        """

    def __aenter__(self) -> Coroutine[Self]: ...
    def __aexit__(self, *_exception: object) -> Coroutine[None]: ...
    def _enter(self, nested: bool, guarded: bool) -> Coroutine[int]: ...
    def _leave(self, id: int, keep: bool, inside: bool) -> Coroutine[None]: ...
    def _is_open(self, id: int) -> bool: ...
    def _within(self, id: int) -> Session: ...
    def flush(self) -> Coroutine[None]:
        """Writes what is pending, and commits nothing: changed attributes of objects that the session knows, rows added
        to collections.

        :raises ValidationError: when a changed attribute does not fit its field
        :raises RecordDeletedError: when the row of a changed object was deleted after the object read it
        :raises DuplicateRecordError: when another live row holds the same unique key

        Example::

            post = await Post.create(session, title="draft")
            post.title = "final"
            await session.flush()
        """

    def refresh(self, object: ModelBase) -> Coroutine[Any]:
        """As ``object.refresh(session)``: reads its row again.

        Example::

            post = await Post.create(session, title="a")
            await session.refresh(post)
        """

    def execute(
        self, sql: Any, params: Any = None, *, read_only: bool = False, command_timeout: float | None = None
    ) -> Coroutine[Result]:
        """Runs a statement of your own in the session's transaction, which it opens. On PostgreSQL a SELECT may call
        functions that write, and opens it too; on SQLite none does.

        What the statement leaves on its connection (``SET``, temporary tables, locks of the session) lasts until the
        session's next ``commit()`` or ``rollback()``, and reaches no other session.

        :param sql: the statement, with its values named ``:name``
        :param params: the values by name; they are bound, never put into the text
        :param read_only: that it only reads, functions that it calls included: it opens no transaction, and leaves
            nothing that would have to be taken back
        :param command_timeout: how long it may take, in seconds; 0: any time; None: as long as the session says
        :returns: its rows, and how many it changed
        :raises ValidationError: when a value is missing, or is one too many; when it writes and is said to only read
        :raises DatabaseError: when the database refuses the statement

        Example::

            result = await session.execute("SELECT count(*) FROM posts WHERE views > :n", {"n": 10})
            print(result.scalar())
        """

    def close(self) -> Coroutine[None]:
        """Ends the session; what is not committed is rolled back. Idempotent.

        Example::

            await session.close()
            print(session.closed)
        """

    def close_now(self) -> None:
        """The same without waiting: for the end of a program, and for finalizers.

        Example::

            session.close_now()
            print(session.closed)
        """

    @property
    def closed(self) -> bool:
        """Whether it has ended."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open: a write opened one, or ``begin()``."""

@final
class Q:
    """A condition on rows, to be combined: ``&`` is and, ``|`` is or, ``~`` is not.

    :param conditions: other conditions, all of which hold too
    :param filters: as for ``filter()``: ``field=value``, ``field__op=value``, ``field={"op": value}``
    :raises UnknownFieldError: when a query uses it whose model has no such field or operator

    ``~`` selects exactly the other rows, those that hold NULL included. ``Q()`` says nothing::

        adults = Q(age__gte=18) & ~Q(name__contains="x") | Q(role="guest")
        await User.filter(session, adults)
        await User.filter(session, q=adults, active=True)
    """

    def __new__(cls, *conditions: Q, **filters: Any) -> Self: ...
    def __and__(self, other: Q, /) -> Q: ...
    def __or__(self, other: Q, /) -> Q: ...
    def __rand__(self, other: Q, /) -> Q: ...
    def __ror__(self, other: Q, /) -> Q: ...
    def __invert__(self) -> Q: ...
    def __bool__(self) -> bool: ...

@final
class Query(Generic[_Row]):
    """The rows of a model that fulfil some filters. ``await`` it for a list.

    Example::

        query = Post.filter(session, published=True).order_by("-views")
        for post in await query.limit(20):
            print(post.title)
        print(await query.count())
    """

    def __class_getitem__(cls, item: Any) -> Any: ...
    def __await__(self) -> Generator[Any, Any, list[_Row]]: ...
    def __aiter__(self) -> Stream[_Row]: ...
    def stream(self, batch_size: int = 1000) -> Stream[_Row]:
        """Its rows one by one, as ``async for`` over the query itself gives them, read in batches of this size.

        Memory holds one batch, whatever the number of rows. Between two batches no connection and no transaction is
        held, so that the loop's body may read and write through the same session, and ``break`` leaves nothing
        behind. Relations of ``include()`` are loaded for each batch. What is written meanwhile is seen as far as it
        lies ahead; a row whose place in the order is changed may be missed or come twice.

        :param batch_size: rows read at once, 1 to 1,000,000
        :raises ValidationError: when it is not; when the order is one of documents or lists

        Example::

            async for post in Post.filter(session, published=True).stream(batch_size=500):
                print(post.title)
        """

    def batches(self, size: int = 1000) -> Stream[list[_Row]]:
        """As :meth:`stream`, in lists of this size; the last may be shorter.

        :param size: rows of a list, 1 to 1,000,000

        Example::

            async for posts in Post.all(session).batches(500):
                print(len(posts))
        """

    def paginate(self, page: int = 1, page_size: int = 20) -> Coroutine[Page[_Row]]:
        """A page of its rows, by its number, and how many there are: two statements.

        :param page: the number of the page, from 1; one past the end is empty
        :param page_size: rows of a page, from 1
        :returns: a dictionary with ``items``, ``total``, ``page``, ``page_size``, ``total_pages``, ``has_next`` and
            ``has_prev``
        :raises ValidationError: for a number that is no int or below 1, and for a query with a limit or offset

        Example::

            page = await Post.filter(session, published=True).order_by("-views").paginate(page=1, page_size=10)
            print(page["total"], [post.title for post in page["items"]])
        """

    def paginate_by_cursor(self, cursor: str | None = None, page_size: int = 20) -> Coroutine[CursorPage[_Row]]:
        """A page of its rows behind a cursor: one statement, as quick for the last page as for the first.

        :param cursor: the ``next_cursor`` of the page before; None for the first page
        :param page_size: rows of a page, from 1
        :returns: a dictionary with ``items``, ``next_cursor`` (None on the last page), ``has_next`` and ``page_size``
        :raises ValidationError: for a cursor that was not given out for this list in this order, a page size below 1,
            an order of documents or lists, and a query with a limit or offset

        Example::

            query = Post.filter(session, published=True).order_by("-created_at")
            page = await query.paginate_by_cursor(page_size=10)
            page = await query.paginate_by_cursor(page["next_cursor"], page_size=10)
        """

    def filter(self, *conditions: Q, **filters: Any) -> Query[_Row]:
        """The rows that also fulfil these.

        Example::

            posts = await Post.all(session).filter(published=True)
        """

    def order_by(self, *names: str | Iterable[str]) -> Query[_Row]:
        """In this order; a minus before a name means largest first. NULL is smaller than every value.

        Example::

            posts = await Post.all(session).order_by("-views", "id")
        """

    def include(self, *names: str, with_deleted: bool = False) -> Query[_Row]:
        """With these relations loaded, each by one statement. Dots lead to relations of relations.

        :param names: relations, such as ``"author"`` and ``"comments.author"``
        :param with_deleted: read deleted rows of the last relation of each name too
        :raises UnknownFieldError: when a model has no relation of that name

        Example::

            posts = await Post.all(session).include("author")
        """

    def limit(self, rows: int | None) -> Query[_Row]:
        """At most this many rows.

        Example::

            posts = await Post.all(session).limit(20)
        """

    def offset(self, rows: int) -> Query[_Row]:
        """After leaving out this many rows.

        Example::

            posts = await Post.all(session).limit(20).offset(40)
        """

    def count(self) -> Coroutine[int]:
        """How many rows there are.

        Example::

            print(await Post.filter(session, published=True).count())
        """

    def exists(self) -> Coroutine[bool]:
        """Whether there is any row.

        Example::

            print(await Post.filter(session, published=True).exists())
        """

    def first(self) -> Coroutine[_Row | None]:
        """The first row, by the query's order, equal ones by key; or None.

        Example::

            post = await Post.all(session).order_by("-views").first()
        """

    def last(self) -> Coroutine[_Row | None]:
        """The last row, by the query's order, equal ones by key; or None.

        Example::

            post = await Post.all(session).order_by("-views").last()
        """

    def update(self, *, all: bool = False, _audit_user_id: Any = None, **values: Any) -> Coroutine[int]:
        """Gives these values to each row that the query finds, by one statement. Its order, limit and offset say which
        rows that are.

        :param all: every row is meant: without it, a query that has no condition is refused
        :param _audit_user_id: who changes, for this call, where the task has set no user
        :param values: fields, and references as ``author=user``
        :returns: how many rows there were
        :raises ValidationError: when a value does not fit, or the query has no condition
        :raises DuplicateRecordError: when a unique value is taken

        Example::

            changed = await Post.filter(session, published=False).update(published=True)
        """

    def delete(self, *, force: bool = False, all: bool = False, _audit_user_id: Any = None) -> Coroutine[int]:
        """Deletes each row that the query finds: softly when the model has soft delete, all of them as one deletion;
        else, and with ``force``, from the database.

        :param force: remove the rows from the database
        :param all: every row is meant: without it, a query that has no condition is refused
        :param _audit_user_id: who deletes, for this call, where the task has set no user
        :returns: how many rows there were
        :raises ValidationError: when the query has no condition
        :raises RestrictedError: when a live row refers to one of them with ``on_delete="RESTRICT"``

        Example::

            deleted = await Post.filter(session, published=False).delete()
        """

    def soft_delete(
        self, *, cascade: bool = False, reason: str | None = None, all: bool = False, _audit_user_id: Any = None
    ) -> Coroutine[Deletion]:
        """Deletes each live row that the query finds, as one deletion, which can be undone as one.

        :param cascade: take the rows that refer to them along, as their ``on_delete`` has it
        :param reason: why, for the journal of deletions
        :param all: every row is meant: without it, a query that has no condition is refused
        :param _audit_user_id: who deletes, for this call, where the task has set no user
        :returns: the deletion: its id, instant, and rows per table
        :raises ValidationError: when the query has no condition
        :raises RestrictedError: when a live row refers to one of them with ``on_delete="RESTRICT"``

        Example::

            deletion = await Post.filter(session, published=False).soft_delete(reason="spring cleaning")
            await deletion.undo(session)
        """

    def restore(
        self, *, cascade: bool = False, ancestors: bool = False, all: bool = False, _audit_user_id: Any = None
    ) -> Coroutine[Restoration]:
        """Makes the deleted rows that fulfil the query's filters live again, whether the query sees them or not.

        :param cascade: restore all that was deleted together with them
        :param ancestors: restore deleted parents too
        :param all: every row is meant: without it, a query that has no condition is refused
        :param _audit_user_id: who restores, for this call, where the task has set no user
        :returns: what is live again: rows per table
        :raises ValidationError: when the query has no condition
        :raises RestoreConflict: when a live row took a unique key, or a parent was deleted by a cascade

        Example::

            restored = await Post.only_deleted(session, published=False).restore()
        """

@final
class Stream(Generic[_Row]):
    """The rows of a query on their way through an ``async for``: see :meth:`Query.stream`. A stream is read once; one
    that was left early goes on where it was left.

    Example::

        posts = Post.all(session).stream(batch_size=100)
        async for post in posts:
            print(post.title)
            break
        print([post.title async for post in posts])
    """

    def __class_getitem__(cls, item: Any) -> Any: ...
    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Awaitable[_Row]: ...

@final
class LinkTable:
    """A table of links between two tables: columns, and the tables they refer to."""

    def __new__(cls, schema: Schema, name: str, left: tuple[str, str], right: tuple[str, str]) -> Self: ...
    @property
    def name(self) -> str: ...

@final
class RelationPath:
    """Where a relation leads."""

    def __new__(
        cls,
        name: str,
        place: str,
        owner: Table,
        target: Table,
        many: bool,
        key: str,
        links: LinkTable | Table | None = None,
        far: str | None = None,
    ) -> Self: ...

@final
class RelationLoader:
    """What reads the rows that belong to one row, and links rows to it."""

    def load(self) -> Coroutine[list[Any]]: ...
    def load_now(self) -> list[Any]: ...
    def collect(self, owner: ModelBase, rows: list[Any]) -> Any: ...
    def query(self) -> Query[Any]: ...
    def link(self, object: ModelBase, linked: bool) -> None: ...
    def opposite(self, object: ModelBase) -> list[Any]: ...
    @property
    def relation(self) -> Any: ...
    @property
    def key(self) -> Any: ...
    @property
    def is_null(self) -> bool: ...
    @property
    def place(self) -> str: ...
    @property
    def lives(self) -> int: ...
    @property
    def scope(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    def note(self, collection: Any, rows: list[Any], noted: int) -> int: ...

@final
class Deletion:
    """A deletion that was carried out.

    Example::

        post = await Post.get(session, 1)
        deletion = await post.soft_delete(session)
        print(deletion.id, deletion.at, deletion.rows, deletion.total)
        await deletion.undo(session)
    """

    @property
    def id(self) -> uuid.UUID:
        """Its id in the journal of deletions, a UUID of version 7."""

    @property
    def at(self) -> datetime.datetime:
        """The instant that each row it took carries as ``deleted_at``."""

    @property
    def rows(self) -> dict[str, int]:
        """How many rows it took, by table."""

    @property
    def total(self) -> int:
        """How many rows it took in all."""

    def undo(self, session: AnySession, *, _audit_user_id: Any = None) -> Coroutine[Restoration]:
        """Restores every row that this deletion still holds.

        :returns: the restore: its rows per table
        :raises RestoreConflict: when a live row took a unique key of one of them

        Example::

            post = await Post.create(session, title="a")
            deletion = await post.soft_delete(session)
            await deletion.undo(session)
        """

@final
class Restoration:
    """A restore that was carried out.

    Example::

        post = await Post.get(session, 1)
        await post.soft_delete(session)
        restoration = await post.restore(session)
        print(restoration.rows, restoration.total)
    """

    @property
    def rows(self) -> dict[str, int]:
        """How many rows it restored, by table."""

    @property
    def handed_over(self) -> dict[str, int]:
        """How many rows stay deleted because another deletion holds them too, by table."""

    @property
    def total(self) -> int:
        """How many rows it restored in all."""

@final
class Response(MutableMapping[str, Any]):
    """The fields of a row for an answer: a mapping whose values are what JSON has. ``answer.title`` is
    ``answer["title"]``, for names that no method has.

    Example::

        post = await Post.get(session, 1)
        answer = post.to_response()
        answer["url"] = f"/posts/{post.id}"
    """

    def __getattribute__(self, name: str, /) -> Any: ...
    def __getitem__(self, key: str, /) -> Any: ...
    def __setitem__(self, key: str, value: Any, /) -> None: ...
    def __delitem__(self, key: str, /) -> None: ...
    def __iter__(self) -> Iterator[str]: ...
    def __reversed__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __or__(self, other: Mapping[str, Any], /) -> dict[str, Any]: ...
    def __ror__(self, other: dict[str, Any], /) -> dict[str, Any]: ...
    def __ior__(self, other: Mapping[str, Any], /) -> Self: ...
    def get(self, key: str, default: Any = None) -> Any:
        """The value of a field, or the default."""

    def pop(self, key: str, /, *default: Any) -> Any:
        """Takes a field out, and returns its value, or the default when there is one."""

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of a field, which is the default from here on when it was not there."""

    def copy(self) -> dict[str, Any]:
        """The fields as a dictionary of its own."""

    def model_dump(self) -> dict[str, Any]:
        """The fields as a dictionary of its own, by the name that pydantic's models have for it.

        Example::

            print((await Post.get(session, 1)).to_response().model_dump())
        """

@disjoint_base
class ModelBase:
    """The base of all models."""

    def __new__(cls, *_args: Any, **_values: Any) -> Self: ...
    @classmethod
    def get(cls, session: AnySession, id: Any) -> Coroutine[Self | None]:
        """The live row with this key, or None.

        :param id: the key
        :raises KeyOutOfRangeError: for a number beyond 64 bits, which no row can have

        Example::

            post = await Post.get(session, 1)
            print("no such post" if post is None else post.title)
        """

    @classmethod
    def get_or_404(cls, session: AnySession, id: Any) -> Coroutine[Self]:
        """The live row with this key.

        :raises RecordNotFoundError: when there is none

        Example::

            post = await Post.get_or_404(session, 1)
        """

    @classmethod
    def get_by(cls, session: AnySession, *conditions: Q, **filters: Any) -> Coroutine[Self | None]:
        """The live row that has these values, the first by key when there are several, or None. A dictionary of
        operators is an error, for a client may send one in place of a value: ``filter(...).first()`` takes it.

        :raises ValidationError: without any filter, or for a dictionary of operators

        Example::

            user = await User.get_by(session, username="ada")
        """

    @classmethod
    def all(cls, session: AnySession, limit: int | None = None, offset: int = 0) -> Query[Self]:
        """The live rows.

        :param limit: at most so many rows
        :param offset: leave so many rows out first
        :returns: a query: awaitable for a list, or to be refined

        Example::

            posts = await Post.all(session, limit=20)
        """

    @classmethod
    def filter(cls, session: AnySession, *conditions: Q, **filters: Any) -> Query[Self]:
        """The live rows that fulfil the filters.

        :param conditions: ``Q`` objects; ``q=Q(...)`` means the same
        :param filters: ``field=value`` (None: IS NULL), ``field__op=value``, or ``field={"op": value, ...}``, all of
            which hold. The operators are ``eq ne gt gte lt lte in not_in between contains icontains startswith
            endswith iexact is_null``; texts are taken literally, and ``contains`` minds the case
        :returns: a query: awaitable for a list, or to be refined
        :raises UnknownFieldError: for a field or operator that is not there

        Example::

            posts = await Post.filter(session, published=True, views__gte=10).order_by("-views").limit(5)
        """

    @classmethod
    def filter_by(
        cls,
        session: AnySession,
        *conditions: Q,
        order_by: str | Iterable[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> Query[Self]:
        """As :meth:`filter`, with the order and the page as keywords.

        Example::

            posts = await Post.filter_by(session, order_by="-views", limit=5, published=True)
        """

    @classmethod
    def first(
        cls, session: AnySession, *conditions: Q, order_by: str | Iterable[str] | None = None, **filters: Any
    ) -> Coroutine[Self | None]:
        """The first live row that fulfils the filters, by this order or else by key, or None. No dictionaries of
        operators: see :meth:`get_by`.

        Example::

            post = await Post.first(session, order_by="-views", published=True)
        """

    @classmethod
    def last(
        cls, session: AnySession, *conditions: Q, order_by: str | Iterable[str] | None = None, **filters: Any
    ) -> Coroutine[Self | None]:
        """The last live row that fulfils the filters, by this order or else by key, or None. No dictionaries of
        operators: see :meth:`get_by`.

        Example::

            post = await Post.last(session, order_by="created_at")
        """

    @classmethod
    def paginate(
        cls,
        session: AnySession,
        page: int = 1,
        page_size: int = 20,
        *conditions: Q,
        order_by: str | Iterable[str] | None = None,
        **filters: Any,
    ) -> Coroutine[Page[Self]]:
        """A page of the live rows that fulfil the filters, by its number, and how many there are.

        :param page: the number of the page, from 1; one past the end is empty
        :param page_size: rows of a page, from 1
        :param order_by: fields, with a minus for the largest first; equal rows follow by key
        :returns: a dictionary with ``items``, ``total``, ``page``, ``page_size``, ``total_pages``, ``has_next`` and
            ``has_prev``
        :raises ValidationError: for a number that is no int or below 1
        :raises UnknownFieldError: for a field or operator that is not there

        Example::

            page = await Post.paginate(session, page=1, page_size=10, order_by="-views", published=True)
            print(page["total_pages"], [post.title for post in page["items"]])
        """

    @classmethod
    def paginate_by_cursor(
        cls,
        session: AnySession,
        cursor: str | None = None,
        page_size: int = 20,
        *conditions: Q,
        order_by: str | Iterable[str] | None = None,
        **filters: Any,
    ) -> Coroutine[CursorPage[Self]]:
        """A page of the live rows that fulfil the filters, behind a cursor.

        :param cursor: the ``next_cursor`` of the page before; None for the first page
        :param page_size: rows of a page, from 1
        :param order_by: fields, with a minus for the largest first; equal rows follow by key
        :returns: a dictionary with ``items``, ``next_cursor`` (None on the last page), ``has_next`` and ``page_size``
        :raises ValidationError: for a cursor that was not given out for this list in this order, a page size below 1,
            and an order of documents or lists
        :raises UnknownFieldError: for a field or operator that is not there

        Example::

            page = await Post.paginate_by_cursor(session, page_size=10, order_by="-created_at")
            cursor = page["next_cursor"]
            page = await Post.paginate_by_cursor(session, cursor, page_size=10, order_by="-created_at")
        """

    @classmethod
    def count(cls, session: AnySession, *conditions: Q, **filters: Any) -> Coroutine[int]:
        """How many live rows fulfil the filters.

        Example::

            print(await Post.count(session, published=True))
        """

    @classmethod
    def exists(cls, session: AnySession, *conditions: Q, **filters: Any) -> Coroutine[bool]:
        """Whether any live row fulfils the filters.

        Example::

            print(await Post.exists(session, title="Hello"))
        """

    @classmethod
    def create(cls, session: AnySession, *, _audit_user_id: Any = None, **values: Any) -> Coroutine[Self]:
        """A new row, written at once and committed with the session.

        :param values: fields, and relations: ``author=user`` sets the foreign key
        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :returns: the object, with its key, defaults and instants filled in
        :raises ValidationError: when a value does not fit its field, or a required one is missing
        :raises UnknownFieldError: for a field that is not there
        :raises DuplicateRecordError: when another live row holds the same unique key
        :raises ConstraintError: when a foreign key names no live row

        Example::

            post = await Post.create(session, title="Hello")
            print(post.id)
        """

    @classmethod
    def get_or_create(
        cls,
        session: AnySession,
        defaults: Mapping[str, Any] | None = None,
        *,
        _audit_user_id: Any = None,
        **filters: Any,
    ) -> Coroutine[tuple[Self, bool]]:
        """The live row with these values, the first by key when there are several; or else a new one. One step: of
        several callers at once, one creates the row and the others find it.

        A deleted row with the values is the matter of the model's ``__upsert_deleted__``: ``"new"``, the default, makes
        a new row beside it; ``"revive"`` restores it, as ``restore()`` does; ``"reject"`` is an error.

        :param defaults: what a new row is to have too; a function is called when a row is created
        :param filters: exact values, by field or relation to one row; None means NULL. Operators are refused
        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :returns: the object, and whether its row is new; a revived row is not
        :raises ValidationError: when a value does not fit its field, for an operator, and without any filter
        :raises UnknownFieldError: for a field that is not there
        :raises DuplicateRecordError: when another live row, without these values, holds a unique key of the new one
        :raises RecordDeletedError: when the values are those of a deleted row, by ``"reject"`` or by its key
        :raises RestoreConflict: when a row cannot be revived

        Example::

            user, created = await User.get_or_create(session, username="ada", defaults={"email": "ada@example.com"})
            print(user.id, created)
        """

    @classmethod
    def update_or_create(
        cls,
        session: AnySession,
        defaults: Mapping[str, Any] | None = None,
        *,
        _audit_user_id: Any = None,
        **filters: Any,
    ) -> Coroutine[tuple[Self, bool]]:
        """The live row with these values, changed; or else a new one, as :meth:`get_or_create`.

        :param defaults: what the row is to have; functions are called. A revived row takes them too
        :param filters: exact values, by field or relation to one row; None means NULL. Operators are refused
        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :returns: the object, and whether its row is new; a revived row is not
        :raises ValidationError: as :meth:`get_or_create`, and when several live rows have the values
        :raises UnknownFieldError: for a field that is not there
        :raises DuplicateRecordError: when another live row holds a unique key that the row is to have
        :raises RecordDeletedError: when the values are those of a deleted row, by ``"reject"`` or by its key
        :raises RestoreConflict: when a row cannot be revived

        Example::

            user, created = await User.update_or_create(session, username="ada", defaults={"age": 37})
            print(user.age, created)
        """

    @classmethod
    def bulk_create(
        cls,
        session: AnySession,
        rows: Iterable[Mapping[str, Any]],
        *,
        return_instances: bool = True,
        _audit_user_id: Any = None,
    ) -> Coroutine[list[Self]]:
        """New rows with these values, all or none. The number of statements does not grow with the rows, up to what
        the database takes in one.

        :param rows: a dict of fields for each row, as for :meth:`create`; they may have different fields, and stay as
            they are
        :param return_instances: without it no objects are made, and the list that is returned is empty
        :param _audit_user_id: who creates, for this call, where the task has set no user
        :returns: the objects, in the order of their dicts
        :raises ValidationError: when a value does not fit; the message says which row it is in, counted from 0
        :raises DuplicateRecordError: when a unique value is taken, or there twice

        Example::

            posts = await Post.bulk_create(session, [{"title": "One"}, {"title": "Two", "published": True}])
        """

    @classmethod
    def bulk_update(
        cls,
        session: AnySession,
        rows: Iterable[Mapping[str, Any]],
        id_field: str | None = None,
        *,
        fields: list[str] | None = None,
        _audit_user_id: Any = None,
    ) -> Coroutine[int]:
        """Changes live rows, each to values of its own, all or none. The number of statements does not grow with the
        rows, up to what the database takes in one.

        :param rows: for each row a dict of its key and the fields to change; they may have different fields, and stay
            as they are. Of a key that comes twice, what is said last counts
        :param id_field: the name of the key in the dicts: by default the model's own
        :param fields: write these only, whatever else the dicts hold
        :param _audit_user_id: who changes, for this call, where the task has set no user
        :returns: how many rows there were: keys without a live row are passed over
        :raises ValidationError: when a value does not fit; the message says which row it is in, counted from 0
        :raises DuplicateRecordError: when a unique value is taken, or there twice

        Example::

            changed = await Post.bulk_update(session, [{"id": 1, "title": "Uno"}, {"id": 2, "published": False}])
        """

    @classmethod
    def bulk_delete(
        cls, session: AnySession, ids: Iterable[Any], *, force: bool = False, _audit_user_id: Any = None
    ) -> Coroutine[int]:
        """Deletes the rows with these keys: softly when the model has soft delete, all of them as one deletion; else,
        and with ``force``, from the database.

        :param ids: keys; those without a row are passed over
        :param force: remove the rows, live or deleted, from the database
        :param _audit_user_id: who deletes, for this call, where the task has set no user
        :returns: how many rows were deleted
        :raises RestrictedError: when a live row refers to one of them with ``on_delete="RESTRICT"``

        Example::

            deleted = await Post.bulk_delete(session, [1, 2, 3])
        """

    @classmethod
    def update_by_id(
        cls, session: AnySession, id: Any, *, _audit_user_id: Any = None, **values: Any
    ) -> Coroutine[Self | None]:
        """Sets these attributes of the live row with this key.

        :returns: the object, or None when there is no such row
        :raises ValidationError: when a value does not fit

        Example::

            post = await Post.update_by_id(session, 1, title="Uno")
        """

    @classmethod
    def delete_by_id(
        cls, session: AnySession, id: Any, *, force: bool = False, _audit_user_id: Any = None
    ) -> Coroutine[bool]:
        """Deletes the row with this key: softly when the model has soft delete, unless forced.

        :param force: remove the row, live or deleted, from the database
        :returns: whether there was one: a row that is deleted already is none, unless forced

        Example::

            there = await Post.delete_by_id(session, 1)
        """

    def update(self, session: AnySession, *, _audit_user_id: Any = None, **values: Any) -> Coroutine[Self]:
        """Sets these attributes and writes them, with what else was changed on the object. All are checked before the
        first is set.

        :param values: fields, and relations
        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :returns: the object
        :raises ValidationError: when a value does not fit its field
        :raises UnknownFieldError: for a field that is not there
        :raises RecordDeletedError: when the row was deleted after the object read it, or restored after the object was
            taken from the trash
        :raises RecordNotFoundError: when the row is gone
        :raises DuplicateRecordError: when another live row holds the same unique key

        Example::

            post = await Post.create(session, title="Hello")
            await post.update(session, title="Goodbye")
        """

    def update_fields(self, session: AnySession, *, _audit_user_id: Any = None, **values: Any) -> Coroutine[Self]:
        """Another name of :meth:`update`.

        Example::

            post = await Post.create(session, title="Hello")
            await post.update_fields(session, title="Goodbye")
        """

    def save(self, session: AnySession, *, _audit_user_id: Any = None) -> Coroutine[Self]:
        """Writes what was changed on the object; creates its row when it has none.

        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :returns: the object
        :raises ValidationError: when a value does not fit its field
        :raises RecordDeletedError: as :meth:`update`
        :raises RecordNotFoundError: when the row is gone
        :raises DuplicateRecordError: when another live row holds the same unique key

        Example::

            post = Post(title="Hello")
            await post.save(session)
            post.title = "Goodbye"
            await post.save(session)
        """

    def delete(self, session: AnySession, *, force: bool = False, _audit_user_id: Any = None) -> Coroutine[None]:
        """Deletes the row: softly when the model has soft delete, physically when it has none or ``force`` is true. To
        remove a row that is gone already changes nothing.

        :param force: remove the row from the database, with what its foreign keys' ``on_delete`` takes along
        :param _audit_user_id: who acts, for the audit log, where the task has set no user
        :raises RestrictedError: when a row refers to it with ``on_delete="RESTRICT"``
        :raises RecordDeletedError: when an object from the trash is to be removed whose row was restored since
        :raises RecordNotFoundError: when the row to delete softly is gone

        Example::

            post = await Post.create(session, title="Hello")
            await post.delete(session, force=True)
        """

    def refresh(self, session: AnySession) -> Coroutine[Self]:
        """Reads the row again, live or deleted; forgets loaded relations.

        :returns: the object
        :raises RecordNotFoundError: when the row is gone

        Example::

            post = await Post.create(session, title="Hello")
            await session.execute("UPDATE posts SET views = 7 WHERE id = :id", {"id": post.id})
            print((await post.refresh(session)).views)
        """

    def to_dict(self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None) -> dict[str, Any]:
        """The fields as a dictionary of what JSON has: dates as ISO 8601 text, instants with their offset, decimals and
        UUIDs as text, enumerations by value.

        :param include: these fields only
        :param exclude: all but these
        :raises UnknownFieldError: for a field that is not there

        Example::

            post = await Post.create(session, title="Hello")
            print(post.to_dict(include=["id", "title"]))
        """

    def to_response(self) -> Response:
        """The fields for an answer: the mapping that :meth:`to_dict` gives, of a type that FastAPI's encoder passes at
        once.

        Example::

            post = await Post.create(session, title="Hello")
            print(post.to_response()["title"])
        """

def audit_log_columns() -> list[tuple[str, str, bool, bool]]: ...
def bulk_restore(
    model: type,
    session: AnySession,
    ids: Iterable[Any],
    *,
    cascade: bool = False,
    ancestors: bool = False,
    _audit_user_id: Any = None,
) -> Coroutine[int]: ...
def bulk_soft_delete(
    model: type,
    session: AnySession,
    ids: Iterable[Any],
    *,
    cascade: bool = False,
    reason: str | None = None,
    _audit_user_id: Any = None,
) -> Coroutine[int]: ...
def filter(model: type[_Row], session: AnySession, rows: str, filters: dict[str, Any] | None) -> Query[_Row]: ...
def get(model: type[_Row], session: AnySession, id: Any, rows: str = "live") -> Coroutine[_Row | None]: ...
def isolation(name: str) -> str: ...
def is_alone(object: ModelBase) -> bool: ...
def fill_defaults(object: ModelBase) -> None: ...
def is_stored(object: ModelBase) -> bool: ...
def keep_related(object: ModelBase, name: str, value: Any) -> None: ...
def relation_loader(object: ModelBase, relation: Any, path: RelationPath, class_: type) -> RelationLoader: ...
def restore(
    object: Any, session: AnySession, *, cascade: bool = False, ancestors: bool = False, _audit_user_id: Any = None
) -> Coroutine[Restoration]: ...
def actor_text(name: str, user: Any) -> str: ...
def retry_pause(failures: int) -> float: ...
def soft_delete(
    object: Any, session: AnySession, *, cascade: bool = False, reason: str | None = None, _audit_user_id: Any = None
) -> Coroutine[Deletion]: ...
def unknown_field(class_: type, name: str) -> UnknownFieldError: ...
def validate(description: dict[str, Any], name: str, value: Any) -> None: ...
