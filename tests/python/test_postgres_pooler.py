"""Behind PgBouncer in transaction mode: each transaction gets another connection of the server, and nothing tells."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

import postgres
from fastapi_orm import (
    AuditLog,
    AuditMixin,
    Database,
    ForeignKeyField,
    IntegerField,
    ManyToOne,
    OneToMany,
    SoftDeleteMixin,
    StringField,
)
from fastapi_orm.exceptions import DatabaseError, DuplicateRecordError
from fastapi_orm.testing import create_test_model_base
from pooler import pooler

pytestmark = pytest.mark.postgres

Base, Model = create_test_model_base()
TASKS, CONNECTIONS = 10, 3


class Shelf(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "shelves"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=40, unique=True)
    books = OneToMany("Book", back_populates="shelf")


class Book(Model, SoftDeleteMixin):
    __tablename__ = "books"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=40)
    shelf_id: int = ForeignKeyField("shelves")
    shelf = ManyToOne("Shelf", back_populates="books")


@pytest.fixture
def own_database() -> Iterator[str]:
    """The address of an empty one: the pooler knows nothing of schemas."""
    server, name = postgres.server(), f"pooled_{uuid.uuid4().hex}"
    with closing(psycopg.connect(server, autocommit=True)) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def pooled(loop: asyncio.AbstractEventLoop, own_database: str) -> Iterator[Database]:
    with pooler(own_database, CONNECTIONS) as url:
        database = Database(url, base=Base, prepared_statements=False, pool_size=TASKS, max_overflow=0)
        loop.run_until_complete(database.create_tables())
        yield database
        loop.run_until_complete(database.close())


async def work(db: Database, number: int) -> None:
    name = f"shelf {number}"
    for turn in range(3):
        async with db.session() as session:
            shelf, made = await Shelf.get_or_create(session, name=name)
            assert made == (turn == 0)
            books = [{"title": f"{number}.{n}", "shelf_id": shelf.id} for n in range(4)]
            await Book.bulk_create(session, books)
            # What fails leaves the transaction usable.
            with pytest.raises(DuplicateRecordError):
                await Shelf.create(session, name=name)
            assert await Book.filter(session, shelf_id=shelf.id).count() == 4
            await session.commit()
            rows = await session.execute(
                "SELECT title FROM books WHERE shelf_id = :shelf AND deleted_at IS NULL ORDER BY id",
                {"shelf": shelf.id},
            )
            assert [title for (title,) in rows] == [book["title"] for book in books]
            deletion = await shelf.soft_delete(session, cascade=True)
            assert deletion.rows == {"shelves": 1, "books": 4}
            await session.commit()
            assert await Shelf.get_by(session, name=name) is None
            if turn < 2:
                await deletion.undo(session)
                await Book.filter(session, shelf_id=shelf.id).delete(force=True)


async def test_a_crowd_behind_a_pooler_does_what_it_does_without(loop, pooled, own_database):
    await asyncio.gather(*(work(pooled, number) for number in range(TASKS)))
    async with pooled.session() as session:
        assert await Shelf.count(session) == await Book.count(session) == 0
        for number in range(TASKS):
            shelf = await Shelf.only_deleted(session, name=f"shelf {number}").first()
            log = await AuditLog.filter(session, model_name="Shelf", model_id=str(shelf.id)).order_by("id")
            done = ["SOFT_DELETE", "RESTORE"]
            assert [entry.operation for entry in log] == ["CREATE", *done, *done, "SOFT_DELETE"]
    with closing(psycopg.connect(own_database)) as other:
        tallies = (
            "SELECT (SELECT count(*) FROM reprieve_deletions), (SELECT count(*) FROM books), count(*) FROM shelves"
        )
        assert other.execute(tallies).fetchone() == (3 * TASKS, 4 * TASKS, TASKS)
        used = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert 1 <= other.execute(used).fetchone()[0] <= CONNECTIONS


async def test_tasks_that_give_the_same_row_make_one(loop, pooled):
    async def upsert(number: int) -> bool:
        async with pooled.session() as session:
            shelf, made = await Shelf.update_or_create(session, name="same", defaults={})
            await Book.create(session, title=str(number), shelf_id=shelf.id)
            return made

    made = await asyncio.gather(*(upsert(number) for number in range(TASKS)))
    assert sum(made) == 1
    async with pooled.session() as session:
        assert (await Shelf.count(session), await Book.count(session)) == (1, TASKS)


@pytest.mark.parametrize("ended", ["committed", "rolled back", "failed"])
async def test_what_a_statement_leaves_reaches_nobody_else_s_transaction(loop, pooled, own_database, ended):
    async with pooled.session() as session:
        await session.execute("SET statement_timeout = 54321")
        await session.execute("SELECT pg_advisory_lock(4711)")
        await session.execute("CREATE TEMP TABLE leftover AS SELECT 1 AS id")
        if ended == "rolled back":
            await session.rollback()
        elif ended == "committed":
            await session.commit()
        else:
            with pytest.raises(DatabaseError):
                await session.execute("SELECT 1 / 0")
            await session.rollback()
    # One whose first statement fails has locked something all the same.
    with pytest.raises(DatabaseError):
        await pooled.execute_raw("SELECT 1 / (n - 1) FROM (SELECT 1 AS n FROM pg_advisory_lock(4712)) AS locked")

    async def setting() -> str:
        async with pooled.session() as session:
            return (await session.execute("SHOW statement_timeout")).scalar()

    # More at once than the pooler has connections: each of them is asked.
    assert set(await asyncio.gather(*(setting() for _ in range(TASKS)))) == {"0"}
    with closing(psycopg.connect(own_database)) as other:
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid IN (4711, 4712)"
        assert other.execute(locks).fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM pg_class WHERE relname = 'leftover'").fetchone() == (0,)


async def test_who_stops_waiting_leaves_a_pooler_that_works(loop, pooled, own_database):
    async def write(number: int) -> None:
        async with pooled.session() as session:
            await Shelf.create(session, name=f"gone {number}")
            await session.execute("SELECT pg_sleep(600)")

    tasks = [asyncio.ensure_future(write(number)) for number in range(TASKS)]
    with closing(psycopg.connect(own_database, autocommit=True)) as other:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        while other.execute(asleep).fetchone()[0] < CONNECTIONS:  # noqa: ASYNC110 - it is another program's matter
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    async with pooled.session() as session:
        assert await Shelf.count(session) == 0
        for number in range(TASKS):
            await Shelf.create(session, name=f"gone {number}")
