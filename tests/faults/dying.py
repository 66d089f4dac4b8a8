"""Runs ghostsync and kills it, as the kernel would, right before the n-th file below a folder gets its name.

    python dying.py N FOLDER ARGUMENT…

Files get their names by being renamed or linked (`ghostsync.local.replacing`), and Python tells its audit hooks before
either happens: nothing of ghostsync is replaced for this.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Install the hook, then be ghostsync."""
    number, folder = int(sys.argv[1]), os.fspath(Path(sys.argv[2]).resolve()) + os.sep
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in {"os.rename", "os.link"} and os.fspath(arguments[1]).startswith(folder):  # type: ignore[call-overload]
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    sys.argv = ["ghostsync", *sys.argv[3:]]
    from ghostsync.cli import main as run

    run()


if __name__ == "__main__":
    main()
