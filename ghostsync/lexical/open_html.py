"""Whether HTML leaves something open that would swallow, or show, what Ghost writes after it.

Ghost puts a comment and a line end after each `html` card. After an unfinished tag, inside `<script>`, `<title>` and
the like, or inside `<pre>` these would be seen; so the blocks that follow must come into the same card. Any other
open element is no concern: Ghost joins the HTML of all nodes as text, just as CommonMark does.

The state is kept from piece to piece, so that a long post is read once.
"""

from __future__ import annotations

import re
from typing import Final

#: Their content is text to an HTML parser, up to their own end tag (HTML Living Standard, 13.2.5, raw text).
_RAW: Final = frozenset(
    {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"},
)
_SPACED: Final = frozenset({"pre", "listing"})
_NAMES: Final = "|".join(sorted(_RAW | _SPACED))
_INTERESTING: Final = re.compile(rf"</?(?:{_NAMES})\b", re.IGNORECASE)
_MARK: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(?P<close>/?)(?P<name>{_NAMES})\b", re.IGNORECASE | re.DOTALL
)  # fmt: skip
_TAG_START: Final = re.compile(r"<[A-Za-z/!?]")


class OpenHtml:
    """Reads HTML piece by piece."""

    def __init__(self, html: str = "") -> None:
        self._raw = ""
        self._spaced = 0
        self._unfinished = ""
        self.feed(html)

    @property
    def is_open(self) -> bool:
        """Whether text after all that was read would be swallowed or shown as it stands."""
        return bool(self._raw or self._spaced or self._unfinished)

    def feed(self, html: str) -> None:
        """Read on."""
        if self._unfinished:
            if ">" not in html:
                return
            html, self._unfinished = f"{self._unfinished}\n{html}", ""
        position = 0
        if self._raw or _INTERESTING.search(html):
            position = self._read_elements(html)
        if self._raw:
            return
        start = _TAG_START.search(html, max(position, html.rfind(">") + 1))
        if start is not None and not html.startswith("<!--", start.start()):
            self._unfinished = html[start.start() :]

    def _read_elements(self, html: str) -> int:
        position = 0
        while True:
            if self._raw:
                end = re.compile(rf"</{self._raw}\b", re.IGNORECASE).search(html, position)
                if end is None:
                    return len(html)
                self._raw, position = "", end.end()
            mark = _MARK.search(html, position)
            if mark is None:
                return position
            position = mark.end()
            name = (mark["name"] or "").lower()
            if name in _SPACED:
                self._spaced = max(0, self._spaced - 1) if mark["close"] else self._spaced + 1
            elif name in _RAW and not mark["close"]:
                self._raw = name
