"""A decision that a document takes for the first time, after a person has taken another in Ghost."""

from __future__ import annotations

import pytest
from engine.ghosts import Ghost
from engine.push_steps import CloneMaker, document, push, seeded, verbs
from world import in_agreement

PATH = "posts/hello.md"


def test_a_person_who_published_is_not_overruled_by_a_first_status(clone: CloneMaker, ghost: Ghost) -> None:
    """Nobody wrote a status; a person published; the document then says `draft`: that is a conflict, not an order."""
    a = seeded(clone, ghost, {PATH: document(status=None)})
    ghost.publish("hello")
    a.write(PATH, document("Hello", "Other words.\n", status="draft"))
    plan = a.plan()
    assert not plan.changes
    assert [(conflict.path, tuple(field.name for field in conflict.fields)) for conflict in plan.conflicts] == [
        (PATH, ("status",))
    ]
    assert ghost.find("hello")["status"] == "published"
    assert verbs(a.plan(prefer="local")) == ["update"]


def test_a_first_status_alone_leaves_what_a_person_decided(clone: CloneMaker, ghost: Ghost) -> None:
    """The same without other words: the document says what base was, Ghost moved, and Ghost's stays."""
    a = seeded(clone, ghost, {PATH: document(status=None)})
    ghost.publish("hello")
    a.write(PATH, document(status="draft"))
    plan = a.plan()
    assert not plan.changes
    assert [note.path for note in plan.notes] == [PATH]


@pytest.mark.parametrize("status", ["published", "draft"])
def test_a_first_status_is_an_order_where_nobody_else_decided(clone: CloneMaker, ghost: Ghost, status: str) -> None:
    """Control: without a person's decision it lands."""
    a = seeded(clone, ghost, {PATH: document(status=None)})
    a.write(PATH, document("Hello", "Other words.\n", status=status))
    push(a)
    assert ghost.find("hello")["status"] == status
    assert in_agreement(a.plan())


def test_what_ghost_decides_is_no_drift(clone: CloneMaker, ghost: Ghost) -> None:
    """Without a status in the document, publishing in Ghost is Ghost's to choose and not worth a word."""
    a = seeded(clone, ghost, {PATH: document(status=None)})
    ghost.publish("hello")
    plan = a.plan()
    assert (in_agreement(plan), plan.notes, plan.unchanged) == (True, (), 1)


def test_a_first_visibility_does_not_open_what_a_person_closed(clone: CloneMaker, ghost: Ghost) -> None:
    """Who may read is as much a decision as whether, even right after the post was made."""
    a = seeded(clone, ghost, {PATH: document()})
    ghost.save("hello", visibility="members")
    a.write(PATH, document("Hello", "Other words.\n", visibility="public"))
    plan = a.plan()
    assert not plan.changes
    assert [tuple(field.name for field in conflict.fields) for conflict in plan.conflicts] == [("visibility",)]


def test_a_first_visibility_is_an_order_where_only_the_site_decided(clone: CloneMaker, ghost: Ghost) -> None:
    """Control: a site's own default is nobody's decision about this post."""
    a = seeded(clone, ghost, {PATH: document(status="draft")})
    a.write(PATH, document(status="draft", visibility="paid"))
    push(a)
    assert ghost.find("hello")["visibility"] == "paid"
