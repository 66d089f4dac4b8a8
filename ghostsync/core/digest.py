"""Digests: of bytes, and of bodies in their normalised form."""

from __future__ import annotations

import hashlib
import json

from ghostsync.model import Digest, Lexical


def bytes_digest(data: bytes) -> Digest:
    """Return the SHA-256 of bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def person_digest(address: str) -> str:
    """Return what stands for a person in records: of an e-mail address, which need not be in every post."""
    return bytes_digest(f"ghostsync {address.strip().lower()}".encode("utf-8", "surrogatepass"))[:16]


def body_digest(lexical: Lexical, *, site_url: str) -> Digest:
    """Return the digest of a body, blind to what Ghost and its editor rewrite and to what files say of themselves."""
    # A run that finds nothing changed digests no body, and the cards are many.
    from ghostsync.core.measure import without_measures  # noqa: PLC0415
    from ghostsync.lexical import normalise_lexical  # noqa: PLC0415

    normal = normalise_lexical(without_measures(lexical), site_url=site_url)
    text = json.dumps(normal, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return bytes_digest(text.encode("utf-8", "surrogatepass"))
