"""The pages of docs/ and the README: each page is one program, and prints what the page says it prints. Where a page
names a PostgreSQL server, it runs in a schema of the one that the tests have."""

import ast
import asyncio
import contextlib
import inspect
import io
import itertools
import re
import sys
import types
from pathlib import Path

import pytest

import store as stores

markdown_it = pytest.importorskip("markdown_it")

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SERVER = re.compile(r'"postgres(?:ql)?(?:\+\w+)?://[^"]*"')


def on_a_server(page):
    return any(SERVER.search(source) for source, _ in blocks(page))


def blocks(page):
    """The page's Python blocks, each with the text block that follows it, or None."""
    fences = [token for token in markdown_it.MarkdownIt().parse(page.read_text("utf-8")) if token.type == "fence"]
    for fence, after in itertools.zip_longest(fences, fences[1:]):
        if fence.info == "python":
            shown = after.content if after is not None and after.info == "text" else None
            # The code keeps its lines in the page, for tracebacks.
            yield "\n" * (fence.map[0] + 1) + fence.content, shown


async def run(page, module, server=None):
    for source, shown in blocks(page):
        if server is not None:
            source = SERVER.sub(lambda _: repr(server.url), source)
        code = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if code.co_flags & inspect.CO_COROUTINE:
                await eval(code, module.__dict__)
            else:
                # `asyncio.run` of a page needs a thread without a running loop.
                await asyncio.to_thread(exec, code, module.__dict__)
        if shown is not None:
            assert printed.getvalue() == shown, f"{page.name}, line {source.count(chr(10), 0, len(source))}"


def parameter(page):
    return pytest.param(page, marks=pytest.mark.postgres if on_a_server(page) else [], id=page.name)


@pytest.mark.parametrize("page", [parameter(page) for page in PAGES])
def test_a_page_is_a_program_that_prints_what_the_page_says(page, tmp_path, monkeypatch):
    from fastapi_orm import Model
    from fastapi_orm.registry import Registry

    # Models of a page are apart from those of other pages and tests.
    monkeypatch.setattr(Model, "__registry__", Registry())
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType(re.sub(r"\W", "_", f"page_{page.stem}"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    if not on_a_server(page):
        return asyncio.run(run(page, module))
    with stores.fresh("postgres", tmp_path) as server:
        asyncio.run(run(page, module, server))


def test_the_navigation_has_every_page():
    named = set(re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M))
    assert named == {page.name for page in (ROOT / "docs").glob("*.md")}
