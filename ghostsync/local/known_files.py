"""What is known of the files in the content directory without opening them.

A file whose size and times are as they were when it was last read is taken to hold what it held: so a run over ten
thousand unchanged documents opens none, and a picture is hashed once. What was read lives here for as long as the
process (a watch runs many times) and in the cache for the next one.

Files with problems are not kept: they are read, and complained about, on every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ghostsync.errors import Problem
from ghostsync.local.cache import Cache
from ghostsync.local.cached import CachedFile, FileStamp, field_value
from ghostsync.model import Asset, Bucket, Digest, DocPath, Face, FieldName, Kind, Slug


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A document without problems, and the warnings about it."""

    face: Face
    warnings: tuple[Problem, ...] = ()


Known = KnownFace | Asset


class KnownFiles:
    """Files by path; loads the cache when it is first asked, saves what is new when it is told to."""

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache
        self._rows: dict[DocPath, CachedFile] | None = None
        self._known: dict[DocPath, Known] = {}
        self._unsaved: set[DocPath] = set()

    def get(self, path: DocPath, stamp: FileStamp) -> Known | None:
        """Return what the file was when it was last read, if it still is that file."""
        rows = self._load()
        row = rows.get(path)
        if row is None or not row.is_current(stamp):
            return None
        if path not in self._known:
            known = _from_json(path, row.digest, row.summary)
            if known is None:
                return None
            self._known[path] = known
        return self._known[path]

    def put(self, path: DocPath, stamp: FileStamp, read_ns: int, known: Known) -> None:
        """Keep what a file is."""
        digest = known.face.digest if isinstance(known, KnownFace) else known.sha256
        self._load()[path] = CachedFile(path, stamp, read_ns, digest)
        self._known[path] = known
        self._unsaved.add(path)

    def save(self, present: Iterable[DocPath]) -> None:
        """Write what is new into the cache, and forget the files that are not `present`."""
        rows = self._load()
        gone = rows.keys() - set(present)
        for path in gone:
            del rows[path]
            self._known.pop(path, None)
        fresh = [rows[path]._replace(summary=_to_json(self._known[path])) for path in self._unsaved if path in rows]
        self._unsaved.clear()
        if self._cache is not None and (fresh or gone):
            with self._cache.batch():
                self._cache.forget_files(gone)
                self._cache.save_files(fresh)

    def _load(self) -> dict[DocPath, CachedFile]:
        if self._rows is None:
            self._rows = {} if self._cache is None else self._cache.load_files()
        return self._rows


def _to_json(known: Known) -> str:
    if isinstance(known, Asset):
        data: dict[str, Any] = {
            "size": known.size,
            "bucket": known.bucket,
            "mime": known.mime,
            "width": known.width,
            "height": known.height,
        }
    else:
        face = known.face
        data = {
            "kind": face.kind,
            "title": face.title,
            "slug": face.slug,
            "slug_written": face.slug_written,
            "slug_line": face.slug_line,
            "fields": dict(face.fields),
            "warnings": [[problem.line, problem.message, problem.hint] for problem in known.warnings],
        }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _from_json(path: DocPath, digest: Digest, text: str) -> Known | None:
    """Return what `_to_json` wrote; None for anything else, and then the file is read again."""
    try:
        data = json.loads(text)
        if "bucket" in data:
            return Asset(
                path=path,
                sha256=digest,
                size=data["size"],
                bucket=Bucket(data["bucket"]),
                mime=data["mime"],
                width=data["width"],
                height=data["height"],
            )
        return KnownFace(
            Face(
                path=path,
                kind=Kind(data["kind"]),
                digest=digest,
                title=data["title"],
                slug=Slug(data["slug"]),
                slug_written=data["slug_written"],
                slug_line=data["slug_line"],
                fields={FieldName(name): field_value(value) for name, value in data["fields"].items()},
            ),
            tuple(Problem(path=path, line=line, message=said, hint=hint) for line, said, hint in data["warnings"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
