"""The verbs of a model: finding rows by key and by filters."""

import pytest

from fastapi_orm import Q, RecordNotFoundError, UnknownFieldError, ValidationError
from models import Post, User


@pytest.fixture
def posts(loop, session):
    """Views 0 to 4, two of each kind of published; the last is deleted."""

    async def fill():
        made = []
        for number, title in enumerate(["a", "b", "c", "d", "e"]):
            made.append(await Post.create(session, title=title, views=number, published=number % 2 == 0))
        await made[4].soft_delete(session)
        return made

    return loop.run_until_complete(fill())


def views(found):
    return [post.views for post in found]


async def test_get_by_finds_the_first_live_row_by_key(session, posts):
    assert (await Post.get_by(session, title="c")).views == 2
    assert (await Post.get_by(session, published=True)).views == 0
    assert (await Post.get_by(session, views__gte=1, published=False)).views == 1
    assert (await Post.get_by(session, Q(title="d") | Q(title="e"))).views == 3
    assert await Post.get_by(session, title="e") is None


async def test_get_by_wants_a_filter(session):
    with pytest.raises(ValidationError, match="first"):
        await Post.get_by(session)
    with pytest.raises(UnknownFieldError, match="titel"):
        await Post.get_by(session, titel="a")


async def test_get_or_404_finds_a_live_row_or_raises(session, posts):
    assert (await Post.get_or_404(session, posts[0].id)).title == "a"
    for key in (posts[4].id, 404):
        with pytest.raises(RecordNotFoundError) as caught:
            await Post.get_or_404(session, key)
        assert str(caught.value) == f"Post not found with id={key}"
        assert (caught.value.model, caught.value.filters) == ("Post", {"id": key})


async def test_first_and_last_go_by_key_or_by_the_order(session, posts):
    assert (await Post.first(session)).views == 0
    assert (await Post.last(session)).views == 3
    assert (await Post.first(session, order_by="-views")).views == 3
    assert (await Post.last(session, order_by=["-published", "views"])).views == 3
    assert (await Post.first(session, published=False)).views == 1
    assert (await Post.last(session, Q(views__lt=3))).views == 2
    assert await Post.first(session, title="e") is None
    assert await User.first(session) is None
    assert await User.last(session) is None


async def test_the_last_of_a_query_is_the_last_it_shows(session, posts):
    query = Post.filter(session).order_by("published", "views")
    assert views(await query) == [1, 3, 0, 2]
    assert (await query.last()).views == 2
    assert (await query.limit(3).last()).views == 0
    assert (await query.offset(1).limit(1).last()).views == 3
    assert (await query.offset(3).last()).views == 2
    assert await query.offset(4).last() is None
    assert await query.limit(0).last() is None


async def test_rows_that_an_order_holds_equal_follow_by_key(session, posts):
    assert views(await Post.filter(session).order_by("-published").limit(2)) == [0, 2]
    assert views(await Post.filter(session).order_by("-published").limit(2).offset(2)) == [1, 3]
    assert (await Post.filter(session).order_by("published").last()).views == 2


async def test_filter_by_orders_and_cuts(session, posts):
    assert views(await Post.filter_by(session, order_by="-views")) == [3, 2, 1, 0]
    assert views(await Post.filter_by(session, order_by=["published", "-views"], limit=3)) == [3, 1, 2]
    assert views(await Post.filter_by(session, order_by="views", limit=2, offset=1)) == [1, 2]
    assert views(await Post.filter_by(session, published=True)) == [0, 2]
    assert views(await Post.filter_by(session, order_by="views", q=Q(views=1) | Q(views=3))) == [1, 3]


async def test_filter_by_refuses_what_it_does_not_know(session):
    for wrong in ({"order_by": "vews"}, {"order_by": ["views", "-vews"]}, {"vews": 1}):
        with pytest.raises(UnknownFieldError, match="vews"):
            Post.filter_by(session, **wrong)
    for wrong in ({"limit": -1}, {"offset": -1}, {"order_by": 3}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            Post.filter_by(session, **wrong)
