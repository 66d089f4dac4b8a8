"""The smallest change of a Markdown text that makes it say what an edited Lexical document says.

    patch_markdown(source, before, after) -> str

Law: the result compiles to `after` (up to what Ghost's editor rewrites, and up to the numbers of footnotes, see
`footnotes`), and every top-level block that did not change keeps its lines byte for byte, wherever it moved. Inside a
changed block as much of the author's form stays as can: wrapping, bullets, reference links, key order and comments of
a card's YAML. Link and footnote definitions stay. Line ends stay: a CRLF text stays CRLF.

How: blocks of the text (`layout`) are paired with nodes of `after` (`pairing`); for a changed block several candidates
are spelled, from the author's own lines with the edit carried over (`textmerge`) to the decompiler's canonical text,
and the first that compiles to the node, changing the fewest lines, is taken. Then the whole is put together, compiled
and compared (`mending`); in the end the whole document is decompiled. No text leaves this module that does not
compile to `after`.

Decompiling everything and merging the texts line by line was rejected: it rewrites what the author never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from ghostsync.errors import ContentError
from ghostsync.lexical import pairing
from ghostsync.lexical.compile import compile_markdown
from ghostsync.lexical.decompile import decompile_lexical, decompile_node
from ghostsync.lexical.footnotes import note_text, notes_by_name
from ghostsync.lexical.keymerge import carry_keys
from ghostsync.lexical.layout import Layout, document_keys, node_key
from ghostsync.lexical.mending import Mender, Region, Wanted
from ghostsync.lexical.normal import root_children
from ghostsync.lexical.textmerge import Numbers, Spacing, carry_lines, carry_words, opcodes

if TYPE_CHECKING:
    from ghostsync.lexical.dialect import DialectName
    from ghostsync.lexical.nodes import Node

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_OPENER: Final = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})")


def patch_markdown(source: str, before: Node, after: Node, *, dialect: DialectName = "ghost") -> str:
    """Return `source` with the edit `before` → `after` made in it.

    `source` is a body without front matter, `before` the document that it compiles to (the caller has replaced
    uploaded addresses by local paths in both documents), `after` the edited one. Where nothing changed, the very
    same text comes back.
    """
    wanted = document_keys(root_children(after))
    if wanted == document_keys(root_children(before)) and wanted == _keys(source, dialect):
        return source
    text = _LINE_END.sub("\n", source)
    return _with_line_ends(_Patch(text, after, dialect).make(), source)


def _keys(text: str, dialect: DialectName) -> list[str]:
    try:
        return document_keys(root_children(compile_markdown(text, dialect=dialect)))
    except ContentError:
        return []


class _Patch:
    def __init__(self, text: str, after: Node, dialect: DialectName) -> None:
        self._dialect: DialectName = dialect
        self._after: list[Node] = list(root_children(after))
        self._layout = Layout(text, dialect)
        self._nodes = list(self._after)
        self._footnotes: tuple[str, ...] = self._layout.footnotes
        #: What the notes shall say; empty where there are none as we write them, and references are HTML then.
        self._notes = self._notes_in_after()

    def _notes_in_after(self) -> dict[str, str]:
        """The notes of the edited document, taken off its end; edited ones are edited where they are defined."""
        layout = self._layout
        if layout.notes is None:
            return {}
        while self._nodes and not document_keys(self._nodes[-1:]):
            self._nodes.pop()  # the empty paragraph that the editor leaves at the end
        found = notes_by_name(self._nodes[-1], layout.footnotes) if self._nodes else None
        if found is not None and found != layout.notes_said:
            text = with_notes(layout, found)
            other = Layout(text, self._dialect)
            if other.footnotes == layout.footnotes and other.keys == layout.keys and other.notes_said == found:
                self._layout = layout = other
        if found is None or found != layout.notes_said:
            self._footnotes = ()
            return {}
        self._nodes.pop()
        return found

    def make(self) -> str:
        """Return the patched text, with LF line ends."""
        befores = [self._pairing_node(raw, key) for raw, key in zip(self._layout.nodes, self._layout.keys, strict=True)]
        keys = [node_key(raw, self._footnotes) for raw in self._nodes]
        afters = [self._pairing_node(raw, key) for raw, key in zip(self._nodes, keys, strict=True)]
        pairs = pairing.pair_nodes(befores, afters)
        regions = [self._region(index, pair, befores, keys[index]) for index, pair in enumerate(pairs)]
        wanted = Wanted(keys=document_keys(self._nodes, self._footnotes), notes=self._notes)
        text = Mender(self._layout, wanted, lambda first, last: self._spell(self._nodes[first:last])).mend(regions)
        return self._decompiled() if text is None else text

    def _decompiled(self) -> str:
        text = self._spell(self._after) + "\n"
        if _keys(text, self._dialect) != document_keys(self._after):
            raise ContentError(
                "the edited document has no Markdown form that compiles to it",
                hint="please report this as a bug, with the post's Lexical document",
            )
        return text

    def _pairing_node(self, raw: Node, key: str) -> pairing.Node:
        spelling: list[str] = []

        def spell() -> str:
            if not spelling:
                spelling.append(self._spell([raw]))
            return spelling[0]

        return pairing.Node(key=key, kind=str(raw.get("type")), spell=spell)

    def _spell(self, nodes: Sequence[Node]) -> str:
        """The decompiler's text of neighbouring nodes. Empty paragraphs count here even at the end, where a document
        loses them."""
        if len(nodes) == 1:
            return decompile_node(nodes[0], dialect=self._dialect)
        last = len(nodes)
        while last and not document_keys(nodes[last - 1 : last]):
            last -= 1
        whole = {"root": {"type": "root", "children": list(nodes[:last])}}
        texts = [decompile_lexical(whole, dialect=self._dialect).strip("\n")] if last else []
        return "\n\n".join([*texts, *(decompile_node(node, dialect=self._dialect) for node in nodes[last:])])

    def _region(self, index: int, pair: pairing.Pair, befores: Sequence[pairing.Node], key: str) -> Region:
        raw = self._nodes[index]
        block = pair.block if pair.is_anchored else None
        if pair.block is None:
            return Region(first=index, last=index + 1, block=None, spellings=[self._spell([raw])], forced=1)
        author = self._layout.blocks[pair.block]
        if pair.is_same:
            own = list(self._own_spellings(pair.block, is_last=index == len(self._nodes) - 1))
            return Region(
                first=index,
                last=index + 1,
                block=block,
                spellings=own,
                forced=len(own),
                force=lambda: self._spell([raw]),
            )
        edited = self._spell([raw])
        right = [
            one
            for one in _spellings(author, befores[pair.block].spell(), edited)
            if self._layout.compiles_to(one, key, pair.block)
        ]
        right.sort(key=lambda one: _changed_lines(author, one))
        spellings = list(dict.fromkeys([*right, edited]))
        return Region(first=index, last=index + 1, block=block, spellings=spellings, forced=len(spellings))

    def _own_spellings(self, block: int, *, is_last: bool) -> Iterator[str]:
        """The author's lines; with the end of a fence that was left to the end of the text, if more follows now."""
        author = self._layout.blocks[block]
        was_last = block == len(self._layout.blocks) - 1
        if was_last and not is_last and (match := _OPENER.match(author)) and not self._layout.may_be_followed(block):
            yield f"{author}\n{match[1]}"
        yield author
        if is_last and not was_last:
            yield f"{author}\n"  # the blank line after code that only the end of its list ends is code too


def with_notes(layout: Layout, notes: dict[str, str]) -> str:
    """The text with the notes of these names changed where they are defined, as far as they can be."""
    lines = layout.text.split("\n")
    for name, (start, beyond) in sorted(layout.note_lines().items(), key=lambda one: -one[1][0]):
        if name not in notes or notes[name] == layout.notes_said[name]:
            continue
        base, edited = note_text(layout.notes_said[name]), note_text(notes[name])
        if base is None or edited is None:
            continue
        end = beyond
        while end > start + 1 and not lines[end - 1].strip(" \t"):
            end -= 1
        author, head = "\n".join(lines[start:end]), f"[^{name}]: "
        candidates = [*_spellings(author, head + base, head + edited), head + edited]
        candidates.sort(key=lambda one: _changed_lines(author, one))
        for candidate in candidates:
            fresh = Layout("\n".join([*lines[:start], *candidate.split("\n"), *lines[end:]]), layout.dialect)
            if fresh.notes_said.get(name) == notes[name] and fresh.keys == layout.keys:
                lines[start:end] = candidate.split("\n")
                break
    return "\n".join(lines)


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
