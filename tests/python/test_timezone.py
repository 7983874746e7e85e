"""The zone of a database: what its datetimes look like, and what naive ones given to it mean."""

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from fastapi_orm import (
    Database,
    DateTimeField,
    IntegerField,
    Q,
    SoftDeleteMixin,
    StringField,
    ValidationError,
)
from fastapi_orm.testing import create_test_model_base
from support import says

Base, Model = create_test_model_base()

VIENNA = ZoneInfo("Europe/Vienna")
UTC = timezone.utc


class Event(Model, SoftDeleteMixin):
    __tablename__ = "events"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=40)
    at: datetime = DateTimeField()
    aware: datetime = DateTimeField(timezone=True)
    made: datetime = DateTimeField(auto_now_add=True)
    changed: datetime = DateTimeField(auto_now=True)


@pytest.fixture
def opened(loop, store):
    """Opens the test's database with a zone."""
    databases = [Database(store.url, base=Base)]
    loop.run_until_complete(databases[0].create_tables())

    def open(zone):
        databases.append(Database(store.url, base=Base, timezone=zone))
        return databases[-1]

    yield open
    for database in databases:
        loop.run_until_complete(database.close())


@pytest.fixture
def vienna(opened):
    return opened("Europe/Vienna")


@pytest.fixture
def utc(opened):
    return opened("UTC")


async def kept(db, at):
    """A datetime there and back."""
    async with db.session() as session:
        made = await Event.create(session, name="e", at=at)
        found = await Event.get(session, made.id)
        assert found.at == made.at
        return found.at


async def test_datetimes_come_out_in_the_zone(vienna):
    summer = await kept(vienna, datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC))
    assert summer.isoformat() == "2026-07-01T14:00:00.123456+02:00" and summer.tzinfo is VIENNA
    winter = await kept(vienna, datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert winter.isoformat() == "2026-01-01T13:00:00+01:00"


async def test_utc_is_pythons_own(utc):
    at = await kept(utc, datetime(2026, 7, 1, 12, tzinfo=VIENNA))
    assert at.isoformat() == "2026-07-01T10:00:00+00:00" and at.tzinfo is UTC


async def test_naive_values_mean_the_zone(vienna, store):
    at = await kept(vienna, datetime(2026, 7, 1, 12))
    assert at.isoformat() == "2026-07-01T12:00:00+02:00"
    assert store.stored("SELECT at FROM events") == [("2026-07-01 10:00:00.000000",)]


async def test_a_naive_value_that_was_set_means_the_zone(vienna, store):
    async with vienna.session() as session:
        event = await Event.create(session, name="e")
        event.at = datetime(2026, 1, 1, 12)
        assert event.to_response()["at"] == "2026-01-01T12:00:00+01:00"
        await event.update(session, aware=datetime(2026, 1, 1, 13))
        await event.refresh(session)
        assert event.at == event.aware - timedelta(hours=1) == datetime(2026, 1, 1, 12, tzinfo=VIENNA)
    assert store.stored("SELECT at, aware FROM events") == [
        ("2026-01-01 11:00:00.000000", "2026-01-01 12:00:00.000000")
    ]


async def test_naive_values_in_filters_mean_the_zone(vienna):
    async with vienna.session() as session:
        await Event.create(session, name="e", at=datetime(2026, 7, 1, 10, tzinfo=UTC))
        noon = datetime(2026, 7, 1, 12)
        for query in (
            Event.filter(session, at=noon),
            Event.filter(session, at__in=[noon]),
            Event.filter(session, at={"gte": noon, "lte": noon}),
            Event.filter(session, at__between=(noon, noon)),
            Event.filter(session, Q(at=noon) & ~Q(at__lt=noon)),
            Event.filter(session).filter(at=noon),
            Event.filter_with_deleted(session, at=noon),
        ):
            assert await query.count() == 1
        assert await Event.count(session, at__gt=noon) == 0


async def test_naive_values_in_sql_mean_the_zone(vienna):
    async with vienna.session() as session:
        await Event.create(session, name="e", at=datetime(2026, 7, 1, 12))
        found = await session.execute("SELECT id FROM events WHERE at = :at", {"at": datetime(2026, 7, 1, 12)})
        assert found.scalar() == 1


async def test_the_second_of_two_equal_times_is_told_by_fold(vienna):
    first, second = datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1)
    assert (await kept(vienna, first)).isoformat() == "2026-10-25T02:30:00+02:00"
    later = await kept(vienna, second)
    assert later.isoformat() == "2026-10-25T02:30:00+01:00" and later.fold == 1


async def test_every_quarter_of_the_day_the_clocks_change_is_read_right(vienna):
    for day in (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)):
        async with vienna.session() as session:
            for quarter in range(24):
                await Event.create(session, name=str(day), at=day + timedelta(minutes=15 * quarter))
            for quarter, event in enumerate(await Event.filter(session, name=str(day)).order_by("id")):
                expected = (day + timedelta(minutes=15 * quarter)).astimezone(VIENNA)
                assert event.at.isoformat() == expected.isoformat()
                assert event.at.fold == expected.fold


async def test_a_time_that_the_clocks_left_out_is_read_as_python_reads_it(vienna):
    gap = datetime(2026, 3, 29, 2, 30)
    assert (await kept(vienna, gap)) == gap.replace(tzinfo=VIENNA).astimezone(UTC)


async def test_old_instants_have_the_offsets_of_their_time(vienna):
    for at in (datetime(1890, 1, 1, 12, 0, 5), datetime(1916, 5, 1), datetime(1, 1, 3), datetime(9999, 12, 30)):
        assert await kept(vienna, at) == at.replace(tzinfo=VIENNA)
        assert (await kept(vienna, at)).replace(tzinfo=None) == at


async def test_an_aware_field_is_in_utc_unless_the_database_has_a_zone(opened):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with opened("Europe/Vienna").session() as session:
        event = await Event.create(session, name="e", aware=noon)
        assert event.aware.isoformat() == "2026-07-01T14:00:00+02:00"
    async with opened(None).session() as session:
        event = await Event.get(session, event.id)
        assert event.aware.isoformat() == "2026-07-01T12:00:00+00:00"
        assert event.made.tzinfo is None


async def test_what_the_engine_fills_is_in_the_zone(utc):
    async with utc.session() as session:
        before = datetime.now(UTC)
        event = await Event.create(session, name="e")
        assert before - timedelta(seconds=1) < event.made <= datetime.now(UTC)
        await event.update(session, name="f")
        assert event.changed >= event.made and event.changed.tzinfo is UTC


async def test_deleted_at_is_in_the_zone(vienna):
    async with vienna.session() as session:
        event = await Event.create(session, name="e")
        deletion = await event.soft_delete(session)
        assert event.deleted_at.tzinfo is VIENNA and deletion.at == event.deleted_at
        assert datetime.now(UTC) - event.deleted_at < timedelta(minutes=1)
        assert type(event.deleted_at) is datetime
        found = await Event.get_with_deleted(session, event.id)
        assert found.deleted_at == event.deleted_at and type(found.deleted_at) is type(event.deleted_at)
        again = await event.soft_delete(session)
        assert event.deleted_at.tzinfo is VIENNA and not again.rows
        naive = datetime.now(VIENNA).replace(tzinfo=None)
        assert await Event.filter_with_deleted(session, deleted_at__lte=naive).count() == 1


async def test_responses_carry_the_offset_of_the_zone(vienna, utc):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with vienna.session() as session:
        event = await Event.create(session, name="e", at=noon, aware=noon)
    assert event.to_response()["at"] == event.to_dict()["aware"] == "2026-07-01T14:00:00+02:00"
    async with utc.session() as session:
        assert (await Event.get(session, event.id)).to_response()["at"] == "2026-07-01T12:00:00+00:00"


async def test_a_zone_may_be_a_tzinfo(opened):
    for zone in (VIENNA, UTC, timezone(timedelta(hours=5, minutes=30))):
        at = await kept(opened(zone), datetime(2026, 7, 1, 12))
        assert at.tzinfo is zone and at == datetime(2026, 7, 1, 12, tzinfo=zone)


async def test_a_zone_of_pytz_is_the_one_of_its_name(opened):
    class Pytz(tzinfo):
        zone = "Europe/Vienna"

    assert (await kept(opened(Pytz()), datetime(2026, 7, 1, 12))).tzinfo is VIENNA


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", 3, datetime.now])
def test_an_unknown_zone_is_refused_at_once(store, zone):
    with pytest.raises(ValidationError) as refused:
        Database(store.url, timezone=zone)
    says(refused.value, "timezone", "Europe/Vienna")


async def test_objects_of_databases_with_different_zones_are_equal_instants(opened):
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with opened("UTC").session() as session:
        event = await Event.create(session, name="e", at=at)
    async with opened("Asia/Kolkata").session() as session:
        there = await Event.get(session, event.id)
    assert there.at == event.at and there.at.isoformat() == "2026-07-01T17:30:00+05:30"
