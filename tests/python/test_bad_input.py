"""What is refused: each error names what it is about and says what to do, and nothing is written."""

import asyncio
import gc
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from fastapi_orm import (
    ArrayField,
    BooleanField,
    ConstraintError,
    Database,
    DatabaseUnavailableError,
    DateField,
    DateTimeField,
    DecimalField,
    DuplicateRecordError,
    EnumField,
    FastAPIOrmException,
    FloatField,
    IntegerField,
    JSONField,
    MissingTableError,
    Model,
    RecordNotFoundError,
    SessionError,
    StringField,
    TextField,
    TimeField,
    UnknownFieldError,
    UUIDField,
    ValidationError,
    exceptions,
)
from models import MODELS, Memo, Post, User
from store import SqliteStore
from support import environment, python, says
from test_types import Colour


class Typed(Model):
    __tablename__ = "typed"

    id: int = IntegerField(primary_key=True)
    integer: int = IntegerField()
    text: str = TextField()
    boolean: bool = BooleanField()
    double: float = FloatField()
    moment: datetime = DateTimeField()
    day: date = DateField()
    hour = TimeField()
    document = JSONField()
    token: UUID = UUIDField()
    colour: Colour = EnumField(Colour)
    array: list = ArrayField(str)


class Priced(Model):
    __tablename__ = "priced"

    id: int = IntegerField(primary_key=True)
    decimal: Decimal = DecimalField(precision=6, scale=2)


class Limited(Model):
    __tablename__ = "limited"

    id: int = IntegerField(primary_key=True)
    age: int = IntegerField(min_value=18, max_value=99)
    code: str = StringField(min_length=3, max_length=5)
    even: int = IntegerField(validators=[lambda value: value % 2 == 0])


class Coded(Model):
    __tablename__ = "coded"

    code: str = StringField(primary_key=True, max_length=10)


@pytest.fixture
def unchanged(loop, db, session, store):
    """A block that writes nothing, even if the session commits after its error."""
    loop.run_until_complete(db.create_tables([*MODELS, Typed, Limited, Coded]))

    @contextmanager
    def check():
        before = store.dump()
        yield
        assert store.dump() == before

    return check


# Unknown names.


@pytest.mark.parametrize("verb", ["create", "filter", "only_deleted", "filter_with_deleted"])
async def test_an_unknown_field_is_named(session, unchanged, verb):
    with unchanged():
        with pytest.raises(UnknownFieldError) as refused:
            await getattr(Post, verb)(session, titel="a")
        says(refused.value, "Post", "titel", "title")
        await session.commit()


async def test_an_unknown_field_of_an_update_is_named(session, unchanged):
    post = await Post.create(session, title="a")
    await session.commit()
    with unchanged():
        with pytest.raises(UnknownFieldError) as refused:
            await post.update(session, titel="b")
        says(refused.value, "Post", "titel")
        await session.commit()


async def test_an_unknown_field_is_refused_beside_known_ones(session, unchanged):
    with unchanged():
        with pytest.raises(UnknownFieldError):
            await Post.create(session, title="a", content="c", nope=1)
        await session.commit()


async def test_the_hidden_column_is_no_field(session, unchanged):
    for attempt in (
        lambda: Post.create(session, title="a", deletion_id=b"0" * 16),
        lambda: Post.filter(session, deletion_id=None),
        lambda: Post.filter(session).order_by("deletion_id"),
    ):
        with unchanged():
            with pytest.raises(UnknownFieldError) as refused:
                await attempt()
            says(refused.value, "Post", "deletion_id")
            await session.commit()


async def test_an_unknown_operator_is_named(session, unchanged):
    for operator in ("like", "GTE", "", "gte "):
        with pytest.raises((UnknownFieldError, ValidationError)) as refused:
            await Post.filter(session, views={operator: 1})
        says(refused.value, "Post", "views", "gte")
        assert f"'{operator}'" in str(refused.value)


async def test_an_empty_filter_of_a_field_is_not_every_row(session, unchanged):
    await Post.create(session, title="a")
    with pytest.raises(FastAPIOrmException) as refused:
        await Post.filter(session, views={})
    says(refused.value, "Post", "views")


async def test_an_unknown_field_to_order_by_is_named(session, unchanged):
    for name in ("titel", "-titel", "title; DROP TABLE posts", "", "--title"):
        with pytest.raises(UnknownFieldError) as refused:
            await Post.filter(session).order_by(name)
        says(refused.value, "Post")


@pytest.mark.parametrize(
    "call",
    [
        lambda post, session: post.soft_delete(session, cascaed=True),
        lambda post, session: post.restore(session, cascaed=True),
        lambda post, session: post.delete(session, froce=True),
        lambda post, session: Post.bulk_soft_delete(session, [1], cascaed=True),
        lambda post, session: Post.bulk_restore(session, [1], cascaed=True),
    ],
)
async def test_an_unknown_keyword_of_a_verb_is_named(session, unchanged, call):
    post = await Post.create(session, title="a")
    await session.commit()
    with unchanged():
        with pytest.raises(TypeError, match=r"cascaed|froce"):
            await call(post, session)
        await session.commit()


# Values that do not fit.

WRONG = [
    ("integer", "1", "str"),
    ("integer", 1.5, "float"),
    ("integer", True, "bool"),
    ("integer", 2**63, "int"),
    ("integer", -(2**63) - 1, "int"),
    ("integer", [1], "list"),
    ("text", 1, "int"),
    ("text", b"a", "bytes"),
    ("text", ["a"], "list"),
    ("text", Colour.RED, "Colour"),
    ("boolean", "true", "str"),
    ("boolean", 2, "int"),
    ("double", "1.0", "str"),
    ("double", 10**400, "int"),
    ("double", True, "bool"),
    ("double", float("nan"), "NaN"),
    ("double", float("inf"), "infinity"),
    ("decimal", "1.0", "str"),
    ("decimal", Decimal("NaN"), "Decimal"),
    ("decimal", Decimal("Infinity"), "Decimal"),
    ("decimal", Decimal("123456.00"), "Decimal"),
    ("decimal", Decimal("0.001"), "Decimal"),
    ("moment", "2025-01-01", "str"),
    ("moment", date(2025, 1, 1), "date"),
    ("moment", 0, "int"),
    ("moment", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), "datetime"),
    ("moment", datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), "datetime"),
    ("day", "2025-01-01", "str"),
    ("day", datetime(2025, 1, 1), "datetime"),
    ("hour", "10:00", "str"),
    ("document", object(), "object"),
    ("document", {1: object()}, "int"),
    ("document", {"a": {1, 2}}, "set"),
    ("document", float("nan"), "float"),
    ("token", "12345678", "str"),
    ("token", 1, "int"),
    ("colour", "GREEN", "str"),
    ("array", "ab", "str"),
    ("array", {"a": 1}, "dict"),
    ("array", [1], "list"),
]


@pytest.mark.parametrize(
    ("field", "value", "kind"), WRONG, ids=[f"{field}-{kind}-{n}" for n, (field, _, kind) in enumerate(WRONG)]
)
async def test_a_value_of_the_wrong_type_is_refused_at_creation(db, session, unchanged, field, value, kind):
    model = Priced if field == "decimal" else Typed
    await db.create_tables([model])
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            await model.create(session, **{field: value})
        says(refused.value, model.__name__, field)
        assert refused.value.field == field
        says(refused.value, (kind, *ALIASES.get(kind, ())))
        await session.commit()


# Other words that a message may have where the type alone would say nothing.
ALIASES = {
    "int": ("integer", "range", "64-bit"),
    "float": ("NaN",),
    "Decimal": ("NaN", "digits", "finite", "Infinity"),
    "str": ("GREEN",),
    "Colour": ("enum",),
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("integer", "1"),
        ("integer", 1.5),
        ("text", 1),
        ("moment", "2025-01-01"),
        ("moment", {"gte": "yesterday"}),
        ("integer", {"in": [1, "2"]}),
        ("integer", {"in": 1}),
        ("integer", {"between": [1]}),
        ("integer", {"between": 1}),
        ("integer", {"contains": "1"}),
        ("text", {"contains": 1}),
        ("text", {"contains": None}),
        ("text", {"is_null": "yes"}),
        ("integer", {"gt": None}),
        ("integer", [1, 2]),
    ],
)
async def test_a_value_of_the_wrong_type_is_refused_in_a_filter(session, unchanged, field, value):
    with pytest.raises(ValidationError) as refused:
        await Typed.filter(session, **{field: value})
    says(refused.value, "Typed", field)


async def test_a_value_of_the_wrong_type_is_refused_at_an_update(session, unchanged):
    row = await Typed.create(session, integer=1)
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            await row.update(session, integer="2")
        says(refused.value, "Typed", "integer", "str")
        await session.rollback()
        await session.commit()


async def test_a_value_of_the_wrong_type_is_refused_when_it_is_assigned_or_written(session, unchanged):
    row = await Typed.create(session, integer=1)
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            row.integer = "2"
            await session.commit()
        says(refused.value, "Typed", "integer", "str")
        await session.rollback()


async def test_a_wrong_value_among_changes_leaves_the_others_unwritten(session, unchanged):
    rows = [await Typed.create(session, integer=n) for n in range(3)]
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError):
            for row, value in zip(rows, [10, "wrong", 30], strict=True):
                row.integer = value
            await session.commit()
        await session.rollback()


async def test_null_is_refused_where_it_is_not_allowed(session, unchanged):
    for values in ({}, {"title": None}, {"content": "c"}):
        with unchanged():
            with pytest.raises(ValidationError) as refused:
                await Post.create(session, **values)
            says(refused.value, "Post", "title", "null")
            await session.commit()


async def test_null_is_refused_at_an_update(session, unchanged):
    post = await Post.create(session, title="a")
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            post.title = None
            await session.commit()
        says(refused.value, "Post", "title", "null")
        await session.rollback()


async def test_a_text_longer_than_its_limit_is_refused(session, unchanged):
    assert len((await Post.create(session, title="\U0001d518" * 200)).title) == 200
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            await Post.create(session, title="x" * 201)
        says(refused.value, "Post", "title", "200")
        await session.commit()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"age": 17}, ("age", "Value must be >= 18")),
        ({"age": 100}, ("age", "Value must be <= 99")),
        ({"code": "ab"}, ("code", "Length must be >= 3")),
        ({"code": "abcdef"}, ("code", "Length must be <= 5")),
        ({"even": 3}, ("even", "Validation failed for custom validator")),
    ],
)
async def test_a_value_outside_its_bounds_is_refused(session, unchanged, values, words):
    good = await Limited.create(session, age=18, code="abc", even=2)
    await session.commit()
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            await Limited.create(session, **values)
        says(refused.value, "Limited", *words)
        with pytest.raises(ValidationError) as refused:
            for name, value in values.items():
                setattr(good, name, value)
            await session.commit()
        says(refused.value, "Limited", *words)
        await session.rollback()


def test_a_field_can_be_asked_by_hand():
    field = IntegerField(nullable=False, min_value=18)
    assert field.validate(18, "age") == 18
    for value, message in [(17, "Value must be >= 18"), (None, "Field cannot be null")]:
        with pytest.raises(ValidationError) as refused:
            field.validate(value, "age")
        says(refused.value, "age", message)


async def test_a_text_with_a_lone_surrogate_is_refused(session, unchanged):
    with unchanged():
        with pytest.raises((ValidationError, UnicodeEncodeError)) as refused:
            await Post.create(session, title="\ud800")
        if isinstance(refused.value, ValidationError):
            says(refused.value, "Post", "title")
        await session.commit()


async def test_deleted_at_cannot_be_written_by_hand(session, unchanged):
    post = await Post.create(session, title="a")
    await session.commit()
    with unchanged():
        with pytest.raises(FastAPIOrmException) as refused:
            await Post.create(session, title="b", deleted_at=datetime.now())
        says(refused.value, "Post", "deleted_at", "soft_delete")
        with pytest.raises(FastAPIOrmException) as refused:
            post.deleted_at = datetime.now()
            await session.commit()
        says(refused.value, "Post", "deleted_at", "soft_delete")
        await session.rollback()


# Keys.

WRONG_IDS = ["1", "first", 1.0, True, None, 2**63, [1], UUID(int=1), b"1"]


@pytest.mark.parametrize("id", WRONG_IDS, ids=repr)
async def test_an_id_of_the_wrong_type_is_refused(session, unchanged, id):
    for attempt in (Post.get, Post.get_with_deleted):
        with pytest.raises(ValidationError) as refused:
            await attempt(session, id)
        says(refused.value, "Post", "id")
        if id is not None and not isinstance(id, int):
            says(refused.value, type(id).__name__)


@pytest.mark.parametrize("id", WRONG_IDS, ids=repr)
async def test_a_bulk_verb_with_one_wrong_id_takes_no_row(session, unchanged, id):
    post = await Post.create(session, title="a")
    await session.commit()
    with unchanged():
        for verb in (Post.bulk_soft_delete, Post.bulk_restore):
            with pytest.raises(ValidationError) as refused:
                await verb(session, [post.id, id])
            says(refused.value, "Post", "id")
        await session.commit()


@pytest.mark.parametrize("ids", [5, "12", None], ids=repr)
async def test_a_bulk_verb_without_a_list_of_ids_is_refused(session, unchanged, ids):
    with unchanged():
        with pytest.raises((TypeError, ValidationError)):
            await Post.bulk_soft_delete(session, ids)
        await session.commit()


async def test_a_text_key_of_the_wrong_type_is_refused(session, unchanged):
    with pytest.raises(ValidationError) as refused:
        await Coded.get(session, 5)
    says(refused.value, "Coded", "code", "int")


async def test_a_taken_key_is_refused(session, unchanged):
    await Coded.create(session, code="x")
    await User.create(session, username="ann")
    await session.commit()
    with unchanged():
        with pytest.raises(DuplicateRecordError) as refused:
            await Coded.create(session, code="x")
        says(refused.value, "Coded", "code")
        with pytest.raises(DuplicateRecordError) as refused:
            await User.create(session, username="ann")
        assert str(refused.value) == "User with username=ann already exists"
        assert (refused.value.model, refused.value.field, refused.value.value) == ("User", "username", "ann")
        await session.commit()


async def test_a_taken_key_is_refused_at_an_update(session, unchanged):
    await User.create(session, username="ann")
    bob = await User.create(session, username="bob")
    await session.commit()
    with unchanged():
        bob.username = "ann"
        with pytest.raises(DuplicateRecordError) as refused:
            await session.commit()
        assert str(refused.value) == "User with username=ann already exists"
        await session.rollback()


async def test_a_foreign_key_without_its_row_is_refused(session, unchanged):
    with unchanged():
        with pytest.raises(ConstraintError) as refused:
            await Memo.create(session, text="a", post_id=404)
        says(refused.value, "Memo", ("foreign key", "post_id"))
        await session.commit()


async def test_a_foreign_key_of_the_wrong_type_is_refused(session, unchanged):
    post = await Post.create(session, title="a")
    await session.commit()
    for value in ("1", post, 1.0, True):
        with unchanged():
            with pytest.raises(ValidationError) as refused:
                await Memo.create(session, text="a", post_id=value)
            says(refused.value, "Memo", "post_id", type(value).__name__)
            await session.commit()


async def test_a_row_that_is_gone_is_not_updated_or_deleted(session, unchanged, db):
    post = await Post.create(session, title="a")
    await session.commit()
    async with db.session() as other:
        await (await Post.get(other, post.id)).delete(other, force=True)
    with unchanged():
        post.title = "b"
        with pytest.raises(RecordNotFoundError) as refused:
            await session.commit()
        says(refused.value, "Post", f"id={post.id}")
        await session.rollback()


class Guarded(Model):
    __tablename__ = "guarded"

    id: int = IntegerField(primary_key=True)
    made: int = IntegerField(default=lambda: HOOKS.make())
    checked: int = IntegerField(validators=[lambda value: HOOKS.check(value)])


HOOKS = SimpleNamespace(make=lambda: 1, check=lambda value: True)


async def test_a_default_that_fails_or_does_not_fit_writes_nothing(db, session, unchanged, monkeypatch):
    await db.create_tables([Guarded])
    with unchanged():
        monkeypatch.setattr(HOOKS, "make", lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            await Guarded.create(session, checked=1)
        monkeypatch.setattr(HOOKS, "make", lambda: "text")
        with pytest.raises(ValidationError) as refused:
            await Guarded.create(session, checked=1)
        says(refused.value, "Guarded", "made", "str")
        await session.commit()


async def test_a_validator_that_raises_refuses_the_value(db, session, unchanged, monkeypatch):
    await db.create_tables([Guarded])

    def refuse(value):
        raise ValueError("only on Sundays")

    row = await Guarded.create(session, checked=1)
    await session.commit()
    monkeypatch.setattr(HOOKS, "check", refuse)
    with unchanged():
        with pytest.raises(ValidationError) as refused:
            await Guarded.create(session, checked=2)
        says(refused.value, "Guarded", "checked")
        with pytest.raises(ValidationError):
            row.checked = 3
            await session.commit()
        await session.rollback()


@pytest.mark.parametrize(
    "refine",
    [
        lambda query: query.limit(-1),
        lambda query: query.limit("5"),
        lambda query: query.limit(1.5),
        lambda query: query.limit(2**64),
        lambda query: query.offset(-1),
        lambda query: query.offset(2**64),
        lambda query: query.offset(None),
        lambda query: query.order_by(5),
        lambda query: query.order_by(None),
    ],
)
async def test_a_page_that_cannot_be_is_refused(session, unchanged, refine):
    with pytest.raises((FastAPIOrmException, TypeError, OverflowError)):
        await refine(Post.filter(session))


async def test_more_keys_than_a_statement_takes_are_all_taken_or_refused_by_name(session, unchanged):
    ids = [(await Post.create(session, title="a")).id for _ in range(3)]
    await session.commit()
    keys = [*ids, *range(1000, 41_000)]
    for attempt in (
        lambda: Post.filter(session, id={"in": keys}).count(),
        lambda: Post.bulk_soft_delete(session, keys),
        lambda: Post.bulk_restore(session, keys),
    ):
        try:
            assert await attempt() == 3
        except FastAPIOrmException as refused:
            says(refused, "Post", "32766")


async def test_a_document_that_json_cannot_hold_is_refused(session, unchanged):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    endless = []
    endless.append(endless)
    for document in (deep, endless, "\ud800", {"a": object()}, float("inf")):
        with unchanged():
            with pytest.raises(ValidationError) as refused:
                await Typed.create(session, document=document)
            says(refused.value, "Typed", "document")
            await session.commit()


async def test_an_error_leaves_the_session_usable(session, unchanged):
    await Post.create(session, title="first")
    for attempt in (
        lambda: Post.create(session, title=None),
        lambda: Post.create(session, title="a", nope=1),
        lambda: Memo.create(session, text="a", post_id=404),
        lambda: Post.get(session, "x"),
    ):
        with pytest.raises(FastAPIOrmException):
            await attempt()
    await Post.create(session, title="second")
    await session.commit()
    assert [post.title for post in await Post.all(session)] == ["first", "second"]


@pytest.mark.parametrize("name", [name for name in exceptions.__all__ if name != "FastAPIOrmException"])
def test_every_exception_is_one_of_the_library(name):
    assert issubclass(getattr(exceptions, name), FastAPIOrmException)


# Sessions.


async def test_a_closed_session_is_refused(db, unchanged):
    async with db.session() as session:
        post = await Post.create(session, title="a")
    with unchanged():
        for attempt in (
            lambda: Post.get(session, 1),
            lambda: Post.all(session),
            lambda: Post.create(session, title="b"),
            lambda: post.soft_delete(session),
            lambda: Post.filter(session).count(),
            lambda: session.commit(),
            lambda: session.flush(),
        ):
            with pytest.raises(SessionError) as refused:
                await attempt()
            says(refused.value, "session", "closed", "new")


async def test_a_session_of_a_generator_is_closed_after_the_loop(db, unchanged):
    async for session in db.get_session():
        await Post.create(session, title="a")
    with pytest.raises(SessionError):
        await Post.all(session)


async def test_a_session_used_by_two_tasks_at_once_is_refused(db, unchanged, store):
    async with db.session() as session:
        with store.locked() as lock:
            first = asyncio.ensure_future(Post.create(session, title="first"))
            await asyncio.sleep(0)  # the first one starts, and waits for the lock
            for attempt in (lambda: Post.create(session, title="second"), lambda: Post.all(session)):
                with pytest.raises(SessionError) as refused:
                    await attempt()
                says(refused.value, "session", "task")
            lock.release()
            post = await first
    assert post.title == "first"
    async with db.session() as session:
        assert [post.title for post in await Post.all(session)] == ["first"]


async def test_something_else_than_a_session_is_refused(db, session, unchanged):
    post = await Post.create(session, title="a")
    await session.commit()
    for wrong in (None, db, 1, "session", db.session()):
        with unchanged():
            for attempt in (lambda w: Post.get(w, 1), lambda w: Post.all(w), lambda w: post.soft_delete(w)):
                with pytest.raises((TypeError, FastAPIOrmException)) as refused:
                    await attempt(wrong)
                says(refused.value, "session")


async def test_a_closed_database_is_refused(db, unchanged):
    await db.close()
    with pytest.raises(SessionError) as refused:
        async with db.session() as session:
            await Post.all(session)
    says(refused.value, "Database", "closed")


# Tables and relations.


async def test_a_missing_table_is_named(loop, store):
    async with Database(store.url) as db:
        for attempt in (
            lambda s: Post.all(s),
            lambda s: Post.get(s, 1),
            lambda s: Post.create(s, title="a"),
            lambda s: Post.filter(s).count(),
            lambda s: Post.bulk_soft_delete(s, [1]),
        ):
            with pytest.raises(MissingTableError) as refused:
                async with db.session() as session:
                    await attempt(session)
            says(refused.value, "Post", "posts", "create_tables()")
    assert store.dump() == {}


async def test_a_missing_table_is_found_once_it_is_made(loop, store):
    async with Database(store.url) as db, db.session() as session:
        with pytest.raises(MissingTableError):
            await Post.all(session)
        await db.create_tables(MODELS)
        assert await Post.all(session) == []


async def test_a_missing_journal_is_told(loop, db, stored):
    stored("DROP TABLE reprieve_deletions")
    async with db.session() as session:
        post = await Post.create(session, title="a")
        await session.commit()
        with pytest.raises(MissingTableError) as refused:
            await post.soft_delete(session)
        says(refused.value, "reprieve_deletions", "create_tables()")
        await session.rollback()
    assert stored("SELECT deleted_at FROM posts") == [(None,)]


RELATION = """
import asyncio
from fastapi_orm import Database, ForeignKeyField, IntegerField, ManyToOne, Model, OneToMany, SchemaError

class Author(Model):
    __tablename__ = "authors"
    id: int = IntegerField(primary_key=True)
    BODY

async def main():
    db = Database("sqlite:///relation.db")
    try:
        await db.create_tables()
    except SchemaError as error:
        print(error)
    else:
        raise SystemExit("accepted")
    await db.close()

asyncio.run(main())
import os, sqlite3
if os.path.exists("relation.db"):
    assert sqlite3.connect("relation.db").execute("SELECT * FROM sqlite_master").fetchall() == []
"""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('books = OneToMany("Bok")', ("Author.books", "Bok", "import")),
        ('books = ManyToOne("Bok")', ("Author.books", "Bok", "import")),
        ('friends = OneToMany("Author")', ("Author.friends", "Author", "ForeignKeyField('authors')")),
        ('city_id: int = ForeignKeyField("cities")', ("Author", "city_id", "cities")),
    ],
)
def test_a_relation_that_leads_nowhere_is_named(tmp_path, body, words):
    message = python(RELATION.replace("BODY", body), cwd=tmp_path)
    says(Exception(message), *words)


def test_a_declaration_that_cannot_be_is_named(tmp_path):
    code = """
from fastapi_orm import ForeignKeyField, IntegerField, Model, SchemaError, StringField

def declare(**body):
    try:
        type(Model)("Broken", (Model,), {"__tablename__": "broken", **body})
    except SchemaError as error:
        assert "Broken" in str(error), error
    else:
        raise SystemExit(f"accepted: {body}")

key = IntegerField(primary_key=True)
declare(id=IntegerField())
declare(id=key, other=IntegerField(primary_key=True))
declare(id=key, up_id=ForeignKeyField("broken", on_delete="EXPLODE"))
declare(id=key, deletion_id=IntegerField(), name=StringField(max_length=-1))
"""
    python(code, cwd=tmp_path)


# Files.


async def refused_by_the_file(address, write=True):
    """What the first use of this database says."""
    db = Database(address)
    try:
        with pytest.raises(DatabaseUnavailableError) as refused:
            await db.create_tables(MODELS)
        return refused.value
    finally:
        await db.close()


async def test_a_file_that_is_no_database_is_refused(loop, path, store):
    content = b"Dear diary,\n" * 500
    path.write_bytes(content)
    says(await refused_by_the_file(store.url), path.name, "SQLite")
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


async def test_a_short_file_that_is_no_database_is_refused(loop, path, store):
    path.write_bytes(b"hello")
    says(await refused_by_the_file(store.url), path.name, "SQLite")
    assert path.read_bytes() == b"hello"


async def test_a_directory_is_refused(loop, tmp_path):
    says(await refused_by_the_file(SqliteStore(tmp_path).url), tmp_path.name)


async def test_a_file_in_a_missing_folder_is_refused(loop, tmp_path):
    says(await refused_by_the_file(SqliteStore(tmp_path / "nowhere" / "test.db").url), "test.db", "folder")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["mysql://host/name", "blog.db", "", "sqlite3:///x.db"])
def test_an_address_that_no_driver_speaks_is_refused(address, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatabaseUnavailableError) as refused:
        Database(address)
    says(refused.value, "sqlite")
    assert list(tmp_path.iterdir()) == []


def test_an_address_with_a_password_is_not_repeated():
    with pytest.raises(DatabaseUnavailableError) as refused:
        Database("mysql://user:secret@host/name")
    assert "secret" not in str(refused.value)


POSTS = """
import asyncio, os, sys
from fastapi_orm import *
from fastapi_orm.exceptions import *

class Post(Model, SoftDeleteMixin):
    __tablename__ = "posts"
    id: int = IntegerField(primary_key=True)
    title: str = TextField(nullable=False)

"""

READ_ONLY = """
async def main():
    if os.getuid() == 0:
        os.setuid(65534)
    db = Database("sqlite:///" + sys.argv[1])
    try:
        async with db.session() as session:
            await Post.create(session, title="b")
    except DatabaseUnavailableError as error:
        print(error)
    else:
        raise SystemExit("written")
    await db.close()

asyncio.run(main())
"""


@pytest.fixture
def public():
    """A folder that every user of the machine can enter, with a database of one post."""
    with tempfile.TemporaryDirectory(prefix="reprieve-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        code = (
            POSTS
            + """
async def main():
    async with Database("sqlite:///test.db") as db:
        await db.create_tables()
        async with db.session() as session:
            await Post.create(session, title="a")

asyncio.run(main())
"""
        )
        python(code, cwd=folder)
        assert [entry.name for entry in folder.iterdir()] == ["test.db"]
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_read_only_file_is_refused(public):
    before = SqliteStore(public / "test.db").dump()
    (public / "test.db").chmod(0o444)
    public.chmod(0o777)
    message = python(POSTS + READ_ONLY, str(public / "test.db"), cwd=public)
    public.chmod(0o755)
    says(Exception(message), "test.db", "read-only")
    assert SqliteStore(public / "test.db").dump() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_read_only_folder_is_refused(public):
    before = SqliteStore(public / "test.db").dump()
    (public / "test.db").chmod(0o666)
    public.chmod(0o555)
    message = python(POSTS + READ_ONLY, str(public / "test.db"), cwd=public)
    public.chmod(0o755)
    says(Exception(message), "test.db", ("read-only", "read and write"))
    assert SqliteStore(public / "test.db").dump() == before


FULL = """
import resource

async def main():
    db = Database("sqlite:///full.db")
    await db.create_tables()
    async with db.session() as session:
        await Post.create(session, title="acknowledged")
    LIMIT
    acknowledged = 1
    try:
        while acknowledged < 3000:
            async with db.session() as session:
                for _ in range(3):
                    await Post.create(session, title="x" * 5000)
            acknowledged += 3
    except DatabaseUnavailableError as error:
        print(error)
    else:
        raise SystemExit("the disk never was full")
    UNLIMIT
    async with db.session() as session:
        count = await Post.filter(session).count()
        assert count == acknowledged, (count, acknowledged)
        await Post.create(session, title="there is room again")
    await db.close()

asyncio.run(main())
import sqlite3
assert sqlite3.connect("full.db").execute("PRAGMA integrity_check").fetchall() == [("ok",)]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit there")
def test_a_file_that_cannot_grow_is_told(tmp_path):
    code = FULL.replace("LIMIT", "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))", 1)
    code = code.replace("UNLIMIT", "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))")
    code = code.replace("import resource\n", "import resource\n_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n")
    says(Exception(python(POSTS + code, cwd=tmp_path)), "full.db", ("disk", "space"))


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounting a small disk needs Linux")
def test_a_full_disk_is_told(tmp_path):
    code = FULL.replace("UNLIMIT", "os.remove('ballast')").replace("LIMIT", "", 1)
    mount = 'mount -t tmpfs -o size=2m reprieve "$1" && cd "$1" && head -c 500000 /dev/zero > ballast && '
    command = ["unshare", "--mount", "sh", "-c", mount + 'exec "$2" -c "$3"', "sh", str(tmp_path), sys.executable]
    if subprocess.run([*command, ""], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    done = subprocess.run([*command, POSTS + code], env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    says(Exception(done.stdout), "full.db", "space")


async def test_a_lock_held_for_too_long_is_told(loop, path, store):
    async with Database(store.url) as db:
        await db.create_tables(MODELS)
    async with Database(store.url + "?timeout=0.05") as db:
        with store.locked():
            with pytest.raises(exceptions.DatabaseTimeoutError) as refused:
                async with db.session() as session:
                    await Post.create(session, title="a")
            says(refused.value, path.name, "locked")
            assert isinstance(refused.value, TimeoutError)
            async with db.session() as session:
                assert await Post.all(session) == [], "readers do not wait"
        async with db.session() as session:
            await Post.create(session, title="a")


@pytest.mark.parametrize(("parameter", "pool_timeout"), [("?timeout=0.05", 30.0), ("", 0.05), ("?timeout=0.06", 0.05)])
async def test_a_session_that_waits_for_another_one_of_its_own_task_is_told(loop, path, store, parameter, pool_timeout):
    async with Database(store.url + parameter, pool_timeout=pool_timeout) as db:
        await db.create_tables(MODELS)
        async with db.session() as outer:
            await Post.create(outer, title="outer")
            with pytest.raises(exceptions.DatabaseTimeoutError) as refused:
                async with db.session() as inner:
                    await Post.create(inner, title="inner")
            says(refused.value, "session", "commit", "roll", parameter.partition("=")[2] or "0.05")
        async with db.session() as session:
            assert [post.title for post in await Post.all(session)] == ["outer"]


async def test_a_session_that_is_dropped_leaves_no_lock(db, unchanged, store):
    with unchanged():
        context = db.session()
        session = await context.__aenter__()
        await Post.create(session, title="a")
        del session, context
        gc.collect()
        await store.assert_settled()


async def test_coroutines_made_before_one_that_cannot_be_are_let_go_of(session):
    with pytest.warns(RuntimeWarning, match="never awaited"), pytest.raises(ValidationError, match="title"):
        _ = [Post.create(session, title="a"), Post.filter(session, title__gt=1)]


async def test_a_coroutine_that_is_never_awaited_does_nothing(db, session, unchanged, store):
    with unchanged():
        pending = Post.create(session, title="a")
        close = getattr(pending, "close", None)
        if close:
            close()
        del pending
        gc.collect()
        await session.commit()
        await store.assert_settled()


@pytest.mark.parametrize(
    ("name", "value"),
    [("url", None), ("pool_size", "5"), ("pool_size", -1), ("max_overflow", 2**70), ("base", 5), ("timezone", 5)],
)
def test_an_argument_of_a_database_that_is_of_another_kind_is_named(name, value):
    with pytest.raises(ValidationError) as refused:
        Database(**{"url": "sqlite:///:memory:", name: value})
    assert refused.value.field == name


@pytest.mark.parametrize("models", [Post, "posts", ["posts"], [None], 5])
async def test_what_is_no_list_of_models_has_no_tables(db, models):
    for verb in (db.create_tables, db.drop_tables):
        with pytest.raises(ValidationError) as refused:
            await verb(models)
        says(refused.value, "models")
