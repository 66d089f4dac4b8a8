"""What compiling a top-level block of Markdown yields: its node, its lines, and why it took the form it took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ghostsync.lexical.nodes import Node


class Form(Enum):
    """The form that a block took in Ghost."""

    NATIVE = "native"  #: Lexical nodes and cards that an editor can work with
    RAW_HTML = "raw-html"  #: the author wrote HTML, an `html` card holds it
    MARKDOWN_CARD = "markdown-card"  #: the author's own Markdown in a `markdown` card
    HTML_CARD = "html-card"  #: the CommonMark HTML of the block in an `html` card
    DEFINITION = "definition"  #: link and footnote definitions: no node of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The form of a block; `reason` says why it is not native, and is None where it is."""

    form: Form
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One top-level block of the source.

    `start` and `end` are 0-based line numbers in the text (end exclusive), where lines end at LF, CR LF or CR.
    `node` is None for definitions. The notes of all footnotes make one more block at the end, whose range is empty.
    """

    start: int
    end: int
    node: Node | None
    verdict: Verdict


NATIVE = Verdict(form=Form.NATIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A compiled text: its blocks, and the definitions they use.

    `definitions` maps the normalised label of each link definition to its address and title; `footnotes` names the
    footnotes in the order of their numbers, by label, or by their text where they are written inline.
    """

    blocks: tuple[Block, ...]
    definitions: Mapping[str, tuple[str, str]]
    footnotes: tuple[str, ...]
