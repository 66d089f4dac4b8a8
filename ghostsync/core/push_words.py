"""What a push says: notes, and the parts of sentences that notes and conflicts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghostsync.core.base import PUBLISHED_AT, SLUG, STATUS, TITLE
from ghostsync.core.compare import Comparison, Prepared
from ghostsync.core.conflicts import Conflict, Note, NoteKind, Why
from ghostsync.core.counted import spoken_value
from ghostsync.core.pair import Behind, Pair, Policy
from ghostsync.core.typed import typed
from ghostsync.model import FieldName, FieldValue, Post


def drift_note(pair: Pair, seen: Comparison) -> Note:
    """What changed in Ghost only."""
    names = [*seen.remote_fields, *(("body",) if seen.body_remote_moved else ())]
    return Note(
        kind=NoteKind.DRIFTED,
        path=pair.path,
        message=f"was changed in Ghost ({listing(names)}{by_whom(pair)}) and is kept",
        hint=f"`ghostsync pull {typed(pair.path)}` brings it into the file",
        fields=tuple(seen.remote_fields),
        edit=pair.edit,
    )


def unmanaged_drift_notes(pair: Pair, seen: Comparison) -> tuple[Note, ...]:
    """What Ghost's editors changed in fields that the document does not write: theirs, but worth knowing."""
    names = [name for name in seen.remote_fields if name not in seen.managed]
    if not names:
        return ()
    return (
        Note(
            kind=NoteKind.DRIFTED,
            path=pair.path,
            message=f"was changed in Ghost ({listing(names)}{by_whom(pair)}) and is kept",
            hint=f"`ghostsync pull {typed(pair.path)}` brings it into the file",
            fields=tuple(names),
            edit=pair.edit,
        ),
    )


def kept_note(pair: Pair) -> Note:
    """A conflict that `--prefer remote` settled."""
    return Note(
        kind=NoteKind.DRIFTED,
        path=pair.path,
        message="conflicts with Ghost, and Ghost's version is kept (`--prefer remote`)",
        hint=f"`ghostsync pull {typed(pair.path)}` brings it into the file",
        edit=pair.edit,
    )


def deleted_note(pair: Pair) -> Note:
    """What a person deleted in Ghost, or what a site that was put back no longer holds."""
    gone = f"was deleted in Ghost{deleted_by(pair)} and stays so"
    lost = "is no longer in Ghost, whose log tells of no deletion (a reset, a restored backup?), and stays so"
    return Note(
        kind=NoteKind.DELETED_IN_GHOST,
        path=pair.path,
        message=lost if pair.deletion is None else gone,
        hint=f"`ghostsync push {typed(pair.path)} --prefer local` creates it again; "
        "delete the file to agree with Ghost",
        edit=pair.deletion,
    )


def slug_notes(pair: Pair, remote: Post, sends: Mapping[FieldName, FieldValue], policy: Policy) -> tuple[Note, ...]:
    """Return the redirect that a moved public address needs."""
    if SLUG not in sends or status_of(remote) not in {"published", "sent"}:
        return ()
    old = remote.url.removeprefix(policy.site_url.rstrip("/")) or f"/{remote.slug}/"
    head, found, tail = old.rpartition(remote.slug)  # dates and tags before it may read like the slug
    if not found:
        return ()  # the site's addresses hold no slug
    new = f"{head}{sends[SLUG]}{tail}"
    redirect = f'{{"from": "^{old}$", "to": "{new}", "permanent": true}}'
    return (
        Note(
            kind=NoteKind.SLUG_CHANGE,
            path=pair.path,
            message=f"a published address moves from {old} to {new}; the old one will answer 404",
            hint=f"add to Ghost's redirects: {redirect}",
        ),
    )


def early_notes(pair: Pair, local: Prepared, sends: Mapping[FieldName, FieldValue], now: str) -> tuple[Note, ...]:
    """Say that a post is published today under a date to come: site generators wait for the date, Ghost does not."""
    date = sends.get(PUBLISHED_AT, local.fields.get(PUBLISHED_AT))
    if sends.get(STATUS) != "published" or not isinstance(date, str) or date <= now:
        return ()
    return (
        Note(
            kind=NoteKind.WARNING,
            path=pair.path,
            line=local.document.line_of(PUBLISHED_AT),
            message=f"readers see it at once, although its date is {spoken_value(date)}",
            hint="`status: scheduled` publishes it on that date",
        ),
    )


def behind_conflict(pair: Pair, remote: Post, behind: Behind) -> Conflict:
    """Say that a newer version than this clone has was pushed already."""
    return Conflict(
        path=pair.path,
        why=Why.BEHIND,
        kind=pair.kind,
        id=remote.id,
        title="" if pair.local is None else pair.local.document.title,
        message=f"is as it was committed at {readable(behind.committed_at)}; "
        f"a version that this clone does not have was pushed at {readable(behind.pushed_at)}",
        hint="`git pull` first, or commit what you have changed; "
        f"`ghostsync push {typed(pair.path)} --prefer local` goes back to this version",
    )


def by_whom(pair: Pair) -> str:
    """Return who edited and when, as the end of a list; where the log names no person, when the post was saved last."""
    edit = pair.edit
    if edit is not None and edit.who is not None:
        return f", by {edit.who} at {readable(edit.at)}"
    return "" if pair.remote is None else f"; last saved at {readable(pair.remote.updated_at)}"


def deleted_by(pair: Pair) -> str:
    """Return who deleted the post and when."""
    edit = pair.deletion
    if edit is None:
        return ""
    return f" by {edit.who or 'somebody'} at {readable(edit.at)}"


def readable(at: str) -> str:
    """Return an instant as people read it: `2026-11-23 07:45 UTC`."""
    return f"{at[:10]} {at[11:16]} UTC" if len(at) >= 16 else at


def listing(names: Sequence[str]) -> str:
    """Return names as people list them."""
    return ", ".join(names)


def status_of(post: Post) -> str:
    """Return the post's status."""
    return str(post.fields.get(STATUS) or "draft")


def title_of(post: Post) -> str:
    """Return the title, or the slug of a post without one."""
    return str(post.fields.get(TITLE) or post.slug)
