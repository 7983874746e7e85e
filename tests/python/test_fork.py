"""After a fork the parent's database is refused in the child, and one of the child's own works."""

import os

import pytest

from support import python, serving

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

FORK = """
import asyncio, os, sys, warnings
import loops
from fastapi_orm import Database, ForkedError, SessionError
from models import MODELS, Post

warnings.simplefilter("ignore")
NAME = sys.argv[1]
ADDRESS = sys.argv[2]
parent = Database(ADDRESS)
context = parent.session()
session = None

async def prepare():
    global session
    await parent.create_tables(MODELS)
    async with parent.session() as first:
        await Post.create(first, title="parent")
    session = await context.__aenter__()
    OPEN

async def inherited():
    for attempt in (
        lambda s: Post.all(s),
        lambda s: Post.create(s, title="child"),
        lambda s: s.commit(),
    ):
        try:
            await attempt(session)
        except ForkedError as error:
            assert "fork" in str(error) and "Database" in str(error), error
        else:
            raise SystemExit("the parent's session was used")
    try:
        async with parent.session() as another:
            await Post.all(another)
    except ForkedError as error:
        assert "fork" in str(error) and "Database" in str(error), error
    else:
        raise SystemExit("the parent's database was used")

async def fresh():
    db = Database(ADDRESS)
    await db.create_tables(MODELS)
    async with db.session() as own:
        before = {post.title for post in await Post.all(own)}
        await Post.create(own, title="child")
    await db.close()
    return before

loop = loops.new(NAME)
loop.run_until_complete(prepare())
child = os.fork()
if not child:
    try:
        asyncio.set_event_loop(None)
        own = loops.new(NAME)
        own.run_until_complete(inherited())
        CHILD
        os._exit(0)
    except BaseException as error:
        import traceback
        traceback.print_exc()
        os._exit(1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0

async def after():
    await session.rollback()
    async with parent.session() as last:
        titles = {post.title for post in await Post.all(last)}
        await Post.create(last, title="after")
    await parent.close()
    return titles

titles = loop.run_until_complete(after())
assert titles == TITLES, titles
loop.close()
"""


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_the_parents_database_is_refused_in_the_child(tmp_path, store, name):
    pytest.importorskip(name)
    code = FORK.replace("OPEN", "await Post.all(session)").replace("TITLES", "{'parent', 'child'}")
    code = code.replace("CHILD", "assert own.run_until_complete(fresh()) == {'parent'}")
    python(code, name, store.url, cwd=tmp_path)


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_the_parents_open_transaction_survives_its_child(tmp_path, store, name):
    """The child's end must not close, roll back or unlock what the parent has open."""
    pytest.importorskip(name)
    code = FORK.replace("OPEN", "await Post.create(session, title='open')")
    code = code.replace("CHILD", "pass").replace("await session.rollback()", "await session.commit()")
    code = code.replace("TITLES", "{'parent', 'open'}")
    python(code, name, store.url, cwd=tmp_path)


def test_an_open_transaction_of_the_parent_keeps_its_lock_while_children_end(path, tmp_path):
    code = """
import asyncio, gc, os, subprocess, sys
from fastapi_orm import Database
from models import MODELS, Post
from store import SqliteStore

async def main():
    db = Database("sqlite:///test.db")
    await db.create_tables(MODELS)
    async with db.session() as session:
        await Post.create(session, title="open")
        for _ in range(3):
            child = os.fork()
            if not child:
                gc.collect()
                os._exit(0)
            os.waitpid(child, 0)
        # In a process of its own: SQLite's locks belong to a process.
        attempt = "import sqlite3; sqlite3.connect('test.db', timeout=0).execute('BEGIN IMMEDIATE')"
        done = subprocess.run([sys.executable, "-c", attempt], capture_output=True, text=True)
        assert "database is locked" in done.stderr, "the child gave the parent's lock away"
    assert SqliteStore("test.db").stored("SELECT title FROM posts") == [("open",)]
    await db.close()

asyncio.run(main())
"""
    python(code, cwd=tmp_path)


def test_a_child_that_ends_normally_harms_nothing(tmp_path, store):
    """The interpreter of the child frees every object it inherited."""
    code = """
import asyncio, os, sys
from fastapi_orm import Database
from models import MODELS, Post
import store

async def fill(db, title):
    await db.create_tables(MODELS)
    async with db.session() as session:
        await Post.create(session, title=title)

db = Database(sys.argv[1])
asyncio.run(fill(db, "parent"))
child = os.fork()
if not child:
    del db
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
asyncio.run(fill(db, "after"))
asyncio.run(db.close())
place = store.at(sys.argv[1])
titles = place.stored("SELECT title FROM posts ORDER BY id")
assert titles == [("parent",), ("after",)], titles
place.assert_sound()
"""
    python(code, store.url, cwd=tmp_path)


def test_uvicorn_with_two_workers_serves(tmp_path, store):
    with serving("shop:app", tmp_path, "--workers", "2", workers=2, SHOP_DATABASE=store.url) as server:
        exercise(server)


@pytest.mark.parametrize("preload", [False, True])
def test_gunicorn_serves_when_the_worker_makes_the_database(tmp_path, store, preload):
    pytest.importorskip("gunicorn")
    pytest.importorskip("uvicorn_worker")
    options = ["--bind", "127.0.0.1:0", "--workers", "2", "--worker-class", "uvicorn_worker.UvicornWorker"]
    if preload:
        options.append("--preload")
    with serving("shop:app", tmp_path, *options, module="gunicorn", workers=2, SHOP_DATABASE=store.url) as server:
        exercise(server)


def exercise(server):
    """Writes through many connections, so that both workers get some."""
    ids = set()
    for number in range(40):
        client = server.client()
        status, item = client.call("POST", f"/items?name=item{number}")
        assert status == 201
        ids.add(item["id"])
        assert client.call("GET", f"/items/{item['id']}")[0] == 200
        client.close()
    assert len(ids) == 40
