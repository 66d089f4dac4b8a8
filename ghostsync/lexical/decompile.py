"""Lexical → Markdown, checked: no text leaves this module that does not compile to the document it came from.

The document is brought to its normal form, each top-level node is spelled in its most natural form, and the whole is
compiled. If the result is the same document (the common case: one compile), that is the text. Where a node differs,
alone or in its surroundings, its next, more explicit spelling is taken, down to the JSON of a `ghost:raw` fence. So
L2 of the design holds by construction, and L3 follows because only the normal form decides.

Trusting the escaping rules alone was the alternative. CommonMark's delimiter rules have too many corners for that;
a decompiler that is wrong once in ten thousand paragraphs damages somebody's text.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ghostsync.errors import ContentError
from ghostsync.lexical.compile import compile_blocks, compile_markdown
from ghostsync.lexical.normal import normalise_lexical, normalise_node
from ghostsync.lexical.spell_block import spellings
from ghostsync.lexical.spell_structure import Markers, next_markers

if TYPE_CHECKING:
    from ghostsync.lexical.dialect import DialectName
    from ghostsync.lexical.nodes import Node

#: Stands after a candidate when it is tried, so that a candidate which swallows what follows is found out.
_SENTINEL: Final = "\n\nend"
_ROUNDS: Final = 8


def decompile_lexical(document: Node, *, dialect: DialectName = "ghost") -> str:
    """The Markdown of a document in a dialect; ends with a line end unless it is empty.

    Raises ContentError for what is not a Lexical document, and for data nested deeper than Python's parsers go.
    """
    try:
        return _Decompiler(dialect).document(document)
    except RecursionError:
        raise ContentError("a Lexical document whose data is nested too deep") from None


def decompile_node(node: Node, *, markers: Markers = Markers.FIRST, dialect: DialectName = "ghost") -> str:
    """The Markdown of one top-level node, without a line end after it.

    Lists that stand side by side must be given different `markers`, or they would be one list.
    """
    try:
        return _Decompiler(dialect).node(normalise_node(node), markers)
    except RecursionError:
        raise ContentError("a Lexical node whose data is nested too deep") from None


class _Decompiler:
    def __init__(self, dialect: DialectName) -> None:
        self._dialect: DialectName = dialect

    def document(self, document: Node) -> str:
        wanted = normalise_lexical(document)["root"]["children"]
        if not wanted:
            return ""
        markers = _all_markers(wanted)
        texts = [next(spellings(node, mark)) for node, mark in zip(wanted, markers, strict=True)]
        if (text := self._checked(texts, wanted)) is not None:
            return text
        texts = [self.node(node, mark) for node, mark in zip(wanted, markers, strict=True)]
        for _ in range(_ROUNDS):
            if (text := self._checked(texts, wanted)) is not None:
                return text
            if not self._make_explicit(texts, wanted, markers):
                break
        texts = [_raw(node) for node in wanted]
        if (text := self._checked(texts, wanted)) is not None:
            return text
        raise ContentError("this document has no Markdown form", hint="please report this, with the post's JSON")

    def node(self, node: Node, markers: Markers) -> str:
        for text in spellings(node, markers):
            if self._compiles_to(text, node):
                return text
        return _raw(node)

    def _compiles_to(self, text: str, node: Node) -> bool:
        made = self._compile(text + _SENTINEL)
        return made is not None and len(made) == 2 and made[0] == node and made[1]["type"] == "paragraph"

    def _compile(self, text: str) -> list[Node] | None:
        try:
            blocks = compile_blocks(text, dialect=self._dialect)
        except ContentError:
            return None
        return [normalise_node(block.node) for block in blocks if block.node is not None]

    def _checked(self, texts: list[str], wanted: list[Node]) -> str | None:
        text = "\n\n".join(texts) + "\n"
        try:
            made = normalise_lexical(compile_markdown(text, dialect=self._dialect))["root"]["children"]
        except ContentError:
            return None
        return text if made == wanted else None

    def _make_explicit(self, texts: list[str], wanted: list[Node], markers: list[Markers]) -> bool:
        """Spell the first node that comes out wrong, and the one before it, more explicitly, if there is a way."""
        made: list[Any] = self._compile("\n\n".join(texts) + "\n") or []
        place = next((i for i, (one, other) in enumerate(zip(made, wanted, strict=False)) if one != other), None)
        if place is None:
            place = min(len(made), len(wanted)) - 1
        changed = False
        for index in (place - 1, place):
            if 0 <= index < len(wanted):
                explicit = self._after(wanted[index], markers[index], texts[index])
                changed |= explicit != texts[index]
                texts[index] = explicit
        return changed

    def _after(self, node: Node, markers: Markers, text: str) -> str:
        options = [each for each in spellings(node, markers) if self._compiles_to(each, node)]
        position = options.index(text) if text in options else -1
        return next(islice(options, position + 1, None), options[-1] if options else _raw(node))


def _raw(node: Node) -> str:
    *_, last = spellings(node)
    return last


def _all_markers(children: list[Node]) -> list[Markers]:
    out: list[Markers] = []
    previous = ("", Markers.FIRST)
    for node in children:
        markers = next_markers(previous, node)
        out.append(markers)
        previous = (str(node.get("listType", "")), markers)
    return out
