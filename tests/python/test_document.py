"""The soft-delete document: each of its blocks runs unchanged and does what its text and comments promise."""

import subprocess
import sys

import pytest

from document import ORDERS, block, blocks
from document_promises import PROMISES
from support import HERE, environment, serving

pytestmark = pytest.mark.document
RUNS = [("model first", "asyncio"), ("mixin first", "uvloop")]


@pytest.fixture
def app(store, database, monkeypatch):
    """The database of the complete example: the document's own on SQLite, else one whose address takes its place."""
    if database == "sqlite":
        return store
    monkeypatch.setenv("REPRIEVE_APP", store.url)
    return store


def run(promise, order, runner, store, folder):
    """One promise in an interpreter and a folder of its own."""
    pytest.importorskip(runner)
    command = [sys.executable, str(HERE / "document_promises.py"), promise, order, runner]
    variables = environment(REPRIEVE_BLOG=store.another().url)
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"


def test_the_document_has_the_blocks_that_are_tested():
    assert len(blocks()) == 16


def test_both_orders_of_bases_are_tested():
    for number in (1, 12, 14, 15, 16):
        first, second = (block(number, order) for order in ORDERS)
        assert first != second
        assert "(Model, SoftDeleteMixin" in first
        assert "(SoftDeleteMixin" in second


@pytest.mark.parametrize(("order", "runner"), RUNS)
@pytest.mark.parametrize("promise", sorted(PROMISES))
def test_a_block_does_what_the_document_promises(tmp_path, app, promise, order, runner):
    run(promise, order, runner, app, tmp_path)


@pytest.mark.parametrize(("order", "runner"), RUNS)
def test_the_complete_example_serves(tmp_path, app, database, order, runner):
    pytest.importorskip(runner)
    (tmp_path / "main.py").write_text(block(16, order))
    with serving("main:app", tmp_path, "--loop", runner) as server:
        client = server.client()
        exercise(client)
        client.close()
    assert (tmp_path / "app.db").is_file() is (database == "sqlite")


def test_the_complete_example_keeps_its_posts_over_a_restart(tmp_path, app):
    (tmp_path / "main.py").write_text(block(16))
    with serving("main:app", tmp_path) as server:
        client = server.client()
        assert client.call("POST", "/posts?title=kept&content=c")[0] == 201
        assert client.call("POST", "/posts?title=gone&content=c")[0] == 201
        assert client.call("DELETE", "/posts/2/soft")[0] == 204
        client.close()
    with serving("main:app", tmp_path) as server:
        client = server.client()
        assert [post["title"] for post in client.call("GET", "/posts")[1]] == ["kept"]
        assert client.call("POST", "/posts/2/restore")[0] == 200
        assert [post["title"] for post in client.call("GET", "/posts")[1]] == ["kept", "gone"]
        client.close()


def test_the_complete_example_serves_with_two_workers(tmp_path, app):
    (tmp_path / "main.py").write_text(block(16))
    with serving("main:app", tmp_path, "--workers", "2", workers=2) as server:
        for number in range(30):
            one, two = server.client(), server.client()
            status, post = one.call("POST", f"/posts?title=t{number}&content=c")
            assert status == 201
            assert two.call("GET", f"/posts/{post['id']}") == (200, post)
            assert two.call("DELETE", f"/posts/{post['id']}/soft")[0] == 204
            assert one.call("GET", f"/posts/{post['id']}")[0] == 404
            one.close()
            two.close()


def exercise(client):
    """Every route, every flag, every error of the complete example."""

    def titles(query=""):
        """Sorted: the example asks for no order."""
        status, posts = client.call("GET", f"/posts{query}")
        assert status == 200
        return sorted(post["title"] for post in posts)

    status, schema = client.call("GET", "/openapi.json")
    assert status == 200
    assert {path: sorted(verbs) for path, verbs in schema["paths"].items()} == {
        "/posts": ["get", "post"],
        "/posts/{post_id}": ["get"],
        "/posts/{post_id}/soft": ["delete"],
        "/posts/{post_id}/restore": ["post"],
        "/posts/{post_id}/permanent": ["delete"],
    }
    assert titles() == titles("?include_deleted=true") == titles("?only_deleted=true") == []
    assert client.call("GET", "/posts/1") == (404, {"detail": "Post not found"})

    status, first = client.call("POST", "/posts?title=First&content=caf%C3%A9")
    assert status == 201
    assert set(first) == {"id", "title", "content", "published", "created_at", "deleted_at"}
    assert (first["id"], first["title"], first["content"]) == (1, "First", "café")
    assert (first["published"], first["deleted_at"]) == (False, None)
    assert first["created_at"]
    status, second = client.call("POST", "/posts?title=Second&content=c")
    assert (status, second["id"]) == (201, 2)
    assert client.call("GET", "/posts/1") == (200, first)
    assert client.call("GET", "/posts") == (200, [first, second])

    assert client.call("POST", "/posts?title=Third")[0] == 422
    assert client.call("GET", "/posts/first")[0] == 422
    assert client.call("GET", "/posts?include_deleted=maybe")[0] == 422

    assert client.call("POST", "/posts/1/restore") == (400, {"detail": "Post is not deleted"})
    assert client.call("DELETE", "/posts/1/soft") == (204, None)
    assert client.call("GET", "/posts/1") == (404, {"detail": "Post not found"})
    assert client.call("DELETE", "/posts/1/soft") == (404, {"detail": "Post not found"})
    status, shown = client.call("GET", "/posts/1?include_deleted=true")
    assert status == 200
    assert shown["deleted_at"]
    assert {**shown, "deleted_at": None} == first
    assert titles() == ["Second"]
    assert titles("?include_deleted=true") == ["First", "Second"]
    assert titles("?only_deleted=true") == ["First"]
    assert titles("?only_deleted=true&include_deleted=true") == ["First"]

    assert client.call("POST", "/posts/1/restore") == (200, first)
    assert client.call("GET", "/posts/1") == (200, first)
    assert titles("?only_deleted=true") == []

    assert client.call("DELETE", "/posts/1/soft")[0] == 204
    assert client.call("DELETE", "/posts/1/permanent") == (200, {"message": "Post permanently deleted"})
    assert client.call("DELETE", "/posts/2/permanent") == (200, {"message": "Post permanently deleted"})
    for method, path in [
        ("GET", "/posts/1?include_deleted=true"),
        ("POST", "/posts/1/restore"),
        ("DELETE", "/posts/1/permanent"),
        ("DELETE", "/posts/2/soft"),
    ]:
        assert client.call(method, path) == (404, {"detail": "Post not found"})
    assert titles("?include_deleted=true") == []
