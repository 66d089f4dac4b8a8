"""`ghostsync watch` as a process, against a real Ghost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ghostsync import Ghost
from ghostsync.sandbox import Instance


def test_saving_publishes_faults_wait_and_ctrl_c_ends_it(tmp_path: Path, empty_ghost6: Instance) -> None:
    """A new document, an edit, a fault and its repair reach Ghost while the command runs; Ctrl-C exits with 130."""
    log = tmp_path / "said.txt"
    tmp_path = tmp_path / "content"
    (tmp_path / "posts").mkdir(parents=True)
    (tmp_path / "posts" / "one.md").write_text("---\ntitle: One\n---\n\nText.\n")
    environ = {
        **os.environ,
        "GHOST_ADMIN_API_URL": empty_ghost6.url,
        "GHOST_ADMIN_API_KEY": empty_ghost6.admin_key,
    }
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "ghostsync", "watch", str(tmp_path)],
            env=environ, stdout=subprocess.DEVNULL, stderr=told,
        )  # fmt: skip
    site = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)

    def wait_for(*titles: str) -> None:
        deadline = time.monotonic() + 30
        while sorted(post.title for post in site.posts.list()) != sorted(titles):
            assert time.monotonic() < deadline, process.poll()

    def wait_until_said(text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)

    try:
        wait_for("One")
        (tmp_path / "posts" / "one.md").write_text("---\ntitle: One, edited\n---\n\nText.\n")
        wait_for("One, edited")
        (tmp_path / "posts" / "two.md").write_text("---\ntitle: Two\nstatus: sometimes\n---\n\nText.\n")
        (tmp_path / "posts" / "three.md").write_text("---\ntitle: Three\n---\n\nText.\n")
        wait_for("One, edited", "Three")
        wait_until_said("sometimes")  # mended before it was told, it would never be told
        (tmp_path / "posts" / "two.md").write_text("---\ntitle: Two\n---\n\nText.\n")
        wait_for("One, edited", "Three", "Two")
        (tmp_path / "posts").rename(tmp_path / "essays")
        (tmp_path / "essays" / "one.md").write_text("---\ntitle: One, moved\n---\n\nText.\n")
        wait_for("One, moved", "Three", "Two")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    said = log.read_text()
    assert process.returncode == 130, said
    assert "mended posts/two.md" in said
    assert empty_ghost6.admin_key not in said
