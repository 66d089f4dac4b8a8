"""Rich text of card properties: Markdown in documents, HTML in Ghost.

Markdown that Ghost's text nodes can say becomes canonical HTML; any other Markdown (a `<kbd>`, a table in a toggle)
becomes its CommonMark HTML. References to definitions elsewhere in the document are not followed: a property must
mean the same wherever its card is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ghostsync.lexical.dialect import Dialect, parser_for
from ghostsync.lexical.inline import NotNative, inline_nodes
from ghostsync.lexical.richtext import html_from_blocks, html_from_inline
from ghostsync.lexical.structure import blocks_of, structure_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


def inline_html(markdown: str) -> str:
    """HTML of one line of Markdown; white space around it does not count."""
    md = parser_for(Dialect.GHOST, markdown)
    env: dict[str, Any] = {}
    tokens = md.parseInline(markdown.strip(), env)
    children = tokens[0].children or []
    try:
        return html_from_inline(inline_nodes(children))
    except NotNative:
        return str(md.renderer.render(tokens, md.options, env)).strip()


def blocks_html(markdown: str) -> str:
    """HTML of Markdown paragraphs, lists and so on."""
    env: dict[str, Any] = {}
    return html_of_tokens(parser_for(Dialect.GHOST, markdown).parse(markdown, env), env)


def html_of_tokens(tokens: Sequence[Token], env: dict[str, Any], *, is_directed: bool = False) -> str:
    """HTML of block tokens: canonical where every block is rich text, CommonMark's otherwise."""
    md = parser_for(Dialect.GHOST)
    try:
        blocks = []
        for start, end in blocks_of(tokens):
            blocks.append(structure_node(tokens[start:end]))
        return html_from_blocks(blocks, is_directed=is_directed)
    except NotNative:
        return str(md.renderer.render(tokens, md.options, env)).strip("\n")
