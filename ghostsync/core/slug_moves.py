"""In which order posts may take their new slugs.

Ghost never refuses a slug, it appends a number. So a slug must be free when it is asked for: a post that takes another
post's slug waits until that one has moved, and in a ring of posts one steps aside onto a parking slug first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ghostsync.core.base import SLUG
from ghostsync.core.changes import UpdatePost
from ghostsync.model import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step: the update itself, or only its parking."""

    change: UpdatePost
    parking: Slug | None = None


def order_moves(updates: Sequence[UpdatePost]) -> tuple[Move, ...]:
    """Return the steps for all updates that change a slug, so that each finds its new slug free."""
    # Where each post is now (a parked one: on its parking slug) → its update.
    moving = {change.slug: change for change in sorted(updates, key=lambda c: c.path) if SLUG in change.sends}
    steps: list[Move] = []
    while moving:
        free = [(at, change) for at, change in moving.items() if change.sends[SLUG] not in moving]
        if free:
            for at, change in free:
                steps.append(Move(change=change))
                del moving[at]
            continue
        # Only rings are left. Whoever is parked has released its slug, and takes its own when that is free.
        slug, change = next(iter(moving.items()))
        steps.append(Move(change=change, parking=parking_slug(change)))
        del moving[slug]
        moving[parking_slug(change)] = change
    return tuple(steps)


def parking_slug(change: UpdatePost) -> Slug:
    """Return the slug on which a post waits; its id makes it unlike any other."""
    return Slug(f"{change.slug[:150]}-moving-{change.id}")
