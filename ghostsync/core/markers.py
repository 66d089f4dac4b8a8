"""The marks that a pull leaves where both sides changed the same lines, and how they are found again.

A document that still has them is not valid: pushed, it would show them to readers; merged again, they would nest. They
are known by the names behind the arrows, so that a text *about* merge conflicts is not taken for one.
"""

from __future__ import annotations

import re

LOCAL_NAME = "this file"
REMOTE_NAME = "Ghost"

_MARKED = re.compile(rf"^<{{7}} {LOCAL_NAME}[ \t]*\r?$", re.MULTILINE)


def first_marker(text: str) -> int | None:
    """Return the line (from 1) on which the first unsettled place begins, or None."""
    found = _MARKED.search(text)
    return None if found is None else text.count("\n", 0, found.start()) + 1
