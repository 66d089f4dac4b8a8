"""Pictures side by side."""

from __future__ import annotations

from typing import Any

from ghostsync.lexical.cards.definition import Card, Kind, Property

#: `kg-default-nodes/src/nodes/gallery/gallery-renderer.js`, MAX_IMG_PER_ROW.
PER_ROW = 3

CARD = Card(
    type="gallery",
    title="Gallery",
    about=(
        "Pictures side by side, three in a row. Ghost shows a picture only if its width and height are known; they "
        "are measured when a local picture is pushed."
    ),
    example=(
        '::: gallery {caption="Foxes, resting"}\n'
        "![One](one.jpg)\n"
        "![Two](two.jpg)\n"
        '![Three](three.jpg "The third")\n'
        ":::\n"
    ),
    properties=(
        Property(
            name="images",
            default=(),
            kind=Kind.DATA,
            items=(
                Property(name="src", kind=Kind.IMAGE),
                Property(name="alt"),
                Property(name="title"),
                Property(name="caption", kind=Kind.INLINE),
                Property(name="href", kind=Kind.LINK),
                Property(name="fileName"),
                Property(name="row", default=0, kind=Kind.NUMBER),
                Property(name="width", default=None, kind=Kind.NUMBER),
                Property(name="height", default=None, kind=Kind.NUMBER),
            ),
        ),
        Property(name="caption", kind=Kind.INLINE),
    ),
)


def file_name(src: str) -> str:
    """The last part of an address: Ghost skips pictures of a gallery that have no `fileName`."""
    return src.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1] or "image"


def picture(index: int, **values: Any) -> dict[str, Any]:
    """One picture of a gallery in the shape that the editor writes; rows are filled three by three."""
    return {"row": index // PER_ROW, "fileName": file_name(values["src"]), **values}
