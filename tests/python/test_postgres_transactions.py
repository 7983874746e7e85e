"""What transactions on a server see of others, what is run again, and what is said when the server goes away."""

import asyncio
import itertools

import pytest

import store as stores
from fastapi_orm import (
    ConnectionLostError,
    Database,
    DatabaseTimeoutError,
    DatabaseUnavailableError,
    SerializationError,
    atomic,
)
from fastapi_orm.statuses import status
from models import MODELS, Post
from support import says

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(tmp_path):
    """A schema of a server."""
    with stores.fresh("postgres", tmp_path) as store:
        yield store


@pytest.fixture
def connected(loop, server):
    """Makes databases in it, with settings of a test's own; closes them."""
    made = []

    def connect(more="", **settings):
        made.append(Database(server.url + more, **settings))
        return made[-1]

    loop.run_until_complete(connect().create_tables(MODELS))
    yield connect
    for db in made:
        loop.run_until_complete(db.close())


@pytest.fixture
def db(connected):
    return connected()


async def one(session, sql):
    return (await session.execute(sql)).first()[0]


def end(server, pid):
    """Ends a connection, as an administrator does."""
    assert server.stored("SELECT pg_terminate_backend(?, 10000)", pid) == [(True,)]


@pytest.mark.parametrize("level", [None, "read committed", "repeatable read", "serializable"])
async def test_a_session_has_the_level_it_asks_for(db, level):
    async with db.session(isolation=level) as session:
        assert await one(session, "SHOW transaction_isolation") == (level or "read committed")
        await Post.create(session, title="a")
        assert await one(session, "SHOW transaction_isolation") == (level or "read committed")
        await session.commit()
        assert await one(session, "SHOW transaction_isolation") == (level or "read committed")
    async with db.session() as session:
        assert await one(session, "SHOW transaction_isolation") == "read committed", "a connection is lent as it was"


@pytest.mark.parametrize(("level", "seen"), [("read committed", [1, 2]), ("repeatable read", [1, 1])])
async def test_a_level_says_what_is_seen_of_others(db, level, seen):
    async with db.session() as other:
        await Post.create(other, title="a")
    async with db.session(isolation=level) as session:
        counts = [await Post.count(session)]
        async with db.session() as other:
            await Post.create(other, title="b")
        counts.append(await Post.count(session))
    assert counts == seen


async def move(session, met=None):
    """Decides by a count, as others do at the same time."""
    count = await Post.count(session)
    if met:
        await met()
    await Post.create(session, title=f"{count} before")


def meeting(number):
    """A place where so many wait for each other, once."""
    barrier = asyncio.Event()
    arrived = itertools.count(1)

    async def meet():
        if next(arrived) >= number:
            barrier.set()
        await barrier.wait()

    return meet


async def test_of_transactions_that_could_not_have_been_alone_one_fails(db, server):
    meet = meeting(2)

    async def decide():
        async with db.session(isolation="serializable") as session:
            await move(session, meet)

    failed = [error for error in await asyncio.gather(decide(), decide(), return_exceptions=True) if error]
    assert [isinstance(error, SerializationError) for error in failed] == [True], failed
    assert failed[0].retryable
    says(failed[0], "again")
    assert server.stored("SELECT title FROM posts") == [("0 before",)]


async def test_of_blocks_too_and_the_error_is_the_same(db):
    meet = meeting(2)

    async def decide():
        async with db.session(isolation="serializable") as session, session.begin():
            await move(session, meet)

    failed = [error for error in await asyncio.gather(decide(), decide(), return_exceptions=True) if error]
    assert [isinstance(error, SerializationError) for error in failed] == [True], failed


async def test_work_that_is_run_again_is_done_as_if_nobody_else_was_there(db, server):
    meet = meeting(3)
    work = atomic(db, retries=50, isolation="serializable")
    await asyncio.gather(*(work.run(move, meet) for _ in range(3)))
    titles = sorted(title for (title,) in server.stored("SELECT title FROM posts"))
    assert titles == ["0 before", "1 before", "2 before"]


async def test_those_who_wait_for_each_other_are_told_and_the_work_is_run_again(db, server):
    async with db.session() as session:
        ids = [(await Post.create(session, title="a")).id for _ in range(2)]
    meet = meeting(2)

    async def both(session, first, second):
        for id in (first, second):
            post = await Post.get(session, id)
            await post.update(session, title=post.title + "!")
            await meet()

    work = atomic(db, retries=10)
    await asyncio.gather(work.run(both, *ids), work.run(both, *reversed(ids)))
    titles = [title for (title,) in server.stored("SELECT title FROM posts")]
    assert all(title.startswith("a!") for title in titles)


async def test_a_deadlock_without_retries_is_an_error_of_its_kind(db):
    async with db.session() as session:
        ids = [(await Post.create(session, title="a")).id for _ in range(2)]
    meet = meeting(2)

    async def both(first, second):
        async with db.session() as session:
            for id in (first, second):
                await (await Post.get(session, id)).update(session, title=str(first))
                await meet()

    ended = await asyncio.gather(both(*ids), both(*reversed(ids)), return_exceptions=True)
    failed = [error for error in ended if error]
    assert [isinstance(error, SerializationError) for error in failed] == [True], failed


async def test_a_transaction_whose_connection_is_ended_was_not_done(db, server):
    async with db.session() as session:
        await Post.create(session, title="lost")
        end(server, await one(session, "SELECT pg_backend_pid()"))
        with pytest.raises(ConnectionLostError) as lost:
            await Post.create(session, title="lost, too")
        assert not lost.value.in_doubt
        says(lost.value, "lost")
        await session.rollback()
        await Post.create(session, title="kept")
    assert server.stored("SELECT title FROM posts") == [("kept",)]


async def test_a_commit_whose_connection_is_lost_is_in_doubt(db, server):
    async with db.session() as session:
        await Post.create(session, title="lost")
        end(server, await one(session, "SELECT pg_backend_pid()"))
        with pytest.raises(ConnectionLostError) as lost:
            await session.commit()
        assert status(ConnectionLostError) == 503
        if lost.value.in_doubt:
            says(lost.value, "not known", "look")
        await session.rollback()
    assert server.stored("SELECT count(*) FROM posts") == [(0,)]


async def test_a_connection_that_was_ended_unused_is_replaced_without_a_word(db, server):
    async with db.session() as session:
        pid = await one(session, "SELECT pg_backend_pid()")
    end(server, pid)
    async with db.session() as session:
        assert await one(session, "SELECT pg_backend_pid()") != pid


@pytest.mark.parametrize(("age", "same"), [(0, False), (3600, True), (-1, True), (None, True)])
async def test_a_connection_grows_as_old_as_it_may(connected, age, same):
    db = connected(pool_recycle=age)
    pids = set()
    for _ in range(20):
        async with db.session() as session:
            pids.add(await one(session, "SELECT pg_backend_pid()"))
    assert len(pids) == (1 if same else 20)


@pytest.mark.parametrize(("prepared", "kept"), [(None, True), (True, True), (False, False)])
async def test_statements_are_prepared_unless_a_pooler_is_in_between(connected, prepared, kept):
    db = connected(prepared_statements=prepared)
    async with db.session() as session:
        for title in "ab":
            await Post.create(session, title=title)
        assert [post.title for post in await Post.all(session).order_by("title")] == ["a", "b"]
        # This one is prepared for the names of its columns, and closed before the transaction ends.
        others = "SELECT count(*) FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'"
        assert (await one(session, others) > 0) is kept


async def test_nobody_gets_a_connection_that_others_keep(connected):
    db = connected(pool_size=1, max_overflow=0, pool_timeout=0.05)
    async with db.session() as first, db.session() as second:
        await Post.create(first, title="a")
        with pytest.raises(DatabaseTimeoutError) as refused:
            await Post.create(second, title="b")
        says(refused.value, "pool_size")


async def test_a_server_that_is_not_there_is_told_without_its_password(loop):
    db = Database("postgresql://ann:topsecret@127.0.0.1:1/blog?connect_timeout=5")
    with pytest.raises(DatabaseUnavailableError) as refused:
        await db.create_tables()
    assert status(DatabaseUnavailableError) == 503
    assert "topsecret" not in f"{refused.value} {refused.value.details} {db!r} {db.database_url}"
    assert "topsecret" not in str(await db.health_check())
    assert not await db.ping()
