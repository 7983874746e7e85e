"""Arguments that Python can hold and nothing else can: text with a lone surrogate, integers larger than any float,
lists that nest too deep for Python itself."""

import inspect

import pytest

from fastapi_orm import (
    AuditMixin,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    Q,
    SchemaError,
    SoftDeleteMixin,
    StringField,
    UnknownFieldError,
    ValidationError,
    clear_audit_user,
    create_association_table,
    get_audit_user,
    set_audit_user,
)
from fastapi_orm.testing import create_test_model_base

BAD = "hunTer2\ud800"
HUGE = 10**400
LONG = 10**5000


class Odd(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "odd"

    id: int = IntegerField(primary_key=True)
    word: str = StringField(max_length=20)


class Written:
    def __str__(self):
        return BAD


def deep():
    made: list = []
    for _ in range(50_000):
        made = [made]
    return made


@pytest.fixture
def odd(db, session, loop):
    async def fill():
        await db.create_tables([Odd])
        made = await Odd.create(session, word="x")
        await session.commit()
        return made

    return loop.run_until_complete(fill())


def held(error):
    return repr(error) + str(error) + repr(vars(error)) + repr(error.__cause__) + repr(error.__context__)


async def refused(call, *kinds):
    with pytest.raises(kinds) as raised:
        result = call()
        if inspect.isawaitable(result):
            await result
    shown = held(raised.value)
    assert "\ud800" not in shown
    assert "\\ud800" not in shown
    assert "0" * 100 not in shown
    assert "[[[" not in shown
    return shown


ACTORS = {"deep": deep, "surrogate": lambda: BAD, "text with a surrogate": Written, "long": lambda: LONG}


@pytest.mark.parametrize("make", ACTORS.values(), ids=ACTORS)
async def test_who_acts_can_be_written_as_text(odd, session, make):
    user = make()
    for call in (
        lambda: set_audit_user(user),
        lambda: Odd.create(session, word="y", _audit_user_id=user),
        lambda: odd.update(session, word="y", _audit_user_id=user),
        lambda: odd.soft_delete(session, _audit_user_id=user),
        lambda: Odd.filter(session, word="x").soft_delete(_audit_user_id=user),
    ):
        assert "hunTer2" not in await refused(call, ValidationError)
    assert get_audit_user() is None
    assert await Odd.count(session) == 1


async def test_what_is_noted_beside_it_is_json(loop):
    for value in (deep(), LONG, {(1, 2): "hunTer2"}):
        assert "hunTer2" not in await refused(lambda value=value: set_audit_user(1, a=value), ValidationError)
    assert get_audit_user() is None
    clear_audit_user()


async def test_names_are_text(odd, session):
    for call in (
        lambda: Odd.filter(session).order_by(BAD),
        lambda: Odd.filter(session).order_by("-" + BAD),
        lambda: Odd.filter(session).include(BAD),
        lambda: Odd.filter(session, **{BAD: 1}),
        lambda: Odd.filter(session, **{BAD + "__eq": 1}),
        lambda: Odd.filter(session, **{"word__" + BAD: 1}),
        lambda: Odd.filter(session, word={BAD: 1}),
        lambda: Odd.filter(session, Q(**{BAD: 1})),
        lambda: Odd.get_by(session, **{BAD: 1}),
        lambda: Odd.paginate(session, order_by=BAD),
        lambda: Odd(**{BAD: 1}),
        lambda: Odd.create(session, **{BAD: 1}),
        lambda: Odd.bulk_update(session, [{"id": 1, BAD: 1}]),
        lambda: Odd.create_model(exclude=[BAD]),
    ):
        await refused(call, UnknownFieldError)


async def test_reasons_and_statements_are_text(odd, session):
    for call in (
        lambda: odd.soft_delete(session, reason=BAD),
        lambda: Odd.bulk_soft_delete(session, [odd.id], reason=BAD),
        lambda: Odd.filter(session, word="x").soft_delete(reason=BAD),
        lambda: session.execute(f"SELECT '{BAD}'"),
        lambda: session.execute("SELECT :a", {BAD: 1}),
        lambda: session.execute("SELECT :a", {"a": BAD}),
        lambda: Odd.filter(session, word__contains=BAD),
    ):
        told = await refused(call, ValidationError)
        assert "hunTer2" not in told
        assert "lone surrogate" in told
    assert await Odd.count(session) == 1


async def test_times_are_no_larger_than_a_float(db, session):
    for call in (
        *(
            lambda name=name, time=time: Database("sqlite:///:memory:", **{name: time})
            for name in ("command_timeout", "pool_timeout", "pool_recycle", "pool_size", "max_overflow")
            for time in (HUGE, LONG, -LONG)
        ),
        lambda: db.session(command_timeout=HUGE).__aenter__(),
        lambda: session.execute("SELECT 1", command_timeout=HUGE),
        lambda: db.execute_raw("SELECT 1", command_timeout=HUGE),
        lambda: db.fetch_one("SELECT 1", command_timeout=HUGE),
    ):
        await refused(call, ValidationError)


async def test_names_of_tables_are_text(loop):
    _, base = create_test_model_base()
    key = {"id": IntegerField(primary_key=True)}
    for call in (
        lambda: type("Named", (base,), {"__tablename__": BAD, **key}),
        lambda: type("Referring", (base,), {"__tablename__": "referring", **key, "to": ForeignKeyField(BAD)}),
        lambda: create_association_table(BAD, "odd", "odd"),
    ):
        await refused(call, SchemaError)
