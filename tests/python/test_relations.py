"""References and collections: what they are before and after they are loaded, and what writing to them does."""

import gc
import weakref

import pytest

import relatives
from fastapi_orm import (
    Collection,
    Database,
    ForeignKeyField,
    IntegerField,
    ManyToOne,
    OneToMany,
    RelationNotLoadedError,
    SchemaError,
    SessionError,
    ValidationError,
)
from fastapi_orm.testing import create_test_model_base
from recorder import recorded
from relatives import Book, Chapter, Writer, names, titles
from support import python, says


@pytest.fixture
def session(loop, store):
    yield from relatives.fixtures(loop, store)


@pytest.fixture
def ann(loop, session):
    """A writer with two books, as the database has her."""

    async def make():
        ann = await Writer.create(session, name="ann")
        for title in ("a", "b"):
            await Book.create(session, title=title, writer_id=ann.id)
        await session.commit()
        return await Writer.get(session, ann.id)

    return loop.run_until_complete(make())


@pytest.fixture
def listed(loop, session, ann):
    """The same writer, as a row of a list."""

    async def read():
        return (await Writer.all(session))[0]

    return loop.run_until_complete(read())


# Reading.


async def test_the_collections_of_a_new_row_are_empty_lists(session):
    with recorded() as statements:
        writer = await Writer.create(session, name="ann")
        assert writer.books == [] and writer.pupils == [] and writer.follows == []
        assert isinstance(writer.books, list) and len(writer.books) == 0
        assert await writer.books == []
    assert [one.split()[0] for one in statements if "BEGIN" not in one] == ["INSERT"]


async def test_a_collection_that_is_not_loaded_is_awaited_once(session, ann):
    with recorded() as statements:
        assert titles(await ann.books) == ["a", "b"]
        assert titles(await ann.books) == ["a", "b"]
        assert titles(ann.books) == ["a", "b"]
    assert len(statements) == 1, statements
    assert isinstance(ann.books, Collection)


async def test_one_awaitable_can_be_awaited_twice(session, listed):
    books = listed.books
    assert await books is await books
    assert listed.books is await books


async def test_a_row_of_a_list_runs_no_statement_when_an_attribute_is_read(session, listed):
    with recorded() as statements:
        for _ in range(3):
            _ = (listed.books, listed.mentor, listed.follows)
            repr(listed.books)
    assert statements == []


@pytest.mark.parametrize(
    "use", [list, len, bool, lambda books: books[0], lambda books: "a" in books, lambda books: books == []]
)
async def test_a_collection_that_is_not_loaded_says_so(session, listed, use):
    with pytest.raises(RelationNotLoadedError) as refused:
        use(listed.books)
    says(refused.value, "Writer.books", "await", "include")
    assert (refused.value.model, refused.value.relation) == ("Writer", "books")


async def test_a_reference_that_is_not_loaded_says_so(session, ann):
    book = (await Book.filter(session))[0]
    for use in (lambda: book.writer.name, lambda: bool(book.writer)):
        with pytest.raises(RelationNotLoadedError) as refused:
            use()
        says(refused.value, "Book.writer", "await", "include")


async def test_a_reference_is_awaited_once_and_is_the_object_then(session, ann):
    book = await Book.filter(session).first()
    with recorded() as statements:
        assert (await book.writer).name == "ann"
        assert book.writer.name == "ann"
        assert await book.writer is book.writer
    assert len(statements) == 1, statements


async def test_a_reference_to_nothing_is_none_without_a_statement(session):
    book = await Book.create(session, title="a")
    with recorded() as statements:
        assert await book.writer is None
        assert await book.writer is None
    assert statements == []
    assert book.writer is None
    (book,) = await Book.all(session)
    assert book.writer is None and await book.writer is None


async def test_a_collection_can_be_asked_for_a_part(session, ann):
    assert titles(await ann.books.filter(title="b")) == ["b"]
    assert titles(await ann.books.order_by("-title")) == ["b", "a"]
    await ann.books
    assert titles(await ann.books.order_by("-title").limit(1)) == ["b"]
    assert titles(await ann.follows.filter(name="x")) == []


async def test_a_model_refers_to_itself(session):
    ann = await Writer.create(session, name="ann")
    bob = await Writer.create(session, name="bob", mentor_id=ann.id)
    assert names(ann.pupils) == ["bob"]
    assert (await bob.mentor).name == "ann"
    (first, second) = await Writer.filter(session).include("mentor", "pupils.mentor").order_by("id")
    assert first.mentor is None and second.mentor.name == "ann"
    assert [pupil.mentor.name for pupil in first.pupils] == ["ann"]


async def test_models_refer_to_each_other_in_a_cycle(session, ann):
    books = await ann.books
    ann.favourite = books[1]
    await session.flush()
    ann = await Writer.filter(session).include("favourite.writer.favourite").first()
    assert ann.favourite.writer.favourite.title == "b"


async def test_an_object_without_a_row_has_no_relations_to_read(session):
    writer = Writer(name="ann")
    with pytest.raises(SessionError) as refused:
        await writer.books
    says(refused.value, "Writer.books", "Create")


async def test_a_refreshed_object_forgets_what_was_loaded(session, ann, stored):
    await ann.books
    await session.commit()
    stored("INSERT INTO lib_books (title, writer_id) VALUES ('c', ?)", ann.id)
    assert titles(await ann.books) == ["a", "b"]
    await ann.refresh(session)
    assert titles(await ann.books) == ["a", "b", "c"]


# Following the session.


async def test_rows_created_later_show_up(session):
    ann = await Writer.create(session, name="ann")
    books = ann.books
    await Book.create(session, title="a", writer_id=ann.id)
    await Book(title="b", writer_id=ann.id).save(session)
    assert titles(books) == titles(ann.books) == ["a", "b"]


async def test_rows_created_later_show_up_in_what_was_included(session, ann):
    ann = await Writer.filter(session).include("books").first()
    await Book.create(session, title="c", writer_id=ann.id)
    assert titles(ann.books) == ["a", "b", "c"]


async def test_a_row_that_moves_is_in_the_new_collection_only(session, ann):
    bob = await Writer.create(session, name="bob")
    books = await ann.books
    book = books[0]
    book.writer_id = bob.id
    assert (titles(ann.books), titles(bob.books)) == (["b"], ["a"])
    await session.commit()
    assert titles(await Book.filter(session, writer_id=bob.id)) == ["a"]


async def test_a_deletion_shows_when_the_collection_is_awaited_again(session, ann):
    await ann.books
    book = await Book.filter(session, title="a").first()
    deletion = await book.soft_delete(session)
    assert titles(await ann.books) == ["b"]
    assert titles(ann.books) == ["b"]
    await deletion.undo(session)
    assert titles(await ann.books) == ["a", "b"]


async def test_a_rollback_shows_when_the_collection_is_awaited_again(session, ann):
    await ann.books
    await Book.create(session, title="c", writer_id=ann.id)
    assert titles(ann.books) == ["a", "b", "c"]
    await session.rollback()
    assert titles(await ann.books) == ["a", "b"]


# Writing.


async def test_setting_a_reference_sets_the_foreign_key(session, ann, stored):
    bob = await Writer.create(session, name="bob")
    book = (await ann.books)[0]
    book.writer = bob
    assert book.writer_id == bob.id and book.writer is bob
    assert (titles(ann.books), titles(bob.books)) == (["b"], ["a"])
    await session.commit()
    assert stored("SELECT writer_id FROM lib_books ORDER BY id") == [(bob.id,), (ann.id,)]
    book.writer = None
    assert book.writer_id is None and book.writer is None and bob.books == []
    await session.commit()
    assert stored("SELECT writer_id FROM lib_books ORDER BY id") == [(None,), (ann.id,)]


async def test_setting_the_foreign_key_forgets_the_row_loaded_before(session, ann):
    bob = await Writer.create(session, name="bob")
    book = await Book.filter(session).include("writer").first()
    book.writer_id = bob.id
    assert (await book.writer).name == "bob"


async def test_a_reference_takes_rows_of_its_model_only(session, ann):
    book = await Book.filter(session).first()
    for wrong in (book, "ann", 1):
        with pytest.raises(ValidationError) as refused:
            book.writer = wrong
        says(refused.value, "Book.writer", "Writer")
    with pytest.raises(ValidationError) as refused:
        book.writer = Writer(name="new")
    says(refused.value, "Book.writer", "create")
    assert book.writer_id == ann.id


async def test_appending_sets_the_foreign_key_at_flush(session, ann, stored):
    book = await Book.create(session, title="c")
    books = await ann.books
    books.append(book)
    assert book.writer_id == ann.id and book.writer is ann
    assert titles(ann.books) == ["a", "b", "c"]
    books.append(book)
    assert titles(ann.books) == ["a", "b", "c"]
    await session.commit()
    assert stored("SELECT count(*) FROM lib_books WHERE writer_id = ?", ann.id) == [(3,)]


async def test_appending_needs_no_loading(session, ann):
    book = await Book.create(session, title="c")
    ann.books.append(book)
    with recorded() as statements:
        await session.flush()
    assert not any(one.startswith("SELECT") and "lib_books" in one for one in statements), statements
    assert titles(await ann.books) == ["a", "b", "c"]


async def test_removing_sets_the_foreign_key_to_null(session, ann, stored):
    books = await ann.books
    book = books[0]
    books.remove(book)
    assert book.writer_id is None and titles(ann.books) == ["b"]
    with pytest.raises(ValueError):
        books.remove(book)
    await session.commit()
    assert stored("SELECT title FROM lib_books WHERE writer_id IS NULL") == [("a",)]


async def test_a_row_is_removed_by_another_object_of_it(session, ann):
    await ann.books
    ann.books.remove(await Book.filter(session, title="a").first())
    assert titles(ann.books) == ["b"]
    await session.flush()
    assert titles(await Book.filter(session, writer_id=ann.id)) == ["b"]


async def test_removing_is_refused_where_the_key_cannot_be_null(session):
    book = await Book.create(session, title="a")
    chapter = await Chapter.create(session, title="1", book_id=book.id)
    with pytest.raises(ValidationError) as refused:
        book.chapters.remove(chapter)
    says(refused.value, "Chapter.book_id", "NULL", "Book.chapters")
    assert titles(book.chapters) == ["1"] and chapter.book_id == book.id


async def test_a_collection_takes_rows_of_its_model_only(session, ann):
    await ann.books
    for wrong in (ann, "a", None):
        with pytest.raises(ValidationError) as refused:
            ann.books.append(wrong)
        says(refused.value, "Writer.books", "Book")
    assert titles(ann.books) == ["a", "b"]


async def test_a_collection_is_changed_as_lists_are(session, ann, stored):
    await ann.books
    c, d = [await Book.create(session, title=title) for title in "cd"]
    ann.books += [c]
    ann.books.extend([d])
    assert titles(ann.books) == ["a", "b", "c", "d"]
    assert ann.books.pop().title == "d"
    del ann.books[0]
    assert titles(ann.books) == ["b", "c"]
    ann.books[0] = d
    assert sorted(titles(ann.books)) == ["c", "d"]
    ann.books = [c]
    assert titles(ann.books) == ["c"]
    await session.commit()
    assert stored("SELECT title FROM lib_books WHERE writer_id = ?", ann.id) == [("c",)]
    ann.books.clear()
    await session.commit()
    assert ann.books == [] and stored("SELECT title FROM lib_books WHERE writer_id = ?", ann.id) == []


async def test_related_rows_are_given_to_create(session, ann):
    book = await Book.create(session, title="c", writer=ann)
    assert book.writer_id == ann.id
    bob = await Writer.create(session, name="bob", mentor=ann, books=[book])
    assert bob.mentor_id == ann.id and titles(bob.books) == ["c"]
    await session.flush()
    assert titles(await Book.filter(session, writer_id=bob.id)) == ["c"]
    with pytest.raises(ValidationError) as refused:
        await Book.create(session, title="d", writer=book)
    says(refused.value, "Book.writer", "Writer")


async def test_related_rows_are_given_to_update(session, ann):
    book = await Book.create(session, title="c")
    await book.update(session, writer=ann, title="d")
    assert titles(await Book.filter(session, writer_id=ann.id)) == ["a", "b", "d"]


async def test_a_rollback_forgets_what_was_appended(session, ann, stored):
    book = await Book.create(session, title="c")
    await session.commit()
    (await ann.books).append(book)
    await session.rollback()
    assert titles(await ann.books) == ["a", "b"]
    await session.commit()
    assert stored("SELECT count(*) FROM lib_books WHERE writer_id IS NULL") == [(1,)]


# Memory.


async def test_a_cycle_of_objects_is_collected(session, ann):
    book = await Book.filter(session).first()
    book.writer = ann
    (await ann.books).append(book)
    await session.flush()
    gone = [weakref.ref(ann), weakref.ref(book)]
    # The fixture holds its own reference.
    other = await Writer.get(session, ann.id)
    other_book = (await other.books)[0]
    other_book.writer = other
    gone = [weakref.ref(other), weakref.ref(other_book)]
    await session.flush()
    del other, other_book
    gc.collect()
    assert [one() for one in gone] == [None, None]


async def test_a_session_keeps_no_collection_alive(session, ann):
    for _ in range(500):
        loaded = await Writer.filter(session).include("books").first()
        gone = weakref.ref(loaded.books)
        del loaded
        assert gone() is None


def test_a_chosen_foreign_key_tells_two_relations_apart(tmp_path):
    code = """
import asyncio
from fastapi_orm import Database, ForeignKeyField, IntegerField, ManyToOne, Model, OneToMany, SchemaError

class Person(Model):
    __tablename__ = "persons"
    id: int = IntegerField(primary_key=True)
    sent = OneToMany("Letter", foreign_key="sender_id")
    received = OneToMany("Letter", foreign_key="receiver_id")

class Letter(Model):
    __tablename__ = "letters"
    id: int = IntegerField(primary_key=True)
    sender_id: int = ForeignKeyField("persons")
    receiver_id: int = ForeignKeyField("persons")
    sender = ManyToOne("Person", foreign_key="sender_id")
    receiver = ManyToOne("Person", foreign_key="receiver_id")

async def main():
    db = Database("sqlite://")
    await db.create_tables()
    async with db.session() as session:
        a, b = await Person.create(session), await Person.create(session)
        letter = await Letter.create(session, sender=a, receiver=b)
        assert a.sent == [letter] and a.received == [] and b.received == [letter] and b.sent == []
        (letter,) = await Letter.filter(session).include("sender", "receiver")
        assert (letter.sender.id, letter.receiver.id) == (a.id, b.id)
        letter.sender = b
        assert letter.receiver.id == b.id and letter.sender is b
    await db.close()

asyncio.run(main())
"""
    python(code, cwd=tmp_path)


async def test_a_relation_of_another_model_that_is_put_on_a_class_is_an_error(tmp_path, loop):
    base, model = create_test_model_base()

    class Whole(model):
        __tablename__ = "wholes"

        id: int = IntegerField(primary_key=True)
        parts = OneToMany("Part")

    class Part(model):
        __tablename__ = "parts"

        id: int = IntegerField(primary_key=True)
        whole_id: int = ForeignKeyField("wholes")
        whole = ManyToOne("Whole")

    class Special(Part):
        __tablename__ = "special_parts"

    class Small(model):
        __tablename__ = "smalls"

        id: int = IntegerField(primary_key=True)

    Small.one = vars(Part)["whole"]
    Small.many = vars(Whole)["parts"]
    Small.nobodys = ManyToOne("Whole")
    async with Database(f"sqlite:///{tmp_path}/small.db", base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            whole = await Whole.create(session)
            await Small.create(session)
            for small in (await Small.get(session, 1), (await Small.filter(session))[0], Small()):
                for name in ("one", "many", "nobodys"):
                    with pytest.raises(SchemaError, match="put on Small"):
                        getattr(small, name)
                    for value in (None, whole, []):
                        with pytest.raises(SchemaError, match="put on Small"):
                            setattr(small, name, value)
                with pytest.raises(SchemaError, match="put on Small"):
                    await small.one
                small.other = 1
                assert small.other == 1
            special = await Special.create(session, whole=whole)
            assert special.whole == whole
            special.whole = None
