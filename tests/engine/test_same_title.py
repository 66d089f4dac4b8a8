"""Two texts with one title: one may be what became of the other, or next year's."""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne
from engine.push_steps import CloneMaker, document, push, seeded, verbs

from ghostsync.core.plan import Prune
from ghostsync.core.resemblance import is_version_of

OLD = """The harbour lies behind a wall that was built in 1840. Everybody calls it the new wall ever since.

It was a quiet year for the harbour: twelve ships came, and eleven of them left again. The twelfth is still there.
"""
NEXT = """After the storm of March the wall had to be mended, and it is the old wall now. Forty ships came.

In the harbour office there is a new clock, which is right twice a day. That is more than the last one.
"""
EDITED = OLD.replace("1840", "1841").replace("quiet year", "good year") + "\nSo much for this year.\n"


@pytest.mark.parametrize("prune", [Prune.REPORT, Prune.DRAFT])
def test_another_text_of_the_same_title_is_another_post(clone: CloneMaker, fake: FakeOne, prune: Prune) -> None:
    """Last year's report is removed here and kept in Ghost; this year's must not take its place and its address."""
    a = seeded(clone, fake, {"posts/2025.md": document("Annual report", OLD), "posts/b.md": document("B")})
    before = fake.find("2025")
    a.remove("posts/2025.md")
    a.write("posts/2026.md", document("Annual report", NEXT))
    assert verbs(push(a, prune=prune).plan) == {Prune.REPORT: ["create"], Prune.DRAFT: ["create", "unpublish"]}[prune]
    after = fake.find("2025")
    assert (after["id"], after["html"], after["slug"]) == (before["id"], before["html"], "2025")


def test_control_an_edited_text_under_another_name_keeps_its_post(clone: CloneMaker, fake: FakeOne) -> None:
    """Renamed and edited in one go, from a fresh clone."""
    a = seeded(clone, fake, {"posts/2025.md": document("Annual report", OLD), "posts/b.md": document("B")})
    b = clone("b", of=a)
    b.remove("posts/2025.md")
    b.write("posts/report-2025.md", document("Annual report", EDITED))
    before = fake.find("2025")["id"]
    assert verbs(push(b, prune="delete").plan) == ["update"]
    assert fake.find("report-2025")["id"] == before


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        (OLD, EDITED, True),
        (OLD, NEXT, False),
        (OLD, OLD.replace("\n\n", " "), True),
        (OLD, OLD[: len(OLD) // 3], True),
        (OLD, "", True),
        ("one two", "three four", False),
    ],
    ids=["edited", "another", "reflowed", "cut", "empty", "short"],
)
def test_what_counts_as_a_version(one: str, other: str, is_one: bool) -> None:
    """Pairs of words, in whatever order the arguments come."""
    assert is_version_of(one, other) is is_one
    assert is_version_of(other, one) is is_one
