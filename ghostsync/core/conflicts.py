"""What did not become a change: conflicts, which need a person, and notes, which only inform one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghostsync.model import Edit, FieldName, FieldValue, Kind, PostId


class NoteKind(StrEnum):
    """What a note is about; said, never acted on."""

    UNPUSHED = "unpushed"
    DRIFTED = "drifted"
    UNMANAGED = "unmanaged"
    ORPHAN = "orphan"
    DELETED_IN_GHOST = "deleted_in_ghost"
    DELETED_HERE = "deleted_here"
    SLUG_CHANGE = "slug_change"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a person should know."""

    kind: NoteKind
    path: str
    message: str
    hint: str | None = None
    line: int | None = None
    fields: tuple[FieldName, ...] = ()
    edit: Edit | None = None


class Why(StrEnum):
    """Why a pair needs a person."""

    BOTH_CHANGED = "both_changed"
    NO_SHARED_HISTORY = "no_shared_history"
    DELETED_HERE = "deleted_here"
    DELETED_IN_GHOST = "deleted_in_ghost"
    OTHER_PROJECT = "other_project"
    BEHIND = "behind"
    KIND_CHANGED = "kind_changed"
    SLUG_TAKEN = "slug_taken"
    NEWER = "newer"
    EMAIL = "email"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One field on which the sides disagree; `base` is None where there is no shared history."""

    name: FieldName
    base: FieldValue
    local: FieldValue
    remote: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Both sides moved, differently, or the post is not ours: needs a person, or an explicit `--prefer`."""

    path: str
    why: Why
    message: str
    hint: str
    kind: Kind | None = None
    id: PostId | None = None
    title: str = ""
    fields: tuple[Disagreement, ...] = ()
    body_base: str | None = None
    body_local: str | None = None
    body_remote: str | None = None
    body_line: int = 1
    """Line of the file at which `body_local` begins."""
    edit: Edit | None = None
    """The last edit that a person made in Ghost, as far as Ghost's log knows."""
