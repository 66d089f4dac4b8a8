"""Block tokens become paragraphs, headings, quotes and lists, or `NotNative` says why they cannot.

What Ghost's renderer can show (`kg-lexical-html-renderer`, `transformers/element/`): a quote holds one run of inline
content, so its paragraphs are joined by two line breaks; a list item holds one line, and a nested list stands in an
item of its own right after it; the renderer puts that list into the item before it. So an item may have at most one
paragraph followed by at most one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ghostsync.lexical import nodes
from ghostsync.lexical.inline import NotNative, inline_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from ghostsync.lexical.nodes import Node

#: ECMAScript's WhiteSpace and LineTerminator.
_JS_SPACE: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_LISTS: Final = frozenset({"bullet_list_open", "ordered_list_open"})


def blocks_of(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Index ranges of the blocks at the level of the first token."""
    position, count = 0, len(tokens)
    while position < count:
        end = position + 1
        if tokens[position].type == "footnote_block_open":
            end = count  # the notes come last, and the plugin's levels do not nest
        elif tokens[position].nesting == 1:
            level = tokens[position].level
            while tokens[end].level != level or tokens[end].nesting != -1:
                end += 1
            end += 1
        yield position, end
        position = end


def structure_node(tokens: Sequence[Token]) -> Node:
    """The node of one paragraph, heading, quote or list, given all its tokens. Raises NotNative."""
    opener = tokens[0]
    match opener.type:
        case "paragraph_open":
            children = inline_nodes(tokens[1].children or ())
            if is_blank(children):
                # LexicalHTMLRenderer leaves out a last paragraph whose text is only white space.
                raise NotNative("a paragraph without text")
            return nodes.paragraph(children)
        case "heading_open":
            return nodes.heading(int(opener.tag[1]), inline_nodes(tokens[1].children or ()))
        case "blockquote_open":
            return nodes.quote(joined_paragraphs(tokens[1:-1], within="a quote"))
        case "bullet_list_open" | "ordered_list_open":
            return list_structure(tokens, depth=0)
        case kind:
            raise NotNative(describe(kind))


def is_blank(children: Sequence[Node]) -> bool:
    """Whether JavaScript's `trim` leaves nothing of the text of inline nodes."""
    return all(is_blank(node["children"]) if "children" in node else not _trimmed(node) for node in children)


def _trimmed(node: Node) -> str:
    return str(node.get("text", "")).strip(_JS_SPACE)


def joined_paragraphs(tokens: Sequence[Token], *, within: str) -> list[Node]:
    """The inline nodes of plain paragraphs with two line breaks between them. Raises NotNative."""
    out: list[Node] = []
    for start, end in blocks_of(tokens):
        if tokens[start].type != "paragraph_open":
            raise NotNative(f"{describe(tokens[start].type)} within {within}")
        if start:
            out += (nodes.linebreak(), nodes.linebreak())
        out += inline_nodes(tokens[start + 1 : end][0].children or ())
    return out


def list_structure(tokens: Sequence[Token], *, depth: int) -> Node:
    """The node of a list, given all its tokens. Raises NotNative."""
    opener = tokens[0]
    if "task-list" in str(opener.attrs.get("class", "")):
        raise NotNative("a task list")
    ordered = opener.type == "ordered_list_open"
    start = int(opener.attrs.get("start", 1)) if ordered else 1
    items: list[Node] = []
    value = start
    position, last = 1, len(tokens) - 1
    while position < last:
        end = position + 1
        level = tokens[position].level
        while tokens[end].level != level:
            end += 1
        value = _append_item(items, tokens[position + 1 : end], value=value, depth=depth)
        position = end + 1
    return nodes.list_node(ordered=ordered, start=start, items=items)


def _append_item(items: list[Node], tokens: Sequence[Token], *, value: int, depth: int) -> int:
    line: list[Node] = []
    nested: Node | None = None
    for index, (start, end) in enumerate(blocks_of(tokens)):
        kind = tokens[start].type
        if kind == "paragraph_open" and index == 0:
            line = inline_nodes(tokens[start + 1].children or ())
        elif kind in _LISTS and nested is None:
            nested = list_structure(tokens[start:end], depth=depth + 1)
        elif kind == "paragraph_open":
            raise NotNative("a list item of several paragraphs")
        else:
            raise NotNative(f"{describe(kind)} within a list")
    items.append(nodes.list_item(line, value=value, depth=depth))
    if nested is not None:
        # The value of the wrapping item is that of the next one: lexical counts only items that hold text.
        items.append(nodes.list_item([nested], value=value + 1, depth=depth))
    return value + 1


_NAMES: Final = {
    "paragraph_open": "a paragraph",
    "heading_open": "a heading",
    "blockquote_open": "a quote",
    "bullet_list_open": "a list",
    "ordered_list_open": "a list",
    "fence": "code",
    "code_block": "code",
    "html_block": "raw HTML",
    "hr": "a rule",
    "table_open": "a table",
    "footnote_block_open": "footnotes",
    "container_card_open": "a container",
}


def describe(kind: str) -> str:
    """A token type in words, for the reasons of verdicts."""
    return _NAMES.get(kind, kind.removesuffix("_open").replace("_", " "))
