"""`ghostsync watch`: push continuously, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from ghostsync.cli.context import Globals, open_run, sleep
from ghostsync.core.plan import Prune, subject
from ghostsync.errors import ExitCode, Problem
from ghostsync.watch import Away, Back, Ran, Report, Resting, Tidings, Watch

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.cli.context import Run
    from ghostsync.model import DocPath

_CONFIGURATION = frozenset({"ghostsync.toml", "pyproject.toml", ".ghostsyncignore"})


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--prune",
    type=click.Choice([p.value for p in Prune]),
    default=Prune.REPORT.value,
    show_default=True,
    help="What to do with posts whose document is gone. The configuration's policy does not apply here.",
)
@click.option("--jobs", type=click.IntRange(1, 32), help="How many writes at once; 4 unless configured.")
@click.pass_obj
def watch(given: Globals, path: Path | None, *, prune: str, jobs: int | None) -> int:
    """Push every document as soon as it is saved.

    Everything is pushed once at the start. A document with a problem is named once and pushed when it is mended; a
    server that is away is waited for. Newsletters are never sent. Ctrl-C ends it, after the write in flight.

    \b
    ghostsync watch
    ghostsync --sandbox watch example-site
    """
    stop = threading.Event()
    while not stop.is_set():
        with open_run(given, () if path is None else (path,), command="watch", locks=True) as run:
            _watch(given, run, Prune(prune), jobs or run.config.jobs, stop)
    return int(ExitCode.INTERRUPTED)


def _watch(given: Globals, run: Run, prune: Prune, jobs: int, stop: threading.Event) -> None:
    """Watch until interrupted, or until the configuration changed and everything must be connected anew."""
    from ghostsync.local.git import Repository
    from ghostsync.observe import observing

    syncer = SessionSyncer(run=run, prune=prune, jobs=jobs, stop=stop)
    repository = Repository.find(run.config.root)
    loop = Watch(
        run.config.root,
        syncer,
        lambda tidings: _tell(given.console, tidings),
        debounce=run.config.debounce_ms / 1000,
        git_lock=None if repository is None else repository.folder / "index.lock",
    )
    syncer.loop = loop
    if repository is not None:
        repository.close()
    with _stopping(given, stop, loop), observing(run.config.root, loop.heard):
        given.console.say(f"watching {run.config.root}, publishing to {run.remote.site().url}; Ctrl-C ends it")
        loop.run()


@dataclass(slots=True, kw_only=True)
class SessionSyncer:
    """Runs of one session, as the watch wants them."""

    run: Run
    prune: Prune
    jobs: int
    stop: threading.Event
    loop: Watch | None = None

    def push(self, paths: frozenset[DocPath] | None) -> Report:
        """Push what changed at these paths. Other files than documents may matter to any document: then everything."""
        from ghostsync.apply import Applier
        from ghostsync.core.references import DOCUMENT_SUFFIXES
        from ghostsync.core.safety import refusal
        from ghostsync.session import Options

        if paths is not None and paths & _CONFIGURATION and self.loop is not None:
            self.loop.stop()
            return Report(looked_at=frozenset())
        if paths is not None and not all(path.endswith(tuple(DOCUMENT_SUFFIXES)) for path in paths):
            paths = None
        chosen = paths
        plan = self.run.session.plan_push(
            Options(
                prune=self.prune,
                covers=(lambda _: True) if chosen is None else chosen.__contains__,
                is_everything=chosen is None,
            )
        )
        problems = [*plan.problems, *_conflicts(plan.conflicts)]
        blocked = None
        if plan.removals:
            blocked = refusal(plan, documents=len(self.run.tree.load().documents), allow_many=False)
        if blocked is not None:
            problems.append(Problem(path=".", message=blocked.message, hint=blocked.hint))
            return Report(problems=tuple(problems), looked_at=chosen)
        if plan.is_empty:
            return Report(problems=tuple(problems), looked_at=chosen)
        report = Applier(
            remote=self.run.remote,
            tree=self.run.tree,
            memory=self.run.memory,
            plan=plan,
            jobs=self.jobs,
            sleep=sleep,
            stop=self.stop,
        ).run()
        problems += [
            Problem(path=subject(outcome.change), message=outcome.error.message, hint=outcome.error.hint)
            for outcome in report.failed
            if outcome.error is not None
        ]
        applied = tuple(
            f"{subject(outcome.change)}{'' if outcome.url is None else f' → {outcome.url}'}"
            for outcome in report.applied
        )
        return Report(applied=applied, problems=tuple(problems), looked_at=chosen)

    def pull(self) -> Report:
        """Nothing is pulled: the command has no option that asks for it."""
        return Report(looked_at=frozenset())


def _conflicts(conflicts: tuple[object, ...]) -> Iterator[Problem]:
    from ghostsync.core.plan import Conflict

    for conflict in conflicts:
        if isinstance(conflict, Conflict):
            yield Problem(path=conflict.path, message=f"conflict: {conflict.message}", hint=conflict.hint)


def _tell(console: Console, tidings: Tidings) -> None:
    match tidings:
        case Ran(applied=applied, faults=faults, fixed=fixed, seconds=seconds):
            for line in applied:
                console.say(f"pushed {line} ({seconds:.1f} s)")
            for fault in faults:
                console.warn(str(fault), hint=fault.hint)
            for path in fixed:
                console.say(f"mended {path}")
        case Away(reason=reason):
            console.warn(f"the server is away ({reason}); trying again until it is back")
        case Back():
            console.say("the server is back, and everything was looked at")
        case Resting(faulty=faulty):
            console.detail("waiting for changes" if not faulty else f"waiting for changes; {faulty} with problems")
        case _:
            assert_never(tidings)


@contextmanager
def _stopping(given: Globals, stop: threading.Event, loop: Watch) -> Iterator[None]:
    """Ctrl-C and a polite kill end the watch after the write in flight; a second one does not wait."""

    def on_signal(_signal: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        loop.stop()
        given.console.say("ending after the write in flight")

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
