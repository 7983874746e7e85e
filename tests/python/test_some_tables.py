"""Creating and dropping some of the tables."""

import pytest

from fastapi_orm import Database
from fastapi_orm.exceptions import DatabaseError, MissingTableError
from models import Post, User
from support import says


async def test_a_table_without_the_one_that_it_refers_to(loop, store, database):
    async with Database(store.url) as db:
        if database == "postgres":
            with pytest.raises(MissingTableError) as refused:
                await db.create_tables([Post])
            says(refused.value, "Post", "User", "author_id", "users", "create both")
            assert store.tables() == []
        else:
            await db.create_tables([Post])
        await db.create_tables([User, Post])
        assert {"users", "posts"} <= set(store.tables())


async def test_a_table_that_another_refers_to(loop, store, database):
    async with Database(store.url) as db:
        await db.create_tables([User, Post])
        if database == "postgres":
            with pytest.raises(DatabaseError) as refused:
                await db.drop_tables([User])
            says(refused.value, "User", "Post", "author_id", "drop both")
            assert "users" in store.tables()
        else:
            await db.drop_tables([User])
        await db.drop_tables([User, Post])
        assert not {"users", "posts"} & set(store.tables())
