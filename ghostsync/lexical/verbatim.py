"""Blocks that Ghost's nodes cannot say: one card that shows the same, chosen by comparing what both would render.

First choice is a `markdown` card with the author's own text, because an editor can go on writing in it. It is taken
only if the model of Ghost's renderer gives the very HTML that CommonMark gives (so a soft line end, which Ghost turns
into `<br>`, or a task list rules it out) and the HTML closes all it opens, since Ghost passes a Markdown card through
an HTML parser of its own. Otherwise an `html` card holds the CommonMark HTML. Comparing HTML strings is stricter
than comparing DOMs; the price of strictness is an `html` card.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from markdown_it.common.utils import normalizeReference

from ghostsync.lexical.blocks import Form, Verdict
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.dialect import Dialect, parser_for
from ghostsync.lexical.open_html import OpenHtml
from ghostsync.lexical.spell_inline import spell_definition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from ghostsync.lexical.nodes import Node

VOID_TAGS: Final = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    }
)  # fmt: skip
#: What Ghost's renderer takes for a heading although no space follows the number sign.
_LAZY_HEADING: Final = re.compile(r"(?:^|\n)[ \t]*#")
_LABEL: Final = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]", re.DOTALL)
#: Attributes that we read into the node; in HTML they would be noise or worse.
_OWN_ATTRIBUTES: Final = frozenset({"caption"})


def verbatim_card(
    source: str, tokens: Sequence[Token], md: MarkdownIt, env: dict[str, Any], reason: str, *, dialect: Dialect
) -> tuple[Node, Verdict]:
    """The card that shows a block as CommonMark does. `source` is the block's own text, `tokens` all its tokens."""
    _spread_attributes(tokens)
    is_alone = not _has_footnotes(tokens)
    needed = _definitions(source, env)
    if is_alone and dialect is Dialect.GHOST and not needed and _is_plainly_alike(tokens):
        return card_node("markdown", markdown=source), Verdict(form=Form.MARKDOWN_CARD, reason=reason)
    html = str(md.renderer.render(tokens, md.options, env)).strip("\n")
    if is_alone:
        text = f"{source}\n\n{needed}" if needed else source
        if _koenig(text) == html and (not has_html(tokens) or is_balanced(html)):
            return card_node("markdown", markdown=text), Verdict(form=Form.MARKDOWN_CARD, reason=reason)
    return card_node("html", html=html), Verdict(form=Form.HTML_CARD, reason=reason)


def _has_footnotes(tokens: Sequence[Token]) -> bool:
    """Whether a block is numbered with others of the text, so that no card of its own can show it."""
    return any(
        token.type == "footnote_block_open" or any(child.type == "footnote_ref" for child in token.children or ())
        for token in tokens
    )


def has_html(tokens: Sequence[Token]) -> bool:
    """Whether the author wrote HTML anywhere in a block; without it, what is rendered closes what it opens."""
    return any(
        token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ())
        for token in tokens
    )


def _is_plainly_alike(tokens: Sequence[Token]) -> bool:
    """Whether the two dialects read this block alike for want of anything that they read differently.

    They differ in soft line ends, bare addresses, headings without a space, attributes, task lists, footnotes and
    definitions elsewhere. This spares the second parse for most tables; no is always a safe answer.
    """
    for token in tokens:
        if token.type == "html_block" or _LAZY_HEADING.search(token.content):
            return False
        for child in token.children or ():
            kind = child.type
            if kind in {"softbreak", "html_inline"} or child.info == "auto" or child.meta:
                return False
            if kind == "text" and ("//" in child.content or "@" in child.content or "mailto:" in child.content):
                return False
    return True


def raw_html_card(html: str) -> tuple[Node, Verdict]:
    """The card of an HTML block. Ghost wraps `html` cards in comments, which must not end up inside an open tag."""
    if OpenHtml(html).is_open:
        return card_node("markdown", markdown=html), Verdict(
            form=Form.MARKDOWN_CARD, reason="raw HTML whose last tag is not closed"
        )
    return card_node("html", html=html), Verdict(form=Form.RAW_HTML)


def swallowing_card(source: str, html: str) -> tuple[Node, Verdict]:
    """The card of HTML that swallows the blocks after it, with all of them inside.

    In cards of their own, the comments and line ends that Ghost puts between cards would be swallowed too, and shown.
    """
    if OpenHtml(html).is_open:
        reason = "raw HTML whose last tag is not closed"
        return card_node("markdown", markdown=source), Verdict(form=Form.MARKDOWN_CARD, reason=reason)
    return card_node("html", html=html), Verdict(form=Form.RAW_HTML)


def _koenig(text: str) -> str:
    # With a line end, as every block but perhaps the last has one: code that nothing closes would lack its own.
    return str(parser_for(Dialect.KOENIG).render(text + "\n")).strip("\n")


def _spread_attributes(tokens: Sequence[Token]) -> None:
    for token in tokens:
        for child in token.children or ():
            for name, value in (child.meta.get("attributes") or {}).items():
                if child.type == "image" and name not in _OWN_ATTRIBUTES:
                    child.attrSet(name, value)


def _definitions(source: str, env: dict[str, Any]) -> str:
    """The link definitions that `source` may use, spelt so that no context can change them."""
    references: dict[str, Any] = env.get("references") or {}
    if not references:
        return ""
    found: dict[str, str] = {}
    for match in _LABEL.finditer(source):
        label = normalizeReference(match[1])
        reference = references.get(label)
        if reference is not None and label not in found:
            found[label] = spell_definition(match[1], str(reference["href"]), str(reference["title"]))
    return "\n".join(found.values())


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.balanced = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in VOID_TAGS:
            self.balanced = False  # HTML reads `<div/>` as `<div>`

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.balanced = False


def is_balanced(html: str) -> bool:
    """Whether every tag is closed in order, so that an HTML parser gives back what it was given."""
    parser = _Balance()
    try:
        parser.feed(html)
        unread = parser.rawdata
        parser.close()
    except AssertionError:
        return False
    return parser.balanced and not parser.open and "<" not in unread
