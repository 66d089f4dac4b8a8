"""Pushing `tags.yaml`: the words that Ghost says about tags."""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import CloneMaker, document, push, seeded, verbs
from world import errors, in_agreement

from ghostsync.core.conflicts import Why


def test_tags_yaml_creates_and_follows(clone: CloneMaker, ghost: Ghost) -> None:
    """What tags.yaml describes is made once, and a writer's change of a value that Ghost lacks goes in."""
    a = clone("a")
    a.write("tags.yaml", "- name: News\n  description: What is new\n")
    a.write("posts/hello.md", document(tags=["News"]))
    push(a)
    assert ghost.tag("news")["description"] == "What is new"
    assert ghost.all_tags() == ["hash-ghostsync", "news"]
    ghost.pass_time(60)
    b = clone("b", of=a)
    assert in_agreement(b.plan())
    b.write("tags.yaml", "- name: News\n  description: What is new\n  accent_color: '#ff8800'\n")
    assert verbs(push(b).plan) == ["tag_update"]
    assert (ghost.tag("news")["description"], ghost.tag("news")["accent_color"]) == ("What is new", "#ff8800")


def test_tags_yaml_does_not_overwrite_an_editor(clone: CloneMaker, ghost: Ghost) -> None:
    """An editor's description and a writer's colour: with a memory they merge, without one it is a conflict."""
    a = clone("a", cached=True)
    a.write("tags.yaml", "- name: News\n  description: Old\n  accent_color: '#000000'\n")
    push(a)
    ghost.pass_time(60)
    ghost.save_tag("news", description="Edited")
    new = "- name: News\n  description: Old\n  accent_color: '#ff8800'\n"
    b = clone("b", of=a)
    b.write("tags.yaml", new)
    (conflict,) = b.plan().conflicts
    assert conflict.why is Why.TAG
    assert [d.name for d in conflict.fields] == ["description", "accent_color"]
    push(b)
    assert ghost.tag("news")["description"] == "Edited"
    a.write("tags.yaml", new)
    report = push(a)
    assert verbs(report.plan) == ["tag_update"]
    assert [note.fields for note in report.plan.notes] == [("description",)]
    assert (ghost.tag("news")["description"], ghost.tag("news")["accent_color"]) == ("Edited", "#ff8800")


def test_one_tag_from_two_runs(clone: CloneMaker, ghost: Ghost) -> None:
    """Two runs that planned the same new tag leave one tag."""
    a, b = clone("a"), clone("b")
    a.write("posts/one.md", document("One", tags=["News"]))
    b.write("posts/two.md", document("Two", tags=["News"]))
    first, second = a.plan(), b.plan()
    assert errors(a.apply(first)) == []
    assert errors(b.apply(second)) == []
    assert ghost.all_tags() == ["hash-ghostsync", "news"]
    assert ghost.tags("one") == ghost.tags("two") == ["news", "hash-ghostsync"]


def test_a_picture_that_is_not_there_keeps_its_tag_back(clone: CloneMaker, fake: FakeOne) -> None:
    """The path of a file here is never stored as an address; the post that has the tag is pushed all the same."""
    a = clone("a")
    a.write("posts/hello.md", document(tags=["News"]))
    a.write("tags.yaml", "- name: News\n  description: What is new\n  feature_image: nowhere.png\n")
    (problem,) = push(a).plan.problems
    assert "`nowhere.png` leads to nothing" in problem.message
    tag = fake.tag("news")
    assert (tag["feature_image"], tag["description"]) == (None, None)
    assert fake.tags("hello") == ["news", "hash-ghostsync"]
    a.write("tags.yaml", "- name: News\n  description: What is new\n")
    assert verbs(push(a).plan) == ["tag_update"]
    assert fake.tag("news")["description"] == "What is new"


@pytest.mark.parametrize("prefer", ["neither", "local"])
def test_a_selection_of_documents_is_not_about_tags_yaml(clone: CloneMaker, fake: FakeOne, prefer: str) -> None:
    """Its words about tags that are there wait for their own push; a new tag of the document is made with its words."""
    old = "- name: News\n  description: Old\n"
    a = seeded(clone, fake, {"posts/hello.md": document(tags=["News"]), "tags.yaml": old})
    fake.save_tag("news", description="Edited")
    a.write("tags.yaml", "- name: News\n  description: New\n- name: Fresh\n  description: Crisp\n- name: Other\n")
    a.write("posts/hello.md", document(tags=["News", "Fresh"]))
    chosen = {"covers": lambda path: path == "posts/hello.md", "is_everything": False, "prefer": prefer}
    report = push(a, **chosen)
    assert (verbs(report.plan), report.plan.conflicts) == (["tag_create", "update"], ())
    assert (fake.tag("news")["description"], fake.tag("fresh")["description"]) == ("Edited", "Crisp")
    assert "other" not in fake.all_tags()
    fake.pass_time(60)
    plan = a.plan(covers=lambda path: path == "tags.yaml", is_everything=False)
    assert (verbs(plan), [c.why for c in plan.conflicts]) == (["tag_create"], [Why.TAG])


@pytest.mark.parametrize("what", ["deletes", "renames"])
def test_a_tag_that_a_person_took_away_is_not_made_again(clone: CloneMaker, ghost: Ghost, what: str) -> None:
    """Not for its description alone: it is told who did it, and `--prefer local` makes it; a document needs its tag."""
    a = seeded(clone, ghost, {"posts/hello.md": document(), "tags.yaml": "- name: News\n  description: What is new\n"})
    if what == "deletes":
        answer = ghost.site.ask_as_person("DELETE", f"tags/{ghost.tag('news')['id']}/")
        assert answer.status_code == 204, answer.text
    else:
        ghost.save_tag("news", name="Latest", slug="latest")
    ghost.pass_time(60)
    plan = clone("b", of=a).plan()
    assert plan.changes == ()
    (note,) = plan.notes
    said = (
        f"was deleted in Ghost by {ghost.editor_name}" if what == "deletes" else "is `Latest` (`latest`) in Ghost now"
    )
    assert said in note.message
    assert verbs(a.plan(prefer="local")) == ["tag_create"]
    a.write("posts/hello.md", document(tags=["News"]))
    assert verbs(push(a).plan) == ["tag_create", "update"]
    assert ghost.tag("news")["description"] == "What is new"
