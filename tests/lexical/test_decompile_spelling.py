"""How Lexical is spelled: naturally where that is right, and in some way always."""

from __future__ import annotations

from typing import Any

import pytest

from ghostsync.errors import ContentError
from ghostsync.lexical import compile_markdown, decompile_lexical, decompile_node, normalise_lexical

Node = dict[str, Any]


def document(*children: Node) -> Node:
    return {"root": {"type": "root", "children": list(children)}}


def paragraph(*children: Node | str) -> Node:
    return {"type": "paragraph", "children": [text(each) if isinstance(each, str) else each for each in children]}


def text(value: str, formats: int = 0) -> Node:
    return {"type": "text", "text": value, "format": formats}


def link(url: str, *children: Node, **more: Any) -> Node:
    return {"type": "link", "url": url, "children": list(children), **more}


def round_trips(*children: Node) -> str:
    """The spelling, after checking that it says the same."""
    made = decompile_lexical(document(*children))
    assert normalise_lexical(compile_markdown(made)) == normalise_lexical(document(*children))
    return made.removesuffix("\n")


BREAK: Node = {"type": "linebreak"}


@pytest.mark.parametrize(
    ("children", "spelled"),
    [
        (["# a"], "\\# a"),
        (["- a"], "\\- a"),
        (["12. a"], "12\\. a"),
        (["> a"], "\\> a"),
        (["---"], "\\---"),
        (["::: aside"], "\\::: aside"),
        (["a_b 2 * 3 [x] <b> AT&T &amp; \\ c:\\d"], "a_b 2 * 3 \\[x] \\<b> AT&T \\&amp; \\ c:\\d"),
        (["www.x.org https://x.org a@b.org"], "www\\.x.org https\\://x.org a\\@b.org"),
        ([" a "], "&#32;a&#32;"),
        (["a\u00a0b"], "a&nbsp;b"),
        (["a\nb"], "a&#10;b"),
        ([text("a", 1), text(" b", 0)], "**a** b"),
        ([text("a ", 1), text("b", 0)], "<strong>a </strong>b"),
        ([text("a", 3), text(" b", 2)], "***a** b*"),
        ([text("a", 8)], "<u>a</u>"),
        ([text("2", 64), " ", text("a b", 32)], "^2^ <sub>a b</sub>"),
        ([text("`a`", 16)], "`` `a` ``"),
        ([text("a", 17), text("b", 1)], "**`a`b**"),
        (["a", BREAK, "- b"], "a\\\n\\- b"),
        ([BREAK, "a", BREAK], "<br>a<br>"),
        ([link("https://x.org", text("https://x.org"))], "<https://x.org>"),
        ([link("/u", text("a", 1), title='t"')], '**[a](/u "t\\"")**'),
        ([link("/ü", text("a"))], '<a href="/ü">a</a>'),
        ([link("/u(", text("a]"))], "[a\\]](</u(>)"),
        ([link("/u", text("a"), target="_blank"), "{.x}"], "[a](/u){target=_blank}\\{.x}"),
        ([], "<p></p>\n\nx"),
        ([" "], "<p> </p>\n\nx"),
    ],
)
def test_text_is_spelled_so_that_it_reads_as_itself(children: list[Node | str], spelled: str) -> None:
    """Literal marks, white space and formats survive, with as few escapes as that takes."""
    tail = [paragraph("x")] if spelled.endswith("\n\nx") else []
    assert round_trips(paragraph(*children), *tail) == spelled


def item(*children: Node) -> Node:
    return {"type": "listitem", "children": list(children)}


def bullets(*items: Node, **more: Any) -> Node:
    return {"type": "list", "listType": "bullet", "children": list(items), **more}


def numbers(*items: Node, start: int = 1) -> Node:
    return {"type": "list", "listType": "number", "start": start, "children": list(items)}


def test_lists_nest_by_the_width_of_their_markers() -> None:
    """A nested list stands under the text of its item, after a blank line where it could not interrupt it."""
    made = round_trips(
        numbers(
            item(text("a")),
            item(bullets(item(text("b")), item(numbers(item(text("c")), start=4)), item())),
            item(text("d")),
            start=9,
        )
    )
    assert made == "9. a\n   - b\n\n     4. c\n   -\n10. d"


def test_lists_side_by_side_take_turns_with_their_markers() -> None:
    """With the same marker they would be one list."""
    lists = [bullets(item(text(each))) for each in "abc"]
    assert round_trips(*lists) == "- a\n\n* b\n\n- c"
    assert round_trips(numbers(item(text("a"))), numbers(item(text("b")))) == "1. a\n\n1) b"


def test_an_item_without_text_opens_its_list_on_its_own_line() -> None:
    """`- - a` is a list in an empty item."""
    assert round_trips(bullets(item(), item(bullets(item(text("a")))))) == "- - a"


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(
            {"type": "list", "listType": "check", "children": [{**item(text("a")), "checked": True}]}, id="check"
        ),
        pytest.param({"type": "hovercraft", "version": 7, "eels": [1, {"b": "\ud800"}]}, id="unknown"),
        pytest.param({"type": "button", "buttonUrl": "/a", "newInGhost9": {"x": None}}, id="unknown-property"),
        pytest.param(paragraph({"type": "image", "src": "/a.png"}), id="card-in-a-paragraph"),
        pytest.param(paragraph(text("a", 1 << 9)), id="unknown-format"),
        pytest.param({"type": "heading", "tag": "h9", "children": [text("a")]}, id="unknown-heading"),
        pytest.param(paragraph(text("a\0b\r")), id="control-characters"),
        pytest.param(text("a"), id="text-at-the-top"),
    ],
)
def test_what_no_markdown_says_comes_as_its_json(node: Node) -> None:
    """Nothing that the API can hold is lost."""
    assert "ghost:raw" in round_trips(paragraph("before"), node, paragraph("after"))


def test_the_editors_own_markup_leaves_no_trace() -> None:
    """Spans, extended types, defaults, cursor helpers and half-typed links are the editor's business."""
    rich = (
        '<p><span style="white-space: pre-wrap;">a </span><b><strong style="white-space: pre-wrap;">b</strong></b></p>'
    )
    made = decompile_lexical(
        document(
            {"type": "extended-heading", "tag": "h2", "children": [{"type": "extended-text", "text": "H"}]},
            paragraph("a", {"type": "tab", "text": "\t"}, {"type": "tk", "text": "TK"}, {"type": "zwnj", "text": ""}),
            paragraph("x ", {"type": "at-link", "children": [{"type": "at-link-search", "text": "q"}]}),
            {"type": "callout", "calloutText": rich, "calloutEmoji": "💡", "backgroundColor": "blue"},
            paragraph(),
            paragraph(),
        )
    )
    assert made == "## H\n\na\tTK\n\nx\n\n> [!NOTE]\n> a **b**\n"


def test_a_node_alone_has_no_line_end() -> None:
    """`decompile_node` is for putting a block into a text."""
    assert decompile_node(paragraph("a")) == "a"


@pytest.mark.parametrize("broken", [{}, {"root": {}}, {"root": {"children": None}}, [], None, "x"])
def test_what_is_no_document_is_refused(broken: Any) -> None:
    """With a sentence, not a traceback."""
    with pytest.raises(ContentError, match="not a Lexical document"):
        decompile_lexical(broken)


def test_depth_is_bounded() -> None:
    """Ten thousand levels are refused, in nodes and in data."""
    deep: Any = []
    node = paragraph()
    for _ in range(10_000):
        deep = [deep]
        node = {"type": "paragraph", "children": [node]}
    with pytest.raises(ContentError, match="nested"):
        decompile_lexical(document(node))
    with pytest.raises(ContentError, match="nested"):
        decompile_lexical(document({"type": "x", "data": deep}))


def test_without_extensions_formats_are_tags_and_cards_are_fences() -> None:
    """What CommonMark has no mark for is HTML within text; a fence is CommonMark's own."""
    callout = {"type": "callout", "calloutText": "<p>hi</p>", "calloutEmoji": "", "backgroundColor": "grey"}
    whole = document(paragraph("a ", text("b", 4), " ", text("c", 128), " ", text("d", 1)), callout)
    made = decompile_lexical(whole, dialect="commonmark")
    assert made.startswith("a <s>b</s> <mark>c</mark> **d**\n\n```ghost:callout\n")
    assert normalise_lexical(compile_markdown(made, dialect="commonmark")) == normalise_lexical(whole)
