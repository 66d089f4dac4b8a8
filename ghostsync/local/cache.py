"""The cache: SQLite in `.ghostsync/cache.db` under the content root. It saves work and decides nothing.

What follows from that:

* Whatever is wrong with the file (torn, overwritten, from another version, a row that fails its checksum), it is
  thrown away whole and the run goes on as on a new machine. Repairing was rejected: half of a cache is worse than
  none, since a watermark that survived the rows it vouches for would hide posts from the delta listing.
* For the same reason the first write that fails (disk full, read-only, corrupt) ends the cache for this run: the file
  is removed if it can be, and everything later goes to memory.
* Everything about Ghost is kept per site, known by its `site_uuid` *and* its address, so that the ids of a sandbox, a
  restored copy or a staging site never meet those of production.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from ghostsync.local.cached import (
    CachedFile,
    CachedPost,
    CachedTag,
    FileStamp,
    Tombstone,
    fields_from_json,
    fields_to_json,
)
from ghostsync.local.own_folder import make_own_folder
from ghostsync.local.store import Damaged, Row, Store, check_crc, check_nothing, crc_of
from ghostsync.model import Digest, DocPath, Kind, PostId, Slug


class Cache:
    """The cache of one content directory. Open with `Cache.open(root)`, close it, or use it in a `with` statement.

    No method raises for what may happen to a cache: reading from a damaged one gives nothing. `trouble` then says
    what was wrong, for `-v`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def open(cls, root: Path, *, fingerprint: str = "") -> Cache:
        """Open the cache under the content root, made if missing; in memory where no file can be.

        `fingerprint` stands for everything that a file's summary depends on besides the file (version, configuration);
        when it differs from last time, the files are forgotten, the rest stays.
        """
        folder = make_own_folder(root)
        cache = cls(Store(None if folder is None else folder / "cache.db"))
        cache._apply_fingerprint(fingerprint)
        return cache

    @classmethod
    def in_memory(cls) -> Cache:
        """Return an empty cache that remembers for as long as it lives: for reading runs and tests."""
        return cls(Store(None))

    @property
    def path(self) -> Path | None:
        """The file, or None where the cache lives in memory."""
        return self._store.path

    @property
    def trouble(self) -> str | None:
        """Why a file was thrown away or cannot be used; None when all is well."""
        return self._store.trouble

    def close(self) -> None:
        """Fold the log into the file and close. Nothing is lost without it."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def batch(self) -> AbstractContextManager[None]:
        """Write everything inside as one transaction: all of it is there afterwards, or (a crash, an exception) none.

        Watermarks belong into one batch with the rows that they vouch for. Other threads' writes wait meanwhile.
        """
        return self._store.batch()

    def site(self, site_uuid: str, url: str) -> SiteCache:
        """Return the part of one site, known by both its uuid and its address."""
        return SiteCache(self._store, (site_uuid, url.rstrip("/").lower()))

    def load_files(self) -> dict[DocPath, CachedFile]:
        """Return every file that was remembered."""
        rows = self._store.read(
            "SELECT path, size, mtime_ns, ctime_ns, read_ns, digest, summary, crc FROM files", (), check=check_crc
        )
        return {
            path: CachedFile(path, FileStamp(size, mtime, ctime), read, digest, summary)
            for path, size, mtime, ctime, read, digest, summary, _ in rows
        }

    def save_files(self, files: Iterable[CachedFile]) -> None:
        """Remember these files, replacing what was known of them."""
        rows = []
        for file in files:
            stamp = file.stamp
            row = (file.path, stamp.size, stamp.mtime_ns, stamp.ctime_ns, file.read_ns, file.digest, file.summary)
            rows.append((*row, crc_of(*row)))
        self._store.write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def forget_files(self, paths: Iterable[DocPath]) -> None:
        """Forget these files."""
        self._store.write("DELETE FROM files WHERE path = ?", [(path,) for path in paths])

    def _apply_fingerprint(self, fingerprint: str) -> None:
        if self._store.read("SELECT value FROM facts WHERE name = 'fingerprint'", ()) == [(fingerprint,)]:
            return
        with self.batch():
            self._store.write("DELETE FROM files", [()])
            self._store.write("INSERT OR REPLACE INTO facts VALUES ('fingerprint', ?)", [(fingerprint,)])


class SiteCache:
    """What the cache knows of one site. Every save replaces what was there under the same key."""

    def __init__(self, store: Store, key: tuple[str, str]) -> None:
        self._store = store
        self._key = key
        self._known = (-1, 0)

    def load_posts(self) -> dict[PostId, CachedPost]:
        """Return every post of this site that was remembered, their bases not yet decoded."""
        rows = self._rows(
            "SELECT id, kind, slug, updated_at, path, op, base, details, crc FROM posts WHERE site = ?",
            check=check_crc,
        )
        kinds = {kind.value: kind for kind in Kind}
        return {
            row_id: CachedPost(row_id, kinds[kind], slug, updated_at, path or None, op or None, base, details)
            for row_id, kind, slug, updated_at, path, op, base, details, _ in rows
        }

    def load_paths(self) -> dict[PostId, DocPath]:
        """Return id → path of the posts that belong to a document, oldest first."""
        rows = self._rows("SELECT id, path FROM posts WHERE site = ? AND path != '' ORDER BY id")
        return {row[0]: row[1] for row in rows}

    def ids_since(self, at: str) -> frozenset[PostId]:
        """Return the ids of the posts whose `updated_at` is `at` or later, both as Ghost writes them."""
        rows = self._rows("SELECT id FROM posts WHERE site = ? AND updated_at >= ?", (at,))
        return frozenset(row[0] for row in rows)

    def save_posts(self, posts: Iterable[CachedPost]) -> None:
        """Remember these posts. Their sources stay as they are."""
        rows = []
        for post in posts:
            where, op = post.path or "", post.op or ""
            row = (post.id, post.kind.value, post.slug, post.updated_at, where, op, post.base_json, post.details)
            rows.append((*row, crc_of(*row)))
        self._save("INSERT OR REPLACE INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def save_post(self, post: CachedPost, *, source: str | None) -> None:
        """Remember one post and the text of its document, in one transaction. None: no source is kept for it."""
        with self._store.batch():
            self.save_posts([post])
            if source is None:
                self._save("DELETE FROM sources WHERE site = ? AND id = ?", [(post.id,)])
            else:
                packed = zlib.compress(source.encode("utf-8", "surrogatepass"), 6)
                self._save("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", [(post.id, packed)])

    def forget_posts(self, ids: Iterable[PostId]) -> None:
        """Forget these posts and their sources."""
        rows = [(post_id,) for post_id in ids]
        with self._store.batch():
            self._save("DELETE FROM posts WHERE site = ? AND id = ?", rows)
            self._save("DELETE FROM sources WHERE site = ? AND id = ?", rows)

    def load_source(self, post_id: PostId) -> str | None:
        """Return the document's text at base; None where it is not known (compare its SHA-256 with `source_digest`)."""
        for (packed,) in self._rows("SELECT source FROM sources WHERE site = ? AND id = ?", (post_id,)):
            # A rotten source is worth as much as none; zlib's own checksum tells.
            with contextlib.suppress(zlib.error, UnicodeDecodeError):
                return zlib.decompress(packed).decode("utf-8", "surrogatepass")
        return None

    def load_faces(self) -> dict[PostId, str]:
        """Return id → JSON text of every post and page of this site as it was last listed."""
        rows = self._rows("SELECT id, face, crc FROM faces WHERE site = ?", check=check_crc)
        return {row[0]: row[1] for row in rows}

    def count_faces(self) -> int:
        """Return how many posts and pages of this site are known."""
        return sum(row[0] for row in self._rows("SELECT COUNT(*) FROM faces WHERE site = ?"))

    def save_faces(self, faces: Mapping[PostId, str], gone: Iterable[PostId], *, is_whole: bool) -> None:
        """Keep these faces and forget what is `gone`; with `is_whole`, everything else too."""
        with self._store.batch():
            if is_whole:
                self._save("DELETE FROM faces WHERE site = ?", [()])
            self._save("DELETE FROM faces WHERE site = ? AND id = ?", [(post_id,) for post_id in gone])
            rows = [(post_id, face, crc_of(post_id, face)) for post_id, face in faces.items()]
            self._save("INSERT OR REPLACE INTO faces VALUES (?, ?, ?, ?)", rows)

    def load_uploads(self) -> dict[tuple[str, Digest], str]:
        """Return (bucket, SHA-256) → URL. Buckets are Ghost's endpoints: `images`, `media`, `files`."""
        rows = self._rows("SELECT bucket, sha256, url, crc FROM uploads WHERE site = ?", check=check_crc)
        return {(row[0], row[1]): row[2] for row in rows}

    def save_upload(self, bucket: str, sha256: Digest, url: str) -> None:
        """Remember where Ghost serves this content."""
        row = (bucket, sha256, url)
        self._save("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?)", [(*row, crc_of(*row))])

    def forget_uploads(self) -> None:
        """Forget where Ghost serves anything."""
        self._save("DELETE FROM uploads WHERE site = ?", [()])

    def load_tags(self) -> dict[Slug, CachedTag]:
        """Return every tag of this site that was remembered."""
        rows = self._rows("SELECT slug, id, name, updated_at, fields, crc FROM tags WHERE site = ?", check=_check_tags)
        return {
            row[0]: CachedTag(slug=row[0], id=row[1], name=row[2], updated_at=row[3], fields=fields_from_json(row[4]))
            for row in rows
        }

    def save_tags(self, tags: Iterable[CachedTag]) -> None:
        """Remember these tags."""
        rows = []
        for tag in tags:
            row = (tag.slug, tag.id, tag.name, tag.updated_at, fields_to_json(tag.fields))
            rows.append((*row, crc_of(*row)))
        self._save("INSERT OR REPLACE INTO tags VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def load_tombstones(self) -> tuple[Tombstone, ...]:
        """Return what ghostsync deleted from this site, by id."""
        rows = self._rows("SELECT id, title, at, path FROM tombstones WHERE site = ? ORDER BY id")
        return tuple(Tombstone(id=row[0], title=row[1], at=row[2], path=row[3]) for row in rows)

    def save_tombstone(self, stone: Tombstone) -> None:
        """Remember that ghostsync deleted this post."""
        self._save(
            "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?)", [(stone.id, stone.title, stone.at, stone.path)]
        )

    def load_watermarks(self) -> dict[str, str]:
        """Return name → value of everything that was noted; their meaning is the session's."""
        return dict(self._rows("SELECT name, value FROM watermarks WHERE site = ?"))

    def save_watermarks(self, values: Mapping[str, str]) -> None:
        """Note these values, in one batch with the rows that they vouch for."""
        self._save("INSERT OR REPLACE INTO watermarks VALUES (?, ?, ?)", list(values.items()))

    def forget_watermark(self, name: str) -> None:
        """Forget one of them."""
        self._save("DELETE FROM watermarks WHERE site = ? AND name = ?", [(name,)])

    def batch(self) -> AbstractContextManager[None]:
        """Write everything inside as one transaction, as `Cache.batch`."""
        return self._store.batch()

    def forget_all(self) -> None:
        """Forget everything about this site, as on a new machine."""
        with self._store.batch():
            for table in ("posts", "sources", "uploads", "tags", "tombstones", "watermarks", "faces"):
                self._save(f"DELETE FROM {table} WHERE site = ?", [()])  # noqa: S608 (names from the line above)

    def _number(self) -> int:
        """Return the site's number, asked again when the store had to begin anew."""
        generation, number = self._known
        if generation != self._store.generation:
            number = self._store.number_of(
                "INSERT OR IGNORE INTO sites (uuid, url) VALUES (?, ?)",
                "SELECT site FROM sites WHERE uuid = ? AND url = ?",
                self._key,
            )
            self._known = (self._store.generation, number)
        return number

    def _rows(self, sql: str, values: Row = (), *, check: Callable[[list[Row]], None] = check_nothing) -> list[Row]:
        return self._store.read(sql, (self._number(), *values), check=check)

    def _save(self, sql: str, rows: Sequence[Row]) -> None:
        number = self._number()
        self._store.write(sql, [(number, *row) for row in rows])


def _check_tags(rows: list[Row]) -> None:
    check_crc(rows)
    for row in rows:
        try:
            fields_from_json(row[4])
        except ValueError as error:
            raise Damaged(str(error)) from error
