"""The PostgreSQL server that the tests use."""

import functools
import os
import subprocess
from pathlib import Path

VARIABLE = "REPRIEVE_TEST_POSTGRES_URL"
SCRIPT = Path(__file__).resolve().parents[1] / "postgres.sh"


@functools.cache
def server() -> str:
    """The address of the one that the environment names, else of one of our own, which ends with this process.

    What this process starts finds its address in the environment.
    """
    if url := os.environ.get(VARIABLE):
        return url
    process = subprocess.Popen(["sh", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().strip()
    assert url, "PostgreSQL did not start: standard error says why"
    # The server ends when this end of its standard input is closed.
    KEPT.append(process)
    os.environ[VARIABLE] = url
    return url


KEPT: list[subprocess.Popen[str]] = []
