"""What the cache remembers, as records, and the JSON in which their free-form parts are kept.

Two parts of a row are text that is decoded only when somebody asks: a file's `summary` and a post's `base`. A warm
run over 10,000 documents looks at sizes, times and digests and decodes next to nothing; decoding everything up front
would cost ten times what loading costs. For the same reason the two records that exist once per document are named
tuples: making 20,000 frozen dataclasses takes longer than reading them from SQLite.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ghostsync.model import Digest, DocPath, FieldName, FieldValue, Kind, PostId, Slug

RACY_NS = 2_000_000_000
"""Two seconds, the coarsest clock of a file system still in use (FAT). A file changed so shortly before it was read may
change again without its time moving, so its row is not believed and the file is read again."""


class FileStamp(NamedTuple):
    """What the file system says about a file without reading it; equal stamps mean an unchanged file."""

    size: int
    mtime_ns: int
    ctime_ns: int
    """Moves when a file is replaced by another with the same size and a copied modification time."""

    @classmethod
    def of(cls, stat: os.stat_result) -> FileStamp:
        """Take the stamp from a stat result, which `os.scandir` has at hand for every entry."""
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


class CachedFile(NamedTuple):
    """A file as it was when it was last read."""

    path: DocPath
    stamp: FileStamp
    read_ns: int
    """When reading began (`time.time_ns()`)."""
    digest: Digest
    summary: str = ""
    """The parsed head as JSON text; opaque here."""

    def is_current(self, stamp: FileStamp) -> bool:
        """Say whether the file still is what was read, judged by its stamp alone."""
        return self.stamp == stamp and stamp.mtime_ns + RACY_NS <= self.read_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedBase:
    """What both sides last agreed on for one post, without the source (see `SiteCache.load_source`)."""

    fields: Mapping[FieldName, FieldValue]
    kept: Mapping[FieldName, FieldValue] = field(default_factory=dict)
    body_digest: Digest
    source_digest: Digest
    images: Mapping[str, tuple[Digest, str]] = field(default_factory=dict)
    """Local path → (SHA-256, URL)."""
    links: Mapping[str, str] = field(default_factory=dict)
    """A link as written → the public URL that it was sent as."""

    def to_json(self) -> str:
        """Return compact JSON text."""
        return json.dumps(
            [
                dict(self.fields),
                dict(self.kept),
                self.body_digest,
                self.source_digest,
                dict(self.images),
                dict(self.links),
            ],
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> CachedBase:
        """Read what `to_json` wrote. Raises `ValueError` on anything else."""
        try:
            fields, kept, body_digest, source_digest, images, links = json.loads(text)
            return cls(
                fields={FieldName(name): field_value(value) for name, value in fields.items()},
                kept={FieldName(name): field_value(value) for name, value in kept.items()},
                body_digest=Digest(body_digest),
                source_digest=Digest(source_digest),
                images={path: (Digest(sha256), str(url)) for path, (sha256, url) in images.items()},
                links={str(link): str(url) for link, url in links.items()},
            )
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"not a cached base: {error}") from error


def field_value(value: object) -> FieldValue:
    """Return a field's value from its JSON form. Raises `ValueError` for what is none."""
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if value is None or isinstance(value, str | bool):
        return value
    raise ValueError(f"not a field value: {value!r}")


class CachedPost(NamedTuple):
    """A post of one site as this machine last knew it, managed or not."""

    id: PostId
    kind: Kind
    slug: Slug
    updated_at: str
    """Ghost's own, to the millisecond, as it stood when this row was true."""
    path: DocPath | None = None
    """The document that it belongs to; None for a post that is not of this tree."""
    op: str | None = None
    """The `op` of the record that it held."""
    base_json: str = ""
    """`CachedBase.to_json`, or empty where there is no base."""
    details: str = ""
    """Whatever else the session wants to know again, as JSON text; opaque here."""

    def base(self) -> CachedBase | None:
        """Decode the base; None where there is none or it cannot be read (then there is none)."""
        if not self.base_json:
            return None
        try:
            return CachedBase.from_json(self.base_json)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedTag:
    """A tag of one site as this machine last knew it: the base for `tags.yaml`."""

    slug: Slug
    id: str
    name: str
    updated_at: str
    fields: Mapping[FieldName, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A post that ghostsync itself deleted: its traces in Ghost's log are not a person's doing."""

    id: PostId
    title: str
    at: str
    path: DocPath | None = None


def fields_to_json(fields: Mapping[FieldName, FieldValue]) -> str:
    """Return a tag's fields as JSON text."""
    return json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":"))


def fields_from_json(text: str) -> dict[FieldName, FieldValue]:
    """Read what `fields_to_json` wrote. Raises `ValueError` on anything else."""
    try:
        return {FieldName(name): field_value(value) for name, value in json.loads(text).items()}
    except AttributeError as error:
        raise ValueError(f"not a mapping of fields: {error}") from error
