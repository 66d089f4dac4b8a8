"""ghostsync as a person runs it: a process of its own, with pipes or at a (pseudo) terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fakeghost import FakeGhost

from ghostsync.sandbox import Instance

GHOSTSYNC = [sys.executable, "-m", "ghostsync"]


def environment(site: Instance | FakeGhost | None, **more: str) -> dict[str, str]:
    """Return this process's environment without any site, with the given one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    if site is None:
        return {**clean, **more}
    key = site.key if isinstance(site, FakeGhost) else site.admin_key
    return {**clean, "GHOST_ADMIN_API_URL": site.url, "GHOST_ADMIN_API_KEY": key, **more}


def run(
    site: Instance | FakeGhost | None, *arguments: str, cwd: Path, stdin: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run ghostsync with pipes."""
    return subprocess.run(
        [*GHOSTSYNC, *arguments],
        cwd=cwd,
        env=environment(site, **environ),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a terminal showed, and how the program ended."""

    code: int
    text: str

    @property
    def plain(self) -> str:
        """Everything without escape sequences and with plain line ends."""
        return re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x07|\x1b\\))", "", self.text).replace("\r\n", "\n")


def at_terminal(
    site: Instance | None,
    *arguments: str,
    cwd: Path,
    answers: Sequence[tuple[str, str]] = (),
    columns: int = 100,
    seconds: float = 120,
    **environ: str,
) -> Seen:
    """Run ghostsync at a pseudo terminal, and type each answer when its question (a piece of text) has appeared."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        try:
            os.chdir(cwd)
            # A run of tests in the background of a shell ignores Ctrl-C, and so would everything that it starts.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(
                sys.executable,
                [*GHOSTSYNC, *arguments],
                {**environment(site, TERM="xterm-256color", COLUMNS=str(columns), LINES="40"), **environ},
            )
        finally:
            os._exit(127)
    shown, waiting, looked = b"", list(answers), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the program has gone
                break
            if not piece:
                break
            shown += piece
        found = shown.find(waiting[0][0].encode(), looked) if waiting else -1
        if found >= 0:
            looked = found + len(waiting[0][0].encode())
            os.write(terminal, waiting.pop(0)[1].encode())
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    return Seen(os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace"))
