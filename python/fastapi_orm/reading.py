"""What an expression does next with the attribute that it reads.

Reading a relation of an object that was read alone loads it, except where the code awaits it, or asks it for something
that needs no rows: ``await user.posts`` loads without holding the loop, ``user.posts.filter(...)`` asks the database,
and ``await post.author`` may find None, which could not be awaited. An attribute cannot know that, so the caller's
next instruction is looked at. Code that cannot be looked at this way (compiled, or ``getattr``) gets the loaded
relation, which is right as well.
"""

from __future__ import annotations

import sys
from opcode import opmap
from types import FrameType

__all__ = ["AWAITED", "next_use"]

AWAITED = "await"

_READS = {opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in opmap}
_AWAIT = opmap["GET_AWAITABLE"]
_CACHE = opmap.get("CACHE")
# From 3.12 on the lowest bit of the argument says whether a method is called.
_SHIFT = 1 if sys.version_info >= (3, 12) else 0


def next_use(frame: FrameType) -> str | None:
    """What the code does with the attribute that it is reading: ``await``, the name that it reads of it, or None when
    that is not known.

    :param frame: the frame whose current instruction reads an attribute
    """
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] not in _READS:
        return None
    at += 2
    while code[at] == _CACHE:
        at += 2
    if code[at] == _AWAIT:
        return AWAITED
    if code[at] in _READS:
        return frame.f_code.co_names[code[at + 1] >> _SHIFT]
    return None
