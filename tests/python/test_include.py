"""`include()`: which rows it loads, where they are found, and in how many statements."""

import gc
import weakref

import pytest

import relatives
from fastapi_orm import Database, RelationNotLoadedError, SessionError, UnknownFieldError
from recorder import recorded
from relatives import Book, Chapter, Label, Writer, names, titles
from support import says


@pytest.fixture
def session(loop, store):
    yield from relatives.fixtures(loop, store)


@pytest.fixture
def shelf(loop, session):
    """Two writers; ann has two books of two chapters each, bob has none."""

    async def make():
        ann, bob = [await Writer.create(session, name=name) for name in ("ann", "bob")]
        for title in ("a", "b"):
            book = await Book.create(session, title=title, writer_id=ann.id)
            for number in (1, 2):
                await Chapter.create(session, title=f"{title}{number}", book_id=book.id)
        await session.commit()
        return ann, bob

    return loop.run_until_complete(make())


async def test_a_collection_is_loaded_by_one_statement(session, shelf):
    with recorded() as statements:
        ann, bob = await Writer.filter(session).include("books").order_by("id")
        assert titles(ann.books) == ["a", "b"]
        assert bob.books == []
    assert len(statements) == 2, statements


async def test_a_collection_is_a_list(session, shelf):
    ann = await Writer.filter(session, name="ann").include("books").first()
    assert isinstance(ann.books, list)
    assert len(ann.books) == 2 and ann.books[0].title == "a" and ann.books[-1] in ann.books
    assert sorted(titles(ann.books), reverse=True) == ["b", "a"]


async def test_a_reference_is_loaded_by_one_statement(session, shelf):
    await Book.create(session, title="c")
    with recorded() as statements:
        a, b, c = await Book.filter(session).include("writer").order_by("id")
        assert a.writer.name == b.writer.name == "ann"
        assert c.writer is None
    assert len(statements) == 2, statements


async def test_rows_that_refer_to_one_row_share_the_object(session, shelf):
    a, b = await Book.filter(session).include("writer")
    assert a.writer is b.writer


async def test_dots_lead_to_relations_of_relations_each_by_one_statement(session, shelf):
    with recorded() as statements:
        writers = await Writer.filter(session).include("books.chapters", "books.writer").order_by("id")
    assert len(statements) == 4, statements
    assert [titles(book.chapters) for book in writers[0].books] == [["a1", "a2"], ["b1", "b2"]]
    assert {book.writer.name for book in writers[0].books} == {"ann"}


async def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(session):
    for number in range(300):
        writer = await Writer.create(session, name=str(number))
        await Book.create(session, title=str(number), writer_id=writer.id)
    await session.commit()
    with recorded() as statements:
        for writer in await Writer.filter(session).include("books.writer", "follows"):
            assert titles(writer.books) == [writer.name]
            assert writer.books[0].writer.name == writer.name
            assert writer.follows == []
    assert len(statements) == 4, statements


async def test_nothing_is_read_for_no_rows(session):
    with recorded() as statements:
        assert await Writer.filter(session, name="nobody").include("books.chapters") == []
    assert len(statements) == 1, statements


async def test_more_keys_than_a_statement_takes_are_read_in_parts(session, database, stored):
    await session.commit()
    total = 40_000
    stored(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO lib_writers (id, name) SELECT i, 'w' || i FROM n",
        total,
    )
    stored("INSERT INTO lib_books (title, writer_id) SELECT name, id FROM lib_writers WHERE id % 100 = 0")
    with recorded() as statements:
        writers = await Writer.filter(session).include("books")
    assert sum(len(writer.books) for writer in writers) == total // 100
    assert all(writer.books[0].writer_id == writer.id for writer in writers if writer.books)
    # PostgreSQL takes any number of keys as one value.
    assert len(statements) == (3 if database == "sqlite" else 2), len(statements)


async def test_first_includes_too(session, shelf):
    ann = await Writer.filter(session).include("books").order_by("id").first()
    assert titles(ann.books) == ["a", "b"]
    assert await Writer.filter(session, name="nobody").include("books").first() is None


async def test_deleted_rows_are_in_no_collection(session, shelf):
    book = await Book.filter(session, title="a").first()
    await book.soft_delete(session)
    ann = await Writer.filter(session).include("books").order_by("id").first()
    assert titles(ann.books) == ["b"]
    ann = await Writer.filter(session).include("books", with_deleted=True).order_by("id").first()
    assert titles(ann.books) == ["a", "b"] and ann.books[0].is_deleted


async def test_a_reference_to_a_deleted_row_is_none_and_drops_no_row(session, shelf):
    await shelf[0].soft_delete(session)
    books = await Book.filter(session).include("writer")
    assert [(book.title, book.writer) for book in books] == [("a", None), ("b", None)]
    assert all(book.writer_id == shelf[0].id for book in books)


async def test_a_reference_to_a_deleted_row_is_the_deleted_object_when_asked(session, shelf):
    await shelf[0].soft_delete(session)
    books = await Book.filter(session).include("writer", with_deleted=True)
    assert [(book.writer.name, book.writer.is_deleted) for book in books] == [("ann", True)] * 2


async def test_with_deleted_is_about_the_last_relation_named(session, shelf):
    chapter = await Chapter.filter(session, title="a1").first()
    book = await Book.filter(session, title="b").first()
    await chapter.soft_delete(session)
    await book.soft_delete(session)
    ann = await Writer.filter(session).include("books.chapters", with_deleted=True).order_by("id").first()
    assert titles(ann.books) == ["a"]
    assert titles(ann.books[0].chapters) == ["a1", "a2"]


async def test_deleted_rows_that_are_read_have_their_relations(session, shelf):
    await shelf[0].soft_delete(session, cascade=True)
    (ann,) = await Writer.only_deleted(session).include("books", with_deleted=True)
    assert titles(ann.books) == ["a", "b"]


async def test_a_relation_that_is_not_there_is_named(session):
    with pytest.raises(UnknownFieldError) as refused:
        Writer.filter(session).include("boks")
    says(refused.value, "Writer", "boks", "books")
    with pytest.raises(UnknownFieldError) as refused:
        Writer.filter(session).include("books.autor")
    says(refused.value, "Book", "autor", "writer")
    with pytest.raises(UnknownFieldError) as refused:
        Writer.filter(session).include("name")
    says(refused.value, "Writer", "name")


async def test_including_leaves_the_query_it_was_called_on(session, shelf):
    query = Writer.filter(session, name="ann")
    included = query.include("books")
    (plain,), (full,) = await query, await included
    assert titles(full.books) == ["a", "b"]
    with pytest.raises(RelationNotLoadedError):
        list(plain.books)


async def test_a_query_with_includes_still_counts_filters_and_pages(session, shelf):
    query = Book.filter(session).include("writer").order_by("-id")
    assert await query.count() == 2 and await query.exists()
    (book,) = await query.filter(title="a").limit(5)
    assert book.writer.name == "ann"
    assert titles(await query.limit(1)) == ["b"]


async def test_what_is_changed_is_written_before_it_is_included(session, shelf):
    book = await Book.filter(session, title="a").first()
    book.title = "changed"
    ann = await Writer.filter(session).include("books").order_by("id").first()
    assert titles(ann.books) == ["changed", "b"]


async def test_objects_with_loaded_relations_are_collected(session, shelf):
    ann = await Writer.filter(session).include("books.writer").order_by("id").first()
    ann.books[0].writer = ann
    await session.flush()
    gone = weakref.ref(ann)
    del ann
    gc.collect()
    assert gone() is None


async def test_loaded_relations_without_a_cycle_need_no_collector(session, shelf):
    gc.disable()
    try:
        ann = await Writer.filter(session).include("books").order_by("id").first()
        gone = weakref.ref(ann)
        del ann
        assert gone() is None
    finally:
        gc.enable()


async def test_loaded_relations_outlive_their_session(loop, store, session, shelf):
    async with Database(store.url) as db, db.session() as other:
        ann = await Writer.filter(other).include("books.writer", "favourite").order_by("id").first()
    assert titles(ann.books) == ["a", "b"] and ann.books[0].writer.name == "ann" and ann.favourite is None
    assert await ann.books is ann.books
    with pytest.raises(SessionError):
        await ann.books[0].chapters


async def test_labels_that_books_share_are_one_object(session):
    books = [await Book.create(session, title=title) for title in "ab"]
    label = await Label.create(session, name="x")
    for book in books:
        book.labels.append(label)
    a, b = await Book.filter(session).include("labels")
    assert names(a.labels) == ["x"] and a.labels[0] is b.labels[0]
