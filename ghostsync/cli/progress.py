"""How far a run is: a bar with rate and time left on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ghostsync.cli.console import Console, Verbosity

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

# Seconds between two lines where there is no terminal: enough to see life in a CI log.
_LINE_EVERY = 10.0


class Progress:
    """A bar on stderr while the block runs; `update` may be called from any thread."""

    def __init__(self, console: Console, *, title: str = "") -> None:
        self._console = console
        self._title = title
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int | None, label: str = "") -> None:
        """Show that `done` of `total` are finished; `label` names the latest."""
        if self._console.verbosity < Verbosity.NORMAL:
            return
        with self._lock:
            if self._console.err.is_terminal:
                self._show_bar(done, total, label)
            elif time.monotonic() - self._last >= _LINE_EVERY:
                self._last = time.monotonic()
                rate = done / max(0.001, self._last - self._begun)
                of = "" if total is None else f" of {total}"
                self._console.say(f"{self._title or 'working'}: {done}{of}, {rate:.1f}/s  {label}".rstrip())

    def _show_bar(self, done: int, total: int | None, label: str) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as RichProgress

            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[label]}", style="dim"),
                console=self._console.err,
                transient=True,
            )
            self._task = self._bar.add_task(self._title or "working", total=total, label="", rate="")
            self._bar.start()
        if self._task is not None:
            rate = done / max(0.001, time.monotonic() - self._begun)
            self._bar.update(self._task, completed=done, total=total, label=label[:40], rate=f"{rate:.1f}/s")
