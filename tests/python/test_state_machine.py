"""Random deletions and restores over a small forest, against the rules in a few lines of Python."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import loops
from fastapi_orm import ConstraintError, Database, RestoreConflict
from models import MODELS, Comment, Post, User

TABLES = {"users": User, "posts": Post, "comments": Comment}


@dataclass(eq=False)
class Deletion:
    """What one call of a delete verb did, by the rules; `receipt` is what the library says it did."""

    cascade: bool
    roots: set = field(default_factory=set)
    receipt: object = None


@dataclass(eq=False)
class Row:
    table: str
    id: int
    parent: "Row | None"
    deletion: Deletion | None = None

    @property
    def held(self):
        """Whether a cascade deleted it."""
        return self.deletion is not None and self.deletion.cascade


class Rules:
    """The life of rows, each with at most one parent."""

    def __init__(self):
        self.rows = []

    def children(self, parents):
        return [row for row in self.rows if row.parent in parents]

    def delete(self, rows, cascade):
        """The deletion, and the rows that it took by table; none: nothing was left to take."""
        deletion = Deletion(cascade)
        for row in rows:
            if row.deletion is None or (row.held and row not in row.deletion.roots):
                deletion.roots.add(row)
        for row in deletion.roots:
            row.deletion = deletion
        taken = set(deletion.roots)
        added = taken
        while cascade and added:
            added = {row for row in self.children(added) if row.deletion is None}
            for row in added:
                row.deletion = deletion
            taken |= added
        counts = {}
        for row in taken:
            counts[row.table] = counts.get(row.table, 0) + 1
        return deletion, counts

    def blocked(self, rows):
        """Whether a row of these cannot be restored alone."""
        return any(row.deletion and row.parent and row.parent.held and row.parent not in rows for row in rows)

    def restore(self, rows, ancestors=False):
        for row in rows:
            if row.deletion is None:
                continue
            if ancestors and row.parent and row.parent.held:
                self.restore([row.parent], ancestors=True)
            row.deletion = None

    def undo(self, deletion):
        moved = True
        while moved:
            moved = False
            for row in self.rows:
                # A row under a parent that another cascade holds goes to that one, and takes its live children along.
                left = row.deletion is deletion or row.deletion is None
                if left and row.parent and row.parent.held and row.parent.deletion is not deletion:
                    row.deletion = row.parent.deletion
                    moved = True
        for row in self.rows:
            if row.deletion is deletion:
                row.deletion = None

    def remove(self, row):
        gone = {row}
        while more := set(self.children(gone)) - gone:
            gone |= more
        self.rows = [row for row in self.rows if row not in gone]


class LifeOfRows(RuleBasedStateMachine):
    loop_name = "asyncio"
    store = None  # where its databases are; None for memory

    def __init__(self):
        super().__init__()
        self.rules = Rules()
        self.deletions = []
        self.created = 0
        self.loop = loops.new(self.loop_name)
        asyncio.set_event_loop(self.loop)
        self.db = Database(self.store.another().url if self.store else "sqlite+aiosqlite:///:memory:")
        self.run(self.db.create_tables(MODELS))

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def within(self, work):
        """Runs the work in a session of its own."""

        async def call():
            async with self.db.session() as session:
                return await work(session)

        return self.run(call())

    def teardown(self):
        self.run(self.db.close())
        loops.close(self.loop)
        asyncio.set_event_loop(None)

    def pick(self, number, *tables):
        rows = [row for row in self.rules.rows if not tables or row.table in tables]
        return rows[number % len(rows)] if rows else None

    def create(self, table, parent, **values):
        async def work(session):
            return (await TABLES[table].create(session, **values)).id

        if parent and parent.held:
            with pytest.raises(ConstraintError):
                self.within(work)
        else:
            self.rules.rows.append(Row(table, self.within(work), parent))

    @initialize()
    def plant(self):
        self.create("users", None, username="u0")
        user = self.rules.rows[0]
        self.create("posts", user, title="t", author_id=user.id)
        post = self.rules.rows[1]
        self.create("comments", post, body="b", post_id=post.id)
        comment = self.rules.rows[2]
        self.create("comments", comment, body="b", answers_id=comment.id)

    @rule()
    def create_user(self):
        self.created += 1
        self.create("users", None, username=f"u{self.created}")

    @rule(number=st.integers(0, 100))
    def create_post(self, number):
        user = self.pick(number, "users")
        self.create("posts", user, title="t", author_id=user.id if user else None)

    @rule(number=st.integers(0, 100), answer=st.booleans())
    def create_comment(self, number, answer):
        parent = self.pick(number, "comments" if answer else "posts")
        key = "answers_id" if answer else "post_id"
        self.create("comments", parent, body="b", **{key: parent.id if parent else None})

    def fetch(self, row):
        async def work(session):
            return await TABLES[row.table].get_with_deleted(session, row.id)

        return work

    @rule(number=st.integers(0, 100), cascade=st.booleans(), plain=st.booleans())
    def soft_delete(self, number, cascade, plain):
        row = self.pick(number)
        if row is None:
            return

        async def work(session):
            one = await self.fetch(row)(session)
            if plain and not cascade:
                await one.delete(session)
                receipt = None
            else:
                receipt = await one.soft_delete(session, cascade=cascade)
            assert one.is_deleted
            return receipt

        receipt = self.within(work)
        deletion, counts = self.rules.delete([row], cascade)
        if receipt:
            assert receipt.rows == counts
            deletion.receipt = receipt
            self.deletions.append(deletion)

    @rule(numbers=st.lists(st.integers(0, 100), max_size=4), table=st.sampled_from(list(TABLES)), cascade=st.booleans())
    def bulk_soft_delete(self, numbers, table, cascade):
        rows = {self.pick(number, table) for number in numbers} - {None}
        deletion, _ = self.rules.delete(rows, cascade)
        keys = [row.id for row in rows]
        taken = self.within(lambda session: TABLES[table].bulk_soft_delete(session, keys, cascade=cascade))
        mine = [row for row in self.rules.rows if row.deletion is deletion and row.table == table]
        assert taken == len(mine)

    @rule(number=st.integers(0, 100), ancestors=st.booleans())
    def restore(self, number, ancestors):
        row = self.pick(number)
        if row is None:
            return

        async def work(session):
            one = await self.fetch(row)(session)
            await one.restore(session, ancestors=ancestors)
            assert not one.is_deleted

        if self.rules.blocked([row]) and not ancestors:
            with pytest.raises(RestoreConflict):
                self.within(work)
        else:
            self.within(work)
            self.rules.restore([row], ancestors)

    @rule(numbers=st.lists(st.integers(0, 100), max_size=4), table=st.sampled_from(list(TABLES)))
    def bulk_restore(self, numbers, table):
        rows = {self.pick(number, table) for number in numbers} - {None}
        keys = [row.id for row in rows]

        async def work(session):
            return await TABLES[table].bulk_restore(session, keys)

        if self.rules.blocked(rows):
            with pytest.raises(RestoreConflict):
                self.within(work)
        else:
            assert self.within(work) == sum(row.deletion is not None for row in rows)
            self.rules.restore(rows)

    @rule(number=st.integers(0, 100))
    def restore_with_cascade(self, number):
        row = self.pick(number)
        if row is None:
            return

        async def work(session):
            one = await self.fetch(row)(session)
            await one.restore(session, cascade=True)
            return one.is_deleted

        deleted = self.within(work)
        if row.deletion is not None:
            self.rules.undo(row.deletion)
        assert deleted == (row.deletion is not None)

    @rule(number=st.integers(0, 100))
    def undo(self, number):
        if self.deletions:
            deletion = self.deletions[number % len(self.deletions)]
            if sum(deletion.receipt.rows.values()):
                self.within(deletion.receipt.undo)
                self.rules.undo(deletion)

    @rule(number=st.integers(0, 100))
    def force_delete(self, number):
        row = self.pick(number)
        if row is None:
            return

        async def work(session):
            one = await self.fetch(row)(session)
            await one.delete(session, force=True)

        self.within(work)
        self.rules.remove(row)

    @rule(number=st.integers(0, 100), cascade=st.booleans())
    def roll_back(self, number, cascade):
        """Nothing of it may remain."""
        row = self.pick(number)
        if row is None:
            return

        async def work(session):
            one = await self.fetch(row)(session)
            await one.soft_delete(session, cascade=cascade)
            await one.restore(session, cascade=True)
            await one.delete(session, force=True)
            await session.rollback()

        self.within(work)

    @invariant()
    def every_query_shows_what_the_rules_say(self):
        async def work(session):
            for table, model in TABLES.items():
                rows = [row for row in self.rules.rows if row.table == table]
                live = sorted(row.id for row in rows if row.deletion is None)
                deleted = sorted(row.id for row in rows if row.deletion is not None)
                assert sorted(row.id for row in await model.all(session)) == live
                assert sorted(row.id for row in await model.filter(session)) == live
                assert sorted(row.id for row in await model.only_deleted(session)) == deleted
                assert sorted(row.id for row in await model.all_with_deleted(session)) == sorted(live + deleted)
                assert sorted(row.id for row in await model.filter_with_deleted(session)) == sorted(live + deleted)
                assert await model.filter(session).count() == len(live)
                assert await model.only_deleted(session).count() == len(deleted)
                for row in rows:
                    assert (await model.get(session, row.id) is None) == (row.deletion is not None)
                    assert (await model.get_with_deleted(session, row.id)).is_deleted == (row.deletion is not None)

        self.within(work)

    @invariant()
    def no_live_row_is_under_a_parent_that_a_cascade_deleted(self):
        assert not any(row.deletion is None and row.parent and row.parent.held for row in self.rules.rows)


BOUNDS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", loops.NAMES)
def test_random_deletions_and_restores_follow_the_rules(name):
    machine = type("LifeOfRows", (LifeOfRows,), {"loop_name": name})
    run_state_machine_as_test(machine, settings=BOUNDS)


def test_random_deletions_and_restores_follow_the_rules_where_other_programs_see_them(store):
    machine = type("LifeOfRows", (LifeOfRows,), {"loop_name": loops.NAMES[-1], "store": store})
    run_state_machine_as_test(machine, settings=settings(BOUNDS, max_examples=8))
