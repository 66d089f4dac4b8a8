"""Which block of a text became which node of an edited document.

Blocks and nodes are compared by key: nodes of one key are the same up to what Ghost's editor rewrites. What is equal
in order is kept; of the rest, equal nodes elsewhere were moved, and nodes of the same type in the same gap (or alike
enough anywhere) were changed. A wrong guess costs a larger patch, never a wrong text: the result is compiled and
compared before anybody sees it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from ghostsync.lexical.textmerge import opcodes

#: Two texts of different places are taken for one edited text from this likeness (difflib's ratio) on.
_ALIKE: Final = 0.6
#: Longer texts are compared by their beginning.
_COMPARED: Final = 2_000
#: More candidates than this are not compared with each other.
_CANDIDATES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node or block, reduced to what pairing needs: its key, its type and a function that spells it."""

    key: str
    kind: str
    spell: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What became of a node of the edited document.

    `block` is the index of its block in the text, None for a new one. `is_same`: nothing in it changed.
    `is_anchored`: it stands where it stood; blocks that are not anchored were moved.
    """

    block: int | None
    is_same: bool
    is_anchored: bool


_NEW: Final = Pair(block=None, is_same=False, is_anchored=False)


def pair_nodes(before: Sequence[Node], after: Sequence[Node]) -> list[Pair]:
    """Return one Pair per node of `after`; no block is used twice, and anchored blocks are in order."""
    return _Pairing(before, after).pair()


class _Pairing:
    def __init__(self, before: Sequence[Node], after: Sequence[Node]) -> None:
        self._before, self._after = before, after
        self._pairs: list[Pair | None] = [None] * len(after)
        self._free: set[int] = set()

    def pair(self) -> list[Pair]:
        gaps: list[tuple[range, range]] = []
        keys = [one.key for one in self._before], [one.key for one in self._after]
        for tag, start, end, first, last in opcodes(*keys):
            if tag == "equal":
                for offset in range(end - start):
                    self._pairs[first + offset] = Pair(block=start + offset, is_same=True, is_anchored=True)
            else:
                self._free.update(range(start, end))
                gaps.append((range(start, end), range(first, last)))
        self._pair_moved()
        for blocks, places in gaps:
            self._pair_changed(blocks, places)
        self._pair_alike()
        return [pair or _NEW for pair in self._pairs]

    def _pair_moved(self) -> None:
        homes: dict[str, deque[int]] = defaultdict(deque)
        for block in sorted(self._free):
            homes[self._before[block].key].append(block)
        for place, pair in enumerate(self._pairs):
            home = homes.get(self._after[place].key)
            if pair is None and home:
                block = home.popleft()
                self._free.discard(block)
                self._pairs[place] = Pair(block=block, is_same=True, is_anchored=False)

    def _pair_changed(self, blocks: range, places: range) -> None:
        """Pair what is left between two kept blocks, in order: one by one if the types agree, else by likeness."""
        olds = [block for block in blocks if block in self._free]
        news = [place for place in places if self._pairs[place] is None]
        one_by_one = list(zip(olds, news, strict=False))
        if len(olds) != len(news) or any(
            self._before[block].kind != self._after[place].kind for block, place in one_by_one
        ):
            one_by_one = self._in_order_by_likeness(olds[:_CANDIDATES], news[:_CANDIDATES])
        for block, place in one_by_one:
            self._pairs[place] = Pair(block=block, is_same=False, is_anchored=True)
            self._free.discard(block)

    def _in_order_by_likeness(self, olds: Sequence[int], news: Sequence[int]) -> list[tuple[int, int]]:
        """The pairs with the greatest sum of likeness that do not cross."""
        like = [[_likeness(self._before[block], self._after[place]) for place in news] for block in olds]
        best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
        for row in range(len(olds) - 1, -1, -1):
            for column in range(len(news) - 1, -1, -1):
                together = best[row + 1][column + 1] + like[row][column] if like[row][column] else 0.0
                best[row][column] = max(together, best[row + 1][column], best[row][column + 1])
        chosen: list[tuple[int, int]] = []
        row = column = 0
        while row < len(olds) and column < len(news):
            if like[row][column] and best[row][column] == best[row + 1][column + 1] + like[row][column]:
                chosen.append((olds[row], news[column]))
                row, column = row + 1, column + 1
            elif best[row][column] == best[row + 1][column]:
                row += 1
            else:
                column += 1
        return chosen

    def _pair_alike(self) -> None:
        """Pair what was moved and changed at once."""
        for place in [place for place, pair in enumerate(self._pairs) if pair is None][:_CANDIDATES]:
            alike = [
                (_likeness(self._before[block], self._after[place]), -block)
                for block in sorted(self._free)[:_CANDIDATES]
            ]
            ratio, negative = max(alike, default=(0.0, 0))
            if ratio >= _ALIKE:
                self._pairs[place] = Pair(block=-negative, is_same=False, is_anchored=False)
                self._free.discard(-negative)


def _likeness(left: Node, right: Node) -> float:
    """From 0 (nothing to do with each other) to 1; nodes of different types are never alike enough by type alone."""
    texts = left.spell()[:_COMPARED], right.spell()[:_COMPARED]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    if matcher.real_quick_ratio() < 0.3 or matcher.quick_ratio() < 0.3:
        return 0.1 if left.kind == right.kind else 0.0
    ratio = matcher.ratio()
    if left.kind == right.kind:
        return max(ratio, 0.1)
    return ratio if ratio >= 0.3 else 0.0
