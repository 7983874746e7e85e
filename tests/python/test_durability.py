"""kill -9 in the middle of writes: what was acknowledged is there, and nothing is half done."""

import http.client
import os
import signal
import subprocess
import sys
import threading

import pytest

from support import PATIENCE, environment, serving

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="this system has no process groups")

CLIENTS = 4
LIVE, DELETED = "live", "deleted"


class Writer(threading.Thread):
    """One client. It puts items on shelves of its own, deletes and restores them, and notes what was acknowledged."""

    def __init__(self, server, number, acknowledged):
        super().__init__(daemon=True)
        self.client = server.client()
        self.number = number
        self.acknowledged = acknowledged
        self.items = {}  # id -> the states that it may be in: one when acknowledged, two while a change is under way
        self.shelves = {}  # id -> (possible states, ids of its items)
        self.problem = None

    def run(self):
        try:
            while True:
                self.turn()
        except (OSError, http.client.HTTPException):
            pass  # the server was killed
        except BaseException as problem:
            self.problem = problem

    def call(self, method, path, expected):
        status, body = self.client.call(method, path)
        assert status == expected, (method, path, status, body)
        self.acknowledged.release()
        return body

    def turn(self):
        shelf = self.call("POST", f"/shelves?name=shelf{self.number}", 201)["id"]
        self.shelves[shelf] = ({LIVE}, [])
        for _ in range(3):
            item = self.call("POST", f"/items?name=item&shelf_id={shelf}", 201)["id"]
            self.items[item] = {LIVE}
            self.shelves[shelf][1].append(item)
        first, *rest = self.shelves[shelf][1]
        self.change([first], None, DELETED, "DELETE", f"/items/{first}", 204)
        self.change(rest, shelf, DELETED, "DELETE", f"/shelves/{shelf}", 204)
        if shelf % 2:
            self.change(rest, shelf, LIVE, "POST", f"/shelves/{shelf}/restore", 200)

    def change(self, items, shelf, to, method, path, expected):
        for item in items:
            self.items[item] = self.items[item] | {to}
        if shelf:
            self.shelves[shelf] = (self.shelves[shelf][0] | {to}, self.shelves[shelf][1])
        self.call(method, path, expected)
        for item in items:
            self.items[item] = {to}
        if shelf:
            self.shelves[shelf] = ({to}, self.shelves[shelf][1])


def check(store, writers):
    """Every acknowledged change is there; of a change under way all or nothing."""

    # In one statement: a server may still be at a commit that it received before its client was killed.
    found = store.stored(
        "SELECT 'items', id, deleted_at IS NULL FROM items"
        " UNION ALL SELECT 'shelves', id, deleted_at IS NULL FROM shelves"
        " UNION ALL SELECT CAST(operation AS text), count(*), true FROM audit_logs GROUP BY operation"
    )

    def states(table):
        return {id: LIVE if live else DELETED for name, id, live in found if name == table}

    items, shelves = states("items"), states("shelves")
    for writer in writers:
        for id, possible in writer.items.items():
            assert items.get(id) in possible, f"item {id} is {items.get(id)}, not {possible}"
        for id, (possible, own) in writer.shelves.items():
            assert shelves.get(id) in possible, f"shelf {id} is {shelves.get(id)}, not {possible}"
            if len(own) == 3:
                assert {items[item] for item in own[1:]} == {shelves[id]}, f"half of shelf {id} was deleted"
    logged = {operation: count for operation, count, _ in found}
    assert logged.get("CREATE", 0) == len(items)
    deleted = sum(state == DELETED for state in items.values())
    assert logged.get("SOFT_DELETE", 0) - logged.get("RESTORE", 0) == deleted
    store.assert_sound()


def kill_while_writing(store, folder, answers, *options, workers=1):
    """One life of a server; it is killed when it has given this many answers."""
    acknowledged = threading.Semaphore(0)
    with serving("shop:app", folder, *options, workers=workers, SHOP_DATABASE=store.url) as server:
        writers = [Writer(server, number, acknowledged) for number in range(CLIENTS)]
        for writer in writers:
            writer.start()
        for _ in range(answers):
            assert acknowledged.acquire(timeout=PATIENCE), [writer.problem for writer in writers]
        server.kill()
        for writer in writers:
            writer.join(PATIENCE)
            assert not writer.is_alive()
            assert writer.problem is None
    return writers


def test_a_server_killed_twenty_times_loses_nothing_that_it_acknowledged(tmp_path, store):
    writers = []
    for life in range(20):
        writers += kill_while_writing(store, tmp_path, 5 + 17 * life % 120)
        check(store, writers)
    assert sum(len(writer.items) for writer in writers) > 200


def test_workers_killed_together_lose_nothing_that_they_acknowledged(tmp_path, store):
    writers = []
    for life in range(3):
        writers += kill_while_writing(store, tmp_path, 40 + 30 * life, "--workers", "2", workers=2)
        check(store, writers)


KILLED = """
import asyncio, os, signal, sys
from fastapi_orm import Database
from models import MODELS, Post, User

async def main():
    db = Database(sys.argv[1])
    await db.create_tables(MODELS)
    async with db.session() as session:
        user = await User.create(session, username="u")
        for n in range(2000):
            await Post.create(session, title="x" * 100, author_id=user.id)
        await user.soft_delete(session, cascade=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_process_killed_inside_a_transaction_leaves_none_of_it(tmp_path, store):
    done = subprocess.run([sys.executable, "-c", KILLED, store.url], cwd=tmp_path, env=environment(), timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL
    store.assert_sound()
    for table in ("users", "posts", "reprieve_deletions"):
        assert store.stored(f"SELECT count(*) FROM {table}") == [(0,)]
