"""Builders with every field given, so that a case says only what matters to it."""

from __future__ import annotations

from typing import Any

from ghostsync.model import Digest, DocPath, Face, Kind, Post, PostId, Record, Revision, Slug


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


def revision(number: int, found: Record | None) -> Revision:
    """Return an entry of the post history."""
    return Revision(
        created_at=f"2026-01-05T09:{number:02}:00.000Z", title="Hello", lexical=None, body=digest("body"), record=found
    )
