"""Models of a test's own, apart from all others."""

from fastapi_orm import Database, ForeignKeyField, IntegerField, ManyToOne, Model, OneToMany, StringField
from fastapi_orm.testing import create_test_model_base
from models import User as GlobalUser


def models():
    base, model = create_test_model_base()

    class User(model):
        __tablename__ = "users"
        id: int = IntegerField(primary_key=True)
        nick: str = StringField(max_length=20)
        posts = OneToMany("Post", back_populates="author")

    class Post(model):
        __tablename__ = "posts"
        id: int = IntegerField(primary_key=True)
        author_id: int = ForeignKeyField("users")
        author = ManyToOne("User", back_populates="posts")

    return base, User, Post


async def test_they_may_have_the_names_of_others(loop, store):
    base, user, post = models()
    db = Database(store.url, base=base)
    await db.create_tables()
    async with db.session() as session:
        made = await user.create(session, nick="n")
        await post.create(session, author_id=made.id)
        assert [row.author_id for row in await made.posts] == [made.id]
    assert store.columns("users") == ["id", "nick"]
    assert GlobalUser.__tablename__ == user.__tablename__
    await db.close()


async def test_a_database_holds_the_models_of_its_base_only(loop, store):
    base, *_ = models()
    db = Database(store.url, base=base)
    await db.create_tables()
    assert store.tables() == ["posts", "users"]
    await db.close()


def test_two_bases_know_nothing_of_each_other():
    first, second = models(), models()
    assert first[1] is not second[1]
    assert first[0].__registry__ is not second[0].__registry__ is not Model.__registry__


def test_their_models_are_models():
    _, model = create_test_model_base()
    assert issubclass(model, Model)
    assert model.__abstract__


async def test_databases_in_memory_are_apart(loop):
    base, user, _ = models()
    one, two = (Database("sqlite+aiosqlite:///:memory:", base=base) for _ in range(2))
    for db in (one, two):
        await db.create_tables()
    async with one.session() as session:
        await user.create(session, nick="n")
    async with two.session() as session:
        assert await user.count(session) == 0
    await one.close()
    await two.close()
