"""What a person does in Ghost's own screens between two pushes, and what the next push makes of it.

Each push comes from a clone without a cache, as a new machine in CI would run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.editor import Desk, desk
from engine.push_steps import document, push, verbs
from playwright.sync_api import Browser
from world import Clone

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.plan import Prune
from ghostsync.sandbox import Instance

pytestmark = pytest.mark.browser

AN_HOUR = 3600
FIRST = "First words.\n\nSecond words.\n"


@pytest.fixture
def here(browser: Browser, empty_ghost6: Instance, tmp_path: Path) -> Iterator[Desk]:
    """An empty Ghost with a person at its screen."""
    with desk(browser, empty_ghost6, tmp_path) as found:
        yield found


def seeded(here: Desk, text: str) -> Clone:
    """A clone whose one document was pushed an hour ago."""
    a = here.clone("a")
    a.write("posts/hello.md", text)
    push(a)
    here.ghost.pass_time(AN_HOUR)
    return a


def assert_nothing_to_do(clone: Clone) -> None:
    """A push of this clone changes nothing and needs nobody."""
    plan = clone.plan()
    assert (plan.changes, plan.conflicts, plan.problems) == ((), (), ())


def test_publishing_without_typing_is_kept(here: Desk) -> None:
    """A draft that was published on the screen stays published, with the words that the next push brings."""
    a = seeded(here, document(status=None, body=FIRST))
    post = here.id_of("hello")
    here.editor.open(post)
    here.editor.publish()
    here.editor.wait_until(post, lambda row: row["status"] == "published")
    assert here.editor.record(post) is None  # what makes this hard: publishing re-serialises the body

    here.ghost.pass_time(AN_HOUR)
    assert_nothing_to_do(here.clone("b", of=a))
    c = here.clone("c", of=a)
    c.write("posts/hello.md", document(status=None, body="New words.\n"))
    assert verbs(push(c).plan) == ["update"]
    assert here.ghost.find("hello")["status"] == "published"
    assert "New words." in here.ghost.body("hello")
    assert here.ghost.emails() == 0


def test_publishing_a_draft_whose_file_says_draft_is_kept(here: Desk) -> None:
    """Nor does a file that says `status: draft` take back what was published on the screen."""
    a = seeded(here, document(status="draft", body=FIRST))
    post = here.id_of("hello")
    here.editor.open(post)
    here.editor.publish()
    here.editor.wait_until(post, lambda row: row["status"] == "published")
    here.ghost.pass_time(AN_HOUR)
    assert_nothing_to_do(here.clone("b", of=a))
    c = here.clone("c", of=a)
    c.write("posts/hello.md", document(status="draft", body="New words.\n"))
    push(c)
    assert here.ghost.find("hello")["status"] == "published"


def test_settings_alone_are_kept(here: Desk) -> None:
    """An excerpt and a tag from the settings are drift; a push of new words leaves both."""
    a = seeded(here, document(status="published", body=FIRST))
    post = here.id_of("hello")
    here.editor.open(post)
    here.editor.open_settings()
    here.editor.write_excerpt("Said on the screen")
    here.editor.wait_until(post, lambda row: row["custom_excerpt"] == "Said on the screen")
    here.editor.add_tag("Newest")
    here.editor.save()
    here.editor.wait_until(post, lambda row: "newest" in [tag["slug"] for tag in row["tags"]])

    here.ghost.pass_time(AN_HOUR)
    plan = here.clone("b", of=a).plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    (note,) = plan.notes
    assert (note.kind, set(note.fields)) == (NoteKind.DRIFTED, {"excerpt", "tags"})
    c = here.clone("c", of=a)
    c.write("posts/hello.md", document(status="published", body="New words.\n"))
    assert verbs(push(c).plan) == ["update"]
    assert here.ghost.find("hello")["custom_excerpt"] == "Said on the screen"
    assert "newest" in here.ghost.tags("hello")
    assert "New words." in here.ghost.body("hello")


def test_a_restored_version_is_not_overwritten(here: Desk) -> None:
    """Post history → Restore is an edit: unchanged files leave it, a changed one is refused."""
    a = seeded(here, document(status="published", body=FIRST))
    here.ghost.pass_time(AN_HOUR)  # versions of one second stand in the post history in any order
    a.write("posts/hello.md", document(status="published", body=FIRST + "\nThird words.\n"))
    push(a)
    here.ghost.pass_time(AN_HOUR)
    post = here.id_of("hello")
    assert "Third" in here.ghost.body("hello")
    here.editor.open(post)
    here.editor.open_settings()
    here.editor.restore(1)
    here.editor.wait_until(post, lambda row: "Third" not in row["html"])

    here.ghost.pass_time(AN_HOUR)
    plan = here.clone("b", of=a).plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    assert [note.kind for note in plan.notes] == [NoteKind.DRIFTED]
    c = here.clone("c", of=a)
    c.write("posts/hello.md", document(status="published", body=FIRST + "\nThird words, and more.\n"))
    (conflict,) = push(c).plan.conflicts
    assert conflict.why is Why.BOTH_CHANGED
    assert "Third" not in here.ghost.body("hello")


def test_a_copy_is_left_alone(here: Desk) -> None:
    """Duplicate makes a post that no document means: it is never matched, updated or pruned."""
    a = seeded(here, document(status="published", body=FIRST))
    original = here.id_of("hello")
    here.editor.duplicate("Hello")
    (copy,) = here.editor.wait_for_posts(lambda row: row["id"] != original and row["title"] == "Hello (Copy)")
    assert here.editor.record(copy["id"]) is not None  # what makes this hard: the copy carries the record too

    assert_nothing_to_do(here.clone("at-once", of=a))
    here.ghost.pass_time(AN_HOUR)
    b = here.clone("b", of=a)
    assert_nothing_to_do(b)
    b.write("posts/hello.md", document(status="published", body="New words.\n"))
    assert verbs(push(b).plan) == ["update"]
    assert "New words." in here.ghost.body("hello")
    now = here.editor.read(copy["id"])
    for name in ("title", "slug", "status", "html"):
        assert now[name] == copy[name]

    here.ghost.pass_time(AN_HOUR)
    c = here.clone("c", of=b)
    c.remove("posts/hello.md")
    assert [change.id for change in push(c, prune=Prune.DELETE).plan.changes] == [original]  # type: ignore[union-attr]
    assert [row["id"] for row in here.editor.posts()] == [copy["id"]]
    d = here.clone("d", of=c)
    push(d, prune=Prune.DELETE)
    assert [row["id"] for row in here.editor.posts()] == [copy["id"]]
