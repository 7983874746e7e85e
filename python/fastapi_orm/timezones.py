"""The zone of a database: what ``Database(timezone=...)`` takes."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from .exceptions import ValidationError

__all__ = ["zone_of"]


def zone_of(given: Any) -> datetime.tzinfo | None:
    """The zone that a name stands for; a zone as it is.

    :raises ValidationError: when there is no such zone
    """
    # A zone of pytz needs calls of its own to make an instant; the one of the same name does not.
    name = getattr(given, "zone", given) if isinstance(given, datetime.tzinfo) else given
    if name is None or isinstance(name, datetime.tzinfo):
        return name
    if not isinstance(name, str):
        raise ValidationError(
            "timezone", f"expects the name of a zone such as 'Europe/Vienna', a tzinfo or None, got {given!r}"
        )
    if name.upper() == "UTC":
        return datetime.timezone.utc
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(
            "timezone",
            f"there is no time zone {name!r}: use a name such as 'Europe/Vienna' or 'UTC', and install the package "
            "tzdata if the system has no zones",
        ) from error
