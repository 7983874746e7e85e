"""Commands that take longer than they may: a long statement, and a lock that is never released."""

import asyncio
import time
import uuid

import pytest

import loops
import store as stores
from fastapi_orm import (
    Database,
    DatabaseTimeoutError,
    Session,
    SessionError,
    ValidationError,
    atomic,
    transactional,
)
from models import MODELS, Post

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) SELECT count(*) FROM n"


@pytest.fixture
def connected(loop, store):
    """Makes databases at the same place, with settings of a test's own; closes them."""
    made = []

    def connect(**settings):
        made.append(Database(store.url, **settings))
        return made[-1]

    loop.run_until_complete(connect().create_tables(MODELS))
    yield connect
    for db in made:
        loop.run_until_complete(db.close())


async def test_a_statement_without_an_end_is_stopped(connected, stored):
    db = connected(command_timeout=0.2)
    async with db.session() as session:
        await Post.create(session, title="a")
        with pytest.raises(DatabaseTimeoutError, match=r"0\.2 s \(command_timeout\)") as raised:
            await session.execute(LONG)
        assert raised.value.in_doubt is False and isinstance(raised.value, TimeoutError)
        with pytest.raises(SessionError, match="rollback"):
            await Post.count(session)
        await session.rollback()
        await Post.create(session, title="b")
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_a_session_and_a_call_have_limits_of_their_own(connected):
    db = connected(command_timeout=600)
    async with db.session(command_timeout=0.2) as session:
        with pytest.raises(DatabaseTimeoutError, match=r"0\.2 s"):
            await session.execute(LONG)
        await session.rollback()
        with pytest.raises(DatabaseTimeoutError, match=r"0\.1 s"):
            await session.execute(LONG, command_timeout=0.1, read_only=True)
    async with db.session() as session:
        with pytest.raises(DatabaseTimeoutError, match=r"0\.1 s"):
            await session.execute(LONG, command_timeout=0.1)
        await session.rollback()
        assert await Post.count(session) == 0


@pytest.mark.parametrize("call", ["execute_raw", "fetch_one", "fetch_all"])
async def test_a_database_s_own_call_has_a_limit(connected, call):
    with pytest.raises(DatabaseTimeoutError, match=r"0\.1 s"):
        await getattr(connected(), call)(LONG, command_timeout=0.1)


async def test_a_limit_can_be_lifted(connected):
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n"
    db = connected(command_timeout=1e-9)
    async with db.session(command_timeout=0) as session:
        assert (await session.execute(sql)).scalar() == 200000
    async with db.session() as session:
        assert (await session.execute(sql, command_timeout=0, read_only=True)).scalar() == 200000


async def test_a_lock_of_another_program_is_waited_for_no_longer(connected, store):
    db = connected(command_timeout=0.2)
    with store.locked():
        async with db.session() as session:
            with pytest.raises(DatabaseTimeoutError, match="command_timeout"):
                await Post.create(session, title="a")
            await session.rollback()
    await store.assert_settled()
    async with db.session() as session:
        await Post.create(session, title="b")
        assert await Post.count(session) == 1


async def test_work_of_its_own_has_a_limit_of_its_own(connected):
    @transactional(connected(), command_timeout=0.1)
    async def decorated(session):
        await session.execute(LONG)

    db = connected()
    for attempt in (
        lambda: atomic(db, Session.execute, LONG, command_timeout=0.1),
        atomic(db, command_timeout=0.1)(decorated.__wrapped__),
        decorated,
    ):
        with pytest.raises(DatabaseTimeoutError, match=r"0\.1 s"):
            await attempt()


async def test_a_limit_is_of_sessions_of_ones_own(connected):
    async with connected().session() as session:
        with pytest.raises(ValidationError, match="command_timeout"):
            atomic(session, command_timeout=1)
    with pytest.raises(ValidationError, match="command_timeout"):
        transactional(command_timeout=1)


@pytest.mark.parametrize("wrong", [-1, float("nan"), "5", True])
async def test_a_limit_is_a_number_of_seconds(connected, wrong):
    with pytest.raises(ValidationError, match="command_timeout"):
        connected(command_timeout=wrong)
    db = connected()
    for attempt in (db.session, lambda **limit: atomic(db, **limit), lambda **limit: transactional(db, **limit)):
        with pytest.raises(ValidationError, match="command_timeout"):
            attempt(command_timeout=wrong)


async def timed_out(db, sql):
    with pytest.raises(DatabaseTimeoutError):
        await db.execute_raw(sql, command_timeout=0.1)


async def given_up(db, sql):
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(db.execute_raw(sql), 0.1)


@pytest.mark.postgres
@pytest.mark.parametrize("closes", [True, False], ids=["closed", "left open"])
@pytest.mark.parametrize("stop", [timed_out, given_up])
@pytest.mark.parametrize("name", loops.NAMES)
def test_a_statement_is_stopped_though_its_loop_ends(name, stop, closes, tmp_path):
    async def main():
        db = Database(store.url)
        await stop(db, f"SELECT pg_sleep(300), '{mark}'")
        if closes:
            await db.close()

    mark = uuid.uuid4().hex
    with stores.fresh("postgres", tmp_path) as store:
        loop = loops.new(name)
        loop.run_until_complete(main())
        loop.close()
        running = (
            f"SELECT pid FROM pg_stat_activity WHERE query LIKE '%{mark}%' AND state = 'active'"
            " AND pid <> pg_backend_pid()"
        )
        end = time.monotonic() + 20
        while store.stored(running):
            assert time.monotonic() < end, "the server is still at it"
