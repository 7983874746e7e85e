"""A page by number beside its two statements by hand, and ``to_response()`` beside a dictionary made by hand."""

import sqlite3
from datetime import datetime
from pathlib import Path

import files
from fastapi_orm import Database
from measure import Row, interleaved
from models import POST_COLUMNS, Post

LIVE_POSTS = 10_000
PAGE_SIZE = 20
LIVE = "FROM posts WHERE deleted_at IS NULL"
FILTER = " AND published = ?"
WINDOW = f" ORDER BY id LIMIT {PAGE_SIZE} OFFSET {PAGE_SIZE}"


class PlainPost:
    """What somebody who wants objects without a library would write."""

    __slots__ = POST_COLUMNS

    def __init__(
        self, id: int, title: str, content: str, published: int, created_at: str, deleted_at: str | None
    ) -> None:
        self.id = id
        self.title = title
        self.content = content
        self.published = bool(published)
        self.created_at = datetime.fromisoformat(created_at)
        self.deleted_at = datetime.fromisoformat(deleted_at) if deleted_at else None


async def compare(folder: Path, rounds: int) -> list[Row]:
    path = folder / "pages.db"
    await files.new(path)
    files.add_live_posts(path, 2, LIVE_POSTS)
    connection = files.by_hand(files.twin(path))
    database = Database(files.url(path))
    try:
        return [
            await a_page(database, connection, rounds, None),
            await a_page(database, connection, rounds, True),
            await responses(database, rounds),
        ]
    finally:
        await database.close()
        connection.close()


async def a_page(database: Database, connection: sqlite3.Connection, rounds: int, published: bool | None) -> Row:
    times = 200
    filters = {} if published is None else {"published": published}
    values = tuple(filters.values())

    async def ours(_: int) -> None:
        async with database.session() as session:
            for _ in range(times):
                assert len((await Post.paginate(session, page=2, page_size=PAGE_SIZE, **filters))["items"]) == PAGE_SIZE

    async def other(_: int) -> None:
        for _ in range(times):
            assert len(by_hand(connection, values)["items"]) == PAGE_SIZE

    of = "published posts" if filters else "posts"
    work = f"page 2 of {LIVE_POSTS:,} {of}, and their number"
    return await interleaved(work, ours, other, times=times, rounds=rounds, limit=1.3)


def by_hand(connection: sqlite3.Connection, values: tuple[bool, ...]) -> dict:
    live = LIVE + (FILTER if values else "")
    (total,) = connection.execute(f"SELECT count(*) {live}", values).fetchone()
    items = [PlainPost(*row) for row in connection.execute(f"SELECT {', '.join(POST_COLUMNS)} {live}{WINDOW}", values)]
    pages = -(-total // PAGE_SIZE)
    return {
        "items": items,
        "total": total,
        "page": 2,
        "page_size": PAGE_SIZE,
        "total_pages": pages,
        "has_next": pages > 2,
        "has_prev": True,
    }


async def responses(database: Database, rounds: int) -> Row:
    async with database.session() as session:
        posts = await Post.all(session)

    async def ours(_: int) -> None:
        assert len([post.to_response() for post in posts]) == LIVE_POSTS

    # The same content: instants as ISO text with their offset.
    async def other(_: int) -> None:
        assert len([comprehension(post) for post in posts]) == LIVE_POSTS

    assert dict(posts[0].to_response()) == comprehension(posts[0])
    return await interleaved(f"to_response() of {LIVE_POSTS:,} posts", ours, other, rounds=rounds, limit=1.0)


def comprehension(post: Post) -> dict:
    return {
        name: value.astimezone().isoformat() if isinstance(value := getattr(post, name), datetime) else value
        for name in POST_COLUMNS
    }
