"""pydantic models made of models, in FastAPI: bodies are checked, answers have their shape, OpenAPI describes both."""

import pytest

from press import Article, app, open_press


@pytest.fixture
def client(loop, store):
    client = loop.run_until_complete(open_press(store.url))
    yield client
    loop.run_until_complete(client.aclose())
    loop.run_until_complete(app.state.db.close())


@pytest.fixture(scope="module")
def schemas():
    return app.openapi()["components"]["schemas"]


def properties(schema):
    """The properties of a schema without what only names them."""
    return {
        name: {key: value for key, value in one.items() if key != "title"} for name, one in schema["properties"].items()
    }


def or_null(**kind):
    return {"anyOf": [kind, {"type": "null"}]}


async def test_a_body_creates_a_row_and_its_answer_is_the_row(client):
    author = (await client.post("/authors", json={"name": "Ann"})).json()
    assert set(author) == {"id", "name", "email", "deleted_at"}
    answer = await client.post("/articles", json={"title": "First one", "price": "1.50", "author_id": author["id"]})
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == list(Article.__fields__)
    assert (made["slug"], made["price"], made["genre"]) == ("first-one", "1.50", "news")
    assert made["author_id"] == author["id"]
    assert made["created_at"][-6] in "+-"


async def test_rows_and_what_to_response_returned_give_the_same_bytes(client):
    for number in range(3):
        body = {"title": f"No {number}", "embargo": "2025-07-01T12:00:00", "extra": {"n": [number]}, "hour": "10:00"}
        assert (await client.post("/articles", json=body)).status_code == 201
    plain = await client.get("/articles/plain")
    assert len(plain.json()) == 3
    assert (await client.get("/articles")).json() == plain.json()
    assert (await client.get("/articles/responses")).json() == plain.json()


async def test_a_body_that_does_not_fit_is_a_422_that_names_each_field(client):
    body = {"title": "LOUD", "words": 9001, "genre": "novel", "id": 5, "deleted_at": None, "nme": 1}
    answer = await client.post("/articles", json=body)
    assert answer.status_code == 422
    found = {error["loc"][-1]: error["msg"] for error in answer.json()["detail"]}
    assert set(found) == set(body)
    assert found["title"].startswith("Validation failed for custom validator")
    assert (await client.get("/articles")).json() == []


async def test_a_patch_changes_what_was_sent(client):
    made = (await client.post("/articles", json={"title": "One", "body": "text", "words": 5})).json()
    changed = (await client.patch("/articles/1", json={"title": "Two", "body": None})).json()
    assert {**changed, "updated_at": None} == {**made, "title": "Two", "body": None, "updated_at": None}
    assert (await client.patch("/articles/1", json={})).json()["title"] == "Two"


@pytest.mark.parametrize("body", [{"title": None}, {"deleted_at": None}, {"id": 2}, {"words": -1}, {"slug": "x" * 31}])
async def test_a_patch_that_does_not_fit_is_a_422(client, body):
    await client.post("/articles", json={"title": "One"})
    answer = await client.patch("/articles/1", json=body)
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", *body]]


async def test_a_deleted_row_shows_when_it_was_deleted(client):
    await client.post("/articles", json={"title": "One"})
    deleted = (await client.delete("/articles/1")).json()
    assert deleted["deleted_at"][-6] in "+-"


async def test_nested_relations_are_shown_as_far_as_asked(client):
    author = (await client.post("/authors", json={"name": "Ann", "email": "a@b"})).json()
    await client.post("/articles", json={"title": "One", "author_id": author["id"]})
    (shown,) = (await client.get("/authors")).json()
    assert set(shown) == {"id", "name", "deleted_at", "articles"}
    assert [(one["title"], one["notes"]) for one in shown["articles"]] == [("One", [])]
    assert (await client.get("/articles/1/author")).json()["author"] == author
    assert (await client.get("/articles/2/author")).json() is None


async def test_a_relation_that_is_not_loaded_is_a_fault_of_the_server(client):
    await client.post("/authors", json={"name": "Ann"})
    assert (await client.get("/authors/short")).status_code == 500


def test_openapi_describes_an_answer(schemas):
    answer = schemas["ArticleResponse"]
    assert properties(answer) == {
        "id": {"type": "integer"},
        "title": {"type": "string", "minLength": 2, "maxLength": 20},
        "slug": {"type": "string", "maxLength": 30},
        "body": or_null(type="string"),
        "words": or_null(type="integer", minimum=0, maximum=9000),
        "rating": or_null(type="number", minimum=0.5),
        "price": or_null(type="string"),
        "free": {"type": "boolean"},
        "genre": or_null(**{"$ref": "#/components/schemas/Genre"}),
        "tags": or_null(type="array", items={"type": "string"}),
        "extra": {},
        "day": or_null(type="string", format="date"),
        "hour": or_null(type="string", format="time"),
        "token": {"type": "string", "format": "uuid"},
        "embargo": or_null(type="string", format="date-time"),
        "created_at": or_null(type="string", format="date-time"),
        "updated_at": or_null(type="string", format="date-time"),
        "author_id": or_null(type="string", format="uuid"),
        "deleted_at": or_null(type="string", format="date-time"),
    }
    assert set(answer["required"]) == set(answer["properties"])
    assert schemas["Genre"]["enum"] == ["news", "essay"]


def test_openapi_describes_bodies(schemas):
    create, update = schemas["ArticleWithOptionalSlugCreate"], schemas["ArticleUpdate"]
    assert create["required"] == ["title"]
    assert create["additionalProperties"] is update["additionalProperties"] is False
    assert "required" not in update
    shown = properties(create)
    assert shown["title"] == properties(update)["title"] == {"type": "string", "minLength": 2, "maxLength": 20}
    assert shown["words"] == {**or_null(type="integer", minimum=0, maximum=9000), "default": 0}
    assert shown["free"] == {"type": "boolean", "default": False}
    assert shown["genre"]["default"] == "news"
    assert {"id", "created_at", "updated_at", "deleted_at"}.isdisjoint(shown)
    assert set(properties(update)) == set(shown)


def test_openapi_names_each_model_once(schemas):
    assert {
        "ArticleResponse",
        "ArticleWithAuthorResponse",
        "ArticleWithNotesResponse",
        "AuthorResponse",
        "AuthorWithArticlesResponse",
        "AuthorWithArticles_NotesWithoutEmailResponse",
        "NoteResponse",
    } == {name for name in schemas if name.endswith("Response")}
    nested = schemas["AuthorWithArticles_NotesWithoutEmailResponse"]["properties"]["articles"]
    assert nested["items"] == {"$ref": "#/components/schemas/ArticleWithNotesResponse"}
