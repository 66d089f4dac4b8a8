"""A site made only in Ghost comes down, and from then on lives in Git: nothing is written back, nothing comes twice."""

from __future__ import annotations

import os
from collections.abc import Callable

from engine.ghost_made import EXAMPLE, make_site
from engine.ghosts import Ghost
from engine.pull_steps import plan_pull, pull, tree
from engine.test_pull_scenarios import committed
from world import Clone, errors

from ghostsync.local.history import History
from ghostsync.local.past import GitPast

CloneMaker = Callable[..., Clone]
# The site's cards alone are some fifty posts; with the rest, listings take several pages.
POSTS = 250 if os.environ.get("GHOSTSYNC_LONG") else 110


def test_a_large_site_with_every_card_is_imported_and_pushes_as_unchanged(clone: CloneMaker, ghost: Ghost) -> None:
    """Imported twice it is the same; committed and cloned, a push writes nothing; an editor's word is one line."""
    make_site(ghost, posts=POSTS)
    a, c = clone("a", jobs=4), clone("c", jobs=4)
    report = pull(a)
    assert errors(report) == []
    assert (report.plan.problems, report.plan.conflicts) == ((), ())
    files = tree(a.root)
    assert len([path for path in files if path.startswith("posts/")]) == POSTS
    assert len([path for path in files if path.startswith("pages/")]) == 5
    light = (EXAMPLE / "images/the-light.jpg").read_bytes()
    assert files["media/the-light.jpg"] == light
    committed(a)
    before = len(ghost.writes())
    b = clone("b", of=a)
    with History(b.root) as history:
        b.past = GitPast(history)
        plan = b.plan()
        assert (plan.changes, plan.conflicts, plan.problems) == ((), (), ())
        assert errors(b.push()) == []
        assert plan_pull(b).changes == ()
    assert len(ghost.writes()) == before
    assert errors(pull(c)) == []
    assert tree(c.root) == files

    ghost.type("every-card-once", "that drawer for people who write", "that drawer for all who write")
    with History(b.root) as history:
        b.past = GitPast(history)
        report = pull(b)
    assert errors(report) == []
    assert (report.plan.conflicts, report.plan.problems) == ((), ())
    now = tree(b.root)
    assert [path for path in files if now[path] != files[path]] == ["posts/every-card-once.md"]
    changed = now["posts/every-card-once.md"].decode().splitlines()
    old = files["posts/every-card-once.md"].decode().splitlines()
    assert sum(x != y for x, y in zip(old, changed, strict=True)) == 1
