"""TOML front matter: values by `tomllib`, lines by a look at the keys.

`tomlkit` would keep everything but knows no line numbers and is slow; it is used where TOML is edited. `tomllib`
refuses duplicate keys itself and says on which line.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from typing import Any

from ghostsync.core.raw import Entry, Fault, Listing, Raw, Scalar, ScalarKind, Table

_KEY = re.compile(
    r"""[ \t]*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)[ \t]*="""
)
_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([^\]\n]+?)[ \t]*\]\]?")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_DOTTED = re.compile(r"""[\w-]+|"[^"\n]*"|'[^'\n]*'""")


def read_toml(content: str, first_line: int) -> Table | tuple[Fault, ...] | None:
    """Return the table that `content` is, with lines counted from `first_line`, or what is wrong with it."""
    text = content.replace("\r\n", "\n").replace("\r", "\n")
    try:
        values = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as wrong:
        message = str(wrong)
        found = _PLACE.search(message)
        inner = int(found[1]) if found and found[1] else text.count("\n") or 1
        what = _PLACE.sub("", message).strip()
        return (
            Fault(
                line=first_line + inner - 1,
                message=f"the TOML front matter cannot be read: {what[:1].lower()}{what[1:]}",
            ),
        )
    except RecursionError:
        return (Fault(line=first_line, message="the TOML front matter is nested too deeply"),)
    return _table(values, (), key_lines(text, first_line), first_line)


def table_from_values(values: dict[str, Any], lines: dict[tuple[str, ...], int], line: int) -> Table:
    """Return TOML values that `tomllib` has read as a table; `lines` as `key_lines` gives them."""
    return _table(values, (), lines, line)


def key_lines(text: str, first_line: int) -> dict[tuple[str, ...], int]:
    """Return on which line each key path first stands; text inside multi-line strings is passed over."""
    lines: dict[tuple[str, ...], int] = {}
    prefix: tuple[str, ...] = ()
    open_quote = ""
    for number, line in enumerate(text.split("\n"), first_line):
        if not open_quote:
            header = _HEADER.match(line)
            key = _KEY.match(line)
            if key is not None:
                path = (*prefix, *_split(key[1]))
                for depth in range(len(prefix) + 1, len(path) + 1):
                    lines.setdefault(path[:depth], number)
            elif header is not None:
                prefix = _split(header[1])
                lines.setdefault(prefix, number)
        open_quote = _quote_after(line, open_quote)
    return lines


def _quote_after(line: str, open_quote: str) -> str:
    """Return the delimiter of the multi-line string that is open after `line`, or nothing."""
    place = 0
    while True:
        if open_quote:
            end = line.find(open_quote, place)
            if end < 0:
                return open_quote
            place, open_quote = end + 3, ""
            continue
        starts = [(line.find(quote, place), quote) for quote in ('"""', "'''")]
        found = min(((at, quote) for at, quote in starts if at >= 0), default=None)
        if found is None:
            return ""
        place, open_quote = found[0] + 3, found[1]


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _DOTTED.findall(dotted))


def _table(values: dict[str, Any], path: tuple[str, ...], lines: dict[tuple[str, ...], int], line: int) -> Table:
    entries = []
    for key, value in values.items():
        here = (*path, key)
        at = lines.get(here, line)
        entries.append(Entry(key, _raw(value, here, lines, at), at))
    return Table(tuple(entries), line)


def _raw(value: Any, path: tuple[str, ...], lines: dict[tuple[str, ...], int], line: int) -> Raw:
    match value:
        case dict():
            return _table(value, path, lines, line)
        case list():
            return Listing(tuple(_raw(item, path, lines, line) for item in value), line)
        case bool():
            return Scalar("true" if value else "false", ScalarKind.FLAG, line)
        case datetime() | date() | time():
            return Scalar(value.isoformat().replace("+00:00", "Z"), ScalarKind.DATE, line)
        case int():
            return Scalar(str(value), ScalarKind.NUMBER, line)
        case _:
            return Scalar(str(value), ScalarKind.TEXT, line)
