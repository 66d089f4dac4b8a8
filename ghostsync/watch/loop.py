"""Pushing continuously: file events in, runs of one `Syncer` out, and nothing that happens on the way ends it.

The watch keeps the site and the tree in memory between runs (that is the `Syncer`'s) and hands it only the paths that
changed, so that one edited file among ten thousand is sent a few hundred milliseconds after it was saved. Everything
runs on the caller's thread; the observer's thread only puts rumours into a queue.

* Its own writes (pull) do not come back: a file that still holds the bytes that a run wrote has not changed. Bytes, not
  times: an edit made right after the write must not be mistaken for it.
* A server that is away is tried again, at longer and longer intervals, and then everything is looked at once, since
  Ghost may have moved too and what was under way may have landed.
* A faulty document is told once, and once more when it is right again.
* Events can be lost (a full inotify queue, a laptop that slept): every so often, and whenever the wall clock has jumped
  ahead of the monotonic one, the tree is compared with what it was by size and time.
* While Git holds its index lock a checkout is under way and nobody looks at the disk.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from pathlib import Path

from ghostsync.core.conflicts import Note
from ghostsync.errors import GhostError, OutcomeUnknown, Problem, RateLimited, ServerFault, Unreachable
from ghostsync.model import DocPath
from ghostsync.watch.coalesce import Coalescer
from ghostsync.watch.tidings import Away, Back, Busy, Ran, Report, Resting, Retrying, Side, Syncer, Tidings
from ghostsync.watch.tree import WatchedTree

_FIRST_RETRY, _LAST_RETRY = 1.0, 30.0
"""Seconds between attempts to reach a server that is away; doubling from the first to the last."""

_RESCAN = 60.0
"""Seconds between comparisons of the whole tree (stat alone, some 100 ms for 10,000 files): what a lost event costs."""

_CLOCK_JUMP = 5.0
"""Seconds by which the wall clock may run ahead before that counts as sleep; also how often that is looked at, since
the monotonic clock stands still while a Linux machine sleeps, and with it every time-out."""

_GIT_PATIENCE = 30.0
"""Seconds after which Git's lock is taken for a leftover of a crash."""


class Watch:
    """The loop. Feed it with `heard` from any thread; `run` returns when `stop` was called."""

    def __init__(
        self,
        root: Path,
        syncer: Syncer,
        tell: Callable[[Tidings], None],
        *,
        debounce: float = 0.1,
        settle: float = 1.0,
        pull_every: float | None = None,
        git_lock: Path | None = None,
        beside: frozenset[DocPath] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._tree = WatchedTree(root, beside=beside)
        self._syncer = syncer
        self._tell = tell
        self._pull_every = pull_every
        self._git_lock = git_lock
        self._clock = clock
        self._wall = wall
        self._coalescer = Coalescer(debounce=debounce, settle=settle)
        self._queue: queue.SimpleQueue[DocPath | None] = queue.SimpleQueue()
        self._told: dict[Side, dict[str, frozenset[Problem]]] = {side: {} for side in Side}
        self._noted: set[Note] = set()
        self._retry_at: float | None = None
        self._retry_after = _FIRST_RETRY
        self._pull_at: float | None = None
        self._rescan_at = 0.0
        self._lead = 0.0
        self._git_since: float | None = None

    def heard(self, path: DocPath) -> None:
        """Something happened to this file or folder. May be called from any thread."""
        self._queue.put(path)

    def stop(self) -> None:
        """Make `run` return. May be called from any thread."""
        self._queue.put(None)

    def run(self) -> None:
        """Push everything once, then whatever happens. Errors other than an absent server are raised."""
        now = self._clock()
        self._lead = self._wall() - now
        self._tree.reread()
        self._rescan_at = now + _RESCAN
        self._pull_at = None if self._pull_every is None else now + self._pull_every
        self._attempt(None)
        self._rest()
        while self._listen():
            if self._step():
                self._rest()

    # ------------------------------------------------------------------ waiting

    def _listen(self) -> bool:
        """Wait for rumours or for the next thing that is due; False when it is time to stop."""
        due = [at for at in (self._coalescer.look_at, self._retry_at, self._pull_at, self._rescan_at) if at is not None]
        timeout = min(max(0.0, min(due) - self._clock()), _CLOCK_JUMP)
        with contextlib.suppress(queue.Empty):
            path = self._queue.get(timeout=timeout)
            while path is not None:
                self._coalescer.note(path, self._clock())
                path = self._queue.get_nowait()
            return False
        return True

    def _step(self) -> bool:
        """Do what is due; True when a run was made."""
        now = self._clock()
        if self._has_slept(now) or now >= self._rescan_at:
            self._rescan_at = now + _RESCAN
            for path in self._tree.reread():
                self._coalescer.note(path, now)
        if self._coalescer.look_at is not None and now >= self._coalescer.look_at and self._is_git_at_work(now):
            self._coalescer.wait(0.2, now)
        batch = self._coalescer.take(now, self._tree.look)
        paths = frozenset() if batch is None else self._tree.accept(batch)
        if self._retry_at is not None:
            if now < self._retry_at:
                return False
            return self._attempt(None)
        ran = bool(paths) and self._attempt(paths)
        if self._pull_at is not None and now >= self._pull_at and self._retry_at is None:
            self._pull_at = self._clock() + (self._pull_every or 0.0)
            ran = self._attempt_pull() or ran
        return ran

    def _has_slept(self, now: float) -> bool:
        lead = self._wall() - now
        slept = lead - self._lead > _CLOCK_JUMP
        self._lead = lead
        if slept:
            self._pull_at = None if self._pull_at is None else now
            self._retry_at = None if self._retry_at is None else now
        return slept

    def _is_git_at_work(self, now: float) -> bool:
        if self._git_lock is None or not self._git_lock.exists():
            self._git_since = None
            return False
        self._git_since = now if self._git_since is None else self._git_since
        return now - self._git_since < _GIT_PATIENCE

    # ------------------------------------------------------------------ runs

    def _attempt(self, paths: frozenset[DocPath] | None) -> bool:
        self._tell(Busy(paths=paths))
        self._attempt_run(Side.PUSH, lambda: self._syncer.push(paths))
        return True

    def _attempt_pull(self) -> bool:
        self._tell(Busy(paths=None, is_pull=True))
        report = self._attempt_run(Side.PULL, self._syncer.pull)
        if report is not None and report.to_push:
            self._attempt(report.to_push)
        return True

    def _attempt_run(self, side: Side, run: Callable[[], Report]) -> Report | None:
        begun = self._clock()
        try:
            report = run()
        except (Unreachable, OutcomeUnknown, RateLimited, ServerFault) as error:
            self._be_away(error)
            return None
        if self._retry_at is not None:
            self._retry_at, self._retry_after = None, _FIRST_RETRY
            self._tell(Back())
        self._tree.wrote(report.written)
        faults, fixed = self._news(side, report)
        notes = self._new_notes(side, report)
        if report.applied or faults or fixed or notes:
            seconds = self._clock() - begun
            self._tell(Ran(applied=report.applied, faults=faults, fixed=fixed, notes=notes, seconds=seconds))
        return report

    def _be_away(self, error: GhostError) -> None:
        if self._retry_at is None:
            self._tell(Away(reason=error.message))
        asked = error.retry_after if isinstance(error, RateLimited) else None
        seconds = max(self._retry_after, asked or 0.0)
        self._retry_at = self._clock() + seconds
        self._retry_after = min(self._retry_after * 2, _LAST_RETRY)
        self._tell(Retrying(seconds=seconds))

    def _news(self, side: Side, report: Report) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
        """Return the faults that were not told before and the paths that have none any more.

        Each way is remembered for itself, or a conflict that both see, each in its own words, would be news for ever.
        What a push has told of a document, a pull does not tell again.
        """
        told, others = self._told[side], self._told[Side.PULL if side is Side.PUSH else Side.PUSH]
        found: dict[str, set[Problem]] = {}
        for problem in report.problems:
            found.setdefault(problem.path, set()).add(problem)
        new = [
            problem
            for problem in dict.fromkeys(report.problems)
            if problem not in told.get(problem.path, frozenset())
            and problem not in others.get(problem.path, frozenset())
            and not (side is Side.PULL and problem.path in others)
        ]
        asked = told.keys() if report.looked_at is None else told.keys() & report.looked_at
        gone = [path for path in asked if path not in found]
        for path in gone:
            del told[path]
        told |= {path: frozenset(problems) for path, problems in found.items()}
        return tuple(new), tuple(sorted(path for path in gone if path not in others))

    def _new_notes(self, side: Side, report: Report) -> tuple[Note, ...]:
        """Return the notes that were not told before; what holds no longer may be told again."""
        new = tuple(note for note in dict.fromkeys(report.notes) if note not in self._noted)
        if side is Side.PUSH:
            held = {note for note in self._noted if report.looked_at is not None and note.path not in report.looked_at}
            self._noted = held | set(report.notes)
        return new

    def _rest(self) -> None:
        if self._retry_at is None:
            self._tell(Resting(faulty=len(set().union(*self._told.values()))))
