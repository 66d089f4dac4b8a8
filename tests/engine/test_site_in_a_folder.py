"""A site that lives in a folder of its domain: `https://example.com/blog/`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract.backends import FakeSite
from engine.ghosts import FakeOne, opened
from engine.push_steps import CloneMaker, document, push
from fakeghost import FakeGhost, session_for
from world import in_agreement


@pytest.fixture
def fake() -> Iterator[FakeOne]:
    """A fake Ghost in a folder of its domain."""
    server = FakeGhost(url="http://fake.ghost.test/blog")
    with session_for(server) as session:
        yield from opened(FakeSite(server, session, name="fake6"))  # type: ignore[misc]


def test_a_document_called_like_the_folder_of_its_site(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost keeps that name for itself, and makes `blog-post` of it; so does a push, and finds it again."""
    a = clone("a")
    a.write("posts/blog.md", document("Blog"))
    a.write("posts/other.md", document("Other", slug="Blog"))
    assert [problem.path for problem in a.plan().problems] == ["posts/blog.md", "posts/other.md"]
    a.remove("posts/other.md")
    push(a)
    assert fake.slugs() == ["blog-post"]
    fake.pass_time(600)
    assert in_agreement(a.plan())
