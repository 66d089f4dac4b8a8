"""Ghost's answer to a write is held against what was sent: what it changed or dropped is said."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from engine.engine_builders import post

from ghostsync.core.digest import body_digest
from ghostsync.core.verify import differences
from ghostsync.lexical import compile_markdown
from ghostsync.model import FieldName, FieldValue, Lexical

SITE = "https://site.test/"
NOW = "2026-01-05T09:00:00.000Z"
TEXT = "First words.\n\nLast words.\n"
HTML = "<p>First words.</p><p>Last words.</p>"


def found(
    sent: Mapping[str, FieldValue] | None = None,
    stored: Mapping[str, FieldValue] | None = None,
    *,
    text: str = TEXT,
    kept: str | None = None,
    html: str | None = HTML,
) -> tuple[str, ...]:
    """Return what is said where `sent` was asked for and `stored` came back; of the body, `kept`."""
    lexical: Lexical = compile_markdown(text)
    there = lexical if kept is None else compile_markdown(kept)
    answer = post(fields=dict(stored or {}), body=body_digest(there, site_url=SITE))
    wanted = {FieldName(name): value for name, value in (sent or {}).items()}
    return differences(wanted, lexical, answer, html, site_url=SITE, now=NOW)


def test_what_is_stored_as_it_was_sent_is_no_difference() -> None:
    """Fields and body; values that Ghost never shows say nothing."""
    assert found({"title": "Hello", "tags": ("a", "b")}, {"title": "Hello", "tags": ("a", "b")}) == ()
    assert found({"locale": "de"}) == ()
    assert found({"newsletter": "weekly", "email_segment": "all"}, {"newsletter": None, "email_segment": None}) == ()


@pytest.mark.parametrize(
    ("name", "sent", "stored", "words"),
    [
        ("title", "Hello", "Hallo", "`title` was sent as `Hello` and is stored as `Hallo`"),
        ("authors", ("ada",), ("owner",), "`authors` was sent as [ada] and is stored as [owner]"),
        ("excerpt", "Short", None, "`excerpt` was sent as `Short` and is stored as nothing"),
        ("tags", ("a", "b"), ("b", "a"), "`tags` was sent as [a, b] and is stored as [b, a]"),
        ("status", "published", "draft", "`status` was sent as `published` and is stored as `draft`"),
        ("status", "draft", "published", "`status` was sent as `draft` and is stored as `published`"),
    ],
)
def test_what_ghost_changed_is_named(name: str, sent: FieldValue, stored: FieldValue, words: str) -> None:
    """With both values."""
    assert found({name: sent}, {name: stored}) == (words,)


def test_what_means_the_same_is_no_difference() -> None:
    """An address of the site in either spelling, an empty text, an emailed post, a schedule that has passed."""
    assert found({"canonical_url": "/a/"}, {"canonical_url": f"{SITE}a/"}) == ()
    assert found({"excerpt": ""}, {"excerpt": None}) == ()
    assert found({"status": "published"}, {"status": "sent"}) == ()
    passed = {"status": "scheduled", "published_at": "2026-01-05T08:00:00.000Z"}
    assert found(passed, {**passed, "status": "published"}) == ()


def test_a_body_that_is_not_stored_as_it_was_sent() -> None:
    """Said, whatever its HTML shows."""
    assert found(kept="First words.\n\nAnd last words.\n") == ("the body is not stored as it was sent",)


def test_html_that_is_empty_or_ends_early() -> None:
    """A card that Ghost cannot render ends the HTML; white space, markup and entities are no matter."""
    assert found(html=None) == ("Ghost could not render the body: its HTML is empty",)
    assert found(html="<p>First words.</p>") == (
        "Ghost renders the body only in part: its last block is missing from the HTML",
    )
    assert found(html="") != ()
    assert found(html="<p>First words.</p>\n<p>Last\n <em>wo</em>rds.</p>") == ()
    assert found(text="One & two\n", html="<p>One &amp; two</p>") == ()


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Last words.\n\n<!--members-only-->\n", "Last words."),
        ("- one\n- last *words*\n", "onelast words"),
        ("# Last words\n", "Last words"),
        ("> Last words\n", "Last words"),
        ("Last words.\n\n```ghost:email\ntext: For subscribers\n```\n", "Last words."),
        (f"{'a' * 60} last words.\n", "last words."),
    ],
    ids=["paywall", "list", "heading", "quote", "silent", "long"],
)
def test_which_block_is_looked_for(text: str, last: str) -> None:
    """The last one with words of its own: what nobody sees on the page is passed over."""
    shown = f"<p>{'a' * 60}{last}</p>"
    assert found(text=text, html=shown) == ()
    assert len(found(text=text, html="<p>Other</p>")) == 1


@pytest.mark.parametrize("text", ["", "First words.\n\n---\n", "First words.\n\n```html\n<b>\n```\n"])
def test_a_last_block_without_certain_words_is_not_looked_for(text: str) -> None:
    """A rule shows no words, and code is shown in a way of its own."""
    assert found(text=text, html="<p>Other</p>") == ()
    assert found(text=text, html=None) == ()


def test_an_empty_block_at_the_end_is_passed_over() -> None:
    """Ghost's editor leaves one below the text, and nobody sees it."""
    blank = {"type": "paragraph", "version": 1, "children": []}
    lexical = compile_markdown(TEXT)
    lexical = {"root": {**lexical["root"], "children": [*lexical["root"]["children"], blank]}}
    answer = post(body=body_digest(lexical, site_url=SITE))
    for html, count in ((HTML, 0), ("<p>First words.</p>", 1), (None, 1)):
        assert len(differences({}, lexical, answer, html, site_url=SITE, now=NOW)) == count
