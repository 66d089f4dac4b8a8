"""The page of the Markdown dialect: what it says a construct becomes is what the compiler makes of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ghostsync.lexical import compile_markdown

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/markdown.md").read_text(encoding="utf-8")
IMAGE = "![a](https://example.com/a.png)"
# What a row of the table of blocks means: examples, and the nodes that each becomes.
BLOCKS: dict[str, list[tuple[str, list[str]]]] = {
    "paragraph, heading, quote, code, rule": [
        ("Text.", ["paragraph"]),
        ("## Heading", ["extended-heading"]),
        ("> One\n>\n> Two", ["extended-quote"]),
        ("```py\nx\n```", ["codeblock"]),
        ("---", ["horizontalrule"]),
    ],
    "list, also nested and numbered": [("- a\n  - b", ["list"]), ("3. a\n4. b", ["list"]), ("- a\n\n- b", ["list"])],
    "list item of several paragraphs, list or code in a quote": [
        ("- a\n\n  b", ["markdown"]),
        ("> - a", ["markdown"]),
        ("> ```\n> x\n> ```", ["markdown"]),
    ],
    "picture alone in its paragraph": [(IMAGE, ["image"]), (f"[{IMAGE}](https://example.com)", ["image"])],
    "table": [("| a |\n|---|\n| 1 |", ["markdown"])],
    "task list": [("- [ ] a", ["html"])],
    "footnote": [("a[^1]\n\nb\n\n[^1]: n", ["html", "paragraph", "html"])],
    "HTML": [("<div>x</div>", ["html"])],
    "`<details>`, `> [!NOTE]`, `:::`, `` ```ghost: ``": [
        ("<details>\n<summary>s</summary>\n\nx\n\n</details>", ["toggle"]),
        ("> [!NOTE]\n> x", ["callout"]),
        ("::: aside\nx\n:::", ["aside"]),
        ("```ghost:button\ntext: x\nurl: https://example.com\n```", ["button"]),
    ],
}
# Lexical's bits of `format`.
FORMATS = {"*": 2, "**": 1, "`": 16, "~~": 4, "==": 128, "~": 32, "^": 64, "<u>": 8}


def blocks_of(text: str) -> list[dict[str, Any]]:
    """Return the top-level nodes that a text becomes."""
    return list(compile_markdown(text)["root"]["children"])


def rows(heading: str) -> dict[str, str]:
    """Return the table below a heading, first cell to second."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    found = [re.fullmatch(r"\| (.+?) \| (.+?) \|", line) for line in section.splitlines()]
    return {row[1]: row[2] for row in found if row and not row[1].startswith(("you write", "block"))}


def test_every_block_has_its_row() -> None:
    """The table and the examples here speak of the same."""
    assert set(rows("Blocks")) == set(BLOCKS)


@pytest.mark.parametrize("row", BLOCKS)
def test_a_block_becomes_what_its_row_says(row: str) -> None:
    """Native nodes and cards, each as it is told."""
    told = rows("Blocks")[row]
    for text, becomes in BLOCKS[row]:
        assert [node["type"] for node in blocks_of(text)] == becomes, text
        cards = {"markdown": "Markdown card", "html": "HTML card"}
        kind = next((cards[one] for one in becomes if one in cards), None)
        assert kind is None or kind in told


def test_formats_within_a_line() -> None:
    """Everything that the first rows show is a native format or link; what the last row names takes the block along."""
    table = rows("Within a line")
    # Code in code has two backticks around it.
    shown = [one or two for cell in list(table)[:3] for two, one in re.findall(r"`` (.+?) ``|`([^`]+)`", cell)]
    assert len(shown) == 8
    for text in shown:
        (paragraph,) = blocks_of(text)
        formats = {each["format"] for each in paragraph["children"]}
        assert formats & set(FORMATS.values()), text
    (links,) = (re.findall(r"`([^`]+)`", cell) for cell, held in table.items() if held == "a link")
    assert len(links) == 5
    for text in links:
        assert [each["type"] for each in blocks_of(text)[0]["children"]] == ["link"], text
    for text in ("a\\\nb", "a  \nb", "a<br>b"):
        assert "linebreak" in [each["type"] for each in blocks_of(text)[0]["children"]]
    for text in (f"a {IMAGE} b", "a <kbd>b</kbd>", "a[^1]\n\n[^1]: n"):
        assert blocks_of(text)[0]["type"] in {"markdown", "html"}


@pytest.mark.parametrize("text", ['"a" -- b...', ":smile:", "$x^{2}$ and $a$"])
def test_what_stays_as_it_is_typed(text: str) -> None:
    """No quotation marks, emoji and formulas are made of it."""
    assert "".join(each["text"] for each in blocks_of(text)[0]["children"]) == text


def test_commonmark_alone_has_none_of_it() -> None:
    """In that dialect the marks are text, and the fences stay."""
    for text in ("~~a~~", "==a==", "https://example.com", "a[^1]", "::: aside\nx\n:::"):
        first = compile_markdown(text, dialect="commonmark")["root"]["children"][0]
        assert first["type"] == "paragraph"
        assert {each.get("format") for each in first["children"]} == {0}
    fence = "```ghost:button\ntext: x\nurl: https://example.com\n```"
    assert compile_markdown(fence, dialect="commonmark")["root"]["children"][0]["type"] == "button"
