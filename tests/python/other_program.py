"""Another program that uses the same database file, by the standard library's SQLite.

It is a process of its own, as another program is; test_other_libraries.py has both libraries in one process.
"""

import atexit
import pickle
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

# What runs over there.


def query(path: str, sql: str, values: tuple[Any, ...]) -> list[Any]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        return connection.execute(sql, values).fetchall()


def tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def dump(path: str) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {quoted(name)}"), key=repr) for name in tables(connection)
        }


def problems(path: str) -> list[Any]:
    """What is wrong with the file, and where markers and journal disagree."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        found = [row for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
        for table in tables(connection):
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}
            if not {"deleted_at", "deletion_id"} <= columns:
                continue
            sql = (
                f"SELECT deleted_at, hex(deletion_id), at, restored_at FROM {quoted(table)} AS row"
                " LEFT JOIN reprieve_deletions AS d ON d.id = row.deletion_id"
                " WHERE (deleted_at IS NULL) <> (deletion_id IS NULL)"
                " OR deletion_id IS NOT NULL AND (d.id IS NULL OR restored_at IS NOT NULL)"
            )
            found += [(table, *row) for row in connection.execute(sql)]
        return found


def lock(path: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    HELD[path] = connection


def unlock(path: str) -> None:
    if connection := HELD.pop(path, None):
        connection.execute("ROLLBACK")
        connection.close()


HELD: dict[str, sqlite3.Connection] = {}


def serve() -> None:
    while True:
        try:
            name, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (True, globals()[name](*arguments))
        except Exception as error:
            answer = (False, error)
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


# What the tests call.


class OtherProgram:
    """Started when it is first asked; ends with the tests."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, name: str, path: Path | str, *arguments: Any) -> Any:
        if self.process is None:
            command = [sys.executable, str(Path(__file__).resolve())]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            atexit.register(self.end)
        assert self.process.stdin and self.process.stdout
        pickle.dump((name, (str(Path(path).absolute()), *arguments)), self.process.stdin)
        self.process.stdin.flush()
        done, answer = pickle.load(self.process.stdout)
        if not done:
            raise answer
        return answer

    def end(self) -> None:
        assert self.process and self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


OTHER = OtherProgram()


class Lock:
    """A write lock that the other program holds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def release(self) -> None:
        OTHER.ask("unlock", self.path)


@contextmanager
def write_lock(path: Path) -> Any:
    """The other program's transaction that writes, for the length of the block or until `release()`."""
    OTHER.ask("lock", path)
    try:
        yield Lock(path)
    finally:
        OTHER.ask("unlock", path)


if __name__ == "__main__":
    serve()
