"""The cache as the engine sees it: `ghostsync.ports.Memory` on one site's part of the database.

What is kept after a write is the base that the write's record describes: what both sides now agree on.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from ghostsync.core.base import Base, Origin
from ghostsync.local.cache import SiteCache
from ghostsync.local.cached import CachedBase, CachedPost, CachedTag, Tombstone
from ghostsync.model import Asset, Bucket, Digest, DocPath, Post, PostId, Slug, Tag, Upload
from ghostsync.ports import Remembered


class SiteMemory:
    """What this machine knows of one site. Safe to share between threads; reads the database once."""

    def __init__(self, cache: SiteCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._posts: dict[PostId, Remembered] | None = None

    def posts(self) -> Mapping[PostId, Remembered]:
        """Return what is known of every post."""
        with self._lock:
            if self._posts is None:
                self._posts = {row.id: _remembered(row) for row in self._cache.load_posts().values()}
            return dict(self._posts)

    def source_of(self, id: PostId) -> str | None:  # noqa: A002
        """Return the source of the base of a post, where it is known."""
        return self._cache.load_source(id)

    def remember(self, post: Post, base: Base, op: str | None) -> None:
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
        )
        self._cache.save_post(row, source=base.source)
        with self._lock:
            if self._posts is not None:
                self._posts[post.id] = _remembered(row)

    def forget(self, id: PostId) -> None:  # noqa: A002
        """Drop a post."""
        self._cache.forget_posts([id])
        with self._lock:
            if self._posts is not None:
                self._posts.pop(id, None)

    def deleted_by_us(self) -> frozenset[PostId]:
        """Return the posts that this machine deleted itself."""
        return frozenset(stone.id for stone in self._cache.load_tombstones())

    def bury(self, id: PostId, title: str, path: DocPath) -> None:  # noqa: A002
        """Keep that this machine deleted a post itself."""
        self._cache.save_tombstone(Tombstone(id=id, title=title, at="", path=path))

    def uploads(self) -> Mapping[tuple[Bucket, Digest], str]:
        """Return the addresses of what was uploaded."""
        return {(Bucket(bucket), sha256): url for (bucket, sha256), url in self._cache.load_uploads().items()}

    def save_upload(self, asset: Asset, url: str) -> None:
        """Keep the address of an upload."""
        self._cache.save_upload(asset.bucket.value, asset.sha256, url)

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


def _remembered(row: CachedPost) -> Remembered:
    cached = row.base()
    base = None
    if cached is not None and row.path is not None:
        base = Base(
            origin=Origin.CACHE,
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
