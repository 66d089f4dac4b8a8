"""Where the public preview ends."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card

CARD = Card(
    type="paywall",
    title="Paywall",
    is_shown=False,
    about="What follows is for members only.",
    example="<!--members-only-->\n",
)
