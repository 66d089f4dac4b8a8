"""How much of one text is in another? As Git asks it of renamed files."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

_WORD = re.compile(r"\w+")

# With fewer pairs of words than this, what two texts share says nothing.
_LEAST = 12


class Fingerprint:
    """The pairs of neighbouring words of a text, to be compared with those of others."""

    def __init__(self, text: str) -> None:
        self._pairs = Counter(pairwise(_WORD.findall(text)))
        self._total = self._pairs.total()

    def likeness(self, other: Fingerprint) -> float | None:
        """Return the share of pairs that both texts have: 1 for equal texts, None where there is too little to tell by.

        Two texts by one author on one subject share a twentieth ("of the", "it is"); a text in which every third word
        is another still shares a third.
        """
        if min(self._total, other._total) < _LEAST:
            return None
        return 2 * (self._pairs & other._pairs).total() / (self._total + other._total)
