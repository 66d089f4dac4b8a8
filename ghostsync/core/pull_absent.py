"""What a pull does with a post that has no file here: rows 2, 8 and 9 of the table.

The author's own text comes back where the record has it, with what happened in Ghost since; anything else is composed.
What was deleted here stays deleted, unless an editor has worked on it since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ghostsync.core.arrivals import Arrival
from ghostsync.core.base import Base, drifted_fields
from ghostsync.core.changes import Download, WriteFile
from ghostsync.core.compare import Prepared, compare
from ghostsync.core.configuration import Unmanaged
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.documents import parse_document
from ghostsync.core.layout import PullLayout
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer
from ghostsync.core.pull_import import compose
from ghostsync.core.pull_merge import edit_fields
from ghostsync.core.pull_text import composed, title_of
from ghostsync.core.reconcile import Row, Side, find_row
from ghostsync.core.typed import typed
from ghostsync.model import DocPath, Document, Post


def bring_file(pair: Pair, remote: Post, policy: Policy, layout: PullLayout, arrival: Arrival) -> Verdict:
    """Return what a pull does with a post without a file. Raises ContentError."""
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
        return Verdict(row=row.number, notes=(_deleted_here(pair, remote, is_managed=is_managed),))
    if base is not None:
        source = own_source(base, pair.path, layout)
        if source is not None and same:
            return _new_file(row, pair, remote, base.source or "", arrival.recorded)
        if source is not None:
            return _patched_source(row, pair, base, source, remote, policy, layout, arrival)
    text = compose(remote, pair.path, arrival, layout)
    return _new_file(row, pair, remote, text, arrival.needed(arrival.fields, body=True))


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
    fields = edit_fields(seen, local, remote, arrival.fields, Prefer.REMOTE)
    is_moved = seen.body_remote_moved and arrival.body is not None
    text = composed(source, arrival.body if is_moved and arrival.body is not None else source.body, fields, layout)
    return _new_file(row, pair, remote, text, (*arrival.recorded, *arrival.needed(fields.changes, body=is_moved)))


def _new_file(row: Row, pair: Pair, remote: Post, text: str, downloads: Sequence[Download]) -> Verdict:
    unique = {download.path: download for download in downloads}
    change = WriteFile(
        path=pair.path,
        kind=remote.kind,
        id=remote.id,
        slug=remote.slug,
        title=title_of(remote),
        content=text,
        expected=None,
        before=None,
        downloads=tuple(unique[path] for path in sorted(unique)),
        body_changed=True,
    )
    return Verdict(row=row.number, changes=(change,))


def _deleted_here(pair: Pair, remote: Post, *, is_managed: bool) -> Note:
    # A push takes nothing away that never was this tree's.
    goes = "`ghostsync push --prune draft` unpublishes what was deleted here" if is_managed else "or delete it in Ghost"
    return Note(
        kind=NoteKind.DELETED_HERE,
        path=pair.path,
        message=f"was deleted here; Ghost keeps the {remote.kind} `{remote.slug}`",
        hint=f"`ghostsync pull {typed(pair.path)} --prefer remote` brings it back, {goes}",
    )
