"""Progress: a bar on a terminal, a plain line now and then anywhere else."""

from __future__ import annotations

import io

from ghostsync.cli.console import Console, Verbosity
from ghostsync.cli.progress import Progress


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_log_gets_a_line_now_and_then() -> None:
    """One line at once, then at most one in ten seconds, with rate and time left."""
    stderr, now = io.StringIO(), 0.0
    console = Console(stdout=io.StringIO(), stderr=stderr, environ={})
    with Progress(console, title="pushing", clock=lambda: now) as progress:
        for done in range(31):
            now = float(done)
            progress.update(done, 120)
    assert stderr.getvalue().splitlines() == [
        "pushing: 0 of 120",
        "pushing: 10 of 120, 1.0/s, 1:50 left",
        "pushing: 20 of 120, 1.0/s, 1:40 left",
        "pushing: 30 of 120, 1.0/s, 1:30 left",
    ]


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    """The bar names what is worked on; when it ends, the line is free again."""
    stderr = Terminal()
    console = Console(stdout=io.StringIO(), stderr=stderr, environ={"TERM": "xterm-256color"}, width=100)
    with Progress(console, title="pushing") as progress:
        progress.update(3, 12, "posts/hello.md")
    assert "3 of 12" in stderr.getvalue()
    assert "posts/hello.md" in stderr.getvalue()
    assert stderr.getvalue().endswith("\x1b[2K")


def test_quiet_is_quiet() -> None:
    """`-q` shows no progress, and nothing is shown before there is any."""
    for stderr in (io.StringIO(), Terminal()):
        console = Console(stdout=io.StringIO(), stderr=stderr, environ={}, verbosity=Verbosity.QUIET)
        with Progress(console, title="pushing") as progress:
            progress.update(3, 12)
        assert stderr.getvalue() == ""
    idle = Terminal()
    with Progress(Console(stdout=io.StringIO(), stderr=idle, environ={})):
        pass
    assert idle.getvalue() == ""
