"""Comparing a pair field by field with its base.

Three views of every field are laid side by side: what base expects, what the document wants, what Ghost holds. A key
that the author did not write is Ghost's to choose: the document then has no opinion, and wants whatever base expects.
A key that base had and the document no longer has goes to Ghost's default if it is content (tags, excerpt, pictures,
meta data…), and is handed back to Ghost as it is otherwise (status, date, slug, authors, visibility…).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ghostsync.core.base import SENDING, SLUG, TIERS, VISIBILITY, Base, comparable_fields
from ghostsync.core.conflicts import Disagreement
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.model import Asset, Digest, Document, FieldName, FieldValue, Lexical, Post, PostFace, Slug, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A document as it would be sent: references resolved, tags, authors and tiers as slugs."""

    document: Document
    fields: Mapping[FieldName, FieldValue]
    lexical: Lexical
    """With final addresses; `ghostsync-upload:<sha256>` stands for what is not uploaded yet."""
    body: Digest
    """Of the normalised body, placeholders included: a file that is not uploaded yet is a change."""
    assets: Mapping[str, Asset]
    known: Mapping[str, Upload]
    links: Mapping[str, str]
    source_body: str
    """The Markdown body as the author wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """One field on all three sides, comparable."""

    base: FieldValue
    local: FieldValue
    remote: FieldValue

    @property
    def local_moved(self) -> bool:
        """Whether the document wants something else than base."""
        return self.local != self.base

    @property
    def remote_moved(self) -> bool:
        """Whether Ghost holds something else than base."""
        return self.remote != self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A pair, compared with its base."""

    fields: Mapping[FieldName, Views]
    """Every field on which any side disagrees with another, in the table's order."""
    managed: frozenset[FieldName]
    """Fields that the document manages now, or did at base."""
    body_local_moved: bool
    body_remote_moved: bool
    body_equal: bool

    @property
    def local_fields(self) -> tuple[FieldName, ...]:
        """Fields that the document changed."""
        return tuple(name for name, view in self.fields.items() if view.local_moved)

    @property
    def remote_fields(self) -> tuple[FieldName, ...]:
        """Fields that changed in Ghost, whoever manages them."""
        return tuple(name for name, view in self.fields.items() if view.remote_moved)

    @property
    def drifted(self) -> tuple[FieldName, ...]:
        """Managed fields that changed in Ghost."""
        return tuple(name for name in self.remote_fields if name in self.managed)

    @property
    def local_moved(self) -> bool:
        """Whether the document changed since base."""
        return self.body_local_moved or bool(self.local_fields)

    @property
    def remote_moved(self) -> bool:
        """Whether Ghost's post changed since base in anything that the document manages."""
        return self.body_remote_moved or bool(self.drifted)

    @property
    def sends(self) -> tuple[FieldName, ...]:
        """Fields that a push must send: the document moved them and Ghost does not hold them yet."""
        return tuple(n for n, view in self.fields.items() if view.local_moved and view.local != view.remote)


def compare(
    base: Base,
    local: Prepared,
    remote: Post,
    *,
    site_url: str,
    now: str,
) -> Comparison:
    """Compare a pair with its base. `now` is the server's time in ISO 8601 (schedules pass by themselves)."""
    base_fields = comparable_fields(base.fields, site_url=site_url, now=now)
    kept = comparable_fields(base.kept, site_url=site_url, now=now)
    local_fields = comparable_fields(local.fields, site_url=site_url, now=now)
    remote_fields = comparable_fields(remote.fields, site_url=site_url, now=now)
    desired_slug = wanted_slug(base, local.document)
    views: dict[FieldName, Views] = {}
    for name, spec in FIELDS.items():
        if name in SENDING or local.document.kind not in spec.kinds:
            continue
        if name not in remote_fields and name not in local_fields and name not in base_fields:
            continue
        # What Ghost does not show has not moved. The tiers of a post that is open to others it shows, and they mean
        # nothing: such a post has none, and Ghost would give it none with `visibility` alone.
        unread = () if name == TIERS and name in remote.fields else local_fields.get(name, spec.default)
        there = remote_fields.get(name, base_fields.get(name, unread))
        before = base_fields.get(name, kept.get(name, base.expects(name, there)))
        if name == SLUG:
            here: FieldValue = desired_slug or before
        elif name in local_fields:
            here = local_fields[name]
            if name not in base_fields and name not in kept and spec.removal is not Removal.RESETS:
                # A key that is written for the first time: Ghost chose until now, so Ghost's value is base, unless
                # the record knows what it was (who may read a post): then a person's decision since is one.
                before = there
        elif name in base_fields and spec.removal is Removal.RESETS:
            here = spec.default
        elif name in base_fields or (name in kept and spec.removal is not Removal.RESETS):
            before = here = there  # handed back: Ghost's to choose from now on
        else:
            here = before
        if not (before == here == there):
            views[name] = Views(base=before, local=here, remote=there)
    _leave_out_tiers(views, local_fields, remote_fields)
    managed = set(base_fields) | set(local_fields)
    if desired_slug is not None:
        managed.add(SLUG)
    else:
        managed.discard(SLUG)
    for name in base_fields:
        if name not in local_fields and FIELDS[name].removal is not Removal.RESETS:
            managed.discard(name)  # handed back: Ghost's to choose from now on
    local_moved = local.document.digest != base.source_digest and local.body != base.body
    local_moved = local_moved or _files_moved(base, local)
    return Comparison(
        fields=views,
        managed=frozenset(managed),
        body_local_moved=local_moved,
        body_remote_moved=remote.body != base.body,
        body_equal=local.body == remote.body,
    )


def _files_moved(base: Base, local: Prepared) -> bool:
    """Whether a picture's bytes or a link's target moved under an unchanged text."""
    if local.body == base.body:
        return False
    images = {path: upload.sha256 for path, upload in base.images.items()}
    assets = {path: asset.sha256 for path, asset in local.assets.items()}
    return images != assets or dict(base.links) != dict(local.links)


def _leave_out_tiers(
    views: dict[FieldName, Views],
    local: Mapping[FieldName, FieldValue],
    remote: Mapping[FieldName, FieldValue],
) -> None:
    """Tiers mean something only where the visibility is `tiers`."""
    if local.get(VISIBILITY, remote.get(VISIBILITY)) != "tiers":
        views.pop(TIERS, None)


def wanted_slug(base: Base, document: Document) -> Slug | None:
    """Return the slug that the document asks for, or None where it has no opinion.

    A written slug is an opinion. A slug taken from the file name is one only when the file was renamed and the slug
    had followed the old name: removing a written `slug:` must not move a published address.
    """
    if document.slug_written:
        return document.slug
    if base.path != document.path and SLUG not in base.fields:
        return document.slug
    return None


def first_disagreements(local: Prepared, remote: PostFace, *, site_url: str, now: str) -> tuple[Disagreement, ...]:
    """Return where a document without history disagrees with the post, in the keys that its author wrote."""
    mine = comparable_fields(local.fields, site_url=site_url, now=now)
    theirs = comparable_fields(remote.fields, site_url=site_url, now=now)
    if TIERS in remote.fields:
        theirs.setdefault(TIERS, ())  # of a post that is open to others Ghost lists tiers that mean nothing
    return tuple(
        Disagreement(name=name, base=None, local=mine[name], remote=theirs[name])
        for name in FIELDS
        if name in mine and name in theirs and mine[name] != theirs[name]
    )


def kept_fields(
    managed: Mapping[FieldName, FieldValue], remote: Mapping[FieldName, FieldValue]
) -> dict[FieldName, FieldValue]:
    """Return the content fields that nobody manages and that Ghost holds with another value than its default."""
    return {
        name: remote[name]
        for name, spec in FIELDS.items()
        if name in remote and name not in managed and spec.removal is Removal.RESETS and remote[name] != spec.default
    }
