"""The folder `.ghostsync` under the content root, where ghostsync keeps what only this machine needs.

It brings its own `.gitignore`, so nobody has to edit theirs. Nothing in it is ever needed for a right answer: where
it cannot be made (a read-only checkout, a file of that name, a link that leads elsewhere) the callers do without. It
is created through a name of its own and then renamed, so that Git never sees it without its `.gitignore`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

NAME = ".ghostsync"


def make_own_folder(root: Path) -> Path | None:
    """Return `root/.ghostsync`, made if it was missing; None where there can be none."""
    folder = root / NAME
    if folder.is_symlink():
        return None
    if folder.is_dir():
        return folder
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=root))
    except OSError:
        return None
    try:
        (scratch / ".gitignore").write_text(
            "# Written by ghostsync: this folder only saves work.\n*\n", encoding="utf-8"
        )
        scratch.chmod(0o755)
        scratch.rename(folder)
    except OSError:
        # Another ghostsync was faster, or a file has this name.
        with contextlib.suppress(OSError):
            shutil.rmtree(scratch)
    return folder if folder.is_dir() and not folder.is_symlink() and os.access(folder, os.W_OK) else None
