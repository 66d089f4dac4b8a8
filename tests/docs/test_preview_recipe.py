"""The step of the previews guide that keeps a site's pages is run as GitHub would run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ghostsync import Ghost
from ghostsync.sandbox import Instance

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/previews.md"
# What `actions/upload-artifact` refuses in a path.
REFUSED = re.compile(r'[":<>|*?\r\n]')


@pytest.mark.real
@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed here; GitHub's runners have it")
def test_pages_are_kept_as_files_that_can_be_uploaded(empty_ghost6: Instance, tmp_path: Path) -> None:
    """Although one post links to a draft, which is not there for readers; styles come along."""
    with Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key) as ghost:
        ghost.posts.create(title="Draft", markdown="Not yet.")
        ghost.posts.create(title="Hello", markdown="See [the draft](/draft/).", status="published")
    (block,) = (text for text in re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL) if "wget" in text)
    step, upload = YAML(typ="safe").load(block)
    lines = [line for line in step["run"].splitlines() if "ghostsync sandbox env" not in line]
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env={**os.environ, "GHOST_ADMIN_API_URL": empty_ghost6.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    kept = tmp_path / upload["with"]["path"]
    files = [file.relative_to(kept).as_posix() for file in kept.rglob("*")]
    assert {"index.html", "hello/index.html"} <= set(files)
    assert any(".css" in file for file in files)
    assert [file for file in files if REFUSED.search(file)] == []
