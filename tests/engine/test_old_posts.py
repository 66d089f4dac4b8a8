"""Posts that were written years ago, in Ghost's older format, on both versions: 5 keeps them so until it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract.backends import FakeSite
from engine.ghosts import FakeOne, opened
from engine.push_steps import CloneMaker, document, lexical, push
from fakeghost import FakeGhost, session_for
from fakeghost.faults import Request
from world import in_agreement

from ghostsync.errors import ConflictsFound

MOBILEDOC = '{"version":"0.3.1","atoms":[],"cards":[],"markups":[],"sections":[[1,"p",[[0,[],0,"Old words."]]]]}'


@pytest.fixture(params=["6.65.0", "5.130.6"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakeOne]:
    """The fake, in both versions."""
    server = FakeGhost(version=request.param)
    with session_for(server) as session:
        yield from opened(FakeSite(server, session, name=f"fake{request.param[0]}"))  # type: ignore[misc]


def old_post(fake: FakeOne) -> None:
    """Let a person have written a post years ago."""
    row = fake.create("Hello", status="published", lexical=lexical("Old words."))
    fake.fake.put_mobiledoc(row["id"], MOBILEDOC)
    fake.pass_time(600)


@pytest.mark.parametrize("text", ["Old words.\n", "New words.\n"], ids=["adopt", "overwrite"])
def test_an_old_post_is_converted_before_it_is_written(clone: CloneMaker, fake: FakeOne, text: str) -> None:
    """It then says what the document says, and the next plan is empty."""
    old_post(fake)
    a = clone("a")
    a.write("posts/hello.md", document(body=text))
    push(a, prefer="local")
    assert text.strip() in fake.body("hello")
    assert fake.fake.post_rows()[0]["mobiledoc"] is None
    assert fake.record("hello") is not None
    fake.pass_time(60)
    assert in_agreement(a.plan())


@pytest.mark.parametrize("text", ["Old words.\n", "New words.\n"], ids=["adopt", "overwrite"])
def test_an_old_post_that_was_saved_meanwhile_is_left_alone(clone: CloneMaker, fake: FakeOne, text: str) -> None:
    """Converting is a write, and asks for the same post as every other."""
    old_post(fake)
    a = clone("a")
    a.write("posts/hello.md", document(body=text))
    plan = a.plan(prefer="local")
    saved: list[int] = []

    def meanwhile(request: Request) -> None:
        if request.method == "PUT" and not saved:
            saved.append(request.number)
            fake.pass_time(5)
            fake.save("hello", title="Hers")

    fake.fake.watch(meanwhile)
    assert [type(o.error) for o in a.apply(plan).outcomes if o.error is not None] == [ConflictsFound]
    assert fake.find("hello")["title"] == "Hers"
    assert "Old words." in fake.body("hello")
