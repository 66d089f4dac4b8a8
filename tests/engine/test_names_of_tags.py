"""Documents call tags by name; Ghost, its addresses and its collections go by slug."""

from __future__ import annotations

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import CloneMaker, document, lexical, push, verbs
from fakeghost import server_error
from world import errors, in_agreement

from ghostsync.core.outcome import Status


def test_an_address_with_a_tag_in_it_has_the_tags_slug(clone: CloneMaker, ghost: Ghost) -> None:
    """For a post that this very run makes: the link that is stored is the address that Ghost gives."""
    ghost.set_permalink("/{primary_tag}/{slug}/")
    a = clone("a")
    a.write("posts/a.md", document("A", body="[see](b.md) and [see](c.md)\n"))
    a.write("posts/b.md", document("B", tags=["Große Neuigkeit", "Other"]))
    a.write("posts/c.md", document("C", tags=["Tageslicht"]))
    a.write("tags.yaml", "- name: Tageslicht\n  slug: daylight\n")
    push(a)
    for slug in ("b", "c"):
        url = ghost.find(slug)["url"]
        assert url.endswith({"b": "/grosse-neuigkeit/b/", "c": "/daylight/c/"}[slug])
        assert f'href="{url}"' in ghost.body("a")
    ghost.pass_time(600)
    assert in_agreement(a.plan())


def test_a_tag_that_no_post_has_is_not_made_a_second_time(clone: CloneMaker, ghost: Ghost) -> None:
    """Its slug may be one that nobody would guess from its name."""
    made = ghost.site.ask_as_person("POST", "tags/", {"tags": [{"name": "News", "slug": "neuigkeiten"}]})
    assert made.status_code == 201
    a = clone("a")
    a.write("posts/a.md", document("A", tags=["News", "Fresh"]))
    push(a)
    assert ghost.tags("a") == ["neuigkeiten", "fresh", "hash-ghostsync"]
    assert ghost.all_tags() == ["fresh", "hash-ghostsync", "neuigkeiten"]
    ghost.pass_time(600)
    assert in_agreement(clone("b", of=a).plan())
    a.write("posts/a.md", document("A"))
    push(a)
    a.write("posts/a.md", document("A", tags=["News"]))
    assert verbs(push(a).plan) == ["update"]


@pytest.mark.parametrize("edit", ["create", "adopt", "update"])
def test_for_want_of_the_marker_no_public_tag_is_made(clone: CloneMaker, fake: FakeOne, edit: str) -> None:
    """Ghost makes what it does not find of a slug, and calls it so, for all readers to see. The post waits instead."""
    a = clone("a")
    if edit != "create":
        fake.create("A", slug="a", status="published", lexical=lexical("Words.\n"))
    a.write("posts/a.md", document("A", "Words.\n" if edit != "update" else "Other words.\n"))
    fake.fake.fail(server_error(), when=lambda request: request.method == "POST" and "/tags/" in request.path)
    report = a.push(prefer="local")
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED, Status.SKIPPED]
    assert "tag `hash-ghostsync` could not be made" in errors(report)[1]
    assert fake.all_tags() == []
    fake.pass_time(60)
    push(a, prefer="local")
    (tag,) = [tag for tag in fake.find("a")["tags"] if tag["slug"] == "hash-ghostsync"]
    assert (tag["name"], tag["visibility"]) == ("#ghostsync", "internal")


def test_tags_that_only_share_a_slug_are_not_one(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost makes `c` of `C`, `C++` and `C#`. Which is which is said in tags.yaml; until then nothing is published."""
    a = clone("a")
    a.write("posts/c.md", document("C", tags=["C"]))
    a.write("posts/cpp.md", document("C++", tags=["C++", "Boats"]))
    a.write("posts/sharp.md", document("C#", tags=["Boats", "C#"]))
    for _ in range(2):  # when nothing is known of any, and when `C` is there
        report = a.push()
        assert [(problem.path, problem.line) for problem in report.plan.problems] == [
            ("posts/cpp.md", 4),
            ("posts/sharp.md", 4),
        ]
        assert "`C++` would have the slug `c`, which is that of `C`" in report.plan.problems[0].message
        assert fake.slugs() == ["c"]
        fake.pass_time(60)
    a.write("tags.yaml", "- name: C++\n  slug: cpp\n- name: C#\n  slug: csharp\n")
    push(a)
    posts = {fake.find(slug)["title"]: fake.tags(slug)[:-1] for slug in fake.slugs()}
    assert posts == {"C": ["c"], "C++": ["cpp", "boats"], "C#": ["boats", "csharp"]}
    fake.pass_time(600)
    assert in_agreement(clone("b", of=a).plan())


@pytest.mark.parametrize("spelling", ["open source", "Open-Source", "OPEN SOURCE", "open-source", "Öpen Source"])
def test_control_a_tag_in_other_letters_is_the_same(clone: CloneMaker, fake: FakeOne, spelling: str) -> None:
    """As people write them, and by slug."""
    a = clone("a")
    a.write("posts/a.md", document("A", tags=["Open Source"]))
    push(a)
    a.write("posts/b.md", document("B", tags=[spelling]))
    push(a)
    assert fake.tags("b") == fake.tags("a")


def test_control_a_tag_that_is_called_otherwise_since_is_the_same(clone: CloneMaker, fake: FakeOne) -> None:
    """Documents go on calling it as they did: its slug stayed."""
    a = clone("a")
    a.write("posts/a.md", document("A", tags=["Open Source"]))
    push(a)
    fake.save_tag("open-source", name="Free software")
    a.write("posts/b.md", document("B", tags=["Open Source"]))
    push(a)
    assert fake.tags("b") == fake.tags("a")
