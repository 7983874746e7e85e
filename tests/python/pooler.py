"""A PgBouncer of the tests' own in front of a database, in transaction mode."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "pooler.sh"
MISSING = 3  # the script's word for it


@contextmanager
def pooler(url: str, connections: int) -> Iterator[str]:
    """Its address. It has so many connections of the server. CI installs a PgBouncer, and takes no excuse."""
    command = ["sh", str(SCRIPT), url, str(connections)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        address = process.stdout.readline().strip()
        if not address:
            assert process.wait() == MISSING, "PgBouncer did not start: standard error says why"
            assert "REPRIEVE_TEST_POOLER" not in os.environ, "there is no pgbouncer on this machine"
            pytest.skip("there is no pgbouncer on PATH or in /usr/sbin")
        yield address
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
