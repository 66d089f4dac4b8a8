"""A clone that lacks what was pushed last must not undo it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine.ghosts import FakeOne
from engine.pull_steps import pull
from engine.push_steps import CloneMaker, commit, document, push, seeded, verbs
from fakeghost.clock import to_wire
from world import Clone, in_agreement

PATH = "posts/hello.md"
OLD = document("Hello", "Words of the first commit.\n")
NEW = document("Hello", "Words of the second commit.\n")


def _moment(fake: FakeOne, seconds: int) -> str:
    return str(to_wire(fake.fake.clock.now_ms() + seconds * 1000))


def _two(clone: CloneMaker, fake: FakeOne) -> tuple[Clone, Clone]:
    """Two clones of one commit; what the first went on to commit was pushed, and the second has not fetched it."""
    a = clone("a")
    a.write(PATH, OLD)
    b = clone("b", of=a)
    for one in (a, b):
        commit(one, at=_moment(fake, 0))
    fake.pass_time(3600)
    a.write(PATH, NEW)
    commit(a, at=_moment(fake, -600))
    push(a)
    fake.pass_time(3600)
    return a, b


def test_an_overtaken_run_undoes_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """CI runs of two commits in the wrong order: the later one's words stay, and the earlier run says so."""
    _, b = _two(clone, fake)
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "behind")]
    assert "git pull" in str(plan.conflicts[0].hint)
    assert "second commit" in fake.body("hello")
    assert verbs(b.plan(prefer="local")) == ["update"]
    assert not b.plan(prefer="remote").changes


@pytest.mark.parametrize("between", [10, 55])
def test_an_overtaken_run_of_the_same_minute(clone: CloneMaker, fake: FakeOne, between: int) -> None:
    """A typo is corrected right after the commit that brought it, and that commit's run ends last."""
    late, early = clone("late"), clone("early")
    early.write(PATH, OLD)
    commit(early, at=_moment(fake, 0))
    push(early)
    fake.pass_time(3600)
    early.write(PATH, document("Hello", "Words with a typpo.\n"))
    late.write(PATH, document("Hello", "Words with a typpo.\n"))
    commit(early, at=_moment(fake, 0))
    late.write(PATH, NEW)
    fake.pass_time(between)
    commit(late, at=_moment(fake, 0))
    push(late)
    fake.pass_time(5)
    plan = early.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "behind")]


def test_a_clone_that_has_fetched_goes_on(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: a revert that was committed after the push is what its author wants."""
    _, b = _two(clone, fake)
    b.write(PATH, NEW)
    commit(b, at=_moment(fake, -4000))
    b.write(PATH, OLD)
    commit(b, at=_moment(fake, 0))
    assert verbs(b.plan()) == ["update"]


def test_uncommitted_work_goes_on(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: what is not committed is being written right now, by somebody who has fetched."""
    _, b = _two(clone, fake)
    b.write(PATH, NEW)
    commit(b, at=_moment(fake, -4000))
    b.write(PATH, document("Hello", "Words of this very hour.\n"))
    assert verbs(b.plan()) == ["update"]


def test_uncommitted_work_on_an_earlier_version_undoes_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """Both have changed the commit that they started from; a text that holds the other's words goes on."""
    _, b = _two(clone, fake)
    b.write(PATH, document("Hello", "Words of this very hour.\n"))
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
    b.write(PATH, document("Hello", "Words of the second commit.\n\nWords of this very hour.\n"))
    assert verbs(b.plan()) == ["update"]


def _two_machines(clone: CloneMaker, fake: FakeOne) -> tuple[Clone, Clone]:
    """Two machines without Git: what the second one pushed, the first one has replaced since."""
    a, b = clone("a", cached=True), clone("b", cached=True)
    for one in (b, a):
        one.write(PATH, OLD)
        push(one)
    fake.pass_time(3600)
    a.write(PATH, NEW)
    push(a)
    fake.pass_time(3600)
    return a, b


def test_a_machine_that_has_not_seen_a_push_undoes_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """Its file is as it was when both sides agreed here: only Ghost has moved, and a pull brings it."""
    _, b = _two_machines(clone, fake)
    plan = push(b).plan
    assert (plan.changes, plan.conflicts) == ((), ())
    assert [(note.kind, note.path) for note in plan.notes] == [("drifted", PATH)]
    assert "second commit" in fake.body("hello")
    pull(b)
    assert "second commit" in b.read(PATH)
    assert in_agreement(b.plan())


def test_both_machines_have_changed_a_document(clone: CloneMaker, fake: FakeOne) -> None:
    """What the second one writes is held against what it knew, not against what it has never seen."""
    _, b = _two_machines(clone, fake)
    b.write(PATH, document("Good morning", "Words of the first commit.\n"))
    plan = push(b).plan
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
    pull(b)
    assert verbs(push(b).plan) == ["update"]
    assert fake.find("hello")["title"] == "Good morning"
    assert "second commit" in fake.body("hello")


@pytest.mark.parametrize("made", [_two, _two_machines], ids=["with Git", "with a cache"])
def test_a_document_removed_where_a_push_was_not_seen_is_kept(
    clone: CloneMaker, fake: FakeOne, made: Callable[[CloneMaker, FakeOne], tuple[Clone, Clone]]
) -> None:
    """It was not the new version that somebody did not want any more."""
    _, b = made(clone, fake)
    b.remove(PATH)
    plan = b.plan(prune="delete")
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "deleted_here")]


def test_a_commit_made_after_the_push_goes_on(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: pushed from an unfinished file, then finished and committed: CI publishes the commit."""
    a = seeded(clone, fake, {PATH: OLD})
    a.write(PATH, NEW)
    commit(a, at=_moment(fake, 0))
    assert verbs(a.plan()) == ["update"]


def test_what_this_machine_pushed_itself_may_be_taken_back(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: saved, pushed by a watch, undone and saved again: nobody else's work is in it."""
    a = clone("a", cached=True)
    a.write(PATH, OLD)
    commit(a, at=_moment(fake, 0))
    push(a)
    fake.pass_time(3600)
    a.write(PATH, NEW)
    push(a)
    fake.pass_time(60)
    a.write(PATH, OLD)
    assert verbs(a.plan()) == ["update"]


@pytest.mark.parametrize("cached", [True, False])
def test_two_clones_within_a_minute(clone: CloneMaker, fake: FakeOne, cached: bool) -> None:
    """Clocks do not tell what came first; unfinished work is held against its own past all the same."""
    a, b = clone("a"), clone("b", cached=cached)
    for one in (b, a):
        one.write(PATH, OLD)
        commit(one, at=_moment(fake, 0))
        push(one)
    fake.pass_time(20)
    a.write(PATH, NEW)
    commit(a, at=_moment(fake, 0))
    push(a)
    fake.pass_time(20)
    b.write(PATH, OLD + "\nWords of this very hour.\n")
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
    assert "second commit" in fake.body("hello")


@pytest.mark.parametrize("later", [20, 7200])
def test_a_machine_that_commits_without_fetching(clone: CloneMaker, fake: FakeOne, later: int) -> None:
    """It remembers what both sides agreed on when it was last there; what others pushed since is not in its text."""
    a, b = clone("a"), clone("b", cached=True)
    for one in (b, a):
        one.write(PATH, OLD)
        commit(one, at=_moment(fake, 0))
        push(one)
    fake.pass_time(20)
    a.write(PATH, NEW)
    push(a)
    fake.pass_time(later)
    b.write(PATH, OLD + "\nWords of this very hour.\n")
    commit(b, at=_moment(fake, 0))
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
    b.write(PATH, NEW + "\nWords of this very hour.\n")
    commit(b, at=_moment(fake, 0))
    assert verbs(b.plan()) == ["update"]


TWO_PARTS = "The first part has some words.\n\nThe second part has others.\n"


def _beside(clone: CloneMaker, fake: FakeOne) -> tuple[Clone, Clone]:
    """Two people with clones of one pushed commit."""
    a = clone("a")
    a.write(PATH, document("Hello", TWO_PARTS))
    b = clone("b", of=a)
    commit(a, at=_moment(fake, 0))
    commit(b, at=_moment(fake, 0), by="b@example.com")
    push(a)
    fake.pass_time(3600)
    return a, b


@pytest.mark.parametrize("then_types", [False, True], ids=["pushed", "pushed, then edited in Ghost"])
def test_a_commit_made_without_what_another_pushed_undoes_nothing(
    clone: CloneMaker, fake: FakeOne, *, then_types: bool
) -> None:
    """Ann pushes what she has not committed, Ben commits his own edit: a run in CI may not take hers back."""
    a, b = _beside(clone, fake)
    a.write(PATH, document("Hello", TWO_PARTS.replace("some words", "Ann's words")))
    push(a)
    fake.pass_time(3600)
    if then_types:
        fake.type("hello", "The first", "The very first")
        fake.pass_time(3600)
    b.write(PATH, document("Hello", TWO_PARTS.replace("others", "Ben's")))
    commit(b, at=_moment(fake, 0), by="b@example.com")
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
    pull(b)
    assert "Ann's words" in b.read(PATH)
    assert "Ben's" in b.read(PATH)
    assert ("very first" in b.read(PATH)) is then_types
    commit(b, at=_moment(fake, 60), by="b@example.com")
    fake.pass_time(3600)
    assert verbs(push(b).plan) == ["update"]
    assert "Ann's words" in fake.body("hello")
    assert "Ben's" in fake.body("hello")


def test_who_pushed_an_unfinished_text_goes_on(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: pushed from an unfinished file, then reworded and committed; a run in CI publishes the commit."""
    a, _ = _beside(clone, fake)
    a.write(PATH, document("Hello", TWO_PARTS.replace("some words", "words that will not stay")))
    push(a)
    fake.pass_time(3600)
    a.write(PATH, document("Hello", TWO_PARTS.replace("some words", "better words")))
    commit(a, at=_moment(fake, 0))
    assert verbs(a.plan()) == ["update"]


def test_an_address_that_another_moved_is_not_moved_back(clone: CloneMaker, fake: FakeOne) -> None:
    """Ann renames a file and pushes; Ben, whose file has the old name, pushes too: the new address stays."""
    a, b = _beside(clone, fake)
    a.remove(PATH)
    a.write("posts/good-morning.md", document("Hello", TWO_PARTS))
    push(a)
    fake.pass_time(3600)
    assert push(b).plan.changes == ()
    b.write(PATH, document("Hello", TWO_PARTS.replace("others", "Ben's")))
    assert verbs(push(b).plan) == ["update"]
    assert fake.slugs() == ["good-morning"]


def test_a_rename_that_was_committed_moves_the_address(clone: CloneMaker, fake: FakeOne) -> None:
    """Control: what a clone's own history knows under the old name asks for the new one."""
    _, b = _beside(clone, fake)
    b.remove(PATH)
    b.write("posts/good-morning.md", document("Hello", TWO_PARTS))
    commit(b, at=_moment(fake, 0), by="b@example.com")
    assert verbs(push(b).plan) == ["update"]
    assert fake.slugs() == ["good-morning"]


def test_what_somebody_set_back_is_an_edit(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost says again what this machine remembers, because an editor wants it so: that is not taken away unasked."""
    a, b = clone("a", cached=True), clone("b", cached=True)
    for one in (b, a):
        one.write(PATH, document("Hello", "Words.\n", excerpt="As it was"))
        push(one)
    fake.pass_time(3600)
    a.write(PATH, document("Hello", "Words.\n", excerpt="As Ann has it"))
    push(a)
    fake.pass_time(3600)
    fake.save("hello", custom_excerpt="As it was")
    fake.pass_time(3600)
    b.write(PATH, document("Hello", "Words.\n"))
    plan = b.plan()
    assert not plan.changes
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [(PATH, "both_changed")]
