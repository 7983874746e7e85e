"""The interpreter that the library is imported in: the main one.

The engine keeps what it imports of Python once for the process, and wakes loops through the main
interpreter.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def _interpreters() -> ModuleType | None:
    """CPython's own module of interpreters: under its name since 3.13, or the one before."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            return import_module(name)
        except ImportError:
            pass
    return None


def refuse_subinterpreters() -> None:
    """Does nothing in the main interpreter.

    :raises ImportError: in any other one
    """
    interpreters = _interpreters()
    if interpreters is not None and interpreters.get_current() != interpreters.get_main():
        raise ImportError(
            "fastapi_orm works in the main interpreter only, and this is a sub-interpreter: use threads or processes "
            "(under mod_wsgi, WSGIApplicationGroup %{GLOBAL})"
        )


refuse_subinterpreters()
