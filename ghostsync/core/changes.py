"""What a run can do, as data: one class for each kind of change.

A change carries everything that applying it takes, and what it believes about the thing that it will touch. Two things
are known only while applying and are modelled, not special-cased: the address of a file that this run uploads stands in
bodies and fields as a placeholder `ghostsync-upload:<sha256>`, and the id of a post that this run creates is simply not
there.

Rejected: putting the operation id and the time of the attempt into a change. They belong to the attempt; a plan that
carried them would never have the same digest twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ghostsync.model import (
    Asset,
    Digest,
    DocPath,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    PostId,
    Slug,
    Upload,
)

UPLOAD_SCHEME = "ghostsync-upload:"


def is_placeholder(value: object) -> bool:
    """Whether a value stands for a file that is not uploaded yet."""
    return isinstance(value, str) and value.startswith(UPLOAD_SCHEME)


def placeholder(sha256: Digest) -> str:
    """Return what stands in a body or field for the address of a file that is not uploaded yet."""
    return f"{UPLOAD_SCHEME}{sha256}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """What the record of a write will say, but for what only the attempt knows (`op`, `at`, addresses)."""

    project: str | None
    path: DocPath
    slug: Slug
    source: str | None
    source_digest: Digest
    fields: Mapping[FieldName, FieldValue]
    kept: Mapping[FieldName, FieldValue]
    assets: Mapping[str, Asset]
    """Local path → the file as it is now."""
    known: Mapping[str, Upload]
    """Local path → where it is already served; the rest is uploaded by this plan."""
    links: Mapping[str, str]
    body: Digest | None = None
    """Base's body, where Ghost's has moved and stays: so that the edit remains visible. None: what is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """A newsletter that this change sends. Only with `--send-email`, once per post."""

    newsletter: Slug
    segment: str
    members: int | None
    """How many members it reaches; None where Ghost could not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTag:
    """A tag that documents use, or that `tags.yaml` describes, and Ghost does not have."""

    slug: Slug
    name: str
    sends: Mapping[FieldName, FieldValue] = field(default_factory=dict)
    is_marker: bool = False
    """It marks every managed post, for people: whatever gives a post tags needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTag:
    """A tag whose description in `tags.yaml` moved on."""

    id: str
    slug: Slug
    name: str
    sends: Mapping[FieldName, FieldValue]
    before: Mapping[FieldName, FieldValue]
    expected: str | None
    """Digest of the tag as it was read: tags have no collision check, so apply reads again and compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFile:
    """A file that the site does not serve yet."""

    asset: Asset
    used_by: tuple[DocPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePost:
    """A document that Ghost does not have."""

    path: DocPath
    kind: Kind
    slug: Slug
    title: str
    sends: Mapping[FieldName, FieldValue]
    lexical: Lexical
    draft: RecordDraft
    email: Email | None = None
    text: str = ""
    """The body as Markdown, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePost:
    """A post that follows its document. Only `sends` and, if it moved, the body change; the record always does."""

    path: DocPath
    kind: Kind
    id: PostId
    slug: Slug
    """Where the post is now; a new slug is in `sends`."""
    title: str
    expected: str
    """Ghost's `updated_at` that this plan believes in; anything else is a 409 and becomes a conflict."""
    sends: Mapping[FieldName, FieldValue]
    before: Mapping[FieldName, FieldValue]
    lexical: Lexical
    body_changed: bool
    draft: RecordDraft
    status: str
    """Ghost's status of the post now."""
    was: Mapping[FieldName, FieldValue]
    """Every managed and kept field as it was read: apply re-reads before a move to published or scheduled."""
    body: Digest
    """Normalised digest of the body that is there now."""
    url: str = ""
    email: Email | None = None
    mobiledoc: bool = False
    """The post is an old mobiledoc post, which Ghost must convert before it takes Lexical."""
    marker_tags: tuple[str, ...] | None = None
    """Tags to keep while the marker tag is added; None: it is there already."""
    text_before: str = ""
    text_after: str = ""
    body_line: int = 1
    """Line of the file at which `text_after` begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptPost:
    """A post that already says what its document says, and gets a record. Nothing that anyone reads changes."""

    path: DocPath
    kind: Kind
    id: PostId
    slug: Slug
    title: str
    expected: str
    lexical: Lexical
    draft: RecordDraft
    was: Mapping[FieldName, FieldValue]
    body: Digest
    """Normalised digest of the body that is there."""
    status: str = "draft"
    mobiledoc: bool = False
    marker_tags: tuple[str, ...] | None = None
    """Tags to keep while the marker tag is added; None: it is there already."""


class Reason(StrEnum):
    """Why a post is deleted."""

    PRUNE = "prune"
    UNDO = "undo"
    """An earlier run created it, got another slug than it asked for, and died before it could undo that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpublishPost:
    """An orphan that goes back to draft, by prune policy."""

    path: DocPath
    kind: Kind
    id: PostId
    slug: Slug
    title: str
    expected: str
    status: str
    was: Mapping[FieldName, FieldValue]
    body: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePost:
    """A post that is deleted: an orphan by prune policy, or our own create that Ghost gave another slug.

    Ghost has no trash.
    """

    path: DocPath
    kind: Kind
    id: PostId
    slug: Slug
    title: str
    expected: str
    status: str
    was: Mapping[FieldName, FieldValue]
    body: Digest
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that the site serves and a pulled document refers to."""

    url: str
    path: DocPath
    sha256: Digest | None = None
    """What it must be, where a record knows."""
    original: str | None = None
    """Base64 of the bytes, where the record carries them."""
    exact: bool = False
    """Whether nothing but the bytes with this digest will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """A document that follows its post."""

    path: DocPath
    kind: Kind
    id: PostId | None
    slug: Slug
    title: str
    content: str
    expected: Digest | None
    """Digest of the file that this plan believes in; None: there must be no file."""
    before: str | None
    downloads: tuple[Download, ...] = ()
    fields: tuple[FieldName, ...] = ()
    """Front-matter fields that change."""
    body_changed: bool = False
    marked: int = 0
    """How many conflicts stand in the text as markers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """A document whose post was deleted in Ghost, with prune."""

    path: DocPath
    kind: Kind
    slug: Slug
    title: str
    expected: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Gone on both sides: nothing but our own memory is touched."""

    path: DocPath
    id: PostId | None


PostChange = CreatePost | UpdatePost | AdoptPost | UnpublishPost | DeletePost


FileChange = WriteFile | RemoveFile


Change = CreateTag | UpdateTag | UploadFile | PostChange | FileChange | Forget
