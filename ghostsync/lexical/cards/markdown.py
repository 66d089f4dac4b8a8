"""Markdown that Ghost renders itself."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="markdown",
    title="Markdown",
    about=(
        "What Markdown can say and Ghost's own nodes cannot (a table, a list item with two paragraphs) "
        "becomes a Markdown card by itself, if Ghost renders that text as CommonMark does. The fence is for "
        "text that would otherwise become something else."
    ),
    example="| Fruit | Price |\n|-------|------:|\n| Apple |     2 |\n",
    properties=(Property(name="markdown", kind=Kind.MARKDOWN),),
)
