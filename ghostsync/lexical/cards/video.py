"""A film."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="video",
    title="Video",
    about="A film; its file may be a local one. Ghost shows it in the size that is written.",
    example=(
        "```ghost:video\n"
        "src: fox.mp4\n"
        "caption: A fox, *running*\n"
        "width: 640\n"
        "height: 360\n"
        "custom_thumbnail_src: fox.jpg\n"
        "```\n"
    ),
    properties=(
        Property(name="src", kind=Kind.MEDIA),
        Property(name="caption", kind=Kind.INLINE),
        Property(name="fileName"),
        Property(name="mimeType"),
        Property(name="width", default=None, kind=Kind.NUMBER),
        Property(name="height", default=None, kind=Kind.NUMBER),
        Property(name="duration", default=0, kind=Kind.NUMBER),
        Property(name="thumbnailSrc", kind=Kind.IMAGE),
        Property(name="customThumbnailSrc", kind=Kind.IMAGE),
        Property(name="thumbnailWidth", default=None, kind=Kind.NUMBER),
        Property(name="thumbnailHeight", default=None, kind=Kind.NUMBER),
        Property(name="cardWidth", default="regular"),
        Property(name="loop", default=False, kind=Kind.BOOLEAN),
    ),
)
