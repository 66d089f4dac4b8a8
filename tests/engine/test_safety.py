"""Limits on what a run may take away, and the order in which slugs change hands."""

from __future__ import annotations

import itertools

import pytest
from engine.engine_builders import post

from ghostsync.core.changes import DeletePost, Reason, UnpublishPost, UpdatePost
from ghostsync.core.plan import Direction, Plan
from ghostsync.core.reconcile import TABLE, Side, find_row, render_table
from ghostsync.core.safety import refusal
from ghostsync.core.slug_moves import order_moves
from ghostsync.errors import Problem
from ghostsync.model import DocPath, FieldName, Site, Slug

SITE = Site(uuid="u", url="http://site.test/", version="6.65")


def removals(count: int, *, managed: int, reason: Reason = Reason.PRUNE, problems: int = 0) -> Plan:
    """Return a plan that deletes some of the managed posts."""
    gone = [post(n) for n in range(count)]
    changes = tuple(
        DeletePost(
            path=DocPath(f"{n}.md"),
            kind=one.kind,
            id=one.id,
            slug=one.slug,
            title="x",
            expected=one.updated_at,
            status="published",
            was={},
            body=one.body,
            reason=reason,
        )
        for n, one in enumerate(gone)
    )
    faults = tuple(Problem(path="x.md", message=str(n)) for n in range(problems))
    return Plan(direction=Direction.PUSH, site=SITE, changes=changes, managed=managed, problems=faults)


@pytest.mark.parametrize(
    ("count", "managed", "refused"), [(3, 10, False), (4, 10, True), (9, 9, False), (3, 9, False), (12, 31, True)]
)
def test_the_limit(count: int, managed: int, refused: bool) -> None:
    """More than 30 % of at least ten managed posts needs the flag, and the message counts and names it."""
    plan = removals(count, managed=managed)
    error = refusal(plan, documents=5, allow_many=False)
    assert (error is not None) is refused
    if error is not None:
        assert f"the plan would delete {count} posts, of {managed} managed: " in str(error)
        assert "--allow-many-removals" in (error.hint or "")
    assert refusal(plan, documents=5, allow_many=True) is None


def test_no_flag_helps_against_unreadable_content() -> None:
    """One problem anywhere, or an empty directory, and nothing is removed."""
    assert refusal(removals(1, managed=20, problems=1), documents=5, allow_many=True) is not None
    assert refusal(removals(1, managed=20), documents=0, allow_many=True) is not None


def test_taking_back_our_own_is_no_removal() -> None:
    """A create that got another slug is taken back even when a document is broken."""
    plan = removals(9, managed=9, reason=Reason.UNDO, problems=1)
    assert refusal(plan, documents=1, allow_many=False) is None


def test_unpublishing_counts() -> None:
    """It takes a post from its readers too."""
    facts = [c for c in removals(4, managed=10).changes if isinstance(c, DeletePost)]
    changes = tuple(
        UnpublishPost(
            path=c.path,
            kind=c.kind,
            id=c.id,
            slug=c.slug,
            title=c.title,
            expected=c.expected,
            status=c.status,
            was=c.was,
            body=c.body,
        )
        for c in facts
    )
    plan = Plan(direction=Direction.PUSH, site=SITE, changes=changes, managed=10)
    error = refusal(plan, documents=5, allow_many=False)
    assert error is not None
    assert "the plan would unpublish 4 posts, of " in str(error)


# ------------------------------------------------------------------------------------------ slugs that change hands


def move(old: str, new: str, number: int) -> UpdatePost:
    """Return an update that only moves a slug."""
    one = post(number)
    return UpdatePost(
        path=DocPath(f"{old}.md"),
        kind=one.kind,
        id=one.id,
        slug=Slug(old),
        title=old,
        expected=one.updated_at,
        sends={FieldName("slug"): new},
        before={},
        lexical={"root": {}},
        body_changed=False,
        draft=None,  # type: ignore[arg-type]
        status="published",
        was={},
        body=one.body,
    )


@pytest.mark.parametrize("names", ["ab", "ba", "abc", "acb", "abdc", "badc", "abcd", "bcda"])
def test_every_slug_is_free_when_it_is_asked_for(names: str) -> None:
    """For swaps, rings and chains: no step asks for a slug that another post holds, and all arrive."""
    olds = sorted(names)
    updates = [move(old, new, n + 1) for n, (old, new) in enumerate(zip(olds, names, strict=True)) if old != new]
    updates.append(move("z", "y", 9))
    updates.append(move("x", "z", 10))
    for order in itertools.permutations(updates):
        held = {change.id: str(change.slug) for change in updates}
        for step in order_moves(order):
            asked = str(step.parking or step.change.sends[FieldName("slug")])
            assert asked not in held.values()
            held[step.change.id] = asked
        assert held == {change.id: change.sends[FieldName("slug")] for change in updates}


# ------------------------------------------------------------------------------------------ the table


def test_the_table_is_whole() -> None:
    """Twelve rows, each found by what it says, and nothing else to find."""
    assert [row.number for row in TABLE] == list(range(1, 13))
    for row in TABLE:
        assert find_row(has_base=row.has_base, local=row.local, remote=row.remote) is row
    known = (Side.SAME, Side.CHANGED, Side.ABSENT)
    combinations = [
        *((True, here, there) for here in known for there in known),
        (False, Side.PRESENT, Side.ABSENT),
        (False, Side.ABSENT, Side.PRESENT),
        (False, Side.PRESENT, Side.PRESENT),
    ]
    assert len({find_row(has_base=a, local=b, remote=c).number for a, b, c in combinations}) == 12
    assert render_table().count("\n") == 14
