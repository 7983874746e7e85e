"""Blocks of work: what is kept, what is undone, and what happens to the rest of the session."""

import asyncio
import inspect

import pytest

from fastapi_orm import (
    DuplicateRecordError,
    Session,
    SessionError,
    TransactionError,
    ValidationError,
    atomic,
    transaction,
    transactional,
)
from models import Post, User
from support import says


@pytest.fixture
def titles(stored):
    """The titles that other programs see."""
    return lambda: [title for (title,) in stored("SELECT title FROM posts ORDER BY id")]


async def test_a_block_commits_at_its_end(session, titles):
    async with session.begin() as inside:
        assert inside is session
        await Post.create(session, title="a")
        assert titles() == []
    assert titles() == ["a"]
    assert not session.in_transaction


async def test_a_block_opens_the_transaction_before_it_reads(db, session, titles):
    await Post.create(session, title="a")
    await session.commit()

    async def write():
        async with db.session() as other:
            await Post.create(other, title="later")

    async with session.begin():
        assert session.in_transaction
        post = await Post.get(session, 1)
        waiting = asyncio.ensure_future(write())
        await asyncio.sleep(0)
        post.title += "!"
        await session.flush()
        assert not waiting.done()
    await waiting
    assert titles() == ["a!", "later"]


async def test_an_exception_undoes_the_block_and_goes_on_as_it_is(session, titles):
    failure = KeyError("mine")
    with pytest.raises(KeyError) as raised:
        async with session.begin():
            await Post.create(session, title="a")
            raise failure
    assert raised.value is failure
    assert await Post.count(session) == 0
    await session.commit()
    assert titles() == []


async def test_a_block_inside_a_transaction_is_a_savepoint(session, titles):
    await Post.create(session, title="before")
    with pytest.raises(ZeroDivisionError):
        async with session.begin():
            await Post.create(session, title="inside")
            1 / 0  # noqa: B018
    await Post.create(session, title="after")
    assert titles() == []
    await session.commit()
    assert titles() == ["before", "after"]


async def test_a_block_is_a_savepoint_when_changes_are_pending(session, titles):
    post = await Post.create(session, title="a")
    await session.commit()
    post.title = "pending"
    async with session.begin():
        post.content = "inside"
    assert titles() == ["a"], "the change from before the block is not the block's to commit"
    await session.commit()
    assert titles() == ["pending"]


async def test_the_work_of_a_savepoint_is_committed_with_what_surrounds_it(session, titles):
    async with session.begin():
        await Post.create(session, title="outer")
        async with session.begin():
            await Post.create(session, title="inner")
        assert titles() == []
    assert titles() == ["outer", "inner"]


async def test_an_outer_block_that_fails_undoes_the_inner_one_too(session, titles):
    with pytest.raises(ZeroDivisionError):
        async with session.begin():
            async with session.begin():
                await Post.create(session, title="inner")
            1 / 0  # noqa: B018
    await session.commit()
    assert titles() == []


async def test_blocks_nest_to_any_depth(session, titles):
    async def descend(depth):
        async with session.begin():
            await Post.create(session, title=str(depth))
            try:
                if depth < 20:
                    await descend(depth + 1)
            except ZeroDivisionError:
                return
            if depth % 2:
                1 / 0  # noqa: B018

    await descend(0)
    assert titles() == ["0"]


async def test_a_failing_verb_inside_a_block_does_not_end_it(session, titles):
    async with session.begin():
        await User.create(session, username="u")
        with pytest.raises(DuplicateRecordError):
            await User.create(session, username="u")
        await Post.create(session, title="a")
    assert titles() == ["a"]


async def test_begin_nested_is_a_savepoint_even_without_a_transaction(session, titles):
    async with session.begin_nested():
        await Post.create(session, title="a")
    assert session.in_transaction and titles() == []
    await session.commit()
    assert titles() == ["a"]


async def test_the_session_of_a_savepoint_ends_it_alone(session, titles):
    async with session.begin():
        await Post.create(session, title="outer")
        async with session.begin_nested() as savepoint:
            await Post.create(savepoint, title="undone")
            await savepoint.rollback()
        async with session.begin_nested() as savepoint:
            await Post.create(savepoint, title="kept")
            await savepoint.commit()
        assert titles() == []
    assert titles() == ["outer", "kept"]


async def test_the_session_of_a_savepoint_can_be_forgotten(session, titles):
    async with session.begin_nested() as savepoint:
        del savepoint
        await Post.create(session, title="a")
    await session.commit()
    assert titles() == ["a"]


async def test_a_savepoint_that_was_ended_inside_waits_to_be_left(session):
    async with session.begin():
        async with session.begin_nested() as savepoint:
            await savepoint.rollback()
            with pytest.raises(SessionError, match="leave"):
                await Post.all(session)
        assert await Post.all(session) == []


async def test_a_commit_inside_a_block_ends_it_and_nothing_else_runs_there(session, titles):
    async with session.begin():
        await Post.create(session, title="a")
        await session.commit()
        assert titles() == ["a"]
        with pytest.raises(SessionError) as refused:
            await Post.create(session, title="b")
        says(refused.value, "ended", "leave", "async with")
    await Post.create(session, title="c")
    await session.commit()
    assert titles() == ["a", "c"]


async def test_a_rollback_inside_a_block_ends_it(session, titles):
    async with session.begin():
        await Post.create(session, title="a")
        await session.rollback()
        with pytest.raises(SessionError):
            await Post.create(session, title="b")
    assert await Post.count(session) == 0
    assert titles() == []


async def test_a_rollback_before_an_exception_inside_a_block_lets_it_pass(db, titles):
    with pytest.raises(ZeroDivisionError):
        async with atomic(db) as session:
            await Post.create(session, title="a")
            await session.rollback()
            1 / 0  # noqa: B018
    assert titles() == []


async def test_a_commit_as_the_last_call_of_a_block_is_fine(db, titles):
    async with atomic(db) as session:
        await Post.create(session, title="a")
        await session.commit()
    assert titles() == ["a"]


async def test_a_rollback_inside_a_savepoint_ends_the_blocks_around_it(session, titles):
    async with session.begin():
        await Post.create(session, title="outer")
        async with session.begin():
            await Post.create(session, title="inner")
            await session.rollback()
        with pytest.raises(SessionError):
            await Post.all(session)
    assert await Post.all(session) == []


async def test_a_block_is_used_once(session, titles):
    block = session.begin()
    async with block:
        with pytest.raises(SessionError, match="once"):
            await block.__aenter__()
        await Post.create(session, title="a")
    with pytest.raises(SessionError, match="once"):
        async with block:
            pass
    assert titles() == ["a"]


async def test_a_block_that_was_never_entered_leaves_nothing(session, store):
    session.begin()
    assert not session.in_transaction
    store.assert_unlocked()


async def test_an_outer_block_that_is_left_before_its_inner_one_is_rolled_back(session, titles):
    outer, inner = session.begin(), session.begin()
    await outer.__aenter__()
    await Post.create(session, title="outer")
    await inner.__aenter__()
    await Post.create(session, title="inner")
    with pytest.raises(SessionError) as refused:
        await outer.__aexit__(None, None, None)
    says(refused.value, "inside", "rolled back", "inner one first")
    await inner.__aexit__(None, None, None)
    assert await Post.all(session) == []
    await Post.create(session, title="after")
    await session.commit()
    assert titles() == ["after"]


async def test_an_outer_savepoint_that_is_left_before_its_inner_one_is_rolled_back_alone(session, titles):
    async with session.begin():
        await Post.create(session, title="kept")
        outer, inner = session.begin(), session.begin()
        await outer.__aenter__()
        await inner.__aenter__()
        await Post.create(session, title="inner")
        with pytest.raises(SessionError):
            await outer.__aexit__(None, None, None)
        await inner.__aexit__(None, None, None)
    assert titles() == ["kept"]


async def test_a_block_can_be_awaited_and_ended_by_hand(session, titles):
    block = await session.begin()
    assert block.is_active
    await Post.create(session, title="a")
    await block.commit()
    assert not block.is_active and titles() == ["a"]
    block = await session.begin()
    await Post.create(session, title="b")
    await block.rollback()
    await Post.create(session, title="c")
    with pytest.raises(SessionError, match="over"):
        await block.rollback()
    await session.commit()
    assert titles() == ["a", "c"]


async def test_a_block_that_has_not_begun_cannot_be_ended(session):
    with pytest.raises(SessionError, match="begun"):
        await session.begin().commit()


async def test_a_commit_ends_a_block_that_was_awaited(session, titles):
    block = await session.begin()
    await Post.create(session, title="a")
    await session.commit()
    assert not block.is_active
    await Post.create(session, title="b")
    await session.commit()
    assert titles() == ["a", "b"]


async def test_pending_changes_are_written_at_the_end_of_a_block(session, titles):
    post = await Post.create(session, title="a")
    await session.commit()
    async with session.begin():
        post.title = "b"
    assert titles() == ["b"]


async def test_a_change_that_does_not_fit_undoes_the_block_at_its_end(session, titles):
    post = await Post.create(session, title="a")
    await session.commit()
    with pytest.raises(ValidationError):
        async with session.begin():
            await Post.create(session, title="b")
            post.title = "x" * 300
    assert post.title == "a"
    assert await Post.count(session) == 1
    assert not session.in_transaction


async def test_a_block_of_a_closed_session_says_so(session):
    await session.close()
    with pytest.raises(SessionError, match="closed"):
        async with session.begin():
            pass


async def test_a_session_closed_inside_a_block_rolls_it_back(db, titles):
    async with db.session() as session, session.begin():
        await Post.create(session, title="a")
        await session.close()
    assert titles() == []


async def test_two_tasks_do_not_share_a_block(db, titles):
    async with db.session() as session, session.begin():
        await Post.create(session, title="a")
        results = await asyncio.gather(*(Post.create(session, title=str(n)) for n in range(2)), return_exceptions=True)
        assert all(isinstance(result, (Post, SessionError)) for result in results)
    assert titles()[0] == "a"


async def test_a_cancelled_task_rolls_its_block_back(db, store, titles):
    entered, never = asyncio.Event(), asyncio.Event()

    async def work():
        async with db.session() as session, session.begin():
            await Post.create(session, title="a")
            async with session.begin():
                await Post.create(session, title="b")
                entered.set()
                await never.wait()

    task = asyncio.ensure_future(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert titles() == []
    store.assert_unlocked()


async def test_a_session_goes_on_after_a_block_that_was_cancelled(session, titles):
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_wait_inside(session), 0.01)
    await Post.create(session, title="after")
    await session.commit()
    assert titles() == ["after"]


async def _wait_inside(session):
    async with session.begin():
        await Post.create(session, title="a")
        await asyncio.Event().wait()


async def test_a_commit_that_fails_is_a_transaction_error_with_its_cause(session, titles):
    await session.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
    await session.execute(
        "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    await session.commit()
    with pytest.raises(TransactionError) as failed:
        async with session.begin():
            await Post.create(session, title="a")
            await session.execute("INSERT INTO children VALUES (1)")
    assert "foreign key" in str(failed.value.original_error).lower()
    assert failed.value.__cause__ is failed.value.original_error
    assert not session.in_transaction
    await Post.create(session, title="after")
    await session.commit()
    assert titles() == ["after"]


async def test_transaction_is_a_block_of_the_session(session, titles):
    async with transaction(session) as inside:
        assert inside is session
        await Post.create(session, title="a")
        with pytest.raises(ZeroDivisionError):
            async with transaction(session):
                await Post.create(session, title="b")
                1 / 0  # noqa: B018
    assert titles() == ["a"]


async def test_transaction_wants_a_session(db):
    with pytest.raises(TypeError, match="session"):
        transaction(db)


async def test_atomic_on_a_database_has_a_session_of_its_own(db, store, titles):
    async with atomic(db) as session:
        assert session.in_transaction
        await Post.create(session, title="a")
    assert session.closed and titles() == ["a"]
    with pytest.raises(ZeroDivisionError):
        async with atomic(db) as session:
            await Post.create(session, title="b")
            1 / 0  # noqa: B018
    assert session.closed and titles() == ["a"]
    store.assert_unlocked()


async def test_atomic_on_a_session_is_a_block_of_it(session, titles):
    async with atomic(session) as inside:
        assert inside is session
        await Post.create(session, title="a")
    assert titles() == ["a"]


async def test_atomic_is_used_once(db):
    block = atomic(db)
    async with block:
        pass
    with pytest.raises(SessionError, match="once"):
        async with block:
            pass


async def test_atomic_runs_a_function_in_a_block(session, db, titles):
    async def write(inside, title, *, fail=False):
        post = await Post.create(inside, title=title)
        return 1 / 0 if fail else post

    post = await atomic(session, write, "a")
    assert post.title == "a" and titles() == ["a"]
    with pytest.raises(ZeroDivisionError):
        await atomic(session, write, "b", fail=True)
    assert await Post.count(session) == 1
    await atomic(db, write, title="c")
    assert titles() == ["a", "c"]


@transactional
async def write(session, title, fail=False):
    """Writes a post."""
    await Post.create(session, title=title)
    return 1 / 0 if fail else title


async def test_a_transactional_function_commits_or_rolls_back(session, titles):
    assert await write(session, "a") == "a"
    assert titles() == ["a"]
    with pytest.raises(ZeroDivisionError):
        await write(session, "b", fail=True)
    assert await Post.count(session) == 1


async def test_transactional_finds_the_session_wherever_it_is(session, titles):
    @transactional
    async def last(title, /, *, db_session):
        await Post.create(db_session, title=title)

    class Service:
        @transactional
        async def add(self, title, session: Session):
            await Post.create(session, title=title)

    await last("a", db_session=session)
    await Service().add("b", session)
    await write(title="c", session=session)
    assert titles() == ["a", "b", "c"]


async def test_a_transactional_function_inside_another_is_a_savepoint(session, titles):
    @transactional
    async def both(session):
        await write(session, "kept")
        with pytest.raises(ZeroDivisionError):
            await write(session, "undone", fail=True)
        assert titles() == []

    await both(session)
    assert titles() == ["kept"]


async def test_a_transactional_function_without_a_session_says_so_when_it_is_called(loop):
    with pytest.raises(TransactionError) as refused:
        await write(None, "a")
    says(refused.value, "write", "session", "transactional")


def test_transactional_keeps_what_the_function_is():
    assert inspect.iscoroutinefunction(write)
    assert write.__name__ == "write" and write.__doc__ == "Writes a post."
    assert list(inspect.signature(write).parameters) == ["session", "title", "fail"]


def test_transactional_is_for_async_functions():
    with pytest.raises(TypeError, match="async def"):

        @transactional
        def sync(session): ...


async def test_transactional_with_a_session_is_a_block_of_that_one(session, titles):
    @transactional(session)
    async def add(title, fail=False):
        await Post.create(session, title=title)
        return 1 / 0 if fail else title

    assert await add("a") == "a"
    with pytest.raises(ZeroDivisionError):
        await add("b", fail=True)
    assert titles() == ["a"]


async def test_transactional_with_a_database_gives_each_call_a_session(db, session, titles):
    @transactional(db)
    async def add(session: Session, title: str) -> str:
        await Post.create(session, title=title)
        return title

    assert await add("a") == "a"
    assert await add(title="b") == "b"
    assert await add(session, "c") == "c"
    assert titles() == ["a", "b", "c"]
    assert list(inspect.signature(add).parameters) == ["title"]


async def test_transactional_with_a_database_needs_a_place_for_the_session(db):
    with pytest.raises(TypeError, match="session"):

        @transactional(db)
        async def add(title): ...


async def test_transactional_may_be_called_without_arguments(session, titles):
    @transactional()
    async def add(session):
        await Post.create(session, title="a")

    await add(session)
    assert titles() == ["a"]
