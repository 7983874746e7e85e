"""What is left when PostgreSQL, or the way to it, breaks: nothing half done, nothing lost that was acknowledged."""

import asyncio
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

import postgres
from fastapi_orm import (
    Database,
    ForeignKeyField,
    IntegerField,
    ManyToOne,
    OneToMany,
    SoftDeleteMixin,
    StringField,
)
from fastapi_orm.exceptions import ConnectionLostError, DatabaseError, DatabaseUnavailableError
from fastapi_orm.testing import create_test_model_base

pytestmark = pytest.mark.postgres

Base, Model = create_test_model_base()


class Owner(Model, SoftDeleteMixin):
    __tablename__ = "owners"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=40)
    things = OneToMany("Thing", back_populates="owner")


class Thing(Model, SoftDeleteMixin):
    __tablename__ = "things"

    id: int = IntegerField(primary_key=True)
    owner_id: int = ForeignKeyField("owners")
    owner = ManyToOne("Owner", back_populates="things")
    parts = OneToMany("Part", back_populates="thing")


class Part(Model, SoftDeleteMixin):
    __tablename__ = "parts"

    id: int = IntegerField(primary_key=True)
    thing_id: int = ForeignKeyField("things")
    thing = ManyToOne("Thing", back_populates="parts")


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """A server that nobody else uses: a backend that is killed takes all others of its server with it."""
    process = subprocess.Popen(["sh", str(postgres.SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdin
    url = process.stdout.readline().strip()
    assert url, "PostgreSQL did not start: standard error says why"
    yield url
    process.stdin.close()
    process.wait(60)


@pytest.fixture
def filled(loop: asyncio.AbstractEventLoop, own_server: str) -> Iterator[Database]:
    """An owner of three things with two parts each."""
    db = Database(own_server, base=Base, echo=True)

    async def fill() -> None:
        await db.drop_tables()
        await db.create_tables()
        async with db.session() as session:
            owner = await Owner.create(session, id=1, name="ada")
            for thing in range(1, 4):
                await Thing.create(session, id=thing, owner_id=owner.id)
                for part in (10 * thing, 10 * thing + 1):
                    await Part.create(session, id=part, thing_id=thing)

    loop.run_until_complete(fill())
    yield db
    loop.run_until_complete(db.close())


class AtStatement(logging.Handler):
    """Does something right before the nth statement is sent."""

    def __init__(self, number: int, what: Callable[[], Any]) -> None:
        super().__init__()
        self.left = number
        self.what = what

    def emit(self, record: logging.LogRecord) -> None:
        self.left -= 1
        if self.left == 0:
            self.what()


@contextmanager
def at_statement(number: int, what: Callable[[], Any]) -> Iterator[AtStatement]:
    logger, handler = logging.getLogger("fastapi_orm"), AtStatement(number, what)
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


async def backend(session: Any) -> int:
    rows = await session.execute("SELECT pg_backend_pid() AS pid")
    return rows.scalar()


def live(url: str) -> tuple[int, int, int, int]:
    """How many rows are live, and how many deletions are noted, once the server is up again."""
    while True:
        try:
            with psycopg.connect(url) as other:
                counts = "SELECT " + ", ".join(
                    f"(SELECT count(*) FROM {table} WHERE deleted_at IS NULL)"
                    for table in ("owners", "things", "parts")
                )
                row = other.execute(counts + ", (SELECT count(*) FROM reprieve_deletions)").fetchone()
                assert row is not None
                return row
        except psycopg.OperationalError as error:
            assert "recovery" in str(error) or "starting" in str(error) or "closed" in str(error), error


async def until_up(db: Database) -> None:
    """The next sessions get fresh connections; while the server starts they are told so."""
    while True:
        try:
            async with db.session() as session:
                await Owner.count(session)
                return
        except (ConnectionLostError, DatabaseUnavailableError):
            await asyncio.sleep(0.05)


WHOLE, GONE = (1, 3, 6, 0), (0, 0, 0, 1)


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def terminated(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


async def cascade_that_breaks(db: Database, url: str, number: int, breaks: Callable[[int], None]) -> bool:
    """Whether the nth statement of a cascade was reached, and broke."""
    failure: BaseException | None = None
    deleted = False
    try:
        async with db.session() as session:
            owner = await Owner.get(session, 1)
            await session.begin()
            pid = await backend(session)
            with at_statement(number, lambda: breaks(pid)) as handler:
                await owner.soft_delete(session, cascade=True)
            deleted = True
            if handler.left > 0:
                await session.rollback()
                return False
    except DatabaseError as error:
        failure = error
    assert isinstance(failure, ConnectionLostError), failure
    # A COMMIT that was sent may have arrived, as far as anybody here can tell.
    assert failure.in_doubt == deleted
    return True


# A cascade goes out in one go, so that the server breaks in the middle of it only when it does so by itself.
BREAKING = {
    "kill -9": "EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'kill -9 ' || pg_backend_pid()); PERFORM pg_sleep(60);",
    "pg_terminate_backend": "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60);",
}
PLACES = ["owners", "reprieve_deletions", "things", "parts"]


@contextmanager
def breaking_at(url: str, table: str, when: str, how: str) -> Iterator[None]:
    """The backend that writes to this table ends itself, before or after it has done so."""
    body = f"BEGIN {BREAKING[how]} RETURN NULL; END"
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(f"CREATE FUNCTION break_here() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
        event = f"{when} INSERT OR UPDATE ON {table} FOR EACH STATEMENT"
        other.execute(f"CREATE TRIGGER break_here {event} EXECUTE FUNCTION break_here()")
    yield
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("DROP FUNCTION break_here CASCADE")
                return
        except psycopg.OperationalError:
            continue  # it starts again


@pytest.mark.parametrize("how", BREAKING)
@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
@pytest.mark.parametrize("table", PLACES)
async def test_a_backend_that_ends_in_the_middle_of_a_cascade_leaves_nothing_of_it(
    filled, own_server, table, when, how
):
    with breaking_at(own_server, table, when, how):
        with pytest.raises(ConnectionLostError) as lost:
            async with filled.session() as session:
                owner = await Owner.get(session, 1)
                await owner.soft_delete(session, cascade=True)
        assert not lost.value.in_doubt
    await until_up(filled)
    assert live(own_server) == WHOLE
    async with filled.session() as session:
        owner = await Owner.get(session, 1)
        await owner.soft_delete(session, cascade=True)
    assert live(own_server) == GONE


@pytest.mark.parametrize("how", ["kill -9", "pg_terminate_backend"])
async def test_a_backend_that_is_lost_at_any_statement_of_a_cascade_leaves_nothing_of_it(filled, own_server, how):
    broken = 0
    while True:
        breaks = killed if how == "kill -9" else (lambda pid: terminated(own_server, pid))
        if not await cascade_that_breaks(filled, own_server, broken + 1, breaks):
            break
        broken += 1
        await until_up(filled)
        assert live(own_server) == WHOLE
    assert broken >= 4
    async with filled.session() as session:
        owner = await Owner.get(session, 1)
        await owner.soft_delete(session, cascade=True)
    assert live(own_server) == GONE
