"""The records that all parts share: documents, posts, what they say, and where they came from.

Everything here is frozen data without behaviour beyond simple claims about itself. Three shapes matter most:

* `Document` is a local Markdown file, parsed. Its `fields` hold only the keys that the author wrote (or that the
  configuration's defaults set for it): a key that nobody wrote is Ghost's to choose and is never sent.
* `Post` is what Ghost holds, in our spelling. `ghostsync.ghost.wire` makes it from Ghost's JSON.
* `Record` is what ghostsync leaves inside a post (`root.ghostsync`): the base, held by the server.

Field names are ghostsync's own (`excerpt`, `template`), never Ghost's (`custom_excerpt`, `custom_template`); the table
of all fields is `ghostsync.core.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, NewType

DocPath = NewType("DocPath", str)
"""A POSIX path relative to the content root: `posts/hello.md`."""

PostId = NewType("PostId", str)
"""Ghost's id: 24 lower-case hex digits."""

Slug = NewType("Slug", str)

Digest = NewType("Digest", str)
"""Lower-case hex SHA-256."""

FieldName = NewType("FieldName", str)
"""A name from the table in `ghostsync.core.fields`."""

FieldValue = str | bool | None | tuple[str, ...]
"""The value of one field, comparable and JSON-ready:

text, urls, enumerations: `str`, or None for "empty"; flags: `bool`; dates: `str` as `2026-11-23T07:45:00.000Z` (UTC,
to the second); tags, authors, tiers: a tuple of strings in order (tags: names as the author wrote them until they are
resolved to slugs; authors: slugs or email addresses; tiers: slugs).
"""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_@.]")

Lexical = dict[str, Any]
"""A Lexical document, `{"root": {...}}`, or one node of it. Owned by `ghostsync.lexical`; opaque to everyone else."""


class Kind(StrEnum):
    """Ghost keeps posts and pages apart; one can never become the other."""

    POST = "post"
    PAGE = "page"


class Syntax(StrEnum):
    """How a document's front matter is written."""

    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    NONE = "none"


_PREVIEW = re.compile(r"/p/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/?$")
"""`/p/<uuid>/`; a page may have the slug `p`, and a site may keep its posts below `/p/`."""


def is_preview(url: str) -> bool:
    """Whether a post's address is the one that it has until it is public."""
    return _PREVIEW.search(url) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A document, as far as it is known without its text: enough to match it and to tell whether anything moved.

    Ten thousand documents are held as faces; only those that something happened to are read and compiled.
    """

    path: DocPath
    kind: Kind
    digest: Digest
    """SHA-256 of the file's bytes."""
    title: str
    slug: Slug
    slug_written: bool
    """Whether the author wrote the slug; a slug taken from the file name follows the file name."""
    slug_line: int | None = None
    """The line (from 1) on which the slug is written, where it is written in the file."""
    fields: Mapping[FieldName, FieldValue]
    """Validated values of what the author wrote or the defaults set. `title` is always here (it is derived where it
    is not written); `slug` is here only where it was written; `published_at` may come from the file name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Face):
    """A local Markdown file, parsed and valid in itself."""

    source: str
    """The whole file as text, line ends as they are."""
    syntax: Syntax
    lines: Mapping[FieldName, int]
    """The line (from 1) on which a field was written, where it was written in the file."""
    body: str
    """Markdown without front matter and without a leading H1 that became the title."""
    body_line: int
    """The line (from 1) of the file on which `body` begins."""

    def line_of(self, name: FieldName) -> int | None:
        """Return where `name` was written, or None where it was not written in this file."""
        return self.lines.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag as `tags.yaml` or Ghost has it. `fields` holds only what was written (or, from Ghost, everything)."""

    slug: Slug
    name: str
    fields: Mapping[FieldName, FieldValue] = field(default_factory=dict)
    id: str | None = None
    line: int | None = None

    @property
    def is_internal(self) -> bool:
        """Internal tags are for people and themes; readers never see them."""
        return self.name.startswith("#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What ghostsync leaves in a post's lexical `root.ghostsync`: the base, held by the server.

    Version 1 of its JSON form is described in `ghostsync.core.record`.
    """

    op: str
    """Identifies one attempt to write (a UUID): after a lost answer it tells whether that write landed."""
    at: str
    """Server time of the attempt, `2026-11-23T07:45:00Z`."""
    project: str | None
    path: DocPath
    slug: Slug
    """The slug that was asked for."""
    source: str | None
    """The file's text, or None above 1 MB."""
    source_digest: Digest
    fields: Mapping[FieldName, FieldValue]
    """The managed values as sent, comparable (tags as slugs)."""
    kept: Mapping[FieldName, FieldValue] = field(default_factory=dict)
    """Content fields that the author does not manage and that Ghost held with another value than its default when this
    was written: without them an editor's later change of such a field could not be told from an old value. And who
    could read the post then (status, visibility), where the author does not say."""
    body_digest: Digest
    """Of the normalised body."""
    images: Mapping[str, Upload] = field(default_factory=dict)
    """Local path (relative to the content root) → what was uploaded for it."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Reference as the author wrote it (`../posts/other.md#part`) → the address it was sent as."""
    by: str | None = None
    """Who wrote it, where Git knows: a digest of the person's e-mail address (`core.digest.person_digest`)."""
    version: int = 1
    """Of its JSON form. Of a version later than this ghostsync knows, only whose post it is has been read."""

    def without_source(self) -> Record:
        """Return the record without the file's text: what it takes to tell whether anything moved."""
        return self if self.source is None else replace(self, source=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A picture, media file or file that Ghost serves for us."""

    sha256: Digest
    url: str
    original: str | None = None
    """Base64 of the original bytes: only for SVG up to 64 kB, which Ghost rewrites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFace:
    """A post or page, as far as it is known without its body: what a listing keeps of it."""

    id: PostId
    uuid: str
    kind: Kind
    slug: Slug
    fields: Mapping[FieldName, FieldValue]
    """Every field that can be read, comparable: tags as slugs (without the marker tag), authors as slugs, tiers as
    slugs (empty unless visibility is `tiers`), empty strings as None."""
    tag_names: Mapping[str, str] = field(default_factory=dict)
    """Slug → name of the tags of this post, for people."""
    body: Digest
    """Of the normalised body (of the text itself for mobiledoc)."""
    record: Record | None = None
    """A face's record is without its source."""
    url: str
    """The public address; a `/p/…` preview for drafts."""
    created_at: str
    updated_at: str
    has_marker: bool = False
    last_record: Record | None = None
    """Where the post carries no record itself (an editor's typing drops it): the newest one in its post history."""
    newsletter: str | None = None
    """Slug of the newsletter it was or will be sent with, whoever set it."""
    email_status: str | None = None
    """None: never emailed; else Ghost's status of the email (`submitted`, `failed`…)."""

    @property
    def ownership(self) -> Record | None:
        """The record that says whose post this is, now or in its history. Never proof that nothing moved since."""
        return self.record or self.last_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(PostFace):
    """A post or page as Ghost holds it."""

    lexical: Lexical | None
    """The stored document, with `root.ghostsync` taken out; None for an old mobiledoc post."""
    mobiledoc: str | None = None
    html: str | None = None

    def face(self) -> PostFace:
        """Return what is worth keeping of a post that nothing happened to."""
        kept = {slot.name: getattr(self, slot.name) for slot in fields(PostFace)}
        kept["record"] = None if self.record is None else self.record.without_source()
        kept["last_record"] = None if self.last_record is None else self.last_record.without_source()
        return PostFace(**kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One saved version of a post, as Ghost's post history keeps it."""

    created_at: str
    title: str
    lexical: Lexical | None
    body: Digest
    """Of the normalised body."""
    record: Record | None
    reason: str | None = None
    status: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who did what and when, from Ghost's log of actions."""

    id: str = ""
    at: str
    event: str
    """`added`, `edited`, `deleted`."""
    who: str | None
    """Display name of the person or integration."""
    is_person: bool
    resource_type: str
    resource_id: str | None
    title: str | None = None


class Bucket(StrEnum):
    """Ghost's three upload endpoints."""

    IMAGES = "images"
    MEDIA = "media"
    FILES = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A local picture, media file or other file that a document refers to."""

    path: DocPath
    sha256: Digest
    size: int
    """In bytes."""
    bucket: Bucket
    mime: str
    width: int | None = None
    """In pixels, as a reader sees it (after EXIF orientation); None where it is not a picture or not known."""
    height: int | None = None

    @property
    def upload_name(self) -> str:
        """Name under which it is uploaded: `<stem>-<first 10 of sha256>.<ext>`, so that a name never lies.

        Ghost puts a dash for each UTF-16 unit of a stem but for these characters (`ghost-storage-base`); done here, the
        name that is sent is the name that is served, and can be looked for.
        """
        name = self.path.rpartition("/")[2]
        stem, dot, extension = name.rpartition(".")
        bare = _NOT_IN_A_NAME.sub(lambda found: "-" * (1 + (found[0] > "\uffff")), stem if dot else name)
        return f"{bare}-{self.sha256[:10]}{dot}{extension if dot else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a run knows about the site before it looks at posts."""

    uuid: str
    url: str
    """With a trailing slash: `https://example.com/`."""
    version: str
    timezone: str = "Etc/UTC"
