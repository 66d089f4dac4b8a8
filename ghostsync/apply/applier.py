"""Executes a plan: one outcome per change, and nothing decided here that the plan did not decide.

The order is uploads, tags (they show pictures too), slug moves, creates and updates, then what takes away. Tags and
slug moves go one at a time (Ghost makes doubles of tags created at once), the rest on a bounded pool; within a post
the order is kept.

Where data could be lost or doubled:

* A write is sent once. When its answer is lost, the post is read back: the record's `op` says whether the write
  landed. What cannot be found out stays unknown, nothing is sent again in this run, and the next run finds it.
* Every update carries the `updated_at` that the plan believes in. A 409 is a conflict, never a retry.
* Ghost's clock ticks in seconds and two writes within one second pass both. So where the post moved less than two
  seconds ago, apply waits and reads it again before it writes.
* Deletes and unpublishes have no such check in Ghost: the post is read right before, and must still equal the plan's
  belief. # RACE: an edit in the milliseconds between that read and the delete is lost; Ghost offers no precondition.
* Before a move to published or scheduled the post is read again: an editor may have given it a newsletter meanwhile.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from ghostsync.apply.attempt import SVG, Addresses, Attempts
from ghostsync.apply.files import FileWriter
from ghostsync.apply.posts import PostWriter
from ghostsync.apply.removals import Remover
from ghostsync.apply.tags import TagWriter
from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Forget,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.core.digest import bytes_digest
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Plan
from ghostsync.core.slug_moves import order_moves
from ghostsync.core.svg import lost_elements
from ghostsync.core.verbs import gives_tags
from ghostsync.errors import GhostsyncError, Mismatch
from ghostsync.model import Asset, DocPath, FieldName, Slug
from ghostsync.ports import Memory, Remote, Tree


class Watcher(Protocol):
    """Told about every finished change, from the applying thread."""

    def __call__(self, outcome: Outcome, done: int, total: int) -> None:
        """One more change is finished."""


@dataclass(slots=True)
class Applier:
    """Executes one plan. Use once."""

    remote: Remote
    tree: Tree
    memory: Memory
    plan: Plan
    jobs: int
    sleep: Callable[[float], None]
    new_op: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
    author: str | None = None
    """Who commits here, for the records (`ports.Past.author`)."""
    watcher: Watcher | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    """Set from outside: the writes in flight are finished and checked, nothing new is begun."""
    _outcomes: dict[int, Outcome] = field(default_factory=dict)
    _addresses: Addresses = field(default_factory=Addresses)
    _failed_tags: set[Slug] = field(default_factory=set)
    _failed_marker: Slug | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _writer: PostWriter = field(init=False)
    _remover: Remover = field(init=False)
    _tags: TagWriter = field(init=False)
    _files: FileWriter = field(init=False)

    def __post_init__(self) -> None:
        self._files = FileWriter(remote=self.remote, tree=self.tree)
        self._tags = TagWriter(
            remote=self.remote, memory=self.memory, site_url=self.plan.site.url, addresses=self._addresses
        )
        attempts = Attempts(
            remote=self.remote,
            tree=self.tree,
            site_url=self.plan.site.url,
            read_at=self.plan.at,
            sleep=self.sleep,
            new_op=self.new_op,
            addresses=self._addresses,
            author=self.author,
        )
        self._writer = PostWriter(attempts=attempts, memory=self.memory)
        self._remover = Remover(attempts=attempts, memory=self.memory)

    def run(self) -> Report:
        """Execute the plan and return what became of it."""
        indexed = list(enumerate(self.plan.changes))
        tags = [(i, c) for i, c in indexed if isinstance(c, CreateTag | UpdateTag)]
        uploads = [(i, c) for i, c in indexed if isinstance(c, UploadFile)]
        undone = [(i, c) for i, c in indexed if isinstance(c, DeletePost) and c.reason == "undo"]
        posts = [(i, c) for i, c in indexed if isinstance(c, CreatePost | UpdatePost | AdoptPost)]
        removals = [(i, c) for i, c in indexed if isinstance(c, UnpublishPost | DeletePost) and (i, c) not in undone]
        files = [(i, c) for i, c in indexed if isinstance(c, WriteFile)]
        rest = [(i, c) for i, c in indexed if isinstance(c, Forget | RemoveFile)]
        self._pooled(uploads)
        for index, first in (*tags, *undone):
            self._perform(index, first)
        moves = order_moves([c for _, c in posts if isinstance(c, UpdatePost)])
        numbers = {id(change): index for index, change in posts}
        for step in moves:
            if step.parking is not None:
                # A ring of slugs: one post steps aside first. Dying here leaves it on the parking slug, with a record
                # that says so; the next run finds it by its path and moves it on.
                self._park(numbers[id(step.change)], step.change, step.parking)
            else:
                self._perform(numbers[id(step.change)], step.change)
        moved = {id(step.change) for step in moves}
        self._pooled([(i, c) for i, c in posts if id(c) not in moved])
        self._pooled(removals)
        self._pooled(files)
        for index, change in rest:
            self._perform(index, change)
        outcomes = tuple(
            self._outcomes.get(index) or Outcome(change=change, status=Status.SKIPPED) for index, change in indexed
        )
        return Report(plan=self.plan, outcomes=outcomes, is_interrupted=self.stop.is_set())

    # ------------------------------------------------------------------ running

    def _pooled(self, changes: Iterable[tuple[int, Change]]) -> None:
        waiting = list(changes)
        if not waiting:
            return
        if self.jobs <= 1 or len(waiting) == 1:
            for index, change in waiting:
                self._perform(index, change)
            return
        pool = ThreadPoolExecutor(max_workers=self.jobs, thread_name_prefix="ghostsync")
        try:
            self._share_out(pool, waiting)
        except BaseException:
            # A person who insists, or a bug: nobody is waited for, and what was not begun is not begun.
            self.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()

    def _share_out(self, pool: ThreadPoolExecutor, waiting: Iterable[tuple[int, Change]]) -> None:
        # Not all at once: an interrupt must find few enough in flight to finish them.
        running: set[Future[None]] = set()
        queue = iter(waiting)
        exhausted = False
        while running or not exhausted:
            while not exhausted and len(running) < self.jobs * 2:
                item = next(queue, None)
                if item is None or self.stop.is_set():
                    exhausted = True
                    break
                running.add(pool.submit(self._perform, *item))
            if running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()

    def _perform(self, index: int, change: Change) -> None:
        if index in self._outcomes:
            return
        if self.stop.is_set():
            self._finish(index, Outcome(change=change, status=Status.SKIPPED))
            return
        missing = self._missing_tag(change)
        if missing is not None:
            error = GhostsyncError(f"its tag `{missing}` could not be made", hint="see the error of the tag")
            self._finish(index, Outcome(change=change, status=Status.SKIPPED, error=error))
            return
        try:
            outcome = self._apply(change)
        except GhostsyncError as error:
            outcome = Outcome(change=change, status=Status.FAILED, error=error)
            self._note_failure(change, error)
        self._finish(index, outcome)

    def _finish(self, index: int, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes[index] = outcome
            done = len(self._outcomes)
            if self.watcher is not None:
                self.watcher(outcome, done, len(self.plan.changes))

    def _note_failure(self, change: Change, error: GhostsyncError) -> None:
        with self._lock:
            if isinstance(change, UploadFile):
                self._addresses.failed[change.asset.sha256] = error
            elif isinstance(change, CreateTag):
                self._failed_tags.add(change.slug)
                if change.is_marker:
                    self._failed_marker = change.slug

    def _missing_tag(self, change: Change) -> Slug | None:
        """Return the tag without which a post must not be sent: Ghost would make one of its own, once per post.

        For want of the marker it would make a public tag that is called like its slug.
        """
        if self._failed_marker is not None and gives_tags(change):
            return self._failed_marker
        if not isinstance(change, CreatePost | UpdatePost):
            return None
        tags = change.sends.get(FieldName("tags"))
        return next((Slug(tag) for tag in tags if tag in self._failed_tags), None) if isinstance(tags, tuple) else None

    # ------------------------------------------------------------------ one change

    def _apply(self, change: Change) -> Outcome:
        match change:
            case CreateTag():
                return self._tags.create(change)
            case UpdateTag():
                return self._tags.update(change)
            case UploadFile():
                return self._upload(change)
            case CreatePost():
                return self._writer.create(change)
            case UpdatePost():
                return self._writer.update(change)
            case AdoptPost():
                return self._writer.adopt(change)
            case UnpublishPost():
                return self._remover.unpublish(change)
            case DeletePost():
                return self._remover.delete(change)
            case Forget():
                if change.id is not None:
                    self.memory.forget(change.id)
                return Outcome(change=change, status=Status.APPLIED)
            case WriteFile():
                return self._files.write(change)
            case RemoveFile():
                return self._files.remove(change)
            case _:
                assert_never(change)

    def _park(self, index: int, change: UpdatePost, parking: Slug) -> None:
        if self.stop.is_set():
            return
        try:
            self._writer.park(change, parking)
        except GhostsyncError as error:
            self._finish(index, Outcome(change=change, status=Status.FAILED, error=error))

    def _upload(self, change: UploadFile) -> Outcome:
        asset = change.asset
        data = self.tree.read(DocPath(asset.path))
        if bytes_digest(data) != asset.sha256:
            raise Mismatch(
                f"{asset.path} changed while this ran; it is not uploaded",
                hint="run the same command again",
            )
        # The name carries the content's digest, so what answers under it is ours: after a run that was killed before it
        # could remember where the file landed, and after an answer that was lost.
        url = self.remote.find_upload(asset) if self.memory.begin_upload(asset) else None
        try:
            url = url or self.remote.upload(asset, data)
        except GhostsyncError as error:
            url = self.remote.find_upload(asset) if getattr(error, "may_have_happened", False) else None
            if url is None:
                raise
        with self._lock:
            self._addresses.urls[asset.sha256] = url
        self.memory.save_upload(asset, url)
        return Outcome(change=change, status=Status.APPLIED, url=url, warning=self._stripped(asset, data, url))

    def _stripped(self, asset: Asset, data: bytes, url: str) -> str | None:
        """Say what Ghost's sanitiser took out of an SVG: the picture may look different now."""
        if asset.mime != SVG:
            return None
        try:
            lost = lost_elements(data, self.remote.download(url))
        except GhostsyncError:
            return None  # it was uploaded; what it has become cannot be told now
        if not lost:
            return None
        return f"{asset.path}: Ghost removed {', '.join(f'<{name}>' for name in lost)} from it; look at it in the post"
