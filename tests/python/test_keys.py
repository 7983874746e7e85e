"""Keys of any type and any text, names that are words of SQL, and keys that are assigned."""

import pytest

from fastapi_orm import (
    FastAPIOrmException,
    ForeignKeyField,
    IntegerField,
    Model,
    SoftDeleteMixin,
    StringField,
    UUIDField,
    ValidationError,
)
from models import Post
from support import says


class Home(Model, SoftDeleteMixin):
    __tablename__ = "homes"

    id: int = IntegerField(primary_key=True)


class Word(Model, SoftDeleteMixin):
    """Every name in it is a word of SQL, and its key is a text."""

    __tablename__ = "select"

    order: str = StringField(primary_key=True)
    group: int = IntegerField(unique=True)
    limit: int = ForeignKeyField("homes", on_delete="SET NULL")
    where: str = ForeignKeyField("select")


class Token(Model, SoftDeleteMixin):
    __tablename__ = 'quote"d name'

    id = UUIDField(primary_key=True, auto_generate=True)
    parent_id = ForeignKeyField('quote"d name')
    home_id = ForeignKeyField("homes", on_delete="SET NULL")


@pytest.fixture(autouse=True)
def tables(loop, db):
    loop.run_until_complete(db.create_tables([Home, Word, Token]))


TEXTS = ["plain", 'a"b\\c', "é\u2028\U0001d518", "nul\0inside", "'", "", "1", "null", "[1, 2]", "%_", " "]


@pytest.mark.parametrize("key", TEXTS, ids=[f"text-{number}" for number in range(len(TEXTS))])
async def test_a_text_key_may_be_any_text(session, database, key):
    if database == "postgres" and "\0" in key:
        with pytest.raises(ValidationError, match="NUL"):
            await Word.get(session, key)
        return
    home = await Home.create(session)
    root = await Word.create(session, order=key, group=1, limit=home.id)
    child = await Word.create(session, order=key + " child", group=2, where=key)
    assert (await Word.get(session, key)).group == 1

    cascade = await root.soft_delete(session, cascade=True)
    assert cascade.rows == {"select": 2}
    assert sum((await root.soft_delete(session)).rows.values()) == 0, "it is the one that the cascade was called for"
    child = await Word.get_with_deleted(session, key + " child")
    own = await child.soft_delete(session)
    assert own.rows == {"select": 1}, "it was taken by a cascade, and is deleted for its own reason now"
    await cascade.undo(session)
    assert [row.order for row in await Word.all(session)] == [key]
    await own.undo(session)
    assert {row.order for row in await Word.all(session)} == {key, key + " child"}

    removed = await home.soft_delete(session, cascade=True)
    assert (await Word.get(session, key)).limit is None
    await removed.undo(session)
    assert (await Word.get(session, key)).limit == home.id
    await session.commit()


async def test_a_key_may_be_a_uuid(session, store):
    home = await Home.create(session)
    root = await Token.create(session, home_id=home.id)
    child = await Token.create(session, parent_id=root.id)
    cascade = await root.soft_delete(session, cascade=True)
    assert cascade.rows == {'quote"d name': 2}
    assert sum((await root.soft_delete(session)).rows.values()) == 0
    child = await Token.get_with_deleted(session, child.id)
    own = await child.soft_delete(session)
    await cascade.undo(session)
    assert [row.id for row in await Token.all(session)] == [root.id]
    await own.undo(session)
    removed = await home.soft_delete(session, cascade=True)
    assert (await Token.get(session, root.id)).home_id is None
    await removed.undo(session)
    assert (await Token.get(session, root.id)).home_id == home.id
    await session.commit()
    store.assert_sound()


async def test_an_integer_key_may_be_negative_or_large(session):
    for key in (-1, 0, 2**63 - 1, -(2**63)):
        post = await Post.create(session, id=key, title=str(key))
        assert post.id == key
        assert sum((await post.soft_delete(session, cascade=True)).rows.values()) == 1
        assert sum((await post.soft_delete(session)).rows.values()) == 0
        await post.restore(session)
        assert (await Post.get(session, key)).title == str(key)


CHANGES = {
    "commit": lambda post, session: session.commit(),
    "soft_delete": lambda post, session: post.soft_delete(session),
    "restore": lambda post, session: post.restore(session),
    "force_delete": lambda post, session: post.delete(session, force=True),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_row_never_changes_through_the_object_of_another(session, store, change):
    """The key of an object was assigned: it must not write to the row that has this key."""
    one = await Post.create(session, title="one")
    two = await Post.create(session, title="two")
    await session.commit()
    before = store.dump()["posts"]
    with pytest.raises(FastAPIOrmException) as refused:
        one.id = two.id
        one.title = "changed"
        await CHANGES[change](one, session)
        await session.commit()
    says(refused.value, "Post", "id")
    await session.rollback()
    assert store.dump()["posts"] == before


async def test_an_assigned_key_moves_the_row_or_is_refused(session, stored):
    post = await Post.create(session, title="a")
    await session.commit()
    try:
        post.id = 77
        await session.commit()
    except FastAPIOrmException as refused:
        says(refused, "Post", "id")
        assert type(refused).__name__ != "RecordNotFoundError", "the row is there"
        await session.rollback()
        assert stored("SELECT id, title FROM posts") == [(1, "a")]
    else:
        assert stored("SELECT id, title FROM posts") == [(77, "a")]
