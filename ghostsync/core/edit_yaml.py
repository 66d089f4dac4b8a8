"""Changes one key of a YAML text and leaves every other byte as it is.

PyYAML's nodes say where a value stands; only that stretch is replaced, in the author's own way of writing: quotes,
flow or block lists, the line breaks of folded text. A dump of the whole document, as `ruamel.yaml` does it well,
still changes indentation, line widths and some quotes elsewhere; it is the way out (`rewrite_yaml`) where a key cannot
be replaced in place, for instance behind an alias.

Nothing here is trusted: `ghostsync.core.editing` reads the result again and refuses it unless exactly this key changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from yaml.error import YAMLError
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ghostsync.core.edit_yaml_lists import CannotEdit, edit_block_list, edit_flow_list
from ghostsync.core.raw import ScalarKind
from ghostsync.core.syntax_yaml import compose_yaml
from ghostsync.core.yaml_scalars import Quotes, write_literal, write_scalar

Step = str | int
EditValue = str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry of a mapping (or item of a list), and what follows it there."""

    parent: CollectionNode
    index: int
    key: Node | None
    value: Node


def put_yaml(
    content: str, path: Sequence[Step], value: EditValue, *, kind: ScalarKind, newline: str, after: str | None
) -> str:
    """Return `content` with `value` at `path`; a new key goes behind the key `after`, or first where that is None.

    Raises CannotEdit.
    """
    root = compose_yaml(content)
    if root is None:
        return content + _new_line(str(path[0]), path[1:], value, kind, 0, newline)
    place = _find(root, path)
    if place is not None:
        return _replace_value(content, place, value, kind, newline)
    parent = _find_node(root, path[:-1])
    if isinstance(parent, MappingNode):
        return _insert_key(content, parent, str(path[-1]), value, kind, newline, after)
    if parent is None and len(path) > 1 and isinstance(root, MappingNode):
        raise CannotEdit("the mapping that would hold the key is missing")
    raise CannotEdit("the key's place is taken by something else")


def drop_yaml(content: str, path: Sequence[Step]) -> str:
    """Return `content` without the key at `path`, and without the mapping around it where that leaves it empty.

    Raises CannotEdit.
    """
    root = compose_yaml(content)
    place = _find(root, path) if root is not None else None
    if place is None:
        raise CannotEdit("there is no such key")
    if len(place.parent.value) == 1 and len(path) > 1:
        return drop_yaml(content, path[:-1])
    if place.parent.flow_style:
        return _drop_from_flow(content, place)
    start, end = _entry_lines(content, place)
    head = (place.key or place.value).start_mark
    if place.key is not None and content[head.index - head.column : head.index].strip():
        # The first key behind a list's dash: the next one moves up to it.
        following = place.parent.value[place.index + 1 : place.index + 2]
        if not following:
            raise CannotEdit("the key stands alone behind a dash")
        return content[: head.index] + content[following[0][0].start_mark.index :]
    return content[:start] + content[end:]


def rewrite_yaml(content: str, path: Sequence[Step], value: EditValue | None) -> str:
    """Return `content` with the key set (for None, removed) by `ruamel.yaml`, which may lay out the rest anew."""
    from ruamel.yaml import YAML  # noqa: PLC0415 (slow to import, and hardly ever needed)
    from ruamel.yaml.error import YAMLError as Refused  # noqa: PLC0415

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    try:
        data = yaml.load(content)
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        if value is None:
            del holder[path[-1]]
        else:
            holder[path[-1]] = list(value) if isinstance(value, tuple) else value
        out = StringIO()
        yaml.dump(data, out)
    except (Refused, KeyError, TypeError, IndexError, AttributeError, NotImplementedError, RecursionError) as wrong:
        raise CannotEdit(str(wrong)) from None
    return out.getvalue()


# --- finding


def _find_node(root: Node, path: Sequence[Step]) -> Node | None:
    if not path:
        return root
    place = _find(root, path)
    return place.value if place is not None else None


def _find(node: Node, path: Sequence[Step]) -> _Place | None:
    place: _Place | None = None
    for step in path:
        place = None
        if isinstance(node, MappingNode) and isinstance(step, str):
            for index, (key, value) in enumerate(node.value):
                if isinstance(key, ScalarNode) and key.value == step:
                    place = _Place(node, index, key, value)
                    break
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            place = _Place(node, step, None, node.value[step])
        if place is None:
            return None
        node = place.value
    return place


def _line_start(content: str, index: int) -> int:
    return max(content.rfind("\n", 0, index), content.rfind("\r", 0, index)) + 1


def _line_end(content: str, index: int) -> int:
    """Return where the next line begins."""
    found = re.compile(r"\r\n|\n|\r").search(content, index)
    return found.end() if found else len(content)


def _next_start(place: _Place) -> int:
    """Return where the following sibling begins, or where the parent ends."""
    siblings = place.parent.value
    if place.index + 1 >= len(siblings):
        return int(place.parent.end_mark.index)
    following = siblings[place.index + 1]
    node = following[0] if isinstance(following, tuple) else following
    return int(node.start_mark.index)


def _entry_lines(content: str, place: _Place) -> tuple[int, int]:
    """Return the lines of an entry in block style, without blank and comment lines that follow it."""
    start = _line_start(content, (place.key or place.value).start_mark.index)
    limit = _next_start(place)
    limit = len(content) if limit >= len(content) else _line_start(content, limit)
    floor = _line_end(content, max(_value_end(content, place) - 1, start))
    end = max(limit, floor)
    while end > floor:
        line = _line_start(content, end - 1 - (content[end - 2 : end] == "\r\n"))
        text = content[line:end].strip()
        if line < floor or (text and not text.startswith("#")):
            break
        end = line
    return start, end


def _value_end(content: str, place: _Place) -> int:
    """Return where a value really ends; the marks of block values run on to the next token."""
    value = place.value
    end = int(value.end_mark.index)
    if isinstance(value, ScalarNode):
        if value.style in ("|", ">"):
            text = content[value.start_mark.index : end]
            return int(value.start_mark.index) + len(text.rstrip(" \t\r\n"))
        return end
    if not isinstance(value, CollectionNode) or value.flow_style or not value.value:
        return end
    last = value.value[-1]
    inner = _Place(value, len(value.value) - 1, *(last if isinstance(last, tuple) else (None, last)))
    return _value_end(content, inner)


# --- replacing


def _replace_value(content: str, place: _Place, value: EditValue, kind: ScalarKind, newline: str) -> str:
    node = place.value
    key_end = place.key.end_mark.index if place.key is not None else place.parent.start_mark.index
    if not key_end <= node.start_mark.index <= max(_next_start(place), key_end):
        raise CannotEdit("the value is an alias")
    flow = bool(place.parent.flow_style)
    if isinstance(value, tuple) and isinstance(node, SequenceNode) and value and node.value:
        if node.flow_style:
            return edit_flow_list(content, node, value)
        _, end = _entry_lines(content, place)
        return edit_block_list(content, node, value, end, newline)
    if isinstance(node, ScalarNode):
        return _replace_scalar(content, place, node, value, kind, newline, flow)
    start, end = int(node.start_mark.index), _value_end(content, place)
    written = _write(value, Quotes.PLAIN, kind, flow, _column(content, place), newline)
    if not (isinstance(node, CollectionNode) and node.flow_style) and place.key is not None:
        # `key:` stands on a line before the block; what replaces the block goes behind it.
        colon = content.index(":", place.key.end_mark.index) + 1
        return content[:colon] + " " + written + content[end:]
    return content[:start] + written + content[end:]


def _replace_scalar(
    content: str, place: _Place, node: ScalarNode, value: EditValue, kind: ScalarKind, newline: str, flow: bool
) -> str:
    start, end = int(node.start_mark.index), _value_end(content, place)
    if start == end and not node.style:
        written = _write(value, Quotes.PLAIN, kind, flow, _column(content, place), newline)
        glue = "" if content[start - 1 : start].isspace() else " "
        tail = "" if content[start : start + 1] in ("", "\r", "\n", " ") else " "
        return content[:start] + glue + written + tail + content[start:]
    if isinstance(value, str) and node.style in ("|", ">", "", None, '"') and "\n" in content[start:end]:
        rewrapped = _edit_words(content[start:end], str(node.value), value)
        if rewrapped is not None and _reads_as(rewrapped, _column(content, place), newline, value):
            return content[:start] + rewrapped + content[end:]
    quotes = {"'": Quotes.SINGLE, '"': Quotes.DOUBLE}.get(node.style or "", Quotes.PLAIN)
    if isinstance(value, str) and "\n" in value and not flow:
        # A block of text cannot have the comment behind it that stands behind this value.
        quotes = Quotes.DOUBLE if content[end : _line_end(content, end)].strip() else Quotes.PLAIN
    return content[:start] + _write(value, quotes, kind, flow, _column(content, place), newline) + content[end:]


def _reads_as(written: str, column: int, newline: str, value: str) -> bool:
    """Whether a value written in several lines reads as `value`."""
    try:
        root = compose_yaml(f"{' ' * column}k: {written}{newline}")
    except YAMLError:
        return False
    node = root.value[0][1] if isinstance(root, MappingNode) and len(root.value) == 1 else None
    if not isinstance(node, ScalarNode):
        return False
    text = str(node.value)
    return (text.removesuffix("\n") if node.style in ("|", ">") else text) == value


def _edit_words(raw: str, before: str, after: str) -> str | None:
    """Return folded or wrapped text with only the changed words changed, or None where that cannot be done."""
    header = re.match(r"[|>][^\r\n]*(?:\r\n|\n|\r)", raw)
    begin = header.end() if header else 0
    parts = re.split(r"(\s+)", raw[begin:])
    if parts and not parts[0]:
        begin += len(parts[1]) if len(parts) > 1 else 0
        parts = parts[2:]
    words, gaps = parts[::2], parts[1::2]
    if words != before.split() or not after.split():
        return None
    new = re.split(r"(\s+)", after.strip())
    new_words, new_gaps = new[::2], new[1::2]
    kept_gap: dict[int, str] = {}
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=words, b=new_words, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            kept_gap |= {j1 + step: gaps[i1 + step] for step in range(i2 - i1) if i1 + step < len(gaps)}
        elif tag == "replace" and i2 <= len(gaps):
            kept_gap[j2 - 1] = gaps[i2 - 1]
    pieces: list[str] = []
    for index, word in enumerate(new_words):
        pieces.append(word)
        if index < len(new_words) - 1:
            pieces.append(kept_gap.get(index, new_gaps[index] if "\n" not in new_gaps[index] else " "))
    return raw[:begin] + "".join(pieces)


def _write(value: EditValue, quotes: Quotes, kind: ScalarKind, flow: bool, column: int, newline: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return "[" + ", ".join(write_scalar(item, quotes, flow=True) for item in value) + "]"
        case str():
            literal = write_literal(value, column + 2, newline) if not flow and quotes is Quotes.PLAIN else None
            return literal or write_scalar(value, quotes, flow=flow, kind=kind)


def _column(content: str, place: _Place) -> int:
    """Return the column of the entry's key (or of the list item's dash)."""
    mark = (place.key or place.value).start_mark
    line = content[_line_start(content, mark.index) : mark.index]
    return len(line) if place.key is not None else len(line) - len(line.lstrip())


# --- adding


def _new_line(key: str, rest: Sequence[Step], value: EditValue, kind: ScalarKind, column: int, newline: str) -> str:
    if rest:
        inner = _new_line(str(rest[0]), rest[1:], value, kind, column + 2, newline)
        return f"{' ' * column}{_key(key)}:{newline}{inner}"
    return f"{' ' * column}{_key(key)}: {_write(value, Quotes.PLAIN, kind, False, column, newline)}{newline}"


def _key(key: str) -> str:
    return write_scalar(key, Quotes.PLAIN, flow=False)


def _insert_key(
    content: str,
    parent: MappingNode,
    key: str,
    value: EditValue,
    kind: ScalarKind,
    newline: str,
    after: str | None,
) -> str:
    if parent.flow_style or not parent.value:
        return _insert_into_flow(content, parent, key, value, kind)
    entries = [_Place(parent, index, name, node) for index, (name, node) in enumerate(parent.value)]
    before = next((entry for entry in entries if isinstance(entry.key, ScalarNode) and entry.key.value == after), None)
    column = _column(content, entries[0])
    line = _new_line(key, (), value, kind, column, newline)
    if before is None:
        start = _line_start(content, parent.value[0][0].start_mark.index)
        if content[start : start + column].strip():
            before = entries[0]  # behind a list's dash: the first key stays where it is
        else:
            return content[:start] + line + content[start:]
    _, end = _entry_lines(content, before)
    if end and content[end - 1] not in "\r\n":
        return content[:end] + newline + line.removesuffix(newline) + content[end:]
    return content[:end] + line + content[end:]


def _insert_into_flow(content: str, parent: MappingNode, key: str, value: EditValue, kind: ScalarKind) -> str:
    end = int(parent.end_mark.index) - 1
    if content[end : end + 1] != "}":
        raise CannotEdit("there is no mapping to add the key to")
    written = f"{write_scalar(key, Quotes.PLAIN, flow=True)}: {_write(value, Quotes.PLAIN, kind, True, 0, '')}"
    if not parent.value:
        return content[:end] + written + content[end:]
    last = int(parent.value[-1][1].end_mark.index)
    return content[:last] + ", " + written + content[last:]


def _drop_from_flow(content: str, place: _Place) -> str:
    siblings = place.parent.value
    start = int((place.key or place.value).start_mark.index)
    if place.index + 1 < len(siblings):
        return content[:start] + content[_next_start(place) :]
    if place.index:
        previous = siblings[place.index - 1]
        node = previous[1] if isinstance(previous, tuple) else previous
        start = int(node.end_mark.index)
    return content[:start] + content[int(place.value.end_mark.index) :]
