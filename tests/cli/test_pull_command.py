"""The pull command, run as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeghost import FakeGhost, MachineClock, running
from shell import run


@pytest.fixture
def fake() -> Iterator[FakeGhost]:
    """The fake on a port, for another process."""
    with running(clock=MachineClock()) as server:
        yield server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty content directory with a project."""
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    return tmp_path


def body(*paragraphs: str) -> str:
    """Return a body as Ghost's editor saves it."""
    text = {"type": "extended-text", "version": 1, "format": 0, "detail": 0, "mode": "normal", "style": ""}
    frame = {"version": 1, "direction": "ltr", "format": "", "indent": 0}
    children = [{**frame, "type": "paragraph", "children": [{**text, "text": one}]} for one in paragraphs]
    return json.dumps({"root": {**frame, "type": "root", "children": children}})


def test_a_site_is_imported_and_then_there_is_nothing_to_do(fake: FakeGhost, root: Path) -> None:
    """`--dry-run` shows and writes nothing; pull writes; pull and push then have nothing to do."""
    fake.create_as("berta", title="Hello", lexical=body("Words."))
    dry = run(fake, "pull", "--dry-run", cwd=root)
    assert dry.returncode == 0, dry.stderr
    assert "posts/hello.md" in dry.stdout
    assert not (root / "posts").exists()
    assert run(fake, "pull", cwd=root).returncode == 0
    assert (root / "posts/hello.md").read_text(encoding="utf-8").endswith("---\n\nWords.\n")
    writes = len(fake.writes())
    for command in ("pull", "push"):
        again = run(fake, command, cwd=root)
        assert again.returncode == 0, again.stderr
        assert "nothing to do" in again.stdout
    assert len(fake.writes()) == writes


def test_a_conflict_exits_with_4_and_the_rest_is_done(fake: FakeGhost, root: Path) -> None:
    """The file is marked, another file is written, and a marked file is invalid until it is settled."""
    (root / "posts").mkdir()
    place = root / "posts/hello.md"
    place.write_text("---\ntitle: Hello\n---\nOne line.\n", encoding="utf-8")
    assert run(fake, "push", "--yes", cwd=root).returncode == 0
    (row,) = fake.post_rows(kind="post")
    fake.edit_as("berta", row["id"], replace=("One", "Their"))
    fake.create_as("berta", title="Other", lexical=body("Words."))
    place.write_text("---\ntitle: Hello\n---\nMy line.\n", encoding="utf-8")
    done = run(fake, "pull", "--format", "json", cwd=root)
    assert done.returncode == 4, done.stderr
    told = json.loads(done.stdout)
    assert [conflict["path"] for conflict in told["plan"]["conflicts"]] == ["posts/hello.md"]
    assert {outcome["status"] for outcome in told["outcomes"]} == {"applied"}
    assert (root / "posts/other.md").exists()
    text = place.read_text(encoding="utf-8")
    assert "My line." in text
    assert "Their line." in text
    assert run(fake, "push", "--yes", cwd=root).returncode == 5
    place.write_text("---\ntitle: Hello\n---\nMy and Their line.\n", encoding="utf-8")
    settled = run(fake, "push", "--yes", cwd=root)
    assert settled.returncode == 0, settled.stdout + settled.stderr


def test_adopting_writes_records(fake: FakeGhost, root: Path) -> None:
    """After `pull --adopt` every imported post has a record, and reads as before."""
    fake.create_as("berta", title="Hello", lexical=body("Words."))
    done = run(fake, "pull", "--adopt", cwd=root)
    assert done.returncode == 0, done.stderr
    (row,) = fake.post_rows(kind="post")
    assert fake.record_of(row["id"])["path"] == "posts/hello.md"


def test_an_unexpected_plan_is_not_carried_out(fake: FakeGhost, root: Path) -> None:
    """`--expect-plan` with another digest stops before anything is written."""
    fake.create_as("berta", title="Hello", lexical=body("Words."))
    done = run(fake, "pull", "--expect-plan", "0" * 64, cwd=root)
    assert done.returncode == 4
    assert not (root / "posts").exists()


def test_plan_shows_a_pull(fake: FakeGhost, root: Path) -> None:
    """`plan --pull --exit-code` exits with 3 where something would be written."""
    fake.create_as("berta", title="Hello", lexical=body("Words."))
    done = run(fake, "plan", "--pull", "--exit-code", cwd=root)
    assert done.returncode == 3, done.stderr
    assert "posts/hello.md" in done.stdout


def test_the_path_of_a_deleted_document_brings_it_back(fake: FakeGhost, root: Path) -> None:
    """The way out that a conflict prints works as it is printed; a path that nobody knows is a slip of the pen."""
    (root / "posts").mkdir()
    (root / "posts/hello.md").write_text("# Hello\n\nWords.\n", encoding="utf-8")
    assert run(fake, "push", cwd=root).returncode == 0
    (root / "posts/hello.md").unlink()
    (post_id,) = (row["id"] for row in fake.state.posts)
    fake.edit_as("berta", post_id, replace=("Words", "Words of hers"))
    refused = run(fake, "push", "posts/hello.md", cwd=root)
    assert refused.returncode == 4
    assert "`ghostsync pull posts/hello.md` brings it back" in " ".join(refused.stdout.split())
    assert run(fake, "pull", "posts/hello.md", cwd=root).returncode == 0
    assert "Words of hers." in (root / "posts/hello.md").read_text(encoding="utf-8")
    for command in ("push", "pull", "plan"):
        slip = run(fake, command, "posts/helo.md", cwd=root)
        assert slip.returncode == 2
        assert "posts/helo.md does not exist" in slip.stderr
