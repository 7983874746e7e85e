"""The library beside the standard library's sqlite3: reading, writing and a cascade."""

import secrets
import sqlite3
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

import files
from fastapi_orm import Database
from measure import Row, interleaved
from models import POST_COLUMNS, Author, Post

LIVE_POSTS = 10_000
ENTRIES_EACH = 10_000
SELECT_LIVE = f"SELECT {', '.join(POST_COLUMNS)} FROM posts WHERE deleted_at IS NULL"
SELECT_ONE = f"{SELECT_LIVE} AND id = ?"
INSERT = "INSERT INTO posts (title, content, published, created_at) VALUES (?, ?, ?, ?)"


def now() -> str:
    return datetime.now(timezone.utc).replace(tzinfo=None).isoformat(" ", "microseconds")


def deletion_id() -> uuid.UUID:
    """Ordered by time like the library's own: random ids would be scattered over the index, which is other work."""
    return uuid.UUID(int=(time.time_ns() // 1_000_000) << 80 | secrets.randbits(80))


async def compare(folder: Path, rounds: int) -> list[Row]:
    """Every row of the table that has sqlite3 on its other side."""
    path = folder / "by-hand.db"
    await files.new(path)
    files.add_live_posts(path, 2, LIVE_POSTS)
    # Each of the two cascades takes an author a round, the one that warms up included.
    files.add_authors(path, 2 * (rounds + 1), ENTRIES_EACH)
    connection = files.by_hand(files.twin(path))
    database = Database(files.url(path))
    try:
        return [
            await point_read(database, connection, rounds),
            *await whole_table(database, connection, rounds),
            await create_and_commit(database, connection, rounds),
            *await cascade(database, connection, rounds),
        ]
    finally:
        await database.close()
        connection.close()


async def point_read(database: Database, connection: sqlite3.Connection, rounds: int) -> Row:
    ids = range(2, 2 + 5_000)

    async def ours(_: int) -> None:
        async with database.session() as session:
            for id in ids:
                await Post.get(session, id)

    async def other(_: int) -> None:
        for id in ids:
            connection.execute(SELECT_ONE, (id,)).fetchone()

    return await interleaved("get one post", ours, other, times=len(ids), rounds=rounds, limit=1.3)


async def whole_table(database: Database, connection: sqlite3.Connection, rounds: int) -> list[Row]:
    async def ours(_: int) -> None:
        async with database.session() as session:
            assert len(await Post.all(session)) == LIVE_POSTS

    async def other(_: int) -> None:
        assert len(connection.execute(SELECT_LIVE).fetchall()) == LIVE_POSTS

    # An object that put off its work until an attribute is read would shine above and pay here.
    async def ours_read(_: int) -> None:
        async with database.session() as session:
            for post in await Post.all(session):
                _ = (post.id, post.title, post.content, post.published, post.created_at, post.deleted_at)

    async def other_read(_: int) -> None:
        for id, title, content, published, created_at, deleted_at in connection.execute(SELECT_LIVE).fetchall():
            _ = (id, title, content, bool(published), datetime.fromisoformat(created_at), deleted_at)

    work = f"{LIVE_POSTS:,} posts as objects"
    return [
        await interleaved(work, ours, other, rounds=rounds, limit=1.2),
        await interleaved(f"{work}, all attributes read", ours_read, other_read, rounds=rounds, limit=None),
    ]


async def create_and_commit(database: Database, connection: sqlite3.Connection, rounds: int) -> Row:
    times = 500

    async def ours(_: int) -> None:
        async with database.session() as session:
            for _ in range(times):
                await Post.create(session, title="A new post", content=files.CONTENT)
                await session.commit()

    async def other(_: int) -> None:
        for _ in range(times):
            connection.execute(INSERT, ("A new post", files.CONTENT, False, now()))
            connection.commit()

    return await interleaved("create and commit", ours, other, times=times, rounds=rounds, limit=1.3)


async def cascade(database: Database, connection: sqlite3.Connection, rounds: int) -> list[Row]:
    """The two UPDATEs by hand, once with both marker columns that the library writes, once with the timestamp alone."""
    text_id = isinstance(connection.execute("SELECT deletion_id FROM posts WHERE id = 1").fetchone()[0], str)

    async def compare(work: str, first_author: int, limit: float | None, columns: tuple[str, ...]) -> Row:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        delete_author = f"UPDATE authors SET {assignments} WHERE id = ? AND deleted_at IS NULL"
        delete_entries = f"UPDATE entries SET {assignments} WHERE author_id = ? AND deleted_at IS NULL"

        async def ours(round: int) -> None:
            async with database.session() as session:
                author = await Author.get(session, first_author + round)
                assert author is not None
                await author.soft_delete(session, cascade=True)
                await session.commit()

        async def other(round: int) -> None:
            deletion = deletion_id()
            marks = (now(), str(deletion) if text_id else deletion.bytes)[: len(columns)]
            connection.execute(delete_author, (*marks, first_author + round))
            taken = connection.execute(delete_entries, (*marks, first_author + round)).rowcount
            assert taken == ENTRIES_EACH
            connection.commit()

        return await interleaved(work, ours, other, rounds=rounds, limit=limit)

    work = f"cascade over {ENTRIES_EACH:,} rows"
    return [
        await compare(work, 1, 1.3, ("deleted_at", "deletion_id")),
        await compare(f"{work}, by hand deleted_at alone", rounds + 2, None, ("deleted_at",)),
    ]
