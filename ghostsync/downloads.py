"""Fetching what the site serves, as near to the author's own bytes as can be had.

Ghost recompresses pictures and keeps the untouched upload beside them (`name_o.png`); where it kept none, what it
serves is the upload itself. SVG is rewritten and no original kept, so a record carries small ones. Where a record
knows the digest, the candidate that has it is taken; where none has it any more, what the site shows is still better
than a document without its picture.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from ghostsync.core.changes import Download
from ghostsync.core.digest import bytes_digest
from ghostsync.core.media_types import suffix_of
from ghostsync.errors import NotFound
from ghostsync.ports import Remote

# Ghost optimises these and keeps `_o` copies of them (`@tryghost/image-transform`); the rest it stores as it is.
_OPTIMISED = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})


def candidates_of(url: str) -> tuple[str, ...]:
    """Return the addresses at which the original bytes of an upload may be, best first."""
    bare = url.partition("?")[0].partition("#")[0]
    if "/content/images/" not in bare or suffix_of(bare) not in _OPTIMISED:
        return (bare,)
    stem, _, extension = bare.rpartition(".")
    return (f"{stem}_o.{extension}", bare)


def versions_served(remote: Remote, url: str) -> Iterator[bytes]:
    """Yield the bytes that the site has for an upload, best first; nothing where it has none."""
    for candidate in candidates_of(url):
        try:
            yield remote.download(candidate)
        except NotFound:
            continue


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def fetch(remote: Remote, download: Download) -> bytes:
    """Return the bytes for a download. Raises NotFound where the site has nothing there."""
    best: bytes | None = None
    if download.original is not None:
        data = _decoded(download.original)
        if data is not None and download.sha256 in {None, bytes_digest(data)}:
            return data
    for data in versions_served(remote, download.url):
        if download.sha256 is None or bytes_digest(data) == download.sha256:
            return data
        best = data  # the last one is what readers see
    if best is None or download.exact:
        raise NotFound(
            f"GET {download.url}: the site serves nothing there",
            hint="remove the picture in Ghost, or upload it again there",
            method="GET",
            path=download.url,
        )
    return best
