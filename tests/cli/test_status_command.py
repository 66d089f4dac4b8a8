"""`status` and `diff`, run as a person runs them: every way in which the two sides can differ, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract.backends import FakeSite
from engine.ghosts import FakeOne
from engine.test_push_rows import _lexical
from fakeghost import FakeGhost, ManualClock, running, session_for
from shell import run


@pytest.fixture
def fake() -> Iterator[FakeGhost]:
    """The fake on a port, for another process; its clock stands still until it is moved."""
    with running(clock=ManualClock()) as server:
        yield server


@pytest.fixture
def ghost(fake: FakeGhost) -> Iterator[FakeOne]:
    """The people at that Ghost."""
    with session_for(fake) as session:
        yield FakeOne(FakeSite(fake, session, name="fake6"))


NAMES = ("ant", "bee", "cat", "dog", "elk", "fox")


@pytest.fixture
def root(tmp_path: Path, fake: FakeGhost, ghost: FakeOne) -> Path:
    """A directory whose documents and posts have each gone their own way since a push."""
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (tmp_path / "posts").mkdir()
    for name in NAMES:
        write(tmp_path, name, f"---\ntitle: {name.title()}\n---\nOne.\n\nTwo.\n\nThree.\n")
    pushed = run(fake, "push", "--yes", cwd=tmp_path)
    assert pushed.returncode == 0, pushed.stderr
    ghost.pass_time(600)
    write(tmp_path, "ant", "---\ntitle: Ant\nexcerpt: Short\n---\nOne more.\n\nTwo.\n\nThree.\n")
    ghost.type("bee", "Three.", "Three, by Berta.")
    write(tmp_path, "cat", "---\ntitle: Cat\n---\nOne more.\n\nTwo.\n\nThree.\n")
    ghost.type("cat", "Three.", "Three, by Berta.")
    write(tmp_path, "dog", "---\ntitle: Dog\n---\nOne, by Ada.\n\nTwo.\n\nThree.\n")
    ghost.type("dog", "One.", "One, by Berta.")
    (tmp_path / "posts/elk.md").unlink()
    ghost.delete("fox")
    write(tmp_path, "new", "---\ntitle: New\n---\nWords.\n")
    ghost.create("Theirs", lexical=_lexical("Theirs."))
    ghost.pass_time(600)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    """Write a document."""
    (root / f"posts/{name}.md").write_text(text, encoding="utf-8")


def test_status_says_whose_doing_every_difference_is(root: Path, fake: FakeGhost) -> None:
    """One line each; what a pull merges by itself is no conflict, what nobody can merge is."""
    told = run(fake, "status", cwd=root)
    assert told.stdout.splitlines() == [
        "posts/ant.md     changed here (excerpt, body)",
        "posts/bee.md     changed in Ghost (body)",
        "posts/cat.md     changed here and in Ghost (body); a pull merges it",
        "posts/dog.md     conflict: changed here and in Ghost (body, by Berta Editor at 2026-01-05 09:10 UTC)",
        "posts/elk.md     gone here, still in Ghost",
        "posts/fox.md     deleted in Ghost",
        "posts/new.md     new here",
        "posts/theirs.md  in Ghost only",
    ]
    assert told.returncode == 4
    assert "`ghostsync pull` brings" in told.stderr
    assert "`ghostsync push` brings" in told.stderr


def test_diff_shows_both_directions(root: Path, fake: FakeGhost) -> None:
    """What a push would send and what a pull would write, each against the other side."""
    text = run(fake, "diff", cwd=root).stdout
    assert "posts/ant.md: changed here\n+excerpt: Short\n--- Ghost\n+++ document\n" in text
    assert "posts/bee.md: changed in Ghost\n--- document\n+++ Ghost\n" in text
    assert "-Three.\n+Three, by Berta.\n" in text
    assert "posts/dog.md: conflict: " in text
    assert "@@ -4,3 +4,3 @@\n-One, by Berta.\n+One, by Ada.\n" in text  # below front matter of three lines
    assert "posts/theirs.md: in Ghost only\n" in text
    only = run(fake, "diff", "posts/bee.md", cwd=root)
    assert only.returncode == 0
    assert {line.partition(":")[0] for line in only.stdout.splitlines() if line.startswith("posts/")} == {
        "posts/bee.md"
    }


def test_a_marked_place_is_a_problem_until_it_is_settled(root: Path, fake: FakeGhost) -> None:
    """After a pull, what it marked is said with its line."""
    run(fake, "pull", cwd=root)
    text = (root / "posts/dog.md").read_text(encoding="utf-8")
    assert "<<<<<<<" in text
    differs = run(fake, "diff", cwd=root)
    assert differs.returncode == 5
    assert "posts/dog.md:4: an earlier pull marked places" in differs.stderr
    marked = run(fake, "status", cwd=root)
    assert marked.returncode == 5
    assert "posts/dog.md:4  problem: an earlier pull marked places" in marked.stdout


def test_lines_are_counted_as_in_the_file(root: Path, fake: FakeGhost) -> None:
    """A plan, a conflict and a diff name the line at which an editor finds the words: front matter counts."""
    plan = run(fake, "plan", cwd=root).stdout
    ant = plan.partition("posts/ant.md")[2].partition("posts/")[0]
    assert "line 5\n        One{+ more+}." in ant
    dog = plan.partition("! posts/dog.md")[2]
    assert "body, what changed here:\n        line 4\n" in dog
    assert "line 4" in run(fake, "plan", "--format", "html", cwd=root).stdout
    assert "@@ line 5 @@" in run(fake, "plan", "--format", "markdown", cwd=root).stdout
