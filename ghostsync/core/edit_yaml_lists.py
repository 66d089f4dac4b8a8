"""Changes the items of a YAML list and keeps everything around the items that stay: quotes, comments, line breaks."""

from __future__ import annotations

import difflib
import re

from yaml.nodes import Node, ScalarNode, SequenceNode

from ghostsync.core.yaml_scalars import Quotes, write_scalar


class CannotEdit(Exception):
    """This value cannot be replaced where it stands."""


def edit_flow_list(content: str, node: SequenceNode, items: tuple[str, ...]) -> str:
    """Return `content` with the list `[…]` holding `items`. Raises CannotEdit."""
    old = _scalars(node)
    quotes = _common_quotes(old)
    texts = [content[item.start_mark.index : item.end_mark.index] for item in old]
    gaps = [content[old[index].end_mark.index : old[index + 1].start_mark.index] for index in range(len(old) - 1)]
    common = gaps[0] if gaps and "#" not in gaps[0] else ", "
    pieces: list[tuple[str, str | None]] = []  # text, and the gap that stood behind it
    for tag, i1, i2, j1, j2 in _opcodes(old, items):
        if tag == "equal":
            pieces.extend((texts[i], gaps[i] if i < len(gaps) else None) for i in range(i1, i2))
        elif tag in {"replace", "insert"}:
            keeps = tag == "replace" and i2 - i1 == j2 - j1
            for step, item in enumerate(items[j1:j2]):
                gap = gaps[i1 + step] if keeps and i1 + step < len(gaps) else None
                pieces.append((write_scalar(item, quotes, flow=True), gap))
    first, last = old[0].start_mark.index, old[-1].end_mark.index
    joined = "".join(text + (gap or common) for text, gap in pieces[:-1]) + pieces[-1][0]
    return content[:first] + joined + content[last:]


def edit_block_list(content: str, node: SequenceNode, items: tuple[str, ...], end: int, newline: str) -> str:
    """Return `content` with the list of `- item` lines, which ends at `end`, holding `items`. Raises CannotEdit."""
    old = _scalars(node)
    quotes = _common_quotes(old)
    starts = [_dash_line(content, item) for item in old]
    bounds = [*starts, end]
    head = re.match(r"[ \t]*-[ \t]+", content[starts[0] :])
    if head is None:
        raise CannotEdit("an item does not stand on its dash's line")
    if content[end - 1 : end] not in ("\n", "\r"):
        raise CannotEdit("the list's last line has no end")
    lines: list[str] = []
    for tag, i1, i2, j1, j2 in _opcodes(old, items):
        if tag == "equal":
            lines.extend(content[bounds[i] : bounds[i + 1]] for i in range(i1, i2))
            continue
        for step, item in enumerate(items[j1:j2]):
            written = write_scalar(item, quotes, flow=False)
            if i1 + step < i2:
                scalar = old[i1 + step]
                before = content[bounds[i1 + step] : scalar.start_mark.index]
                behind = content[scalar.end_mark.index : bounds[i1 + step + 1]]
                lines.append(before + written + behind)
            else:
                lines.append(head[0] + written + newline)
    return content[: starts[0]] + "".join(lines) + content[end:]


def _opcodes(old: list[ScalarNode], items: tuple[str, ...]) -> list[tuple[str, int, int, int, int]]:
    values = [str(item.value).strip() for item in old]
    return list(difflib.SequenceMatcher(a=values, b=items, autojunk=False).get_opcodes())


def _scalars(node: SequenceNode) -> list[ScalarNode]:
    found: list[ScalarNode] = []
    previous = node.start_mark.index - 1
    for item in node.value:
        is_in_place = isinstance(item, ScalarNode) and item.style not in ("|", ">")
        if not is_in_place or not previous < item.start_mark.index < item.end_mark.index <= node.end_mark.index:
            raise CannotEdit("an item of the list is not a plain value")
        previous = item.start_mark.index
        found.append(item)
    return found


def _common_quotes(items: list[ScalarNode]) -> Quotes:
    """Return how new items are quoted: as the others are, if they agree."""
    styles = {item.style or "" for item in items}
    return (
        {"'": Quotes.SINGLE, '"': Quotes.DOUBLE}.get(styles.pop(), Quotes.PLAIN) if len(styles) == 1 else Quotes.PLAIN
    )


def _dash_line(content: str, item: Node) -> int:
    start = max(content.rfind("\n", 0, item.start_mark.index), content.rfind("\r", 0, item.start_mark.index)) + 1
    if not re.fullmatch(r"[ \t]*-[ \t]+", content[start : item.start_mark.index]):
        raise CannotEdit("an item does not stand on its dash's line")
    return int(start)
