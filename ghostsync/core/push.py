"""What a push does with one pair: the push column of the table, made into changes.

Nothing here merges. Where both sides moved, the document must already contain what happened in Ghost; else the push
refuses, shows both sides, and says how to get there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from ghostsync.core.base import PUBLISHED_AT, SENDING, SLUG, STATUS, Base, comparable_fields, drifted_fields
from ghostsync.core.compare import Comparison, Prepared, compare, first_disagreements
from ghostsync.core.email import email_of, vanishes
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.core.merge import contains_edit
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import (
    AdoptPost,
    Change,
    Conflict,
    CreatePost,
    DeletePost,
    Disagreement,
    Forget,
    Note,
    NoteKind,
    Prefer,
    Prune,
    Reason,
    RecordDraft,
    UnpublishPost,
    UpdatePost,
    Why,
)
from ghostsync.core.reconcile import Row, Side, find_row
from ghostsync.errors import Problem
from ghostsync.model import FieldName, FieldValue, Post

TITLE = FieldName("title")


def decide_push(pair: Pair, policy: Policy) -> Verdict:
    """Return what a push does with a pair."""
    local, remote, base = pair.local, pair.remote, pair.base
    if base is None:
        if local is not None and remote is not None:
            return _first_meeting(pair, local, remote, policy)
        row = find_row(
            has_base=False,
            local=Side.ABSENT if local is None else Side.PRESENT,
            remote=Side.ABSENT if remote is None else Side.PRESENT,
        )
        if local is not None:
            return _create(row, pair, local, policy)
        return _unmanaged(row, pair)
    if local is not None and remote is not None:
        return _both_there(pair, base, local, remote, policy)
    if local is not None:
        return _gone_in_ghost(pair, base, local, policy)
    if remote is not None:
        return _gone_here(pair, base, remote, policy)
    row = find_row(has_base=True, local=Side.ABSENT, remote=Side.ABSENT)
    return Verdict(row=row.number, changes=(Forget(path=pair.path, id=pair.gone),))


# ---------------------------------------------------------------------------------------------- rows 1 and 2


def _create(row: Row, pair: Pair, local: Prepared, policy: Policy) -> Verdict:
    if pair.deletion is not None and policy.prefer is not Prefer.LOCAL:
        return Verdict(row=10, notes=(_deleted_note(pair),))
    sends = {name: value for name, value in local.fields.items() if name not in SENDING}
    sends[SLUG] = local.document.slug
    sends |= _passed_schedule(sends, policy.now)
    change = CreatePost(
        path=pair.path,
        kind=pair.kind,
        slug=local.document.slug,
        title=local.document.title,
        sends=sends,
        lexical=local.lexical,
        draft=record_draft(local, policy.project, kept={}),
        text=local.source_body,
    )
    return _guard_email(Verdict(row=row.number, changes=(change,)), pair, policy)


def _unmanaged(row: Row, pair: Pair) -> Verdict:
    note = Note(kind=NoteKind.UNMANAGED, path=pair.path, message="is in Ghost only; ghostsync leaves it alone")
    return Verdict(row=row.number, notes=(note,))


# ---------------------------------------------------------------------------------------------- row 3


def _first_meeting(pair: Pair, local: Prepared, remote: Post, policy: Policy) -> Verdict:
    row = find_row(has_base=False, local=Side.PRESENT, remote=Side.PRESENT)
    differ = first_disagreements(local, remote, site_url=policy.site_url, now=policy.now)
    same_body = local.body == remote.body
    if same_body and not differ:
        return Verdict(row=row.number, changes=(_adopt(pair, local, remote, policy),))
    if policy.prefer is Prefer.LOCAL:
        sends = {d.name: local.fields.get(d.name, d.local) for d in differ}
        change = _update(pair, local, remote, policy, sends=sends, body_changed=not same_body, base=None)
        return _guard_email(Verdict(row=row.number, changes=(change,)), pair, policy)
    if policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(_kept_note(pair),))
    what = _listing([*(d.name for d in differ), *(() if same_body else ("body",))])
    early = " (this clone's history ends early; `git fetch --unshallow` may help)" if pair.history_ends_early else ""
    conflict = Conflict(
        path=pair.path,
        why=Why.NO_SHARED_HISTORY,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"Ghost has a {remote.kind} `{remote.slug}` of its own, and {what} differ{early}",
        hint=f"`ghostsync pull {pair.path}` merges it into the file, "
        f"`ghostsync push {pair.path} --prefer local` overwrites it",
        fields=differ,
        body_base=None,
        body_local=None if same_body else local.source_body,
        body_remote=None if same_body else pair.incoming,
        edit=pair.edit,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _adopt(pair: Pair, local: Prepared, remote: Post, policy: Policy) -> AdoptPost:
    return AdoptPost(
        path=pair.path,
        kind=pair.kind,
        id=remote.id,
        slug=remote.slug,
        title=local.document.title,
        expected=remote.updated_at,
        lexical=remote.lexical or local.lexical,
        draft=record_draft(local, policy.project, kept=_kept(None, local, remote, policy), slug=remote.slug),
        status=_status(remote),
        mobiledoc=remote.mobiledoc is not None,
        marker_tags=_marker_tags(remote),
    )


# ---------------------------------------------------------------------------------------------- rows 4 to 7


def _both_there(pair: Pair, base: Base, local: Prepared, remote: Post, policy: Policy) -> Verdict:
    seen = compare(base, local, remote, site_url=policy.site_url, now=policy.now)
    row = find_row(
        has_base=True,
        local=Side.CHANGED if seen.local_moved else Side.SAME,
        remote=Side.CHANGED if seen.remote_moved else Side.SAME,
    )
    match (seen.local_moved, seen.remote_moved):
        case (False, False):
            return Verdict(row=row.number, notes=_unmanaged_drift(pair, seen))
        case (True, False):
            return _follow(row, pair, base, local, remote, policy, seen)
        case (False, True):
            return Verdict(row=row.number, notes=(_drift_note(pair, seen),))
        case _:
            return _both_moved(row, pair, base, local, remote, policy, seen)


def _follow(
    row: Row, pair: Pair, base: Base, local: Prepared, remote: Post, policy: Policy, seen: Comparison
) -> Verdict:
    """The document moved; the post gets what moved, and nothing else."""
    sends: dict[FieldName, FieldValue] = {}
    for name in seen.sends:
        if name == SLUG:
            sends[name] = local.document.slug
        else:
            sends[name] = local.fields[name] if name in local.fields else FIELDS[name].default
    body_changed = seen.body_local_moved and not seen.body_equal
    sends |= _passed_schedule(sends, policy.now)
    if not sends and not body_changed:
        # What moved here is already there, or only the record would change: nothing that anyone reads.
        if seen.body_remote_moved or seen.drifted or _stale_names(base, local):
            return Verdict(row=row.number, changes=(_adopt(pair, local, remote, policy),))
        return Verdict(row=4, notes=_unmanaged_drift(pair, seen))
    problem = _forbidden_move(pair, local, remote, sends)
    if problem is not None:
        return Verdict(row=row.number, problems=(problem,))
    sends |= _fresh_date(sends, local, remote, policy.now)
    change = _update(pair, local, remote, policy, sends=sends, body_changed=body_changed, base=base)
    notes = [*_unmanaged_drift(pair, seen), *_slug_note(pair, remote, sends, policy)]
    return _guard_email(Verdict(row=row.number, changes=(change,), notes=tuple(notes)), pair, policy)


def _stale_names(base: Base, local: Prepared) -> bool:
    """Whether the record names another path than the document has now: a rename must be remembered."""
    return base.path != local.document.path


def _both_moved(
    row: Row, pair: Pair, base: Base, local: Prepared, remote: Post, policy: Policy, seen: Comparison
) -> Verdict:
    """Both sides moved: pass only where the document already contains Ghost's edit."""
    body_contained = (
        not seen.body_remote_moved
        or seen.body_equal
        or (
            pair.base_body is not None
            and pair.incoming is not None
            and contains_edit(pair.base_body, local.source_body, pair.incoming)
        )
    )
    only_there = tuple(name for name in seen.drifted if not seen.fields[name].local_moved)
    if body_contained and not seen.contested and not only_there:
        return _follow(row, pair, base, local, remote, policy, seen)
    if policy.prefer is Prefer.LOCAL:
        return _follow(row, pair, base, local, remote, policy, _without_only_there(seen, only_there))
    if policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(_kept_note(pair),))
    names = [*seen.drifted, *(() if body_contained else ("body",))]
    conflict = Conflict(
        path=pair.path,
        why=Why.BOTH_CHANGED,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"changed here and in Ghost ({_listing(names)}{_by_whom(pair)})",
        hint=f"`ghostsync pull {pair.path}` merges Ghost's edit into the file; then push again. "
        f"`ghostsync push {pair.path} --prefer local` overwrites it",
        fields=tuple(
            Disagreement(
                name=name,
                base=seen.fields[name].base,
                local=seen.fields[name].local,
                remote=seen.fields[name].remote,
            )
            for name in seen.drifted
        ),
        body_base=None if body_contained else pair.base_body,
        body_local=None if body_contained else local.source_body,
        body_remote=None if body_contained else pair.incoming,
        edit=pair.edit,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _without_only_there(seen: Comparison, only_there: tuple[FieldName, ...]) -> Comparison:
    """`--prefer local` decides what both sides changed; what only Ghost changed is no conflict and stays."""
    return replace(seen, fields={name: view for name, view in seen.fields.items() if name not in only_there})


# ---------------------------------------------------------------------------------------------- rows 8 to 11


def _gone_here(pair: Pair, base: Base, remote: Post, policy: Policy) -> Verdict:
    drifted = drifted_fields(base, remote, site_url=policy.site_url, now=policy.now)
    managed = [name for name in drifted if name in base.fields or name == SLUG]
    moved = remote.body != base.body or bool(managed)
    row = find_row(has_base=True, local=Side.ABSENT, remote=Side.CHANGED if moved else Side.SAME)
    if moved and policy.prefer is not Prefer.LOCAL:
        if policy.prefer is Prefer.REMOTE:
            return Verdict(row=row.number, notes=(_kept_note(pair),))
        names = [*managed, *(("body",) if remote.body != base.body else ())]
        conflict = Conflict(
            path=pair.path,
            why=Why.DELETED_HERE,
            kind=remote.kind,
            id=remote.id,
            title=_title(remote),
            message=f"deleted here, but edited in Ghost ({_listing(names)}{_by_whom(pair)})",
            hint=f"`ghostsync pull {pair.path}` brings it back; `--prefer local` lets the prune policy act on it",
            edit=pair.edit,
        )
        return Verdict(row=row.number, conflicts=(conflict,))
    return Verdict(row=row.number, **_prune(pair, remote, policy))  # type: ignore[arg-type]


def _prune(pair: Pair, remote: Post, policy: Policy) -> dict[str, tuple[Change, ...] | tuple[Note, ...]]:
    was = {"path": pair.path, "kind": remote.kind, "id": remote.id, "slug": remote.slug, "title": _title(remote)}
    facts = {"expected": remote.updated_at, "status": _status(remote), "was": remote.fields, "body": remote.body}
    orphan = f"its document is gone; Ghost keeps the {_status(remote)} {remote.kind} `{remote.slug}`"
    match policy.prune:
        case Prune.REPORT:
            hint = f"`ghostsync push --prune draft` unpublishes it, `--prune delete` deletes it for good; {_ADOPT_AWAY}"
            return {"notes": (Note(kind=NoteKind.ORPHAN, path=pair.path, message=orphan, hint=hint),)}
        case Prune.DRAFT if _status(remote) == "draft":
            return {"notes": (Note(kind=NoteKind.ORPHAN, path=pair.path, message=orphan),)}
        case Prune.DRAFT:
            return {"changes": (UnpublishPost(**was, **facts),)}  # type: ignore[arg-type]
        case Prune.DELETE if remote.email_status is not None:
            message = f"{orphan}; it was emailed, and what was emailed is never deleted by policy"
            return {"notes": (Note(kind=NoteKind.ORPHAN, path=pair.path, message=message, hint="delete it in Ghost"),)}
        case Prune.DELETE:
            return {"changes": (DeletePost(**was, **facts, reason=Reason.PRUNE),)}  # type: ignore[arg-type]
        case _:
            assert_never(policy.prune)


_ADOPT_AWAY = "to keep it in Ghost without a document, do nothing"


def _gone_in_ghost(pair: Pair, base: Base, local: Prepared, policy: Policy) -> Verdict:
    changed = local.document.digest != base.source_digest and local.body != base.body
    row = find_row(has_base=True, local=Side.CHANGED if changed else Side.SAME, remote=Side.ABSENT)
    if policy.prefer is Prefer.LOCAL:
        return replace(_create(row, pair, local, policy), row=row.number)
    if not changed or policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(_deleted_note(pair),))
    conflict = Conflict(
        path=pair.path,
        why=Why.DELETED_IN_GHOST,
        kind=pair.kind,
        title=local.document.title,
        message=f"edited here, but deleted in Ghost{_deleted_by(pair)}",
        hint=f"`ghostsync push {pair.path} --prefer local` creates it again; delete the file to agree with Ghost",
        edit=pair.deletion,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _deleted_note(pair: Pair) -> Note:
    return Note(
        kind=NoteKind.DELETED_IN_GHOST,
        path=pair.path,
        message=f"was deleted in Ghost{_deleted_by(pair)} and stays so",
        hint=f"`ghostsync push {pair.path} --prefer local` creates it again; delete the file to agree with Ghost",
        edit=pair.deletion,
    )


# ---------------------------------------------------------------------------------------------- building changes


def _update(
    pair: Pair,
    local: Prepared,
    remote: Post,
    policy: Policy,
    *,
    sends: Mapping[FieldName, FieldValue],
    body_changed: bool,
    base: Base | None,
) -> UpdatePost:
    draft = record_draft(
        local,
        policy.project,
        kept=_kept(base, local, remote, policy),
        slug=sends.get(SLUG, remote.slug),
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
        status=_status(remote),
        was=remote.fields,
        body=remote.body,
        url=remote.url,
        mobiledoc=remote.mobiledoc is not None,
        marker_tags=_marker_tags(remote),
        text_before=pair.incoming or pair.base_body or "" if body_changed else "",
        text_after=local.source_body if body_changed else "",
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
    )


def _kept(base: Base | None, local: Prepared, remote: Post, policy: Policy) -> dict[FieldName, FieldValue]:
    """Return the content fields that nobody manages, as both sides last knew them.

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
    return kept


def _passed_schedule(sends: Mapping[FieldName, FieldValue], now: str) -> dict[FieldName, FieldValue]:
    """A schedule in the past is a publication (Ghost refuses to schedule into the past)."""
    date = sends.get(PUBLISHED_AT)
    if sends.get(STATUS) == "scheduled" and isinstance(date, str) and date <= now:
        return {STATUS: "published"}
    return {}


def _fresh_date(
    sends: Mapping[FieldName, FieldValue], local: Prepared, remote: Post, now: str
) -> dict[FieldName, FieldValue]:
    """A scheduled post that is published now would keep its date in the future; readers would see it dated so."""
    date = remote.fields.get(PUBLISHED_AT)
    publishes = sends.get(STATUS) == "published" and _status(remote) == "scheduled"
    if publishes and PUBLISHED_AT not in local.fields and isinstance(date, str) and date > now:
        return {PUBLISHED_AT: now}
    return {}


def _forbidden_move(pair: Pair, local: Prepared, remote: Post, sends: Mapping[FieldName, FieldValue]) -> Problem | None:
    """Ghost refuses to schedule what is published."""
    if sends.get(STATUS) == "scheduled" and _status(remote) in {"published", "sent"}:
        return Problem(
            path=pair.path,
            line=local.document.line_of(STATUS),
            message="Ghost cannot schedule a post that is published already",
            hint="set `status: draft`, push, then schedule it; or keep `status: published` and change its `date`",
        )
    return None


def _guard_email(verdict: Verdict, pair: Pair, policy: Policy) -> Verdict:
    """Refuse what would email somebody unasked, and name the email where it was asked for."""
    (change,) = verdict.changes
    if not isinstance(change, CreatePost | UpdatePost) or pair.local is None:
        return verdict
    email = email_of(change.sends, pair.local.fields, pair.remote)
    if email is not None and policy.send_email:
        return replace(verdict, changes=(replace(change, email=email),))
    if email is not None:
        declared = pair.local.fields.get(FieldName("newsletter")) is not None
        who = "the document names" if declared else "somebody in Ghost set"
        conflict = _email_conflict(
            pair,
            f"{who} the newsletter `{email.newsletter}`, and publishing would email it",
            "`--send-email` publishes and emails; "
            + (
                "remove `newsletter:` to publish without an email"
                if declared
                else "unschedule it in Ghost to drop the newsletter"
            ),
        )
        return replace(verdict, changes=(), conflicts=(conflict,))
    if vanishes(change.sends, pair.local.fields, pair.remote):
        conflict = _email_conflict(
            pair,
            "it is `email_only` and names no newsletter: published, it would be neither sent nor shown",
            "add `newsletter:` and push with `--send-email`, or set `email_only: false`",
        )
        return replace(verdict, changes=(), conflicts=(conflict,))
    return verdict


def _email_conflict(pair: Pair, message: str, hint: str) -> Conflict:
    return Conflict(
        path=pair.path,
        why=Why.EMAIL,
        kind=pair.kind,
        id=None if pair.remote is None else pair.remote.id,
        title="" if pair.local is None else pair.local.document.title,
        message=message,
        hint=hint,
        edit=pair.edit,
    )


# ---------------------------------------------------------------------------------------------- words


def _drift_note(pair: Pair, seen: Comparison) -> Note:
    names = [*seen.remote_fields, *(("body",) if seen.body_remote_moved else ())]
    return Note(
        kind=NoteKind.DRIFTED,
        path=pair.path,
        message=f"was changed in Ghost ({_listing(names)}{_by_whom(pair)}) and is kept",
        hint=f"`ghostsync pull {pair.path}` brings it into the file",
        fields=tuple(seen.remote_fields),
        edit=pair.edit,
    )


def _unmanaged_drift(pair: Pair, seen: Comparison) -> tuple[Note, ...]:
    """What Ghost's editors changed in fields that the document does not write: theirs, but worth knowing."""
    names = [name for name in seen.remote_fields if name not in seen.managed]
    if not names:
        return ()
    return (
        Note(
            kind=NoteKind.DRIFTED,
            path=pair.path,
            message=f"was changed in Ghost ({_listing(names)}{_by_whom(pair)}) and is kept",
            hint=f"`ghostsync pull {pair.path}` brings it into the file",
            fields=tuple(names),
            edit=pair.edit,
        ),
    )


def _kept_note(pair: Pair) -> Note:
    return Note(
        kind=NoteKind.DRIFTED,
        path=pair.path,
        message="conflicts with Ghost, and Ghost's version is kept (`--prefer remote`)",
        hint=f"`ghostsync pull {pair.path}` brings it into the file",
        edit=pair.edit,
    )


def _slug_note(pair: Pair, remote: Post, sends: Mapping[FieldName, FieldValue], policy: Policy) -> tuple[Note, ...]:
    if SLUG not in sends or _status(remote) not in {"published", "sent"}:
        return ()
    old = remote.url.removeprefix(policy.site_url.rstrip("/")) or f"/{remote.slug}/"
    new = old.replace(remote.slug, str(sends[SLUG]))
    redirect = f'{{"from": "^{old}$", "to": "{new}", "permanent": true}}'
    return (
        Note(
            kind=NoteKind.SLUG_CHANGE,
            path=pair.path,
            message=f"a published address moves from {old} to {new}; the old one will answer 404",
            hint=f"add to Ghost's redirects: {redirect}",
        ),
    )


def _by_whom(pair: Pair) -> str:
    edit = pair.edit
    return "" if edit is None or edit.who is None else f", by {edit.who} at {readable(edit.at)}"


def _deleted_by(pair: Pair) -> str:
    edit = pair.deletion
    if edit is None:
        return ""
    return f" by {edit.who or 'somebody'} at {readable(edit.at)}"


def readable(at: str) -> str:
    """Return an instant as people read it: `2026-11-23 07:45 UTC`."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) >= 16 else at


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names)


def _status(post: Post) -> str:
    return str(post.fields.get(STATUS) or "draft")


def _title(post: Post) -> str:
    return str(post.fields.get(TITLE) or post.slug)
