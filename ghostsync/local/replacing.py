"""Replacing a file in one step, and sweeping up after a process that died in the middle of it.

Written beside, synced, renamed: nobody ever sees half a file, whenever the power goes. Beside means in ghostsync's own
folder, which Git ignores and the next run sweeps, so that a killed run leaves nothing among the documents; only where
that folder is on another disk is it the file's own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Callable
from pathlib import Path

from ghostsync.local.own_folder import NAME, make_own_folder

_SCRATCH = "write-"


def replace_file(root: Path, place: Path, data: bytes, *, before: Callable[[], None]) -> None:
    """Put `data` at `place`; `before` is called right before the last step, and what it raises prevents that.

    Raises OSError.
    """

    def step(scratch: Path) -> None:
        # RACE: somebody may save between this look and the rename, a few microseconds apart; what they saved would be
        # lost. No system call replaces a file only if it is unchanged; editors have the same window.
        before()
        scratch.replace(place)

    _in_one_step(root, place, data, step)


def create_file(root: Path, place: Path, data: bytes) -> None:
    """Put a new file at `place`. Raises FileExistsError rather than replace one that somebody made meanwhile."""

    def step(scratch: Path) -> None:
        try:
            place.hardlink_to(scratch)
        except FileExistsError:
            raise
        except OSError as wrong:
            if wrong.errno == errno.EXDEV:
                raise
            # A file system without links. RACE: somebody may make the file between this look and the rename.
            if os.path.lexists(place):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from None
            scratch.replace(place)

    _in_one_step(root, place, data, step)


def _in_one_step(root: Path, place: Path, data: bytes, step: Callable[[Path], None]) -> None:
    own = make_own_folder(root)
    folders = (place.parent,) if own is None else (own, place.parent)
    for folder in folders:
        scratch = _write_scratch(folder, data, _mode(place))
        try:
            step(scratch)
            break
        except OSError as wrong:
            if wrong.errno != errno.EXDEV or folder is folders[-1]:
                raise
        finally:
            with contextlib.suppress(OSError):
                scratch.unlink()
    _sync_folder(place.parent)


def sweep(root: Path) -> None:
    """Remove what killed processes left in `root`. Only for who holds the directory's lock."""
    for left in (root / NAME).glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):
            left.unlink()
    for folder in root.glob(f"{NAME}-*"):  # our own folder, half made
        if folder.is_dir() and not folder.is_symlink():
            with contextlib.suppress(OSError):
                (folder / ".gitignore").unlink(missing_ok=True)
                folder.rmdir()


def _write_scratch(folder: Path, data: bytes, mode: int | None) -> Path:
    scratch = folder / f"{_SCRATCH}{uuid.uuid4().hex}.tmp"
    # The system takes the umask off by itself; asking for it would mean setting it, for all threads.
    descriptor = os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            scratch.chmod(mode)
    except BaseException:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise
    return scratch


def _mode(place: Path) -> int | None:
    try:
        return stat.S_IMODE(place.stat().st_mode)
    except OSError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
