"""When a plan may not be applied although every change in it is possible.

Thresholds have a floor: below ten managed posts a percentage is noise. Every refusal counts and names the flag that
permits it, since a limit that does not explain itself teaches people to force.
"""

from __future__ import annotations

from ghostsync.core.changes import DeletePost, Reason, RemoveFile, UnpublishPost
from ghostsync.core.counted import counted
from ghostsync.core.plan import Plan
from ghostsync.errors import SafetyLimit

# 30 % of at least 10: octoDNS has used these numbers for years; its users' complaints were about silence, not size.
REMOVAL_LIMIT = 0.30
REMOVAL_FLOOR = 10


def refusal(plan: Plan, *, documents: int, allow_many: bool) -> SafetyLimit | None:
    """Return why the plan's removals may not happen, or None. `documents` counts the local tree."""
    removals = [
        change
        for change in plan.changes
        if isinstance(change, UnpublishPost | RemoveFile)
        or (isinstance(change, DeletePost) and change.reason is Reason.PRUNE)
    ]
    if not removals:
        return None
    what = _counted(plan)
    if plan.problems:
        return SafetyLimit(
            f"the plan would {what}, and the content has {counted(len(plan.problems), 'problem')}: "
            "what cannot be read must not count as deleted",
            hint="mend the problems that `ghostsync check` lists, then run the same command again",
        )
    if documents == 0 and not isinstance(removals[0], RemoveFile):
        return SafetyLimit(
            f"the content directory is empty, and the plan would {what}",
            hint="check that this is the right directory, branch and mount; an empty tree is never pushed",
        )
    population = max(plan.managed, len(removals))
    if not allow_many and population >= REMOVAL_FLOOR and len(removals) > REMOVAL_LIMIT * population:
        return SafetyLimit(
            f"the plan would {what}, of {population} managed: that is more than {REMOVAL_LIMIT:.0%}",
            hint="check that this is the right directory and branch, then add `--allow-many-removals`",
        )
    return None


def _counted(plan: Plan) -> str:
    counts = plan.summary()
    names = (("delete", "post"), ("unpublish", "post"), ("remove", "file"))
    return " and ".join(f"{key} {counted(counts[key], noun)}" for key, noun in names if counts[key])
