"""Dictionaries of operators where a value was meant: `{"gte": ""}` in place of a token finds anybody's row."""

from collections import UserDict
from datetime import datetime, timedelta

import pytest

from fastapi_orm import Database, IntegerField, JSONField, Model, Q, SoftDeleteMixin, StringField, ValidationError

ANY = {"gte": ""}


class Account(Model, SoftDeleteMixin):
    __tablename__ = "operator_accounts"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=40)
    token: str = StringField(max_length=40)
    settings = JSONField()


@pytest.fixture
def accounts(db, session, loop):
    async def fill():
        await db.create_tables([Account])
        await Account.create(session, name="ada", token="secret", settings={"gte": 1})
        await Account.create(session, name="bob", token="other", settings={"theme": "dark"})
        await session.commit()

    loop.run_until_complete(fill())


ONE_ROW = {
    "get_by": lambda s, **body: Account.get_by(s, **body),
    "first": lambda s, **body: Account.first(s, **body),
    "last": lambda s, **body: Account.last(s, **body),
    "get_or_create": lambda s, **body: Account.get_or_create(s, **body),
    "update_or_create": lambda s, **body: Account.update_or_create(s, defaults={"name": "mallory"}, **body),
}


@pytest.mark.parametrize("verb", ONE_ROW)
async def test_a_call_that_looks_for_one_row_takes_values_only(accounts, session, verb):
    for body in ({"token": ANY}, {"name": "ada", "token": ANY}, {"token": {}}, {"token": {"ne": None}}):
        with pytest.raises(ValidationError) as refused:
            await ONE_ROW[verb](session, **body)
        assert refused.value.field == "token"
        assert "filter(" in str(refused.value)
    assert (await Account.get_by(session, token="secret")).name == "ada"
    assert await Account.count(session) == 2


@pytest.mark.parametrize("verb", ["get_by", "first", "last"])
async def test_conditions_of_a_call_that_looks_for_one_row_take_values_only(accounts, session, verb):
    call = getattr(Account, verb)
    for condition in (Q(token=ANY), ~Q(token=ANY), Q(name="bob") | Q(Q(name="ada") & ~Q(token=ANY)), Q(q=Q(token=ANY))):
        for given in (([condition], {}), ([], {"q": condition}), ([Q(name="bob"), condition], {"name": "ada"})):
            with pytest.raises(ValidationError) as refused:
                await call(session, *given[0], **given[1])
            assert refused.value.field == "token"
            assert "filter(" in str(refused.value)


@pytest.mark.parametrize("name", ["in", "not_in", "between"])
async def test_what_is_no_list_is_no_list_of_its_parts(accounts, session, name):
    for value in ({"gte": "", "ne": ""}, "ab", b"ab", bytearray(b"ab"), UserDict(a=1, b=2), 5, None):
        for filters in ({f"token__{name}": value}, {"token": {name: value}}):
            with pytest.raises(ValidationError) as refused:
                await Account.filter(session, **filters)
            assert refused.value.field == "token"
    for value in (["a", "secret"], ("a", "secret"), {"a": 1, "secret": 2}.keys(), (text for text in ("a", "secret"))):
        expected = ["bob"] if name == "not_in" else ["ada"] if name == "in" else ["ada", "bob"]
        found = await Account.filter(session, **{f"token__{name}": value}).order_by("name")
        assert [row.name for row in found] == expected


async def test_a_document_is_a_value_to_compare(accounts, session):
    assert (await Account.get_by(session, settings={"gte": 1})).name == "ada"
    assert (await Account.first(session, settings={"theme": "dark"})).name == "bob"


async def test_the_program_may_use_operators_all_the_same(accounts, session):
    assert (await Account.get_by(session, Q(name__gte="b"))).name == "bob"
    assert (await Account.last(session, Q(name="ada") | ~Q(name__lt="b"))).name == "bob"
    assert (await Account.get_by(session, name__gte="b")).name == "bob"
    assert (await Account.filter(session, name={"gte": "b"}).first()).name == "bob"


async def test_calls_that_return_rows_or_counts_take_operators(accounts, session):
    body = {"name": {"gte": "b"}}
    assert [row.name for row in await Account.filter(session, **body)] == ["bob"]
    assert [row.name for row in await Account.filter_by(session, **body)] == ["bob"]
    assert await Account.count(session, **body) == 1
    assert await Account.exists(session, **body)
    assert (await Account.paginate(session, **body))["total"] == 1
    await (await Account.get_by(session, name="bob")).soft_delete(session)
    since = {"gte": datetime.now() - timedelta(days=1)}
    assert [row.name for row in await Account.filter_with_deleted(session, deleted_at=since)] == ["bob"]
    assert [row.name for row in await Account.only_deleted(session, deleted_at=since)] == ["bob"]


EVERY = ONE_ROW | {
    "filter": lambda s, **body: Account.filter(s, **body),
    "filter again": lambda s, **body: Account.filter(s).filter(**body),
    "Q": lambda s, **body: Account.filter(s, Q(**body)),
    "filter_by": lambda s, **body: Account.filter_by(s, **body),
    "count": lambda s, **body: Account.count(s, **body),
    "exists": lambda s, **body: Account.exists(s, **body),
    "paginate": lambda s, **body: Account.paginate(s, **body),
    "paginate_by_cursor": lambda s, **body: Account.paginate_by_cursor(s, **body),
    "filter_with_deleted": lambda s, **body: Account.filter_with_deleted(s, **body),
    "only_deleted": lambda s, **body: Account.only_deleted(s, **body),
}


async def test_a_database_may_take_no_dictionaries_of_operators(accounts, store):
    async with Database(store.url, operators=False) as database, database.session() as session:
        for name, verb in EVERY.items():
            with pytest.raises(ValidationError) as refused:
                await verb(session, token=ANY)
            assert refused.value.field == "token", name
        assert await Account.count(session, name__gte="b") == 1
        assert await Account.count(session, Q(name__gte="b") | Q(name="ada")) == 2
        # A document is one, whatever its keys are called.
        assert [row.name for row in await Account.filter(session, settings={"gte": 1})] == ["ada"]
