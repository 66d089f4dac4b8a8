"""A large heading with a background."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="header",
    title="Header",
    about="A large heading. `version: 2` is what the current editor makes.",
    example=(
        "```ghost:header\n"
        "version: 2\n"
        "header: Foxes\n"
        "subheader: Red, grey and arctic\n"
        'background_color: "#08090c"\n'
        "```\n"
    ),
    properties=(
        Property(name="version", default=1, kind=Kind.NUMBER),
        Property(name="size", default="small"),
        Property(name="style", default="dark"),
        Property(name="buttonEnabled", default=False, kind=Kind.BOOLEAN),
        Property(name="buttonUrl", kind=Kind.LINK),
        Property(name="buttonText"),
        Property(name="header", kind=Kind.INLINE),
        Property(name="subheader", kind=Kind.INLINE),
        Property(name="backgroundImageSrc", kind=Kind.IMAGE),
        Property(name="accentColor", default="#FF1A75"),
        Property(name="alignment", default="center"),
        Property(name="backgroundColor", default="#000000"),
        Property(name="backgroundImageWidth", default=None, kind=Kind.NUMBER),
        Property(name="backgroundImageHeight", default=None, kind=Kind.NUMBER),
        Property(name="backgroundSize", default="cover"),
        Property(name="textColor", default="#FFFFFF"),
        Property(name="buttonColor", default="#ffffff"),
        Property(name="buttonTextColor", default="#000000"),
        Property(name="layout", default="full"),
        Property(name="swapped", default=False, kind=Kind.BOOLEAN),
    ),
)
