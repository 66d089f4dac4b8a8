"""Small Lexical documents for the contract's tests."""

from __future__ import annotations

import json
from typing import Any

BLANK: dict[str, Any] = {
    "children": [{"children": [], "direction": None, "format": "", "indent": 0, "type": "paragraph", "version": 1}],
    "direction": None,
    "format": "",
    "indent": 0,
    "type": "root",
    "version": 1,
}


def text(words: str, *, bits: int = 0) -> dict[str, Any]:
    return {
        "detail": 0, "format": bits, "mode": "normal", "style": "", "text": words, "type": "extended-text", "version": 1
    }  # fmt: skip


def element(kind: str, *children: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {
        "children": list(children), "direction": "ltr", "format": "", "indent": 0, "type": kind, "version": 1, **rest
    }  # fmt: skip


def paragraph(words: str) -> dict[str, Any]:
    return element("paragraph", text(words))


def link(words: str, url: str) -> dict[str, Any]:
    return element("link", text(words), rel=None, target=None, title=None, url=url)


def card(kind: str, **properties: Any) -> dict[str, Any]:
    return {"type": kind, "version": 1, **properties}


def compact(value: Any) -> str:
    """As JavaScript writes it, and as Ghost stores it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def document(*nodes: dict[str, Any], **root: Any) -> str:
    """A document; `root` are further properties of its root, such as `ghostsync`."""
    return compact({"root": {**element("root", *nodes), **root}})
