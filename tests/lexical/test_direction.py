"""Rich text of cards that goes from right to left: Ghost's editor says so, and so does the compiler."""

from __future__ import annotations

import json

import pytest

from ghostsync.lexical import compile_markdown, decompile_lexical, normalise_lexical
from ghostsync.lexical.nodes import Node

HEBREW, ARABIC = "שלום עולם", "مرحبا بالعالم"


def saved(html: str, kind: str, name: str) -> Node:
    """Return a document with a card as Ghost's editor saves it."""
    card = {"type": kind, "version": 1, name: html}
    return {"root": {"type": "root", "version": 1, "children": [card]}}


@pytest.mark.parametrize(
    ("kind", "name"), [("toggle", "content"), ("callout", "calloutText"), ("product", "productDescription")]
)
@pytest.mark.parametrize("text", [HEBREW, f"1. ({ARABIC}) and more", f"«{HEBREW}» Latin"])
def test_the_direction_survives_the_way_to_markdown_and_back(kind: str, name: str, text: str) -> None:
    """It follows from the first letter that has one, so Markdown need not say it."""
    document = saved(f'<p dir="rtl"><span style="white-space: pre-wrap;">{text}</span></p>', kind, name)
    markdown = decompile_lexical(document)
    assert "rtl" not in markdown
    (card,) = compile_markdown(markdown)["root"]["children"]
    assert card[name] == f'<p dir="rtl">{text}</p>'
    assert normalise_lexical(compile_markdown(markdown)) == normalise_lexical(document)


@pytest.mark.parametrize("text", ["Hello", f"Hello {HEBREW}", "123", "🙂 x", "é", "日本 שלום"])
def test_what_begins_from_left_to_right_says_nothing(text: str) -> None:
    """As before, so that nothing changes for most sites."""
    compiled = compile_markdown(f"<details>\n<summary>x</summary>\n\n{text}\n\n</details>\n")
    assert "rtl" not in json.dumps(compiled)


def test_headings_and_quotes_too() -> None:
    """List items do not: the editor leaves them without."""
    text = f"<details>\n<summary>x</summary>\n\n## {HEBREW}\n\n> {HEBREW}\n\n- {HEBREW}\n\n</details>\n"
    (card,) = compile_markdown(text)["root"]["children"]
    assert card["content"] == (
        f'<h2 dir="rtl">{HEBREW}</h2><blockquote dir="rtl">{HEBREW}</blockquote><ul><li>{HEBREW}</li></ul>'
    )
