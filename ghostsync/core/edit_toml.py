"""Changes one key of TOML front matter by way of `tomlkit`, which keeps comments, order and spelling of the rest."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, DateTime, Item, String, StringType

from ghostsync.core.edit_yaml import EditValue
from ghostsync.core.edit_yaml_lists import CannotEdit
from ghostsync.core.raw import ScalarKind

_LINE_END = re.compile(r"\r\n|\n")
# What a literal string cannot hold: it knows no escapes.
_UNSAID = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def put_toml(content: str, path: Sequence[str], value: EditValue, *, kind: ScalarKind, newline: str) -> str:
    """Return `content` with `value` at `path`. Raises CannotEdit."""
    try:
        document = tomlkit.parse(content)
        holder: Any = document
        for step in path[:-1]:
            if step not in holder:
                holder.add(step, tomlkit.table())
            holder = holder[step]
        old = holder.get(path[-1]) if path[-1] in holder else None
        if isinstance(old, Array) and isinstance(value, tuple):
            _edit_array(old, value)
        else:
            holder[path[-1]] = _item(value, old, kind)
        return _with_line_ends(document.as_string(), content, newline)
    except (TOMLKitError, KeyError, TypeError, ValueError, AttributeError, IndexError) as wrong:
        raise CannotEdit(str(wrong)) from None


def drop_toml(content: str, path: Sequence[str], *, newline: str) -> str:
    """Return `content` without the key at `path`. Raises CannotEdit."""
    try:
        document = tomlkit.parse(content)
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        holder.remove(path[-1])
        return _with_line_ends(document.as_string(), content, newline)
    except (TOMLKitError, KeyError, TypeError, ValueError, AttributeError, IndexError) as wrong:
        raise CannotEdit(str(wrong)) from None


def _item(value: EditValue, old: object, kind: ScalarKind) -> Item:
    match value:
        case bool():
            return tomlkit.item(value)
        case tuple():
            return tomlkit.item(list(value))
        case str() if kind is ScalarKind.DATE and not isinstance(old, String):
            found = tomlkit.value(value)
            if not isinstance(found, DateTime) and hasattr(found, "trivia"):
                return found  # a date alone, or a time without zone
            return found
        case str():
            return _string(value, old)


def _string(value: str, old: object) -> Item:
    style = old._t if isinstance(old, String) else StringType.SLB  # noqa: SLF001
    literal = style in {StringType.SLL, StringType.MLL}
    multiline = "\n" in value or style in {StringType.MLB, StringType.MLL}
    quote = "'''" if multiline else "'"
    if literal and (quote in value or _UNSAID.search(value)):
        literal = False
    return tomlkit.string(value, literal=literal, multiline=multiline)


def _edit_array(array: Array, items: tuple[str, ...]) -> None:
    """Change the array item by item, so that what stays keeps its lines and comments."""
    old = [str(item) for item in array]
    matcher = difflib.SequenceMatcher(a=old, b=items, autojunk=False)
    for tag, i1, i2, j1, j2 in reversed(matcher.get_opcodes()):
        if tag in {"replace", "delete"}:
            for index in range(i2 - 1, i1 - 1, -1):
                del array[index]
        if tag in {"replace", "insert"}:
            for item in reversed(items[j1:j2]):
                array.insert(i1, item)


def _with_line_ends(text: str, before: str, newline: str) -> str:
    """Return `text` with the line ends that its lines had in `before`; new lines end as the file's do."""
    if "\r" not in before and newline == "\n":
        return text
    old, new = _LINE_END.split(before), _LINE_END.split(text)
    ends = [*_LINE_END.findall(before), ""]
    found = [newline] * (len(new) - 1)
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for step in range(i2 - i1):
                if j1 + step < len(found):
                    found[j1 + step] = ends[i1 + step] or newline
    return "".join(line + end for line, end in zip(new, [*found, ""], strict=True))
