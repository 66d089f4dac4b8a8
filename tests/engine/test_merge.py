"""Merging: lines for people, words for the question whether a document already holds Ghost's edit."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ghostsync.core.compare import Views
from ghostsync.core.merge import contains_edit, field_contains_edit, lines_of, merge_field, merge_fields, merge_lines
from ghostsync.model import FieldName, FieldValue

BASE = "One line.\nTwo lines.\nThree lines.\nFour lines.\n"


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        (BASE, BASE.replace("Two", "2"), False),
        (BASE.replace("Two", "2"), BASE.replace("Two", "2"), True),
        (BASE.replace("One", "1").replace("Two", "2"), BASE.replace("Two", "2"), True),
        (BASE.replace("One", "1"), BASE.replace("Two", "2"), False),
        (BASE.replace("Two lines", "My 2 lines"), BASE.replace("Two", "2"), True),
        (BASE.replace("Two lines.\n", ""), BASE.replace("Two", "2"), False),
        (BASE.replace("Two lines.\n", ""), BASE.replace("Two lines.\n", ""), True),
        (BASE, BASE.replace("Two lines.\n", ""), False),
        (BASE.replace("One", "1"), BASE, True),
        (BASE.replace("Two lines.", "Two\nlines, 2."), BASE.replace("Two lines.", "Two lines, 2."), True),
        (BASE.replace("One", "1"), BASE.replace("lines.\nThree", "lines.\n\nThree"), False),
        (BASE.replace("One", "1"), BASE.replace("lines.\nThree", "lines.  \nThree"), False),
        ("```\na b\n```\n\n1\n", "```\na\nb\n```\n\nOne\n", False),
        ("```\na\nb\n```\n\n1\n", "```\na\nb\n```\n\nOne\n", True),
    ],
    ids=[
        "not here",
        "the same",
        "and more",
        "elsewhere",
        "in one line",
        "removed here",
        "both removed",
        "removed there",
        "nothing there",
        "wrapped otherwise",
        "new paragraph there",
        "line break there",
        "code there",
        "code here too",
    ],
)
def test_contains_edit(local: str, remote: str, expected: bool) -> None:
    """A document contains Ghost's edit when everything that came is there and everything that went is gone."""
    base = "```\na b\n```\n\nOne\n" if remote.startswith("`") else BASE
    assert contains_edit(base, local, remote) is expected


def test_edits_of_different_lines_merge() -> None:
    """Without a mark."""
    merged = merge_lines(
        BASE, BASE.replace("One", "1"), BASE.replace("Four", "4"), local_name="file", remote_name="Ghost"
    )
    assert (merged.text, merged.conflicts) == (BASE.replace("One", "1").replace("Four", "4"), 0)


def test_edits_of_one_line_are_marked() -> None:
    """All three versions stand there, each on lines of its own."""
    merged = merge_lines("a\nb", "a\nmine", "a\ntheirs", local_name="file", remote_name="Ghost")
    assert merged.conflicts == 1
    assert merged.text == ("a\n<<<<<<< file\nmine\n||||||| last agreed\nb\n=======\ntheirs\n>>>>>>> Ghost\n")


def test_tags_merge_as_statements() -> None:
    """One side's new tag and the other's meet; what one side removed is gone; the order is the document's."""
    view = Views(base=("a", "b"), local=("b", "a", "mine"), remote=("a", "theirs"))
    assert merge_field(FieldName("tags"), view) == ("a", "mine", "theirs")


@pytest.mark.parametrize(
    ("name", "base", "local", "remote", "contains"),
    [
        ("title", "One", "One here and there", "One there", True),
        ("title", "One", "One here", "One there", False),
        ("title", "One", "One", "One there", False),
        ("excerpt", None, "Mine and theirs", "theirs", True),
        ("excerpt", "Old words", "My words", None, False),
        ("tags", ("a",), ("a", "mine", "theirs"), ("a", "theirs"), True),
        ("tags", ("a",), ("a", "mine"), ("a", "theirs"), False),
        ("tags", ("a", "b"), ("b", "mine"), ("b",), True),
        ("tags", ("a", "b"), ("a", "b", "mine"), ("b",), False),
        ("status", "draft", "published", "scheduled", False),
        ("template", "custom-a", "custom-b-wide", "custom-b", False),
        ("feature_image", "a.png", "b.png", "c.png", False),
    ],
)
def test_a_settled_field_holds_what_was_changed_in_ghost(
    name: str, base: FieldValue, local: FieldValue, remote: FieldValue, *, contains: bool
) -> None:
    """Both edits in one value; what has no parts to hold must be the same."""
    view = Views(base=base, local=local, remote=remote)
    assert field_contains_edit(FieldName(name), view) is contains
    if contains:
        assert merge_field(FieldName(name), view) == local


def test_reordered_tags_are_contested() -> None:
    """Two orders of the same tags cannot both be."""
    view = Views(base=("a", "b", "c"), local=("b", "a", "c"), remote=("c", "a", "b"))
    with pytest.raises(ValueError, match="tags"):
        merge_field(FieldName("tags"), view)


def test_fields_are_merged_one_by_one() -> None:
    """A title changed here and an excerpt changed there need nobody; two titles do."""
    views = {
        FieldName("title"): Views(base="a", local="mine", remote="theirs"),
        FieldName("excerpt"): Views(base="a", local="a", remote="theirs"),
        FieldName("meta_title"): Views(base="a", local="mine", remote="a"),
    }
    takes, contested = merge_fields(views)
    assert takes == {"excerpt": "theirs"}
    assert contested == ("title",)


@given(text=st.text(st.sampled_from("ab\r\n\x0b\x0c\x1c\x85\u2028\u2029"), max_size=20))
def test_lines_are_what_git_takes_for_lines(text: str) -> None:
    """Nothing but line ends ends a line, and all lines together are the text."""
    lines = lines_of(text)
    assert "".join(lines) == text
    assert all(line.endswith(("\n", "\r")) for line in lines[:-1])
    assert not any(end in line.removesuffix("\n").removesuffix("\r") for line in lines for end in "\r\n")


def test_no_marker_stands_in_the_middle_of_a_line() -> None:
    """A form feed or a Unicode separator within a line that both changed is text like any other."""
    base, mine, theirs = (f"{who}\u2028b\x0cc\n" for who in ("a", "mine", "theirs"))
    merged = merge_lines(base, mine, theirs, local_name="l", remote_name="r")
    assert merged.text == f"<<<<<<< l\n{mine}||||||| last agreed\n{base}=======\n{theirs}>>>>>>> r\n"


WORDS = st.lists(st.integers(0, 999).map(lambda n: f"w{n}"), min_size=4, max_size=10, unique=True)


@settings(max_examples=200)
@given(words=WORDS, data=st.data(), as_lines=st.booleans())
def test_a_document_that_never_saw_an_edit_does_not_contain_it(
    words: list[str], data: st.DataObject, as_lines: bool
) -> None:
    """Whatever the edit was and whatever else was written: with it the push passes, without it never."""

    def edited(before: list[str], at: int, what: str, new: str) -> list[str]:
        put = {"insert": [new, before[at]], "replace": [new], "remove": []}[what]
        return [*before[:at], *put, *before[at + 1 :]]

    edits = st.sampled_from(["insert", "replace", "remove"])
    there, here = data.draw(edits), data.draw(edits)
    first = data.draw(st.integers(0, len(words) - 3))
    second = data.draw(st.integers(first + 2, len(words) - 1))
    event(f"{there} there, {here} here")
    base, hers = words, edited(words, first, there, "hers")
    mine = edited(words, second, here, "mine")
    both = edited(mine, first, there, "hers")
    join = "\n".join if as_lines else " ".join
    assert contains_edit(join(base), join(both), join(hers))
    assert not contains_edit(join(base), join(mine), join(hers))
    assert not contains_edit(join(base), join(base), join(hers))
    assert contains_edit(join(base), join(mine), join(base))
    assert contains_edit(join(base), join(hers), join(hers))
