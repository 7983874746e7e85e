"""Blocks of work that happen as a whole: transactions, and savepoints in them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ._engine import Session
from .database import Database, SessionContext
from .exceptions import SessionError, TransactionError, ValidationError
from .retries import again, checked
from .session_settings import DEFAULTS, SessionSettings

R = TypeVar("R")

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec, Protocol

    from typing_extensions import Self

    from .sessions import AnySession

    P = ParamSpec("P")
    R_co = TypeVar("R_co", covariant=True)

    class Decorated(Protocol[P, R_co]):
        """A function that is given its session, unless its caller passes one."""

        @overload
        def __call__(self, *arguments: P.args, **named: P.kwargs) -> Awaitable[R_co]: ...
        @overload
        def __call__(self, session: Session, /, *arguments: P.args, **named: P.kwargs) -> Awaitable[R_co]: ...


__all__ = ["Atomic", "Transaction", "atomic", "transaction", "transactional"]

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


class Transaction:
    """A block of work that happens as a whole, made by ``session.begin()`` and ``session.begin_nested()``.

    At its end the work is kept, by a commit or as part of the block around it; an exception undoes the work, on objects
    too, and goes on as it is. It is used once. Awaited instead, it begins the block at once, which then ends with
    :meth:`commit` or :meth:`rollback`, or with the transaction.

    Example::

        async with session.begin():
            await Post.create(session, title="kept")
    """

    __slots__ = ("_block", "_nested", "_session")

    def __init__(self, session: Session, nested: bool) -> None:
        self._session = session
        self._nested = nested
        self._block: int | None = None

    async def _begin(self, guarded: bool) -> None:
        if self._block is not None:
            raise SessionError("A block of work begins once: call begin() again for another one")
        # Taken at once, so that a second attempt is told even while the first one waits.
        self._block = 0
        self._block = await self._session._enter(self._nested, guarded)

    async def __aenter__(self) -> Session:
        await self._begin(True)
        return self._session._within(self._block or 0) if self._nested else self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session._leave(self._block or 0, kind is None, False)

    def __await__(self) -> Generator[Any, Any, Self]:
        yield from self._begin(False).__await__()
        return self

    async def commit(self) -> None:
        """Keeps the block's work, and ends the block.

        Example::

            async with session.begin_nested() as savepoint:
                await Post.create(savepoint, title="kept")
                await savepoint.commit()
        """
        await self._session._leave(self._begun(), True, True)

    async def rollback(self) -> None:
        """Undoes the block's work, and ends the block.

        Example::

            async with session.begin_nested() as savepoint:
                await Post.create(savepoint, title="dropped")
                await savepoint.rollback()
        """
        await self._session._leave(self._begun(), False, True)

    def _begun(self) -> int:
        if not self._block:
            raise SessionError("The block of work has not begun: use it with `async with`, or await it")
        if not self.is_active:
            raise SessionError("The block of work is over: it was committed or rolled back")
        return self._block

    @property
    def is_active(self) -> bool:
        """Whether the block has begun and is not over."""
        return bool(self._block) and self._session._is_open(self._block or 0)


def transaction(session: AnySession) -> Transaction:
    """A block of work in a session, as ``session.begin()`` makes it: a transaction when none is open, a savepoint
    inside one. An exception undoes the block's work and nothing else, and goes on as it is.

    :param session: the session whose work it is
    :returns: an async context manager that gives the session
    :raises TransactionError: when the database cannot end the transaction; ``original_error`` says why

    Example::

        async with transaction(session):
            await Post.create(session, title="kept")
    """
    return _session(session).begin()


class Atomic:
    """What :func:`atomic` returns: a block of work with its session, for ``async with``; also a decorator, and what
    runs a function in such a block.
    """

    __slots__ = ("_block", "_context", "_retries", "_settings", "_source")

    def __init__(self, source: Database | Session, retries: int = 0, settings: SessionSettings = DEFAULTS) -> None:
        self._source = source
        self._retries = retries
        self._settings = settings
        self._context: SessionContext | None = None
        self._block: Transaction | None = None

    async def run(
        self, function: Callable[Concatenate[Any, P], Awaitable[R]], /, *arguments: P.args, **named: P.kwargs
    ) -> R:
        """Calls an async function with the block's session as its first argument, and returns what it returns. With
        ``retries``, that happens from the beginning, in a session of its own, until no other transaction is in its way.

        :param function: what to do in the block
        :param arguments: its other arguments
        :param named: its other arguments by name

        Example::

            async def view(session, id):
                post = await Post.get_or_404(session, id)
                await post.update(session, views=post.views + 1)
                return post.views

            print(await atomic(db, retries=3).run(view, 1))
        """

        async def once() -> R:
            async with Atomic(self._source, 0, self._settings) as session:
                return await function(session, *arguments, **named)

        return await again(once, self._retries)

    # A session that is not the first argument is found all the same; editors cannot follow that.
    @overload
    def __call__(self, function: Callable[Concatenate[Session, P], Awaitable[R]]) -> Decorated[P, R]: ...
    @overload
    def __call__(self, function: Callable[..., Awaitable[R]]) -> Callable[..., Awaitable[R]]: ...
    def __call__(self, function: Any) -> Any:
        if isinstance(self._source, Session):
            return transactional(self._source)(function)
        return _with_own_session(self._source, self._retries, self._settings, function)

    async def __aenter__(self) -> Session:
        if self._retries:
            raise SessionError(
                "A block of `async with` cannot be run again: make it a function whose first argument is the session, "
                "and write `await atomic(db, retries=...).run(function)`, or decorate it with @atomic(db, retries=...)"
            )
        if self._block is not None:
            raise SessionError("A block of work begins once: call atomic() again for another one")
        if isinstance(self._source, Session):
            self._block = self._source.begin()
            return await self._block.__aenter__()
        context = self._source.session(**self._settings._asdict())
        session = await context.__aenter__()
        self._block = session.begin()
        try:
            await self._block.__aenter__()
        except BaseException as error:
            await context.__aexit__(type(error), error, error.__traceback__)
            raise
        self._context = context
        return session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._block is None:
            return
        try:
            await self._block.__aexit__(kind, error, trace)
        except BaseException as failure:
            if self._context is not None:
                await self._context.__aexit__(type(failure), failure, failure.__traceback__)
            raise
        if self._context is not None:
            await self._context.__aexit__(kind, error, trace)


@overload
def atomic(
    source: Database | AnySession,
    *,
    retries: int = 0,
    isolation: str | None = None,
    command_timeout: float | None = None,
) -> Atomic: ...
@overload
def atomic(
    source: Database | AnySession,
    function: Callable[Concatenate[Any, P], Awaitable[R]],
    *arguments: P.args,
    **named: P.kwargs,
) -> Awaitable[R]: ...
def atomic(
    source: Any,
    function: Any = None,
    *arguments: Any,
    retries: Any = 0,
    isolation: Any = None,
    command_timeout: Any = None,
    **named: Any,
) -> Any:
    """A block of work: with a database, in a session of its own; with a session, as :func:`transaction`.

    As a decorator it makes each call of an async function such a block, as :func:`transactional` does.

    With ``retries`` the work is run again from its beginning, in a new session and after a short pause, when other
    transactions were in its way (:class:`SerializationError`, a deadlock for one). It has to be a function then:
    ``await atomic(db, retries=3).run(function, ...)``, or decorated with ``@atomic(db, retries=3)``. What it does
    outside of the database it may do several times. What may have been done already is never done again
    (:class:`ConnectionLostError`).

    :param source: a database, or a session
    :param function: what to do in the block, as an async function whose first argument is the session
    :param arguments: its other arguments
    :param retries: how many times to run the work again, if it has to be; with a database only
    :param isolation: what the session's transactions see of others, as :meth:`Database.session` has it; with a database
        only
    :param command_timeout: how long the database may take for one of its commands, as :meth:`Database.session` has it;
        with a database only
    :param named: its other arguments by name
    :returns: an async context manager that gives the session, and decorator; with a function, an awaitable of what
        that returns
    :raises TransactionError: when the database cannot end the transaction; ``original_error`` says why
    :raises ValidationError: when a session was given with one of the three, or there is no such level or time

    Example::

        async def publish(session, title):
            return await Post.create(session, title=title, published=True)

        @atomic(db, retries=3, isolation="serializable")
        async def publish_once(session, title):
            if not await Post.exists(session, title=title):
                await publish(session, title)

        async with atomic(db) as own:
            await publish(own, "first")
        post = await atomic(session, publish, "second")
        await session.commit()
        await publish_once("third")
    """
    checked(retries)
    if isinstance(source, Database):
        block = Atomic(source, retries, SessionSettings.checked(isolation, command_timeout))
    else:
        block = Atomic(_session(source))
        if retries:
            raise ValidationError("retries", _OWN.format("run again from here: whoever began it can do that"))
        if isolation is not None:
            raise ValidationError("isolation", _OWN.format("given another level: db.session(isolation=...) has one"))
        if command_timeout is not None:
            raise ValidationError("command_timeout", _OWN.format("given a limit here: db.session() takes one"))
    return block if function is None else block.run(function, *arguments, **named)


_OWN = "expects a database. A session may hold other work, which cannot be {}"


@overload
def transactional(source: F) -> F: ...
@overload
def transactional(
    source: Database, *, retries: int = 0, isolation: str | None = None, command_timeout: float | None = None
) -> Atomic: ...
@overload
def transactional(source: AnySession | None = None) -> Callable[[F], F]: ...
def transactional(
    source: Any = None, *, retries: int = 0, isolation: str | None = None, command_timeout: float | None = None
) -> Any:
    """Makes each call of an async function a block of work, as :func:`transaction` does.

    Used bare, the session is the one among the call's arguments. With a session, that one's work is the block, whatever
    the arguments. With a database, each call gets a session of its own, as the argument ``session`` (or the one that is
    annotated ``Session`` or ``AsyncSession``), unless its caller passes one. The keywords are as in
    :func:`atomic`; a call that is passed a session is part of that one's work, and is not run again by itself.

    :param source: nothing, a session, or a database
    :param retries: how many times a call is run again, if it has to be; with a database only
    :param isolation: what the session's transactions see of others; with a database only
    :param command_timeout: how long the database may take for one of its commands; with a database only
    :raises TypeError: when what is decorated is no async function, or has no place for the session
    :raises ValidationError: when one of the three is given without a database, or there is no such level or time
    :raises TransactionError: at the call, when there is no session among the arguments

    Example::

        @transactional
        async def rename(session, post, title):
            await post.update(session, title=title)

        await rename(session, await Post.create(session, title="a"), "b")
    """
    checked(retries)
    if isinstance(source, Database):
        return Atomic(source, retries, SessionSettings.checked(isolation, command_timeout))
    keywords = {"retries": retries or None, "isolation": isolation, "command_timeout": command_timeout}
    for name, given in keywords.items():
        if given is not None:
            raise ValidationError(name, f"is for sessions of the function's own: write @transactional(db, {name}=...)")
    if source is None:
        return transactional
    if not callable(source):
        return functools.partial(_in_block, lambda *_: _session(source))
    return _in_block(_find, source)


def _in_block(find: Callable[..., Session], function: Any) -> Any:
    _check(function)

    @functools.wraps(function)
    async def wrapper(*arguments: Any, **named: Any) -> Any:
        async with find(function, arguments, named).begin():
            return await function(*arguments, **named)

    return wrapper


def _with_own_session(database: Database, retries: int, settings: SessionSettings, function: Any) -> Any:
    _check(function)
    signature = inspect.signature(function)
    name = next((name for name, parameter in signature.parameters.items() if _takes_session(parameter)), None)
    if name is None:
        raise TypeError(f"{function.__qualname__}() has no place for the session: give it a parameter `session`")

    @functools.wraps(function)
    async def wrapper(*arguments: Any, **named: Any) -> Any:
        given = next((value for value in (*arguments, *named.values()) if isinstance(value, Session)), None)
        if given is not None:
            async with given.begin():
                return await function(*arguments, **named)
        named.pop(name, None)

        async def once() -> Any:
            own = dict(named)
            async with Atomic(database, 0, settings) as session:
                return await function(*_with(signature, name, session, arguments, own), **own)

        return await again(once, retries)

    # FastAPI asks for what the caller is to pass.
    kept = [parameter for key, parameter in signature.parameters.items() if key != name]
    wrapper.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return wrapper


def _with(
    signature: inspect.Signature, name: str, session: Session, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """The arguments with the session in its place, which the caller left out."""
    place = list(signature.parameters).index(name)
    if signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY or place > len(arguments):
        named[name] = session
        return arguments
    return (*arguments[:place], session, *arguments[place:])


def _takes_session(parameter: inspect.Parameter) -> bool:
    annotation = parameter.annotation
    called = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return parameter.name == "session" or called.rsplit(".", 1)[-1] in ("Session", "AsyncSession", "AnySession")


def _find(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Session:
    for value in (*arguments, *named.values()):
        if isinstance(value, Session):
            return value
    raise TransactionError(
        f"{function.__qualname__}() is @transactional and was called without a session: pass the one from "
        "db.session() or Depends(get_db) as an argument, or decorate it with @transactional(db)"
    )


def _check(function: Any) -> None:
    if not inspect.iscoroutinefunction(function):
        raise TypeError(f"@transactional is for async functions, got {function!r}: write `async def`")


def _session(given: Any) -> Session:
    if isinstance(given, Session):
        return given
    raise TypeError(f"expects a session, from db.session() or db.get_session(), got {given!r}")
