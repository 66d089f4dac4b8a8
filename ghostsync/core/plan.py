"""The plan: everything that a run intends, as data.

`plan` and `push` build the same `Plan`; `push` then executes that object and consults nothing else to decide. So the
preview cannot lie, a plan can be digested, saved and compared, and safety is judged on what is really going to happen.

What it consists of is in `changes` and `conflicts`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Email,
    Forget,
    RecordDraft,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.core.conflicts import Conflict, Note
from ghostsync.core.verbs import SUMMARY_KEYS, verb
from ghostsync.errors import Problem
from ghostsync.model import Digest, Site


class Direction(StrEnum):
    """Which way a run carries changes."""

    PUSH = "push"
    PULL = "pull"


class Prefer(StrEnum):
    """Turns conflicts, and only conflicts, into changes."""

    NEITHER = "neither"
    LOCAL = "local"
    REMOTE = "remote"


class Prune(StrEnum):
    """What may happen to managed posts whose document is gone."""

    REPORT = "report"
    DRAFT = "draft"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ordered changes, and what could not become one."""

    direction: Direction
    site: Site
    at: str = ""
    """Ghost's time when reading began; not part of the digest."""
    project: str | None = None
    root: str = "."
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchanged: int = 0
    managed: int = 0
    """Posts of this project: the denominator of the safety limits."""
    tag_names: Mapping[str, str] = field(default_factory=dict)
    """Slug → name of the tags that the plan tells of, for people; not part of the digest."""

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not self.changes

    @property
    def removals(self) -> tuple[UnpublishPost | DeletePost | RemoveFile, ...]:
        """Changes that take something away from readers or from the tree."""
        return tuple(c for c in self.changes if isinstance(c, UnpublishPost | DeletePost | RemoveFile))

    @property
    def emails(self) -> tuple[CreatePost | UpdatePost, ...]:
        """Changes that send a newsletter."""
        return tuple(c for c in self.changes if isinstance(c, CreatePost | UpdatePost) and c.email is not None)

    def summary(self) -> dict[str, int]:
        """Return the count of each kind of change; every write counts, tags too."""
        counts = dict.fromkeys(SUMMARY_KEYS, 0)
        for change in self.changes:
            counts[verb(change)] += 1
        counts["unchanged"] = self.unchanged
        counts["conflicts"] = len(self.conflicts)
        counts["problems"] = len(self.problems)
        counts["notes"] = len(self.notes)
        return counts

    @property
    def digest(self) -> Digest:
        """SHA-256 over everything that the plan does and believes, whatever the order of its inputs was.

        What a machine forgets is left out: a plan is the same plan from a machine with a cache and from one without.
        """
        facts = {
            "direction": self.direction,
            "site": self.site.uuid,
            "url": self.site.url,
            "project": self.project,
            "changes": [_facts(change) for change in self.changes if not isinstance(change, Forget)],
            "conflicts": [[c.path, c.why, c.id] for c in self.conflicts],
            "problems": [[p.path, p.line, p.message] for p in self.problems],
        }
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return Digest(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _facts(change: Change) -> list[Any]:
    """Everything that makes this change this change, display texts left out."""
    match change:
        case CreateTag():
            return ["tag_create", change.slug, change.name, dict(change.sends)]
        case UpdateTag():
            return ["tag_update", change.id, dict(change.sends), change.expected]
        case UploadFile():
            return ["upload", change.asset.sha256, change.asset.bucket, change.asset.upload_name]
        case CreatePost():
            sends = [dict(change.sends), change.lexical, _draft(change.draft)]
            return ["create", change.kind, change.slug, *sends, _email(change.email)]
        case UpdatePost():
            sends = [dict(change.sends), change.lexical, _draft(change.draft)]
            believes = [change.expected, dict(change.before), change.marker_tags]
            return ["update", change.kind, change.id, *believes, *sends, _email(change.email)]
        case AdoptPost():
            believes = [change.expected, change.marker_tags]
            return ["adopt", change.kind, change.id, *believes, change.lexical, _draft(change.draft)]
        case UnpublishPost() | DeletePost():
            return [verb(change), change.kind, change.id, change.expected, dict(change.was), change.body]
        case WriteFile():
            downloads = [[d.url, d.path, d.sha256] for d in change.downloads]
            return ["write", change.path, change.content, change.expected, downloads]
        case RemoveFile():
            return ["remove", change.path, change.expected]
        case Forget():
            return ["forget", change.path, change.id]
        case _:
            assert_never(change)


def _draft(draft: RecordDraft) -> list[Any]:
    assets = {path: asset.sha256 for path, asset in draft.assets.items()}
    known = {path: upload.url for path, upload in draft.known.items()}
    owner = [draft.project, draft.path, draft.slug, draft.source_digest, draft.body]
    return [*owner, dict(draft.fields), dict(draft.kept), assets, known, dict(draft.links)]


def _email(email: Email | None) -> list[Any] | None:
    # The number of members is for people; it changes by itself and decides nothing.
    return None if email is None else [email.newsletter, email.segment]


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
