"""From the storm of file events that editors and Git make to the few batches that people mean. No clock, no disk.

An event is only a rumour about a path. What counts is how the disk looks once it has been quiet for a moment:

* A path that is there has changed. Swap files, backups and atomic renames of any editor come out as that one change.
* A path that is missing is not believed yet: vim, VS Code, Dropbox and Git all take files away for a moment. It counts
  as removed only when it has been missing for `settle` seconds on end. Until then the rest of the batch waits with
  it, so that both halves of a move are in one batch and a move is never a delete and a create.
* A folder is a rumour about everything that is or was known below it.
* However long the storm lasts, what is there is handed over after `patience` seconds at the latest.

Treating the kinds of events (created, deleted, moved) as facts was rejected: their order and number differ between
inotify, FSEvents and Windows, and each of them loses some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ghostsync.model import DocPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a look at the disk found of the paths asked for, folders resolved to what is or was known below them."""

    present: frozenset[DocPath]
    absent: frozenset[DocPath]
    """Known before, and not there now. What was never known and is not there is left out: a temporary file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Paths that belong into one run."""

    changed: frozenset[DocPath]
    removed: frozenset[DocPath]

    @property
    def paths(self) -> frozenset[DocPath]:
        """All of them."""
        return self.changed | self.removed


class Coalescer:
    """Collects rumours and says when to look. Times are seconds on any clock that does not jump back."""

    def __init__(self, *, debounce: float, settle: float = 1.0, patience: float = 5.0) -> None:
        self._debounce = debounce
        self._settle = settle
        self._patience = patience
        self._paths: set[DocPath] = set()
        self._missing_since: dict[DocPath, float] = {}
        self._first: float | None = None
        self._look_at: float | None = None

    def note(self, path: DocPath, now: float) -> None:
        """Something happened to a file or folder."""
        self._paths.add(path)
        if self._first is None:
            self._first = now
        self._look_at = min(now + self._debounce, self._first + self._patience)

    def wait(self, seconds: float, now: float) -> None:
        """Look later: somebody is known to be at work on the files (Git holds its lock)."""
        if self._look_at is not None:
            self._look_at = now + seconds

    @property
    def look_at(self) -> float | None:
        """When to call `take`; None when nothing is pending."""
        return self._look_at

    def take(self, now: float, look: Callable[[frozenset[DocPath]], Sight]) -> Batch | None:
        """Look at the disk if it is time, and return what belongs into one run; None when there is nothing yet."""
        if self._look_at is None or now < self._look_at or self._first is None:
            return None
        sight = look(frozenset(self._paths))
        self._missing_since = {path: self._missing_since.get(path, now) for path in sight.absent}
        gone = {path for path, since in self._missing_since.items() if now >= since + self._settle}
        unsure = sight.absent - gone
        out_of_patience = now >= self._first + self._patience
        if unsure and not out_of_patience:
            self._look_at = min(
                min(self._missing_since[path] for path in unsure) + self._settle, self._first + self._patience
            )
            return None
        self._paths = set(unsure)
        self._missing_since = {path: self._missing_since[path] for path in unsure}
        self._first = now if unsure else None
        self._look_at = min(self._missing_since.values()) + self._settle if unsure else None
        batch = Batch(changed=sight.present, removed=frozenset(gone))
        return batch if batch.paths else None
