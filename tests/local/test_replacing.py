"""Replacing files in one step, and what is left of a process that dies in the middle of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ghostsync.local.replacing import replace_file, sweep

DYING = """
import os, signal, sys
from pathlib import Path
from ghostsync.local.replacing import replace_file
root = Path(sys.argv[1])
replace_file(root, root / "posts" / "a.md", b"new", before=lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_process_killed_while_it_writes_leaves_nothing_among_the_documents(tmp_path: Path) -> None:
    """The old text stands whole, what was half done lies in our own folder, and a sweep takes it away."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("old")
    died = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert (tmp_path / "posts" / "a.md").read_text() == "old"
    left = files(tmp_path) - {"posts/a.md", ".ghostsync/.gitignore"}
    assert len(left) == 1
    assert next(iter(left)).startswith(".ghostsync/")
    (tmp_path / ".ghostsync" / "cache.db").write_text("kept")
    (tmp_path / ".ghostsync-half").mkdir()
    (tmp_path / ".ghostsync-half" / ".gitignore").write_text("*")
    sweep(tmp_path)
    assert files(tmp_path) == {"posts/a.md", ".ghostsync/.gitignore", ".ghostsync/cache.db"}
    assert not (tmp_path / ".ghostsync-half").exists()


def test_what_forbids_the_last_step_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """An exception of the last look goes through, and no scratch file stays."""
    (tmp_path / "a.md").write_text("old")

    def changed_meanwhile() -> None:
        raise ValueError("changed")

    with pytest.raises(ValueError, match="changed"):
        replace_file(tmp_path, tmp_path / "a.md", b"new", before=changed_meanwhile)
    assert (tmp_path / "a.md").read_text() == "old"
    assert files(tmp_path) == {"a.md", ".ghostsync/.gitignore"}


def test_a_folder_of_our_own_is_not_needed(tmp_path: Path) -> None:
    """Where a file has its name, the scratch file lies beside."""
    (tmp_path / ".ghostsync").write_text("a file")
    replace_file(tmp_path, tmp_path / "a.md", b"new", before=lambda: None)
    assert files(tmp_path) == {"a.md", ".ghostsync"}
    assert (tmp_path / "a.md").read_bytes() == b"new"
