"""What a session is opened with: of :meth:`Database.session`, and of what opens sessions for its callers."""

from __future__ import annotations

from math import inf
from typing import Any, NamedTuple

from ._engine import isolation as _level
from .exceptions import ValidationError

__all__ = ["SessionSettings", "seconds", "shown"]


class SessionSettings(NamedTuple):
    """The keywords of :meth:`Database.session`."""

    isolation: str | None = None
    command_timeout: float | None = None

    @classmethod
    def checked(cls, isolation: str | None = None, command_timeout: float | None = None) -> SessionSettings:
        """What does not exist is an error where it is written, not when a session is opened.

        :raises ValidationError: when there is no such level or time
        """
        # Most sessions: making a tuple takes longer than this question.
        if isolation is None and command_timeout is None:
            return DEFAULTS
        return cls(None if isolation is None else _level(isolation), seconds(command_timeout))


DEFAULTS: SessionSettings = SessionSettings()


def seconds(command_timeout: Any) -> float | None:
    """How long a command may take, if it is a time."""
    if command_timeout is None:
        return None
    if not isinstance(command_timeout, (int, float)) or isinstance(command_timeout, bool) or not command_timeout >= 0:
        expects = "expects a number of seconds, 0 for any time, or None"
        raise ValidationError("command_timeout", f"{expects}, got {shown(command_timeout)}")
    # The engine refuses infinity, and no float is as large as some integers are.
    return float(command_timeout) if command_timeout < 2**64 else inf


def shown(value: Any) -> str:
    """An argument for a message: Python does not write the digits of every integer."""
    return repr(value) if not isinstance(value, int) or abs(value) < 2**64 else "an integer of more than 64 bits"
