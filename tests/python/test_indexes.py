"""Indexes of tables that are in use."""

import pytest

from fastapi_orm import Database
from fastapi_orm.exceptions import DatabaseError, DuplicateRecordError
from models import MODELS, Post, User


async def test_an_index_that_is_missing_is_built(db, store):
    before = store.indexes()
    name = next(name for name in before if "author_id" in name)
    store.stored(f'DROP INDEX "{name}"')
    assert name not in store.indexes()
    await db.create_indexes([Post])
    assert store.indexes() == before
    await db.create_indexes(MODELS)
    assert store.indexes() == before


async def test_a_unique_index_of_values_that_are_there_twice_is_refused_and_nothing_is_left(db, store):
    name = next(name for name in store.indexes() if "username" in name)
    store.stored(f'DROP INDEX "{name}"')
    async with db.session() as session:
        for _ in range(2):
            await User.create(session, username="ada")
    with pytest.raises((DuplicateRecordError, DatabaseError)):
        await db.create_indexes([User])
    assert name not in store.indexes()


async def test_tables_that_are_not_there_are_named(loop, store):
    db = Database(store.url)
    with pytest.raises(DatabaseError):
        await db.create_indexes(MODELS)
    await db.close()
