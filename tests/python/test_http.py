"""Under FastAPI and uvicorn: an answer is sent when its work is committed, and a failed request leaves nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import store as stores
from support import serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module", params=stores.SERVED, ids="-".join)
def server(request, folder):
    database, runner = request.param
    pytest.importorskip(runner)
    with (
        stores.fresh(database, folder / runner) as store,
        serving("shop:app", folder, "--loop", runner, SHOP_DATABASE=store.url) as server,
    ):
        server.store = store
        yield server


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


def names(server):
    return [name for (name,) in server.store.stored("SELECT name FROM items")]


def test_a_row_is_committed_when_its_answer_arrives(server, client):
    for number in range(100):
        status, item = client.call("POST", f"/items?name=committed{number}")
        assert status == 201
        assert item["name"] in names(server)


def test_a_row_is_found_by_another_connection_at_once(server, client):
    other = server.client()
    for number in range(200):
        status, item = client.call("POST", f"/items?name=found{number}")
        assert status == 201
        assert other.call("GET", f"/items/{item['id']}")[0] == 200
    other.close()


def test_a_changed_attribute_is_committed_before_the_answer(server, client):
    _, item = client.call("POST", "/items?name=old")
    assert client.call("PUT", f"/items/{item['id']}?name=renamed")[0] == 200
    assert "renamed" in names(server)


def test_a_deletion_is_seen_at_once(server, client):
    other = server.client()
    for number in range(50):
        _, item = client.call("POST", f"/items?name=gone{number}")
        assert client.call("DELETE", f"/items/{item['id']}")[0] == 204
        assert other.call("GET", f"/items/{item['id']}")[0] == 404
    other.close()


def test_a_session_by_context_manager_is_committed_before_the_answer(server, client):
    for number in range(50):
        assert client.call("POST", f"/context?name=context{number}")[0] == 201
        assert f"context{number}" in names(server)


def test_a_refused_request_leaves_nothing(server, client):
    status, body = client.call("POST", "/refused?name=refused")
    assert (status, body) == (409, {"detail": "not today"})
    assert "refused" not in names(server)
    server.store.assert_unlocked()


def test_a_failed_request_leaves_nothing(server, client):
    assert client.call("POST", "/failed?name=failed")[0] == 500
    assert "failed" not in names(server)
    server.store.assert_unlocked()


def test_a_request_whose_answer_is_invalid_is_not_acknowledged(server, client):
    assert client.call("POST", "/invalid?name=invalid")[0] == 500
    server.store.assert_unlocked()


def test_a_refused_value_is_an_error_and_leaves_nothing(server):
    for query in ("name=" + "x" * 101, "name=orphan&shelf_id=12345"):
        client = server.client()
        assert client.call("POST", f"/items?{query}")[0] in (409, 422, 500)
        client.close()
    assert "orphan" not in names(server)
    server.store.assert_unlocked()


def test_an_error_at_the_commit_is_not_acknowledged(server):
    client = server.client()
    _, item = client.call("POST", "/items?name=short")
    assert client.call("PUT", f"/items/{item['id']}?name=" + "x" * 101)[0] >= 400
    client.close()
    server.store.assert_unlocked()
    client = server.client()
    assert client.call("GET", f"/items/{item['id']}")[1]["name"] == "short"
    client.close()


def test_what_an_endpoint_commits_itself_stays_and_the_rest_is_committed_with_the_answer(server, client):
    assert client.call("POST", "/committed?name=twice")[0] == 201
    assert {"twice", "twice again"} <= set(names(server))


def test_dependencies_of_one_request_share_its_session(server, client):
    status, body = client.call("POST", "/nested?name=nested")
    assert status == 201
    assert "nested" in names(server)
    assert body["first"] != body["id"] or len(names(server)) == 1


def test_a_streamed_answer_can_read_through_its_session(server, client):
    client.call("POST", "/items?name=streamed")
    status, text = client.call("GET", "/stream")
    assert status == 200
    assert "streamed" in text.splitlines()


def test_many_clients_write_at_once(server):
    def work(number):
        client = server.client()
        made = []
        for turn in range(20):
            status, item = client.call("POST", f"/items?name=crowd{number}.{turn}")
            assert status == 201
            made.append(item["id"])
            if turn % 2:
                assert client.call("DELETE", f"/items/{made[-1]}")[0] == 204
        client.close()
        return made

    with ThreadPoolExecutor(8) as pool:
        made = [id for ids in pool.map(work, range(8)) for id in ids]
    assert len(set(made)) == 160
    server.store.assert_sound()


def test_the_openapi_page_describes_the_routes(client):
    status, schema = client.call("GET", "/openapi.json")
    assert status == 200
    assert "/items/{id}" in schema["paths"]


def test_rows_are_found_at_once_with_two_workers(tmp_path, store):
    with serving("shop:app", tmp_path, "--workers", "2", workers=2, SHOP_DATABASE=store.url) as server:
        for number in range(60):
            one, two = server.client(), server.client()
            status, item = one.call("POST", f"/items?name=item{number}")
            assert status == 201
            for client in (two, server.client()):
                assert client.call("GET", f"/items/{item['id']}")[0] == 200
                client.close()
            one.close()
    store.assert_sound()
