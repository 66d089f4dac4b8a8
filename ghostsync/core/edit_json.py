"""Changes one key of JSON front matter and leaves every other byte as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ghostsync.core.edit_yaml import EditValue
from ghostsync.core.edit_yaml_lists import CannotEdit
from ghostsync.core.raw import Fault
from ghostsync.core.syntax_json import JsonNode, read_json_node


def put_json(content: str, path: Sequence[str], value: EditValue, *, newline: str, after: str | None) -> str:
    """Return `content` with `value` at `path`; a new key goes behind the key `after`, or first. Raises CannotEdit."""
    holder = _descend(_read(content), path[:-1])
    written = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    for member in holder.members:
        if member.key == path[-1]:
            if isinstance(value, tuple) and member.node.items:
                written = _relaid(content, member.node, value)
            return content[: member.node.start] + written + content[member.node.end :]
    pair = f"{json.dumps(path[-1], ensure_ascii=False)}: {written}"
    if not holder.members:
        return content[: holder.start + 1] + newline + "  " + pair + newline + content[holder.end - 1 :]
    lead = content[holder.start + 1 : holder.members[0].start]
    before = next((member for member in holder.members if member.key == after), None)
    if before is None:
        return content[: holder.members[0].start] + pair + "," + (lead or " ") + content[holder.members[0].start :]
    return content[: before.node.end] + "," + (lead or " ") + pair + content[before.node.end :]


def drop_json(content: str, path: Sequence[str]) -> str:
    """Return `content` without the key at `path`, and without the object around it where that is then empty."""
    holder = _descend(_read(content), path[:-1])
    index = next((at for at, member in enumerate(holder.members) if member.key == path[-1]), None)
    if index is None:
        raise CannotEdit("there is no such key")
    if len(holder.members) == 1:
        if len(path) > 1:
            return drop_json(content, path[:-1])
        return content[: holder.start] + "{}" + content[holder.end :]
    member = holder.members[index]
    if index + 1 < len(holder.members):
        return content[: member.start] + content[holder.members[index + 1].start :]
    return content[: holder.members[index - 1].node.end] + content[member.node.end :]


def _read(content: str) -> JsonNode:
    begin = re.match(r"\s*", content)
    node = read_json_node(content, begin.end() if begin else 0, 1)
    if isinstance(node, Fault):
        raise CannotEdit(node.message)
    return node


def _descend(node: JsonNode, path: Sequence[str]) -> JsonNode:
    for key in path:
        found = next((member.node for member in node.members if member.key == key), None)
        if found is None:
            raise CannotEdit("the object that would hold the key is missing")
        node = found
    return node


def _relaid(content: str, node: JsonNode, items: tuple[str, ...]) -> str:
    """Return the list with its own spacing between items."""
    first, last = node.items[0], node.items[-1]
    gap = content[first.end : node.items[1].start] if len(node.items) > 1 else None
    lead = content[node.start + 1 : first.start]
    between = gap or ("," + lead if "\n" in lead else ", ")
    joined = between.join(json.dumps(item, ensure_ascii=False) for item in items)
    return f"[{lead}{joined}{content[last.end : node.end]}" if items else "[]"
