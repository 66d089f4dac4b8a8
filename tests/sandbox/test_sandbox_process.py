"""Whose process may be stopped, and whose may not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ghostsync.sandbox.process import Process, find_process, start_detached

_STUBBORN = (
    "import signal, sys\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\nsignal.pause()"
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_process_is_found_again_and_stopped(tmp_path: Path) -> None:
    """What was started detached is found by its id alone, is the same process, and ends when stopped."""
    started = start_detached(
        ["sleep", "60"], folder=tmp_path, environment={"PATH": "/usr/bin:/bin"}, log=tmp_path / "log"
    )
    assert started.is_running()
    assert find_process(started.pid) == started
    started.stop()
    assert not started.is_running()
    assert find_process(started.pid) is None


def test_a_recycled_id_is_never_killed(sleeper: subprocess.Popen[bytes]) -> None:
    """A record whose id now belongs to another process stops nothing."""
    theirs = find_process(sleeper.pid)
    assert theirs is not None
    stale = replace(theirs, began="893102fb-bd95-4fcd-86c7-58331fdf9e05 17")
    assert not stale.is_running()
    stale.stop()
    assert sleeper.poll() is None
    # Control: the very same call ends the process when the record is true.
    theirs.stop()
    assert sleeper.wait(timeout=5) == -15


def test_a_zombie_counts_as_ended() -> None:
    """A process that ended but was not yet waited for is not running."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        process = find_process(child.pid)
        assert process is not None
        child.kill()
        # Waits until the kernel has ended it, without collecting it.
        import os

        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not process.is_running()


def test_a_deaf_process_is_ended_by_force(tmp_path: Path) -> None:
    """A server that does not react to the polite signal is killed after the patience given."""
    log = tmp_path / "log"
    started = start_detached([sys.executable, "-c", _STUBBORN], folder=tmp_path, environment={}, log=log)
    while "deaf" not in log.read_text(encoding="utf-8"):
        assert started.is_running()
    started.stop(patience=0.2)
    assert not started.is_running()


def test_nobody_has_an_unused_id() -> None:
    """An id that no process has is not running."""
    assert find_process(2**22 + 1) is None
    assert not Process(pid=2**22 + 1, began="x").is_running()
