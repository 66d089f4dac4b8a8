"""Ctrl-C, once and twice, and the lock, with the command as a process against the fake."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeghost import FakeGhost, MachineClock, Request, running, too_many

DOCUMENTS = 12
WAIT = 30.0
_STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FakeGhost]:
    """A fake on a port, and twelve documents for it."""
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    for number in range(DOCUMENTS):
        place = tmp_path / "posts" / f"p{number:02}.md"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"---\ntitle: P {number}\nstatus: published\n---\nWords of {number}.\n", encoding="utf-8")
    with running(clock=MachineClock()) as fake:
        yield fake
    while _STARTED:
        with _STARTED.pop() as process:  # none outlives its test, whatever failed
            process.kill()


def start(fake: FakeGhost | None, root: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ghostsync in a content directory."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    given = {} if fake is None else {"GHOST_ADMIN_API_URL": fake.url, "GHOST_ADMIN_API_KEY": fake.key}
    process = subprocess.Popen(
        [sys.executable, "-m", "ghostsync", *arguments],
        cwd=root, env={**clean, **given}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _STARTED.append(process)
    return process


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for the end and return what was said."""
    out, said = process.communicate(timeout=WAIT)
    assert "Traceback" not in said
    return out + said


def wait_until_told(process: subprocess.Popen[str]) -> None:
    """Read until the process says that it finishes what is in flight."""
    assert process.stderr is not None
    while line := process.stderr.readline():
        if "finishing the writes in flight" in line:
            return
    raise AssertionError("it ended without a word")


def creates(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/posts/")


@contextlib.contextmanager
def held_at(fake: FakeGhost, number: int) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The create with that number announces itself, and goes on when it is released."""
    reached, released = threading.Event(), threading.Event()
    count = [0]

    def hold(request: Request) -> None:
        if creates(request):
            count[0] += 1
            if count[0] == number:
                reached.set()
                released.wait(WAIT)

    fake.watch(hold)
    try:
        yield reached, released
    finally:
        released.set()


@pytest.mark.parametrize(("jobs", "how"), [("1", signal.SIGINT), ("4", signal.SIGTERM)])
def test_ctrl_c_finishes_the_write_in_flight_and_begins_no_other(
    site: FakeGhost, tmp_path: Path, jobs: str, how: signal.Signals
) -> None:
    """What was sent is read to its end, checked and reported; nothing more is sent; the next run does the rest."""
    with held_at(site, 3) as (reached, released):
        process = start(site, tmp_path, "push", "--format", "json", "--jobs", jobs)
        assert reached.wait(WAIT)
        process.send_signal(how)
        wait_until_told(process)
        released.set()
        out, said = process.communicate(timeout=WAIT)
    assert process.returncode == 130, said
    outcomes = json.loads(out)["outcomes"]
    applied = [one for one in outcomes if one["status"] == "applied" and one["change"] == "create"]
    assert len(applied) == len(site.post_rows()), "every write in flight was finished and reported"
    assert 3 <= len(applied) < DOCUMENTS
    assert not [one for one in outcomes if one["status"] == "failed"]
    finish(start(site, tmp_path, "push", "--yes"))
    assert sorted(row["slug"] for row in site.post_rows()) == [f"p{n:02}" for n in range(DOCUMENTS)]


def test_ctrl_c_twice_ends_at_once(site: FakeGhost, tmp_path: Path) -> None:
    """The second one waits for nothing; what was in flight is found by the next run, once."""
    with held_at(site, 3) as (reached, released):
        process = start(site, tmp_path, "push", "--jobs", "4")
        assert reached.wait(WAIT)
        process.send_signal(signal.SIGINT)
        wait_until_told(process)
        process.send_signal(signal.SIGINT)
        said = finish(process)
        assert not released.is_set(), "it ended while the write was still in flight"
    assert process.returncode == 130, said
    again = start(site, tmp_path, "push", "--yes")
    finish(again)
    assert again.returncode == 0
    assert sorted(row["slug"] for row in site.post_rows()) == [f"p{n:02}" for n in range(DOCUMENTS)]


def test_ctrl_c_does_not_sit_out_the_rest_that_a_server_asks_for(site: FakeGhost, tmp_path: Path) -> None:
    """A write that was refused with 429 has not happened: after Ctrl-C it is not tried again."""
    refused = threading.Event()

    def note(request: Request) -> bool:
        if creates(request):
            refused.set()
            return True
        return False

    site.fail(too_many(100), when=note, times=1000)
    process = start(site, tmp_path, "push", "--jobs", "2")
    assert refused.wait(WAIT)
    process.send_signal(signal.SIGINT)
    finish(process)
    assert process.returncode == 130
    assert site.post_rows() == []


def test_the_lock_is_taken_before_anything_else(site: FakeGhost, tmp_path: Path) -> None:
    """Whoever comes second is told so without a key and without a request, for every command that changes things."""
    with held_at(site, 1) as (reached, _):
        process = start(site, tmp_path, "push")
        assert reached.wait(WAIT)
        asked = len(site.log)
        for command in (("push",), ("pull",), ("watch",)):
            second = start(None, tmp_path, *command)
            said = finish(second)
            assert second.returncode == 1, said
            assert f"ghostsync push (process {process.pid}" in said
        assert len(site.log) == asked
        looking = start(None, tmp_path, "check")
        finish(looking)
        assert looking.returncode == 0, "reading needs no lock"
    finish(process)
    assert process.returncode == 0


def test_a_killed_run_leaves_no_lock_behind(site: FakeGhost, tmp_path: Path) -> None:
    """Killed in the middle of a write, its lock is gone with it, and the same command goes on."""
    with held_at(site, 3) as (reached, _):
        process = start(site, tmp_path, "push")
        assert reached.wait(WAIT)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=WAIT)
    again = start(site, tmp_path, "push", "--yes")
    finish(again)
    assert again.returncode == 0
    assert sorted(row["slug"] for row in site.post_rows()) == [f"p{n:02}" for n in range(DOCUMENTS)]
