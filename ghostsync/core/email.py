"""Whether a change would send an email, and whether it may.

Ghost sends a newsletter when a post that has one goes from not published to published: because the request names a
newsletter, or because somebody scheduled the post with one earlier, in Ghost, and nobody here knows. `sent` is a
publication like any other there; only a post that is made as `sent` is neither sent nor shown. A post with
`email_only` that is published without a newsletter vanishes from the site instead. So every move to published or
scheduled is looked at twice, when planning and again right before it is sent, and nobody is emailed unasked.
"""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.core.base import PUBLISHED_AT, STATUS
from ghostsync.core.changes import Email
from ghostsync.model import FieldName, FieldValue, Post, Slug

NEWSLETTER = FieldName("newsletter")
SEGMENT = FieldName("email_segment")
EMAIL_ONLY = FieldName("email_only")

_LIVE = frozenset({"published", "sent"})
_MOVING = frozenset({"published", "scheduled", "sent"})


def is_move_to_readers(sends: Mapping[FieldName, FieldValue], status_now: str | None) -> bool:
    """Whether the change publishes or schedules what was not public before."""
    if sends.get(STATUS) == "sent" and status_now is None:
        return False
    return sends.get(STATUS) in _MOVING and status_now not in _LIVE and sends.get(STATUS) != status_now


def email_of(
    sends: Mapping[FieldName, FieldValue],
    fields: Mapping[FieldName, FieldValue],
    remote: Post | None,
) -> Email | None:
    """Return the email that the change would send if it were allowed to, or None where it cannot send any.

    Moving the date of a post that is scheduled with a newsletter moves its email.
    """
    status_now = _status_of(remote)
    is_redated = remote is not None and remote.newsletter is not None and status_now == "scheduled"
    if not is_move_to_readers(sends, status_now) and not (is_redated and PUBLISHED_AT in sends):
        return None
    if remote is not None and remote.email_status not in {None, "failed"}:
        return None  # once per post
    newsletter = fields.get(NEWSLETTER) or (None if remote is None else remote.newsletter)
    if not isinstance(newsletter, str):
        return None
    segment = fields.get(SEGMENT)
    return Email(newsletter=Slug(newsletter), segment=segment if isinstance(segment, str) else "all", members=None)


def vanishes(
    sends: Mapping[FieldName, FieldValue], fields: Mapping[FieldName, FieldValue], remote: Post | None
) -> bool:
    """Whether the change publishes an email-only post without sending it, which takes it off the site."""
    if not is_move_to_readers(sends, _status_of(remote)):
        return False
    there = None if remote is None else remote.fields.get(EMAIL_ONLY)
    only = sends.get(EMAIL_ONLY, fields.get(EMAIL_ONLY, there))
    return bool(only) and email_of(sends, fields, remote) is None


def _status_of(remote: Post | None) -> str | None:
    return None if remote is None else str(remote.fields.get(STATUS))
