"""`ghostsync status` and `ghostsync diff`: what differs between the documents and Ghost, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, open_run
from ghostsync.core.plan import (
    Change,
    Conflict,
    CreatePost,
    CreateTag,
    NoteKind,
    Plan,
    UpdatePost,
    UpdateTag,
    WriteFile,
    subject,
    verb,
)
from ghostsync.errors import ExitCode, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.model import FieldValue

_PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))


@click.command()
@_PATHS
@click.pass_obj
def status(given: Globals, paths: tuple[Path, ...]) -> int:
    """Say, one line each, what differs between the documents and Ghost.

    \b
    ghostsync status
    ghostsync status posts/2026
    """
    from ghostsync.core.standing import Standing, differences

    with open_run(given, paths, command="status", locks=False) as run:
        push, pull = _look(run)
    lines = differences(push, pull)
    width = min(60, max((len(one.path) for one in lines), default=0))
    for one in lines:
        given.console.data(f"{one.path:<{width}}  {one.words}")
    given.console.say(f"{push.unchanged} unchanged")
    seen = {one.standing for one in lines}
    if seen & {Standing.GHOST, Standing.BOTH}:
        given.console.say("`ghostsync pull` brings Ghost's changes into the files")
    if seen & {Standing.HERE, Standing.BOTH}:
        given.console.say("`ghostsync push` brings the files' changes to Ghost")
    return int(_code(push, pull))


@click.command()
@_PATHS
@click.pass_obj
def diff(given: Globals, paths: tuple[Path, ...]) -> int:
    """Show, as text, how the documents differ from what Ghost holds.

    What changed here stands as a push would send it: lines with `-` are Ghost's, lines with `+` are the document's.
    What changed in Ghost stands as a pull would write it: lines with `-` are the file's, lines with `+` come in.

    \b
    ghostsync diff
    ghostsync diff posts/hello.md
    """
    with open_run(given, paths, command="diff", locks=False) as run:
        push, pull = _look(run)
    comes = [change for change in pull.changes if isinstance(change, WriteFile)]
    settled = {change.path for change in comes} - {conflict.path for conflict in pull.conflicts}
    for change in push.changes:
        _show_change(given, change)
    for incoming in comes:
        if incoming.path in settled:
            _show_incoming(given, incoming)
    for conflict in {one.path: one for one in (*pull.conflicts, *push.conflicts)}.values():
        if conflict.path not in settled:
            _show_conflict(given, conflict)
    for note in push.notes:
        if note.kind is NoteKind.DRIFTED and note.path not in settled:
            given.console.data(f"{note.path}: {note.message}")
    return int(_code(push, pull))


def _look(run: Run) -> tuple[Plan, Plan]:
    """Return what a push and what a pull would do now."""
    from ghostsync.cli.pull import open_pull
    from ghostsync.options import Options

    options = Options(covers=run.selection.covers, is_everything=run.selection.is_everything)
    return run.session.plan_push(options), open_pull(run, prunes=False, prefer=None).plan


def _show_change(given: Globals, change: Change) -> None:
    if not isinstance(change, CreatePost | UpdatePost | CreateTag | UpdateTag):
        return
    given.console.data(f"{subject(change)}: {'new' if verb(change).endswith('create') else 'changed'} here")
    before = change.before if isinstance(change, UpdatePost | UpdateTag) else {}
    for name, value in change.sends.items():
        _show_field(given, name, before.get(name), value)
    if isinstance(change, UpdatePost) and change.body_changed:
        _show_body(given, change.text_before, change.text_after, ("Ghost", "document"))


def _show_incoming(given: Globals, change: WriteFile) -> None:
    if change.before is None:
        given.console.data(f"{change.path}: in Ghost only")
        return
    given.console.data(f"{change.path}: changed in Ghost")
    _show_body(given, change.before, change.content, ("document", "Ghost"))


def _show_conflict(given: Globals, conflict: Conflict) -> None:
    given.console.data(f"{conflict.path}: conflict: {conflict.message}")
    for field in conflict.fields:
        _show_field(given, field.name, field.remote, field.local)
    if conflict.body_local is not None and conflict.body_remote is not None:
        _show_body(given, conflict.body_remote, conflict.body_local, ("Ghost", "document"))


def _show_field(given: Globals, name: str, theirs: FieldValue, mine: FieldValue) -> None:
    if theirs is not None:
        given.console.data(f"-{name}: {_say(theirs)}")
    given.console.data(f"+{name}: {_say(mine)}")


def _show_body(given: Globals, before: str, after: str, names: tuple[str, str]) -> None:
    import difflib

    for line in difflib.unified_diff(before.split("\n"), after.split("\n"), *names, lineterm="", n=2):
        given.console.data(line)


def _say(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return "" if value is None else str(value)


def _code(push: Plan, pull: Plan) -> ExitCode:
    """Return the exit code: what a pull merges by itself is no conflict."""
    from ghostsync.core.standing import Standing, differences

    standings = {one.standing for one in differences(push, pull)}
    return worst_exit(
        ExitCode.REFUSED if Standing.CONFLICT in standings else ExitCode.DONE,
        ExitCode.INVALID if Standing.PROBLEM in standings else ExitCode.DONE,
    )
