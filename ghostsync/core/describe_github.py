"""A plan as GitHub's workflow commands: each problem, conflict and failure becomes an annotation on its file and line.

The runner reads commands line by line from what a step prints, so every text is escaped as the runner un-escapes it:
in messages `%`, CR and LF, in properties `:` and `,` too (actions/toolkit, `packages/core/src/command.ts`). Anything
less would let a title of a post end the line and begin a command of its own.

GitHub shows ten errors, ten warnings and ten notices per step; errors come first, so what is lost are notes. It cuts
long messages and titles without a word; here the cut can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from ghostsync.core.changes import Change, CreateTag, UpdateTag
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.counted import spoken_edit
from ghostsync.core.habits import habits_once
from ghostsync.core.headline import headline
from ghostsync.core.outcome import Report
from ghostsync.core.plan import Plan
from ghostsync.core.review import review
from ghostsync.core.verbs import subject

# Characters of a message and of a title; GitHub's own limits (64 kB and 255) are no use to somebody who reads.
_MOST, _MOST_IN_TITLE = 4_000, 200

# Notes that ask for a look; the others only inform.
_WARNINGS = frozenset({NoteKind.WARNING, NoteKind.SLUG_CHANGE, NoteKind.DELETED_IN_GHOST})


def plan_to_github(plan: Plan, report: Report | None = None, *, prefix: str = "") -> str:
    """Return workflow commands, one a line. `prefix` is the content root relative to the repository (`content`)."""
    return "\n".join(_commands(plan, report, prefix)) + "\n"


def _commands(plan: Plan, report: Report | None, prefix: str) -> Iterator[str]:
    for problem in plan.problems:
        message = _with_hint(problem.message, problem.hint)
        yield _command("error", message, title="invalid document", file=_file(problem.path, prefix), line=problem.line)
    for conflict in plan.conflicts:
        edit = f" Last in Ghost: {spoken_edit(conflict.edit)}." if conflict.edit else ""
        message = _with_hint(f"{conflict.message}.{edit}", conflict.hint)
        yield _command("error", message, title="conflict", file=_file(conflict.path, prefix), line=1)
    if report is not None:
        for outcome in report.failed:
            message = outcome.error.message.removeprefix(f"{subject(outcome.change)}: ") if outcome.error else "failed"
            message = _with_hint(message, outcome.error.hint if outcome.error else None)
            yield _command("error", message, title="failed", file=_file(_file_of(outcome.change), prefix), line=None)
        for outcome in report.applied:
            if outcome.warning:
                path = _file(_file_of(outcome.change), prefix)
                yield _command("warning", outcome.warning, title="changed by Ghost", file=path, line=None)
    for section in review(plan):
        for entry in section.entries:
            for loud in entry.loud:
                title = f"{entry.verb.replace('_', ' ')} {entry.title}".strip()
                yield _command("warning", loud, title=title, file=_file(entry.subject, prefix), line=1)
    yield from (_note(note, prefix) for note in habits_once(plan.notes))
    yield _command("notice", headline(plan), title="ghostsync", file=None, line=None)


def _note(note: Note, prefix: str) -> str:
    level = "warning" if note.kind in _WARNINGS else "notice"
    message = note.message + (f" (last in Ghost: {spoken_edit(note.edit)})" if note.edit else "")
    title = note.kind.value.replace("_", " ")
    return _command(level, _with_hint(message, note.hint), title=title, file=_file(note.path, prefix), line=note.line)


def _command(level: str, message: str, *, title: str, file: str | None, line: int | None) -> str:
    properties = {
        "title": _cut(title, _MOST_IN_TITLE),
        "file": file,
        "line": None if file is None or line is None else str(line),
    }
    spelled = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {spelled}::{_message(_cut(message, _MOST))}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _file(path: str, prefix: str) -> str | None:
    if not path:
        return None
    folder = prefix.strip("/")
    return path if folder in {"", "."} else f"{folder}/{path}"


def _file_of(change: Change) -> str:
    return "tags.yaml" if isinstance(change, CreateTag | UpdateTag) else subject(change)


def _with_hint(message: str, hint: str | None) -> str:
    return message if hint is None else f"{message}\nhint: {hint}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
