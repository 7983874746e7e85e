"""No query shows a deleted row unless it is asked to, and filters mean what they say."""

from datetime import datetime, timedelta

import pytest

from fastapi_orm import ValidationError
from models import Comment, Post, User
from support import says


@pytest.fixture
def posts(loop, session):
    """Six posts, of which the second and the fifth are deleted."""

    async def fill():
        made = []
        for number, title in enumerate(["Alpha", "beta", "Gamma", "delta", "Épsilon", "100% _true_"]):
            content = None if number == 3 else f"text {number}"
            post = await Post.create(session, title=title, content=content, views=number, published=number % 2 == 0)
            made.append(post)
        await made[1].soft_delete(session)
        await made[4].soft_delete(session)
        return made

    return loop.run_until_complete(fill())


def numbers(found):
    return [post.views for post in found]


async def views(query):
    return sorted(numbers(await query))


async def test_get_finds_live_rows_only(session, posts):
    assert (await Post.get(session, posts[0].id)).title == "Alpha"
    assert await Post.get(session, posts[1].id) is None
    assert await Post.get(session, 404) is None


async def test_get_with_deleted_finds_both(session, posts):
    assert (await Post.get_with_deleted(session, posts[0].id)).is_deleted is False
    assert (await Post.get_with_deleted(session, posts[1].id)).is_deleted is True
    assert await Post.get_with_deleted(session, 404) is None


async def test_all_lists_live_rows_in_the_order_of_their_keys(session, posts):
    assert numbers(await Post.all(session)) == [0, 2, 3, 5]


async def test_all_with_deleted_lists_both(session, posts):
    assert sorted(numbers(await Post.all_with_deleted(session))) == [0, 1, 2, 3, 4, 5]


async def test_only_deleted_lists_deleted_rows(session, posts):
    assert numbers(await Post.only_deleted(session)) == [1, 4]


async def test_filter_finds_live_rows_only(session, posts):
    assert await views(Post.filter(session, published=True)) == [0, 2]
    assert await views(Post.filter(session, title="beta")) == []


async def test_filter_with_deleted_finds_both(session, posts):
    assert await views(Post.filter_with_deleted(session, published=True)) == [0, 2, 4]
    assert await views(Post.filter_with_deleted(session, title="beta")) == [1]


async def test_a_filter_on_deleted_at_does_not_lift_the_veil(session, posts):
    yesterday = datetime.now() - timedelta(days=1)
    assert await views(Post.filter(session, deleted_at={"gte": yesterday})) == []
    assert await views(Post.filter(session, deleted_at={"is_null": False})) == []
    assert await views(Post.filter_with_deleted(session, deleted_at={"gte": yesterday})) == [1, 4]
    assert await views(Post.filter_with_deleted(session, deleted_at={"lte": yesterday})) == []
    assert await views(Post.filter_with_deleted(session, deleted_at=None)) == [0, 2, 3, 5]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"views": 2}, [2]),
        ({"views": {"eq": 2}}, [2]),
        ({"views": {"ne": 2}}, [0, 3, 5]),
        ({"views": {"gt": 2}}, [3, 5]),
        ({"views": {"gte": 2}}, [2, 3, 5]),
        ({"views": {"lt": 2}}, [0]),
        ({"views": {"lte": 2}}, [0, 2]),
        ({"views": {"gte": 2, "lt": 5}}, [2, 3]),
        ({"views": {"gt": 5, "lt": 0}}, []),
        ({"views": {"in": [0, 1, 2]}}, [0, 2]),
        ({"views": {"in": []}}, []),
        ({"views": {"in": (3,)}}, [3]),
        ({"views": {"not_in": [0, 1, 2]}}, [3, 5]),
        ({"views": {"not_in": []}}, [0, 2, 3, 5]),
        ({"views": {"between": [1, 3]}}, [2, 3]),
        ({"views": {"between": (2, 2)}}, [2]),
        ({"content": None}, [3]),
        ({"content": {"is_null": True}}, [3]),
        ({"content": {"is_null": False}}, [0, 2, 5]),
        ({"content": {"ne": None}}, [0, 2, 5]),
        ({"content": {"ne": "text 0"}}, [2, 3, 5]),
        ({"content": {"not_in": ["text 0"]}}, [2, 3, 5]),
        ({"title": {"contains": "a"}}, [0, 2, 3]),
        ({"title": {"contains": "A"}}, [0]),
        ({"title": {"icontains": "A"}}, [0, 2, 3]),
        ({"title": {"contains": "%"}}, [5]),
        ({"title": {"contains": "_"}}, [5]),
        ({"title": {"contains": ""}}, [0, 2, 3, 5]),
        ({"title": {"icontains": "GAM"}}, [2]),
        ({"title": {"startswith": "Al"}}, [0]),
        ({"title": {"startswith": "al"}}, []),
        ({"title": {"startswith": "100%"}}, [5]),
        ({"title": {"startswith": "%"}}, []),
        ({"title": {"endswith": "_"}}, [5]),
        ({"title": {"endswith": "lta"}}, [3]),
        ({"title": {"endswith": "LTA"}}, []),
        ({"title": {"iexact": "ALPHA"}}, [0]),
        ({"title": {"iexact": "alph"}}, []),
        ({"published": True, "views": {"gt": 0}}, [2]),
        ({"published": False}, [3, 5]),
        ({}, [0, 2, 3, 5]),
    ],
)
async def test_an_operator_compares_as_it_says(session, posts, filters, expected):
    assert await views(Post.filter(session, **filters)) == expected


async def test_case_is_folded_beyond_ascii(session, posts):
    assert await views(Post.filter_with_deleted(session, title={"icontains": "éPS"})) == [4]
    assert await views(Post.filter_with_deleted(session, title={"iexact": "éPSILON"})) == [4]
    assert await views(Post.filter_with_deleted(session, title={"contains": "éps"})) == []


async def test_a_value_is_never_read_as_sql(session, posts, database):
    # PostgreSQL has no texts with NUL.
    nul = ["\x00"] if database == "sqlite" else []
    for text in ["' OR 1=1 --", '"; DROP TABLE posts; --', "?1", "$1", ":title", "\\", *nul]:
        assert await Post.filter(session, title=text) == []
        assert await Post.filter(session, title={"contains": text}) == []
    assert len(await Post.all(session)) == 4


async def test_the_same_filter_is_right_for_other_values(session, posts):
    for _ in range(3):
        for number, expected in [(0, [0]), (2, [2]), (1, []), (3, [3])]:
            assert await views(Post.filter(session, views=number)) == expected
        assert await views(Post.filter(session, content=None)) == [3]
        assert await views(Post.filter(session, content="text 2")) == [2]
        assert await views(Post.filter(session, views={"in": [0]})) == [0]
        assert await views(Post.filter(session, views={"in": [0, 2, 3]})) == [0, 2, 3]


async def test_queries_are_ordered_cut_and_skipped(session, posts):
    assert numbers(await Post.filter(session).order_by("-views")) == [5, 3, 2, 0]
    assert numbers(await Post.filter(session).order_by("published", "-views")) == [5, 3, 2, 0]
    assert numbers(await Post.filter(session).order_by("-published", "views")) == [0, 2, 3, 5]
    assert numbers(await Post.filter(session).order_by("views").limit(2)) == [0, 2]
    assert numbers(await Post.filter(session).order_by("views").limit(2).offset(1)) == [2, 3]
    assert numbers(await Post.filter(session).order_by("views").offset(3)) == [5]
    assert numbers(await Post.filter(session).limit(0)) == []


async def test_limit_counts_live_rows(session, posts):
    assert numbers(await Post.filter(session).limit(3)) == [0, 2, 3]
    assert numbers(await Post.filter(session).offset(1).limit(1)) == [2]
    assert numbers(await Post.all(session, limit=2, offset=1)) == [2, 3]


@pytest.mark.parametrize("rows", [-1, "3", 1.5, True, 2**70, -(2**70)])
async def test_a_number_of_rows_is_an_int_from_0_on(session, rows):
    for ask in (
        lambda: Post.all(session, limit=rows),
        lambda: Post.all(session, offset=rows),
        lambda: Post.filter_by(session, limit=rows),
        lambda: Post.filter(session).limit(rows),
        lambda: Post.filter(session).offset(rows),
    ):
        with pytest.raises(ValidationError) as refused:
            ask()
        assert refused.value.field in ("limit", "offset")


async def test_no_limit_and_no_offset_are_all_rows(session, posts):
    assert numbers(await Post.all(session, limit=2**62, offset=0)) == [0, 2, 3, 5]
    assert numbers(await Post.filter_by(session, limit=None, offset=None)) == [0, 2, 3, 5]


async def test_nothing_lies_between_null_and_a_value(session):
    for ends in ((None, 3), (3, None)):
        with pytest.raises(ValidationError) as refused:
            Post.filter(session, views__between=ends)
        says(refused.value, "views", "between", "is_null")


async def test_count_counts_what_the_query_shows(session, posts):
    assert await Post.filter(session).count() == 4
    assert await Post.filter(session, published=True).count() == 2
    assert await Post.only_deleted(session).count() == 2
    assert await Post.all_with_deleted(session).count() == 6
    assert await Post.filter_with_deleted(session, published=True).count() == 3


async def test_exists_looks_at_what_the_query_shows(session, posts):
    assert await Post.filter(session, title="Alpha").exists() is True
    assert await Post.filter(session, title="beta").exists() is False
    assert await Post.only_deleted(session, title="beta").exists() is True
    assert await Post.filter_with_deleted(session, title="beta").exists() is True


async def test_first_is_the_first_of_what_the_query_shows(session, posts):
    assert (await Post.filter(session, views={"gte": 1}).first()).views == 2
    assert (await Post.filter(session).order_by("-views").first()).views == 5
    assert (await Post.only_deleted(session).first()).views == 1
    assert await Post.filter(session, title="beta").first() is None


async def test_a_query_can_be_refined_in_several_ways_without_changing_itself(session, posts):
    query = Post.filter(session, views={"gte": 2})
    newest = query.order_by("-views").limit(1)
    assert numbers(await newest) == [5]
    assert numbers(await query) == [2, 3, 5]
    assert await query.count() == 3


async def test_a_query_runs_only_when_it_is_awaited(session, posts):
    query = Post.filter(session, views={"lt": 3})
    await posts[0].soft_delete(session)
    assert numbers(await query) == [2]


async def test_only_deleted_takes_filters(session, posts):
    assert numbers(await Post.only_deleted(session, views={"gt": 1})) == [4]


async def test_a_query_of_an_empty_table_is_empty(session):
    assert await Post.all(session) == []
    assert await Post.only_deleted(session) == []
    assert await Post.filter(session).count() == 0
    assert await Post.filter(session).exists() is False


async def test_a_relation_shows_live_rows_only(session):
    user = await User.create(session, username="u")
    posts = [await Post.create(session, title=str(n), author_id=user.id) for n in range(3)]
    await posts[1].soft_delete(session)
    user = await User.get(session, user.id)
    assert [post.title for post in await user.posts] == ["0", "2"]


async def test_a_relation_to_a_deleted_row_shows_nothing(session):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a", author_id=user.id)
    assert (await post.author).username == "u"
    await user.soft_delete(session)
    post = await Post.get(session, post.id)
    assert await post.author is None


async def test_a_relation_to_nothing_is_none_or_empty(session):
    post = await Post.create(session, title="a")
    assert await post.author is None
    assert list(await post.comments) == []


async def test_rows_of_others_are_no_part_of_a_relation(session):
    posts = [await Post.create(session, title=str(n)) for n in range(2)]
    for post in posts:
        await Comment.create(session, body=post.title, post_id=post.id)
    post = await Post.get(session, posts[1].id)
    assert [comment.body for comment in await post.comments] == ["1"]


async def test_many_rows_are_all_there(session):
    total = 3000
    for number in range(total):
        await Post.create(session, title=str(number), views=number)
    found = await Post.all(session)
    assert numbers(found) == list(range(total))
    assert await Post.filter(session, views={"in": list(range(0, total, 2))}).count() == total // 2
