"""The list route of an app under uvicorn: what ``to_response()`` returns, beside plain dictionaries and a model."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import files
from measure import Row, interleaved

POSTS = 100
CLIENTS = 8
REQUESTS = 50  # of each client, in a round


async def compare(folder: Path, rounds: int) -> list[Row]:
    """The time per request, which is one over the requests per second: half the time is twice the requests."""
    path = folder / "serving.db"
    await files.new(path)
    files.add_live_posts(path, 2, POSTS)
    with server(path) as port:
        answers = [await one(port, route) for route in ("/responses", "/dictionaries", "/models")]
        assert len(answers[0]) == POSTS and answers.count(answers[0]) == 3

        async def responses(_: int) -> None:
            await crowd(port, "/responses")

        async def dictionaries(_: int) -> None:
            await crowd(port, "/dictionaries")

        async def models(_: int) -> None:
            await crowd(port, "/models")

        times = CLIENTS * REQUESTS
        return [
            await interleaved(
                f"a list of {POSTS} posts, to_response()",
                responses,
                dictionaries,
                times=times,
                rounds=rounds,
                limit=0.5,
            ),
            await interleaved(
                f"a list of {POSTS} posts, response_model()",
                models,
                dictionaries,
                times=times,
                rounds=rounds,
                limit=None,
            ),
        ]


@contextmanager
def server(path: Path) -> Iterator[int]:
    """The app in a process of its own; its port."""
    command = [sys.executable, "-m", "uvicorn", "list_app:app", "--port", "0", "--no-access-log", "--no-use-colors"]
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parent,
        env={**os.environ, "BENCH_DATABASE": files.url(path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        for line in process.stderr:
            if found := re.search(r"running on http://[\d.]+:(\d+)", line):
                yield int(found[1])
                return
        raise RuntimeError("the server did not start; is uvicorn installed?")
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


async def crowd(port: int, route: str) -> None:
    """Clients that ask again as soon as they have their answer, each over one connection."""
    await asyncio.gather(*(ask(port, route, REQUESTS) for _ in range(CLIENTS)))


async def one(port: int, route: str) -> list[dict[str, object]]:
    answer: list[dict[str, object]] = json.loads(await ask(port, route, 1))
    return answer


async def ask(port: int, route: str, times: int) -> bytes:
    """Speaks as much HTTP as it takes: a client that does more would be what is measured. Returns the last body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b""
    for _ in range(times):
        writer.write(f"GET {route} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, head
        body = await reader.readexactly(int(length[1]))
    writer.close()
    await writer.wait_closed()
    return body
