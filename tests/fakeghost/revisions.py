"""Post history, after Ghost's `lib/post-revisions.js`: when a save leaves a revision, and which."""

from __future__ import annotations

from fakeghost.state import Row

LIMIT = 25  # older ones are forgotten
INTERVAL_MS = 10 * 60 * 1000  # of a draft, at most one unasked revision in this time


def next_revisions(
    revisions: tuple[Row, ...],
    candidate: Row,
    *,
    old_status: str | None,
    asked_status: str,
    forced: bool,
    now_ms: int,
) -> tuple[Row, ...]:
    """The history after a save. `candidate` is the post as saved, in the columns of a revision, without a reason.

    What counts is the status that was asked for; an email-only post may have got another.
    """
    reason = _reason(revisions, old_status=old_status, asked_status=asked_status, forced=forced, now_ms=now_ms)
    if reason is None:
        return revisions
    return (*revisions, {**candidate, "reason": reason})[-LIMIT:]


def _reason(
    revisions: tuple[Row, ...], *, old_status: str | None, asked_status: str, forced: bool, now_ms: int
) -> str | None:
    if not revisions:
        return "initial_revision"
    if asked_status == "draft" and old_status == "published":
        return "unpublished"
    if asked_status == "published":
        return "published"
    # Ghost means to ask here whether title, body, picture or excerpt changed since the latest revision, but reads that
    # revision without its excerpt: the excerpt always counts as changed.
    if forced:
        return "explicit_save"
    return "background_save" if now_ms - revisions[-1]["created_at_ts"] > INTERVAL_MS else None
