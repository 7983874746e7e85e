"""`set_audit_user` in dependencies of FastAPI that are plain functions, which run in threads."""

import asyncio
import threading
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Header

from fastapi_orm import (
    AuditMixin,
    IntegerField,
    Model,
    Session,
    SessionError,
    StringField,
    clear_audit_user,
    get_audit_metadata,
    get_audit_user,
    set_audit_user,
)

User = Annotated[str, Header()]


class Letter(Model, AuditMixin):
    __tablename__ = "actor_letters"

    id: int = IntegerField(primary_key=True)
    text: str = StringField(max_length=40)


@pytest.fixture
def app(db, loop):
    loop.run_until_complete(db.create_tables([Letter]))
    app = FastAPI()
    gate = asyncio.Event()

    async def get_db():
        async for session in db.get_session():
            yield session

    async def in_a_block():
        async with db.session() as session:
            yield session

    def sync_user(user: User, session: Annotated[Session, Depends(get_db)]):
        set_audit_user(user, by="thread")

    def sync_user_in_a_block(user: User, session: Annotated[Session, Depends(in_a_block)]):
        set_audit_user(user)

    def sync_user_alone(user: User):
        set_audit_user(user)

    async def async_user(user: User):
        set_audit_user(user)

    def nobody(session: Annotated[Session, Depends(get_db)]):
        clear_audit_user()

    async def write(session, text):
        letter = await Letter.create(session, text=text)
        return {"id": letter.id, "user": get_audit_user(), "metadata": get_audit_metadata()}

    @app.post("/thread", dependencies=[Depends(sync_user)])
    async def thread(user: User, session: Annotated[Session, Depends(get_db)]):
        return await write(session, user)

    @app.post("/block", dependencies=[Depends(sync_user_in_a_block)])
    async def block(user: User, session: Annotated[Session, Depends(in_a_block)]):
        return await write(session, user)

    @app.post("/alone", dependencies=[Depends(sync_user_alone)])
    async def alone(user: User, session: Annotated[Session, Depends(get_db)]):
        return await write(session, user)

    @app.post("/async", dependencies=[Depends(async_user)])
    async def in_the_loop(user: User, session: Annotated[Session, Depends(get_db)]):
        return await write(session, user)

    @app.post("/cleared", dependencies=[Depends(async_user), Depends(nobody)])
    async def cleared(user: User, session: Annotated[Session, Depends(get_db)]):
        return await write(session, user)

    @app.post("/together/{last}", dependencies=[Depends(sync_user)])
    async def together(last: bool, user: User, session: Annotated[Session, Depends(get_db)]):
        if last:
            gate.set()
        await gate.wait()
        return {"user": get_audit_user()}

    return app


async def post(app, *requests):
    """The answers to requests that run at the same time, each in a task of its own, as a server has it."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        calls = [client.post(path, headers={"user": user}) for path, user in requests]
        answers = await asyncio.gather(*[asyncio.ensure_future(call) for call in calls])
    return [answer.json() for answer in answers]


def actors(stored):
    return [user for (user,) in stored("SELECT user_id FROM audit_logs ORDER BY id")]


@pytest.mark.parametrize("path", ["/thread", "/block", "/async"])
async def test_who_acts_is_seen_by_the_request_whose_dependency_says_so(app, stored, path):
    [answer] = await post(app, (path, "ada"))
    assert answer["user"] == "ada"
    assert actors(stored) == ["ada"]
    assert answer["metadata"] == ({"by": "thread"} if path == "/thread" else {})


async def test_a_dependency_without_the_session_says_what_to_do(app, stored):
    with pytest.raises(SessionError, match="async def") as error:
        await post(app, ("/alone", "ada"))
    assert "Depends(get_db)" in str(error.value)
    assert actors(stored) == []


async def test_who_acts_may_be_taken_back_in_a_thread(app, stored):
    [answer] = await post(app, ("/cleared", "ada"))
    assert (answer["user"], actors(stored)) == (None, [None])


async def test_requests_at_the_same_time_do_not_see_each_others_user(app):
    users = [f"user{n}" for n in range(6)]
    requests = [(f"/together/{user == users[-1]}", user) for user in users]
    assert [answer["user"] for answer in await post(app, *requests)] == users


async def test_a_request_leaves_no_user_to_the_next(app, stored):
    for user in ("ada", "bob"):
        await post(app, ("/thread", user))
    assert get_audit_user() is None
    assert actors(stored) == ["ada", "bob"]


def test_a_thread_of_the_programs_own_has_a_user_of_its_own():
    seen = []

    def work():
        set_audit_user("thread")
        seen.append(get_audit_user())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert (seen, get_audit_user()) == (["thread"], None)
