"""Which of Ghost's upload endpoints takes a file, and under which media type.

Ghost judges an upload by its name's extension and by the declared type together (`uploads` in its
`shared/config/overrides.json`), so both come from one table. Python's `mimetypes` alone would not do: what it knows
depends on the machine. Pictures that Ghost's image endpoint refuses (AVIF, HEIC, TIFF, BMP) are files to download.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Final

from ghostsync.model import Bucket

IMAGE_TYPES: Final[Mapping[str, str]] = {
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".svgz": "image/svg+xml",
    ".webp": "image/webp",
}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".wav": "audio/wav",
    ".webm": "video/webm",
}
UNSUPPORTED_PICTURES: Final = frozenset({".avif", ".bmp", ".heic", ".heif", ".jxl", ".tif", ".tiff"})
"""Extensions of pictures that browsers or people know and Ghost does not take as pictures."""

# Of `mimetypes`, only its own list: not the machine's files, which differ.
_TYPES = mimetypes.MimeTypes()


def suffix_of(name: str) -> str:
    """Return a name's extension in lower case, with its dot; empty where it has none."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def bucket_of(name: str) -> Bucket:
    """Return the endpoint that takes a file of this name."""
    suffix = suffix_of(name)
    if suffix in IMAGE_TYPES:
        return Bucket.IMAGES
    return Bucket.MEDIA if suffix in MEDIA_TYPES else Bucket.FILES


def media_type_of(name: str) -> str:
    """Return the media type under which a file of this name is uploaded."""
    suffix = suffix_of(name)
    known = IMAGE_TYPES.get(suffix) or MEDIA_TYPES.get(suffix)
    return known or _TYPES.guess_type(f"x{suffix}", strict=False)[0] or "application/octet-stream"
