"""Something from another site."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="embed",
    title="Embed",
    is_shown=False,
    about="A film, a post or a player from another site; `html` is what that site gives for embedding.",
    example=(
        "```ghost:embed\n"
        "url: https://example.com/watch?v=1\n"
        "type: video\n"
        'html: <iframe src="https://example.com/embed/1"></iframe>\n'
        "```\n"
    ),
    properties=(
        Property(name="url", kind=Kind.LINK),
        Property(name="embedType", key="type"),
        Property(name="html", kind=Kind.HTML),
        Property(name="metadata", default={}, kind=Kind.DATA),
        Property(name="caption", kind=Kind.INLINE),
    ),
)
