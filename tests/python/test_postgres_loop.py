"""PostgreSQL on the event loop's own thread: no thread, no pause, nothing left behind when a task or a loop ends."""

import asyncio
import contextvars
import os
import threading
import uuid

import pytest

import loops
from fastapi_orm import Database, RelationNotLoadedError
from models import Post, User
from support import python
from test_cancellation import WHEN, cut_everywhere
from test_event_loop import assert_the_loop_runs_on

pytestmark = pytest.mark.postgres


@pytest.fixture
def db(loop, ten_posts):
    database = Database(ten_posts, busy_poll=False)  # an answer that is looked for leaves no place to cancel at
    yield database
    loop.run_until_complete(database.close())


NO_THREAD = """
import asyncio, os, sys, threading
import loops
import store as stores
from fastapi_orm import Database, RelationNotLoadedError
from models import MODELS, Post

def threads():
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()

async def main(address):
    before = threads()
    async with Database(address) as db:
        async with db.session() as session:
            posts = await Post.all(session)
            assert (await Post.get(session, posts[0].id)).title == posts[0].title
            assert posts[0].id and (await Post.create(session, title="x")).id
            await session.rollback()
        async def one(number):
            async with db.session() as session:
                return await Post.get(session, posts[number % len(posts)].id)
        await asyncio.gather(*(one(number) for number in range(50)))
        assert threads() == before, (threads(), before)
    assert threads() == before

loop = loops.new(sys.argv[1])
loop.run_until_complete(main(sys.argv[2]))
loop.close()
"""


@pytest.mark.parametrize("name", loops.NAMES)
def test_a_database_on_a_server_starts_no_thread(name, ten_posts, tmp_path):
    python(NO_THREAD, name, ten_posts, cwd=tmp_path)


async def test_the_loop_runs_on_beside_a_list_of_many_objects(loop, db):
    async with db.session() as session:
        user = await User.create(session, username="many")
        await session.execute(
            "INSERT INTO posts (title, content, published, views, author_id)"
            " SELECT 'post ' || x, 'text', true, x, :author FROM generate_series(1, 50000) x",
            {"author": user.id},
        )
        kept = []  # letting go of them takes time, too, and is the caller's

        async def read(turn):
            kept.append(await Post.filter(session, author_id=user.id))
            assert len(kept[turn]) == 50_000

        await assert_the_loop_runs_on(read)
        await session.rollback()


@pytest.mark.parametrize("when", WHEN)
async def test_a_read_that_is_cancelled_anywhere_leaves_a_database_that_works(loop, db, when):
    async def read():
        async with db.session() as session:
            return [await Post.first(session), await Post.all(session)]

    async def check(cancelled):
        async with db.session() as session:
            assert await Post.count(session) == 10

    assert await cut_everywhere(read, check, when) > 0


@pytest.mark.parametrize("when", WHEN)
async def test_a_write_that_is_cancelled_anywhere_is_done_or_not(loop, db, when):
    async def write():
        async with db.session() as session:
            user = await User.get_by(session, username="ada")
            await Post.create(session, title="cut", author_id=user.id)
            await Post.create(session, title="cut", author_id=user.id)
            await session.commit()

    async def check(cancelled):
        async with db.session() as session:
            assert await Post.filter(session, title="cut").count() in ((0, 2) if cancelled else (2,))
            await Post.filter(session, title="cut").delete(force=True)
            await session.commit()

    assert await cut_everywhere(write, check, when) > 0


@pytest.mark.parametrize("name", loops.NAMES)
def test_a_database_outlives_its_loop(name, ten_posts):
    database = Database(ten_posts)

    async def read():
        async with database.session() as session:
            return len(await Post.all(session))

    for _ in range(3):
        loop = loops.new(name)
        assert loop.run_until_complete(read()) == 10
        loop.close()
    loop = loops.new(name)
    loop.run_until_complete(database.close())
    loop.close()


@pytest.mark.parametrize("name", loops.NAMES)
def test_two_loops_in_two_threads_use_one_database(name, ten_posts):
    database = Database(ten_posts)
    found = []

    async def read():
        for _ in range(30):
            async with database.session() as session:
                found.append(len(await Post.all(session)))

    async def both():
        await asyncio.gather(read(), read())

    def run():
        loop = loops.new(name)
        loop.run_until_complete(both())
        loop.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [10] * 120
    loop = loops.new(name)
    loop.run_until_complete(database.close())
    loop.close()


async def test_a_relation_is_read_in_place(loop, db):
    async with db.session() as session:
        post = await Post.first(session)
        others = [asyncio.ensure_future(one_post(db, post.id)) for _ in range(20)]
        await asyncio.sleep(0)  # their requests are under way while the loop stands still
        assert post.author.username == "ada"
        assert len(post.author.posts) == 10
        assert [other.title for other in await asyncio.gather(*others)] == [post.title] * 20
        assert (await Post.get(session, post.id)).title == post.title


async def one_post(db, key):
    async with db.session() as session:
        return await Post.get(session, key)


class NoReaders(asyncio.SelectorEventLoop):
    """Watches no sockets for others, as the proactor of Windows."""

    def add_reader(self, *_):
        raise NotImplementedError

    add_writer = remove_reader = remove_writer = add_reader


def test_a_loop_without_readers_is_served_by_a_thread_that_ends(ten_posts):
    async def read():
        async with Database(ten_posts) as db:
            async with db.session() as session:
                post = await Post.first(session)
                assert post.author.username == "ada"
                assert len(await Post.all(session)) == 10
            titles = await asyncio.gather(*(one_post(db, post.id) for _ in range(20)))
            assert [found.title for found in titles] == [post.title] * 20

    for _ in range(2):
        loop = NoReaders()
        loop.run_until_complete(read())
        loop.close()


async def test_a_task_of_pure_python_waits_too(loop, db):
    loop.set_task_factory(lambda loop, work, **named: asyncio.tasks._PyTask(work, loop=loop, **named))
    try:
        post = await asyncio.wait_for(loop.create_task(first_post(db)), 60)
        assert post.title == "post 1"
        cancelled = loop.create_task(first_post(db))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert (await loop.create_task(first_post(db))).title == "post 1"
    finally:
        loop.set_task_factory(None)


async def first_post(db):
    async with db.session() as session:
        return await Post.filter(session, title="post 1").first()


async def test_a_task_goes_on_in_its_own_context(loop, db):
    variable = contextvars.ContextVar("variable", default=0)

    async def work(number):
        variable.set(number)
        for _ in range(5):
            await first_post(db)
            assert variable.get() == number
            assert asyncio.current_task() is tasks[number]

    tasks = {number: asyncio.ensure_future(work(number)) for number in range(1, 20)}
    await asyncio.gather(*tasks.values())
    assert variable.get() == 0


@pytest.mark.parametrize("name", loops.NAMES)
def test_a_task_that_ends_the_program_is_not_held_back(name, ten_posts):
    loop = loops.new(name)
    database = Database(ten_posts)
    done = []

    async def leave():
        await first_post(database)
        raise SystemExit(3)

    async def stay():
        await first_post(database)
        done.append(True)

    async def main():
        stays = [loop.create_task(stay()) for _ in range(5)]
        leaver = loop.create_task(leave())
        stays += [loop.create_task(stay()) for _ in range(5)]
        await asyncio.gather(*stays)
        await asyncio.wait([leaver])
        assert isinstance(leaver.exception(), SystemExit)

    work = loop.create_task(main())
    with pytest.raises(SystemExit):
        loop.run_until_complete(work)
    loop.run_until_complete(work)
    assert len(done) == 10
    loop.run_until_complete(database.close())
    loop.close()


async def test_a_wait_looks_like_a_future(loop, db):
    async with db.session() as session:
        coroutine = Post.all(session).__await__()
        wait = coroutine.send(None)
        while wait is None:
            wait = coroutine.send(None)
        assert asyncio.isfuture(wait)
        assert wait.get_loop() is loop and not wait.done() and not wait.cancelled()
        with pytest.raises(asyncio.InvalidStateError):
            wait.result()
        called = []
        wait.add_done_callback(called.append)
        assert wait.remove_done_callback(called.append) == 1
        wait.add_done_callback(called.append)
        assert wait.cancel("enough") and not wait.cancel()
        await asyncio.sleep(0)
        assert called == [wait] and wait.cancelled() and wait.done()
        with pytest.raises(asyncio.CancelledError, match="enough"):
            wait.result()
        coroutine.close()


FORK = """
import asyncio, gc, os, sys, warnings
import loops
import store as stores
from fastapi_orm import Database, ForkedError
from models import Post

warnings.simplefilter("ignore")
NAME, ADDRESS = sys.argv[1:]
parent = Database(ADDRESS)

async def count(db):
    async with db.session() as session:
        return len(await Post.all(session))

async def backend(db):
    async with db.session() as session:
        return (await session.execute("SELECT pg_backend_pid() AS pid")).first().pid

async def child_work():
    try:
        await count(parent)
    except ForkedError:
        pass
    else:
        raise SystemExit("the parent's database was used")
    own = Database(ADDRESS)
    assert await count(own) == 10
    await own.close()

loop = loops.new(NAME)
assert loop.run_until_complete(count(parent)) == 10
before = loop.run_until_complete(backend(parent))
for way in ("leaves at once", "collects", "closes the loop"):
    child = os.fork()
    if not child:
        try:
            asyncio.set_event_loop(None)
            own = loops.new(NAME)
            own.run_until_complete(child_work())
            own.close()
            if way == "collects":
                del parent
                gc.collect()
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert loop.run_until_complete(count(parent)) == 10
    assert loop.run_until_complete(backend(parent)) == before, "the connection was lost"
loop.run_until_complete(parent.close())
loop.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("name", loops.NAMES)
def test_a_child_leaves_the_parents_connections_alone(name, ten_posts, tmp_path):
    python(FORK, name, ten_posts, cwd=tmp_path)


async def test_a_read_in_a_thread_leaves_no_connection(loop, ten_posts):
    name = f"reads-{uuid.uuid4().hex}"

    async def connections(session):
        of_this = f"SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '{name}'"
        return (await session.execute(of_this, read_only=True)).first().n

    async with Database(f"{ten_posts}&application_name={name}") as db, db.session() as session:
        user = await User.get_by(session, username="ada")
        assert await connections(session) == 1
        for _ in range(3):
            assert len(await asyncio.to_thread(lambda: list(user.posts))) == 10
            del user.__dict__["posts"]
        # The server notices a moment later that the connection has ended.
        for _ in range(500):
            if await connections(session) == 1:
                break
            await asyncio.sleep(0.01)
        assert await connections(session) == 1


async def test_a_transaction_is_not_read_from_another_thread(loop, db):
    async with db.session() as session:
        await Post.create(session, title="eleventh")
        user = await User.get_by(session, username="ada")
        with pytest.raises(RelationNotLoadedError, match=r"another event loop.*await it, or include"):
            await asyncio.to_thread(lambda: list(user.posts))
        assert len(user.posts) == 10
        await session.rollback()
