"""Carrying an edit over to a card's YAML fence key by key, whatever order and comments its author chose.

Like everything in `textmerge` this only proposes: it knows lines and keys at the margin, not YAML. A YAML library
that keeps comments was rejected here because it would rewrite the quoting and indentation of what it does not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ghostsync.lexical.textmerge import Spacing, carry_words

_FENCE: Final = re.compile(r"(?P<open>(`{3,}|~{3,}) *ghost:[^\n]*)\n(?P<body>.*\n)?(?P<close>[`~]{3,})", re.DOTALL)
_KEY: Final = re.compile(r"(?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z_][\w-]*)(?=\s*:(?:\s|$))")
_COMMENT: Final = re.compile(r"[ \t]+#.*$")


def carry_keys(author: str, base: str, edited: str) -> Iterator[str]:
    """Yield `author` with the keys that differ between `base` and `edited` changed, the closest spelling first."""
    fences = [_FENCE.fullmatch(one) for one in (author, base, edited)]
    if not all(fences):
        return
    ours, theirs, wanted = (_entries((match["body"] or "") if match else "") for match in fences)
    frame = fences[0]
    if frame is None:
        return
    for by_words in (True, False):
        entries = dict(ours)
        for key in theirs.keys() | wanted.keys():
            if theirs.get(key) == wanted.get(key):
                continue
            if key not in wanted:
                entries.pop(key, None)
            elif key in ours:
                entries[key] = _value(ours[key], theirs.get(key, ""), wanted[key], by_words=by_words)
        added = [key for key in wanted if key not in ours and theirs.get(key) != wanted[key]]
        body = "".join(entries.values()) + "".join(wanted[key] for key in added)
        yield f"{frame['open']}\n{body}{frame['close']}"


def _entries(body: str) -> dict[str, str]:
    """Split at the keys of the top level; comments and blank lines before the first key stand under no key."""
    entries: dict[str, str] = {"": ""}
    current = ""
    for line in body.splitlines(keepends=True):
        if match := _KEY.match(line):
            current = match[0].strip("\"'")
            entries.setdefault(current, "")
        entries[current] += line
    return entries


def _value(ours: str, theirs: str, wanted: str, *, by_words: bool) -> str:
    lines = ours.splitlines(keepends=True)
    # Comments and blank lines after the value belong to what follows it.
    size = len(lines)
    while size > 1 and (not lines[size - 1].strip() or lines[size - 1].startswith("#")):
        size -= 1
    value, rest = "".join(lines[:size]), "".join(lines[size:])
    if by_words:
        carried = carry_words(value, theirs, wanted, Spacing.EXACT)
        if carried is not None:
            return carried + rest
    comment = _COMMENT.search(value.rstrip("\n")) if size == 1 else None
    if comment and wanted.count("\n") == 1:
        wanted = wanted.rstrip("\n") + comment[0] + "\n"
    return wanted + rest
