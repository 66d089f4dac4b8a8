"""A link with a preview."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="bookmark",
    title="Bookmark",
    about="A link shown with title, description and pictures of the page it leads to.",
    example=(
        "```ghost:bookmark\n"
        "url: https://example.com/foxes/\n"
        "title: All about foxes\n"
        "description: They are clever.\n"
        "```\n"
    ),
    properties=(
        Property(name="url", kind=Kind.LINK),
        Property(name="metadata.icon", kind=Kind.IMAGE, key="icon"),
        Property(name="metadata.title", key="title"),
        Property(name="metadata.description", key="description"),
        Property(name="metadata.author", key="author"),
        Property(name="metadata.publisher", key="publisher"),
        Property(name="metadata.thumbnail", kind=Kind.IMAGE, key="thumbnail"),
        Property(name="caption", kind=Kind.INLINE),
    ),
)
