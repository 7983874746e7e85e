"""Which rows a cascade takes, by the shape of the relations and by each relation's `on_delete`."""

import uuid

import pytest

from fastapi_orm import (
    ConstraintError,
    ForeignKeyField,
    IntegerField,
    Model,
    RestrictedError,
    SoftDeleteMixin,
    StringField,
)
from models import Comment, Memo, Post, User
from support import says


class Team(Model, SoftDeleteMixin):
    __tablename__ = "teams"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=50)


class Lead(Model, SoftDeleteMixin):
    """A member may be led by nobody once the team is gone."""

    __tablename__ = "leads"

    id: int = IntegerField(primary_key=True)
    team_id: int = ForeignKeyField("teams", on_delete="SET NULL", nullable=True)


class Budget(Model, SoftDeleteMixin):
    """A team with a budget cannot go."""

    __tablename__ = "budgets"

    id: int = IntegerField(primary_key=True)
    team_id: int = ForeignKeyField("teams", ondelete="RESTRICT")


class Badge(Model, SoftDeleteMixin):
    """Badges fall back to team 1."""

    __tablename__ = "badges"

    id: int = IntegerField(primary_key=True)
    team_id: int = ForeignKeyField("teams", on_delete="SET DEFAULT", default=1)


class Poster(Model):
    """Without soft delete, and freed when the team is gone."""

    __tablename__ = "posters"

    id: int = IntegerField(primary_key=True)
    team_id: int = ForeignKeyField("teams", on_delete="SET NULL")


class Chicken(Model, SoftDeleteMixin):
    __tablename__ = "chickens"

    id: int = IntegerField(primary_key=True)
    egg_id: int = ForeignKeyField("eggs")


class Egg(Model, SoftDeleteMixin):
    __tablename__ = "eggs"

    id: int = IntegerField(primary_key=True)
    chicken_id: int = ForeignKeyField("chickens")


class Top(Model, SoftDeleteMixin):
    __tablename__ = "tops"

    id: int = IntegerField(primary_key=True)


class Left(Model, SoftDeleteMixin):
    __tablename__ = "lefts"

    id: int = IntegerField(primary_key=True)
    top_id: int = ForeignKeyField("tops")


class Right(Model, SoftDeleteMixin):
    __tablename__ = "rights"

    id: int = IntegerField(primary_key=True)
    top_id: int = ForeignKeyField("tops")


class Bottom(Model, SoftDeleteMixin):
    """Taken by way of its left parent; its right one would forbid it."""

    __tablename__ = "bottoms"

    id: int = IntegerField(primary_key=True)
    left_id: int = ForeignKeyField("lefts")
    right_id: int = ForeignKeyField("rights", on_delete="RESTRICT")


@pytest.fixture(autouse=True)
def tables(loop, db):
    models = [Team, Lead, Budget, Badge, Poster, Chicken, Egg, Top, Left, Right, Bottom]
    loop.run_until_complete(db.create_tables(models))


async def live(session, *models):
    return [[row.id for row in await model.all(session)] for model in models]


async def blog(session, users=1, posts=2, comments=2):
    """Users with posts with comments."""
    made = []
    for u in range(users):
        user = await User.create(session, username=f"user {u}")
        made.append(user)
        for p in range(posts):
            post = await Post.create(session, title=f"{u}.{p}", author_id=user.id)
            for c in range(comments):
                await Comment.create(session, body=f"{u}.{p}.{c}", post_id=post.id)
    return made


async def test_a_cascade_takes_every_level(session):
    users = await blog(session, users=2)
    deletion = await users[0].soft_delete(session, cascade=True)
    assert deletion.rows == {"users": 1, "posts": 2, "comments": 4}
    assert [len(rows) for rows in await live(session, User, Post, Comment)] == [1, 2, 4]


async def test_every_row_of_a_cascade_carries_the_same_instant_and_deletion(session, stored):
    [user] = await blog(session)
    deletion = await user.soft_delete(session, cascade=True)
    await session.commit()
    marks = set()
    for table in ("users", "posts", "comments"):
        marks.update(stored(f"SELECT deleted_at, deletion_id FROM {table}"))
    [(_, id)] = marks
    assert uuid.UUID(bytes=id) == deletion.id


async def test_a_cascade_is_one_row_in_the_journal(session, stored, store):
    [user] = await blog(session)
    await user.soft_delete(session, cascade=True)
    await session.commit()
    assert stored("SELECT root_table, root_keys FROM reprieve_deletions") == [("users", f"[{user.id}]")]
    store.assert_sound()


async def test_a_cascade_leaves_the_rows_of_others(session):
    users = await blog(session, users=3, posts=1, comments=1)
    await users[1].soft_delete(session, cascade=True)
    assert {post.author_id for post in await Post.all(session)} == {users[0].id, users[2].id}
    assert len(await Comment.all(session)) == 2


async def test_a_cascade_leaves_rows_without_a_parent(session):
    user = await User.create(session, username="u")
    orphan = await Post.create(session, title="nobody's")
    await user.soft_delete(session, cascade=True)
    assert await Post.get(session, orphan.id) is not None


async def test_a_cascade_follows_a_relation_to_itself(session):
    post = await Post.create(session, title="a")
    first = await Comment.create(session, body="0", post_id=post.id)
    last = first
    for depth in range(1, 30):
        last = await Comment.create(session, body=str(depth), answers_id=last.id)
    deletion = await first.soft_delete(session, cascade=True)
    assert deletion.rows == {"comments": 30}
    assert await live(session, Post, Comment) == [[post.id], []]
    await deletion.undo(session)
    assert len(await Comment.all(session)) == 30


async def test_a_cascade_ends_when_a_row_refers_to_itself(session):
    comment = await Comment.create(session, body="a")
    comment.answers_id = comment.id
    await session.flush()
    deletion = await comment.soft_delete(session, cascade=True)
    assert deletion.rows == {"comments": 1}
    await comment.restore(session)
    assert await live(session, Comment) == [[comment.id]]


async def test_a_cascade_follows_a_cycle_of_tables(session):
    egg = await Egg.create(session)
    first = egg
    for _ in range(5):
        chicken = await Chicken.create(session, egg_id=egg.id)
        egg = await Egg.create(session, chicken_id=chicken.id)
    first.chicken_id = chicken.id  # the circle closes
    await session.flush()
    deletion = await first.soft_delete(session, cascade=True)
    assert deletion.rows == {"eggs": 6, "chickens": 5}
    assert await live(session, Egg, Chicken) == [[], []]
    await deletion.undo(session)
    assert [len(rows) for rows in await live(session, Egg, Chicken)] == [6, 5]


async def test_a_row_with_two_parents_in_the_cascade_is_taken_once(session, store):
    top = await Top.create(session)
    left = await Left.create(session, top_id=top.id)
    right = await Right.create(session, top_id=top.id)
    bottom = await Bottom.create(session, left_id=left.id, right_id=right.id)
    deletion = await top.soft_delete(session, cascade=True)
    assert deletion.rows == {"tops": 1, "lefts": 1, "rights": 1, "bottoms": 1}
    await top.restore(session, cascade=True)
    await session.commit()
    assert await live(session, Top, Left, Right, Bottom) == [[top.id], [left.id], [right.id], [bottom.id]]
    store.assert_sound()


async def test_a_child_that_forbids_by_one_parent_only_is_not_taken_by_it(session, store):
    top = await Top.create(session)
    right = await Right.create(session, top_id=top.id)
    bottom = await Bottom.create(session, right_id=right.id)
    await session.commit()
    before = store.dump()
    with pytest.raises(RestrictedError) as refused:
        await top.soft_delete(session, cascade=True)
    says(refused.value, "Right", "Bottom", "right_id", f"id={bottom.id}")
    await session.commit()
    assert store.dump() == before


@pytest.mark.parametrize("cascade", [False, True])
async def test_a_live_child_with_restrict_forbids_the_deletion(session, store, cascade):
    team = await Team.create(session, name="t")
    budgets = [await Budget.create(session, team_id=team.id) for _ in range(3)]
    await session.commit()
    before = store.dump()
    with pytest.raises(RestrictedError) as refused:
        await team.soft_delete(session, cascade=cascade)
    says(refused.value, "Team", str(team.id), "Budget", "team_id", *(str(budget.id) for budget in budgets))
    await session.commit()
    assert store.dump() == before
    assert not team.is_deleted


async def test_a_refused_cascade_keeps_what_the_session_did_before(session):
    team = await Team.create(session, name="t")
    await Budget.create(session, team_id=team.id)
    with pytest.raises(RestrictedError):
        await team.soft_delete(session, cascade=True)
    other = await Team.create(session, name="other")
    await session.commit()
    assert await live(session, Team) == [[team.id, other.id]]


async def test_a_deleted_child_with_restrict_forbids_nothing(session):
    team = await Team.create(session, name="t")
    budget = await Budget.create(session, team_id=team.id)
    await budget.soft_delete(session)
    deletion = await team.soft_delete(session, cascade=True)
    assert deletion.rows == {"teams": 1}


async def test_many_blockers_are_not_all_listed(session):
    team = await Team.create(session, name="t")
    for _ in range(200):
        await Budget.create(session, team_id=team.id)
    with pytest.raises(RestrictedError) as refused:
        await team.soft_delete(session)
    assert len(str(refused.value)) < 1000


async def test_set_null_clears_the_reference_and_keeps_the_child(session, stored):
    team = await Team.create(session, name="t")
    lead = await Lead.create(session, team_id=team.id)
    await team.soft_delete(session, cascade=True)
    assert (await Lead.get(session, lead.id)).team_id is None
    await session.commit()
    assert stored("SELECT team_id, deleted_at FROM leads") == [(None, None)]


async def test_set_null_is_put_back_by_the_restore(session, stored):
    teams = [await Team.create(session, name=name) for name in "ab"]
    leads = [await Lead.create(session, team_id=team.id) for team in teams for _ in range(2)]
    await Team.bulk_soft_delete(session, [team.id for team in teams], cascade=True)
    await teams[0].restore(session, cascade=True)
    await session.commit()
    found = [row.team_id for row in await Lead.filter(session).order_by("id")]
    assert found == [teams[0].id] * 2 + [teams[1].id] * 2
    assert len(leads) == 4
    assert stored("SELECT * FROM reprieve_changes") == []


async def test_set_null_is_not_put_back_where_the_reference_was_changed_since(session):
    old, new = [await Team.create(session, name=name) for name in "ab"]
    lead = await Lead.create(session, team_id=old.id)
    deletion = await old.soft_delete(session, cascade=True)
    lead = await Lead.get(session, lead.id)
    lead.team_id = new.id
    await session.commit()
    await deletion.undo(session)
    assert (await Lead.get(session, lead.id)).team_id == new.id


async def test_set_null_is_not_put_back_under_a_parent_that_stays_deleted(session, store):
    # The team is taken as the only row of a bulk cascade, then deleted on its own: the undo of the first leaves it.
    team, other = [await Team.create(session, name=name) for name in "ab"]
    lead = await Lead.create(session, team_id=team.id)
    await Team.bulk_soft_delete(session, [team.id, other.id], cascade=True)
    await team.restore(session)
    again = await team.soft_delete(session, cascade=True)
    await other.restore(session, cascade=True)
    assert await live(session, Team) == [[other.id]]
    assert (await Lead.get(session, lead.id)).team_id is None, "a live row refers to a row that a cascade deleted"
    await again.undo(session)
    await session.commit()
    assert (await Lead.get(session, lead.id)).team_id == team.id
    store.assert_sound()


async def test_set_null_reaches_children_without_soft_delete(session):
    team = await Team.create(session, name="t")
    poster = await Poster.create(session, team_id=team.id)
    await team.soft_delete(session, cascade=True)
    assert (await Poster.get(session, poster.id)).team_id is None
    await team.restore(session, cascade=True)
    assert (await Poster.get(session, poster.id)).team_id == team.id


async def test_set_default_moves_the_child_and_the_restore_puts_it_back(session):
    fallback, team = [await Team.create(session, name=name) for name in "ab"]
    assert fallback.id == 1
    badge = await Badge.create(session, team_id=team.id)
    deletion = await team.soft_delete(session, cascade=True)
    assert (await Badge.get(session, badge.id)).team_id == fallback.id
    await deletion.undo(session)
    assert (await Badge.get(session, badge.id)).team_id == team.id


async def test_children_without_soft_delete_are_left_alone(session, stored):
    post = await Post.create(session, title="a")
    memo = await Memo.create(session, text="m", post_id=post.id)
    deletion = await post.soft_delete(session, cascade=True)
    assert deletion.rows == {"posts": 1}
    assert (await Memo.get(session, memo.id)).post_id == post.id


async def test_a_forced_delete_takes_children_as_the_database_has_it(session, stored):
    [user] = await blog(session)
    await user.delete(session, force=True)
    await session.commit()
    for table in ("users", "posts", "comments"):
        assert stored(f"SELECT * FROM {table}") == [], table


async def test_a_forced_delete_that_a_child_forbids_changes_nothing(session, store):
    team = await Team.create(session, name="t")
    await Budget.create(session, team_id=team.id)
    await session.commit()
    before = store.dump()
    with pytest.raises(ConstraintError):
        await team.delete(session, force=True)
    await session.commit()
    assert store.dump() == before


async def test_a_child_cannot_be_created_under_a_parent_that_a_cascade_deleted(session, store):
    user = await User.create(session, username="u")
    await user.soft_delete(session, cascade=True)
    await session.commit()
    before = store.dump()
    with pytest.raises(ConstraintError) as refused:
        await Post.create(session, title="late", author_id=user.id)
    says(refused.value, "Post", "author_id", "User", str(user.id), ("restore",))
    await session.commit()
    assert store.dump() == before


async def test_a_child_cannot_be_moved_under_a_parent_that_a_cascade_deleted(session, store):
    user = await User.create(session, username="u")
    post = await Post.create(session, title="a")
    await user.soft_delete(session, cascade=True)
    await session.commit()
    before = store.dump()
    post.author_id = user.id
    with pytest.raises(ConstraintError) as refused:
        await session.flush()
    says(refused.value, "Post", "author_id", "User", str(user.id))
    await session.rollback()
    assert store.dump() == before


async def test_a_child_can_be_created_under_a_parent_deleted_alone(session):
    user = await User.create(session, username="u")
    await user.soft_delete(session)
    post = await Post.create(session, title="a", author_id=user.id)
    assert await Post.get(session, post.id) is not None


async def test_a_cascade_takes_children_created_by_another_session_meanwhile(session, db):
    [user] = await blog(session, posts=1, comments=0)
    await session.commit()
    async with db.session() as other:
        await Post.create(other, title="late", author_id=user.id)
    deletion = await user.soft_delete(session, cascade=True)
    assert deletion.rows == {"users": 1, "posts": 2}


async def test_loaded_children_learn_of_the_cascade_when_they_are_read_again(session):
    [user] = await blog(session, posts=1, comments=0)
    [post] = await Post.all(session)
    await user.soft_delete(session, cascade=True)
    assert await Post.get(session, post.id) is None
    assert (await Post.get_with_deleted(session, post.id)).is_deleted


async def test_the_changed_attributes_of_children_survive_a_cascade(session, stored):
    [user] = await blog(session, posts=1, comments=0)
    [post] = await Post.all(session)
    post.content = "changed"
    await user.soft_delete(session, cascade=True)
    await session.commit()
    assert stored("SELECT content, deleted_at IS NULL FROM posts") == [("changed", 0)]


async def test_unique_means_unique_among_live_rows(session):
    first = await User.create(session, username="ann")
    await first.soft_delete(session)
    second = await User.create(session, username="ann")
    await second.soft_delete(session)
    third = await User.create(session, username="ann")
    assert [user.id for user in await User.all(session)] == [third.id]
    assert len(await User.all_with_deleted(session)) == 3
