"""Files that an earlier pull brought down, known again at the address they came from.

A post that was written in Ghost and pulled has no record, so nothing says that `media/tide.png` here is
`/content/images/2026/01/tide.png` there; without that, every imported picture would be uploaded a second time and every
imported post would look changed. So for posts without a record the pictures in the post and the files in its document
are laid side by side: where the name is the one that pull gives, the site's bytes are fetched and compared. Equal bytes
are the proof; a name alone proves nothing.

The cache remembers what was found, and a record (`pull --adopt`, or the first push) makes it unnecessary. Rejected: a
table in the repository (one more file that can disagree with what it describes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ghostsync.core.arrivals import lexical_of
from ghostsync.core.digest import bytes_digest
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.layout import Unsafe, media_name
from ghostsync.core.prepare import Draft, Surroundings
from ghostsync.downloads import versions_served
from ghostsync.errors import GhostError
from ghostsync.lexical import find_references
from ghostsync.model import Asset, DocPath, Post
from ghostsync.ports import Memory, Remote

_NUMBERED = re.compile(r"-\d+(?=\.[^.]*$|$)")


def recognise(
    remote: Remote,
    memory: Memory,
    drafts: Mapping[DocPath, Draft],
    pairs: Mapping[DocPath, Post],
    around: Surroundings,
) -> dict[DocPath, str]:
    """Return path → address of the files of imported documents that the site serves unchanged."""
    found: dict[DocPath, str] = {}
    for path, post in sorted(pairs.items()):
        draft = drafts.get(path)
        if draft is None or post.ownership is not None or not draft.inside:
            continue
        addresses = tuple(dict.fromkeys(_served_by(post, around.site_url)))
        for place in draft.inside.values():
            asset = around.assets.get(place.path)
            if asset is None or asset.path in found:
                continue
            address = _address(remote, asset, addresses, around)
            if address is not None:
                found[asset.path] = address
                memory.save_upload(asset, address)
    return found


def _address(remote: Remote, asset: Asset, addresses: tuple[str, ...], around: Surroundings) -> str | None:
    likely = [address for address in addresses if _may_be(asset.path, address)]
    known = around.uploads.get((asset.bucket, asset.sha256))
    if known in likely:
        return known
    for address in likely:
        try:
            if any(bytes_digest(data) == asset.sha256 for data in versions_served(remote, address)):
                return address
        except GhostError:
            continue  # then it is a file that the site does not serve: it will be uploaded
    return None


def _may_be(path: DocPath, address: str) -> bool:
    try:
        name = media_name(address)
    except Unsafe:
        return False
    own = path.rpartition("/")[2]
    return own == name or _NUMBERED.sub("", own) == name


def _served_by(post: Post, site_url: str) -> Iterator[str]:
    """Yield the absolute addresses of the files that a post shows and its site serves."""
    lexical = lexical_of(post)
    values = [] if lexical is None else [reference.value for reference in find_references(lexical)]
    for name, value in post.fields.items():
        if name in FIELDS and FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
            values.append(value)
    parts = urlsplit(site_url)
    for value in values:
        text = value.removeprefix("__GHOST_URL__")
        if text.startswith("/") and not text.startswith("//"):
            text = f"{parts.scheme}://{parts.netloc}{text}"
        rest = text.partition("://")[2]
        if rest.startswith(f"{parts.netloc}{parts.path}content/"):
            yield f"{parts.scheme}://{rest}".partition("?")[0].partition("#")[0]
