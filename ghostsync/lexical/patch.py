"""The smallest change of a Markdown text that makes it say what an edited Lexical document says.

    patch_markdown(source, before, after) -> str

Law: the result compiles to `after` (up to what Ghost's editor rewrites), and every top-level block that did not
change keeps its lines byte for byte, wherever it moved. Inside a changed block as much of the author's form stays as
can: wrapping, bullets, reference links, key order and comments of a card's YAML. Link and footnote definitions stay.
Line ends stay: a CRLF text stays CRLF.

How: blocks of the text are paired with nodes of `after` (`pairing`); for a changed block several candidates are
spelled, from the author's own lines with the edit carried over (`textmerge`) to the decompiler's canonical text, and
the first that compiles to the node, changing the fewest lines, is taken. Then the whole is compiled and compared.
Markdown is not context-free, so the whole can fail where the parts did not (two lists that now touch are one list):
then the blocks around the first difference are written more explicitly, further and further, and in the end the whole
document is decompiled. No text leaves this module that does not compile to `after`.

Decompiling everything and merging the texts line by line was rejected: it rewrites what the author never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final

from ghostsync.errors import ContentError
from ghostsync.lexical import pairing
from ghostsync.lexical.blocks import Block
from ghostsync.lexical.compile import compile_blocks, compile_markdown
from ghostsync.lexical.decompile import decompile_lexical, decompile_node
from ghostsync.lexical.keymerge import carry_keys
from ghostsync.lexical.normal import normalise_lexical, normalise_node
from ghostsync.lexical.textmerge import Numbers, Spacing, carry_lines, carry_words, opcodes

#: Attempts to mend a whole that fails although its parts hold, before everything is decompiled.
_MENDING_ROUNDS: Final = 24
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_OPENER: Final = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})")
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
_FOOTNOTE: Final = re.compile(r"^ {0,3}\[\^[^\]\n]+\]:", re.MULTILINE)
#: A link definition that nothing refers to. It shows nothing and ends what stands before it: two lists that touch
#: stay two, and indented code after a list stays out of it, without a change in their own lines.
_SEPARATOR: Final = "[//]: #"

Document = dict[str, Any]


def patch_markdown(source: str, before: Document, after: Document) -> str:
    """Return `source` with the edit `before` → `after` made in it.

    `source` is a body without front matter, `before` the document that it compiles to (the caller has replaced
    uploaded addresses by local paths in both documents), `after` the edited one. Where nothing changed, the very
    same text comes back.
    """
    wanted = _keys(after)
    if wanted == _keys(before) and wanted == _keys(compile_markdown(source)):
        return source
    text = _LINE_END.sub("\n", source)
    layout = _Layout(text)
    result = _Patch(layout, after, wanted).make()
    return _with_line_ends(result, source)


def _keys(document: Document) -> list[str]:
    """One comparable string per top-level node: equal for nodes that differ only in what Ghost's editor rewrites."""
    return [_key(node) for node in normalise_lexical(document)["root"]["children"]]


def _key(node: Document) -> str:
    return repr(_sorted(node))


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {name: _sorted(value[name]) for name in sorted(value)}
        case list():
            return [_sorted(one) for one in value]
        case _:
            return value


def _document(nodes: Sequence[Document]) -> Document:
    root = {"children": list(nodes), "direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}
    return {"root": root}


def _compiled_keys(text: str) -> list[str]:
    try:
        return _keys(compile_markdown(text))
    except ContentError:
        return []


def _node_key(node: Document) -> str:
    return _key(normalise_node(node))


def _node(raw: Document) -> pairing.Node:
    """What pairing sees of a node."""
    spelling: list[str] = []

    def spell() -> str:
        if not spelling:
            spelling.append(_spell([raw]))
        return spelling[0]

    return pairing.Node(key=_node_key(raw), kind=str(raw.get("type")), spell=spell)


def _spell(nodes: Sequence[Document]) -> str:
    """The decompiler's text of neighbouring nodes. Empty paragraphs count here even at the end, where a document
    loses them."""
    if len(nodes) == 1:
        return decompile_node(nodes[0])
    last = len(nodes)
    while last and not normalise_lexical(_document(nodes[last - 1 : last]))["root"]["children"]:
        last -= 1
    texts = [decompile_lexical(_document(nodes[:last])).strip("\n")] if last else []
    return "\n\n".join([*texts, *(decompile_node(node) for node in nodes[last:])])


# ------------------------------------------------------------------------------------------ the author's text


class _Layout:
    """The author's text as blocks with a node, and the gaps before, between and after them.

    A gap holds line ends, blank lines and definitions. `gaps[i]` stands before `blocks[i]`; one more stands at the
    end. Put together again in turn they are the text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        lines = text.split("\n")
        offsets = [0]
        for line in lines:
            offsets.append(offsets[-1] + len(line) + 1)
        self.blocks: list[str] = []
        self.nodes: list[Document] = []
        self.gaps: list[str] = []
        #: The node that shows the notes of all footnotes: it has no lines of its own.
        self.notes: Document | None = None
        done = 0
        for block in compile_blocks(text):
            if block.node is None:
                continue
            if block.start == block.end:
                self.notes = block.node
                continue
            start, end = offsets[block.start], offsets[_without_blank_tail(lines, block)] - 1
            self.gaps.append(text[done:start])
            self.blocks.append(text[start:end])
            self.nodes.append(block.node)
            done = end
        self.gaps.append(text[done:])

    @cached_property
    def definitions(self) -> str:
        """Everything that may be referred to from a block."""
        return "\n\n".join(gap.strip("\n") for gap in self.gaps if gap.strip())

    @cached_property
    def has_footnotes(self) -> bool:
        """Whether notes exist: their numbers depend on the whole text."""
        return _FOOTNOTE.search(self.definitions) is not None

    def gap(self, left: int, right: int) -> str:
        """What stands between two blocks that are neighbours now (-1 and `len(blocks)` are the ends of the text).

        Between old neighbours that is what the author wrote; where blocks went away in between, their definitions
        stay and one blank line.
        """
        gaps = self.gaps[left + 1 : right + 1]
        if len(gaps) == 1:
            return gaps[0]
        kept = "\n\n".join(gap.strip("\n") for gap in gaps if gap.strip())
        is_first, is_last = left < 0, right == len(self.blocks)
        if not kept:
            if is_last:
                return gaps[-1]
            return gaps[0] if is_first else max("\n\n", gaps[0], gaps[-1], key=len)
        tail = gaps[-1][len(gaps[-1].rstrip("\n")) :] if is_last else "\n\n"
        return ("" if is_first else "\n\n") + kept + tail

    def compiles_to(self, candidate: str, key: str, block: int) -> bool:
        """Whether `candidate`, in the place of a block, is one block that compiles to the node of this key."""
        if self.has_footnotes:
            before = "".join(one for pair in zip(self.gaps, self.blocks[:block], strict=False) for one in pair)
            rest = self.text[len(before) + len(self.gaps[block]) + len(self.blocks[block]) :]
            nodes = _nodes(before + self.gaps[block] + candidate + rest)
            return len(nodes) == len(self.nodes) and _node_key(nodes[block]) == key
        nodes = _nodes(f"{candidate}\n\n{self.definitions}" if self.definitions else candidate)
        return len(nodes) == 1 and _node_key(nodes[0]) == key


def _nodes(text: str) -> list[Document]:
    """The nodes of a candidate's blocks, none where it does not compile at all."""
    try:
        blocks = compile_blocks(text)
    except ContentError:
        return []
    return [block.node for block in blocks if block.node is not None and block.start != block.end]


def _without_blank_tail(lines: Sequence[str], block: Block) -> int:
    end = block.end
    while end > block.start + 1 and not lines[end - 1].strip():
        end -= 1
    return end


# --------------------------------------------------------------------------------------------------- the patch


@dataclass(slots=True)
class _Region:
    """Neighbouring nodes of the edited document (`first` to `last`, end exclusive) and the ways to write them.

    `block` is the author's block in whose place it stands, None where it is new or was moved there.
    """

    first: int
    last: int
    block: int | None
    spellings: list[str]
    is_touched: bool
    is_same: bool = False
    choice: int = 0
    needs_separator: bool = False
    was_separated: bool = False

    @property
    def text(self) -> str:
        return self.spellings[self.choice]

    def write_more_explicitly(self) -> bool:
        """Go on to the next spelling; False where there is none."""
        if not self.is_touched or self.choice + 1 >= len(self.spellings):
            return False
        self.choice += 1
        return True


class _Patch:
    def __init__(self, layout: _Layout, after: Document, wanted: list[str]) -> None:
        self._layout = layout
        self._wanted = wanted
        #: The last region that got a separator, and the first difference before it did.
        self._separated: tuple[_Region, int] | None = None
        self._nodes: list[Document] = list(after["root"]["children"])
        # Footnotes are written where they are defined; the node that shows them all follows from that.
        if layout.notes is not None and self._nodes and _node_key(self._nodes[-1]) == _node_key(layout.notes):
            self._nodes.pop()

    def make(self) -> str:
        """Return the patched text, with LF line ends."""
        befores = [_node(raw) for raw in self._layout.nodes]
        afters = [_node(raw) for raw in self._nodes]
        pairs = pairing.pair_nodes(befores, afters)
        regions = [self._region(index, pair, befores, afters[index].key) for index, pair in enumerate(pairs)]
        for _ in range(_MENDING_ROUNDS):
            text = self._compose(regions)
            compiled = _compiled_keys(text)
            if compiled == self._wanted:
                return text
            if not self._mend(regions, _first_difference(compiled, self._wanted)):
                break
        return self._decompiled()

    def _decompiled(self) -> str:
        text = _spell(self._nodes) + "\n"
        if _compiled_keys(text) != self._wanted:
            raise ContentError(
                "the edited document has no Markdown form that compiles to it",
                hint="please report this as a bug, with the post's Lexical document",
            )
        return text

    def _region(self, index: int, pair: pairing.Pair, befores: Sequence[pairing.Node], key: str) -> _Region:
        raw = self._nodes[index]
        block = pair.block if pair.is_anchored else None
        if pair.block is None:
            return _Region(index, index + 1, None, [_spell([raw])], is_touched=True)
        author = self._layout.blocks[pair.block]
        if pair.is_same:
            spellings = [author, *_closed(author)]
            if not pair.is_anchored:
                spellings.append(_spell([raw]))
            return _Region(index, index + 1, block, spellings, is_touched=True, is_same=True)
        edited = _spell([raw])
        carried = _spellings(author, befores[pair.block].spell(), edited)
        right = [one for one in carried if self._layout.compiles_to(one, key, pair.block)]
        right.sort(key=lambda one: _changed_lines(author, one))
        return _Region(index, index + 1, block, [*dict.fromkeys([*right, edited])], is_touched=True)

    def _compose(self, regions: Sequence[_Region]) -> str:
        out: list[str] = []
        new: list[str] = []
        left = -1
        for region in regions:
            text = f"{_SEPARATOR}\n\n{region.text}" if region.needs_separator else region.text
            if region.block is None:
                new.append(text)
            else:
                gap = "".join(self._between(left, region.block, new))
                if region.needs_separator and gap.strip(" \t") == "\n":
                    gap = "\n\n"  # a definition cannot interrupt a paragraph
                out += [gap, text]
                new, left = [], region.block
        out += self._between(left, len(self._layout.blocks), new)
        return "".join(out)

    def _between(self, left: int, right: int, new: Sequence[str]) -> Iterator[str]:
        """The gap between two blocks, with new ones in it: they come first, definitions after them."""
        gap = self._layout.gap(left, right)
        if not new:
            yield gap
            return
        inserted = "\n\n".join(new)
        is_last = right == len(self._layout.blocks)
        if left < 0:
            leading = gap[: len(gap) - len(gap.lstrip("\n"))]
            gap = gap[len(leading) :]
            yield leading
        else:
            yield "\n\n"
        yield inserted
        if is_last:
            yield (gap if left >= 0 else f"\n\n{gap}" if gap else "\n")
        else:
            yield gap if _BLANK_LINE.match(gap) else f"\n\n{gap.lstrip(chr(10))}"

    def _mend(self, regions: list[_Region], place: int) -> bool:
        """Write the surroundings of node `place` more explicitly; False where nothing is left to try."""
        here = next(
            (number for number, region in enumerate(regions) if region.first <= place < region.last),
            len(regions) - 1,
        )
        if here < 0:
            return False
        near = [number for number in (here, here - 1, here + 1) if 0 <= number < len(regions)]
        if any(regions[number].write_more_explicitly() for number in near if not regions[number].is_same):
            return True
        if self._separated is not None and place <= self._separated[1]:
            self._separated[0].needs_separator = False  # that was not it
        self._separated = None
        for number in (here + 1, here):
            if 0 < number < len(regions) and not regions[number].was_separated:
                regions[number].needs_separator = regions[number].was_separated = True
                self._separated = regions[number], place
                return True
        for number in near:
            regions[number].needs_separator = False
        if any(regions[number].write_more_explicitly() for number in near):
            return True
        first, last = min(near), max(near)
        if first == last:
            return False
        whole = _Region(regions[first].first, regions[last].last, None, [], is_touched=True)
        whole.spellings = [_spell(self._nodes[whole.first : whole.last])]
        anchors = [region.block for region in regions[first : last + 1] if region.block is not None]
        whole.block = anchors[0] if anchors else None
        regions[first : last + 1] = [whole]
        return True


def _first_difference(left: Sequence[str], right: Sequence[str]) -> int:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))


def _spellings(author: str, base: str, edited: str) -> list[str]:
    """Ways to write an edited block, the author's own form first."""
    found: list[str] = []
    for carried in (
        carry_words(author, base, edited, Spacing.LOOSE),
        carry_lines(author, base, edited, Numbers.LOOSE),
        carry_lines(author, base, edited, Numbers.EXACT),
        carry_words(author, base, edited, Spacing.EXACT),
        *carry_keys(author, base, edited),
    ):
        if carried is not None:
            found += [carried, "\n".join(line for line in carried.split("\n") if line.strip())]
    return list(dict.fromkeys(found))


def _closed(author: str) -> Iterator[str]:
    """The same lines and the end of a fence that was left to the end of the text: something may follow it now."""
    if match := _OPENER.match(author):
        yield f"{author}\n{match[1]}"


def _changed_lines(author: str, candidate: str) -> int:
    """How many lines a reader of the diff sees."""
    old, new = author.split("\n"), candidate.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    same = sum(size for _, _, size in matcher.get_matching_blocks())
    return len(old) + len(new) - 2 * same


# --------------------------------------------------------------------------------------------------- line ends


def _with_line_ends(text: str, source: str) -> str:
    """Return `text` with the line ends that its lines have in `source`; new lines end as most lines there do."""
    ends = _LINE_END.findall(source)
    if not any("\r" in end for end in ends):
        return text
    usual = max(set(ends), key=ends.count)
    old, new = _LINE_END.split(source), text.split("\n")
    found = [usual] * len(new)
    for tag, start, end, first, last in opcodes(old, new):
        if tag == "equal" or (tag == "replace" and end - start == last - first):
            for offset in range(end - start):
                if start + offset < len(ends):
                    found[first + offset] = ends[start + offset]
    result = "".join(line + end for line, end in zip(new, [*found[:-1], ""], strict=True))
    # A lone CR before a lone LF would be one line end: such a text gets one kind throughout.
    return result if _LINE_END.split(result) == new else usual.join(new)
