"""Answers that are looked for instead of waited for: only by who is alone on its loop, and where it is wanted."""

import asyncio

import pytest

from fastapi_orm import Database
from models import Post

pytestmark = pytest.mark.postgres
POSTS = 10


class Counted:
    """Awaits a coroutine; how often it waited."""

    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.waits = 0

    def __await__(self):
        for waits_for in self.coroutine.__await__():
            self.waits += 1
            yield waits_for


async def read(db, times):
    """Reads posts in turns; every answer is that to its question."""
    async with db.session() as session:
        for turn in range(times):
            id = 1 + turn % POSTS
            assert (await Post.get(session, id)).title == f"post {id}"


async def test_where_it_is_not_wanted_every_answer_is_waited_for(loop, ten_posts):
    async with Database(ten_posts, busy_poll=False) as db:
        await read(db, 20)
        for _ in range(200):
            counted = Counted(read(db, 1))
            await counted
            assert counted.waits > 0


@pytest.mark.parametrize("busy_poll", [True, False])
async def test_every_task_gets_its_own_answers(loop, ten_posts, busy_poll):
    async with Database(ten_posts, busy_poll=busy_poll) as db:
        await read(db, 300)
        for tasks in (2, 3, 20):
            await asyncio.gather(*(read(db, 50) for _ in range(tasks)))


async def test_whoever_else_wants_to_run_runs(loop, ten_posts):
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with Database(ten_posts) as db:
        await read(db, 50)
        task = asyncio.ensure_future(other())
        await asyncio.sleep(0)
        before = turns
        await read(db, 500)
        task.cancel()
    # asyncio's loop shows what it will call next. Others do not: there the task that reads is taken for the only one,
    # and lets the others run every few milliseconds.
    assert turns - before >= (500 if hasattr(loop, "_ready") else 1)
