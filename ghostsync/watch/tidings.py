"""What the watch and its `Syncer` say to each other, and what the watch tells whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ghostsync.core.conflicts import Note
from ghostsync.errors import Problem
from ghostsync.model import Digest, DocPath


class Side(StrEnum):
    """Which way a run went."""

    PUSH = "push"
    PULL = "pull"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run came to."""

    applied: tuple[str, ...] = ()
    """What each change that was made is about."""
    problems: tuple[Problem, ...] = ()
    """What kept documents from being pushed: problems, conflicts, failures."""
    notes: tuple[Note, ...] = ()
    looked_at: frozenset[DocPath] | None = None
    """Which documents the run was about; None for all of them."""
    written: Mapping[DocPath, Digest | None] = field(default_factory=dict)
    """Files that the run itself wrote (SHA-256) or removed (None)."""
    to_push: frozenset[DocPath] = frozenset()
    """Documents of `written` that must be looked at by a push at once: what a merge left of ours is in no event."""


class Syncer(Protocol):
    """Runs on one tree and one site that remembers both between runs. Any method may raise `GhostsyncError`."""

    def push(self, paths: frozenset[DocPath] | None) -> Report:
        """Push what changed at these paths; None: look at everything, on both sides.

        The paths are of files of any kind: documents, pictures, `tags.yaml`, the configuration; changed, new or gone.
        """

    def pull(self) -> Report:
        """Bring back what was edited in Ghost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run that did something worth telling, or found new faults."""

    applied: tuple[str, ...]
    faults: tuple[Problem, ...]
    """Only those that were not told before."""
    fixed: tuple[str, ...]
    """Paths that had faults and have none now."""
    notes: tuple[Note, ...] = ()
    """Only those that were not told before."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A run begins."""

    paths: frozenset[DocPath] | None
    """What it is about; None for everything."""
    is_pull: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """The server cannot be reached; told once."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The server is still away; told after every attempt."""

    seconds: float
    """Until the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """The server can be reached again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """Nothing to do until something happens."""

    faulty: int
    """How many paths have faults that were told."""


Tidings = Busy | Ran | Away | Retrying | Back | Resting
