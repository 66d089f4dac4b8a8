"""`ghostsync push` and `ghostsync plan`: the same plan, carried out or not."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghostsync.cli.context import Globals, addressed, check_gone, open_run, sleep
from ghostsync.core.counted import counted, listed
from ghostsync.core.headline import headline, opening, spoken_subject
from ghostsync.core.outcome import Report, plan_exit, report_exit
from ghostsync.core.plan import Plan, Prefer, Prune
from ghostsync.errors import ConfigError, ExitCode, GhostsyncError, PlanChanged, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.cli.context import Run

_Command = TypeVar("_Command", bound=Callable[..., Any])

PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
_PRUNE = click.option(
    "--prune",
    type=click.Choice([p.value for p in Prune]),
    help="What to do with posts whose document is gone; `report` unless configured.",
)
PREFER = click.option(
    "--prefer",
    type=click.Choice(["local", "remote"]),
    help="Decide conflicts, and only conflicts, for one side.",
)
_EMAIL = click.option("--send-email", is_flag=True, help="Allow newsletters to be sent, once per post.")
FULL = click.option(
    "--full", is_flag=True, help="List the whole site, whatever this machine remembers of earlier runs."
)
MANY = click.option(
    "--allow-many-removals", is_flag=True, help="Allow more than 30 % of the managed posts to be removed."
)


MARKDOWN = click.option(
    "--markdown",
    "markdown",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the plan, and what became of it, as Markdown into a file.",
)


def format_option(*names: str) -> Callable[[_Command], _Command]:
    """Return the option that chooses how a plan is shown."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(names),
        default="text",
        show_default=True,
        help="How to show the plan; everything but text goes to stdout and nothing else does.",
    )


@click.command()
@PATHS
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before something is removed or emailed.")
@_PRUNE
@PREFER
@_EMAIL
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Apply exactly this saved plan, or stop.",
)
@click.option("--expect-plan", metavar="DIGEST", help="Apply only a plan with this digest.")
@click.option(
    "--jobs", metavar="1-32", type=click.IntRange(1, 32), help="How many writes at once; 4 unless configured."
)
@MANY
@FULL
@MARKDOWN
@format_option("text", "json", "markdown", "github")
@click.pass_obj
def push(
    given: Globals,
    paths: tuple[Path, ...],
    *,
    dry_run: bool,
    yes: bool,
    prune: str | None,
    prefer: str | None,
    send_email: bool,
    plan_file: Path | None,
    expect_plan: str | None,
    jobs: int | None,
    allow_many_removals: bool,
    full: bool,
    markdown: Path | None,
    output: str,
) -> int:
    """Bring Ghost to what the documents say.

    PATH is the content directory or something in it; without PATH, the configured content directory. A PATH below the
    content directory is a selection: nothing outside it counts as deleted.

    \b
    ghostsync push                      everything, after showing the plan
    ghostsync push posts/hello.md       one document
    ghostsync push --dry-run            only the plan
    ghostsync push --prune draft        unpublish posts whose document is gone
    """
    expected = expect_plan or (None if plan_file is None else saved_digest(plan_file))
    with open_run(given, paths, command="push", locks=not dry_run) as run:
        plan = _plan(run, prune=prune, prefer=prefer, send_email=send_email, full=full)
        expect_plan_digest(plan, expected)
        write_markdown(markdown, addressed(given, plan), None)
        if dry_run:
            show(given, run, plan, None, output)
            warn_of_refusal(given, run, plan, allow_many_removals=allow_many_removals)
            return int(plan_code(run, plan, allow_many_removals=allow_many_removals))
        return int(
            carry_out(
                given,
                run,
                plan,
                output=output,
                yes=yes,
                jobs=jobs,
                allow_many_removals=allow_many_removals,
                after=lambda report: write_markdown(markdown, addressed(given, plan), report),
            )
        )


@click.command()
@PATHS
@_PRUNE
@PREFER
@_EMAIL
@click.option("--pull", "pulls", is_flag=True, help="Show what a pull would do instead.")
@click.option("-o", "out", type=click.Path(path_type=Path), metavar="FILE", help="Save the plan for `push --plan`.")
@click.option("--exit-code", is_flag=True, help="Exit with 3 when changes are pending.")
@FULL
@MARKDOWN
@format_option("text", "json", "markdown", "github", "html")
@click.pass_obj
def plan(
    given: Globals,
    paths: tuple[Path, ...],
    *,
    prune: str | None,
    prefer: str | None,
    send_email: bool,
    pulls: bool,
    out: Path | None,
    exit_code: bool,
    full: bool,
    markdown: Path | None,
    output: str,
) -> int:
    """Show what a push would do, and change nothing.

    A terminal gets a plan that reads like a review, a pipe plain lines. A plan that was saved with `-o` is applied
    exactly so by `ghostsync push --plan`, or not at all.

    \b
    ghostsync plan                             everything
    ghostsync plan posts/hello.md -v           one document with its whole text
    ghostsync plan --pull                      what a pull would do
    ghostsync plan --format html > plan.html   a page to look at, and to send
    ghostsync plan -o plan.json && ghostsync push --plan plan.json
    ghostsync plan --exit-code || echo "there is something to publish"
    """
    with open_run(given, paths, command="plan", locks=False) as run:
        if pulls:
            from ghostsync.cli.pull import open_pull

            found = open_pull(run, prunes=prune == Prune.DELETE.value, prefer=prefer, full=full).plan
        else:
            found = _plan(run, prune=prune, prefer=prefer, send_email=send_email, full=full)
        if out is not None:
            from ghostsync.core.describe import plan_to_json

            text = json.dumps(plan_to_json(found), ensure_ascii=False, indent=2)
            out.write_text(text + "\n", encoding="utf-8")
        write_markdown(markdown, addressed(given, found), None)
        show(given, run, found, None, output)
        warn_of_refusal(given, run, found, allow_many_removals=False)
        code = plan_code(run, found, allow_many_removals=True)
        if exit_code and found.changes:
            code = worst_exit(code, ExitCode.PENDING)
        return int(code)


# ---------------------------------------------------------------------------------------------- steps


def _plan(run: Run, *, prune: str | None, prefer: str | None, send_email: bool, full: bool) -> Plan:
    from ghostsync.engine.options import Options

    options = Options(
        prefer=Prefer(prefer) if prefer else Prefer.NEITHER,
        prune=Prune(prune) if prune else Prune(run.config.prune.value),
        send_email=send_email,
        covers=run.selection.covers,
        is_everything=run.selection.is_everything,
        full=full,
    )
    plan = run.session.plan_push(options)
    check_gone(run, plan)
    return plan


def saved_digest(file: Path) -> str:
    """Return the digest of a saved plan."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["plan"]["digest"])
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'it failed').lower()}"
    except (ValueError, KeyError, TypeError):
        what = "is not a plan that was saved"
    raise ConfigError(f"{file} {what}", hint=f"save one: `ghostsync plan -o {file}`")


def expect_plan_digest(plan: Plan, expected: str | None) -> None:
    """Raise PlanChanged where the plan is not the expected one."""
    if expected is not None and plan.digest != expected:
        raise PlanChanged(
            f"the plan is not the one that was reviewed: expected {expected[:12]}, it is now {plan.digest[:12]}; "
            "a file or the site changed in between",
            hint="review it again: `ghostsync plan -o plan.json`",
        )


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
