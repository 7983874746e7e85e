"""What ``to_response()`` returns, made known to the standard library.

It is no :class:`dict`, because FastAPI's encoder walks through those value by value; everywhere else it is one: a
mutable mapping, and an object to :mod:`json`.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from functools import wraps
from typing import Any

from ._engine import Response

__all__ = ["Response"]

MutableMapping.register(Response)

_default = json.JSONEncoder.default


@wraps(_default)
def _default_with_responses(self: json.JSONEncoder, o: Any) -> Any:
    return o.copy() if type(o) is Response else _default(self, o)


json.JSONEncoder.default = _default_with_responses  # type: ignore[method-assign]
