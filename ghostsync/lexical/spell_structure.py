"""Paragraphs, headings, quotes, asides and lists in normal form as Markdown."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from ghostsync.lexical.spell_inline import Line, Spelling, Unspeakable, spell_inline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ghostsync.lexical.nodes import Node


class Markers(Enum):
    """Which of the two list markers: lists that stand side by side must not share one."""

    FIRST = ("-", ".")
    SECOND = ("*", ")")


_COLONS: Final = re.compile(r"^ *(:{3,})", re.MULTILINE)
#: The largest number that CommonMark takes for a list's first.
_MAX_START: Final = 999_999_999


def expect(node: Node, *keys: str) -> None:
    """Raise Unspeakable if a node has more to say than these keys."""
    if node.keys() - {"type", "children", *keys}:
        raise Unspeakable(node["type"])


def _paragraph(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    expect(node)
    if any(child["type"] == "link" or child.get("text", "").strip() for child in node["children"]):
        return spell_inline(node["children"], spelling)
    return f"<p>{_blank(node['children'])}</p>"


def _blank(children: Sequence[Node]) -> str:
    parts: list[str] = []
    for child in children:
        if child["type"] == "linebreak":
            parts.append("<br>")
        elif child["type"] == "text" and "format" not in child:
            parts.append("".join(" " if one == " " else f"&#{ord(one)};" for one in child["text"]))
        else:
            raise Unspeakable(child["type"])
    return "".join(parts).replace("&#160;", "&nbsp;")


def _heading(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    expect(node, "tag")
    if not re.fullmatch("h[1-6]", node["tag"]):
        raise Unspeakable("heading")
    text = spell_inline(node["children"], spelling, Line.ONE)
    text = re.sub(r"(?:(?<=[ \t])|^)(#+)$", r"\\\1", text)
    return f"{'#' * int(node['tag'][1])} {text}".rstrip(" ")


def _quote(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    expect(node)
    text = joined(node["children"], spelling)
    return "\n".join(f"> {line}".rstrip(" ") for line in text.split("\n"))


def _aside(node: Node, spelling: Spelling, markers: Markers) -> str:
    del markers
    expect(node)
    return container("aside", "", joined(node["children"], spelling))


def container(name: str, attributes: str, body: str) -> str:
    """A `:::` container, with as many colons as its body takes."""
    longest = max((len(run) for run in _COLONS.findall(body)), default=2)
    colons = ":" * max(3, longest + 1)
    head = f"{colons} {name} {attributes}".rstrip(" ")
    return f"{head}\n{body}\n{colons}" if body else f"{head}\n{colons}"


def joined(children: Sequence[Node], spelling: Spelling) -> str:
    """Inline nodes in which two line breaks are a new paragraph."""
    parts: list[list[Node]] = [[]]
    position = 0
    while position < len(children):
        pair = children[position : position + 3]
        is_pair = len(pair) == 3 and pair[0]["type"] == pair[1]["type"] == "linebreak" != pair[2]["type"]
        if is_pair and parts[-1] and parts[-1][-1]["type"] != "linebreak":
            parts.append([])
            position += 2
        else:
            parts[-1].append(children[position])
            position += 1
    return "\n\n".join(spell_inline(part, spelling) for part in parts)


def _list(node: Node, spelling: Spelling, markers: Markers) -> str:
    return "\n".join(_list_lines(node, spelling, markers))


def _list_lines(node: Node, spelling: Spelling, markers: Markers) -> list[str]:
    expect(node, "listType", "start")
    bullet, after_number = markers.value
    ordered = node["listType"] == "number"
    number = node.get("start", 1)
    if node["listType"] not in {"bullet", "number"} or not node["children"]:
        raise Unspeakable("list")
    if (number != 1 and not ordered) or not 0 <= number <= _MAX_START - len(node["children"]):
        raise Unspeakable("list")
    lines: list[str] = []
    width = 2
    is_fresh = False  # the item above has no list yet
    for item in node["children"]:
        if item["type"] != "listitem":
            raise Unspeakable("list")
        expect(item)
        children = item["children"]
        if len(children) == 1 and children[0]["type"] == "list":
            if not is_fresh:
                raise Unspeakable("list")
            is_fresh = False
            _append_nested(lines, _list_lines(children[0], spelling, markers), children[0], width)
            continue
        marker = f"{number}{after_number}" if ordered else bullet
        number += ordered
        width = len(marker) + 1
        text = spell_inline(children, spelling)
        first, *rest = text.split("\n")
        lines.append(f"{marker} {first}".rstrip(" "))
        lines += [" " * width + line for line in rest]
        is_fresh = True
    return lines


def _append_nested(lines: list[str], inner: list[str], node: Node, width: int) -> None:
    indented = [" " * width + line if line else "" for line in inner]
    above = lines[-1].strip()
    if re.fullmatch(r"[-*]|\d+[.)]", above):
        # An item without text: its list begins on the marker's own line.
        lines[-1] = lines[-1] + " " + indented[0][width:]
        lines += indented[1:]
        return
    starts_paragraph = node.get("start", 1) != 1 or re.fullmatch(r"[-*]|\d+[.)]", inner[0]) is not None
    if starts_paragraph:
        # Only a list that begins with a filled item number one may interrupt a paragraph.
        lines.append("")
    lines += indented


STRUCTURES: Final[dict[str, Callable[[Node, Spelling, Markers], str]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "quote": _quote,
    "aside": _aside,
    "list": _list,
}


def blocks_text(blocks: Sequence[Node], spelling: Spelling) -> str:
    """Several blocks with blank lines between them."""
    parts: list[str] = []
    previous = ("", Markers.FIRST)
    for block in blocks:
        markers = next_markers(previous, block)
        parts.append(STRUCTURES[block["type"]](block, spelling, markers))
        previous = (str(block.get("listType", "")), markers)
    return "\n\n".join(parts)


def next_markers(previous: tuple[str, Markers], block: Node) -> Markers:
    """The list markers for a block after one of this list type and markers."""
    kind, markers = previous
    if kind and kind == block.get("listType"):
        return Markers.SECOND if markers is Markers.FIRST else Markers.FIRST
    return Markers.FIRST
