"""Two machines and an editor, from the outside: commands, exit codes and what is said, with Git between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine.ghosts import RealOne
from engine.push_steps import HELLO, document


def git(*arguments: str, cwd: Path) -> None:
    """Run Git as somebody."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, timeout=30, capture_output=True)


def run(ghost: RealOne, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ghostsync as a new process, with the site's credentials in the environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    site = {"GHOST_ADMIN_API_URL": ghost.site.url, "GHOST_ADMIN_API_KEY": ghost.site.key}
    return subprocess.run(
        [sys.executable, "-m", "ghostsync", *arguments],
        cwd=cwd, env={**clean, **site}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def put(root: Path, name: str, text: str) -> None:
    """Write a post, and commit it."""
    (root / "posts").mkdir(exist_ok=True)
    (root / f"posts/{name}.md").write_text(text, encoding="utf-8")
    git("add", "-A", cwd=root)
    git("commit", "-q", "-m", name, cwd=root)


@pytest.fixture
def a(tmp_path: Path) -> Path:
    """The first machine's clone, with two committed posts."""
    root = tmp_path / "a"
    root.mkdir()
    git("init", "-q", "-b", "main", cwd=root)
    (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (root / ".gitignore").write_text(".ghostsync/\n", encoding="utf-8")
    put(root, "hello", HELLO)
    put(root, "other", document("Other"))
    return root


def fresh(of: Path, name: str) -> Path:
    """Return a fresh clone, on another machine: no cache."""
    git("clone", "-q", str(of), str(of.parent / name), cwd=of)
    return of.parent / name


def test_an_editor_between_two_clones(real: RealOne, a: Path) -> None:
    """B is refused with exit 4, told who and when and what; its other document goes in; after a pull all is well."""
    first = run(real, "push", "--yes", cwd=a)
    assert first.returncode == 0, first.stderr
    real.pass_time(600)
    edited = real.type("hello", "Second", "Edited")
    b = fresh(a, "b")
    put(b, "hello", HELLO.replace("First", "Written"))
    put(b, "other", document("Other", "New words.\n"))
    refused = run(real, "push", "--yes", cwd=b)
    said = refused.stdout + refused.stderr
    assert refused.returncode == 4, said
    assert real.editor_name in said
    assert real.owner_name not in said
    assert edited["updated_at"][:16].replace("T", " ") in said
    assert "Edited" in said  # the diff
    assert "ghostsync pull posts/hello.md" in said  # the next command
    assert "Edited words." in real.body("hello")
    assert "New words." in real.body("other")

    git("pull", "-q", str(b), "main", cwd=a)
    real.pass_time(600)
    pulled = run(real, "pull", "--full", cwd=a)
    assert pulled.returncode == 0, pulled.stdout + pulled.stderr
    text = (a / "posts/hello.md").read_text(encoding="utf-8")
    assert text == HELLO.replace("First", "Written").replace("Second", "Edited")
    put(a, "hello", text.replace("Written", "Better"))
    c = fresh(a, "c")
    done = run(real, "push", "--yes", "--format", "json", cwd=c)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)["plan"]["summary"]
    assert (summary["update"], summary["create"], summary["conflicts"]) == (1, 0, 0)
    assert "Edited words." in real.body("hello")
    assert "Better words." in real.body("hello")


def test_a_saved_plan_and_a_change_in_ghost(real: RealOne, a: Path) -> None:
    """`push --plan` stops with exit 4 where a person changed the post since, and nothing is written."""
    assert run(real, "push", "--yes", cwd=a).returncode == 0
    real.pass_time(600)
    b = fresh(a, "b")
    put(b, "hello", HELLO.replace("First", "Written"))
    saved = run(real, "plan", "-o", "../plan.json", cwd=b)
    assert saved.returncode == 0, saved.stderr
    real.save("hello", custom_excerpt="Hers")
    refused = run(real, "push", "--yes", "--full", "--plan", "../plan.json", cwd=b)
    assert refused.returncode == 4, refused.stdout + refused.stderr
    assert "not the one that was reviewed" in refused.stderr
    assert "First words." in real.body("hello")
