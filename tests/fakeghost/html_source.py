"""`?source=html`: enough of Ghost's HTML to Lexical conversion that a client of that way can be tested.

Headings, paragraphs and rules become native nodes of plain text; anything else becomes one HTML card. Real Ghost keeps
inline formats, lists and figures.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

_BLOCK = re.compile(r"\s*(?:<(h[1-6]|p)(?:\s[^>]*)?>([^<]*)</\1>|<(hr)\s*/?>)\s*", re.IGNORECASE)


def html_to_lexical(source: str) -> str:
    """A Lexical document, as a JSON string."""
    nodes: list[dict[str, Any]] = []
    position = 0
    while position < len(source):
        block = _BLOCK.match(source, position)
        if block is None:
            nodes.append({"type": "html", "version": 1, "html": source[position:].strip()})
            break
        nodes.append(_node(block))
        position = block.end()
    root = _element("root", nodes)
    return json.dumps({"root": root}, ensure_ascii=False, separators=(",", ":"))


def _node(block: re.Match[str]) -> dict[str, Any]:
    if block[3]:
        return {"type": "horizontalrule", "version": 1}
    tag = block[1].lower()
    text = {
        "detail": 0, "format": 0, "mode": "normal", "style": "", "text": html.unescape(block[2]),
        "type": "extended-text", "version": 1,
    }  # fmt: skip
    return _element("paragraph", [text]) if tag == "p" else {**_element("heading", [text]), "tag": tag}


def _element(kind: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"children": children, "direction": "ltr", "format": "", "indent": 0, "type": kind, "version": 1}
