"""Lexical nodes as plain dicts: the shapes that Ghost's editor writes, and the names of everything it registers.

Source of the shapes: `exportJSON` of `@tryghost/kg-default-nodes` 2.2.1 and of lexical 0.13.1. We write the
`extended-` types because the editor does, so that a post opened and saved there keeps its JSON.
"""

from __future__ import annotations

from typing import Any, Final

Node = dict[str, Any]

BOLD: Final = 1
ITALIC: Final = 2
STRIKETHROUGH: Final = 4
UNDERLINE: Final = 8
CODE: Final = 16
SUBSCRIPT: Final = 32
SUPERSCRIPT: Final = 64
HIGHLIGHT: Final = 128
#: Every bit that lexical 0.13 knows (`TEXT_TYPE_TO_FORMAT`).
ALL_FORMATS: Final = 255

FORMAT_TAGS: Final[dict[int, str]] = {
    BOLD: "strong",
    ITALIC: "em",
    STRIKETHROUGH: "s",
    UNDERLINE: "u",
    CODE: "code",
    SUBSCRIPT: "sub",
    SUPERSCRIPT: "sup",
    HIGHLIGHT: "mark",
}
#: `del` is struck text like `s`; `b` and `i` are not here: a page may style them apart from `strong` and `em`.
TAG_FORMATS: Final[dict[str, int]] = {tag: bit for bit, tag in FORMAT_TAGS.items()} | {"del": STRIKETHROUGH}

#: Node types that are structure or text; cards are in `ghostsync.lexical.cards`.
STRUCTURE_TYPES: Final = frozenset(
    {
        "root", "paragraph", "text", "extended-text", "heading", "extended-heading", "quote", "extended-quote",
        "aside", "list", "listitem", "link", "linebreak", "tab", "tk", "at-link", "at-link-search", "zwnj",
    }
)  # fmt: skip

PLAIN_TYPES: Final[dict[str, str]] = {
    "extended-text": "text",
    "extended-heading": "heading",
    "extended-quote": "quote",
}


def _element(kind: str, children: list[Node]) -> Node:
    return {
        "children": children,
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "type": kind,
        "version": 1,
    }


def document(children: list[Node]) -> Node:
    """A whole document; Ghost refuses an empty `children`, so nothing becomes one empty paragraph."""
    return {"root": _element("root", children or [paragraph([])])}


def paragraph(children: list[Node]) -> Node:
    return _element("paragraph", children)


def heading(level: int, children: list[Node]) -> Node:
    return {**_element("extended-heading", children), "tag": f"h{level}"}


def quote(children: list[Node]) -> Node:
    return _element("extended-quote", children)


def aside(children: list[Node]) -> Node:
    return _element("aside", children)


def list_node(*, ordered: bool, start: int, items: list[Node]) -> Node:
    return {
        **_element("list", items),
        "listType": "number" if ordered else "bullet",
        "start": start,
        "tag": "ol" if ordered else "ul",
    }


def list_item(children: list[Node], *, value: int, depth: int) -> Node:
    return {**_element("listitem", children), "indent": depth, "value": value}


def link(url: str, children: list[Node], *, title: str | None, target: str | None, rel: str | None) -> Node:
    return {**_element("link", children), "rel": rel, "target": target, "title": title, "url": url}


def text(value: str, formats: int = 0) -> Node:
    return {
        "detail": 0,
        "format": formats,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": "extended-text",
        "version": 1,
    }


def linebreak() -> Node:
    return {"type": "linebreak", "version": 1}


def append_text(children: list[Node], value: str, formats: int) -> None:
    """Append text, joining it with a text node of the same format before it."""
    if not value:
        return
    if children:
        last = children[-1]
        if last["type"] == "extended-text" and last["format"] == formats:
            last["text"] += value
            return
    children.append(text(value, formats))
