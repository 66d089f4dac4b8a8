"""From the normal form back to the JSON that the editor writes: `expand_node(normalise_node(n))` is canonical.

Everything that `compile_markdown` emits is a fixed point of this, which is what makes its output comparable byte for
byte and lets the JSON in a `ghost:raw` fence be short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghostsync.lexical import nodes
from ghostsync.lexical.cards import CARDS, Kind, Wrapping
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.richtext import blocks_from_html, html_from_blocks, inline_from_html, paragraph_of

if TYPE_CHECKING:
    from ghostsync.lexical.nodes import Node

_EXTENDED = {plain: extended for extended, plain in nodes.PLAIN_TYPES.items()}


def expand_node(node: Node, *, depth: int = 0) -> Node:
    """The full form of a node in normal form."""
    kind = node.get("type")
    if isinstance(kind, str) and kind in CARDS:
        return _card(node)
    if kind == "text" and isinstance(node.get("text"), str):
        extra = {key: value for key, value in node.items() if key not in {"type", "text", "format"}}
        return {**nodes.text(node["text"], node.get("format", 0)), **extra}
    if kind == "linebreak":
        return nodes.linebreak()
    children = node.get("children")
    if not isinstance(children, list):
        return {**node, "version": node.get("version", 1)} if isinstance(kind, str) else node
    inner = depth + 1 if kind == "list" else depth
    full: dict[str, Any] = {
        "children": [expand_node(each, depth=inner) for each in children],
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "type": _EXTENDED.get(kind, kind) if isinstance(kind, str) else kind,
        "version": 1,
    }
    if kind == "link":
        full |= {"rel": None, "target": None, "title": None}
    if kind == "list":
        ordered = node.get("listType") == "number"
        full |= {"listType": "bullet", "start": 1, "tag": "ol" if ordered else "ul"}
    full |= {key: value for key, value in node.items() if key not in {"children", "type"}}
    if kind == "list":
        _number(full)
    if kind == "listitem":
        full["indent"] = max(0, depth - 1)
    return full


def _number(full: Node) -> None:
    # lexical's updateChildrenListItemValue: an item that only wraps a list does not count.
    value = full["start"] if isinstance(full["start"], int) else 1
    for item in full["children"]:
        if item.get("type") == "listitem":
            item["value"] = value
            inner = item.get("children")
            if not (inner and inner[0].get("type") == "list"):
                value += 1


def _card(node: Node) -> Node:
    card = CARDS[node["type"]]
    values: dict[str, Any] = {}
    for prop in card.properties:
        value = prop.read(node)
        if value is None:
            continue
        if prop.kind is Kind.INLINE and prop.wrapping is Wrapping.PARAGRAPH and _is_bare(value):
            value = paragraph_of(value)
        elif prop.kind is Kind.BLOCKS and isinstance(value, str) and (blocks := blocks_from_html(value)) is not None:
            value = html_from_blocks(blocks, is_directed=True)
        values[prop.name] = value
    full = card_node(card.type, **values)
    for key, value in node.items():
        if key not in full:
            full[key] = value
        elif isinstance(value, dict) and isinstance(full[key], dict):
            full[key] |= {leaf: inner for leaf, inner in value.items() if leaf not in full[key]}
        elif isinstance(full[key], dict) and key not in card.by_name:
            full[key] = value
    if card.type == "gallery" and isinstance(full["images"], list):
        full["images"] = [
            {"row": index // 3, **each} if isinstance(each, dict) else each for index, each in enumerate(full["images"])
        ]
    return full


def _is_bare(value: Any) -> bool:
    """Whether this is a line of rich text without its paragraph; HTML that says more is left as it is."""
    return (
        isinstance(value, str)
        and bool(value)
        and not value.startswith(("<p>", "<p ", "<ul", "<ol", "<h", "<bl"))
        and inline_from_html(value) is not None
    )
