"""What a verb takes as its session, in the eyes of a type checker."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

__all__ = ["AnySession"]


class AnySession(Protocol):
    """A session, by whichever name a program annotates it: :class:`~fastapi_orm.Session`, or SQLAlchemy's
    ``AsyncSession`` in programs that were written for it.

    It is for type checkers. At run time every verb wants a session of this library, from ``db.session()`` or
    ``db.get_session()``. Annotate helpers of your own with it when their callers use either name.

    Example::

        async def titles(session: AnySession) -> list[str]:
            return [post.title for post in await Post.all(session)]

        print(await titles(session))
    """

    def commit(self) -> Awaitable[None]:
        """Commits."""
        ...

    def rollback(self) -> Awaitable[None]:
        """Rolls back."""
        ...

    def flush(self) -> Awaitable[None]:
        """Writes what was changed."""
        ...

    def close(self) -> Awaitable[None]:
        """Ends it."""
        ...
