"""kill -9 at every effect of a push and of a pull: one more run, and all is as it should be.

An effect is an exchange that writes, before and after Ghost carried it out, or a file that gets its name. On the fake
the death is an exception that nothing catches; on a real Ghost real processes die: a spread sample of them, and all
with `GHOSTSYNC_LONG=1`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine.pull_steps import pull
from faults.benches import FakeBench, RealBench, real_bench
from faults.cases import Pull, Push, Work
from world import Clone, errors

from ghostsync.local.config import Config
from ghostsync.local.tree import ContentTree
from ghostsync.model import Digest, DocPath
from ghostsync.sandbox import Instance

LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
DYING = Path(__file__).with_name("dying.py")


class Killed(BaseException):
    """The process is gone."""


# ---------------------------------------------------------------------------------------------- on the fake


class DyingTree(ContentTree):
    """A tree whose process dies before or after it writes the file with a number."""

    number: int
    has_written: bool
    count: int

    def write(self, path: DocPath, data: bytes, *, expected: Digest | None) -> None:
        self.count += 1
        if self.count == self.number and not self.has_written:
            raise Killed
        super().write(path, data, expected=expected)
        if self.count == self.number:
            raise Killed


def dying_tree(number: int, *, has_written: bool) -> Callable[..., ContentTree]:
    def make(config: Config, **rest: Any) -> ContentTree:
        made = DyingTree(config, **rest)
        made.number, made.has_written, made.count = number, has_written, 0
        return made

    return make


def heal(work: Work, clone: Clone, case: object) -> None:
    """One more plain run, in which nothing may fail, and the result."""
    clone.api, clone.tree_of = work.bench.api, ContentTree
    again = work.run(clone)
    assert errors(again) == [], case
    assert again.plan.conflicts == (), case
    assert work.result(clone) == work.expected, case
    assert work.bench.emails() == 0, case


def test_a_push_on_the_fake(tmp_path: Path) -> None:
    """Every write, before and after."""
    bench = FakeBench()
    work = Push(bench, tmp_path, 8)
    work.prepare()
    writes = len([one for one in bench.exchanges() if not one.startswith("GET")])
    for number in range(1, writes + 1):
        for carried_out in (False, True):
            clone = work.begin()
            bench.kill(number, Killed(), committed=carried_out)
            with pytest.raises(Killed):
                work.run(clone)
            bench.disarm()
            heal(work, clone, (number, carried_out))
    print(f"fake push: {2 * writes} deaths")
    assert writes > 10


def test_a_pull_on_the_fake(tmp_path: Path) -> None:
    """Every file, before and after."""
    work = Pull(FakeBench(), tmp_path, 8)
    work.prepare()
    files = len(work.expected)  # type: ignore[arg-type]
    for number in range(1, files + 1):
        for has_written in (False, True):
            clone = work.begin()
            clone.tree_of = dying_tree(number, has_written=has_written)
            with pytest.raises(Killed):
                pull(clone)
            heal(work, clone, (number, has_written))
    print(f"fake pull: {2 * files} deaths")
    assert files > 10


# ---------------------------------------------------------------------------------------------- on a real Ghost


def start(bench: RealBench, root: Path, *command: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=root,
        env={**clean, "GHOST_ADMIN_API_URL": bench.proxy.url, "GHOST_ADMIN_API_KEY": bench.instance.admin_key},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(bench: RealBench, root: Path, *command: str) -> None:
    process = start(bench, root, *command)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said


PUSH = ("-m", "ghostsync", "push", "--prune", "delete", "--yes")
PULL = ("-m", "ghostsync", "pull", "--yes")


@pytest.mark.timeout(0 if LONG else 300)
def test_a_push_into_a_real_ghost(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Twenty documents; every write, before and after; four at once."""
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        work = Push(bench, tmp_path, 20)
        work.prepare()
        writes = bench.proxy.writes
        cases = [(number, carried_out) for number in range(1, writes + 1) for carried_out in (False, True)]
        cases = cases if LONG else cases[5 :: len(cases) // 3]
        for case in cases:
            clone = work.begin()
            process = start(bench, clone.root, *PUSH)

            def die(
                number: int,
                carried_out: bool,
                case: tuple[int, bool] = case,
                process: subprocess.Popen[str] = process,
            ) -> None:
                if (number, carried_out) == case:
                    process.kill()
                if process.poll() is not None or (number, carried_out) == case:
                    process.wait()
                    raise ConnectionAbortedError  # what is not sent on yet never arrives

            bench.proxy.at_write = die
            process.communicate(timeout=120)
            assert process.returncode == -signal.SIGKILL, case
            bench.proxy.start_counting()
            run(bench, clone.root, *PUSH)
            assert work.result(clone) == work.expected, case
            assert bench.emails() == 0, case
        print(f"real push: {len(cases)} deaths")
        assert writes > 20


@pytest.mark.timeout(0 if LONG else 300)
def test_a_pull_from_a_real_ghost(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Twenty documents with their pictures; every file that gets its name."""
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        work = Pull(bench, tmp_path, 20)
        work.prepare()
        # Our own folder gets its name first.
        files = len(work.expected) + 1  # type: ignore[arg-type]
        numbers = list(range(1, files + 1)) if LONG else [3, files - 1]
        for number in numbers:
            clone = work.begin()
            process = start(bench, clone.root, str(DYING), str(number), str(clone.root), *PULL[2:])
            said, _ = process.communicate(timeout=120)
            assert process.returncode == -signal.SIGKILL, (number, said)
            run(bench, clone.root, *PULL)
            assert work.result(clone) == work.expected, number
            left = {path.name for path in clone.root.rglob(".ghostsync*")} | {
                path.name for path in (clone.root / ".ghostsync").glob("write-*")
            }
            assert left == {".ghostsync"}, number
        print(f"real pull: {len(numbers)} deaths")
        assert files > 25
