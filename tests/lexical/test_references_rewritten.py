"""Addresses are found and replaced wherever they stand, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from ghostsync.lexical import compile_markdown, find_references, rewrite_references
from ghostsync.lexical.references import ReferenceKind

Node = dict[str, Any]


def values(document: Node) -> list[tuple[str, str]]:
    return [(each.kind.value, each.value) for each in find_references(document)]


def card(kind: str, **properties: Any) -> Node:
    return {"root": {"children": [{"type": kind, **properties}]}}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a [b](c.md) <https://x.org>", [("link", "c.md"), ("link", "https://x.org")]),
        ('[![a](b.png)](/c)', [("image", "b.png"), ("link", "/c")]),
        ("::: gallery\n![a](1.png)\n![b](2.png)\n:::", [("image", "1.png"), ("image", "2.png")]),
        ('![a](b.png){caption="[c](d.md)"}', [("image", "b.png"), ("link", "d.md")]),
        ("> [!NOTE]\n> [a](b.md)", [("link", "b.md")]),
        ("<details>\n<summary>a</summary>\n\n[b](c.md)\n\n</details>", [("link", "c.md")]),
        ("```ghost:video\nsrc: a.mp4\nthumbnail_src: b.png\ncaption: '[c](d.md)'\n```",
         [("media", "a.mp4"), ("link", "d.md"), ("image", "b.png")]),
        ("```ghost:file\nsrc: a.pdf\n```", [("file", "a.pdf")]),
        ("```ghost:bookmark\nurl: /a\nicon: b.png\nthumbnail: c.png\n```",
         [("link", "/a"), ("image", "b.png"), ("image", "c.png")]),
        ("| a |\n|---|\n| [b](c.md) ![d](e.png) [f] |\n\n[f]: g.md", [("link", "c.md"), ("image", "e.png"),
         ("link", "g.md")]),
        ("<img src='a.png' srcset=\"b.png 1x, c.png 2x\">\n<video poster=d.png><source src=e.mp4></video>",
         [("image", "a.png"), ("image", "b.png"), ("image", "c.png"), ("image", "d.png"), ("media", "e.mp4")]),
        ("<!-- <img src=a.png> --><script>var x = '<img src=b.png>'</script>", []),
    ],
)  # fmt: skip
def test_every_address_is_found_with_its_kind(source: str, found: list[tuple[str, str]]) -> None:
    """In native nodes, card properties, rich text, Markdown cards and HTML cards; not in comments and scripts."""
    made = values(compile_markdown(source))
    assert sorted(made) == sorted(found)


def test_html_keeps_every_other_character() -> None:
    """Case, quotes, spacing and entities of the rest stay as the author wrote them."""
    html = "<IMG  alt=\"a.png\" SRC = 'a.png'  ><a HREF=b.md>a.png &amp; b.md</a><a href='?x=1&amp;y=2'>q</a>"
    made = rewrite_references(card("html", html=html), {"a.png": "/x'1.png", "b.md": "/b/", "?x=1&y=2": "/q?a&b"})
    assert made["root"]["children"][0]["html"] == (
        "<IMG  alt=\"a.png\" SRC = '/x&#39;1.png'  ><a HREF=\"/b/\">a.png &amp; b.md</a><a href='/q?a&amp;b'>q</a>"
    )


def test_markdown_keeps_every_other_character() -> None:
    """Only destinations change: not titles, texts, code or the spelling of a definition."""
    text = '| [a](b.md "b.md") `[x](b.md)` | ![c](<b.md>) | [d][e] |\n|---|---|---|\n\n[E]:   b.md  (b.md)\n'
    made = rewrite_references(card("markdown", markdown=text), {"b.md": "/new/"})
    assert made["root"]["children"][0]["markdown"] == (
        '| [a](/new/ "b.md") `[x](b.md)` | ![c](</new/>) | [d][e] |\n|---|---|---|\n\n[E]:   /new/  (b.md)\n'
    )


def test_rewriting_leaves_its_input_alone_and_is_exact() -> None:
    """Only whole addresses are replaced, in a copy."""
    before = compile_markdown("[a](b.md) [c](b.md#d)\n\n![e](b.md)\n\n![f](b.md)")
    after = rewrite_references(before, {"b.md": "/b/"})
    assert values(before) == [("link", "b.md"), ("link", "b.md#d"), ("image", "b.md"), ("image", "b.md")]
    assert sorted(each.value for each in find_references(after)) == ["/b/", "/b/", "/b/", "b.md#d"]
    assert rewrite_references(after, {"/b/": "b.md"}) == before


def test_an_unknown_card_is_left_alone() -> None:
    """Nothing is guessed about nodes that a later Ghost may bring."""
    document = card("hovercraft", src="a.png")
    assert find_references(document) == ()
    assert rewrite_references(document, {"a.png": "b.png"}) == document


def test_kinds_are_those_of_the_upload_endpoints() -> None:
    """Links are resolved, the other three uploaded."""
    assert {kind.value for kind in ReferenceKind} == {"link", "image", "media", "file"}
