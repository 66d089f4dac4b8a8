"""Every way in which the first contact with a site fails: one paragraph, a hint, the documented exit code."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ghostsync.sandbox import Instance

KEY = "0123456789abcdef01234567:" + "89abcdef" * 8


def push(folder: Path, url: str, key: str | None) -> subprocess.CompletedProcess[str]:
    """Push one document and return what was said."""
    (folder / "a.md").write_text("# A\n\nText.\n")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GHOST_")}
    environ["GHOST_ADMIN_API_URL"] = url
    if key is not None:
        environ["GHOST_ADMIN_API_KEY"] = key
    return subprocess.run(
        [sys.executable, "-m", "ghostsync", "push"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def check(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Hold the answer against the rules for messages."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert "hint:" in done.stderr
    assert KEY not in done.stderr
    for word in words:
        assert word in done.stderr


@contextmanager
def serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve every GET with `answer` on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: http.server.BaseHTTPRequestHandler, status: int, body: str, **headers: str) -> None:
    """Answer one request."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    data = body.encode()
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def test_no_key(tmp_path: Path) -> None:
    """Without a key nothing is sent, and the message says where to get one."""
    check(push(tmp_path, "http://127.0.0.1:1", None), 2, "GHOST_ADMIN_API_KEY")


def test_a_malformed_key(tmp_path: Path) -> None:
    """A key of the wrong shape is refused before any traffic."""
    check(push(tmp_path, "http://127.0.0.1:1", "abc"), 2, "key")


def test_a_content_api_key(tmp_path: Path) -> None:
    """A Content API key is recognised by its form."""
    check(push(tmp_path, "http://127.0.0.1:1", "0123456789abcdef0123456789"), 2, "Content API key")


def test_a_wrong_key(tmp_path: Path, ghost6: Instance) -> None:
    """A key that the site does not know is refused by the site."""
    check(push(tmp_path, ghost6.url, KEY), 1, "key")


def test_nobody_listens(tmp_path: Path) -> None:
    """An unreachable host is said to be unreachable."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    check(push(tmp_path, f"http://127.0.0.1:{port}", KEY), 1, "127.0.0.1")


def test_something_that_is_not_ghost(tmp_path: Path) -> None:
    """A web page is not taken for Ghost."""
    with serving(lambda handler: send(handler, 200, "<html>hello</html>", Content_Type="text/html")) as url:
        check(push(tmp_path, url, KEY), 1, "Ghost")


def test_a_ghost_that_is_too_old(tmp_path: Path) -> None:
    """Ghost 4 answers with its version, and ghostsync says that it needs 5."""
    body = '{"site":{"title":"Old","url":"http://127.0.0.1/","version":"4.48"}}'
    with serving(lambda handler: send(handler, 200, body, Content_Type="application/json")) as url:
        check(push(tmp_path, url, KEY), 1, "4.48")


def test_an_address_that_redirects(tmp_path: Path) -> None:
    """A redirect is not followed; the message names where it leads."""
    with serving(lambda handler: send(handler, 301, "", Location="https://blog.example/ghost/")) as url:
        check(push(tmp_path, url, KEY), 1, "blog.example")


def test_plain_http_to_another_machine(tmp_path: Path) -> None:
    """Plain http would show the token to everyone on the way: refused before anything is sent."""
    check(push(tmp_path, "http://ghost.example", KEY), 2, "http")


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_ten_minutes_off_just_works(minutes: int, tmp_path: Path, empty_ghost6: Instance) -> None:
    """The token is dated by the server's clock, not by ours."""
    import time

    from ghostsync.ghost.auth import Timing
    from ghostsync.ghost.connect import connect

    timing = Timing(now=lambda: time.time() + 60 * minutes)
    api = connect(empty_ghost6.url, empty_ghost6.admin_key, timing=timing)
    assert api.config()["version"].startswith("6.")
    api.transport.close()
