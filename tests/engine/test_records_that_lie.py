"""Records that somebody damaged, that a later ghostsync wrote, or that only look like ours: nothing goes by them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from engine.ghosts import FakeOne
from engine.push_steps import HELLO, CloneMaker, document, lexical, seeded, verbs
from world import Clone

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.layout import PullLayout
from ghostsync.core.plan import Plan
from ghostsync.engine.options import Options
from ghostsync.engine.pulling import Pull

Rewrite = Callable[[dict[str, Any]], object]

LONG = "a" * 300
UPLOAD = {"sha256": "0" * 64, "url": "https://example.com/x.png"}

DAMAGES: dict[str, Rewrite] = {
    "unknown field": lambda record: record["fields"].update(locale="de"),
    "unknown kept field": lambda record: record["kept"].update(locale="de"),
    "text for a list": lambda record: record["fields"].update(tags="news"),
    "list for a date": lambda record: record["fields"].update(published_at=["x"]),
    "flag for a choice": lambda record: record["fields"].update(status=True),
    "half a surrogate pair": lambda record: record["fields"].update(title="\ud800"),
    "file of no possible name": lambda record: record["images"].update({f"{LONG}.png": UPLOAD}),
    "file with a NUL": lambda record: record["images"].update({"a\0.png": UPLOAD}),
    "file of half a character": lambda record: record["images"].update({"\ud800.png": UPLOAD}),
    "original that is no text": lambda record: record["images"].update({"p.svg": {**UPLOAD, "original": 5}}),
    "long link": lambda record: record["links"].update({LONG: "x"}),
    "path of no possible name": lambda record: record.update(path=f"{LONG}.md"),
    "path of half a character": lambda record: record.update(path="\ud800.md"),
    "path that climbs": lambda record: record.update(path="../../etc/passwd"),
    "time that is none": lambda record: record.update(at="soon"),
    "version that is none": lambda record: record.update(v="1"),
    "slug that is none": lambda record: record.update(slug="/"),
}


def rewrite(ghost: FakeOne, slug: str, change: Rewrite) -> None:
    """Change a record where Ghost stores it, without a trace."""
    row = next(row for row in ghost.fake.state.posts if row["slug"] == slug)
    body = json.loads(row["lexical"])
    change(body["root"]["ghostsync"])
    row["lexical"] = json.dumps(body)


def pull_plan(clone: Clone) -> Plan:
    """Plan a pull."""
    return Pull(clone.session(), PullLayout(), Options()).plan


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_record_neither_stops_a_run_nor_makes_a_second_post(
    clone: CloneMaker, fake: FakeOne, damage: Rewrite
) -> None:
    """Whoever may edit a post may write its record. With a cache and without, both ways, twice."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    rewrite(fake, "hello", damage)
    for machine in (clone("b", of=a), clone("c", of=a, cached=True)):
        for text in (HELLO, HELLO.replace("First", "Other")):
            machine.write("posts/hello.md", text)
            for _ in range(2):
                assert not {"create", "delete", "unpublish"} & set(verbs(machine.plan(prune="delete")))
        machine.remove("posts/hello.md")
        assert len([change for change in pull_plan(machine).changes if change.path != "tags.yaml"]) <= 1  # type: ignore[union-attr]


@pytest.mark.parametrize("cached", [False, True])
def test_a_post_that_a_later_version_wrote_is_left_alone(clone: CloneMaker, fake: FakeOne, cached: bool) -> None:
    """It is known for what it is: not made again under a new name, not removed, not written, and said."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    rewrite(fake, "hello", lambda record: record.update(v=2, fields="something else altogether"))
    b = clone("b", of=a, cached=cached)
    edits: list[Callable[[], object]] = [
        lambda: None,
        lambda: b.write("posts/hello.md", HELLO.replace("First", "Other")),
        lambda: (b.root / "posts/hello.md").rename(b.root / "posts/moved.md"),
        lambda: b.write("posts/hello.md", document("New one", slug="new-one")),
        lambda: [b.remove("posts/hello.md"), b.remove("posts/moved.md")],
    ]
    for edit in edits:
        edit()
        for plan in (b.plan(prune="delete", prefer="local"), b.plan(prune="delete"), pull_plan(b)):
            (conflict,) = plan.conflicts
            assert (conflict.why, conflict.title) == (Why.NEWER, "Hello")
            assert "hello" not in {getattr(change, "slug", "") for change in plan.changes}
            assert "version 2" in conflict.message
            assert "--upgrade" in conflict.hint


def test_a_later_record_blocks_nobody_elses_document(clone: CloneMaker, fake: FakeOne) -> None:
    """Whoever may write a draft may write a record that names any path."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    rewrite(fake, "other", lambda record: record.update(v=2, path="posts/hello.md"))
    a.remove("posts/other.md")
    a.write("posts/hello.md", HELLO.replace("First", "Other"))
    plan = a.plan(prune="delete")
    assert verbs(plan) == ["update"]
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [("(other)", Why.NEWER)]


def test_a_later_record_in_the_history_counts(clone: CloneMaker, fake: FakeOne) -> None:
    """An editor's typing has dropped the record of the post itself."""
    a = seeded(clone, fake)
    rewrite(fake, "hello", lambda record: record.update(v=7))
    for revision in (one for _, history in fake.fake.state.revisions.items() for one in history):
        body = json.loads(revision["lexical"])
        body["root"].get("ghostsync", {}).update(v=7)
        revision["lexical"] = json.dumps(body)
    fake.type("hello", "First", "Best")
    fake.pass_time(60)
    assert [conflict.why for conflict in clone("b", of=a).plan().conflicts] == [Why.NEWER]


def test_a_backup_that_was_imported_is_not_undone(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's import gives a post whose slug is taken a number, and keeps its dates and its record: it looks just like
    a create of ours that got another slug. Where its document is gone, it may be all that is left."""
    fake.create("Hello", slug="hello", lexical=lexical("Somebody's"))
    a = clone("a")
    a.write("posts/hello-again.md", document("Again", slug="hello-2"))
    a.push()
    rewrite(fake, "hello-2", lambda record: record.update(slug="hello"))
    fake.pass_time(600)
    b = clone("b")
    b.write("posts/other.md", document("Other"))
    plan = b.plan(prune="delete")
    assert verbs(plan) == ["create"]
    assert any(n.kind is NoteKind.UNMANAGED and "its document is gone" in n.message for n in plan.notes)
    assert verbs(clone("c", of=a).plan()) != ["create"], "control: with its document it is undone"
