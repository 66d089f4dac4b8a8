"""What the normal form is blind to, and what it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ghostsync.lexical import normalise_lexical

Node = dict[str, Any]
SITE = "https://Example.com/blog/"


def document(*children: Node, **root: Any) -> Node:
    return {"root": {"type": "root", "children": list(children), **root}}


def paragraph(*children: Node, **more: Any) -> Node:
    return {"type": "paragraph", "children": list(children), **more}


def text(value: str, formats: int = 0, **more: Any) -> Node:
    return {"type": "text", "text": value, "format": formats, **more}


def link(url: str) -> Node:
    return paragraph({"type": "link", "url": url, "children": [text("a")]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(document(paragraph(text("a")), ghostsync={"v": 1}), document(paragraph(text("a"))), id="record"),
        pytest.param(document(paragraph(text("a"), text("b"))), document(paragraph(text("ab"))), id="split-text"),
        pytest.param(
            document(
                paragraph(
                    text("a", style="color: red", mode="token", detail=3),
                    format="center",
                    indent=2,
                    direction="rtl",
                    version=1,
                )
            ),
            document(paragraph(text("a"))),
            id="editor-noise",
        ),
        pytest.param(
            document(paragraph(text("a", type="extended-text"))), document(paragraph(text("a"))), id="extended"
        ),
        pytest.param(
            document(paragraph(text("a")), paragraph(), paragraph()), document(paragraph(text("a"))), id="tail"
        ),
        pytest.param(
            document({"type": "image", "src": "a"}),
            document(
                {
                    "type": "image",
                    "src": "a",
                    "alt": "",
                    "width": None,
                    "cardWidth": "regular",
                    "title": "",
                    "caption": "",
                    "href": "",
                }
            ),
            id="defaults",
        ),
        pytest.param(
            document({"type": "signup", "buttonText": ""}),
            document({"type": "signup", "buttonText": "Subscribe"}),
            id="empty-is-default",
        ),
        pytest.param(
            document({"type": "toggle", "heading": "<p>a</p>", "content": "b"}),
            document(
                {
                    "type": "toggle",
                    "heading": "a",
                    "content": '<p dir="ltr"><span style="white-space: pre-wrap;">b</span></p>',
                }
            ),
            id="rich",
        ),
        pytest.param(
            document({"type": "image", "src": "a", "caption": "<em><strong>b</strong></em>"}),
            document({"type": "image", "src": "a", "caption": "<strong><em>b</em></strong>"}),
            id="nesting",
        ),
    ],
)
def test_what_ghost_and_its_editor_rewrite_is_the_same(one: Node, other: Node) -> None:
    """A save in the editor is not an edit."""
    assert normalise_lexical(one) == normalise_lexical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(paragraph(text("a")), paragraph(text("a ")), id="space"),
        pytest.param(paragraph(text("a")), paragraph(text("a", 1)), id="format"),
        pytest.param(link("/a"), link("/b"), id="address"),
        pytest.param({"type": "callout", "calloutEmoji": ""}, {"type": "callout", "calloutEmoji": "💡"}, id="no-emoji"),
        pytest.param({"type": "header", "version": 1}, {"type": "header", "version": 2}, id="header-version"),
        pytest.param(
            {"type": "html", "html": "a"},
            {
                "type": "html",
                "html": "a",
                "visibility": {"web": {"nonMember": False, "memberSegment": ""}, "email": {"memberSegment": ""}},
            },
            id="visibility",
        ),
        pytest.param(
            {"type": "image", "src": "a", "caption": "<b>b</b>"},
            {"type": "image", "src": "a", "caption": "<strong>b</strong>"},
            id="b-is-not-strong",
        ),
        pytest.param(
            {"type": "image", "src": "a", "caption": '<span style="color: red">b</span>'},
            {"type": "image", "src": "a", "caption": "b"},
            id="styled",
        ),
        pytest.param(
            {"type": "list", "listType": "number", "start": 1, "children": []},
            {"type": "list", "listType": "number", "start": 2, "children": []},
            id="start",
        ),
    ],
)
def test_what_a_reader_can_tell_apart_stays_apart(one: Node, other: Node) -> None:
    """Control of the test above: an edit is an edit."""
    assert normalise_lexical(document(one)) != normalise_lexical(document(other))


@pytest.mark.parametrize(
    "url",
    [
        "/a/b",
        "https://example.com/blog/a/b",
        "http://EXAMPLE.com/blog/a/b",
        "//example.com/blog/a/b",
        "/blog/a/b",
        "__GHOST_URL__/a/b",
        "https://example.com/blog/a//b",
    ],
)
def test_addresses_of_the_site_have_one_form(url: str) -> None:
    """Ghost stores them with a placeholder and shows them absolute; authors write them root-relative."""
    html = f'<a href="{url}">x</a><img srcset="{url} 1x, {url} 2x">'
    nodes = [
        link(url),
        {"type": "html", "html": html},
        {"type": "image", "src": url, "caption": f'<a href="{url}">x</a>'},
    ]
    wanted = "/a/b"
    made = normalise_lexical(document(*nodes), site_url=SITE)["root"]["children"]
    assert made[0]["children"][0]["url"] == wanted
    assert made[1]["html"] == html.replace(url, wanted)
    assert (made[2]["src"], made[2]["caption"]) == (wanted, '<a href="/a/b">x</a>')


@pytest.mark.parametrize(
    "url", ["https://example.com/blogs/a", "https://other.com/blog/a", "a/b.png", "#a", "mailto:a@b"]
)
def test_other_addresses_stay(url: str) -> None:
    """A site's prefix is a whole path, and foreign or relative addresses are not its business."""
    made = normalise_lexical(document(link(url)), site_url=SITE)["root"]["children"]
    assert made[0]["children"][0]["url"] == url


def test_the_input_is_not_changed_and_the_form_is_stable() -> None:
    """Normalising twice is normalising once, on a document that stays as it was."""
    before = document(paragraph(text("a"), text("b")), {"type": "callout", "calloutText": "<p>a</p>", "x": {"y": 1}})
    kept = json.dumps(before)
    once = normalise_lexical(before)
    assert json.dumps(before) == kept
    assert normalise_lexical(once) == once


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ('<b><strong style="white-space: pre-wrap;">a</strong></b>', "<strong>a</strong>"),
        ('<i><em class="italic" style="white-space: pre-wrap;">a</em></i>', "<em>a</em>"),
        (
            '<i><b><strong class="italic" style="white-space: pre-wrap;">a</strong></b></i>',
            "<strong><em>a</em></strong>",
        ),
        ('<u><span class="underline" style="white-space: pre-wrap;">a</span></u>', "<u>a</u>"),
        ('<s><span class="line-through" style="white-space: pre-wrap;">a</span></s>', "<s>a</s>"),
        ('<code spellcheck="false" style="white-space: pre-wrap;"><span>a</span></code>', "<code>a</code>"),
        ('<a href="/b" class="cta-link-color"><span style="white-space: pre-wrap;">a</span></a>', '<a href="/b">a</a>'),
    ],
)
def test_each_format_as_the_editor_writes_it_is_that_format(written: str, plain: str) -> None:
    """The markup of Ghost 6.65's nested editors, as a real one saved it."""
    cards = [document({"type": "callout", "calloutText": html}) for html in (f"<p>{written}</p>", plain)]
    assert normalise_lexical(cards[0]) == normalise_lexical(cards[1])


def test_a_placeholder_of_an_email_needs_no_code() -> None:
    """The editor wraps it in `<code>`, the renderer unwraps it."""
    wrapped = '<p>Hi <code spellcheck="false" style="white-space: pre-wrap;"><span>{first_name}</span></code></p>'
    one, other = (document({"type": "email", "html": html}) for html in (wrapped, "<p>Hi {first_name}</p>"))
    assert normalise_lexical(one) == normalise_lexical(other)


def test_an_accent_colour_counts_where_it_shows() -> None:
    """The editor overwrites it whenever it opens a header."""

    def header(**properties: str) -> Node:
        return normalise_lexical(document({"type": "header", "version": 2, **properties}))

    assert header(accentColor="#123456") == header()
    assert header(accentColor="#123456", backgroundColor="accent") != header(backgroundColor="accent")
