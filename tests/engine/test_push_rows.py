"""Push, row by row of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine.ghosts import Ghost
from world import Clone, errors, in_agreement

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.reconcile import TABLE
from ghostsync.core.verbs import verb

CloneMaker = Callable[..., Clone]

TEXT = "---\ntitle: Hello\nstatus: published\n---\nFirst words.\n\nSecond words.\n"


def _pushed(clone: CloneMaker, ghost: Ghost) -> Clone:
    a = clone("a")
    a.write("posts/hello.md", TEXT)
    report = a.push()
    assert errors(report) == []
    ghost.pass_time(600)
    return a


def _verbs(clone: Clone, **options: object) -> list[str]:
    return [verb(change) for change in clone.plan(**options).changes]


def row_1(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a")
    a.write("posts/hello.md", TEXT)
    assert _verbs(a) == ["tag_create", "create"]
    assert errors(a.push()) == []
    assert ghost.slugs() == ["hello"]
    record = ghost.record("hello")
    assert record is not None
    assert (record["path"], record["project"], record["slug"]) == ("posts/hello.md", "site", "hello")
    assert ghost.tags("hello") == ["hash-ghostsync"]


def row_2(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    ghost.create("Of a person")
    before = ghost.writes()
    plan = a.plan(prune="delete")
    assert (plan.changes, plan.conflicts, plan.notes) == ((), (), ())
    a.apply(plan)
    assert ghost.writes() == before
    assert "of-a-person" in ghost.slugs()


def row_3(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nMine.\n")
    ghost.create("Hello", lexical=_lexical("Theirs."))
    (conflict,) = a.plan().conflicts
    assert conflict.why is Why.NO_SHARED_HISTORY
    assert "body" in conflict.message
    assert conflict.body_remote is not None
    assert "Theirs." in conflict.body_remote
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nTheirs.\n")
    assert _verbs(a) == ["tag_create", "adopt"]
    before = ghost.find("hello")
    assert errors(a.push()) == []
    after = ghost.find("hello")
    assert ghost.record("hello") is not None
    assert (after["html"], after["title"], after["status"]) == (before["html"], before["title"], before["status"])
    assert in_agreement(a.plan())


def row_4(clone: CloneMaker, ghost: Ghost) -> None:
    a = _pushed(clone, ghost)
    b = clone("b", of=a)
    plan = b.plan()
    assert (plan.changes, plan.conflicts, plan.notes, plan.unchanged) == ((), (), (), 1)


def row_5(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    b.write("posts/hello.md", TEXT.replace("Second", "Other"))
    assert _verbs(b) == ["update"]
    assert errors(b.push()) == []
    assert "Other words." in ghost.body("hello")
    assert in_agreement(b.plan())


def row_6(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    (note,) = plan.notes
    assert note.kind is NoteKind.DRIFTED
    assert note.edit is not None
    assert note.edit.who == ghost.editor_name
    b.apply(plan)
    assert "Edited words." in ghost.body("hello")


def row_7(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b.write("posts/hello.md", TEXT.replace("First", "Written"))
    (conflict,) = b.plan().conflicts
    assert conflict.why is Why.BOTH_CHANGED
    assert conflict.edit is not None
    assert conflict.edit.who == ghost.editor_name
    assert b.plan().changes == ()
    b.write("posts/hello.md", TEXT.replace("First", "Written").replace("Second", "Edited"))
    assert _verbs(b) == ["update"]
    assert errors(b.push()) == []
    assert "Written words." in ghost.body("hello")
    assert "Edited words." in ghost.body("hello")
    ghost.pass_time(60)
    assert in_agreement(b.plan())


def row_8(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    b.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    assert errors(b.push()) == []
    b.remove("posts/hello.md")
    ghost.pass_time(60)
    plan = b.plan()
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.ORPHAN]
    assert _verbs(b, prune="draft") == ["unpublish"]
    assert errors(b.push(prune="draft")) == []
    assert ghost.find("hello")["status"] == "draft"
    ghost.pass_time(60)
    assert _verbs(b, prune="draft") == []
    assert _verbs(b, prune="delete") == ["delete"]
    assert errors(b.push(prune="delete")) == []
    assert ghost.slugs() == ["other"]


def row_9(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    b.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    assert errors(b.push()) == []
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b.remove("posts/hello.md")
    for prune in ("report", "draft", "delete"):
        plan = b.plan(prune=prune)
        assert plan.changes == ()
        assert [conflict.why for conflict in plan.conflicts] == [Why.DELETED_HERE]
    assert _verbs(b, prune="delete", prefer="local") == ["delete"]


def row_10(clone: CloneMaker, ghost: Ghost) -> None:
    b = clone("b", of=_pushed(clone, ghost))
    ghost.delete("hello")
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    (note,) = plan.notes
    assert note.kind is NoteKind.DELETED_IN_GHOST
    assert ghost.editor_name in note.message
    assert _verbs(b, prefer="local") == ["create"]
    assert errors(b.push(prefer="local")) == []
    assert ghost.slugs() == ["hello"]
    assert in_agreement(b.plan())


def row_11(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a", cached=True)
    a.write("posts/hello.md", TEXT)
    assert errors(a.push()) == []
    ghost.pass_time(60)
    ghost.delete("hello")
    a.write("posts/hello.md", TEXT.replace("Second", "Other"))
    plan = a.plan()
    assert plan.changes == ()
    (conflict,) = plan.conflicts
    assert conflict.why is Why.DELETED_IN_GHOST
    assert ghost.editor_name in conflict.message
    assert _verbs(a, prefer="local") == ["create"]
    assert errors(a.push(prefer="local")) == []
    assert in_agreement(a.plan())


def row_12(clone: CloneMaker, ghost: Ghost) -> None:
    a = clone("a", cached=True)
    a.write("posts/hello.md", TEXT)
    a.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    assert errors(a.push()) == []
    assert len(a.memory.posts()) == 2
    ghost.pass_time(60)
    ghost.delete("hello")
    a.remove("posts/hello.md")
    before = ghost.writes()
    assert _verbs(a) == ["forget"]
    assert errors(a.push()) == []
    assert ghost.writes() == before
    assert [known.path for known in a.memory.posts().values()] == ["posts/other.md"]
    assert in_agreement(a.plan())


ROWS = {int(name.removeprefix("row_")): check for name, check in list(globals().items()) if name.startswith("row_")}


def _lexical(text: str) -> str:
    import json

    from ghostsync.lexical import compile_markdown

    return json.dumps(compile_markdown(text))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"row-{row.number}")
def test_push(row: object, clone: CloneMaker, ghost: Ghost) -> None:
    """Push does what the row of the table says, from a clone without a cache."""
    ROWS[row.number](clone, ghost)  # type: ignore[attr-defined]
