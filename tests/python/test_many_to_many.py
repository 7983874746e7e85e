"""Many-to-many relations: links, what deletes and restores do to them, and models of links."""

import pytest

import relatives
from fastapi_orm import ConstraintError, SchemaError, ValidationError, create_association_table
from recorder import recorded
from relatives import Book, Label, Writer, names, titles
from support import python, says

LINKS = "SELECT lib_books_id, lib_labels_id FROM book_labels ORDER BY 1, 2"


@pytest.fixture
def session(loop, store):
    yield from relatives.fixtures(loop, store)


@pytest.fixture
def labelled(loop, session):
    """A book with two labels, linked and committed."""

    async def make():
        book = await Book.create(session, title="a", labels=[await Label.create(session, name=n) for n in "xy"])
        await session.commit()
        return book

    return loop.run_until_complete(make())


async def test_links_are_written_at_flush(session, labelled, stored):
    assert stored(LINKS) == [(1, 1), (1, 2)]
    z = await Label.create(session, name="z")
    labelled.labels.append(z)
    await session.commit()
    assert stored(LINKS) == [(1, 1), (1, 2), (1, 3)]


async def test_links_are_taken_away_at_flush(session, labelled, stored):
    labelled.labels.remove(labelled.labels[0])
    assert names(labelled.labels) == ["y"]
    await session.commit()
    assert stored(LINKS) == [(1, 2)]
    assert names(await Label.all(session)) == ["x", "y"]


async def test_links_are_changed_without_loading_the_others(session, labelled, stored):
    book = await Book.get(session, 1)
    x = await Label.get(session, 1)
    book.labels.remove(x)
    book.labels.append(await Label.create(session, name="z"))
    await session.commit()
    assert stored(LINKS) == [(1, 2), (1, 3)]


async def test_a_link_that_is_there_is_written_once(session, labelled, stored):
    book = await Book.get(session, 1)
    book.labels.append(await Label.get(session, 1))
    await session.commit()
    assert stored(LINKS) == [(1, 1), (1, 2)]


async def test_both_sides_show_a_link_at_once(session):
    book = await Book.create(session, title="a")
    label = await Label.create(session, name="x")
    book.labels.append(label)
    assert titles(label.books) == ["a"]
    label.books.remove(book)
    assert book.labels == []
    await session.flush()
    assert await Book.filter(session).include("labels").first() is not None
    assert (await Book.filter(session).include("labels").first()).labels == []


async def test_links_are_read_by_one_statement_a_side(session, labelled):
    with recorded() as statements:
        (book,) = await Book.filter(session).include("labels.books")
    assert len(statements) == 3, statements
    assert names(book.labels) == ["x", "y"] and [titles(label.books) for label in book.labels] == [["a"], ["a"]]


async def test_links_are_awaited(session, labelled):
    book = await Book.get(session, 1)
    with recorded() as statements:
        assert names(await book.labels) == names(await book.labels) == ["x", "y"]
    assert len(statements) == 1, statements
    assert names(await book.labels.filter(name="y")) == ["y"]


async def test_a_link_to_a_deleted_row_is_not_seen_and_stays(session, labelled, stored):
    x = await Label.get(session, 1)
    deletion = await x.soft_delete(session, cascade=True)
    (book,) = await Book.filter(session).include("labels")
    assert names(book.labels) == ["y"]
    await session.commit()
    assert stored(LINKS) == [(1, 1), (1, 2)]
    await deletion.undo(session)
    (book,) = await Book.filter(session).include("labels")
    assert names(book.labels) == ["x", "y"]


async def test_a_row_that_is_restored_has_its_links_again(session, labelled):
    book = await Book.get(session, 1)
    await book.soft_delete(session, cascade=True)
    (x, _) = await Label.filter(session).include("books")
    assert x.books == []
    await book.restore(session, cascade=True)
    (x, _) = await Label.filter(session).include("books")
    assert titles(x.books) == ["a"]


async def test_a_row_that_is_removed_takes_its_links_along(session, labelled, stored):
    await labelled.delete(session, force=True)
    await session.commit()
    assert stored(LINKS) == [] and stored("SELECT count(*) FROM lib_labels") == [(2,)]


async def test_links_are_rolled_back(session, labelled, stored):
    labelled.labels.clear()
    await session.flush()
    await session.rollback()
    assert stored(LINKS) == [(1, 1), (1, 2)]
    assert names(await labelled.labels) == ["x", "y"]
    labelled.labels.clear()
    await session.rollback()
    await session.commit()
    assert stored(LINKS) == [(1, 1), (1, 2)]


async def test_a_model_is_linked_with_itself(session):
    ann, bob, eve = [await Writer.create(session, name=name) for name in ("ann", "bob", "eve")]
    ann.follows.extend([bob, eve])
    bob.follows.append(ann)
    assert names(bob.followers) == ["ann"] and names(ann.followers) == ["bob"]
    await session.flush()
    ann, bob, eve = await Writer.filter(session).include("follows", "followers").order_by("id")
    assert [names(one.follows) for one in (ann, bob, eve)] == [["bob", "eve"], ["ann"], []]
    assert [names(one.followers) for one in (ann, bob, eve)] == [["bob"], ["ann"], ["ann"]]


async def test_a_link_needs_two_rows(session, labelled):
    with pytest.raises(ValidationError) as refused:
        labelled.labels.append(Label(name="new"))
    says(refused.value, "Book.labels", "Label", "create")
    with pytest.raises(ValidationError) as refused:
        labelled.labels.append(labelled)
    says(refused.value, "Book.labels", "Label")


async def test_a_link_to_a_row_that_is_gone_is_refused(session, labelled, stored):
    gone = await Label.create(session, name="gone")
    await session.commit()
    stored("DELETE FROM lib_labels WHERE id = ?", gone.id)
    labelled.labels.append(gone)
    with pytest.raises(ConstraintError) as refused:
        await session.flush()
    says(refused.value, "book_labels", "lib_labels_id", "Label")
    await session.flush()
    await session.commit()
    assert stored(LINKS) == [(1, 1), (1, 2)]


async def test_a_link_to_a_row_that_a_cascade_deleted_is_refused(session, labelled):
    x = await Label.get(session, 1)
    book = await Book.create(session, title="b")
    await x.soft_delete(session, cascade=True)
    book.labels.append(x)
    with pytest.raises(ConstraintError) as refused:
        await session.flush()
    says(refused.value, "Label", "deleted", "restore")


def test_links_are_declared_once():
    again = create_association_table("book_labels", Book, "lib_labels.id")
    assert again is relatives.book_labels
    with pytest.raises(SchemaError) as refused:
        create_association_table("book_labels", "lib_writers", "lib_labels")
    says(refused.value, "book_labels", "lib_writers", "lib_books")


MODEL = """
import asyncio
from fastapi_orm import (
    Database, DateTimeField, ForeignKeyField, IntegerField, ManyToMany, Model, SchemaError, SoftDeleteMixin,
    ValidationError, create_association_table
)

class Post(Model):
    __tablename__ = "posts"
    id: int = IntegerField(primary_key=True)
    tags = ManyToMany("Tag", secondary="post_tags", back_populates="posts")

class Tag(Model):
    __tablename__ = "tags"
    id: int = IntegerField(primary_key=True)
    posts = ManyToMany("Post", secondary="post_tags", back_populates="tags")

BODY

async def main():
    db = Database("sqlite://")
    await db.create_tables()
    async with db.session() as session:
        post, tag = await Post.create(session), await Tag.create(session)
        USE
    await db.close()

try:
    asyncio.run(main())
except (SchemaError, ValidationError) as error:
    print(error)
"""

LINK = """
class PostTag(Model):
    __tablename__ = "post_tags"
    id: int = IntegerField(primary_key=True)
    post_id: int = ForeignKeyField("posts")
    tag_id: int = ForeignKeyField("tags")
    created_at = DateTimeField(auto_now_add=True, nullable=False)
"""


def run(path, body, use="pass"):
    return python(MODEL.replace("BODY", body).replace("USE", use), cwd=path)


def test_a_model_can_be_the_links(tmp_path):
    use = """post.tags.append(tag)
        await session.flush()
        (link,) = await PostTag.all(session)
        assert link.created_at is not None and (link.post_id, link.tag_id) == (post.id, tag.id)
        (post,) = await Post.filter(session).include("tags")
        post.tags.remove(post.tags[0])
        await session.flush()
        assert await PostTag.count(session) == 0"""
    assert run(tmp_path, LINK, use) == ""


def test_links_with_soft_delete_are_live_rows_only_and_not_written_in_passing(tmp_path):
    use = """link = await PostTag.create(session, post_id=post.id, tag_id=tag.id)
        (post,) = await Post.filter(session).include("tags")
        assert [one.id for one in post.tags] == [tag.id]
        await link.soft_delete(session)
        (post,) = await Post.filter(session).include("tags")
        assert post.tags == []
        post.tags.append(tag)
        await session.flush()"""
    message = run(tmp_path, LINK.replace("PostTag(Model)", "PostTag(Model, SoftDeleteMixin)"), use)
    says(Exception(message), "PostTag", "create")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", ("Post.tags", "post_tags", "create_association_table")),
        ('create_association_table("post_tags", "posts", "posts")', ("Tag", "post_tags", "tags")),
        ('create_association_table("post_tags", "posts", "tag")', ("post_tags", "tag")),
    ],
)
def test_links_that_do_not_fit_are_named(tmp_path, body, words):
    says(Exception(run(tmp_path, body)), *words)


async def test_a_rollback_puts_back_which_rows_are_linked(session, labelled):
    x, y = labelled.labels
    other = await Label.create(session, name="z")
    await session.commit()
    labelled.labels.append(other)
    await session.flush()
    labelled.labels.remove(x)
    await session.rollback()
    assert labelled.labels == [x, y]
    await session.commit()
    assert names(await (await Book.get(session, labelled.id)).labels) == ["x", "y"]


async def test_a_savepoint_that_is_undone_puts_back_which_rows_are_linked_on_both_sides(session, labelled):
    x, y = labelled.labels
    other = await Book.create(session, title="b")
    x_books = await x.books
    savepoint = await session.begin_nested()
    other.labels.append(x)
    labelled.labels.remove(y)
    assert titles(x_books) == ["a", "b"]
    await savepoint.rollback()
    assert titles(x_books) == ["a"] and other.labels == [] and labelled.labels == [x, y]


BASE = """
import asyncio
from fastapi_orm import (
    Base, Database, ForeignKeyField, IntegerField, ManyToMany, Model, StringField, create_association_table
)

follows = create_association_table(
    "followers", "users", "users", Base, first_column="follower_id", second_column="following_id"
)

class User(Model):
    __tablename__ = "users"
    id: int = IntegerField(primary_key=True)
    username: str = StringField(max_length=100)
    following = ManyToMany("User", secondary=follows, back_populates="followers", foreign_key="follower_id")
    followers = ManyToMany("User", secondary=follows, back_populates="following", foreign_key="following_id")

async def main():
    db = Database("sqlite://", base=Base)
    await db.create_tables()
    async with db.session() as session:
        alice, bob = [await User.create(session, username=name) for name in ("alice", "bob")]
        alice.following.append(bob)
        await session.commit()
        assert (await session.execute("SELECT follower_id, following_id FROM followers")).fetchall() == [(1, 2)]
        alice, bob = await User.get(session, 1), await User.get(session, 2)
        assert [one.username for one in alice.following] == ["bob"] and alice.followers == []
        assert [one.username for one in bob.followers] == ["alice"] and bob.following == []
        if alice in bob.followers:
            bob.followers.remove(alice)
        await session.commit()
        assert (await User.get(session, 1)).following == []
    await db.close()

asyncio.run(main())
"""


def test_links_have_a_base_and_columns_of_the_callers_choice(tmp_path):
    python(BASE, cwd=tmp_path)
