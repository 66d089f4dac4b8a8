"""Who hits a conflict finds its words in the guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ghostsync.core.conflicts import Why

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guides/conflicts.md").read_text(encoding="utf-8")
# The words of each kind's message that do not depend on the case.
WORDS = {
    Why.BOTH_CHANGED: "changed here and in Ghost",
    Why.NO_SHARED_HISTORY: "of its own, which differs in",
    Why.DELETED_HERE: "deleted here, but edited in Ghost",
    Why.DELETED_IN_GHOST: "edited here, but deleted in Ghost",
    Why.BEHIND: "a version that this clone does not have was pushed",
    Why.OTHER_PROJECT: "belongs to a",
    Why.KIND_CHANGED: "but Ghost holds it as a",
    Why.SLUG_TAKEN: "is taken by",
    Why.NEWER: "a later version of ghostsync has written this",
    Why.TAG: "says something else in Ghost",
}
# What sends mail is explained where safety is.
ELSEWHERE = {Why.EMAIL}


def source() -> str:
    """Return the engine's own text, in which messages that go over several lines are one."""
    files = sorted((ROOT / "ghostsync").rglob("*.py"))
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(file.read_text(encoding="utf-8") for file in files))


def test_every_kind_of_conflict_is_in_the_guide() -> None:
    """Each kind that the engine can report has a row."""
    used = {Why[name] for name in re.findall(r"why=Why\.(\w+)", source())}
    assert used - ELSEWHERE == set(WORDS)


@pytest.mark.parametrize("why", WORDS)
def test_the_guide_has_the_words_of_the_message(why: Why) -> None:
    """Searching the guide for the words on the screen finds them."""
    assert WORDS[why] in GUIDE
    assert WORDS[why] in source()


def test_no_hint_decides_more_than_its_own_conflict() -> None:
    """`--prefer` without a path decides every conflict of the run: a hint that is pasted may not do that."""
    hints = re.findall(r"`ghostsync [^`]*--prefer [^`]*`", source())
    assert len(hints) > 10
    assert [hint for hint in hints if re.match(r"`ghostsync \w+ --", hint)] == []
