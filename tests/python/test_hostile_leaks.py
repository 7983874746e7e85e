"""What was sent as a secret comes back nowhere: not in an answer, not in its headers, not in what the server logs."""

import json
import time
import uuid

import pytest

import store as stores
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
