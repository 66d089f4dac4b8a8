"""The examples of the CommonMark and GFM specifications, and the three ways into Ghost that are compared on them.

The two other ways are what a tool without a compiler does: send HTML with `?source=html`, which Ghost turns into
Lexical with losses, or hide the text in one markdown card, which Ghost renders with its own dialect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ghost_renderer import GhostRenderer, RenderError
from lexical_dom import Equivalence, equivalent
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin

_SPECS = Path(__file__).parents[1] / "fixtures" / "specs"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: its number, its section or extension, the Markdown and the HTML that it must look like."""

    number: int
    section: str
    markdown: str
    html: str


@cache
def commonmark_examples() -> tuple[Example, ...]:
    """Return the 652 examples of CommonMark 0.31.2 with the HTML that the specification gives."""
    rows = json.loads((_SPECS / "commonmark-0.31.2.json").read_text("utf-8"))
    return tuple(
        Example(number=row["example"], section=row["section"], markdown=row["markdown"], html=row["html"])
        for row in rows
    )


@cache
def gfm_examples() -> tuple[Example, ...]:
    """Return the examples of GFM's extensions with the HTML of markdown-it-py and its GFM plugin.

    Not the specification's own: its HTML spells alignment as an attribute that HTML5 dropped, and filters tags
    that an author's own site has every right to.
    """
    parser = MarkdownIt("commonmark", {"html": True}).use(gfm_plugin)
    rows = json.loads((_SPECS / "gfm-0.29-extensions.json").read_text("utf-8"))
    return tuple(
        Example(
            number=row["example"],
            section=row["extension"],
            markdown=row["markdown"],
            html=parser.render(row["markdown"]),
        )
        for row in rows
    )


def failing(
    examples: tuple[Example, ...],
    documents: list[Document | RenderError],
    renderer: GhostRenderer,
    *,
    up_to: Equivalence = Equivalence.EXACT,
) -> list[tuple[Example, str]]:
    """Return the examples whose document Ghost renders to something else, with what it rendered."""
    accepted = [document for document in documents if not isinstance(document, RenderError)]
    rendered = iter(renderer.render_many(accepted))
    wrong: list[tuple[Example, str]] = []
    for example, document in zip(examples, documents, strict=True):
        answer = document if isinstance(document, RenderError) else next(rendered)
        if isinstance(answer, RenderError):
            # An empty root is refused by the renderer; Ghost stores null for it, which is no HTML.
            answer = "" if document_is_empty(document) else f"error: {answer}"
        if not equivalent(example.html, answer, up_to=up_to):
            wrong.append((example, answer))
    return wrong


def document_is_empty(document: Document | RenderError) -> bool:
    """Return whether there is nothing in the document."""
    return not isinstance(document, RenderError) and not document["root"]["children"]


def by_compiler(examples: tuple[Example, ...], compile_one: Callable[[str], Document]) -> list[Document | RenderError]:
    """Return the documents that ghostsync makes."""
    return [compile_one(example.markdown) for example in examples]


def by_source_html(examples: tuple[Example, ...], renderer: GhostRenderer) -> list[Document | RenderError]:
    """Return the documents that Ghost makes of the examples' HTML when it comes with `?source=html`."""
    return list(renderer.source_html_many(example.html for example in examples))


def by_markdown_card(examples: tuple[Example, ...]) -> list[Document | RenderError]:
    """Return documents of one markdown card each."""
    return [
        {"root": {"children": [{"type": "markdown", "version": 1, "markdown": example.markdown}], "type": "root"}}
        for example in examples
    ]
