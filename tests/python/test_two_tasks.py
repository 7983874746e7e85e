"""A session in several tasks: their calls run one after the other, on every database, in one transaction."""

import asyncio
import sys

import pytest

from fastapi_orm import SessionError
from models import Post, User


async def test_calls_that_are_gathered_are_made_in_their_order(session, stored):
    posts = await asyncio.gather(*(Post.create(session, title=f"post {n}") for n in range(5)))
    assert [post.title for post in posts] == [f"post {n}" for n in range(5)]
    await session.commit()
    assert stored("SELECT title FROM posts ORDER BY id") == [(f"post {n}",) for n in range(5)]


async def test_a_call_sees_what_those_before_it_wrote(session):
    calls = [Post.count(session), Post.create(session, title="a"), Post.count(session), session.rollback()]
    before, post, after, _, at_last = await asyncio.gather(*calls, Post.count(session))
    assert (before, post.title, after, at_last) == (0, "a", 1, 0)


async def test_tasks_of_several_calls_write_all_they_have_to(session, stored):
    async def work(name):
        user = await User.create(session, username=name)
        for number in range(3):
            post = await Post.create(session, title=f"{name} {number}", author_id=user.id)
            await post.update(session, content=f"{name}'s")
        return await Post.count(session, author_id=user.id)

    assert await asyncio.gather(work("ann"), work("bob"), work("eve")) == [3, 3, 3]
    await session.commit()
    assert stored("SELECT count(*) FROM posts WHERE content IS NOT NULL") == [(9,)]


async def test_a_call_that_fails_takes_nothing_from_the_others(session, stored):
    await User.create(session, username="taken")
    calls = [User.create(session, username=name) for name in ("ann", "taken", "bob")]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["User", "DuplicateRecordError", "User"]
    await session.commit()
    assert stored("SELECT username FROM users ORDER BY username") == [("ann",), ("bob",), ("taken",)]


async def test_a_call_that_is_given_up_while_it_waits_lets_the_next_one_through(session, store):
    with store.locked() as lock:
        first, second, third = (asyncio.ensure_future(Post.create(session, title=title)) for title in "abc")
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        lock.release()
        assert [(await task).title for task in (first, third)] == ["a", "c"]
    assert [post.title for post in await Post.all(session)] == ["a", "c"]


async def test_a_call_that_waits_while_the_session_is_closed_says_so(db, store):
    async with db.session() as session:
        with store.locked() as lock:
            first, second = (asyncio.ensure_future(Post.create(session, title=title)) for title in "ab")
            await asyncio.sleep(0)
            session.close_now()
            with pytest.raises(SessionError, match="closed"):
                await second
            lock.release()
            await asyncio.gather(first, return_exceptions=True)


async def test_a_session_is_handed_from_task_to_task(session):
    lock, queue, done = asyncio.Lock(), asyncio.Queue(), asyncio.Queue()

    async def work(name):
        async with lock:
            return await Post.create(session, title=name)

    async def worker():
        while (title := await queue.get()) is not None:
            done.put_nowait(await work(title))

    await asyncio.create_task(work("child"))
    await asyncio.wait_for(work("with a limit"), 30)
    await asyncio.gather(work("a"), work("b"), work("c"))
    task = asyncio.create_task(worker())
    for title in ("d", "e"):
        queue.put_nowait(title)
        await done.get()
        assert await Post.exists(session, title=title)
    queue.put_nowait(None)
    await task
    assert await Post.count(session) == 7


async def test_a_block_that_fails_in_one_task_takes_what_others_wrote_in_it(session):
    begun = asyncio.Event()

    async def block():
        async with session.begin():
            begun.set()
            await written.wait()
            raise RuntimeError

    async def write():
        await begun.wait()
        await Post.create(session, title="in the block of another task")
        written.set()

    written = asyncio.Event()
    outcome, _ = await asyncio.gather(block(), write(), return_exceptions=True)
    assert isinstance(outcome, RuntimeError)
    assert await Post.count(session) == 0


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
async def test_tasks_that_begin_eagerly_share_a_session(loop, session):
    loop.set_task_factory(asyncio.eager_task_factory)
    await asyncio.gather(*(Post.create(session, title="a") for _ in range(3)))
    assert await Post.count(session) == 3
