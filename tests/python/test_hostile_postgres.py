"""What statements of a user's own do to a transaction and to the next session of the pool, on PostgreSQL."""

import pytest

import store as stores
from fastapi_orm import Database, DatabaseError, DuplicateRecordError
from models import MODELS, Post

pytestmark = pytest.mark.postgres

# Each leaves something on its connection: the statement, and what tells whether it is there.
LEFT = {
    "a setting": ("SET statement_timeout = 12345", "SELECT current_setting('statement_timeout') = '12345ms'"),
    "a setting by a function": (
        "SELECT set_config('statement_timeout', '12345', false)",
        "SELECT current_setting('statement_timeout') = '12345ms'",
    ),
    "a setting of its own": ("SET app.tenant = 'a'", "SELECT coalesce(current_setting('app.tenant', true), '') = 'a'"),
    "a role": ("SET ROLE pg_monitor", "SELECT current_user = 'pg_monitor'"),
    "another user": ("SET SESSION AUTHORIZATION pg_monitor", "SELECT session_user = 'pg_monitor'"),
    "a temporary table": (
        "CREATE TEMP TABLE posts AS SELECT 1 AS id",
        "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('pg_temp.posts'))",
    ),
    "a lock": (
        "SELECT pg_advisory_lock(4711)",
        "SELECT EXISTS (SELECT FROM pg_locks WHERE objid = 4711 AND locktype = 'advisory')",
    ),
    "a channel": ("LISTEN news", "SELECT EXISTS (SELECT FROM pg_listening_channels())"),
    "a statement": (
        "PREPARE p AS SELECT 1",
        "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'p')",
    ),
    "a cursor": ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "SELECT EXISTS (SELECT FROM pg_cursors WHERE name = 'c')"),
}


@pytest.fixture
def server(tmp_path):
    """A schema of a server."""
    with stores.fresh("postgres", tmp_path) as store:
        yield store


@pytest.fixture
def db(loop, server):
    """A database in it, with one connection, and a function that writes."""
    db = Database(server.url, pool_size=1, max_overflow=0)
    loop.run_until_complete(db.create_tables(MODELS))
    loop.run_until_complete(
        db.execute_raw(
            "CREATE FUNCTION add_post(title text) RETURNS bigint LANGUAGE sql "
            "AS $$ INSERT INTO posts (title, views) VALUES (title, 0) RETURNING id $$"
        )
    )
    yield db
    loop.run_until_complete(db.close())


async def scalar(session, sql, **settings):
    return (await session.execute(sql, **settings)).scalar()


async def test_a_rollback_undoes_what_a_function_in_a_select_wrote(db, server):
    async with db.session() as session:
        await session.execute("SELECT add_post('a')")
        assert await Post.count(session) == 1
        await session.rollback()
        await session.execute("SELECT add_post('b')")
    assert server.stored("SELECT title FROM posts") == [("b",)]


async def test_a_local_setting_holds_as_long_as_the_transaction(db):
    async with db.session() as session:
        await session.execute("SELECT set_config('app.tenant', 'a', true)")
        assert await scalar(session, "SELECT current_setting('app.tenant')") == "a"
        await Post.create(session, title="a")
        assert await scalar(session, "SELECT current_setting('app.tenant')") == "a"
        await session.commit()
        assert await scalar(session, "SELECT current_setting('app.tenant', true)") in (None, "")


async def test_a_lock_of_a_transaction_is_held_until_its_end(db, server):
    free = "SELECT pg_try_advisory_xact_lock(99)"
    async with db.session() as session:
        await session.execute("SELECT pg_advisory_xact_lock(99)")
        assert server.stored(free) == [(False,)]
        await session.commit()
        assert server.stored(free) == [(True,)]


async def test_a_database_keeps_what_a_function_in_a_select_wrote(db, server):
    assert await db.fetch_one("SELECT add_post('a') > 0 AS done") == {"done": True}
    assert await db.fetch_all("SELECT add_post('b') > 0 AS done", read_only=True) == [{"done": True}]
    assert server.stored("SELECT title FROM posts ORDER BY 1") == [("a",), ("b",)]


@pytest.mark.parametrize("ended", ["committed", "rolled back", "left", "failed"])
@pytest.mark.parametrize("what", LEFT)
async def test_what_a_statement_leaves_reaches_no_other_session(db, server, what, ended):
    leaves, seen = LEFT[what]
    context = db.session()
    session = await context.__aenter__()
    await session.execute(leaves)
    # A channel is listened to from the commit on.
    assert await scalar(session, seen) or what == "a channel", "it is there for the session that asked for it"
    if ended == "committed":
        await session.commit()
    elif ended == "rolled back":
        await session.rollback()
    elif ended == "failed":
        with pytest.raises(DatabaseError):
            await session.execute("SELECT 1 / 0")
    if ended == "left":
        await session.close()
    await context.__aexit__(None, None, None)
    async with db.session() as other:
        assert not await scalar(other, seen)
        await Post.create(other, title="kept")
    assert server.stored("SELECT title FROM posts") == [("kept",)]


async def test_a_connection_keeps_its_statements_and_what_it_was_opened_with(server, loop):
    db = Database(f"{server.url}%20-cstatement_timeout=54321&application_name=shop", pool_size=1, max_overflow=0)
    try:
        await db.create_tables(MODELS)
        prepared = "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql AND statement LIKE '%posts%'"
        async with db.session() as session:
            await Post.count(session)
        before = await db.fetch_one(f"SELECT pg_backend_pid() AS pid, ({prepared}) AS prepared", read_only=True)
        assert before["prepared"] > 0
        await db.execute_raw("SET statement_timeout = 1000")
        await db.execute_raw("SET application_name = 'other'")
        assert await db.fetch_one(f"SELECT pg_backend_pid() AS pid, ({prepared}) AS prepared") == before
        settings = "SELECT current_setting('statement_timeout') AS t, current_setting('application_name') AS a"
        assert await db.fetch_one(settings) == {"t": "54321ms", "a": "shop"}
    finally:
        await db.close()


async def test_a_connection_is_not_reset_for_what_the_library_runs(db):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    last = "SELECT lastval()"
    assert (await db.execute_raw(last, read_only=True)).scalar() == post.id
    await db.execute_raw("SELECT 1")
    with pytest.raises(DatabaseError, match="lastval"):
        await db.execute_raw(last, read_only=True)


async def test_a_commit_that_fails_takes_back_what_was_left(db, server):
    await db.execute_raw("ALTER TABLE posts ADD CONSTRAINT one UNIQUE (title) DEFERRABLE INITIALLY DEFERRED")
    context = db.session()
    session = await context.__aenter__()
    await session.execute("SELECT add_post('a'), add_post('a'), pg_advisory_lock(4711)")
    await session.execute("SET statement_timeout = 12345")
    with pytest.raises(DuplicateRecordError, match="Post with title"):
        await session.commit()
    await context.__aexit__(None, None, None)
    async with db.session() as other:
        assert not await scalar(other, LEFT["a setting"][1])
        assert not await scalar(other, LEFT["a lock"][1])
    assert server.stored("SELECT title FROM posts") == []
