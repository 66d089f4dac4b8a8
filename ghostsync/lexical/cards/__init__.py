"""The cards of Ghost's editor, one file each: `CARDS` maps a node's type to its definition.

The list is that of `@tryghost/kg-default-nodes` 2.2.1 (Ghost 6.65), `kg-default-nodes.js`, DEFAULT_NODES.
"""

from __future__ import annotations

from ghostsync.lexical.cards import (
    audio,
    bookmark,
    button,
    call_to_action,
    callout,
    codeblock,
    email,
    email_cta,
    embed,
    file,
    gallery,
    header,
    horizontalrule,
    html,
    image,
    markdown,
    paywall,
    product,
    signup,
    toggle,
    transistor,
    video,
)
from ghostsync.lexical.cards.definition import ADDRESS_KINDS, RICH_KINDS, Card, Kind, Property, Wrapping
from ghostsync.lexical.nodes import STRUCTURE_TYPES

CARDS: dict[str, Card] = {
    module.CARD.type: module.CARD
    for module in (
        image, gallery, callout, toggle, button, bookmark, embed, codeblock, html, markdown, horizontalrule, paywall,
        video, audio, file, product, header, signup, call_to_action, email, email_cta, transistor,
    )
}  # fmt: skip

#: Every node type that Ghost registers, cards and structure.
NODE_TYPES: frozenset[str] = STRUCTURE_TYPES | CARDS.keys()

__all__ = ["ADDRESS_KINDS", "CARDS", "NODE_TYPES", "RICH_KINDS", "Card", "Kind", "Property", "Wrapping"]
