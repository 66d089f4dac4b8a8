"""Whole card nodes from the few values that differ from Ghost's defaults, as the editor's `exportJSON` writes them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ghostsync.lexical.cards import CARDS

if TYPE_CHECKING:
    from ghostsync.lexical.nodes import Node


def card_node(kind: str, /, **values: Any) -> Node:
    """A card of a known type with every property; `values` are by Ghost's names, dots for nested ones."""
    node: Node = {"type": kind, "version": 1}
    for each in CARDS[kind].properties:
        if each.name in values:
            value = values.pop(each.name)
        else:
            default = each.default
            value = [] if default == () else default if isinstance(default, _PLAIN) else deepcopy(default)
        each.write(node, value)
    if values:
        raise ValueError(f"{kind} has no property {', '.join(values)}")
    return node


_PLAIN = (str, int, float, type(None))
