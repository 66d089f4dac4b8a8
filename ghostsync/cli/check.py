"""`ghostsync check`: everything that is wrong with the documents, without network and without key."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghostsync.cli.console import Verbosity
from ghostsync.cli.context import Globals
from ghostsync.core.habits import habits_once
from ghostsync.errors import ExitCode, Problem

if TYPE_CHECKING:
    from ghostsync.checking import Verdict
    from ghostsync.cli.console import Console
    from ghostsync.local.config import Config


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="text: `file:line: message`; json: one document; github: annotations on files and lines.",
)
@click.pass_obj
def check(given: Globals, paths: tuple[Path, ...], *, output: str) -> int:
    """Check documents, links and pictures. Asks nobody, needs no key.

    Problems go to stdout, warnings to stderr; one that many documents share is told once (each with `--verbose`).
    Exits with 5 when there is a problem.

    \b
    ghostsync check                       everything
    ghostsync check posts/hello.md        one document, against the whole tree
    ghostsync check --format github       in a workflow
    """
    from ghostsync.checking import check_tree, describe_verdict
    from ghostsync.local.config import locate
    from ghostsync.local.tree import ContentTree

    config, selection = locate(paths, given.config_file, Path.cwd())
    verdict = check_tree(
        ContentTree(config), dialect=config.dialect, covers=None if selection.is_everything else selection.paths
    )
    console = given.console
    match output:
        case "json":
            console.data_json(_as_json(verdict, config))
        case "github":
            console.data("\n".join(_annotations(verdict, config)))
        case _:
            if console.wraps:
                _show(console, verdict.problems, config)
            else:
                console.data("\n".join(_lines(verdict.problems, config)))
            if console.wraps and verdict.problems and not console.is_quiet:
                console.say("")
            each = console.verbosity >= Verbosity.VERBOSE
            for warning in verdict.warnings if each else habits_once(verdict.warnings):
                console.warn(_place(warning, config), hint=warning.hint)
    console.say(", ".join(describe_verdict(verdict)))
    return int(ExitCode.INVALID if verdict.problems else ExitCode.DONE)


def _shown(path: str, config: Config) -> str:
    """Return a path as it is reached from the current folder, which is what editors and CI open."""
    return Path(os.path.relpath(config.root / path)).as_posix()


def _place(problem: Problem, config: Config) -> str:
    line = "" if problem.line is None else f":{problem.line}"
    return f"{_shown(problem.path, config)}{line}: {problem.message}"


def _show(console: Console, problems: Sequence[Problem], config: Config) -> None:
    """List problems for eyes: folded under their place, and coloured."""
    from rich.text import Text

    from ghostsync.cli.page import RED, Page

    page = Page(console)
    for problem in problems:
        place = _place(problem, config)[: -len(problem.message)]
        page.line(Text.assemble((place, RED), problem.message))
        if problem.hint:
            page.line(Text.assemble(("hint: ", "bold"), problem.hint), 2)


def _lines(problems: Sequence[Problem], config: Config) -> Iterator[str]:
    for problem in problems:
        yield _place(problem, config)
        if problem.hint:
            yield f"  hint: {problem.hint}"


def _as_json(verdict: Verdict, config: Config) -> dict[str, Any]:
    def listed(problems: Sequence[Problem]) -> list[dict[str, Any]]:
        return [
            {
                "path": one.path,
                "file": _shown(one.path, config),
                "line": one.line,
                "message": one.message,
                "hint": one.hint,
            }
            for one in problems
        ]

    return {
        "documents": verdict.documents,
        "problems": listed(verdict.problems),
        "warnings": listed(verdict.warnings),
    }


def _annotations(verdict: Verdict, config: Config) -> Iterator[str]:
    """Yield GitHub's workflow commands; values are escaped as its toolkit does."""
    for level, problems in (("error", verdict.problems), ("warning", habits_once(verdict.warnings))):
        for one in problems:
            text = one.message if one.hint is None else f"{one.message}\nhint: {one.hint}"
            place = f"file={_property(_shown(one.path, config))}" + (f",line={one.line}" if one.line else "")
            yield f"::{level} {place},title=ghostsync::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
