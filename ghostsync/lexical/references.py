"""The addresses in a document, typed, wherever they stand: in nodes, in HTML, in Markdown.

Push needs them to upload files and to resolve links between documents, pull to do the reverse. `html_addresses` and
`markdown_addresses` find them inside text, with parsers that know where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ghostsync.lexical.cards.definition import ADDRESS_KINDS, RICH_KINDS, Card, Kind, Property
from ghostsync.lexical.html_addresses import Change, ReferenceKind, map_html
from ghostsync.lexical.markdown_addresses import map_markdown
from ghostsync.lexical.nodes import Node

__all__ = ["Reference", "ReferenceKind", "find_references", "map_references", "rewrite_references"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One address: `value` is what it says, free of the escapes of the place where it stands."""

    kind: ReferenceKind
    value: str


_KINDS: Final = {
    Kind.LINK: ReferenceKind.LINK,
    Kind.IMAGE: ReferenceKind.IMAGE,
    Kind.MEDIA: ReferenceKind.MEDIA,
    Kind.FILE: ReferenceKind.FILE,
}


def find_references(document: Node) -> tuple[Reference, ...]:
    """Return every address in a Lexical document (or one node of it), in the order of the text."""
    found: list[Reference] = []

    def note(kind: ReferenceKind, value: str) -> str:
        found.append(Reference(kind=kind, value=value))
        return value

    map_references(document, note)
    return tuple(found)


def rewrite_references(document: Node, mapping: Mapping[str, str]) -> Node:
    """Return the document with every address that is a key of `mapping` replaced by its value."""
    if not mapping:
        return document
    return map_references(document, lambda _, value: mapping.get(value, value))


def map_references(document: Node, change: Change) -> Node:
    """Return the document with every address replaced by what `change` makes of it. The input is not touched."""
    root = document.get("root")
    if isinstance(root, dict):
        return {**document, "root": _map_tree(root, change)}
    return _map_tree(document, change)


def _map_tree(top: Node, change: Change) -> Node:
    """Copy a tree of nodes without recursion: hostile documents nest deeper than Python's stack."""
    holder: list[Any] = [top]
    waiting = [(holder, 0)]
    while waiting:
        siblings, place = waiting.pop()
        if not isinstance(siblings[place], dict):
            continue
        node = siblings[place] = _map_node(siblings[place], change)
        children = node.get("children")
        if isinstance(children, list):
            fresh = node["children"] = list(children)
            waiting.extend((fresh, index) for index in reversed(range(len(fresh))))
    made: Node = holder[0]
    return made


def _map_node(node: Node, change: Change) -> Node:
    from ghostsync.lexical.cards import CARDS  # noqa: PLC0415 (the cards' forms import this module's neighbours)

    kind = node.get("type")
    if kind in {"link", "at-link"}:
        url = node.get("url")
        return {**node, "url": change(ReferenceKind.LINK, url)} if isinstance(url, str) and url else dict(node)
    card = CARDS.get(kind) if isinstance(kind, str) else None
    return dict(node) if card is None else _map_card(node, card, change)


def _map_card(node: Node, card: Card, change: Change) -> Node:
    copy = dict(node)
    for prop in card.properties:
        value = prop.read(copy)
        if value in (None, ""):
            continue
        new = _map_value(prop, value, change)
        if new is not value and new != value:
            parent = prop.name.rpartition(".")[0]
            if parent:
                copy[parent] = dict(copy[parent])
            prop.write(copy, new)
    return copy


def _map_value(prop: Property, value: Any, change: Change) -> Any:
    if prop.items and isinstance(value, list):
        return [_map_item(prop, item, change) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, str):
        return value
    if prop.kind in ADDRESS_KINDS:
        return change(_KINDS[prop.kind], value)
    if prop.kind in RICH_KINDS or prop.kind is Kind.HTML:
        return map_html(value, change)
    if prop.kind is Kind.MARKDOWN:
        return map_markdown(value, change)
    return value


def _map_item(prop: Property, item: Node, change: Change) -> Node:
    copy = dict(item)
    for part in prop.items:
        value = part.read(copy)
        if value not in (None, ""):
            part.write(copy, _map_value(part, value, change))
    return copy
