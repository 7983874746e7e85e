"""The blocks of the soft-delete document, and a way to run them as they are."""

import ast
import asyncio
import builtins
import contextlib
import inspect
import io
import os
import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(os.environ.get("REPRIEVE_DOCUMENT", Path(__file__).resolve().parents[3] / "shared" / "soft-delete.md"))
ADDRESS = "sqlite+aiosqlite:///./app.db"
ORDERS = ("model first", "mixin first")


def is_here() -> bool:
    """The document is kept beside the checkout, and is not part of it."""
    return DOCUMENT.is_file()


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def block(number: int, order: str = ORDERS[0]) -> str:
    """The n-th block, counted from 1; its text, or its text with the bases of each model the other way round.

    Where REPRIEVE_APP names another database than the document does, its address stands in the document's place.
    """
    text = blocks()[number - 1]
    if address := os.environ.get("REPRIEVE_APP"):
        text = text.replace(ADDRESS, address)
    if order == ORDERS[0]:
        return text
    return re.sub(r"^class (\w+)\((Model), (.+)\):", r"class \1(\3, \2):", text, flags=re.MULTILINE)


class Page:
    """A namespace in which blocks run as in a notebook: `await` at the top level, names kept."""

    def __init__(self, order: str = ORDERS[0], **names: Any) -> None:
        self.order = order
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins, **names}

    def __getitem__(self, name: str) -> Any:
        return self.names[name]

    async def run(self, number: int, between: Any = None) -> str:
        """Runs the n-th block and returns what it prints.

        `between` is awaited after the block's imports and declarations, before the first statement that awaits: for
        rows that can only be there once the block has declared their model.
        """
        return await self.execute(block(number, self.order), f"block {number}", between)

    async def execute(self, source: str, name: str, between: Any = None) -> str:
        tree = ast.parse(source, name)
        parts = [tree.body]
        if between:
            first = next(i for i, node in enumerate(tree.body) if awaits(node))
            parts = [tree.body[:first], tree.body[first:]]
        printed = io.StringIO()
        for number, body in enumerate(parts):
            if number:
                await between()
            code = compile(ast.Module(body, []), name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            with contextlib.redirect_stdout(printed):
                result = eval(code, self.names)
                if inspect.iscoroutine(result):
                    await result
        return printed.getvalue()


def awaits(node: ast.stmt) -> bool:
    """Whether the statement itself awaits; a function that it defines does not count."""
    if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef):
        return False
    return any(isinstance(inner, ast.Await) for inner in ast.walk(node))


def asgi_client(app: Any) -> Any:
    """A client of the app without a server between."""
    import httpx

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://blog")


def main(promise: Any, order: str, loop_name: str) -> None:
    import loops

    loop = loops.new(loop_name)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(promise(order))
    finally:
        loops.close(loop)
