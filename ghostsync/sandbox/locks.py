"""Taking turns: one process makes a thing, the others say that they wait and then find it made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ghostsync.sandbox.folders import PRIVATE_FILE
from ghostsync.sandbox.progress import Progress


@contextmanager
def turn(lock_file: Path, what: str, progress: Progress) -> Iterator[None]:
    """Hold `lock_file` for the block, waiting as long as it takes; `what` says in the progress what is waited for.

    There is no time limit: the holder may be compiling for minutes, and the kernel frees the lock when it dies.
    """
    lock = FileLock(lock_file, mode=PRIVATE_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"waiting for another ghostsync ({what})")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
