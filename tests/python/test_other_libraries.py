"""Another SQLite library in the same process: nothing acknowledged is lost, in any order of opening and closing."""

import itertools
import shutil
import subprocess
import sys

import pytest

from support import python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the system's locks belong to the process")

PRELUDE = """
import asyncio, contextlib, os, select, signal, sqlite3, subprocess, sys, threading
from fastapi_orm import Database, IntegerField, Model, StringField
from store import SqliteStore

class Note(Model):
    __tablename__ = "notes"
    id: int = IntegerField(primary_key=True)
    text: str = StringField(max_length=100)

def other_program(code):
    done = subprocess.run([sys.executable, "-c", "import sqlite3\\n" + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout

def texts():
    return sorted(text for text, in SqliteStore("test.db").stored("SELECT text FROM notes"))

def sound():
    SqliteStore("test.db").assert_sound()

async def write(db, text):
    async with db.session() as session:
        await Note.create(session, text=text)

def write_theirs(connection, text):
    connection.execute("INSERT INTO notes (text) VALUES (?)", (text,))
    connection.commit()

def prepare():
    async def run():
        async with Database("sqlite:///test.db") as db:
            await db.create_tables()
    asyncio.run(run())

def descriptors():
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if "/test.db" in os.readlink(f"/proc/self/fd/{name}"):
                found.append(name)
    return found
"""


def orders():
    """Every order in which two owners open and close, the first twice: O/C are ours, o/c are theirs."""
    ours, theirs = "OCOC", "oc"
    for places in itertools.combinations(range(6), 2):
        mine, other = iter(ours), iter(theirs)
        yield "".join(next(other) if place in places else next(mine) for place in range(6))


def test_rows_stay_whoever_opens_and_closes_when(tmp_path):
    code = """
async def run(order):
    for name in ("test.db", "test.db-wal", "test.db-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(name)
    async with Database("sqlite:///test.db") as db:
        await db.create_tables()
    ours = theirs = None
    expected = []
    for step, letter in enumerate(order):
        if letter == "O":
            ours = Database("sqlite:///test.db")
        elif letter == "o":
            theirs = sqlite3.connect("test.db")
        elif letter == "C":
            await ours.close()
            ours = None
        else:
            theirs.close()
            theirs = None
        for turn in range(2):
            if ours:
                expected.append(f"ours {step} {turn}")
                await write(ours, expected[-1])
            if theirs:
                expected.append(f"theirs {step} {turn}")
                write_theirs(theirs, expected[-1])
            if ours:
                async with ours.session() as session:
                    assert await Note.count(session) == len(expected), (order, step)
    assert texts() == sorted(expected), order
    assert order[-1] == "c" or descriptors() == [], order
    sound()

for order in sys.argv[1:]:
    asyncio.run(run(order))
"""
    python(PRELUDE + code, *orders(), cwd=tmp_path)


@pytest.mark.parametrize("how", ["a connection", "a read-only connection", "plain open"])
def test_a_reader_that_comes_and_goes_takes_no_row_along(tmp_path, how):
    code = """
def look(how):
    if how == "plain open":
        open("test.db", "rb").close()
        return
    address = "file:test.db?mode=ro" if how == "a read-only connection" else "file:test.db"
    connection = sqlite3.connect(address, uri=True)
    connection.execute("SELECT * FROM notes").fetchall()
    connection.close()

async def main(how):
    db = Database("sqlite:///test.db")
    await db.create_tables()
    log = None
    for number in range(20):
        await write(db, f"{number:02}")
        look(how)
        log = log or os.stat("test.db-wal").st_ino
        assert os.stat("test.db-wal").st_ino == log, "the log was taken away"
    await db.close()

asyncio.run(main(sys.argv[1]))
assert texts() == [f"{number:02}" for number in range(20)]
sound()
"""
    python(PRELUDE + code, how, cwd=tmp_path)


WRITERS = {
    "sqlite3": """
def other():
    connection = sqlite3.connect("test.db", timeout=60)
    for number in range(0, ROWS, 100):
        with connection:
            connection.executemany(INSERT, [(f"theirs {n}",) for n in range(number, number + 100)])
        if number % 1000 == 0:
            connection.close()
            connection = sqlite3.connect("test.db", timeout=60)
    connection.close()
""",
    "aiosqlite": """
import aiosqlite

def other():
    async def run():
        for number in range(0, ROWS, 1000):
            async with aiosqlite.connect("test.db", timeout=60) as connection:
                for first in range(number, number + 1000, 100):
                    await connection.executemany(INSERT, [(f"theirs {n}",) for n in range(first, first + 100)])
                    await connection.commit()
    asyncio.run(run())
""",
    "sqlalchemy": """
import sqlalchemy

def other():
    engine = sqlalchemy.create_engine("sqlite:///test.db", connect_args={"timeout": 60})
    statement = sqlalchemy.text("INSERT INTO notes (text) VALUES (:text)")
    for number in range(0, ROWS, 100):
        with engine.begin() as connection:
            connection.execute(statement, [{"text": f"theirs {n}"} for n in range(number, number + 100)])
        if number % 1000 == 0:
            engine.dispose()
    engine.dispose()
""",
}


@pytest.mark.parametrize("library", WRITERS)
def test_two_libraries_write_at_once(tmp_path, library):
    code = """
ROWS = 10_000
INSERT = "INSERT INTO notes (text) VALUES (?)"

async def ours():
    for number in range(0, ROWS, 1000):
        async with Database("sqlite:///test.db?timeout=60") as db:
            for first in range(number, number + 1000, 100):
                async with db.session() as session:
                    rows = [{"text": f"ours {n}"} for n in range(first, first + 100)]
                    await Note.bulk_create(session, rows)

prepare()
failed = []
def guarded():
    try:
        other()
    except BaseException as error:
        failed.append(error)
thread = threading.Thread(target=guarded)
thread.start()
asyncio.run(ours())
thread.join()
assert not failed, failed
assert texts() == sorted(f"{who} {n}" for who in ("ours", "theirs") for n in range(ROWS))
sound()
"""
    pytest.importorskip(library)
    python(PRELUDE + WRITERS[library] + code, cwd=tmp_path)


def test_closing_ours_leaves_the_locks_of_the_other_library(tmp_path):
    """POSIX: a close of any descriptor of a file drops the locks that the process has on it."""
    code = """
async def main():
    db = Database("sqlite:///test.db")
    await db.create_tables()
    await write(db, "first")
    theirs = sqlite3.connect("test.db", isolation_level=None)
    theirs.execute("PRAGMA journal_mode").fetchall()
    theirs.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        async with db.session() as session:
            assert await Note.count(session) == 1
        await db.close()
        attempt = '''
try:
    sqlite3.connect("test.db", timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
'''
        assert "locked" in other_program(attempt), "our close dropped the other library's lock"
        db = Database("sqlite:///test.db")
    theirs.execute("INSERT INTO notes (text) VALUES ('second')")
    theirs.execute("COMMIT")
    theirs.close()
    await db.close()

asyncio.run(main())
assert texts() == ["first", "second"]
sound()
"""
    python(PRELUDE + code, cwd=tmp_path)


def test_descriptors_that_wait_for_the_other_library_are_used_again_and_closed(tmp_path):
    code = """
async def opened_and_closed():
    db = Database("sqlite:///test.db")
    await write(db, "row")
    await db.close()

async def main():
    await opened_and_closed()
    assert descriptors() == []
    theirs = sqlite3.connect("test.db")
    theirs.execute("SELECT * FROM notes").fetchall()
    counts = []
    for _ in range(5):
        await opened_and_closed()
        counts.append(len(descriptors()))
    assert len(set(counts)) == 1, f"they pile up: {counts}"
    theirs.close()
    await opened_and_closed()
    assert descriptors() == []

prepare()
asyncio.run(main())
sound()
"""
    python(PRELUDE + code, cwd=tmp_path)


def test_a_child_takes_no_lock_of_its_parent_along(tmp_path):
    """The parent is killed amid its transaction while a child lives on: the next writer does not wait."""
    code = """
async def hold(ready):
    db = Database("sqlite:///test.db")
    async with db.session() as session:
        await Note.create(session, text="never committed")
        child = os.fork()
        if not child:
            os.write(ready, b"%d " % os.getpid())
            signal.pause()
        os.write(ready, b"%d " % os.getpid())
        signal.pause()

prepare()
read, ready = os.pipe()
parent = os.fork()
if not parent:
    asyncio.run(hold(ready))
pids = b""
while pids.count(b" ") < 2:
    pids += os.read(read, 100)
os.kill(parent, signal.SIGKILL)
os.waitpid(parent, 0)
try:
    other_program('''
connection = sqlite3.connect("test.db", timeout=0)
connection.execute("INSERT INTO notes (text) VALUES ('by the next')")
connection.commit()
''')
finally:
    for pid in map(int, pids.split()):
        if pid != parent:
            os.kill(pid, signal.SIGKILL)
assert texts() == ["by the next"]
sound()
"""
    python(PRELUDE + code, cwd=tmp_path)


@pytest.mark.parametrize("child", ["ours", "theirs", "both"])
def test_parent_and_child_write_to_one_file(tmp_path, child):
    """The child's copy of the engine remembers the parent's locks and must not take them for its own."""
    code = """
async def in_child(which):
    db = Database("sqlite:///test.db")
    theirs = sqlite3.connect("test.db", timeout=60)
    for number in range(100):
        if which != "theirs":
            await write(db, f"child ours {number:03}")
        if which != "ours":
            write_theirs(theirs, f"child theirs {number:03}")
    theirs.close()
    await db.close()

async def fill(db):
    for number in range(100):
        await write(db, f"parent {number:03}")

which = sys.argv[1]
db = Database("sqlite:///test.db")
loop = asyncio.new_event_loop()
loop.run_until_complete(db.create_tables())
loop.run_until_complete(write(db, "parent first"))
child = os.fork()
if not child:
    try:
        asyncio.set_event_loop(None)
        asyncio.run(in_child(which))
        os._exit(0)
    finally:
        os._exit(1)
loop.run_until_complete(fill(db))
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
loop.run_until_complete(write(db, "parent last"))
loop.run_until_complete(db.close())
expected = [f"parent {n:03}" for n in range(100)] + ["parent first", "parent last"]
for who in ("ours", "theirs"):
    if which in (who, "both"):
        expected += [f"child {who} {n:03}" for n in range(100)]
assert texts() == sorted(expected)
sound()
"""
    python(PRELUDE + code, child, cwd=tmp_path)


def test_a_child_that_outlives_its_parent_keeps_its_log(tmp_path):
    """The parent closes the file as the last user that it knows of, while the child has it open."""
    code = """
async def in_child(go, done):
    db = Database("sqlite:///test.db")
    await write(db, "child 1")
    os.write(done, b"1")
    os.read(go, 1)
    log = os.stat("test.db-wal").st_ino
    await write(db, "child 2")
    assert os.stat("test.db-wal").st_ino == log
    await db.close()

db = Database("sqlite:///test.db")
loop = asyncio.new_event_loop()
loop.run_until_complete(db.create_tables())
loop.run_until_complete(write(db, "parent 1"))
(go_read, go), (done, done_write) = os.pipe(), os.pipe()
child = os.fork()
if not child:
    try:
        asyncio.set_event_loop(None)
        asyncio.run(in_child(go_read, done_write))
        os._exit(0)
    finally:
        os._exit(1)
os.read(done, 1)
loop.run_until_complete(write(db, "parent 2"))
loop.run_until_complete(db.close())
os.write(go, b"1")
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert texts() == ["child 1", "child 2", "parent 1", "parent 2"]
sound()
"""
    python(PRELUDE + code, cwd=tmp_path)


def test_kill_9_with_both_libraries_at_work_loses_nothing_acknowledged(tmp_path):
    code = """
SURVIVOR = '''
import asyncio, sqlite3, sys
exec(sys.argv[1])
async def main():
    db = Database("sqlite:///test.db")
    theirs = sqlite3.connect("test.db", timeout=60)
    number = 0
    while True:
        await write(db, f"ours {number}")
        print(f"ours {number}", flush=True)
        write_theirs(theirs, f"theirs {number}")
        print(f"theirs {number}", flush=True)
        if number % 10 == 0:
            theirs.close()
            theirs = sqlite3.connect("test.db", timeout=60)
        number += 1
asyncio.run(main())
'''
prepare()
for round in range(3):
    with sqlite3.connect("test.db") as connection:
        connection.execute("DELETE FROM notes")
    connection.close()
    process = subprocess.Popen([sys.executable, "-c", SURVIVOR, sys.argv[1]], stdout=subprocess.PIPE, text=True)
    acknowledged = [process.stdout.readline().strip() for _ in range(200)]
    process.kill()
    acknowledged += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\\n")]
    process.wait()
    assert set(acknowledged) <= set(texts())
    sound()
"""
    python(PRELUDE + code, PRELUDE, cwd=tmp_path)


def test_a_thread_that_opens_files_while_another_one_forks(tmp_path):
    """The child must not inherit a lock of the engine that no thread of it will release."""
    code = """
prepare()
stop = threading.Event()

def churn():
    async def run():
        while not stop.is_set():
            async with Database("sqlite:///test.db") as db:
                async with db.session() as session:
                    await Note.count(session)
    asyncio.run(run())

async def child():
    async with Database("sqlite:///test.db") as db:
        await write(db, f"child {os.getpid()}")

threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads:
    thread.start()
try:
    forked = 0
    while forked < 20:
        here, there = os.pipe()
        pid = os.fork()
        if not pid:
            os.write(there, b".")
            signal.alarm(30)
            try:
                asyncio.run(child())
                os._exit(0)
            finally:
                os._exit(1)
        os.close(there)
        came = select.select([here], [], [], 15)[0]
        os.close(here)
        if not came:
            # CPython may wait for ever in os.fork() itself, for the lock of its list of threads.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            continue
        forked += 1
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0, status
finally:
    stop.set()
    for thread in threads:
        thread.join()
assert len(texts()) == 20
sound()
"""
    python(PRELUDE + code, cwd=tmp_path)


OLD_SYSTEM = """
int memfd_create(const char *name, unsigned flags) { return -1; }
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.parametrize("file", ["a fresh file", "a file with rows"])
def test_a_commit_whose_log_was_removed_is_an_error_where_locks_belong_to_the_process(tmp_path, file):
    """Systems whose kernel has no open-file-description locks: what the engine asks of it to find out fails."""
    library = tmp_path / "old.so"
    source = tmp_path / "old.c"
    source.write_text(OLD_SYSTEM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    code = """
from fastapi_orm import DatabaseError, DatabaseUnavailableError

async def main(file):
    if file == "a file with rows":
        async with Database("sqlite:///test.db") as db:
            await db.create_tables()
            await write(db, "old")
    db = Database("sqlite:///test.db", pool_size=1, max_overflow=0)
    await db.create_tables()
    acknowledged = []
    refused = None
    for number in range(20):
        try:
            await write(db, f"{number:02}")
            acknowledged.append(f"{number:02}")
        except DatabaseError as error:
            refused = error
            break
        theirs = sqlite3.connect("test.db")
        theirs.execute("SELECT * FROM notes").fetchall()
        theirs.close()
    assert refused is not None, (acknowledged, texts())
    assert not isinstance(refused, DatabaseUnavailableError), "a client would be told to try again"
    assert not refused.retryable
    assert "removed the log" in str(refused), refused
    assert len(acknowledged) == 1, acknowledged
    await db.close()

asyncio.run(main(sys.argv[1]))
"""
    python(PRELUDE + code, file, cwd=tmp_path, LD_PRELOAD=str(library))
