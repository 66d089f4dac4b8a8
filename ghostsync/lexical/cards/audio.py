"""A sound."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="audio",
    title="Audio",
    about="A sound; its file may be a local one.",
    example="```ghost:audio\nsrc: episode-1.mp3\ntitle: Episode 1\n```\n",
    properties=(
        Property(name="duration", default=0, kind=Kind.NUMBER),
        Property(name="mimeType"),
        Property(name="src", kind=Kind.MEDIA),
        Property(name="title"),
        Property(name="thumbnailSrc", kind=Kind.IMAGE),
    ),
)
