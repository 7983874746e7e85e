"""`async for post in Post.filter(...)`: rows in batches."""

import asyncio
import gc
import tracemalloc
import weakref

import pytest

from fastapi_orm import Database, SessionError, ValidationError
from models import Post, User
from recorder import recorded
from support import says


@pytest.fixture
def posts(loop, session):
    """25 posts, of which one is deleted."""

    async def make():
        ada = await User.create(session, username="ada")
        for number in range(25):
            await Post.create(session, title=f"post {number:02}", views=number % 3, author_id=ada.id)
        last = await Post.last(session)
        await last.soft_delete(session)
        await session.commit()

    loop.run_until_complete(make())


async def titles(rows):
    return [post.title async for post in rows]


def numbered(numbers):
    return [f"post {number:02}" for number in numbers]


async def insert(session, rows):
    await session.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
        " INSERT INTO posts (title, published, views) SELECT 'post ' || i, FALSE, i % 10 FROM n",
        {"rows": rows},
    )
    await session.commit()


async def test_the_rows_of_a_query_come_one_by_one(session, posts):
    assert await titles(Post.all(session)) == numbered(range(24))
    assert await titles(Post.filter(session, title="none")) == []


@pytest.mark.parametrize("size", [1, 2, 5, 23, 24, 25])
async def test_batches_of_any_size_give_the_same_rows(session, posts, size):
    assert await titles(Post.all(session).stream(batch_size=size)) == numbered(range(24))
    lists = [[post.title for post in batch] async for batch in Post.all(session).batches(size)]
    assert [title for batch in lists for title in batch] == numbered(range(24))
    assert {len(batch) for batch in lists[:-1]} <= {size}


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_order_limit_and_offset_are_honoured(session, posts, size):
    query = Post.filter(session, views__lt=2).order_by("-views", "-title").limit(9).offset(3)
    assert await titles(query.stream(size)) == [post.title for post in await query]
    assert await titles(Post.all(session).limit(0).stream(size)) == []
    assert await titles(Post.all(session).offset(22).stream(size)) == numbered([22, 23])
    assert await titles(Post.all(session).offset(30).stream(size)) == []


async def test_a_query_can_be_read_again(session, posts):
    query = Post.filter(session).limit(3)
    assert await titles(query) == await titles(query) == numbered(range(3))


async def test_a_batch_is_one_statement_and_one_more_for_its_relations(store, posts):
    db = Database(store.url, echo=True)
    async with db.session() as session:
        await Post.count(session)
        with recorded() as statements:
            names = [post.author.username async for post in Post.all(session).include("author").stream(10)]
        assert names == ["ada"] * 24
        assert len(statements) == 6
    await db.close()


async def test_the_body_may_write_through_the_same_session(session, posts, stored):
    async for post in Post.all(session).stream(batch_size=4):
        await post.update(session, views=100)
        if post.title == "post 05":
            await session.commit()
        if post.title == "post 07":
            await post.soft_delete(session)
    await session.commit()
    assert stored("SELECT count(*) FROM posts WHERE views = 100") == [(24,)]
    assert stored("SELECT count(*) FROM posts WHERE deleted_at IS NULL") == [(23,)]


async def test_attributes_that_are_set_in_the_body_are_written(session, posts, stored):
    async for post in Post.all(session).stream(batch_size=4):
        post.title = post.title.upper()
    await session.commit()
    assert stored("SELECT count(*) FROM posts WHERE title LIKE 'POST %' AND title = upper(title)") == [(24,)]


async def test_rows_that_come_and_go_ahead_are_seen(session, posts):
    found = []
    async for post in Post.all(session).stream(batch_size=5):
        found.append(post.title)
        if post.title == "post 02":
            await (await Post.get_by(session, title="post 20")).delete(session, force=True)
            await Post.create(session, title="post 99")
    assert found == [title for title in numbered([*range(24), 99]) if title != "post 20"]


async def test_nothing_is_held_between_batches(session, posts, store):
    async for _ in Post.all(session).stream(batch_size=1):
        assert not session.in_transaction
        store.assert_unlocked()
        break


async def test_a_loop_that_is_left_early_leaves_nothing_behind(session, posts):
    rows = Post.all(session).stream(batch_size=5)
    async for post in rows:
        last = weakref.ref(post)
        break
    del post
    assert await Post.count(session) == 24
    rows = weakref.ref(rows)
    gc.collect()
    assert rows() is None and last() is None
    with pytest.raises(ZeroDivisionError):
        async for _ in Post.all(session):
            1 / 0  # noqa: B018
    assert await Post.count(session) == 24


async def test_a_stream_goes_on_where_it_was_left(session, posts):
    rows = Post.all(session).stream(batch_size=5)
    async for post in rows:
        if post.title == "post 06":
            break
    assert await titles(rows) == numbered(range(7, 24))
    assert await titles(rows) == []
    with pytest.raises(StopAsyncIteration):
        await anext(rows)


async def test_a_cancelled_batch_is_read_again(session, posts):
    rows = Post.all(session).stream(batch_size=5)
    first = anext(rows)
    first.close()
    assert await titles(rows) == numbered(range(24))


async def test_two_tasks_do_not_share_a_session(session, posts):
    one, two = Post.all(session).stream(), Post.all(session).stream()
    outcomes = await asyncio.gather(anext(one), anext(two), return_exceptions=True)
    assert all(isinstance(outcome, (Post, SessionError)) for outcome in outcomes)
    assert await Post.count(session) == 24


async def test_a_row_of_the_stream_is_known_to_the_session(session, posts):
    async for post in Post.all(session).limit(1):
        post.title = "changed"
    assert await Post.exists(session, title="changed")


async def test_deleted_rows_are_streamed_when_asked_for(session, posts):
    assert await titles(Post.only_deleted(session)) == ["post 24"]
    assert len(await titles(Post.all_with_deleted(session).stream(7))) == 25


async def test_a_closed_session_refuses_the_next_batch(db, posts):
    async with db.session() as session:
        rows = Post.all(session).stream(batch_size=2)
        await anext(rows)
    await anext(rows)
    with pytest.raises(SessionError):
        await anext(rows)


@pytest.mark.parametrize("size", [0, -1, "10", None, 1.0, True, 1_000_001, 10**30])
async def test_a_bad_batch_size_is_refused(session, size):
    for stream, name in ((Post.all(session).stream, "batch_size"), (Post.all(session).batches, "size")):
        with pytest.raises(ValidationError) as error:
            stream(size)
        assert error.value.field == name
        says(error.value, name)


async def test_the_loop_runs_beside_a_body_that_never_waits(session):
    await insert(session, 20_000)
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    rows = 0
    async for _ in Post.all(session).stream(batch_size=20_000):
        rows += 1
    counting.cancel()
    assert rows == 20_000
    assert turns > 3


async def test_memory_holds_a_batch_or_two_whatever_the_number_of_rows(session):
    await insert(session, 100_000)
    a_batch = [post async for post in Post.all(session).limit(1000)]
    del a_batch
    gc.collect()
    tracemalloc.start()
    try:
        rows = 0
        async for _ in Post.all(session):
            rows += 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 100_000
    # A thousand posts take 0.4 MB; all of them take 40.
    assert peak < 2_000_000


async def test_memory_of_relations_is_bounded_too(session, posts):
    await session.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO users (username) SELECT 'user ' || i FROM n"
    )
    tracemalloc.start()
    try:
        written = [len(user.posts) async for user in User.all(session).include("posts").stream(500)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(written), sum(written)) == (20_001, 24)
    # Five hundred users with their lists take 0.4 MB; all of them take 16.
    assert peak < 2_000_000
