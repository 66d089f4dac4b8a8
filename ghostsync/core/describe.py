"""A plan and what became of it as one JSON document, for machines; its schema is `schemas/plan.json`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import (
    AdoptPost,
    Change,
    Conflict,
    CreatePost,
    CreateTag,
    DeletePost,
    Note,
    Plan,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
    subject,
    verb,
)
from ghostsync.errors import ExitCode, Problem, worst_exit
from ghostsync.model import Edit, FieldValue


def plan_to_json(plan: Plan, report: Report | None = None) -> dict[str, Any]:
    """Return the document: `{"plan": {...}, "outcomes": [...]}`."""
    return {
        "plan": {
            "digest": plan.digest,
            "direction": plan.direction.value,
            "site": {"url": plan.site.url, "uuid": plan.site.uuid, "version": plan.site.version},
            "project": plan.project,
            "summary": plan.summary(),
            "changes": [change_to_json(change) for change in plan.changes],
            "conflicts": [_conflict(conflict) for conflict in plan.conflicts],
            "problems": [_problem(problem) for problem in plan.problems],
            "notes": [_note(note) for note in plan.notes],
        },
        "outcomes": [] if report is None else [_outcome(outcome) for outcome in report.outcomes],
    }


def change_to_json(change: Change) -> dict[str, Any]:
    """Return one change, without the bodies that it carries."""
    data: dict[str, Any] = {"change": verb(change), "subject": subject(change)}
    if isinstance(change, CreateTag | UpdateTag):
        before = change.before if isinstance(change, UpdateTag) else {}
        return {**data, "slug": change.slug, "name": change.name, "fields": _fields(change.sends, before)}
    if isinstance(change, UploadFile):
        asset = change.asset
        facts = {"path": asset.path, "sha256": asset.sha256, "size": asset.size, "used_by": list(change.used_by)}
        return {**data, **facts}
    data["path"] = change.path
    if isinstance(change, CreatePost | UpdatePost | AdoptPost | UnpublishPost | DeletePost | WriteFile | RemoveFile):
        data |= {"kind": change.kind.value, "slug": change.slug, "title": change.title}
    if isinstance(change, UpdatePost | AdoptPost | UnpublishPost | DeletePost):
        data |= {"id": change.id, "expected": change.expected, "status": change.status}
    if isinstance(change, CreatePost):
        data |= {"fields": _fields(change.sends, {}), "body": {"changed": True, "diff": body_diff("", change.text)}}
    if isinstance(change, UpdatePost):
        diff = body_diff(change.text_before, change.text_after) if change.body_changed else ""
        data |= {"fields": _fields(change.sends, change.before), "body": {"changed": change.body_changed, "diff": diff}}
    if isinstance(change, CreatePost | UpdatePost) and change.email is not None:
        email = change.email
        data["email"] = {"newsletter": email.newsletter, "segment": email.segment, "members": email.members}
    if isinstance(change, WriteFile):
        data |= {"diff": body_diff(change.before or "", change.content), "conflicts_marked": change.marked}
    return data


def body_diff(before: str, after: str) -> str:
    """Return a unified diff of two texts, without file names."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def report_exit(report: Report) -> ExitCode:
    """Return the exit code of a run: the worst of what failed, of conflicts and problems, and of an interrupt."""
    codes = [plan_exit(report.plan)]
    codes += [outcome.error.exit_code if outcome.error else ExitCode.FAILED for outcome in report.failed]
    if report.is_interrupted:
        codes.append(ExitCode.INTERRUPTED)
    return worst_exit(*codes)


def plan_exit(plan: Plan) -> ExitCode:
    """Return the exit code of looking at a plan."""
    return worst_exit(
        ExitCode.INVALID if plan.problems else ExitCode.DONE,
        ExitCode.REFUSED if plan.conflicts else ExitCode.DONE,
    )


def _fields(after: Mapping[Any, FieldValue], before: Mapping[Any, FieldValue]) -> list[dict[str, Any]]:
    return [
        {"name": name, "before": _value(before.get(name)), "after": _value(value)}
        for name, value in sorted(after.items())
    ]


def _value(value: FieldValue) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _conflict(conflict: Conflict) -> dict[str, Any]:
    diff = ""
    if conflict.body_local is not None and conflict.body_remote is not None:
        diff = body_diff(conflict.body_remote, conflict.body_local)
    return {
        "path": conflict.path,
        "why": conflict.why.value,
        "message": conflict.message,
        "hint": conflict.hint,
        "id": conflict.id,
        "title": conflict.title,
        "fields": [
            {"name": d.name, "base": _value(d.base), "local": _value(d.local), "remote": _value(d.remote)}
            for d in conflict.fields
        ],
        "diff": diff,
        "edit": _edit(conflict.edit),
    }


def _edit(edit: Edit | None) -> dict[str, Any] | None:
    return None if edit is None else {"at": edit.at, "by": edit.who, "event": edit.event}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "message": problem.message, "hint": problem.hint}


def _note(note: Note) -> dict[str, Any]:
    return {
        "kind": note.kind.value,
        "path": note.path,
        "line": note.line,
        "message": note.message,
        "hint": note.hint,
        "edit": _edit(note.edit),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    return {
        "change": verb(outcome.change),
        "subject": subject(outcome.change),
        "status": outcome.status.value,
        "id": outcome.id,
        "url": outcome.url,
        "error": None if error is None else {"message": error.message, "hint": error.hint},
    }


def was_applied(outcome: Outcome) -> bool:
    """Whether the change was carried out."""
    return outcome.status is Status.APPLIED
