"""Work that is run again because others were in the way, and what transactions see of others."""

import pytest

import fastapi_orm.retries
from fastapi_orm import (
    ConnectionLostError,
    Database,
    DatabaseError,
    SerializationError,
    Session,
    SessionError,
    TransactionError,
    ValidationError,
    atomic,
    transactional,
)
from fastapi_orm._engine import retry_pause
from models import Post
from support import says


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """How many failures there were before each pause."""
    asked = []
    monkeypatch.setattr(fastapi_orm.retries, "retry_pause", lambda failures: asked.append(failures) or 0)
    return asked


@pytest.fixture
def titles(stored):
    return lambda: [title for (title,) in stored("SELECT title FROM posts ORDER BY id")]


class Crowd:
    """Work that others are in the way of, so many times."""

    def __init__(self, times, error=SerializationError):
        self.times = times
        self.error = error
        self.sessions = []

    async def __call__(self, session, title="a", *, fail=None):
        self.sessions.append(session)
        assert await Post.count(session) == 0, "nothing is left of the run before"
        await Post.create(session, title=title)
        if len(self.sessions) <= self.times:
            raise self.error("commit", "others were in the way")
        if fail:
            raise fail
        return title


async def test_work_is_run_again_from_its_beginning_in_a_session_of_its_own(db, titles, pauses):
    crowd = Crowd(2)
    assert await atomic(db, retries=3).run(crowd, "b") == "b"
    assert titles() == ["b"]
    assert len({id(session) for session in crowd.sessions}) == 3
    assert all(session.closed for session in crowd.sessions)
    assert pauses == [1, 2]


async def test_a_function_can_be_passed_at_once(db, titles):
    crowd = Crowd(1)
    assert await atomic(db, crowd, "b", retries=1) == "b"
    assert titles() == ["b"]


async def test_it_is_not_run_more_often_than_asked_for(db, titles):
    crowd = Crowd(9)
    with pytest.raises(SerializationError):
        await atomic(db, retries=3).run(crowd)
    assert len(crowd.sessions) == 4
    assert titles() == []


async def test_without_retries_it_is_run_once(db, titles):
    crowd = Crowd(9)
    with pytest.raises(SerializationError):
        await atomic(db).run(crowd)
    assert len(crowd.sessions) == 1
    assert titles() == []


async def test_other_errors_go_on_as_they_are(db, titles):
    failure = KeyError("mine")
    crowd = Crowd(1)
    with pytest.raises(KeyError) as raised:
        await atomic(db, retries=3).run(crowd, fail=failure)
    assert raised.value is failure
    assert len(crowd.sessions) == 2
    assert titles() == []


@pytest.mark.parametrize("in_doubt", [True, False])
async def test_what_may_have_been_done_is_not_done_again(db, in_doubt):
    crowd = Crowd(1, lambda operation, why: ConnectionLostError(operation, why, in_doubt))
    with pytest.raises(ConnectionLostError) as raised:
        await atomic(db, retries=3).run(crowd)
    assert raised.value.in_doubt is in_doubt
    assert len(crowd.sessions) == 1


async def test_a_decorated_function_is_called_with_a_session(db, titles):
    runs = []

    @atomic(db, retries=2)
    async def publish(prefix, session: Session, title="a"):
        """Publishes."""
        runs.append(title)
        await Post.create(session, title=prefix + title)
        if len(runs) < 3:
            raise SerializationError("commit")
        return title

    assert publish.__doc__ == "Publishes."
    assert await publish("x", title="b") == "b"
    assert runs == ["b", "b", "b"]
    assert titles() == ["xb"]


async def test_each_call_of_a_decorated_function_begins_anew(db, titles):
    @atomic(db)
    async def publish(session, title):
        await Post.create(session, title=title)

    await publish("a")
    await publish("b")
    assert titles() == ["a", "b"]


async def test_a_call_with_the_callers_session_is_part_of_its_work(db, session):
    crowd = Crowd(1)

    @transactional(db, retries=3)
    async def publish(session):
        return await crowd(session)

    with pytest.raises(SerializationError):
        await publish(session)
    assert crowd.sessions == [session]
    assert await publish() == "a"


async def test_a_function_of_a_session_can_be_decorated(session, titles):
    @atomic(session)
    async def publish(title):
        await Post.create(session, title=title)

    await publish("a")
    assert titles() == ["a"]


async def test_a_block_cannot_be_run_again_and_says_what_to_write(db):
    with pytest.raises(SessionError) as refused:
        async with atomic(db, retries=3):
            raise AssertionError("not reached")
    says(refused.value, "run", "function", "decorate")


@pytest.mark.parametrize("retries", [-1, 1.5, True, "3", None])
async def test_a_number_of_retries_is_a_number(db, retries):
    with pytest.raises(ValidationError) as refused:
        atomic(db, retries=retries)
    assert refused.value.field == "retries"


async def test_the_work_of_a_session_is_not_run_again_from_the_middle(db, session):
    for refuse in (
        lambda: atomic(session, retries=1),
        lambda: transactional(session, retries=1),
        lambda: transactional(retries=1),
    ):
        with pytest.raises(ValidationError) as refused:
            refuse()
        assert refused.value.field == "retries"
    with pytest.raises(ValidationError) as refused:
        atomic(session, isolation="serializable")
    assert refused.value.field == "isolation"


def test_pauses_grow_and_are_random():
    assert all(0 <= retry_pause(1) < 0.01 for _ in range(100))
    assert all(0 <= retry_pause(100) < 1 for _ in range(100))
    assert len({retry_pause(6) for _ in range(100)}) > 90


def test_the_errors_of_transactions_say_what_can_be_done():
    again = SerializationError("commit", "a deadlock")
    assert isinstance(again, DatabaseError) and isinstance(again, TransactionError)
    assert again.retryable
    assert (again.operation, again.original_error) == ("commit", "a deadlock")
    assert str(again) == "Database error during commit: a deadlock"
    lost = ConnectionLostError("commit", "the server went away", True)
    assert isinstance(lost, DatabaseError) and isinstance(lost, TransactionError)
    assert lost.in_doubt and lost.details["in_doubt"] and not lost.retryable
    assert (lost.operation, lost.original_error) == ("commit", "the server went away")
    assert not ConnectionLostError("commit").in_doubt
    assert not DatabaseError("commit").retryable


@pytest.mark.parametrize(
    "level",
    ["read committed", "READ COMMITTED", "Repeatable_Read", "repeatable-read", "serializable", "SERIALIZABLE", None],
)
async def test_a_session_has_a_level_in_any_spelling(db, level):
    async with db.session(isolation=level) as session:
        await Post.create(session, title="a")
    async for session in db.get_session(isolation=level):
        assert await Post.count(session) == 1
    async with atomic(db, isolation=level) as session:
        assert await Post.count(session) == 1


@pytest.mark.parametrize("level", ["autocommit", "read uncommitted", "", 3, b"serializable"])
async def test_a_level_that_does_not_exist_is_refused_where_it_is_written(db, level):
    for refuse in (db.session, db.get_session, lambda **named: atomic(db, **named), lambda **n: transactional(db, **n)):
        with pytest.raises(ValidationError) as refused:
            refuse(isolation=level)
        assert refused.value.field == "isolation"
        says(refused.value, "read committed", "repeatable read", "serializable")


async def test_a_strict_transaction_begins_with_the_first_read(db):
    async with db.session(isolation="repeatable read") as session:
        assert not session.in_transaction
        await Post.count(session)
        assert session.in_transaction
        await session.commit()
        assert not session.in_transaction


@pytest.mark.parametrize("age", [3600, 0.5, -1, None])
async def test_settings_for_servers_mean_nothing_for_a_file(loop, path, age):
    settings = {"pool_recycle": age, "pool_pre_ping": False, "prepared_statements": False}
    async with Database(f"sqlite:///{path.as_posix()}", **settings) as db:
        assert await db.ping()


@pytest.mark.parametrize("age", [-2, float("nan"), float("inf")])
def test_an_age_that_is_none_is_refused(age):
    with pytest.raises(ValidationError) as refused:
        Database("sqlite:///:memory:", pool_recycle=age)
    assert refused.value.field == "pool_recycle"
    says(refused.value, "None", "-1")
