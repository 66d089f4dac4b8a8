"""Every exchange of a push and of a pull goes wrong, in every way; one more run, and all is as it should be.

On the fake all cases run; on a real Ghost a spread sample of them, and all with `GHOSTSYNC_LONG=1`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from faults.benches import FakeBench, real_bench
from faults.cases import Pull, Push, Work

from ghostsync.sandbox import Instance

LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
KINDS: dict[str, type[Work]] = {"push": Push, "pull": Pull}


def run_all(work: Work, name: str, *, every: int) -> None:
    work.prepare()
    count = 0
    for case in work.cases(every=every):
        work.check(case)
        count += 1
    print(f"{name}: {count} cases, {work.length} exchanges")
    assert count >= work.length * 11 // every


@pytest.mark.parametrize("kind", KINDS)
def test_on_the_fake(kind: str, tmp_path: Path) -> None:
    """Six documents (twenty in the long run), every exchange, every fault."""
    run_all(KINDS[kind](FakeBench(), tmp_path, 20 if LONG else 6), f"fake {kind}", every=1)


@pytest.mark.timeout(0 if LONG else 300)
@pytest.mark.parametrize("kind", KINDS)
def test_on_a_real_ghost(kind: str, tmp_path: Path, empty_ghost6: Instance) -> None:
    """Twenty documents; in the short run every 67th case, so that exchanges and faults are spread."""
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        run_all(KINDS[kind](bench, tmp_path, 20), f"real {kind}", every=1 if LONG else 67)
