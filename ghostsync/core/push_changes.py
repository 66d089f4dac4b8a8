"""What the changes of a push carry: what is sent, what the post was, and what its record will say."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.core.base import DECISIONS, PUBLISHED_AT, SENDING, SLUG, STATUS, Base, comparable_fields
from ghostsync.core.changes import AdoptPost, RecordDraft, UpdatePost
from ghostsync.core.compare import Prepared
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.core.pair import Pair, Policy
from ghostsync.core.push_words import status_of
from ghostsync.model import Digest, FieldName, FieldValue, Post


def build_adopt(
    pair: Pair, local: Prepared, remote: Post, policy: Policy, *, base: Base | None, drifted: Digest | None = None
) -> AdoptPost:
    """Return the change that starts managing a post as it is."""
    return AdoptPost(
        path=pair.path,
        kind=pair.kind,
        id=remote.id,
        slug=remote.slug,
        title=local.document.title,
        expected=remote.updated_at,
        lexical=remote.lexical or local.lexical,
        draft=record_draft(
            local, policy.project, kept=_kept(base, local, remote, policy), slug=remote.slug, drifted=drifted
        ),
        was=remote.fields,
        body=remote.body,
        status=status_of(remote),
        mobiledoc=remote.mobiledoc is not None,
        marker_tags=_marker_tags(remote),
    )


def build_update(
    pair: Pair,
    local: Prepared,
    remote: Post,
    policy: Policy,
    *,
    sends: Mapping[FieldName, FieldValue],
    body_changed: bool,
    base: Base | None,
    drifted: Digest | None = None,
) -> UpdatePost:
    """Return the change that brings these fields, and the body where it moved, to the post.

    `drifted`: base's body, where Ghost's has moved away from it and stays as it is.
    """
    draft = record_draft(
        local,
        policy.project,
        kept=_kept(base, local, remote, policy),
        slug=sends.get(SLUG, remote.slug),
        drifted=drifted,
    )
    return UpdatePost(
        path=pair.path,
        kind=pair.kind,
        id=remote.id,
        slug=remote.slug,
        title=local.document.title,
        expected=remote.updated_at,
        sends=dict(sends),
        before={name: remote.slug if name == SLUG else remote.fields.get(name) for name in sends},
        lexical=local.lexical if body_changed else (remote.lexical or local.lexical),
        body_changed=body_changed,
        draft=draft,
        status=status_of(remote),
        was=remote.fields,
        body=remote.body,
        url=remote.url,
        mobiledoc=remote.mobiledoc is not None,
        marker_tags=_marker_tags(remote),
        text_before=pair.incoming or pair.base_body or "" if body_changed else "",
        text_after=local.source_body if body_changed else "",
        body_line=local.document.body_line,
    )


def _marker_tags(remote: Post) -> tuple[str, ...] | None:
    tags = remote.fields.get(FieldName("tags"))
    return None if remote.has_marker or not isinstance(tags, tuple) else tags


def record_draft(
    local: Prepared,
    project: str | None,
    *,
    kept: Mapping[FieldName, FieldValue],
    slug: FieldValue = None,
    drifted: Digest | None = None,
) -> RecordDraft:
    """Return what the record of a write of this document will say."""
    document = local.document
    return RecordDraft(
        project=project,
        path=document.path,
        slug=document.slug if slug is None else slug,  # type: ignore[arg-type]
        source=document.source,
        source_digest=document.digest,
        fields={name: value for name, value in local.fields.items() if name not in SENDING},
        kept=kept,
        assets=local.assets,
        known=local.known,
        links=local.links,
        body=drifted,
    )


def _kept(base: Base | None, local: Prepared, remote: Post, policy: Policy) -> dict[FieldName, FieldValue]:
    """Return the content fields that nobody manages, as both sides last knew them, and who may read the post now.

    Where an editor has changed one since base, base's value stays in the record: so the edit stays visible as drift
    until a pull has brought it into the file.
    """
    theirs = comparable_fields(remote.fields, site_url=policy.site_url, now=policy.now)
    kept: dict[FieldName, FieldValue] = {}
    for name, spec in FIELDS.items():
        if spec.removal is not Removal.RESETS or name in local.fields or name not in theirs or name in SENDING:
            continue
        if base is None:
            value = theirs[name]
        elif name in base.fields:
            value = spec.default  # the key was removed: this very write resets it
        else:
            value = base.kept.get(name, spec.default)
        if value != spec.default:
            kept[name] = value
    return kept | {name: theirs[name] for name in DECISIONS if name in theirs and name not in local.fields}


def passed_schedule(
    sends: Mapping[FieldName, FieldValue], says: Mapping[FieldName, FieldValue], now: str
) -> dict[FieldName, FieldValue]:
    """A schedule in the past is a publication (Ghost refuses to schedule into the past).

    `says`: the document; where Ghost holds its date already, the date is not sent.
    """
    date = sends.get(PUBLISHED_AT, says.get(PUBLISHED_AT))
    if sends.get(STATUS) == "scheduled" and isinstance(date, str) and date <= now:
        return {STATUS: "published"}
    return {}


def fresh_date(
    sends: Mapping[FieldName, FieldValue], local: Prepared, remote: Post, now: str
) -> dict[FieldName, FieldValue]:
    """A scheduled post that is published now would keep its date in the future; readers would see it dated so."""
    date = remote.fields.get(PUBLISHED_AT)
    publishes = sends.get(STATUS) == "published" and status_of(remote) == "scheduled"
    if publishes and PUBLISHED_AT not in local.fields and isinstance(date, str) and date > now:
        return {PUBLISHED_AT: now}
    return {}
