"""Indexes of tables that are in use."""

import pytest

from fastapi_orm import Database
from fastapi_orm.exceptions import ConstraintError, DatabaseError
from models import MODELS, Post, User
from support import says


async def test_an_index_that_is_missing_is_built(db, store):
    before = store.indexes()
    name = next(name for name in before if "author_id" in name)
    store.stored(f'DROP INDEX "{name}"')
    assert name not in store.indexes()
    await db.create_indexes([Post])
    assert store.indexes() == before
    await db.create_indexes(MODELS)
    assert store.indexes() == before


@pytest.mark.parametrize("verb", ["create_tables", "create_indexes"])
async def test_a_unique_index_of_values_that_are_there_twice_is_refused_and_nothing_is_left(db, store, verb):
    name = next(name for name in store.indexes() if "username" in name)
    store.stored(f'DROP INDEX "{name}"')
    async with db.session() as session:
        for username in ("ada", "ada", "ada", "eve", "eve", "joe"):
            await User.create(session, username=username)
        # Deleted rows do not count, and NULL is never the same.
        for _ in range(2):
            gone = await User.create(session, username="joe")
            await gone.soft_delete(session)
    with pytest.raises(ConstraintError) as refused:
        await getattr(db, verb)([User])
    says(refused.value, "User", "username", "2 keys", "5 live rows", "users", "GROUP BY")
    assert not {"ada", "eve"} & set(str(refused.value).split())
    assert name not in store.indexes()
    async with db.session() as session:
        for user in (await User.filter(session, username__in=["ada", "eve"]).order_by("id"))[:-1]:
            if await User.count(session, username=user.username) > 1:
                await user.soft_delete(session)
    await getattr(db, verb)([User])
    assert name in store.indexes()


async def test_tables_that_are_not_there_are_named(loop, store):
    db = Database(store.url)
    with pytest.raises(DatabaseError):
        await db.create_indexes(MODELS)
    await db.close()
