"""The word-level diff: it loses nothing, and shows the typo and not the paragraph."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.plan import Prefer
from ghostsync.core.pull_merge import lay_side_by_side
from ghostsync.core.word_diff import Was, diff_hunks, diff_words, spell_plain

TEXTS = st.text(alphabet=st.sampled_from("ab c.\n-ü'\r\t"), max_size=80) | st.text(max_size=40)


@given(before=TEXTS, after=TEXTS)
def test_pieces_hold_both_texts_completely(before: str, after: str) -> None:
    """Without what was added the pieces are the old text, without what was removed the new one."""
    pieces = diff_words(before, after)
    assert "".join(piece.text for piece in pieces if piece.was is not Was.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.was is not Was.REMOVED) == after


@given(text=TEXTS)
def test_equal_texts_have_no_hunks(text: str) -> None:
    """Nothing changed is nothing to show."""
    assert diff_hunks(text, text) == ()


@given(before=TEXTS, after=TEXTS)
def test_hunks_hold_every_change(before: str, after: str) -> None:
    """Whatever was added or removed is in some hunk, in order."""
    for was in (Was.ADDED, Was.REMOVED):
        whole = "".join(piece.text for piece in diff_words(before, after) if piece.was is was)
        shown = "".join(p.text for hunk in diff_hunks(before, after) for p in hunk.pieces if p.was is was)
        assert shown == whole


def test_a_typo_is_one_word() -> None:
    """Only the word with the typo is marked."""
    spelled = spell_plain(diff_words("We make tpyos, sometimes.\n", "We make typos, sometimes.\n"))
    assert spelled == "We make [-tpyos-]{+typos+}, sometimes.\n"


def test_a_rewritten_passage_is_old_then_new() -> None:
    """Sentences with nothing in common are not cut into confetti."""
    spelled = spell_plain(diff_words("All cats sleep at noon.\n", "Budget figures: 12, 13 & 14!\n"))
    assert spelled == "[-All cats sleep at noon.-]\n{+Budget figures: 12, 13 & 14!+}\n"


def test_hunks_name_the_line_of_the_new_text() -> None:
    """The line number is where a person finds the passage in the file."""
    before = "".join(f"line {n}\n" for n in range(1, 21))
    (hunk,) = diff_hunks(before, before.replace("line 12\n", "line twelve\n"))
    assert hunk.line == 11  # one line of context stands before the twelfth
    assert spell_plain(hunk.pieces) == "line 11\nline [-12-]{+twelve+}\nline 13\n"


def test_long_texts_are_compared_in_bounded_time() -> None:
    """A rewritten book of 60,000 words does not hang a review."""
    before, after = "old words here " * 20_000, "new things there " * 20_000
    started = time.perf_counter()
    diff_words(before, after)
    assert time.perf_counter() - started < 5


def test_a_long_text_that_was_rewritten_is_compared_in_bounded_time() -> None:
    """Thousands of blank lines and no other line in common: it took minutes to match the blank ones with each other."""
    before, after = ("\n\n".join(f"{word} paragraph {n}" for n in range(1500)) + "\n" for word in ("old", "new"))
    began = time.process_time()
    diff_words(before, after)
    merged = lay_side_by_side(before, after, Prefer.NEITHER)
    assert time.process_time() - began < 3
    assert merged.conflicts >= 1
