"""What changed in a text, word by word, so that a reviewer sees the typo and not the paragraph.

Two steps: lines are matched first, then the words of the lines that differ. Matching the words of whole documents at
once would pair a `the` of the first paragraph with one of the last, and take quadratic time on long posts.

A change of white space alone is still a change (Markdown's trailing spaces mean something), so white space is a word
of its own. Rejected: a diff of rendered text. It would hide changed link targets, which is what a reviewer most needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")

# Above this many words on either side of one changed passage the words are not matched: it has been rewritten, and
# the time of matching grows with the product.
_MOST_WORDS = 4000
# Passages with less in common than this are shown as old and new: a confetti of single words is unreadable.
_ALIKE = 0.35


class Was(StrEnum):
    """What happened to a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that was kept, removed or added."""

    was: Was
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """A passage with changes and its surroundings."""

    line: int
    """Line of the new text's file at which the passage begins."""
    pieces: tuple[Piece, ...]
    """Joined without the removed ones: lines of the new text; without the added ones: lines of the old text."""


def diff_words(before: str, after: str) -> tuple[Piece, ...]:
    """Return the whole of both texts as pieces.

    Without the added pieces they join to `before`, without the removed ones to `after`, always.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    # In a long text, blank lines and others that stand everywhere say nothing of what belongs together, and matching
    # each of them with each takes minutes: difflib's own rule leaves them to the lines beside them.
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Was.KEPT, "".join(old[a:b])))
        else:
            pieces += _passage("".join(old[a:b]), "".join(new[c:d]))
    return tuple(_joined(pieces))


def diff_hunks(before: str, after: str, *, first: int = 1, context: int = 1) -> tuple[Hunk, ...]:
    """Return only the passages that changed, each with `context` unchanged lines around it; empty when equal.

    `first` is the line of its file at which the new text begins.
    """
    lines = list(_lines(diff_words(before, after)))
    changed = [index for index, line in enumerate(lines) if any(piece.was is not Was.KEPT for piece in line)]
    hunks: list[Hunk] = []
    for start, end in _ranges(changed, context=context, count=len(lines)):
        pieces = _joined([piece for line in lines[start:end] for piece in line])
        earlier = sum(
            piece.text.count("\n") for line in lines[:start] for piece in line if piece.was is not Was.REMOVED
        )
        hunks.append(Hunk(line=first + earlier, pieces=tuple(pieces)))
    return tuple(hunks)


def spell_plain(pieces: tuple[Piece, ...]) -> str:
    """Return pieces as text that is readable without colour: `[-old-]{+new+}`."""
    return "".join(_spell(piece) for piece in pieces)


def _spell(piece: Piece) -> str:
    # Marks stay inside their line, so that a terminal, a pager and `grep` can deal with each line by itself.
    match piece.was:
        case Was.KEPT:
            return piece.text
        case Was.REMOVED:
            opening, closing = "[-", "-]"
        case Was.ADDED:
            opening, closing = "{+", "+}"
    spelled: list[str] = []
    for line in piece.text.splitlines(keepends=True):
        text = line.rstrip("\r\n")
        spelled.append(f"{opening}{text}{closing}{line[len(text) :]}" if text else line)
    return "".join(spelled)


def _passage(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if not before or not after or max(len(before), len(after)) > _MOST_WORDS:
        yield from _replaced(old, new)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept = sum(len(word) for block in matcher.get_matching_blocks() for word in before[block.a : block.a + block.size])
    if 2 * kept < _ALIKE * (len(old) + len(new)):
        yield from _replaced(old, new)
        return
    pieces: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Was.KEPT, "".join(before[a:b])))
        else:
            pieces += _replaced("".join(before[a:b]), "".join(after[c:d]))
    yield from _without_islands(pieces)


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(Was.REMOVED, old)
    if new:
        yield Piece(Was.ADDED, new)


def _without_islands(pieces: list[Piece]) -> Iterator[Piece]:
    """Take a lone kept blank between two changes into them: `[-old words-]{+new words+}`, not word by word."""
    removed = added = ""
    for index, piece in enumerate(pieces):
        is_island = (
            piece.was is Was.KEPT
            and 0 < index < len(pieces) - 1
            and not piece.text.strip()
            and "\n" not in piece.text
            and bool(removed and added)
            and {pieces[index + 1].was} <= {Was.REMOVED, Was.ADDED}
        )
        match piece.was:
            case Was.REMOVED:
                removed += piece.text
            case Was.ADDED:
                added += piece.text
            case _ if is_island:
                removed += piece.text
                added += piece.text
            case _:
                yield from _replaced(removed, added)
                removed = added = ""
                yield piece
    yield from _replaced(removed, added)


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].was is piece.was:
            joined[-1] = Piece(piece.was, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


def _lines(pieces: tuple[Piece, ...]) -> Iterator[list[Piece]]:
    """Yield pieces line by line; a removed line end ends a line too."""
    line: list[Piece] = []
    for piece in pieces:
        for text in piece.text.splitlines(keepends=True):
            line.append(Piece(piece.was, text))
            if text.endswith(("\n", "\r")):
                yield line
                line = []
    if line:
        yield line


def _ranges(changed: list[int], *, context: int, count: int) -> Iterator[tuple[int, int]]:
    first: int | None = None
    last = 0
    for index in changed:
        start, end = max(0, index - context), min(count, index + context + 1)
        if first is not None and start > last:
            yield first, last
            first = None
        first = start if first is None else first
        last = end
    if first is not None:
        yield first, last
