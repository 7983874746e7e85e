"""Each type of field: what is read is what was written."""

import enum
import itertools
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from fastapi_orm import (
    ArrayField,
    BooleanField,
    Database,
    DateField,
    DateTimeField,
    DecimalField,
    EnumField,
    FloatField,
    IntegerField,
    JSONField,
    Model,
    ORMError,
    StringField,
    TextField,
    TimeField,
    UUIDField,
    ValidationError,
)
from support import python, says


class Colour(enum.Enum):
    RED = "r"
    DARK_BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 9


class Everything(Model):
    __tablename__ = "everything"

    id: int = IntegerField(primary_key=True)
    integer: int = IntegerField()
    string: str = StringField(max_length=20)
    text: str = TextField()
    boolean: bool = BooleanField()
    double: float = FloatField(allow_infinity=True)
    moment: datetime = DateTimeField()
    aware: datetime = DateTimeField(timezone=True)
    day: date = DateField()
    hour: time = TimeField()
    document: object = JSONField()
    token: UUID = UUIDField()
    colour: Colour = EnumField(Colour)
    level: Level = EnumField(Level)
    array: list = ArrayField(str)


class Price(Model):
    __tablename__ = "prices"

    id: int = IntegerField(primary_key=True)
    decimal: Decimal = DecimalField(precision=12, scale=3)


class Ticket(Model):
    """Keyed by a UUID that is made for it."""

    __tablename__ = "tickets"

    id: UUID = UUIDField(primary_key=True, auto_generate=True)
    opened = DateTimeField(auto_now_add=True)
    touched = DateTimeField(auto_now=True)
    tags: list = JSONField(default=list)
    number: int = IntegerField(default=lambda: next(NUMBERS))


NUMBERS = itertools.count(100)
UTC = timezone.utc
INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.fixture
def db(loop, store):
    database = Database(store.url)
    loop.run_until_complete(database.create_tables([Everything, Ticket]))
    yield database
    loop.run_until_complete(database.close())


async def holder(db, field):
    """The model with this field, its table made."""
    model = Price if field == "decimal" else Everything
    await db.create_tables([model])
    return model


async def round_trip(db, field, value):
    """The value as the created object has it, and as a read shows it."""
    model = await holder(db, field)
    async with db.session() as session:
        made = await model.create(session, **{field: value})
    async with db.session() as session:
        read = await model.get(session, made.id)
    return getattr(made, field), getattr(read, field)


def refuses_nul(database, value):
    """PostgreSQL has no texts with the character NUL."""
    return database == "postgres" and "\\x00" in repr(value)


VALUES = [
    ("integer", 0),
    ("integer", -1),
    ("integer", 2**63 - 1),
    ("integer", -(2**63)),
    ("string", ""),
    ("string", "x" * 20),
    ("string", "\U0001d518" * 20),
    ("text", ""),
    ("text", "a\0b\0"),
    ("text", "\0"),
    ("text", "\U0001d518\U0001d52b \U0001f469\u200d\U0001f467 é e\u0301 \u202e"),
    ("text", "\ufeff\uffff\U0010ffff"),
    ("text", "line\r\nline\n'\"\\%_"),
    ("text", "x" * 1_000_000),
    ("boolean", True),
    ("boolean", False),
    ("double", 0.0),
    ("double", 0.1),
    ("double", -1.5e300),
    ("double", 5e-324),
    ("double", 1e15),
    ("double", float("inf")),
    ("decimal", Decimal("0.001")),
    ("decimal", Decimal("-123456789.125")),
    ("decimal", Decimal("999999999.999")),
    ("moment", datetime(2025, 10, 22, 10, 30)),
    ("moment", datetime(2025, 10, 22, 10, 30, 0, 1)),
    ("moment", datetime(2025, 10, 22, 10, 30, 59, 999999)),
    ("moment", datetime(1969, 12, 31, 23, 59, 59, 5)),
    ("moment", datetime(2, 1, 1)),
    ("moment", datetime(9999, 12, 30, 23, 59, 59, 999999)),
    ("aware", datetime(2025, 10, 22, 10, 30, 0, 7, tzinfo=UTC)),
    ("day", date(2025, 2, 28)),
    ("day", date(2024, 2, 29)),
    ("day", date.min),
    ("day", date.max),
    ("hour", time(0)),
    ("hour", time(23, 59, 59, 999999)),
    ("hour", time(1, 2, 3, 4)),
    ("document", {"a": [1, 2.5, None, True, "é\U0001d518"], "b": {"c": {}}}),
    ("document", []),
    ("document", {}),
    ("document", "text"),
    ("document", 0),
    ("document", False),
    ("document", 2**53 + 1),
    ("document", 2**64),
    ("document", -0.0),
    ("document", {"a\0": ["\0", "\U0001d518", {"": [[[]]]}]}),
    ("token", UUID(int=0)),
    ("token", UUID("12345678-1234-5678-1234-567812345678")),
    ("token", UUID(int=2**128 - 1)),
    ("colour", Colour.RED),
    ("colour", Colour.DARK_BLUE),
    ("level", Level.HIGH),
    ("array", ["a", "", "é"]),
    ("array", []),
    ("array", ["a\0b", "\U0001d518", '"{},\\', None]),
]


@pytest.mark.parametrize(("field", "value"), VALUES, ids=[f"{field}-{n}" for n, (field, _) in enumerate(VALUES)])
async def test_a_value_is_read_as_it_was_written(db, database, field, value):
    if refuses_nul(database, value):
        with pytest.raises(ORMError, match=r"NUL|u0000"):
            await round_trip(db, field, value)
        return
    for found in await round_trip(db, field, value):
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize("field", sorted({field for field, _ in VALUES}))
async def test_null_is_read_as_none(db, field):
    assert await round_trip(db, field, None) == (None, None)


@pytest.mark.parametrize(("field", "value"), [v for v in VALUES if v[0] not in ("document", "array", "float")][::2])
async def test_a_row_is_found_by_the_value_it_was_written_with(db, database, field, value):
    model = await holder(db, field)
    async with db.session() as session:
        if refuses_nul(database, value):
            with pytest.raises(ValidationError, match="NUL"):
                await model.filter(session, **{field: value})
            return
        await model.create(session)
        made = await model.create(session, **{field: value})
        assert [row.id for row in await model.filter(session, **{field: value})] == [made.id]
        assert [row.id for row in await model.filter(session, **{field: {"in": [value]}})] == [made.id]
        assert await model.filter(session, **{field: {"ne": value, "is_null": False}}) == []


REFUSED = [
    ("string", "a\ud800", "surrogate"),
    ("text", "\udfff", "surrogate"),
    ("double", float("nan"), "NaN"),
    ("decimal", Decimal("NaN"), "finite"),
    ("decimal", Decimal("-Infinity"), "finite"),
    ("decimal", Decimal("0.0001"), "digits"),
    ("integer", 2**63, "64-bit"),
    ("integer", -(2**63) - 1, "64-bit"),
    ("document", [float("nan")], "JSON"),
    ("document", {"a": {"b": float("inf")}}, "JSON"),
    ("document", ["\ud800"], "JSON"),
    ("document", {"\ud800": 1}, "JSON"),
    ("document", {1: "a", "1": "b"}, "key"),
    ("document", [{"a": ({None: 1},)}], "key"),
    ("document", {True: 1}, "key"),
    ("array", ["\ud800"], "JSON"),
]


@pytest.mark.parametrize(("field", "value", "why"), REFUSED, ids=[f"{one[0]}-{n}" for n, one in enumerate(REFUSED)])
async def test_what_cannot_be_stored_as_it_is_is_refused(db, field, value, why):
    model = await holder(db, field)
    async with db.session() as session:
        with pytest.raises(ValidationError) as refused:
            await model.create(session, **{field: value})
        says(refused.value, f"{model.__name__}.{field}", why)
        row = await model.create(session)
        setattr(row, field, value)
        with pytest.raises(ValidationError):
            await session.flush()
        setattr(row, field, None)
    async with db.session() as session:
        (row,) = await model.all(session)
        assert getattr(row, field) is None


async def test_negative_zero_keeps_its_sign(db):
    _, found = await round_trip(db, "double", -0.0)
    assert str(found) in ("-0.0", "0.0")
    assert found == 0


async def test_an_integer_is_taken_for_a_float(db):
    made, found = await round_trip(db, "double", 3)
    assert found == 3.0
    assert type(found) is float
    assert made == 3


async def test_a_naive_datetime_is_local_time(db, stored):
    value = datetime(2025, 7, 1, 12, 0, 0, 5)
    _, found = await round_trip(db, "moment", value)
    assert found == value
    assert found.tzinfo is None
    expected = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    assert stored("SELECT moment FROM everything") == [(expected,)]


async def test_an_aware_datetime_is_the_same_instant_in_local_time(db, stored):
    value = datetime(2025, 7, 1, 12, 0, 0, 5, tzinfo=INDIA)
    _, found = await round_trip(db, "moment", value)
    assert found.tzinfo is None
    assert found.astimezone(UTC) == value
    assert stored("SELECT moment FROM everything") == [("2025-07-01 06:30:00.000005",)]


async def test_a_field_with_timezone_hands_out_aware_values(db):
    for value in (datetime(2025, 7, 1, 12), datetime(2025, 7, 1, 12, tzinfo=INDIA)):
        _, found = await round_trip(db, "aware", value)
        assert found.utcoffset() == timedelta(0)
        assert found == value.astimezone(UTC)


async def test_a_row_is_found_by_an_instant_in_any_zone(db):
    async with db.session() as session:
        value = datetime(2025, 7, 1, 12, tzinfo=INDIA)
        await Everything.create(session, moment=value)
        for same in (value, value.astimezone(UTC), value.astimezone().replace(tzinfo=None)):
            assert await Everything.filter(session, moment=same).count() == 1
            assert await Everything.filter(session, moment={"gt": same}).count() == 0
            assert await Everything.filter(session, moment={"lte": same}).count() == 1


CLOCK_CHANGES = """
import asyncio, sys
from datetime import datetime, timezone
from fastapi_orm import Database, DateTimeField, IntegerField, Model
import store as stores

class Event(Model):
    __tablename__ = "events"
    id: int = IntegerField(primary_key=True)
    at = DateTimeField()

async def main():
    db = Database(sys.argv[1])
    await db.create_tables()
    values = [datetime(2025, 10, 26, 2, 30, fold=fold) for fold in (0, 1)]
    values += [datetime(2025, 3, 30, 2, 30), datetime(2025, 3, 30, 1, 59, 59, 999999), datetime(2025, 3, 30, 3)]
    values += [datetime(1900, 1, 1), datetime(1940, 7, 1), datetime(2300, 7, 1, 12)]
    async with db.session() as session:
        for value in values:
            await Event.create(session, at=value)
    async with db.session() as session:
        rows = await Event.all(session)
    for value, row, (text,) in zip(values, rows, stores.at(sys.argv[1]).stored("SELECT at FROM events ORDER BY id")):
        utc = value.astimezone(timezone.utc)
        assert text == utc.replace(tzinfo=None).isoformat(" ", "microseconds"), (value, text, utc)
        local = datetime.fromtimestamp(utc.replace(microsecond=0).timestamp()).replace(microsecond=utc.microsecond)
        assert (row.at, row.at.fold) == (local, local.fold), (value, row.at, row.at.fold, local)
        assert row.at.tzinfo is None
    assert rows[0].at == rows[1].at
    assert rows[0].to_response()["at"] != rows[1].to_response()["at"]
    await db.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"])
def test_local_times_around_a_change_of_the_clock_are_told_apart(tmp_path, store, zone):
    code = CLOCK_CHANGES
    if zone != "Europe/Berlin":
        code = code.replace("assert rows[0]", "# assert rows[0]")
    python(code, store.url, cwd=tmp_path, TZ=zone)


async def test_over_the_wire_an_instant_has_its_offset(db):
    async with db.session() as session:
        row = await Everything.create(session, moment=datetime(2025, 7, 1, 12, tzinfo=INDIA))
        for shown in (row.to_response()["moment"], row.to_dict()["moment"]):
            shown = datetime.fromisoformat(shown.replace("Z", "+00:00")) if isinstance(shown, str) else shown
            assert shown.tzinfo is not None
            assert shown == datetime(2025, 7, 1, 12, tzinfo=INDIA)


async def test_an_enum_member_is_stored_by_name(db, stored):
    await round_trip(db, "colour", Colour.DARK_BLUE)
    assert stored("SELECT colour FROM everything") == [("DARK_BLUE",)]


async def test_a_decimal_keeps_its_exact_value(db):
    _, found = await round_trip(db, "decimal", Decimal("0.1"))
    assert found + Decimal("0.2") == Decimal("0.3")


async def test_decimals_are_compared_as_numbers(db):
    await db.create_tables([Price])
    async with db.session() as session:
        for text in ("2", "10", "-3", "0.5", "-20"):
            await Price.create(session, decimal=Decimal(text))
        found = await Price.filter(session, decimal={"gt": Decimal("0.5")}).order_by("decimal")
        assert [row.decimal for row in found] == [2, 10]
        found = await Price.filter(session).order_by("decimal")
        assert [row.decimal for row in found] == [-20, -3, Decimal("0.5"), 2, 10]
        assert await Price.filter(session, decimal=Decimal("2.000")).count() == 1


async def test_texts_are_ordered_by_code_point(db):
    texts = ["b", "a", "B", "é", "", "\U0001d518", "\uffff"]
    async with db.session() as session:
        for text in texts:
            await Everything.create(session, text=text)
        found = await Everything.filter(session).order_by("text")
    assert [row.text for row in found] == sorted(texts)


async def test_texts_with_nul_are_matched_whole(db, path):
    async with db.session() as session:
        await Everything.create(session, text="a\0b")
        assert await Everything.filter(session, text="a").count() == 0
        assert await Everything.filter(session, text={"endswith": "b"}).count() == 1
        assert await Everything.filter(session, text={"contains": "\0b"}).count() == 1
        assert await Everything.filter(session, text={"startswith": "a\0"}).count() == 1
        assert await Everything.filter(session, text={"iexact": "A\0B"}).count() == 1


async def test_a_json_document_changed_and_assigned_is_written(db):
    async with db.session() as session:
        row = await Everything.create(session, document={"a": 1})
        row.document = {**row.document, "b": 2}
    async with db.session() as session:
        assert (await Everything.get(session, row.id)).document == {"a": 1, "b": 2}


async def test_a_generated_key_is_a_uuid(db):
    async with db.session() as session:
        first, second = await Ticket.create(session), await Ticket.create(session)
        assert isinstance(first.id, UUID)
        assert first.id != second.id
        assert (await Ticket.get(session, first.id)).id == first.id


async def test_defaults_are_made_for_each_row(db):
    async with db.session() as session:
        first, second = await Ticket.create(session), await Ticket.create(session)
        assert second.number == first.number + 1
        assert first.tags == second.tags == []
        assert first.tags is not second.tags


async def test_instants_are_filled_at_creation_and_update(db):
    before = datetime.now()
    async with db.session() as session:
        ticket = await Ticket.create(session)
        assert before <= ticket.opened <= datetime.now()
        opened, touched = ticket.opened, ticket.touched
        ticket.tags = ["new"]
        await session.flush()
        assert ticket.opened == opened
        assert ticket.touched >= touched
        again = await Ticket.get(session, ticket.id)
        assert (again.opened, again.touched) == (ticket.opened, ticket.touched)


async def test_booleans_and_integers_are_told_apart(db):
    async with db.session() as session:
        row = await Everything.create(session, boolean=True, integer=1)
        row = await Everything.get(session, row.id)
        assert row.boolean is True
        assert type(row.integer) is int


async def test_the_response_can_be_written_as_json(db):
    import json

    from fastapi.encoders import jsonable_encoder

    async with db.session() as session:
        row = await Everything.create(
            session,
            moment=datetime(2025, 1, 1),
            day=date(2025, 1, 1),
            hour=time(1),
            token=UUID(int=1),
            colour=Colour.RED,
            array=["a"],
            document={"a": 1},
        )
        text = json.loads(json.dumps(jsonable_encoder(row.to_response())))
    assert text["day"] == "2025-01-01"
    assert text["token"] == str(UUID(int=1))
    assert text["document"] == {"a": 1}
    assert text["array"] == ["a"]
