"""Counts, sizes and names as people read them: `1 post`, `3 posts`, `1.2 MB`, `tags, title and body`."""

from __future__ import annotations

from collections.abc import Sequence

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
