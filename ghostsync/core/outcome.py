"""What became of each change: written down one by one, before anything is complained about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghostsync.core.plan import Change, Plan
from ghostsync.errors import GhostsyncError
from ghostsync.model import PostId


class Status(StrEnum):
    """What became of one change."""

    APPLIED = "applied"
    SKIPPED = "skipped"
    """Not tried: the run was interrupted, or something that it needs failed."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change."""

    change: Change
    status: Status
    error: GhostsyncError | None = None
    """Why it failed or was skipped."""
    id: PostId | None = None
    url: str | None = None
    warning: str | None = None
    """What a person should know although it was applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A plan and what became of it; one outcome per change, in the plan's order."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    is_interrupted: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """What failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is Status.FAILED)

    @property
    def applied(self) -> tuple[Outcome, ...]:
        """What was done."""
        return tuple(outcome for outcome in self.outcomes if outcome.status is Status.APPLIED)
