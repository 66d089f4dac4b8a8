"""A download."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="file",
    title="File",
    about="A file to download; it may be a local one.",
    example="```ghost:file\nsrc: foxes.pdf\ntitle: The book of foxes\ncaption: 120 pages\n```\n",
    properties=(
        Property(name="src", kind=Kind.FILE),
        Property(name="fileTitle", key="title"),
        Property(name="fileCaption", key="caption"),
        Property(name="fileName"),
        Property(name="fileSize", default=0, kind=Kind.NUMBER),
    ),
)
