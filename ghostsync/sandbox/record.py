"""What is kept about an instance between two processes: its record, and whose turn it is.

The record is one small JSON file in the instance's folder, readable by this user only: it holds the Admin key and the
owner's password. It is replaced in one step, so that a reader never meets half of it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ghostsync.errors import SandboxError
from ghostsync.sandbox.folders import Folders, make_private
from ghostsync.sandbox.locks import turn
from ghostsync.sandbox.progress import Progress, silent
from ghostsync.sandbox.site import write_private

# The shape of instance.json.
_EDITION = 1
# Enough that a handful of instances seldom share one.
_LOCKS = 64


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record in `folder`; {} when there is none. Raises SandboxError when it cannot be understood."""
    path = folder / "instance.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise SandboxError(f"{path}: {fault}", hint=_way_out(folder)) from fault
    if not isinstance(record, dict) or record.get("edition") != _EDITION:
        raise SandboxError(f"{path}: written by another version of ghostsync", hint=_way_out(folder))
    return record


def _way_out(folder: Path) -> str:
    return f"remove it with all that is in it: `rm -r {folder} && ghostsync sandbox up --name {folder.name}`"


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Replace the record in `folder`."""
    write_private(folder / "instance.json", json.dumps({"edition": _EDITION, **record}, indent=2) + "\n")


def turn_of(folders: Folders, name: str, progress: Progress = silent) -> AbstractContextManager[None]:
    """Take the lock that guards `name`.

    A lock file cannot be removed without a race, and names come and go; so names share a fixed number of lock files.
    Two that share one wait for each other, which costs seconds and never more, since nobody takes two at once.
    """
    locks = make_private(folders.data / ".locks")
    slot = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2]) % _LOCKS
    return turn(locks / f"{slot:02d}.lock", f"it starts or stops sandbox {name!r}", progress)
