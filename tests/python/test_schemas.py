"""pydantic models made of models: what they accept, how they are named, and what happens without pydantic."""

import gc
import json
import weakref
from datetime import date, datetime, time, timezone
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel
from pydantic import ValidationError as Invalid

from fastapi_orm import (
    ForeignKeyField,
    IntegerField,
    Model,
    RelationNotLoadedError,
    SchemaError,
    StringField,
    UnknownFieldError,
)
from fastapi_orm.testing import create_test_model_base
from press import Article, Author, Genre, Note, open_press
from relatives import Writer
from support import python, says

AUTOMATIC = {"id", "created_at", "updated_at", "deleted_at"}


def article(**values):
    known = dict.fromkeys(Article.__fields__)
    return Article(**{**known, "id": 1, "title": "One", "slug": "one", "free": False, "token": uuid4(), **values})


def full():
    return article(
        body="text",
        words=5,
        rating=1.5,
        price=Decimal("1.50"),
        genre=Genre.ESSAY,
        tags=["a", "b"],
        extra={"a": [1, None, {"b": "c"}]},
        day=date(2025, 1, 2),
        hour=time(1, 2, 3, 4),
        embargo=datetime(2025, 7, 1, 12, 30, 0, 17),
        created_at=datetime(2025, 1, 1, tzinfo=timezone.utc),
        updated_at=datetime(2025, 1, 1, 5),
        deleted_at=datetime(2026, 1, 1),
        author_id=uuid4(),
    )


def errors(model, **values):
    with pytest.raises(Invalid) as caught:
        model(**values)
    return {error["loc"][0]: error["msg"] for error in caught.value.errors()}


# Answers.


@pytest.mark.parametrize("row", [full(), article()], ids=["full", "empty"])
def test_an_answer_is_on_the_wire_what_to_response_is(row):
    answer = Article.response_model()
    for given in (row, row.to_response(), row.to_dict()):
        assert json.loads(answer.model_validate(given).model_dump_json()) == row.to_response()
    assert list(answer.model_fields) == list(row.to_response())


def test_an_answer_in_python_has_the_values_of_the_row():
    row = full()
    answer = Article.response_model().model_validate(row)
    assert {name: getattr(row, name) for name in Article.__fields__} == answer.model_dump()


def test_an_answer_has_the_marker_and_no_column_of_the_engine():
    names = set(Article.response_model().model_fields)
    assert "deleted_at" in names
    assert names == set(Article.__fields__)


def test_the_same_arguments_give_the_same_class():
    assert Article.response_model() is Article.response_model(include=[], exclude=())
    assert Author.response_model(include=["articles.notes", "articles"]) is Author.response_model("articles.notes")
    assert Article.response_model(exclude="body") is Article.response_model(exclude=["body"])
    assert Article.create_model() is Article.create_model()
    assert Article.update_model() is Article.update_model()
    assert Article.update_model() is not Article.create_model()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Author.response_model(), "AuthorResponse"),
        (Author.response_model("articles"), "AuthorWithArticlesResponse"),
        (Author.response_model(["articles", "articles.notes"]), "AuthorWithArticles_NotesResponse"),
        (Article.response_model(["notes", "author"]), "ArticleWithAuthorAndNotesResponse"),
        (Article.response_model(exclude=["author_id", "body"]), "ArticleWithoutAuthorIdAndBodyResponse"),
        (Author.response_model("articles", exclude="articles.body"), "AuthorWithArticlesWithoutArticles_BodyResponse"),
        (Author.response_model("articles", name="Shelf"), "Shelf"),
        (Article.create_model(), "ArticleCreate"),
        (Article.create_model(exclude="body", optional="slug"), "ArticleWithoutBodyWithOptionalSlugCreate"),
        (Article.update_model(), "ArticleUpdate"),
        (Article.update_model(exclude="slug"), "ArticleWithoutSlugUpdate"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_name_says_what_is_in_it(model, name):
    assert issubclass(model, BaseModel)
    assert model.__name__ == name


def test_cycles_end_where_the_paths_end():
    model = Writer.response_model(["books", "books.writer", "books.writer.books", "mentor", "mentor.mentor"])
    names = set(model.model_json_schema()["$defs"])
    assert names == {
        "BookResponse",
        "BookWithWriter_BooksResponse",
        "WriterResponse",
        "WriterWithBooksResponse",
        "WriterWithMentorResponse",
    }


def test_an_unknown_relation_or_field_is_refused():
    for ask, words in [
        (lambda: Author.response_model("article"), ["Author", "article", "articles"]),
        (lambda: Author.response_model("name"), ["Author", "name", "field"]),
        (lambda: Author.response_model("articles.author.nme"), ["Author", "nme", "articles"]),
        (lambda: Author.response_model(exclude="nme"), ["Author", "nme"]),
        (lambda: Author.response_model(exclude="articles.body"), ["articles.body", "include"]),
        (lambda: Article.create_model(exclude="nme"), ["Article", "nme"]),
        (lambda: Article.create_model(optional="nme"), ["Article", "nme"]),
        (lambda: Article.update_model(exclude="nme"), ["Article", "nme"]),
    ]:
        with pytest.raises(UnknownFieldError) as caught:
            ask()
        says(caught.value, *words)


async def test_loaded_relations_are_read_and_others_are_an_error(loop, store):
    client = await open_press(store.url)
    async with client, client._transport.app.state.db as db, db.session() as session:
        author = await Author.create(session, name="Ann")
        made = await Article.create(session, title="One", slug="one", author_id=author.id)
        await Note.create(session, text="n", article_id=made.id)
        answer = Author.response_model("articles.notes")
        loaded = await Author.filter(session).include("articles.notes").first()
        shown = answer.model_validate(loaded)
        assert [(one.title, [note.text for note in one.notes]) for one in shown.articles] == [("One", ["n"])]
        for row in ((await Author.all(session))[0], loaded.to_response()):
            with pytest.raises(RelationNotLoadedError) as caught:
                answer.model_validate(row)
            says(caught.value, "Author.articles", "include")
        half = await Author.filter(session).include("articles").first()
        with pytest.raises(RelationNotLoadedError) as caught:
            answer.model_validate(half)
        says(caught.value, "Article.notes")
        response = loaded.to_response()
        response["articles"] = [{**one.to_response(), "notes": []} for one in loaded.articles]
        assert answer.model_validate(response).articles[0].title == "One"


async def test_a_reference_that_leads_nowhere_is_null(loop, store):
    client = await open_press(store.url)
    async with client, client._transport.app.state.db as db, db.session() as session:
        author = await Author.create(session, name="Ann")
        await Article.create(session, title="One", slug="one", author_id=author.id)
        await author.soft_delete(session)
        answer = Article.response_model("author")
        row = await Article.filter(session).include("author").first()
        assert answer.model_validate(row).author is None
        row = await Article.first(session)
        assert await row.author is None
        assert answer.model_validate(row).author is None


# Bodies.


def test_a_create_body_has_what_a_client_gives():
    fields = Article.create_model().model_fields
    assert set(fields) == set(Article.__fields__) - AUTOMATIC
    assert [name for name, field in fields.items() if field.is_required()] == ["title", "slug"]
    assert "id" not in Author.create_model().model_fields


def test_a_key_that_is_not_generated_is_part_of_a_create_body():
    _, model = create_test_model_base()

    class Country(model):
        code: str = StringField(max_length=2, primary_key=True)
        name: str = StringField(nullable=False)

    class Flag(model):
        country_code: str = ForeignKeyField("countries", primary_key=True)

    assert errors(Country.create_model()) == {"code": "Field required", "name": "Field required"}
    assert list(Country.update_model().model_fields) == ["name"]
    assert Flag.create_model()(country_code="de").model_dump() == {"country_code": "de"}


def test_a_create_body_has_the_defaults_of_the_fields():
    body = Article.create_model()(title="One", slug="one")
    assert (body.words, body.free, body.genre, body.tags, body.body) == (0, False, Genre.NEWS, [], None)
    assert isinstance(body.token, UUID)
    assert body.model_dump()["token"] == body.token
    assert Article.create_model()(title="One", slug="one").tags is not body.tags


def test_a_body_checks_all_that_its_fields_demand():
    assert errors(
        Article.create_model(),
        title="x",
        slug="y" * 31,
        words=-1,
        rating=0.4,
        price="12345.678",
        genre="novel",
        tags=[1],
        token=None,
        author_id=5,
        day="today",
    ) == {
        "title": "String should have at least 2 characters",
        "slug": "String should have at most 30 characters",
        "words": "Input should be greater than or equal to 0",
        "rating": "Input should be greater than or equal to 0.5",
        "price": "Decimal input should have no more than 6 digits in total",
        "genre": "Input should be 'news' or 'essay'",
        "tags": "Input should be a valid string",
        "token": "UUID input should be a string, bytes or UUID object",
        "author_id": "UUID input should be a string, bytes or UUID object",
        "day": "Input should be a valid date or datetime, input is too short",
    }


def test_a_body_runs_the_validators_and_checks_of_the_engine():
    found = errors(Article.create_model(), title="LOUD", slug="one", rating=float("nan"), extra={"a": {1}})
    assert set(found) == {"title", "rating", "extra"}
    assert found["title"].startswith("Validation failed for custom validator")
    assert errors(Note.create_model(), text="t", article_id=2**63)["article_id"].startswith(
        "article_id expects a 64-bit"
    )


@pytest.mark.parametrize("name", ["nme", "id", "deleted_at", "deletion_id", "created_at", "author"])
def test_a_name_that_no_client_gives_is_refused(name):
    assert errors(Article.create_model(), title="One", slug="one", **{name: None}) == {
        name: "Extra inputs are not permitted"
    }
    assert errors(Article.update_model(), **{name: None}) == {name: "Extra inputs are not permitted"}


def test_null_is_taken_by_fields_that_can_be_null():
    assert errors(Article.update_model(), title=None, slug=None, free=None, token=None).keys() == {
        "title",
        "slug",
        "free",
        "token",
    }
    nulls = dict.fromkeys(("body", "words", "genre", "tags", "extra", "author_id"))
    assert Article.update_model()(**nulls).model_dump() == nulls


def test_an_update_body_dumps_what_was_sent():
    body = Article.update_model()(title="Two", body=None)
    assert body.model_dump() == body.model_dump(exclude_unset=True) == {"title": "Two", "body": None}
    assert json.loads(body.model_dump_json()) == {"title": "Two", "body": None}
    body.words = 5
    assert body.model_dump() == {"title": "Two", "body": None, "words": 5}
    assert Article.update_model()().model_dump() == {}


def test_an_optional_field_of_a_create_body_may_be_left_out_and_is_not_null():
    model = Article.create_model(optional=["slug", "words"])
    body = model(title="One")
    assert "slug" not in body.model_dump()
    assert body.model_dump()["words"] == 0
    assert model(title="One", slug="one").model_dump()["slug"] == "one"
    assert set(errors(model, title="One", slug=None)) == {"slug"}
    assert model.model_json_schema()["required"] == ["title"]
    assert "default" not in model.model_json_schema()["properties"]["slug"]


def test_a_subclass_adds_to_a_body_and_to_an_answer():
    class ArticleIn(Article.create_model(exclude="slug")):
        draft: bool = False

    class ArticleOut(Article.response_model()):
        is_deleted: bool

    assert ArticleIn(title="One", draft=True).model_dump()["draft"] is True
    assert ArticleOut.model_validate(full()).is_deleted is True


# Declarations.


def test_a_reference_to_a_model_that_is_not_declared_yet_says_so():
    _, model = create_test_model_base()

    class Waiting(model):
        id: int = IntegerField(primary_key=True)
        other_id: int = ForeignKeyField("declared_nowhere")

    for ask in (Waiting.response_model, Waiting.create_model, Waiting.update_model):
        with pytest.raises(SchemaError) as caught:
            ask()
        says(caught.value, "Waiting.other_id", "declared_nowhere", "import")


def test_models_of_a_base_refer_to_each_other():
    _, model = create_test_model_base()

    class Shelf(model):
        __tablename__ = "press_articles"
        code: str = StringField(primary_key=True)

    class Box(model):
        id: int = IntegerField(primary_key=True)
        shelf_code: str = ForeignKeyField("press_articles")

    assert Box.create_model()(shelf_code="a").model_dump() == {"shelf_code": "a"}


def test_a_model_that_is_not_used_any_more_goes_with_its_pydantic_models():
    def make():
        class Passing(Model):
            id: int = IntegerField(primary_key=True)

        Passing.response_model(), Passing.create_model(), Passing.update_model()
        return weakref.ref(Passing)

    gone = make()
    gc.collect()
    assert gone() is None


WITHOUT_PYDANTIC = """
import sys
sys.modules["pydantic"] = None
import fastapi_orm
from fastapi_orm import IntegerField, Model

class Thing(Model):
    id: int = IntegerField(primary_key=True)

assert Thing(id=1).to_response() == {"id": 1}
for method in (Thing.response_model, Thing.create_model, Thing.update_model):
    try:
        method()
    except ModuleNotFoundError as error:
        print(error.name, "|", error)
"""


def test_without_pydantic_everything_else_works_and_the_error_names_the_package(tmp_path):
    lines = python(WITHOUT_PYDANTIC, cwd=tmp_path).splitlines()
    for line, method in zip(lines, ("response_model", "create_model", "update_model"), strict=True):
        assert line.startswith(f"pydantic | Thing.{method}()")
        assert "pip install pydantic" in line


def test_importing_the_library_does_not_import_pydantic(tmp_path):
    python("import sys, fastapi_orm; assert 'pydantic' not in sys.modules", cwd=tmp_path)
