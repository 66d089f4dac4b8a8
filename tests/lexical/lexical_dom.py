"""When two pieces of HTML are the same page: the equivalence that the compiler is measured by.

Both sides are read by an HTML5-conforming parser (html5lib: what a browser would build, unclosed tags and
misnesting included) and brought to one canonical tree in which these differences are gone, and no others:

- white space, collapsed as a browser does outside `pre`, at block edges and around `<br>`;
- heading ids, `loading`, `rel`, the `title` of a link (Ghost keeps it in the node and does not render it),
  classes that begin with `kg-`, comments, and one line end before `</pre>` (a browser shows none);
- Ghost's figure around an image card, and the paragraph around an image that is alone in it;
- `del` is `s`;
- a quote of plain paragraphs is their text joined by `<br><br>`;
- a loose list whose items have one paragraph each (nested lists may follow it) is the tight list;
- inline formats are a set on each character, and so is the link: order of nesting and nested identical emphasis
  do not count.

Everything else counts, unknown elements and attributes too. An image keeps the formats and the link around it.
A link, a paragraph or a caption with nothing in it counts only in the exact equivalence, the one that ghostsync is held
to; the figures for other ways into Ghost are given in the milder one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

FORMATS = {
    "strong": "strong",
    "em": "em",
    "s": "s",
    "del": "s",
    "u": "u",
    "code": "code",
    "sub": "sub",
    "sup": "sup",
    "mark": "mark",
}
_BLOCK_NAMES = """
    address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt
    fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr legend li main
    menu nav noframes ol option p pre search section summary table tbody td tfoot th thead tr ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
VERBATIM = frozenset({"pre", "textarea", "listing"})
# Present or not: the value says nothing (HTML Living Standard, boolean attributes).
BOOLEAN = frozenset({"checked", "disabled", "hidden", "open", "controls", "autoplay", "loop", "muted", "reversed"})
# One unit of text flow, with nothing inside.
VOID = frozenset({"img", "input", "wbr", "embed", "area", "source", "track", "param", "meta", "link", "base"})
_BEFORE = "<!DOCTYPE html><html><head></head><body>"
# The span that Ghost's editor puts around every piece of rich text in a card.
_PRE_WRAP = (("style", "white-space: pre-wrap;"),)
# What the editor puts around bold and italic text, outside the element with that style (lexical's exportDOM).
_EDITOR_WRAPPERS = {"b": "strong", "i": "em"}
_SPACE = " \t\n\r\f"

Attributes = tuple[tuple[str, str], ...]
Token = tuple[Any, ...]
Tree = tuple[Any, ...]


class Equivalence(Enum):
    """How much counts.

    `SEEN`: what a reader can see. `EXACT`: links and paragraphs without content, the spans of Ghost's editor, and white
    space in `textarea`, which a browser's own innerHTML does not keep, too.
    """

    SEEN = auto()
    EXACT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """What surrounds a character: formats, the link, and whether white space is shown as it is."""

    formats: frozenset[Any] = frozenset()
    link: Attributes | None = None
    verbatim: bool = False
    up_to: Equivalence = Equivalence.EXACT


@dataclass(slots=True)
class _Flow:
    """Inline content being gathered: tokens, with the white space already collapsed."""

    tokens: list[Token] = field(default_factory=list)
    blocks: list[Tree] = field(default_factory=list)
    pending: Token | None = None

    def add_text(self, text: str, style: _Style) -> None:
        for char in text:
            if char in _SPACE and not style.verbatim:
                if self._wants_space():
                    self.pending = self.pending or ("char", " ", style.formats, style.link)
                continue
            self._add(("char", char, style.formats, style.link))

    def _wants_space(self) -> bool:
        """No space is shown where a line begins: at the start of a block and after a line break."""
        for token in reversed(self.tokens):
            if token[0] in {"open", "close"}:
                continue
            return token[0] != "br"
        return False

    def _add(self, token: Token) -> None:
        if self.pending is not None:
            self.tokens.append(self.pending)
            self.pending = None
        self.tokens.append(token)

    def add_atom(self, token: Token) -> None:
        self._add(token)

    def add_edge(self, token: Token) -> None:
        """An opaque inline element begins or ends: it is no character, white space collapses across it."""
        if token[0] == "open" and self.pending is not None:
            self._add(token)
        else:
            self.tokens.append(token)

    def add_break(self) -> None:
        self.pending = None
        self.tokens.append(("br",))

    def add_block(self, block: Tree) -> None:
        self.end_line()
        self.blocks.append(block)

    def end_line(self) -> None:
        self.pending = None
        if self.tokens:
            self.blocks.append(("inline", _runs(self.tokens)))
            self.tokens = []

    def finish(self) -> tuple[Tree, ...]:
        self.end_line()
        return tuple(self.blocks)


def _runs(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Join characters of the same formats and link, so that a difference prints as text."""
    joined: list[Token] = []
    for token in tokens:
        if token[0] == "char" and joined and joined[-1][0] == "text" and joined[-1][2:] == token[2:]:
            joined[-1] = ("text", joined[-1][1] + token[1], *token[2:])
        elif token[0] == "char":
            joined.append(("text", *token[1:]))
        else:
            joined.append(token)
    return tuple(joined)


def _attributes(element: Element, tag: str) -> Attributes:
    kept = dict(element.attrib)
    kept.pop("loading", None)
    if tag in HEADINGS:
        kept.pop("id", None)
    if tag == "a":
        kept.pop("rel", None)
        kept.pop("title", None)
    if tag in {"a", "p"} and kept.get("dir") == "ltr":  # what the editor's nested editors put on each of them
        del kept["dir"]
    if "class" in kept:
        classes = [name for name in kept["class"].split() if not name.startswith("kg-")]
        if classes:
            kept["class"] = " ".join(classes)
        else:
            del kept["class"]
    for name in BOOLEAN & kept.keys():
        kept[name] = ""
    return tuple(sorted((str(name), value) for name, value in kept.items()))


def _has_ghost_class(element: Element) -> bool:
    return any(name.startswith("kg-") for name in element.get("class", "").split())


@lru_cache(maxsize=4096)
def canonical(html: str, *, up_to: Equivalence = Equivalence.EXACT) -> tuple[Tree, ...]:
    """Return the canonical tree of an HTML fragment; two fragments are equivalent if their trees are equal."""
    # As a document, not as a fragment: there html5lib loses what a table pushes out before itself.
    document = html5lib.parse(_BEFORE + html, treebuilder="etree", namespaceHTMLElements=False)
    flow = _Flow()
    _walk_children(document.find("body"), flow, _Style(up_to=up_to))
    return flow.finish()


def equivalent(left: str, right: str, *, up_to: Equivalence = Equivalence.EXACT) -> bool:
    """Return whether two pieces of HTML are the same page in the sense of this module."""
    return canonical(left, up_to=up_to) == canonical(right, up_to=up_to)


def _walk_children(element: Element, flow: _Flow, style: _Style) -> None:
    flow.add_text(element.text or "", style)
    for child in element:
        _walk(child, flow, style)
        flow.add_text(child.tail or "", style)


def _walk(element: Element, flow: _Flow, style: _Style) -> None:
    tag = element.tag
    if not isinstance(tag, str):  # a comment
        return
    attributes = _attributes(element, tag)
    if style.up_to is Equivalence.SEEN and tag in _EDITOR_WRAPPERS and not attributes and _is_marked(element):
        formats = style.formats | {_EDITOR_WRAPPERS[tag]}
        _walk_children(element, flow, replace(style, formats=formats))
    elif tag in FORMATS:
        if style.up_to is Equivalence.SEEN and attributes == _PRE_WRAP:
            attributes = ()
        name: Any = (FORMATS[tag], attributes) if attributes else FORMATS[tag]
        _walk_children(element, flow, replace(style, formats=style.formats | {name}))
    elif tag == "a":
        before = len(flow.tokens), len(flow.blocks)
        _walk_children(element, flow, replace(style, link=attributes))
        is_empty = before == (len(flow.tokens), len(flow.blocks))
        if is_empty and style.up_to is Equivalence.EXACT:
            flow.add_atom(("empty link", attributes))
    elif tag == "br":
        flow.add_break()
    elif tag in VOID:
        flow.add_atom((tag, attributes, style.formats, style.link))
    elif tag in BLOCKS:
        for block in _block(element, tag, attributes, style):
            flow.add_block(block)
    elif style.up_to is Equivalence.SEEN and tag == "span" and attributes == _PRE_WRAP:
        _walk_children(element, flow, style)
    else:
        flow.add_edge(("open", tag, attributes))
        _walk_children(element, flow, replace(style, verbatim=style.verbatim or _is_verbatim(tag, style)))
        flow.add_edge(("close", tag))


def _is_marked(element: Element) -> bool:
    """Whether all text of an element lies within elements that bear the style of Ghost's editor."""
    if (element.text or "") and element.get("style") != _PRE_WRAP[0][1]:
        return False
    return element.get("style") == _PRE_WRAP[0][1] or all(
        _is_marked(child) and not child.tail for child in element if isinstance(child.tag, str)
    )


def _is_verbatim(tag: str, style: _Style) -> bool:
    return tag in VERBATIM and (tag != "textarea" or style.up_to is Equivalence.EXACT)


def _block(element: Element, tag: str, attributes: Attributes, style: _Style) -> tuple[Tree, ...]:
    """Return what a block element is in the canonical tree: itself, or its content where it is only a wrapper."""
    inner = _Flow()
    _walk_children(element, inner, replace(style, verbatim=style.verbatim or tag in VERBATIM))
    children = inner.finish()
    if tag == "figure" and _has_ghost_class(element):
        return (("image", children[0]),) if _is_lone_image(children) else children
    if tag == "p" and not attributes and _is_lone_image(children):
        return (("image", children[0]),)
    if tag in {"p", "figcaption"} and not attributes and not children and style.up_to is Equivalence.SEEN:
        return ()
    if tag == "pre":
        children = _without_last_line_end(children)
    elif tag == "blockquote":
        children = _joined_paragraphs(children)
    elif tag in {"ul", "ol"}:
        children = _tight(_counted(children, attributes) if style.up_to is Equivalence.SEEN else children)
    return ((tag, attributes, children),)


def _without_last_line_end(children: tuple[Tree, ...]) -> tuple[Tree, ...]:
    if not children or children[-1][0] != "inline":
        return children
    runs = children[-1][1]
    if runs and runs[-1][0] == "text" and runs[-1][1].endswith("\n"):
        text = runs[-1][1][:-1]
        runs = (*runs[:-1], ("text", text, *runs[-1][2:])) if text else runs[:-1]
    return (*children[:-1], ("inline", runs)) if runs else children[:-1]


def _is_lone_image(children: tuple[Tree, ...]) -> bool:
    return (
        len(children) == 1 and children[0][0] == "inline" and len(children[0][1]) == 1 and children[0][1][0][0] == "img"
    )


def _is_plain_paragraph(child: Tree) -> bool:
    return child[0] == "p" and not child[1] and all(one[0] == "inline" for one in child[2])


def _joined_paragraphs(children: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """`<p>a</p><p>b</p>` in a quote is `a<br><br>b`."""
    if not children or not all(_is_plain_paragraph(child) for child in children):
        return children
    runs: list[Token] = []
    for number, child in enumerate(children):
        if number:
            runs += [("br",), ("br",)]
        for one in child[2]:
            runs += one[1]
    return (("inline", tuple(runs)),)


def _counted(items: tuple[Tree, ...], attributes: Attributes) -> tuple[Tree, ...]:
    """Take the number from an item that would have it anyhow; the editor writes it on each."""
    number = int(dict(attributes).get("start", "1"))
    counted: list[Tree] = []
    for item in items:
        is_said = item[0] == "li" and item[1] == (("value", str(number)),)
        counted.append((item[0], (), *item[2:]) if is_said else item)
        number += item[0] == "li"
    return tuple(counted)


def _tight(items: tuple[Tree, ...]) -> tuple[Tree, ...]:
    """Unwrap the paragraphs of a list in which no item has more than one, and nothing but lists after it."""
    if not all(item[0] == "li" and _is_one_paragraph(item[2]) for item in items):
        return items
    tight: list[Tree] = []
    for tag, attributes, children in items:
        if children and children[0][0] == "p":
            children = (*children[0][2], *children[1:])  # noqa: PLW2901 - the same children, one of them opened
        elif children and children[0][0] == "image":
            children = (children[0][1], *children[1:])  # noqa: PLW2901
        tight.append((tag, attributes, children))
    return tuple(tight)


def _is_one_paragraph(children: tuple[Tree, ...]) -> bool:
    if not children:
        return True
    first, *others = children
    return (first[0] in {"inline", "image", "ul", "ol"} or _is_plain_paragraph(first)) and all(
        other[0] in {"ul", "ol"} for other in others
    )
