# ruff: noqa: B008 - calls in argument defaults are how FastAPI declares dependencies
"""An app without handlers of its own that logs each statement, over a database that VAULT_DATABASE names. Each of its
attempts fails over a secret that it was sent, at another place."""

import enum
import logging
import os
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from pydantic import BaseModel

from fastapi_orm import (
    Database,
    DecimalField,
    EnumField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    SoftDeleteMixin,
    StringField,
)


class Kind(enum.Enum):
    OPEN = 1


class Account(Model, SoftDeleteMixin):
    __tablename__ = "accounts"
    __upsert_deleted__ = "reject"

    id: int = IntegerField(primary_key=True)
    email: str = StringField(max_length=200, unique=True, nullable=False)
    password: str = StringField(min_length=200, max_length=300)
    code: str = StringField(max_length=3)
    pin: int = IntegerField(max_value=10)
    kind: Kind = EnumField(Kind)
    price = DecimalField(precision=4, scale=2)
    data = JSONField()
    word: str = StringField(validators=[lambda word: word == "open sesame"])


class Key(Model, SoftDeleteMixin):
    __tablename__ = "keys"

    name: str = StringField(max_length=200, primary_key=True)
    account_id: int = ForeignKeyField("accounts")


class Lock(Model, SoftDeleteMixin):
    __tablename__ = "locks"

    id: int = IntegerField(primary_key=True)
    key_name: str = ForeignKeyField("keys", on_delete="RESTRICT")


db = Database(os.environ["VAULT_DATABASE"], echo=True)
SQLITE = os.environ["VAULT_DATABASE"].startswith("sqlite")


@asynccontextmanager
async def lifespan(app):
    logging.getLogger("fastapi_orm").setLevel(logging.DEBUG)
    logging.basicConfig()
    await db.create_tables([Account, Key, Lock])
    async with db.session() as session:
        if SQLITE:
            await session.execute("CREATE VIRTUAL TABLE pages USING fts5(text)")
            await session.execute("CREATE TABLE guarded (word text CHECK (length(word) < 5))")
        else:
            await session.execute("CREATE TABLE guarded (word text CONSTRAINT secret_rule CHECK (length(word) < 5))")
            await session.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the word % is not allowed', NEW.word; END $$"
            )
            await session.execute("CREATE TABLE watched (word text)")
            await session.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
    yield
    await db.close()


async def get_db():
    async for session in db.get_session():
        yield session


async def taken(session, secret):
    await Account.create(session, email=secret)
    await Account.create(session, email=secret)


async def taken_in_bulk(session, secret):
    await Account.bulk_create(session, [{"email": secret}, {"email": secret}])


async def taken_by_sql(session, secret):
    for _ in range(2):
        await session.execute("INSERT INTO accounts (email) VALUES (:email)", {"email": secret})


async def conflicting(session, secret):
    account = await Account.create(session, email=secret)
    await account.soft_delete(session)
    await Account.create(session, email=secret)
    await account.restore(session)


async def rejected(session, secret):
    account = await Account.create(session, email=secret)
    await account.soft_delete(session)
    await Account.get_or_create(session, email=secret)


async def restricted(session, secret):
    await Key.create(session, name=secret)
    await Lock.create(session, key_name=secret)
    await (await Key.get(session, secret)).soft_delete(session)


async def wrong_kind_of_filter(session, secret):
    await Account.filter(session, pin=secret)


async def searched(session, secret):
    if SQLITE:
        await session.execute("SELECT * FROM pages WHERE pages MATCH :word", {"word": f"{secret} AND ("})
    else:
        await session.execute("INSERT INTO watched (word) VALUES (:word)", {"word": secret})


async def checked(session, secret):
    await session.execute("INSERT INTO guarded (word) VALUES (:word)", {"word": secret})


def values(**given):
    async def attempt(session, secret):
        named = {name: value(secret) if callable(value) else value for name, value in given.items()}
        await Account.create(session, **{"email": f"{secret}@example.org", **named})

    return attempt


def sql(text):
    async def attempt(session, secret):
        await session.execute(text, {"secret": secret})

    return attempt


def itself(secret):
    return secret


ATTEMPTS = {
    "short": values(password=itself),
    "long": values(code=itself),
    "large": values(pin=lambda secret: int.from_bytes(secret.encode()[-6:], "big")),
    "kind": values(kind=itself),
    "type": values(pin=itself),
    "decimal": values(price=itself),
    "document": values(data=lambda secret: {1: secret}),
    "object": values(data=lambda secret: {"a": {secret}}),
    "validator": values(word=itself),
    "null": values(email=None, code="a"),
    "reference": lambda session, secret: Lock.create(session, key_name=secret),
    "taken": taken,
    "bulk": taken_in_bulk,
    "taken_by_sql": taken_by_sql,
    "conflict": conflicting,
    "rejected": rejected,
    "restricted": restricted,
    "filter": wrong_kind_of_filter,
    "cursor": lambda session, secret: Account.paginate_by_cursor(session, cursor=secret),
    "search": searched,
    "check": checked,
    "syntax": sql("SELEC :secret"),
    "table": sql("SELECT :secret FROM nowhere"),
    "number": sql("SELECT CAST(:secret AS integer) + no_such_function(1)"),
}

app = FastAPI(lifespan=lifespan)


class Sent(BaseModel):
    secret: str


@app.get("/attempts")
async def attempts():
    return list(ATTEMPTS)


@app.post("/attempts/{name}")
async def attempt(name: str, sent: Sent, session=Depends(get_db)):
    await ATTEMPTS[name](session, sent.secret)


@app.post("/accounts", status_code=201)
async def create(body: Account.create_model(), session=Depends(get_db)):
    await Account.create(session, **body.model_dump())
