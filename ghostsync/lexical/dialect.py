"""The three parsers: our dialect, bare CommonMark, and a model of the renderer behind Ghost's Markdown card.

Ours is CommonMark 0.31 with GFM tables, strikethrough, task lists and autolinks, footnotes, `==mark==`, `~sub~`,
`^sup^`, attributes after images and links, and `:::` containers for the cards that have no other Markdown form.

`KOENIG` models `@tryghost/kg-markdown-html-renderer` 7.2.4, which is markdown-it with `html`, `breaks` and `linkify`
(without fuzzy links), footnotes, lazy headers (`#heading` needs no space), mark, sub and sup. It only answers one
question: would Ghost show this text as CommonMark does? Where the model is in doubt the answer must be no, which
costs an `html` card instead of a `markdown` card, never a wrong page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from markdown_it import MarkdownIt
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from ghostsync.errors import ContentError
from ghostsync.lexical.syntax import attributes_plugin, mark_plugin

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore

DialectName = Literal["ghost", "commonmark"]

#: Blocks nested deeper than this are refused. markdown-it drops what lies below its limit without a word, and each
#: level costs about four Python frames, so the limit is far from the interpreter's own.
MAX_NESTING = 100

#: markdown-it copies the text before a mark that turns out to be none, so a paragraph costs its length times its
#: marks. This much takes about three seconds; a megabyte of `[` would take a minute, and no prose comes near.
MAX_INLINE_COST = 40_000_000_000
_MEASURED_FROM = 40_000
_MARKS = re.compile(r"[]\[!<&*_~^=`\\:@]")

#: Addresses that markdown-it's `normalizeLink` gives back as they are: a plain host, and nothing to escape after it.
_NORMAL_ADDRESS: Final = re.compile(
    r"(?:https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?=[/?#]|\Z)|(?!//))[A-Za-z0-9/?&=+$,\-_.!~*()#]*"
)

CONTAINERS = ("gallery", "callout", "aside")


class Dialect(Enum):
    """Which syntax is on."""

    GHOST = "ghost"
    COMMONMARK = "commonmark"
    KOENIG = "koenig"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Syntax:
    """Syntax that a text may do without: the rules to leave out of its parser when none of `marks` is in it.

    `stops` are the characters at which the inline scanner must stop for these rules.
    """

    marks: tuple[str, ...]
    block: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    inline2: tuple[str, ...] = ()
    stops: str = ""


_SYNTAX: Final = (
    _Syntax(marks=("|",), block=("table",)),
    _Syntax(marks=("]:",), block=("reference",)),
    _Syntax(marks=(":::",), block=("container_card",)),
    _Syntax(marks=("[^", "^["), block=("footnote_def",), inline=("footnote_inline", "footnote_ref"), stops="^"),
    _Syntax(marks=("^",), inline=("sup",), stops="^"),
    _Syntax(marks=("~",), inline=("sub",), stops="~"),
    _Syntax(marks=("~~",), inline=("strikethrough",), inline2=("strikethrough",), stops="~"),
    _Syntax(marks=("==",), inline=("mark",), inline2=("mark",), stops="="),
    _Syntax(marks=("{",), inline=("attributes",), stops="{"),
    _Syntax(marks=("www.",), inline=("gfm_autolink_www",), stops="w"),
    _Syntax(marks=("://", "mailto:", "xmpp:"), inline=("gfm_autolink_protocol",), stops=":"),
    _Syntax(marks=("@",), inline=("gfm_autolink_email",), stops="@"),
)
_ALL: Final = (True,) * len(_SYNTAX)
#: Where CommonMark's own inline rules begin. markdown-it stops at others too, which rules could be added for.
_STOPS: Final = "\n\\`*_[]!<&"


def parser_for(dialect: Dialect, text: str | None = None) -> MarkdownIt:
    """Return the parser of a dialect for a text, or for any; parsers are shared and never changed.

    Every rule costs a call at every character that may begin markup, so what a text has no trace of is left out of
    its parser: a third of the time, for the same tokens.
    """
    if text is None:
        return _parser(dialect, _ALL)
    return _parser(dialect, tuple(any(mark in text for mark in syntax.marks) for syntax in _SYNTAX))


@cache
def _parser(dialect: Dialect, present: tuple[bool, ...]) -> MarkdownIt:
    md = whole_parser(dialect)
    md.core.ruler.before("inline", "measure", _measure)
    stops = set(_STOPS)
    for syntax, is_present in zip(_SYNTAX, present, strict=True):
        if is_present:
            stops |= set(syntax.stops)
        else:
            md.block.ruler.disable(syntax.block, True)
            md.inline.ruler.disable(syntax.inline, True)
            md.inline.ruler2.disable(syntax.inline2, True)
    if dialect is not Dialect.KOENIG:  # its linkifier has marks of its own
        md.inline.terminator_re = re.compile(f"[{re.escape(''.join(sorted(stops)))}]")
    return md


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the base class's name
        """As the base class does; most addresses are in their normal form already, and are only looked at."""
        return url if _NORMAL_ADDRESS.fullmatch(url) else super().normalizeLink(url)


def _measure(state: StateCore) -> None:
    for token in state.tokens:
        size = len(token.content)
        if token.type == "inline" and size > _MEASURED_FROM:
            marks = len(_MARKS.findall(token.content))
            if marks * size > MAX_INLINE_COST:
                line = token.map[0] + 1 if token.map else 1
                raise ContentError(
                    f"line {line}: one paragraph of {size:,} characters, {marks:,} of them markup, is too slow to read",
                    hint="divide it with empty lines",
                )


def whole_parser(dialect: Dialect) -> MarkdownIt:
    """Return a fresh parser of a dialect with all of its syntax, for any text."""
    match dialect:
        case Dialect.COMMONMARK:
            return _Parser("commonmark", {"maxNesting": MAX_NESTING})
        case Dialect.GHOST:
            md = _Parser("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
            md.use(footnote_plugin).use(mark_plugin).use(sub_plugin).use(superscript_plugin)
            md.use(gfm_autolink_plugin).use(tasklists_plugin).use(attributes_plugin)
            return md.use(container_plugin, "card", validate=_is_container)
        case Dialect.KOENIG:
            md = _Parser(
                "js-default",
                {"html": True, "breaks": True, "linkify": True, "xhtmlOut": True, "maxNesting": MAX_NESTING},
            )
            md.use(footnote_plugin).use(mark_plugin).use(sub_plugin).use(superscript_plugin)
            if md.linkify is not None:
                md.linkify.set({"fuzzy_link": False})
            md.block.ruler.at("heading", _lazy_heading, {"alt": ["paragraph", "reference", "blockquote"]})
            return md


def container_name(info: str) -> str:
    """The first word after `:::`."""
    words = info.split(None, 1)
    return words[0] if words else ""


def _is_container(info: str, _markup: str = "") -> bool:
    return container_name(info) in CONTAINERS


def _lazy_heading(state: StateBlock, start_line: int, _end_line: int, silent: bool) -> bool:
    """An ATX heading whose space after the number signs may be missing (markdown-it-lazy-headers)."""
    if state.is_code_block(start_line):
        return False
    position = state.bMarks[start_line] + state.tShift[start_line]
    line = state.src[position : state.eMarks[start_line]]
    level = len(line) - len(line.lstrip("#"))
    if not 1 <= level <= 6:
        return False
    if silent:
        return True
    content = line[level:].strip()
    without_closing = content.rstrip("#")
    if without_closing != content and (not without_closing or without_closing[-1] in " \t"):
        content = without_closing.rstrip()
    state.line = start_line + 1
    opened = state.push("heading_open", f"h{level}", 1)
    opened.markup, opened.map = "#" * level, [start_line, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [start_line, state.line], []
    state.push("heading_close", f"h{level}", -1).markup = "#" * level
    return True
