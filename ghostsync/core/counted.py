"""Counts, sizes and values as people read them: `1 post`, `1.2 MB`, `tags, title and body`, `2026-11-23 07:45 UTC`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghostsync.model import Edit, FieldValue

_UNITS = ("bytes", "kB", "MB", "GB")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 post`, `3 posts`, `1,000 posts`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def spoken_size(size: int) -> str:
    """Return a size in bytes for people, in powers of a thousand: `812 bytes`, `1.2 MB`, `48 kB`."""
    if size < 1000:
        return counted(size, "byte")
    value = float(size)
    unit = 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{value:.1f} {_UNITS[unit]}" if value < 9.95 else f"{value:.0f} {_UNITS[unit]}"


def listed(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def spoken_value(value: FieldValue, *, most: int = 200) -> str:
    """Return a field's value for people: `nothing`, `yes`, `News, #internal`, `2026-11-23 07:45 UTC`, text in one line.

    Text longer than `most` characters is cut, and says so.
    """
    match value:
        case None | "" | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value)
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?Z", value)
    if found:
        seconds = "" if found[3] in {None, ":00"} else found[3]
        return f"{found[1]} {found[2]}{seconds} UTC"
    text = " ".join(value.split())
    return text if len(text) <= most else f"{text[: most - 1]}… ({len(text):,} characters)"


def spoken_edit(edit: Edit) -> str:
    """Return who did what and when: `edited by Ann Editor, 2026-11-23 10:15 UTC`."""
    who = f" by {edit.who}" if edit.who else ""
    return f"{edit.event}{who}, {spoken_value(edit.at)}"
