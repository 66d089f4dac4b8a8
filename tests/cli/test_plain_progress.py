"""Progress where nobody watches a terminal: plain lines, few, that say what is being done."""

from __future__ import annotations

import io

from ghostsync.cli.console import Console
from ghostsync.cli.progress import Progress


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def watched(title: str = "") -> tuple[Progress, Clock, io.StringIO]:
    """Return a progress display whose lines go to a buffer."""
    told, clock = io.StringIO(), Clock()
    return Progress(Console(stdout=io.StringIO(), stderr=told, environ={}), title=title, clock=clock), clock, told


def test_every_stage_of_an_installation_is_named_once() -> None:
    """Without a title the labels are the stages; what cannot be counted is not counted."""
    progress, clock, told = watched()
    for label in ("unpacking Node.js", "unpacking Node.js", "fetching Ghost"):
        progress.update(0, None, label)
        clock.now += 1
    assert told.getvalue().splitlines() == ["unpacking Node.js", "fetching Ghost"]


def test_a_long_stage_is_told_every_ten_seconds() -> None:
    """A stage that can be counted says how far it is, with rate and time left, and not for every step."""
    progress, clock, told = watched("applying")
    for done in range(31):
        progress.update(done, 60, f"post {done}")
        clock.now += 1
    assert told.getvalue().splitlines() == [
        "applying: 0 of 60",
        "applying: 10 of 60, 1.0/s, 0:50 left",
        "applying: 20 of 60, 1.0/s, 0:40 left",
        "applying: 30 of 60, 1.0/s, 0:30 left",
    ]
