"""The addresses in a document, typed, wherever they stand: in nodes, in HTML, in Markdown.

Push needs them to upload files and to resolve links between documents, pull to do the reverse. They are found by
parsers that know where they are (Python's HTML tokenizer, markdown-it's own scanner for link destinations), and
replacing one leaves every other character of a card as it was. Regular expressions over HTML were rejected: they find
addresses in comments and scripts, and miss the ones that a browser would find.

Left alone: automatic links (`<https://…>`), whose text is their address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

from ghostsync.lexical.cards.definition import ADDRESS_KINDS, RICH_KINDS, Card, Kind, Property
from ghostsync.lexical.nodes import Node


class ReferenceKind(Enum):
    """What stands behind an address."""

    LINK = "link"
    IMAGE = "image"
    MEDIA = "media"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One address: `value` is what it says, free of the escapes of the place where it stands."""

    kind: ReferenceKind
    value: str


Change = Callable[[ReferenceKind, str], str]
"""Takes an address and returns what shall stand there."""

_KINDS: Final = {
    Kind.LINK: ReferenceKind.LINK,
    Kind.IMAGE: ReferenceKind.IMAGE,
    Kind.MEDIA: ReferenceKind.MEDIA,
    Kind.FILE: ReferenceKind.FILE,
}

_BACKTICKS: Final = re.compile("`+")

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


def find_references(document: Node) -> tuple[Reference, ...]:
    """Return every address in a Lexical document (or one node of it), in the order of the text."""
    found: list[Reference] = []

    def note(kind: ReferenceKind, value: str) -> str:
        found.append(Reference(kind=kind, value=value))
        return value

    map_references(document, note)
    return tuple(found)


def rewrite_references(document: Node, mapping: Mapping[str, str]) -> Node:
    """Return the document with every address that is a key of `mapping` replaced by its value."""
    if not mapping:
        return document
    return map_references(document, lambda _, value: mapping.get(value, value))


def map_references(document: Node, change: Change) -> Node:
    """Return the document with every address replaced by what `change` makes of it. The input is not touched."""
    root = document.get("root")
    if isinstance(root, dict):
        return {**document, "root": _map_tree(root, change)}
    return _map_tree(document, change)


def _map_tree(top: Node, change: Change) -> Node:
    """Copy a tree of nodes without recursion: hostile documents nest deeper than Python's stack."""
    holder: list[Any] = [top]
    waiting = [(holder, 0)]
    while waiting:
        siblings, place = waiting.pop()
        if not isinstance(siblings[place], dict):
            continue
        node = siblings[place] = _map_node(siblings[place], change)
        children = node.get("children")
        if isinstance(children, list):
            fresh = node["children"] = list(children)
            waiting.extend((fresh, index) for index in reversed(range(len(fresh))))
    made: Node = holder[0]
    return made


def _map_node(node: Node, change: Change) -> Node:
    from ghostsync.lexical.cards import CARDS  # noqa: PLC0415 (the cards' forms import this module's neighbours)

    kind = node.get("type")
    if kind in {"link", "at-link"}:
        url = node.get("url")
        return {**node, "url": change(ReferenceKind.LINK, url)} if isinstance(url, str) and url else dict(node)
    card = CARDS.get(kind) if isinstance(kind, str) else None
    return dict(node) if card is None else _map_card(node, card, change)


def _map_card(node: Node, card: Card, change: Change) -> Node:
    copy = dict(node)
    for prop in card.properties:
        value = prop.read(copy)
        if value in (None, ""):
            continue
        new = _map_value(prop, value, change)
        if new is not value and new != value:
            parent = prop.name.rpartition(".")[0]
            if parent:
                copy[parent] = dict(copy[parent])
            prop.write(copy, new)
    return copy


def _map_value(prop: Property, value: Any, change: Change) -> Any:
    if prop.items and isinstance(value, list):
        return [_map_item(prop, item, change) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, str):
        return value
    if prop.kind in ADDRESS_KINDS:
        return change(_KINDS[prop.kind], value)
    if prop.kind in RICH_KINDS or prop.kind is Kind.HTML:
        return map_html(value, change)
    if prop.kind is Kind.MARKDOWN:
        return map_markdown(value, change)
    return value


def _map_item(prop: Property, item: Node, change: Change) -> Node:
    copy = dict(item)
    for part in prop.items:
        value = part.read(copy)
        if value not in (None, ""):
            part.write(copy, _map_value(part, value, change))
    return copy


# ---------------------------------------------------------------------------------------------- HTML


@dataclass(frozen=True, slots=True)
class _Spot:
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
    return _replace(html, _html_spots(html), change)


def _replace(text: str, spots: list[_Spot], change: Change) -> str:
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


def _html_spots(html: str) -> list[_Spot]:
    spots: list[_Spot] = []
    for tag, offset, text in _Tags(html).tags:
        for name, start, end, quote in _attributes(text):
            kind = _ATTRIBUTES.get((tag, name))
            if kind is None:
                continue
            raw = text[start:end]
            if name == "srcset":
                spots.extend(_srcset_spots(raw, offset + start, quote))
            elif raw:
                spots.append(_Spot(offset + start, offset + end, kind, unescape(raw), _attribute_writer(quote)))
    return spots


def _attribute_writer(quote: str) -> Callable[[str], str]:
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


def _srcset_spots(raw: str, offset: int, quote: str) -> Iterator[_Spot]:
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
            write = _attribute_writer(quote or '"')
            yield _Spot(offset + start, offset + end, ReferenceKind.IMAGE, unescape(raw[start:end]), write)
        if end == at:
            while at < len(raw) and raw[at] != ",":
                at += 1


# ---------------------------------------------------------------------------------------------- Markdown


def map_markdown(text: str, change: Change) -> str:
    """Return Markdown with the addresses of its links, pictures, definitions and raw HTML replaced."""
    return _replace(text, _markdown_spots(text), change)


def _markdown_spots(text: str) -> list[_Spot]:
    from ghostsync.lexical.dialect import Dialect, parser_for  # noqa: PLC0415 (the parser is slow to load)

    md = parser_for(Dialect.KOENIG)
    env: dict[str, Any] = {}
    starts = [0]
    for line in re.split(r"(?<=\n)", text):
        starts.append(starts[-1] + len(line))
    spots: list[_Spot] = []
    for token in md.parse(text, env):
        if token.map is None or token.type not in {"inline", "html_block"}:
            continue
        begin, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "html_block":
            spots.extend(_moved(_html_spots(text[begin:end]), begin))
            continue
        hrefs = {
            str(child.attrs["href" if child.type == "link_open" else "src"]): child.type
            for child in token.children or ()
            if child.type in {"link_open", "image"} and child.info != "auto"
        }
        if hrefs:
            spots.extend(_inline_spots(md, text, begin, end, hrefs))
        if any(child.type == "html_inline" for child in token.children or ()):
            spots.extend(_moved(_html_spots(text[begin:end]), begin))
    targets = {str(one["href"]): "definition" for one in (env.get("references") or {}).values()}
    if targets:
        spots.extend(_definition_spots(md, text, targets))
    return spots


def _moved(spots: list[_Spot], by: int) -> list[_Spot]:
    return [_Spot(s.start + by, s.end + by, s.kind, s.value, s.render) for s in spots]


def _inline_spots(md: Any, text: str, begin: int, end: int, hrefs: Mapping[str, str]) -> Iterator[_Spot]:
    """Yield the destinations of inline links and pictures: `](` and what markdown-it reads as a destination there."""
    code = _code_spans(text, begin, end)
    at = text.find("](", begin, end)
    while at >= 0:
        if text[at - 1 : at] != "\\" and not any(first < at < last for first, last in code):
            yield from _destination(md, text, at + 2, end, hrefs)
        at = text.find("](", at + 2, end)


def _code_spans(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """The ranges of code spans: from a run of backticks to the next run of the same length (CommonMark 6.1)."""
    runs = [
        (run.start(), run.end())
        for run in _BACKTICKS.finditer(text, begin, end)
        if text[run.start() - 1 : run.start()] != "\\" or run.start() == begin
    ]
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(runs):
        start, stop = runs[place]
        place += 1
        for other in range(place, len(runs)):
            if runs[other][1] - runs[other][0] == stop - start:
                spans.append((start, runs[other][1]))
                place = other + 1
                break
    return spans


def _definition_spots(md: Any, text: str, hrefs: Mapping[str, str]) -> Iterator[_Spot]:
    at = text.find("]:")
    while at >= 0:
        yield from _destination(md, text, at + 2, len(text), hrefs)
        at = text.find("]:", at + 2)


def _destination(md: Any, text: str, at: int, end: int, hrefs: Mapping[str, str]) -> Iterator[_Spot]:
    while at < end and text[at] in " \t\r\n":
        at += 1
    result = md.helpers.parseLinkDestination(text, at, end)
    if not result.ok or not result.str:
        return
    value = md.normalizeLink(result.str)
    kind = hrefs.get(value)
    if kind is None:
        return
    yield _Spot(
        at,
        result.pos,
        ReferenceKind.IMAGE if kind == "image" else ReferenceKind.LINK,
        value,  # as in native nodes, which hold what CommonMark makes of an address
        _destination_writer(is_bracketed=text[at] == "<"),
    )


def _destination_writer(*, is_bracketed: bool) -> Callable[[str], str]:
    def write(value: str) -> str:
        if is_bracketed or any(letter in " \t()<>" for letter in value):
            return "<" + value.replace("<", "%3C").replace(">", "%3E").replace("\n", "%0A") + ">"
        return value

    return write
