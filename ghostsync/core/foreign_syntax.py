"""Syntax of other tools that is no Markdown here: wiki links, admonitions, private comments, attributes of blocks.

Ghost shows it to readers as it stands, which nobody notices who looks at the files; an Obsidian comment even shows what
was meant for nobody. So whoever brings a site along is told, once for each kind in a document. In code it is meant to
be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ghostsync.core.template_syntax import visible_texts
from ghostsync.model import Lexical


class Foreign(NamedTuple):
    """A kind of syntax in a text."""

    text: str
    """As it stands."""
    shown: str
    """The kind: `[[…]]`."""
    tool: str
    """What reads it."""
    hint: str


class _Kind(NamedTuple):
    pattern: re.Pattern[str]
    shown: str
    tool: str
    hint: str


_ALERT = "write an alert, `> [!NOTE]`, or a `::: callout`"
_IDEOGRAPH = "\u3001-\u9fff\uac00-\ud7af\uff01-\uffef"

_KINDS = (
    _Kind(
        re.compile(r"!\[\[[^\[\]\n]+\]\]"),
        "![[…]]",
        "Obsidian",
        "write `![alt](picture.png)`; another note cannot be embedded, link to it",
    ),
    _Kind(
        re.compile(r"(?<!!)\[\[(?!\d+\]|\s)[^\[\]\n]+\]\]"),
        "[[…]]",
        "Obsidian",
        "write `[text](note.md)`; Obsidian does so itself when “Use [[Wikilinks]]” is off (Settings, Files and links)",
    ),
    _Kind(
        re.compile(r"%%[^%]+%%", re.DOTALL),
        "%%…%%",
        "Obsidian",
        "readers see this comment: remove it, or write `<!-- … -->`",
    ),
    _Kind(re.compile(r"^(?:!!!|\?\?\?\+?) \w+", re.MULTILINE), "!!! …", "MkDocs", _ALERT),
    _Kind(re.compile(r"^=== \"[^\"\n]+\"", re.MULTILINE), '=== "…"', "MkDocs", "write headings instead of tabs"),
    _Kind(
        re.compile(r"\{:\s?(?:[.#][\w-]+|toc\b|[\w-]+=)[^{}\n]*\}"),
        "{: …}",
        "kramdown",
        "remove it; pictures and links take attributes as `{.wide}`",
    ),
    _Kind(re.compile(r"\A\[\[?_?TOC_?\]?\]\Z", re.IGNORECASE), "[TOC]", "a site generator", "remove it"),
    _Kind(
        re.compile(rf"(?:[{_IDEOGRAPH}]\*\*|\*\*[{_IDEOGRAPH}])"),
        "**",
        "a more tolerant Markdown",
        "no emphasis begins or ends between punctuation and a letter; put the punctuation outside, or a blank there",
    ),
)


def foreign_syntax(document: Lexical) -> tuple[Foreign, ...]:
    """Return each kind of foreign syntax in a document outside of code, where it stands first."""
    return tuple({found.shown: found for found in reversed(list(_find(document)))}.values())[::-1]


def _find(document: Lexical) -> Iterator[Foreign]:
    for text in visible_texts(document.get("root")):
        for kind in _KINDS:
            found = kind.pattern.search(text)
            if found is not None:
                yield Foreign(found[0], kind.shown, kind.tool, kind.hint)
