"""An edit made in Ghost comes back as the smallest change of the author's file.

Law L4: for a text t that compiles to d, and any edited d', `patch_markdown(t, d, d')` compiles to d', and every
top-level block that did not change keeps its lines byte for byte.
"""

from __future__ import annotations

import copy
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from difflib import unified_diff
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from law_settings import laws
from lexical_edits import random_edit, with_notes_in_place
from lexical_strategies import blocks, markdown

from ghostsync.errors import ContentError
from ghostsync.lexical import compile_blocks, compile_markdown, normalise_lexical, normalise_node, patch_markdown

Node = dict[str, Any]
Nodes = list[Node]
LINE_END = re.compile(r"\r\n|\n|\r")

TEXT = """\
Intro line one is
hard *wrapped* at a [ref][r] and
ends here.

* item one
* item two
    + nested a
    + nested b

Setext head
-----------

```ghost:button
# a comment
url: "https://example.com/"   # where
text: Go
```

> quoted text
> over lines

1) first
2) second

[r]: /url "t"

    indented code
    of two lines

Last para with a note[^n].

[^n]: The note.
"""


def changes(text: str, edit: Callable[[Nodes], object]) -> list[str]:
    """Make an edit and return the lines that the patch takes away and adds, after checking that it is right."""
    before = compile_markdown(text)
    after = copy.deepcopy(before)
    edit(after["root"]["children"])
    patched = patch_markdown(text, before, after)
    assert normalise_lexical(compile_markdown(patched)) == normalise_lexical(after)
    diff = unified_diff(text.splitlines(keepends=True), patched.splitlines(keepends=True), n=0)
    return [line for line in diff if line[0] in "+-" and not line.startswith(("+++", "---"))]


def replace_in(node: Node, old: str, new: str) -> None:
    """Replace a word in the first text that has it."""
    for child in node.get("children") or ():
        replace_in(child, old, new)
    if isinstance(node.get("text"), str):
        node["text"] = node["text"].replace(old, new)


def text_node(value: str) -> Node:
    """A plain text node."""
    return {
        "detail": 0,
        "format": 0,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": "extended-text",
        "version": 1,
    }


def paragraph(value: str) -> Node:
    """A paragraph of plain text."""
    return {
        "children": [text_node(value)],
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "type": "paragraph",
        "version": 1,
    }


def test_no_edit_gives_the_same_text() -> None:
    """What did not change comes back byte for byte."""
    document = compile_markdown(TEXT)
    assert patch_markdown(TEXT, document, copy.deepcopy(document)) == TEXT


def test_what_the_editor_fills_in_is_no_edit() -> None:
    """Defaults, pre-wrap spans and `extended-` types leave the file alone."""
    before = compile_markdown("Hello *you*\n\n::: callout\nhi\n:::\n")
    after = copy.deepcopy(before)
    after["root"]["children"][1]["calloutText"] = '<p><span style="white-space: pre-wrap;">hi</span></p>'
    after["root"]["children"][0]["children"][0]["type"] = "text"
    after["root"]["children"].append({**paragraph("x"), "children": []})
    assert (
        patch_markdown("Hello *you*\n\n::: callout\nhi\n:::\n", before, after)
        == "Hello *you*\n\n::: callout\nhi\n:::\n"
    )


def test_a_typo_in_a_hard_wrapped_paragraph_is_one_line() -> None:
    """The author's wrapping and reference link stay."""
    assert changes(TEXT, lambda nodes: replace_in(nodes[0], "wrapped", "wraped")) == [
        "-hard *wrapped* at a [ref][r] and\n",
        "+hard *wraped* at a [ref][r] and\n",
    ]


def test_a_word_within_underscores_keeps_them_and_the_wrapping() -> None:
    """The decompiler writes `*`; who writes `_` keeps it, and the line ends, where a word in it changes."""
    text = "It is _very\nsmall_, in __bold__\nand snake_case.\n"
    assert changes(text, lambda nodes: replace_in(nodes[0], "very", "quite")) == ["-It is _very\n", "+It is _quite\n"]
    bold = ["-small_, in __bold__\n", "+small_, in __italics__\n"]
    assert changes(text, lambda nodes: replace_in(nodes[0], "bold", "italics")) == bold


def test_a_word_deleted_at_the_start_of_a_line_leaves_the_wrapping() -> None:
    """No line is joined with another one."""
    assert changes("aaa bbb\nccc ddd\n", lambda nodes: replace_in(nodes[0], "ccc ", "")) == ["-ccc ddd\n", "+ddd\n"]


def test_a_new_item_takes_the_authors_bullet_and_indentation() -> None:
    """Other items of a nested list keep their lines."""

    def add(nodes: Nodes) -> None:
        items = nodes[1]["children"][2]["children"][0]["children"]
        items.append({**copy.deepcopy(items[1]), "children": [text_node("nested c")]})

    assert changes(TEXT, add) == ["+    + nested c\n"]


def test_a_new_item_of_a_numbered_list_leaves_the_other_numbers() -> None:
    """Markdown counts by itself: only the new line is new."""

    def add(nodes: Nodes) -> None:
        items = nodes[5]["children"]
        items.insert(1, {**copy.deepcopy(items[1]), "children": [text_node("between")]})

    assert changes(TEXT, add) == ["+2) between\n"]


def test_a_changed_item_is_one_line() -> None:
    """Bullets stay."""
    assert changes(TEXT, lambda nodes: replace_in(nodes[1], "item two", "item 2")) == ["-* item two\n", "+* item 2\n"]


def test_a_setext_heading_stays_one() -> None:
    """The form of a heading is the author's."""
    assert changes(TEXT, lambda nodes: replace_in(nodes[2], "Setext", "Another")) == [
        "-Setext head\n",
        "+Another head\n",
    ]


def test_a_changed_property_is_one_line_of_yaml() -> None:
    """Order of keys, quotes and comments are the author's."""
    assert changes(TEXT, lambda nodes: nodes[3].update(buttonText="Read on")) == ["-text: Go\n", "+text: Read on\n"]
    assert changes(TEXT, lambda nodes: nodes[3].update(buttonUrl="https://example.com/b")) == [
        '-url: "https://example.com/"   # where\n',
        '+url: "https://example.com/b"   # where\n',
    ]


def test_a_new_property_is_one_new_line() -> None:
    """What the card already said stays as it was written."""
    assert changes(TEXT, lambda nodes: nodes[3].update(alignment="left")) == ["+alignment: left\n"]


def test_a_quote_keeps_its_marks() -> None:
    """A word in the second line of a quote is one line."""
    assert changes(TEXT, lambda nodes: replace_in(nodes[4], "over", "across")) == [
        "-> over lines\n",
        "+> across lines\n",
    ]


def test_indented_code_stays_indented() -> None:
    """A new line of code gets the indentation of the others."""
    assert changes(TEXT, lambda nodes: nodes[6].update(code="indented code\nof three\nof two lines")) == [
        "+    of three\n"
    ]


def test_a_moved_block_moves_with_its_lines() -> None:
    """A block that only moved is the author's text elsewhere."""
    moved = changes(TEXT, lambda nodes: nodes.insert(2, nodes.pop(0)))
    assert [line[1:] for line in moved if line[0] == "-" and line.strip("-\n")] == [
        line[1:] for line in moved if line[0] == "+" and line.strip("+\n")
    ]


def test_a_deleted_block_leaves_its_definitions() -> None:
    """A reference definition after a deleted block stays, others may use it."""
    assert changes("a [x][r]\n\nb\n\n[r]: /u\n\nc\n", lambda nodes: nodes.pop(1)) == ["-\n", "-b\n"]


def test_a_paragraph_with_a_footnote_is_patched_in_place() -> None:
    """The reference and the note stay Markdown."""

    def fix(nodes: Nodes) -> None:
        nodes[7]["html"] = nodes[7]["html"].replace("Last para", "Last paragraph")

    assert changes(TEXT, fix) == ["-Last para with a note[^n].\n", "+Last paragraph with a note[^n].\n"]


def test_two_lists_that_come_to_touch_stay_two() -> None:
    """Deleting the paragraph between two lists changes no line of either."""
    lines = changes("- a\n\nbetween\n\n- b\n", lambda nodes: nodes.pop(1))
    assert not any(line[1:] in {"- a\n", "- b\n"} for line in lines)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_stay(end: str) -> None:
    """A CRLF file stays one, in new lines too."""
    text = TEXT.replace("\n", end)
    before = compile_markdown(text)
    after = copy.deepcopy(before)
    replace_in(after["root"]["children"][0], "wrapped", "wraped")
    after["root"]["children"].insert(1, paragraph("new"))
    patched = patch_markdown(text, before, after)
    assert patched == text.replace("wrapped", "wraped").replace(f"here.{end}", f"here.{end}{end}new{end}")


def test_a_file_without_a_last_line_end_stays_one() -> None:
    """Bytes at the end of a file are the author's too."""
    before = compile_markdown("one two\n\nthree")
    after = copy.deepcopy(before)
    replace_in(after["root"]["children"][0], "two", "2")
    assert patch_markdown("one two\n\nthree", before, after) == "one 2\n\nthree"


def kept_blocks(text: str, after: Node) -> list[tuple[int, list[str]]]:
    """What must still stand in the patch: for each node of `after` that blocks of `text` compile to, how many of them.

    Blocks that nothing can follow, such as a fence in a list that only the end of the text ends, are left out: to
    stand elsewhere they must be written otherwise.
    """
    wanted = Counter(repr(node) for node in normalise_lexical(with_notes_in_place(after))["root"]["children"])
    lines = LINE_END.split(text)
    blocks = [block for block in compile_blocks(text) if block.node is not None and block.start != block.end]
    nodes = with_notes_in_place(compile_markdown(text))["root"]["children"]
    found: dict[str, list[str]] = defaultdict(list)
    for block, node in zip(blocks, nodes, strict=False):
        own = "\n".join(lines[block.start : block.end])
        key = repr(normalise_node(node))
        if key in wanted and (node != block.node or may_be_followed(own, key)):
            found[key].append(own)
    return [(min(wanted[key], len(owns)), owns) for key, owns in found.items()]


def may_be_followed(own: str, key: str) -> bool:
    """Whether the lines of a block say the same with another block after them."""
    try:
        alone = compile_markdown(f"{own}\n\nend")["root"]["children"]
    except ContentError:
        return False
    return len(alone) == 2 and repr(normalise_node(alone[0])) == key


@laws
@given(markdown, st.integers(0, 2**32), st.lists(blocks, max_size=2))
def test_any_text_and_any_edit(text: str, seed: int, new: Nodes) -> None:
    """L4: the patch compiles to the edited document and keeps the lines of every block that did not change."""
    try:
        before = compile_markdown(text)
    except ContentError:
        assume(False)
        return
    chance = random.Random(seed)
    after = copy.deepcopy(before)
    for _ in range(chance.randint(0, 2)):
        edit = random_edit(after, chance)
        after = edit.after if edit else after
    for node in new:
        after["root"]["children"].insert(chance.randint(0, len(after["root"]["children"])), node)
    patched = patch_markdown(text, before, after)
    assert said(compile_markdown(patched)) == said(after)
    patched_lines = "\n".join(LINE_END.split(patched))
    for count, blocks_of_one_kind in kept_blocks(text, after):
        assert sum(lines in patched_lines for lines in blocks_of_one_kind) >= count


def said(document: Node) -> Node:
    """What a document says to a reader, whatever the numbers of its footnotes."""
    return normalise_lexical(with_notes_in_place(document))


NOTES = """\
One[^a] and two[^b].

Three *refers*[^c] too.

[^a]: The first note,
    in two lines.
[^b]: The second.

End[^a].

[^c]: The third.
"""


def note_changes(edit: Callable[[Nodes], object]) -> list[str]:
    """Make an edit of the text with footnotes and return the lines that the patch takes away and adds."""
    before = compile_markdown(NOTES)
    after = copy.deepcopy(before)
    edit(after["root"]["children"])
    patched = patch_markdown(NOTES, before, after)
    assert said(compile_markdown(patched)) == said(after)
    diff = unified_diff(NOTES.splitlines(keepends=True), patched.splitlines(keepends=True), n=0)
    return [line for line in diff if line[0] in "+-" and not line.startswith(("+++", "---"))]


def test_a_deleted_block_with_a_footnote_leaves_the_other_footnotes() -> None:
    """The others are counted anew; their lines, and the definition, stay."""
    assert note_changes(lambda nodes: nodes.pop(0)) == ["-One[^a] and two[^b].\n", "-\n"]


def test_a_moved_block_with_a_footnote_moves_with_its_lines() -> None:
    """Its notes get other numbers, and nothing becomes HTML."""
    lines = note_changes(lambda nodes: nodes.insert(1, nodes.pop(0)))
    assert sorted(line[1:] for line in lines if line[0] == "-") == sorted(line[1:] for line in lines if line[0] == "+")


def test_an_edited_note_is_edited_where_it_is_defined() -> None:
    """A typo in a footnote is one line, in the author's own wrapping."""

    def fix(nodes: Nodes) -> None:
        nodes[-1]["html"] = nodes[-1]["html"].replace("in two lines", "in 2 lines")

    assert note_changes(fix) == ["-    in two lines.\n", "+    in 2 lines.\n"]


def test_notes_that_are_no_longer_ours_become_html() -> None:
    """Without the list of notes the references are what Ghost holds: numbers in HTML."""
    before = compile_markdown(NOTES)
    after = copy.deepcopy(before)
    after["root"]["children"].pop()
    patched = patch_markdown(NOTES, before, after)
    assert normalise_lexical(compile_markdown(patched)) == normalise_lexical(after)
    assert "[^a]: The first note,\n    in two lines.\n" in patched


def test_a_definition_in_a_deleted_block_stays_where_others_use_it() -> None:
    """The lines of a reference stay although its definition stood in the block that went away."""
    text = "> quote\n>\n> [ref]: /url 'title'\n\n## A [link][ref]\n\nmore\n"
    assert changes(text, lambda nodes: nodes.pop(0)) == [
        "-> quote\n",
        "->\n",
        "-> [ref]: /url 'title'\n",
        "-\n",
        "+\n",
        '+[ref]: </url> "title"\n',
    ]


def test_an_open_fence_is_closed_when_something_follows_it() -> None:
    """Its own lines stay."""
    assert changes("a\n\n```\ncode\n", lambda nodes: nodes.append(paragraph("new"))) == ["+```\n", "+\n", "+new\n"]


def test_the_empty_paragraph_that_the_editor_leaves_does_not_hide_the_notes() -> None:
    """A post that was opened in the editor ends with one."""
    assert note_changes(lambda nodes: (nodes.pop(0), nodes.append({**paragraph(""), "children": []}))) == [
        "-One[^a] and two[^b].\n",
        "-\n",
    ]


def test_a_patch_keeps_to_its_dialect() -> None:
    """Without extensions a struck word is a tag, where it would be `~~` with them."""
    text = "one two three\n\n- a\n"
    before = compile_markdown(text, dialect="commonmark")
    after = copy.deepcopy(before)
    struck = {**text_node("two"), "format": 4}
    after["root"]["children"][0]["children"] = [text_node("one "), struck, text_node(" three")]
    assert patch_markdown(text, before, after, dialect="commonmark") == "one <s>two</s> three\n\n- a\n"
    assert patch_markdown(text, before, after) == "one ~~two~~ three\n\n- a\n"
