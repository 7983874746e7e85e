"""Blocks of work that happen as a whole: transactions, and savepoints in them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ._engine import Session
from .database import Database, SessionContext
from .exceptions import SessionError, TransactionError

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec

    from typing_extensions import Self

    from .sessions import AnySession

    P = ParamSpec("P")

__all__ = ["Atomic", "Transaction", "atomic", "transaction", "transactional"]

R = TypeVar("R")
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
    """What :func:`atomic` returns: a block of work with its session, for ``async with``."""

    __slots__ = ("_block", "_context", "_source")

    def __init__(self, source: Database | Session) -> None:
        self._source = source
        self._context: SessionContext | None = None
        self._block: Transaction | None = None

    async def __aenter__(self) -> Session:
        if self._block is not None:
            raise SessionError("A block of work begins once: call atomic() again for another one")
        if isinstance(self._source, Session):
            self._block = self._source.begin()
            return await self._block.__aenter__()
        context = self._source.session()
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
def atomic(source: Database | AnySession) -> Atomic: ...
@overload
def atomic(
    source: Database | AnySession,
    function: Callable[Concatenate[Any, P], Awaitable[R]],
    *arguments: P.args,
    **named: P.kwargs,
) -> Awaitable[R]: ...
def atomic(source: Any, function: Any = None, *arguments: Any, **named: Any) -> Any:
    """A block of work: with a database, in a session of its own; with a session, as :func:`transaction`.

    :param source: a database, or a session
    :param function: what to do in the block, as an async function whose first argument is the session
    :param arguments: its other arguments
    :param named: its other arguments by name
    :returns: an async context manager that gives the session; with a function, an awaitable of what that returns
    :raises TransactionError: when the database cannot end the transaction; ``original_error`` says why

    Example::

        async def publish(session, title):
            return await Post.create(session, title=title, published=True)

        async with atomic(db) as own:
            await publish(own, "first")
        post = await atomic(session, publish, "second")
    """
    block = Atomic(source if isinstance(source, Database) else _session(source))
    return block if function is None else _run(block, function, arguments, named)


async def _run(block: Atomic, function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    async with block as session:
        return await function(session, *arguments, **named)


@overload
def transactional(source: F) -> F: ...
@overload
def transactional(source: Database) -> Callable[[Callable[..., Awaitable[R]]], Callable[..., Awaitable[R]]]: ...
@overload
def transactional(source: AnySession | None = None) -> Callable[[F], F]: ...
def transactional(source: Any = None) -> Any:
    """Makes each call of an async function a block of work, as :func:`transaction` does.

    Used bare, the session is the one among the call's arguments. With a session, that one's work is the block, whatever
    the arguments. With a database, each call gets a session of its own, as the argument ``session`` (or the one that is
    annotated ``Session`` or ``AsyncSession``), unless its caller passes one.

    :param source: nothing, a session, or a database
    :raises TypeError: when what is decorated is no async function, or has no place for the session
    :raises TransactionError: at the call, when there is no session among the arguments

    Example::

        @transactional
        async def rename(session, post, title):
            await post.update(session, title=title)

        await rename(session, await Post.create(session, title="a"), "b")
    """
    if isinstance(source, Database):
        return functools.partial(_with_own_session, source)
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


def _with_own_session(database: Database, function: Any) -> Any:
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
        async with Atomic(database) as session:
            return await function(*_with(signature, name, session, arguments, named), **named)

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
