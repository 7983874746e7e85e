"""A task cancelled at any await leaves no open transaction, no lost connection and nothing half done."""

import asyncio

import pytest

from fastapi_orm import Database, SessionError
from models import MODELS, Comment, Post, User
from support import python

ROWS = 1500  # enough that each statement of a cascade goes to another thread
WHEN = ["while it waits", "when its wait is over"]


class Cut:
    """Awaits a coroutine and cancels its own task at the coroutine's n-th suspension.

    Either while the coroutine waits, or when what it waits for has come and it has not run yet: an answer that is
    under way must not be lost.
    """

    def __init__(self, coroutine, number, when):
        self.coroutine = coroutine
        self.number = number
        self.when = when
        self.suspensions = 0

    def __await__(self):
        task = asyncio.current_task()
        inner = self.coroutine.__await__()
        send, value = inner.send, None
        while True:
            try:
                waits_for = send(value)
            except StopIteration as end:
                return end.value
            self.suspensions += 1
            if self.suspensions == self.number:
                if self.when == WHEN[0] or waits_for is None:
                    task.cancel()
                else:
                    waits_for.add_done_callback(lambda _: task.cancel())
            try:
                value = yield waits_for
            except BaseException as error:
                send, value = inner.throw, error
            else:
                send = inner.send


async def cut(make, number, when):
    """Runs the coroutine and cancels it at its n-th suspension; whether it got that far."""

    async def body():
        attempt = Cut(make(), number, when)
        try:
            await attempt
        finally:
            counted.append(attempt.suspensions)

    counted = []
    task = asyncio.ensure_future(body())
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    return task.cancelled(), counted[0]


async def cut_everywhere(make, check, when, most=200):
    """Cancels a fresh run at its first suspension, its second, and so on, until one runs to its end."""
    for number in range(1, most):
        cancelled, _ = await cut(make, number, when)
        await check(cancelled)
        if not cancelled:
            return number - 1
    raise AssertionError(f"still not at the end after {most} suspensions")


def suspended(times):
    """On a busy machine a thread may be done before the loop looks: then there was no await to cut at."""
    if not times:
        pytest.skip("the work was done before the loop could wait for it: there was nothing to cut")


@pytest.fixture
def busy(loop, db):
    """A database with a user of many posts with one comment each."""

    async def fill():
        async with db.session() as session:
            user = await User.create(session, username="u")
            for number in range(ROWS):
                post = await Post.create(session, title=str(number), author_id=user.id)
                await Comment.create(session, body=str(number), post_id=post.id)
        return user.id

    return loop.run_until_complete(fill())


async def left_over(store, before):
    """Nobody holds a lock, and of an unfinished run nothing is left."""
    await store.assert_settled()
    store.assert_sound()
    assert store.dump() == before


@pytest.mark.parametrize("when", WHEN)
async def test_a_cascade_cancelled_anywhere_leaves_nothing(db, store, busy, when):
    before = store.dump()

    async def run():
        async with db.session() as session:
            user = await User.get(session, busy)
            await user.soft_delete(session, cascade=True)

    async def check(cancelled):
        await store.assert_settled()
        store.assert_sound()
        if cancelled and store.dump() != before:
            # The commit had come through when the task was cancelled: then all of it is there.
            await check(False)
            async with db.session() as session:
                await (await User.get_with_deleted(session, busy)).restore(session, cascade=True)
            before.clear()
            before.update(store.dump())
        elif not cancelled:
            async with db.session() as session:
                assert await Post.filter(session).count() == 0
                assert await Comment.only_deleted(session).count() == ROWS

    suspended(await cut_everywhere(run, check, when))


@pytest.mark.parametrize("when", WHEN)
async def test_a_restore_cancelled_anywhere_leaves_nothing(db, store, busy, when):
    async with db.session() as session:
        await (await User.get(session, busy)).soft_delete(session, cascade=True)

    async def run():
        async with db.session() as session:
            user = await User.get_with_deleted(session, busy)
            await user.restore(session, cascade=True)

    async def check(cancelled):
        await store.assert_settled()
        store.assert_sound()
        async with db.session() as session:
            counts = [await model.filter(session).count() for model in (User, Post, Comment)]
            assert counts in ([0, 0, 0], [1, ROWS, ROWS])
            if cancelled and counts[0]:
                await (await User.get(session, busy)).soft_delete(session, cascade=True)

    suspended(await cut_everywhere(run, check, when))


@pytest.mark.parametrize("when", WHEN)
async def test_verbs_cancelled_while_another_program_writes_leave_nothing(db, store, when):
    """Each run waits for the lock of another program, which gives it up when the run waits."""
    before = store.dump()
    locks = []

    async def run():
        async with db.session() as session:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, locks[-1].release)
            user = await User.create(session, username="u")
            post = await Post.create(session, title="a", author_id=user.id)
            post.title = "b"
            await session.flush()
            await user.soft_delete(session, cascade=True)
            await user.restore(session, cascade=True)
            await post.delete(session, force=True)
            await user.delete(session, force=True)
            await session.rollback()

    for number in range(1, 100):
        with store.locked() as lock:
            locks.append(lock)
            cancelled, suspensions = await cut(run, number, when)
        await left_over(store, before)
        if not cancelled:
            break
    suspended(suspensions)


async def test_a_task_cancelled_while_it_waits_for_a_lock_does_not_write_later(db, store):
    before = store.dump()
    with store.locked():

        async def write():
            async with db.session() as session:
                await Post.create(session, title="late")

        task = asyncio.ensure_future(write())
        while not task.done():
            await asyncio.sleep(0)
            task.cancel()
        assert task.cancelled()
    await left_over(store, before)
    async with db.session() as session:
        assert await Post.all(session) == []


async def test_a_task_cancelled_in_the_queue_of_writers_lets_the_next_one_pass(db):
    async with db.session() as holder:
        await Post.create(holder, title="first")

        async def write(title):
            async with db.session() as session:
                await Post.create(session, title=title)

        waiting = [asyncio.ensure_future(write(f"waits {n}")) for n in range(10)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        await asyncio.wait(waiting[::2])
    await asyncio.gather(*waiting[1::2])
    async with db.session() as session:
        assert sorted(post.title for post in await Post.all(session)) == [
            "first",
            *(f"waits {n}" for n in (1, 3, 5, 7, 9)),
        ]


async def test_a_cancelled_wait_for_a_connection_loses_none(loop, store):
    async with Database(store.url, pool_size=2, max_overflow=0) as db:
        await db.create_tables(MODELS)
        gate = asyncio.Event()

        async def hold():
            async with db.session() as session:
                await Post.create(session, title="held")
                await gate.wait()

        holders = [asyncio.ensure_future(hold())]
        await asyncio.sleep(0)
        waiting = [asyncio.ensure_future(hold()) for _ in range(20)]
        for _ in range(5):
            await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        gate.set()
        await asyncio.gather(*holders)
        for _ in range(5):
            async with db.session() as one:
                await Post.create(one, title="again")
                async with db.session() as two:
                    await Post.all(two)


async def test_a_session_says_that_a_call_in_it_was_cancelled(db, database, store, busy):
    async with db.session() as session:
        user = await User.get(session, busy)
        # On SQLite the first suspension is that of a task which takes the session over, and has done nothing yet.
        number = 2 if database == "sqlite" else 1
        cancelled, _ = await cut(lambda: user.soft_delete(session, cascade=True), number, WHEN[0])
        suspended(int(cancelled))
        with pytest.raises(SessionError) as refused:
            await Post.filter(session).count()
        assert "rollback()" in str(refused.value)
        await store.assert_settled()
        await session.rollback()
        assert await Post.filter(session).count() == ROWS
        await Post.create(session, title="after")
    async with db.session() as session:
        assert await Post.filter(session).count() == ROWS + 1


async def test_a_timeout_around_a_verb_leaves_nothing(db, store):
    before = store.dump()
    with store.locked(), pytest.raises(asyncio.TimeoutError):
        async with db.session() as session:
            await asyncio.wait_for(Post.create(session, title="a"), 0.05)
    await left_over(store, before)


async def test_a_cancelled_query_of_many_rows_leaves_the_session_usable(db, busy):
    async with db.session() as session:
        for number in range(1, 20):
            cancelled, _ = await cut(lambda: gather_rows(session), number, WHEN[0])
            await session.rollback()
            assert len(await Post.all(session)) == ROWS
            if not cancelled:
                break


async def gather_rows(session):
    return await Post.filter(session, title={"contains": "1"}).order_by("content", "-id")


async def test_many_cancelled_tasks_leave_all_connections(db, store, busy):
    before = store.dump()

    async def run(number):
        async with db.session() as session:
            user = await User.get(session, busy)
            await user.soft_delete(session, cascade=True)
            await Post.create(session, title=str(number))
            await session.rollback()

    for rounds in range(5):
        tasks = [asyncio.ensure_future(run(number)) for number in range(30)]
        for _ in range(rounds):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    await left_over(store, before)
    await asyncio.gather(*(run(number) for number in range(30)))
    await left_over(store, before)


KEYBOARD_INTERRUPT = """
import asyncio, gc, sys
import loops
from fastapi_orm import Database
from models import MODELS, Post, User

db = Database(sys.argv[2])

async def work():
    await db.create_tables(MODELS)
    async with db.session() as session:
        user = await User.create(session, username="u")
        await Post.create(session, title="a", author_id=user.id)
        await user.soft_delete(session, cascade=True)
        raise KeyboardInterrupt

loop = loops.new(sys.argv[1])
try:
    loop.run_until_complete(work())
except KeyboardInterrupt:
    loops.close(loop)
else:
    raise SystemExit("not interrupted")
"""


def test_a_keyboard_interrupt_inside_a_transaction_leaves_nothing(loop, tmp_path, store):
    name = "uvloop" if "uvloop" in type(loop).__module__ else "asyncio"
    python(KEYBOARD_INTERRUPT, name, store.url, cwd=tmp_path)
    store.assert_unlocked()
    store.assert_sound()
    assert store.dump()["users"] == []
