"""Ways in which a push could lose what a person did in Ghost; each was one once, or would be without a guard."""

from __future__ import annotations

import pytest
from engine.ghosts import Ghost
from engine.push_steps import HELLO, CloneMaker, document, push, seeded, verbs

from ghostsync.core.plan import Why

# ------------------------------------------------------------------------------------------ orphans


@pytest.mark.parametrize("prune", ["draft", "delete"])
@pytest.mark.parametrize("what", ["publishes", "meta-title", "saves"])
def test_an_orphan_that_a_person_touched(clone: CloneMaker, ghost: Ghost, what: str, prune: str) -> None:
    """Its file is gone, and it says all that the file said; but a person has been there, so it does not go with it."""
    status = None if what == "publishes" else "published"
    b = clone(
        "b", of=seeded(clone, ghost, {"posts/hello.md": document(status=status), "posts/other.md": document("Other")})
    )
    match what:
        case "publishes":
            ghost.publish("hello")
        case "meta-title":
            ghost.save("hello", meta_title="By hand")
        case _:
            ghost.retouch("hello")
    ghost.pass_time(60)
    b.remove("posts/hello.md")
    plan = b.plan(prune=prune)
    assert plan.changes == ()
    (conflict,) = plan.conflicts
    assert conflict.why is Why.DELETED_HERE
    assert ghost.editor_name in conflict.message


@pytest.mark.parametrize("prune", ["draft", "delete"])
def test_an_edited_orphan_and_prefer_local(clone: CloneMaker, ghost: Ghost, prune: str) -> None:
    """With `--prefer local` the policy acts on it, though the editor's typing dropped the record; and once."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")}))
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b.remove("posts/hello.md")
    assert verbs(push(b, prune=prune, prefer="local").plan) == ["unpublish" if prune == "draft" else "delete"]
    if prune == "draft":
        assert ghost.find("hello")["status"] == "draft"
        assert "Edited words." in ghost.body("hello")
        ghost.pass_time(60)
        assert b.plan(prune=prune, prefer="local").is_empty
    else:
        assert ghost.slugs() == ["other"]
