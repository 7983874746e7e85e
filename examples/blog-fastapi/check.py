"""Starts the blog on a free port with a database of its own, uses each endpoint once, and stops it.

Prints one line for each check and exits 0 when all hold, 1 when one does not. Without arguments it checks the blog
beside it, and needs nothing but what that needs. Arguments are the command of another program that serves the same
blog, such as ``check.py target/debug/blog-axum``: it gets ``--port 0``, and its database in ``DATABASE_URL``.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PATIENCE = 30  # seconds; a start or a stop takes well under one, even on a busy machine a few
# The server lies on this machine: a proxy that the environment names is not asked.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Blog:
    """A running blog, and the tally of what was asked of it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.failures = 0

    def call(self, method: str, path: str) -> tuple[int, Any]:
        request = urllib.request.Request(self.address + path, method=method)
        try:
            with HTTP.open(request, timeout=PATIENCE) as answer:
                return answer.status, parsed(answer.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, parsed(refusal.read())

    def expect(self, behaviour: str, method: str, path: str, status: int, **fields: Any) -> Any:
        """One request: its status, and these fields of its JSON object."""
        answered, body = self.call(method, path)
        got = {name: body[name] for name in fields if name in body} if isinstance(body, dict) else {}
        self.note(
            f"{behaviour}: {method} {path}",
            answered == status and got == fields,
            f"expected {status} {fields or ''}, got {answered} {body}",
        )
        return body

    def note(self, what: str, holds: bool, otherwise: str) -> None:
        what = f"{what:.100}"
        print(f"ok      {what}" if holds else f"FAILED  {what}\n        {otherwise}", flush=True)
        self.failures += not holds


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


def use_each_endpoint(blog: Blog) -> None:
    def listed(what: str, query: str, *ids: int) -> None:
        status, body = blog.call("GET", f"/posts{query}")
        found = [post["id"] for post in body] if status == 200 else None
        blog.note(f"{what}: GET /posts{query}", found == list(ids), f"expected ids {list(ids)}, got {status} {body}")

    schema = blog.expect("the API describes itself", "GET", "/openapi.json", 200)
    paths = sorted(schema["paths"]) if isinstance(schema, dict) else None
    expected = ["/posts", "/posts/{post_id}"]
    expected += [f"/posts/{{post_id}}/{verb}" for verb in ("permanent", "restore", "soft")]
    blog.note("it describes every route", paths == expected, f"expected {expected}, got {paths}")
    page = blog.expect("the page is served", "GET", "/", 200)
    blog.note("it is a page", isinstance(page, str) and "<title>" in page, f"got {page!r:.80}")

    kept = blog.expect("a post is written", "POST", "/posts?title=Kept&content=Here+to+stay", 201, title="Kept")
    gone = blog.expect(
        "a post starts unpublished and live",
        "POST",
        "/posts?title=Gone&content=%C3%A9",
        201,
        content="é",
        published=False,
        deleted_at=None,
    )
    if blog.failures:
        return  # what follows needs two posts
    kept, gone = kept["id"], gone["id"]
    blog.expect("a post needs a title", "POST", "/posts?content=Nameless", 422)
    blog.expect("a title has its limit", "POST", f"/posts?title={'x' * 201}&content=Long", 422)
    blog.expect("an id is a number", "GET", "/posts/first", 422)

    listed("both are listed", "", kept, gone)
    blog.expect("a post is read", "GET", f"/posts/{gone}", 200, id=gone, title="Gone")
    blog.expect("a live post is not restored", "POST", f"/posts/{gone}/restore", 400, detail="Post is not deleted")

    blog.expect("a post is thrown away", "DELETE", f"/posts/{gone}/soft", 204)
    blog.expect("it is gone", "GET", f"/posts/{gone}", 404, detail="Post not found")
    blog.expect("it is not thrown away twice", "DELETE", f"/posts/{gone}/soft", 404)
    deleted = blog.expect("the bin shows it", "GET", f"/posts/{gone}?include_deleted=true", 200, id=gone)
    blog.note("it says when", bool(deleted.get("deleted_at")), f"got {deleted}")
    listed("the list is without it", "", kept)
    listed("the full list is with it", "?include_deleted=true", kept, gone)
    listed("the bin holds it alone", "?only_deleted=true", gone)

    blog.expect("it is restored", "POST", f"/posts/{gone}/restore", 200, id=gone, deleted_at=None)
    listed("it is listed again", "", kept, gone)
    blog.expect("it is removed for good", "DELETE", f"/posts/{gone}/permanent", 200, message="Post permanently deleted")
    blog.expect("the bin has lost it too", "GET", f"/posts/{gone}?include_deleted=true", 404)
    blog.expect("nothing is left to restore", "POST", f"/posts/{gone}/restore", 404)
    blog.expect("nothing is left to remove", "DELETE", f"/posts/{gone}/permanent", 404)
    listed("the other is untouched", "?include_deleted=true", kept)


def command() -> list[str]:
    """What starts the blog."""
    given = sys.argv[1:]
    ours = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "--factory", "blog.app:create_app"]
    # Port 0 lets the system choose: a port found free beforehand may be taken by the time it is used.
    return [*(given or [*ours, "--no-use-colors"]), "--port", "0"]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Blog, "subprocess.Popen[bytes]"]]:
    """The blog from its announced address to the end of the block; it is stopped whatever happens.

    When something did not hold, the server's own log follows: a status of 500 says nothing by itself.
    """
    file = (folder / "blog.db").as_posix()
    addresses = {"BLOG_DATABASE_URL": f"sqlite+aiosqlite:///{file}", "DATABASE_URL": f"sqlite://{file}"}
    log = folder / "server.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(command(), env={**os.environ, **addresses}, stderr=errors, stdout=subprocess.DEVNULL)
    blog = None
    try:
        blog = Blog(announced_address(server, log))
        yield blog, server
    finally:
        server.kill()
        server.wait()
        if blog is None or blog.failures or sys.exc_info()[0]:
            print(log.read_text(errors="replace")[-6000:], file=sys.stderr)


def announced_address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    """What the server says once it accepts requests."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        if address := re.search(r"running on (http://\S+)", log.read_text(errors="replace")):
            return address[1]
        time.sleep(0.05)
    raise SystemExit(f"FAILED  the blog did not start (exit code {server.poll()}); what it said is above")


def stop(blog: Blog, server: "subprocess.Popen[bytes]") -> None:
    """As Ctrl-C does."""
    if os.name == "nt":
        server.terminate()
        server.wait(PATIENCE)
        return
    server.send_signal(signal.SIGINT)
    try:
        code: int | None = server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        code = None
    # uvicorn hands the signal on to itself when it has shut down, so both count as clean.
    blog.note("Ctrl-C stops it", code in (0, -signal.SIGINT, 128 + signal.SIGINT), f"exit code {code}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="blog-") as folder, serving(Path(folder)) as (blog, server):
        use_each_endpoint(blog)
        stop(blog, server)
    print(f"{blog.failures} checks failed" if blog.failures else "the blog does what it should")
    return 1 if blog.failures else 0


if __name__ == "__main__":
    sys.exit(main())
