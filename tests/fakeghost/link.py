"""ghostsync's own Admin API with the fake at its other end: no sockets, and a time that waiting moves forward.

Apart from this module the fake knows nothing of ghostsync. Retries wait on the fake's clock, so that a test of eight
attempts with backoff takes no time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests

from fakeghost.adapter import as_response
from fakeghost.clock import ManualClock
from fakeghost.faults import Cut, Moment
from fakeghost.server import FakeGhost
from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.connection import Lost, Trouble

_LOSSES = {
    Moment.REFUSED: Lost(trouble=Trouble.REFUSED, was_sent=False),
    Moment.BEFORE: Lost(trouble=Trouble.CLOSED, was_sent=True),
    Moment.AFTER: Lost(trouble=Trouble.CLOSED, was_sent=True),
    Moment.MIDWAY: Lost(trouble=Trouble.CUT, was_sent=True),
    Moment.STALLED: Lost(trouble=Trouble.READ_TIMEOUT, was_sent=True),
}


def timing_of(fake: FakeGhost) -> Timing:
    """The fake's time as ghostsync's: sleeping advances a manual clock. No jitter."""
    clock = fake.clock

    def now() -> float:
        return clock.now_ms() / 1000

    if isinstance(clock, ManualClock):
        return Timing(now=now, monotonic=now, sleep=clock.advance, jitter=lambda: 0.0)
    return Timing(now=now, jitter=lambda: 0.0)


class FakeConnection:
    """What ghostsync's transport leases for an exchange."""

    def __init__(self, fake: FakeGhost) -> None:
        self._fake = fake

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        body: Any,
        connect_timeout: float,
        read_timeout: float,
    ) -> requests.Response | Lost:
        """One exchange with the fake, or what was lost of it."""
        if not url.startswith(f"{self._fake.url}/"):
            return Lost(trouble=Trouble.NAME, was_sent=False)
        prepared = requests.Request(method, url, headers=headers, data=body).prepare()
        parts = urlsplit(prepared.url or url)
        data = prepared.body if prepared.body is not None else b""
        if not isinstance(data, bytes | str):
            data = b"".join(data)
        try:
            answer = self._fake.handle(
                method,
                parts.path,
                parts.query,
                dict(prepared.headers),
                data.encode() if isinstance(data, str) else data,
            )
        except Cut as cut:
            if cut.moment is Moment.STALLED and isinstance(self._fake.clock, ManualClock):
                self._fake.clock.advance(read_timeout)
            return _LOSSES[cut.moment]
        if answer.delay and isinstance(self._fake.clock, ManualClock):
            self._fake.clock.advance(min(answer.delay, read_timeout))
        if answer.delay > read_timeout:
            return _LOSSES[Moment.STALLED]
        response = as_response(answer, answer.body, prepared)
        _ = response.content  # read whole, as from a socket
        return response

    def close(self) -> None:
        """Nothing is held open."""


class FakePool:
    """Stands where ghostsync's transport keeps its connections."""

    def __init__(self, fake: FakeGhost) -> None:
        self._connection = FakeConnection(fake)

    @contextmanager
    def lease(self) -> Iterator[FakeConnection]:
        yield self._connection

    def close(self) -> None:
        """Nothing is held open."""


def connect_to(fake: FakeGhost, *, key: str | None = None, timing: Timing | None = None) -> AdminApi:
    """The Admin API of the fake, with its own key unless another is given."""
    api = connect(fake.url, key or fake.key, allow_http=True, timing=timing or timing_of(fake))
    api.transport._pool = FakePool(fake)  # type: ignore[assignment]
    return api


def recorded(fake: FakeGhost) -> dict[str, Any]:
    """Slug → record, of every post and page that has one."""
    found: dict[str, Any] = {}
    for row in fake.state.posts:
        record = json.loads(row["lexical"])["root"].get("ghostsync") if row["lexical"] else None
        if record is not None:
            found[row["slug"]] = record
    return found
