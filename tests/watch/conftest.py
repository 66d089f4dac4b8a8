"""A watch over real files with real events, and a `Syncer` that remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ghostsync.errors import GhostsyncError
from ghostsync.model import DocPath
from ghostsync.watch.loop import Watch
from ghostsync.watch.observe import observing
from ghostsync.watch.tidings import Report, Tidings

LIMIT = 20.0


class Recorder:
    """Answers every run with the next prepared report or error, and keeps what it was asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[frozenset[DocPath] | None] = []
        self.times: list[float] = []
        self.there: list[frozenset[str]] = []
        self.pulls = 0
        self.answers: list[Report | GhostsyncError] = []
        self.pulling: Callable[[], Report] = Report
        self.told: list[Tidings] = []
        self._changed = threading.Condition()

    def push(self, paths: frozenset[DocPath] | None) -> Report:
        """Remember the paths, and which of them are there."""
        with self._changed:
            self.asked.append(paths)
            self.times.append(time.monotonic())
            self.there.append(frozenset(path for path in paths or () if (self.root / path).exists()))
            answer = self.answers.pop(0) if self.answers else Report(looked_at=paths)
            self._changed.notify_all()
        if isinstance(answer, GhostsyncError):
            raise answer
        return answer

    def pull(self) -> Report:
        """Do what the test prepared."""
        with self._changed:
            self.pulls += 1
            report = self.pulling()
            self._changed.notify_all()
        return report

    def tell(self, tidings: Tidings) -> None:
        """Keep what the watch says."""
        with self._changed:
            self.told.append(tidings)
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds that a run or a message brings about."""
        with self._changed:
            assert self._changed.wait_for(condition, LIMIT), (self.asked, self.told)

    def wait_for_pushes(self, count: int) -> None:
        """Wait for this many pushes, the first one at the start included."""
        self.wait_for(lambda: len(self.asked) >= count)


@contextmanager
def watching(root: Path, recorder: Recorder, **options: object) -> Iterator[Watch]:
    """Run a watch with real events until the block ends; its errors are raised here."""
    watch = Watch(root, recorder, recorder.tell, **options)  # type: ignore[arg-type]
    raised: list[BaseException] = []

    def run() -> None:
        try:
            watch.run()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=run)
    with observing(root, watch.heard, beside=options.get("beside", frozenset())):  # type: ignore[arg-type]
        thread.start()
        try:
            recorder.wait_for_pushes(1)
            yield watch
        finally:
            watch.stop()
            thread.join(LIMIT)
    if raised:
        raise raised[0]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A content directory with two posts."""
    root = tmp_path / "site"
    (root / "posts").mkdir(parents=True)
    (root / "posts" / "a.md").write_text("a")
    (root / "posts" / "b.md").write_text("b")
    return root


@pytest.fixture
def recorder(site: Path) -> Recorder:
    """The other end of the watch."""
    return Recorder(site)
