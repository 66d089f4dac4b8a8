"""Top-level nodes in normal form as Markdown: every way to say each, the most natural first.

`spellings` may be wrong about a detail; the decompiler compiles what it takes. The last spelling, raw JSON, is right
for anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghostsync.lexical.cards import CARDS
from ghostsync.lexical.fence import spell_fence, spell_raw
from ghostsync.lexical.spell_cards import CARD_FORMS, spell_property
from ghostsync.lexical.spell_inline import Spelling, Unspeakable
from ghostsync.lexical.spell_structure import STRUCTURES, Markers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ghostsync.lexical.nodes import Node


def spellings(node: Node, markers: Markers = Markers.FIRST) -> Iterator[str]:
    """Candidates for one top-level node in normal form."""
    kind = str(node.get("type"))
    if (card := CARDS.get(kind)) is not None:
        for spelling in Spelling:
            for form in CARD_FORMS.get(kind, ()):
                try:
                    text = form(node, spelling)
                except (Unspeakable, TypeError, AttributeError, KeyError):
                    continue  # a value of another sort than the form is for
                if isinstance(text, str):  # nothing keeps an API client from putting a list where text belongs
                    yield text
        fence = spell_fence(card, node, spell_property)
        if fence is not None:
            yield fence
    elif kind in STRUCTURES:
        for spelling in Spelling:
            try:
                yield STRUCTURES[kind](node, spelling, markers)
            except (Unspeakable, TypeError, AttributeError, KeyError):
                continue
    yield spell_raw(node)
