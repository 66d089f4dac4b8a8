"""A rule between two parts."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card

CARD = Card(
    type="horizontalrule",
    title="Divider",
    about="A rule between two parts.",
    example="---\n",
)
