"""What was sent as a secret comes back nowhere: not in an answer, not in its headers, not in what the server logs."""

import json
import time
import traceback
import uuid

import pytest

import store as stores
from fastapi_orm import (
    ConstraintError,
    Database,
    DatabaseError,
    DatabaseUnavailableError,
    FastAPIOrmException,
    ValidationError,
)
from models import Post
from support import serving

# What a client is never told: names of constraints and tables, and the words of a database.
WORDS = ("constraint", "uq_", "ix_", "accounts", "SQLSTATE", "secret_rule", "UNIQUE", "CHECK", "syntax")


@pytest.fixture(scope="module", params=stores.DATABASES)
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("vault")
    with (
        stores.fresh(request.param, folder) as store,
        serving("vault:app", folder, VAULT_DATABASE=store.url) as server,
    ):
        yield server


def send(server, path, body):
    """On a connection of its own: a server closes one after a fault."""
    client = server.client()
    client.connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = client.connection.getresponse()
    told = str(answer.getheaders()) + answer.read().decode()
    client.close()
    return answer.status, told


def names(server):
    client = server.client()
    named = client.call("GET", "/attempts")[1]
    client.close()
    return named


def test_no_attempt_that_fails_repeats_what_it_was_sent(server):
    secrets = {}
    for name in names(server):
        secrets[name] = secret = f"canary{uuid.uuid4().hex}"
        status, told = send(server, f"/attempts/{name}", {"secret": secret})
        assert status >= 400, f"{name} did not fail"
        assert secret not in told, f"{name}: {told}"
        assert secret[:20] not in told, f"{name}: {told}"
        for word in WORDS:
            assert word not in told, f"{name}: {told}"
    # A line that comes after all others has been read.
    status, _ = send(server, "/attempts/no-such-attempt", {"secret": "x"})
    assert status == 500
    while not any("KeyError: 'no-such-attempt'" in line for line in server.log):
        time.sleep(0.05)
    log = "".join(server.log)
    assert "INSERT INTO" in log, "statements are logged"
    for name, secret in secrets.items():
        assert secret not in log, name
        assert secret[:20] not in log, name


@pytest.mark.parametrize(
    "body",
    [
        {"password": "{}"},
        {"code": "{}"},
        {"pin": "{}"},
        {"kind": "{}"},
        {"price": "{}"},
        {"word": "{}"},
        {"unknown": "{}"},
        {"email": None, "code": "{}"},
        {"email": {"a": "{}"}},
        {"data": {"a": "{}"}},
    ],
    ids=lambda body: "-".join(body),
)
def test_a_body_that_is_refused_is_not_sent_back(server, body):
    secret = f"canary{uuid.uuid4().hex}"
    status, told = send(server, "/accounts", json.loads(json.dumps(body).replace("{}", secret)))
    assert status == 422
    assert secret not in told
    assert [error["loc"] for error in json.loads(told[told.index('{"detail"') :])["detail"]]
    assert secret not in "".join(server.log)


# What the database holds, which no statement was given.
KEPT = "kept secret"


async def refused(session, sql):
    """The error, and all that a log would have of it."""
    with pytest.raises(DatabaseError) as raised:
        await session.execute(sql)
    error = raised.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error.details)
    return error, shown


async def test_the_name_of_a_constraint_is_kept_out_of_logs(session):
    await session.execute("CREATE TABLE guarded (word text CONSTRAINT secret_rule CHECK (length(word) < 5))")
    error, shown = await refused(session, "INSERT INTO guarded VALUES ('too long')")
    assert isinstance(error, ConstraintError)
    assert "secret_rule" in error.database_message
    assert "secret_rule" not in shown and "constraint" not in shown.lower().replace("constrainterror", "")
    assert "`database_message`" in shown


async def test_the_words_of_a_trigger_are_kept_out_of_logs(session, database):
    await session.execute("CREATE TABLE watched (word text)")
    if database == "sqlite":
        await session.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON watched BEGIN SELECT RAISE(ABORT, 'kept secret'); END"
        )
    else:
        await session.execute("CREATE TABLE vault AS SELECT 'kept secret' AS word")
        await session.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'not %', (SELECT word FROM vault); END $$"
        )
        await session.execute("CREATE TRIGGER refuse BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION refuse()")
    error, shown = await refused(session, "INSERT INTO watched VALUES ('a')")
    assert KEPT in error.database_message
    assert KEPT not in shown and "`database_message`" in shown


async def test_what_a_row_holds_is_kept_out_of_logs(session, database):
    post = await Post.create(session, title=KEPT)
    broken = {
        "sqlite": f"INSERT INTO posts (id, title) SELECT title, 'x' FROM posts WHERE id = {post.id}",
        "postgres": f"SELECT CAST(title AS integer) FROM posts WHERE id = {post.id}",
    }
    with pytest.raises(FastAPIOrmException) as raised:
        await session.execute(broken[database])
    assert KEPT not in "".join(traceback.format_exception(raised.value))


async def test_errors_without_a_word_of_the_database_have_none(session):
    error, _ = await refused(session, "SELECT 1 FROM nowhere")
    assert "nowhere" in error.database_message
    assert DatabaseError("by hand").database_message is None


ADDRESSES = [
    "postgresql://u:hunTer2\udcff@h/x",
    "postgresql://u:hunTer2@h/x\udcff",
    "postgresql://u@h/x?password=hunTer2\udcff",
    "sqlite:///x\udcff.db?password=hunTer2",
    "postgresql://u@h/x&password=hunTer2",
    "postgresql://u@h/x#password=hunTer2",
    "postgresql://u@h/x;password=hunTer2",
]


@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
def test_the_error_of_an_address_holds_no_password(address):
    with pytest.raises((ValidationError, DatabaseUnavailableError)) as raised:
        Database(address)
    error = raised.value
    assert error.__context__ is None
    assert error.__cause__ is None
    held = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + repr(error.args)
    assert "hunTer2" not in held


def test_a_database_whose_name_has_such_a_character_is_named_by_its_escape():
    db = Database("postgresql://u:hunTer2@h/a%26b%23c?application_name=x%20password=hunTer2")
    assert repr(db) == "Database('postgresql://u:***@h:5432/a&b#c')"
    assert "hunTer2" not in db.database_url
