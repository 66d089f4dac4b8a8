"""The watch's `Syncer`: runs of one long-lived session, each planned, checked and applied like a typed command.

A command plans, shows its plan and applies it. A watch has nobody to show it to, so before it applies it makes sure
that the plan speaks of files at rest:

* A batch is planned for its own paths. Everything else (pictures, `tags.yaml`, a document that is gone) may matter to
  any document, so then the whole tree is looked at; and once more after a run that moved an address others link to.
* Such a look at the whole tree also reads files that somebody is saving at this moment. A document that is no longer
  what was read, or that is missing, is given time, and the plan is made again. What never comes to rest is not written;
  its own event brings it back.
* A server that goes away in the middle of a run is an error of the run and not of documents: all of it is tried again.

With pulling, a conflict is first given to a pull of its documents, which merges what can be merged; what remains is
told. What a pull wrote is planned as a push at once: where it merged, our half must still go up, and where it only
brought Ghost's words, that plan is empty. Leaving this to the events of the written files was rejected: they cannot be
told from a person's, and a person's edit in the same moment must not be taken for ours.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ghostsync.apply.applier import Applier, Watcher
from ghostsync.core.base import SLUG
from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    Forget,
    RemoveFile,
    UpdatePost,
    WriteFile,
)
from ghostsync.core.conflicts import Conflict, NoteKind
from ghostsync.core.digest import bytes_digest
from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.core.layout import PullLayout
from ghostsync.core.outcome import Outcome
from ghostsync.core.outcome import Report as Applied
from ghostsync.core.plan import Plan, Prune
from ghostsync.core.safety import refusal
from ghostsync.core.verbs import subject
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session
from ghostsync.errors import (
    ContentError,
    GhostsyncError,
    OutcomeUnknown,
    Problem,
    RateLimited,
    ServerFault,
    Unreachable,
)
from ghostsync.model import Digest, DocPath, FieldName
from ghostsync.watch.tidings import Report

_LOOKS = 5
"""How often a plan is made anew because files under it move, before the run is left to their events."""

_ADDRESS = frozenset({SLUG, *(FieldName(name) for name in ("status", "published_at", "tags", "authors", "visibility"))})
"""Fields that may change a post's address, by any permalink that Ghost knows, and with it the links of others."""

_TOLD = frozenset({NoteKind.WARNING, NoteKind.ORPHAN, NoteKind.DELETED_IN_GHOST, NoteKind.SLUG_CHANGE})


def _all(_: str) -> bool:
    return True


@dataclass(slots=True, kw_only=True)
class SessionSyncer:
    """Runs of one session, as the watch wants them. The session remembers both sides between runs."""

    session: Session
    jobs: int
    sleep: Callable[[float], None]
    prune: Prune = Prune.REPORT
    covers: Callable[[str], bool] = _all
    """Which paths the watch is about at all."""
    is_everything: bool = True
    layout: PullLayout | None = None
    """How pull lays out what it brings; None: nothing is ever pulled."""
    configuration: frozenset[DocPath] = frozenset()
    """Files that say how everything is to be read."""
    reconfigure: Callable[[], tuple[Problem, ...]] = tuple
    """Called when one of them changed: returns what is wrong with it, else sees to it that the watch begins anew."""
    settle: float = 1.0
    """Seconds for which a document must stay missing to count as removed."""
    stop: threading.Event = field(default_factory=threading.Event)
    watcher: Watcher | None = None
    """Told about every finished change at once."""
    _changed: frozenset[DocPath] | None = None
    """Which files may have changed since the session last looked; None: any."""
    _written_here: frozenset[DocPath] = frozenset()
    """What pulls have written since the last push; no event tells of it."""
    _faults: tuple[Problem, ...] = ()
    """What is wrong with the configuration on disk; the one that was read before goes on to hold."""
    _pulled: set[DocPath] = field(default_factory=set)
    """Documents that a pull has brought to what Ghost holds. Their post gets no new record for that alone: an editor
    may be typing in it, and a write of ours would make her next save fail."""

    # ------------------------------------------------------------------ what the watch calls

    def push(self, paths: frozenset[DocPath] | None) -> Report:
        """Push what changed at these paths, or everything."""
        rest = None if paths is None else paths - self.configuration
        self._changed = None if rest is None else rest | self._written_here
        if paths is not None and rest != paths:
            self._faults = self.reconfigure()
            if not self._faults or not rest:
                return Report(problems=self._faults, looked_at=paths & self.configuration)
        chosen = None if rest is None or any(self._may_matter_to_others(path) for path in rest) else rest
        report = self._push(chosen)
        self._written_here = frozenset()
        return replace(report, problems=(*self._faults, *report.problems))

    def pull(self) -> Report:
        """Bring back what was edited in Ghost."""
        if self.layout is None:
            return Report(looked_at=frozenset())
        pulled = self._pull(self.layout, self.covers, is_everything=self.is_everything)
        return replace(pulled, to_push=frozenset(path for path in pulled.written if _is_document(path)))

    # ------------------------------------------------------------------ push

    def _push(self, chosen: frozenset[DocPath] | None) -> Report:
        written: dict[DocPath, Digest | None] = {}
        plan = self._settled(chosen)
        if plan is not None and plan.conflicts and self.layout is not None:
            disputed = frozenset(conflict.path for conflict in plan.conflicts)
            written |= self._pull(self.layout, disputed.__contains__, is_everything=False).written
            plan = self._settled(chosen) if written else plan
        if plan is None:
            return Report(looked_at=frozenset(), written=written)
        report = self._carry_out(plan, chosen)
        if chosen is not None and any(_moves_an_address(change) for change in plan.changes):
            wider = self._push_once(None)
            report = replace(wider, applied=report.applied + wider.applied)
        return replace(report, written=written)

    def _push_once(self, chosen: frozenset[DocPath] | None) -> Report:
        plan = self._settled(chosen)
        return Report(looked_at=frozenset()) if plan is None else self._carry_out(plan, chosen)

    def _settled(self, chosen: frozenset[DocPath] | None) -> Plan | None:
        """Return a plan about files at rest; None where they do not come to rest, or the watch is ending."""
        plan = self._plan(chosen)
        for _ in range(_LOOKS):
            moving = self._is_moving(plan)
            if not moving and not plan.removals:
                return plan
            if self.stop.is_set():
                return None
            self.sleep(self.settle)
            again = self._plan(chosen)
            if not moving and _removed(again) <= _removed(plan) and not self._is_moving(again):
                return again
            plan = again
        return None

    def _plan(self, chosen: frozenset[DocPath] | None) -> Plan:
        plan = self.session.plan_push(
            Options(
                prune=self.prune,
                covers=self.covers if chosen is None else lambda path: path in chosen and self.covers(path),
                is_everything=chosen is None and self.is_everything,
                changed=self._changed,
            )
        )
        kept = tuple(one for one in plan.changes if not (isinstance(one, AdoptPost) and one.path in self._pulled))
        return plan if len(kept) == len(plan.changes) else replace(plan, changes=kept)

    def _is_moving(self, plan: Plan) -> bool:
        """Whether a document that the plan would send is not what was read any more: it is being saved right now."""
        return any(
            isinstance(change, CreatePost | UpdatePost | AdoptPost)
            and self._digest(change.path) != change.draft.source_digest
            for change in plan.changes
        )

    def _digest(self, path: DocPath) -> Digest | None:
        try:
            return bytes_digest(self.session.tree.read(path))
        except ContentError:
            return None

    def _may_matter_to_others(self, path: DocPath) -> bool:
        return not _is_document(path) or not self.session.tree.exists(path)

    def _carry_out(self, plan: Plan, chosen: frozenset[DocPath] | None) -> Report:
        problems = [*plan.problems, *_disputes(plan.conflicts)]
        notes = tuple(note for note in plan.notes if note.kind in _TOLD)
        blocked = None
        if plan.removals:
            documents = len(self.session.tree.load().documents)
            blocked = refusal(plan, documents=documents, allow_many=False)
        if blocked is not None:
            problems.append(Problem(path=".", message=blocked.message, hint=blocked.hint))
        if blocked is not None or plan.is_empty:
            return Report(problems=tuple(problems), notes=notes, looked_at=chosen)
        report = self._apply(plan)
        problems += _failures(report)
        return Report(
            applied=tuple(subject(outcome.change) for outcome in report.applied),
            problems=tuple(problems),
            notes=notes,
            looked_at=chosen,
        )

    def _apply(self, plan: Plan) -> Applied:
        """Apply a plan. Raises what says that the server is away, once everything else is done and remembered."""
        report = Applier(
            remote=self.session.remote,
            tree=self.session.tree,
            memory=self.session.memory,
            plan=plan,
            jobs=self.jobs,
            sleep=self.sleep,
            author=self.session.author,
            stop=self.stop,
            watcher=self.watcher,
        ).run()
        away = next((one.error for one in report.failed if one.error is not None and _is_away(one.error)), None)
        if away is not None and not self.stop.is_set():
            raise away
        return report

    # ------------------------------------------------------------------ pull

    def _pull(self, layout: PullLayout, covers: Callable[[str], bool], *, is_everything: bool) -> Report:
        from ghostsync.engine.pulling import Pull  # noqa: PLC0415 - most watches never pull

        options = Options(covers=lambda path: covers(path) and self.covers(path), is_everything=is_everything)
        pull = Pull(session=self.session, layout=layout, options=options)
        problems = [*pull.plan.problems, *_disputes(pull.plan.conflicts)]
        if pull.plan.is_empty:
            return Report(problems=tuple(problems))
        report = self._apply(pull.plan)
        pull.remember(report)
        problems += _failures(report)
        written = dict(self._written(report.applied))
        self._pulled |= written.keys()
        self._written_here |= written.keys()
        self._changed = None if self._changed is None else self._changed | self._written_here
        return Report(
            applied=tuple(subject(outcome.change) for outcome in report.applied),
            problems=tuple(problems),
            written=written,
        )

    def _written(self, outcomes: Iterable[Outcome]) -> Iterator[tuple[DocPath, Digest | None]]:
        """Yield what a pull left on the disk: documents by what was written, downloads by what is there now."""
        for outcome in outcomes:
            match outcome.change:
                case WriteFile(path=path, content=content, downloads=downloads):
                    yield path, bytes_digest(content.encode("utf-8", "surrogatepass"))
                    yield from ((download.path, self._digest(download.path)) for download in downloads)
                case RemoveFile(path=path):
                    yield path, None
                case _:
                    pass


def _is_document(path: DocPath) -> bool:
    return path.lower().endswith(tuple(DOCUMENT_SUFFIXES))


def _moves_an_address(change: Change) -> bool:
    """Whether links of other documents may have to follow."""
    match change:
        case UpdatePost(sends=sends):
            return bool(sends.keys() & _ADDRESS)
        case CreatePost():
            return True
        case _:
            return False


def _removed(plan: Plan) -> frozenset[str]:
    return frozenset(change.path for change in plan.removals)


def _is_away(error: GhostsyncError) -> bool:
    """Whether waiting may cure it. Ghost's own 500 for one document is a fault of that document."""
    if isinstance(error, ServerFault):
        return error.status in {502, 503, 504}
    return isinstance(error, Unreachable | OutcomeUnknown | RateLimited)


def _failures(report: Applied) -> Iterator[Problem]:
    for outcome in report.failed:
        if outcome.error is not None and not isinstance(outcome.change, Forget):
            about = subject(outcome.change)
            message = outcome.error.message.removeprefix(f"{about}: ")
            yield Problem(path=about, message=message, hint=outcome.error.hint)


def _disputes(conflicts: Iterable[Conflict]) -> Iterator[Problem]:
    for conflict in conflicts:
        yield Problem(path=conflict.path, message=f"conflict: {conflict.message}", hint=conflict.hint)
