"""What surrounds a change, for people: the pictures and files that it shows, and the links that come and go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from ghostsync.core.changes import RecordDraft
from ghostsync.core.counted import spoken_size
from ghostsync.model import Asset, Bucket

# A link or picture target in Markdown or HTML. Good enough to point at: what is sent was compiled by the real parser.
# An address in Markdown may hold brackets in pairs, as Wikipedia's do.
_TARGET = re.compile(
    r"""\]\(\s*(?:<([^>\n]+)>|((?:[^()\s<>]|\([^()\s]*\))+))|\b(?:href|src)\s*=\s*["']([^"']+)|<(https?://[^>\s]+)>""",
    re.IGNORECASE,
)


def surroundings(draft: RecordDraft, before: str, after: str) -> Iterator[str]:
    """Pictures that are new on the site, and links that come and go."""
    for path, asset in sorted(draft.assets.items()):
        if path not in draft.known:
            yield f"{_kind(asset)} {path} ({dimensions(asset)}), uploaded by this plan"
    old, new = _targets(before), _targets(after)
    for target in new:
        shown = next((asset for path, asset in draft.assets.items() if _is_path(target, path)), None)
        if shown is not None and shown.path in draft.known and target not in old:
            yield f"{_kind(shown)} {shown.path} ({dimensions(shown)}), on the site already"
    for target in new:
        if target in old or target in draft.assets or _is_asset(target, draft):
            continue
        resolved = draft.links.get(target)
        yield f"links to {target}" + (f" → {resolved}" if resolved and resolved != target else "")
    for target in old:
        if target not in new:
            yield f"no longer links to {target}"


def _is_asset(target: str, draft: RecordDraft) -> bool:
    return any(_is_path(target, path) for path in draft.assets)


def _is_path(target: str, path: str) -> bool:
    return "://" not in target and path.endswith(unquote(target).lstrip("./"))


def _targets(text: str) -> list[str]:
    return list(dict.fromkeys(unescape(next(filter(None, found.groups()))) for found in _TARGET.finditer(text)))


def _kind(asset: Asset) -> str:
    return "picture" if asset.bucket is Bucket.IMAGES else "file"


def dimensions(asset: Asset) -> str:
    """Return how large a file is: `1,200×800, 48 kB`."""
    size = spoken_size(asset.size)
    return size if asset.width is None or asset.height is None else f"{asset.width}×{asset.height}, {size}"
