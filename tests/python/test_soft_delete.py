"""What `soft_delete` and `delete` do to a row, to its object and to the journal."""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone

import msgspec
import orjson
import pytest

from fastapi_orm import SoftDeleteMixin, clear_audit_user, set_audit_user
from models import Comment, Memo, Post, User

JOURNAL = "SELECT id, at, root_table, root_keys, actor, reason, cascade, restored_at FROM reprieve_deletions"


async def test_a_soft_deleted_row_stays_in_the_database_with_its_instant(session, stored):
    post = await Post.create(session, title="a")
    before = datetime.now()
    await post.soft_delete(session)
    after = datetime.now()
    await session.commit()
    assert post.is_deleted
    assert before <= post.deleted_at <= after
    [(title, deleted_at)] = stored("SELECT title, deleted_at FROM posts")
    assert title == "a"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", deleted_at)
    in_utc = datetime.strptime(deleted_at, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=timezone.utc)
    assert in_utc == post.deleted_at.astimezone(timezone.utc)


async def test_a_new_row_is_live(session):
    post = await Post.create(session, title="a")
    assert post.is_deleted is False
    assert post.deleted_at is None


async def test_the_instant_is_a_plain_datetime_that_every_encoder_takes(session):
    post = await Post.create(session, title="a")
    deletion = await post.soft_delete(session)
    [listed] = await Post.only_deleted(session)
    again = await Post.get_with_deleted(session, post.id)
    for instant in (post.deleted_at, deletion.at, listed.deleted_at, again.deleted_at):
        assert type(instant) is datetime
        assert instant == deletion.at
        assert orjson.loads(orjson.dumps(instant)) == instant.isoformat()
        assert msgspec.json.decode(msgspec.json.encode(instant), type=datetime) == instant
        assert f"{instant}" == str(instant) == instant.isoformat(" ")


async def test_soft_delete_returns_a_receipt(session):
    post = await Post.create(session, title="a")
    before = datetime.now(timezone.utc) - timedelta(milliseconds=2)
    deletion = await post.soft_delete(session)
    assert isinstance(deletion.id, uuid.UUID)
    assert deletion.id.version == 7
    milliseconds = deletion.id.int >> 80
    assert before <= datetime.fromtimestamp(milliseconds / 1000, timezone.utc) <= datetime.now(timezone.utc)
    assert deletion.at == post.deleted_at
    assert deletion.rows == {"posts": 1}


async def test_ids_of_deletions_sort_by_time(session):
    ids = []
    for number in range(50):
        post = await Post.create(session, title=str(number))
        ids.append((await post.soft_delete(session)).id)
    assert len(set(ids)) == 50
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


async def test_each_deletion_has_a_row_in_the_journal(session, stored):
    post = await Post.create(session, title="a")
    deletion = await post.soft_delete(session, reason="spam")
    await session.commit()
    [(id, at, table, keys, actor, reason, cascade, restored_at)] = stored(JOURNAL)
    assert uuid.UUID(bytes=id) == deletion.id
    assert at == stored("SELECT deleted_at FROM posts")[0][0]
    assert (table, json.loads(keys)) == ("posts", [post.id])
    assert (actor, reason, cascade, restored_at) == (None, "spam", 0, None)
    assert stored("SELECT deletion_id FROM posts") == [(id,)]


async def test_the_journal_notes_who_deleted(session, stored):
    post = await Post.create(session, title="a")
    set_audit_user(7)
    try:
        await post.soft_delete(session)
    finally:
        clear_audit_user()
    await session.commit()
    assert stored("SELECT actor FROM reprieve_deletions") == [("7",)]


async def test_the_journal_notes_a_cascade(session, stored):
    user = await User.create(session, username="u")
    await user.soft_delete(session, cascade=True)
    await session.commit()
    assert stored("SELECT root_table, cascade FROM reprieve_deletions") == [("users", 1)]


async def test_the_id_of_the_deletion_is_not_part_of_the_model(session):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    for one in (post, await Post.get_with_deleted(session, post.id)):
        assert not hasattr(one, "deletion_id")
        assert "deletion_id" not in one.to_response()
        assert "deletion_id" not in repr(one)
    assert "deletion_id" not in Post.__fields__


async def test_deleted_at_is_part_of_the_response_with_an_offset(session):
    post = await Post.create(session, title="a")
    assert post.to_response()["deleted_at"] is None
    await post.soft_delete(session)
    shown = post.to_response()["deleted_at"]
    shown = datetime.fromisoformat(shown) if isinstance(shown, str) else shown
    assert shown.tzinfo is not None
    assert shown == post.deleted_at.astimezone(timezone.utc)


async def test_a_second_soft_delete_changes_nothing_and_says_so(session, stored):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await session.commit()
    before = stored("SELECT * FROM posts"), stored(JOURNAL)
    at = post.deleted_at
    second = await post.soft_delete(session)
    await session.commit()
    assert sum(second.rows.values()) == 0
    assert post.deleted_at == at
    assert (stored("SELECT * FROM posts"), stored(JOURNAL)) == before


async def test_a_second_soft_delete_through_a_stale_object_shows_the_first_instant(session, db):
    post = await Post.create(session, title="a")
    await session.commit()
    async with db.session() as other:
        stale = await Post.get(other, post.id)
        await post.soft_delete(session)
        await session.commit()
        second = await stale.soft_delete(other)
        assert sum(second.rows.values()) == 0
        assert stale.deleted_at == post.deleted_at


async def test_a_second_soft_delete_takes_no_children_either(session):
    user = await User.create(session, username="u")
    await user.soft_delete(session)
    post = await Post.create(session, title="a", author_id=user.id)
    second = await user.soft_delete(session, cascade=True)
    assert sum(second.rows.values()) == 0
    assert (await Post.get(session, post.id)) is not None


async def test_soft_delete_without_cascade_leaves_children_as_they_are(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    deletion = await user.soft_delete(session)
    assert deletion.rows == {"users": 1}
    found = await Post.get(session, post.id)
    assert found is not None
    assert found.author_id == user.id


async def test_soft_delete_writes_the_other_changed_attributes(session, stored):
    post = await Post.create(session, title="a")
    post.delete_reason = "spam"
    post.views = 7
    await post.soft_delete(session)
    await session.commit()
    assert stored("SELECT delete_reason, views, deleted_at IS NULL FROM posts") == [("spam", 7, 0)]
    assert post.delete_reason == "spam"


async def test_delete_of_a_soft_deletable_model_is_soft(session, stored):
    post = await Post.create(session, title="a")
    await post.delete(session)
    await session.commit()
    assert post.is_deleted
    assert stored("SELECT deleted_at IS NULL FROM posts") == [(0,)]
    assert len(stored(JOURNAL)) == 1


async def test_delete_with_force_removes_the_row(session, stored):
    post = await Post.create(session, title="a")
    await post.delete(session, force=True)
    await session.commit()
    assert stored("SELECT * FROM posts") == []
    assert await Post.get_with_deleted(session, post.id) is None


async def test_delete_with_force_removes_a_deleted_row(session, stored):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await post.delete(session, force=True)
    await session.commit()
    assert stored("SELECT * FROM posts") == []


async def test_delete_with_force_removes_only_its_row(session, stored):
    first = await Post.create(session, title="a")
    await Post.create(session, title="b")
    await first.delete(session, force=True)
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_delete_of_a_model_without_soft_delete_removes_the_row(session, stored):
    memo = await Memo.create(session, text="a")
    await memo.delete(session)
    await session.commit()
    assert stored("SELECT * FROM memos") == []
    assert stored(JOURNAL) == []


async def test_a_model_without_the_mixin_has_none_of_its_verbs(session):
    memo = await Memo.create(session, text="a")
    for name in ("soft_delete", "restore", "is_deleted", "deleted_at"):
        assert not hasattr(memo, name), name
    for name in ("only_deleted", "all_with_deleted", "get_with_deleted", "bulk_soft_delete"):
        assert not hasattr(Memo, name), name


async def test_bulk_soft_delete_takes_the_rows_with_these_keys(session):
    posts = [await Post.create(session, title=str(n)) for n in range(4)]
    taken = await Post.bulk_soft_delete(session, [posts[0].id, posts[2].id])
    assert taken == 2
    assert [post.title for post in await Post.all(session)] == ["1", "3"]
    assert [post.title for post in await Post.only_deleted(session)] == ["0", "2"]


async def test_bulk_soft_delete_is_one_deletion(session, stored):
    posts = [await Post.create(session, title=str(n)) for n in range(4)]
    await Post.bulk_soft_delete(session, [post.id for post in posts], reason="old")
    await session.commit()
    [(_, at, table, keys, _, reason, _, _)] = stored(JOURNAL)
    assert (table, sorted(json.loads(keys)), reason) == ("posts", [post.id for post in posts], "old")
    assert set(stored("SELECT deleted_at FROM posts")) == {(at,)}


async def test_bulk_soft_delete_passes_over_deleted_and_unknown_keys(session, stored):
    posts = [await Post.create(session, title=str(n)) for n in range(2)]
    first = await posts[0].soft_delete(session)
    taken = await Post.bulk_soft_delete(session, [posts[0].id, posts[1].id, 404])
    await session.commit()
    assert taken == 1
    again = await Post.get_with_deleted(session, posts[0].id)
    assert again.deleted_at == first.at
    assert json.loads(stored(JOURNAL + " ORDER BY at")[1][3]) == [posts[1].id]


async def test_bulk_soft_delete_of_no_keys_takes_nothing(session, stored):
    await Post.create(session, title="a")
    assert await Post.bulk_soft_delete(session, []) == 0
    await session.commit()
    assert stored("SELECT deleted_at FROM posts") == [(None,)]
    assert stored(JOURNAL) == []


async def test_bulk_soft_delete_takes_a_generator_and_repeated_keys(session):
    post = await Post.create(session, title="a")
    assert await Post.bulk_soft_delete(session, (post.id for _ in range(3))) == 1


async def test_bulk_soft_delete_takes_many_keys(session):
    await session.commit()
    ids = [(await Post.create(session, title=str(n))).id for n in range(2500)]
    assert await Post.bulk_soft_delete(session, ids) == 2500
    assert await Post.all(session) == []


async def test_bulk_soft_delete_cascades(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    assert await User.bulk_soft_delete(session, [user.id], cascade=True) == 1
    assert (await Post.get_with_deleted(session, post.id)).is_deleted


async def test_a_rolled_back_deletion_never_happened(session, stored):
    user = await User.create(session, username="u")
    await Post.create(session, title="a", author_id=user.id)
    await session.commit()
    await user.soft_delete(session, cascade=True)
    await session.rollback()
    assert stored("SELECT deleted_at FROM users UNION ALL SELECT deleted_at FROM posts") == [(None,), (None,)]
    assert stored(JOURNAL) == []
    assert await User.get(session, user.id) is not None


async def test_a_deletion_is_seen_by_others_after_the_commit_only(session, db):
    post = await Post.create(session, title="a")
    await session.commit()
    await post.soft_delete(session)
    async with db.session() as other:
        assert await Post.get(other, post.id) is not None
    await session.commit()
    async with db.session() as other:
        assert await Post.get(other, post.id) is None


async def test_is_deleted_follows_deleted_at_and_cannot_be_set(session):
    post = await Post.create(session, title="a")
    with pytest.raises(AttributeError):
        post.is_deleted = True
    assert not post.is_deleted


@pytest.mark.parametrize("model", [User, Post, Comment])
def test_the_mixin_works_in_both_orders_of_bases(model):
    assert issubclass(model, SoftDeleteMixin)
    assert "deleted_at" in model.__fields__


async def test_the_journal_and_the_markers_agree(session, store):
    user = await User.create(session, username="u")
    for number in range(5):
        post = await Post.create(session, title=str(number), author_id=user.id)
        if number % 2:
            await post.soft_delete(session)
    await user.soft_delete(session, cascade=True)
    await user.restore(session)
    await session.commit()
    store.assert_sound()
