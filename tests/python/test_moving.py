"""What users of the older, pure-Python package write, beside the interface that its pages describe."""

import json

import pytest
from fastapi.encoders import jsonable_encoder

import fastapi_orm
from fastapi_orm import (
    Base,
    Database,
    DatabaseUnavailableError,
    DateTimeField,
    IntegerField,
    ManyToMany,
    Model,
    SoftDeleteMixin,
    StringField,
    TimestampMixin,
    ValidationError,
    create_association_table,
)
from models import User


class Bulletin(Model, TimestampMixin, SoftDeleteMixin):
    __tablename__ = "bulletins"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=50)
    items: int = IntegerField()


bulletin_marks = create_association_table("bulletin_marks", "bulletins", "marks", Base)


class Mark(Model):
    __tablename__ = "marks"

    id: int = IntegerField(primary_key=True)
    bulletins = ManyToMany("Bulletin", secondary=bulletin_marks)


class Jotting(TimestampMixin, Model):
    __tablename__ = "timed_notes"

    id: int = IntegerField(primary_key=True)


async def test_a_response_has_its_fields_as_attributes(db, session):
    await db.create_tables([Bulletin])
    bulletin = await Bulletin.create(session, title="a", items=3)
    response = bulletin.to_response()
    assert response.title == "a"
    assert response.deleted_at is None
    assert response.model_dump() == dict(response)
    assert json.loads(json.dumps(response)) == jsonable_encoder(response)
    assert callable(response.items), "a method goes before a field of its name"
    assert response["items"] == 3
    with pytest.raises(AttributeError, match="titel"):
        _ = response.titel
    assert not hasattr(response, "__html__")


async def test_timestamps_are_written_by_the_mixin(db, session):
    await db.create_tables([Bulletin, Jotting])
    bulletin = await Bulletin.create(session, title="a")
    assert bulletin.created_at == bulletin.updated_at
    await bulletin.update(session, title="b")
    assert bulletin.created_at < bulletin.updated_at
    note = await Jotting.create(session)
    assert list(note.to_dict()) == ["created_at", "updated_at", "id"]
    assert isinstance(Jotting.__fields__["created_at"], DateTimeField)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///:memory:"),
        ("sqlite:///./a@b.db", "sqlite:///./a@b.db"),
    ],
)
def test_a_database_knows_its_address_and_whether_it_logs(url, shown):
    db = Database(url)
    assert db.database_url == shown
    assert db.echo is False
    assert Database(url, echo=True).echo is True


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+asyncpg://ann:s@cr:et@host/db", "postgresql+asyncpg://ann:****@host/db"),
        ("postgresql://ann@host/db", "postgresql://ann@host/db"),
        ("postgresql://host/db?user=ann&password=secret&x=1", "postgresql://host/db?user=ann&password=****&x=1"),
        (
            "postgresql://host/db?pass%77ord=secret&PASSWORD=secret",
            "postgresql://host/db?pass%77ord=****&PASSWORD=****",
        ),
        ("postgresql://ann:p%40:/@host/db?x=a@b", "postgresql://ann:****@host/db?x=a@b"),
        ("postgresql://host/db?password=a@b:c", "postgresql://host/db?password=****"),
        ("sqlite:///app.db?timeout=5", "sqlite:///app.db?timeout=5"),
    ],
)
def test_a_password_is_masked(url, shown):
    from fastapi_orm.database import _masked

    assert _masked(url) == shown


def test_no_text_of_a_database_shows_a_password():
    from pydantic import PostgresDsn

    address = PostgresDsn("postgresql+asyncpg://ann:secret@localhost/db")
    for url in (address, str(address), "postgresql://localhost/db?user=ann&pass%77ord=secret"):
        db = Database(url)
        shown = f"{db!r} {db.database_url} {db.get_connection_info()}"
        assert "secret" not in shown and "ann" in shown
    for wrong in (b"postgresql://ann:secret@localhost/db", {"password": "secret"}, "postgres//ann:secret@localhost"):
        with pytest.raises((ValidationError, DatabaseUnavailableError)) as raised:
            Database(wrong)
        assert "secret" not in f"{raised.value} {raised.value!r}"


async def test_a_base_is_what_tables_of_links_are_declared_with(db, session):
    await db.create_tables([Bulletin, Mark])
    bulletin = await Bulletin.create(session, title="a")
    mark = await Mark.create(session, bulletins=[bulletin])
    assert [row.title for row in await (await Mark.get(session, mark.id)).bulletins] == ["a"]


def test_names_are_where_they_were():
    from fastapi_orm.database import Base as same
    from fastapi_orm.mixins import TimestampMixin as mixin
    from fastapi_orm.query import Q

    assert (same, mixin, Q) == (Base, TimestampMixin, fastapi_orm.Q)


async def test_all_columns_may_be_named_by_a_set(session):
    user = await User.create(session, username="a")
    assert user.to_dict(exclude={"deleted_at"}) == {"id": user.id, "username": "a"}
    assert user.to_dict(include={"username"}) == {"username": "a"}
    assert user.to_dict(include=("id",)) == {"id": user.id}
    with pytest.raises(ValidationError, match="username"):
        user.to_dict(include="username")


async def test_deleted_rows_come_in_pages(session):
    users = [await User.create(session, username=str(n)) for n in range(5)]
    await User.bulk_soft_delete(session, [user.id for user in users[:3]])
    assert [user.username for user in await User.only_deleted(session, limit=2, offset=1)] == ["1", "2"]
    assert [user.username for user in await User.all_with_deleted(session, limit=2, offset=2)] == ["2", "3"]


def test_the_paths_that_users_import_from_are_there():
    from fastapi_orm.relations import ForeignKeyField, ManyToOne, OneToMany
    from fastapi_orm.relations import ManyToMany as Many
    from fastapi_orm.relations import create_association_table as table
    from fastapi_orm.streaming import CursorPaginator

    assert (ForeignKeyField, Many, table) == (fastapi_orm.ForeignKeyField, ManyToMany, create_association_table)
    assert (ManyToOne, OneToMany) == (fastapi_orm.ManyToOne, fastapi_orm.OneToMany)
    assert CursorPaginator is fastapi_orm.CursorPaginator


def test_a_condition_shows_its_terms_as_it_did():
    assert repr(fastapi_orm.Q(username="john", age__gte=18)) == "Q(username=john, age__gte=18)"
