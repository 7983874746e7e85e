"""Conditions: combined with `Q`, and operators as keywords."""

import functools
import operator

import pytest

from fastapi_orm import IntegerField, Model, Q, UnknownFieldError, ValidationError
from models import Post
from support import says


class Letter(Model):
    """A model with a field of the name that conditions use."""

    __tablename__ = "letters"

    id: int = IntegerField(primary_key=True)
    q: int = IntegerField()


@pytest.fixture(autouse=True)
def posts(loop, session):
    """Views 0 to 5; the content of the fourth is NULL, the fifth is deleted."""

    async def fill():
        for number, title in enumerate(["Alpha", "beta", "Gamma", "delta", "eta", "zeta"]):
            content = None if number == 3 else f"text {number}"
            post = await Post.create(session, title=title, content=content, views=number)
            if number == 4:
                await post.soft_delete(session)

    loop.run_until_complete(fill())


async def views(query):
    return [post.views for post in await query.order_by("views")]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(views=2), [2]),
        (Q(views__gte=2, views__lt=5), [2, 3]),
        (Q(views__gte=2) & Q(views__lt=5), [2, 3]),
        (Q(views=0) | Q(views=5), [0, 5]),
        (Q(views=4) | Q(views=5), [5]),
        (~Q(views=2), [0, 1, 3, 5]),
        (~~Q(views=2), [2]),
        (~Q(content="text 0"), [1, 2, 3, 5]),
        (~Q(content__contains="text"), [3]),
        (~(Q(views=0) | Q(views=1)), [2, 3, 5]),
        (~(Q(views__gt=0) & Q(views__lt=3)), [0, 3, 5]),
        (Q(views=0) | Q(views=1) & Q(title="beta"), [0, 1]),
        ((Q(views=0) | Q(views=1)) & Q(title="beta"), [1]),
        (Q(title__startswith="A") | ~Q(title__icontains="a"), [0]),
        (Q(Q(views__gte=1), Q(views__lte=2), title="beta"), [1]),
        (Q(views={"in": [1, 2]}) & Q(content=None), []),
        (Q(), [0, 1, 2, 3, 5]),
        (Q() & Q(views=1), [1]),
        (Q() | Q(views=1), [1]),
        (~Q(), []),
    ],
)
async def test_conditions_combine_as_they_read(session, q, expected):
    assert await views(Post.filter(session, q)) == expected
    assert await views(Post.filter(session, q=q)) == expected
    assert await views(Post.filter(session).filter(q)) == expected
    assert await views(Post.filter_by(session, q=q)) == expected
    assert await Post.count(session, q=q) == len(expected)
    assert await Post.exists(session, q=q) is bool(expected)


async def test_a_condition_stands_beside_filters(session):
    assert await views(Post.filter(session, Q(views=1) | Q(views=2), title="beta")) == [1]
    assert await views(Post.filter(session, Q(views__gte=1), Q(views__lte=2))) == [1, 2]
    assert await views(Post.filter(session, q=None)) == [0, 1, 2, 3, 5]


async def test_deleted_rows_take_conditions_too(session):
    assert await views(Post.only_deleted(session, q=Q(views=4) | Q(views=5))) == [4]
    assert await views(Post.filter_with_deleted(session, q=Q(views=4) | Q(views=5))) == [4, 5]


async def test_an_operator_may_be_a_keyword(session):
    assert await views(Post.filter(session, views__gte=1, views__lt=3)) == [1, 2]
    assert await views(Post.filter(session, content__is_null=True)) == [3]
    assert await views(Post.filter(session, title__in=["Alpha", "eta"])) == [0]
    assert await Post.count(session, views__between=(1, 3)) == 3


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"vews": 1}, ("Post", "vews", "views")),
        ({"vews__gte": 1}, ("vews__gte",)),
        ({"views__above": 1}, ("Post.views", "above", "gte")),
        ({"views__gte__lte": 1}, ("views__gte__lte",)),
        ({"__gte": 1}, ("__gte",)),
    ],
)
async def test_an_unknown_name_is_an_error(session, filters, words):
    for attempt in (lambda: Post.filter(session, **filters), lambda: Post.filter(session, q=Q(**filters))):
        with pytest.raises(UnknownFieldError) as caught:
            attempt()
        says(caught.value, *words)


async def test_what_is_no_condition_is_refused(session):
    with pytest.raises(ValidationError) as caught:
        Post.filter(session, q={"views": 1})
    says(caught.value, "Q", "dict")
    with pytest.raises(TypeError):
        Q({"views": 1})
    with pytest.raises(TypeError):
        Q(views=1) & {"views": 1}


async def test_a_field_called_q_is_a_field(db, session):
    await session.commit()
    await db.create_tables([Letter])
    await Letter.create(session, q=1)
    await Letter.create(session, q=None)
    assert await Letter.count(session, q=1) == 1
    assert await Letter.count(session, q=None) == 1
    assert await Letter.count(session, q=Q(q=1) | Q(q=None)) == 2


async def test_a_condition_is_not_changed_by_combining_it(session):
    one = Q(views=1)
    either = one | Q(views=2)
    assert await views(Post.filter(session, one)) == [1]
    assert await views(Post.filter(session, either)) == [1, 2]


async def test_thousands_of_conditions_are_no_limit(session):
    either = functools.reduce(operator.or_, [Q(views=number) for number in range(3, 5000)])
    assert await views(Post.filter(session, either)) == [3, 5]


def test_a_condition_shows_what_it_says():
    assert repr(Q(views=1) & ~Q(title="a") | Q(views__gt=2)) == "(Q(views=1) & ~Q(title=a)) | Q(views__gt=2)"


async def test_the_opposite_of_the_opposite_is_the_condition_itself(session):
    flipped = Q(views=1)
    for _ in range(10_000):
        flipped = ~flipped
    assert repr(flipped) == "Q(views=1)"
    assert await views(Post.filter(session, flipped)) == [1]


async def test_conditions_that_nest_too_deeply_are_refused_when_they_are_joined(session):
    nested = Q(views=1)
    with pytest.raises(ValidationError) as refused:
        for number in range(10_000):
            nested = (nested & Q(title="beta")) | Q(views=number)
    says(refused.value, "conditions", "deep")
    assert await Post.count(session, nested) > 0
