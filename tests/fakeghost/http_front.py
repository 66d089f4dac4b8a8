"""The fake on a port of 127.0.0.1, for command-line and subprocess tests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from fakeghost.faults import Answer, Cut, Moment
from fakeghost.server import FakeGhost


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A keep-alive connection is written in several small pieces; without this each waits for the other side's ack.
    disable_nagle_algorithm = True
    server: _Server

    def _exchange(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        try:
            answer = self.server.fake.handle(self.command, parts.path, parts.query, dict(self.headers.items()), body)
        except Cut as cut:
            self._cut(cut)
            return
        if answer.delay and self.server.closing.wait(answer.delay):
            self._hang_up()
            return
        self._write(answer, answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _exchange  # noqa: N815 - names of the base class

    def _write(self, answer: Answer, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _cut(self, cut: Cut) -> None:
        if cut.moment is Moment.MIDWAY and cut.answer is not None:
            self._write(cut.answer, cut.answer.body[: len(cut.answer.body) // 2])
            self.wfile.flush()
        elif cut.moment is Moment.STALLED:
            self.server.closing.wait()
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """The fake keeps its own log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, fake: FakeGhost, listener: socket.socket) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()
        self.fake = fake
        self.closing = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no fault of the server's."""


def free_address() -> tuple[str, socket.socket]:
    """An address of this machine, and the listening socket that holds it; make the fake with this `url`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    return f"http://127.0.0.1:{listener.getsockname()[1]}", listener


@contextlib.contextmanager
def serve(fake: FakeGhost, listener: socket.socket) -> Iterator[FakeGhost]:
    """Serves until the block ends. `fake.url` must be the address of `listener`."""
    server = _Server(fake, listener)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def running(**settings: object) -> Iterator[FakeGhost]:
    """A fake on a free port; `settings` are those of `FakeGhost`, without `url`."""
    url, listener = free_address()
    with serve(FakeGhost(url=url, **settings), listener) as fake:  # type: ignore[arg-type]
        yield fake
