"""Merging: lines for people, words for the question whether a document already holds Ghost's edit."""

from __future__ import annotations

import pytest

from ghostsync.core.compare import Views
from ghostsync.core.merge import contains_edit, merge_field, merge_fields, merge_lines
from ghostsync.model import FieldName

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
