"""A button that leads somewhere."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="button",
    title="Button",
    about="A button.",
    example="```ghost:button\ntext: Meet the foxes\nurl: https://example.com/foxes/\n```\n",
    properties=(
        Property(name="buttonText", key="text"),
        Property(name="alignment", default="center"),
        Property(name="buttonUrl", kind=Kind.LINK, key="url"),
    ),
)
