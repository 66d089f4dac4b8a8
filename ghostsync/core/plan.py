"""The plan: everything that a run intends, as data.

`plan` and `push` build the same `Plan`; `push` then executes that object and consults nothing else to decide. So the
preview cannot lie, a plan can be digested, saved and compared, and safety is judged on what is really going to happen.

Two things are known only while applying and are modelled, not special-cased: the address of a file that this run
uploads stands in bodies and fields as a placeholder `ghostsync-upload:<sha256>`, and the id of a post that this run
creates is simply not there.

Rejected: putting the operation id and the time of the attempt into the plan. They belong to the attempt; a plan that
carried them would never have the same digest twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from ghostsync.errors import Problem
from ghostsync.model import (
    Asset,
    Digest,
    DocPath,
    Edit,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    PostId,
    Site,
    Slug,
    Upload,
)

UPLOAD_SCHEME = "ghostsync-upload:"


def placeholder(sha256: Digest) -> str:
    """Return what stands in a body or field for the address of a file that is not uploaded yet."""
    return f"{UPLOAD_SCHEME}{sha256}"


class Direction(StrEnum):
    """Which way a run carries changes."""

    PUSH = "push"
    PULL = "pull"


class Prefer(StrEnum):
    """Turns conflicts, and only conflicts, into changes."""

    NEITHER = "neither"
    LOCAL = "local"
    REMOTE = "remote"


class Prune(StrEnum):
    """What may happen to managed posts whose document is gone."""

    REPORT = "report"
    DRAFT = "draft"
    DELETE = "delete"


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


class NoteKind(StrEnum):
    """What a note is about; said, never acted on."""

    UNPUSHED = "unpushed"
    DRIFTED = "drifted"
    UNMANAGED = "unmanaged"
    ORPHAN = "orphan"
    DELETED_IN_GHOST = "deleted_in_ghost"
    DELETED_HERE = "deleted_here"
    SLUG_CHANGE = "slug_change"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a person should know."""

    kind: NoteKind
    path: str
    message: str
    hint: str | None = None
    line: int | None = None
    fields: tuple[FieldName, ...] = ()
    edit: Edit | None = None


class Why(StrEnum):
    """Why a pair needs a person."""

    BOTH_CHANGED = "both_changed"
    NO_SHARED_HISTORY = "no_shared_history"
    DELETED_HERE = "deleted_here"
    DELETED_IN_GHOST = "deleted_in_ghost"
    OTHER_PROJECT = "other_project"
    BEHIND = "behind"
    KIND_CHANGED = "kind_changed"
    SLUG_TAKEN = "slug_taken"
    NEWER = "newer"
    EMAIL = "email"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One field on which the sides disagree; `base` is None where there is no shared history."""

    name: FieldName
    base: FieldValue
    local: FieldValue
    remote: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Both sides moved, differently, or the post is not ours: needs a person, or an explicit `--prefer`."""

    path: str
    why: Why
    message: str
    hint: str
    kind: Kind | None = None
    id: PostId | None = None
    title: str = ""
    fields: tuple[Disagreement, ...] = ()
    body_base: str | None = None
    body_local: str | None = None
    body_remote: str | None = None
    edit: Edit | None = None
    """The last edit that a person made in Ghost, as far as Ghost's log knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ordered changes, and what could not become one."""

    direction: Direction
    site: Site
    at: str = ""
    """Ghost's time when reading began; not part of the digest."""
    project: str | None = None
    root: str = "."
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchanged: int = 0
    managed: int = 0
    """Posts of this project: the denominator of the safety limits."""

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not self.changes

    @property
    def removals(self) -> tuple[UnpublishPost | DeletePost | RemoveFile, ...]:
        """Changes that take something away from readers or from the tree."""
        return tuple(c for c in self.changes if isinstance(c, UnpublishPost | DeletePost | RemoveFile))

    @property
    def emails(self) -> tuple[CreatePost | UpdatePost, ...]:
        """Changes that send a newsletter."""
        return tuple(c for c in self.changes if isinstance(c, CreatePost | UpdatePost) and c.email is not None)

    def summary(self) -> dict[str, int]:
        """Return the count of each kind of change; every write counts, tags too."""
        counts = dict.fromkeys(SUMMARY_KEYS, 0)
        for change in self.changes:
            counts[verb(change)] += 1
        counts["unchanged"] = self.unchanged
        counts["conflicts"] = len(self.conflicts)
        counts["problems"] = len(self.problems)
        counts["notes"] = len(self.notes)
        return counts

    @property
    def digest(self) -> Digest:
        """SHA-256 over everything that the plan does and believes, whatever the order of its inputs was.

        What a machine forgets is left out: a plan is the same plan from a machine with a cache and from one without.
        """
        facts = {
            "direction": self.direction,
            "site": self.site.uuid,
            "url": self.site.url,
            "project": self.project,
            "changes": [_facts(change) for change in self.changes if not isinstance(change, Forget)],
            "conflicts": [[c.path, c.why, c.id] for c in self.conflicts],
            "problems": [[p.path, p.line, p.message] for p in self.problems],
        }
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return Digest(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


SUMMARY_KEYS = (
    "upload",
    "tag_create",
    "tag_update",
    "create",
    "update",
    "adopt",
    "unpublish",
    "delete",
    "write",
    "remove",
    "forget",
)


def verb(change: Change) -> str:
    """Return the change's one word, as summaries and JSON have it."""
    match change:
        case CreateTag():
            return "tag_create"
        case UpdateTag():
            return "tag_update"
        case UploadFile():
            return "upload"
        case CreatePost():
            return "create"
        case UpdatePost():
            return "update"
        case AdoptPost():
            return "adopt"
        case UnpublishPost():
            return "unpublish"
        case DeletePost():
            return "delete"
        case WriteFile():
            return "write"
        case RemoveFile():
            return "remove"
        case Forget():
            return "forget"
        case _:
            assert_never(change)


# Files first, since tags and posts show them; tags before the posts that name them; what takes away comes last, so that
# a run that stops in the middle has added, and not removed.
_ORDER = {name: position for position, name in enumerate(SUMMARY_KEYS)}


def order_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes in the order of applying; ties by path, so that the order of inputs never shows."""
    return tuple(sorted(changes, key=lambda change: (_ORDER[verb(change)], subject(change))))


def subject(change: Change) -> str:
    """Return what a change is about: a document's path, a tag's slug, an asset's path."""
    match change:
        case CreateTag() | UpdateTag():
            return change.slug
        case UploadFile():
            return change.asset.path
        case (
            CreatePost()
            | UpdatePost()
            | AdoptPost()
            | UnpublishPost()
            | DeletePost()
            | WriteFile()
            | RemoveFile()
            | Forget()
        ):
            return change.path
        case _:
            assert_never(change)


def _facts(change: Change) -> list[Any]:
    """Everything that makes this change this change, display texts left out."""
    match change:
        case CreateTag():
            return ["tag_create", change.slug, change.name, dict(change.sends)]
        case UpdateTag():
            return ["tag_update", change.id, dict(change.sends), change.expected]
        case UploadFile():
            return ["upload", change.asset.sha256, change.asset.bucket, change.asset.upload_name]
        case CreatePost():
            sends = [dict(change.sends), change.lexical, _draft(change.draft)]
            return ["create", change.kind, change.slug, *sends, _email(change.email)]
        case UpdatePost():
            sends = [dict(change.sends), change.lexical, _draft(change.draft)]
            believes = [change.expected, dict(change.before), change.marker_tags]
            return ["update", change.kind, change.id, *believes, *sends, _email(change.email)]
        case AdoptPost():
            believes = [change.expected, change.marker_tags]
            return ["adopt", change.kind, change.id, *believes, change.lexical, _draft(change.draft)]
        case UnpublishPost() | DeletePost():
            return [verb(change), change.kind, change.id, change.expected, dict(change.was), change.body]
        case WriteFile():
            downloads = [[d.url, d.path, d.sha256] for d in change.downloads]
            return ["write", change.path, change.content, change.expected, downloads]
        case RemoveFile():
            return ["remove", change.path, change.expected]
        case Forget():
            return ["forget", change.path, change.id]
        case _:
            assert_never(change)


def _draft(draft: RecordDraft) -> list[Any]:
    assets = {path: asset.sha256 for path, asset in draft.assets.items()}
    known = {path: upload.url for path, upload in draft.known.items()}
    owner = [draft.project, draft.path, draft.slug, draft.source_digest, draft.body]
    return [*owner, dict(draft.fields), dict(draft.kept), assets, known, dict(draft.links)]


def _email(email: Email | None) -> list[Any] | None:
    # The number of members is for people; it changes by itself and decides nothing.
    return None if email is None else [email.newsletter, email.segment]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
