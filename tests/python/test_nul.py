"""A text with the character NUL, which PostgreSQL has not: it is refused by name wherever it comes in."""

import pytest

from fastapi_orm import Database, Q, ValidationError
from models import Post
from support import says

pytestmark = pytest.mark.postgres
NUL = "a\0b"

READS = {
    "equals": lambda session: Post.filter(session, title=NUL),
    "differs": lambda session: Post.filter(session, title={"ne": NUL}).count(),
    "one of": lambda session: Post.filter(session, title={"in": ["a", NUL]}).exists(),
    "between": lambda session: Post.filter(session, title={"between": ("a", NUL)}).first(),
    "contains": lambda session: Post.filter(session, title={"contains": NUL}),
    "nested": lambda session: Post.filter(session, q=Q(title="a") | ~Q(title=NUL)),
    "get_by": lambda session: Post.get_by(session, title=NUL),
    "delete": lambda session: Post.filter(session, title=NUL).delete(),
    "update": lambda session: Post.filter(session, title=NUL).update(views=1),
    "written": lambda session: Post.filter(session, views=0).update(title=NUL),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_it_is_refused_by_its_field_and_the_transaction_goes_on(loop, ten_posts, read):
    async with Database(ten_posts) as db, db.session() as session:
        post = await Post.create(session, title="before")
        with pytest.raises(ValidationError) as refused:
            await read(session)
        says(refused.value, "Post", "title", "NUL", "remove it")
        assert refused.value.field == "title"
        assert (await Post.get(session, post.id)).title == "before"
        await session.rollback()


async def test_it_is_refused_in_sql_by_its_name(loop, ten_posts):
    async with Database(ten_posts) as db, db.session() as session:
        with pytest.raises(ValidationError) as refused:
            await session.execute("SELECT :text AS t", {"text": NUL})
        assert refused.value.field == "text"
        assert await Post.count(session) == 10


async def test_a_reason_with_it_is_refused_and_nothing_is_deleted(loop, ten_posts):
    async with Database(ten_posts) as db, db.session() as session:
        post = await Post.get(session, 1)
        for delete in (post.soft_delete(session, reason=NUL), Post.filter(session, id=1).soft_delete(reason=NUL)):
            with pytest.raises(ValidationError) as refused:
                await delete
            assert refused.value.field == "reason"
        assert await Post.count(session) == 10
