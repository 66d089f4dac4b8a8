"""Finding base: which earlier version do both sides come from?

A version that the post still *equals* is base: then Ghost has not moved. The search goes through the post's own record,
the cache, and Git, and stops at the first that equals. When none equals, Ghost has drifted, and base is the newest
record that its revisions still hold.

The one trap is the record that lies about its age. "Post history → Restore" puts an old version back, old record
included: that record equals the post perfectly and would make a person's restore look like "nothing happened". So a
record only vouches when it is current: written within seconds of `updated_at`, or confirmed by the cache, or carrying
the operation whose first appearance among the revisions is the newest. And Ghost's Duplicate copies the record of its
original: a record clearly older than the post that carries it belongs to another post.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from functools import lru_cache

from ghostsync.core.fields import FIELDS, Removal, ValueKind
from ghostsync.lexical.site_addresses import addresses_of, in_text
from ghostsync.model import (
    Digest,
    DocPath,
    FieldName,
    FieldValue,
    PostFace,
    PostId,
    Record,
    Revision,
    Slug,
    Upload,
)

# Ghost stamps `updated_at` when it handles the request; `at` was read from the answer before it, plus our own elapsed
# time. Ghost's clock ticks in seconds and a busy Ghost answers late, so a few seconds lie between them; a person who
# opens the post history and restores takes longer than this after the write that she wants to undo.
CURRENT_SECONDS = 5

# A copy carries a record that was written before the copy existed. Our own create is stamped before the post exists
# too, by at most one request's time-out and the wait for a free connection.
COPY_SECONDS = 120

CLOCKS_APART = 60.0
"""Seconds by which the clock of whoever committed may differ from Ghost's, where a question is all it costs."""

TICKS_APART = 5.0
"""Seconds by which clocks that somebody looks after differ. Two commits of one minute are common, and the run of the
first must not undo the second; a clock that is further behind costs a question to whoever pushes, goes on writing and
commits within those seconds."""

# Ghost makes a post's id in the request that creates it; a backup is imported under new ids, with the old dates.
IMPORTED_SECONDS = 3600

# What Ghost appends to the title of a copy (`models/post.js`, 6.65 and 5.130).
COPY_SUFFIX = " (Copy)"

# Given to Ghost when the key disappears from the document. Every other field is handed back as it is.
STATUS = FieldName("status")
SLUG = FieldName("slug")
TITLE = FieldName("title")
PUBLISHED_AT = FieldName("published_at")
TIERS = FieldName("tiers")
VISIBILITY = FieldName("visibility")

DECISIONS = (STATUS, VISIBILITY)
"""Who may read a post. Where the document says nothing of it, Ghost decides, and the record keeps what it was: once the
document says something for the first time, that tells a person's decision from Ghost's own."""

# Decided by the run, sent as query parameters, never stored as a field that could be compared.
SENDING = frozenset({FieldName("newsletter"), FieldName("email_segment")})


class Origin(StrEnum):
    """Where base was found."""

    RECORD = "record"
    CACHE = "cache"
    GIT = "git"
    REVISIONS = "revisions"
    PULLED = "pulled"
    """What a pull has left in the file. It is base only for that very file, byte for byte: of another one (an older
    branch, checked out since) it would say that the words Ghost holds were taken out here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What both sides last agreed on."""

    origin: Origin
    path: DocPath
    slug: Slug
    fields: Mapping[FieldName, FieldValue]
    """Values that the document managed then."""
    kept: Mapping[FieldName, FieldValue] = field(default_factory=dict)
    body: Digest
    source: str | None
    """The whole file, where it is known."""
    source_digest: Digest
    images: Mapping[str, Upload] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def expects(self, name: FieldName, remote: FieldValue) -> FieldValue:
        """Return what Ghost held for `name` when both sides agreed; what it holds now, where nobody can know."""
        if name in self.fields:
            return self.fields[name]
        spec = FIELDS[name]
        if name in self.kept and spec.removal is Removal.RESETS:
            return self.kept[name]
        if name == SLUG:
            return self.slug
        return spec.default if spec.removal is Removal.RESETS else remote


def base_of_record(record: Record, origin: Origin = Origin.RECORD) -> Base:
    """Return the base that a record describes."""
    return Base(
        origin=origin,
        path=record.path,
        slug=record.slug,
        fields=record.fields,
        kept=record.kept,
        body=record.body_digest,
        source=record.source,
        source_digest=record.source_digest,
        images=record.images,
        links=record.links,
    )


def comparable(name: FieldName, value: FieldValue, *, site_url: str) -> FieldValue:
    """Return `value` blind to what Ghost rewrites: site addresses become root-relative, empty text becomes None.

    Ghost turns root-relative and site-absolute addresses into absolute ones when it reads its database back, in
    addresses and inside HTML; whichever spelling was sent, all mean the same. `name`: of a field, or of a tag's.
    """
    if value == "":
        return None
    spec = FIELDS.get(name)
    if not isinstance(value, str) or spec is None:
        return value
    if spec.value in {ValueKind.URL, ValueKind.IMAGE}:
        return addresses_of(site_url)(value)
    if spec.value is ValueKind.HTML or name == "excerpt":
        return in_text(value, addresses_of(site_url))
    return value


def comparable_fields(
    fields: Mapping[FieldName, FieldValue], *, site_url: str, now: str
) -> dict[FieldName, FieldValue]:
    """Return fields in comparable form; a schedule that has passed is a publication, and so is `sent`."""
    result = {name: comparable(name, value, site_url=site_url) for name, value in fields.items() if name not in SENDING}
    status, date = result.get(STATUS), result.get(PUBLISHED_AT)
    if status == "sent" or (status == "scheduled" and isinstance(date, str) and date <= now):
        result[STATUS] = "published"
    if VISIBILITY in result and result[VISIBILITY] != "tiers":
        result.pop(TIERS, None)
    return result


def equals_base(base: Base, post: PostFace, *, site_url: str, now: str) -> bool:
    """Whether the post still is what base says, body and every field that base can speak for."""
    if post.body != base.body:
        return False
    return not drifted_fields(base, post, site_url=site_url, now=now)


def drifted_fields(base: Base, post: PostFace, *, site_url: str, now: str) -> tuple[FieldName, ...]:
    """Return the fields, in the table's order, in which the post moved away from base."""
    remote = comparable_fields(post.fields, site_url=site_url, now=now)
    managed = comparable_fields(base.fields, site_url=site_url, now=now)
    kept = comparable_fields(base.kept, site_url=site_url, now=now)
    moved = []
    for name in FIELDS:
        if name not in remote:
            continue
        expected = managed.get(name, base.expects(name, remote[name]))
        if name not in managed and name in kept and FIELDS[name].removal is Removal.RESETS:
            expected = kept[name]
        if expected != remote[name]:
            moved.append(name)
    return tuple(moved)


# A watch asks the same of every post again and again; 32,768 pairs of instants are some 5 MB at most.
@lru_cache(maxsize=1 << 15)
def seconds_between(earlier: str, later: str) -> float:
    """Return the seconds from one ISO 8601 instant to another; infinite where one cannot be read."""
    try:
        return (_instant(later) - _instant(earlier)).total_seconds()
    except ValueError:
        return float("inf")


def _instant(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def is_current(post: PostFace) -> bool:
    """Whether the post's own record was written by the last write that moved the post, as far as the clock tells."""
    if post.record is None:
        return False
    return abs(seconds_between(post.record.at, post.updated_at)) <= CURRENT_SECONDS


def is_copy(post: PostFace) -> bool:
    """Whether the record was written for another post, before this one existed (Ghost's Duplicate)."""
    record = post.ownership
    if record is None:
        return False
    older_by = seconds_between(record.at, post.created_at)
    if older_by > COPY_SECONDS:
        return True
    # Duplicated right after our write: Ghost names the copy, and gives it a slug of its own.
    named_so = post.fields.get(TITLE) == f"{record.fields.get(TITLE)}{COPY_SUFFIX}"
    return named_so and record.slug != post.slug and older_by >= -CURRENT_SECONDS


def is_imported(post: PostFace) -> bool:
    """Whether the post came into this database long after it was created, as its id tells (an ObjectId)."""
    born = dt.datetime.fromtimestamp(int(post.id[:8], 16), dt.UTC)
    return seconds_between(post.created_at, born.isoformat()) > IMPORTED_SECONDS


def is_nameless(post: PostFace, project: str | None) -> bool:
    """Whether the post was pushed by a tree without a name, and this one has a name by now: it is to be adopted."""
    return project is not None and post.ownership is not None and post.ownership.project is None


def unmanaged_copies(posts: Iterable[PostFace]) -> frozenset[PostId]:
    """Return the posts whose record belongs to another post.

    Clearly older than the post, or one op on two posts, or one path on two posts of which the younger has not the slug
    that its record asked for (the original has been pushed again since it was copied).
    """
    copies: set[PostId] = set()
    by_op: dict[str, PostFace] = {}
    by_path: dict[tuple[str | None, DocPath], PostFace] = {}
    same_op: dict[str, list[PostFace]] = {}
    same_path: dict[tuple[str | None, DocPath], list[PostFace]] = {}
    for post in posts:
        record = post.record or post.last_record
        if record is None:
            continue
        if is_copy(post):
            copies.add(post.id)
            continue
        # Nearly always there is one post of each: lists are made for the others only.
        first = by_op.setdefault(record.op, post)
        if first is not post:
            same_op.setdefault(record.op, [first]).append(post)
        place = (record.project, record.path)
        first = by_path.setdefault(place, post)
        if first is not post:
            same_path.setdefault(place, [first]).append(post)
    for same in same_op.values():
        copies.update(post.id for post in _younger(same))
    for same in same_path.values():
        copies.update(p.id for p in _younger(same) if p.ownership is not None and p.ownership.slug != p.slug)
    return frozenset(copies)


def _younger(posts: Sequence[PostFace]) -> Sequence[PostFace]:
    """All but the oldest. Ids are made from the time of creation, so they break a tie within a second."""
    return sorted(posts, key=lambda post: (post.created_at, post.id))[1:]


def is_restored(post: PostFace, revisions: Sequence[Revision]) -> bool:
    """Whether the post's body was there before, was changed, and came back: a person restored it."""
    bodies = [revision.body for revision in revisions]
    return post.body in bodies and any(body != post.body for body in bodies[bodies.index(post.body) :])


class Whose(Enum):
    """Whose records are looked for, beside a project's."""

    ANYBODYS = auto()


def newest_record(revisions: Sequence[Revision], *, project: str | Whose | None) -> Record | None:
    """Return the record that was written last; `revisions` are oldest first.

    A restore appends an old record again as the newest revision, so the order of revisions alone tells nothing: records
    are ordered by when they were written, within a second by where they *first* appear. (The first appearance alone
    would not do either: Ghost keeps 25 revisions, and may have forgotten it.)
    """
    found: dict[str, Record] = {}
    for revision in revisions:
        record = revision.record
        if record is not None and (project is Whose.ANYBODYS or record.project == project):
            found.setdefault(record.op, record)
    return max(reversed(found.values()), key=lambda record: record.at, default=None)
