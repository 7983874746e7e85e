"""Prints what the library takes on PostgreSQL beside raw asyncpg: records of prepared statements, no objects.

Client and server are on one machine, and both sides use the same tables. ``cargo xtask bench`` starts the server;
REPRIEVE_TEST_POSTGRES_URL names another one. Every figure is the median of one run, both sides in turns. Nothing here
passes or fails.
"""

import argparse
import asyncio
import os
import platform
import secrets
import uuid
from datetime import datetime, timezone
from urllib.parse import quote

import asyncpg

from by_hand import ENTRIES_EACH, LIVE_POSTS, deletion_id
from fastapi_orm import Database
from files import CONTENT
from measure import Row, interleaved, print_table
from models import POST_COLUMNS, Author, Entry, Post

try:
    import uvloop
except ImportError:  # Windows has none
    uvloop = None

VARIABLE = "REPRIEVE_TEST_POSTGRES_URL"
BESIDE_ASYNCPG = ("ours", "asyncpg")
SELECT_LIVE = f"SELECT {', '.join(POST_COLUMNS)} FROM posts WHERE deleted_at IS NULL"
SELECT_ONE = f"{SELECT_LIVE} AND id = $1"
INSERT = (
    "INSERT INTO posts (title, content, published, created_at) VALUES ($1, $2, $3, $4)"
    f" RETURNING {', '.join(POST_COLUMNS)}"
)
MARK_AUTHOR = "UPDATE authors SET deleted_at = $1, deletion_id = $2 WHERE id = $3 AND deleted_at IS NULL"
MARK_ENTRIES = "UPDATE entries SET deleted_at = $1, deletion_id = $2 WHERE author_id = $3 AND deleted_at IS NULL"
GETS = range(2, 2 + 2_000)
CROWD = range(2, 2 + 100)


async def compare(url: str, rounds: int, uses_uvloop: bool) -> list[Row]:
    """Every row of the table, in a schema that is dropped again."""
    schema = f"reprieve_bench_{secrets.token_hex(8)}"
    url = f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={schema}', safe='')}"
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE SCHEMA {schema}")
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10)
    database = Database(url)
    try:
        await fill(database, connection, rounds)
        return [
            await point_read(database, connection, rounds, 1.0 if uses_uvloop else 0.6),
            await point_read_by_pool(database, pool, rounds),
            await whole_table(database, connection, rounds),
            await create_and_commit(database, connection, rounds),
            await crowd(database, pool, rounds),
            await cascade(database, connection, rounds),
        ]
    finally:
        await database.close()
        await pool.close()
        await connection.execute(f"DROP SCHEMA {schema} CASCADE")
        await connection.close()


async def fill(database: Database, connection: asyncpg.Connection, rounds: int) -> None:
    await database.create_tables([Post, Author, Entry])
    await connection.execute(
        "INSERT INTO posts (title, content, published, created_at)"
        " SELECT 'post ' || n, $1, n % 2 = 0, now() FROM generate_series(1, $2::int) AS n",
        CONTENT,
        LIVE_POSTS,
    )
    # Each side takes an author a round, the one that warms up included.
    authors = 2 * (rounds + 1)
    await connection.execute(
        "INSERT INTO authors (name) SELECT 'a' || n FROM generate_series(1, $1::int) AS n", authors
    )
    await connection.execute(
        "INSERT INTO entries (title, author_id)"
        " SELECT 'e' || n, a.id FROM authors AS a, generate_series(1, $1::int) AS n",
        ENTRIES_EACH,
    )
    await connection.execute("VACUUM ANALYZE posts, authors, entries")


async def point_read(database: Database, connection: asyncpg.Connection, rounds: int, limit: float) -> Row:
    statement = await connection.prepare(SELECT_ONE)

    async def other(_: int) -> None:
        for id in GETS:
            await statement.fetchrow(id)

    work = "get one post, prepared on one connection"
    return await interleaved(work, gets(database), other, times=len(GETS), rounds=rounds, limit=limit)


async def point_read_by_pool(database: Database, pool: asyncpg.Pool, rounds: int) -> Row:
    async def other(_: int) -> None:
        for id in GETS:
            await pool.fetchrow(SELECT_ONE, id)

    work = "get one post, by asyncpg's pool"
    return await interleaved(work, gets(database), other, times=len(GETS), rounds=rounds, limit=0.4)


def gets(database: Database):
    async def ours(_: int) -> None:
        async with database.session() as session:
            for id in GETS:
                await Post.get(session, id)

    return ours


async def whole_table(database: Database, connection: asyncpg.Connection, rounds: int) -> Row:
    statement = await connection.prepare(SELECT_LIVE)

    async def ours(_: int) -> None:
        async with database.session() as session:
            assert len(await Post.all(session)) == LIVE_POSTS

    async def other(_: int) -> None:
        assert len(await statement.fetch()) == LIVE_POSTS

    return await interleaved(f"{LIVE_POSTS:,} posts as objects", ours, other, rounds=rounds, limit=1.1)


async def create_and_commit(database: Database, connection: asyncpg.Connection, rounds: int) -> Row:
    times = 300
    statement = await connection.prepare(INSERT)
    made: list[int] = []

    async def ours(_: int) -> None:
        async with database.session() as session:
            for _ in range(times):
                post = await Post.create(session, title="A new post", content=CONTENT)
                await session.commit()
                made.append(post.id)

    async def other(_: int) -> None:
        for _ in range(times):
            async with connection.transaction():
                row = await statement.fetchrow("A new post", CONTENT, False, datetime.now(timezone.utc))
            made.append(row["id"])

    row = await interleaved("create and commit", ours, other, times=times, rounds=rounds, limit=1.1)
    await connection.execute("DELETE FROM posts WHERE id = ANY($1)", made)
    return row


async def crowd(database: Database, pool: asyncpg.Pool, rounds: int) -> Row:
    """At least three times the rate: at most a third of the time."""
    times = 20

    async def get(id: int) -> None:
        async with database.session() as session:
            await Post.get(session, id)

    async def ours(_: int) -> None:
        for _ in range(times):
            await asyncio.gather(*map(get, CROWD))

    async def other(_: int) -> None:
        for _ in range(times):
            await asyncio.gather(*(pool.fetchrow(SELECT_ONE, id) for id in CROWD))

    work = f"{len(CROWD)} gets at once, by a pool of 10"
    return await interleaved(work, ours, other, times=times, rounds=rounds, limit=1 / 3)


async def cascade(database: Database, connection: asyncpg.Connection, rounds: int) -> Row:
    """The two UPDATEs by hand, with both markers that the library writes; it writes its journal too."""
    mark_author = await connection.prepare(MARK_AUTHOR)
    mark_entries = await connection.prepare(MARK_ENTRIES)

    async def ours(round: int) -> None:
        async with database.session() as session:
            author = await Author.get(session, 1 + round)
            await author.soft_delete(session, cascade=True)
            await session.commit()

    async def other(round: int) -> None:
        marks = (datetime.now(timezone.utc), uuid.UUID(int=deletion_id().int), 2 + rounds + round)
        async with connection.transaction():
            await mark_author.fetch(*marks)
            await mark_entries.fetch(*marks)

    return await interleaved(f"cascade over {ENTRIES_EACH:,} rows", ours, other, rounds=rounds, limit=1.2)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 rounds")
    parser.add_argument("--rounds", type=int, help="rounds that count (default 11)")
    chosen, _ = parser.parse_known_args()
    chosen.rounds = chosen.rounds or (5 if chosen.quick else 11)
    return chosen


async def version(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()


def main() -> None:
    chosen = arguments()
    url = os.environ.get(VARIABLE)
    if not url:
        raise SystemExit(f"{VARIABLE} names no server: `cargo xtask bench` starts one")
    print(
        f"Python {platform.python_version()}, asyncpg {asyncpg.__version__},"
        f" PostgreSQL {asyncio.run(version(url))}, {os.cpu_count()} cores; medians of {chosen.rounds} rounds"
    )
    loops = {"default loop": asyncio.run}
    if uvloop:
        loops["uvloop"] = uvloop.run
    for name, run in loops.items():
        rows = run(compare(url, chosen.rounds, name == "uvloop"))
        print_table(f"On PostgreSQL beside asyncpg, {name}", BESIDE_ASYNCPG, rows)


if __name__ == "__main__":
    main()
