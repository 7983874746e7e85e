"""Loading relations beside the two SELECTs by hand, with objects made by hand."""

import sqlite3
from pathlib import Path

import files
from fastapi_orm import Database
from measure import Row, interleaved
from models import Author

AUTHORS = 1_000
ENTRIES_EACH = 10
SELECT_AUTHORS = "SELECT id, name, deleted_at FROM authors WHERE deleted_at IS NULL"
SELECT_ENTRIES = "SELECT id, title, author_id, deleted_at FROM entries WHERE deleted_at IS NULL AND author_id IN ({})"


class PlainAuthor:
    """What somebody who wants objects without a library would write."""

    __slots__ = ("deleted_at", "entries", "id", "name")

    def __init__(self, id: int, name: str, deleted_at: str | None) -> None:
        self.id = id
        self.name = name
        self.deleted_at = deleted_at
        self.entries: list[PlainEntry] = []


class PlainEntry:
    """The same for an entry."""

    __slots__ = ("author_id", "deleted_at", "id", "title")

    def __init__(self, id: int, title: str, author_id: int, deleted_at: str | None) -> None:
        self.id = id
        self.title = title
        self.author_id = author_id
        self.deleted_at = deleted_at


async def compare(folder: Path, rounds: int) -> list[Row]:
    path = folder / "relations.db"
    await files.new(path)
    files.add_authors(path, AUTHORS, ENTRIES_EACH)
    connection = files.by_hand(files.twin(path))
    database = Database(files.url(path))

    async def ours(_: int) -> None:
        async with database.session() as session:
            authors = await Author.filter(session).include("entries")
            assert sum(len(author.entries) for author in authors) == AUTHORS * ENTRIES_EACH

    async def other(_: int) -> None:
        authors = by_hand(connection)
        assert sum(len(author.entries) for author in authors) == AUTHORS * ENTRIES_EACH

    try:
        work = f"{AUTHORS:,} authors with {ENTRIES_EACH} entries each"
        return [await interleaved(work, ours, other, rounds=rounds, limit=1.5)]
    finally:
        await database.close()
        connection.close()


def by_hand(connection: sqlite3.Connection) -> list[PlainAuthor]:
    authors = {row[0]: PlainAuthor(*row) for row in connection.execute(SELECT_AUTHORS)}
    places = ", ".join("?" * len(authors))
    for row in connection.execute(SELECT_ENTRIES.format(places), list(authors)):
        entry = PlainEntry(*row)
        authors[entry.author_id].entries.append(entry)
    return list(authors.values())
