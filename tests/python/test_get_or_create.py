"""`get_or_create` and `update_or_create`: one row by exact values, whoever else asks for it."""

import asyncio
import itertools

import pytest

from fastapi_orm import (
    AuditMixin,
    Database,
    DuplicateRecordError,
    ForeignKeyField,
    IntegerField,
    JSONField,
    ManyToOne,
    Model,
    OneToMany,
    Q,
    RecordDeletedError,
    RestoreConflict,
    SchemaError,
    SoftDeleteMixin,
    StringField,
    UnknownFieldError,
    ValidationError,
    get_audit_trail,
)
from models import Post, User
from recorder import recorded
from support import python, says

SERIALS = itertools.count(1)


class Firm(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "firms"
    __upsert_deleted__ = "revive"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=20, nullable=False, unique=True)
    tax: str = StringField(max_length=20, unique=True)
    serial: int = IntegerField(default=lambda: next(SERIALS))
    staff = OneToMany("Person", back_populates="firm")


class Person(Model, SoftDeleteMixin):
    __tablename__ = "persons"
    __upsert_deleted__ = "reject"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=20, nullable=False)
    age: int = IntegerField(min_value=0)
    notes: object = JSONField()
    firm_id: int = ForeignKeyField("firms")
    firm = ManyToOne("Firm", back_populates="staff")


@pytest.fixture(autouse=True)
def tables(loop, db):
    loop.run_until_complete(db.create_tables([Firm, Person]))


async def test_a_row_that_is_not_there_is_created_with_its_defaults(session):
    user, created = await User.get_or_create(session, username="ada")
    assert (user.username, created) == ("ada", True)
    post, created = await Post.get_or_create(session, title="a", defaults={"views": 3, "author_id": user.id})
    assert (post.id, post.title, post.views, post.published, created) == (1, "a", 3, False, True)
    assert post.created_at is not None


async def test_a_row_that_is_there_is_found_and_stays_as_it_is(session):
    made = await Post.create(session, title="a", views=1)
    post, created = await Post.get_or_create(session, title="a", defaults={"views": 3})
    assert (post.id, post.views, created) == (made.id, 1, False)


async def test_a_row_that_is_there_is_updated(session, stored):
    made = await Post.create(session, title="a", views=1, content="c")
    post, created = await Post.update_or_create(session, title="a", defaults={"views": 3})
    assert (post.id, post.views, post.content, created) == (made.id, 3, "c", False)
    post, created = await Post.update_or_create(session, title="b", defaults={"views": 4})
    assert (post.id, post.views, created) == (2, 4, True)
    await session.commit()
    assert stored("SELECT title, views FROM posts ORDER BY id") == [("a", 3), ("b", 4)]


async def test_a_field_looked_for_can_be_changed(session):
    await Post.create(session, title="a")
    post, _ = await Post.update_or_create(session, title="a", defaults={"title": "b"})
    assert post.title == "b" and await Post.count(session, title="a") == 0


async def test_functions_among_the_defaults_are_called_when_they_are_needed(session):
    calls = []

    def views():
        calls.append(1)
        return 7

    for verb, made in ((Post.get_or_create, 1), (Post.get_or_create, 1), (Post.update_or_create, 2)):
        post, _ = await verb(session, title="a", defaults={"views": views})
        assert (post.views, len(calls)) == (7, made)
    serial = next(SERIALS)
    for _ in range(2):
        firm, _ = await Firm.get_or_create(session, name="x")
        assert firm.serial == serial + 1


async def test_an_error_of_a_function_is_raised_as_it_is(session):
    def failing():
        raise ZeroDivisionError("why")

    with pytest.raises(ZeroDivisionError, match="why"):
        await Post.get_or_create(session, title="a", defaults={"views": failing})
    assert not session.in_transaction
    assert await Post.count(session) == 0


async def test_none_is_looked_for_as_null(session):
    post, created = await Post.get_or_create(session, title="a", content=None)
    assert created and post.content is None
    assert (await Post.get_or_create(session, title="a", content=None))[0].id == post.id
    assert (await Post.get_or_create(session, title="a", content="c"))[1]


async def test_a_related_row_is_looked_for_by_its_key(session):
    ada = await User.create(session, username="ada")
    post, created = await Post.get_or_create(session, author=ada, title="a")
    assert created and post.author_id == ada.id
    assert (await Post.get_or_create(session, author=ada, title="a"))[0].id == post.id
    other, _ = await Post.update_or_create(session, title="b", defaults={"author": ada})
    assert other.author_id == ada.id


async def test_collections_follow(session):
    firm, _ = await Firm.get_or_create(session, name="x")
    ann, _ = await Person.get_or_create(session, name="ann", defaults={"firm": firm})
    assert [person.name for person in firm.staff] == ["ann"]
    other, _ = await Firm.get_or_create(session, name="y")
    await Person.update_or_create(session, id=ann.id, defaults={"firm": other})
    assert [person.name for person in firm.staff] == []
    assert [person.name for person in other.staff] == ["ann"]


async def test_a_collection_is_no_value(session):
    for refused in (
        Firm.get_or_create(session, name="x", staff=[]),
        Firm.update_or_create(session, name="x", defaults={"staff": []}),
    ):
        with pytest.raises(ValidationError) as error:
            await refused
        assert error.value.field == "staff"


async def test_a_document_is_an_exact_value(session):
    notes = {"gt": 1, "list": [None]}
    ann, created = await Person.get_or_create(session, name="ann", notes=notes)
    assert created and ann.notes == notes
    assert not (await Person.get_or_create(session, name="ann", notes=notes))[1]


@pytest.mark.parametrize("verb", ["get_or_create", "update_or_create"])
@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"age": {"gte": 3}}, "age"),
        ({"age": {}}, "age"),
        ({"age__gte": 3}, "age"),
        ({"name__icontains": "a"}, "name"),
        ({"q": Q(age=3)}, "q"),
        ({}, "filters"),
        ({"name": "x" * 21}, "name"),
        ({"age": -1}, "age"),
        ({"age": "3"}, "age"),
        ({"name": "ann", "defaults": ["age"]}, "defaults"),
    ],
)
async def test_what_is_no_exact_value_is_refused(session, verb, filters, field):
    with pytest.raises(ValidationError) as error:
        await getattr(Person, verb)(session, **filters)
    assert error.value.field == field
    assert not session.in_transaction


async def test_an_operator_is_refused_with_advice(session):
    with pytest.raises(ValidationError) as error:
        await Person.get_or_create(session, age__gte=3)
    says(error.value, "Person.get_or_create", "gte", "exact", "age=value", "filter()")


@pytest.mark.parametrize("verb", ["get_or_create", "update_or_create"])
async def test_unknown_fields_are_refused_whether_the_row_is_there_or_not(session, verb):
    for _ in range(2):
        with pytest.raises(UnknownFieldError):
            await getattr(Post, verb)(session, titel="a")
        with pytest.raises(UnknownFieldError):
            await getattr(Post, verb)(session, title="a", defaults={"viewes": 1})
        await Post.create(session, title="a")


async def test_a_default_that_does_not_fit_is_refused(session):
    with pytest.raises(ValidationError) as error:
        await Person.get_or_create(session, name="ann", defaults={"age": -1})
    assert error.value.field == "age"
    with pytest.raises(ValidationError) as error:
        await Person.get_or_create(session, age=3)
    assert error.value.field == "name"
    assert not session.in_transaction


async def test_the_key_of_a_stored_row_is_not_changed(session):
    await Post.create(session, title="a")
    with pytest.raises(ValidationError) as error:
        await Post.update_or_create(session, title="a", defaults={"id": 9})
    assert error.value.field == "id"


async def test_of_several_rows_none_is_updated(session):
    for _ in range(2):
        await Post.create(session, title="a")
    assert (await Post.get_or_create(session, title="a"))[0].id == 1
    with pytest.raises(ValidationError) as error:
        await Post.update_or_create(session, title="a", defaults={"views": 1})
    says(error.value, "several", "Post", "title", "unique")


async def test_a_key_that_another_row_holds_is_a_duplicate(session):
    await Firm.create(session, name="x", tax="1")
    await Firm.create(session, name="z", tax="2")
    for refused in (
        Firm.get_or_create(session, name="y", defaults={"tax": "1"}),
        Firm.update_or_create(session, name="z", defaults={"tax": lambda: "1"}),
    ):
        with pytest.raises(DuplicateRecordError) as error:
            await refused
        assert (error.value.model, error.value.field, error.value.value) == ("Firm", "tax", "1")


async def test_to_find_a_row_takes_one_statement_and_no_transaction(store, session):
    await User.create(session, username="ada")
    await session.commit()
    db = Database(store.url, echo=True)
    async with db.session() as session:
        await User.count(session)
        with recorded() as statements:
            await User.get_or_create(session, username="ada")
        assert len(statements) == 1 and not session.in_transaction
        store.assert_unlocked()
    await db.close()


async def test_what_was_written_is_undone_by_a_rollback(session):
    await User.get_or_create(session, username="ada")
    await session.rollback()
    assert await User.count(session) == 0
    assert (await User.get_or_create(session, username="ada"))[1]


async def test_a_changed_object_of_the_session_is_written_first(session):
    post = await Post.create(session, title="a")
    post.title = "b"
    assert (await Post.get_or_create(session, title="b"))[0].id == post.id


async def test_who_acts_is_in_the_log(session):
    firm, _ = await Firm.get_or_create(session, name="x", _audit_user_id="ann")
    await Firm.update_or_create(session, name="x", defaults={"tax": "1"}, _audit_user_id="bob")
    await firm.soft_delete(session)
    await Firm.get_or_create(session, name="x", _audit_user_id="eve")
    trail = await get_audit_trail(session, Firm, firm.id)
    acts = [(entry.operation, entry.user_id) for entry in trail]
    assert sorted(acts, key=str) == sorted(
        [("CREATE", "ann"), ("UPDATE", "bob"), ("SOFT_DELETE", None), ("RESTORE", "eve")], key=str
    )


async def test_beside_a_deleted_row_a_new_one_is_made(session):
    old = await User.create(session, username="ada")
    await old.soft_delete(session)
    user, created = await User.get_or_create(session, username="ada")
    assert created and user.id != old.id and not user.is_deleted


async def test_the_key_of_a_deleted_row_is_not_given_away(session):
    old = await User.create(session, username="ada")
    await old.soft_delete(session)
    with pytest.raises(RecordDeletedError) as error:
        await User.get_or_create(session, id=old.id, defaults={"username": "bob"})
    says(error.value, "User", f"id={old.id}", "restore")


async def test_a_deleted_row_is_revived_when_that_is_declared(session):
    old = await Firm.create(session, name="x", tax="1")
    await old.soft_delete(session)
    firm, created = await Firm.get_or_create(session, name="x", defaults={"tax": "2"})
    assert (firm.id, firm.tax, firm.deleted_at, created) == (old.id, "1", None, False)
    await firm.soft_delete(session)
    firm, created = await Firm.update_or_create(session, name="x", defaults={"tax": "2"})
    assert (firm.id, firm.tax, firm.is_deleted, created) == (old.id, "2", False, False)
    assert await Firm.get(session, old.id)


async def test_a_row_that_cannot_be_revived_is_a_conflict(session):
    old = await Firm.create(session, name="x", tax="1")
    await old.soft_delete(session)
    await Firm.create(session, name="y", tax="1")
    with pytest.raises(RestoreConflict):
        await Firm.get_or_create(session, name="x")


async def test_a_deleted_row_is_rejected_when_that_is_declared(session):
    ann = await Person.create(session, name="ann")
    await ann.soft_delete(session)
    for verb in (Person.get_or_create, Person.update_or_create):
        with pytest.raises(RecordDeletedError) as error:
            await verb(session, name="ann")
        says(error.value, "Person", "name=ann", "restore")
        assert getattr(error.value, "status_code", 409) == 409
    await ann.restore(session)
    assert (await Person.get_or_create(session, name="ann"))[0].id == ann.id


async def test_another_policy_is_refused_when_it_is_declared():
    for policy in ("keep", None, True):
        with pytest.raises(SchemaError) as error:

            class Wrong(Model):
                __upsert_deleted__ = policy
                id: int = IntegerField(primary_key=True)

        says(error.value, "Wrong", "__upsert_deleted__", "revive")


async def test_the_policy_is_inherited(session, db):
    class Base(Model, SoftDeleteMixin):
        __abstract__ = True
        __upsert_deleted__ = "revive"

        id: int = IntegerField(primary_key=True)
        name: str = StringField(max_length=20)

    class Heir(Base):
        __tablename__ = "heirs"

    await db.create_tables([Heir])
    heir = await Heir.create(session, name="a")
    await heir.soft_delete(session)
    assert (await Heir.get_or_create(session, name="a"))[0].id == heir.id


@pytest.mark.parametrize(("model", "filters"), [(User, {"username": "ada"}), (Post, {"title": "a"})])
@pytest.mark.parametrize("verb", ["get_or_create", "update_or_create"])
async def test_of_many_sessions_at_once_one_creates_the_row(db, model, filters, verb):
    async def once():
        async with db.session() as session:
            row, created = await getattr(model, verb)(session, **filters)
            await asyncio.sleep(0)
            return row.id, created

    made = await asyncio.gather(*(once() for _ in range(20)))
    assert len({key for key, _ in made}) == 1
    assert sum(created for _, created in made) == 1


ONCE = """
import asyncio, sys
from fastapi_orm import Database
from models import Post, User

async def main(url):
    made = 0
    db = Database(url)
    for number in range(30):
        async with db.session() as session:
            made += (await User.get_or_create(session, username=f"user {number}"))[1]
            made += (await Post.update_or_create(session, title=f"post {number}", defaults={"views": number}))[1]
    await db.close()
    print(made)

asyncio.run(main(sys.argv[1]))
"""


async def test_of_several_processes_at_once_one_creates_the_row(tmp_path, db, store, stored):
    programs = (asyncio.to_thread(python, ONCE, store.url, cwd=tmp_path) for _ in range(3))
    assert sum(map(int, await asyncio.gather(*programs))) == 60
    assert stored("SELECT count(*), count(DISTINCT username) FROM users") == [(30, 30)]
    assert stored("SELECT count(*), count(DISTINCT title) FROM posts") == [(30, 30)]
