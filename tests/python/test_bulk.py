"""Verbs on many rows: listed by the caller, or found by a query."""

import json
from copy import deepcopy
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from uuid import UUID

import pytest

from fastapi_orm import (
    AuditLog,
    AuditMixin,
    ConstraintError,
    Database,
    DateTimeField,
    DuplicateRecordError,
    EnumField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    OneToMany,
    Q,
    ReadOnlyError,
    RestoreConflict,
    RestrictedError,
    SoftDeleteMixin,
    StringField,
    UnknownFieldError,
    UUIDField,
    ValidationError,
    clear_audit_user,
    set_audit_user,
)
from models import MODELS, Comment, Memo, Post, User
from recorder import recorded
from support import says


class Level(Enum):
    LOW = 1
    HIGH = 2


class Task(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "tasks"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=20, nullable=False, validators=[lambda title: title != "bad"])
    level: Level = EnumField(Level)
    notes = JSONField()
    rank: int = IntegerField(default=lambda: 5)
    code: str = StringField(max_length=10, unique=True)
    updated_at = DateTimeField(auto_now=True)


class Place(Model, AuditMixin):
    """Without soft delete; its key has a name of its own."""

    __tablename__ = "places"

    code: str = StringField(primary_key=True, max_length=5)
    name: str = StringField(max_length=50)
    visits = OneToMany("Visit", back_populates="place")


class Visit(Model):
    __tablename__ = "visits"

    token: UUID = UUIDField(primary_key=True, auto_generate=True)
    place_code: str = ForeignKeyField("places", on_delete="RESTRICT")


OWN = [Task, Place, Visit]


@pytest.fixture(autouse=True)
def tables(loop, db):
    loop.run_until_complete(db.create_tables(OWN))
    yield
    clear_audit_user()


@pytest.fixture
def log(stored):
    """The rows of the log after the first so many: model, key, operation, user, changes."""

    def read(after=0):
        sql = "SELECT model_name, model_id, operation, user_id, changes FROM audit_logs ORDER BY id"
        return [(*row, json.loads(changes) if changes else None) for *row, changes in stored(sql)][after:]

    return read


def titles(rows):
    return [row.title for row in rows]


async def posts(session, count=5):
    return await Post.bulk_create(session, [{"title": f"p{n}", "views": n} for n in range(1, count + 1)])


# bulk_create


async def test_rows_are_created_in_the_order_of_their_dicts(session, stored):
    made = await Post.bulk_create(session, [{"title": f"p{n % 7}", "views": n} for n in range(300)])
    assert [post.views for post in made] == list(range(300))
    assert [post.id for post in made] == list(range(1, 301))
    assert all(type(post) is Post and post.created_at and post.published is False for post in made)
    await session.commit()
    assert stored("SELECT count(*), sum(views) FROM posts") == [(300, sum(range(300)))]


async def test_the_objects_are_known_to_the_session(session):
    made = await posts(session, 2)
    made[0].title = "changed"
    await session.flush()
    assert titles(await Post.all(session)) == ["changed", "p2"]
    await made[1].update(session, views=9)
    assert (await Post.get(session, 2)).views == 9


async def test_dicts_of_different_fields_are_created_together(session):
    made = await Task.bulk_create(
        session,
        [
            {"title": "a"},
            {"id": 9, "title": "b", "level": Level.HIGH, "notes": {"deep": [1, None]}},
            {"title": "c", "rank": None, "code": "c"},
        ],
    )
    assert [(t.title, t.level, t.notes, t.rank, t.code) for t in made] == [
        ("a", None, None, 5, None),
        ("b", Level.HIGH, {"deep": [1, None]}, 5, None),
        ("c", None, None, None, "c"),
    ]
    assert made[1].id == 9 and len({t.id for t in made}) == 3


async def test_the_callers_dicts_stay_as_they_are(session):
    rows = [{"id": 1, "title": "a", "notes": {"x": [1]}}, {"id": 2, "title": "b"}]
    before = deepcopy(rows)
    await Task.bulk_create(session, rows)
    await Task.bulk_update(session, rows)
    assert rows == before


async def test_any_iterable_of_mappings_is_a_list_of_rows(session):
    made = await Post.bulk_create(session, (MappingProxyType({"title": f"p{n}"}) for n in range(3)))
    assert titles(made) == ["p0", "p1", "p2"]
    assert await Post.bulk_create(session, []) == []
    assert await Post.bulk_update(session, iter(())) == 0
    assert await Post.bulk_delete(session, []) == 0
    assert not session.closed


async def test_keys_can_be_made_by_the_field(session):
    await Place.bulk_create(session, [{"code": "x"}])
    made = await Visit.bulk_create(session, [{"place_code": "x"}, {"place_code": None}, {}])
    assert len({visit.token for visit in made}) == 3
    assert [visit.place_code for visit in made] == ["x", None, None]


async def test_references_can_be_given_as_objects(session):
    user = await User.create(session, username="ada")
    made = await Post.bulk_create(session, [{"title": "a", "author": user}, {"title": "b", "author": None}])
    assert [post.author_id for post in made] == [user.id, None]
    assert await Post.bulk_update(session, [{"id": made[1].id, "author": user}]) == 1
    assert await Post.filter(session, Q(title="a")).update(author=None) == 1
    assert [post.author_id for post in await Post.filter(session).order_by("id")] == [None, user.id]


async def test_without_instances_the_list_is_empty_and_the_rows_are_there(session):
    assert await Post.bulk_create(session, [{"title": "a"}, {"title": "b"}], return_instances=False) == []
    assert titles(await Post.all(session)) == ["a", "b"]


@pytest.mark.parametrize("instances", [True, False])
async def test_created_rows_show_up_in_loaded_collections(session, instances):
    ada, bob = await User.bulk_create(session, [{"username": "ada"}, {"username": "bob"}])
    assert ada.posts == [] and bob.posts == []
    rows = [{"title": "a", "author_id": ada.id}, {"title": "b"}, {"title": "c", "author_id": ada.id}]
    await Post.bulk_create(session, rows, return_instances=instances)
    assert (titles(ada.posts), bob.posts) == (["a", "c"], [])
    loaded = (await User.filter(session, id=ada.id).include("posts"))[0]
    await Post.bulk_create(session, [{"title": "d", "author_id": ada.id}], return_instances=instances)
    assert titles(loaded.posts) == ["a", "c", "d"]


async def test_collections_are_read_again_after_rows_were_moved_in_bulk(session):
    ada, bob = await User.bulk_create(session, [{"username": "ada"}, {"username": "bob"}])
    made = await Post.bulk_create(session, [{"title": "a", "author_id": ada.id}, {"title": "b", "author_id": ada.id}])
    await Post.bulk_update(session, [{"id": made[0].id, "author_id": bob.id}])
    assert (titles(await ada.posts), titles(await bob.posts)) == (["b"], ["a"])
    await Post.filter(session, title="b").update(author_id=bob.id)
    assert (await ada.posts, titles(await bob.posts)) == ([], ["a", "b"])


async def test_a_row_that_is_refused_creates_none(session, stored):
    await User.create(session, username="ada")
    with pytest.raises(DuplicateRecordError) as refused:
        await User.bulk_create(session, [{"username": "bob"}, {"username": "ada"}, {"username": "cy"}])
    assert (refused.value.model, refused.value.field, refused.value.value) == ("User", "username", "ada")
    assert str(refused.value) == "User with username=ada already exists"
    with pytest.raises(DuplicateRecordError, match="username=bob"):
        await User.bulk_create(session, [{"username": "bob"}, {"username": "bob"}])
    with pytest.raises(ConstraintError) as refused:
        await Post.bulk_create(session, [{"title": "a"}, {"title": "b", "author_id": 99}])
    says(refused.value, "row 1", "Post", "author_id", "99", "User")
    await session.commit()
    assert stored("SELECT username FROM users") == [("ada",)]
    assert stored("SELECT count(*) FROM posts") == [(0,)]


async def test_a_rollback_takes_the_rows_back_from_their_objects(session):
    ada = (await User.bulk_create(session, [{"username": "ada"}]))[0]
    await session.commit()
    rows = [{"title": "a", "author_id": ada.id}, {"id": 7, "title": "b"}]
    one, two = await Post.bulk_create(session, rows)
    await Post.update_by_id(session, one.id, title="c")
    assert titles(ada.posts) == ["a"]
    await session.rollback()
    assert (one.id, two.id, await ada.posts) == (None, 7, [])
    await two.save(session)
    assert titles(await Post.all(session)) == ["b"]


async def test_a_deleted_row_holds_no_unique_key_in_bulk(session):
    user = await User.create(session, username="ada")
    await user.soft_delete(session)
    assert len(await User.bulk_create(session, [{"username": "ada"}])) == 1
    with pytest.raises(RestoreConflict):
        await User.filter(session, id=user.id).restore()


async def test_no_row_is_created_under_a_parent_that_a_cascade_deleted(session):
    user = await User.create(session, username="ada")
    await user.soft_delete(session, cascade=True)
    with pytest.raises(ConstraintError) as refused:
        await Post.bulk_create(session, [{"title": "a"}, {"title": "b", "author_id": user.id}])
    says(refused.value, "row 1", "author_id", "restore")


# bulk_update


async def test_each_row_takes_its_own_values(session):
    made = await posts(session)
    rows = [{"id": made[3].id, "title": "four"}, {"id": made[0].id, "views": 0, "content": "c"}]
    assert await Post.bulk_update(session, rows) == 2
    found = await Post.all(session)
    assert titles(found) == ["p1", "p2", "p3", "four", "p5"]
    assert [(post.views, post.content) for post in found[:2]] == [(0, "c"), (2, None)]


async def test_only_live_rows_that_are_there_are_changed(session):
    made = await posts(session, 2)
    await made[0].soft_delete(session)
    rows = [{"id": key, "title": "new"} for key in (made[0].id, made[1].id, 99)]
    assert await Post.bulk_update(session, rows) == 1
    assert titles(await Post.all_with_deleted(session)) == ["p1", "new"]


async def test_what_is_said_last_of_a_key_counts(session):
    await posts(session, 1)
    assert await Post.bulk_update(session, [{"id": 1, "title": "a", "views": 7}, {"id": 1, "title": "b"}]) == 1
    post = await Post.get(session, 1)
    assert (post.title, post.views) == ("b", 7)


async def test_a_dict_of_nothing_but_its_key_changes_nothing(session):
    made = await Task.create(session, title="a")
    assert await Task.bulk_update(session, [{"id": made.id}]) == 0
    assert (await Task.get(session, made.id)).updated_at == made.updated_at


async def test_the_key_goes_by_its_own_name(session):
    await Place.bulk_create(session, [{"code": "x"}, {"code": "y"}])
    assert await Place.bulk_update(session, [{"code": "x", "name": "X"}]) == 1
    assert await Place.bulk_update(session, [{"code": "y", "name": "Y"}], "code") == 1
    assert await Place.bulk_update(session, [{"id": "y", "name": "Z"}], id_field="id") == 1
    assert [place.name for place in await Place.all(session)] == ["X", "Z"]
    made = await posts(session, 1)
    assert await Post.bulk_update(session, [{"id": made[0].id, "title": "n"}], id_field="id") == 1


async def test_fields_names_what_is_written(session):
    await posts(session, 1)
    rows = [{"id": 1, "title": "new", "views": 99}]
    assert await Post.bulk_update(session, rows, fields=["views"]) == 1
    post = await Post.get(session, 1)
    assert (post.title, post.views) == ("p1", 99)


async def test_a_change_that_is_refused_changes_none(session):
    await User.bulk_create(session, [{"username": name} for name in "abc"])
    for rows, value in [
        ([{"id": 1, "username": "x"}, {"id": 2, "username": "c"}], "c"),
        ([{"id": 1, "username": "x"}, {"id": 2, "username": "x"}], "x"),
    ]:
        with pytest.raises(DuplicateRecordError, match=f"username={value} "):
            await User.bulk_update(session, rows)
    with pytest.raises(ConstraintError) as refused:
        await posts(session, 1)
        await Post.bulk_update(session, [{"id": 1, "author_id": 77}])
    says(refused.value, "row 0", "author_id", "77")
    assert [user.username for user in await User.all(session)] == ["a", "b", "c"]


# bulk_delete, by id


async def test_listed_rows_are_deleted_as_one_deletion(session, store, stored):
    made = await posts(session)
    assert await Post.bulk_delete(session, [made[0].id, made[2].id, 99]) == 2
    assert await Post.bulk_delete(session, [made[0].id]) == 0
    await session.commit()
    assert titles(await Post.all(session)) == ["p2", "p4", "p5"]
    assert stored("SELECT root_keys FROM reprieve_deletions") == [("[1,3]",)]
    store.assert_sound()


async def test_listed_rows_are_removed_by_force_or_without_soft_delete(session, stored):
    made = await posts(session, 3)
    await made[0].soft_delete(session)
    assert await Post.bulk_delete(session, [made[0].id, made[1].id, 99], force=True) == 2
    await Memo.bulk_create(session, [{"text": "a"}, {"text": "b"}])
    assert await Memo.bulk_delete(session, [1, 2, 3]) == 2
    await session.commit()
    assert stored("SELECT id FROM posts") == [(3,)]
    assert stored("SELECT count(*) FROM memos") == [(0,)]


async def test_the_row_with_a_key_is_updated(session):
    made = await posts(session, 1)
    post = await Post.update_by_id(session, made[0].id, title="new", views=3)
    assert (type(post), post.title, post.views) == (Post, "new", 3)
    assert (await Post.get(session, made[0].id)).title == "new"
    await post.soft_delete(session)
    assert await Post.update_by_id(session, post.id, title="no") is None
    assert await Post.update_by_id(session, 99, title="no") is None
    assert (await Post.get_with_deleted(session, post.id)).title == "new"
    with pytest.raises(UnknownFieldError, match="titel"):
        await Post.update_by_id(session, 99, titel="no")
    with pytest.raises(ValidationError, match="title"):
        await Post.update_by_id(session, 99, title=None)


async def test_the_row_with_a_key_is_deleted(session):
    made = await posts(session, 2)
    assert await Post.delete_by_id(session, made[0].id) is True
    assert await Post.delete_by_id(session, made[0].id) is False
    assert (await Post.get_with_deleted(session, made[0].id)).is_deleted
    assert await Post.delete_by_id(session, made[0].id, force=True) is True
    assert await Post.get_with_deleted(session, made[0].id) is None
    await Memo.create(session, text="a")
    assert await Memo.delete_by_id(session, 1) is True
    assert await Memo.delete_by_id(session, 1) is False


# On a query.


async def test_a_query_updates_the_rows_it_finds(session):
    made = await posts(session)
    await made[4].soft_delete(session)
    assert await Post.filter(session, views__gte=3).update(published=True, content="new") == 2
    found = await Post.filter_with_deleted(session).order_by("id")
    assert [post.published for post in found] == [False, False, True, True, False]
    assert await Post.filter_with_deleted(session, views__gte=3).update(views=0) == 3
    assert await Post.only_deleted(session, title="p5").update(title="gone") == 1
    assert await Post.filter(session, title="none").update(views=1) == 0
    assert await Post.filter(session, views=1).update() == 0


async def test_an_update_fills_what_is_filled_at_every_update(session):
    task = await Task.create(session, title="a")
    await Task.filter(session, title="a").update(rank=1)
    assert (await Task.get(session, task.id)).updated_at > task.updated_at
    before = (await Task.get(session, task.id)).updated_at
    await Task.bulk_update(session, [{"id": task.id, "rank": 2}])
    assert (await Task.get(session, task.id)).updated_at > before
    said = datetime(2020, 1, 1)
    await Task.filter(session, title="a").update(updated_at=said)
    assert (await Task.get(session, task.id)).updated_at == said


async def test_a_query_deletes_the_rows_it_finds_as_one_deletion(session, stored, store):
    await posts(session)
    assert await Post.filter(session, views__lt=3).delete() == 2
    await session.commit()
    assert titles(await Post.all(session)) == ["p3", "p4", "p5"]
    assert stored("SELECT count(*) FROM reprieve_deletions") == [(1,)]
    assert await Post.only_deleted(session, views=1).delete() == 0
    assert await Post.only_deleted(session, views=1).delete(force=True) == 1
    assert await Post.filter(session, views=5).delete(force=True) == 1
    assert await Post.filter_with_deleted(session, views__gt=0).delete(force=True) == 3
    await session.commit()
    assert stored("SELECT count(*) FROM posts") == [(0,)]
    await Memo.bulk_create(session, [{"text": "a"}, {"text": "b"}])
    assert await Memo.filter(session, text="a").delete() == 1
    store.assert_sound()


async def test_a_soft_deletion_of_a_query_can_be_undone(session):
    made = await posts(session)
    await Comment.bulk_create(session, [{"body": "c", "post_id": post.id} for post in made])
    deletion = await Post.filter(session, views__lte=2).soft_delete(cascade=True, reason="old")
    assert deletion.rows == {"posts": 2, "comments": 2}
    assert (await Post.count(session), await Comment.count(session)) == (3, 3)
    await deletion.undo(session)
    assert (await Post.count(session), await Comment.count(session)) == (5, 5)
    deletion = await Post.filter(session, views=1).soft_delete()
    assert (deletion.total, await Comment.count(session)) == (1, 5)
    assert (await Post.only_deleted(session, views=1).soft_delete()).total == 0


async def test_a_query_restores_what_is_deleted(session, store):
    await posts(session)
    await Comment.create(session, body="c", post_id=1)
    await Post.filter(session, views__lte=2).soft_delete(cascade=True)
    assert (await Post.only_deleted(session, views=1).restore()).total == 1
    assert (await Post.filter(session, views=2).restore()).rows == {"posts": 1}
    assert (await Post.filter(session, views=2).restore()).total == 0
    await Post.filter(session, views=1).soft_delete(cascade=True)
    restored = await Post.only_deleted(session, views=1).restore(cascade=True)
    assert restored.rows == {"posts": 1}, "the comment is still held by the first deletion"
    assert (await Comment.only_deleted(session, body="c").restore(ancestors=True)).total == 1
    await session.commit()
    store.assert_sound()


async def test_order_limit_and_offset_say_which_rows(session):
    await posts(session, 8)
    assert await Post.filter(session, views__gt=0).order_by("-views").limit(2).update(title="top") == 2
    assert await Post.filter(session, views__gt=0).offset(7).delete() == 1
    assert titles(await Post.all(session)) == ["p1", "p2", "p3", "p4", "p5", "p6", "top"]
    deletion = await Post.filter(session, views__gt=0).order_by("views").offset(1).limit(2).soft_delete()
    assert deletion.total == 2
    assert [post.views for post in await Post.all(session)] == [1, 4, 5, 6, 7]
    assert (await Post.only_deleted(session, views__gt=0).order_by("-views").limit(1).restore()).total == 1
    assert [post.views for post in await Post.only_deleted(session)] == [2, 3]
    assert await Post.only_deleted(session, views__gt=0).limit(1).delete(force=True) == 1
    assert [post.views for post in await Post.only_deleted(session)] == [3]
    assert await Post.filter(session, views__gt=0).limit(0).update(title="none") == 0


async def test_conditions_of_all_kinds_choose_rows(session):
    await posts(session)
    assert await Post.filter(session, Q(views=1) | Q(title__contains="5")).update(content="q") == 2
    assert await Post.filter(session, ~Q(content="q")).delete() == 3
    assert await Post.filter_by(session, order_by="-views", limit=1, content="q").update(views=50) == 1
    assert await Post.filter(session, id__in=[]).delete() == 0
    assert [post.views for post in await Post.all(session)] == [1, 50]


async def test_the_rows_of_a_relation_are_chosen(session):
    ada, bob = await User.bulk_create(session, [{"username": "ada"}, {"username": "bob"}])
    await Post.bulk_create(session, [{"title": "t", "author_id": key} for key in (ada.id, ada.id, bob.id)])
    assert await ada.posts.order_by("id").update(title="hers") == 2
    assert await ada.posts.filter().delete() == 2
    assert await Post.count(session) == 1


@pytest.mark.parametrize("verb", ["update", "delete", "soft_delete", "restore"])
async def test_a_query_without_a_condition_is_refused_unless_all_rows_are_meant(session, verb):
    await posts(session, 3)
    await Post.filter(session, views=3).delete()
    values = {"views": 9} if verb == "update" else {}
    for query in [
        Post.filter(session),
        Post.all(session),
        Post.all(session).limit(1),
        Post.filter(session, Q()),
        Post.only_deleted(session),
        Post.all_with_deleted(session),
    ]:
        with pytest.raises(ValidationError) as refused:
            await getattr(query, verb)(**values)
        says(refused.value, "Post", "condition", "all=True")
    assert await Post.count(session) == 2
    done = await getattr(Post.filter(session), verb)(all=True, **values)
    assert getattr(done, "total", done) == (1 if verb == "restore" else 2)


async def test_the_bin_is_emptied_by_force(session, stored):
    await posts(session)
    await Post.filter(session, views__lt=3).delete()
    assert await Post.only_deleted(session).delete(force=True, all=True) == 2
    await session.commit()
    assert stored("SELECT count(*) FROM posts") == [(3,)]


async def test_what_a_query_would_write_is_checked(session, store):
    user = await User.create(session, username="ada")
    await User.create(session, username="bob")
    held = await User.create(session, username="eve")
    await held.soft_delete(session, cascade=True)
    await posts(session, 2)
    await Place.create(session, code="x")
    await Visit.create(session, place_code="x")
    await session.commit()
    before = store.dump()
    query = Post.filter(session, views__gt=0)
    for values, error, words in [
        ({"titel": "a"}, UnknownFieldError, ["Post", "titel", "title"]),
        ({"title": None}, ValidationError, ["title", "null"]),
        ({"title": "x" * 201}, ValidationError, ["title", "200"]),
        ({"views": "many"}, ValidationError, ["views", "int"]),
        ({"deleted_at": datetime.now()}, ValidationError, ["deleted_at", "soft_delete"]),
        ({"deleted_at": None}, ValidationError, ["deleted_at"]),
        ({"id": 7}, ValidationError, ["id", "key"]),
        ({"author_id": 77}, ConstraintError, ["author_id", "77"]),
        ({"author_id": held.id}, ConstraintError, ["author_id", "restore"]),
        ({"comments": []}, ValidationError, ["comments", "reference"]),
    ]:
        with pytest.raises(error) as refused:
            await query.update(**values)
        says(refused.value, *words)
    with pytest.raises(DuplicateRecordError, match="username=ada "):
        await User.filter(session, username="bob").update(username=user.username)
    with pytest.raises(DuplicateRecordError, match="username=new "):
        await User.filter(session, id__gt=0).update(username="new")
    with pytest.raises(ConstraintError):
        await Place.filter(session, code="x").delete()
    with pytest.raises(ValidationError, match="validator"):
        await Task.filter(session, id=1).update(title="bad")
    for verb in ("soft_delete", "restore"):
        with pytest.raises(Exception, match="soft delete"):
            await getattr(Memo.filter(session, id=1), verb)()
    await session.commit()
    assert store.dump() == before


async def test_a_live_child_can_forbid_the_deletion_of_many(loop, store):
    class Shelf(Model, SoftDeleteMixin):
        __tablename__ = "bulk_shelves"
        id: int = IntegerField(primary_key=True)

    class Book(Model, SoftDeleteMixin):
        __tablename__ = "bulk_books"
        id: int = IntegerField(primary_key=True)
        shelf_id: int = ForeignKeyField("bulk_shelves", on_delete="RESTRICT")

    db = Database(store.another().url)
    await db.create_tables([Shelf, Book])
    async with db.session() as session:
        await Shelf.bulk_create(session, [{}, {}, {}])
        await Book.create(session, shelf_id=2)
        for verb in (Shelf.bulk_delete(session, [1, 2]), Shelf.filter(session, id__lt=3).delete()):
            with pytest.raises(RestrictedError):
                await verb
        assert await Shelf.count(session) == 3
    await db.close()


# Bad input of the lists.


@pytest.mark.parametrize("verb", ["bulk_create", "bulk_update"])
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("title", ["list", "dicts", "str"]),
        ({"title": "a"}, ["list", "dicts"]),
        (None, ["list"]),
        (5, ["list"]),
        ([{"id": 1, "title": "a"}, None], ["row 1", "dict"]),
        ([{"id": 1, "title": "a"}, "b"], ["row 1", "dict"]),
        ([{"id": 1, "title": "a"}, {"id": 2, "title": "b", "titel": "c"}], ["row 1", "Post", "titel", "title"]),
        ([{"id": 1, "title": "a"}, {"id": 2, 5: "b"}], ["row 1", "5"]),
        ([{"id": 1, "title": "a"}, {"id": 2, "title": None}], ["row 1", "title", "null"]),
        ([{"id": 1, "title": "x" * 201}], ["row 0", "title", "200"]),
        ([{"id": 1, "title": "a", "views": "b"}], ["row 0", "views", "int"]),
        ([{"id": 2**63, "title": "a"}], ["row 0", "id", "64"]),
        ([{"id": 1, "title": "a", "deleted_at": datetime(2025, 1, 1)}], ["row 0", "deleted_at", "soft_delete"]),
        ([{"id": 1, "title": "a", "comments": []}, {"id": 2, "comments": [1]}], ["comments", "rows of its own"]),
    ],
)
async def test_a_bad_list_writes_nothing(session, store, verb, rows, words):
    await posts(session, 2)
    await session.commit()
    before = store.dump()
    with pytest.raises(ValidationError) as refused:
        await getattr(Post, verb)(session, rows)
    says(refused.value, *words)
    await session.commit()
    assert store.dump() == before


async def test_a_required_field_that_a_dict_leaves_out_is_named(session):
    with pytest.raises(ValidationError) as refused:
        await Post.bulk_create(session, [{"title": "a"}, {"views": 1}])
    assert refused.value.field == "title"
    says(refused.value, "row 1", "title", "null")


async def test_an_update_without_a_key_is_refused(session):
    for row in ({"title": "a"}, {"id": None, "title": "a"}):
        with pytest.raises(ValidationError) as refused:
            await Post.bulk_update(session, [{"id": 1, "title": "b"}, row])
        says(refused.value, "row 1", "Post", "id", "missing")
    with pytest.raises(ValidationError, match="title is not the key"):
        await Post.bulk_update(session, [], id_field="title")
    with pytest.raises(UnknownFieldError, match="key"):
        await Post.bulk_update(session, [], id_field="key")
    with pytest.raises(UnknownFieldError, match="titel"):
        await Post.bulk_update(session, [], fields=["titel"])


async def test_a_validator_that_refuses_a_row_of_many_says_which(session):
    with pytest.raises(ValidationError) as refused:
        await Task.bulk_create(session, [{"title": "good"}, {"title": "bad"}])
    says(refused.value, "row 1", "Task", "title", "Validation failed for custom validator")


@pytest.mark.parametrize("ids", ["12", None, 3, [None], ["x"], [1.5], [2**70]])
async def test_bad_keys_delete_nothing(session, ids):
    await posts(session, 2)
    with pytest.raises(ValidationError) as refused:
        await Post.bulk_delete(session, ids)
    says(refused.value, "Post", "id")
    assert await Post.count(session) == 2


# Audit.


async def test_bulk_verbs_are_logged_row_by_row(session, log):
    set_audit_user("u1")
    rows = [{"title": "a", "rank": 1}, {"title": "b", "rank": 2}, {"title": "c", "rank": 3}]
    await Task.bulk_create(session, rows)
    await session.commit()
    assert log() == [("Task", str(key), "CREATE", "u1", None) for key in (1, 2, 3)]
    await Task.bulk_update(session, [{"id": 1, "title": "A"}, {"id": 2, "rank": 2, "notes": {"x": 1}}])
    await session.commit()
    assert log(3) == [
        ("Task", "1", "UPDATE", "u1", {"title": {"old": "a", "new": "A"}}),
        ("Task", "2", "UPDATE", "u1", {"notes": {"old": None, "new": {"x": 1}}}),
    ]
    await Task.filter(session, rank__gte=2).update(rank=3)
    await session.commit()
    assert log(5) == [
        ("Task", "2", "UPDATE", "u1", {"rank": {"old": 2, "new": 3}}),
        ("Task", "3", "UPDATE", "u1", {}),
    ]
    await Task.bulk_delete(session, [1])
    await Task.filter(session, rank=3).delete()
    await Task.filter(session, rank=3).restore()
    await Task.filter(session, rank=3).delete(force=True)
    await Task.bulk_delete(session, [1], force=True)
    await session.commit()
    assert [(key, operation) for _, key, operation, *_ in log(7)] == [
        ("1", "SOFT_DELETE"),
        ("2", "SOFT_DELETE"),
        ("3", "SOFT_DELETE"),
        ("2", "RESTORE"),
        ("3", "RESTORE"),
        ("2", "DELETE"),
        ("3", "DELETE"),
        ("1", "DELETE"),
    ]


async def test_each_bulk_verb_says_who_acts(session, log):
    me = {"_audit_user_id": 7}
    await Place.bulk_create(session, [{"code": "x"}, {"code": "y"}], **me)
    await Place.bulk_update(session, [{"code": "x", "name": "X"}], **me)
    await Place.filter(session, code="x").update(name="Y", **me)
    await Place.update_by_id(session, "x", name="Z", **me)
    await Place.filter(session, code="x").delete(**me)
    await Place.bulk_delete(session, ["y"], **me)
    await Task.bulk_create(session, [{"title": "a"}], **me)
    await Task.filter(session, title="a").soft_delete(**me)
    await Task.filter(session, title="a").restore(**me)
    await Task.delete_by_id(session, 1, **me)
    await session.commit()
    assert {user for *_, user, _ in log()} == {"7"}
    assert len(log()) == 11


async def test_the_log_of_a_bulk_verb_that_fails_is_empty(session, log):
    await Task.create(session, title="a", code="taken")
    await session.commit()
    with pytest.raises(DuplicateRecordError):
        await Task.bulk_create(session, [{"title": "b"}, {"title": "c", "code": "taken"}])
    other = await Task.create(session, title="b")
    with pytest.raises(DuplicateRecordError):
        await Task.bulk_update(session, [{"id": 1, "title": "c"}, {"id": other.id, "code": "taken"}])
    with pytest.raises(DuplicateRecordError):
        await Task.filter(session, id__gt=1).update(code="taken")
    await session.commit()
    assert [operation for _, _, operation, *_ in log()] == ["CREATE", "CREATE"]


async def test_the_log_itself_is_not_written_by_bulk_verbs(session, log):
    await Task.create(session, title="a")
    await session.commit()
    query = AuditLog.filter(session, model_name="Task")
    for verb in (
        query.update(user_id="nobody"),
        query.delete(),
        AuditLog.bulk_delete(session, [1]),
        AuditLog.bulk_update(session, [{"id": 1, "user_id": "nobody"}]),
        AuditLog.delete_by_id(session, 1),
    ):
        with pytest.raises(ReadOnlyError):
            await verb
    await session.commit()
    assert log() == [("Task", "1", "CREATE", None, None)]


# Numbers of statements.


@pytest.fixture
def counted(loop, store):
    """A session whose statements are counted, with the tables of all models."""
    database = Database(store.another().url, echo=True)
    loop.run_until_complete(database.create_tables([*MODELS, *OWN]))
    context = database.session()
    yield loop.run_until_complete(context.__aenter__())
    loop.run_until_complete(context.__aexit__(None, None, None))
    loop.run_until_complete(database.close())


async def test_one_row_or_a_thousand_take_the_same_statements(counted):
    await User.create(counted, username="ada")
    counts = []
    for rows in (1, 1000):
        with recorded() as statements:
            made = await Task.bulk_create(counted, [{"title": "t", "code": f"{rows}-{n}"} for n in range(rows)])
            await Task.bulk_update(counted, [{"id": task.id, "title": f"t{task.id}"} for task in made])
            await Task.bulk_delete(counted, [task.id for task in made])
            await Task.filter(counted, rank=5).restore()
            await Task.filter(counted, rank=5).update(rank=6)
            await Task.filter(counted, rank=6).delete(force=True)
            await Post.bulk_create(counted, [{"title": "p", "author_id": 1}] * rows)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_any_number_of_rows_goes_through(session, stored):
    many = 40_000
    made = await Memo.bulk_create(session, ({"text": str(n)} for n in range(many)))
    assert [memo.text for memo in made[:: many // 8]] == [str(n) for n in range(0, many, many // 8)]
    assert await Memo.bulk_update(session, [{"id": memo.id, "text": f"m{memo.id}"} for memo in made]) == many
    assert await Memo.filter(session, text__startswith="m").count() == many
    assert await Memo.bulk_delete(session, [memo.id for memo in made[1:]]) == many - 1
    await session.commit()
    assert stored("SELECT id, text FROM memos") == [(1, "m1")]
