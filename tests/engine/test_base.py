"""Finding base: which record may vouch, and whose it is."""

from __future__ import annotations

import pytest
from engine.engine_builders import post, record, revision

from ghostsync.core.base import (
    Whose,
    base_of_record,
    comparable_fields,
    drifted_fields,
    is_current,
    newest_record,
    seconds_between,
    unmanaged_copies,
)
from ghostsync.model import FieldName, Slug

SITE = "http://site.test/"
NOW = "2026-01-06T00:00:00.000Z"


def test_a_record_vouches_within_seconds() -> None:
    """Written within five seconds of `updated_at`, on either side; not later."""
    for at, expected in (("09:00:06", True), ("08:59:56", True), ("09:00:07", False), ("08:59:55", False)):
        mine = record(at=f"2026-01-05T{at}.000Z")
        assert is_current(post(record=mine)) is expected
    assert not is_current(post())
    assert not is_current(post(record=record(at="soon")))


@pytest.mark.parametrize(
    ("earlier", "later", "seconds"),
    [
        ("2026-01-05T09:00:00.000Z", "2026-01-05T09:00:01.500Z", 1.5),
        ("2026-01-05T09:00:00Z", "2026-01-05T08:00:00Z", -3600),
        ("2026-01-05T10:00:00+02:00", "2026-01-05T08:00:00.000Z", 0),
        ("2026-01-05T09:00:00", "2026-01-05T09:00:00Z", 0),
        ("soon", "2026-01-05T09:00:00Z", float("inf")),
        ("2026-01-05T09:00:00Z", "", float("inf")),
    ],
)
def test_seconds_between_two_instants(earlier: str, later: str, seconds: float) -> None:
    """As Ghost, Git (with its committer's zone) and records spell them; what cannot be read is never near."""
    assert seconds_between(earlier, later) == seconds


def test_a_restored_record_is_not_the_newest() -> None:
    """What counts is where an operation appears first."""
    one, two = record(op="one"), record(op="two")
    history = [revision(1, one), revision(2, two), revision(3, None), revision(4, one)]
    assert newest_record(history, project="site") is two
    assert newest_record(history[:2], project="site") is two
    assert newest_record([], project="site") is None


def test_a_restored_record_whose_first_appearance_is_forgotten() -> None:
    """Ghost keeps 25 revisions: the restored version may be the only one left that has its record."""
    old, new = record(op="old", at="2026-01-05T08:00:00.000Z"), record(op="new", at="2026-01-05T09:00:00.000Z")
    assert newest_record([revision(2, new), revision(3, old)], project="site") is new


def test_another_projects_record_is_not_ours() -> None:
    """It counts only when whose it is, is the question."""
    theirs = record(project="other", op="theirs")
    history = [revision(1, record()), revision(2, theirs)]
    assert newest_record(history, project="site") == record()
    assert newest_record(history, project=Whose.ANYBODYS) is theirs


def test_a_copy_is_younger_than_its_record() -> None:
    """A record clearly older than its post was written for another post; a slow create is none."""
    copy = post(2, record=record(at="2026-01-05T08:57:59.000Z"))
    slow = post(3, record=record(at="2026-01-05T08:58:01.000Z", op="op-2"), slug=Slug("slow"))
    assert unmanaged_copies([copy, slow]) == {copy.id}


def test_one_operation_on_two_posts() -> None:
    """The younger is the copy."""
    original, copy = post(1, record=record()), post(2, record=record(), slug=Slug("hello"))
    assert unmanaged_copies([copy, original]) == {copy.id}


def test_a_copy_by_name() -> None:
    """Duplicated right after our write, the original gone: Ghost's name for the copy tells."""
    copy = post(2, record=record(), slug=Slug("hello-copy"), fields={"title": "Hello (Copy)"})
    renamed = post(2, record=record(), slug=Slug("hello-copy"), fields={"title": "Hello, renamed"})
    assert unmanaged_copies([copy]) == {copy.id}
    assert unmanaged_copies([renamed]) == frozenset()


def test_one_path_on_two_posts() -> None:
    """Renamed copy, original pushed again: the younger has not the slug that its record asked for."""
    original = post(1, record=record(op="op-9"))
    copy = post(2, record=record(), slug=Slug("another"), fields={"title": "Another"})
    moved = post(3, record=record(op="op-3", slug=Slug("third")), slug=Slug("third"))
    assert unmanaged_copies([original, copy, moved]) == {copy.id}


def test_copies_are_known_by_their_history() -> None:
    """Typing drops the record of a copy too; its history tells."""
    copy = post(2, last_record=record(), slug=Slug("another"))
    assert unmanaged_copies([post(1, record=record()), copy]) == {copy.id}


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("feature_image", "http://site.test/content/images/a.png", "/content/images/a.png"),
        ("feature_image", "https://site.test/content/images/a.png", "__GHOST_URL__/content/images/a.png"),
        ("excerpt", "", None),
        ("codeinjection_head", '<a href="http://site.test/x/">', '<a href="/x/">'),
        ("canonical_url", "http://site.test/x/", "/x/"),
    ],
)
def test_what_ghost_rewrites_is_equal(name: str, one: str, other: str | None) -> None:
    """Addresses of the site in any spelling, empty and missing text."""
    key = FieldName(name)
    assert comparable_fields({key: one}, site_url=SITE, now=NOW) == comparable_fields(
        {key: other}, site_url=SITE, now=NOW
    )


def test_a_title_is_not_an_address() -> None:
    """Text that happens to hold an address is compared as it is."""
    for text in ("http://site.test/", '<a href="http://site.test/x/">', "__GHOST_URL__/x/"):
        title = {FieldName("title"): text, FieldName("meta_title"): text}
        assert comparable_fields(title, site_url=SITE, now=NOW) == title


@pytest.mark.parametrize(
    ("status", "date", "expected"),
    [
        ("scheduled", "2026-01-05T00:00:00.000Z", "published"),
        ("scheduled", "2026-01-07T00:00:00.000Z", "scheduled"),
        ("sent", None, "published"),
        ("draft", "2026-01-05T00:00:00.000Z", "draft"),
    ],
)
def test_a_schedule_that_passed_is_a_publication(status: str, date: str | None, expected: str) -> None:
    """Nobody moved: time did."""
    fields = {FieldName("status"): status, FieldName("published_at"): date}
    assert comparable_fields(fields, site_url=SITE, now=NOW)[FieldName("status")] == expected


def test_fields_that_nobody_wrote() -> None:
    """An unmanaged content field drifts from its default, or from what Ghost held; a decision of Ghost's never does."""
    base = base_of_record(record(kept={FieldName("meta_title"): "Kept"}))
    same = post(fields={"meta_title": "Kept", "visibility": "members", "status": "draft"})
    assert drifted_fields(base, same, site_url=SITE, now=NOW) == ()
    moved = post(fields={"meta_title": "Other", "og_title": "New"})
    assert drifted_fields(base, moved, site_url=SITE, now=NOW) == ("meta_title", "og_title")
