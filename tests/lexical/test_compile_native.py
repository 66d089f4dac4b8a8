"""What becomes native nodes, what becomes a card, and why."""

from __future__ import annotations

from typing import Any

import pytest

from ghostsync.errors import ContentError
from ghostsync.lexical import Form, compile_blocks, compile_markdown, normalise_lexical

Node = dict[str, Any]


def nodes(text: str) -> list[Node]:
    """The top-level nodes of a text, in normal form."""
    children: list[Node] = normalise_lexical(compile_markdown(text))["root"]["children"]
    return children


def text(value: str, formats: int = 0) -> Node:
    return {"type": "text", "text": value} | ({"format": formats} if formats else {})


BREAK = {"type": "linebreak"}


@pytest.mark.parametrize(
    ("source", "children"),
    [
        pytest.param("a *b* **c**", [text("a "), text("b", 2), text(" "), text("c", 1)], id="emphasis"),
        pytest.param("***a** b*", [text("a", 3), text(" b", 2)], id="nested"),
        pytest.param("~~a~~ ==b== ~c~ ^d^", [text("a", 4), text(" "), text("b", 128), text(" "), text("c", 32),
                     text(" "), text("d", 64)], id="our-formats"),
        pytest.param("<u>a</u> <del>b</del>", [text("a", 8), text(" "), text("b", 4)], id="tags"),
        pytest.param("`a` <code>*b*</code>", [text("a", 16), text(" "), text("b", 18)], id="code"),
        pytest.param("a\nb\\\nc<br>d", [text("a b"), BREAK, text("c"), BREAK, text("d")], id="line-ends"),
        pytest.param('[a *b*](/u "t")', [{"type": "link", "url": "/u", "title": "t",
                     "children": [text("a "), text("b", 2)]}], id="link"),
        pytest.param('[a](/u){target=_blank rel="x y"}', [{"type": "link", "url": "/u", "target": "_blank",
                     "rel": "x y", "children": [text("a")]}], id="link-attributes"),
        pytest.param('<a href="/ü">a</a>', [{"type": "link", "url": "/ü", "children": [text("a")]}], id="html-link"),
        pytest.param("see www.x.org", [text("see "), {"type": "link", "url": "http://www.x.org",
                     "children": [text("www.x.org")]}], id="bare-address"),
    ],
)  # fmt: skip
def test_inline_markdown_becomes_formatted_text(source: str, children: list[Node]) -> None:
    """Each inline form of the dialect has its node."""
    assert nodes(source) == [{"type": "paragraph", "children": children}]


def test_a_nested_list_stands_in_an_item_of_its_own() -> None:
    """Ghost's renderer puts the list of a wrapping item into the item before it."""
    (made,) = compile_markdown("3. a\n   - b\n4. c")["root"]["children"]
    shape = [(item["value"], item["indent"], item["children"][0]["type"]) for item in made["children"]]
    assert (made["listType"], made["tag"], made["start"]) == ("number", "ol", 3)
    assert shape == [(3, 0, "extended-text"), (4, 0, "list"), (4, 0, "extended-text")]
    assert made["children"][1]["children"][0]["children"][0]["indent"] == 1


def test_a_quote_of_paragraphs_is_joined_by_two_line_breaks() -> None:
    """A quote node holds one run of inline content."""
    assert nodes("> a\n>\n> b") == [{"type": "quote", "children": [text("a"), BREAK, BREAK, text("b")]}]


def test_code_keeps_all_but_its_last_line_end() -> None:
    """The editor's own code has no line end after its last line; a blank last line is one more."""
    (code, other) = nodes("```py title=x\na\n\n```\n\n    b\n")
    assert code == {"type": "codeblock", "code": "a\n", "language": "py"}
    assert other == {"type": "codeblock", "code": "b"}


@pytest.mark.parametrize(
    ("source", "form", "reason"),
    [
        ("- a\n\n  b\n- c", Form.MARKDOWN_CARD, "a list item of several paragraphs"),
        ("| a |\n|---|\n| b |", Form.MARKDOWN_CARD, "a table"),
        ("| a |\n|---|\n| www.b.org |", Form.HTML_CARD, "a table"),
        ("> - a", Form.MARKDOWN_CARD, "a list within a quote"),
        ("> - a\n>   b", Form.HTML_CARD, "a list within a quote"),
        ("- [x] a", Form.HTML_CARD, "a task list"),
        ("a <kbd>b</kbd>", Form.MARKDOWN_CARD, "HTML within text: <kbd>"),
        ("a <kbd>b", Form.HTML_CARD, "HTML within text: <kbd>"),
        ("*a <u>b* c</u>", Form.HTML_CARD, "HTML tags that do not nest"),
        ("a ![b](c)", Form.MARKDOWN_CARD, "a picture within text"),
        ("![b](c){.odd}", Form.HTML_CARD, "attribute class=odd on a picture"),
        ("a <!-- b -->", Form.MARKDOWN_CARD, "an HTML comment within text"),
        ("[](/u)", Form.MARKDOWN_CARD, "a link without text"),
        ("```\n```", Form.MARKDOWN_CARD, "code without content"),
        ("<div>\na\n</div>", Form.RAW_HTML, None),
        ("<div title=", Form.MARKDOWN_CARD, "raw HTML whose last tag is not closed"),
    ],
)
def test_what_nodes_cannot_say_is_kept_verbatim_with_a_reason(source: str, form: Form, reason: str | None) -> None:
    """A markdown card where Ghost shows it as CommonMark does, an html card otherwise."""
    (block,) = compile_blocks(source)
    assert (block.verdict.form, block.verdict.reason) == (form, reason)
    assert block.node is not None
    if form is Form.MARKDOWN_CARD:
        assert block.node["markdown"] == source


def test_a_verbatim_card_brings_the_definitions_that_it_needs() -> None:
    """A reference in a markdown card is resolved inside that card."""
    table, definition = compile_blocks('| [a] | [b][c] |\n|---|---|\n\n[A]: /u "t"\n[c]: </v w>\n[d]: /unused\n')
    assert table.node is not None
    assert table.node["markdown"].endswith('\n\n[a]: </u> "t"\n[c]: </v%20w>')
    assert (definition.node, definition.verdict.form) == (None, Form.DEFINITION)


def test_blocks_tell_their_lines() -> None:
    """Ranges are in the text's own lines, whatever its line ends; definitions have a range, notes have none."""
    source = "\r\n# a\r\n\r\nb[^1]\rc\n\n[^1]: note\n\n::: aside\nd\n:::\n"
    assert [(block.start, block.end) for block in compile_blocks(source)] == [(1, 2), (3, 5), (6, 7), (8, 11), (12, 12)]


def test_footnotes_keep_their_numbers_and_links_in_html() -> None:
    """Notes are numbered over the whole text, so no card of its own could render them."""
    reference, _, notes = compile_blocks("a[^x]\n\n[^x]: b\n")
    assert reference.node is not None
    assert notes.node is not None
    assert 'href="#fn1"' in reference.node["html"]
    assert notes.node["html"].count("</section>") == 1


def test_html_that_stays_open_takes_what_it_reaches() -> None:
    """Comments that Ghost writes between cards would show inside an open `<pre>`."""
    joined, after = compile_blocks("<table><tr><td><pre>\na\n\n*b*\n\n</pre></td></tr></table>\n\nc")
    assert (joined.start, joined.end) == (0, 6)
    assert joined.node is not None
    assert "<em>b</em>" in joined.node["html"]
    assert after.verdict.form is Form.NATIVE


def test_commonmark_has_no_extensions() -> None:
    """With `dialect="commonmark"` nothing beyond the specification is read."""
    source = "~~a~~ ==b== www.x.org\n\n> [!NOTE]\n> c\n\n::: aside\nd\n:::\n"
    kinds = [node["type"] for node in compile_markdown(source, dialect="commonmark")["root"]["children"]]
    assert kinds == ["paragraph", "extended-quote", "paragraph"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (">" * 500, "nested deeper than 100 levels"),
        ("a\n\nb \ud800", "line 3: half of a surrogate pair (U+D800), which no file can hold"),
        ("[" * 1_000_000, "line 1: one paragraph of 1,000,000 characters, 1,000,000 of them markup"),
        ("a\n\n```ghost:bottun\n```", "line 3: no card is called 'bottun'"),
        (
            "```ghost:button\ntext: a\nurll: b\n```",
            "line 3: ghost:button: no property 'urll'; ghost:button has alignment",
        ),
        ("```ghost:signup\nlabels: [a]\nheader:\n  - b\n```", "line 3: ghost:signup: header must be text"),
        ("```ghost:button\ntext: [a\n```", "line 3: ghost:button: "),
        ("```ghost:video\nsrc: a.mp4\nwidth: wide\n```", "line 3: ghost:video: width must be a number"),
        ("```ghost:video\nloop: 1\n```", "line 2: ghost:video: loop must be true or false"),
        ("```ghost:button\ntext: &a b\nurl: *a\n```", "line 2: ghost:button: an alias"),
        ("```ghost:raw\n{]\n```", "line 2: ghost:raw: not JSON"),
        ("```ghost:raw\n" + "[" * 100_000 + "\n```", "line 2: ghost:raw: JSON nested too deep"),
        ("a\n\n::: callout {colour=red}\n:::", "line 3: ::: callout has no attribute 'colour'"),
        ("::: callout {\n:::", "line 1: ::: callout: cannot read the attributes '{'"),
    ],
)
def test_what_cannot_be_compiled_is_refused_with_its_line(source: str, message: str) -> None:
    """Faulty fences, hostile depth and text that no file can hold are errors, not guesses."""
    with pytest.raises(ContentError) as refusal:
        compile_markdown(source)
    assert refusal.value.message.startswith(message)


def test_nul_becomes_the_replacement_character() -> None:
    """As CommonMark demands."""
    assert nodes("a\0b") == [{"type": "paragraph", "children": [text("a\ufffdb")]}]
