"""A boxed appeal with a button."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property, Wrapping
from ghostsync.lexical.cards.visibility import EVERYONE

CARD = Card(
    type="call-to-action",
    title="Call to action",
    about="A boxed appeal with picture, sponsor label and button, on the site and in emails.",
    example=(
        "```ghost:call-to-action\n"
        "text: Our friends sell *fox food*.\n"
        "button_text: Have a look\n"
        "button_url: https://example.com/food/\n"
        "background_color: green\n"
        "```\n"
    ),
    properties=(
        Property(name="layout", default="minimal"),
        Property(name="alignment", default="left"),
        Property(name="textValue", kind=Kind.BLOCKS, key="text"),
        Property(name="showButton", default=True, kind=Kind.BOOLEAN),
        Property(name="showDividers", default=True, kind=Kind.BOOLEAN),
        Property(name="buttonText", default="Learn more"),
        Property(name="buttonUrl", kind=Kind.LINK),
        Property(name="buttonColor", default="#000000"),
        Property(name="buttonTextColor", default="#ffffff"),
        Property(name="hasSponsorLabel", default=True, kind=Kind.BOOLEAN),
        Property(name="sponsorLabel", default="<p>SPONSORED</p>", kind=Kind.INLINE, wrapping=Wrapping.PARAGRAPH),
        Property(name="backgroundColor", default="grey"),
        Property(name="linkColor", default="text"),
        Property(name="imageUrl", kind=Kind.IMAGE),
        Property(name="imageWidth", default=None, kind=Kind.NUMBER),
        Property(name="imageHeight", default=None, kind=Kind.NUMBER),
        Property(name="visibility", kind=Kind.VISIBILITY, default=EVERYONE),
    ),
)
