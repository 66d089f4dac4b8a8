"""The getting-started page, followed letter by letter by somebody who has nothing yet.

A fresh clone, a fresh virtual environment, a fresh home, an own sandbox. Shared with this machine are only caches:
pip's, and the folder in which Ghost is installed (two to five minutes that the page announces); the clone comes from
this checkout and not from the network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from docs.console_pages import Shell, follow, parse_page
from docs.test_console_examples import ROOT, STARTED, environment

from ghostsync.sandbox import Sandbox
from ghostsync.sandbox.folders import Folders

PAGE = ROOT / STARTED
_URL = re.compile(r"git clone (\S+)")
_NOT_CONTENT = shutil.ignore_patterns(".git", ".venv", "venv", "__pycache__", ".*_cache", "*.egg-info", "node_modules")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository that holds what this checkout holds, uncommitted work included, and nothing that Git ignores."""
    repository = tmp_path / "origin"
    shutil.copytree(ROOT, repository, ignore=_NOT_CONTENT)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all of it"]):
        subprocess.run(["git", *command], cwd=repository, env=environment(tmp_path / "maker", tmp_path), check=True)
    return repository


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The reader's data folder; the sandbox in it is removed at the end, wherever the page ended."""
    folder = tmp_path / "data"
    yield folder
    left = Sandbox.find(
        "default", folders=Folders(cache=Folders.standard().cache, data=folder / "ghostsync" / "sandbox")
    )
    if left is not None:
        left.remove()


@pytest.mark.real
def test_from_nothing_to_a_published_post(origin: Path, data: Path, tmp_path: Path, ghost_installation: object) -> None:
    """Every command of the page says what the page says, and readers can read the post."""
    text = PAGE.read_text(encoding="utf-8")
    cloned = _URL.search(text)
    assert cloned is not None
    environ = environment(tmp_path / "home", data)
    # The page's own address leads to this checkout.
    environ |= {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_1": f"url.{origin.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_1": cloned[1],
    }
    start = tmp_path / "home"
    shell = Shell(start, environ)
    published: list[requests.Response] = []

    def look(what: str) -> None:
        """At the place of the page where the post is public, open it as a reader does."""
        assert what == "read the post", what
        published.append(requests.get(f"{site(data)}hello-world/", timeout=30))

    try:
        follow(parse_page(text), shell, start, look)
    finally:
        shell.close()

    (page,) = published
    assert page.status_code == 200
    assert "<title>Hello, world" in page.text
    assert "This becomes one of Ghost's own callout cards." in page.text
    assert "kg-callout-card" in page.text
    # The installed package is the clone's own, not the one that runs this test.
    assert list((start / "ghostsync" / ".venv").glob("lib/*/site-packages/ghostsync/cli/__init__.py")) != []


def site(data: Path) -> str:
    """Return the address of the reader's sandbox."""
    found = Sandbox.find(
        "default", folders=Folders(cache=Folders.standard().cache, data=data / "ghostsync" / "sandbox")
    )
    assert found is not None
    return found.url.rstrip("/") + "/"
