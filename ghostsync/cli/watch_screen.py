"""What a watch shows: a line for every change and every fault, and on a terminal one moving line about now.

The moving line is drawn below the others and is gone when the watch ends. A pipe gets only the lines that stay, with
the time of day in front, so that a log of a week can be read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, assert_never

from ghostsync.cli.console import Verbosity
from ghostsync.cli.folding import folded
from ghostsync.cli.show_report import DONE
from ghostsync.core.changes import Forget, WriteFile
from ghostsync.core.counted import counted
from ghostsync.core.habits import habits_once
from ghostsync.core.outcome import Outcome, Status
from ghostsync.core.verbs import subject, verb
from ghostsync.model import is_preview
from ghostsync.watch.tidings import Away, Back, Busy, Ran, Resting, Retrying, Tidings

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from ghostsync.cli.console import Console

_MOST_NOTES = 10
"""Of one run. An old site may have hundreds when the watch begins; `ghostsync status` lists them."""


class WatchScreen:
    """Shows tidings and outcomes. `applied` may be called from any thread."""

    def __init__(
        self,
        console: Console,
        *,
        clock: Callable[[], float] = time.monotonic,
        daytime: Callable[[], str] = lambda: time.strftime("%H:%M:%S"),
    ) -> None:
        self._console = console
        self._clock = clock
        self._daytime = daytime
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._now = ""
        self._is_working = False
        self._retry_at: float | None = None
        self._done = 0
        self._last = ""
        self._has_motion = (
            console.verbosity >= Verbosity.NORMAL and console.stderr.isatty() and console.environ.get("TERM") != "dumb"
        )

    def __enter__(self) -> Self:
        if self._has_motion:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._render,
                console=self._console.err,
                transient=True,
                refresh_per_second=4,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            live, self._live = self._live, None
        if live is not None:
            live.stop()

    # ------------------------------------------------------------------ what is shown

    def applied(self, outcome: Outcome, done: int, total: int) -> None:
        """Show one finished change, with the address where it can be looked at."""
        with self._lock:
            if total > 1:
                self._now = f"{done:,} of {total:,}"
            if outcome.status is not Status.APPLIED or isinstance(outcome.change, Forget):
                return
            self._done += 1
            self._last = f"{subject(outcome.change)} {self._daytime()}"
            self._line(spoken_outcome(outcome))

    def tell(self, tidings: Tidings) -> None:
        """Show what the watch says."""
        with self._lock:
            self._tell(tidings)

    def say(self, text: str) -> None:
        """Show a line that stays."""
        with self._lock:
            self._line(text)

    def warn(self, text: str, *, hint: str | None = None) -> None:
        """Show a warning that stays."""
        with self._lock:
            self._warn(text, hint)

    def _tell(self, tidings: Tidings) -> None:
        match tidings:
            case Busy(paths=paths, is_pull=is_pull):
                self._is_working, self._retry_at = True, None
                self._now = "looking at Ghost" if is_pull else "looking at everything" if paths is None else _few(paths)
            case Ran(faults=faults, fixed=fixed, notes=notes, applied=applied, seconds=seconds):
                for fault in faults:
                    self._warn(str(fault), fault.hint)
                for path in fixed:
                    self._line(f"mended {path}")
                told = habits_once(notes)
                for note in told[:_MOST_NOTES]:
                    self._line(f"note: {note.path}: {note.message}", note.hint)
                if len(told) > _MOST_NOTES:
                    rest = counted(len(told) - _MOST_NOTES, "more note")
                    self._line(f"note: {rest}; `ghostsync status` lists them")
                if len(applied) > 1:
                    self._line(f"{counted(len(applied), 'change')} in {seconds:.1f} s")
            case Away(reason=reason):
                self._warn(f"the server is away ({reason}); trying again until it is back", None)
            case Retrying(seconds=seconds):
                self._is_working, self._retry_at = False, self._clock() + seconds
                self._now = "the server is away"
            case Back():
                self._line("the server is back, and everything was looked at")
            case Resting(faulty=faulty):
                self._is_working = False
                self._now = "up to date" if not faulty else f"{counted(faulty, 'path')} with problems"
                self._console.detail(f"waiting for changes; {self._now}")
            case _:
                assert_never(tidings)

    # ------------------------------------------------------------------ lines

    def _line(self, text: str, hint: str | None = None) -> None:
        if self._console.verbosity < Verbosity.NORMAL:
            return
        hint = _hint(hint)
        self._put(f"{self._daytime()} {text}")
        if hint:
            self._put(f"  hint: {self._console.addressed(hint)}")

    def _warn(self, text: str, hint: str | None) -> None:
        """Faults are told in quiet runs too: nobody asks a watch afterwards."""
        hint = _hint(hint)
        if self._live is None:
            self._console.warn(f"{self._daytime()} {text}", hint=hint)
            return
        self._put(f"{self._daytime()} warning: {text}")
        if hint:
            self._put(f"  hint: {self._console.addressed(hint)}")

    def _put(self, text: str) -> None:
        if self._live is None:
            self._console.say(text)
            return
        from rich.text import Text

        console = self._live.console
        # Not by Rich, which folds addresses and commands too.
        console.print(Text(folded(self._console.clean(text), console.width)), soft_wrap=True)

    def _render(self) -> RenderableType:
        from rich.spinner import Spinner
        from rich.text import Text

        parts = ["watching", self._now]
        if self._retry_at is not None:
            parts.append(f"next try in {max(0, round(self._retry_at - self._clock()))} s")
        if self._done:
            parts.append(f"{counted(self._done, 'change')} so far, last {self._last}")
        text = Text(self._console.clean(" · ".join(part for part in parts if part)), no_wrap=True, overflow="ellipsis")
        return Spinner("dots", text) if self._is_working else text


def _hint(hint: str | None) -> str | None:
    """Return a hint with what it takes while a watch runs: the watch holds the directory's lock."""
    if hint is None or not any(command in hint for command in ("`ghostsync pull ", "`ghostsync push ")):
        return hint
    return f"{hint} (end this watch first, it holds the directory)"


def spoken_outcome(outcome: Outcome) -> str:
    """Return one line about an applied change: what was done, to what, and where it can be looked at."""
    change = outcome.change
    done = "pulled" if isinstance(change, WriteFile) else DONE[verb(change)]
    text = f"{done} {subject(change)}"
    if isinstance(change, WriteFile) and change.marked:
        text += f" ({counted(change.marked, 'conflict')} marked in it)"
    if outcome.url:
        text += f" → {'preview ' if is_preview(outcome.url) else ''}{outcome.url}"
    return text


def _few(paths: frozenset[str]) -> str:
    return next(iter(paths)) if len(paths) == 1 else counted(len(paths), "file")
