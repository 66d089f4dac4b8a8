"""Old posts: mobiledoc, in as far as a test needs one that can be converted.

Paragraphs, headings, quotes, lists, and the cards whose payload is also the Lexical card's. Ghost converts with
`@tryghost/kg-converters`.
"""

from __future__ import annotations

import json
from typing import Any

_CARD_NAMES = {"hr": "horizontalrule", "code": "codeblock", "card-markdown": "markdown"}
_FORMATS = {"strong": 1, "b": 1, "em": 2, "i": 2, "s": 4, "u": 8, "code": 16, "sub": 32, "sup": 64}


def _element(kind: str, children: list[Any], **rest: Any) -> dict[str, Any]:
    return {"children": children, "direction": "ltr", "format": "", "indent": 0, "type": kind, "version": 1, **rest}


def _text(text: str, bits: int) -> dict[str, Any]:
    return {
        "detail": 0, "format": bits, "mode": "normal", "style": "", "text": text, "type": "extended-text", "version": 1
    }  # fmt: skip


def _markers(markers: list[Any], markups: list[Any]) -> list[Any]:
    children: list[Any] = []
    opened: list[Any] = []
    for kind, opens, closes, value in markers:
        opened.extend(markups[index] for index in opens)
        if kind == 1:
            children.append({"type": "linebreak", "version": 1})
        else:
            bits = sum({_FORMATS.get(markup[0], 0) for markup in opened})
            link = next((markup for markup in opened if markup[0] == "a"), None)
            text = _text(value, bits)
            if link is not None:
                attributes = dict(zip(link[1][::2], link[1][1::2], strict=True))
                text = _element("link", [text], rel=None, target=None, title=None, url=attributes.get("href", ""))
            children.append(text)
        if closes:
            del opened[-closes:]
    return children


def to_lexical(mobiledoc: str) -> str:
    """The Lexical document of a mobiledoc one. KeyError, ValueError or TypeError when it is none."""
    document = json.loads(mobiledoc)
    markups, cards = document["markups"], document["cards"]
    nodes: list[Any] = []
    for section in document["sections"]:
        match section:
            case [1, str() as tag, list() as markers, *_]:
                children = _markers(markers, markups)
                if tag == "p":
                    nodes.append(_element("paragraph", children))
                elif tag == "blockquote":
                    nodes.append(_element("quote", children))
                elif tag == "aside":
                    nodes.append(_element("aside", children))
                else:
                    nodes.append(_element("heading", children, tag=tag))
            case [3, str() as tag, list() as items, *_]:
                listed = [
                    _element("listitem", _markers(item, markups), value=number) for number, item in enumerate(items, 1)
                ]
                kind = "number" if tag == "ol" else "bullet"
                nodes.append(_element("list", listed, listType=kind, start=1, tag=tag))
            case [10, int() as index, *_]:
                name, payload = cards[index]
                nodes.append({"type": _CARD_NAMES.get(name, name), "version": 1, **payload})
            case _:
                raise ValueError("unknown section")
    root = _element("root", nodes or [_element("paragraph", [])])
    return json.dumps({"root": root}, ensure_ascii=False, separators=(",", ":"))
