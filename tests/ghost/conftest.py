"""A tiny HTTP server on loopback that misbehaves as told, and a time that only moves when slept."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.exchange import Timeouts

KEY = "0123456789abcdef01234567:" + "ab" * 32
SECRET_PARTS = ("0123456789abcdef01234567", "ab" * 32)


class Mishap(Enum):
    """What can happen instead of an answer."""

    CLOSE = "read the request, then close the connection"
    CUT = "send half of an answer"
    HANG = "never answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server saw it. `path` holds the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    """Requests with the same number came over the same connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server sends back."""

    status: int
    headers: dict[str, str]
    body: bytes


Route = Callable[[Asked], Reply | Mishap]


def json_reply(status: int, data: object, **headers: str) -> Reply:
    """Build a JSON answer; `Retry_After="3"` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(data).encode()
    return Reply(status=status, headers={"Content-Type": "application/json; charset=utf-8", **named}, body=body)


def html_reply(status: int, text: str = "<html>hello</html>", **headers: str) -> Reply:
    """Build an HTML answer, as proxies and other programs give."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers={"Content-Type": "text/html", **named}, body=text.encode())


def ghost_error(status: int, message: str, **rest: object) -> Reply:
    """Build an error in Ghost's own form."""
    return json_reply(status, {"errors": [{"message": message, "context": None, "type": None, "code": None, **rest}]})


@dataclass
class LoopbackServer:
    """A server on a free port of 127.0.0.1. `asked` lists what came, in order."""

    route: Route
    asked: list[Asked] = field(default_factory=list)
    certificate: Path | None = None
    """Speak TLS with this certificate and key."""

    def __post_init__(self) -> None:
        self._released = threading.Event()
        owner = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                seen = Asked(
                    method=self.command,
                    path=self.path,
                    headers=dict(self.headers.items()),
                    body=self.rfile.read(length),
                    connection=self.client_address[1],
                )
                owner.asked.append(seen)
                owner._send(self, owner.route(seen))

            def do_CONNECT(self) -> None:
                owner.asked.append(Asked(method="CONNECT", path=self.path, headers={}, body=b"", connection=0))
                self.send_error(403)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 (http.server's names)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self._http.server_port}"

    @property
    def port(self) -> int:
        return self._http.server_port

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply | Mishap) -> None:
        match reply:
            case Mishap.CLOSE:
                handler.close_connection = True
            case Mishap.HANG:
                handler.close_connection = True
                self._released.wait(20)
            case Mishap.CUT:
                handler.send_response(200)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", "1000")
                handler.end_headers()
                handler.wfile.write(b'{"posts": [')
                handler.close_connection = True
            case Reply():
                if "Date" in reply.headers:
                    handler.send_response_only(reply.status)
                else:
                    handler.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    if name != "Content-Length" or reply.status != 204:
                        handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(reply.body)

    def close(self) -> None:
        self._released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@dataclass
class SleptTime:
    """A clock that moves only when something sleeps. `jitter` is 0: backoffs are at their longest."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds

    def timing(self) -> Timing:
        return Timing(now=lambda: self.now, monotonic=lambda: self.now, sleep=self.sleep, jitter=lambda: 0.0)


@dataclass(frozen=True)
class Loopback:
    """The builders of this folder, for tests to use by one name."""

    servers: list[LoopbackServer]
    apis: list[AdminApi]
    key: str = KEY
    secrets: tuple[str, ...] = SECRET_PARTS

    json = staticmethod(json_reply)
    html = staticmethod(html_reply)
    error = staticmethod(ghost_error)
    CLOSE = Mishap.CLOSE
    CUT = Mishap.CUT
    HANG = Mishap.HANG
    Asked = Asked
    Reply = Reply

    def serve(self, route: Route, *, certificate: Path | None = None) -> LoopbackServer:
        """Start a server that answers by `route`."""
        server = LoopbackServer(route, certificate=certificate)
        self.servers.append(server)
        return server

    def serve_each(self, *replies: Reply | Mishap) -> LoopbackServer:
        """Start a server that gives `replies` one after the other, the last one for ever."""
        waiting = list(replies)
        return self.serve(lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0])

    def api(self, url: str, key: str | None = KEY, *, time: SleptTime | None = None, **options: Any) -> AdminApi:
        """Connect to `url`; time moves only when slept."""
        options.setdefault("timeouts", Timeouts(connect=2.0, read=2.0, upload=2.0))
        api = connect(url, key, timing=(time or SleptTime()).timing(), **options)
        self.apis.append(api)
        return api


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """Servers on loopback and connections to them, all closed afterwards."""
    made = Loopback([], [])
    yield made
    for api in made.apis:
        api.transport.close()
    for server in made.servers:
        server.close()


@pytest.fixture
def slept() -> SleptTime:
    """A time that moves only when slept; `slept.slept` lists the waits."""
    return SleptTime()
