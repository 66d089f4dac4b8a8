"""Paths in hints are what a shell needs to find them."""

from __future__ import annotations

import shlex

import pytest

from ghostsync.core.typed import typed


@pytest.mark.parametrize("path", ["posts/a.md", "posts/Привет.md", "記事/日本.md"])
def test_plain_paths_stay_as_they_are(path: str) -> None:
    """Letters of every script need no quotes."""
    assert typed(path) == path


@pytest.mark.parametrize("path", ["a b.md", "it's.md", 'a"b.md', "a$HOME.md", "a;b.md", "a(1).md", "a*.md", "a`b`.md"])
def test_a_shell_reads_back_what_was_meant(path: str) -> None:
    """Blanks, quotes and everything that a shell would carry out."""
    assert typed(path) != path
    assert shlex.split(f"ghostsync pull {typed(path)} --prefer local") == [
        "ghostsync",
        "pull",
        path,
        "--prefer",
        "local",
    ]
