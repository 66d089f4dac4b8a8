"""A podcast player for members."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property
from ghostsync.lexical.cards.visibility import MEMBERS

CARD = Card(
    type="transistor",
    title="Transistor",
    is_shown=False,
    about="A Transistor podcast player; it shows to members only unless its visibility says otherwise.",
    example='```ghost:transistor\naccent_color: "#ff0000"\n```\n',
    properties=(
        Property(name="accentColor"),
        Property(name="backgroundColor"),
        Property(name="visibility", kind=Kind.VISIBILITY, default=MEMBERS),
    ),
)
