"""The places in a document that a link can name: headings, as Ghost names them, and ids in HTML.

Ghost makes a heading's id from its text (`slugify` of `@tryghost/kg-utils`) and numbers repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ghostsync.model import Lexical

_HEADINGS = frozenset({"heading", "extended-heading"})
_MARKUP = frozenset({"html", "markdown"})
_SYMBOLS = re.compile(r"[\]\[!\"#$%&'()*+,./:;<=>?@\\^_{|}~]")
_ID = re.compile(r"""\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(
    r"^ {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$|^(.+)\n {0,3}(?:=+|-+)[ \t]*$", re.MULTILINE
)
# Made by Ghost's Markdown card for footnotes.
_FOOTNOTE = re.compile(r"fn(?:ref)?\d+(?::\d+)?")


def heading_id(text: str) -> str:
    """Return the id that Ghost gives a heading, before numbering, not percent-encoded."""
    bare = re.sub(r"\s+", "-", _SYMBOLS.sub("", text.strip().lower()))
    return re.sub(r"^-|-{2,}|-$", "", bare)


def has_anchor(places: frozenset[str], name: str) -> bool:
    """Whether a link to `#name` (not percent-encoded) finds something among a document's places."""
    return name in places or bool(_FOOTNOTE.fullmatch(name))


def anchors_of(document: Lexical) -> frozenset[str]:
    """Return the names of all places in a document; what Ghost makes for footnotes is left out."""
    return frozenset(_anchors(document))


def _anchors(document: Lexical) -> Iterator[str]:
    seen: dict[str, int] = {}
    waiting: list[Any] = [document.get("root", {})]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        kind = node.get("type")
        if kind in _HEADINGS:
            plain = heading_id(_text(node))
            yield plain
            if plain in seen:
                yield f"{plain}-{seen[plain]}"
            seen[plain] = seen.get(plain, 0) + 1
            continue
        if kind in _MARKUP:
            markup = str(node.get("html") or node.get("markdown") or "")
            yield from (next(filter(None, found.groups()), "") for found in _ID.finditer(markup))
            if kind == "markdown":
                yield from (heading_id(found[1] or found[2]) for found in _MARKDOWN_HEADING.finditer(markup))
        children = node.get("children")
        if isinstance(children, list):
            waiting.extend(reversed(children))


def _text(node: dict[str, Any]) -> str:
    pieces: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            pieces.append(str(one.get("text", "")) if "text" in one else "")
            children = one.get("children")
            waiting.extend(reversed(children) if isinstance(children, list) else ())
    return "".join(pieces)
