"""Objects after a rollback hold again what they held when the scope began that was undone."""

import gc
import sys
import weakref

import pytest

from fastapi_orm import SessionError, ValidationError
from models import Comment, Memo, Post, User
from support import says


class Undone(Exception):
    pass


async def block(session, work):
    """Runs the work in a block of its own that fails."""
    with pytest.raises(Undone):
        async with session.begin():
            await work()
            raise Undone


@pytest.fixture
def post(loop, session):
    async def make():
        post = await Post.create(session, title="a", content="c", views=1)
        await session.commit()
        return post

    return loop.run_until_complete(make())


async def test_a_written_change_is_put_back(session, post):
    post.title = "b"
    await session.flush()
    await post.update(session, views=2)
    await session.rollback()
    assert (post.title, post.views) == ("a", 1)


async def test_a_pending_change_is_dropped_and_put_back(session, post, stored):
    post.title = "b"
    await session.rollback()
    assert post.title == "a"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_a_change_after_a_rollback_is_written(session, post, stored):
    post.title = "b"
    await session.rollback()
    post.views = 5
    await session.commit()
    assert stored("SELECT title, views FROM posts") == [("a", 5)]


async def test_the_same_change_can_be_made_again_after_a_rollback(session, post, stored):
    for _ in range(2):
        post.title = "b"
        await session.flush()
        await session.rollback()
    post.title = "b"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_a_field_that_was_changed_often_holds_its_first_value(session, post):
    for number in range(10):
        post.title = str(number)
        await session.flush()
    await session.rollback()
    assert post.title == "a"


async def test_a_soft_delete_is_put_back(session, post):
    await post.soft_delete(session)
    assert post.is_deleted
    await session.rollback()
    assert not post.is_deleted and post.deleted_at is None
    await post.soft_delete(session)
    assert post.is_deleted


async def test_the_changes_that_a_soft_delete_wrote_are_put_back(session, post):
    post.delete_reason = "spam"
    await post.soft_delete(session)
    await session.rollback()
    assert post.delete_reason is None and not post.is_deleted


async def test_a_restore_is_put_back(session, post):
    await post.soft_delete(session)
    await session.commit()
    at = post.deleted_at
    await post.restore(session)
    assert not post.is_deleted
    await session.rollback()
    assert post.is_deleted and post.deleted_at == at


async def test_a_removed_row_is_there_again(session, post, stored):
    await post.delete(session, force=True)
    await session.rollback()
    post.title = "b"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_what_was_committed_stays(session, post):
    post.title = "b"
    await session.commit()
    post.title = "c"
    await session.rollback()
    assert post.title == "b"


async def test_a_created_object_has_no_row_any_more(session, stored):
    post = await Post.create(session, title="a")
    await session.rollback()
    assert post.id is None and post.title == "a"
    for use in (
        lambda: post.update(session, title="b"),
        lambda: post.delete(session),
        lambda: post.delete(session, force=True),
        lambda: post.soft_delete(session, cascade=True),
        lambda: post.restore(session),
        lambda: post.refresh(session),
    ):
        with pytest.raises(SessionError) as refused:
            await use()
        says(refused.value, "Post", "rolled back", "save")
    assert post.title == "a"
    await session.commit()
    assert stored("SELECT * FROM posts") == []


async def test_a_created_object_can_be_saved_again(session, stored):
    post = await Post.create(session, title="a")
    await session.rollback()
    await Post.create(session, title="took the key")
    await post.save(session)
    post.views = 3
    await session.commit()
    assert stored("SELECT title, views FROM posts ORDER BY id") == [("took the key", 0), ("a", 3)]


async def test_a_created_object_keeps_a_key_of_its_callers(session, stored):
    post = await Post.create(session, id=7, title="a")
    await session.rollback()
    assert post.id == 7
    await post.save(session)
    await session.commit()
    assert stored("SELECT id FROM posts") == [(7,)]


async def test_a_created_object_that_was_deleted_is_live_when_it_is_saved_again(session):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await session.rollback()
    assert not post.is_deleted
    await post.save(session)
    assert await Post.count(session) == 1


async def test_a_saved_object_is_as_it_was_before(session, stored):
    post = Post(title="a")
    await post.save(session)
    await session.rollback()
    assert post.id is None
    with pytest.raises(SessionError):
        await post.delete(session)
    post.title = "b"
    await session.commit()
    assert stored("SELECT * FROM posts") == []
    await post.save(session)
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_a_refresh_of_uncommitted_values_is_put_back(session, post):
    await session.execute("UPDATE posts SET title = 'raw'")
    await post.refresh(session)
    assert post.title == "raw"
    await session.rollback()
    assert post.title == "a"


async def test_a_refresh_without_a_transaction_stays(session, post, stored):
    stored("UPDATE posts SET title = 'theirs'")
    await post.refresh(session)
    await session.rollback()
    assert post.title == "theirs"


async def test_only_what_a_block_undid_is_put_back(session, post):
    other = await Post.create(session, title="other")
    post.title = "outer"

    async def work():
        post.title = "inner"
        post.views = 9
        other.title = "changed"
        await other.soft_delete(session)

    await block(session, work)
    assert (post.title, post.views) == ("outer", 1)
    assert other.title == "other" and not other.is_deleted
    await session.rollback()
    assert post.title == "a"
    assert other.id is None


async def test_an_object_created_in_a_block_that_failed_has_no_row(session, stored):
    kept = await Post.create(session, title="kept")
    made = []

    async def work():
        made.append(await Post.create(session, title="made"))

    await block(session, work)
    assert made[0].id is None and kept.id == 1
    with pytest.raises(SessionError):
        await made[0].update(session, title="b")
    await kept.update(session, title="still there")
    await session.commit()
    assert stored("SELECT title FROM posts") == [("still there",)]


async def test_work_of_a_block_that_was_kept_is_undone_with_the_outer_one(session, post):
    async def work():
        post.title = "one"
        async with session.begin():
            post.title = "two"
            post.views = 2
        async with session.begin():
            post.title = "three"

    await session.commit()
    await block(session, work)
    assert (post.title, post.views) == ("a", 1)


async def test_a_block_after_one_that_was_undone_is_undone_alone(session, post):
    async with session.begin():
        for title in "xyz":

            async def work(title=title):
                post.title = title

            await block(session, work)
            assert post.title == "a"
        post.title = "b"
        await block(session, work)
        assert post.title == "b"
    await session.rollback()
    assert post.title == "b"


async def test_a_change_pending_at_the_end_of_a_failing_block_is_dropped(session, post, stored):
    async def work():
        post.title = "never written"

    await post.update(session, views=2)
    await block(session, work)
    assert (post.title, post.views) == ("a", 2)
    await session.commit()
    assert stored("SELECT title, views FROM posts") == [("a", 2)]


async def test_the_session_of_a_savepoint_puts_back_what_it_undoes(session, post):
    async with session.begin():
        post.title = "outer"
        async with session.begin_nested() as savepoint:
            post.title = "inner"
            await savepoint.rollback()
            assert post.title == "outer"
    assert post.title == "outer"


async def test_an_exception_in_a_session_puts_its_objects_back(db):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    with pytest.raises(Undone):
        async with db.session() as session:
            post = await Post.get(session, post.id)
            made = await Post.create(session, title="made")
            post.title = "b"
            await session.flush()
            raise Undone
    assert post.title == "a" and made.id is None


async def test_a_closed_session_puts_its_objects_back(db):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    async with db.session() as session:
        post = await Post.get(session, post.id)
        await post.soft_delete(session)
        await session.close()
    assert not post.is_deleted


async def test_a_rollback_puts_back_objects_of_another_session(db, session, post, stored):
    async with db.session() as other:
        await post.update(other, title="theirs")
        await post.soft_delete(other)
        await other.rollback()
    assert post.title == "a" and not post.is_deleted
    await session.commit()
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_a_change_that_another_session_wrote_is_pending_again(db, session, post, stored):
    post.title = "b"
    async with db.session() as other:
        await post.save(other)
        await other.rollback()
    assert post.title == "b"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_a_commit_that_fails_puts_objects_back(session, post):
    await session.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
    await session.execute(
        "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    await session.commit()
    post.title = "b"
    made = await Post.create(session, title="made")
    await session.execute("INSERT INTO children VALUES (1)")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await session.commit()
    assert post.title == "a" and made.id is None


async def test_a_flush_that_fails_leaves_the_change_to_be_mended(session, post, stored):
    post.title = "x" * 300
    with pytest.raises(ValidationError):
        await session.flush()
    assert post.title == "x" * 300
    post.title = "b"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_a_reference_is_put_back_and_its_row_read_anew(session, post):
    author = await User.create(session, username="u")
    await session.commit()
    post.author = author
    await session.flush()
    await session.rollback()
    assert post.author_id is None
    assert await post.author is None


async def test_a_loaded_collection_holds_the_rows_it_held(session):
    author = await User.create(session, username="u")
    first = await Post.create(session, title="first", author=author)
    await session.commit()
    await Post.create(session, title="second", author=author)
    author.posts.remove(first)
    assert [post.title for post in author.posts] == ["second"]
    await session.rollback()
    assert author.posts == [first]
    assert first.author_id == author.id
    assert [post.title for post in await author.posts] == ["first"]


async def test_a_collection_in_a_failing_block_holds_what_it_held_before_the_block(session):
    author = await User.create(session, username="u")
    first = await Post.create(session, title="first", author=author)

    async def work():
        await Post.create(session, title="second", author=author)
        await Comment.create(session, body="c", post=first)

    await block(session, work)
    assert author.posts == [first]
    assert first.comments == []


async def test_a_cascade_is_undone_in_the_object_that_was_deleted(session, post):
    author = await User.create(session, username="u")
    await post.update(session, author_id=author.id)
    await session.commit()
    await author.soft_delete(session, cascade=True)
    await session.rollback()
    assert not author.is_deleted
    assert await Post.count(session, author_id=author.id) == 1


async def test_nothing_is_held_after_a_commit(session):
    class Value(str):
        pass

    post = await Post.create(session, title="a")
    await session.commit()
    post.title = title = Value("t")
    await session.commit()
    known, count = weakref.ref(post), sys.getrefcount(title)
    post.title = "b"
    assert sys.getrefcount(title) == count, "the old value is noted"
    await session.commit()
    assert sys.getrefcount(title) == count - 1
    del post
    gc.collect()
    assert known() is None


async def test_objects_that_nobody_holds_are_not_kept_by_a_transaction(session):
    known = [weakref.ref(await Post.create(session, title=str(n))) for n in range(300)]
    gc.collect()
    assert not any(one() for one in known)
    await session.rollback()
    assert await Post.count(session) == 0


async def test_a_thousand_objects_are_put_back(session):
    posts = [await Post.create(session, title=str(n)) for n in range(1000)]
    await session.commit()
    for post in posts:
        post.views = 7
        await post.soft_delete(session)
    await session.rollback()
    assert all(post.views == 0 and not post.is_deleted for post in posts)


async def test_a_row_without_soft_delete_is_put_back(session):
    memo = await Memo.create(session, text="a")
    await session.commit()
    memo.text = "b"
    await memo.delete(session)
    await session.rollback()
    assert memo.text == "a"
    await memo.update(session, text="c")
    await session.commit()
    assert await Memo.count(session, text="c") == 1
