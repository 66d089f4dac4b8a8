"""`ghostsync new`: a document is started, nothing is overwritten."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ghostsync.local.config import load_config
from ghostsync.local.tree import ContentTree
from ghostsync.model import Kind


def run(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `ghostsync new`."""
    return subprocess.run(
        [sys.executable, "-m", "ghostsync", "new", *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_post_is_started_where_pull_would_put_it(tmp_path: Path) -> None:
    """The path is printed, the document is a draft that says what was asked for."""
    (tmp_path / "ghostsync.toml").write_text('[pull]\nposts = "blog/{slug}/index.md"\n')
    done = run(tmp_path, "Über: Uhren", "--tag", "#x", "--tag", "News")
    assert (done.returncode, done.stdout) == (0, "blog/uber-uhren/index.md\n"), done.stderr
    (document,) = ContentTree(load_config(tmp_path)).load().documents
    assert (document.slug, document.kind) == ("uber-uhren", Kind.POST)
    assert document.fields == {"title": "Über: Uhren", "status": "draft", "tags": ("#x", "News")}


def test_a_page_outside_pages_says_so(tmp_path: Path) -> None:
    """Where the folder does not make it a page, the front matter does."""
    assert run(tmp_path, "About", "--page").stdout == "pages/about.md\n"
    assert run(tmp_path, "Contact", "--page", "--path", "contact.md").returncode == 0
    kinds = {one.path: one.kind for one in ContentTree(load_config(tmp_path)).load().documents}
    assert kinds == {"pages/about.md": Kind.PAGE, "contact.md": Kind.PAGE}


def test_nothing_is_overwritten_and_no_slug_taken(tmp_path: Path) -> None:
    """A second document of the name, or with the slug of another, is refused with exit 5."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/hello.md").write_text("mine")
    taken = run(tmp_path, "Hello")
    assert taken.returncode == 5
    assert taken.stderr == (
        "error: posts/hello.md is already there\n\nhint: choose another title, or name its file: `--path FILE`\n"
    )
    page = run(tmp_path, "Hello", "--page")
    assert page.returncode == 5
    assert "posts/hello.md" in page.stderr
    assert (tmp_path / "posts/hello.md").read_text() == "mine"
    assert not (tmp_path / "pages").exists()


def test_a_title_says_something(tmp_path: Path) -> None:
    """An empty one is a slip of the pen: exit 2, and no file."""
    done = run(tmp_path, " ")
    assert done.returncode == 2
    assert "error: the title is empty" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_writes_nothing_outside(tmp_path: Path) -> None:
    """A path out of the content directory is refused."""
    (tmp_path / "content").mkdir()
    assert run(tmp_path / "content", "X", "--path", "../x.md").returncode == 5
    assert [file.name for file in tmp_path.iterdir()] == ["content"]
