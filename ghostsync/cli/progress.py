"""How far a run is, on stderr: a bar with rate and time left on a terminal, now and then a plain line elsewhere.

The plain lines are for logs of CI: one when a stage begins, then at most one in ten seconds, so that a run of an hour
leaves a few hundred lines and a dead run is told from a slow one. Rate and time left are Rich's own, over the last
thousand steps.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ghostsync.cli.console import Verbosity

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ghostsync.cli.console import Console

# Seconds between two plain lines of one stage.
_EVERY = 10.0


class Progress:
    """Shows how far a run is. `update` may be called from any thread; nothing is shown before its first call."""

    def __init__(self, console: Console, *, title: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._title = title
        self._clock = clock
        self._lock = threading.Lock()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._stage = ""
        self._started = 0.0
        self._told = 0.0
        self._is_moving = console.stderr.isatty() and console.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def update(self, done: int, total: int | None, label: str = "") -> None:
        """Say that `done` of `total` are done (`total` None: nobody knows); `label` says what is worked on."""
        if self._console.verbosity < Verbosity.NORMAL:
            return
        with self._lock:
            if self._is_moving:
                self._move(done, total, label)
            else:
                self._tell(done, total, label)

    def _move(self, done: int, total: int | None, label: str) -> None:
        if self._bar is None:
            self._bar = _make_bar(self._console)
            self._task = self._bar.add_task(self._title, total=total, label="")
            self._bar.start()
        assert self._task is not None  # noqa: S101 - made together with the bar
        self._bar.update(self._task, completed=done, total=total, label=self._console.clean(label))

    def _tell(self, done: int, total: int | None, label: str) -> None:
        now = self._clock()
        # Without a title the labels are the stages: an installation has a handful, each said as it begins.
        stage = self._title or self._console.clean(label) or "working"
        if stage != self._stage:
            self._stage, self._started = stage, now
        elif now - self._told < _EVERY:
            return
        self._told = now
        rate = done / (now - self._started) if now > self._started else 0.0
        counts = f"{done:,}" if total is None else f"{done:,} of {total:,}"
        left = f", {rate:.1f}/s" if rate else ""
        if rate and total is not None:
            left += f", {_duration((total - done) / rate)} left"
        self._console.say(f"{stage}: {counts}{left}" if done or total else stage)


def _make_bar(console: Console) -> Bar:
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.progress import Task as RichTask
    from rich.table import Column
    from rich.text import Text

    class Pace(ProgressColumn):
        """How far, how fast, how long still."""

        max_refresh = 0.5

        def render(self, task: RichTask) -> Text:
            """Return `38 of 62, 4.2/s, 0:06 left`, as far as anybody can know."""
            parts = []
            if task.total is not None:
                parts.append(f"{int(task.completed):,} of {int(task.total):,}")
            speed = task.finished_speed or task.speed
            if speed is not None:
                parts.append(f"{speed:.1f}/s")
            if speed and task.time_remaining:
                parts.append(f"{_duration(task.time_remaining)} left")
            return Text(", ".join(parts), style="color(31)", no_wrap=True)

    return Bar(
        TextColumn("{task.description}", style="bold", markup=False),
        BarColumn(
            bar_width=24,
            style="color(240)",
            complete_style="color(31)",
            finished_style="color(29)",
            pulse_style="color(31)",
        ),
        Pace(),
        TextColumn(
            "{task.fields[label]}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")
        ),
        console=console.err,
        transient=True,
        expand=True,
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
