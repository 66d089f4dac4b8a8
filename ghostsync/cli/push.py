"""`ghostsync push` and `ghostsync plan`: the same plan, carried out or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghostsync.cli.carry_out import carry_out, plan_code, show, warn_of_refusal, write_markdown
from ghostsync.cli.context import Globals, addressed, check_gone, open_run
from ghostsync.core.plan import Direction, Plan, Prefer, Prune
from ghostsync.errors import ConfigError, ExitCode, PlanChanged, worst_exit

if TYPE_CHECKING:
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
    help="Apply exactly this saved plan, or stop; with the options that it was made with.",
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
    expected = expect_plan or (None if plan_file is None else saved_digest(plan_file, Direction.PUSH))
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


def saved_digest(file: Path, direction: Direction) -> str:
    """Return the digest of a saved plan of this direction."""
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))["plan"]
        found, digest = Direction(saved["direction"]), str(saved["digest"])
        if found is not direction:
            raise ConfigError(f"{file} is the plan of a {found}", hint=f"apply it: `ghostsync {found} --plan {file}`")
        return digest
    except OSError as error:
        what = f"cannot be read: {(error.strerror or 'it failed').lower()}"
    except (ValueError, KeyError, TypeError):
        what = "is not a plan that was saved"
    raise ConfigError(f"{file} {what}", hint=f"save one: `ghostsync plan -o {file}`")


def expect_plan_digest(plan: Plan, expected: str | None) -> None:
    """Raise PlanChanged where the plan is not the expected one."""
    if expected is not None and plan.digest != expected:
        way = " --pull" if plan.direction is Direction.PULL else ""
        raise PlanChanged(
            f"the plan is not the one that was reviewed: expected {expected[:12]}, it is now {plan.digest[:12]}; "
            "a file or the site changed in between, or other options were given",
            hint=f"review it again: `ghostsync plan{way} -o plan.json`",
        )
