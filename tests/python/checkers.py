"""What mypy and pyright say about some files. Each runs once, over all of them."""

import ast
import builtins
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from document import ORDERS, block, blocks
from support import HERE

TYPED = HERE / "typed"
WITHOUT_ANNOTATIONS = "# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs"

# What the blocks of the document use and do not declare.
ELSEWHERE = {
    "Post": "from document_post import Post",
    "app": "from fastapi import FastAPI\napp = FastAPI()",
    "get_db": "async def get_db(): yield None",
    "IntegerField": "from fastapi_orm import IntegerField",
    "StringField": "from fastapi_orm import StringField",
    "TextField": "from fastapi_orm import TextField",
    "ForeignKeyField": "from fastapi_orm import ForeignKeyField",
    "Model": "from fastapi_orm import Model",
    "SoftDeleteMixin": "from fastapi_orm import SoftDeleteMixin",
    "AsyncSession": "from sqlalchemy.ext.asyncio import AsyncSession",
    "Depends": "from fastapi import Depends",
    "HTTPException": "from fastapi import HTTPException",
}
GIVEN = {"session": "AsyncSession", "post": "Post", "admin_user": "Any"}


@dataclass(frozen=True)
class Finding:
    """One error of a checker: its code and its words."""

    file: str
    line: int
    code: str
    message: str


def mypy(folder: Path) -> list[Finding]:
    """What mypy says in its strict mode."""
    # A cache that stays, beside that of `mypy` for the package: the second run takes a fifth of the first. One for each
    # name of a folder, as runs over different files may go on side by side.
    cache = HERE.parents[1] / ".mypy_cache" / folder.name.rstrip("0123456789")
    command = [sys.executable, "-m", "mypy", "--strict", "--output", "json", "--cache-dir", str(cache), "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [
        Finding(Path(one["file"]).name, one["line"], one["code"], f"{one['message']} {one['hint'] or ''}")
        for one in found
        if one["severity"] == "error"
    ]


def pyright(folder: Path) -> list[Finding]:
    """What pyright says in its standard mode.

    It is run as basedpyright, the same checker with more rules (off here), because that one is on PyPI as a whole:
    the package ``pyright`` downloads its checker, and node to run it, when it is first used.
    """
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--project", "."], cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [
        Finding(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one.get("rule", ""), one["message"])
        for one in json.loads(done.stdout)["generalDiagnostics"]
        if one["severity"] == "error"
    ]


def write_snippets(folder: Path) -> None:
    """The files in ``typed``."""
    shutil.copytree(TYPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def write_blocks(folder: Path) -> None:
    """The blocks of the document, with both orders of bases, as modules."""
    (folder / "document_post.py").write_text(block(1))
    for turn, order in enumerate(ORDERS):
        for number in range(1, len(blocks()) + 1):
            (folder / f"block_{number:02}_{turn}.py").write_text(module(block(number, order)))


def module(text: str) -> str:
    """A block as a module: what it declares as it is, and what it awaits in a function of what it is given."""
    tree = _parse(text)
    awaiting = [node.lineno for node in tree.body if _awaits(node)]
    lines = text.splitlines(keepends=True)
    at = awaiting[0] - 1 if awaiting else len(lines)
    missing = _missing(tree)
    given = {name: kind for name, kind in GIVEN.items() if name in missing}
    declared = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    needed = (missing - set(GIVEN) | set(given.values())) - declared - {"Any"}
    head = [WITHOUT_ANNOTATIONS, "from typing import Any", *(ELSEWHERE[name] for name in sorted(needed)), ""]
    rest = "".join(f"    {line}" for line in lines[at:])
    body = (
        f"\n\nasync def block({', '.join(f'{name}: {kind}' for name, kind in given.items())}):\n{rest}\n"
        if rest
        else ""
    )
    return "\n".join(head) + "".join(lines[:at]) + body


def _parse(text: str) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(text, "block", "exec", flags)
    assert isinstance(tree, ast.Module)
    return tree


def _awaits(node: ast.stmt) -> bool:
    if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef):
        return False
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return "post" in names or any(isinstance(inner, ast.Await) for inner in ast.walk(node))


def _missing(tree: ast.Module) -> set[str]:
    """The names that a block uses and does not bind: a function's own names are not those of the statements beside."""
    definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    top = {name for node in tree.body for name in ([node.name] if isinstance(node, definitions) else _bound(node))}
    missing = {name for node in tree.body for name in _used(node) - _bound(node)}
    return missing - top - set(vars(builtins))


def _used(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)}


def _bound(node: ast.AST) -> set[str]:
    bound = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            bound.add(inner.id)
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(inner.name)
        elif isinstance(inner, ast.arg):
            bound.add(inner.arg)
        elif isinstance(inner, ast.alias):
            bound.add((inner.asname or inner.name).split(".")[0])
    return bound


def expected(path: Path) -> dict[int, tuple[str, str, list[str]]]:
    """The errors that a file's comments announce, by line: mypy's code, pyright's rule, and words of both."""
    announced = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if found := re.search(r"  # error: (\S+) (\w+): ?(.*)$", line):
            announced[number] = (found[1], found[2], [word for word in found[3].split(", ") if word])
    return announced
