"""Measures the pictures, media and files that documents refer to: digest, type, size, width and height.

Width and height are those a reader sees, after a camera's EXIF orientation. A picture that cannot be read as one is
a problem of the documents that show it: Ghost would answer its upload with an error, after other files went up.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import imagesize

from ghostsync.core.media_types import bucket_of, media_type_of, suffix_of
from ghostsync.errors import Problem
from ghostsync.model import Asset, Bucket, Digest, DocPath

_PIECE = 1 << 20
# imagesize knows no .ico, and a .svgz would have to be unpacked; both go without a size.
_UNMEASURED = frozenset({".ico", ".svgz"})


def measure_file(place: Path, path: DocPath) -> Asset | Problem:
    """Return the file at `place`, measured; `path` is its name in the content root. A Problem if it cannot be used."""
    try:
        size, digest = _digest(place)
        width, height = _dimensions(place, path)
    except OSError as wrong:
        reason = wrong.strerror or str(wrong)
        return Problem(path=path, message=f"the file cannot be read: {reason}", hint="check its permissions")
    if size == 0:
        return Problem(path=path, message="the file is empty", hint="replace it, or remove the reference to it")
    bucket = bucket_of(path)
    if bucket is Bucket.IMAGES and width is None and suffix_of(path) not in {*_UNMEASURED, ".svg"}:
        return Problem(
            path=path,
            message=f"this is no picture that can be read as {media_type_of(path)}",
            hint="export it again, with the extension of its real format",
        )
    return Asset(
        path=path,
        sha256=digest,
        size=size,
        bucket=bucket,
        mime=media_type_of(path),
        width=width,
        height=height,
    )


def _digest(place: Path) -> tuple[int, Digest]:
    total, state = 0, hashlib.sha256()
    with place.open("rb") as file:
        while piece := file.read(_PIECE):
            state.update(piece)
            total += len(piece)
    return total, Digest(state.hexdigest())


def _dimensions(place: Path, path: DocPath) -> tuple[int | None, int | None]:
    if bucket_of(path) is not Bucket.IMAGES or suffix_of(path) in _UNMEASURED:
        return None, None
    try:
        width, height = imagesize.get(str(place))
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error):
        # Broken files make the reader stumble in its own ways; they are all "no picture".
        return None, None
    return (int(width), int(height)) if width > 0 and height > 0 else (None, None)
