"""What the configuration says about reading documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from ghostsync.core.aliases import AliasTable
from ghostsync.core.globs import Glob
from ghostsync.model import FieldName, FieldValue, Kind

SLUG_PARTS = ("name", "file", "folder", "path")
"""The name without its date (of `name/index.md` the folder's), with it, the folder around it, and the whole path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRule:
    """Values that the configuration sets for the documents that a glob matches."""

    glob: Glob
    fields: Mapping[FieldName, FieldValue]
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettings:
    """What the configuration says about reading documents."""

    aliases: AliasTable = field(default_factory=AliasTable.build)
    defaults: tuple[DefaultRule, ...] = ()
    """Later rules override earlier ones; what a document says overrides all."""
    strict: bool = False
    """Unknown keys are problems instead of warnings."""
    zone: tzinfo = UTC
    """The zone of dates that name none."""
    marker: str | None = "#ghostsync"
    """The tag that every managed post gets by itself."""
    slug: str = "{name}"
    """What the slug of a document is made of, where none is written: see `SLUG_PARTS`."""
    protected_slugs: tuple[str, ...] = ()
    """The last path segment of a site in a subdirectory, which Ghost keeps for itself."""


DEFAULT_SETTINGS = DocumentSettings()
