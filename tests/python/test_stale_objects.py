"""Objects that are older than their rows: a write says in which state it saw the row, and changes it in that only."""

from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from fastapi_orm import RecordDeletedError, RecordNotFoundError, Session
from models import Post, User


@pytest.fixture
def by_another(db):
    """Does something to the row of a post in a session of its own, and commits."""

    async def run(verb, post, **arguments):
        async with db.session() as other:
            row = await Post.get_with_deleted(other, post.id)
            return await getattr(row, verb)(other, **arguments)

    return run


@pytest.fixture
def title(stored):
    """The title of the one row, and whether it is live."""
    return lambda: stored("SELECT title, deleted_at IS NULL FROM posts")[0]


async def a_post(session, **values):
    post = await Post.create(session, title="read", **values)
    await session.commit()
    return post


def is_refused(error, post, why):
    assert f"Post with id={post.id} was {why}" in str(error.value)
    assert "nothing was written" in str(error.value)


async def test_an_update_of_a_row_that_was_deleted_is_an_error(session, by_another, title):
    post = await a_post(session)
    await by_another("soft_delete", post)
    for verb in (post.update, post.update_fields):
        with pytest.raises(RecordDeletedError) as error:
            await verb(session, title="written")
        is_refused(error, post, "deleted after it was read")
    # The object holds what it held, and has nothing left to be written.
    assert post.title == "read"
    await session.commit()
    assert tuple(title()) == ("read", False)
    await post.refresh(session)
    assert post.is_deleted


@pytest.mark.parametrize("write", ["flush", "commit", "save"])
async def test_a_changed_attribute_of_a_row_that_was_deleted_is_an_error(session, by_another, title, write):
    post = await a_post(session)
    await by_another("soft_delete", post)
    post.title = "written"
    with pytest.raises(RecordDeletedError) as error:
        await (post.save(session) if write == "save" else getattr(session, write)())
    is_refused(error, post, "deleted after it was read")
    await session.rollback()
    assert post.title == "read"
    await session.commit()
    assert tuple(title()) == ("read", False)


async def test_a_row_that_another_object_of_the_session_deleted_is_not_written(session):
    post = await a_post(session)
    await (await Post.get(session, post.id)).soft_delete(session)
    with pytest.raises(RecordDeletedError):
        await post.update(session, title="written")


async def test_a_child_that_a_cascade_took_is_not_written(session):
    author = await User.create(session, username="ada")
    post = await a_post(session, author_id=author.id)
    deletion = await author.soft_delete(session, cascade=True)
    with pytest.raises(RecordDeletedError):
        await post.update(session, title="written")
    await deletion.undo(session)
    await post.update(session, title="written")
    assert (await Post.get(session, post.id)).title == "written"


async def test_what_was_taken_from_the_trash_is_written_there(session, by_another, title):
    post = await a_post(session)
    await by_another("soft_delete", post)
    deleted = await Post.get_with_deleted(session, post.id)
    await deleted.update(session, title="in the trash")
    deleted.delete_reason = "spam"
    await session.commit()
    assert tuple(title()) == ("in the trash", False)
    await by_another("restore", post)
    with pytest.raises(RecordDeletedError) as error:
        await deleted.update(session, title="written")
    is_refused(error, post, "restored after it was read from the trash")
    await session.commit()
    assert tuple(title()) == ("in the trash", True)


async def test_a_row_that_is_gone_is_not_found(session, by_another):
    post = await a_post(session)
    await by_another("delete", post, force=True)
    with pytest.raises(RecordNotFoundError):
        await post.update(session, title="written")


async def test_a_second_delete_of_a_stale_object_writes_nothing_and_is_no_error(session, by_another, stored):
    post = await a_post(session)
    first = await by_another("soft_delete", post)
    post.title, post.delete_reason = "written", "mine"
    deletion = await post.soft_delete(session, cascade=True)
    assert (deletion.total, deletion.rows) == (0, {})
    assert post.is_deleted and post.deleted_at == first.at
    # The object is what the row is: nothing is left to be written later.
    assert (post.title, post.delete_reason) == ("read", None)
    await session.commit()
    assert stored("SELECT title, delete_reason FROM posts") == [("read", None)]
    assert stored("SELECT count(*) FROM reprieve_deletions") == [(1,)]


async def test_what_is_changed_on_an_object_from_the_trash_outlives_a_second_delete(session, by_another, stored):
    post = await a_post(session)
    await by_another("soft_delete", post)
    deleted = await Post.get_with_deleted(session, post.id)
    deleted.delete_reason = "spam"
    assert (await deleted.soft_delete(session)).total == 0
    await session.commit()
    assert stored("SELECT delete_reason FROM posts") == [("spam",)]


async def test_the_reason_that_is_set_before_a_soft_delete_goes_with_it(session, stored):
    post = await a_post(session)
    post.delete_reason = "spam"
    assert (await post.soft_delete(session)).total == 1
    await session.commit()
    assert stored("SELECT delete_reason, deleted_at IS NULL FROM posts")[0][0] == "spam"
    assert post.is_deleted


async def test_a_restore_of_a_row_that_was_restored_changes_nothing_and_is_no_error(session, by_another):
    post = await a_post(session)
    await by_another("soft_delete", post)
    deleted = await Post.get_with_deleted(session, post.id)
    await by_another("restore", post)
    restoration = await deleted.restore(session)
    assert (restoration.total, deleted.is_deleted) == (0, False)
    await deleted.update(session, title="written")


async def test_what_was_refused_is_written_when_the_row_is_restored(session, by_another, title):
    post = await a_post(session)
    await by_another("soft_delete", post)
    post.title = "written"
    with pytest.raises(RecordDeletedError):
        await session.flush()
    assert (await post.restore(session)).total == 1
    assert not post.is_deleted and post.title == "written"
    await session.commit()
    assert tuple(title()) == ("written", True)


async def test_what_is_changed_in_the_trash_is_written_before_the_row_returns(session, by_another, title):
    post = await a_post(session)
    await by_another("soft_delete", post)
    deleted = await Post.get_with_deleted(session, post.id)
    deleted.title = "renamed"
    await deleted.restore(session)
    await session.commit()
    assert tuple(title()) == ("renamed", True)


async def test_an_undone_deletion_tells_its_object_that_it_is_live(session):
    post = await a_post(session)
    deletion = await post.soft_delete(session)
    await deletion.undo(session)
    assert not post.is_deleted and post.deleted_at is None
    await post.update(session, title="written")
    await session.rollback()
    assert not post.is_deleted


async def test_a_deletion_is_undone_when_its_object_is_gone(session):
    post = await a_post(session)
    deletion = await post.soft_delete(session)
    del post
    assert (await deletion.undo(session)).total == 1


async def test_what_was_taken_from_the_trash_is_removed_there_only(session, by_another, title):
    post = await a_post(session)
    await by_another("soft_delete", post)
    [deleted] = await Post.only_deleted(session)
    await by_another("restore", post)
    with pytest.raises(RecordDeletedError) as error:
        await deleted.delete(session, force=True)
    is_refused(error, post, "restored after it was read from the trash")
    await session.commit()
    assert tuple(title()) == ("read", True)


@pytest.mark.parametrize("verb", ["soft_delete", "delete", "session"])
async def test_what_is_changed_on_an_object_from_the_trash_is_not_written_to_a_restored_row(
    session, by_another, title, verb
):
    post = await a_post(session)
    await by_another("soft_delete", post)
    trashed = await Post.get_with_deleted(session, post.id)
    await session.commit()
    await by_another("restore", post)
    await by_another("update", post, title="newer")
    trashed.title = "written"
    await (session.delete(trashed) if verb == "session" else getattr(trashed, verb)(session))
    assert trashed.is_deleted and trashed.title == "newer"
    await session.commit()
    assert tuple(title()) == ("newer", False)


@pytest.mark.parametrize(
    "write",
    [
        lambda post, session: post.update(session, title="read"),
        lambda post, session: post.update(session),
        lambda post, session: post.save(session),
    ],
    ids=["the same value", "no value", "save"],
)
async def test_an_update_that_changes_nothing_says_what_became_of_the_row(session, by_another, write):
    post = await a_post(session)
    assert await write(post, session) is post
    await by_another("soft_delete", post)
    with pytest.raises(RecordDeletedError) as error:
        await write(post, session)
    is_refused(error, post, "deleted after it was read")
    trashed = await Post.get_with_deleted(session, post.id)
    assert await write(trashed, session) is trashed
    await session.rollback()
    await by_another("delete", post, force=True)
    for gone in (post, trashed):
        with pytest.raises(RecordNotFoundError):
            await write(gone, session)


async def test_a_live_object_is_removed_for_good_wherever_its_row_is_by_now(session, by_another, stored):
    post = await a_post(session)
    await by_another("soft_delete", post)
    await post.delete(session, force=True)
    await session.commit()
    assert stored("SELECT * FROM posts") == []


async def test_to_remove_a_row_that_is_gone_already_changes_nothing(session, by_another):
    for delete_first in (False, True):
        post = await a_post(session)
        if delete_first:
            await post.soft_delete(session)
            await session.commit()
        await by_another("delete", post, force=True)
        await post.delete(session, force=True)
        await session.commit()


async def test_an_update_by_key_passes_over_a_deleted_row(session, by_another):
    post = await a_post(session)
    await by_another("soft_delete", post)
    assert await Post.update_by_id(session, post.id, title="written") is None
    assert await Post.bulk_update(session, [{"id": post.id, "title": "written"}]) == 0
    assert await Post.filter(session, id=post.id).update(title="written") == 0


async def test_under_fastapi_a_write_that_comes_too_late_is_a_409(db, session, by_another, title):
    post = await a_post(session)
    app = FastAPI()

    async def get_db():
        async for opened in db.get_session():
            yield opened

    @app.put("/update")
    async def update(opened: Annotated[Session, Depends(get_db)]):
        found = await Post.get_with_deleted(opened, post.id)
        await by_another("restore" if found.is_deleted else "soft_delete", post)
        await found.update(opened, title="written")

    @app.put("/attribute")
    async def attribute(opened: Annotated[Session, Depends(get_db)]):
        found = await Post.get_with_deleted(opened, post.id)
        await by_another("restore" if found.is_deleted else "soft_delete", post)
        found.title = "written"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        for path, why in [("/update", "deleted"), ("/update", "restored"), ("/attribute", "deleted")]:
            answer = await client.put(path)
            assert answer.status_code == 409, answer.text
            assert f"was {why} after it was read" in answer.json()["detail"]
    assert tuple(title()) == ("read", False)
