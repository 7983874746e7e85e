"""What the document promises of each block, as assertions. Run as `document_promises.py PROMISE ORDER LOOP`.

Each promise runs in an interpreter of its own. It prepares what the block's text presumes (a database, a session,
rows, names of earlier blocks), runs the block as it is, and looks at what it did. REPRIEVE_BLOG is the address of the
database for the blocks that name none.
"""

import os
import re
import sys
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import document
import fastapi_orm
import store as stores
import support
from fastapi_orm import BooleanField, Database, IntegerField, Model, SoftDeleteMixin, StringField, TextField

PROMISES = {}
# As Python prints a datetime: without a fraction when it is zero.
INSTANT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?"


def promise(function):
    PROMISES[function.__name__] = function
    return function


def stored(sql, *values):
    return stores.from_environment("REPRIEVE_BLOG").stored(sql, *values)


@asynccontextmanager
async def database():
    db = Database(os.environ["REPRIEVE_BLOG"])
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def a_blog(order, declare=True):
    """A database, a session on it, and the model that the blocks from the fourth on presume: with `published`."""
    async with database() as db:
        if declare:
            post = published_post(order)
            await db.create_tables()
        else:
            post = None
        async with db.session() as session:
            page = document.Page(order, session=session)
            if declare:
                page.names["Post"] = post
            page.db = db
            yield page


def published_post(order):
    bases = (Model, SoftDeleteMixin) if order == "model first" else (SoftDeleteMixin, Model)
    fields = {
        "__module__": "__main__",
        "__qualname__": "Post",
        "__tablename__": "posts",
        "id": IntegerField(primary_key=True),
        "title": StringField(max_length=200, nullable=False),
        "content": TextField(nullable=False),
        "published": BooleanField(default=False),
    }
    return type(Model)("Post", bases, fields)


async def create(page, title, **values):
    post = await page["Post"].create(page["session"], title=title, content="c", **values)
    return post


def titles(posts):
    return [post.title for post in posts]


@promise
async def block_01_the_mixin_adds_deleted_at_and_is_deleted(order):
    async with database() as db:
        page = document.Page(order)
        assert await page.run(1) == ""
        post_class = page["Post"]
        await db.create_tables()
        columns = stores.from_environment("REPRIEVE_BLOG").columns("posts")
        assert columns[:3] == ["id", "title", "content"]
        assert "deleted_at" in columns
        for values in ("NULL, 'b'", "'a', NULL"):
            with pytest.raises(Exception, match=r"(?i)not.null"):
                stored(f"INSERT INTO posts (title, content) VALUES ({values})")
        async with db.session() as session:
            post = await post_class.create(session, title="a", content="b")
            assert post.deleted_at is None
            assert post.is_deleted is False
            for name in ("soft_delete", "restore", "delete"):
                assert callable(getattr(post, name))


@promise
async def blocks_02_to_04_delete_restore_and_remove_a_post(order):
    async with database() as db:
        page = document.Page(order)
        await page.run(1)
        await db.create_tables()
        async with db.session() as session:
            page.names["session"] = session
            before = datetime.now().replace(microsecond=0)
            deleted, instant = (await page.run(2)).splitlines()
            assert deleted == "True"
            assert re.fullmatch(INSTANT, instant), instant
            assert before <= datetime.fromisoformat(instant) <= datetime.now()
            await session.commit()
            assert stored("SELECT title, content, deleted_at IS NULL FROM posts") == [("My Post", "Content here", 0)]
            assert await page["Post"].all(session) == []

            assert (await page.run(3)).splitlines() == ["False", "None"]
            await session.commit()
            assert stored("SELECT title, deleted_at FROM posts") == [("My Post", None)]
            assert titles(await page["Post"].all(session)) == ["My Post"]

            assert await page.run(4) == ""
            await session.commit()
            assert stored("SELECT * FROM posts") == []


@promise
async def block_04_a_deleted_post_can_be_removed_too(order):
    async with a_blog(order) as page:
        page.names["post"] = await create(page, "a")
        await page["post"].soft_delete(page["session"])
        await page.run(4)
        await page["session"].commit()
        assert stored("SELECT * FROM posts") == []


@promise
async def block_05_normal_queries_exclude_deleted_posts(order):
    async with a_blog(order) as page:
        first = await create(page, "first", published=True)
        await create(page, "second", published=False)
        await create(page, "third", published=True)
        gone = await create(page, "gone", published=True)
        await gone.soft_delete(page["session"])
        await page.run(5)
        assert titles(page["posts"]) == ["first", "second", "third"]
        assert page["post"].id == first.id == 1
        assert titles(page["active_posts"]) == ["first", "third"]
        await first.soft_delete(page["session"])
        await page.run(5)
        assert page["post"] is None, "Only if not deleted"
        assert titles(page["posts"]) == ["second", "third"]
        assert titles(page["active_posts"]) == ["third"]


@promise
async def block_06_only_deleted_posts(order):
    async with a_blog(order) as page:
        assert await page.run(6) == ""
        assert page["deleted_posts"] == []
        for title in ("a", "b", "c"):
            post = await create(page, title)
            if title != "b":
                await post.soft_delete(page["session"])
        first, second = (await page.run(6)).splitlines()
        assert re.fullmatch(rf"Deleted: a at {INSTANT}", first), first
        assert re.fullmatch(rf"Deleted: c at {INSTANT}", second), second
        assert titles(page["deleted_posts"]) == ["a", "c"]


@promise
async def block_07_all_posts_including_deleted_ones(order):
    async with a_blog(order) as page:
        for number in range(4):
            post = await create(page, str(number), published=number < 2)
            if number % 2:
                await post.soft_delete(page["session"])
        await page.run(7)
        assert titles(page["all_posts"]) == ["0", "1"], "with the filter, deleted or not"
        assert titles(await page["Post"].all_with_deleted(page["session"])) == ["0", "1", "2", "3"]


@promise
async def blocks_08_and_09_the_endpoints(order):
    async with a_blog(order) as page:
        db = page.db

        async def get_db():
            async for session in db.get_session():
                yield session

        page.names["get_db"] = get_db
        for title in ("a", "b"):
            await create(page, title)
        await page["session"].commit()
        await page.run(8)
        await page.run(9)
        not_found = {"detail": "Post not found"}
        async with document.asgi_client(page["app"]) as client:
            assert (await client.delete("/posts/9/soft")).json() == not_found
            answer = await client.delete("/posts/1/soft")
            assert (answer.status_code, answer.content) == (204, b"")
            assert (await client.delete("/posts/1/soft")).status_code == 404, "deleted already"
            [shown] = (await client.get("/posts/deleted")).json()
            assert (shown["id"], shown["title"]) == (1, "a")
            assert datetime.fromisoformat(shown["deleted_at"].replace("Z", "+00:00")).tzinfo
            answer = await client.post("/posts/2/restore")
            assert (answer.status_code, answer.json()) == (400, {"detail": "Post is not deleted"})
            assert (await client.post("/posts/9/restore")).status_code == 404
            answer = await client.post("/posts/1/restore")
            assert answer.status_code == 200
            assert (answer.json()["id"], answer.json()["deleted_at"]) == (1, None)
            assert (await client.get("/posts/deleted")).json() == []

            assert (await client.delete("/posts/2/soft")).status_code == 204
            for id in (1, 2):
                answer = await client.delete(f"/posts/{id}/permanent")
                assert (answer.status_code, answer.json()) == (200, {"message": "Post permanently deleted"})
                answer = await client.delete(f"/posts/{id}/permanent")
                assert (answer.status_code, answer.json()) == (404, not_found)
        assert stored("SELECT * FROM posts") == []


@promise
async def block_10_many_posts_are_soft_deleted(order):
    async with a_blog(order) as page:
        for number in range(1, 8):
            await create(page, str(number), published=number in (2, 7))
        await page.run(10)
        await page["session"].commit()
        # All unpublished posts one by one, then 1 to 5, of which only 2 is left.
        assert titles(await page["Post"].all(page["session"])) == ["7"]
        instants = dict(stored("SELECT id, deleted_at FROM posts WHERE deleted_at IS NOT NULL"))
        assert sorted(instants) == [1, 2, 3, 4, 5, 6]
        assert stored("SELECT count(*) FROM reprieve_deletions") == [(6,)]


@promise
async def block_11_recently_deleted_posts_are_restored(order):
    async with a_blog(order) as page:
        session = page["session"]
        live, recent, old = [await create(page, title) for title in ("live", "recent", "old")]
        await recent.soft_delete(session)
        await old.soft_delete(session)
        await session.commit()
        stored("UPDATE posts SET deleted_at = '2020-01-01 00:00:00.000000' WHERE id = ?", old.id)
        await page.run(11)
        await session.commit()
        assert titles(page["recent_deleted"]) == ["recent"]
        assert titles(await page["Post"].all(session)) == ["live", "recent"]
        assert titles(await page["Post"].only_deleted(session)) == ["old"]
        assert live.is_deleted is False


async def cascade_rows(page):
    user_class, post_class = page["User"], page["Post"]
    users = [await user_class.create(page["session"], username=name) for name in ("ann", "bob")]
    for user in users:
        for number in range(2):
            await post_class.create(page["session"], title=f"{user.username} {number}", author_id=user.id)


async def check_cascade(page):
    session = page["session"]
    await session.commit()
    assert page["user"].is_deleted
    assert [user.username for user in await page["User"].all(session)] == ["bob"]
    assert titles(await page["Post"].all(session)) == ["bob 0", "bob 1"]
    assert titles(await page["Post"].only_deleted(session)) == ["ann 0", "ann 1"]
    instants = stored(
        "SELECT DISTINCT deleted_at"
        " FROM (SELECT deleted_at FROM users UNION ALL SELECT deleted_at FROM posts) AS marked"
        " WHERE deleted_at IS NOT NULL"
    )
    assert len(instants) == 1, "one instant for all"


@promise
async def block_12_a_user_and_all_their_posts_are_deleted(order):
    async with a_blog(order, declare=False) as page:

        async def between():
            await page.db.create_tables()
            await cascade_rows(page)

        page.names["ForeignKeyField"] = fastapi_orm.ForeignKeyField
        page.names.update({name: getattr(fastapi_orm, name) for name in ("Model", "SoftDeleteMixin")})
        page.names.update({name: getattr(fastapi_orm, name) for name in ("IntegerField", "StringField")})
        await page.run(12, between)
        await check_cascade(page)
        user, session = page["user"], page["session"]
        assert [post.title for post in await user.posts] == [], "the posts of the user are deleted"
        await user.restore(session, cascade=True)
        assert len(await page["Post"].all(session)) == 4
        post = await page["Post"].first(session, title="ann 0")
        assert (await post.author).username == "ann"


@promise
async def block_12_runs_in_one_piece_on_tables_that_are_there(order):
    """The session is older than the models: it must know them all the same."""
    support.python(TABLES_OF_BLOCK_12, order, cwd=Path.cwd())
    async with database() as db, db.session() as session:
        names = ("Model", "SoftDeleteMixin", "IntegerField", "StringField", "ForeignKeyField")
        page = document.Page(order, session=session, **{name: getattr(fastapi_orm, name) for name in names})
        await page.run(12)
        await check_cascade(page)


TABLES_OF_BLOCK_12 = """
import ast, asyncio, sys
import document
from document_promises import cascade_rows, database
from fastapi_orm import *

tree = ast.parse(document.block(12, sys.argv[1]))
tree.body = [node for node in tree.body if not document.awaits(node)]
exec(compile(tree, "block 12", "exec"))

async def main():
    async with database() as db:
        await db.create_tables()
        async with db.session() as session:
            await cascade_rows({"session": session, "User": User, "Post": Post})

asyncio.run(main())
"""


@promise
async def block_13_old_deleted_posts_are_removed_for_good(order):
    async with a_blog(order) as page:
        session = page["session"]
        posts = [await create(page, title) for title in ("live", "recent", "old", "older")]
        for post in posts[1:]:
            await post.soft_delete(session)
        await session.commit()
        for post, days in ((posts[2], 31), (posts[3], 400)):
            at = datetime.now() - timedelta(days=days)
            stored("UPDATE posts SET deleted_at = ? WHERE id = ?", at.strftime("%Y-%m-%d %H:%M:%S.%f"), post.id)
        await page.run(13)
        assert await page["cleanup_old_deleted_posts"](session) == 2
        await session.commit()
        assert stored("SELECT title FROM posts ORDER BY id") == [("live",), ("recent",)]
        assert await page["cleanup_old_deleted_posts"](session) == 0


@promise
async def block_14_the_reason_and_the_user_are_written_with_the_deletion(order):
    async with a_blog(order, declare=False) as page:

        async def between():
            await page.db.create_tables()
            page.names["post"] = await page["Post"].create(page["session"], title="spam")
            await page["session"].commit()

        class AdminUser:
            id = 7

        names = ("Model", "SoftDeleteMixin", "IntegerField", "StringField", "TextField")
        page.names.update({name: getattr(fastapi_orm, name) for name in names}, admin_user=AdminUser())
        await page.run(14, between)
        await page["session"].commit()
        sql = "SELECT title, delete_reason, deleted_by_user_id, deleted_at IS NULL FROM posts"
        assert stored(sql) == [("spam", "Spam content", 7, 0)]
        assert page["post"].is_deleted
        found = await page["Post"].get_with_deleted(page["session"], page["post"].id)
        assert (found.delete_reason, found.deleted_by_user_id) == ("Spam content", 7)


@promise
async def block_15_the_deletion_is_audited(order):
    async with a_blog(order, declare=False) as page:

        async def between():
            await page.db.create_tables()
            page.names["post"] = await page["Post"].create(page["session"], title="a", content="c")

        names = ("Model", "IntegerField", "StringField", "TextField")
        page.names.update({name: getattr(fastapi_orm, name) for name in names})
        await page.run(15, between)
        await page["session"].commit()
        log = stored("SELECT model_name, model_id, operation FROM audit_logs ORDER BY id")
        assert log == [("Post", "1", "CREATE"), ("Post", "1", "SOFT_DELETE")]
        await page["post"].restore(page["session"])
        await page["session"].commit()
        assert stored("SELECT operation FROM audit_logs ORDER BY id DESC LIMIT 1") == [("RESTORE",)]


@promise
async def block_16_the_complete_example_without_a_server(order):
    page = document.Page(order)
    await page.run(16)
    await page["startup"]()
    async with document.asgi_client(page["app"]) as client:
        answer = await client.post("/posts", params={"title": "a", "content": "c"})
        assert answer.status_code == 201
        assert answer.json()["id"] == 1
        assert (await client.delete("/posts/1/soft")).status_code == 204
        assert (await client.get("/posts/1")).status_code == 404
        assert (await client.get("/posts", params={"only_deleted": True})).json()[0]["id"] == 1
    await page["db"].close()


@promise
async def the_blocks_run_one_after_the_other_in_one_notebook(order):
    """As a reader tries them: one interpreter, one namespace, models declared anew by later blocks."""
    async with database() as db:
        page = document.Page(order)
        await page.run(1)
        await db.create_tables()
        async with db.session() as session:
            page.names["session"] = session
            for number in (2, 3, 4):
                await page.run(number)

        async def get_db():
            async for session in db.get_session():
                yield session

        page.names["get_db"] = get_db
        await db.drop_tables()
        cell = document.block(1, order).replace(
            "    content: str", "    published: bool = BooleanField(default=False)\n    content: str"
        )
        page.names["BooleanField"] = BooleanField
        await page.execute(cell, "a cell of the reader's own")
        await db.create_tables()
        async with db.session() as session:
            page.names["session"] = session
            for number in range(6):
                await create(page, str(number), published=bool(number % 2))
            for number in (5, 10, 6, 7, 11, 8, 9, 13):
                await page.run(number)
            assert len(await page["Post"].all(session)) == 6, "deleted by the tenth block, restored by the eleventh"

        for number, values in ((12, {}), (14, {}), (15, {"content": "c"})):
            await db.drop_tables()
            page.names["ForeignKeyField"] = fastapi_orm.ForeignKeyField
            page.names["admin_user"] = type("Admin", (), {"id": 1})

            async with db.session() as session:
                page.names["session"] = session

                async def between(number=number, values=values):
                    await db.create_tables()
                    if number == 12:
                        await cascade_rows(page)
                    else:
                        page.names["post"] = await page["Post"].create(page["session"], title="a", **values)

                await page.run(number, between)
                assert any(post.is_deleted for post in await page["Post"].all_with_deleted(session))
        await page.run(16)
        await page["startup"]()
        async with document.asgi_client(page["app"]) as client:
            assert (await client.post("/posts", params={"title": "a", "content": "c"})).status_code == 201
        await page["db"].close()


if __name__ == "__main__":
    document.main(PROMISES[sys.argv[1]], sys.argv[2], sys.argv[3])
