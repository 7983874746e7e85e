"""`to_response()`: a mapping to its user, a type that FastAPI's encoder passes at once, and instants with offsets."""

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timezone

import pytest
from fastapi.encoders import ENCODERS_BY_TYPE, jsonable_encoder

from fastapi_orm import DateTimeField, EnumField, IntegerField, JSONField, Model, Response, StringField
from models import Post
from support import python, serving
from test_types import Colour


class Report(Model):
    __tablename__ = "reports"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=100)
    body: dict = JSONField()
    colour: Colour = EnumField(Colour)
    at: datetime = DateTimeField(timezone=True)


@pytest.fixture
def report():
    return Report(id=1, title="a", body={"a": [1]}, colour=Colour.RED)


def test_a_response_is_a_mapping(report):
    response = report.to_response()
    assert isinstance(response, Response)
    assert isinstance(response, Mapping) and isinstance(response, MutableMapping)
    assert list(response) == list(response.keys()) == ["id", "title", "body", "colour", "at"]
    assert list(reversed(response))[-1] == "id"
    assert next(iter(response.items())) == ("id", 1)
    assert list(response.values())[1] == "a"
    assert len(response) == 5
    assert response["title"] == response.get("title") == "a"
    assert "title" in response and "nothing" not in response and 5 not in response
    assert response.get("nothing") is None and response.get("nothing", 7) == 7
    assert repr(response) == repr(dict(response))
    with pytest.raises(KeyError, match="nothing"):
        response["nothing"]
    with pytest.raises(TypeError):
        hash(response)
    match response:
        case {"title": title}:
            assert title == "a"


def test_an_object_that_an_endpoint_returns_is_encoded_as_its_response(report):
    assert jsonable_encoder(report) == jsonable_encoder(report.to_response())
    assert jsonable_encoder([report])[0]["title"] == "a"
    assert dict(report) == report.to_response()


def test_a_response_is_equal_to_a_dictionary_and_unpacks_like_one(report):
    response, plain = report.to_response(), report.to_dict()
    assert type(plain) is dict
    assert response == plain and plain == response and response == report.to_response()
    assert response != {} and response != 5
    assert {**response} == dict(response) == response.copy() == plain
    assert dict(**response, more=1) == {**plain, "more": 1}
    assert response | {"more": 1} == plain | {"more": 1}
    assert {"more": 1} | response == {"more": 1} | plain


def test_a_response_can_be_changed(report):
    response = report.to_response()
    response["more"] = 1
    response.update(title="b", other=2)
    response |= {"third": 3}
    assert isinstance(response, Response)
    assert response.pop("more") == 1 and response.pop("more", None) is None
    assert response.setdefault("other", 5) == 2 and response.popitem() == ("third", 3)
    del response["body"]
    assert response == {"id": 1, "title": "b", "colour": response["colour"], "at": None, "other": 2}
    response.clear()
    assert response == {} and not response
    assert report.title == "a"
    with pytest.raises(KeyError):
        response.pop("more")


def test_a_response_can_be_written_as_json(report):
    response, plain = report.to_response(), report.to_dict()
    assert json.dumps(response) == json.dumps(plain)
    assert json.dumps([{"one": response}], indent=2) == json.dumps([{"one": plain}], indent=2)
    with pytest.raises(TypeError, match="object is not JSON serializable"):
        json.dumps(object())


def test_a_response_is_copied_and_pickled_as_a_dictionary(report):
    response, plain = report.to_response(), report.to_dict()
    for twin in (copy.copy(response), copy.deepcopy(response), pickle.loads(pickle.dumps(response))):
        assert twin == plain
        twin["title"] = "b"
    assert response["title"] == "a"


def test_the_encoder_of_fastapi_passes_a_response_at_once():
    response = Post(id=1, title="a", created_at=datetime(2025, 1, 1)).to_response()
    assert Response in ENCODERS_BY_TYPE
    encoded = jsonable_encoder([response])[0]
    assert type(encoded) is dict
    assert encoded == response
    # Not even a copy was made.
    response["title"] = "b"
    assert encoded["title"] == "b"


def test_the_encoder_of_fastapi_still_encodes_what_json_does_not_have(report):
    response = report.to_response()
    response["at"] = datetime(2025, 1, 1, tzinfo=timezone.utc)
    response["set"] = {1}
    assert jsonable_encoder({"one": response})["one"] == {
        **report.to_dict(),
        "at": "2025-01-01T00:00:00+00:00",
        "set": [1],
    }
    assert type(response["at"]) is datetime


def test_fastapi_is_not_imported_for_it():
    code = """if True:
        import sys
        from fastapi_orm import IntegerField, Model
        class Thing(Model):
            id: int = IntegerField(primary_key=True)
        thing = Thing(id=1)
        assert thing.to_response() == {"id": 1}
        assert not any(name.partition(".")[0] in ("starlette", "fastapi", "pydantic") for name in sys.modules)
        from fastapi.encoders import ENCODERS_BY_TYPE
        response = thing.to_response()
        assert ENCODERS_BY_TYPE[type(response)](response) == {"id": 1}
    """
    subprocess.run([sys.executable, "-c", code], check=True)


INSTANTS = """
import time
from datetime import datetime, timedelta, timezone
from itertools import product
from fastapi_orm import DateTimeField, IntegerField, Model

class Event(Model):
    id: int = IntegerField(primary_key=True)
    at = DateTimeField()

def shown(value):
    return Event(id=1, at=value).to_response()["at"]

days = [datetime(y, m, d) for y, m, d in [
    (1, 1, 1), (2, 1, 2), (1893, 3, 31), (1911, 3, 10), (1940, 4, 1), (1970, 1, 1), (1972, 1, 7), (2011, 12, 29),
    (2025, 3, 9), (2025, 3, 30), (2025, 10, 26), (2025, 11, 2), (2025, 4, 6), (2037, 7, 1), (2300, 7, 1),
    (9998, 12, 30),
]]
steps = [timedelta(minutes=m, microseconds=u) for m, u in product(range(-60, 1500, 7), (0, 1))]
zones = (None, timezone.utc, timezone(timedelta(hours=5, minutes=30)))
for day, step, fold, zone in product(days, steps, (0, 1), zones):
    try:
        value = (day + step).replace(fold=fold, tzinfo=zone)
        expected = value.astimezone().isoformat()
    except (OverflowError, ValueError):
        continue
    assert shown(value) == expected, (value, fold, shown(value), expected)

value = datetime(2025, 7, 1, 12)
for zone in ("Asia/Kolkata", "America/New_York", "UTC", "Europe/Berlin"):
    import os
    os.environ["TZ"] = zone
    time.tzset()
    assert shown(value) == value.astimezone().isoformat(), zone
"""


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]
)
def test_an_instant_is_shown_with_its_local_offset(tmp_path, zone):
    python(INSTANTS, cwd=tmp_path, TZ=zone)


def test_an_app_without_response_models_answers_the_same_bytes_as_with_dictionaries(tmp_path, store):
    with serving("library:app", tmp_path, LIBRARY_DATABASE=store.url) as server:
        client = server.client()
        for number in range(20):
            status, book = client.call(
                "POST", f"/books?title=Book {number} é".replace(" ", "%20").replace("é", "%C3%A9")
            )
            assert (status, book["title"]) == (201, f"Book {number} é")
        status, books = client.call("GET", "/books")
        assert (status, len(books)) == (200, 20)
        assert client.call("GET", "/plain") == (200, books)
        assert datetime.fromisoformat(books[0]["created_at"]).tzinfo
        client.close()
