"""`ghostsync status` and `ghostsync diff`: what differs between the documents and Ghost, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, open_run
from ghostsync.cli.folding import folded
from ghostsync.core.changes import Change, CreatePost, CreateTag, UpdatePost, UpdateTag, WriteFile
from ghostsync.core.conflicts import Conflict, NoteKind
from ghostsync.core.plan import Plan
from ghostsync.core.review import spoken_tags, tag_names_of, told_conflicts
from ghostsync.core.verbs import subject, verb
from ghostsync.errors import ExitCode, worst_exit

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.core.standing import Difference
    from ghostsync.model import FieldValue

# The line numbers in `@@ -3,4 +3,5 @@`, not the counts.
_START = re.compile(r"(?<=[-+])\d+")

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
    _show_lines(given, lines)
    given.console.say(f"{push.unchanged} unchanged")
    seen = {one.standing for one in lines}
    if seen & {Standing.GHOST, Standing.BOTH}:
        given.console.say(given.console.addressed("`ghostsync pull` brings Ghost's changes into the files"))
    if seen & {Standing.HERE, Standing.BOTH}:
        given.console.say(given.console.addressed("`ghostsync push` brings the files' changes to Ghost"))
    return int(_code(push, pull))


def _show_lines(given: Globals, lines: Sequence[Difference]) -> None:
    """Show paths and words: one line each for pipes, folded and coloured for eyes."""
    longest = max((len(one.path) for one in lines), default=0)
    if not given.console.wraps:
        width = min(60, longest)
        for one in lines:
            given.console.data(f"{one.path:<{width}}  {one.words}")
        return
    from rich.text import Text

    from ghostsync.cli.page import BLUE, PURPLE, RED, Page
    from ghostsync.core.standing import Standing

    page = Page(given.console)
    width = min(longest, page.console.out.width // 2)
    colors = {Standing.GHOST: PURPLE, Standing.CONFLICT: RED, Standing.PROBLEM: RED}
    for one in lines:
        kind, colon, rest = one.words.partition(":")
        told = Text.assemble((kind, colors.get(one.standing, BLUE)), colon + rest)
        label = Text(f"{one.path:<{width}}  ")
        if label.cell_len + told.cell_len <= page.console.out.width:
            page.line(label + told)
        else:
            page.line(Text(one.path))
            page.hanging(Text(" " * 4), told)


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
    names = tag_names_of(push)
    for change in push.changes:
        _show_change(given, change, names)
    for incoming in comes:
        if incoming.path in settled:
            _show_incoming(given, incoming)
    conflicts = {(one.path, one.title): one for one in (*told_conflicts(pull), *told_conflicts(push))}
    for conflict in conflicts.values():
        if conflict.path not in settled:
            _show_conflict(given, conflict)
    for note in push.notes:
        if note.kind is NoteKind.DRIFTED and note.path not in settled:
            _tell(given, f"{note.path}: {note.message}")
    # A document with a problem can be compared with nothing.
    given.console.problems({*push.problems, *pull.problems})
    return int(_code(push, pull))


def _look(run: Run) -> tuple[Plan, Plan]:
    """Return what a push and what a pull would do now."""
    from ghostsync.cli.pull import open_pull
    from ghostsync.engine.options import Options

    options = Options(covers=run.selection.covers, is_everything=run.selection.is_everything)
    return run.session.plan_push(options), open_pull(run, prunes=False, prefer=None).plan


def _tell(given: Globals, line: str) -> None:
    """Show one line of a diff: as it is for pipes; coloured, and with nothing that a terminal would obey, for eyes."""
    console = given.console
    if not console.is_terminal:
        console.data(line)
        return
    from rich.text import Text

    from ghostsync.cli.page import GREEN, QUIET, RED, visible

    style = {"+": GREEN, "-": RED, "@": QUIET, " ": "", "": ""}.get(line[:1], "bold")
    console.out.print(Text(folded(visible(line), console.out.width), style), soft_wrap=True)


def _show_change(given: Globals, change: Change, names: Mapping[str, str]) -> None:
    if not isinstance(change, CreatePost | UpdatePost | CreateTag | UpdateTag):
        return
    _tell(given, f"{subject(change)}: {'new' if verb(change).endswith('create') else 'changed'} here")
    before = change.before if isinstance(change, UpdatePost | UpdateTag) else {}
    for name, value in change.sends.items():
        sides = (before.get(name), value)
        theirs, mine = (spoken_tags(side, names) for side in sides) if name == "tags" else sides
        _show_field(given, name, theirs, mine)
    if isinstance(change, UpdatePost) and change.body_changed:
        _show_body(given, change.text_before, change.text_after, ("Ghost", "document"), change.body_line)


def _show_incoming(given: Globals, change: WriteFile) -> None:
    if change.before is None:
        _tell(given, f"{change.path}: in Ghost only")
        return
    _tell(given, f"{change.path}: changed in Ghost")
    _show_body(given, change.before, change.content, ("document", "Ghost"))


def _show_conflict(given: Globals, conflict: Conflict) -> None:
    _tell(given, f"{conflict.path}: conflict: {conflict.message}")
    for field in conflict.fields:
        _show_field(given, field.name, field.remote, field.local)
    if conflict.body_local is not None and conflict.body_remote is not None:
        _show_body(given, conflict.body_remote, conflict.body_local, ("Ghost", "document"), conflict.body_line)


def _show_field(given: Globals, name: str, theirs: FieldValue, mine: FieldValue) -> None:
    if theirs is not None:
        _tell(given, f"-{name}: {_say(theirs)}")
    _tell(given, f"+{name}: {_say(mine)}")


def _show_body(given: Globals, before: str, after: str, names: tuple[str, str], first: int = 1) -> None:
    """Show a unified diff whose numbers are those of the file, in which the text begins at line `first`."""
    import difflib

    for line in difflib.unified_diff(before.split("\n"), after.split("\n"), *names, lineterm="", n=2):
        is_place = line.startswith("@@")
        _tell(given, _START.sub(lambda found: str(int(found[0]) + first - 1), line) if is_place else line)


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
