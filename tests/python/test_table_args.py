"""`__table_args__`: what is unique together, and indexes. What is not understood is an error, never left out."""

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy import Index as SqlalchemyIndex

from fastapi_orm import (
    Database,
    DuplicateRecordError,
    Index,
    IntegerField,
    SchemaError,
    SoftDeleteMixin,
    StringField,
    composite_unique,
    create_composite_index,
    create_composite_unique,
)
from fastapi_orm.testing import create_test_model_base
from support import says


def visits(arguments, *bases):
    """A base, and a model with these arguments."""
    base, model = create_test_model_base()

    class Visit(model, *bases):
        __tablename__ = "visits"
        __table_args__ = arguments

        id: int = IntegerField(primary_key=True)
        place: str = StringField(max_length=50)
        day: int = IntegerField()

    return base, Visit


async def indexes(store, arguments, *bases):
    base, _ = visits(arguments, *bases)
    place = store.another()
    async with Database(place.url, base=base) as db:
        await db.create_tables()
    return {name: sql for name, sql in sorted(place.indexes().items()) if "place" in sql}


UNIQUE = {
    "a tuple": ("place", "day"),
    "a list": ["place", "day"],
    "composite_unique": composite_unique("place", "day"),
    "create_composite_unique": create_composite_unique("visits", "place", "day"),
    "Index": Index("place", "day", unique=True),
    "create_composite_index": create_composite_index("visits", "place", "day", unique=True),
    "SQLAlchemy's UniqueConstraint": UniqueConstraint("place", "day"),
    "SQLAlchemy's Index": SqlalchemyIndex("uq_one", "place", "day", unique=True),
}


@pytest.mark.parametrize("entry", UNIQUE.values(), ids=UNIQUE)
async def test_fields_are_unique_together(loop, store, entry):
    base, model = visits((entry,))
    async with Database(store.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            await model.create(session, place="a", day=1)
            await model.create(session, place="a", day=2)
            with pytest.raises(DuplicateRecordError) as caught:
                await model.create(session, place="a", day=1)
            assert (caught.value.field, caught.value.value) == ("place, day", ("a", 1))


INDEX = {
    "Index": (Index("place", "day"), "ix_visits_place_day"),
    "Index, its name": (Index("place", "day", name="by_place"), "by_place"),
    "Index, its name first": (Index("by_place", "place", "day"), "by_place"),
    "create_composite_index": (create_composite_index("visits", "place", "day", name="by_place"), "by_place"),
    "SQLAlchemy's Index": (SqlalchemyIndex("by_place", "place", "day"), "by_place"),
}


@pytest.mark.parametrize(("entry", "name"), INDEX.values(), ids=INDEX)
async def test_an_index_is_created(loop, store, entry, name):
    found = await indexes(store, (entry,))
    assert list(found) == [name]
    assert "UNIQUE" not in found[name]


async def test_an_index_of_one_field(loop, store):
    assert list(await indexes(store, (Index("place"),))) == ["ix_visits_place"]


async def test_an_index_covers_live_rows_where_there_are_others(loop, store):
    found = await indexes(store, (composite_unique("place", "day", name="once"),), SoftDeleteMixin)
    assert "UNIQUE" in found["once"]
    assert "deleted_at" in found["once"]


async def test_options_of_other_databases_are_no_mistake(loop, store):
    options = {"mysql_engine": "InnoDB", "extend_existing": True}
    assert list(await indexes(store, (("place", "day"), options))) == ["uq_visits_place_day"]
    assert await indexes(store, options) == {}


async def test_arguments_of_an_abstract_class_are_inherited(loop, store):
    base, model = create_test_model_base()

    class Placed(model):
        __abstract__ = True
        __table_args__ = (("place", "day"),)
        place: str = StringField(max_length=50)
        day: int = IntegerField()

    class Visit(Placed):
        __tablename__ = "visits"
        id: int = IntegerField(primary_key=True)

    async with Database(store.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            await Visit.create(session, place="a", day=1)
            with pytest.raises(DuplicateRecordError):
                await Visit.create(session, place="a", day=1)


REFUSED = {
    "a check": ((CheckConstraint("day > 0"),), ["CheckConstraint", "validators"]),
    "None": ((None,), ["None"]),
    "names alone": (("place", "day"), ["names alone", "(('place', 'day'),)"]),
    "a name": ("place", ["names alone"]),
    "a number": ((("place", 3),), ["by text"]),
    "nothing": ((Index(),), ["by text"]),
    "an unknown field": ((("place", "dya"),), ["dya"]),
    "an unknown option": (({"schema": "public"},), ["schema"]),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_an_error(arguments, words):
    with pytest.raises(SchemaError) as caught:
        visits(arguments)
    says(caught.value, "Visit")
    assert all(word in str(caught.value) for word in words), str(caught.value)
