"""What objects weigh, beside plain Python objects with the same attributes.

Each side is weighed in a process of its own, in two ways. ``tracemalloc`` counts to the byte what goes through Python's
allocator, and so misses what an extension allocates elsewhere. The growth of the resident set misses nothing but is
coarse, so that many objects are held at once, after a first load has paid for what is paid once. A side must pass both.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import files
from fastapi_orm import Database
from measure import Row
from models import POST_COLUMNS, Post

POSTS = 10_000
LOADS = 10
LIMIT = 1.2
RESIDENT = Path("/proc/self/statm")
WAYS = {"tracemalloc": "Python's allocator"} | ({"resident": "resident"} if RESIDENT.exists() else {})


class PlainPost:
    """What somebody who wants objects without a library would write."""

    def __init__(
        self, id: int, title: str, content: str, published: int, created_at: str, deleted_at: str | None
    ) -> None:
        self.id = id
        self.title = title
        self.content = content
        self.published = bool(published)
        self.created_at = datetime.fromisoformat(created_at)
        self.deleted_at = datetime.fromisoformat(deleted_at) if deleted_at else None


async def compare(folder: Path) -> list[Row]:
    path = folder / "memory.db"
    await files.new(path)
    files.add_live_posts(path, 2, POSTS)
    return [
        Row(f"one of {POSTS:,} posts, {name}", weigh("ours", way, path), weigh("plain", way, path), "B", LIMIT)
        for way, name in WAYS.items()
    ]


def weigh(side: str, way: str, path: Path) -> float:
    command = [sys.executable, __file__, side, way, str(path)]
    return float(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


async def bytes_each(side: str, way: str, path: Path) -> float:
    """Runs in the process of its own."""
    if side == "ours":
        database = Database(files.url(path))

        async def load() -> list[Any]:
            # The objects outlive their session, so what it keeps to watch over them is not weighed.
            async with database.session() as session:
                return list(await Post.all(session))
    else:
        connection = files.by_hand(path)
        select = f"SELECT {', '.join(POST_COLUMNS)} FROM posts WHERE deleted_at IS NULL"

        async def load() -> list[Any]:
            return [PlainPost(*row) for row in connection.execute(select)]

    if way == "tracemalloc":
        tracemalloc.start()
        return await growth(load, lambda: tracemalloc.get_traced_memory()[0])
    return await growth(load, lambda: int(RESIDENT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))


async def growth(load: Callable[[], Awaitable[list[Any]]], weight: Callable[[], int]) -> float:
    await load()
    gc.collect()
    before = weight()
    held = [await load() for _ in range(LOADS)]
    gc.collect()
    return (weight() - before) / sum(map(len, held))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(bytes_each(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
