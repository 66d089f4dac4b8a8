"""Pull, row by row of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine.ghosts import Ghost
from engine.pull_steps import plan_pull, pull, tree
from engine.test_push_rows import TEXT, _lexical
from world import Clone, errors, in_agreement

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.reconcile import TABLE
from ghostsync.core.verbs import verb

CloneMaker = Callable[..., Clone]


def _pushed(clone: CloneMaker, ghost: Ghost, **rest: object) -> Clone:
    a = clone("a", **rest)
    a.write("posts/hello.md", TEXT)
    assert errors(a.push()) == []
    ghost.pass_time(600)
    return a


def row_1(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a")
    a.write("posts/hello.md", TEXT)
    plan = plan_pull(a)
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.UNPUSHED]


def row_2(clone: CloneMaker, ghost: Ghost) -> None:
    ghost.create("Of a person", lexical=_lexical("Theirs."))
    a = clone("a")
    report = pull(a)
    assert errors(report) == []
    assert a.read("posts/of-a-person.md") == "---\ntitle: Of a person\nstatus: draft\n---\n\nTheirs.\n"
    b = clone("b")
    b.write("ghostsync.toml", 'project = "site"\n[pull]\nunmanaged = "ignore"\n')
    assert plan_pull(b).changes == ()


def row_3(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nMine.\n")
    ghost.create("Hello", lexical=_lexical("Theirs."))
    (conflict,) = plan_pull(a).conflicts
    assert conflict.why is Why.NO_SHARED_HISTORY
    assert errors(pull(a)) == []
    assert "Mine." in a.read("posts/hello.md")
    assert "Theirs." in a.read("posts/hello.md")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nTheirs.\n")
    plan = plan_pull(a)
    assert (plan.changes, plan.conflicts) == ((), ())


def row_4(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    plan = plan_pull(clone("b", of=a))
    assert (plan.changes, plan.conflicts, plan.notes, plan.unchanged) == ((), (), (), 1)


def row_5(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    a.write("posts/hello.md", TEXT.replace("First", "Very first"))
    plan = plan_pull(a)
    assert (plan.changes, plan.conflicts) == ((), ())
    assert [note.kind for note in plan.notes] == [NoteKind.UNPUSHED]


def row_6(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    ghost.type("hello", "Second", "Third")
    assert errors(pull(a)) == []
    assert a.read("posts/hello.md") == TEXT.replace("Second", "Third")


def row_7(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    ghost.type("hello", "Second", "Third")
    a.write("posts/hello.md", TEXT.replace("First", "Very first"))
    assert errors(pull(a)) == []
    assert a.read("posts/hello.md") == TEXT.replace("First", "Very first").replace("Second", "Third")
    before = len(ghost.writes())
    assert errors(a.push()) == []
    assert len(ghost.writes()) == before + 1
    assert in_agreement(a.plan())


def row_8(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost, cached=True)
    a.remove("posts/hello.md")
    plan = plan_pull(a)
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.DELETED_HERE]
    assert [verb(change) for change in plan_pull(a, prefer="remote").changes] == ["write"]


def row_9(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost, cached=True)
    a.remove("posts/hello.md")
    ghost.type("hello", "Second", "Third")
    assert errors(pull(a)) == []
    assert a.read("posts/hello.md") == TEXT.replace("Second", "Third")


def row_10(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost, cached=True)
    ghost.delete("hello")
    plan = plan_pull(a)
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.DELETED_IN_GHOST]
    assert "`ghostsync pull --prune` removes it" in str(plan.notes[0].hint)
    b = clone("b", of=a)  # knows of the deletion from Ghost's log, and nothing of what was agreed on
    (note,) = plan_pull(b, prune="delete").notes
    assert (note.kind, str(note.hint).partition(",")[0]) == (
        NoteKind.DELETED_IN_GHOST,
        "delete the file to agree with Ghost",
    )
    assert errors(pull(a, prune="delete")) == []
    assert tree(a.root) == {}


def row_11(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost, cached=True)
    a.write("posts/hello.md", TEXT.replace("First", "Very first"))
    ghost.delete("hello")
    plan = plan_pull(a, prune="delete")
    assert plan.changes == ()
    assert [conflict.why for conflict in plan.conflicts] == [Why.DELETED_IN_GHOST]


def row_12(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost, cached=True)
    a.remove("posts/hello.md")
    ghost.delete("hello")
    assert [verb(change) for change in plan_pull(a).changes] == ["forget"]
    pull(a)
    assert plan_pull(a).changes == ()


ROWS = {
    1: row_1,
    2: row_2,
    3: row_3,
    4: row_4,
    5: row_5,
    6: row_6,
    7: row_7,
    8: row_8,
    9: row_9,
    10: row_10,
    11: row_11,
    12: row_12,
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"row{row.number}")
def test_pull_follows_the_table(row: object, clone: CloneMaker, ghost: Ghost) -> None:
    """A pull does with each row what the table says."""
    ROWS[row.number](clone, ghost)  # type: ignore[attr-defined]
