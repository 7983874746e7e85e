"""Values that a client may send: numbers that JSON cannot say, numbers that grow when they are written out, documents
without end. Each is refused in words, or answered; none takes the loop or makes later answers fail.
"""

import json
import math
from decimal import Decimal

import httpx
import pytest
from fastapi import FastAPI

from fastapi_orm import (
    ArrayField,
    Database,
    DecimalField,
    FloatField,
    IntegerField,
    JSONField,
    StringField,
    ValidationError,
)
from fastapi_orm.testing import create_test_model_base

Base, TestModel = create_test_model_base()
INFINITE = [math.inf, -math.inf, math.nan]


class Measure(TestModel):
    __tablename__ = "measures"

    id: int = IntegerField(primary_key=True)
    weight: float = FloatField()
    price: Decimal = DecimalField(precision=10, scale=2)
    data: dict = JSONField()
    scores: list = ArrayField(float)
    name: str = StringField(max_length=20)


class Span(TestModel):
    __tablename__ = "spans"

    id: int = IntegerField(primary_key=True)
    until: float = FloatField(allow_infinity=True)


@pytest.fixture
def measures(loop, store):
    database = Database(store.url, base=Base)
    loop.run_until_complete(database.create_tables())
    yield database
    loop.run_until_complete(database.close())


def served(database):
    app = FastAPI()

    @app.post("/measures", status_code=201)
    async def create(body: Measure.create_model()):
        async with database.session() as session:
            return (await Measure.create(session, **body.model_dump())).to_response()

    @app.get("/measures")
    async def plain():
        async with database.session() as session:
            return [row.to_response() for row in await Measure.all(session)]

    @app.get("/typed", response_model=list[Measure.response_model()])
    async def typed():
        async with database.session() as session:
            return await Measure.all(session)

    @app.get("/spans", response_model=list[Span.response_model()])
    async def spans():
        async with database.session() as session:
            return await Span.all(session)

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.parametrize("number", INFINITE)
async def test_a_number_that_json_cannot_say_is_refused_wherever_it_stands(measures, number):
    async with measures.session() as session:
        row = await Measure.create(session, weight=1.5)
        for values in ({"weight": number}, {"data": {"a": [1, {"b": number}]}}, {"scores": [1.0, number]}):
            for write in (
                Measure.create(session, **values),
                Measure.bulk_create(session, [values]),
                Measure.filter(session).update(**values),
                Measure.update_by_id(session, row.id, **values),
                row.update(session, **values),
            ):
                with pytest.raises(ValidationError) as caught:
                    await write
                assert caught.value.field == next(iter(values))
            await row.refresh(session)
        with pytest.raises(ValidationError):
            await Measure.filter(session, weight=math.nan)
        assert await Measure.count(session, weight__lt=math.inf) == 1


async def test_a_body_with_such_a_number_is_refused_and_later_lists_answer(measures):
    async with served(measures) as client:
        kind = {"content-type": "application/json"}
        for body in ('{"weight": 1e999}', '{"weight": NaN}', '{"data": {"a": [-1e999]}}', '{"scores": [1, 1e999]}'):
            answer = await client.post("/measures", content=body, headers=kind)
            assert answer.status_code == 422, answer.text
        assert (await client.post("/measures", json={"weight": 2.5})).status_code == 201
        assert (await client.get("/measures")).json()[0]["weight"] == 2.5
        assert (await client.get("/typed")).json()[0]["weight"] == 2.5


async def test_a_row_with_infinity_of_another_program_is_null_on_the_wire(measures, store):
    weight = "9e999" if "sqlite" in store.url else "'Infinity'"
    data = """'{"a": [1, 1e999, {"b": -1e999}]}'"""
    async with measures.session() as session:
        await session.execute(f"INSERT INTO measures (weight, name) VALUES ({weight}, 'a')")
        if "sqlite" in store.url:
            await session.execute(f"INSERT INTO measures (data, scores, name) VALUES ({data}, '[1e999]', 'b')")
        else:
            await session.execute("INSERT INTO measures (scores, name) VALUES ('{Infinity}', 'b')")
    async with measures.session() as session:
        first, second = await Measure.all(session)
        assert first.weight == math.inf
        assert first.to_dict()["weight"] is None
        before = repr(second.data)
        response = second.to_response()
        assert response["scores"] == [None]
        if second.data is not None:
            assert response["data"] == {"a": [1, None, {"b": None}]}
            assert repr(second.data) == before, "the object keeps what the database holds"
    async with served(measures) as client:
        for path in ("/measures", "/typed"):
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            assert answer.json()[0]["weight"] is None
            assert answer.json()[1]["scores"] == [None]


async def test_infinity_is_stored_where_the_field_says_so(measures):
    async with measures.session() as session:
        span = await Span.create(session, until=math.inf)
        await span.refresh(session)
        assert span.until == math.inf
        assert await Span.count(session, until=math.inf) == 1
        with pytest.raises(ValidationError, match="NaN"):
            await Span.create(session, until=math.nan)
    async with served(measures) as client:
        assert (await client.get("/spans")).json() == [{"id": span.id, "until": None}]


def test_the_schemas_say_the_same():
    assert Span.create_model()(until=math.inf).until == math.inf
    with pytest.raises(ValueError, match="finite"):
        Measure.create_model()(weight=math.inf)
    shown = Span.response_model().model_json_schema(mode="serialization")["properties"]["until"]
    assert {"type": "null"} in shown["anyOf"]
    shown = Measure.response_model().model_json_schema(mode="serialization")["properties"]["weight"]
    assert {"type": "number"} in shown["anyOf"]


HUGE = ["1E+300000000", "-1E+300000000", "1E-300000000", "1E+999999999999", "NaN", "Infinity"]


@pytest.mark.parametrize("text", HUGE)
async def test_a_decimal_is_never_written_out_further_than_its_column_reaches(measures, text):
    number = Decimal(text)
    async with measures.session() as session:
        await Measure.create(session, price=Decimal(1))
        for refused in (
            lambda: Measure.create(session, price=number),
            lambda: Measure.filter(session).update(price=number),
            lambda: Measure.filter(session, price__gt=number),
            lambda: session.execute("SELECT :n", {"n": number}),
        ):
            with pytest.raises(ValidationError):
                await refused()


@pytest.mark.parametrize("text", ["0E+300000000", "0E-300000000", "-0E+300000000"])
async def test_zero_is_zero_however_far_its_exponent_goes(measures, text):
    async with measures.session() as session:
        row = await Measure.create(session, price=Decimal(text))
        await row.refresh(session)
        assert row.price == 0


async def test_large_numbers_are_refused_without_being_written(measures):
    async with measures.session() as session:
        for values in ({"price": 10**1_000_000}, {"weight": 10**400}, {"id": 10**1_000_000}, {"price": 1e300}):
            with pytest.raises(ValidationError):
                await Measure.create(session, **values)


async def test_documents_are_as_deep_as_every_reader_can_follow(measures):
    def nested(depth):
        return json.loads("[" * depth + "]" * depth)

    endless: list = []
    endless.append(endless)
    async with served(measures) as client, measures.session() as session:
        row = await Measure.create(session, data={"a": nested(99), "text": '[{"' * 200})
        for document in (nested(101), nested(900), {"a": nested(100)}, endless):
            with pytest.raises(ValidationError, match="deep"):
                await Measure.create(session, data=document)
        await session.commit()
        answer = await client.get("/measures")
        assert answer.json()[0]["data"] == row.data
        body = '{"data": ' + "[" * 101 + "]" * 101 + "}"
        answer = await client.post("/measures", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422, answer.text


async def test_a_long_text_is_refused_without_being_repeated(measures):
    async with measures.session() as session:
        with pytest.raises(ValidationError, match="20") as caught:
            await Measure.create(session, name="s" * 1_000_000)
        assert len(str(caught.value)) < 300
        with pytest.raises(ValidationError) as caught:
            await Measure.create(session, name=list(range(1_000_000)))
        assert len(str(caught.value)) < 300
