"""Showing a plan and carrying it out: what `push`, `pull`, `plan` and `init` do alike."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ghostsync.cli.context import Globals, addressed, sleep
from ghostsync.core.counted import counted, listed
from ghostsync.core.headline import headline, opening, spoken_subject
from ghostsync.core.outcome import Report, plan_exit, report_exit
from ghostsync.core.plan import Plan
from ghostsync.errors import ExitCode, GhostsyncError, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.cli.context import Run


def plan_code(run: Run, plan: Plan, *, allow_many_removals: bool) -> ExitCode:
    """Return the exit code that a plan alone comes to."""
    blocked = _refusal(run, plan, allow_many_removals=allow_many_removals)
    return worst_exit(plan_exit(plan), ExitCode.DONE if blocked is None else blocked.exit_code)


def warn_of_refusal(given: Globals, run: Run, plan: Plan, *, allow_many_removals: bool) -> None:
    """Say what a plan that is only shown would not be allowed to do."""
    blocked = _refusal(run, plan, allow_many_removals=allow_many_removals)
    if blocked is not None:
        given.console.warn(f"this plan would be refused: {blocked.message}", hint=blocked.hint)


def _refusal(run: Run, plan: Plan, *, allow_many_removals: bool) -> GhostsyncError | None:
    from ghostsync.core.safety import refusal

    if not plan.removals:
        return None
    return refusal(plan, documents=len(run.tree.load().documents), allow_many=allow_many_removals)


def show(given: Globals, run: Run, plan: Plan, report: Report | None, output: str) -> None:
    """Show a plan, or what became of it."""
    console = given.console
    plan = addressed(given, plan)
    match output:
        case "text":
            _show_text(console, plan, report)
        case "json":
            from ghostsync.core.describe import plan_to_json

            console.data_json(plan_to_json(plan, report))
        case "markdown":
            from ghostsync.core.describe_markdown import plan_to_markdown

            console.data(plan_to_markdown(plan, report))
        case "github":
            from ghostsync.core.describe_github import plan_to_github

            console.data(plan_to_github(plan, report, prefix=_prefix(run)))
        case "html":
            from ghostsync.cli.html_plan import plan_to_html

            console.data(plan_to_html(plan, root=run.config.root))
        case "none":
            pass
        case _:
            raise AssertionError(output)


def _show_text(console: Console, plan: Plan, report: Report | None) -> None:
    if report is not None:
        from ghostsync.cli.show_report import show_report

        show_report(console, report)
    elif plan.changes or plan.notes or plan.problems or plan.conflicts:
        from ghostsync.cli.show_plan import show_plan

        show_plan(console, plan)
    else:
        # The commonest run of all: two lines are no reason to load what lays out pages.
        console.strong(opening(plan))
        console.data("\n")
        console.strong(headline(plan))


def write_markdown(file: Path | None, plan: Plan, report: Report | None) -> None:
    """Write a plan, and what became of it, into a file, where one is asked for."""
    if file is not None:
        from ghostsync.core.describe_markdown import plan_to_markdown

        file.write_text(plan_to_markdown(plan, report), encoding="utf-8")


def _prefix(run: Run) -> str:
    """Return the content root relative to the folder that GitHub calls the repository."""
    for folder in (run.config.root, *run.config.root.parents):
        if (folder / ".git").exists():
            relative = run.config.root.relative_to(folder).as_posix()
            return "" if relative == "." else relative
    return ""


def carry_out(
    given: Globals,
    run: Run,
    plan: Plan,
    *,
    output: str,
    yes: bool,
    jobs: int | None,
    allow_many_removals: bool,
    title: str = "push",
    after: Callable[[Report], None] = lambda _: None,
) -> ExitCode:
    """Show a plan, ask where a person must agree, apply it, and show what became of it."""
    question = _question(plan)
    if output == "text" and given.console.is_quiet and not question:
        from ghostsync.cli.show_plan import show_trouble

        show_trouble(given.console, addressed(given, plan))
    elif output == "text":
        show(given, run, plan, None, output)
    blocked = _refusal(run, plan, allow_many_removals=allow_many_removals)
    if blocked is not None:
        raise blocked
    if question and not given.console.confirm(question, yes=yes):
        given.console.say("nothing was done")
        return ExitCode.REFUSED
    report = _apply(given, run, plan, jobs=jobs, title=title) if plan.changes else Report(plan=plan, outcomes=())
    after(report)
    if output != "text" or plan.changes:
        show(given, run, plan, report, output)
    return report_exit(report)


def _apply(given: Globals, run: Run, plan: Plan, *, jobs: int | None, title: str) -> Report:
    from ghostsync.apply.applier import Applier
    from ghostsync.cli.progress import Progress

    with interruptible(given, run.stop), Progress(given.console, title=title) as progress:
        return Applier(
            remote=run.remote,
            tree=run.tree,
            memory=run.memory,
            plan=plan,
            jobs=jobs or run.config.jobs,
            sleep=sleep,
            author=run.session.author,
            watcher=lambda outcome, done, total: progress.update(done, total, spoken_subject(outcome.change)),
            stop=run.stop,
        ).run()


def _question(plan: Plan) -> str:
    """Return what a person must agree to: anything that is deleted, unpublished or emailed."""
    counts = plan.summary()
    names = (("delete", "post", " for good"), ("unpublish", "post", ""), ("remove", "file", ""))
    what = [f"{name} {counted(counts[name], noun)}{how}" for name, noun, how in names if counts[name]]
    if plan.emails:
        what.append(f"email {counted(len(plan.emails), 'post')} to members")
    return f"{listed(what)}?" if what else ""


@contextmanager
def interruptible(given: Globals, stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C lets the writes in flight finish and be checked; the second one does not."""

    def on_signal(_signal: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        given.console.warn("interrupted: finishing the writes in flight")

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
