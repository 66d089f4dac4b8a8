"""What a pull does with one pair: the pull column of the table, made into changes of files.

A pull writes files and nothing else. It never takes anything away that a person here has written: what only Ghost
changed comes in, what only the file changed stays, and where both changed the same lines both stand there, marked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from ghostsync.core.arrivals import Arrival
from ghostsync.core.base import SLUG, Base, drifted_fields
from ghostsync.core.compare import Comparison, Prepared, compare, first_disagreements
from ghostsync.core.configuration import Unmanaged
from ghostsync.core.documents import parse_document
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.core.layout import PullLayout
from ghostsync.core.merge import Merged, contains_edit
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import (
    Conflict,
    Disagreement,
    Download,
    Forget,
    Note,
    NoteKind,
    Prefer,
    Prune,
    RemoveFile,
    Why,
    WriteFile,
)
from ghostsync.core.pull_import import compose
from ghostsync.core.pull_merge import (
    FieldEdits,
    edit_fields,
    edited,
    fields_against,
    lay_side_by_side,
    merge_bodies,
    with_body,
)
from ghostsync.core.push_words import readable
from ghostsync.core.reconcile import Row, Side, find_row
from ghostsync.errors import ContentError, Problem
from ghostsync.model import DocPath, Document, FieldName, Post

_TITLE = FieldName("title")


def decide_pull(pair: Pair, policy: Policy, layout: PullLayout, arrival: Arrival | None) -> Verdict:
    """Return what a pull does with a pair; `arrival` is there exactly when the post is."""
    try:
        if pair.remote is None or arrival is None:
            return _gone_in_ghost(pair, policy)
        verdict = _decide(pair, pair.remote, policy, layout, arrival)
    except ContentError as wrong:
        problems = wrong.problems or (Problem(path=pair.path, message=str(wrong), hint=wrong.hint),)
        return Verdict(row=0, problems=problems)
    if arrival.refused and verdict.changes:
        notes = tuple(
            Note(kind=NoteKind.WARNING, path=pair.path, message=f"{reason}; its address stays in the text")
            for reason in arrival.refused
        )
        verdict = replace(verdict, notes=(*verdict.notes, *notes))
    return verdict


def _decide(pair: Pair, remote: Post, policy: Policy, layout: PullLayout, arrival: Arrival) -> Verdict:
    if pair.local is None:
        return _no_file(pair, remote, policy, layout, arrival)
    if pair.base is None:
        return _first_meeting(pair, pair.local, remote, policy, layout, arrival)
    return _both_there(pair, pair.base, pair.local, remote, policy, layout, arrival)


# ---------------------------------------------------------------------------------------------- rows 2, 8 and 9


def _no_file(pair: Pair, remote: Post, policy: Policy, layout: PullLayout, arrival: Arrival) -> Verdict:
    base = pair.base
    drifted = () if base is None else drifted_fields(base, remote, site_url=policy.site_url, now=policy.now)
    same = base is not None and remote.body == base.body and not drifted
    row = find_row(
        has_base=base is not None,
        local=Side.ABSENT,
        remote=Side.PRESENT if base is None else Side.SAME if same else Side.CHANGED,
    )
    is_managed = remote.ownership is not None and remote.ownership.project == policy.project
    if base is None and not is_managed and layout.unmanaged is Unmanaged.IGNORE:
        note = Note(
            kind=NoteKind.UNMANAGED,
            path=pair.path,
            message=f"the {remote.kind} `{remote.slug}` is in Ghost only, and `pull.unmanaged` is `ignore`",
        )
        return Verdict(row=row.number, notes=(note,))
    stays_away = pair.was_here and (base is None or same or policy.prefer is Prefer.LOCAL)
    if stays_away and policy.prefer is not Prefer.REMOTE:
        return Verdict(row=row.number, notes=(_deleted_here(pair, remote),))
    if base is not None:
        source = own_source(base, pair.path, layout)
        if source is not None and same:
            return _new_file(row, pair, remote, base.source or "", arrival.recorded)
        if source is not None:
            return _patched_source(row, pair, base, source, remote, policy, layout, arrival)
    return _new_file(row, pair, remote, compose(remote, pair.path, arrival, layout), arrival.downloads)


def own_source(base: Base, path: DocPath, layout: PullLayout) -> Document | None:
    """Return the document that base's source is, if it is whole and reads the same here as there."""
    if base.source is None or base.path != path:
        return None
    data = base.source.encode("utf-8", "surrogatepass")
    if hashlib.sha256(data).hexdigest() != base.source_digest:
        return None
    return parse_document(path, data, layout.settings).document


def _patched_source(
    row: Row,
    pair: Pair,
    base: Base,
    source: Document,
    remote: Post,
    policy: Policy,
    layout: PullLayout,
    arrival: Arrival,
) -> Verdict:
    """The author's own text with what happened in Ghost since."""
    local = Prepared(
        document=source,
        fields=base.fields,
        lexical={},
        body=base.body,
        assets={},
        known=base.images,
        links=base.links,
        source_body=source.body,
    )
    seen = compare(base, local, remote, site_url=policy.site_url, now=policy.now)
    fields = edit_fields(seen, source, remote, arrival.fields, Prefer.REMOTE)
    body = source.body if not seen.body_remote_moved or arrival.body is None else arrival.body
    text = _composed(source, body, fields, layout)
    return _new_file(row, pair, remote, text, (*arrival.recorded, *arrival.downloads))


def _new_file(row: Row, pair: Pair, remote: Post, text: str, downloads: Sequence[Download]) -> Verdict:
    unique = {download.path: download for download in downloads}
    change = WriteFile(
        path=pair.path,
        kind=remote.kind,
        id=remote.id,
        slug=remote.slug,
        title=_title(remote),
        content=text,
        expected=None,
        before=None,
        downloads=tuple(unique[path] for path in sorted(unique)),
        body_changed=True,
    )
    return Verdict(row=row.number, changes=(change,))


def _deleted_here(pair: Pair, remote: Post) -> Note:
    return Note(
        kind=NoteKind.DELETED_HERE,
        path=pair.path,
        message=f"was deleted here; Ghost keeps the {remote.kind} `{remote.slug}`",
        hint="`ghostsync pull --prefer remote` brings it back, `ghostsync push --prune draft` unpublishes it",
    )


# ---------------------------------------------------------------------------------------------- row 3


def _first_meeting(
    pair: Pair, local: Prepared, remote: Post, policy: Policy, layout: PullLayout, arrival: Arrival
) -> Verdict:
    row = find_row(has_base=False, local=Side.PRESENT, remote=Side.PRESENT)
    differ = first_disagreements(local, remote, site_url=policy.site_url, now=policy.now)
    same_body = local.body == remote.body
    if same_body and not differ:
        return Verdict(row=row.number)
    if policy.prefer is Prefer.LOCAL:
        return Verdict(row=row.number, notes=(_unpushed(pair),))
    document = local.document
    merged = Merged(text=local.source_body, conflicts=0)
    if not same_body and arrival.body is not None:
        merged = lay_side_by_side(local.source_body, arrival.body, policy.prefer)
    changes = fields_against(differ, document, remote, arrival.fields) if policy.prefer is Prefer.REMOTE else {}
    written = _write(pair, local, remote, merged, FieldEdits(changes=changes), layout, arrival)
    if policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, changes=written)
    what = _listing([*(d.name for d in differ), *(() if same_body else ("body",))])
    early = " (this clone's history ends early; `git fetch --unshallow` may help)" if pair.history_ends_early else ""
    conflict = Conflict(
        path=pair.path,
        why=Why.NO_SHARED_HISTORY,
        kind=pair.kind,
        id=remote.id,
        title=document.title,
        message=f"Ghost has a {remote.kind} `{remote.slug}` of its own, and {what} differ{early}{_marks(merged)}",
        hint=f"settle it in the file, then `ghostsync push {pair.path} --prefer local`; "
        f"or take Ghost's version: `ghostsync pull {pair.path} --prefer remote`",
        fields=differ,
        body_local=None if same_body else local.source_body,
        body_remote=None if same_body else arrival.body,
        edit=pair.edit,
    )
    return Verdict(row=row.number, changes=written, conflicts=(conflict,))


# ---------------------------------------------------------------------------------------------- rows 4 to 7


def _both_there(
    pair: Pair, base: Base, local: Prepared, remote: Post, policy: Policy, layout: PullLayout, arrival: Arrival
) -> Verdict:
    seen = compare(base, local, remote, site_url=policy.site_url, now=policy.now)
    row = find_row(
        has_base=True,
        local=Side.CHANGED if seen.local_moved else Side.SAME,
        remote=Side.CHANGED if seen.remote_moved or _has_news(seen) else Side.SAME,
    )
    merged = _merge_body(pair, seen, local, arrival, policy)
    fields = edit_fields(seen, local.document, remote, arrival.fields, policy.prefer)
    written = _write(pair, local, remote, merged, fields, layout, arrival)
    conflicts: tuple[Conflict, ...] = ()
    if merged.conflicts or fields.contested:
        conflicts = (_conflict(pair, merged, fields.contested, local, remote, arrival),)
    notes = (_unpushed(pair),) if seen.local_moved and not written and not conflicts and _differs(seen) else ()
    return Verdict(row=row.number, changes=written, conflicts=conflicts, notes=notes)


def _has_news(seen: Comparison) -> bool:
    """Whether Ghost's editors set content that the author does not write: it comes in too."""
    return any(FIELDS[name].removal is Removal.RESETS or name == SLUG for name in seen.remote_fields)


def _differs(seen: Comparison) -> bool:
    return bool(seen.sends) or (seen.body_local_moved and not seen.body_equal)


def _merge_body(pair: Pair, seen: Comparison, local: Prepared, arrival: Arrival, policy: Policy) -> Merged:
    mine, theirs = local.source_body, arrival.body
    if not seen.body_remote_moved or seen.body_equal or theirs is None:
        return Merged(text=mine, conflicts=0)
    if not seen.body_local_moved:
        return Merged(text=theirs, conflicts=0)
    if pair.base_body is None:
        return lay_side_by_side(mine, theirs, policy.prefer)
    if contains_edit(pair.base_body, mine, theirs):
        return Merged(text=mine, conflicts=0)  # settled here already, and not pushed yet
    return merge_bodies(pair.base_body, mine, theirs, policy.prefer)


def _conflict(
    pair: Pair, merged: Merged, contested: tuple[Disagreement, ...], local: Prepared, remote: Post, arrival: Arrival
) -> Conflict:
    names = [*(d.name for d in contested), *(("body",) if merged.conflicts else ())]
    by = "" if pair.edit is None or pair.edit.who is None else f", by {pair.edit.who} at {readable(pair.edit.at)}"
    return Conflict(
        path=pair.path,
        why=Why.BOTH_CHANGED,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"changed here and in Ghost ({_listing(names)}{by}){_marks(merged)}",
        hint=f"settle it in the file, then `ghostsync push {pair.path}`; "
        f"or decide it for one side: `ghostsync pull {pair.path} --prefer local|remote`",
        fields=contested,
        body_base=pair.base_body if merged.conflicts else None,
        body_local=local.source_body if merged.conflicts else None,
        body_remote=arrival.body if merged.conflicts else None,
        edit=pair.edit,
    )


# ---------------------------------------------------------------------------------------------- rows 1, 10, 11, 12


def _gone_in_ghost(pair: Pair, policy: Policy) -> Verdict:
    local, base = pair.local, pair.base
    if local is None:
        row = find_row(has_base=True, local=Side.ABSENT, remote=Side.ABSENT)
        return Verdict(row=row.number, changes=(Forget(path=pair.path, id=pair.gone),))
    if base is None:
        if pair.deletion is not None:
            return Verdict(row=10, notes=(_deleted_there(pair),))
        row = find_row(has_base=False, local=Side.PRESENT, remote=Side.ABSENT)
        return Verdict(row=row.number, notes=(_unpushed(pair),))
    document = local.document
    changed = document.digest != base.source_digest
    row = find_row(has_base=True, local=Side.CHANGED if changed else Side.SAME, remote=Side.ABSENT)
    removes = policy.prefer is Prefer.REMOTE if changed else policy.prune is Prune.DELETE
    if removes:
        change = RemoveFile(
            path=pair.path, kind=pair.kind, slug=document.slug, title=document.title, expected=document.digest
        )
        return Verdict(row=row.number, changes=(change,))
    if not changed or policy.prefer is Prefer.LOCAL:
        return Verdict(row=row.number, notes=(_deleted_there(pair),))
    conflict = Conflict(
        path=pair.path,
        why=Why.DELETED_IN_GHOST,
        kind=pair.kind,
        title=document.title,
        message=f"edited here, but deleted in Ghost{_by_whom(pair)}",
        hint=f"`ghostsync push {pair.path} --prefer local` creates it again; delete the file to agree with Ghost",
        edit=pair.deletion,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _deleted_there(pair: Pair) -> Note:
    return Note(
        kind=NoteKind.DELETED_IN_GHOST,
        path=pair.path,
        message=f"was deleted in Ghost{_by_whom(pair)}; the file stays",
        hint=f"`ghostsync pull --prune` removes it, `ghostsync push {pair.path} --prefer local` creates the post again",
        edit=pair.deletion,
    )


def _by_whom(pair: Pair) -> str:
    edit = pair.deletion
    return "" if edit is None else f" by {edit.who or 'somebody'} at {readable(edit.at)}"


# ---------------------------------------------------------------------------------------------- texts


def _write(
    pair: Pair,
    local: Prepared,
    remote: Post,
    merged: Merged,
    fields: FieldEdits,
    layout: PullLayout,
    arrival: Arrival,
) -> tuple[WriteFile, ...]:
    document = local.document
    text = _composed(document, merged.text, fields, layout)
    if text == document.source:
        return ()
    change = WriteFile(
        path=pair.path,
        kind=pair.kind,
        id=remote.id,
        slug=remote.slug,
        title=document.title,
        content=text,
        expected=document.digest,
        before=document.source,
        downloads=_wanted(arrival.downloads, text),
        fields=tuple(fields.changes),
        body_changed=merged.text != document.body,
        marked=merged.conflicts,
    )
    return (change,)


def _composed(document: Document, body: str, fields: FieldEdits, layout: PullLayout) -> str:
    """Return the file's new text; raises ContentError rather than hand out one that reads otherwise than it should."""
    text = with_body(document, body) if body != document.body else document.source
    text = edited(text, fields.changes, document, layout.settings.aliases)
    parsed = parse_document(document.path, text.encode("utf-8", "surrogatepass"), layout.settings)
    if parsed.document is None:
        raise ContentError(f"{document.path}: Ghost's edit cannot be written", problems=parsed.problems)
    if parsed.document.body.lstrip("\r\n") != body.lstrip("\r\n"):
        problem = Problem(
            path=document.path,
            message="Ghost's edit would be read as front matter or as the title",
            hint="write a `title:` into the document, then pull again",
        )
        raise ContentError(str(problem), problems=(problem,))
    return text


def _wanted(downloads: Sequence[Download], text: str) -> tuple[Download, ...]:
    """Return the downloads that the text really shows: an address that a merge left out needs no file."""
    found = {
        download.path: download
        for download in downloads
        if (name := download.path.rpartition("/")[2]) in text or quote(name, safe="/-._~!$&'*+,;=@") in text
    }
    return tuple(sorted(found.values(), key=lambda download: download.path))


def _unpushed(pair: Pair) -> Note:
    return Note(
        kind=NoteKind.UNPUSHED,
        path=pair.path,
        message="has changes that are not in Ghost yet",
        hint=f"`ghostsync push {pair.path}` brings them there",
    )


def _marks(merged: Merged) -> str:
    if not merged.conflicts:
        return ""
    places = "a place is" if merged.conflicts == 1 else f"{merged.conflicts} places are"
    return f"; {places} marked in the file"


def _title(post: Post) -> str:
    return str(post.fields.get(_TITLE) or post.slug)


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names)
