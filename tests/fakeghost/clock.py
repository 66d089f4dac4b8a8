"""Time, as the fake server sees it: handed in, never read from the machine by the server itself.

Ghost stores dates with a resolution of one second and answers with `.000Z`; the clocks below count milliseconds,
so that a test can place two writes inside one second and see what that costs.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

# Far in the past on purpose: a token that a client signs with the real time of day lies in this clock's future, and
# Ghost accepts those, so that tests which do not care about clock skew need not set anything.
DEFAULT_START = "2026-01-05T09:00:00Z"


class Clock(Protocol):
    """What the server needs: the time in milliseconds since 1970, and a tick before each exchange."""

    def now_ms(self) -> int: ...

    def tick(self) -> None: ...


class ManualClock:
    """Stands still until it is moved, by `advance` or by `tick_ms` at the start of every exchange."""

    def __init__(self, start: str = DEFAULT_START, *, tick_ms: int = 0) -> None:
        self._now_ms = parse_instant_ms(start)
        self.tick_ms = tick_ms

    def now_ms(self) -> int:
        return self._now_ms

    def tick(self) -> None:
        self._now_ms += self.tick_ms

    def advance(self, seconds: float) -> None:
        """Moves the clock; negative seconds are allowed, as they are on real machines. A wait always takes a while."""
        self._now_ms += max(1, round(seconds * 1000)) if seconds > 0 else round(seconds * 1000)


class MachineClock:
    """The time of day, shifted: for subprocess tests, and for clocks that go wrong by `shift_seconds`."""

    def __init__(self, *, shift_seconds: float = 0) -> None:
        self.shift_seconds = shift_seconds

    def now_ms(self) -> int:
        return int((time.time() + self.shift_seconds) * 1000)

    def tick(self) -> None:
        """Nothing to do: this clock runs by itself."""


def parse_instant_ms(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 instant; a missing zone counts as UTC. ValueError when it is none."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def _moment(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def to_wire(ms: int | None) -> str | None:
    """`2026-01-05T09:00:00.000Z`, as the Admin API spells dates; the milliseconds are always zero."""
    return None if ms is None else _moment(ms).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def to_sql(ms: int | None) -> str | None:
    """`2026-01-05 09:00:00`, as the SQLite column holds it and filters compare it, character by character."""
    return None if ms is None else _moment(ms).strftime("%Y-%m-%d %H:%M:%S")


def to_second(ms: int) -> int:
    """The same instant as Ghost stores it: cut to the second."""
    return ms - ms % 1000


def http_date(ms: int) -> str:
    """The `Date` header."""
    return format_datetime(_moment(ms), usegmt=True)


def year_month(ms: int) -> tuple[str, str]:
    """The folder in which an upload of this moment lands."""
    moment = _moment(ms)
    return f"{moment.year:04d}", f"{moment.month:02d}"
