"""Pages: by number with the total, and by cursor."""

import random
from datetime import date, datetime, time, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from fastapi_orm import CursorPaginator, Database, Q, UnknownFieldError, ValidationError
from models import Post, User
from recorder import recorded
from support import says
from test_types import Colour, Everything, Level, Ticket


@pytest.fixture
def posts(loop, session):
    """25 posts, of which one is deleted and half are published; many have the same number of views."""

    async def make():
        for number in range(25):
            await Post.create(session, title=f"post {number:02}", views=number % 3, published=number % 2 == 0)
        last = await Post.last(session)
        await last.soft_delete(session)
        await session.commit()

    loop.run_until_complete(make())


def titles(page):
    return [post.title for post in page["items"]]


async def test_a_page_says_what_there_is(session, posts):
    page = await Post.paginate(session, page=2, page_size=10)
    assert titles(page) == [f"post {number}" for number in range(10, 20)]
    del page["items"]
    assert page == {
        "total": 24,
        "page": 2,
        "page_size": 10,
        "total_pages": 3,
        "has_next": True,
        "has_prev": True,
    }


async def test_the_first_page_of_twenty_is_the_default(session, posts):
    page = await Post.paginate(session)
    assert len(page["items"]) == page["page_size"] == 20
    assert (page["page"], page["has_prev"], page["has_next"]) == (1, False, True)


async def test_a_page_past_the_end_is_empty(session, posts):
    for number in (4, 10**9, 2**63, 10**30):
        page = await Post.paginate(session, page=number, page_size=10)
        assert (page["items"], page["page"], page["total"]) == ([], number, 24)
        assert (page["has_next"], page["has_prev"]) == (False, True)


async def test_nothing_has_no_pages(session):
    page = await Post.paginate(session, page=3)
    assert (page["items"], page["total"], page["total_pages"]) == ([], 0, 0)
    assert (page["has_next"], page["has_prev"]) == (False, False)


async def test_a_page_has_filters_conditions_and_an_order(session, posts):
    page = await Post.paginate(session, 1, 5, Q(title__gt="post 03"), order_by="-title", published=True)
    assert titles(page) == [f"post {number:02}" for number in (22, 20, 18, 16, 14)]
    assert page["total"] == 10


async def test_a_query_has_pages_with_its_relations(session):
    ada = await User.create(session, username="ada")
    for number in range(3):
        await Post.create(session, title=str(number), author_id=ada.id)
    page = await Post.filter(session, author_id=ada.id).order_by("-id").include("author").paginate(2, 2)
    assert [(post.title, post.author.username) for post in page["items"]] == [("0", "ada")]


async def test_the_key_breaks_ties_so_that_pages_do_not_overlap(session, posts):
    pages = [await Post.paginate(session, number, 5, order_by=["-views"]) for number in range(1, 6)]
    found = [(-post.views, post.id) for page in pages for post in page["items"]]
    assert found == sorted(found) and len(found) == 24


async def test_a_page_takes_two_statements(store, posts):
    db = Database(store.url, echo=True)
    async with db.session() as session:
        await Post.count(session)
        with recorded() as statements:
            await Post.paginate(session, page=2, page_size=5)
    assert len(statements) == 2
    await db.close()


async def test_pending_changes_are_counted(session, posts):
    post = await Post.first(session)
    post.title = "changed"
    assert (await Post.paginate(session, title="changed"))["total"] == 1


@pytest.mark.parametrize("name", ["page", "page_size"])
@pytest.mark.parametrize("value", [0, -1, -(10**30), 1.0, "1", None, True, [1]])
async def test_a_bad_page_is_refused(session, name, value):
    for refused in (Post.paginate(session, **{name: value}), Post.filter(session).paginate(**{name: value})):
        with pytest.raises(ValidationError) as error:
            await refused
        assert error.value.field == name
        says(error.value, name, ("counts from 1", "expects an int"))


async def test_a_bad_page_size_of_a_cursor_is_refused(session):
    for value in (0, "1"):
        with pytest.raises(ValidationError) as error:
            await Post.paginate_by_cursor(session, page_size=value)
        assert error.value.field == "page_size"


async def test_a_query_with_a_limit_or_offset_has_no_pages(session):
    for query, name in ((Post.all(session).limit(3), "limit"), (Post.all(session).offset(3), "offset")):
        for refused in (query.paginate(), query.paginate_by_cursor()):
            with pytest.raises(ValidationError) as error:
                await refused
            assert error.value.field == name
            says(error.value, "page_size")


async def test_an_unknown_field_is_refused(session):
    with pytest.raises(UnknownFieldError):
        await Post.paginate(session, colour="red")
    with pytest.raises(UnknownFieldError):
        await Post.paginate_by_cursor(session, order_by="colour")


async def by_cursor(query, page_size):
    """Every page of it."""
    pages, cursor = [], None
    while True:
        page = await query.paginate_by_cursor(cursor, page_size)
        pages.append(page)
        cursor = page["next_cursor"]
        assert page["has_next"] is (cursor is not None) and page["page_size"] == page_size
        if cursor is None:
            return pages


async def test_cursors_lead_through_all_rows(session, posts):
    pages = await by_cursor(Post.filter(session), 10)
    assert [len(page["items"]) for page in pages] == [10, 10, 4]
    assert [title for page in pages for title in titles(page)] == [f"post {number:02}" for number in range(24)]


async def test_the_last_page_says_so_when_it_is_full(session, posts):
    assert [len(page["items"]) for page in await by_cursor(Post.filter(session), 12)] == [12, 12]
    assert await by_cursor(Post.filter(session, title="none"), 12) == [
        {"items": [], "next_cursor": None, "has_next": False, "page_size": 12}
    ]


async def test_a_page_by_cursor_takes_one_statement(store, posts):
    db = Database(store.url, echo=True)
    async with db.session() as session:
        page = await Post.paginate_by_cursor(session, page_size=5)
        with recorded() as statements:
            await Post.paginate_by_cursor(session, page["next_cursor"], 5)
    assert len(statements) == 1
    await db.close()


async def test_a_row_that_goes_moves_no_page(session, posts):
    page = await Post.paginate_by_cursor(session, page_size=10, order_by="title")
    for post in page["items"]:
        await post.delete(session, force=True)
    page = await Post.paginate_by_cursor(session, page["next_cursor"], 10, order_by="title")
    assert titles(page) == [f"post {number}" for number in range(10, 20)]


async def test_a_page_by_cursor_has_filters_and_relations(session):
    ada = await User.create(session, username="ada")
    for number in range(5):
        await Post.create(session, title=str(number), author_id=ada.id, published=number != 2)
    query = Post.filter(session, Q(title__ne="0"), published=True).include("author").order_by("-title")
    found = [post for page in await by_cursor(query, 2) for post in page["items"]]
    assert [(post.title, post.author.username) for post in found] == [("4", "ada"), ("3", "ada"), ("1", "ada")]


async def test_deleted_rows_have_pages_of_their_own(session, posts):
    for post in await Post.filter(session, views=1):
        await post.soft_delete(session)
    query = Post.only_deleted(session).order_by("-deleted_at")
    assert [len(page["items"]) for page in await by_cursor(query, 4)] == [4, 4, 1]
    assert (await query.paginate())["total"] == 9


VALUES = {
    "id": [],
    "integer": [-(2**63), 2**63 - 1, 0],
    "string": ["", "a", "\U0001d518", "Z", "é"],
    "text": ["a\0b", "\0", "x" * 5000],
    "boolean": [True, False],
    "double": [0.1, -1.5e300, 5e-324, float("inf"), -0.0],
    "moment": [datetime(2025, 10, 22, 10, 30), datetime(1969, 12, 31, 23, 59, 59, 5), datetime(2, 1, 1)],
    "aware": [datetime(2025, 10, 22, tzinfo=timezone.utc), datetime(2025, 10, 22, 0, 0, 0, 1, timezone.utc)],
    "day": [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)],
    "hour": [time(0), time(23, 59, 59, 999999)],
    "token": [UUID(int=0), UUID(int=2**128 - 1), UUID(int=2**127)],
    "colour": list(Colour),
    "level": list(Level),
}


@pytest.fixture
def everything(loop, session, db, database):
    """Rows with values at the ends of each type, NULL, and the same values again."""

    async def make():
        await db.create_tables([Everything, Ticket])
        chance = random.Random(7)
        for _ in range(40):
            row = {name: chance.choice([None, *values]) for name, values in VALUES.items() if values}
            if database == "postgres" and row["text"]:
                # It has no texts with NUL.
                row["text"] = row["text"].replace("\0", "\1")
            await Everything.create(session, **row)
        await session.commit()

    loop.run_until_complete(make())


@pytest.mark.parametrize("name", VALUES)
async def test_rows_are_read_on_by_every_type(session, everything, name):
    orders = [[name], [f"-{name}"], [f"-{name}", "-id"]]
    if name != "id":
        orders += [["boolean", f"-{name}"], [f"-{name}", "-boolean"], [name, "-level", "colour"]]
    for order in orders:
        query = Everything.filter(session).order_by(*order)
        whole = [row.id for row in await query.limit(100)]
        found = [row.id for page in await by_cursor(query, 3) for row in page["items"]]
        assert found == whole, order


async def test_rows_are_read_on_by_decimals_as_numbers(db, session):
    from test_types import Price

    await db.create_tables([Price])
    numbers = [Decimal(text) for text in ("10.000", "9.000", "-1.500", "9.000", "-10.000", "0.001")]
    for number in [*numbers, None, None]:
        await Price.create(session, decimal=number)
    for order in ("decimal", "-decimal"):
        pages = await by_cursor(Price.filter(session).order_by(order), 1)
        found = [row.decimal for page in pages for row in page["items"]]
        assert found == (ordered := [None, None, *sorted(numbers)]) or found == ordered[::-1]


async def test_rows_with_uuid_keys_are_read_on(session, everything):
    for number in range(7):
        await Ticket.create(session, number=number % 2)
    for order in ([], ["number"], ["-number", "-id"]):
        pages = await by_cursor(Ticket.filter(session).order_by(*order), 2)
        assert len({row.id for page in pages for row in page["items"]}) == 7


async def test_documents_have_no_order_to_read_on_in(session, everything):
    for name in ("document", "array"):
        with pytest.raises(ValidationError) as error:
            await Everything.paginate_by_cursor(session, order_by=name)
        assert error.value.field == name


async def test_instants_that_another_program_wrote_are_read_on(db, session):
    await session.execute(
        "INSERT INTO posts (title, published, views, created_at) VALUES ('other', FALSE, 0, :at)",
        {"at": "2025-10-22T10:30:00Z"},
    )
    for number in range(2):
        await session.execute(
            "INSERT INTO posts (title, published, views, created_at) VALUES (:t, FALSE, 0, '2025-10-22 10:30:00')",
            {"t": f"same {number}"},
        )
    for order in ("created_at", "-created_at"):
        pages = await by_cursor(Post.filter(session).order_by(order), 1)
        assert sorted(title for page in pages for title in titles(page)) == ["other", "same 0", "same 1"]


async def test_a_cursor_is_text_for_a_url(session, posts):
    page = await Post.paginate_by_cursor(session, page_size=5, order_by=["-created_at", "title"])
    assert page["next_cursor"].isascii() and page["next_cursor"].replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor",
    ["", "1", "x", "é", "\ud800", "\0", "' OR 1=1 --", "AAAA" * 10_000, 1, b"AAAA", 1.5, ["x"]],
    ids=lambda value: repr(value)[:12],
)
async def test_a_forged_cursor_is_refused(session, posts, cursor):
    with pytest.raises(ValidationError) as error:
        await Post.paginate_by_cursor(session, cursor)
    assert error.value.field == "cursor"
    says(error.value, "next_cursor", "first page")


async def test_a_cursor_that_was_changed_is_refused(session, posts):
    cursor = (await Post.paginate_by_cursor(session, page_size=5))["next_cursor"]
    for at, letter in enumerate(cursor):
        for changed in (cursor[:at], cursor[:at] + ("A" if letter != "A" else "B") + cursor[at + 1 :]):
            with pytest.raises(ValidationError):
                await Post.paginate_by_cursor(session, changed)


async def test_a_cursor_of_another_list_is_refused(session, posts):
    await User.create(session, username="ada")
    await User.create(session, username="bob")
    of_users = (await User.paginate_by_cursor(session, page_size=1))["next_cursor"]
    by_views = (await Post.paginate_by_cursor(session, page_size=1, order_by="views"))["next_cursor"]
    for cursor, order in ((of_users, None), (by_views, None), (by_views, "-views"), (by_views, ["views", "title"])):
        with pytest.raises(ValidationError) as error:
            await Post.paginate_by_cursor(session, cursor, order_by=order)
        assert error.value.field == "cursor"


async def test_a_paginator_remembers_its_order_and_size(session, posts):
    paginator = CursorPaginator(model=Post, cursor_field="views", page_size=5, order="desc")
    found, cursor = [], None
    while True:
        page = await paginator.paginate(session, cursor=cursor, published=True)
        assert set(page) == {"items", "next_cursor", "has_more"}
        found += page["items"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert cursor is None
    whole = await Post.filter(session, published=True).order_by("-views", "id")
    assert [post.id for post in found] == [post.id for post in whole]


async def test_a_paginator_counts_up_by_key_unless_told_otherwise(session, posts):
    page = await CursorPaginator(Post).paginate(session)
    assert titles(page) == [f"post {number:02}" for number in range(20)] and page["has_more"]


async def test_a_paginator_with_a_bad_order_is_refused(session):
    with pytest.raises(ValidationError) as error:
        CursorPaginator(Post, order="down")
    assert error.value.field == "order"
    with pytest.raises(UnknownFieldError):
        await CursorPaginator(Post, cursor_field="colour").paginate(session)
    with pytest.raises(ValidationError):
        await CursorPaginator(Post, page_size=0).paginate(session)


async def test_a_cursor_is_good_in_another_process(session, posts):
    """It holds names and values, and nothing of the process that gave it out."""
    page = await Post.paginate_by_cursor(session, page_size=1)
    assert page["next_cursor"] == "AQIBAAAAAAAAAHXKoVvjBN45"
