"""Asking the audit log: `AuditLog` is a model to be queried, and four functions ask what users ask most."""

import datetime
import decimal
import enum
import uuid

import pytest
from fastapi.encoders import jsonable_encoder

import fastapi_orm
from fastapi_orm import (
    ArrayField,
    AuditLog,
    AuditMixin,
    BooleanField,
    Database,
    DateField,
    DateTimeField,
    DecimalField,
    EnumField,
    FloatField,
    IntegerField,
    JSONField,
    MissingTableError,
    Model,
    Q,
    ReadOnlyError,
    SchemaError,
    SoftDeleteMixin,
    StringField,
    TextField,
    TimeField,
    UnknownFieldError,
    UUIDField,
    ValidationError,
    clear_audit_user,
    get_audit_metadata,
    get_audit_trail,
    get_recent_changes,
    get_user_activity,
    search_audit_logs,
    set_audit_user,
)
from fastapi_orm.testing import create_test_model_base
from models import Post, User
from recorder import recorded
from support import says


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Ship(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "ships"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=50)


class Crew(Model, AuditMixin):
    __tablename__ = "crews"

    id: uuid.UUID = UUIDField(primary_key=True, auto_generate=True)
    name: str = StringField(max_length=50)


class Manifest(Model, AuditMixin):
    __tablename__ = "manifests"

    id: int = IntegerField(primary_key=True)
    whole: int = IntegerField()
    text: str = TextField()
    truth: bool = BooleanField()
    real: float = FloatField()
    price: decimal.Decimal = DecimalField(10, 2)
    at: datetime.datetime = DateTimeField()
    day: datetime.date = DateField()
    time: datetime.time = TimeField()
    document: dict = JSONField()
    key: uuid.UUID = UUIDField()
    colour: Colour = EnumField(Colour)
    items: list = ArrayField(int)


@pytest.fixture(autouse=True)
def tables(loop, db):
    loop.run_until_complete(db.create_tables([Ship, Crew, Manifest]))
    yield
    clear_audit_user()


@pytest.fixture
def ship(loop, session):
    """A ship that was created by ada, renamed twice by bob, and deleted by nobody in particular."""

    async def sail():
        made = await Ship.create(session, name="one", _audit_user_id="ada")
        await made.update(session, name="two", _audit_user_id="bob")
        await made.update(session, name="three", _audit_user_id="bob")
        await made.soft_delete(session)
        return made

    return loop.run_until_complete(sail())


def operations(entries):
    return [entry.operation for entry in entries]


async def test_the_log_is_queried_as_any_model(session, ship):
    updates = await AuditLog.filter_by(session, model_name="Ship", model_id=str(ship.id), operation="UPDATE")
    assert [entry.changes["name"]["new"] for entry in updates] == ["two", "three"]
    assert await AuditLog.count(session, user_id="bob") == 2
    assert await AuditLog.exists(session, Q(operation="SOFT_DELETE") & Q(user_id=None))
    assert (await AuditLog.first(session)).operation == "CREATE"
    assert operations(await AuditLog.filter(session).order_by("-id").limit(2)) == ["SOFT_DELETE", "UPDATE"]
    entry = await AuditLog.get(session, updates[0].id)
    assert entry.changes == updates[0].changes
    with pytest.raises(UnknownFieldError):
        AuditLog.filter(session, modelname="Ship")


async def test_an_entry_says_who_what_and_when(session):
    set_audit_user(7, address="10.0.0.1")
    before = datetime.datetime.now()
    made = await Ship.create(session, name="a")
    after = datetime.datetime.now()
    entry = await AuditLog.first(session)
    assert (entry.model_name, entry.model_id, entry.operation) == ("Ship", str(made.id), "CREATE")
    assert entry.user_id == "7"
    assert entry.extra_data == {"address": "10.0.0.1"}
    assert before <= entry.timestamp <= after
    assert entry.changes is None
    assert entry.snapshot == {"id": made.id, "name": "a", "deleted_at": None}
    assert repr(entry) == f"<AuditLog(id={entry.id}, operation='CREATE', model_name='Ship', model_id='{made.id}')>"


FIRST = {
    "whole": 2**63 - 1,
    "text": 'a"\\\n\u00e9\U0001f600',
    "truth": False,
    "real": 0.1,
    "price": decimal.Decimal("10.50"),
    "at": datetime.datetime(2024, 5, 1, 12, 30, 0, 123456, datetime.timezone.utc),
    "day": datetime.date(2024, 5, 1),
    "time": datetime.time(12, 30, 0, 5),
    "document": {"a": [1, None, {"b": "\u00e9"}]},
    "key": uuid.UUID(int=1),
    "colour": Colour.RED,
    "items": [1, 2],
}
SECOND = {
    "whole": -(2**63),
    "text": "",
    "truth": True,
    "real": -1e300,
    "price": decimal.Decimal("-0.01"),
    "at": datetime.datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=datetime.timezone.utc),
    "day": datetime.date(1, 1, 1),
    "time": datetime.time(0, 0, 0, 1),
    "document": [],
    "key": uuid.UUID(int=2**128 - 1),
    "colour": Colour.BLUE,
    "items": [],
}


def noted(row, field):
    """What the log has for a field: what a response has, but the name of an enumeration's member, which is stored."""
    value = getattr(row, field)
    return value.name if isinstance(value, Colour) else jsonable_encoder(row.to_response()[field])


@pytest.mark.parametrize("field", FIRST)
@pytest.mark.parametrize("new", ["value", "NULL"])
async def test_a_change_is_noted_in_the_form_of_a_response(session, field, new):
    row = await Manifest.create(session, **FIRST)
    old = noted(row, field)
    await row.update(session, **{field: SECOND[field] if new == "value" else None})
    [entry] = await AuditLog.filter(session, operation="UPDATE")
    assert entry.changes == {field: {"old": old, "new": noted(row, field)}}
    assert {name: value for name, value in entry.snapshot.items() if name not in ("id", field)} == {
        name: noted(row, name) for name in FIRST if name != field
    }
    await row.update(session, **{field: FIRST[field]})
    assert (await AuditLog.last(session)).changes[field]["new"] == old


async def test_nobody_writes_to_the_log_by_the_library(session, ship):
    entry = await AuditLog.first(session)
    values = {"model_name": "Ship", "model_id": "1", "operation": "UPDATE", "timestamp": entry.timestamp}
    with pytest.raises(ReadOnlyError) as caught:
        await AuditLog.create(session, **values)
    says(caught.value, "AuditLog", "read only", "audited")
    with pytest.raises(ReadOnlyError):
        await entry.delete(session)
    with pytest.raises(ReadOnlyError):
        await entry.update(session, user_id="eve")
    with pytest.raises(ReadOnlyError):
        entry.user_id = "eve"
    with pytest.raises(ReadOnlyError):
        AuditLog(**values)
    await session.commit()
    assert len(await AuditLog.all(session)) == 4
    assert entry.user_id == "ada"


async def test_the_log_is_there_for_models_of_a_base_of_their_own(loop, store):
    base, model = create_test_model_base()

    class Boat(model, AuditMixin):
        __tablename__ = "boats"
        id: int = IntegerField(primary_key=True)

    async with Database(store.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            boat = await Boat.create(session)
            assert operations(await get_audit_trail(session, Boat, boat.id)) == ["CREATE"]
            assert await AuditLog.count(session, model_name="Boat") == 1


async def test_a_database_without_audited_models_has_no_log_until_it_is_asked_for(loop, store):
    base, _ = create_test_model_base()
    async with Database(store.another().url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            with pytest.raises(MissingTableError) as caught:
                await AuditLog.all(session)
            says(caught.value, "audit_logs", "audited", "create_tables")
        await db.create_tables([AuditLog])
        async with db.session() as session:
            assert await AuditLog.all(session) == []
        await db.drop_tables([AuditLog])
        async with db.session() as session:
            with pytest.raises(MissingTableError):
                await AuditLog.all(session)


async def test_a_table_of_ones_own_with_the_name_of_the_log_is_told_from_it(loop, store):
    base, model = create_test_model_base()
    place = store.another()

    class Log(model):
        __tablename__ = "audit_logs"
        id: int = IntegerField(primary_key=True)

    async with Database(place.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            await Log.create(session)

    class Boat(model, AuditMixin):
        __tablename__ = "boats"
        id: int = IntegerField(primary_key=True)

    async with Database(place.url, base=base) as db:
        with pytest.raises(SchemaError) as caught:
            await db.create_tables()
        says(caught.value, "Log", "audit_logs", "Boat")


async def test_the_trail_of_a_row_begins_with_the_oldest_entry(session, ship):
    await Ship.create(session, name="other")
    expected = ["CREATE", "UPDATE", "UPDATE", "SOFT_DELETE"]
    assert operations(await get_audit_trail(session, Ship, ship.id)) == expected
    assert operations(await get_audit_trail(session, "Ship", str(ship.id))) == expected


async def test_the_trail_of_a_row_by_operation(session, ship):
    for name in ("UPDATE", "update"):
        assert operations(await get_audit_trail(session, Ship, ship.id, operation=name)) == ["UPDATE", "UPDATE"]


async def test_a_limited_trail_has_the_latest_entries(session, ship):
    assert operations(await get_audit_trail(session, Ship, ship.id, limit=2)) == ["UPDATE", "SOFT_DELETE"]
    assert operations(await get_audit_trail(session, Ship, ship.id, 1, "UPDATE")) == ["UPDATE"]
    assert await get_audit_trail(session, Ship, ship.id, limit=0) == []


async def test_the_trail_of_a_row_whose_key_is_a_uuid(session):
    crew = await Crew.create(session, name="a")
    for key in (crew.id, str(crew.id)):
        assert operations(await get_audit_trail(session, Crew, key)) == ["CREATE"]


async def test_the_trail_survives_the_row(session, ship):
    await ship.delete(session, force=True)
    last = (await get_audit_trail(session, Ship, ship.id))[-1]
    assert last.operation == "DELETE"
    assert last.snapshot["name"] == "three"


async def test_a_row_that_never_was_has_no_trail(session):
    assert await get_audit_trail(session, Ship, 99) == []
    assert await get_audit_trail(session, User, 1) == []


async def test_the_activity_of_a_user_begins_with_the_newest_entry(session, ship):
    bob = await get_user_activity(session, "bob")
    assert [entry.changes["name"]["new"] for entry in bob] == ["three", "two"]
    assert len(await get_user_activity(session, "bob", limit=1)) == 1
    assert await get_user_activity(session, "bob", model_name="Crew") == []
    assert len(await get_user_activity(session, "bob", model_name=Ship)) == 2
    assert operations(await get_user_activity(session, None)) == ["SOFT_DELETE"]


async def test_a_user_may_be_named_by_a_number(session):
    await Ship.create(session, name="a", _audit_user_id=7)
    assert len(await get_user_activity(session, 7)) == 1
    assert len(await search_audit_logs(session, user_id=7)) == 1


async def test_recent_changes_begin_with_the_newest_entry(session, ship):
    await Crew.create(session, name="a")
    assert operations(await get_recent_changes(session, limit=2)) == ["CREATE", "SOFT_DELETE"]
    assert len(await get_recent_changes(session)) == 5
    assert len(await get_recent_changes(session, operation="create")) == 2
    assert operations(await get_recent_changes(session, model_name="Crew")) == ["CREATE"]


async def test_recent_changes_are_a_hundred_unless_more_are_asked_for(session):
    for number in range(101):
        await Ship.create(session, name=str(number))
    assert len(await get_recent_changes(session)) == 100
    assert len(await search_audit_logs(session)) == 100
    assert len(await get_recent_changes(session, limit=None)) == 101


async def test_a_search_fulfils_all_that_is_given(session, ship):
    trail = await get_audit_trail(session, Ship, ship.id)
    between = {"start_date": trail[1].timestamp, "end_date": trail[2].timestamp}
    assert operations(await search_audit_logs(session, **between)) == ["UPDATE", "UPDATE"]
    assert await search_audit_logs(session, **between, user_id="ada") == []
    assert len(await search_audit_logs(session, user_id="bob", model_name=Ship, operation="update", limit=1)) == 1
    later = trail[3].timestamp + datetime.timedelta(microseconds=1)
    assert await search_audit_logs(session, start_date=later) == []


async def test_a_search_takes_instants_with_a_zone(session, ship):
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9)))
    assert len(await search_audit_logs(session, end_date=now)) == 4
    assert await search_audit_logs(session, start_date=now) == []


@pytest.mark.parametrize("limit", [-1, "3", 1.5, True])
async def test_a_limit_is_a_number_of_rows(session, ship, limit):
    for question in (
        get_audit_trail(session, Ship, ship.id, limit=limit),
        get_user_activity(session, "bob", limit=limit),
        get_recent_changes(session, limit=limit),
        search_audit_logs(session, limit=limit),
    ):
        with pytest.raises(ValidationError) as caught:
            await question
        assert caught.value.field == "limit"


async def test_an_operation_that_is_none_is_refused(session, ship):
    for question in (
        get_audit_trail(session, Ship, ship.id, operation="renamed"),
        get_recent_changes(session, operation="renamed"),
        search_audit_logs(session, operation=3),
    ):
        with pytest.raises(ValidationError) as caught:
            await question
        says(caught.value, "operation", "SOFT_DELETE", "PURGE")


async def test_a_model_is_a_class_or_a_name(session):
    with pytest.raises(ValidationError) as caught:
        await get_audit_trail(session, 3, 1)
    says(caught.value, "model", "3")


async def test_each_question_is_one_statement(loop, store, session, ship):
    await session.commit()
    async with Database(store.url, echo=True) as db, db.session() as reader:
        for question in (
            get_audit_trail(reader, Ship, ship.id, limit=3),
            get_user_activity(reader, "bob", limit=3),
            get_recent_changes(reader),
            search_audit_logs(reader, start_date=datetime.datetime.now()),
        ):
            with recorded() as statements:
                await question
            assert len(statements) == 1


async def test_an_entry_is_a_mapping_of_what_is_sent(session, ship):
    [entry] = await get_audit_trail(session, Ship, ship.id, operation="CREATE")
    sent = dict(entry)
    assert sent == dict(entry.to_response())
    assert entry["operation"] == "CREATE"
    assert datetime.datetime.fromisoformat(entry["timestamp"]).tzinfo is not None
    assert entry["metadata"] is entry["extra_data"] is None
    with pytest.raises(KeyError):
        entry["nothing"]
    assert jsonable_encoder({"trail": [entry]}) == {"trail": [sent]}


async def test_changes_of_a_model_without_the_mixin_leave_no_trail(session):
    post = await Post.create(session, title="a")
    assert await get_audit_trail(session, Post, post.id) == []


def test_the_metadata_of_the_task_are_read_as_they_are_noted():
    assert get_audit_metadata() == {}
    set_audit_user("ada", address="10.0.0.1", day=datetime.date(2024, 5, 1))
    assert get_audit_metadata() == {"address": "10.0.0.1", "day": "2024-05-01"}
    clear_audit_user()
    assert get_audit_metadata() == {}


def test_the_names_of_the_older_package_are_there():
    for name in ("AuditMixin", "AuditLog", "get_audit_trail", "get_user_activity", "set_audit_user"):
        assert getattr(fastapi_orm.audit, name) is getattr(fastapi_orm, name)
