"""Builders with every field given, so that a case says only what matters to it."""

from __future__ import annotations

from typing import Any

from ghostsync.core.compare import Prepared
from ghostsync.model import (
    Digest,
    DocPath,
    Document,
    Face,
    FieldName,
    FieldValue,
    Kind,
    Post,
    PostId,
    Record,
    Revision,
    Slug,
    Syntax,
)


def digest(text: str) -> Digest:
    """Return something that looks like a digest and is told by its text."""
    return Digest(text)


def record(**given: Any) -> Record:
    """Return a record: `path` and `op` are the ones most often given."""
    path = given.get("path", "posts/hello.md")
    values: dict[str, Any] = {
        "op": "op-1",
        "at": "2026-01-05T09:00:00.000Z",
        "project": "site",
        "path": DocPath(path),
        "slug": Slug("hello"),
        "source": None,
        "source_digest": digest("source"),
        "fields": {"title": "Hello"},
        "body_digest": digest("body"),
    }
    return Record(**{**values, **given})


def post(number: int = 1, **given: Any) -> Post:
    """Return a published post; a higher number is a younger one."""
    fields = {"title": "Hello", "status": "published", **given.pop("fields", {})}
    values: dict[str, Any] = {
        "id": PostId(f"{number:024x}"),
        "uuid": str(number),
        "kind": Kind.POST,
        "slug": Slug("hello"),
        "fields": fields,
        "lexical": {"root": {}},
        "body": digest("body"),
        "url": "http://site.test/hello/",
        "created_at": "2026-01-05T09:00:00.000Z",
        "updated_at": "2026-01-05T09:00:01.000Z",
    }
    return Post(**{**values, **given})


def face(path: str = "posts/hello.md", **given: Any) -> Face:
    """Return a document as matching sees it."""
    stem = path.rpartition("/")[2].removesuffix(".md")
    values: dict[str, Any] = {
        "path": DocPath(path),
        "kind": Kind.POST,
        "slug": Slug(stem),
        "digest": digest("source"),
        "title": "Hello",
        "slug_written": False,
        "fields": {},
    }
    return Face(**{**values, **given})


def fields(**given: FieldValue) -> dict[FieldName, FieldValue]:
    """Return fields by name."""
    return {FieldName(name): value for name, value in given.items()}


def prepared(body: str = "body", *, says: dict[FieldName, FieldValue] | None = None, **given: Any) -> Prepared:
    """Return a document as it would be sent: `body` and `source` are told by their texts."""
    said = fields(title="Hello") if says is None else says
    of_file = ("path", "kind", "slug", "slug_written", "digest", "title")
    seen = face(**{name: given.pop(name) for name in of_file if name in given})
    document = Document(
        **{name: getattr(seen, name) for name in of_file},
        fields=said,
        source="",
        syntax=Syntax.YAML,
        lines={},
        body=body,
        body_line=1,
    )
    values: dict[str, Any] = {
        "document": document,
        "fields": said,
        "lexical": {"root": {}},
        "body": digest(body),
        "assets": {},
        "known": {},
        "links": {},
        "source_body": body,
    }
    return Prepared(**{**values, **given})


def revision(number: int, found: Record | None) -> Revision:
    """Return an entry of the post history."""
    return Revision(
        created_at=f"2026-01-05T09:{number:02}:00.000Z", title="Hello", lexical=None, body=digest("body"), record=found
    )
