"""Starting a server that outlives us, finding it again, and stopping that one and no other.

A process id alone proves nothing: ids are handed out again, and a file that says 4711 may be from before the last
reboot. So the id is recorded together with the moment the kernel says the process began, and a signal is only sent
when both still agree. Searching processes by name or by port was rejected: it finds other people's servers.

The server is started by a shell that leaves at once, in a session of its own: it is nobody's child, gets no signal
from the terminal of whoever started it, and its death leaves no zombie in a long-running test process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ghostsync.errors import SandboxError

# Between two looks at whether a process has gone, in seconds.
_LOOK_EVERY = 0.02
# Ghost is told by its configuration to give open connections 5 s; after this it is killed.
STOP_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that was seen running: its id and when it began, in the words of this machine's kernel."""

    pid: int
    began: str

    def is_running(self) -> bool:
        """Say whether this very process still runs (not another one that was given its id)."""
        return _beginning(self.pid) == self.began

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """Ask the process to end, wait, and end it by force after `patience` seconds.

        Does nothing when it no longer runs. RACE: between the look and the signal the process could end and its id
        be given away; that takes the kernel a whole cycle through its ids within microseconds.
        """
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_running():
                return
            try:
                os.kill(self.pid, sign)
            except ProcessLookupError:
                return
            give_up = time.monotonic() + patience
            while self.is_running() and time.monotonic() < give_up:
                time.sleep(_LOOK_EVERY)
        if self.is_running():
            raise SandboxError(f"process {self.pid} does not end", hint=f"`kill -9 {self.pid}`")


def start_detached(command: list[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start `command` in `folder`, its output appended to `log`, and return at once. It survives our own end."""
    script = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    shell = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(log), *command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
        start_new_session=True,
        umask=0o077,
    )
    pid = int(shell.stdout)
    return Process(pid=pid, began=_beginning(pid) or "never seen running")


def find_process(pid: int) -> Process | None:
    """Return the process that has `pid` now, whoever it is, or None."""
    began = _beginning(pid)
    return None if began is None else Process(pid=pid, began=began)


def _beginning(pid: int) -> str | None:
    """Return when the process `pid` began, as text that differs between any two processes; None when none runs.

    A zombie has ended: it counts as not running.
    """
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        except OSError:
            return None
        # proc(5): the name (field 2) may hold spaces and parentheses; after its last ")" come fields 3 (state) …,
        # 20 is the number of threads, 22 the start in clock ticks since boot.
        fields = stat.rpartition(")")[2].split()
        # A killed program's first thread turns zombie while its others still hold ports and files: not ended yet.
        ended = fields[0] in "ZX" and int(fields[17]) <= 1
        return None if ended else f"{boot} {fields[19]}"
    listed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    state, _, began = listed.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else began.strip()
