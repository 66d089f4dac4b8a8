"""What a push does with one pair: the push column of the table, made into changes.

Nothing here merges. Where both sides moved, the document must already contain what happened in Ghost; else the push
refuses, shows both sides, and says how to get there. New documents are `push_new`'s, sides that are gone `push_gone`'s.
What a change carries is built in `push_changes`, what may not be sent is held back in `push_guards`, and the sentences
are in `push_words`.
"""

from __future__ import annotations

from dataclasses import replace

from ghostsync.core.base import (
    SLUG,
    Base,
    is_nameless,
)
from ghostsync.core.changes import Forget
from ghostsync.core.compare import Comparison, Prepared, compare, first_disagreements
from ghostsync.core.conflicts import Conflict, Disagreement, Why
from ghostsync.core.fields import FIELDS
from ghostsync.core.merge import contains_edit, field_contains_edit
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer
from ghostsync.core.push_changes import build_adopt, build_update, fresh_date, passed_schedule
from ghostsync.core.push_gone import miss_document, miss_post
from ghostsync.core.push_guards import forbidden_move, guard_email
from ghostsync.core.push_new import create
from ghostsync.core.push_words import (
    behind_conflict,
    by_whom,
    drift_note,
    early_notes,
    kept_note,
    listing,
    slug_notes,
    unmanaged_drift_notes,
)
from ghostsync.core.reconcile import Row, Side, find_row
from ghostsync.core.typed import typed
from ghostsync.model import FieldName, FieldValue, Post


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
            return create(row, pair, local, policy)
        return Verdict(row=row.number)
    if local is not None and remote is not None:
        return _both_there(pair, base, local, remote, policy)
    if local is not None:
        return miss_post(pair, base, local, policy)
    if remote is not None:
        return miss_document(pair, base, remote, policy)
    row = find_row(has_base=True, local=Side.ABSENT, remote=Side.ABSENT)
    return Verdict(row=row.number, changes=(Forget(path=pair.path, id=pair.gone),))


# ---------------------------------------------------------------------------------------------- row 3


def _first_meeting(pair: Pair, local: Prepared, remote: Post, policy: Policy) -> Verdict:
    row = find_row(has_base=False, local=Side.PRESENT, remote=Side.PRESENT)
    differ = first_disagreements(local, remote, site_url=policy.site_url, now=policy.now)
    same_body = local.body == remote.body
    if same_body and not differ:
        return Verdict(row=row.number, changes=(build_adopt(pair, local, remote, policy, base=None),))
    if policy.prefer is Prefer.LOCAL:
        sends = {d.name: local.fields.get(d.name, d.local) for d in differ}
        sends |= passed_schedule(sends, local.fields, policy.now)
        problem = forbidden_move(pair, local, remote, sends)
        if problem is not None:
            return Verdict(row=row.number, problems=(problem,))
        sends |= fresh_date(sends, local, remote, policy.now)
        change = build_update(pair, local, remote, policy, sends=sends, body_changed=not same_body, base=None)
        return guard_email(Verdict(row=row.number, changes=(change,)), pair, policy)
    if policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(kept_note(pair),))
    what = listing([*(d.name for d in differ), *(() if same_body else ("body",))])
    early = " (this clone's history ends early; `git fetch --unshallow` may help)" if pair.history_ends_early else ""
    conflict = Conflict(
        path=pair.path,
        why=Why.NO_SHARED_HISTORY,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"Ghost has a {remote.kind} `{remote.slug}` of its own, which differs in {what}{early}",
        hint=f"`ghostsync pull {typed(pair.path)}` merges it into the file, "
        f"`ghostsync push {typed(pair.path)} --prefer local` overwrites it",
        fields=differ,
        body_base=None,
        body_local=None if same_body else local.source_body,
        body_remote=None if same_body else pair.incoming,
        body_line=local.document.body_line,
        edit=pair.edit,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


# ---------------------------------------------------------------------------------------------- rows 4 to 7


def _both_there(pair: Pair, base: Base, local: Prepared, remote: Post, policy: Policy) -> Verdict:
    seen = compare(base, local, remote, site_url=policy.site_url, now=policy.now)
    row = find_row(
        has_base=True,
        local=Side.CHANGED if seen.local_moved else Side.SAME,
        remote=Side.CHANGED if seen.remote_moved else Side.SAME,
    )
    match (seen.local_moved, seen.remote_moved):
        case (False, False) if is_nameless(remote, policy.project):
            # Known from this machine's memory or Git; any other machine would adopt it at its first meeting.
            change = build_adopt(pair, local, remote, policy, base=base)
            return Verdict(row=row.number, changes=(change,), notes=unmanaged_drift_notes(pair, seen))
        case (False, False):
            return Verdict(row=row.number, notes=unmanaged_drift_notes(pair, seen))
        case (True, False) if pair.behind is not None and policy.prefer is Prefer.NEITHER:
            return Verdict(row=row.number, conflicts=(behind_conflict(pair, remote, pair.behind),))
        case (True, False) if pair.behind is not None and policy.prefer is Prefer.REMOTE:
            return Verdict(row=row.number, notes=(kept_note(pair),))
        case (True, False):
            return _follow(row, pair, base, local, remote, policy, seen)
        case (False, True):
            return Verdict(row=row.number, notes=(drift_note(pair, seen),))
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
    sends |= passed_schedule(sends, local.fields, policy.now)
    drifted = base.body if seen.body_remote_moved and not seen.body_equal and not body_changed else None
    if not sends and not body_changed:
        # What moved here is there already: only the record has to learn of it, which nobody reads.
        change = build_adopt(pair, local, remote, policy, base=base, drifted=drifted)
        return Verdict(row=row.number, changes=(change,))
    problem = forbidden_move(pair, local, remote, sends)
    if problem is not None:
        return Verdict(row=row.number, problems=(problem,))
    sends |= fresh_date(sends, local, remote, policy.now)
    update = build_update(
        pair, local, remote, policy, sends=sends, body_changed=body_changed, base=base, drifted=drifted
    )
    notes = [
        *unmanaged_drift_notes(pair, seen),
        *slug_notes(pair, remote, sends, policy),
        *early_notes(pair, local, sends, policy.now),
    ]
    return guard_email(Verdict(row=row.number, changes=(update,), notes=tuple(notes)), pair, policy)


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
    left = tuple(name for name in seen.drifted if not field_contains_edit(name, seen.fields[name]))
    if body_contained and not left:
        return _follow(row, pair, base, local, remote, policy, seen)
    if policy.prefer is Prefer.LOCAL:
        only_there = tuple(name for name in left if not seen.fields[name].local_moved)
        return _follow(row, pair, base, local, remote, policy, _without_only_there(seen, only_there))
    if policy.prefer is Prefer.REMOTE:
        return Verdict(row=row.number, notes=(kept_note(pair),))
    names = [*left, *(() if body_contained else ("body",))]
    conflict = Conflict(
        path=pair.path,
        why=Why.BOTH_CHANGED,
        kind=pair.kind,
        id=remote.id,
        title=local.document.title,
        message=f"changed here and in Ghost ({listing(names)}{by_whom(pair)})",
        hint=f"`ghostsync pull {typed(pair.path)}` merges Ghost's edit into the file; then push again. "
        f"`ghostsync push {typed(pair.path)} --prefer local` overwrites it",
        fields=tuple(
            Disagreement(
                name=name,
                base=seen.fields[name].base,
                local=seen.fields[name].local,
                remote=seen.fields[name].remote,
            )
            for name in left
        ),
        body_base=None if body_contained else pair.base_body,
        body_local=None if body_contained else local.source_body,
        body_remote=None if body_contained else pair.incoming,
        body_line=local.document.body_line,
        edit=pair.edit,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _without_only_there(seen: Comparison, only_there: tuple[FieldName, ...]) -> Comparison:
    """`--prefer local` decides what both sides changed; what only Ghost changed is no conflict and stays."""
    return replace(seen, fields={name: view for name, view in seen.fields.items() if name not in only_there})
