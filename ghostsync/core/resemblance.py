"""Is one text an edited version of another? As Git asks it of renamed files."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

_WORD = re.compile(r"\w+")

# Of all pairs of neighbouring words. Two texts by one author on one subject share a twentieth ("of the", "it is"); a
# text in which every third word is another still shares a third.
_ENOUGH = 0.25


def is_version_of(text: str, other: str) -> bool:
    """Whether the texts share so many pairs of words that one was made of the other."""
    mine, theirs = _pairs(text), _pairs(other)
    if not mine or not theirs:
        return True  # too little to tell by
    shared = sum((mine & theirs).values())
    return 2 * shared >= _ENOUGH * (mine.total() + theirs.total())


def _pairs(text: str) -> Counter[tuple[str, str]]:
    words = _WORD.findall(text)
    return Counter(pairwise(words))
