"""Mobiledoc, the format of Ghost's older posts, as Lexical.

Ghost converts a mobiledoc post to Lexical for good when it is saved, or on `PUT ?convert_to_lexical=1`. This module
makes the very same document that Ghost's converter makes (`@tryghost/kg-converters` 1.2.5, `mobiledoc-to-lexical`),
so that a post pulled before its conversion and the same post after it are one and the same Markdown. That includes
what Ghost's converter does badly: an atom takes no part in markups, so a line break inside a link comes to stand
before it, and image sections, which Ghost never wrote, are dropped. Doing better here would show up as an edit that
nobody made.

A mobiledoc is `{"version", "atoms", "cards", "markups", "sections"}`. Sections: `[1, tag, markers]` text,
`[3, tag, [markers, …]]` list, `[10, card index]` card. A marker is `[kind, opened markups, number closed, value]`, in
which the value is text (kind 0) or an atom's index (kind 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ghostsync.errors import ContentError

Node = dict[str, Any]

_TEXT_SECTION: Final = 1
_LIST_SECTION: Final = 3
_CARD_SECTION: Final = 10
_TEXT_MARKER: Final = 0

_SECTION_NODES: Final[dict[str, Node]] = {
    "blockquote": {"type": "quote"},
    "p": {"type": "paragraph"},
    **{f"h{level}": {"type": "heading", "tag": f"h{level}"} for level in range(1, 7)},
}
_FORMATS: Final = {"strong": 1, "b": 1, "em": 2, "i": 2, "s": 4, "u": 8, "code": 16, "sub": 32, "sup": 64}
_CARD_TYPES: Final = {"code": "codeblock", "hr": "horizontalrule"}
_COLOUR_NAME: Final = re.compile(r"[a-zA-Z\d-]+")


def mobiledoc_to_lexical(mobiledoc: Mapping[str, Any]) -> Node:
    """Return the Lexical document `{"root": …}` that Ghost would convert this mobiledoc to.

    Raises ContentError for what is no mobiledoc.
    """
    children: list[Node] = []
    direction = None
    for number, section in enumerate(mobiledoc.get("sections") or ()):
        try:
            kind = section[0]
            if kind == _TEXT_SECTION:
                children.append(_text_section(section, mobiledoc))
                direction = "ltr" if children[-1]["children"] else direction
            elif kind == _LIST_SECTION:
                children.append(_list_section(section, mobiledoc))
                direction = "ltr"
            elif kind == _CARD_SECTION:
                children.append(_card(mobiledoc["cards"][section[1]]))
        except (IndexError, KeyError, TypeError, ValueError, AttributeError) as fault:
            raise ContentError(f"mobiledoc: section {number + 1} is malformed: {fault!r}") from fault
    root = {"children": children, "direction": direction, "format": "", "indent": 0, "type": "root", "version": 1}
    return {"root": root}


def _element(kind: str, **properties: Any) -> Node:
    node = {"children": [], "direction": "ltr", "format": "", "indent": 0, "type": kind, "version": 1}
    return node | properties


def _text_section(section: Sequence[Any], mobiledoc: Mapping[str, Any]) -> Node:
    tag = section[1]
    properties = _SECTION_NODES.get(tag, {"type": tag})
    node = _element(properties["type"], **properties)
    node["children"] = _inline(section[2], mobiledoc)
    return node


def _list_section(section: Sequence[Any], mobiledoc: Mapping[str, Any]) -> Node:
    tag, items = section[1], section[2]
    node = _element("list", tag=tag, listType="bullet" if tag == "ul" else "number", start=1)
    for value, markers in enumerate(items or (), 1):
        item = _element("listitem", value=value)
        item["children"] = _inline(markers, mobiledoc)
        node["children"].append(item)
    return node


def _inline(markers: Sequence[Sequence[Any]], mobiledoc: Mapping[str, Any]) -> list[Node]:
    """The inline nodes of markers, by the rules of Ghost's converter.

    Its rules for links: `href` and `rel` are what the last opened `a` said (`rel` is remembered even for the links
    after it), a link node is made with the first text in it, and the first `a` to close ends it.
    """
    out: list[Node] = []
    opened: list[Sequence[Any]] = []
    is_linked = False
    link: Node | None = None
    address: dict[str, str] = {}
    for kind, markups, closed, value in markers:
        if kind != _TEXT_MARKER:
            if mobiledoc["atoms"][value][0] == "soft-return":
                out.append({"type": "linebreak", "version": 1})
            continue
        for index in markups:
            markup = mobiledoc["markups"][index]
            opened.append(markup)
            if markup[0] == "a":
                is_linked = True
                address |= _address(markup[1] if len(markup) > 1 else None)
        if is_linked and link is None:
            link = _element("link", target=None, title=None, rel=address.get("rel") or None)
            link |= {"url": address["url"]} if "url" in address else {}
        (link["children"] if is_linked and link is not None else out).append(_text(value, opened))
        for _ in range(closed):
            if opened and opened.pop()[0] == "a":
                out += [] if link is None else [link]
                is_linked, link = False, None
                address.pop("url", None)
    return out


def _address(attributes: Sequence[str] | None) -> dict[str, str]:
    """`attributes` alternate names and values: Ghost's converter reads `href` in first place and `rel` in second."""
    attributes = attributes or ()
    found = {"url": attributes[1]} if len(attributes) > 1 and attributes[0] == "href" else {}
    return found | ({"rel": attributes[3]} if len(attributes) > 3 and attributes[2] == "rel" else {})


def _text(value: str, markups: Sequence[Sequence[Any]]) -> Node:
    formats = 0
    for markup in markups:
        formats |= _FORMATS.get(markup[0], 0)
    return {
        "detail": 0,
        "format": formats,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": "text",
        "version": 1,
    }


def _card(card: Sequence[Any]) -> Node:
    name, payload = card[0], dict(card[1] or {}) if len(card) > 1 else {}
    kind = _CARD_TYPES.get(name, name)
    if kind == "embed" and "type" in payload:
        payload["embedType"] = payload["type"]
    payload.pop("type", None)
    colour = payload.get("backgroundColor")
    if kind == "callout" and colour and not _COLOUR_NAME.fullmatch(colour):
        payload["backgroundColor"] = "white"
    return {"type": kind, **payload}
