"""One ghostsync per content directory at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ghostsync.errors import LockHeld
from ghostsync.local.lock import DirectoryLock

HOLDER = """
import sys
from pathlib import Path
from ghostsync.local.lock import DirectoryLock
with DirectoryLock(Path(sys.argv[1]), command="push"):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(root: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until its stdin closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_ghostsync_is_refused_and_told_who_works_here(tmp_path: Path) -> None:
    """The refusal names process, command and since when, and the hint is a command."""
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    with (
        DirectoryLock(tmp_path, command="watch", now=lambda: noon),
        pytest.raises(LockHeld) as refusal,
        DirectoryLock(tmp_path, command="push"),
    ):
        pass
    assert (
        f"ghostsync watch (process {os.getpid()}, since 2026-03-01T12:00:00Z) is at work here" in refusal.value.message
    )
    assert f"kill {os.getpid()}" in (refusal.value.hint or "")


def test_the_lock_holds_between_processes_and_ends_with_them(tmp_path: Path) -> None:
    """Another process is refused while the holder lives, and not after it was killed."""
    holder = hold(tmp_path)
    try:
        with pytest.raises(LockHeld, match=f"process {holder.pid}"), DirectoryLock(tmp_path, command="push"):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with DirectoryLock(tmp_path, command="push") as lock:
        assert lock.is_held


def test_different_directories_do_not_meet(tmp_path: Path) -> None:
    """Two content directories can be worked on at once."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with DirectoryLock(tmp_path / "a", command="push"), DirectoryLock(tmp_path / "b", command="push") as second:
        assert second.is_held


def test_the_lock_can_be_taken_again_and_leaves_no_note(tmp_path: Path) -> None:
    """After release the same command goes through, and nothing claims that somebody is at work."""
    for _ in range(2):
        with DirectoryLock(tmp_path, command="push"):
            assert (tmp_path / ".ghostsync" / "lock.json").exists()
        assert not (tmp_path / ".ghostsync" / "lock.json").exists()


def test_a_holder_without_a_note_stays_anonymous(tmp_path: Path) -> None:
    """A note that is missing or nonsense costs the name in the message, not the refusal."""
    with DirectoryLock(tmp_path, command="push"):
        for nonsense in ("", "{", "[]", '{"pid": "x", "command": 1, "since": 2}'):
            (tmp_path / ".ghostsync" / "lock.json").write_text(nonsense)
            with (
                pytest.raises(LockHeld, match="another ghostsync is at work here"),
                DirectoryLock(tmp_path, command="x"),
            ):
                pass


def test_where_no_folder_can_be_made_the_lock_lies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file called `.ghostsync` (as on a read-only disk) does not take the protection away."""
    temporary, root = tmp_path / "tmp", tmp_path / "site"
    temporary.mkdir()
    root.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (root / ".ghostsync").write_text("a file")
    with DirectoryLock(root, command="push") as lock:
        assert lock.is_held
        with pytest.raises(LockHeld), DirectoryLock(root, command="push"):
            pass
    assert (root / ".ghostsync").read_text() == "a file"


def test_git_never_sees_the_folder(tmp_path: Path) -> None:
    """The folder brings its own `.gitignore`."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with DirectoryLock(tmp_path, command="push"):
        seen = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, check=True, capture_output=True).stdout
    assert seen == b""


@pytest.mark.parametrize("is_there", [True, False])
def test_a_disk_that_cannot_be_written_to(tmp_path: Path, is_there: bool) -> None:
    """A lock file that is there is locked for reading; where there is none, nobody else can work either."""

    def opener(path: Path, flags: int, mode: int) -> int:
        if flags & (os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system")
        return os.open(path, flags, mode)

    (tmp_path / ".ghostsync").mkdir()
    if is_there:
        (tmp_path / ".ghostsync" / "lock").touch()
    with DirectoryLock(tmp_path, command="push", opener=opener) as lock:
        assert lock.is_held is is_there
        if is_there:
            with pytest.raises(LockHeld):
                DirectoryLock(tmp_path, command="push").acquire()
