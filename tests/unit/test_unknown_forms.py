"""What looks like a card's form and is none is found; what is one, or is shown on purpose, is not."""

from __future__ import annotations

import pytest

from ghostsync.core.unknown_forms import unknown_forms
from ghostsync.lexical import compile_markdown

CARDS = '::: aside\nx\n:::\n\n::: callout {emoji="🦊"}\nx\n:::\n\n> [!NOTE]\n> x\n\n> [!tip]\n> x\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('::: calout {emoji="x"}\nText.\n:::\n', ["::: calout"]),
        (":::warning\nText.\n:::\n\n:::warning\nMore.\n:::\n", [":::warning"]),
        ("> [!ABSTRACT]\n> Text.\n", ["[!ABSTRACT]"]),
        ("> [!NOTE] With a title\n> Text.\n", ["[!NOTE]"]),
        ("::: gallery\nWords.\n:::\n", ["::: gallery"]),
        (CARDS, []),
        ("`::: x` and ::: y, `[!z]` and [!z].\n\n```\n::: x\n```\n", []),
    ],
)
def test_forms(text: str, shown: list[str]) -> None:
    """At the beginning of a block only, once for each name; not in code, not within a line."""
    assert [form.shown for form in unknown_forms(compile_markdown(text))] == shown


def test_what_to_write_instead() -> None:
    """Names that there are; for a gallery what it holds; in CommonMark alone, the card."""
    (typo,) = unknown_forms(compile_markdown("::: calout\nx\n:::\n"))
    assert "`::: callout`" in typo.hint
    (titled,) = unknown_forms(compile_markdown("> [!note] With a title\n> x\n"))
    assert "alone" in titled.hint
    (gallery,) = unknown_forms(compile_markdown("::: gallery\nx\n:::\n"))
    assert "pictures" in gallery.hint
    (alone,) = unknown_forms(compile_markdown("::: callout\nx\n:::\n", dialect="commonmark"))
    assert "ghost:callout" in alone.hint
