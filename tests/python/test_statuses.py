"""What errors answer in an app without handlers: a client's mistake a 4xx that says why, a fault a logged 500."""

import copy
import pickle
import subprocess
import sys
import time

import pytest

import store as stores
from fastapi_orm import (
    ConnectionLostError,
    ConstraintError,
    DatabaseError,
    DatabaseTimeoutError,
    DatabaseUnavailableError,
    DuplicateRecordError,
    KeyOutOfRangeError,
    MissingTableError,
    RecordDeletedError,
    RecordNotFoundError,
    RestoreConflict,
    RestrictedError,
    SerializationError,
    UnknownFieldError,
    ValidationError,
)
from fastapi_orm.statuses import status
from models import Post, User
from support import says, serving

LONG = "x" * 101
BEYOND = 2**64


@pytest.fixture(scope="module", params=stores.DATABASES)
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    with (
        stores.fresh(request.param, folder) as store,
        serving("library:app", folder, LIBRARY_DATABASE=store.url) as server,
    ):
        server.store = store
        yield server


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


def refusal(client, method, path):
    status, body = client.call(method, path)
    assert isinstance(body, dict) and isinstance(body.get("detail"), str), f"{status} {body}"
    return status, body["detail"]


def test_a_text_that_is_too_long_answers_422(server, client):
    status, detail = refusal(client, "POST", f"/books?title={LONG}")
    assert status == 422
    says(detail, "title", "100", "101")
    server.store.assert_unlocked()


def test_a_key_that_is_taken_answers_409(server, client):
    assert client.call("POST", "/books?title=once")[0] == 201
    status, detail = refusal(client, "POST", "/books?title=once")
    assert status == 409
    says(detail, "Book", "title", "exists")
    assert "once" not in detail
    server.store.assert_unlocked()


def test_a_key_that_is_taken_answers_409_at_the_commit_too(server, client):
    _, book = client.call("POST", "/books?title=renamed")
    client.call("POST", "/books?title=other")
    assert refusal(client, "PUT", f"/books/{book['id']}?title=other")[0] == 409
    assert client.call("GET", f"/books/{book['id']}")[1]["title"] == "renamed"
    server.store.assert_unlocked()


@pytest.mark.parametrize("id", [BEYOND, -BEYOND, 10**40])
@pytest.mark.parametrize("path", ["/books/{id}", "/books/{id}?include_deleted=true"])
def test_an_id_beyond_64_bits_answers_404(client, path, id):
    status, detail = refusal(client, "GET", path.format(id=id))
    assert status == 404
    says(detail, "Book", "id", "64-bit")


def test_a_row_that_is_not_found_answers_404(client):
    status, detail = refusal(client, "POST", "/gone")
    assert status == 404
    says(detail, "Book", "not found")


def test_a_reference_to_no_row_answers_409(server, client):
    assert refusal(client, "POST", "/books?title=orphan&shelf_id=12345")[0] == 409
    server.store.assert_unlocked()


def test_a_restore_onto_a_taken_key_answers_409(client):
    _, book = client.call("POST", "/books?title=taken")
    assert client.call("DELETE", f"/books/{book['id']}")[0] == 204
    assert client.call("POST", "/books?title=taken")[0] == 201
    status, detail = refusal(client, "POST", f"/books/{book['id']}/restore")
    assert status == 409
    says(detail, "Book", "title")


def test_a_deletion_that_a_child_forbids_answers_409(client):
    _, shelf = client.call("POST", "/shelves?name=full")
    assert client.call("POST", f"/books?title=kept&shelf_id={shelf['id']}")[0] == 201
    status, detail = refusal(client, "DELETE", f"/shelves/{shelf['id']}")
    assert status == 409
    says(detail, "Book")


@pytest.mark.parametrize("fault", ["field", "table", "mistake"])
def test_a_fault_of_the_server_answers_500_and_is_logged(server, client, fault):
    before = len(server.log)
    assert client.call("POST", f"/faults/{fault}") == (500, "Internal Server Error")
    named = {"field": "UnknownFieldError", "table": "MissingTableError", "mistake": "ZeroDivisionError"}[fault]
    for _ in range(100):
        if any(named in line for line in server.log[before:]):
            return
        time.sleep(0.05)
    raise AssertionError("".join(server.log[before:]))


def test_a_mistake_of_the_client_is_not_logged(server, client):
    before = len(server.log)
    client.call("POST", f"/books?title={LONG}")
    client.call("POST", "/faults/mistake")
    while not any("ZeroDivisionError" in line for line in server.log[before:]):
        time.sleep(0.05)
    assert not any("ValidationError" in line for line in server.log[before:])


def test_the_table_says_what_an_error_answers():
    found = {
        kind.__name__: status(kind)
        for kind in (
            ConnectionLostError,
            ConstraintError,
            DatabaseError,
            DatabaseTimeoutError,
            DatabaseUnavailableError,
            DuplicateRecordError,
            KeyOutOfRangeError,
            MissingTableError,
            RecordDeletedError,
            RecordNotFoundError,
            RestoreConflict,
            RestrictedError,
            SerializationError,
            UnknownFieldError,
            ValidationError,
        )
    }
    assert found == {
        "ConnectionLostError": 503,
        "ConstraintError": 409,
        "DatabaseError": None,
        "DatabaseTimeoutError": 503,
        "DatabaseUnavailableError": 503,
        "DuplicateRecordError": 409,
        "KeyOutOfRangeError": 404,
        "MissingTableError": None,
        "RecordDeletedError": 409,
        "RecordNotFoundError": 404,
        "RestoreConflict": 409,
        "RestrictedError": 409,
        "SerializationError": 503,
        "UnknownFieldError": None,
        "ValidationError": 422,
    }


def test_an_error_has_its_status_and_detail_beside_its_own_attributes():
    from starlette.exceptions import HTTPException

    error = DuplicateRecordError("User", "email", "x")
    assert isinstance(error, HTTPException)
    assert (error.status_code, error.detail, error.headers) == (409, "User with this email already exists", None)
    assert str(error) == "User with email=x already exists"
    assert (error.model, error.field, error.value) == ("User", "email", "x")
    assert str(error) == error.message
    assert repr(error) == "DuplicateRecordError('User with email=x already exists')"
    assert not isinstance(DatabaseError("reading"), HTTPException)
    assert not isinstance(UnknownFieldError("titel", "no such field"), HTTPException)


def test_a_database_that_cannot_now_answers_503_and_says_when_to_try_again(caplog):
    for error in (
        DatabaseUnavailableError("connect", "no server at 10.0.0.7"),
        DatabaseTimeoutError("commit", "locked by 10.0.0.7"),
        SerializationError("commit", "10.0.0.7"),
        ConnectionLostError("commit", "10.0.0.7"),
    ):
        caplog.clear()
        assert (error.status_code, error.headers) == (503, {"Retry-After": "1"})
        assert "try again" in error.detail and "10.0.0.7" not in error.detail
        assert error.detail == error.detail
        assert [record.exc_info[1] for record in caplog.records] == [error], "it is logged, once"


def test_what_may_have_been_done_is_not_to_be_tried_again():
    error = ConnectionLostError("commit", "10.0.0.7", True)
    assert (error.status_code, error.headers) == (503, None)
    assert "may have been done" in error.detail and "try again" not in error.detail


@pytest.mark.parametrize("fault", ["unavailable", "crowded", "doubtful"])
def test_a_503_is_answered_and_logged(server, client, fault):
    before = len(server.log)
    status, detail = refusal(client, "POST", f"/faults/{fault}")
    assert status == 503 and "secret" not in detail
    while not any("secret" in line for line in server.log[before:]):
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("error", "attributes"),
    [
        (RecordNotFoundError("User", id=1), ["model", "filters"]),
        (SerializationError("commit", "a deadlock"), ["operation", "original_error"]),
        (ConnectionLostError("commit", "gone", True), ["operation", "original_error", "in_doubt"]),
        (DatabaseTimeoutError("commit", "locked"), ["operation", "original_error"]),
    ],
)
def test_an_error_can_be_copied_and_pickled(error, attributes):
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert isinstance(twin, type(error).__mro__[1])
        assert str(twin) == str(error)
        assert [getattr(twin, name) for name in attributes] == [getattr(error, name) for name in attributes]


def test_a_class_of_the_program_answers_what_its_parent_does():
    from starlette.exceptions import HTTPException

    class TooShort(ValidationError):
        pass

    error = TooShort("name", "too short")
    assert isinstance(error, HTTPException)
    assert type(error).__name__ == "TooShort"
    assert error.status_code == 422


def test_starlette_is_not_imported_for_it():
    code = """if True:
        import sys
        from fastapi_orm import ValidationError
        assert str(ValidationError("name", "too short")) == "Validation error for name: too short"
        assert not any(name.partition(".")[0] in ("starlette", "fastapi", "pydantic") for name in sys.modules)
        from starlette.exceptions import HTTPException
        assert isinstance(ValidationError("name", "too short"), HTTPException)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_an_id_beyond_64_bits_is_the_key_of_no_row(session):
    for read in (Post.get, Post.get_with_deleted):
        for id in (BEYOND, -BEYOND):
            with pytest.raises(KeyOutOfRangeError) as refused:
                await read(session, id)
            assert isinstance(refused.value, ValidationError)
            assert refused.value.status_code == 404


async def test_an_id_beyond_64_bits_is_refused_where_it_would_be_stored(session):
    pytest.importorskip("starlette.exceptions")  # what errors with a status are made of
    with pytest.raises(ValidationError) as refused:
        await User.create(session, id=BEYOND, username="a")
    assert refused.value.status_code == 422
    post = await Post.create(session, title="a")
    with pytest.raises(ValidationError):
        await post.update(session, views=BEYOND)
