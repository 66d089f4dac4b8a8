"""Paths as they are typed into a shell: commands in hints are copied, and names may hold blanks and quotes."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w@%+=:,./-]+")
"""What no shell takes for anything else. Letters of every script belong to it."""


def typed(path: str) -> str:
    """Return a path as it is written in a command."""
    if _PLAIN.fullmatch(path):
        return path
    return "'" + path.replace("'", "'\"'\"'") + "'"
