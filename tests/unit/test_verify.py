"""Ghost's answer is held against what was sent."""

from __future__ import annotations

import html as html_module

import pytest

from ghostsync.core.digest import body_digest
from ghostsync.core.verify import differences
from ghostsync.lexical import compile_markdown
from ghostsync.model import Digest, Kind, Post, PostId, Slug

SITE = "https://blog.example/"


def told(text: str, html: str | None) -> tuple[str, ...]:
    """Return what is said about HTML that Ghost made of a text."""
    lexical = compile_markdown(text)
    post = Post(
        id=PostId("a" * 24), uuid="", kind=Kind.POST, slug=Slug("a"), fields={}, tag_names={}, lexical=lexical,
        body=Digest(body_digest(lexical, site_url=SITE)), mobiledoc=None, record=None, html=None, url="",
        created_at="", updated_at="", has_marker=True, newsletter=None, email_status=None,
    )  # fmt: skip
    return differences({}, lexical, post, html, site_url=SITE, now="2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize(
    "words",
    [
        "if a < b then this is a very long text which goes on, and here c > d at its end",
        "a `<b>` tag",
        "&amp; and \u201cquotes\u201d, a\u00a0space, a\u200bjoin",
        'Tom & Jerry\'s "show" < 3',
    ],
)
def test_a_text_that_is_there_is_found(words: str) -> None:
    """Whatever signs it is made of: what Ghost escapes is no markup."""
    text = html_module.unescape(words).replace("`", "")
    assert told(words, f"<p>first</p><p>{html_module.escape(text)}</p>") == ()


@pytest.mark.parametrize(
    "html",
    [
        '<p>Say <a href="https://e.com/?a&gt;b" title="a > b">these words</a> to the end</p>',
        "<script>if (a<b) { x = 'it' + \"s }</script><p>Say <em>these words</em> to the end</p>",
    ],
)
def test_markup_around_a_text_is_no_part_of_it(html: str) -> None:
    """Values with `>` between quotes, and scripts with a quote that never ends."""
    assert told("Say these words to the end", html) == ()


def test_a_page_that_ends_too_early_is_told() -> None:
    """Ghost stops at a card that it does not know, without a word."""
    assert told("First.\n\nThe last words < 3.\n", "<p>First.</p>") == (
        "Ghost renders the body only in part: its last block is missing from the HTML",
    )
    assert told("First.\n", None) == ("Ghost could not render the body: its HTML is empty",)
