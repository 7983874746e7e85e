"""A server that is far away and slow: every answer is that to its question, and who stops waiting leaves nothing."""

import asyncio
from collections.abc import Iterator

import pytest

from fastapi_orm import Database
from late import Late
from models import Comment, Post, User

pytestmark = pytest.mark.postgres


@pytest.fixture
def far(loop, ten_posts) -> Iterator[Database]:
    late = Late(ten_posts)
    database = Database(late.url, pool_size=3, max_overflow=0)
    yield database
    loop.run_until_complete(database.close())
    late.close()


async def title(db, id):
    async with db.session() as session:
        return (await Post.get(session, id)).title


async def test_a_crowd_gets_each_its_own_answer(loop, far):
    assert await asyncio.gather(*(title(far, 1 + n % 10) for n in range(40))) == [
        f"post {1 + n % 10}" for n in range(40)
    ]


async def test_a_deletion_and_its_undoing_are_whole(loop, far):
    async with far.session() as session:
        user = await User.create(session, username="far")
        post = await Post.create(session, title="away", author_id=user.id)
        for n in range(5):
            await Comment.create(session, body=str(n), post_id=post.id)
        await session.commit()
        deletion = await user.soft_delete(session, cascade=True)
        assert deletion.rows == {"users": 1, "posts": 1, "comments": 5}
        await session.commit()
        await deletion.undo(session)
        assert await Comment.filter(session, post_id=post.id).count() == 5
        await Post.filter(session, id=post.id).delete(force=True)
        await session.rollback()


async def test_who_stops_waiting_leaves_a_pool_that_works(loop, far):
    async def write(n):
        async with far.session() as session:
            user = await User.create(session, username=f"gone {n}")
            await Post.create(session, title="gone", author_id=user.id)
            await asyncio.sleep(3600)

    tasks = [asyncio.ensure_future(write(n)) for n in range(12)]
    for n, task in enumerate(tasks):
        await asyncio.sleep(0.001 * n)
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)
    assert await asyncio.gather(*(title(far, 1 + n) for n in range(6))) == [f"post {1 + n}" for n in range(6)]
    async with far.session() as session:
        assert await User.filter(session, username={"startswith": "gone"}).count() == 0
        # Nobody holds a row of theirs any more.
        await User.create(session, username="gone 0")
        await session.rollback()
