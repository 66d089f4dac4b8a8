"""A conflict in front matter, settled by a person in the file, is over: for every clone, with one update."""

from __future__ import annotations

from engine.ghosts import FakeOne
from engine.pull_steps import pull
from engine.push_steps import CloneMaker, document, push, seeded, verbs

PATH = "posts/hello.md"
WORDS = "Words that stay.\n"


def test_a_title_that_holds_both_edits_is_pushed(clone: CloneMaker, fake: FakeOne) -> None:
    """Both gave it a new title; one that holds both words passes, from a clone that has only the file."""
    a = seeded(clone, fake, {PATH: document("Report", WORDS)})
    fake.save("hello", title="Annual report")
    fake.pass_time(60)
    a.write(PATH, document("Report for 2026", WORDS))
    assert [conflict.why for conflict in pull(a).plan.conflicts] == ["both_changed"]
    a.write(PATH, document("Annual report for 2026", WORDS))
    assert pull(a).plan.conflicts == ()
    b = clone("b", of=a)
    assert verbs(push(b).plan) == ["update"]
    assert fake.find("hello")["title"] == "Annual report for 2026"
    assert push(clone("c", of=b)).plan.is_empty


def test_control_a_title_that_drops_ghosts_edit_needs_a_word(clone: CloneMaker, fake: FakeOne) -> None:
    """Whoever does not want the editor's title says so; otherwise it would look like never having seen it."""
    a = seeded(clone, fake, {PATH: document("Report", WORDS)})
    fake.save("hello", title="Annual report")
    fake.pass_time(60)
    a.write(PATH, document("Report for 2026", WORDS))
    plan = a.plan()
    assert not plan.changes
    assert [disagreement.name for disagreement in plan.conflicts[0].fields] == ["title"]
    assert verbs(a.plan(prefer="local")) == ["update"]


def test_tags_that_both_added_meet_and_are_pushed(clone: CloneMaker, fake: FakeOne) -> None:
    """A pull merges them by itself; the file then holds both, and a push from any clone goes through."""
    a = seeded(clone, fake, {PATH: document("Report", WORDS, tags=["Harbour"])})
    row = fake.find("hello")
    fake.save("hello", tags=[*({"id": tag["id"]} for tag in row["tags"]), {"name": "Theirs"}])
    fake.pass_time(60)
    a.write(PATH, document("Report", WORDS, tags=["Harbour", "Mine"]))
    assert [conflict.why for conflict in a.plan().conflicts] == ["both_changed"]
    assert pull(a).plan.conflicts == ()
    b = clone("b", of=a)
    assert "update" in verbs(push(b).plan)
    assert {"harbour", "mine", "theirs"} <= set(fake.tags("hello"))
    assert push(clone("c", of=b)).plan.is_empty
