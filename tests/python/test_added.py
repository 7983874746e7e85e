"""`session.add()`: which rows are inserted, when, and in which order."""

import pytest

from fastapi_orm import (
    DuplicateRecordError,
    IntegerField,
    JSONField,
    Model,
    SessionError,
    UUIDField,
    ValidationError,
)
from models import Comment, Memo, Post, User
from support import says


class Labelled(Model):
    __tablename__ = "labelled_entries"

    id: int = IntegerField(primary_key=True)
    token = UUIDField(auto_generate=True)
    labels = JSONField(default=list)
    tags = JSONField(default=["new"])


@pytest.fixture
def titles(stored):
    return lambda: [title for (title,) in stored("SELECT title FROM posts ORDER BY id")]


async def test_an_added_object_is_inserted_at_flush(session, titles):
    post = Post(title="a")
    assert session.add(post) is None
    await session.flush()
    assert (post.id, post.views, post.published) == (1, 0, False)
    assert post.created_at is not None and not post.is_deleted
    assert titles() == []
    await session.commit()
    assert titles() == ["a"]


async def test_a_new_object_has_its_defaults_and_none_in_the_rest(session, stored):
    post = Post(title="a")
    assert (post.id, post.title, post.content, post.published, post.views) == (None, "a", None, False, 0)
    assert (post.created_at, post.deleted_at, post.author_id, post.is_deleted) == (None, None, None, False)
    assert post.to_dict() == {name: getattr(post, name) for name in post.to_dict()}
    assert repr(post) == "<Post(id=None, title='a')>"
    post.views += 1
    await post.save(session)
    assert (post.id, post.views, post.published) == (1, 1, False)
    assert post.created_at is not None
    await session.commit()
    assert stored("SELECT title, views, content FROM posts") == [("a", 1, None)]


async def test_a_default_that_was_made_for_a_new_object_is_stored_as_it_became(db, session):
    await db.create_tables([Labelled])
    entry, other = Labelled(), Labelled(token=None, labels=None)
    assert (entry.labels, entry.tags, other.token, other.labels, other.tags) == ([], ["new"], None, None, ["new"])
    entry.labels.append("x")
    entry.tags.append("y")
    assert Labelled().tags == ["new"]
    token = entry.token
    session.add_all([entry, other])
    await session.flush()
    read = await Labelled.get(session, entry.id)
    assert (read.token, read.labels, read.tags) == (token, ["x"], ["new", "y"])
    read = await Labelled.get(session, other.id)
    assert (read.token, read.labels, read.tags) == (None, None, ["new"])
    await session.rollback()
    assert (other.id, other.token, other.labels) == (None, None, None)
    await other.save(session)
    assert (other.token, other.labels) == (None, None)


async def test_an_added_object_is_inserted_before_any_other_call(session):
    session.add(Post(title="a"))
    assert await Post.count(session) == 1
    session.add(Post(title="b"))
    assert [post.title for post in await Post.all(session)] == ["a", "b"]
    session.add(Post(title="c"))
    assert (await Post.get(session, 3)).title == "c"


async def test_an_added_object_is_inserted_by_the_commit_of_a_session(db, titles):
    async with db.session() as session:
        session.add_all(Post(title=title) for title in "abc")
    assert titles() == ["a", "b", "c"]


async def test_what_is_set_after_the_add_counts(session, titles):
    post = Post(title="a")
    session.add(post)
    post.title = "b"
    await session.flush()
    post.title = "c"
    await session.commit()
    assert titles() == ["c"]


async def test_an_object_that_is_added_twice_is_inserted_once(session, titles):
    post = Post(title="a")
    session.add(post)
    session.add_all([post, post])
    await session.flush()
    session.add(post)
    await session.commit()
    assert titles() == ["a"]


async def test_an_added_object_that_is_saved_is_inserted_once(session, titles):
    post = Post(title="a")
    session.add(post)
    await post.save(session)
    await session.commit()
    assert titles() == ["a"]


async def test_an_added_object_that_does_not_fit_raises_at_flush_and_stays(session, titles):
    first, wrong, last = Post(title="first"), Post(title="x" * 300), Post(title="last")
    session.add_all([first, wrong, last])
    with pytest.raises(ValidationError, match="Length"):
        await session.flush()
    with pytest.raises(ValidationError):
        await session.commit()
    wrong.title = "mended"
    await session.commit()
    assert titles() == ["first", "mended", "last"]


async def test_an_added_object_that_the_database_refuses_stays(session, stored):
    await User.create(session, username="taken")
    user = User(username="taken")
    session.add(user)
    with pytest.raises(DuplicateRecordError, match="taken"):
        await session.flush()
    user.username = "free"
    await session.commit()
    assert stored("SELECT username FROM users") == [("taken",), ("free",)]


async def test_a_required_field_that_was_not_set_is_named(session):
    session.add(Post())
    with pytest.raises(ValidationError) as refused:
        await session.flush()
    says(refused.value, "title", "null")


async def test_a_reference_to_a_new_object_is_set_when_that_is_inserted(session, stored):
    user = User(username="u")
    post = Post(title="a", author=user)
    comment = Comment(body="c", post=post)
    session.add_all([comment, post, user])
    assert post.author is user
    await session.flush()
    assert post.author_id == user.id == 1 and comment.post_id == post.id == 1
    assert post.author is user
    await session.commit()
    assert stored("SELECT author_id FROM posts") == [(1,)]


async def test_new_objects_that_an_added_one_refers_to_are_inserted_too(session):
    session.add(Comment(body="c", post=Post(title="a", author=User(username="u"))))
    await session.flush()
    comment = await Comment.filter(session).include("post.author").first()
    assert comment.post.author.username == "u"


async def test_a_reference_by_key_to_another_added_object_orders_them(session, stored):
    session.add_all([Memo(text="m", post_id=7), Post(id=7, title="a", author_id=3), User(id=3, username="u")])
    await session.commit()
    assert stored("SELECT posts.author_id, memos.post_id FROM posts, memos") == [(3, 7)]


async def test_a_long_chain_of_new_objects_is_inserted(session):
    comments = [Comment(body="0")]
    for number in range(1, 1500):
        comments.append(Comment(body=str(number), answers_id=number, id=number + 1))
    comments[0].id = 1
    session.add_all(reversed(comments))
    await session.flush()
    assert await Comment.count(session) == 1500


async def test_new_objects_that_refer_to_each_other_in_a_circle_are_refused(session):
    first, second = Comment(id=1, body="a", answers_id=2), Comment(id=2, body="b", answers_id=1)
    session.add_all([first, second])
    with pytest.raises(ValidationError) as refused:
        await session.flush()
    says(refused.value, "circle", "Comment", "flush")
    second.answers_id = None
    await session.flush()
    second.answers_id = 1
    await session.commit()
    assert await Comment.count(session, answers_id__in=[1, 2]) == 2


async def test_a_row_that_refers_to_itself_is_inserted(session):
    session.add(Comment(id=5, body="a", answers_id=5))
    await session.commit()
    assert (await Comment.get(session, 5)).answers_id == 5


async def test_saving_an_object_that_refers_to_one_without_a_row_is_refused(session):
    post = Post(title="a", author=User(username="u"))
    with pytest.raises(ValidationError) as refused:
        await post.save(session)
    says(refused.value, "Post.author", "User", "save")
    await post.author.save(session)
    await post.save(session)
    assert post.author_id == post.author.id


async def test_a_stored_object_needs_a_stored_one_to_refer_to(session):
    post = await Post.create(session, title="a")
    user = User(username="u")
    with pytest.raises(ValidationError, match="create its row first"):
        post.author = user
    session.add(user)
    await session.flush()
    post.author = user
    await session.commit()
    assert post.author_id == user.id


async def test_an_added_object_is_in_the_collections_of_what_it_refers_to(session):
    user = await User.create(session, username="u")
    post = Post(title="a", author=user)
    session.add(post)
    await session.flush()
    assert user.posts == [post] and post.comments == []


async def test_a_rollback_drops_objects_that_were_added(session, titles):
    session.add(Post(title="a"))
    await session.rollback()
    await session.commit()
    assert titles() == []


async def test_a_rollback_after_the_flush_leaves_new_objects_that_can_be_added_again(session, stored):
    user = User(username="u")
    post = Post(title="a", author=user)
    session.add(post)
    await session.flush()
    await session.rollback()
    assert post.id is None and user.id is None and post.author is user
    with pytest.raises(SessionError, match="rolled back"):
        await post.delete(session)
    session.add(post)
    await session.commit()
    assert stored("SELECT title, username FROM posts JOIN users ON users.id = author_id") == [("a", "u")]


async def test_a_failing_block_drops_what_was_added_in_it(session, titles):
    session.add(Post(title="before"))
    with pytest.raises(ZeroDivisionError):
        async with session.begin():
            session.add(Post(title="inside"))
            1 / 0  # noqa: B018
    await session.commit()
    assert titles() == ["before"]


async def test_a_block_inserts_what_was_added_at_its_end(session, titles):
    async with session.begin():
        session.add(Post(title="a"))
    assert titles() == ["a"]


async def test_a_stored_object_that_is_added_is_this_sessions_from_then_on(db, session, titles):
    async with db.session() as other:
        post = await Post.create(other, title="a")
    post.title = "b"
    session.add(post)
    await session.commit()
    post.title = "c"
    await session.commit()
    assert titles() == ["c"]


async def test_a_closed_session_takes_no_objects(session):
    await session.close()
    with pytest.raises(SessionError, match="closed"):
        session.add(Post(title="a"))


async def test_only_objects_of_models_can_be_added(session):
    with pytest.raises(TypeError):
        session.add("post")
    with pytest.raises(TypeError):
        session.add_all([Post(title="a"), None])


async def test_session_delete_deletes_as_the_model_does(session):
    post, memo = await Post.create(session, title="a"), await Memo.create(session, text="m")
    await session.delete(post)
    await session.delete(memo)
    assert post.is_deleted
    assert await Post.filter_with_deleted(session).count() == 1 and await Memo.count(session) == 0
    await session.delete(post, force=True)
    assert await Post.filter_with_deleted(session).count() == 0


async def test_a_session_as_a_context_closes_at_its_end(db, titles):
    async with db.session() as session:
        async with session as inside:
            assert inside is session
            await Post.create(inside, title="a")
            await session.commit()
            await Post.create(inside, title="not committed")
        assert session.closed
    assert titles() == ["a"]
