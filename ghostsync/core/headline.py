"""A plan in one line or two: which way it goes, what it counts. All that a run with nothing to do has to say."""

from __future__ import annotations

from ghostsync.core.changes import Change, CreateTag, UpdateTag
from ghostsync.core.counted import counted
from ghostsync.core.plan import Direction, Plan
from ghostsync.core.verbs import subject


def opening(plan: Plan) -> str:
    """Return which way the plan goes, and where: `push to https://example.com/ (Ghost 6.65)`."""
    way = "push to" if plan.direction is Direction.PUSH else "pull from"
    return f"{way} {plan.site.url} (Ghost {plan.site.version})"


def headline(plan: Plan) -> str:
    """Return one line of counts: `2 to create, 1 to update, 118 unchanged, 1 conflict`."""
    words = {
        "tag_create": lambda n: f"{counted(n, 'tag')} to create",
        "tag_update": lambda n: f"{counted(n, 'tag')} to update",
        "upload": lambda n: f"{counted(n, 'file')} to upload",
        "write": lambda n: f"{counted(n, 'file')} to write",
        "remove": lambda n: f"{counted(n, 'file')} to remove",
        "create": lambda n: f"{counted(n, 'post')} to create",
        "update": lambda n: f"{counted(n, 'post')} to update",
        "unpublish": lambda n: f"{counted(n, 'post')} to unpublish",
        "delete": lambda n: f"{counted(n, 'post')} to delete",
        "adopt": lambda n: f"{counted(n, 'post')} to adopt",
        "unchanged": lambda n: f"{n:,} unchanged",
        "conflicts": lambda n: counted(n, "conflict"),
        "problems": lambda n: counted(n, "problem"),
        "notes": lambda n: counted(n, "note"),
    }
    parts = [
        words[name](number) if name in words else f"{number:,} to {name}"
        for name, number in plan.summary().items()
        if number
    ]
    told = ", ".join(parts)
    if plan.changes:
        return told
    # With conflicts or problems there is something to do, only not for the plan.
    nothing = "nothing will be done" if plan.conflicts or plan.problems else "nothing to do"
    return f"{nothing}: {told}" if told else nothing


def conflicts_are(plan: Plan) -> str:
    """Return what becomes of conflicts: a push leaves them alone, a pull merges what it can into their files."""
    if plan.direction is Direction.PULL:
        return "only a person can settle these"
    return "nothing is written to these"


def spoken_subject(change: Change) -> str:
    """Return what a change is about, for people: a path, and of a tag its name."""
    return change.name if isinstance(change, CreateTag | UpdateTag) else subject(change)
