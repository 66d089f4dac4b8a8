"""Lines on stdout: folded with a hanging indent for eyes, one long line each for pipes.

Rich folds, but pads what it folds with blanks to the right edge, which people then copy; so lines are folded here and
printed bare. Texts come from documents and from Ghost's editors: control characters are shown, never obeyed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from ghostsync.cli.console import Verbosity
from ghostsync.cli.folding import GLUE, TOGETHER

if TYPE_CHECKING:
    from ghostsync.cli.console import Console

# Fixed colours, readable on white and on black; `ghostsync.cli.console` says why.
GREEN, RED, AMBER, BLUE, PURPLE = "color(29)", "color(167)", "color(166)", "color(31)", "color(133)"
QUIET = "color(244)"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ASCII = str.maketrans("→✓✗↑…×│·“”", '>+x^~x|-""')

# On a terminal every column counts, so what stands below an entry is moved less far in than in a pipe.
_CLOSER = {6: 4, 8: 6}
# Narrower than this nobody reads.
_LEAST = 20


class Page:
    """Where lines go."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.is_shortened = console.is_terminal and console.verbosity < Verbosity.VERBOSE

    @property
    def has_color(self) -> bool:
        """Whether strokes and underlines are seen."""
        return self.console.has_color(self.console.stdout)

    def gap(self) -> None:
        """An empty line."""
        self.console.out.print()

    def line(self, text: Text, indent: int = 0) -> None:
        """One paragraph of text; what is folded goes on two columns further in."""
        text = self._spelled(text)
        if not self.console.wraps:
            self._bare(text, indent)
            return
        near = _CLOSER.get(indent, indent)
        self._folded(text, " " * near, " " * (near + 2))

    def block(self, text: Text, indent: int = 0) -> None:
        """A passage of a text; on a terminal a stroke at its side tells it from what is said about it."""
        text = self._spelled(text)
        if not self.console.wraps:
            self._bare(text, indent)
            return
        stroke = Text.assemble(" " * (_CLOSER.get(indent, indent) - 2), (self._letters("│"), QUIET), " ")
        self._folded(text, stroke, stroke)

    def hanging(self, label: Text, text: Text) -> None:
        """One paragraph behind a label; what is folded stands under the text, not under the label."""
        label, text = self._spelled(label), self._spelled(text)
        if self.console.wraps:
            self._folded(text, label, " " * label.cell_len)
        else:
            self._bare(label + text, 0)

    def _folded(self, text: Text, first: str | Text, further: str | Text) -> None:
        out = self.console.out
        before = [part if isinstance(part, Text) else Text(part) for part in (first, further)]
        width = max(_LEAST, out.width - max(part.cell_len for part in before))
        text.plain = TOGETHER.sub(lambda found: _glued(found[0], width), text.plain)
        lead = before[0]
        for paragraph in text.split("\n", allow_blank=True):
            for line in paragraph.wrap(out, width) or [Text()]:
                line.rstrip()
                line.plain = line.plain.replace(GLUE, " ")
                whole = lead + line
                whole.rstrip()
                out.print(whole, no_wrap=True, overflow="ignore", crop=False)
                lead = before[1]

    def _bare(self, text: Text, indent: int) -> None:
        for each in text.split("\n", allow_blank=True):
            self.console.out.print(Text(" " * indent) + each if each.plain.strip() else Text())

    def _spelled(self, text: Text) -> Text:
        text.plain = self._letters(visible(text.plain))
        return text

    def _letters(self, text: str) -> str:
        return text if self.console.is_unicode else text.translate(_ASCII)


def _glued(text: str, width: int) -> str:
    """Return what stays in one line, where one line can hold it."""
    return text.replace(" ", GLUE) if cell_len(text) < width else text


def visible(text: str) -> str:
    """Return text whose control characters and reversals of direction are shown and not obeyed."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\r\n", "\n")).expandtabs(4)
