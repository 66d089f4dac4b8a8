"""What a pull does with one pair: the pull column of the table, made into changes of files.

A pull writes files and nothing else. It never takes anything away that a person here has written: what only Ghost
changed comes in, what only the file changed stays, and where both changed the same lines both stand there, marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ghostsync.core.arrivals import Arrival
from ghostsync.core.base import SLUG, Base
from ghostsync.core.compare import Comparison, Prepared, compare, first_disagreements
from ghostsync.core.conflicts import Conflict, Disagreement, Note, NoteKind, Why
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.core.layout import PullLayout
from ghostsync.core.merge import Merged, contains_edit
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer
from ghostsync.core.pull_absent import bring_file
from ghostsync.core.pull_gone import miss_post
from ghostsync.core.pull_merge import FieldEdits, edit_fields, fields_against, lay_side_by_side, merge_bodies
from ghostsync.core.pull_text import say_marks, unpushed, write_text
from ghostsync.core.push_words import by_whom
from ghostsync.core.reconcile import Side, find_row
from ghostsync.core.typed import typed
from ghostsync.errors import ContentError, Problem
from ghostsync.model import Post


def decide_pull(pair: Pair, policy: Policy, layout: PullLayout, arrival: Arrival | None) -> Verdict:
    """Return what a pull does with a pair; `arrival` is there exactly when the post is."""
    try:
        if pair.remote is None or arrival is None:
            return miss_post(pair, policy)
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
        return bring_file(pair, remote, policy, layout, arrival)
    if pair.base is None:
        return _first_meeting(pair, pair.local, remote, policy, layout, arrival)
    return _both_there(pair, pair.base, pair.local, remote, policy, layout, arrival)


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
        return Verdict(row=row.number, notes=(unpushed(pair),))
    document = local.document
    merged = Merged(text=local.source_body, conflicts=0)
    if not same_body and arrival.body is not None:
        merged = lay_side_by_side(local.source_body, arrival.body, policy.prefer)
    changes = fields_against(differ, local, remote, arrival.fields) if policy.prefer is Prefer.REMOTE else {}
    written = write_text(pair, local, remote, merged, FieldEdits(changes=changes), layout, arrival)
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
        message=f"Ghost has a {remote.kind} `{remote.slug}` of its own, "
        f"which differs in {what}{early}{say_marks(merged)}",
        hint=f"settle it in the file, then `ghostsync push {typed(pair.path)} --prefer local`; "
        f"or take Ghost's version: `ghostsync pull {typed(pair.path)} --prefer remote`",
        fields=differ,
        body_local=None if same_body else local.source_body,
        body_remote=None if same_body else arrival.body,
        body_line=local.document.body_line,
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
    fields = edit_fields(seen, local, remote, arrival.fields, policy.prefer)
    written = write_text(pair, local, remote, merged, fields, layout, arrival)
    conflicts: tuple[Conflict, ...] = ()
    if merged.conflicts or fields.contested:
        conflicts = (_conflict(pair, merged, fields.contested, local, remote, arrival),)
    notes = (unpushed(pair),) if seen.local_moved and not written and not conflicts and _differs(seen) else ()
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
    return Conflict(
        path=pair.path,
        why=Why.BOTH_CHANGED,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"changed here and in Ghost ({_listing(names)}{by_whom(pair)}){say_marks(merged)}",
        hint=f"settle it in the file, then `ghostsync push {typed(pair.path)}`; "
        f"or decide all of it: `ghostsync pull {typed(pair.path)} --prefer local`, or the same with `--prefer remote`",
        fields=contested,
        body_base=pair.base_body if merged.conflicts else None,
        body_local=local.source_body if merged.conflicts else None,
        body_remote=arrival.body if merged.conflicts else None,
        body_line=local.document.body_line,
        edit=pair.edit,
    )


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names)
