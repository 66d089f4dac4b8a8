"""A plan that reads like a review, and what became of it."""

from __future__ import annotations

from rich.text import Text

from ghostsync.cli.console import Console, Verbosity
from ghostsync.core.describe import body_diff
from ghostsync.core.outcome import Report, Status
from ghostsync.core.plan import (
    Change,
    Conflict,
    CreatePost,
    CreateTag,
    Note,
    Plan,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
    subject,
    verb,
)
from ghostsync.model import FieldValue

_SIGNS = {
    "upload": ("↑", "cyan"),
    "tag_create": ("+", "green"),
    "tag_update": ("~", "yellow"),
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "adopt": ("=", "blue"),
    "unpublish": ("-", "red"),
    "delete": ("-", "red"),
    "write": ("~", "yellow"),
    "remove": ("-", "red"),
    "forget": ("·", "dim"),
}
_WORDS = {
    "upload": "upload",
    "tag_create": "create tag",
    "tag_update": "update tag",
    "create": "create",
    "update": "update",
    "adopt": "adopt",
    "unpublish": "unpublish",
    "delete": "delete",
    "write": "write",
    "remove": "remove",
    "forget": "forget",
}
# A body diff longer than this is cut in the terminal; the JSON and HTML forms have all of it.
_DIFF_LINES = 24


def show_plan(console: Console, plan: Plan) -> None:
    """Show what a run intends: changes, then conflicts, problems, notes and the counts."""
    if console.verbosity < Verbosity.NORMAL:
        _show_trouble(console, plan)
        return
    for change in plan.changes:
        _show_change(console, change)
    _show_trouble(console, plan)
    _show_notes(console, plan.notes)
    console.out.print(_counts(plan))


def show_report(console: Console, report: Report) -> None:
    """Show what became of a plan: what failed and why, and the counts."""
    for outcome in report.outcomes:
        if outcome.status is Status.FAILED and outcome.error is not None:
            console.error(outcome.error)
        elif outcome.status is Status.SKIPPED and outcome.error is not None:
            console.warn(f"{subject(outcome.change)}: {outcome.error.message}", hint=outcome.error.hint)
    if console.verbosity < Verbosity.NORMAL:
        return
    posts = [o for o in report.applied if isinstance(o.change, CreatePost | UpdatePost)]
    for outcome in posts[:10]:
        if outcome.url:
            console.out.print(Text.assemble(("✓ ", "green"), subject(outcome.change), ("  " + outcome.url, "dim")))
    if len(posts) > 10:
        console.out.print(Text(f"  … and {len(posts) - 10} more", style="dim"))
    skipped = sum(outcome.status is Status.SKIPPED for outcome in report.outcomes)
    text = f"applied {len(report.applied)} of {len(report.outcomes)}"
    text += f", {len(report.failed)} failed" if report.failed else ""
    text += f", {skipped} skipped" if skipped else ""
    console.out.print(Text(text, style="bold"))


def _show_change(console: Console, change: Change) -> None:
    word = verb(change)
    sign, style = _SIGNS[word]
    line = Text.assemble((f"{sign} {_WORDS[word]} ", style), (subject(change), "bold"))
    match change:
        case UploadFile():
            line.append(f"  {_size(change.asset.size)}", style="dim")
        case CreatePost():
            line.append(f"  {change.kind} “{change.title}” at /{change.slug}/", style="dim")
        case UpdatePost():
            line.append(f"  {change.kind} “{change.title}”", style="dim")
        case _:
            pass
    console.out.print(line)
    if isinstance(change, UpdatePost | UpdateTag):
        for name, value in change.sends.items():
            _show_field(console, name, change.before.get(name), value)
    if isinstance(change, CreatePost):
        status = change.sends.get("status")  # type: ignore[call-overload]
        if status in {"published", "scheduled"}:
            console.out.print(Text(f"    {status}", style="yellow"))
    if isinstance(change, CreateTag) and change.sends:
        console.out.print(Text(f"    {', '.join(change.sends)}", style="dim"))
    if isinstance(change, CreatePost | UpdatePost) and change.email is not None:
        members = "an unknown number of" if change.email.members is None else f"{change.email.members}"
        text = f"    EMAILS newsletter {change.email.newsletter} to {members} members ({change.email.segment})"
        console.out.print(Text(text, style="bold red"))
    if isinstance(change, UpdatePost) and change.body_changed:
        _show_diff(console, body_diff(change.text_before, change.text_after))
    if isinstance(change, WriteFile):
        _show_diff(console, body_diff(change.before or "", change.content))


def _show_field(console: Console, name: str, before: FieldValue, after: FieldValue) -> None:
    text = Text.assemble(f"    {name}: ", (_say(before), "red"), " → ", (_say(after), "green"))
    console.out.print(text)


def _show_diff(console: Console, diff: str) -> None:
    lines = diff.splitlines()
    for line in lines[:_DIFF_LINES]:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "dim")
        console.out.print(Text(f"    {line}", style=style))
    if len(lines) > _DIFF_LINES:
        console.out.print(Text(f"    … {len(lines) - _DIFF_LINES} more lines", style="dim"))


def _show_trouble(console: Console, plan: Plan) -> None:
    for conflict in plan.conflicts:
        _show_conflict(console, conflict)
    if plan.problems:
        console.problems(plan.problems)


def _show_conflict(console: Console, conflict: Conflict) -> None:
    console.warn(f"conflict: {conflict.path}: {conflict.message}")
    for field in conflict.fields:
        console.warn(f"  {field.name}: here {_say(field.local)}, in Ghost {_say(field.remote)}")
    if conflict.body_local is not None and conflict.body_remote is not None:
        for line in body_diff(conflict.body_remote, conflict.body_local).splitlines()[:_DIFF_LINES]:
            console.say(f"    {line}")
    console.say(f"hint: {conflict.hint}")


def _show_notes(console: Console, notes: tuple[Note, ...]) -> None:
    for note in notes:
        where = note.path if note.line is None else f"{note.path}:{note.line}"
        console.say(f"note: {where}: {note.message}")
        if note.hint:
            console.say(f"      {note.hint}")


def _counts(plan: Plan) -> Text:
    counts = plan.summary()
    parts = [f"{counts[key]} to {_WORDS[key]}" for key in _WORDS if counts[key]]
    if not parts:
        parts = ["nothing to do"]
    parts.append(f"{counts['unchanged']} unchanged")
    parts += [f"{counts[key]} {key}" for key in ("conflicts", "problems") if counts[key]]
    return Text("; ".join(parts), style="bold")


def _say(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return "nothing" if value is None else str(value)


def _size(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000 or unit == "MB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size = size // 100 / 10  # type: ignore[assignment]
    return str(size)
