"""A document that comes back after its post is gone: wanted again, or not known to be unwanted?"""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne
from engine.push_steps import CloneMaker, commit, document, push, seeded, verbs
from fakeghost.clock import to_wire

PATH = "posts/hello.md"
TEXT = document("Hello", "Words that are here, then gone, and then here again.\n")
OTHER = document("Other", "Words of another post, so that the tree is not empty.\n")


def _now(fake: FakeOne) -> str:
    return str(to_wire(fake.fake.clock.now_ms()))


@pytest.mark.parametrize("cached", [False, True], ids=["fresh clones", "machines with a cache"])
def test_a_reverted_removal_brings_the_post_back(clone: CloneMaker, fake: FakeOne, cached: bool) -> None:
    """Removed by mistake, pruned by CI, reverted: the next run publishes it again, whoever makes that run."""
    a = seeded(clone, fake, {PATH: TEXT, "posts/other.md": OTHER})
    commit(a, at=_now(fake))
    other = clone("other", of=a, cached=cached)
    other.past = a.past
    assert push(other).plan.is_empty
    a.remove(PATH)
    commit(a, at=_now(fake))
    fake.pass_time(600)
    assert verbs(push(clone("ci", of=a), prune="delete").plan) == ["delete"]
    fake.pass_time(600)
    assert a.plan().is_empty
    a.write(PATH, TEXT)
    commit(a, at=_now(fake))
    other.past = a.past
    assert verbs(push(other).plan) == ["create"]
    assert fake.slugs() == ["hello", "other"]


def test_what_was_not_committed_again_stays_away(clone: CloneMaker, fake: FakeOne) -> None:
    """A clone that has not fetched the removal still has the file; its run brings nothing back."""
    a = seeded(clone, fake, {PATH: TEXT, "posts/other.md": OTHER})
    commit(a, at=_now(fake))
    late = clone("late", of=a)
    commit(late, at=_now(fake))
    a.remove(PATH)
    fake.pass_time(600)
    push(clone("ci", of=a), prune="delete")
    fake.pass_time(600)
    plan = push(late).plan
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == ["deleted_in_ghost"]


def test_what_a_person_deleted_stays_deleted(clone: CloneMaker, fake: FakeOne) -> None:
    """However often the document is committed: she did not want it, and nobody has asked her."""
    a = seeded(clone, fake, {PATH: TEXT, "posts/other.md": OTHER})
    fake.delete("hello")
    fake.pass_time(600)
    commit(a, at=_now(fake))
    fake.pass_time(600)
    plan = push(a).plan
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == ["deleted_in_ghost"]
