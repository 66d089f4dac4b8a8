"""What became of each change: written down one by one, before anything is complained about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ghostsync.core.changes import Change
from ghostsync.core.plan import Plan
from ghostsync.errors import ExitCode, GhostsyncError, worst_exit
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


def plan_exit(plan: Plan) -> ExitCode:
    """Return what a plan alone says to the shell; that changes are pending is only said when it was asked."""
    return worst_exit(
        ExitCode.REFUSED if plan.conflicts else ExitCode.DONE,
        ExitCode.INVALID if plan.problems else ExitCode.DONE,
    )


def _exit_of(outcome: Outcome) -> ExitCode:
    """A file that cannot be written or has changed meanwhile is a failure: its document was fine."""
    code = ExitCode.FAILED if outcome.error is None else outcome.error.exit_code
    return ExitCode.FAILED if code is ExitCode.INVALID else code


def report_exit(report: Report) -> ExitCode:
    """Return what a run says to the shell: interrupted, failed, invalid documents, conflicts, or done."""
    return worst_exit(
        ExitCode.INTERRUPTED if report.is_interrupted else ExitCode.DONE,
        *(_exit_of(outcome) for outcome in report.failed),
        plan_exit(report.plan),
    )
