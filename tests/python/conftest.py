"""Tests that are coroutines run once on each event loop; the fixtures give each a database of its own."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import loops
import support
from fastapi_orm import Database, Session
from models import MODELS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function) and "loop" not in metafunc.fixturenames:
        metafunc.fixturenames.insert(0, "loop")
    if "loop" in metafunc.fixturenames:
        metafunc.parametrize("loop", loops.NAMES, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = inspect.signature(pyfuncitem.obj).parameters
    test = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in arguments})
    pyfuncitem.funcargs["loop"].run_until_complete(test)
    return True


@pytest.fixture
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    loop = loops.new(request.param)
    asyncio.set_event_loop(loop)
    yield loop
    loops.close(loop)
    asyncio.set_event_loop(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the test's database."""
    return tmp_path / "test.db"


@pytest.fixture
def db(loop: asyncio.AbstractEventLoop, path: Path) -> Iterator[Database]:
    """A database in a file, with the tables of the models in ``models``."""
    database = Database(support.url(path))
    loop.run_until_complete(database.create_tables(MODELS))
    yield database
    loop.run_until_complete(database.close())


@pytest.fixture
def session(loop: asyncio.AbstractEventLoop, db: Database) -> Iterator[Session]:
    """A session on it; what the test does not commit is rolled back."""
    context = db.session()
    session = loop.run_until_complete(context.__aenter__())
    yield session
    loop.run_until_complete(context.__aexit__(RuntimeError, RuntimeError("the test is over"), None))


@pytest.fixture
def stored(path: Path) -> Callable[..., list[Any]]:
    """What the file holds, as another program sees it: ``stored("SELECT …", …)`` is a list of rows."""
    return functools.partial(support.stored, path)
