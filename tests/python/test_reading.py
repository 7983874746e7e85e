"""Relations of an object that was read alone are loaded when they are read: what that costs, and what it never does."""

import asyncio
import contextlib
import copy
import inspect
import pickle
import threading

import pytest

import relatives
from fastapi_orm import (
    Collection,
    ConstraintError,
    Database,
    RelationNotLoadedError,
    SessionError,
    ValidationError,
)
from recorder import recorded
from relatives import LIBRARY, Book, Chapter, Label, Writer, names, titles
from support import python, says

MANY = 200_000


@pytest.fixture
def session(loop, store):
    yield from relatives.fixtures(loop, store)


@pytest.fixture
def shelf(loop, session):
    """Ann, whose mentor is bob and who has two books; the first has a label."""

    async def make():
        bob = await Writer.create(session, name="bob")
        ann = await Writer.create(session, name="ann", mentor=bob)
        for title in ("a", "b"):
            await Book.create(session, title=title, writer=ann)
        book = await Book.get(session, 1)
        book.labels.append(await Label.create(session, name="x"))
        await session.commit()

    loop.run_until_complete(make())


def of(statements):
    return [one.split()[0] for one in statements]


# What is loaded.


async def test_a_collection_is_a_list_and_a_reference_an_object(session, shelf):
    ann = await Writer.get(session, 2)
    with recorded() as statements:
        assert isinstance(ann.books, list) and titles(ann.books) == ["a", "b"]
        assert ann.books is ann.books and len(ann.books) == 2
        assert ann.mentor.name == "bob" and ann.mentor is ann.mentor
    assert of(statements) == ["SELECT", "SELECT"]
    assert isinstance(ann.books, Collection)


async def test_getting_an_object_reads_none_of_its_relations(session, shelf):
    with recorded() as statements:
        await Writer.get(session, 2)
        await Writer.first(session)
    assert of(statements) == ["SELECT", "SELECT"]


@pytest.mark.parametrize(
    "read",
    [
        lambda s: Writer.get(s, 2),
        lambda s: Writer.get_with_deleted(s, 2),
        lambda s: Writer.get_or_404(s, 2),
        lambda s: Writer.get_by(s, name="ann"),
        lambda s: Writer.first(s, order_by="-id"),
        lambda s: Writer.last(s),
        lambda s: Writer.filter(s, name="ann").first(),
        lambda s: Writer.filter(s, name="ann").include("follows").first(),
    ],
)
async def test_what_reads_one_object_reads_it_alone(session, shelf, read):
    ann = await read(session)
    assert titles(ann.books) == ["a", "b"] and ann.mentor.name == "bob" and ann.favourite is None


async def test_an_object_that_was_made_loads_what_it_refers_to(session, shelf):
    book = await Book.create(session, title="c", writer_id=2)
    assert book.writer.name == "ann"
    book = Book(title="d", writer_id=2)
    await book.save(session)
    assert book.writer.name == "ann" and book.chapters == []


async def test_a_row_of_a_list_loads_after_it_was_refreshed_or_saved(session, shelf):
    a, b = await Book.all(session)
    await a.refresh(session)
    b.title = "c"
    await b.save(session)
    assert a.writer.name == b.writer.name == "ann"


async def test_references_are_followed_from_one_to_the_next(session, shelf):
    with recorded() as statements:
        book = await Book.get(session, 1)
        assert book.writer.mentor.name == "bob"
        assert book.writer.mentor.mentor is None
    assert of(statements) == ["SELECT"] * 3
    (book, _) = await Book.all(session)
    assert (await book.writer).mentor.name == "bob"


async def test_a_collection_is_changed_without_await(session, shelf, store):
    book = await Book.get(session, 1)
    x, y = await Label.get(session, 1), await Label.create(session, name="y")
    assert x in book.labels and y not in book.labels
    book.labels.append(y)
    await session.commit()
    assert [label.name for label in book.labels] == ["x", "y"]
    book.labels.remove(x)
    await session.commit()
    assert names((await Book.get(session, 1)).labels) == ["y"]
    (await Book.get(session, 1)).labels.clear()
    await session.commit()
    assert store.stored("SELECT count(*) FROM book_labels") == [(0,)]
    book = await Book.get(session, 1)
    with pytest.raises(ValueError):
        book.labels.remove(y)
    book.labels = [x, y]
    await session.commit()
    assert store.stored("SELECT count(*) FROM book_labels") == [(2,)]


async def test_a_reference_to_a_deleted_row_reads_as_absent_until_it_is_restored(session, shelf):
    bob = await Writer.get(session, 1)
    deletion = await bob.soft_delete(session)
    ann = await Writer.get(session, 2)
    assert ann.mentor is None and await ann.mentor is None and ann.mentor_id == 1
    await deletion.undo(session)
    assert ann.mentor.name == "bob"


async def test_what_is_awaited_is_loaded_as_ever(session, shelf):
    ann = await Writer.get(session, 2)
    with recorded() as statements:
        assert titles(await ann.books) == titles(await ann.books) == titles(ann.books) == ["a", "b"]
        assert (await ann.mentor).name == (await ann.mentor).name == "bob"
        assert await ann.favourite is None
        assert names(await ann.books[0].labels) == ["x"]
    assert of(statements) == ["SELECT"] * 3
    ann = await Writer.get(session, 2)
    books, mentor = ann.books, ann.mentor
    assert await books is books and await mentor is mentor


async def test_what_needs_no_rows_loads_none(session, shelf):
    ann = await Writer.get(session, 2)
    with recorded() as statements:
        assert titles(await ann.books.filter(title="b")) == ["b"]
        assert titles(await ann.books.order_by("-title")) == ["b", "a"]
    assert of(statements) == ["SELECT", "SELECT"]
    assert "title" in statements[0]
    book = await Book.create(session, title="c")
    with recorded() as statements:
        ann.books.append(book)
    assert statements == []
    assert titles(ann.books) == ["a", "b", "c"]


async def test_what_was_changed_is_written_before_it_is_read(session, shelf):
    bob = await Writer.get(session, 1)
    book = await Book.get(session, 1)
    book.writer_id, book.title = 1, "changed"
    assert titles(bob.books) == ["changed"]


# What is not.


async def test_rows_of_a_list_run_no_statement_each(session, shelf):
    for number in range(20):
        await Book.create(session, title=str(number), writer_id=2)
    await session.commit()
    with recorded() as statements:
        refused = 0
        for book in await Book.filter(session):
            with pytest.raises(RelationNotLoadedError) as error:
                print(book.writer.name)
            with pytest.raises(RelationNotLoadedError):
                for label in book.labels:
                    print(label)
            refused += 1
    assert refused == 22 and of(statements) == ["SELECT"]
    says(error.value, "Book.writer", "await", "include")


async def test_rows_of_a_collection_and_of_an_include_are_rows_of_lists(session, shelf):
    ann = await Writer.get(session, 2)
    included = await Writer.filter(session, name="ann").include("books.labels", "mentor").first()
    for row in (ann.books[0], included.books[0], included.books[0].labels[0], included.mentor):
        with recorded() as statements, pytest.raises(RelationNotLoadedError):
            len(row.chapters if isinstance(row, Book) else row.books)
        assert statements == []


async def test_copies_pickles_and_texts_of_an_object_read_nothing(session, shelf):
    ann = await Writer.get(session, 2)
    with recorded() as statements:
        for look in (repr, str, vars, dir, hash, bool):
            look(ann)
        assert "books" not in ann.to_dict() and "books" not in ann.to_response()
        copy.copy(ann.to_dict())
        inspect.getattr_static(ann, "books")
        for take in (copy.copy, copy.deepcopy, pickle.dumps):
            with contextlib.suppress(TypeError):
                take(ann)
    assert statements == []


async def test_an_object_without_a_row_has_none_to_read(session):
    writer = Writer(name="ann")
    with pytest.raises(SessionError) as refused:
        len(writer.books)
    says(refused.value, "Writer.books", "Create")
    assert writer.mentor is None


# Sessions.


async def test_an_object_outlives_its_session_without_what_it_did_not_load(loop, store, session, shelf):
    async with Database(store.url) as db, db.session() as other:
        ann = await Writer.get(other, 2)
        (listed, *_) = await Writer.all(other)
        assert titles(ann.books) == ["a", "b"]
    assert titles(ann.books) == ["a", "b"] and ann.favourite is None
    for read in (lambda: ann.mentor, lambda: ann.follows, lambda: len(listed.books)):
        with pytest.raises(RelationNotLoadedError) as refused:
            read()
        says(refused.value, "Writer", "session", "closed")


async def test_a_session_that_another_task_uses_is_refused(session, shelf, store):
    ann = await Writer.get(session, 2)
    await session.commit()
    with store.locked() as lock:
        other = asyncio.ensure_future(Label.create(session, name="y"))
        await asyncio.sleep(0)
        with pytest.raises(SessionError) as refused:
            len(ann.books)
        says(refused.value, "another task")
        lock.release()
        await other
    assert titles(ann.books) == ["a", "b"]


@pytest.mark.parametrize("inside", [False, True])
async def test_a_lock_of_another_process_holds_no_reader(session, shelf, store, inside):
    if inside:
        await Label.create(session, name="y")
        await session.commit()
    ann = await Writer.get(session, 2)
    with store.locked():
        assert titles(ann.books) == ["a", "b"] and ann.mentor.name == "bob"


async def test_changes_that_would_wait_for_a_lock_are_kept_and_nothing_waits(session, shelf, store):
    ann = await Writer.get(session, 2)
    ann.name = "anna"
    with store.locked():
        with pytest.raises(RelationNotLoadedError) as refused:
            len(ann.books)
        says(refused.value, "Writer.books", "wait", "await it")
        assert isinstance(refused.value.__cause__, TimeoutError)
    assert titles(ann.books) == ["a", "b"]
    await session.commit()
    assert store.stored("SELECT name FROM lib_writers WHERE id = 2") == [("anna",)]


async def test_changes_that_would_wait_for_another_session_are_kept_and_nothing_waits(session, shelf, path, store):
    database = Database(store.url)
    async with database, database.session() as one, database.session() as two:
        ann = await Writer.get(two, 2)
        await Label.create(one, name="y")
        ann.name = "anna"
        with pytest.raises(RelationNotLoadedError):
            len(ann.books)
        with pytest.raises(RelationNotLoadedError):
            ann.books = []
        await one.commit()
        assert titles(await ann.books) == ["a", "b"]
        await two.commit()
    assert store.stored("SELECT name FROM lib_writers WHERE id = 2") == [("anna",)]


async def test_a_connection_that_others_hold_is_not_waited_for(session, shelf, store):
    database = Database(store.url, pool_size=1, max_overflow=0)
    async with database, database.session() as one, database.session() as two:
        ann = await Writer.get(two, 2)
        await Label.create(one, name="y")
        with pytest.raises(RelationNotLoadedError) as refused:
            len(ann.books)
        says(refused.value, "other sessions", "await it")
        await one.rollback()
        assert titles(ann.books) == ["a", "b"]


async def test_changes_in_a_transaction_are_written_while_it_is_read(session, shelf, store):
    await Label.create(session, name="y")
    ann = await Writer.get(session, 2)
    ann.name = "anna"
    with recorded() as statements:
        assert titles(ann.books) == ["a", "b"]
    assert [one for one in of(statements) if one in ("UPDATE", "SELECT")] == ["UPDATE", "SELECT"]
    await session.commit()
    assert store.stored("SELECT name FROM lib_writers WHERE id = 2") == [("anna",)]


async def test_a_change_that_is_refused_is_the_error_of_the_read_and_stays(session, shelf):
    ann = await Writer.get(session, 2)
    ann.mentor_id = 99
    with pytest.raises(ConstraintError):
        len(ann.books)
    ann.mentor_id = 1
    assert titles(ann.books) == ["a", "b"]
    with pytest.raises(ValidationError):
        ann.books.append("c")


# Much to read.


@pytest.fixture
def crowd(session, loop, store):
    """A writer of many books."""
    loop.run_until_complete(Writer.create(session, name="ann"))
    loop.run_until_complete(session.commit())
    store.stored(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO lib_books (title, writer_id) SELECT 'b' || i, 1 FROM n",
        MANY,
    )


def unindex(store):
    """Without an index on the reference a row is found after all others were looked at."""
    for name, sql in store.stored("SELECT name, sql FROM sqlite_master WHERE type = 'index'"):
        if sql and "writer_id" in sql:
            store.stored(f'DROP INDEX "{name}"')


@pytest.mark.parametrize("inside", [False, True])
async def test_a_large_collection_is_read_to_its_end(session, crowd, store, inside):
    if inside:
        await Label.create(session, name="y")
    ann = await Writer.get(session, 1)
    assert isinstance(ann.books, list) and len(ann.books) == MANY
    assert len({book.id for book in ann.books}) == MANY
    await session.commit()
    assert store.stored("SELECT count(*) FROM lib_labels") == [(int(inside),)]
    ann = await Writer.get(session, 1)
    assert len(await ann.books) == MANY


async def test_a_search_that_takes_long_goes_to_another_thread_and_comes_back(session, crowd, path, store):
    unindex(store)
    bob = await Writer.create(session, name="bob")
    stays = await Writer.get(session, bob.id)
    for _ in range(3):
        await stays.refresh(session)
        assert stays.books == []
    await session.commit()
    assert store.stored("SELECT count(*) FROM lib_writers") == [(2,)]


async def test_threads_that_wait_for_the_loop_do_not_keep_a_read_waiting(session, crowd, path, store):
    unindex(store)
    await Label.create(session, name="y")
    ann = await Writer.get(session, 1)
    # Each fills its thread with rows that only the loop would take. There are more of them than threads.
    much = "SELECT id FROM lib_books ORDER BY title DESC LIMIT 50000"
    async with Database(store.url, pool_size=40) as database, contextlib.AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(database.session()) for _ in range(36)]
        tasks = [asyncio.ensure_future(one.execute(much)) for one in sessions]
        await asyncio.sleep(0.1)
        assert len(ann.books) == MANY
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


# Threads, and no loop.


async def test_an_object_is_read_in_a_thread_without_a_loop(session, shelf):
    ann = await Writer.get(session, 2)
    read = []
    thread = threading.Thread(target=lambda: read.append((titles(ann.books), ann.mentor.name)))
    thread.start()
    thread.join()
    assert read == [(["a", "b"], "bob")]


async def test_a_large_collection_is_read_in_a_thread_while_the_loop_runs(session, crowd):
    ann = await Writer.get(session, 1)
    assert await asyncio.to_thread(lambda: len(ann.books)) == MANY


def test_an_object_is_read_when_the_loop_has_ended(loop, session, shelf):
    ann = loop.run_until_complete(Writer.get(session, 2))
    assert titles(ann.books) == ["a", "b"] and ann.mentor.name == "bob"


def test_control_c_ends_a_long_read(tmp_path):
    code = """
import asyncio, os, signal, sys, threading
from fastapi_orm import Database
from relatives import LIBRARY, Writer
from store import SqliteStore
from test_reading import unindex

async def main():
    store = SqliteStore("test.db")
    async with Database(store.url) as db:
        await db.create_tables(LIBRARY)
        async with db.session() as session:
            await Writer.create(session, name="ann")
        store.stored("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
            "INSERT INTO lib_books (title, writer_id) SELECT 'b', NULL FROM n")
        unindex(store)
        async with db.session() as session:
            ann = await Writer.get(session, 1)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                while True:
                    ann.__dict__.pop("books", None)
                    assert ann.books == []
            except KeyboardInterrupt:
                assert await Writer.count(session) == 1
                print("interrupted, and usable")

asyncio.run(main())
"""
    assert python(code, cwd=tmp_path) == "interrupted, and usable\n"


async def test_the_tables_of_the_library_are_all_read(session, shelf):
    """Every relation of every model is read alone, whatever its kind."""
    rows = [await model.first(session) for model in (Writer, Book, Label)]
    await Chapter.create(session, title="1", book_id=1)
    rows.append(await Chapter.first(session))
    read = {f"{type(row).__name__}.{name}": getattr(row, name) for row in rows for name in type(row).__relations__}
    assert {name for name, value in read.items() if isinstance(value, list)} == {
        f"{model.__name__}.{name}" for model in LIBRARY for name in model.__collections__
    }
    assert all(value is None or isinstance(value, (list, Writer, Book)) for value in read.values())
