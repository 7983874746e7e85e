"""Each test has a database of its own; those that are coroutines run once on each event loop.

A test that asks for a ``store``, or for what is made of one (``db``, ``session``, ``stored``), runs on each kind of
database: on SQLite with each event loop, on PostgreSQL with one of them. One that asks for ``path``, the file, is about
SQLite.
"""

import asyncio
import inspect
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import document
import loops
import postgres
import store as stores
from fastapi_orm import Database, Session
from models import MODELS, Post, User


def pytest_configure(config: pytest.Config) -> None:
    # One server for all workers, which find its address in the environment.
    if stores.ON_POSTGRES and getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        postgres.server()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    names = metafunc.fixturenames
    if inspect.iscoroutinefunction(metafunc.function) and "loop" not in names:
        names.insert(0, "loop")
    runs = [("sqlite", loop) for loop in loops.NAMES]
    if "path" not in names and stores.ON_POSTGRES:
        runs.append(("postgres", one_loop(metafunc.definition.nodeid)))
    if "loop" in names and "database" in names:
        marked = [pytest.param(*run, marks=marks(run[0]), id="-".join(run)) for run in runs]
        metafunc.parametrize(("database", "loop"), marked, indirect=True)
    elif "loop" in names:
        metafunc.parametrize("loop", loops.NAMES, indirect=True)
    elif "database" in names:
        databases = dict.fromkeys(database for database, _ in runs)
        metafunc.parametrize("database", [pytest.param(name, marks=marks(name)) for name in databases], indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what only the document can show, where it is not."""
    if document.is_here():
        return
    left_out = [item for item in items if item.get_closest_marker("document")]
    items[:] = [item for item in items if not item.get_closest_marker("document")]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not document.is_here():
        where = f"{document.DOCUMENT}; REPRIEVE_DOCUMENT names another place"
        terminalreporter.write_line(f"The tests of the soft-delete document are left out: it is not at {where}.")


def marks(database: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.postgres] if database == "postgres" else []


def one_loop(test: str) -> str:
    """The same one in every worker and every run; half of the tests get the other."""
    return loops.NAMES[zlib.crc32(test.encode()) % len(loops.NAMES)]


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
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return request.param


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[stores.Store]:
    """Where the test's database is, and what another program sees of it."""
    with stores.fresh(database, tmp_path) as store:
        yield store


@pytest.fixture
def path(store: stores.SqliteStore) -> Path:
    """The file of the test's database."""
    return store.path


@pytest.fixture
def db(loop: asyncio.AbstractEventLoop, store: stores.Store) -> Iterator[Database]:
    """A database with the tables of the models in ``models``."""
    database = Database(store.url)
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
def stored(store: stores.Store) -> Callable[..., list[Any]]:
    """What is stored, as another program sees it: ``stored("SELECT …", …)`` is a list of rows."""
    return store.stored


@pytest.fixture(scope="module")
def ten_posts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL schema with the tables of the models, and ten posts of one user."""

    async def fill() -> None:
        async with Database(store.url) as db:
            await db.create_tables(MODELS)
            async with db.session() as session:
                user = await User.create(session, username="ada")
                await Post.bulk_create(session, [{"title": f"post {n}", "author_id": user.id} for n in range(1, 11)])

    with stores.fresh("postgres", tmp_path_factory.mktemp("posts")) as store:
        asyncio.run(fill())
        yield store.url
