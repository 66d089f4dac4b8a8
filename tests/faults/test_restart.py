"""Ghost restarts in the middle of a push."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faults.benches import real_bench

from ghostsync.sandbox import Instance

LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
DOCUMENTS = 200 if LONG else 40


def push(instance: Instance, root: Path) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GHOST_")}
    return subprocess.Popen(
        [sys.executable, "-m", "ghostsync", "push", "--yes"],
        cwd=root,
        env={**clean, "GHOST_ADMIN_API_URL": instance.url, "GHOST_ADMIN_API_KEY": instance.admin_key},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.timeout(0 if LONG else 300)
def test_a_push_outlives_a_restart(tmp_path: Path, empty_ghost6: Instance) -> None:
    """The run goes on when Ghost is back; what was in flight may be unknown to it. One more run, and all is there."""
    root = tmp_path / "content"
    (root / "posts").mkdir(parents=True)
    (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    for number in range(DOCUMENTS):
        (root / "posts" / f"p{number:03}x.md").write_text(
            f"---\ntitle: P {number}\nstatus: published\ntags: [One]\n---\nWords of {number}.\n", encoding="utf-8"
        )
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        process = push(empty_ghost6, root)
        deadline = time.monotonic() + 120
        while len(bench.snapshot()["posts"]) < DOCUMENTS // 4:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        before = len(bench.snapshot()["posts"])
        empty_ghost6.restart()
        said, _ = process.communicate(timeout=280 if not LONG else 1200)
        made = bench.snapshot()
        assert before < DOCUMENTS, "it was restarted in the middle"
        # At most what was in flight, four at once, when it went down.
        assert DOCUMENTS - 4 <= made["rows"] <= DOCUMENTS, said
        assert process.returncode in {0, 1}, said
        again = push(empty_ghost6, root)
        told, _ = again.communicate(timeout=280)
        assert again.returncode == 0, told
        found = bench.snapshot()
        assert found["rows"] == DOCUMENTS
        assert sorted(found["posts"]) == [f"p{number:03}x" for number in range(DOCUMENTS)]
        assert sorted(found["tags"]) == ["hash-ghostsync", "one"]
        assert bench.emails() == 0
        print(f"restart: {before} of {DOCUMENTS} before it, {made['rows']} after, exit {process.returncode}")
