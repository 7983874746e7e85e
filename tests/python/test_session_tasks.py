"""A session belongs to one task at a time, and both databases say so when two use it at once."""

import asyncio

import pytest

from fastapi_orm import SessionError
from models import Post, User

COUNT = 5


@pytest.fixture
def posts(loop, db):
    """A database with three posts."""

    async def fill():
        async with db.session() as session:
            await Post.bulk_create(session, [{"title": f"post {number}"} for number in range(3)])

    loop.run_until_complete(fill())
    return db


def outcomes(results):
    """How many calls were answered, and that all others were refused for the task."""
    refused = [result for result in results if isinstance(result, BaseException)]
    for error in refused:
        assert isinstance(error, SessionError), error
        assert "another task" in str(error)
    return len(results) - len(refused)


async def reads(session):
    return await Post.get(session, 1)


async def writes(session):
    return await Post.create(session, title="new")


async def runs_sql(session):
    return await session.execute("SELECT 1")


async def flushes(session):
    await session.flush()
    return await Post.count(session)


@pytest.mark.parametrize("call", [reads, writes, runs_sql, flushes])
async def test_tasks_that_are_started_together_are_refused_but_one(posts, call):
    async with posts.session() as session:
        results = await asyncio.gather(*(call(session) for _ in range(COUNT)), return_exceptions=True)
        assert outcomes(results) == 1
        # It is as usable as before.
        assert await Post.get(session, 2)


async def test_calls_that_are_gathered_without_a_function_around_them_are_refused_but_one(posts):
    async with posts.session() as session:
        calls = [Post.get(session, 1), Post.all(session), Post.create(session, title="new"), Post.count(session)]
        assert outcomes(await asyncio.gather(*calls, return_exceptions=True)) == 1


async def test_tasks_that_take_turns_share_a_session(posts):
    turn = asyncio.Lock()

    async def one(session, number):
        for _ in range(3):
            async with turn:
                post = await Post.create(session, title=f"new {number}")
                assert (await Post.get(session, post.id)).title == post.title

    async with posts.session() as session:
        await asyncio.gather(*(one(session, number) for number in range(COUNT)))
        assert await Post.count(session) == 3 + 3 * COUNT


async def test_a_session_may_be_handed_over(posts):
    async def work(session):
        post = await Post.create(session, title="handed over")
        return await Post.get(session, post.id)

    async with posts.session() as session:
        for _ in range(3):
            post = await asyncio.create_task(work(session))
            assert post.title == "handed over"
            assert await Post.get(session, post.id)
        await asyncio.wait_for(work(session), 60)


async def test_a_task_that_is_cancelled_while_it_takes_over_has_done_nothing(posts):
    async with posts.session() as session:
        task = asyncio.ensure_future(Post.create(session, title="never"))
        asyncio.get_running_loop().call_soon(task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        # On a server it may have been under way, and took the transaction along.
        await session.rollback()
        assert await Post.count(session) == 3


async def test_a_relation_is_read_in_place_by_another_task(db):
    async def read(post):
        return post.author.username

    async with db.session() as session:
        user = await User.create(session, username="ada")
        post = await Post.create(session, title="a", author_id=user.id)
        await session.commit()
        post = await Post.get(session, post.id)
        assert await asyncio.create_task(read(post)) == "ada"
