"""What deleted rows cost the live ones: the same reads with many of them in the table, and with none."""

from pathlib import Path

import files
from fastapi_orm import Database
from measure import Row, interleaved
from models import Post

LIVE_POSTS = 10_000


async def compare(folder: Path, rounds: int, deleted: int) -> list[Row]:
    first = deleted + 1
    full, empty = folder / "with-deleted.db", folder / "without-deleted.db"
    for path in (full, empty):
        await files.new(path)
    files.add_deleted_posts(full, deleted)
    for path in (full, empty):
        files.add_live_posts(path, first, LIVE_POSTS)

    beside = Database(files.url(full)), Database(files.url(empty))

    async def get(database: Database, times: int) -> None:
        async with database.session() as session:
            for id in range(first, first + times):
                await Post.get(session, id)

    async def page(database: Database, times: int) -> None:
        async with database.session() as session:
            for _ in range(times):
                assert len(await Post.all(session, limit=20)) == 20

    async def count(database: Database, times: int) -> None:
        async with database.session() as session:
            for _ in range(times):
                assert await Post.count(session) == LIVE_POSTS

    try:
        return [
            await interleaved(
                work,
                lambda _, read=read, times=times: read(beside[0], times),
                lambda _, read=read, times=times: read(beside[1], times),
                times=times,
                rounds=rounds,
                limit=1.1,
            )
            for work, read, times in (
                ("get one post", get, 5_000),
                ("list 20 posts", page, 500),
                (f"count {LIVE_POSTS:,} live posts", count, 100),
            )
        ]
    finally:
        for database in beside:
            await database.close()
