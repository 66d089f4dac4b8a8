"""Inline tokens become inline Lexical nodes, or `NotNative` says why they cannot.

Ghost's renderer (`kg-lexical-html-renderer`, `TextContent.js`) shows text with eight formats, links that hold text,
and line breaks; nothing else may stand inside a paragraph, heading, quote or list item. Formats are a set on each
character, so the order of nesting is free. Raw HTML tags that say exactly one of these things (`<u>`, `<br>`,
`<a href>`…) are taken as such when they nest properly; misnested ones are left to the HTML parser, verbatim.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from ghostsync.lexical import nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from ghostsync.lexical.nodes import Node


class NotNative(Exception):
    """This block has no native form that Ghost would render to an equivalent DOM; the text says why."""


_OPENERS: Final = {
    "strong_open": nodes.BOLD,
    "em_open": nodes.ITALIC,
    "s_open": nodes.STRIKETHROUGH,
    "sub_open": nodes.SUBSCRIPT,
    "sup_open": nodes.SUPERSCRIPT,
    "mark_open": nodes.HIGHLIGHT,
}
_CLOSERS: Final = frozenset(name.replace("_open", "_close") for name in _OPENERS)

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^>]*)?)(/?)>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"""\s+([A-Za-z_:][^\s=/>]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_ENTITY: Final = re.compile(r"&#?[A-Za-z0-9]+;")
_LINK_ATTRIBUTES: Final = frozenset({"href", "title", "rel", "target"})


def inline_nodes(tokens: Sequence[Token]) -> list[Node]:
    """Convert the children of one `inline` token. Raises NotNative."""
    return _Inline().convert(tokens)


class _Inline:
    def __init__(self) -> None:
        self.top: list[Node] = []
        self.out = self.top
        self.formats = 0
        self.open: list[tuple[str, int]] = []

    def convert(self, tokens: Sequence[Token]) -> list[Node]:
        append_text = nodes.append_text
        for token in tokens:
            kind = token.type
            if kind in {"text", "text_special"}:
                append_text(self.out, token.content, self.formats)
            elif kind == "softbreak":
                append_text(self.out, " ", self.formats)
            elif kind in _OPENERS:
                self.open.append((kind[:-5], self.formats))
                self.formats |= _OPENERS[kind]
            elif kind in _CLOSERS:
                self._close(kind[:-6])
            elif kind == "code_inline":
                append_text(self.out, token.content, self.formats | nodes.CODE)
            elif kind == "hardbreak":
                self.out.append(nodes.linebreak())
            elif kind == "link_open":
                self._open_link(_attribute(token, "href"), _attribute(token, "title"), "link")
            elif kind == "link_close":
                self._close_link("link", token.meta.get("attributes") or {})
            elif kind == "html_inline":
                self._html(token.content)
            else:
                raise NotNative(_reason(kind))
        if self.open:
            raise NotNative("HTML tags that do not nest")
        return self.top

    def _close(self, name: str) -> None:
        if not self.open or self.open[-1][0] != name:
            raise NotNative("HTML tags that do not nest")
        self.formats = self.open.pop()[1]

    def _open_link(self, url: str, title: str, name: str) -> None:
        if self.out is not self.top:
            raise NotNative("a link within a link")
        node = nodes.link(url, [], title=title or None, target=None, rel=None)
        self.top.append(node)
        self.open.append((name, self.formats))
        self.out = node["children"]

    def _close_link(self, name: str, attributes: dict[str, str]) -> None:
        self._close(name)
        self.out = self.top
        if unknown := attributes.keys() - _LINK_ATTRIBUTES:
            raise NotNative(f"attribute {min(unknown)} on a link")
        node = self.top[-1]
        if "href" in attributes:
            node["url"] = attributes["href"]
        node.update({key: value for key, value in attributes.items() if key != "href"})
        if not node["url"]:
            raise NotNative("a link without an address")
        if not node["children"]:
            raise NotNative("a link without text")

    def _html(self, source: str) -> None:
        if source.startswith("<!--"):
            raise NotNative("an HTML comment within text")
        tag = _TAG.fullmatch(source)
        if tag is None:
            raise NotNative("raw HTML within text")
        closing, name, rest = tag[1], tag[2].lower(), tag[3].rstrip("/").strip()
        if name == "br" and not rest and not closing:
            self.out.append(nodes.linebreak())
        elif name == "a":
            if closing:
                self._close_link("</a>", {})
            else:
                self._html_link(tag[3])
        elif name in nodes.TAG_FORMATS and not rest and not source.endswith("/>"):
            if closing:
                self._close(f"</{name}>")
            else:
                self.open.append((f"</{name}>", self.formats))
                self.formats |= nodes.TAG_FORMATS[name]
        else:
            raise NotNative(f"HTML within text: <{name}>")

    def _html_link(self, rest: str) -> None:
        found = {
            name.lower(): _attribute_value(double or single or bare or "")
            for name, double, single, bare in _ATTRIBUTE.findall(rest)
        }
        if found.keys() - {"href", "title", "rel"} or "href" not in found:
            raise NotNative("HTML within text: <a>")
        self._open_link(found["href"], found.get("title", ""), "</a>")
        self.top[-1]["rel"] = found.get("rel") or None


def _attribute_value(source: str) -> str:
    value = _ENTITY.sub(lambda match: unescape(match[0]), source)
    if unescape(source) != value:
        # An entity without its semicolon: HTML decodes it or not depending on what follows.
        raise NotNative("HTML within text: <a>")
    return value


def _attribute(token: Token, name: str) -> str:
    return str(token.attrs.get(name) or "")


def _reason(kind: str) -> str:
    match kind:
        case "image":
            return "a picture within text"
        case "footnote_ref":
            return "a footnote"
        case _:
            return kind.replace("_", " ")


def plain_text(tokens: Sequence[Token]) -> str:
    """The text of inline tokens without markup, as CommonMark fills `alt`."""
    parts: list[str] = []
    for token in tokens:
        if token.type in {"text", "text_special", "code_inline"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif token.children:
            parts.append(plain_text(token.children))
    return "".join(parts)
