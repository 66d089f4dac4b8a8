"""Footnotes in compiled documents: compared by what they refer to, not by number.

Ghost has no footnotes. A block that refers to one becomes an `html` card with the number in it, and one card at the
end shows all notes. Numbers follow from the whole text: where an editor deletes or moves a block with a reference,
the other cards keep the numbers they had, but the text, compiled again, counts anew. To compare by number would turn
every block with a footnote into raw HTML for the sake of a number that Markdown gets right by itself. So the patcher
asks whether each reference leads to the same note; the next push brings the counting to Ghost.

Only the very markup that our own renderer writes is read here; anything else is HTML like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ghostsync.lexical.normal import normalise_node
from ghostsync.lexical.property_text import blocks_html
from ghostsync.lexical.richtext import blocks_from_html
from ghostsync.lexical.spell_inline import Spelling, Unspeakable
from ghostsync.lexical.spell_structure import blocks_text

if TYPE_CHECKING:
    from ghostsync.lexical.nodes import Node

_REFERENCE: Final = re.compile(
    r'<sup class="footnote-ref"><a href="#fn(?P<number>\d+)" id="fnref(?P=number)(?P<again>:\d+)?">'
    r"\[(?P=number)(?P=again)?\]</a></sup>"
)
_NOTES: Final = re.compile(
    r'<hr class="footnotes-sep" />\n<section class="footnotes">\n<ol class="footnotes-list">\n'
    r"(?P<items>.*)</ol>\n</section>",
    re.DOTALL,
)
_ITEM: Final = re.compile(r'<li id="fn(\d+)" class="footnote-item">')
_BACK: Final = re.compile(
    r' ?<a href="#fnref\d+(?::\d+)?" class="footnote-backref">\N{LEFTWARDS ARROW WITH HOOK}\ufe0e</a>'
)


def refers_to_footnote(node: Node) -> bool:
    """Whether a node is a card that holds a reference as we write it."""
    html = node.get("html")
    return node.get("type") == "html" and isinstance(html, str) and _REFERENCE.search(html) is not None


def without_numbers(node: Node, names: Sequence[str]) -> Node:
    """The node with its references said by name; itself where it has none. `names` are in the order of the numbers."""
    if not refers_to_footnote(node):
        return node

    def name(match: re.Match[str]) -> str:
        number = int(match["number"])
        return f'<sup class="footnote-ref">{names[number - 1]}</sup>' if 0 < number <= len(names) else match[0]

    return {**node, "html": _REFERENCE.sub(name, node["html"])}


def notes_by_name(node: Node, names: Sequence[str]) -> dict[str, str] | None:
    """The HTML of each note by name, from the node that shows them all; None for any other node."""
    html = node.get("html")
    if node.get("type") != "html" or not isinstance(html, str) or (match := _NOTES.fullmatch(html)) is None:
        return None
    _, *parts = _ITEM.split(match["items"])
    numbers, items = parts[::2], parts[1::2]
    if numbers != [str(number + 1) for number in range(len(names))]:
        return None
    found: dict[str, str] = {}
    for name, item in zip(names, items, strict=True):
        if not item.endswith("</li>\n"):
            return None
        found[name] = _BACK.sub("", item.removesuffix("</li>\n")).strip("\n")
    return found


def note_text(html: str) -> str | None:
    """The Markdown of a note's HTML, as it stands after `[^name]: `; None where Markdown cannot say it."""
    wanted = html.replace(">\n<", "><")
    blocks = blocks_from_html(wanted)
    if blocks is None:
        return None
    for spelling in Spelling:
        try:
            text = blocks_text([normalise_node(block) for block in blocks], spelling)
        except Unspeakable:
            continue
        if blocks_html(text) == wanted:
            return text.replace("\n", "\n    ").replace("    \n", "\n")
    return None
