"""Replacing files in one step, and what is left of a process that dies in the middle of it."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ghostsync.local.replacing import create_file, replace_file, sweep

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


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    """Nor a link, and nothing is left of the attempt."""
    (tmp_path / "a.md").write_text("theirs")
    (tmp_path / "link.md").symlink_to("nowhere")
    for name in ("a.md", "link.md"):
        with pytest.raises(FileExistsError):
            create_file(tmp_path, tmp_path / name, b"mine")
    assert (tmp_path / "a.md").read_text() == "theirs"
    assert (tmp_path / "link.md").is_symlink()
    create_file(tmp_path, tmp_path / "b.md", b"mine")
    assert (tmp_path / "b.md").read_bytes() == b"mine"
    assert files(tmp_path) == {"a.md", "b.md", ".ghostsync/.gitignore"}


NO_LINKS = """
import errno, os, sys
from pathlib import Path
from ghostsync.local.replacing import create_file

def refuse(*_arguments, **_rest):
    raise OSError(int(sys.argv[2]), "no links here")

os.link = refuse
root = Path(sys.argv[1])
try:
    create_file(root, root / "a.md", b"mine")
except FileExistsError:
    sys.exit(3)
"""


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_disk_without_links_gets_new_files_too(tmp_path: Path, number: int) -> None:
    """As a memory card has it: one more look, then a rename; what is there still stays."""
    for expected in (0, 3):
        done = subprocess.run([sys.executable, "-c", NO_LINKS, str(tmp_path), str(number)], check=False)
        assert done.returncode == expected
        assert (tmp_path / "a.md").read_bytes() == (b"theirs" if expected else b"mine")
        assert files(tmp_path) == {"a.md", ".ghostsync/.gitignore"}
        (tmp_path / "a.md").write_text("theirs")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second disk: /dev/shm is not there")
def test_our_own_folder_may_be_on_another_disk(tmp_path: Path) -> None:
    """The last step is one rename all the same: then the scratch file lies beside, and is gone afterwards."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        far = Path(elsewhere)
        if far.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("the temporary folder is on the same disk")
        (tmp_path / "a.md").write_text("old")
        (tmp_path / "a.md").chmod(0o640)
        replace_file(far, tmp_path / "a.md", b"new", before=lambda: None)
        create_file(far, tmp_path / "b.md", b"made")
        with pytest.raises(FileExistsError):
            create_file(far, tmp_path / "b.md", b"again")
        assert (tmp_path / "a.md").read_bytes() == b"new"
        assert (tmp_path / "a.md").stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "b.md").read_bytes() == b"made"
        assert files(tmp_path) == {"a.md", "b.md"}
        assert files(far) == {".ghostsync/.gitignore"}
