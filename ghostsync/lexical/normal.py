"""One form for all Lexical that means the same to a reader, so that documents can be compared.

Ghost and its editor rewrite what they hold: they add defaults, wrap rich text in spans, split text nodes, make
addresses absolute, leave empty paragraphs behind. A sync tool that compared JSON would see an edit in every post.
The normal form keeps what Ghost's renderer or editor shows differently, and nothing else; a property that Ghost
would read as its default is left out. It is a plain walk over the tree without recursion limits of note and without
Markdown, since it runs over every post of a site.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ghostsync.errors import ContentError
from ghostsync.lexical.cards import ADDRESS_KINDS, CARDS, Kind
from ghostsync.lexical.cards.visibility import current_form
from ghostsync.lexical.nodes import PLAIN_TYPES
from ghostsync.lexical.richtext import (
    blocks_from_html,
    has_plain_tags,
    html_from_blocks,
    html_from_inline,
    inline_from_html,
)
from ghostsync.lexical.site_addresses import addresses_of, in_text, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from ghostsync.lexical.cards import Property
    from ghostsync.lexical.nodes import Node

#: Deeper trees are refused: Ghost's own renderer recurses, and so must every JSON parser on the way.
MAX_DEPTH: Final = 200

_TEXT_TYPES: Final = frozenset({"text", "tab", "tk"})
_DROPPED_INLINE: Final = frozenset({"zwnj", "at-link", "at-link-search"})
_NOISE: Final = frozenset({"type", "version", "direction", "format", "indent", "children", "detail", "mode", "style"})
_PLACEHOLDER_CODE: Final = re.compile(r"<code>([^<]*\{[^<]*\}[^<]*)</code>")


def normalise_lexical(document: Node, *, site_url: str | None = None) -> Node:
    """The normal form of a document; equal for documents that differ only in what Ghost or its editor rewrites.

    With `site_url`, absolute addresses of the site, `__GHOST_URL__` and root-relative ones become root-relative.
    Raises ContentError for what is not a Lexical document or nests deeper than Ghost can.
    """
    address = addresses_of(site_url)
    children = [node for each in root_children(document) if (node := _node(each, address, 0)) is not None]
    while children and children[-1] == {"type": "paragraph", "children": []}:
        children.pop()
    return {"root": {"type": "root", "children": children}}


def normalise_node(node: Node) -> Node:
    """The normal form of one top-level node."""
    found = _node(node, unchanged, 0)
    return {"type": node.get("type", ""), "children": []} if found is None else found


def root_children(document: Any) -> list[Any]:
    """The top-level nodes of a document. Raises ContentError if it is none."""
    root = document.get("root") if isinstance(document, dict) else None
    children = root.get("children") if isinstance(root, dict) else None
    if not isinstance(children, list):
        raise ContentError("not a Lexical document: it has no root with children")
    return children


def _node(node: Any, address: Callable[[str], str], depth: int) -> Node | None:
    if not isinstance(node, dict):
        return {"type": "", "value": node}
    if depth > MAX_DEPTH:
        raise ContentError(f"a Lexical document nested deeper than {MAX_DEPTH} levels")
    kind = node.get("type")
    if kind in _DROPPED_INLINE:
        return None
    card = CARDS.get(kind) if isinstance(kind, str) else None
    if card is not None:
        return _card(node, card.properties, address)
    kind = PLAIN_TYPES.get(kind, kind) if isinstance(kind, str) else kind
    if kind in _TEXT_TYPES and isinstance(node.get("text"), str):
        out: Node = {"type": "text", "text": node["text"]}
        if (bits := node.get("format")) and isinstance(bits, int):
            out["format"] = bits
        out.update({key: value for key, value in node.items() if key not in _NOISE and key != "text"})
        return out
    children = node.get("children")
    if not isinstance(children, list):
        if kind == "linebreak":
            return {"type": "linebreak"}
        return {key: value for key, value in node.items() if key != "version"}
    out = {"type": kind}
    for key, value in node.items():
        if key not in _NOISE and not _is_noise(kind, key, value):
            out[key] = address(value) if key == "url" and isinstance(value, str) else value
    out["children"] = _children(children, address, depth)
    return out


def _is_noise(kind: Any, key: str, value: Any) -> bool:
    match kind, key:
        case "link", "title" | "target" | "rel":
            return value is None or value == ""
        case "list", "tag":
            return True
        case "list", "start":
            return bool(value == 1)
        case "listitem", "value":
            return True
        case "listitem", "checked":
            return value is None or value is False
        case _:
            # What newer editors add to every element, empty unless used.
            return (key == "textFormat" and value == 0) or (key == "textStyle" and value == "")


def _children(children: list[Any], address: Callable[[str], str], depth: int) -> list[Node]:
    out: list[Node] = []
    for child in children:
        node = _node(child, address, depth + 1)
        if node is None:
            if child.get("type") == "at-link":
                _trim_before_at_link(out)
            continue
        if node.get("type") == "text":
            if node["text"] == "":
                continue
            last = out[-1] if out else None
            if last is not None and last.get("type") == "text" and _same_style(last, node):
                last["text"] += node["text"]
                continue
        out.append(node)
    return out


def _same_style(one: Node, other: Node) -> bool:
    return one.get("format") == other.get("format") and len(one) == len(other) == 2 + ("format" in one)


def _trim_before_at_link(out: list[Node]) -> None:
    # kg-default-transforms, remove-at-link-nodes.js: the space that the editor put before it goes too.
    if out and out[-1].get("type") == "text" and out[-1]["text"].endswith(" "):
        out[-1]["text"] = out[-1]["text"][:-1]
        if not out[-1]["text"]:
            out.pop()


def _card(node: Node, properties: tuple[Property, ...], address: Callable[[str], str]) -> Node:
    out: Node = {"type": node["type"]}
    known = {"type", "version"}
    for prop in properties:
        known.add(prop.name)
        value = prop.read(node)
        if value is None or prop.is_default(value):
            continue
        value = _value(prop, value, address)
        is_rich_default = prop.kind is Kind.INLINE and prop.default and value == inline_form(prop.default)
        if not is_rich_default and not prop.is_default(value):
            prop.write(out, value)
    if node["type"] == "header" and out.get("backgroundColor") != "accent":
        # The editor puts its own accent colour there when it opens the card; only an accent background shows it.
        out.pop("accentColor", None)
    holders = {prop.name.partition(".")[0] for prop in properties if "." in prop.name}
    for key, value in node.items():
        if key in holders and isinstance(value, dict):
            for leaf, inner in value.items():
                if f"{key}.{leaf}" not in known:
                    out.setdefault(key, {})[leaf] = inner
        elif key not in known and not (key in holders and value is None):
            out[key] = value
    return out


def _value(prop: Property, value: Any, address: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        if prop.kind in ADDRESS_KINDS:
            return address(value)
        if prop.kind is Kind.INLINE:
            return inline_form(value, address)
        if prop.kind is Kind.BLOCKS:
            form = blocks_form(value, address)
            # kg-clean-basic-html, removeCodeWrappers.
            return _PLACEHOLDER_CODE.sub(r"\1", form) if prop.has_placeholders and "<code>" in form else form
        if prop.kind in {Kind.HTML, Kind.MARKDOWN} and address is not unchanged:
            return in_text(value, address)
        return value
    if prop.kind is Kind.VISIBILITY:
        return current_form(value)
    if prop.items and isinstance(value, list):
        return [
            _picture(each, index, prop.items, address) if isinstance(each, dict) else each
            for index, each in enumerate(value)
        ]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    return value


def _picture(
    each: dict[str, Any], index: int, items: tuple[Property, ...], address: Callable[[str], str]
) -> dict[str, Any]:
    out = _card({"type": "", **each}, items, address)
    del out["type"]
    if each.get("row") == index // 3:
        out.pop("row", None)
    elif "row" in each:
        out["row"] = each["row"]
    return out


def inline_form(html: str, address: Callable[[str], str] = unchanged) -> str:
    """Canonical HTML of a line of rich text."""
    if "<" not in html and "&" not in html and ">" not in html:
        return html
    return _rich(html, address, blocks=False)


def blocks_form(html: str, address: Callable[[str], str] = unchanged) -> str:
    """Canonical HTML of rich text in paragraphs."""
    return _rich(html, address, blocks=True)


def _rich(html: str, address: Callable[[str], str], *, blocks: bool) -> str:
    children = blocks_from_html(html) if blocks else inline_from_html(html)
    if children is None:
        stripped = _strip_editor_markup(html)
        if stripped != html:
            return _rich(stripped, address, blocks=blocks)
        return html if address is unchanged else in_text(html, address)
    tidy = _children(children, address, 0)
    if not blocks:
        return html_from_inline(tidy)
    return html_from_blocks([{"start": 1, **each} if each["type"] == "list" else each for each in tidy])


_SPAN: Final = re.compile(r'<span style="white-space: ?pre-wrap;?">((?:(?!</?span\b).)*)</span>', re.DOTALL)
_STYLE: Final = re.compile(r'(<[a-z0-9]+(?: (?!style=)[a-z-]+="[^"<>]*")*) style="white-space: ?pre-wrap;?"')


_WRAPPED: Final = re.compile(
    r"<([bi])>(?=<(strong|em|code|mark|sub|sup|span|[bi])\b)((?:(?!</?\1\b).)*</\2>)</\1>", re.DOTALL
)


def _strip_editor_markup(html: str) -> str:
    """HTML that says more than rich text can, without what the editor put around every word of it."""
    if not has_plain_tags(html):
        return html
    while (unwrapped := _SPAN.sub(r"\1", _WRAPPED.sub(_unwrapped, html))) != html:
        html = unwrapped
    return _STYLE.sub(r"\1", html)


def _unwrapped(match: re.Match[str]) -> str:
    """The `b` or `i` around an element of the editor's as the format it stands for, where that does not say it."""
    tag, inner = "strong" if match[1] == "b" else "em", match[3]
    if "white-space:" not in inner:
        return match[0]
    return inner if inner.startswith(f"<{tag} ") else f"<{tag}>{inner}</{tag}>"
