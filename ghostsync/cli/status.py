"""`ghostsync status` and `ghostsync diff`: what differs between the documents and Ghost, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, open_run
from ghostsync.core.plan import (
    AdoptPost,
    Change,
    Conflict,
    CreatePost,
    CreateTag,
    NoteKind,
    Plan,
    UpdatePost,
    UpdateTag,
    subject,
    verb,
)
from ghostsync.errors import ExitCode

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.model import FieldValue

_PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))

_WORDS = {
    "create": "new here",
    "update": "changed here",
    "adopt": "same, not managed yet",
    "upload": "new file",
    "tag_create": "new tag",
    "tag_update": "tag changed here",
    "unpublish": "gone here",
    "delete": "gone here",
    "forget": "gone",
}
_NOTES = {
    NoteKind.DRIFTED: "changed in Ghost",
    NoteKind.ORPHAN: "gone here, kept in Ghost",
    NoteKind.DELETED_IN_GHOST: "deleted in Ghost",
    NoteKind.UNMANAGED: "in Ghost only",
}


@click.command()
@_PATHS
@click.pass_obj
def status(given: Globals, paths: tuple[Path, ...]) -> int:
    """Say, one line each, what differs between the documents and Ghost.

    \b
    ghostsync status
    ghostsync status posts/2026
    """
    with open_run(given, paths, command="status", locks=False) as run:
        plan = _look(run)
    lines = [(subject(change), _WORDS.get(verb(change), verb(change))) for change in plan.changes]
    lines += [(conflict.path, f"conflict: {conflict.message}") for conflict in plan.conflicts]
    lines += [(note.path, _NOTES[note.kind]) for note in plan.notes if note.kind in _NOTES]
    lines += [(str(problem).partition(": ")[0], f"problem: {problem.message}") for problem in plan.problems]
    width = min(60, max((len(path) for path, _ in lines), default=0))
    for path, words in sorted(lines):
        given.console.data(f"{path:<{width}}  {words}")
    given.console.say(f"{plan.unchanged} unchanged")
    return int(_code(plan))


@click.command()
@_PATHS
@click.pass_obj
def diff(given: Globals, paths: tuple[Path, ...]) -> int:
    """Show, as text, how the documents differ from what Ghost holds.

    Lines with `-` are Ghost's, lines with `+` are the document's.

    \b
    ghostsync diff
    ghostsync diff posts/hello.md
    """
    with open_run(given, paths, command="diff", locks=False) as run:
        plan = _look(run)
    for change in plan.changes:
        _show_change(given, change)
    for conflict in plan.conflicts:
        _show_conflict(given, conflict)
    for note in plan.notes:
        if note.kind is NoteKind.DRIFTED:
            given.console.data(f"{note.path}: {note.message}")
    return int(_code(plan))


def _look(run: Run) -> Plan:
    from ghostsync.options import Options

    return run.session.plan_push(Options(covers=run.selection.covers, is_everything=run.selection.is_everything))


def _show_change(given: Globals, change: Change) -> None:
    if isinstance(change, AdoptPost) or not isinstance(change, CreatePost | UpdatePost | CreateTag | UpdateTag):
        return
    given.console.data(f"{subject(change)}: {_WORDS[verb(change)]}")
    before = change.before if isinstance(change, UpdatePost | UpdateTag) else {}
    for name, value in change.sends.items():
        _show_field(given, name, before.get(name), value)
    if isinstance(change, UpdatePost) and change.body_changed:
        _show_body(given, change.text_before, change.text_after)


def _show_conflict(given: Globals, conflict: Conflict) -> None:
    given.console.data(f"{conflict.path}: conflict: {conflict.message}")
    for field in conflict.fields:
        _show_field(given, field.name, field.remote, field.local)
    if conflict.body_local is not None and conflict.body_remote is not None:
        _show_body(given, conflict.body_remote, conflict.body_local)


def _show_field(given: Globals, name: str, theirs: FieldValue, mine: FieldValue) -> None:
    if theirs is not None:
        given.console.data(f"-{name}: {_say(theirs)}")
    given.console.data(f"+{name}: {_say(mine)}")


def _show_body(given: Globals, theirs: str, mine: str) -> None:
    import difflib

    lines = difflib.unified_diff(theirs.splitlines(), mine.splitlines(), "Ghost", "document", lineterm="", n=2)
    for line in lines:
        given.console.data(line)


def _say(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return "" if value is None else str(value)


def _code(plan: Plan) -> ExitCode:
    from ghostsync.core.describe import plan_exit

    return plan_exit(plan)
