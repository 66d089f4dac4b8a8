"""The author's text as the patcher sees it: blocks with a node, the gaps around them, and what they refer to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from markdown_it.common.utils import normalizeReference

from ghostsync.errors import ContentError
from ghostsync.lexical.compile import compile_text
from ghostsync.lexical.dialect import Dialect, parser_for
from ghostsync.lexical.footnotes import notes_by_name, without_numbers
from ghostsync.lexical.normal import normalise_lexical, normalise_node
from ghostsync.lexical.spell_inline import spell_definition

if TYPE_CHECKING:
    from markdown_it.token import Token

    from ghostsync.lexical.blocks import Compiled
    from ghostsync.lexical.dialect import DialectName
    from ghostsync.lexical.nodes import Node

_BLANK: Final = " \t\n"
_LABEL: Final = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]", re.DOTALL)


def node_key(node: Node, footnotes: Sequence[str] = ()) -> str:
    """A string that is equal for nodes which differ only in what Ghost's editor rewrites and in footnotes' numbers."""
    return repr(_sorted(normalise_node(without_numbers(node, footnotes) if footnotes else node)))


def document_keys(nodes: Sequence[Node], footnotes: Sequence[str] = ()) -> list[str]:
    """The keys of a document's nodes, without the empty paragraphs at its end."""
    named = [without_numbers(node, footnotes) for node in nodes] if footnotes else list(nodes)
    whole = normalise_lexical({"root": {"children": named}})
    return [repr(_sorted(node)) for node in whole["root"]["children"]]


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {name: _sorted(value[name]) for name in sorted(value)}
        case list():
            return [_sorted(one) for one in value]
        case _:
            return value


class Layout:
    """A text as blocks with a node, and the gaps before, between and after them.

    A gap holds line ends, blank lines and definitions. `gaps[i]` stands before `blocks[i]`; one more stands at the
    end. Put together again in turn they are the text.
    """

    def __init__(self, text: str, dialect: DialectName) -> None:
        self.text = text
        self.dialect: DialectName = dialect
        compiled = compile_text(text, dialect=dialect)
        self.footnotes = compiled.footnotes
        self.definitions = compiled.definitions
        self.blocks: list[str] = []
        self.nodes: list[Node] = []
        self.gaps: list[str] = []
        #: The node that shows the notes of all footnotes: it has no lines of its own.
        self.notes: Node | None = None
        offsets = [0]
        for line in text.split("\n"):
            offsets.append(offsets[-1] + len(line) + 1)
        done = 0
        for block in compiled.blocks:
            if block.node is None:
                continue
            if block.start == block.end:
                self.notes = block.node
                continue
            start, end = offsets[block.start], offsets[block.end] - 1
            self.gaps.append(text[done:start])
            self.blocks.append(text[start:end])
            self.nodes.append(block.node)
            done = end
        self.gaps.append(text[done:])

    @cached_property
    def keys(self) -> list[str]:
        """The keys of all blocks."""
        return [node_key(node, self.footnotes) for node in self.nodes]

    @cached_property
    def notes_said(self) -> dict[str, str]:
        """The HTML of each note by its name."""
        return (notes_by_name(self.notes, self.footnotes) if self.notes else None) or {}

    def _context(self, text: str) -> str:
        """The definitions that a block refers to, as lines to stand after it."""
        labels = labels_in(text) if self.definitions else {}
        return spell_definitions({label: self.definitions[label] for label in labels if label in self.definitions})

    def gap(self, left: int, right: int) -> str:
        """What stands between two blocks that are neighbours now (-1 and `len(blocks)` are the ends of the text).

        Between old neighbours that is what the author wrote; where blocks went away in between, their definitions
        stay and one blank line.
        """
        gaps = self.gaps[left + 1 : right + 1]
        if len(gaps) == 1:
            return gaps[0]
        kept = "\n\n".join(gap.strip("\n") for gap in gaps if gap.strip(_BLANK))
        is_first, is_last = left < 0, right == len(self.blocks)
        if not kept:
            if is_last:
                return gaps[-1]
            return gaps[0] if is_first else max("\n\n", gaps[0], gaps[-1], key=len)
        tail = gaps[-1][len(gaps[-1].rstrip("\n")) :] if is_last else "\n\n"
        return ("" if is_first else "\n\n") + kept + tail

    def note_lines(self) -> dict[str, tuple[int, int]]:
        """The lines of each footnote's definition by its name."""
        parser = parser_for(Dialect(self.dialect), self.text)
        tokens: list[Token] = []
        parser.block.parse(self.text, parser, {}, tokens)
        return {
            str(token.meta["label"]): (token.map[0], token.map[1])
            for token in tokens
            if token.type == "footnote_reference_open" and token.map
        }

    def compiles_to(self, candidate: str, key: str, block: int) -> bool:
        """Whether `candidate`, in the place of a block, is one block that compiles to the node of this key."""
        if self.footnotes:
            before = "".join(one for pair in zip(self.gaps, self.blocks[:block], strict=False) for one in pair)
            rest = self.text[len(before) + len(self.gaps[block]) + len(self.blocks[block]) :]
            found = compiled(before + self.gaps[block] + candidate + rest, self.dialect)
            if found is None:
                return False
            nodes = nodes_with_lines(found)
            return len(nodes) == len(self.nodes) and node_key(nodes[block], found.footnotes) == key
        found = compiled(f"{candidate}\n\n{self._context(candidate)}", self.dialect)
        nodes = nodes_with_lines(found) if found else []
        return len(nodes) == 1 and node_key(nodes[0]) == key

    def may_be_followed(self, block: int) -> bool:
        """Whether something else can stand after a block without becoming part of it."""
        own = self.blocks[block]
        found = compiled(f"{own}\n\n{self._context(own)}\n\nend", self.dialect)
        nodes = nodes_with_lines(found) if found else []
        return len(nodes) == 2 and node_key(nodes[0], found.footnotes if found else ()) == self.keys[block]


def compiled(text: str, dialect: DialectName) -> Compiled | None:
    """A candidate compiled; None where it does not compile at all."""
    try:
        return compile_text(text, dialect=dialect)
    except ContentError:
        return None


def nodes_with_lines(found: Compiled) -> list[Node]:
    """The nodes of blocks that stand somewhere in the text: all but the notes of footnotes."""
    return [block.node for block in found.blocks if block.node is not None and block.start != block.end]


def labels_in(text: str) -> dict[str, str]:
    """All that may be the label of a reference: its normal form, and how it stands in the text."""
    return {normalizeReference(match[1]): match[1] for match in _LABEL.finditer(text)}


def spell_definitions(definitions: Mapping[str, tuple[str, str]]) -> str:
    """Link definitions, one a line."""
    return "\n".join(spell_definition(label, *target) for label, target in definitions.items())
