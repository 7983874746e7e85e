"""Taking a deletion back: one row, a whole deletion, and what stands in the way."""

import pytest

from fastapi_orm import ForeignKeyField, IntegerField, Model, RestoreConflict, SoftDeleteMixin, StringField
from models import Comment, Post, User
from support import says


class Branch(Model, SoftDeleteMixin):
    __tablename__ = "branches"

    id: int = IntegerField(primary_key=True)
    code: str = StringField(max_length=20, unique=True)
    name: str = StringField(max_length=20)


class Clerk(Model, SoftDeleteMixin):
    __tablename__ = "clerks"

    id: int = IntegerField(primary_key=True)


class Desk(Model, SoftDeleteMixin):
    """A row with two parents and a unique number."""

    __tablename__ = "desks"

    id: int = IntegerField(primary_key=True)
    number: int = IntegerField(unique=True)
    branch_id: int = ForeignKeyField("branches")
    owner_id: int = ForeignKeyField("clerks")


@pytest.fixture
def tables(loop, db):
    loop.run_until_complete(db.create_tables([Branch, Clerk, Desk]))


async def live(session, model):
    return [row.id for row in await model.all(session)]


async def test_a_restored_row_is_live(session):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await post.restore(session)
    assert post.is_deleted is False
    assert post.deleted_at is None
    again = await Post.get(session, post.id)
    assert again.deleted_at is None


async def test_restore_clears_both_markers(session, stored):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await post.restore(session)
    await session.commit()
    assert stored("SELECT deleted_at, deletion_id FROM posts") == [(None, None)]


async def test_restore_closes_the_entry_in_the_journal(session, stored, store):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await session.commit()
    assert stored("SELECT restored_at FROM reprieve_deletions") == [(None,)]
    await post.restore(session)
    await session.commit()
    [(at, restored_at)] = stored("SELECT at, restored_at FROM reprieve_deletions")
    assert restored_at >= at
    store.assert_sound()


async def test_restore_of_a_live_row_changes_nothing(session, store):
    post = await Post.create(session, title="a")
    await session.commit()
    before = store.dump()
    await post.restore(session)
    await session.commit()
    assert store.dump() == before


async def test_restore_keeps_every_other_column(session, stored):
    post = await Post.create(session, title="a", content="c", views=3, published=True)
    await session.commit()
    before = stored("SELECT * FROM posts")
    await post.soft_delete(session)
    await post.restore(session)
    await session.commit()
    assert stored("SELECT * FROM posts") == before


async def test_a_row_can_be_deleted_and_restored_again_and_again(session, stored):
    post = await Post.create(session, title="a")
    for _ in range(5):
        deletion = await post.soft_delete(session)
        assert deletion.rows == {"posts": 1}
        await post.restore(session)
    await session.commit()
    assert stored("SELECT count(*), count(restored_at) FROM reprieve_deletions") == [(5, 5)]
    assert not post.is_deleted


async def test_undo_of_the_receipt_restores_the_whole_deletion(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    deletion = await user.soft_delete(session, cascade=True)
    await deletion.undo(session)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == [post.id]


async def test_undo_works_in_a_later_session(session, db):
    user = await User.create(session, username="u")
    await Post.create(session, title="a", author_id=user.id)
    deletion = await user.soft_delete(session, cascade=True)
    await session.commit()
    async with db.session() as later:
        await deletion.undo(later)
    async with db.session() as later:
        assert len(await Post.all(later)) == 1


async def test_restore_of_the_root_alone_leaves_its_children_deleted(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    await user.soft_delete(session, cascade=True)
    await user.restore(session)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == []
    await post.restore(session)
    assert await live(session, Post) == [post.id]


async def test_restore_with_cascade_restores_what_was_deleted_together(session, store, stored):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    comment = await Comment.create(session, body="c", post_id=post.id)
    await user.soft_delete(session, cascade=True)
    await user.restore(session, cascade=True)
    await session.commit()
    assert [await live(session, m) for m in (User, Post, Comment)] == [[user.id], [post.id], [comment.id]]
    assert stored("SELECT restored_at IS NULL FROM reprieve_deletions") == [(0,)]
    store.assert_sound()


async def test_restore_with_cascade_of_a_child_restores_the_whole_deletion(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    await user.soft_delete(session, cascade=True)
    post = await Post.get_with_deleted(session, post.id)
    await post.restore(session, cascade=True)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == [post.id]
    assert not post.is_deleted


async def test_a_row_deleted_before_for_its_own_reason_stays_deleted(session):
    user = await User.create(session, username="u")
    posts = [await Post.create(session, title=str(n), author_id=user.id) for n in range(3)]
    own = await posts[1].soft_delete(session)
    await user.soft_delete(session, cascade=True)
    await user.restore(session, cascade=True)
    assert await live(session, Post) == [posts[0].id, posts[2].id]
    again = await Post.get_with_deleted(session, posts[1].id)
    assert again.deleted_at == own.at


async def test_a_row_deleted_directly_after_a_cascade_took_it_stays_deleted(session, stored, store):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    cascade = await user.soft_delete(session, cascade=True)
    taken = await Post.get_with_deleted(session, post.id)
    own = await taken.soft_delete(session)
    assert own.rows == {"posts": 1}
    assert taken.deleted_at == cascade.at
    await cascade.undo(session)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == []
    await own.undo(session)
    assert await live(session, Post) == [post.id]
    await session.commit()
    store.assert_sound()


async def test_restoring_a_row_alone_under_a_cascaded_parent_is_refused(session, store):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    await user.soft_delete(session, cascade=True)
    await session.commit()
    before = store.dump()
    post = await Post.get_with_deleted(session, post.id)
    with pytest.raises(RestoreConflict) as refused:
        await post.restore(session)
    says(refused.value, "Post", "User", str(user.id), "author_id", "ancestors=True", "cascade=True")
    await session.commit()
    assert post.is_deleted
    assert store.dump() == before


async def test_restoring_with_ancestors_restores_the_parents_alone(session):
    user = await User.create(session, username="u")
    posts = [await Post.create(session, title=str(n), author_id=user.id) for n in range(2)]
    comment = await Comment.create(session, body="c", post_id=posts[0].id)
    await user.soft_delete(session, cascade=True)
    comment = await Comment.get_with_deleted(session, comment.id)
    await comment.restore(session, ancestors=True)
    assert await live(session, Comment) == [comment.id]
    assert await live(session, Post) == [posts[0].id]
    assert await live(session, User) == [user.id]


async def test_a_parent_deleted_without_cascade_does_not_stand_in_the_way(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    await post.soft_delete(session)
    await user.soft_delete(session)
    await post.restore(session)
    assert await live(session, Post) == [post.id]
    assert await live(session, User) == []


async def test_a_grandparent_deleted_by_the_cascade_does_not_stand_in_the_way_when_the_parent_is_live(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    comment = await Comment.create(session, body="c", post_id=post.id)
    await user.soft_delete(session, cascade=True)
    await post.restore(session, ancestors=True)
    await user.soft_delete(session)
    await comment.restore(session)
    assert await live(session, Comment) == [comment.id]


async def test_rows_whose_other_parent_is_still_deleted_are_handed_over(session, store, tables):
    branch = await Branch.create(session, code="b")
    user = await Clerk.create(session)
    desk = await Desk.create(session, number=1, branch_id=branch.id, owner_id=user.id)
    first = await branch.soft_delete(session, cascade=True)
    second = await user.soft_delete(session, cascade=True)
    assert second.rows == {"clerks": 1}
    await first.undo(session)
    assert await live(session, Branch) == [branch.id]
    assert await live(session, Desk) == []
    await second.undo(session)
    assert await live(session, Desk) == [desk.id]
    await session.commit()
    store.assert_sound()


@pytest.mark.parametrize("order", ["first", "second"])
async def test_two_cascades_over_one_row_are_undone_in_any_order(session, tables, order):
    branch = await Branch.create(session, code="b")
    user = await Clerk.create(session)
    desk = await Desk.create(session, number=1, branch_id=branch.id, owner_id=user.id)
    both = [await branch.soft_delete(session, cascade=True), await user.soft_delete(session, cascade=True)]
    if order == "second":
        both.reverse()
    await both[0].undo(session)
    assert await live(session, Desk) == []
    await both[1].undo(session)
    assert await live(session, Desk) == [desk.id]
    assert (await live(session, Branch), await live(session, Clerk)) == ([branch.id], [user.id])


async def test_children_of_a_row_that_is_handed_over_go_with_it(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    comment = await Comment.create(session, body="c", post_id=post.id)
    cascade = await user.soft_delete(session, cascade=True)
    post = await Post.get_with_deleted(session, post.id)
    own = await post.soft_delete(session, cascade=True)
    await cascade.undo(session)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == []
    assert await live(session, Comment) == [], "a live comment under a post that a cascade deleted"
    await own.undo(session)
    assert await live(session, Post) == [post.id]
    assert await live(session, Comment) == [comment.id]


async def test_live_children_of_a_row_that_is_handed_over_are_taken_along(session, store):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    comment = await Comment.create(session, body="c", post_id=post.id)
    own = await post.soft_delete(session)
    cascade = await user.soft_delete(session, cascade=True)
    assert await live(session, Comment) == [comment.id], "its post was deleted alone"
    await own.undo(session)
    assert await live(session, Post) == []
    assert await live(session, Comment) == [], "a live comment under a post that a cascade deleted"
    await cascade.undo(session)
    assert await live(session, User) == [user.id]
    assert await live(session, Post) == [post.id]
    assert await live(session, Comment) == [comment.id]
    await session.commit()
    store.assert_sound()


async def test_undo_twice_changes_nothing_the_second_time(session, store):
    user = await User.create(session, username="u")
    deletion = await user.soft_delete(session, cascade=True)
    await deletion.undo(session)
    await session.commit()
    before = store.dump()
    result = await deletion.undo(session)
    await session.commit()
    assert sum(result.rows.values()) == 0
    after = store.dump()
    assert after["users"] == before["users"]


async def test_restoring_onto_a_taken_unique_key_is_refused(session, store):
    old = await User.create(session, username="ann")
    await old.soft_delete(session)
    await User.create(session, username="ann")
    await session.commit()
    before = store.dump()
    with pytest.raises(RestoreConflict) as refused:
        await old.restore(session)
    says(refused.value, "User", str(old.id), "username", "ann")
    await session.commit()
    assert old.is_deleted
    assert store.dump() == before


async def test_a_conflict_lists_every_row(session, tables):
    olds = [await Branch.create(session, code=code) for code in "xyz"]
    await Branch.bulk_soft_delete(session, [old.id for old in olds])
    for code in "xz":
        await Branch.create(session, code=code)
    with pytest.raises(RestoreConflict) as refused:
        await olds[0].restore(session, cascade=True)
    says(refused.value, "code=x", "code=z")
    assert "code=y" not in str(refused.value)
    assert len(await Branch.only_deleted(session)) == 3


async def test_a_conflict_between_rows_that_are_restored_together_is_told(session, tables):
    branches = [await Branch.create(session, code=code) for code in "xy"]
    user = await Clerk.create(session)
    await Desk.create(session, number=1, branch_id=branches[0].id, owner_id=user.id)
    first = await branches[0].soft_delete(session, cascade=True)
    await Desk.create(session, number=1, branch_id=branches[1].id, owner_id=user.id)
    second = await user.soft_delete(session, cascade=True)
    await first.undo(session)  # hands the first desk over to the second deletion, which holds its twin
    with pytest.raises(RestoreConflict) as refused:
        await second.undo(session)
    says(refused.value, "Desk", "number=1")
    assert len(await Desk.only_deleted(session)) == 2


async def test_a_restore_after_the_key_is_free_again_succeeds(session):
    old = await User.create(session, username="ann")
    await old.soft_delete(session)
    new = await User.create(session, username="ann")
    await new.soft_delete(session)
    await old.restore(session)
    assert [user.id for user in await User.all(session)] == [old.id]


async def test_bulk_restore_restores_the_rows_with_these_keys(session):
    posts = [await Post.create(session, title=str(n)) for n in range(4)]
    await Post.bulk_soft_delete(session, [post.id for post in posts])
    assert await Post.bulk_restore(session, [posts[1].id, posts[3].id, 404]) == 2
    assert [post.title for post in await Post.all(session)] == ["1", "3"]
    assert await Post.bulk_restore(session, [posts[1].id]) == 0


async def test_the_journal_is_closed_when_the_last_row_of_a_bulk_deletion_is_restored(session, stored):
    posts = [await Post.create(session, title=str(n)) for n in range(2)]
    await Post.bulk_soft_delete(session, [post.id for post in posts])
    await Post.bulk_restore(session, [posts[0].id])
    await session.commit()
    assert stored("SELECT restored_at IS NULL FROM reprieve_deletions") == [(1,)]
    await Post.bulk_restore(session, [posts[1].id])
    await session.commit()
    assert stored("SELECT restored_at IS NULL FROM reprieve_deletions") == [(0,)]


async def test_a_row_that_another_program_deleted_is_restored(session, stored):
    post = await Post.create(session, title="a")
    await session.commit()
    stored("UPDATE posts SET deleted_at = '2025-01-01 00:00:00.000000'")
    assert await Post.get(session, post.id) is None
    post = await Post.get_with_deleted(session, post.id)
    await post.restore(session)
    assert await live(session, Post) == [post.id]


async def test_a_row_that_another_program_deleted_is_restored_with_cascade_too(session, stored):
    post = await Post.create(session, title="a")
    await session.commit()
    stored("UPDATE posts SET deleted_at = '2025-01-01 00:00:00.000000'")
    post = await Post.get_with_deleted(session, post.id)
    await post.restore(session, cascade=True)
    assert await live(session, Post) == [post.id]


async def test_a_rolled_back_restore_never_happened(session, stored):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await session.commit()
    await post.restore(session)
    await session.rollback()
    assert stored("SELECT deleted_at IS NULL FROM posts") == [(0,)]
    assert stored("SELECT restored_at FROM reprieve_deletions") == [(None,)]


async def test_a_restored_row_keeps_changes_made_while_it_was_deleted(session, stored):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    post.title = "b"
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]
    await post.restore(session)
    await session.commit()
    assert stored("SELECT title, deleted_at FROM posts") == [("b", None)]


async def test_restore_writes_the_other_changed_attributes(session, stored):
    post = await Post.create(session, title="a", delete_reason="spam")
    await post.soft_delete(session)
    post.delete_reason = None
    await post.restore(session)
    await session.commit()
    assert stored("SELECT delete_reason, deleted_at FROM posts") == [(None, None)]
