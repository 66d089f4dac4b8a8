"""The JSON in which the cache keeps what it knows of a site's posts, and what the last run came to."""

from __future__ import annotations

import json
from typing import Any

from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.record import record_from_json, record_to_json
from ghostsync.local.cached import field_value
from ghostsync.model import Digest, Edit, FieldName, Kind, PostFace, PostId, Slug
from ghostsync.ports import Listed, Seal


def face_to_json(face: PostFace) -> str:
    """Return a post's face as JSON text."""
    data = {
        "id": face.id,
        "uuid": face.uuid,
        "kind": face.kind,
        "slug": face.slug,
        "fields": dict(face.fields),
        "tag_names": dict(face.tag_names),
        "body": face.body,
        "record": None if face.record is None else record_to_json(face.record),
        "url": face.url,
        "created_at": face.created_at,
        "updated_at": face.updated_at,
        "has_marker": face.has_marker,
        "last_record": None if face.last_record is None else record_to_json(face.last_record),
        "newsletter": face.newsletter,
        "email_status": face.email_status,
    }
    return _text(data)


def face_from_json(text: str) -> PostFace:
    """Read what `face_to_json` wrote. Raises `ValueError` on anything else."""
    try:
        data = json.loads(text)
        return PostFace(
            id=PostId(data["id"]),
            uuid=data["uuid"],
            kind=Kind(data["kind"]),
            slug=Slug(data["slug"]),
            fields={FieldName(name): field_value(value) for name, value in data["fields"].items()},
            tag_names=data["tag_names"],
            body=Digest(data["body"]),
            record=record_from_json(data["record"]),
            url=data["url"],
            created_at=data["created_at"],
            updated_at=data["updated_at"],
            has_marker=data["has_marker"],
            last_record=record_from_json(data["last_record"]),
            newsletter=data["newsletter"],
            email_status=data["email_status"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a face: {error}") from error


def listed_to_json(listed: Listed) -> str:
    """Return up to when a listing is true as JSON text."""
    return _text(
        {
            "since": listed.since,
            "actions": sorted(listed.actions),
            "newest": listed.newest,
            "newest_at": listed.newest_at,
        }
    )


def listed_from_json(text: str) -> Listed:
    """Read what `listed_to_json` wrote. Raises `ValueError` on anything else."""
    try:
        data = json.loads(text)
        return Listed(
            since=data["since"],
            actions=frozenset(data["actions"]),
            newest=data["newest"],
            newest_at=data["newest_at"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a watermark: {error}") from error


def seal_to_json(seal: Seal) -> str:
    """Return what a run came to as JSON text."""
    return _text(
        {
            "tree": seal.tree,
            "unchanged": seal.unchanged,
            "managed": seal.managed,
            "until": seal.until,
            "notes": [_note_to_json(note) for note in seal.notes],
        }
    )


def seal_from_json(text: str) -> Seal:
    """Read what `seal_to_json` wrote. Raises `ValueError` on anything else."""
    try:
        data = json.loads(text)
        return Seal(
            tree=data["tree"],
            unchanged=data["unchanged"],
            managed=data["managed"],
            until=data["until"],
            notes=tuple(_note_from_json(note) for note in data["notes"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a seal: {error}") from error


def _note_to_json(note: Note) -> dict[str, Any]:
    edit = note.edit
    return {
        "kind": note.kind,
        "path": note.path,
        "message": note.message,
        "hint": note.hint,
        "line": note.line,
        "fields": list(note.fields),
        "edit": None
        if edit is None
        else [
            edit.id,
            edit.at,
            edit.event,
            edit.who,
            edit.is_person,
            edit.resource_type,
            edit.resource_id,
            edit.title,
        ],
    }


def _note_from_json(data: Any) -> Note:
    edit = None
    if data["edit"] is not None:
        id_, at, event, who, is_person, resource_type, resource_id, title = data["edit"]
        edit = Edit(
            id=id_,
            at=at,
            event=event,
            who=who,
            is_person=is_person,
            resource_type=resource_type,
            resource_id=resource_id,
            title=title,
        )
    return Note(
        kind=NoteKind(data["kind"]),
        path=data["path"],
        message=data["message"],
        hint=data["hint"],
        line=data["line"],
        fields=tuple(FieldName(name) for name in data["fields"]),
        edit=edit,
    )


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
