"""Uploads are named by their content, so that one that nobody remembers is found again."""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import CloneMaker, push
from engine.test_push_scenarios import png
from fakeghost.faults import Moment, Request
from world import in_agreement

PICTURE = "Große Bilder (1) 🙂.png"
PAGE = f"---\ntitle: Hello\nfeature_image: '../{PICTURE}'\n---\nWords\n"


class Killed(BaseException):
    """The process is gone."""


def uploads(request: Request) -> bool:
    return request.path.endswith("/upload/")


def test_ghost_keeps_the_name_that_was_sent(clone: CloneMaker, ghost: Ghost) -> None:
    """Whatever the file is called; and a picture that only a tag shows is known by that name, from a fresh clone."""
    a = clone("a")
    a.write(PICTURE, png(1))
    a.write("tags.yaml", f"- name: News\n  feature_image: '{PICTURE}'\n")
    (upload, _) = push(a).outcomes
    asset = upload.change.asset  # type: ignore[union-attr]
    assert str(upload.url).endswith(f"/{asset.upload_name}")
    assert asset.upload_name == f"Gro-e-Bilder--1-----{asset.sha256[:10]}.png"
    assert in_agreement(clone("b", of=a).plan())


@pytest.mark.parametrize("carried_out", [False, True])
def test_killed_between_an_upload_and_remembering_it(clone: CloneMaker, fake: FakeOne, carried_out: bool) -> None:
    """The next run looks first, and finds what is there; there is one upload in the end."""
    a = clone("a", cached=True)
    a.write(PICTURE, png(1))
    a.write("posts/hello.md", PAGE)
    fake.fake.fail(Killed(), when=uploads, committed=carried_out)
    with pytest.raises(Killed):
        a.push()
    fake.fake.clear_faults()
    (upload,) = [outcome for outcome in push(a).outcomes if outcome.url and "/content/" in outcome.url]
    assert str(upload.url).endswith(f"/{upload.change.asset.upload_name}")  # type: ignore[union-attr]
    assert len(list(fake.fake.state.uploads)) == 2, "the picture, and its original"
    assert fake.find("hello")["feature_image"] == upload.url
    fake.pass_time(600)
    assert in_agreement(clone("b", of=a).plan())


def test_the_answer_to_an_upload_of_an_odd_name_is_lost(clone: CloneMaker, fake: FakeOne) -> None:
    """It is found within the same run."""
    a = clone("a")
    a.write(PICTURE, png(1))
    a.write("posts/hello.md", PAGE)
    fake.fake.drop_answer(when=uploads, moment=Moment.AFTER)
    push(a)
    assert len(list(fake.fake.state.uploads)) == 2
