"""What a push does where one side is gone: rows 8 to 11 of the table.

Nothing goes for want of a document but what this project has written, nobody has touched since, and the prune policy
lets go; and nothing comes back that a person has deleted in Ghost, unless the run says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ghostsync.core.base import Base, comparable_fields, drifted_fields, seconds_between
from ghostsync.core.changes import Change, DeletePost, Reason, UnpublishPost
from ghostsync.core.compare import Prepared
from ghostsync.core.conflicts import Conflict, Note, NoteKind, Why
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer, Prune
from ghostsync.core.push_new import create
from ghostsync.core.push_words import by_whom, deleted_by, deleted_note, kept_note, listing, status_of, title_of
from ghostsync.core.reconcile import Side, find_row
from ghostsync.core.typed import typed
from ghostsync.model import Post


def miss_document(pair: Pair, base: Base, remote: Post, policy: Policy) -> Verdict:
    """Return what a push does with a post whose document is gone: rows 8 and 9."""
    # Every field counts, written by the document or not, and so does whatever else a person did to the post (the log
    # knows it): it would go with the post.
    drifted = drifted_fields(base, remote, site_url=policy.site_url, now=policy.now)
    moved = remote.body != base.body or bool(drifted) or _touched_since(pair, remote)
    row = find_row(has_base=True, local=Side.ABSENT, remote=Side.CHANGED if moved else Side.SAME)
    if moved and policy.prefer is not Prefer.LOCAL:
        if policy.prefer is Prefer.REMOTE:
            return Verdict(row=row.number, notes=(kept_note(pair),))
        names = [*drifted, *(("body",) if remote.body != base.body else ())]
        conflict = Conflict(
            path=pair.path,
            why=Why.DELETED_HERE,
            kind=remote.kind,
            id=remote.id,
            title=title_of(remote),
            message=f"deleted here, but edited in Ghost ({listing(names) or 'saved'}{by_whom(pair)})",
            hint=f"`ghostsync pull {typed(pair.path)}` brings it back; "
            + (
                "to be rid of the draft, delete it in Ghost"
                if status_of(remote) == "draft"
                else f"`ghostsync push {typed(pair.path)} --prefer local --prune draft` unpublishes the post"
            ),
            edit=pair.edit,
        )
        return Verdict(row=row.number, conflicts=(conflict,))
    return Verdict(row=row.number, **_prune(pair, remote, policy))  # type: ignore[arg-type]


def _touched_since(pair: Pair, remote: Post) -> bool:
    """Whether a person saved the post after our last write, whatever that changed (publishing a draft, say)."""
    record = remote.ownership
    return record is not None and pair.edit is not None and seconds_between(record.at, pair.edit.at) > 0


def _prune(pair: Pair, remote: Post, policy: Policy) -> dict[str, tuple[Change, ...] | tuple[Note, ...]]:
    was = {"path": pair.path, "kind": remote.kind, "id": remote.id, "slug": remote.slug, "title": title_of(remote)}
    facts = {"expected": remote.updated_at, "status": status_of(remote), "was": remote.fields, "body": remote.body}
    orphan = f"its document is gone; Ghost keeps the {status_of(remote)} {remote.kind} `{remote.slug}`"
    match policy.prune:
        case Prune.REPORT:
            ways = "`ghostsync push --prune draft` unpublishes it, `--prune delete` deletes it for good"
            if status_of(remote) == "draft":
                ways = "`ghostsync push --prune delete` deletes it for good"
            hint = f"{ways}; {_ADOPT_AWAY}"
            return {"notes": (Note(kind=NoteKind.ORPHAN, path=pair.path, message=orphan, hint=hint),)}
        case Prune.DRAFT if status_of(remote) == "draft":
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


def miss_post(pair: Pair, base: Base, local: Prepared, policy: Policy) -> Verdict:
    """Return what a push does with a document whose post was deleted in Ghost: rows 10 and 11."""
    mine = comparable_fields(local.fields, site_url=policy.site_url, now=policy.now)
    then = comparable_fields(base.fields, site_url=policy.site_url, now=policy.now)
    changed = local.document.digest != base.source_digest and (local.body != base.body or mine != then)
    row = find_row(has_base=True, local=Side.CHANGED if changed else Side.SAME, remote=Side.ABSENT)
    if policy.prefer is Prefer.LOCAL:
        return replace(create(row, pair, local, policy), row=row.number)
    if not changed or policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(deleted_note(pair),))
    conflict = Conflict(
        path=pair.path,
        why=Why.DELETED_IN_GHOST,
        kind=pair.kind,
        title=local.document.title,
        message=f"edited here, but deleted in Ghost{deleted_by(pair)}",
        hint=f"`ghostsync push {typed(pair.path)} --prefer local` creates it again; "
        "delete the file to agree with Ghost",
        edit=pair.deletion,
    )
    return Verdict(row=row.number, conflicts=(conflict,))
