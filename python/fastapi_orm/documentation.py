"""The texts of ``_engine.pyi`` for ``help()``: editors read that file, and the engine's classes take their docstrings
from it, so that each is written once."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

from . import _engine

__all__ = ["attach"]


def attach() -> None:
    """Gives the engine's classes, methods and properties their docstrings. An installation without the ``.pyi`` does
    without."""
    try:
        source = Path(__file__).with_name("_engine.pyi").read_text("utf-8")
    except OSError:
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            _attach_class(getattr(_engine, node.name), node)


def _attach_class(cls: Any, node: ast.ClassDef) -> None:
    text = ast.get_docstring(node)
    if text:
        cls.__doc__ = text
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and (text := ast.get_docstring(item)) and _is_own(cls, item.name):
            _engine.document(cls, item.name, text)


def _is_own(cls: Any, name: str) -> bool:
    """Whether the class has this method itself, and in the shape that has a text of its own."""
    return inspect.ismethoddescriptor(cls.__dict__.get(name)) or inspect.isgetsetdescriptor(cls.__dict__.get(name))
