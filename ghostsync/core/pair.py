"""A document and its post, laid side by side with what is known of their past."""

from __future__ import annotations

from dataclasses import dataclass

from ghostsync.core.base import Base
from ghostsync.core.changes import Change
from ghostsync.core.compare import Prepared
from ghostsync.core.conflicts import Conflict, Note
from ghostsync.core.plan import Prefer, Prune
from ghostsync.errors import Problem
from ghostsync.model import DocPath, Edit, Kind, Post, PostId


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A file is as it was committed, and a version that this clone does not have was pushed later."""

    committed_at: str
    pushed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Everything that a decision about one document or post may look at."""

    path: DocPath
    kind: Kind
    local: Prepared | None
    remote: Post | None
    base: Base | None
    edit: Edit | None = None
    """The last edit by a person, from Ghost's log."""
    deletion: Edit | None = None
    """Ghost's log says that the post was deleted."""
    base_body: str | None = None
    """Markdown of base, where its source is known."""
    incoming: str | None = None
    """What Ghost holds, as Markdown in the author's own style; known where the body drifted."""
    gone: PostId | None = None
    """The id of a post that is gone, where this machine's memory still knows it."""
    was_here: bool = False
    """This machine's cache or Git remembers the document in this tree: if it is missing, it was deleted."""
    behind: Behind | None = None
    """The file is an earlier version than the one that was pushed last."""
    history_ends_early: bool = False
    """A shallow clone: an older commit might have been base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a run may do."""

    site_url: str
    now: str
    project: str | None
    prefer: Prefer = Prefer.NEITHER
    prune: Prune = Prune.REPORT
    send_email: bool = False
    default_visibility: str | None = None
    """Who may read a new post whose document does not say it; None where that is not known, or does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a decision comes to."""

    row: int
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Nothing to do and nothing to say."""
        return not (self.changes or self.conflicts or self.problems)
