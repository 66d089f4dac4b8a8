"""What a watch shows: plain lines in a pipe, and on a terminal one moving line below the lines that stay."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from describe import plan_samples as samples

from ghostsync.cli.console import Console, Verbosity
from ghostsync.cli.watch_screen import WatchScreen, spoken_outcome
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.outcome import Outcome, Status
from ghostsync.errors import Problem
from ghostsync.model import DocPath
from ghostsync.watch.tidings import Away, Back, Busy, Ran, Resting, Retrying

PREVIEW = "https://example.com/p/6f0c2f6e-91a0-4c5f-8f7e-0b8a6d3a1c55/"


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(stream: io.StringIO, *, verbosity: Verbosity = Verbosity.NORMAL, **environ: str) -> tuple[Console, Any]:
    """Return a console on a stream, and a screen on it with a standing clock."""
    console = Console(verbosity=verbosity, stderr=stream, stdout=io.StringIO(), environ=environ, width=100)
    return console, WatchScreen(console, clock=lambda: 0.0, daytime=lambda: "12:00:00")


def a_day(screen: Any) -> None:
    """Tell one of everything."""
    fault = Problem(path="posts/a.md", line=3, message="no such tag", hint="write another")
    screen.tell(Busy(paths=frozenset({DocPath("posts/a.md")})))
    screen.applied(Outcome(change=samples.update(), status=Status.APPLIED, url="https://example.com/hello/"), 1, 1)
    screen.tell(Ran(applied=("posts/hello.md",), faults=(fault,), fixed=("posts/b.md",), seconds=0.1))
    screen.tell(Resting(faulty=1))
    screen.tell(Away(reason="nobody answers"))
    screen.tell(Retrying(seconds=8.0))
    screen.tell(Back())


def test_a_hint_says_that_the_watch_is_in_the_way() -> None:
    """A push or pull by hand is refused while the watch holds the directory; other hints stay as they are."""
    stream = io.StringIO()
    _, screen = shown(stream)
    note = Note(
        kind=NoteKind.ORPHAN, path=DocPath("a.md"), message="is gone", hint="`ghostsync push --prune draft` does it"
    )
    conflict = Problem(path="b.md", message="conflict", hint="`ghostsync pull b.md` merges it")
    with screen:
        screen.tell(Ran(applied=(), faults=(conflict,), fixed=(), notes=(note,), seconds=0.1))
    assert stream.getvalue().splitlines() == [
        "warning: 12:00:00 b.md: conflict",
        "  hint: `ghostsync pull b.md` merges it (end this watch first, it holds the directory)",
        "12:00:00 note: a.md: is gone",
        "  hint: `ghostsync push --prune draft` does it (end this watch first, it holds the directory)",
    ]


def test_watchdogs_own_log_stays_silent() -> None:
    """What it warns of when it is stopped is nothing for whoever looks at the watch."""
    said = (
        "import logging, ghostsync.watch.observe\n"
        "logging.getLogger('watchdog.observers.inotify').warning('queue_events() called when the thread is inactive')"
    )
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_a_pipe_gets_plain_lines_that_stay() -> None:
    """One line per change and per piece of news, with the time of day; nothing moves."""
    stream = io.StringIO()
    _, screen = shown(stream)
    with screen:
        a_day(screen)
    assert stream.getvalue().splitlines() == [
        "12:00:00 updated posts/hello.md → https://example.com/hello/",
        "warning: 12:00:00 posts/a.md:3: no such tag",
        "  hint: write another",
        "12:00:00 mended posts/b.md",
        "warning: 12:00:00 the server is away (nobody answers); trying again until it is back",
        "12:00:00 the server is back, and everything was looked at",
    ]


def test_a_terminal_has_a_line_about_now() -> None:
    """The same lines stay, and the last line says what is going on and when the next attempt is."""
    stream = Terminal()
    _, screen = shown(stream, TERM="xterm-256color")
    with screen:
        a_day(screen)
        screen.tell(Retrying(seconds=8.0))
        moving = str(screen._render())
    assert moving == "watching · the server is away · next try in 8 s · 1 change so far, last posts/hello.md 12:00:00"
    text = stream.getvalue()
    assert "12:00:00 updated posts/hello.md → https://example.com/hello/" in text
    assert "warning: posts/a.md:3: no such tag" in text
    assert "hint: write another" in text
    assert "\x1b[?25h" in text  # the cursor is back


def test_a_dumb_terminal_and_quiet_runs_have_none() -> None:
    """Nothing moves where it cannot, and with --quiet only faults are told."""
    stream = Terminal()
    _, screen = shown(stream, TERM="dumb")
    with screen:
        a_day(screen)
    assert "\x1b" not in stream.getvalue()
    stream = Terminal()
    _, screen = shown(stream, verbosity=Verbosity.QUIET, TERM="xterm")
    with screen:
        a_day(screen)
    assert "updated" not in stream.getvalue()
    assert "no such tag" in stream.getvalue()


def test_notes_of_an_old_site_are_counted() -> None:
    """Hundreds of notes at the start are ten lines and a number."""
    stream = io.StringIO()
    _, screen = shown(stream)
    notes = tuple(
        Note(kind=NoteKind.ORPHAN, path=f"posts/{number}.md", message="its document is gone") for number in range(300)
    )
    screen.tell(Ran(applied=(), faults=(), fixed=(), notes=notes, seconds=0.1))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "12:00:00 note: 290 more notes; `ghostsync status` lists them"


@pytest.mark.parametrize(
    ("change", "url", "said"),
    [
        (samples.create(sends={}), PREVIEW, f"created posts/launch.md → preview {PREVIEW}"),
        (samples.create(), "https://example.com/launch/", "created posts/launch.md → https://example.com/launch/"),
        (samples.update(status="draft"), PREVIEW, f"updated posts/hello.md → preview {PREVIEW}"),
        (samples.every_change()[8], None, "pulled posts/pulled.md (1 conflict marked in it)"),
        (samples.every_change()[7], None, "deleted posts/old.md"),
    ],
)
def test_one_line_per_change(change: Any, url: str | None, said: str) -> None:
    """What was done to what, where to look at it, and whether that is a preview."""
    assert spoken_outcome(Outcome(change=change, status=Status.APPLIED, url=url)) == said


def test_a_failed_change_is_no_applied_one() -> None:
    """Failures are told as faults, not as changes."""
    stream = io.StringIO()
    _, screen = shown(stream)
    screen.applied(replace(Outcome(change=samples.update(), status=Status.APPLIED), status=Status.FAILED), 1, 1)
    assert stream.getvalue() == ""
