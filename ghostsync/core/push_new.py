"""What a push does with a document that Ghost does not have: row 1 of the table."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.core.base import SENDING, SLUG, STATUS, VISIBILITY
from ghostsync.core.changes import CreatePost
from ghostsync.core.compare import Prepared
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer
from ghostsync.core.push_changes import passed_schedule, record_draft
from ghostsync.core.push_guards import guard_email, unsaid_sending
from ghostsync.core.push_words import deleted_note, early_notes
from ghostsync.core.reconcile import Row
from ghostsync.model import FieldName, FieldValue


def create(row: Row, pair: Pair, local: Prepared, policy: Policy) -> Verdict:
    """Return what makes a post of a document that has none; nothing where a person has deleted it in Ghost."""
    if pair.deletion is not None and policy.prefer is not Prefer.LOCAL:
        return Verdict(row=10, notes=(deleted_note(pair),))
    problem = unsaid_sending(local)
    if problem is not None:
        return Verdict(row=row.number, problems=(problem,))
    sends = {name: value for name, value in local.fields.items() if name not in SENDING}
    sends[SLUG] = local.document.slug
    sends |= passed_schedule(sends, local.fields, policy.now)
    change = CreatePost(
        path=pair.path,
        kind=pair.kind,
        slug=local.document.slug,
        title=local.document.title,
        sends=sends,
        lexical=local.lexical,
        draft=record_draft(local, policy.project, kept=_decided_by_ghost(sends, policy)),
        text=local.source_body,
    )
    notes = early_notes(pair, local, sends, policy.now)
    return guard_email(Verdict(row=row.number, changes=(change,), notes=notes), pair, policy)


def _decided_by_ghost(sends: Mapping[FieldName, FieldValue], policy: Policy) -> dict[FieldName, FieldValue]:
    """Return who will be able to read a new post, where its document does not say it."""
    chosen: dict[FieldName, FieldValue] = {STATUS: "draft", VISIBILITY: policy.default_visibility}
    return {name: value for name, value in chosen.items() if value is not None and name not in sends}
