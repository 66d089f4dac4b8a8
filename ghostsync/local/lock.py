"""One ghostsync per content directory at a time.

The lock is the kernel's (`flock`, on Windows a locked byte), held by an open file: it goes away with the process,
however that dies, so there is no stale lock to remove by hand and no guessing whether a recorded process still lives.
Beside it lies a note saying who holds it, for the message only; it decides nothing.

The `filelock` package does the same, but importing it (asyncio comes along) takes 90 ms, a fifth of what a whole run
without changes may cost.

Where the content root is read-only the lock lies in the system's folder for temporary files, under a name made from
the root's path and the user's id: two users who share a read-only tree do not keep each other out, and need not,
since Ghost's own collision check stands behind every write.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ghostsync.errors import LockHeld
from ghostsync.local.own_folder import make_own_folder

_FILE = "lock"
_NOTE = "lock.json"


class DirectoryLock:
    """Hold with `with DirectoryLock(root, command="push"):`. Raises `LockHeld` at once when another process holds
    it."""

    def __init__(
        self,
        root: Path,
        *,
        command: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        opener: Callable[[Path, int, int], int] = os.open,
    ) -> None:
        self._root = root
        self._command = command
        self._now = now
        self._open = opener
        self._descriptor: int | None = None
        folder = make_own_folder(root)
        if folder is not None:
            self._path, self._note = folder / _FILE, folder / _NOTE
        else:
            owner = os.getuid() if hasattr(os, "getuid") else 0
            name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
            stem = Path(tempfile.gettempdir()) / f"ghostsync-{owner}-{name}"
            self._path, self._note = stem.with_suffix(".lock"), stem.with_suffix(".json")

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock or raise `LockHeld`, naming process, command and since when."""
        try:
            descriptor = self._open_file()
        except OSError as error:
            if error.errno == errno.EROFS:
                return  # on a disk that nobody can write to nobody is in the way
            raise LockHeld(
                f"{self._path} · cannot be opened to lock it: {error.strerror}",
                hint=f"see who owns it with `ls -l {self._path}`, and remove it when no ghostsync runs here",
            ) from error
        try:
            _lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            raise self._held() from None
        except OSError:
            # A file system that knows no locks (some network mounts): better to work than to refuse for ever.
            os.close(descriptor)
            return
        self._descriptor = descriptor
        note = {"pid": os.getpid(), "command": self._command, "since": self._now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        with contextlib.suppress(OSError):
            self._note.write_text(json.dumps(note), encoding="utf-8")

    def _open_file(self) -> int:
        flags = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            return self._open(self._path, flags | os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            if error.errno != errno.EROFS or not self._path.exists():
                raise
        return self._open(self._path, flags | os.O_RDONLY, 0o666)  # which is enough to lock it

    def release(self) -> None:
        """Give the lock back; harmless when it is not held. The lock file itself stays: removing it would race."""
        if self._descriptor is None:
            return
        with contextlib.suppress(OSError):
            self._note.unlink()
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _held(self) -> LockHeld:
        who, hint = "another ghostsync", "wait for it to end, then run the same command again"
        # The holder may be between taking the lock and writing its note; then it stays anonymous.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            note = json.loads(self._note.read_text(encoding="utf-8"))
            who = f"ghostsync {note['command']} (process {int(note['pid'])}, since {note['since']})"
            hint = f"wait for it to end, or stop it with `kill {int(note['pid'])}`, then run the same command again"
        return LockHeld(f"{self._root} · {who} is at work here", hint=hint)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(str(error)) from error

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
