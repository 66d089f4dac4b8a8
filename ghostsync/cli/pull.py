"""`ghostsync pull`: what Ghost's editors changed comes into the files; into an empty directory, a whole site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.carry_out import carry_out, plan_code, show, warn_of_refusal
from ghostsync.cli.context import Globals, check_gone, open_run
from ghostsync.cli.push import (
    FULL,
    MANY,
    PATHS,
    PREFER,
    expect_plan_digest,
    format_option,
    saved_digest,
)
from ghostsync.core.plan import Direction, Prefer, Prune
from ghostsync.errors import ExitCode, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.core.layout import PullLayout
    from ghostsync.engine.options import Options
    from ghostsync.engine.pulling import Pull
    from ghostsync.local.config import Config


@click.command()
@PATHS
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a file is removed.")
@click.option("--prune", "prunes", is_flag=True, help="Remove unchanged files whose post was deleted in Ghost.")
@PREFER
@click.option("--adopt", is_flag=True, help="Write a record into every post that equals its file and has none.")
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Apply exactly this saved plan, or stop; with the options that it was made with.",
)
@click.option("--expect-plan", metavar="DIGEST", help="Apply only a plan with this digest.")
@click.option(
    "--jobs", metavar="1-32", type=click.IntRange(1, 32), help="How many downloads at once; 4 unless configured."
)
@MANY
@FULL
@format_option("text", "json", "markdown", "github")
@click.pass_obj
def pull(
    given: Globals,
    paths: tuple[Path, ...],
    *,
    dry_run: bool,
    yes: bool,
    prunes: bool,
    prefer: str | None,
    adopt: bool,
    plan_file: Path | None,
    expect_plan: str | None,
    jobs: int | None,
    allow_many_removals: bool,
    full: bool,
    output: str,
) -> int:
    """Bring the documents to what Ghost's editors made of them.

    Only what changed in Ghost changes in a file. Where both sides changed the same lines, both stand there marked as
    Git marks them, and the exit code is 4; all other files are done. Nothing is written to Ghost.

    \b
    ghostsync pull                      everything, after showing the plan
    ghostsync pull posts/hello.md       one document
    ghostsync pull --dry-run            only the plan
    ghostsync pull --prefer remote      take Ghost's where both changed the same
    """
    expected = expect_plan or (None if plan_file is None else saved_digest(plan_file, Direction.PULL))
    with open_run(given, paths, command="pull", locks=not dry_run) as run:
        found = open_pull(run, prunes=prunes, prefer=prefer, full=full)
        expect_plan_digest(found.plan, expected)
        if dry_run:
            show(given, run, found.plan, None, output)
            warn_of_refusal(given, run, found.plan, allow_many_removals=allow_many_removals)
            return int(plan_code(run, found.plan, allow_many_removals=allow_many_removals))
        code = carry_out(
            given,
            run,
            found.plan,
            output=output,
            yes=yes,
            jobs=jobs,
            allow_many_removals=allow_many_removals,
            title="pull",
            after=found.remember,
        )
        if adopt and code is not ExitCode.INTERRUPTED:
            code = worst_exit(code, _adopt(given, run, output=output, yes=yes, jobs=jobs))
        return int(code)


def open_pull(run: Run, *, prunes: bool, prefer: str | None, full: bool = False) -> Pull:
    """Plan a pull for a run."""
    from ghostsync.engine.pulling import Pull

    options = _options(run, prunes=prunes, prefer=prefer, full=full)
    pull = Pull(session=run.session, layout=layout_of(run.config), options=options)
    check_gone(run, pull.plan)
    return pull


def layout_of(config: Config) -> PullLayout:
    """Return how pull lays out what it brings."""
    from ghostsync.core.layout import PullLayout

    settings = config.pull
    return PullLayout(
        posts=settings.posts,
        pages=settings.pages,
        media=settings.media,
        unmanaged=settings.unmanaged,
        settings=config.documents,
    )


def _options(run: Run, *, prunes: bool, prefer: str | None, full: bool = False) -> Options:
    from ghostsync.engine.options import Options

    return Options(
        prefer=Prefer(prefer) if prefer else Prefer.NEITHER,
        prune=Prune.DELETE if prunes else Prune.REPORT,
        covers=run.selection.covers,
        is_everything=run.selection.is_everything,
        full=full,
    )


def _adopt(given: Globals, run: Run, *, output: str, yes: bool, jobs: int | None) -> ExitCode:
    from ghostsync.engine.adopting import plan_adopt

    plan = plan_adopt(run.session, _options(run, prunes=False, prefer=None))
    if plan.is_empty:
        return ExitCode.DONE
    shown = "text" if output == "text" else "none"  # JSON is one document, and the pull has filled it
    return carry_out(given, run, plan, output=shown, yes=yes, jobs=jobs, allow_many_removals=False, title="adopt")
