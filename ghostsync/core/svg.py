"""What Ghost's sanitiser took out of an SVG, told by what is no longer there.

Ghost rewrites every SVG that is uploaded (DOMPurify: scripts, `use`, `foreignObject`, animations that could run…). The
picture may then look different, and nobody would know before a reader says so.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter


def lost_elements(sent: bytes, served: bytes) -> tuple[str, ...]:
    """Return the names of elements that `sent` has more of than `served`, in order of their names.

    Nothing where either is no XML that can be read: then nothing can be told.
    """
    before, after = _elements(sent), _elements(served)
    if before is None or after is None:
        return ()
    return tuple(sorted((before - after).keys()))


def _elements(data: bytes) -> Counter[str] | None:
    try:
        root = ET.fromstring(data)  # noqa: S314 - the author's own file, and what Ghost made of it
    except (ET.ParseError, ValueError, LookupError):
        return None
    return Counter(str(element.tag).rpartition("}")[2] for element in root.iter())
