"""Loops that are closed or left with work pending, garbage that only the cycle collector finds, and the end of the
interpreter: nothing waits for what will never come."""

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

import loops
from fastapi_orm import Database, ForeignKeyField, IntegerField, ManyToOne, Q, SessionError, StringField
from fastapi_orm.testing import create_test_model_base
from models import MODELS, Post, User
from support import python

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n"


async def created(db: Database, username: str = "grace") -> None:
    async with db.session() as session:
        await User.create(session, username=username)


async def waits_for_the_turn(db: Database) -> None:
    """Creates tables, and leaves a task in the queue of writers."""
    await db.create_tables(MODELS)
    first, second = db.session(), db.session()
    writer, waiter = await first.__aenter__(), await second.__aenter__()
    await User.create(writer, username="ada")
    kept = asyncio.ensure_future(User.create(waiter, username="bob"))
    await asyncio.sleep(0.01)
    assert not kept.done()
    await writer.rollback()


async def waits_for_a_thread(db: Database) -> None:
    """Leaves a task that has the writer's turn, and waits for work in a thread."""
    await db.create_tables(MODELS)

    async def write() -> None:
        async with db.session() as session:
            await User.create(session, username="ada")
            await session.execute(SLOW)
            await User.create(session, username="bob")

    task = asyncio.ensure_future(write())
    await asyncio.sleep(0.01)
    assert not task.done()


@pytest.mark.parametrize("leave", [waits_for_the_turn, waits_for_a_thread])
def test_a_closed_loop_lets_go_of_the_writers_turn(tmp_path: Path, leave: Any) -> None:
    """The loop is still known, so that only its being closed tells that its tasks will not go on."""
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=60")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave(db))
    loop.close()
    asyncio.run(asyncio.wait_for(created(db), 30))
    assert loop.is_closed()


def test_a_loop_that_is_closed_while_another_waits_lets_go_of_the_writers_turn(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=60")
    loop, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        other.run_until_complete(db.create_tables(MODELS))
        other.run_until_complete(created(db, "alan"))
        loop.run_until_complete(waits_for_a_thread(db))
        waiting = other.create_task(created(db))
        other.run_until_complete(asyncio.sleep(0))
        loop.close()
        other.run_until_complete(asyncio.wait_for(waiting, 30))
    finally:
        other.close()


async def waits_outside_of_the_database(db: Database, sessions: list[Any] | None = None) -> None:
    """Leaves a task whose transaction is open, and which waits for something else."""
    await db.create_tables(MODELS)

    async def write() -> None:
        async with db.session() as session:
            await User.create(session, username="ada")
            if sessions is not None:
                sessions.append(session)
            await asyncio.sleep(100)

    kept = asyncio.ensure_future(write())
    await asyncio.sleep(0.05)
    assert not kept.done()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", loops.NAMES)
def test_a_closed_loop_lets_go_of_the_transaction_of_a_task_that_waits_elsewhere(
    tmp_path: Path, name: str, known: bool
) -> None:
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=20")
    loop = loops.new(name)
    loop.run_until_complete(waits_outside_of_the_database(db))
    loop.close()
    if not known:
        del loop
    asyncio.run(asyncio.wait_for(created(db), 10))


@pytest.mark.parametrize("name", loops.NAMES)
def test_whoever_waits_for_the_turn_finds_the_loop_that_was_closed(tmp_path: Path, name: str) -> None:
    """The other loop is known already, and begins to wait before the first is closed, or after."""
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=20")
    other = asyncio.new_event_loop()
    try:
        other.run_until_complete(db.create_tables(MODELS))
        for number in range(2):
            loop = loops.new(name)
            loop.run_until_complete(waits_outside_of_the_database(db))
            waiting = other.create_task(created(db, f"alan{number}"))
            if number:
                other.run_until_complete(asyncio.sleep(0.05))
                assert not waiting.done()
            loop.close()
            other.run_until_complete(asyncio.wait_for(waiting, 10))
    finally:
        other.close()


def test_a_session_says_that_its_loop_was_closed(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=20")
    sessions: list[Any] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(waits_outside_of_the_database(db, sessions))
    loop.close()

    async def go_on() -> int:
        await created(db)
        (session,) = sessions
        with pytest.raises(SessionError, match="its event loop was closed"):
            await User.create(session, username="bob")
        await session.rollback()
        await User.create(session, username="bob")
        await session.commit()
        return await User.count(session)

    assert asyncio.run(go_on()) == 2


def test_a_transaction_of_another_loop_is_not_of_the_closed_one(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=20")
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        first.run_until_complete(db.create_tables(MODELS))
        session = first.run_until_complete(db.session().__aenter__())
        first.run_until_complete(User.create(session, username="ada"))
        first.run_until_complete(session.commit())
        second.run_until_complete(User.create(session, username="bob"))
        first.close()
        asyncio.run(asyncio.sleep(0))
        second.run_until_complete(session.commit())
        assert second.run_until_complete(User.count(session)) == 2
        second.run_until_complete(session.close())
    finally:
        second.close()


def test_a_loop_that_nobody_has_is_garbage_with_all_that_waits_in_it(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/loop.db?timeout=60")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(waits_for_a_thread(db))
    (task,) = (weakref.ref(task) for task in asyncio.all_tasks(loop))
    loop.close()
    gone = weakref.ref(loop)
    del loop
    for _ in range(200):
        gc.collect()
        if gone() is None:
            break
        # The thread has still to notice that the task no longer waits.
        asyncio.run(asyncio.sleep(0.05))
    assert gone() is None
    assert task() is None


def test_a_task_that_nobody_has_goes_on_while_its_loop_does(tmp_path: Path) -> None:
    done: list[int] = []

    async def count(db: Database) -> None:
        async with db.session() as session:
            done.append((await session.execute(SLOW)).scalar())

    async def main() -> None:
        async with Database(f"sqlite:///{tmp_path}/loop.db") as db:
            for _ in range(5):
                # As Python warns that one should not: the loop knows tasks by weak references.
                asyncio.ensure_future(count(db))  # noqa: RUF006
            for _ in range(1000):
                await asyncio.sleep(0.01)
                gc.collect()
                if len(done) == 5:
                    return

    asyncio.run(main())
    assert done == [300_000] * 5


def test_what_only_refers_to_itself_is_collected(tmp_path: Path) -> None:
    async def main() -> list[Any]:
        base, model = create_test_model_base()

        class Note(model):  # type: ignore[valid-type,misc]
            id: int = IntegerField(primary_key=True)
            text: str = StringField(default=lambda: Note.__name__, validators=[lambda _: bool(Note)])
            follows_id: int = ForeignKeyField("notes")
            follows = ManyToOne("Note")
            query: Any = None

            def __new__(cls, *_: Any, **__: Any) -> Any:
                made = super().__new__(cls)
                made.__dict__["me"] = made
                return made

        class Held(list[Any]):
            """A list that can be referred to weakly."""

        async with Database(f"sqlite:///{tmp_path}/notes.db", base=base) as db:
            await db.create_tables()
            context = db.session()
            session = await context.__aenter__()
            note = await Note.create(session)
            assert note.text == "Note"
            Note.query = Note.filter(session).include("follows.follows")
            stream = Note.filter(session).batches(1)
            rows = await stream.__anext__()
            rows[0].__dict__["stream"] = stream
            # Waits to be written, and has the session.
            note.text = "changed"
            note.__dict__["session"] = session
            held = Held()
            held.append(Q(text=held) & Q(text="x"))
            listed = await Note.filter(session)
            return [weakref.ref(one) for one in (Note, note, session, held, listed[0])]

    gone = asyncio.run(main())
    gc.collect()
    assert [one() for one in gone] == [None] * len(gone)


EXIT = """
import asyncio, atexit, threading

async def slow(db, rows):
    async with db.session() as session:
        return (await session.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :rows) SELECT count(*) FROM n",
            {"rows": rows},
        )).scalar()

async def work():
    async with Database("sqlite:///exit.db") as db:
        return await asyncio.gather(*(slow(db, 300_000) for _ in range(5)))

def bye():
    print(asyncio.run(work()), flush=True)
    print(loop.run_until_complete(pending), flush=True)

atexit.register(bye)
from fastapi_orm import Database
atexit.register(lambda: print(asyncio.run(work()), flush=True))

loop = asyncio.new_event_loop()
pending = loop.create_task(slow(Database("sqlite:///exit.db"), 3_000_000))
loop.run_until_complete(asyncio.sleep(0.01))
assert not pending.done()
"""


def test_handlers_of_the_exit_use_databases_whenever_they_were_registered(tmp_path: Path) -> None:
    """One was registered before the import, and works on with a loop that was left waiting; one after it."""
    counts = "[300000, 300000, 300000, 300000, 300000]"
    assert python(EXIT, cwd=tmp_path).splitlines() == [counts, counts, "3000000"]


SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def run(code):
    one = interpreters.create()
    try:
        failed = getattr(interpreters, "exec", None) or interpreters.run_string
        outcome = failed(one, code)
    except Exception as error:
        outcome = error
    return str(getattr(outcome, "formatted", outcome))

code = f"import sys; sys.path[:] = {sys.path!r}; import fastapi_orm"
if "after" in sys.argv:
    import fastapi_orm
message = run(code)
assert "ImportError" in message, message
assert "main interpreter" in message, message
assert "mod_wsgi" in message, message
import asyncio, fastapi_orm

async def main():
    async with fastapi_orm.Database("sqlite:///:memory:") as db:
        print((await db.fetch_one("SELECT 1 AS one"))["one"])

asyncio.run(main())
"""


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_subinterpreter_is_refused_and_the_main_one_goes_on(tmp_path: Path, order: str) -> None:
    assert python(SUBINTERPRETER, order, cwd=tmp_path).strip() == "1"


def test_posts_read_in_a_loop_of_their_own_do_not_outlive_it(tmp_path: Path) -> None:
    """An object that was read keeps its session, and a session no loop."""
    db = Database(f"sqlite:///{tmp_path}/loop.db")

    async def read() -> Any:
        await db.create_tables(MODELS)
        async with db.session() as session:
            user = await User.create(session, username="ada")
            return await Post.create(session, title="x", author_id=user.id)

    loop = asyncio.new_event_loop()
    post = loop.run_until_complete(read())
    loop.close()
    gone = weakref.ref(loop)
    del loop
    gc.collect()
    assert post.title == "x"
    assert gone() is None
