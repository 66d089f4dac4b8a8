"""A picture on its own."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="image",
    title="Image",
    about=(
        "A picture alone in its paragraph. A link around it makes it clickable; attributes set the width "
        "class, the caption (which is Markdown) and the size."
    ),
    example='![A red fox](fox.jpg "Vulpes vulpes"){.wide caption="Photo by *Ada*"}\n',
    properties=(
        Property(name="src", kind=Kind.IMAGE),
        Property(name="caption", kind=Kind.INLINE),
        Property(name="title"),
        Property(name="alt"),
        Property(name="cardWidth", default="regular"),
        Property(name="width", default=None, kind=Kind.NUMBER),
        Property(name="height", default=None, kind=Kind.NUMBER),
        Property(name="href", kind=Kind.LINK),
    ),
)
