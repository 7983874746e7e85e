"""Database files: made by ``create_tables()``, filled by hand, and copied, so that both sides have the same bytes."""

import shutil
import sqlite3
from pathlib import Path

from fastapi_orm import Database
from models import Author, Entry, Post

CONTENT = "A post is a few sentences long, and this one is no exception to that. " * 3


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path.as_posix()}"


def by_hand(path: Path) -> sqlite3.Connection:
    """A stdlib connection with the settings that the library gives its own."""
    connection = sqlite3.connect(path)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


async def new(path: Path) -> None:
    """The library's tables, and one deleted post: the pattern for :func:`add_deleted_posts`."""
    database = Database(url(path))
    await database.create_tables([Author, Entry, Post])
    async with database.session() as session:
        pattern = await Post.create(session, title="Deleted 0000000", content=CONTENT)
        await pattern.soft_delete(session)
    await database.close()


def add_deleted_posts(path: Path, count: int) -> None:
    """Copies of the deleted post, below the ids of the live ones: a scan for live rows would meet them first."""
    with by_hand(path) as connection:
        columns = ", ".join(name for name in column_names(connection, "posts") if name != "id")
        connection.execute(
            f"WITH RECURSIVE number(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < ?)"
            f" INSERT INTO posts (id, {columns})"
            f" SELECT n, {columns} FROM number, (SELECT {columns} FROM posts WHERE id = 1)",
            (count,),
        )
    seal(connection)


def add_live_posts(path: Path, first: int, count: int) -> None:
    with by_hand(path) as connection:
        connection.executemany(
            "INSERT INTO posts (id, title, content, published, created_at) VALUES (?, ?, ?, ?, ?)",
            (
                (id, f"Post number {id}", f"{CONTENT}{id}", id % 2, f"2025-01-01 00:00:00.{id % 1_000_000:06}")
                for id in range(first, first + count)
            ),
        )
    seal(connection)


def add_authors(path: Path, authors: int, entries_each: int) -> None:
    """Authors 1 to ``authors``, each with entries of their own."""
    with by_hand(path) as connection:
        for author in range(1, authors + 1):
            connection.execute("INSERT INTO authors (id, name) VALUES (?, ?)", (author, f"Author {author}"))
            connection.executemany(
                "INSERT INTO entries (title, author_id) VALUES (?, ?)",
                ((f"Entry number {number}", author) for number in range(entries_each)),
            )
    seal(connection)


def twin(path: Path) -> Path:
    """A copy for the other side: the same pages, the same indexes."""
    copy = path.with_name(f"{path.stem}-by-hand{path.suffix}")
    shutil.copyfile(path, copy)
    return copy


def seal(connection: sqlite3.Connection) -> None:
    """Everything into the main file, so that a copy of it is complete."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def column_names(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
