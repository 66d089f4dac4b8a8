"""The addresses in Markdown: found by markdown-it's scanner for link destinations, replaced without touching the rest.

Left alone: automatic links (`<https://…>`), whose text is their address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ghostsync.lexical.html_addresses import Change, ReferenceKind, Spot, html_spots, replace_spots

_BACKTICKS: Final = re.compile("`+")


def map_markdown(text: str, change: Change) -> str:
    """Return Markdown with the addresses of its links, pictures, definitions and raw HTML replaced."""
    return replace_spots(text, _markdown_spots(text), change)


def _markdown_spots(text: str) -> list[Spot]:
    from ghostsync.lexical.dialect import Dialect, parser_for  # noqa: PLC0415 (the parser is slow to load)

    md = parser_for(Dialect.KOENIG)
    env: dict[str, Any] = {}
    starts = [0]
    for line in re.split(r"(?<=\n)", text):
        starts.append(starts[-1] + len(line))
    spots: list[Spot] = []
    for token in md.parse(text, env):
        if token.map is None or token.type not in {"inline", "html_block"}:
            continue
        begin, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "html_block":
            spots.extend(_moved(html_spots(text[begin:end]), begin))
            continue
        hrefs = {
            str(child.attrs["href" if child.type == "link_open" else "src"]): child.type
            for child in token.children or ()
            if child.type in {"link_open", "image"} and child.info != "auto"
        }
        if hrefs:
            spots.extend(_inline_spots(md, text, begin, end, hrefs))
        if any(child.type == "html_inline" for child in token.children or ()):
            spots.extend(_moved(html_spots(text[begin:end]), begin))
    targets = {str(one["href"]): "definition" for one in (env.get("references") or {}).values()}
    if targets:
        spots.extend(_definition_spots(md, text, targets))
    return spots


def _moved(spots: list[Spot], by: int) -> list[Spot]:
    return [Spot(s.start + by, s.end + by, s.kind, s.value, s.render) for s in spots]


def _inline_spots(md: Any, text: str, begin: int, end: int, hrefs: Mapping[str, str]) -> Iterator[Spot]:
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


def _definition_spots(md: Any, text: str, hrefs: Mapping[str, str]) -> Iterator[Spot]:
    at = text.find("]:")
    while at >= 0:
        yield from _destination(md, text, at + 2, len(text), hrefs)
        at = text.find("]:", at + 2)


def _destination(md: Any, text: str, at: int, end: int, hrefs: Mapping[str, str]) -> Iterator[Spot]:
    while at < end and text[at] in " \t\r\n":
        at += 1
    result = md.helpers.parseLinkDestination(text, at, end)
    if not result.ok or not result.str:
        return
    value = md.normalizeLink(result.str)
    kind = hrefs.get(value)
    if kind is None:
        return
    yield Spot(
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
