"""A new document beside a post whose document is gone: what became of it, or something new? Words must tell."""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne
from engine.pull_steps import pull
from engine.push_steps import CloneMaker, document, push, seeded, verbs

from ghostsync.core.conflicts import NoteKind
from ghostsync.core.plan import Prune
from ghostsync.core.resemblance import Fingerprint

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


def test_a_new_title_and_a_new_name_keep_the_post(clone: CloneMaker, fake: FakeOne) -> None:
    """An article is retitled, its file renamed, a word changed, all before the next push; the address moves, loudly."""
    a = seeded(clone, fake, {"posts/2025.md": document("Annual report", OLD), "posts/b.md": document("B")})
    b = clone("b", of=a)
    b.remove("posts/2025.md")
    b.write("posts/twelve-ships.md", document("Twelve ships", EDITED))
    b.write("posts/new.md", document("Something new", NEXT))
    before = fake.find("2025")["id"]
    assert verbs(push(b, prune="delete").plan) == ["create", "update"]
    assert fake.find("twelve-ships")["id"] == before
    assert fake.find("twelve-ships")["title"] == "Twelve ships"
    assert len(fake.slugs()) == 3


def test_what_an_editor_retitled_is_found_under_its_new_name_too(clone: CloneMaker, fake: FakeOne) -> None:
    """The edit came by Git from another clone, and then the file was renamed: its bytes are in no record."""
    a = seeded(clone, fake, {"posts/2025.md": document("Annual report", "Short."), "posts/b.md": document("B")})
    fake.save("2025", title="Report for 2025")
    fake.pass_time(60)
    b = clone("b", of=a)
    b.remove("posts/2025.md")
    b.write("posts/report.md", document("Report for 2025", "Short."))
    before = fake.find("2025")["id"]
    assert pull(b).plan.changes == ()
    assert verbs(push(b).plan) == ["update"]
    assert fake.find("report")["id"] == before
    assert len(fake.slugs()) == 2


def test_of_two_texts_that_resemble_one_none_is_chosen(clone: CloneMaker, fake: FakeOne) -> None:
    """Neither may take the place of the other: both are new, and the old post waits for a person."""
    a = seeded(clone, fake, {"posts/2025.md": document("Annual report", OLD), "posts/b.md": document("B")})
    a.remove("posts/2025.md")
    a.write("posts/one.md", document("One", OLD + "\nOne."))
    a.write("posts/two.md", document("Two", OLD + "\nTwo."))
    plan = push(a).plan
    assert verbs(plan) == ["create", "create"]
    assert [note.kind for note in plan.notes] == [NoteKind.ORPHAN]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        (OLD, EDITED, 0.8, 0.99),
        (OLD, NEXT, 0.0, 0.2),
        (OLD, OLD.replace("\n\n", " "), 1.0, 1.0),
        (OLD, OLD[: len(OLD) // 3], 0.4, 0.6),
    ],
    ids=["edited", "another", "reflowed", "cut"],
)
def test_likeness_is_the_share_of_pairs_of_words(one: str, other: str, least: float, most: float) -> None:
    """In whatever order the arguments come."""
    share = Fingerprint(one).likeness(Fingerprint(other))
    assert share is not None
    assert least <= share <= most
    assert Fingerprint(other).likeness(Fingerprint(one)) == share


@pytest.mark.parametrize("short", ["", "one two three"])
def test_short_texts_say_nothing(short: str) -> None:
    """Two notes of three words may be equal by chance."""
    assert Fingerprint(short).likeness(Fingerprint(short)) is None
    assert Fingerprint(OLD).likeness(Fingerprint(short)) is None
