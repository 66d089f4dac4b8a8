"""Nobody is emailed unasked: which change, to which post, would send which email."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
from engine.engine_builders import post

from ghostsync.core.changes import Email
from ghostsync.core.email import email_of, is_move_to_readers, vanishes
from ghostsync.model import FieldName, FieldValue, Post, Slug

STATES = (None, "draft", "scheduled", "published", "sent")
WEEKLY = Email(newsletter=Slug("weekly"), segment="all", members=None)


def fields(**given: FieldValue) -> Mapping[FieldName, FieldValue]:
    """Return fields by name."""
    return {FieldName(name): value for name, value in given.items()}


def there(status: str, *, newsletter: str | None = None, email: str | None = None, **given: FieldValue) -> Post:
    """Return a post of Ghost's."""
    named = None if newsletter is None else Slug(newsletter)
    return replace(post(fields={"status": status, **given}), newsletter=named, email_status=email)


MOVES = {
    (now, sent)
    for now, sent in product(STATES, ("published", "scheduled", "sent"))
    if now not in {"published", "sent"} and now != sent and (now, sent) != (None, "sent")
}
"""A new post that claims to have been sent is, in Ghost, neither sent nor shown."""


@pytest.mark.parametrize("now", STATES)
@pytest.mark.parametrize("sent", ["draft", "scheduled", "published", "sent", None])
def test_what_readers_get_to_see(now: str | None, sent: str | None) -> None:
    """What publishes or schedules what was not public; what is public already, or stays as it was, moves nowhere."""
    sends = {} if sent is None else fields(status=sent)
    assert is_move_to_readers(sends, now) is ((now, sent) in MOVES)
    assert len(MOVES) == 7


@pytest.mark.parametrize("now", ["draft", "scheduled", "published", "sent"])
@pytest.mark.parametrize("sent", ["draft", "scheduled", "published", "sent"])
@pytest.mark.parametrize("newsletter", ["document", "ghost", None])
def test_a_newsletter_goes_with_the_publication_only(now: str, sent: str, newsletter: str | None) -> None:
    """Whoever named it, and to nobody but with the move to readers."""
    says = fields(newsletter="weekly" if newsletter == "document" else None)
    remote = there(now, newsletter="weekly" if newsletter == "ghost" else None)
    wanted = WEEKLY if newsletter is not None and (now, sent) in MOVES else None
    assert email_of(fields(status=sent), says, remote) == wanted


def test_a_new_post_sends_the_newsletter_that_its_document_names() -> None:
    """To the segment that it names, or to all; without a newsletter a segment means nothing."""
    published = fields(status="published")
    assert email_of(published, fields(newsletter="weekly"), None) == WEEKLY
    to_paying = email_of(published, fields(newsletter="weekly", email_segment="status:-free"), None)
    assert to_paying == replace(WEEKLY, segment="status:-free")
    assert email_of(published, fields(email_segment="status:-free"), None) is None
    assert email_of(fields(status="draft"), fields(newsletter="weekly"), None) is None


def test_the_documents_newsletter_comes_before_the_one_set_in_ghost() -> None:
    """Both name one: the document's is sent."""
    remote = there("draft", newsletter="weekly")
    email = email_of(fields(status="published"), fields(newsletter="daily"), remote)
    assert email is not None
    assert email.newsletter == "daily"


@pytest.mark.parametrize(
    ("state", "is_sent"),
    [(None, True), ("failed", True), ("pending", False), ("submitting", False), ("submitted", False)],
)
def test_an_email_goes_out_once_per_post(state: str | None, is_sent: bool) -> None:
    """What failed is tried again; what is under way or was sent is not."""
    remote = there("draft", newsletter="weekly", email=state)
    assert (email_of(fields(status="published"), fields(), remote) is not None) is is_sent


@pytest.mark.parametrize("status", ["draft", "scheduled", "published", "sent"])
@pytest.mark.parametrize("newsletter", ["weekly", None])
def test_a_new_date_moves_the_email_of_what_is_scheduled(status: str, newsletter: str | None) -> None:
    """Only there, only where an editor scheduled it with a newsletter, and nothing but a date does it."""
    remote = there(status, newsletter=newsletter)
    dated = fields(published_at="2098-01-01T09:00:00.000Z")
    wanted = WEEKLY if (status, newsletter) == ("scheduled", "weekly") else None
    assert email_of(dated, fields(), remote) == wanted
    assert email_of(fields(title="Other"), fields(), remote) is None


# ------------------------------------------------------------------------------------------ posts that are emails only


@pytest.mark.parametrize("now", ["draft", "scheduled", "published", "sent"])
@pytest.mark.parametrize("sent", ["draft", "scheduled", "published", "sent"])
def test_an_email_only_post_without_an_email_would_vanish(now: str, sent: str) -> None:
    """It would be neither sent nor shown, so it is not published; nothing else is held back."""
    assert vanishes(fields(status=sent), fields(email_only=True), there(now)) is ((now, sent) in MOVES)
    assert not vanishes(fields(status=sent), fields(email_only=False), there(now))
    assert not vanishes(fields(status=sent), fields(), there(now))
    assert not vanishes(fields(status=sent), fields(email_only=True, newsletter="weekly"), there(now))


def test_who_says_that_a_post_is_an_email_only() -> None:
    """What is sent counts before what the document says, that before what Ghost holds."""
    published = fields(status="published")
    assert vanishes(published, fields(), there("draft", email_only=True))
    assert not vanishes(published, fields(email_only=False), there("draft", email_only=True))
    assert not vanishes({**published, **fields(email_only=False)}, fields(), there("draft", email_only=True))
    assert vanishes(published, fields(email_only=True), there("draft", email_only=False))
    assert vanishes(published, fields(email_only=True), None)
    assert not vanishes(published, fields(), None)
