"""Changed attributes: which are written, when, and that no other column is touched."""

import gc
from datetime import datetime

import pytest

from fastapi_orm import ConstraintError, DuplicateRecordError, RecordNotFoundError, ValidationError
from models import Comment, Post, User


@pytest.fixture
def post(loop, session):
    async def make():
        post = await Post.create(session, title="a", content="c", views=1)
        await session.commit()
        return post

    return loop.run_until_complete(make())


async def test_a_changed_attribute_is_written_at_commit(session, post, stored):
    post.title = "b"
    await session.commit()
    assert stored("SELECT title, content, views FROM posts") == [("b", "c", 1)]


async def test_a_changed_attribute_is_written_at_flush(session, post, db):
    post.title = "b"
    await session.flush()
    async with db.session() as other:
        assert (await Post.get(other, post.id)).title == "a", "flush commits nothing"
    await session.commit()
    async with db.session() as other:
        assert (await Post.get(other, post.id)).title == "b"


async def test_a_changed_attribute_is_written_before_a_query(session, post):
    post.title = "b"
    assert [found.id for found in await Post.filter(session, title="b")] == [post.id]
    assert await Post.filter(session, title="a") == []


async def test_a_changed_attribute_is_written_before_a_count(session, post):
    post.title = "b"
    assert await Post.filter(session, title="b").count() == 1


async def test_sessions_that_change_different_columns_of_a_row_both_prevail(session, post, db, stored):
    async with db.session() as other:
        theirs = await Post.get(other, post.id)
        post.title = "mine"
        await session.commit()
        theirs.content = "theirs"
    assert stored("SELECT title, content, views FROM posts") == [("mine", "theirs", 1)]


async def test_an_update_leaves_what_another_program_changed_in_other_columns(session, post, stored):
    stored("UPDATE posts SET views = 99")
    post.title = "b"
    await session.commit()
    assert stored("SELECT title, views FROM posts") == [("b", 99)]


async def test_a_soft_delete_leaves_what_another_session_changed(session, post, db, stored):
    async with db.session() as other:
        theirs = await Post.get(other, post.id)
        theirs.title = "theirs"
    await post.soft_delete(session)
    await session.commit()
    assert stored("SELECT title, deleted_at IS NULL FROM posts") == [("theirs", 0)]


async def test_a_restore_leaves_what_another_session_changed(session, post, db, stored):
    await post.soft_delete(session)
    await session.commit()
    async with db.session() as other:
        theirs = await Post.get_with_deleted(other, post.id)
        theirs.title = "theirs"
    await post.restore(session)
    await session.commit()
    assert stored("SELECT title, deleted_at FROM posts") == [("theirs", None)]


async def test_an_attribute_set_to_the_value_it_has_is_not_written(session, post, stored):
    stored("UPDATE posts SET title = 'theirs'")
    post.title = "a"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("theirs",)]


async def test_an_attribute_changed_twice_is_written_with_its_last_value(session, post, stored):
    post.title = "b"
    post.title = "c"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("c",)]


async def test_a_change_is_written_once(session, post, stored):
    post.title = "b"
    await session.commit()
    stored("UPDATE posts SET title = 'theirs'")
    post.views = 2
    await session.commit()
    assert stored("SELECT title, views FROM posts") == [("theirs", 2)]


async def test_a_change_to_null_is_written(session, post, stored):
    post.content = None
    await session.commit()
    assert stored("SELECT content FROM posts") == [(None,)]


async def test_a_changed_row_that_nobody_holds_any_more_is_written(session, post, stored):
    (await Post.get(session, post.id)).title = "b"
    gc.collect()
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_rows_from_lists_are_written_too(session, post, stored):
    await Post.create(session, title="second")
    for found in await Post.all(session):
        found.views = 50
    await session.commit()
    assert stored("SELECT views FROM posts") == [(50,), (50,)]


async def test_the_change_of_a_deleted_row_is_written(session, post, stored):
    await post.soft_delete(session)
    await session.commit()
    post.delete_reason = "spam"
    await session.commit()
    assert stored("SELECT delete_reason, deleted_at IS NULL FROM posts") == [("spam", 0)]


async def test_a_rolled_back_change_is_not_written_later(session, post, stored):
    post.title = "b"
    await session.flush()
    await session.rollback()
    await session.commit()
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_a_created_row_that_is_rolled_back_is_gone(session, stored):
    await Post.create(session, title="a")
    await session.rollback()
    await session.commit()
    assert stored("SELECT * FROM posts") == []


async def test_a_session_that_fails_writes_nothing(db, store):
    before = store.dump()
    with pytest.raises(ZeroDivisionError):
        async with db.session() as session:
            user = await User.create(session, username="u")
            post = await Post.create(session, title="a", author_id=user.id)
            await Comment.create(session, body="c", post_id=post.id)
            await user.soft_delete(session, cascade=True)
            1 / 0  # noqa: B018
    assert store.dump() == before


async def test_a_session_that_ends_well_commits(db, stored):
    async with db.session() as session:
        await Post.create(session, title="a")
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_get_session_commits_after_the_loop_body(db, stored):
    async for session in db.get_session():
        await Post.create(session, title="a")
        assert stored("SELECT title FROM posts") == []
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_get_session_rolls_back_when_the_loop_body_fails(db, store):
    before = store.dump()
    with pytest.raises(ZeroDivisionError):
        async for session in db.get_session():
            await Post.create(session, title="a")
            1 / 0  # noqa: B018
    gc.collect()
    assert store.dump() == before
    async with db.session() as session:
        await Post.create(session, title="the next writer does not wait")


async def test_save_and_update_write_at_once_and_only_what_changed(session, post, stored):
    stored("UPDATE posts SET views = 99")
    await post.update(session, title="b")
    await session.commit()
    assert stored("SELECT title, views FROM posts") == [("b", 99)]
    post.content = "d"
    await post.save(session)
    await session.commit()
    assert stored("SELECT content, views FROM posts") == [("d", 99)]


async def test_refresh_shows_what_the_database_holds(session, post, stored):
    stored("UPDATE posts SET title = 'theirs'")
    await post.refresh(session)
    assert post.title == "theirs"


async def test_an_object_of_a_closed_session_can_still_be_read(db):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    assert post.title == "a"
    assert post.to_response()["title"] == "a"


async def test_an_object_of_a_closed_session_can_be_deleted_through_another(db, stored):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    async with db.session() as session:
        await post.soft_delete(session)
    assert stored("SELECT deleted_at IS NULL FROM posts") == [(0,)]


async def test_an_update_that_fails_sets_nothing(session, post):
    await User.create(session, username="taken")
    user = await User.create(session, username="free")
    post.content = "mine"
    with pytest.raises(DuplicateRecordError):
        await user.update(session, username="taken")
    with pytest.raises(ConstraintError):
        await post.update(session, title="b", author_id=99)
    with pytest.raises(ValidationError):
        await post.update(session, title="b", author="nobody")
    with pytest.raises(ValidationError):
        await post.update(session, deleted_at=datetime.now())
    assert (user.username, post.title, post.author_id, post.content) == ("free", "a", None, "mine")
    await session.commit()
    assert [row.username for row in await User.all(session)] == ["taken", "free"]
    await post.refresh(session)
    assert (post.title, post.content) == ("a", "mine")


async def test_an_update_that_fails_leaves_collections_as_they_were(session, post):
    ann, bob = await User.create(session, username="ann"), await User.create(session, username="bob")
    await post.update(session, author=ann)
    assert [len(await user.posts) for user in (ann, bob)] == [1, 0]
    with pytest.raises(ValidationError):
        await post.update(session, author=bob, deleted_at=datetime.now())
    assert [len(await user.posts) for user in (ann, bob)] == [1, 0]
    assert (await post.author).username == "ann"


async def test_an_update_by_id_that_fails_is_not_tried_again(session):
    await User.bulk_create(session, [{"username": "taken"}, {"username": "free"}])
    with pytest.raises(DuplicateRecordError):
        await User.update_by_id(session, 2, username="taken")
    await session.commit()
    assert await User.count(session, username="free") == 1


async def test_an_update_of_an_object_whose_row_was_removed_does_not_create_it_again(session, post):
    await post.delete(session, force=True)
    with pytest.raises(RecordNotFoundError) as refused:
        await post.update(session, title="b")
    assert str(refused.value) == f"Post not found with id={post.id}"
    assert await Post.all_with_deleted(session).count() == 0
    await post.save(session)
    assert await Post.count(session) == 1


async def test_objects_of_one_row_are_equal_and_have_one_hash(session, post):
    again, other = await Post.get(session, post.id), await Post.create(session, title="other")
    assert again is not post and again == post and hash(again) == hash(post)
    assert post != other and post != await User.create(session, username="a") and post != post.id
    assert post in await Post.all(session) and {post, again, other} == {again, other}


def test_an_object_without_a_key_is_equal_to_itself_only_and_has_no_hash():
    one, other = Post(title="a"), Post(title="a")
    assert one == one and one != other
    with pytest.raises(TypeError, match="Post without id"):
        hash(one)
