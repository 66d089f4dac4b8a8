"""The addresses in HTML: where they stand, what they are, and how each is written anew.

They are found by Python's HTML tokenizer, and replacing one leaves every other character as it was. Regular expressions
over HTML were rejected: they find addresses in comments and scripts, and miss the ones that a browser would find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from html import unescape
from html.parser import HTMLParser
from typing import Final


class ReferenceKind(Enum):
    """What stands behind an address."""

    LINK = "link"
    IMAGE = "image"
    MEDIA = "media"
    FILE = "file"


Change = Callable[[ReferenceKind, str], str]
"""Takes an address and returns what shall stand there."""

#: (element, attribute) → kind; `*` stands for every element.
_ATTRIBUTES: Final = {
    ("a", "href"): ReferenceKind.LINK,
    ("area", "href"): ReferenceKind.LINK,
    ("img", "src"): ReferenceKind.IMAGE,
    ("img", "srcset"): ReferenceKind.IMAGE,
    ("picture", "src"): ReferenceKind.IMAGE,
    ("source", "srcset"): ReferenceKind.IMAGE,
    ("source", "src"): ReferenceKind.MEDIA,
    ("video", "src"): ReferenceKind.MEDIA,
    ("video", "poster"): ReferenceKind.IMAGE,
    ("audio", "src"): ReferenceKind.MEDIA,
    ("track", "src"): ReferenceKind.FILE,
    ("input", "src"): ReferenceKind.IMAGE,
    ("embed", "src"): ReferenceKind.MEDIA,
    ("object", "data"): ReferenceKind.FILE,
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A piece of text to be replaced: `start` to `end`, by what `render` makes of the new address."""

    start: int
    end: int
    kind: ReferenceKind
    value: str
    render: Callable[[str], str]


def map_html(html: str, change: Change) -> str:
    """Return HTML with its addresses replaced; every other character stays."""
    if "=" not in html:
        return html
    return replace_spots(html, html_spots(html), change)


def replace_spots(text: str, spots: list[Spot], change: Change) -> str:
    out: list[str] = []
    at = 0
    for spot in sorted(spots, key=lambda one: one.start):
        if spot.start < at:
            continue
        new = change(spot.kind, spot.value)
        if new != spot.value:
            out += [text[at : spot.start], spot.render(new)]
            at = spot.end
    return "".join((*out, text[at:])) if out else text


class _Tags(HTMLParser):
    """Collects start tags with their offsets."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[str, int, str]] = []
        # The tokenizer counts `\n` only; so do we.
        self._starts = [0]
        for index, letter in enumerate(text):
            if letter == "\n":
                self._starts.append(index + 1)
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        if attrs:
            self.tags.append((tag, self._starts[line - 1] + column, self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def html_spots(html: str) -> list[Spot]:
    spots: list[Spot] = []
    for tag, offset, text in _Tags(html).tags:
        for name, start, end, quote in _attributes(text):
            kind = _ATTRIBUTES.get((tag, name))
            if kind is None:
                continue
            raw = text[start:end]
            if name == "srcset":
                spots.extend(_srcset_spots(raw, offset + start, quote))
            elif raw:
                spots.append(Spot(offset + start, offset + end, kind, unescape(raw), attribute_writer(quote)))
    return spots


def attribute_writer(quote: str) -> Callable[[str], str]:
    def write(value: str) -> str:
        escaped = value.replace("&", "&amp;")
        if quote == '"':
            return escaped.replace('"', "&quot;")
        if quote == "'":
            return escaped.replace("'", "&#39;")
        return '"' + escaped.replace('"', "&quot;") + '"'

    return write


def _attributes(tag: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield (name, start, end, quote) of the attributes with a value in the text of one start tag."""
    space = " \t\r\n\f"
    at = 1
    while at < len(tag) and tag[at] not in space + "/>":
        at += 1
    while at < len(tag):
        while at < len(tag) and tag[at] in space + "/":
            at += 1
        begin = at
        while at < len(tag) and tag[at] not in space + "/>=":
            at += 1
        name = tag[begin:at].lower()
        if not name:
            return
        while at < len(tag) and tag[at] in space:
            at += 1
        if at >= len(tag) or tag[at] != "=":
            continue
        at += 1
        while at < len(tag) and tag[at] in space:
            at += 1
        quote = tag[at] if at < len(tag) and tag[at] in "\"'" else ""
        start = at + len(quote)
        end = start
        while end < len(tag) and (tag[end] != quote if quote else tag[end] not in space + ">"):
            end += 1
        yield name, start, end, quote
        at = end + len(quote)


def _srcset_spots(raw: str, offset: int, quote: str) -> Iterator[Spot]:
    """Yield the addresses of a `srcset`: candidates separated by commas, each an address and a descriptor."""
    at = 0
    while at < len(raw):
        while at < len(raw) and raw[at] in " \t\r\n\f,":
            at += 1
        start = at
        while at < len(raw) and raw[at] not in " \t\r\n\f":
            at += 1
        end = at
        while end > start and raw[end - 1] == ",":
            end -= 1
        if end > start:
            write = attribute_writer(quote or '"')
            yield Spot(offset + start, offset + end, ReferenceKind.IMAGE, unescape(raw[start:end]), write)
        if end == at:
            while at < len(raw) and raw[at] != ",":
                at += 1
