"""What a push must not send, whatever the table says: moves that Ghost refuses, and emails that nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ghostsync.core.base import STATUS
from ghostsync.core.changes import CreatePost, UpdatePost
from ghostsync.core.compare import Prepared
from ghostsync.core.conflicts import Conflict, Why
from ghostsync.core.email import EMAIL_ONLY, NEWSLETTER, email_of, vanishes
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.push_words import status_of
from ghostsync.core.typed import typed
from ghostsync.errors import Problem
from ghostsync.model import FieldName, FieldValue, Post


def forbidden_move(pair: Pair, local: Prepared, remote: Post, sends: Mapping[FieldName, FieldValue]) -> Problem | None:
    """Ghost refuses to schedule what is published, and would publish (and email) what is said to be `sent`."""
    if sends.get(STATUS) == "sent" and status_of(remote) not in {"published", "sent"}:
        return Problem(
            path=pair.path,
            line=local.document.line_of(STATUS),
            message=f"`sent` is what Ghost says of a post that was only emailed; this one is {status_of(remote)}",
            hint="write `status: published`; with `newsletter:` in the document, `--send-email` sends it",
        )
    if sends.get(STATUS) == "scheduled" and status_of(remote) in {"published", "sent"}:
        return Problem(
            path=pair.path,
            line=local.document.line_of(STATUS),
            message="Ghost cannot schedule a post that is published already",
            hint="set `status: draft`, push, then schedule it; or keep `status: published` and change its `date`",
        )
    return None


def unsaid_sending(local: Prepared) -> Problem | None:
    """Return why a document that says `sent` cannot become a new post: Ghost would show it to readers."""
    if local.fields.get(STATUS) != "sent" or local.fields.get(EMAIL_ONLY) is True:
        return None
    return Problem(
        path=local.document.path,
        line=local.document.line_of(STATUS),
        message="`sent` is what Ghost says of a post that was only emailed, and the document does not say `email_only`",
        hint="write `status: published` to show it to readers, or `email_only: true` to have it as it was, unseen",
    )


def guard_email(verdict: Verdict, pair: Pair, policy: Policy) -> Verdict:
    """Refuse what would email somebody unasked, and name the email where it was asked for."""
    (change,) = verdict.changes
    if not isinstance(change, CreatePost | UpdatePost) or pair.local is None:
        return verdict
    email = email_of(change.sends, pair.local.fields, pair.remote)
    if email is not None and policy.send_email:
        return replace(verdict, changes=(replace(change, email=email),))
    if email is not None:
        declared = pair.local.fields.get(NEWSLETTER) is not None
        who = "the document names" if declared else "somebody in Ghost set"
        conflict = _email_conflict(
            pair,
            f"{who} the newsletter `{email.newsletter}`, and publishing would email it",
            f"`ghostsync push {typed(pair.path)} --send-email` publishes and emails; "
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
