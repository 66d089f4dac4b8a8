"""A plan, and what became of it, as one JSON document.

For programs: names are stable, every value is what will be sent, nothing is shortened. The schema that ships as
`ghostsync/schemas/plan.json` describes it; a test holds the two together. The Lexical bodies are left out: they are
large, nobody reads them, and the digest covers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Email,
    Forget,
    RecordDraft,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.core.conflicts import Conflict, Note
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Plan
from ghostsync.core.verbs import subject, verb
from ghostsync.errors import GhostError, GhostsyncError, Problem
from ghostsync.model import Asset, Edit, FieldName, FieldValue


def plan_to_json(plan: Plan, report: Report | None = None) -> dict[str, Any]:
    """Return the document; without a report, `outcomes` is empty."""
    return {
        "plan": {
            "digest": plan.digest,
            "direction": plan.direction.value,
            "site": {"url": plan.site.url, "uuid": plan.site.uuid, "version": plan.site.version},
            "at": plan.at,
            "project": plan.project,
            "summary": plan.summary(),
            "changes": [_change(each) for each in plan.changes],
            "conflicts": [_conflict(each) for each in plan.conflicts],
            "problems": [_problem(each) for each in plan.problems],
            "notes": [_note(each) for each in plan.notes],
        },
        "outcomes": [_outcome(each) for each in report.outcomes] if report else [],
        "interrupted": report.is_interrupted if report else False,
    }


def _change(change: Change) -> dict[str, Any]:
    return {"change": verb(change), "subject": subject(change), **_particulars(change)}


def _particulars(change: Change) -> dict[str, Any]:
    match change:
        case CreateTag():
            return {"slug": change.slug, "name": change.name, "fields": _fields(change.sends, {})}
        case UpdateTag():
            fields = _fields(change.sends, change.before)
            return {"id": change.id, "slug": change.slug, "name": change.name, "fields": fields}
        case UploadFile():
            return {**_asset(change.asset), "used_by": list(change.used_by)}
        case CreatePost():
            return {
                **_post(change),
                "fields": _fields(change.sends, {}),
                "body": {"changed": True, "before": None, "after": change.text},
                "email": _email(change.email),
                "uploads": _uploads(change.draft),
            }
        case UpdatePost():
            before, after = (change.text_before, change.text_after) if change.body_changed else (None, None)
            return {
                **_post(change),
                "id": change.id,
                "status": change.status,
                "url": change.url,
                "updated_at": change.expected,
                "fields": _fields(change.sends, change.before),
                "body": {"changed": change.body_changed, "before": before, "after": after},
                "email": _email(change.email),
                "uploads": _uploads(change.draft),
                "converts_mobiledoc": change.mobiledoc,
            }
        case AdoptPost():
            return {**_post(change), "id": change.id, "status": change.status, "updated_at": change.expected}
        case UnpublishPost():
            return {**_post(change), "id": change.id, "status": change.status, "updated_at": change.expected}
        case DeletePost():
            facts = {"status": change.status, "updated_at": change.expected, "reason": change.reason.value}
            return {**_post(change), "id": change.id, **facts}
        case WriteFile():
            return {
                **_post(change),
                "id": change.id,
                "new": change.before is None,
                "fields": list(change.fields),
                "body_changed": change.body_changed,
                "conflicts_marked": change.marked,
                "before": change.before,
                "after": change.content,
                "downloads": [{"url": each.url, "path": each.path} for each in change.downloads],
            }
        case RemoveFile():
            return _post(change)
        case Forget():
            return {"path": change.path, "id": change.id}
        case _:
            assert_never(change)


def _post(
    change: CreatePost | UpdatePost | AdoptPost | UnpublishPost | DeletePost | WriteFile | RemoveFile,
) -> dict[str, Any]:
    return {"path": change.path, "kind": change.kind.value, "slug": change.slug, "title": change.title}


def _fields(sends: Mapping[FieldName, FieldValue], before: Mapping[FieldName, FieldValue]) -> list[dict[str, Any]]:
    return [{"name": name, "before": _value(before.get(name)), "after": _value(value)} for name, value in sends.items()]


def _value(value: FieldValue) -> str | bool | list[str] | None:
    return list(value) if isinstance(value, tuple) else value


def _email(email: Email | None) -> dict[str, Any] | None:
    if email is None:
        return None
    return {"newsletter": email.newsletter, "segment": email.segment, "members": email.members}


def _uploads(draft: RecordDraft) -> list[str]:
    return sorted(path for path in draft.assets if path not in draft.known)


def _asset(asset: Asset) -> dict[str, Any]:
    return {
        "path": asset.path,
        "sha256": asset.sha256,
        "size": asset.size,
        "bucket": asset.bucket.value,
        "mime": asset.mime,
        "width": asset.width,
        "height": asset.height,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    has_body = conflict.body_local is not None or conflict.body_remote is not None
    return {
        "path": conflict.path,
        "why": conflict.why.value,
        "message": conflict.message,
        "hint": conflict.hint,
        "kind": conflict.kind.value if conflict.kind else None,
        "id": conflict.id,
        "title": conflict.title,
        "fields": [
            {"name": each.name, "base": _value(each.base), "local": _value(each.local), "remote": _value(each.remote)}
            for each in conflict.fields
        ],
        "body": {"base": conflict.body_base, "local": conflict.body_local, "remote": conflict.body_remote}
        if has_body
        else None,
        "edit": _edit(conflict.edit),
    }


def _edit(edit: Edit | None) -> dict[str, Any] | None:
    if edit is None:
        return None
    return {"at": edit.at, "event": edit.event, "who": edit.who, "is_person": edit.is_person}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "message": problem.message, "hint": problem.hint}


def _note(note: Note) -> dict[str, Any]:
    return {
        "kind": note.kind.value,
        "path": note.path,
        "line": note.line,
        "message": note.message,
        "hint": note.hint,
        "fields": list(note.fields),
        "edit": _edit(note.edit),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "change": verb(outcome.change),
        "subject": subject(outcome.change),
        "status": outcome.status.value,
        "id": outcome.id,
        "url": outcome.url,
        "warning": outcome.warning,
        "error": None if outcome.error is None else _error(outcome.error, outcome.status),
    }


def _error(error: GhostsyncError, status: Status) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, GhostError) and status is Status.FAILED:
        facts |= {"method": error.method or None, "path": error.path or None, "status": error.status}
        facts |= {"context": error.context, "may_have_happened": error.may_have_happened}
    return facts
