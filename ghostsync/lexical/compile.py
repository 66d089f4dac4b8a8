"""Markdown → Lexical: native nodes first, a verbatim card where they cannot say it, never an approximation.

One parse; each top-level block is then decided on its own from its tokens. Whether a block can be native is answered
by structure, not by rendering: the modules `inline` and `structure` accept exactly what Ghost's renderer is known to
show as CommonMark does, and everything else goes to `verbatim`, the only place that renders and compares. Rendering
every block to compare DOMs was the alternative; it would cost several times the parse and decide the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ghostsync.errors import ContentError
from ghostsync.lexical import nodes
from ghostsync.lexical.blocks import NATIVE, Block, Compiled, Form, Verdict
from ghostsync.lexical.card_blocks import (
    alert_card,
    code_card,
    container_card,
    image_card,
    is_toggle_end,
    toggle_card,
    toggle_heading,
)
from ghostsync.lexical.cards.build import card_node
from ghostsync.lexical.dialect import MAX_NESTING, Dialect, DialectName, parser_for
from ghostsync.lexical.fence import PREFIX, fence_node
from ghostsync.lexical.inline import NotNative
from ghostsync.lexical.open_html import OpenHtml
from ghostsync.lexical.richtext import inline_from_html
from ghostsync.lexical.structure import blocks_of, structure_node
from ghostsync.lexical.verbatim import has_html, raw_html_card, swallowing_card, verbatim_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from ghostsync.lexical.nodes import Node

_LINE_END: Final = re.compile(r"\r\n?")
_CONTAINER_END: Final = re.compile(r" {0,3}:{3,}[ \t]*")
#: A paragraph that shows nothing: Ghost's own node for it says the same, and Markdown has no other form.
_BLANK_PARAGRAPH: Final = re.compile(r"<p>((?:<br>|[ ]|&nbsp;|&#\d+;)*)</p>")
_PAYWALL: Final = "<!--members-only-->"
DEFINITION: Final = Verdict(form=Form.DEFINITION)


def compile_markdown(text: str, *, dialect: DialectName = "ghost") -> Node:
    """Compile a body (no front matter) to a Lexical document, `{"root": …}`.

    Raises ContentError for text that no file can hold, nesting deeper than 100 levels, and faulty card fences.
    """
    children = [block.node for block in compile_blocks(text, dialect=dialect) if block.node is not None]
    while children and children[-1] == nodes.paragraph([]):
        children.pop()  # Ghost's editor leaves one behind, its renderer shows none
    return nodes.document(children)


def compile_blocks(text: str, *, dialect: DialectName = "ghost") -> tuple[Block, ...]:
    """Compile a body block by block, with the lines and the verdict of each. Raises as `compile_markdown` does."""
    return _Compiler(text, Dialect(dialect)).blocks()


def compile_text(text: str, *, dialect: DialectName = "ghost") -> Compiled:
    """Compile a body to its blocks and what they refer to. Raises as `compile_markdown` does."""
    compiler = _Compiler(text, Dialect(dialect))
    blocks = compiler.blocks()
    notes = compiler.env.get("footnotes", {}).get("list", {})
    return Compiled(
        blocks=blocks,
        definitions={
            label: (str(one["href"]), str(one["title"]))
            for label, one in (compiler.env.get("references") or {}).items()
        },
        footnotes=tuple(str(note.get("label") or f"^[{note.get('content')}]") for note in notes.values()),
    )


class _Compiler:
    def __init__(self, text: str, dialect: Dialect) -> None:
        _check_text(text)
        self.dialect = dialect
        self.is_ghost = dialect is Dialect.GHOST
        self.md = parser_for(dialect, text)
        self.env: dict[str, Any] = {}
        if "\r" in text:
            text = _LINE_END.sub("\n", text)
        self.lines = text.split("\n")
        # A block must not depend on whether it is the last one of a file that lacks its last line end.
        self.tokens: list[Token] = self.md.parse(text if text.endswith("\n") else text + "\n", self.env)
        if self.tokens and max(token.level for token in self.tokens) >= MAX_NESTING - 1:
            raise ContentError(f"nested deeper than {MAX_NESTING} levels")

    def blocks(self) -> tuple[Block, ...]:
        out: list[Block] = []
        done = 0
        position = 0
        spans = list(blocks_of(self.tokens))
        while position < len(spans):
            start, end = spans[position]
            position += 1
            tokens = self.tokens[start:end]
            lines = self._lines_of(tokens)
            toggle_end = self._toggle_end(spans, position - 1)
            if toggle_end is not None:
                last = self.tokens[spans[toggle_end][0]]
                lines = (lines[0], (last.map or [0, 0])[1])
                tokens = self.tokens[start : spans[toggle_end][1]]
                position = toggle_end + 1
                node, verdict = toggle_card(tokens, self.env), NATIVE
            else:
                node, verdict = self._block(tokens, lines)
                end_at = position - 1
                if verdict.form is not Form.NATIVE and has_html(tokens):
                    end_at = self._swallowed(spans, end_at)
                if end_at >= position:
                    tokens = self.tokens[start : spans[end_at][1]]
                    lines = (lines[0], self._lines_of(self.tokens[slice(*spans[end_at])])[1])
                    position = end_at + 1
                    source = "\n".join(self.lines[slice(*self._trimmed(*lines))])
                    node, verdict = swallowing_card(source, self._html_of(tokens))
            first, last_line = self._trimmed(*lines)
            out += self._definitions(done, first)
            out.append(Block(start=first, end=last_line, node=node, verdict=verdict))
            done = max(done, last_line)
        tail = [out.pop()] if out and out[-1].start == out[-1].end == len(self.lines) else []
        return (*out, *self._definitions(done, len(self.lines)), *tail)

    def _lines_of(self, tokens: Sequence[Token]) -> tuple[int, int]:
        opener = tokens[0]
        if opener.map is None:  # the notes at the end stand nowhere in the text
            return len(self.lines), len(self.lines)
        start, end = opener.map
        if opener.type.startswith("container_") and end < len(self.lines) and _CONTAINER_END.fullmatch(self.lines[end]):
            end += 1
        return start, end

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while end > start and not self.lines[end - 1].strip(" \t"):
            end -= 1
        return start, end

    def _definitions(self, start: int, end: int) -> list[Block]:
        """Lines between blocks that are not blank: link and footnote definitions."""
        while start < end and not self.lines[start].strip(" \t"):
            start += 1
        start, end = self._trimmed(start, end)
        return [Block(start=start, end=end, node=None, verdict=DEFINITION)] if start < end else []

    def _toggle_end(self, spans: list[tuple[int, int]], index: int) -> int | None:
        """The index of the block that closes a `<details>` opened by this one."""
        opener = self.tokens[spans[index][0]]
        if not self.is_ghost or opener.type != "html_block" or toggle_heading(opener.content) is None:
            return None
        for other in range(index + 1, len(spans)):
            token = self.tokens[spans[other][0]]
            if token.type == "html_block":
                if is_toggle_end(token.content):
                    return other
                if "<details" in token.content.lower():
                    return None
        return None

    def _html_of(self, tokens: Sequence[Token]) -> str:
        return str(self.md.renderer.render(tokens, self.md.options, self.env)).strip("\n")

    def _swallowed(self, spans: list[tuple[int, int]], index: int) -> int:
        """The index of the last block that the HTML of this one swallows; its own where it swallows none."""
        read = OpenHtml(self._html_of(self.tokens[slice(*spans[index])]))
        while read.is_open and index + 1 < len(spans):
            tokens = self.tokens[slice(*spans[index + 1])]
            if tokens[0].map is None:
                break
            index += 1
            read.feed(self._html_of(tokens))
        return index

    def _block(self, tokens: Sequence[Token], lines: tuple[int, int]) -> tuple[Node, Verdict]:
        opener = tokens[0]
        try:
            match opener.type:
                case "html_block":
                    return self._html(opener.content)
                case "hr":
                    return card_node("horizontalrule"), NATIVE
                case "fence" | "code_block":
                    return self._code(opener), NATIVE
                case "paragraph_open":
                    picture = image_card(tokens[1].children or (), ghost=self.is_ghost)
                    return picture or structure_node(tokens), NATIVE
                case "blockquote_open" if self.is_ghost and (alert := alert_card(tokens, self.env)) is not None:
                    return alert
                case kind if kind.startswith("container_"):
                    return container_card(tokens, self.env, line=lines[0])
                case _:
                    return structure_node(tokens), NATIVE
        except NotNative as obstacle:
            source = "\n".join(self.lines[slice(*self._trimmed(*lines))])
            return verbatim_card(source, tokens, self.md, self.env, str(obstacle), dialect=self.dialect)

    def _html(self, content: str) -> tuple[Node, Verdict]:
        html = content.rstrip("\n")
        if (blank := _BLANK_PARAGRAPH.fullmatch(html)) is not None:
            return nodes.paragraph(inline_from_html(blank[1]) or []), NATIVE
        if html == _PAYWALL and self.is_ghost:
            return card_node("paywall"), NATIVE
        return raw_html_card(html)

    def _code(self, token: Token) -> Node:
        if token.info.lstrip().startswith(PREFIX):  # in both dialects: a fence is CommonMark's own syntax
            name = token.info.strip().removeprefix(PREFIX)
            first = (token.map or [0, 0])[0]
            return fence_node(name, token.content.removesuffix("\n"), line=first + 1)
        return code_card(token, ghost=self.is_ghost)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ContentError(
            f"line {line}: half of a surrogate pair (U+{ord(text[error.start]):04X}), which no file can hold"
        ) from None
