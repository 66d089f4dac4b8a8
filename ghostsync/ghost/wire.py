"""Ghost's spelling, for the synchroniser: Ghost's JSON to our records and back.

No other module of the synchroniser knows that an excerpt is called `custom_excerpt`, that the body is a JSON string, or
that the tiers of a public post are made up on reading. Everything that enters here leaves in comparable form: empty
text is None, dates have whole seconds, tags, authors and tiers are slugs in order, and the marker tag is set apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ghostsync.core.digest import body_digest, bytes_digest
from ghostsync.core.fields import FIELDS, TAG_FIELDS, ValueKind
from ghostsync.core.record import detach_record
from ghostsync.errors import ContentError
from ghostsync.model import (
    Digest,
    Edit,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    Post,
    PostId,
    Record,
    Revision,
    Slug,
    Tag,
)

Json = dict[str, Any]

_GHOST_NAMES = {"excerpt": "custom_excerpt", "template": "custom_template"}

# Read from the post, but not one of its columns: relations, and what only a query parameter can set.
_RELATIONS = frozenset({"tags", "authors", "tiers", "newsletter", "email_segment"})

BLANK: Lexical = {
    "root": {
        "children": [{"children": [], "direction": None, "format": "", "indent": 0, "type": "paragraph", "version": 1}],
        "direction": None,
        "format": "",
        "indent": 0,
        "type": "root",
        "version": 1,
    }
}
"""What Ghost stores for an empty post; it refuses a root without children."""


def ghost_name(name: FieldName) -> str:
    """Return Ghost's name of a field."""
    return _GHOST_NAMES.get(name, name)


def post_from_json(row: Json, kind: Kind, *, site_url: str, marker: Slug | None) -> Post:
    """Return the post that a row of `/posts/` or `/pages/` describes (with lexical, tags, authors and tiers)."""
    lexical, record, body = _read_body(row.get("lexical"), row.get("mobiledoc"), site_url=site_url)
    tags = row.get("tags") or []
    email = row.get("email") or {}
    newsletter = row.get("newsletter") or {}
    return Post(
        id=PostId(row["id"]),
        uuid=row.get("uuid") or "",
        kind=kind,
        slug=Slug(row["slug"]),
        fields=_fields_from_json(row, kind, marker),
        tag_names={tag["slug"]: tag["name"] for tag in tags if tag["slug"] != marker},
        lexical=lexical,
        body=body,
        mobiledoc=row.get("mobiledoc") if not row.get("lexical") else None,
        record=record,
        html=row.get("html"),
        url=row.get("url") or "",
        created_at=row.get("created_at") or "",
        updated_at=row.get("updated_at") or "",
        has_marker=any(tag["slug"] == marker for tag in tags),
        newsletter=newsletter.get("slug"),
        email_status=email.get("status"),
    )


def revision_from_json(row: Json, *, site_url: str) -> Revision:
    """Return one entry of a post's history."""
    lexical, record, body = _read_body(row.get("lexical"), None, site_url=site_url)
    author = row.get("author") or {}
    return Revision(
        created_at=row.get("created_at") or "",
        title=row.get("title") or "",
        lexical=lexical,
        body=body,
        record=record,
        reason=row.get("reason"),
        status=row.get("post_status"),
        author=author.get("name"),
    )


def post_to_json(
    fields: Mapping[FieldName, FieldValue],
    lexical: Lexical,
    *,
    marker: str | None,
    author_ids: Mapping[Slug, str],
    tier_ids: Mapping[Slug, str],
    current_tags: tuple[str, ...] | None,
) -> Json:
    """Return the row to send: only what `fields` names, and the body.

    The marker tag goes last (first, it would empty the primary tag); `current_tags` are the slugs that the post keeps
    where `fields` says nothing of tags, or None where the marker is already there.
    """
    row: Json = {"lexical": json.dumps(lexical, ensure_ascii=False, separators=(",", ":"))}
    for name, value in fields.items():
        if name in {"newsletter", "email_segment", "tags"}:
            continue
        if name == "authors":
            row["authors"] = [{"id": author_ids[Slug(slug)]} for slug in _names(value)]
        elif name == "tiers":
            row["tiers"] = [{"id": tier_ids[Slug(slug)]} for slug in _names(value)]
        else:
            row[ghost_name(name)] = value
    tags = _names(fields[FieldName("tags")]) if "tags" in fields else current_tags
    if "tags" not in fields and marker is None:
        tags = None
    if tags is not None:
        row["tags"] = [{"slug": slug} for slug in tags]
        if marker is not None:
            row["tags"].append({"slug": marker})
    return row


def tag_from_json(row: Json) -> Tag:
    """Return a tag."""
    fields: dict[FieldName, FieldValue] = {}
    for name in TAG_FIELDS:
        if name in row:
            fields[name] = row[name] or None
    return Tag(slug=Slug(row["slug"]), name=row["name"], fields=fields, id=row["id"])


def tag_to_json(fields: Mapping[FieldName, FieldValue]) -> Json:
    """Return the row to send for a tag."""
    return {ghost_name(name): value for name, value in fields.items()}


def edit_from_json(row: Json) -> Edit:
    """Return one entry of Ghost's log."""
    context = row.get("context") or {}
    if isinstance(context, str):
        context = json.loads(context)
    actor = row.get("actor") or {}
    return Edit(
        id=row.get("id") or "",
        at=row.get("created_at") or "",
        event=row.get("event") or "",
        who=actor.get("name"),
        is_person=row.get("actor_type") == "user",
        resource_type=row.get("resource_type") or "",
        resource_id=row.get("resource_id"),
        title=context.get("primary_name"),
    )


def _fields_from_json(row: Json, kind: Kind, marker: Slug | None) -> dict[FieldName, FieldValue]:
    fields: dict[FieldName, FieldValue] = {}
    for name, spec in FIELDS.items():
        if kind not in spec.kinds or name in _RELATIONS:
            continue
        if ghost_name(name) not in row:
            continue
        value = row[ghost_name(name)]
        if spec.value is ValueKind.FLAG:
            fields[name] = bool(spec.default) if value is None else bool(value)
        elif spec.value is ValueKind.DATE:
            fields[name] = whole_seconds(value)
        else:
            fields[name] = value or None
    if "tags" in row:
        fields[FieldName("tags")] = tuple(tag["slug"] for tag in row["tags"] if tag["slug"] != marker)
    if "authors" in row:
        fields[FieldName("authors")] = tuple(author["slug"] for author in row["authors"])
    if "tiers" in row:
        # For any other visibility Ghost makes the list up from all tiers of the site.
        chosen = row["tiers"] if row.get("visibility") == "tiers" else []
        fields[FieldName("tiers")] = tuple(sorted(tier["slug"] for tier in chosen))
    return fields


def whole_seconds(value: str | None) -> str | None:
    """Return a date of Ghost's with `.000Z`: it stores whole seconds, and MySQL may spell them otherwise."""
    if not value:
        return None
    return f"{value[:19]}.000Z"


def _read_body(
    lexical_text: str | None, mobiledoc_text: str | None, *, site_url: str
) -> tuple[Lexical | None, Record | None, Digest]:
    """Return body, record and digest; a body that cannot be read is None, and its text has a digest all the same.

    One such post must not keep a run from reading all the others.
    """
    text = lexical_text or mobiledoc_text
    if not text:
        return BLANK, None, body_digest(BLANK, site_url=site_url)
    try:
        document = json.loads(text)
        if lexical_text:
            lexical, record = detach_record(document, site_url=site_url)
        else:
            from ghostsync.lexical import mobiledoc_to_lexical  # noqa: PLC0415 - old posts are rare

            lexical, record = mobiledoc_to_lexical(document), None
        return lexical, record, body_digest(lexical, site_url=site_url)
    except (ContentError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None, None, bytes_digest(text.encode("utf-8", "surrogatepass"))


def _names(value: FieldValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
