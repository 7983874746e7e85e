"""What several tests need: subprocesses and servers."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PATIENCE = 60  # seconds, for what takes far less than one


def says(error: BaseException, *words: str | tuple[str, ...]) -> None:
    """The message has each word; of a tuple, one of them."""
    message = str(error)
    for word in words:
        choices = (word,) if isinstance(word, str) else word
        found = any(re.search(rf"(?<![A-Za-z0-9]){re.escape(w)}(?![A-Za-z0-9])", message, re.I) for w in choices)
        assert found, f"{' or '.join(choices)!r} is missing in: {message}"


def environment(**more: str) -> dict[str, str]:
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONFAULTHANDLER": "1", **more}


def python(code: str, *arguments: str, cwd: Path, **variables: str) -> str:
    """Runs a program in a fresh interpreter and returns what it prints; its failure is the test's."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment(**variables), capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Server:
    """A server process that announces its address in its log."""

    def __init__(self, process: "subprocess.Popen[str]", address: str, log: list[str]) -> None:
        self.process = process
        self.port = int(address.rsplit(":", 1)[1])
        self.log = log

    def client(self) -> "Client":
        return Client(self.port)

    def kill(self) -> None:
        """kill -9, the workers included."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class Client:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def call(self, method: str, path: str) -> tuple[int, Any]:
        self.connection.request(method, path)
        answer = self.connection.getresponse()
        body = answer.read()
        try:
            return answer.status, json.loads(body) if body else None
        except ValueError:
            return answer.status, body.decode()

    def close(self) -> None:
        self.connection.close()


@contextmanager
def serving(
    app: str, cwd: Path, *options: str, module: str = "uvicorn", workers: int = 1, **variables: str
) -> Iterator[Server]:
    """An app served on a free port, from its announcement to the end of the block.

    Port 0 lets the system choose: a port found free beforehand may be taken by the time it is used.
    """
    if module == "uvicorn":
        options = ("--port", "0", "--no-use-colors", *options)
    command = [sys.executable, "-m", module, app, *options]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    log: list[str] = []
    announced: list[str] = []
    ready = threading.Event()

    def read() -> None:
        started = 0
        assert process.stderr
        for line in process.stderr:
            log.append(line)
            started += "Application startup complete" in line
            if found := re.search(r"(?:running on|Listening at:) (http://[\d.]+:\d+)", line):
                announced.append(found[1])
            if announced and started >= workers:
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        ready.wait(PATIENCE)
        assert announced and process.poll() is None, "the server did not start:\n" + "".join(log)
        yield Server(process, announced[0], log)
    except BaseException:
        sys.stderr.write("".join(log[-60:]))
        raise
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        reader.join(PATIENCE)
        assert process.stderr
        process.stderr.close()
