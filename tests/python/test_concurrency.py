"""Many tasks at once: every writer gets its turn, and no reader waits for one."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastapi_orm import Database, SerializationError
from models import MODELS, Post, User
from support import environment


@pytest.fixture(params=["store", "memory"])
def either(request, loop, store, database):
    """A database that other programs see, and one in memory."""
    if request.param == "memory" and database != "sqlite":
        pytest.skip("PostgreSQL keeps none in memory")
    database = Database(store.url if request.param == "store" else "sqlite+aiosqlite:///:memory:")
    loop.run_until_complete(database.create_tables(MODELS))
    yield database
    loop.run_until_complete(database.close())


async def test_fifty_writers_at_once_all_succeed(either):
    async def write(number):
        async with either.session() as session:
            user = await User.create(session, username=f"user {number}")
            await asyncio.sleep(0)
            for turn in range(3):
                await Post.create(session, title=f"{number}.{turn}", author_id=user.id)
                await asyncio.sleep(0)
            if number % 2:
                await user.soft_delete(session, cascade=True)

    await asyncio.gather(*(write(number) for number in range(50)))
    async with either.session() as session:
        assert await User.filter_with_deleted(session).count() == 50
        assert await Post.filter(session).count() == 75


async def test_writers_are_served_in_the_order_in_which_they_came(loop, path, store):
    order = []

    async def write(db, number):
        async with db.session() as session:
            await Post.create(session, title=str(number))
            order.append(number)

    async with Database(store.url, pool_size=20) as db:
        await db.create_tables(MODELS)
        for _ in range(2):  # the first time opens the connections, in any order
            order.clear()
            async with db.session() as first:
                await Post.create(first, title="first")
                tasks = []
                for number in range(10):
                    tasks.append(asyncio.ensure_future(write(db, number)))
                    await asyncio.sleep(0)
            await asyncio.gather(*tasks)
    assert order == list(range(10))


async def test_readers_do_not_wait_for_a_writer(either):
    async with either.session() as session:
        await Post.create(session, title="before")
    async with either.session() as writer:
        await Post.create(writer, title="open")
        for _ in range(20):
            async with either.session() as reader:
                assert [post.title for post in await Post.all(reader)] == ["before"]
        await writer.rollback()


async def test_readers_do_not_wait_for_another_program(db, store):
    async with db.session() as session:
        await Post.create(session, title="before")
    with store.locked():
        readers = [db.session() for _ in range(5)]
        for reader in readers:
            async with reader as session:
                assert len(await Post.all(session)) == 1


async def test_a_writer_waits_for_another_program_and_then_writes(db, store):
    with store.locked() as lock:

        async def write():
            async with db.session() as session:
                await Post.create(session, title="a")

        task = asyncio.ensure_future(write())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not task.done()
        lock.release()
        await task
    async with db.session() as session:
        assert len(await Post.all(session)) == 1


async def test_a_session_reads_what_it_wrote(either):
    async with either.session() as session:
        post = await Post.create(session, title="a")
        assert (await Post.get(session, post.id)).title == "a"
        assert await Post.filter(session).count() == 1


async def test_more_readers_than_connections_all_read(loop, store):
    async with Database(store.url, pool_size=1, max_overflow=1) as db:
        await db.create_tables(MODELS)
        async with db.session() as session:
            for number in range(300):
                await Post.create(session, title=str(number))

        async def read():
            async with db.session() as session:
                return len(await Post.filter(session, title={"contains": "1"}).order_by("-title"))

        assert set(await asyncio.gather(*(read() for _ in range(40)))) == {138}


async def test_opposite_orders_of_writing_do_not_lock_each_other_out(either, database):
    """One after the other where one writes at a time; else one of them is told to begin again."""

    async with either.session() as session:
        ids = [(await Post.create(session, title=str(n))).id for n in range(2)]

    async def swap(order):
        try:
            await attempt(order)
        except SerializationError:
            assert database != "sqlite"
            await swap(order)

    async def attempt(order):
        async with either.session() as session:
            for id in order:
                post = await Post.get(session, id)
                await asyncio.sleep(0)
                post.views = (post.views or 0) + 1
                await session.flush()
                await asyncio.sleep(0)

    await asyncio.gather(*(swap(ids if n % 2 else ids[::-1]) for n in range(20 if database == "sqlite" else 4)))


PROCESS = """
import asyncio, sys
from fastapi_orm import Database, SerializationError
from models import MODELS, Post, User

async def main():
    async with Database(sys.argv[2]) as db:
        for number in range(60):
            async with db.session() as session:
                user = await User.create(session, username=f"{sys.argv[1]} {number}")
                await Post.create(session, title="a", author_id=user.id)
                if number % 3 == 0:
                    await user.soft_delete(session, cascade=True)

asyncio.run(main())
"""


async def test_processes_that_write_at_once_all_succeed(db, tmp_path, store):
    options = {"cwd": tmp_path, "env": environment(), "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([sys.executable, "-c", PROCESS, str(n), store.url], **options) for n in range(3)]  # noqa: ASYNC220
    for number in range(60):
        async with db.session() as session:
            await User.create(session, username=f"here {number}")
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    async with db.session() as session:
        assert await User.filter_with_deleted(session).count() == 240
        assert await Post.filter(session).count() == 120
    store.assert_sound()


def test_threads_with_loops_of_their_own_share_a_database(store):
    db = Database(store.url)
    asyncio.run(db.create_tables(MODELS))

    async def work(number):
        for turn in range(30):
            async with db.session() as session:
                await Post.create(session, title=f"{number}.{turn}")
                assert await Post.filter(session, title={"startswith": f"{number}."}).count() == turn + 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: asyncio.run(work(number)), range(4)))
    asyncio.run(db.close())
    assert store.stored("SELECT count(*) FROM posts") == [(120,)]


CREATE = """
import asyncio, sys
from fastapi_orm import Database, SerializationError
from models import MODELS, Post

async def main():
    async with Database(sys.argv[1]) as db:
        await db.create_tables(MODELS)
        async with db.session() as session:
            await Post.create(session, title="a")

sys.stdin.readline()
asyncio.run(main())
"""


def test_processes_that_make_the_tables_at_once_all_succeed(tmp_path, store):
    """As the workers of a server do at their start."""
    for _ in range(12):
        place = store.another()
        command = [sys.executable, "-c", CREATE, place.url]
        options = {"cwd": tmp_path, "env": environment(), "text": True}
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        processes = [subprocess.Popen(command, **options, **pipes) for _ in range(3)]
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
        assert len(place.stored("SELECT * FROM posts")) == 3


async def test_of_two_tasks_that_delete_one_row_one_does_it(either):
    async with either.session() as session:
        post = await Post.create(session, title="a")

    async def delete():
        async with either.session() as session:
            mine = await Post.get_with_deleted(session, post.id)
            return sum((await mine.soft_delete(session)).rows.values())

    assert sorted(await asyncio.gather(*(delete() for _ in range(5)))) == [0, 0, 0, 0, 1]
