"""Every Python example in the documentation runs, against a real Ghost, as it stands."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from ghostsync import Ghost
from ghostsync.sandbox import Instance

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if BLOCK.search(page.read_text(encoding="utf-8"))
]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# A printed address and key stand for the reader's own.
OWN = re.compile(r'Ghost\("https://[\w.]+", admin_key="[^"]*"\)')


@pytest.fixture
def reader(tmp_path: Path, empty_ghost6: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A folder with the files that the pages name, and the names that they leave to the reader."""
    for name in ("photo.png", "talk.mp3"):
        (tmp_path / name).write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    own = (empty_ghost6.url, empty_ghost6.admin_key)
    with Ghost(own[0], admin_key=own[1]) as ghost, contextlib.ExitStack() as files:

        def opened(name: str, mode: str) -> IO[Any]:
            """What `open` is, closed at the end."""
            return files.enter_context(Path(name).open(mode))

        yield {"ghost": ghost, "pdf_bytes": b"%PDF-1.4", "open": opened, "own": own}


@pytest.mark.parametrize("page", PAGES)
def test_every_python_example_runs(page: str, reader: dict[str, Any]) -> None:
    """From the first block of a page to the last, with what the blocks before have made."""
    url, key = reader["own"]
    found = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert found
    for code in found:
        exec(compile(OWN.sub(f'Ghost("{url}", admin_key="{key}")', code), page, "exec"), reader)
        # A `with` block of the page has closed its connection.
        reader["ghost"] = Ghost(url, admin_key=key)
