"""One pace for all connections to one Ghost: when it says "too many", everybody slows down, not only who heard it.

Every request passes `wait`. As long as nobody was refused that costs nothing. A refusal (429) closes the gate for all
until the moment the server named, and from then on spaces requests out; each success narrows the space again.
Multiplicative both ways, so that it settles near the server's own rate without knowing it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from ghostsync.ghost.auth import Timing

FIRST_GAP: Final = 0.1
"""Seconds between request starts after the first refusal: ten a second, below what Ghost itself reaches."""

WIDEST_GAP: Final = 5.0
"""Seconds. A service that allows less than one request in five seconds is better tried later."""

RECOVERY: Final = 0.9
"""Factor on the gap per success: about seven successes halve it."""

NEGLIGIBLE_GAP: Final = 0.01


class Pace:
    """A gate that all threads pass before each request."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._next_start = 0.0
        self._gap = 0.0

    @property
    def gap(self) -> float:
        """Seconds between request starts at present; 0 where nobody was refused lately."""
        return self._gap

    def wait(self, rest: Callable[[float], bool]) -> bool:
        """Return True when the next request may start, or False where `rest`, which waits seconds, was told to stop.

        The gate is looked at again after each rest: it may have closed once more.
        """
        while True:
            with self._lock:
                now = self._timing.monotonic()
                start = max(self._closed_until, self._next_start)
                if start <= now:
                    if self._gap:
                        self._next_start = now + self._gap
                    return True
            if not rest(start - now):
                return False

    def slow_down(self, seconds: float) -> None:
        """Close the gate for `seconds`, for everybody, and widen the gap behind it."""
        with self._lock:
            now = self._timing.monotonic()
            # Refusals of requests that were in flight together are one refusal: they must not widen the gap each.
            if now >= self._closed_until:
                self._gap = min(max(self._gap * 2, FIRST_GAP), WIDEST_GAP)
            self._closed_until = max(self._closed_until, now + seconds)

    def speed_up(self) -> None:
        """Narrow the gap a little: an answer came."""
        if not self._gap:
            return
        with self._lock:
            narrowed = self._gap * RECOVERY
            self._gap = narrowed if narrowed >= NEGLIGIBLE_GAP else 0.0
