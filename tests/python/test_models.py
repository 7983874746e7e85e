"""Declaring models: names, bases, abstract models, methods, and classes that are declared anew."""

import gc
from uuid import UUID

import pytest

from fastapi_orm import (
    ArrayField,
    Database,
    DecimalField,
    EnumField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    ManyToOne,
    Model,
    OneToMany,
    SchemaError,
    SoftDeleteMixin,
    StringField,
    UnknownFieldError,
)
from fastapi_orm.testing import create_test_model_base
from models import Memo, Post, User
from support import python, says


class Timestamped(Model):
    __abstract__ = True

    label: str = StringField(max_length=20, default="none")

    def shout(self):
        return self.label.upper()


class Meeting(Timestamped, SoftDeleteMixin):
    __tablename__ = "meetings"

    id: int = IntegerField(primary_key=True)


class Named:
    """A plain mixin with a field."""

    name: str = StringField(max_length=20)


class Room(Named, Model):
    __tablename__ = "rooms"

    id: int = IntegerField(primary_key=True)


WIDE = {f"field_{n}": IntegerField(default=lambda n=n: n) for n in range(150)}
Wide = type(Model)("Wide", (Model,), {"__tablename__": "wide", "id": IntegerField(primary_key=True), **WIDE})


class SubwayStation(Model):
    id: int = IntegerField(primary_key=True)


class City(Model):
    id: int = IntegerField(primary_key=True)


async def test_fields_and_methods_of_an_abstract_model_are_inherited(db, session):
    await db.create_tables([Meeting])
    meeting = await Meeting.create(session, label="daily")
    assert meeting.shout() == "DAILY"
    assert (await Meeting.create(session)).label == "none"


async def test_fields_of_a_plain_mixin_are_inherited(db, session):
    await db.create_tables([Room])
    room = await Room.create(session, name="attic")
    assert (await Room.get(session, room.id)).name == "attic"


def test_a_table_is_named_after_its_model_unless_it_says_otherwise():
    assert SubwayStation.__tablename__ == "subway_stations"
    assert City.__tablename__ == "cities"
    assert Meeting.__tablename__ == "meetings"


async def test_create_tables_can_be_repeated(db, session, stored):
    await Post.create(session, title="a")
    await session.commit()
    await db.create_tables([User, Post, Memo])
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_drop_tables_drops_them(db, store):
    await db.drop_tables([Memo])
    assert "memos" not in store.tables()


async def test_a_response_is_a_dict_of_the_fields(session):
    post = await Post.create(session, title="a", content="c")
    response = post.to_response()
    assert list(response)[:3] == ["id", "title", "content"]
    assert set(response) == set(Post.__fields__)
    assert response["title"] == "a"
    assert response["published"] is False


async def test_two_responses_do_not_share_state(session):
    post = await Post.create(session, title="a")
    post.to_response()["title"] = "changed"
    assert post.title == "a"
    assert post.to_response()["title"] == "a"


async def test_to_dict_takes_and_leaves_fields(session):
    post = await Post.create(session, title="a")
    assert post.to_dict(include=["id", "title"]) == {"id": post.id, "title": "a"}
    assert "title" not in post.to_dict(exclude=["title"])


async def test_repr_names_the_row(session):
    user = await User.create(session, username="john")
    assert repr(user) == f"<User(id={user.id}, username='john')>"
    assert repr(User(username="jane")) == "<User(id=None, username='jane')>"


def test_an_instance_is_made_with_known_fields_only():
    assert Post(title="a").title == "a"
    with pytest.raises(UnknownFieldError) as refused:
        Post(titel="a")
    says(refused.value, "Post", "titel")


async def test_a_model_of_a_function_can_be_declared_again_once_it_is_gone(db, session):
    def declare():
        class Passing(Model, SoftDeleteMixin):
            __tablename__ = "passing"

            id: int = IntegerField(primary_key=True)

        return Passing

    for _ in range(3):
        model = declare()
        await db.create_tables([model])
        async with db.session() as fresh:
            assert await model.create(fresh) is not None
        del model


def test_two_live_models_of_one_table_are_refused():
    with pytest.raises(SchemaError) as refused:

        class Impostor(Model):
            __tablename__ = "posts"

            id: int = IntegerField(primary_key=True)

    says(refused.value, "Impostor", "Post", "posts", "__tablename__")


def test_a_refused_model_leaves_the_first_one_as_it_was():
    with pytest.raises(SchemaError):

        class Impostor(Model):
            __tablename__ = "memos"

            id: int = IntegerField(primary_key=True)

    gc.collect()
    assert Memo.__tablename__ == "memos"
    assert "text" in Memo.__fields__


def test_a_model_without_a_key_is_refused():
    with pytest.raises(SchemaError) as refused:

        class Keyless(Model):
            __tablename__ = "keyless"

            name: str = StringField(max_length=20)

    says(refused.value, "Keyless", "primary_key=True")


async def never(value):
    return False


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (lambda: IntegerField(min_length=3), ["Odd", "field", "length"]),
        (lambda: JSONField(max_length=3), ["Odd", "field", "length"]),
        (lambda: StringField(max_value=3), ["Odd", "field", "value"]),
        (lambda: StringField(max_length=3, min_length=4), ["Odd", "field", "min_length", "max_length"]),
        (lambda: IntegerField(min_value=3, max_value=2), ["Odd", "field", "min_value", "max_value"]),
        (lambda: IntegerField(min_value="three"), ["Odd", "field", "min_value"]),
        (lambda: DecimalField(precision=2, scale=3), ["Odd", "field", "precision", "scale"]),
        (lambda: DecimalField(precision=0, scale=0), ["Odd", "field", "precision"]),
        (lambda: DecimalField(precision=5, scale=-1), ["precision", "scale"]),
        (lambda: EnumField(str), ["EnumField", "Enum"]),
        (lambda: ArrayField(UUID), ["ArrayField", "UUID"]),
        (lambda: IntegerField(validators=[3]), ["validators"]),
        (lambda: IntegerField(validators=bool), ["validators"]),
        (lambda: IntegerField(validators=[never]), ["validators", "async"]),
        (lambda: ForeignKeyField(User), ["ForeignKeyField", "table"]),
    ],
)
def test_an_option_that_says_nothing_about_its_field_is_refused(field, words):
    with pytest.raises(SchemaError) as refused:
        type(Model)("Odd", (Model,), {"id": IntegerField(primary_key=True), "field": field()})
    says(refused.value, *words)


async def test_a_foreign_key_to_another_column_than_the_key_is_refused(db):
    Base, Declared = create_test_model_base()

    class Parent(Declared):
        id: int = IntegerField(primary_key=True)
        code: str = StringField(max_length=20, unique=True)

    class Child(Declared):
        id: int = IntegerField(primary_key=True)
        parent_id: int = ForeignKeyField("parents.id")
        parent_code: str = ForeignKeyField("parents.code")

    with pytest.raises(SchemaError) as refused:
        await Database("sqlite:///:memory:", base=Base).create_tables()
    says(refused.value, "Child", "parent_code", "parents.code", "parents.id")


def test_a_key_that_is_text_is_shown_once():
    _, Declared = create_test_model_base()

    class Country(Declared):
        code: str = StringField(max_length=2, primary_key=True)
        name: str = StringField(max_length=20)

    assert repr(Country(code="at", name="Austria")) == "<Country(code='at', name='Austria')>"


CELL = """
from fastapi_orm import IntegerField, Model, SoftDeleteMixin, StringField

class Post(Model, SoftDeleteMixin):
    __tablename__ = "posts"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
"""

NOTEBOOK = f"""
import asyncio
from fastapi_orm import Database

CELL = {CELL!r}

async def main():
    db = Database("sqlite://")
    for number in range(50):
        exec(CELL, globals())
        await db.create_tables()
        async with db.session() as session:
            post = await Post.create(session, title=str(number))
            await post.soft_delete(session)
            await post.restore(session)
    async with db.session() as session:
        assert len(await Post.all(session)) == 50
    await db.close()

asyncio.run(main())
"""


def test_a_cell_of_a_notebook_can_be_run_again(tmp_path):
    python(NOTEBOOK, cwd=tmp_path)


def test_a_module_with_models_can_be_reloaded(tmp_path):
    (tmp_path / "blog_models.py").write_text(CELL)
    code = """
import asyncio, importlib, sys
sys.path.insert(0, ".")
import blog_models
from fastapi_orm import Database

async def main():
    db = Database("sqlite://")
    for _ in range(5):
        importlib.reload(blog_models)
        await db.create_tables()
        async with db.session() as session:
            await blog_models.Post.create(session, title="a")
    await db.close()

asyncio.run(main())
"""
    python(code, cwd=tmp_path)


def test_a_relation_named_by_class_is_resolved_late(tmp_path):
    code = """
import asyncio
from fastapi_orm import Database, ForeignKeyField, IntegerField, ManyToOne, Model, OneToMany

class Author(Model):
    id: int = IntegerField(primary_key=True)
    books = OneToMany("Book", back_populates="author")

class Book(Model):
    id: int = IntegerField(primary_key=True)
    author_id: int = ForeignKeyField("authors")
    author = ManyToOne("Author", back_populates="books")

async def main():
    db = Database("sqlite://")
    await db.create_tables()
    async with db.session() as session:
        author = await Author.create(session)
        book = await Book.create(session, author_id=author.id)
        assert [b.id for b in await author.books] == [book.id]
        assert (await book.author).id == author.id
    await db.close()

asyncio.run(main())
"""
    python(code, cwd=tmp_path)


def test_models_can_be_declared_after_the_database_and_the_session(tmp_path):
    code = """
import asyncio
from fastapi_orm import Database

async def main():
    db = Database("sqlite://")
    async with db.session() as session:
        from fastapi_orm import ForeignKeyField, IntegerField, Model, SoftDeleteMixin

        class Parent(Model, SoftDeleteMixin):
            __tablename__ = "parents"
            id: int = IntegerField(primary_key=True)

        class Child(Model, SoftDeleteMixin):
            __tablename__ = "children"
            id: int = IntegerField(primary_key=True)
            parent_id: int = ForeignKeyField("parents")

        await db.create_tables()
        parent = await Parent.create(session)
        await Child.create(session, parent_id=parent.id)
        deletion = await parent.soft_delete(session, cascade=True)
        assert deletion.rows == {"parents": 1, "children": 1}, deletion.rows
    await db.close()

asyncio.run(main())
"""
    python(code, cwd=tmp_path)


async def test_an_unused_relation_attribute_of_the_class_is_the_relation(session):
    assert isinstance(User.posts, OneToMany)
    assert isinstance(Post.author, ManyToOne)


async def test_the_database_can_be_closed_twice(db):
    await db.close()
    await db.close()


async def test_two_databases_of_one_schema_are_apart(loop, tmp_path):
    from fastapi_orm import Database

    async with Database("sqlite://") as one, Database("sqlite://") as two:
        for database in (one, two):
            await database.create_tables([User, Post])
        async with one.session() as session:
            await User.create(session, username="u")
        async with two.session() as session:
            assert await User.all(session) == []


async def test_sessions_of_one_memory_database_share_it(loop):
    from fastapi_orm import Database

    async with Database("sqlite+aiosqlite:///:memory:") as database:
        await database.create_tables([User])
        async with database.session() as session:
            await User.create(session, username="u")
        async with database.session() as session:
            assert len(await User.all(session)) == 1


async def test_a_model_may_have_many_fields(db, session):
    await db.create_tables([Wide])
    row = await Wide.create(session, field_140=-1)
    assert [getattr(row, f"field_{n}") for n in range(150)] == [-1 if n == 140 else n for n in range(150)]
    row.field_149 = -2
    row.field_0 = -3
    await session.commit()
    async with db.session() as other:
        row = await Wide.get(other, row.id)
        assert [row.field_0, row.field_1, row.field_140, row.field_148, row.field_149] == [-3, 1, -1, 148, -2]
