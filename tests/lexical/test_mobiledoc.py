"""Mobiledoc becomes the Lexical document that Ghost itself would make of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ghost_renderer import GhostRenderer
from hypothesis import given
from hypothesis import strategies as st
from law_settings import laws
from lexical_strategies import CARDS, HOSTILE, rich_html, text, urls

from ghostsync.errors import ContentError
from ghostsync.lexical.mobiledoc import mobiledoc_to_lexical

Mobiledoc = dict[str, Any]

EVERYTHING: Mobiledoc = {
    "version": "0.3.1",
    "ghostVersion": "4.0",
    "atoms": [["soft-return", "", {}]],
    "cards": [
        ["markdown", {"cardName": "card-markdown", "markdown": "# Hi *you*"}],
        ["html", {"html": "<p>x</p>"}],
        ["image", {"src": "/content/images/a.png", "alt": "a", "caption": "a <b>b</b>", "cardWidth": "wide"}],
        ["gallery", {"images": [{"row": 0, "src": "/a.png", "width": 4, "height": 3, "fileName": "a.png"}]}],
        ["bookmark", {"type": "bookmark", "url": "https://example.com/", "metadata": {"title": "T", "icon": "/i.png"}}],
        ["embed", {"type": "video", "url": "https://v.example/1", "html": "<iframe></iframe>", "metadata": {}}],
        ["callout", {"calloutEmoji": "💡", "calloutText": "hi <b>you</b>", "backgroundColor": "blue"}],
        ["callout", {"calloutEmoji": "", "calloutText": "hi", "backgroundColor": "rgba(1, 2, 3)"}],
        ["toggle", {"heading": "Head", "content": "<p>Body</p>"}],
        ["button", {"buttonUrl": "/x/", "buttonText": "Go", "alignment": "left"}],
        ["code", {"code": "x = 1\n", "language": "python", "caption": "c"}],
        ["hr", {}],
        ["paywall", {}],
        ["email", {"html": "<p>Hey {first_name}</p>"}],
        ["email-cta", {"html": "<p>x</p>", "buttonText": "Go", "showButton": True, "buttonUrl": "https://e.example"}],
        ["product", {"productTitle": "P", "productStarRating": 4}],
        ["header", {"header": "H", "size": "large", "style": "dark"}],
        ["audio", {"src": "/a.mp3", "title": "A", "duration": 3.5}],
        ["video", {"src": "/a.mp4", "loop": True}],
        ["file", {"src": "/a.pdf", "fileName": "a.pdf", "fileSize": 12}],
        ["nft", {"url": "https://nft.example"}],
    ],
    "markups": [
        ["strong"],
        ["em"],
        ["a", ["href", "https://example.com/", "rel", "nofollow"]],
        ["code"],
        ["a", ["href", "/b/"]],
        ["s"],
        ["u"],
        ["sup"],
        ["sub"],
    ],
    "sections": [
        [1, "h2", [[0, [], 0, "Heading "], [0, [1], 1, "it"]]],
        [1, "p", [[0, [], 0, "a "], [0, [0, 1], 2, "b"], [1, [], 0, 0], [0, [2], 0, "link "], [0, [0], 2, "bold"]]],
        [1, "p", [[0, [4], 1, "x"], [0, [3], 1, "code"], [0, [5], 1, "s"], [0, [6, 7], 1, "u"], [0, [8], 2, "b"]]],
        [1, "blockquote", [[0, [], 0, "quote"]]],
        [1, "aside", [[0, [], 0, "aside"]]],
        [3, "ul", [[[0, [], 0, "one"]], [[0, [0], 1, "two"]]]],
        [3, "ol", [[[0, [], 0, "one"]]]],
        *[[10, index] for index in range(21)],
        [1, "p", []],
    ],
}


def test_every_card_section_markup_and_atom(renderer: GhostRenderer) -> None:
    """Everything that Ghost's older editor could write converts as Ghost converts it."""
    assert mobiledoc_to_lexical(EVERYTHING) == renderer.mobiledoc_to_lexical(EVERYTHING)


def test_the_input_is_left_alone() -> None:
    """Converting does not change the mobiledoc that it was given."""
    before = copy.deepcopy(EVERYTHING)
    mobiledoc_to_lexical(EVERYTHING)
    assert before == EVERYTHING


_markups = st.lists(
    st.one_of(
        st.sampled_from(["strong", "b", "em", "i", "s", "u", "code", "sub", "sup", "mark", "span"]).map(
            lambda tag: [tag]
        ),
        urls.map(lambda url: ["a", ["href", url]]),
        urls.map(lambda url: ["a", ["href", url, "rel", "noopener"]]),
        st.just(["a", ["target", "_blank"]]),
        st.just(["a"]),
    ),
    min_size=1,
    max_size=4,
)
_cards = st.lists(
    st.tuples(
        st.sampled_from(["code", "hr", "card-markdown", *sorted(CARDS)]),
        st.dictionaries(
            st.sampled_from(["type", "url", "html", "backgroundColor", "calloutText", "markdown", "src"]),
            st.one_of(rich_html, text, urls),
            max_size=3,
        ),
    ).map(list),
    max_size=3,
)


@st.composite
def mobiledocs(draw: st.DrawFn) -> Mobiledoc:
    """Well-formed mobiledocs: every index points at something, and what is opened is closed in its section."""
    markups, cards = draw(_markups), draw(_cards)
    sections: list[Any] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from([1, 1, 3, 10]))
        if kind == 10 and cards:
            sections.append([10, draw(st.integers(0, len(cards) - 1))])
        elif kind == 3:
            items = [draw(_markers(len(markups))) for _ in range(draw(st.integers(0, 3)))]
            sections.append([3, draw(st.sampled_from(["ul", "ol"])), items])
        else:
            tag = draw(st.sampled_from(["p", "h1", "h2", "h3", "h6", "blockquote", "aside", "pull-quote"]))
            sections.append([1, tag, draw(_markers(len(markups)))])
    return {
        "version": "0.3.1",
        "atoms": [["soft-return", "", {}], ["other", "x", {}]],
        "cards": cards,
        "markups": markups,
        "sections": sections,
    }


@st.composite
def _markers(draw: st.DrawFn, markups: int) -> list[Any]:
    found: list[Any] = []
    depth = 0
    for last in [False] * draw(st.integers(0, 4)) + [True]:
        if draw(st.integers(0, 5)) == 0:
            found.append([1, [], 0, draw(st.integers(0, 1))])
            continue
        opened = draw(st.lists(st.integers(0, markups - 1), max_size=2, unique=True))
        depth += len(opened)
        closed = depth if last else draw(st.integers(0, depth))
        depth -= closed
        found.append([0, opened, closed, draw(st.sampled_from(HOSTILE))])
    return found


@laws
@given(mobiledocs())
def test_any_mobiledoc(renderer: GhostRenderer, mobiledoc: Mobiledoc) -> None:
    """Whatever a mobiledoc holds, our Lexical is Ghost's."""
    assert mobiledoc_to_lexical(mobiledoc) == renderer.mobiledoc_to_lexical(mobiledoc)


@pytest.mark.parametrize(
    "section",
    [[10, 5], [1, "p", [[0, [7], 0, "x"]]], [1, "p", [[1, [], 0, 3]]], [3], [], None, [1, "p", [["x"]]]],
    ids=str,
)
def test_what_is_no_mobiledoc_is_refused(section: Any) -> None:
    """A section that points at nothing is named, counted from one."""
    with pytest.raises(ContentError, match="section 2 is malformed"):
        mobiledoc_to_lexical({"sections": [[1, "p", []], section], "cards": [], "markups": [], "atoms": []})


def test_nothing_is_an_empty_document(renderer: GhostRenderer) -> None:
    """A mobiledoc without sections is a document without nodes."""
    assert mobiledoc_to_lexical({}) == renderer.mobiledoc_to_lexical({})
