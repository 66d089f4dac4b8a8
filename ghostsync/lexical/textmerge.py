"""Carrying an edit over to another spelling of the same text.

An author writes a paragraph in hard-wrapped lines with `*` for emphasis and reference links; the decompiler knows one
canonical spelling. When an editor changes a word, the change is found between the canonical spellings of before and
after (`base` → `edited`) and carried over to the author's own spelling (`author`), word by word or line by line.

Nothing here knows Markdown well enough to be trusted, and nothing here decides: every result is only a candidate,
and `ghostsync.lexical.patch` takes one only when it compiles to exactly what it must. That is why the rules can be
this simple: a tree-based rewriter that edits the parse tree's source positions was rejected, since every construct
would need its own rule for what a changed node means in lines.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Final, NamedTuple

# `_` is no letter: in `_word_` it marks emphasis, as `*` does.
_TOKEN: Final = re.compile(r"[^\W_]+|[^\S\n]*\n\s*|[^\S\n]+|_|[^\w\s]")
#: What stands before the text of a line: indentation, quote marks, bullets, numbers, task boxes, number signs.
_PREFIX: Final = re.compile(r"(?:[ \t]+|>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$)|#{1,6}(?=[ \t]|$))*")
_NUMBER: Final = re.compile(r"\d+(?=[.)])")
#: Beyond this many tokens or lines the quadratic worst case of difflib is not worth a nicer patch.
_TOKEN_LIMIT: Final = 20_000
#: So many pairs of equal members take difflib about ten seconds.
_PAIR_LIMIT: Final = 20_000_000


class Spacing(Enum):
    """Whether a line end between words is the same as a space (hard-wrapped text) or not (code, YAML, HTML)."""

    LOOSE = auto()
    EXACT = auto()


class Numbers(Enum):
    """Whether the numbers of list items count: Markdown looks at the first one of a list only."""

    LOOSE = auto()
    EXACT = auto()


class _Operation(NamedTuple):
    """Replace `base[start:end]` by `edited[first:last]`."""

    start: int
    end: int
    first: int
    last: int


def carry_words(author: str, base: str, edited: str, spacing: Spacing) -> str | None:
    """Return `author` with the edit `base` → `edited` carried over word by word; None where it is too long."""
    ours, theirs, wanted = (_TOKEN.findall(one) for one in (author, base, edited))
    if max(len(ours), len(theirs), len(wanted)) > _TOKEN_LIMIT:
        return None
    positions = _positions(_keys(theirs, spacing), _keys(ours, spacing))
    out: list[str] = []
    done = 0
    for operation in _operations(theirs, wanted):
        kept = _keep_line_ends(operation, theirs, wanted, ours, positions)
        start, end = _author_range(kept, positions, len(ours))
        start = max(start, done)
        end = max(end, start)
        out += ours[done:start]
        out += wanted[kept.first : kept.last]
        done = end
    out += ours[done:]
    return "".join(out)


def _keys(tokens: Sequence[str], spacing: Spacing) -> list[str]:
    if spacing is Spacing.EXACT:
        return list(tokens)
    # A blank line separates paragraphs; any other white space separates words.
    return [_space_key(token) if token.isspace() else token for token in tokens]


def _space_key(token: str) -> str:
    return "\n\n" if token.count("\n") > 1 else " "


def _operations(base: Sequence[str], edited: Sequence[str]) -> list[_Operation]:
    return [
        _Operation(start, end, first, last) for tag, start, end, first, last in opcodes(base, edited) if tag != "equal"
    ]


def opcodes(base: Sequence[str], edited: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes; the equal head and tail are cut off first, which is most of the text after one edit.

    What is left is one replacement where too much of it repeats: difflib looks at every pair of equal members.
    """
    head = 0
    shorter = min(len(base), len(edited))
    while head < shorter and base[head] == edited[head]:
        head += 1
    tail = 0
    while tail < shorter - head and base[-1 - tail] == edited[-1 - tail]:
        tail += 1
    ours, theirs = base[head : len(base) - tail], edited[head : len(edited) - tail]
    codes = [("equal", 0, head, 0, head)] if head else []
    if _equal_pairs(ours, theirs) > _PAIR_LIMIT:
        codes.append(("replace", head, head + len(ours), head, head + len(theirs)))
    else:
        codes += [
            (tag, start + head, end + head, first + head, last + head)
            for tag, start, end, first, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
        ]
    if tail:
        codes.append(("equal", len(base) - tail, len(base), len(edited) - tail, len(edited)))
    return codes


def _equal_pairs(ours: Sequence[str], theirs: Sequence[str]) -> int:
    counts = Counter(ours)
    return sum(count * counts[member] for member, count in Counter(theirs).items())


def _positions(base: Sequence[str], author: Sequence[str]) -> list[int | None]:
    """Where each token of `base` stands in `author`, None where it does not."""
    found: list[int | None] = [None] * len(base)
    for tag, start, end, first, _ in opcodes(base, author):
        if tag == "equal":
            for index in range(start, end):
                found[index] = first + index - start
    return found


def _author_range(operation: _Operation, positions: Sequence[int | None], length: int) -> tuple[int, int]:
    """The range of the author's tokens that stand for `base[start:end]`."""
    start, end = operation.start, operation.end
    if start == end:
        place = _after(start, positions)
        return place, place
    first, last = positions[start], positions[end - 1]
    left = first if first is not None else _after(start, positions)
    right = last + 1 if last is not None else _before(end, positions, length)
    return left, max(left, right)


def _after(index: int, positions: Sequence[int | None]) -> int:
    """The place right after the nearest token before `index` that the author has too."""
    for before in range(index - 1, -1, -1):
        position = positions[before]
        if position is not None:
            return position + 1
    return 0 if index else next((one for one in positions if one is not None), 0)


def _before(index: int, positions: Sequence[int | None], length: int) -> int:
    """The place right before the nearest token from `index` on that the author has too."""
    return next((one for one in positions[index:] if one is not None), length)


def _keep_line_ends(
    operation: _Operation,
    base: Sequence[str],
    edited: Sequence[str],
    author: Sequence[str],
    positions: Sequence[int | None],
) -> _Operation:
    """Slide a deletion or an insertion past an equal token where that spares a line end of the author's.

    `a[b c]` and `[a b]c` delete the same when the tokens at both ends are equal; if the first one is a line end in
    the author's text, taking it away would join two lines that have nothing to do with the edit.
    """
    start, end, first, last = operation
    if first == last and end < len(base) and base[start] == base[end]:
        position = positions[start]
        if position is not None and "\n" in author[position] and base[start] != author[position]:
            return _Operation(start + 1, end + 1, first, last)
    if start == end and start < len(base) and last < len(edited) and edited[first] == base[start]:
        position = positions[start]
        if position is not None and "\n" in author[position] and edited[first].isspace():
            return _Operation(start + 1, end + 1, first + 1, last + 1)
    return operation


# ---------------------------------------------------------------------------------------------- line by line


class _Group(NamedTuple):
    """Lines of the canonical spelling and the author's lines that say the same."""

    base: tuple[str, ...]
    author: tuple[str, ...]


def carry_lines(author: str, base: str, edited: str, numbers: Numbers) -> str | None:
    """Return `author` with the edit carried over line by line; None where the two spellings do not line up.

    Lines of `base` that `edited` keeps stay as the author wrote them; a changed line is carried over word by word; a
    new line gets the author's own indentation and bullet where the canonical ones are known from another line.
    """
    groups = _groups(base, author)
    if groups is None:
        return None
    theirs, wanted = base.split("\n"), edited.split("\n")
    places = _positions([_line_key(one, numbers) for one in theirs], [_line_key(one, numbers) for one in wanted])
    style = _Style(groups)
    out: list[str] = []
    changed: list[_Group] = []
    line = done = 0
    for group in groups:
        here = places[line : line + len(group.base)]
        line += len(group.base)
        if here[0] is None or here != list(range(here[0], here[0] + len(here))):
            changed.append(group)
            continue
        out += _changed_lines(changed, wanted[done : here[0]], style)
        out += group.author
        changed, done = [], here[0] + len(here)
    out += _changed_lines(changed, wanted[done:], style)
    return "\n".join(out)


def _line_key(line: str, numbers: Numbers) -> str:
    if numbers is Numbers.EXACT:
        return line
    prefix = _prefix_of(line)
    return _NUMBER.sub("1", prefix) + line[len(prefix) :]


def _prefix_of(line: str) -> str:
    match = _PREFIX.match(line)
    return match[0] if match else ""


def _changed_lines(groups: Sequence[_Group], wanted: Sequence[str], style: _Style) -> Iterator[str]:
    """Pair old and new lines in order by likeness; what is left over was deleted or is new."""
    rest = list(groups)
    for line in wanted:
        best = _most_alike(line, rest)
        if best is None:
            yield style.spell(line)
            continue
        group = rest[best]
        rest = rest[best + 1 :]
        base = "\n".join(group.base)
        carried = carry_words("\n".join(group.author), base, line, Spacing.LOOSE)
        yield from (carried if carried is not None else line).split("\n")


def _most_alike(line: str, groups: Sequence[_Group]) -> int | None:
    """The index of the first group that is at least half like `line`."""
    for index, group in enumerate(groups[:50]):
        base = "\n".join(group.base)
        if base.strip() and SequenceMatcher(None, base, line, autojunk=False).ratio() >= 0.5:
            return index
    return None


class _Style:
    """The author's own indentation and bullets, learned from the lines that both spellings have."""

    def __init__(self, groups: Sequence[_Group]) -> None:
        self._known: dict[str, str] = {}
        numbers: list[str] = []
        for group in groups:
            theirs, ours = _prefix_of(group.base[0]), _prefix_of(group.author[0]) if group.author else ""
            if group.base[0].strip():
                self._known.setdefault(_NUMBER.sub("1", theirs), ours)
                numbers += _NUMBER.findall(ours)
        self._same_number = len(numbers) > 1 and len(set(numbers)) == 1

    def spell(self, line: str) -> str:
        """Return a canonical line with the author's prefix in place of the canonical one."""
        prefix = _prefix_of(line)
        ours = self._known.get(_NUMBER.sub("1", prefix))
        if ours is None:
            ours = self._indented(prefix)
        if ours is None:
            return line
        number = _NUMBER.search(prefix)
        if number and not self._same_number:
            ours = _NUMBER.sub(number[0], ours)
        return ours + line[len(prefix) :]

    def _indented(self, prefix: str) -> str | None:
        """A prefix never seen, one level deeper than one that was."""
        for length in range(len(prefix) - 1, 0, -1):
            known = self._known.get(_NUMBER.sub("1", prefix[:length]))
            if known is not None:
                rest = prefix[length:]
                return " " * len(known) + rest.lstrip(" ") if rest.strip() else None
        return None


def _groups(base: str, author: str) -> list[_Group] | None:
    """Split both spellings into the smallest runs of lines that begin and end together."""
    theirs, ours = _TOKEN.findall(base), _TOKEN.findall(author)
    if max(len(theirs), len(ours)) > _TOKEN_LIMIT:
        return None
    positions = _positions(_keys(theirs, Spacing.LOOSE), _keys(ours, Spacing.LOOSE))
    their_lines, our_lines = _line_numbers(theirs), _line_numbers(ours)
    # The author's line in which each canonical line's first known token stands.
    starts: dict[int, int] = {0: 0}
    reached = 0
    for index, position in enumerate(positions):
        if position is None or theirs[index].isspace():
            continue
        here, there = their_lines[index], our_lines[position]
        if here not in starts and there > reached:
            starts[here] = there
        reached = max(reached, there)
    base_lines, author_lines = base.split("\n"), author.split("\n")
    edges = [*sorted(starts.items()), (len(base_lines), len(author_lines))]
    return [
        _Group(tuple(base_lines[here:after]), tuple(author_lines[there:beyond]))
        for (here, there), (after, beyond) in itertools.pairwise(edges)
    ]


def _line_numbers(tokens: Sequence[str]) -> list[int]:
    numbers: list[int] = []
    line = 0
    for token in tokens:
        numbers.append(line)
        line += token.count("\n")
    return numbers
