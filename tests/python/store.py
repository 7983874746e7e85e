"""Where a test keeps its database, as another program sees it: a SQLite file, or a schema of a PostgreSQL server.

Both answer alike, so that a test says once what is stored: booleans compare with 0 and 1, instants are text in UTC,
UUIDs are bytes, documents are JSON text.
"""

import asyncio
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, time, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import pytest

import loops
import postgres
from other_program import OTHER, quoted, write_lock

PATIENCE = 30  # seconds, for a lock that somebody is about to let go


ON_POSTGRES = True
SQLITE, POSTGRES = "sqlite", "postgres"
DATABASES = [SQLITE, *([pytest.param(POSTGRES, marks=pytest.mark.postgres)] if ON_POSTGRES else [])]
SERVED = [
    *((SQLITE, name) for name in loops.NAMES),
    *([pytest.param((POSTGRES, loops.NAMES[-1]), marks=pytest.mark.postgres)] if ON_POSTGRES else []),
]


class Store(Protocol):
    """A database that is empty when the test begins."""

    url: str

    def stored(self, sql: str, *values: Any) -> list[Any]:
        """What another program reads, or writes: ``?`` stands for a value."""

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table, by table."""

    def tables(self) -> list[str]:
        """By name."""

    def columns(self, table: str) -> list[str]:
        """In their order."""

    def indexes(self) -> dict[str, str]:
        """What made each index, by its name; not those that the database makes for itself."""

    def assert_sound(self) -> None:
        """Markers and journal agree: a row is deleted by a deletion that is in force."""

    def locked(self) -> AbstractContextManager[Any]:
        """Another program's transaction that lets nobody write, for the block or until ``release()``."""

    def assert_unlocked(self) -> None:
        """Nobody has a transaction open that has written."""

    async def assert_settled(self) -> None:
        """As ``assert_unlocked``, and soon: it may take the loop to tell a server that nobody waits for an answer."""

    def another(self) -> "Store":
        """An empty database beside this one."""


class SqliteStore:
    """A file."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.url = f"sqlite+aiosqlite:///{self.path.as_posix()}"

    def stored(self, sql: str, *values: Any) -> list[Any]:
        return OTHER.ask("query", self.path, sql, values)

    def dump(self) -> dict[str, list[Any]]:
        return OTHER.ask("dump", self.path)

    def tables(self) -> list[str]:
        return [
            name
            for (name,) in self.stored("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
            if not name.startswith("sqlite_")
        ]

    def columns(self, table: str) -> list[str]:
        return [name for (name,) in self.stored("SELECT name FROM pragma_table_info(?)", table)]

    def indexes(self) -> dict[str, str]:
        return dict(self.stored("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))

    def assert_sound(self) -> None:
        assert OTHER.ask("problems", self.path) == []

    def locked(self) -> AbstractContextManager[Any]:
        return write_lock(self.path)

    def assert_unlocked(self) -> None:
        with self.locked():
            pass

    async def assert_settled(self) -> None:
        self.assert_unlocked()

    def another(self) -> "SqliteStore":
        return SqliteStore(self.path.with_name(f"{uuid.uuid4().hex}.db"))


class PostgresStore:
    """A schema, which a connection finds first: its address says so."""

    def __init__(self, server: str, schema: str) -> None:
        self.server, self.schema = server, schema
        self.others: list[PostgresStore] = []
        option = quote(f"-csearch_path={schema} -cTimeZone=UTC", safe="")
        base = server.replace("postgresql://", "postgresql+asyncpg://", 1)
        self.url = f"{base}{'&' if '?' in server else '?'}options={option}"

    @classmethod
    def at(cls, url: str) -> "PostgresStore":
        """The one whose address a program was given."""
        server, _, option = url.partition("options=")
        schema = option.partition("search_path%3D")[2].partition("%20")[0]
        return cls(server.rstrip("?&").replace("+asyncpg", "", 1), schema)

    def stored(self, sql: str, *values: Any) -> list[Any]:
        with self._connection() as connection:
            return self._rows(connection, sql, values)

    def dump(self) -> dict[str, list[Any]]:
        with self._connection() as connection:
            return {
                name: sorted(self._rows(connection, f"SELECT * FROM {quoted(name)}"), key=repr)
                for name in self._tables(connection)
            }

    def tables(self) -> list[str]:
        with self._connection() as connection:
            return self._tables(connection)

    def columns(self, table: str) -> list[str]:
        sql = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY"
        return [name for (name,) in self.stored(f"{sql} ordinal_position", self.schema, table)]

    def indexes(self) -> dict[str, str]:
        sql = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = ? AND indexname NOT LIKE ?"
        return dict(self.stored(sql, self.schema, "%_pkey"))

    def assert_sound(self) -> None:
        with self._connection() as connection:
            marked = self._rows(
                connection,
                "SELECT table_name FROM information_schema.columns WHERE table_schema = ?"
                " AND column_name IN ('deleted_at', 'deletion_id') GROUP BY table_name HAVING count(*) = 2",
                (self.schema,),
            )
            for (table,) in marked:
                problems = self._rows(
                    connection,
                    f"SELECT deleted_at, deletion_id, at, restored_at FROM {quoted(table)} AS marked"
                    " LEFT JOIN reprieve_deletions AS d ON d.id = marked.deletion_id"
                    " WHERE (deleted_at IS NULL) <> (deletion_id IS NULL)"
                    " OR deletion_id IS NOT NULL AND (d.id IS NULL OR restored_at IS NOT NULL)",
                )
                assert problems == [], table

    @contextmanager
    def locked(self) -> Iterator[Any]:
        with self._connection() as connection:
            names = ", ".join(map(quoted, self._tables(connection)))
            connection.execute("BEGIN")
            connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
            if names:
                # Readers go on; whoever writes, or locks a row, waits.
                connection.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
            try:
                yield PostgresLock(connection)
            finally:
                connection.execute("ROLLBACK")

    def assert_unlocked(self) -> None:
        with self.locked():
            pass

    async def assert_settled(self) -> None:
        await asyncio.to_thread(self.assert_unlocked)

    def another(self) -> "PostgresStore":
        self.others.append(create_schema(self.server))
        return self.others[-1]

    def drop(self) -> None:
        for other in self.others:
            other.drop()
        with self._connection() as connection:
            connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
            connection.execute(f'DROP SCHEMA IF EXISTS "{self.schema}" CASCADE')

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        import psycopg

        options = f"-csearch_path={self.schema} -cTimeZone=UTC"
        with psycopg.connect(self.server, autocommit=True, options=options) as connection:
            yield connection

    def _tables(self, connection: Any) -> list[str]:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = ? ORDER BY 1"
        return [name for (name,) in self._rows(connection, sql, (self.schema,))]

    @staticmethod
    def _rows(connection: Any, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        # Without values, % stands for itself.
        cursor = (
            connection.execute(sql.replace("%", "%%").replace("?", "%s"), values)
            if values
            else (connection.execute(sql))
        )
        if cursor.description is None:
            return []
        return [
            tuple(as_sqlite(value, column) for value, column in zip(row, cursor.description, strict=True))
            for row in cursor
        ]


class PostgresLock:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def release(self) -> None:
        self.connection.execute("ROLLBACK")


@contextmanager
def fresh(database: str, folder: Path) -> Iterator[Store]:
    """An empty database for the length of the block."""
    if database == "sqlite":
        folder.mkdir(exist_ok=True)
        yield SqliteStore(folder / "test.db")
        return
    store = create_schema(postgres.server())
    try:
        yield store
    finally:
        store.drop()


def create_schema(server: str) -> PostgresStore:
    import psycopg

    store = PostgresStore(server, f"reprieve_{uuid.uuid4().hex}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{store.schema}"')
    return store


def at(url: str) -> Store:
    """The database at an address that a ``Store`` gave."""
    if url.startswith("postgresql"):
        return PostgresStore.at(url)
    return SqliteStore(url.partition(":///")[2])


def from_environment(variable: str) -> Store:
    return at(os.environ[variable])


def as_sqlite(value: Any, column: Any) -> Any:
    """A value of PostgreSQL's as SQLite holds it."""
    match value:
        case datetime():
            return value.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("microseconds")
        case uuid.UUID():
            return value.bytes
        case Decimal() if column.precision is None:
            # Of no column: a sum of integers.
            return int(value)
        case Decimal():
            return str(value)
        case dict() | list():
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        case _:
            return value
