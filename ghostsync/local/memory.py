"""The cache as the engine sees it: `ghostsync.ports.Memory` on one site's part of the database.

What is kept after a write is the base that the write's record describes: what both sides now agree on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from ghostsync.core.base import Base, Origin
from ghostsync.local.cache import SiteCache
from ghostsync.local.cached import CachedBase, CachedPost, CachedTag, Tombstone
from ghostsync.local.cached_faces import (
    face_from_json,
    face_to_json,
    listed_from_json,
    listed_to_json,
    seal_from_json,
    seal_to_json,
)
from ghostsync.model import Asset, Bucket, Digest, DocPath, PostFace, PostId, Slug, Tag, Upload
from ghostsync.ports import Listed, Remembered, Seal

_LISTED = "listed"
_SEAL = "seal"
_COUNT = "faces"

_PULLED = "pulled"
"""In a row's details: its base is what a pull left in the file."""


class SiteMemory:
    """What this machine knows of one site. Safe to share between threads; reads the database once."""

    def __init__(self, cache: SiteCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._posts: dict[PostId, Remembered] | None = None
        self._places: Mapping[PostId, DocPath] | None = None

    def posts(self) -> Mapping[PostId, Remembered]:
        """Return what is known of every post."""
        with self._lock:
            if self._posts is None:
                self._posts = {row.id: _remembered(row) for row in self._cache.load_posts().values()}
            return dict(self._posts)

    def places(self) -> Mapping[PostId, DocPath]:
        """Return where the document of each post was, as far as it is known; several may have been at one path."""
        with self._lock:
            if self._places is None:
                self._places = self._cache.load_paths()
            return self._places

    def paths(self) -> Mapping[DocPath, PostId]:
        """Return which document is which post's: the newest that was there."""
        return {path: id_ for id_, path in self.places().items()}

    def source_of(self, id: PostId) -> str | None:  # noqa: A002
        """Return the source of the base of a post, where it is known."""
        return self._cache.load_source(id)

    def remember(self, post: PostFace, base: Base, op: str | None) -> None:
        """Keep what both sides now agree on."""
        cached = CachedBase(
            fields=base.fields,
            kept=base.kept,
            body_digest=base.body,
            source_digest=base.source_digest,
            images={path: (upload.sha256, upload.url) for path, upload in base.images.items()},
            links=base.links,
        )
        row = CachedPost(
            id=post.id,
            kind=post.kind,
            slug=post.slug,
            updated_at=post.updated_at,
            path=base.path,
            op=op,
            base_json=cached.to_json(),
            details=_PULLED if base.origin is Origin.PULLED else "",
        )
        self._cache.save_post(row, source=base.source)
        with self._lock:
            self._places = None
            if self._posts is not None:
                self._posts[post.id] = _remembered(row)

    def forget(self, id: PostId) -> None:  # noqa: A002
        """Drop a post."""
        self._cache.forget_posts([id])
        with self._lock:
            self._places = None
            if self._posts is not None:
                self._posts.pop(id, None)

    def listed(self) -> Listed | None:
        """Return up to when `faces` is true; None where nothing is known."""
        text = self._watermarks().get(_LISTED)
        try:
            return None if text is None else listed_from_json(text)
        except ValueError:
            return None

    def faces(self) -> Mapping[PostId, PostFace] | None:
        """Return every post and page of the site as it was then; None where not all of them can be read."""
        texts = self._cache.load_faces()
        # A damaged file reads as an empty one. A listing that lacks a post would make its document a second time.
        if self._watermarks().get(_COUNT) != str(len(texts)):
            return None
        try:
            return {id_: face_from_json(text) for id_, text in texts.items()}
        except ValueError:
            return None

    def save_listing(
        self, listed: Listed, changed: Iterable[PostFace], gone: Iterable[PostId], *, is_whole: bool
    ) -> None:
        """Bring `faces` up to date, all of it or nothing; `is_whole`: what is not `changed` is no longer there."""
        texts = {face.id: face_to_json(face) for face in changed}
        gone = list(gone)
        with self._cache.batch():
            self._cache.save_watermarks({_LISTED: listed_to_json(listed)})
            if texts or gone or is_whole:
                # In the same transaction: a seal that outlived the listing it was made of would hide this very change.
                self._cache.forget_watermark(_SEAL)
                self._cache.save_faces(texts, gone, is_whole=is_whole)
                self._cache.save_watermarks({_COUNT: str(self._cache.count_faces())})

    def written_since(self, at: str) -> frozenset[PostId]:
        """Return the posts that this machine knows to have been stored at `at` (Ghost's time) or later."""
        return self._cache.ids_since(at)

    def seal(self) -> Seal | None:
        """Return what the last run came to, if it found nothing to do."""
        text = self._watermarks().get(_SEAL)
        try:
            return None if text is None else seal_from_json(text)
        except ValueError:
            return None

    def save_seal(self, seal: Seal | None) -> None:
        """Keep what a run over everything came to; None: it found something to do."""
        if seal is None:
            self._cache.forget_watermark(_SEAL)
        else:
            self._cache.save_watermarks({_SEAL: seal_to_json(seal)})

    def _watermarks(self) -> Mapping[str, str]:
        return self._cache.load_watermarks()

    def deleted_by_us(self) -> frozenset[PostId]:
        """Return the posts that this machine deleted itself."""
        return frozenset(stone.id for stone in self._cache.load_tombstones())

    def bury(self, id: PostId, title: str, path: DocPath) -> None:  # noqa: A002
        """Keep that this machine deleted a post itself."""
        self._cache.save_tombstone(Tombstone(id=id, title=title, at="", path=path))

    def uploads(self) -> Mapping[tuple[Bucket, Digest], str]:
        """Return the addresses of what was uploaded."""
        return {(Bucket(bucket), sha256): url for (bucket, sha256), url in self._cache.load_uploads().items()}

    def forget_uploads(self) -> None:
        """Drop all addresses of uploads: the site was put back to an earlier state, and may not serve them."""
        self._cache.forget_uploads()

    def begin_upload(self, asset: Asset) -> bool:
        """Note that an upload begins; True where one of the same content began earlier and was never heard of again."""
        name = _begun(asset)
        if name in self._watermarks():
            return True
        self._cache.save_watermarks({name: ""})
        return False

    def save_upload(self, asset: Asset, url: str) -> None:
        """Keep the address of an upload."""
        with self._cache.batch():
            self._cache.save_upload(asset.bucket.value, asset.sha256, url)
            self._cache.forget_watermark(_begun(asset))

    def tags(self) -> Mapping[Slug, Tag]:
        """Return the tags as they were when both sides agreed."""
        return {
            slug: Tag(slug=slug, name=row.name, id=row.id, fields=row.fields)
            for slug, row in self._cache.load_tags().items()
        }

    def save_tag(self, tag: Tag) -> None:
        """Keep a tag as both sides agree on it."""
        if tag.id is not None:
            self._cache.save_tags(
                [CachedTag(slug=tag.slug, id=tag.id, name=tag.name, updated_at="", fields=dict(tag.fields))]
            )


def _begun(asset: Asset) -> str:
    return f"uploading {asset.bucket} {asset.sha256}"


def _remembered(row: CachedPost) -> Remembered:
    cached = row.base()
    base = None
    if cached is not None and row.path is not None:
        base = Base(
            origin=Origin.PULLED if row.details == _PULLED else Origin.CACHE,
            path=row.path,
            slug=row.slug,
            fields=cached.fields,
            kept=cached.kept,
            body=cached.body_digest,
            source=None,
            source_digest=cached.source_digest,
            images={path: Upload(sha256=sha256, url=url) for path, (sha256, url) in cached.images.items()},
            links=cached.links,
        )
    return Remembered(
        id=row.id, kind=row.kind, path=row.path, slug=row.slug, updated_at=row.updated_at, op=row.op, base=base
    )
