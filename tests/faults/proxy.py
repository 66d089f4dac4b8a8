"""A proxy that stands before a real Ghost and lets one exchange go wrong.

It speaks HTTP/1.1 with keep-alive, and puts its own address in place of Ghost's in everything that passes (both have
ports of five digits, so lengths stay), so that downloads of what the site serves come through it as well.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from fakeghost import bad_gateway, maintenance, server_error, too_large, too_many
from fakeghost.faults import Answer, html_page


class Fault(StrEnum):
    """What goes wrong with an exchange, and whether Ghost had carried it out by then."""

    BEFORE = "lost before it reached Ghost"
    AFTER = "carried out, the answer lost"
    MIDWAY = "carried out, half of the answer lost"
    TOO_MANY = "429 with Retry-After"
    SERVER_ERROR = "500 of Ghost's own"
    BAD_GATEWAY = "carried out, answered with 502 in HTML"
    MAINTENANCE = "503, Ghost's maintenance page"
    UNAVAILABLE = "carried out, answered with 503 of somebody else"
    TOO_LARGE = "413 in HTML"
    RESET = "carried out, the connection reset"
    STALL = "carried out, answered too late"


IS_CARRIED_OUT = frozenset({Fault.AFTER, Fault.MIDWAY, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.RESET, Fault.STALL})
ANSWERS: dict[Fault, Callable[[], Answer]] = {
    Fault.TOO_MANY: lambda: too_many(0.05),
    Fault.SERVER_ERROR: server_error,
    Fault.BAD_GATEWAY: bad_gateway,
    Fault.MAINTENANCE: maintenance,
    Fault.UNAVAILABLE: lambda: html_page(503, "first byte timeout"),
    Fault.TOO_LARGE: too_large,
}
PATIENCE = 3.0
"""Seconds after which a client of a stalled exchange must have given up."""

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"}


class FaultProxy:
    """Counts exchanges; the one that is armed goes wrong, once. `seen` lists `METHOD path` of all of them."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.seen: list[str] = []
        self.writes = 0
        self.at_write: Callable[[int, bool], None] = lambda _number, _carried_out: None
        """Called around every write: its number, and whether Ghost has carried it out."""
        self._armed: tuple[int, Fault] | None = None
        self._lock = threading.Lock()
        self.released = threading.Event()
        self._server = _listening(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        # Above Python's own 64 kB of backlog nothing is needed; daemon threads end with the test process.
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def arm(self, number: int, fault: Fault) -> None:
        """Let the exchange with that number, counted from 1 after `start_counting`, go wrong."""
        with self._lock:
            self._armed = number, fault

    def start_counting(self) -> None:
        """Count from 1 again; nothing is armed."""
        with self._lock:
            self.seen.clear()
            self.writes, self._armed = 0, None
            self.at_write = lambda _number, _carried_out: None
        self.released.set()
        self.released = threading.Event()

    def struck(self) -> bool:
        """Whether what was armed has happened."""
        return self._armed is None

    def take(self, method: str, path: str) -> tuple[Fault | None, int]:
        """The fault of the next exchange, and the number of the write that it is, or 0."""
        with self._lock:
            self.seen.append(f"{method} {path.partition('?')[0]}")
            fault = None
            if self._armed is not None and self._armed[0] == len(self.seen):
                fault, self._armed = self._armed[1], None
            write = 0
            if method not in {"GET", "HEAD"}:
                self.writes += 1
                write = self.writes
            return fault, write

    def to_upstream(self, data: bytes) -> bytes:
        return data.replace(self.url.encode(), self.upstream.geturl().rstrip("/").encode())

    def to_client(self, data: bytes) -> bytes:
        return data.replace(self.upstream.geturl().rstrip("/").encode(), self.url.encode())

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _listening(proxy: FaultProxy) -> ThreadingHTTPServer:
    """A server on a port with as many digits as Ghost's."""
    digits = len(str(proxy.upstream.port))
    while True:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Passing", (_Passing,), {"proxy": proxy}))
        if len(str(server.server_port)) == digits:
            server.daemon_threads = True
            server.handle_error = lambda *_: None  # type: ignore[method-assign]
            return server
        server.server_close()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy
    upstream: http.client.HTTPConnection | None = None

    def pass_on(self) -> None:
        proxy = self.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault, write = proxy.take(self.command, self.path)
        if write:
            proxy.at_write(write, False)
        if fault is not None and fault not in IS_CARRIED_OUT:
            self._fail(fault, None)
            return
        answer = self._ask(proxy.to_upstream(body))
        if write:
            proxy.at_write(write, True)
        if fault is None:
            self._send(answer)
        else:
            self._fail(fault, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815 (http.server's names)

    def _ask(self, body: bytes) -> Answer:
        proxy = self.proxy
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers |= {"Host": proxy.upstream.netloc, "Accept-Encoding": "identity"}
        with contextlib.closing(
            http.client.HTTPConnection(str(proxy.upstream.hostname), proxy.upstream.port, timeout=60)
        ) as upstream:
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            response = upstream.getresponse()
            data = proxy.to_client(response.read())
            passed = {name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP}
            return Answer(status=response.status, headers=passed, body=data)

    def _send(self, answer: Answer, *, part: int | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:part])

    def _fail(self, fault: Fault, answer: Answer | None) -> None:
        match fault:
            case Fault.BEFORE | Fault.AFTER:
                self.close_connection = True
            case Fault.MIDWAY:
                assert answer is not None
                # A body-less answer breaks off in its head.
                self.close_connection = True
                if answer.body:
                    self._send(answer, part=len(answer.body) // 2)
                else:
                    self.wfile.write(b"HTTP/1.1 204 No")
            case Fault.RESET:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case Fault.STALL:
                self.close_connection = True
                self.proxy.released.wait(PATIENCE * 4)
            case _:
                self._send(ANSWERS[fault]())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def proxied(upstream: str) -> Iterator[FaultProxy]:
    """A proxy before `upstream`, until the block ends."""
    proxy = FaultProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
