"""Files that an earlier pull brought down, known again at the address they came from.

A post that was written in Ghost and pulled has no record, so nothing says that `media/tide.png` here is
`/content/images/2026/01/tide.png` there; without that, every imported picture would be uploaded a second time and every
imported post would look changed. The same holds for a picture that an editor brought into a post that has a record. So
the pictures in the post and the files in its document are laid side by side: where place or name say that they may be
the same, the site's bytes are fetched and compared. Equal bytes are the proof; a name alone proves nothing. Equal bytes
alone are not enough either: people upload the same picture twice, and each copy has an address of its own, so what
stands at the same place in both texts is asked first.

The cache remembers what was found, and a record (`pull --adopt`, or the first push) makes it unnecessary. Rejected: a
table in the repository (one more file that can disagree with what it describes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from urllib.parse import urlsplit

from ghostsync.core.arrivals import lexical_of
from ghostsync.core.base import Base
from ghostsync.core.digest import bytes_digest
from ghostsync.core.draft import Draft
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.core.layout import Unsafe, media_name
from ghostsync.core.prepare import Surroundings
from ghostsync.core.prepare_tags import tag_assets
from ghostsync.downloads import versions_served
from ghostsync.errors import GhostError
from ghostsync.lexical import find_references
from ghostsync.model import Asset, Digest, DocPath, Post, Tag
from ghostsync.ports import Memory, Remote

_NUMBERED = re.compile(r"-\d+(?=\.[^.]*$|$)")
# A fresh clone fetches every imported picture once; the distance is what takes the time.
_JOBS = 4


def recognise(
    remote: Remote,
    memory: Memory,
    drafts: Mapping[DocPath, Draft],
    pairs: Mapping[DocPath, Post],
    around: Surroundings,
) -> dict[DocPath, str]:
    """Return path → address of the files of imported documents that the site serves unchanged."""
    shown = [(post, drafts[path]) for path, post in sorted(pairs.items()) if path in drafts and drafts[path].places]
    # What its record knows needs no proof; under a record only what editors brought in is open.
    asked = [
        (post, draft) for post, draft in shown if any(_is_open(place.path, post, around) for place in draft.places)
    ]
    if not asked:
        return {}
    remembered = memory.posts()
    likely: dict[DocPath, dict[str, None]] = {}
    found: dict[DocPath, str] = {}
    for post, draft in asked:
        known = remembered.get(post.id)
        for path, addresses in _candidates(draft, post, around.site_url).items():
            asset = around.assets.get(path)
            if asset is None or not addresses or not _is_open(path, post, around):
                continue
            likely.setdefault(path, {}).update(dict.fromkeys(addresses))
            address = None if known is None or known.base is None else _remembered(asset, known.base, around.site_url)
            if address is not None and address in likely[path]:
                found.setdefault(path, address)
    served = _Served(remote, {a for path, many in likely.items() if path not in found for a in many})
    taken = set(found.values())
    for path, many in likely.items():
        asset = around.assets[path]
        if path not in found:
            equal = [address for address in many if served.has(address, asset.sha256)]
            address = next((one for one in equal if one not in taken), equal[0] if equal else None)
            if address is None:
                continue  # then it is a file that the site does not serve: it will be uploaded
            found[path] = address
            taken.add(address)
            memory.save_upload(asset, address)
    return found


def recognise_tags(
    remote: Remote, memory: Memory, tags: Iterable[Tag], there: Iterable[Tag], around: Surroundings
) -> dict[DocPath, str]:
    """Return path → address of the files that `tags.yaml` shows and that the site's own tags show, byte for byte.

    Tags carry no record: without this, the picture of every imported tag would be a conflict in every fresh clone.
    """
    held = {tag.slug: tag for tag in there}
    likely: dict[DocPath, dict[str, None]] = {}
    for tag in tags:
        other = held.get(tag.slug)
        for value, place in tag_assets((tag,)).items() if other is not None else ():
            asset = around.assets.get(place.path)
            shown = [other.fields.get(name) for name, given in tag.fields.items() if given == value] if other else []
            addresses = list(_on_site((each for each in shown if isinstance(each, str)), around.site_url))
            if asset is None or around.uploads.get((asset.bucket, asset.sha256)) in addresses:
                continue
            near = dict.fromkeys(address for address in addresses if _may_be(place.path, address))
            if near:
                likely.setdefault(place.path, {}).update(near)
    served = _Served(remote, {address for many in likely.values() for address in many})
    found: dict[DocPath, str] = {}
    for path, many in likely.items():
        asset = around.assets[path]
        address = next((one for one in many if served.has(one, asset.sha256)), None)
        if address is not None:
            found[path] = address
            memory.save_upload(asset, address)
    return found


def _is_open(path: DocPath, post: Post, around: Surroundings) -> bool:
    asset = around.assets.get(path)
    if asset is None or post.ownership is None:
        return asset is not None
    upload = post.ownership.images.get(path)
    return upload is None or upload.sha256 != asset.sha256


class _Served:
    """The digests of what the site serves at some addresses, fetched once and several at a time."""

    def __init__(self, remote: Remote, addresses: Iterable[str]) -> None:
        self._remote = remote
        wanted = sorted(addresses)
        self._digests: Mapping[str, frozenset[Digest]] = {}
        if not wanted:
            return
        with ThreadPoolExecutor(max_workers=_JOBS, thread_name_prefix="ghostsync") as pool:
            self._digests = dict(zip(wanted, pool.map(self._fetch, wanted), strict=True))

    def has(self, address: str, sha256: Digest) -> bool:
        """Whether the site has these bytes at this address, as they were uploaded or as it shows them."""
        return sha256 in self._digests[address]

    def _fetch(self, address: str) -> frozenset[Digest]:
        digests: set[Digest] = set()
        try:
            for data in versions_served(self._remote, address):
                digests.add(bytes_digest(data))
        except GhostError:
            pass  # what cannot be fetched proves nothing
        return frozenset(digests)


def _remembered(asset: Asset, base: Base, site_url: str) -> str | None:
    """Return the address that this machine remembers for a file that is still as it came down."""
    upload = base.images.get(asset.path)
    return next(_on_site([upload.url], site_url), None) if upload and upload.sha256 == asset.sha256 else None


def _candidates(draft: Draft, post: Post, site_url: str) -> dict[DocPath, list[str]]:
    """Return path → the addresses that a document's files may have come from, likeliest first."""
    lexical = lexical_of(post)
    theirs = [] if lexical is None else [reference.value for reference in find_references(lexical)]
    ours = [reference.value for reference in find_references(draft.lexical)]
    partners = list(zip(map(draft.inside.get, ours), theirs, strict=True)) if len(ours) == len(theirs) else []
    shown: list[str] = list(theirs)
    for name, value in post.fields.items():
        if name in FIELDS and FIELDS[name].value is ValueKind.IMAGE and isinstance(value, str):
            shown.append(value)
            mine = draft.document.fields.get(name)
            if isinstance(mine, str):
                partners.append((draft.pictures.get(mine), value))
    served = tuple(dict.fromkeys(_on_site(shown, site_url)))
    found: dict[DocPath, list[str]] = {place.path: [] for place in draft.places}
    for place, value in partners:
        if place is not None:
            found[place.path] += (address for address in _on_site([value], site_url) if _may_be(place.path, address))
    for path, likely in found.items():
        own = path.rpartition("/")[2]
        named = [(_name(address) != own, address) for address in served if _may_be(path, address)]
        likely.extend(address for _, address in sorted(named, key=itemgetter(0)))
    return found


def _may_be(path: DocPath, address: str) -> bool:
    name = _name(address)
    own = path.rpartition("/")[2]
    return name is not None and name in {own, _NUMBERED.sub("", own)}


def _name(address: str) -> str | None:
    try:
        return media_name(address)
    except Unsafe:
        return None


def _on_site(values: Iterable[str], site_url: str) -> Iterator[str]:
    """Yield the absolute addresses of those that the site serves as files."""
    parts = urlsplit(site_url)
    for value in values:
        text = value.removeprefix("__GHOST_URL__")
        if text.startswith("/") and not text.startswith("//"):
            text = f"{parts.scheme}://{parts.netloc}{text}"
        rest = text.partition("://")[2]
        if rest.startswith(f"{parts.netloc}{parts.path}content/"):
            yield f"{parts.scheme}://{rest}".partition("?")[0].partition("#")[0]
