"""JSON with places: where each key and value stands, for messages and for edits that touch nothing else.

Python's `json` knows no positions and keeps the last of two equal keys; here two equal keys are a fault.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import cast

from ghostsync.core.raw import Entry, Fault, Listing, Raw, Scalar, ScalarKind, Table

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORDS = {"true": ScalarKind.FLAG, "false": ScalarKind.FLAG, "null": ScalarKind.EMPTY}
# Deeper than any front matter, shallower than Python's own limit.
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class JsonNode:
    """A value with its place: `raw` as read, `start` and `end` in the text, members of an object or items of a list."""

    raw: Raw
    start: int
    end: int
    members: tuple[JsonMember, ...] = ()
    items: tuple[JsonNode, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonMember:
    """A member of an object; `start` is the key's opening quote."""

    key: str
    start: int
    node: JsonNode


class _Malformed(Exception):
    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def read_json(text: str, start: int, first_line: int) -> tuple[Table, int] | Fault:
    """Return the object that begins at `start` and where it ends, or what is wrong with it.

    `first_line` is the line number of `start`.
    """
    node = read_json_node(text, start, first_line)
    if isinstance(node, Fault):
        return node
    return cast(Table, node.raw), node.end


def read_json_node(text: str, start: int, first_line: int) -> JsonNode | Fault:
    """Return the object that begins at `start` with the places of everything in it, or what is wrong with it."""
    try:
        return _Reader(text, start, first_line).object(start)
    except _Malformed as wrong:
        line = first_line + text.count("\n", start, wrong.place)
        return Fault(line=line, message=f"the JSON front matter cannot be read: {wrong.message}")


class _Reader:
    """Reads one value after the other; lines are counted from the last place looked at, so reading stays linear."""

    def __init__(self, text: str, start: int, first_line: int) -> None:
        self._text = text
        self._place = start
        self._line = first_line

    def object(self, place: int) -> JsonNode:
        if not self._text.startswith("{", place):
            raise _Malformed("an object `{…}` is expected", place)
        return self.value(place, 0)

    def value(self, place: int, depth: int) -> JsonNode:
        if depth > _DEEPEST:
            raise _Malformed(f"nested deeper than {_DEEPEST} levels", place)
        char = self._text[place : place + 1]
        line = self._line_at(place)
        if char == "{":
            return self._object(place, line, depth)
        if char == "[":
            return self._list(place, line, depth)
        if char == '"':
            string, end = self._string(place)
            return JsonNode(Scalar(string, ScalarKind.TEXT, line), place, end)
        for word, kind in _WORDS.items():
            if self._text.startswith(word, place):
                return JsonNode(Scalar(word, kind, line), place, place + len(word))
        number = _NUMBER.match(self._text, place)
        if number is None:
            raise _Malformed("a value is expected", place)
        return JsonNode(Scalar(number[0], ScalarKind.NUMBER, line), place, number.end())

    def _object(self, start: int, line: int, depth: int) -> JsonNode:
        members: list[JsonMember] = []
        entries: dict[str, Entry] = {}
        place = self._skip(start + 1)
        while not self._text.startswith("}", place):
            if members:
                place = self._expect(",", place)
            if not self._text.startswith('"', place):
                raise _Malformed("a key in double quotes is expected", place)
            key_line = self._line_at(place)
            key, end = self._string(place)
            if key in entries:
                raise _Malformed(f"the key `{key}` is already on line {entries[key].line}", place)
            node = self.value(self._expect(":", self._skip(end)), depth + 1)
            members.append(JsonMember(key, place, node))
            entries[key] = Entry(key, node.raw, key_line)
            place = self._skip(node.end)
        return JsonNode(Table(tuple(entries.values()), line), start, place + 1, members=tuple(members))

    def _list(self, start: int, line: int, depth: int) -> JsonNode:
        items: list[JsonNode] = []
        place = self._skip(start + 1)
        while not self._text.startswith("]", place):
            if items:
                place = self._expect(",", place)
            items.append(self.value(place, depth + 1))
            place = self._skip(items[-1].end)
        return JsonNode(Listing(tuple(item.raw for item in items), line), start, place + 1, items=tuple(items))

    def _string(self, place: int) -> tuple[str, int]:
        try:
            string, end = scanstring(self._text, place + 1, True)
        except json.JSONDecodeError as wrong:
            raise _Malformed(wrong.msg[:1].lower() + wrong.msg[1:], wrong.pos) from None
        return string, end

    def _expect(self, char: str, place: int) -> int:
        if not self._text.startswith(char, place):
            raise _Malformed(f"`{char}` is expected", place)
        return self._skip(place + 1)

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _line_at(self, place: int) -> int:
        self._line += self._text.count("\n", self._place, place)
        self._place = place
        return self._line
