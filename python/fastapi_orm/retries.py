"""Work that is run again from its beginning, because other transactions were in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ._engine import retry_pause
from .exceptions import FastAPIOrmException, ValidationError

__all__ = ["again", "checked"]

R = TypeVar("R")


async def again(work: Callable[[], Awaitable[R]], retries: int) -> R:
    """Runs the work, and up to so many times again while it fails with an error that is retryable."""
    failures = 0
    while True:
        try:
            return await work()
        except FastAPIOrmException as error:
            failures += 1
            if not error.retryable or failures > retries:
                raise
        await asyncio.sleep(retry_pause(failures))


def checked(retries: Any) -> int:
    """How many times work is run again, if it is a number.

    :raises ValidationError: when it is not
    """
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise ValidationError("retries", f"expects how many times to run the work again, 0 or more, got {retries!r}")
    return retries
