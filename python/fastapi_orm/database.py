"""Databases, and the sessions that work on them."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterable
from datetime import tzinfo
from types import TracebackType
from typing import Any, Protocol, runtime_checkable
from urllib.parse import unquote

from . import _engine
from .exceptions import FastAPIOrmException, ValidationError
from .model import Base, Model
from .registry import Registry
from .request import commit_before_response
from .result import Result
from .session_settings import SessionSettings, seconds, shown
from .timezones import zone_of

__all__ = ["Base", "Database", "SessionContext"]


@runtime_checkable
class Address(Protocol):
    """An address of pydantic's: its text shows a password only when it is asked for by this name."""

    def unicode_string(self) -> str:
        """Its text."""
        ...


class Database:
    """A database at an address.

    :param url: ``sqlite:///./app.db``, ``sqlite+aiosqlite:///:memory:``; a driver's suffix means nothing. A
        ``PostgresDsn`` of pydantic's is one too
    :param echo: log each statement (logger ``fastapi_orm``)
    :param pool_size: connections kept open
    :param max_overflow: connections opened beyond that under load
    :param pool_timeout: how long to wait for a free connection, in seconds; on SQLite also for the turn to write, when
        the address has no ``timeout``
    :param pool_recycle: how old a connection to a server may be, in seconds, before a fresh one takes its place; -1 or
        None: any age. A file does not age
    :param pool_pre_ping: whether a connection to a server that was not used for ten seconds is asked whether it is
        still there before it is used. One that the server has closed is seen without asking; a file does not go away
    :param base: the base of the models it holds (see :func:`fastapi_orm.testing.create_test_model_base`)
    :param timezone: the zone of its datetimes: a name such as ``"Europe/Vienna"``, or a ``tzinfo``. They come out
        aware, in that zone, and naive ones given to it mean that zone. None: naive, in local time
    :param prepared_statements: False when a pooler stands before the server that gives each transaction another
        connection, as PgBouncer does in transaction mode: nothing is prepared on a connection then. None: what the
        address says, and else True. It means nothing for a file
    :param command_timeout: how long the database may take for a statement, or for the beginning or the end of a
        transaction, in seconds. What takes longer is stopped, also when the network is silent, and raises
        :class:`DatabaseTimeoutError`; its transaction is rolled back. None or 0: any time
    :param busy_poll: whether a task that is alone on its loop may look for the answer of a server, for at most 150
        microseconds, instead of sleeping until it comes: a server on the same machine answers faster than a thread is
        woken. Where answers take longer, nothing is looked for. It means nothing for a file
    :param operators: False: a dictionary that is given for a field (``age={"gte": 18}``) is an error, so that a handler
        may pass on values that a client sent; operators are named in the keyword (``age__gte=18``)
    :param audit_keyword: False: ``_audit_user_id=`` is an error on every verb; ``set_audit_user`` says who acts
    :raises DatabaseUnavailableError: when no driver speaks the address
    :raises ValidationError: when an argument is of another kind, or there is no such zone

    Example::

        db = Database("sqlite:///./app.db")
        await db.create_tables()
        async with db.session() as session:
            print(session.in_transaction)
        await db.close()
    """

    def __init__(
        self,
        url: str | Address,
        echo: bool = False,
        pool_size: int = 5,
        max_overflow: int = 10,
        pool_timeout: float = 30.0,
        pool_recycle: float | None = 3600,
        pool_pre_ping: bool = True,
        base: Any = None,
        timezone: str | tzinfo | None = None,
        prepared_statements: bool | None = None,
        busy_poll: bool = True,
        operators: bool = True,
        audit_keyword: bool = True,
        command_timeout: float | None = None,
    ) -> None:
        if isinstance(url, Address):
            url = url.unicode_string()
        if not isinstance(url, str):
            # It may hold a password.
            kind = type(url).__name__
            raise ValidationError("url", f"expects an address such as sqlite:///./app.db as a str, got a {kind}")
        if not _is_text(url):
            # Not within the handler of the encoder's exception, which holds the address.
            raise ValidationError("url", "has a character that is no text, a lone surrogate: write the byte as %XX")
        for name, number in (("pool_size", pool_size), ("max_overflow", max_overflow)):
            if not isinstance(number, int) or not 0 <= number < 2**31:
                raise ValidationError(name, f"expects a number of connections, 0 or more, got {shown(number)}")
        registry = getattr(Model if base is None else base, "__registry__", None)
        if registry is None:
            raise ValidationError("base", f"expects the Base of create_test_model_base(), or None, got {base!r}")
        self._registry: Registry = registry
        self._url = _masked(url)
        self._echo = bool(echo)
        self._pool = {"pool_size": pool_size, "max_overflow": max_overflow, "pool_timeout": pool_timeout}
        self._created = False
        self._engine = _engine.Database(
            url,
            self._registry.schema,
            pool_size,
            max_overflow,
            pool_timeout,
            None if pool_recycle == -1 else pool_recycle,
            bool(pool_pre_ping),
            bool(busy_poll),
            None if prepared_statements is None else bool(prepared_statements),
            _echo if echo else None,
            zone_of(timezone),
            bool(operators),
            bool(audit_keyword),
            command_timeout=seconds(command_timeout),
        )

    @property
    def database_url(self) -> str:
        """The address as it was given; a password is masked."""
        return self._url

    @property
    def echo(self) -> bool:
        """Whether statements are logged."""
        return self._echo

    async def create_tables(self, models: list[Any] | None = None) -> None:
        """Creates the tables that are not there yet: of all models, or of those given.

        :raises SchemaError: when a relation or foreign key leads nowhere

        Example::

            db = Database("sqlite:///./app.db")
            await db.create_tables()
        """
        self._registry.check()
        await self._engine.create_tables(self._names(models))
        self._created = True

    async def create_indexes(self, models: list[Any] | None = None) -> None:
        """Creates the indexes that are not there yet on tables that are, one after the other: of all models, or of
        those given. On PostgreSQL others go on writing meanwhile (``CONCURRENTLY``), which :meth:`create_tables` does
        not allow on a table that is there and lacks one.

        :raises DuplicateRecordError: when a unique index would hold values twice; indexes made before it stay
        :raises MissingTableError: when a table is not there

        Example::

            await db.create_indexes([Post])
        """
        self._registry.check()
        await self._engine.create_indexes(self._names(models))

    async def drop_tables(self, models: list[Any] | None = None) -> None:
        """Drops the tables with all their rows: of all models, or of those given.

        :param models: the models whose tables to drop, in any order; the log and the journal stay then
        :raises ConstraintError: when rows of another table refer to rows of these

        Example::

            db = Database("sqlite:///./app.db")
            await db.create_tables()
            await db.drop_tables()
        """
        await self._engine.drop_tables(self._names(models))

    def _names(self, models: list[Any] | None) -> list[str] | None:
        """The tables of models, and of the links between them."""
        if models is None:
            return None
        if isinstance(models, (str, type)) or not isinstance(models, Iterable):
            raise ValidationError("models", f"expects a list of models, got {models!r}")
        names = []
        for model in models:
            if not isinstance(getattr(model, "__tablename__", None), str):
                raise ValidationError("models", f"expects models that have a table, got {model!r} among them")
            names.append(model.__tablename__)
        return [*names, *(name for name in self._registry.links_between(set(names)) if name not in names)]

    def get_session(self, *, isolation: str | None = None, command_timeout: float | None = None) -> SessionContext:
        """A session as an async generator of one, for ``Depends``: commits when the request is done, before its
        response is sent; rolls back when it failed.

        :param isolation: as for :meth:`session`
        :param command_timeout: as for :meth:`session`

        Example::

            async def get_db():
                async for session in db.get_session():
                    yield session
        """
        return SessionContext(self._engine, SessionSettings.checked(isolation, command_timeout))

    def session(self, *, isolation: str | None = None, command_timeout: float | None = None) -> SessionContext:
        """A session as an async context manager: commits at the end, rolls back on an exception.

        :param isolation: what its transactions see of others that run at the same time: ``"read committed"`` (the
            default), where each statement sees what was committed before it; ``"repeatable read"``, where all
            statements see what was committed before the first; ``"serializable"``, where transactions are as if they
            ran one after another, and one that could not have raises :class:`SerializationError`: run it again. With
            the latter two a transaction begins with the first read; on SQLite, where one transaction writes at a time,
            it takes the turn to write then
        :param command_timeout: how long the database may take for a command of this session, in seconds; 0: any time;
            None: as long as the :class:`Database` says
        :raises ValidationError: when there is no such level or time

        Example::

            async with db.session() as session:
                await Post.create(session, title="kept")
            async with db.session(isolation="serializable") as strict:
                print(await Post.count(strict))
        """
        return SessionContext(self._engine, SessionSettings.checked(isolation, command_timeout))

    async def execute_raw(
        self, sql: Any, params: Any = None, *, read_only: bool = False, command_timeout: float | None = None
    ) -> Result:
        """Runs a statement of your own in a transaction of its own, and commits.

        :param sql: the statement, with its values named ``:name``
        :param params: the values by name; they are bound, never put into the text
        :param read_only: that it only reads, functions that it calls included: on PostgreSQL it needs no transaction
            then, and nothing is taken back on its connection, which saves a round trip
        :param command_timeout: how long the database may take for it, as for :meth:`session`
        :returns: its rows, and how many it changed
        :raises ValidationError: when a value is missing, or is one too many; when it writes and is said to only read
        :raises DatabaseError: when the database refuses the statement; nothing is written then

        Example::

            await db.execute_raw("UPDATE posts SET views = :n WHERE id = :id", {"n": 0, "id": 1})
        """
        async with self.session(command_timeout=command_timeout) as session:
            return await session.execute(sql, params, read_only=read_only)

    async def fetch_one(
        self, sql: Any, params: Any = None, *, read_only: bool = False, command_timeout: float | None = None
    ) -> dict[str, Any] | None:
        """The first row of a statement of your own as a dictionary, or None. As :meth:`execute_raw` otherwise.

        Example::

            row = await db.fetch_one("SELECT count(*) AS n FROM posts")
            print(row["n"])
        """
        result = await self.execute_raw(sql, params, read_only=read_only, command_timeout=command_timeout)
        row = result.first()
        return None if row is None else row._mapping

    async def fetch_all(
        self, sql: Any, params: Any = None, *, read_only: bool = False, command_timeout: float | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a statement of your own as dictionaries. As :meth:`execute_raw` otherwise.

        Example::

            rows = await db.fetch_all("SELECT title FROM posts WHERE views > :n", {"n": 10})
        """
        result = await self.execute_raw(sql, params, read_only=read_only, command_timeout=command_timeout)
        return result.mappings()

    async def ping(self) -> bool:
        """Whether the database answers.

        Example::

            print(await db.ping())
        """
        return bool((await self.health_check())["status"] == "healthy")

    async def health_check(self) -> dict[str, Any]:
        """Asks the database for an answer.

        :returns: ``status`` (``"healthy"`` or ``"unhealthy"``), ``response_time_ms`` (a float, in milliseconds),
            ``database_url`` (a password is masked), ``initialized`` (whether this object created tables), and, when
            it is unhealthy, ``error``. It raises nothing.

        Example::

            health = await db.health_check()
            print(health["status"], health["response_time_ms"])
        """
        begun = time.perf_counter()
        health: dict[str, Any] = {"status": "healthy"}
        try:
            async with self.session() as session:
                await session.execute("SELECT 1", read_only=True)
        except FastAPIOrmException as error:
            health = {"status": "unhealthy", "error": str(error)}
        health["response_time_ms"] = round((time.perf_counter() - begun) * 1000, 3)
        return {**health, "database_url": self._engine.address, "initialized": self._created}

    def get_connection_info(self) -> dict[str, Any]:
        """How it is connected.

        :returns: ``database_url`` (a password is masked), ``driver``, ``echo``, ``initialized`` (whether this object
            created tables), ``pool_size``, ``max_overflow`` and ``pool_timeout`` (in seconds)

        Example::

            print(db.get_connection_info()["database_url"])
        """
        address = self._engine.address
        return {
            "database_url": address,
            "driver": address.split(":", 1)[0].split("+", 1)[0],
            "echo": self._echo,
            "initialized": self._created,
            **self._pool,
        }

    async def close(self) -> None:
        """Closes the connections. Idempotent.

        Example::

            db = Database("sqlite:///./app.db")
            await db.close()
        """
        await self._engine.close()

    async def __aenter__(self) -> Database:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"Database({self._engine.address!r})"


def _is_text(text: str) -> bool:
    """Whether a database can be told it: a lone surrogate is no text."""
    try:
        str.encode(text)
    except UnicodeEncodeError:
        return False
    return True


def _masked(url: str) -> str:
    """The address without its password, however that is spelled."""
    address, question, query = url.partition("?")
    scheme, mark, place = address.partition("://")
    credentials, at, host = place.rpartition("@")
    if at and not place.startswith("/"):
        user, colon, _ = credentials.partition(":")
        place = f"{user}{':****' if colon else ''}@{host}"
    shown = []
    for parameter in query.split("&"):
        name, equals, _ = parameter.partition("=")
        is_secret = equals and "password" in unquote(parameter).lower()
        shown.append(f"{name}=****" if is_secret else parameter)
    return f"{scheme}{mark}{place}{question}{'&'.join(shown)}"


def _echo(sql: str) -> None:
    logger = logging.getLogger("fastapi_orm")
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.INFO)
    logger.info(sql)


class SessionContext:
    """One session, to be used with ``async with``, or with ``async for`` as an async generator is."""

    def __init__(self, engine: _engine.Database, settings: SessionSettings) -> None:
        self._engine = engine
        self._session: _engine.Session | None = None
        self._done = False
        self._generator = False
        self._settings = settings

    async def __aenter__(self) -> _engine.Session:
        self._session = self._engine.session(*self._settings)
        commit_before_response(self._session)
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session = self._session
        if session is None or session.closed:
            # Closed by hand, which rolled back what was not committed.
            return
        try:
            if kind is None:
                await session.commit()
            else:
                await session.rollback()
        finally:
            session.close_now()

    def __aiter__(self) -> AsyncIterator[_engine.Session]:
        return self

    async def __anext__(self) -> _engine.Session:
        if self._session is None and not self._done:
            self._generator = True
            return await self.__aenter__()
        await self._finish(None)
        raise StopAsyncIteration

    async def _finish(self, error: BaseException | None) -> None:
        if not self._done:
            self._done = True
            await self.__aexit__(None if error is None else type(error), error, None)

    async def asend(self, value: None) -> _engine.Session:
        """As for an async generator."""
        return await self.__anext__()

    async def athrow(self, error: Any, *rest: Any) -> None:
        """Rolls back and raises the exception, as for an async generator."""
        raised = error if isinstance(error, BaseException) else error(*rest[:1])
        await self._finish(raised)
        raise raised

    async def aclose(self) -> None:
        """Rolls back what is not committed, as for an async generator."""
        await self._finish(GeneratorExit())

    def __del__(self) -> None:
        # Left half-way, by an exception in the caller's loop body: the session ends, and rolls back, here and now.
        if self._generator and self._session is not None and not self._done:
            self._session.close_now()
