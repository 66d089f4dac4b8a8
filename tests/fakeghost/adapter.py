"""The fake as a transport of `requests`: no sockets, thousands of exchanges a second.

Faults become what urllib3 and requests would raise: refused connections, connections that break without an answer,
half an answer, read timeouts.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from fakeghost.clock import ManualClock
from fakeghost.faults import Answer, Cut, Moment
from fakeghost.server import FakeGhost


class FakeGhostAdapter(BaseAdapter):
    """Mount it: `session.mount(fake.url, FakeGhostAdapter(fake))`, or use `session_for(fake)`.

    `latency_seconds` moves a manual clock by so much for each exchange.
    """

    def __init__(self, fake: FakeGhost, *, latency_seconds: float = 0) -> None:
        super().__init__()
        self._fake = fake
        self._latency = latency_seconds

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        assert request.url is not None
        assert request.method is not None
        parts = urlsplit(request.url)
        try:
            answer = self._fake.handle(
                request.method, parts.path, parts.query, _headers(request.headers), _body(request.body)
            )
        except Cut as cut:
            if cut.moment is Moment.MIDWAY and cut.answer is not None:
                return as_response(cut.answer, cut.answer.body[: len(cut.answer.body) // 2], request)
            raise _as_error(cut, request) from None
        self._pass_time(answer.delay, timeout, request)
        return as_response(answer, answer.body, request)

    def _pass_time(self, delay: float, timeout: Any, request: requests.PreparedRequest) -> None:
        read_timeout = timeout[1] if isinstance(timeout, tuple) else timeout
        too_long = read_timeout is not None and delay > read_timeout
        clock = self._fake.clock
        if isinstance(clock, ManualClock):
            clock.advance((read_timeout if too_long else delay) + self._latency)
        if too_long:
            raise requests.exceptions.ReadTimeout(f"Read timed out. (read timeout={read_timeout})", request=request)

    def close(self) -> None:
        """Nothing is held open."""


def _headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value) for name, value in headers.items()
    }


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return bytes(body.read())
    return b"".join(body)


def _as_error(cut: Cut, request: requests.PreparedRequest) -> requests.RequestException:
    errors = requests.exceptions
    match cut.moment:
        case Moment.REFUSED:
            refused = NewConnectionError(_NOWHERE, "Failed to establish a new connection: Connection refused")
            return errors.ConnectionError(MaxRetryError(_POOL, str(request.url), refused), request=request)
        case Moment.STALLED:
            return errors.ReadTimeout("Read timed out.", request=request)
        case _:
            reset = ConnectionResetError("Remote end closed connection without response")
            return errors.ConnectionError(ProtocolError("Connection aborted.", reset), request=request)


# What urllib3 wants to name in its errors.
_NOWHERE = HTTPConnection("fake.ghost.test")
_POOL = HTTPConnectionPool("fake.ghost.test")


def as_response(answer: Answer, body: bytes, request: requests.PreparedRequest) -> requests.Response:
    """As the ordinary adapter builds it; a body that is shorter than announced breaks when it is read."""
    raw = HTTPResponse(
        body=io.BytesIO(body),
        headers=answer.headers,
        status=answer.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    return _BUILDER.build_response(request, raw)


_BUILDER = HTTPAdapter()


def session_for(fake: FakeGhost) -> requests.Session:
    """A session in which the fake's address, and nothing else, leads to the fake."""
    session = requests.Session()
    session.trust_env = False
    session.mount(fake.url, FakeGhostAdapter(fake))
    return session
