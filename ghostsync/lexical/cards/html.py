"""HTML as the author wrote it."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property
from ghostsync.lexical.cards.visibility import EVERYONE

CARD = Card(
    type="html",
    title="HTML",
    is_shown=False,
    about="A block of raw HTML. With blank lines inside, or with visibility settings, it takes the fence.",
    example=(
        "```ghost:html\n"
        "html: <p>Only members who pay read this.</p>\n"
        "visibility:\n"
        "  web:\n"
        "    nonMember: false\n"
        "    memberSegment: status:-free\n"
        "  email:\n"
        "    memberSegment: status:-free\n"
        "```\n"
    ),
    properties=(
        Property(name="html", kind=Kind.HTML),
        Property(name="visibility", kind=Kind.VISIBILITY, default=EVERYONE),
    ),
)
