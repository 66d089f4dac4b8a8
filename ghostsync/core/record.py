"""The record: what both sides last agreed on, kept inside the post itself.

Every write of ghostsync puts a property `ghostsync` on the root of the post's Lexical document. Ghost stores unknown
root properties byte for byte, serves them only to the Admin API, and keeps old versions in its revisions; Ghost's
editor drops the property on the first keystroke, which is exactly the signal that a person has been there. So the base
needs no state file: it is found on the server, from any machine and from a fresh clone.

Version 1:

    {"v": 1, "op": uuid, "at": "2026-11-23T07:45:00Z", "project": name or null, "path": "posts/hello.md",
     "slug": "hello", "source": base64(zlib(file text)) or null, "source_digest": sha256, "fields": {…}, "kept": {…},
     "body_digest": sha256, "images": {path: {"sha256", "url", "original"?}}, "links": {as written: address},
     "by": digest of who commits, or null}

Addresses of the site in it are stored as Ghost stores them everywhere, `__GHOST_URL__/…`: a site that moves to another
domain (a sandbox to another port) takes its pictures along, and so must the record that says where they are.

A record that somebody damaged is treated as no record at all: then the post counts as unmanaged, and an unmanaged post
is never overwritten. Of a record of a later version only `project`, `path`, `slug`, `op` and `at` are read, which every
version has: so the post is known for what it is, and left alone until this ghostsync is updated. A field that this
version does not know is passed over. Rejected: a state file in the repository (lost in CI, conflicts
in Git), ids in front matter (writes into the author's prose), a metadata post or tag on the site (one more thing that
can be deleted, and two writes that can disagree).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ghostsync.core.fields import FIELDS
from ghostsync.lexical.site_addresses import PLACEHOLDER
from ghostsync.model import (
    Digest,
    DocPath,
    FieldName,
    FieldValue,
    Lexical,
    Record,
    Slug,
    Upload,
)

PROPERTY = "ghostsync"
VERSION = 1

_SITE: Final = f"{PLACEHOLDER}/"

# Fields in which Ghost stores its own address as a placeholder (`models/post.js`, 6.65 and 5.130).
_MOVE_ALONG: Final = frozenset(
    {
        "excerpt", "feature_image", "og_image", "twitter_image", "canonical_url",
        "codeinjection_head", "codeinjection_foot",
    }
)  # fmt: skip

# 1 MB: above it the text is left out, so that a record never dominates the 50 MB that Ghost accepts for a request
# nor the listing of a hundred posts. Merging then falls back to the revisions and to Git.
SOURCE_LIMIT = 1_000_000

# 64 kB: larger SVG files are pictures exported by programs; their original bytes live in Git.
SVG_LIMIT = 65_536


def pack_source(source: str) -> str | None:
    """Return the compressed text for the record, or None where it is too large to travel."""
    data = source.encode("utf-8", "surrogatepass")
    if len(data) > SOURCE_LIMIT:
        return None
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def unpack_source(packed: str) -> str | None:
    """Return the text, or None where the packed form is damaged or would exceed the limit."""
    # A bounded decompressor: a record is data from the network, and zlib expands a thousandfold.
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(base64.b64decode(packed, validate=True), SOURCE_LIMIT + 1)
        # Only at its end does packed text say whether it is whole.
        is_whole = unpacking.eof and len(data) <= SOURCE_LIMIT
        return data.decode("utf-8", "surrogatepass") if is_whole else None
    except (binascii.Error, zlib.error, ValueError):
        return None


def record_to_json(record: Record) -> dict[str, Any]:
    """Return the JSON form of a record."""
    return {
        "v": record.version,
        "op": record.op,
        "at": record.at,
        "project": record.project,
        "path": record.path,
        "slug": record.slug,
        "source": None if record.source is None else pack_source(record.source),
        "source_digest": record.source_digest,
        "fields": _fields_to_json(record.fields),
        "kept": _fields_to_json(record.kept),
        "body_digest": record.body_digest,
        "images": {path: _upload_to_json(upload) for path, upload in sorted(record.images.items())},
        "links": dict(sorted(record.links.items())),
        "by": record.by,
    }


def record_from_json(value: object) -> Record | None:
    """Return the record, or None where `value` is not a whole one."""
    version = value.get("v") if isinstance(value, dict) else None
    if not isinstance(value, dict) or isinstance(version, bool) or not isinstance(version, int) or version < VERSION:
        return None
    try:
        return _later(value, version) if version > VERSION else _record(value)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def is_later(record: Record) -> bool:
    """Whether a later ghostsync has written the record: what its post says is not for this one to judge."""
    return record.version > VERSION


def _later(value: dict[str, Any], version: int) -> Record:
    return Record(
        op=_text(value["op"]),
        at=_text(value["at"]),
        project=None if value["project"] is None else _text(value["project"]),
        path=DocPath(_text(value["path"])),
        slug=Slug(_text(value["slug"])),
        source=None,
        source_digest=Digest(""),
        fields={},
        body_digest=Digest(""),
        version=version,
    )


def _record(value: dict[str, Any]) -> Record:
    packed = value["source"]
    return Record(
        op=_text(value["op"]),
        at=_text(value["at"]),
        project=None if value["project"] is None else _text(value["project"]),
        path=DocPath(_text(value["path"])),
        slug=Slug(_text(value["slug"])),
        source=None if packed is None else unpack_source(_text(packed)),
        source_digest=Digest(_text(value["source_digest"])),
        fields=_fields_from_json(value["fields"]),
        kept=_fields_from_json(value.get("kept", {})),
        body_digest=Digest(_text(value["body_digest"])),
        images={
            _text(path): Upload(
                sha256=Digest(_text(upload["sha256"])),
                url=_text(upload["url"]),
                original=None if upload.get("original") is None else _text(upload["original"]),
            )
            for path, upload in value.get("images", {}).items()
        },
        links={_text(ref): _text(url) for ref, url in value.get("links", {}).items()},
        by=None if value.get("by") is None else _text(value["by"]),
    )


def attach_record(lexical: Lexical, record: Record, *, site_url: str) -> Lexical:
    """Return the document with the record on its root, for sending."""
    stored = _with_addresses(record, lambda text: text.replace(site_url, _SITE))
    return {**lexical, "root": {**lexical["root"], PROPERTY: record_to_json(stored)}}


def detach_record(lexical: Lexical, *, site_url: str) -> tuple[Lexical, Record | None]:
    """Return the document without the record, and the record if there is a whole one."""
    root = lexical.get("root")
    if not isinstance(root, dict) or PROPERTY not in root:
        return lexical, None
    bare = {key: value for key, value in root.items() if key != PROPERTY}
    record = record_from_json(root[PROPERTY])
    # Ghost fills in its address where it hands out a post; in the post history it does not.
    found = None if record is None else _with_addresses(record, lambda text: text.replace(_SITE, site_url))
    return {**lexical, "root": bare}, found


def _with_addresses(record: Record, change: Callable[[str], str]) -> Record:
    def changed(fields: Mapping[FieldName, FieldValue]) -> dict[FieldName, FieldValue]:
        return {
            name: change(value) if name in _MOVE_ALONG and isinstance(value, str) else value
            for name, value in fields.items()
        }

    return replace(
        record,
        fields=changed(record.fields),
        kept=changed(record.kept),
        images={path: replace(upload, url=change(upload.url)) for path, upload in record.images.items()},
        links={reference: change(address) for reference, address in record.links.items()},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode("utf-8")  # half of a surrogate pair, as JSON can spell it, is no text that could be stored
    return value


def _upload_to_json(upload: Upload) -> dict[str, str]:
    data = {"sha256": str(upload.sha256), "url": upload.url}
    return data if upload.original is None else {**data, "original": upload.original}


def _fields_to_json(fields: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in sorted(fields.items())}


def _fields_from_json(value: Any) -> dict[FieldName, FieldValue]:
    fields: dict[FieldName, FieldValue] = {}
    for name, item in value.items():
        if name not in FIELDS:
            continue
        if isinstance(item, list):
            fields[FieldName(name)] = tuple(_text(part) for part in item)
        elif item is None or isinstance(item, bool):
            fields[FieldName(name)] = item
        elif isinstance(item, str):
            fields[FieldName(name)] = _text(item)
        else:
            raise TypeError
    return fields
