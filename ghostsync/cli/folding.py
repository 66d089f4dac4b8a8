"""Folding lines for a terminal, between words and never inside of what is copied in one piece.

Terminals break a long line wherever its width ends, in the middle of a word; a command broken so runs as two. Rich
folds too, but is slow to import, and what goes to stderr is shown when nothing else needs it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TextIO

GLUE = "\ufdd0"
"""Stands for a blank that a line is not folded at, until it has been folded; no text holds this noncharacter."""

TOGETHER = re.compile(r"`[^`\n]+`|\([^()\n]{1,24}\)|→ (?:preview )?\S+|\b\d[\d,.]* \w+")
"""What stays in one line: commands are copied, words in brackets are read together, an arrow leads to an address, and a
number counts something."""


def folded(text: str, width: int) -> str:
    """Return text whose long lines are folded, two columns further in than they begin."""
    return "\n".join(_fold(line, width) if len(line) > width else line for line in text.split("\n"))


def _fold(line: str, width: int) -> str:
    import textwrap

    indent = " " * (len(line) - len(line.lstrip()) + 2)
    glued = TOGETHER.sub(
        lambda found: found[0].replace(" ", GLUE) if len(found[0] + indent) < width else found[0], line
    )
    lines = textwrap.wrap(
        glued, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
    return "\n".join(lines).replace(GLUE, " ")


def columns_of(stream: TextIO, environ: Mapping[str, str]) -> int:
    """Return how wide the terminal is that `stream` leads to; `COLUMNS` has the first word, as everywhere."""
    said = environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
