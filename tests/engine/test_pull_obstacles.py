"""What lies in a pull's way: runs that were cut off, names that collide, files that are somebody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from engine.ghosts import FakeOne
from engine.pull_steps import plan_pull, planned, pull, tree
from engine.test_pull_scenarios import png
from engine.test_push_rows import _lexical
from world import Clone, errors

from ghostsync.core.outcome import Status
from ghostsync.core.plan import Download, WriteFile, verb

CloneMaker = Callable[..., Clone]


def with_pictures(fake: FakeOne, *names: str) -> str:
    """Return a body that shows pictures of the site, which have bytes of their own unless they are there already."""
    body = json.loads(_lexical("Words."))
    for name in names:
        key = f"images/2026/01/{name}"
        if fake.fake.state.uploads.get(key) is None:
            fake.fake.state.uploads.put(key, ("image/png", png(1 + len(name))))
        src = f"{fake.fake.url}/content/images/2026/01/{name}"
        body["root"]["children"].append({"type": "image", "version": 1, "src": src, "alt": ""})
    return json.dumps(body)


def test_a_pull_that_was_cut_off_goes_on_where_it_stopped(clone: CloneMaker, fake: FakeOne) -> None:
    """Pictures that came down before the document could be written are not fetched under a second name."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png", "ebb.png"))
    a, whole = clone("a"), clone("whole")
    assert errors(pull(whole)) == []
    a.write("media/tide.png", (whole.root / "media/tide.png").read_bytes())
    assert errors(pull(a)) == []
    assert tree(a.root) == tree(whole.root)


def test_a_file_of_ones_own_under_a_pictures_name_stays(clone: CloneMaker, fake: FakeOne) -> None:
    """Other bytes under the same name are somebody's, whether or not this run sees them; the picture is numbered."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png", "ebb.png"))
    a = clone("a")
    a.write("media/tide.png", b"mine")
    a.write("media/ebb.png", b"mine and ignored")
    a.write(".ghostsyncignore", "media/ebb.png\n")
    assert errors(pull(a)) == []
    assert (a.root / "media/tide.png").read_bytes() == b"mine"
    assert (a.root / "media/ebb.png").read_bytes() == b"mine and ignored"
    assert "(../media/tide-2.png)" in a.read("posts/hello.md")
    assert "(../media/ebb-2.png)" in a.read("posts/hello.md")
    assert {verb(change) for change in a.plan().changes} <= {"adopt", "tag_create"}
    assert plan_pull(a).changes == ()


@pytest.mark.parametrize("cached", [True, False])
def test_one_picture_that_was_uploaded_twice_is_two_files(clone: CloneMaker, fake: FakeOne, cached: bool) -> None:
    """Each address has its own file, and none is taken for the other, with or without a cache."""
    for name in ("tide-1.png", "tide.png", "tide-2.png"):
        fake.fake.state.uploads.put(f"images/2026/01/{name}", ("image/png", png(7)))
    fake.create("Zwei", status="published", lexical=with_pictures(fake, "tide-1.png", "tide.png"))
    fake.create(
        "Eins", lexical=with_pictures(fake, "tide.png", "tide-2.png"),
        feature_image=f"{fake.fake.url}/content/images/2026/01/tide-1.png",
    )  # fmt: skip
    a = clone("a", cached=cached)
    assert errors(pull(a)) == []
    assert {path for path in tree(a.root) if path.startswith("media/")} == {
        "media/tide.png",
        "media/tide-1.png",
        "media/tide-2.png",
    }
    for plan in (a.plan(), plan_pull(a)):
        assert {verb(change) for change in plan.changes} <= {"adopt", "tag_create"}
        assert (plan.conflicts, plan.notes) == ((), ())


def test_a_picture_that_changed_between_two_pushes_comes_back_once(clone: CloneMaker, fake: FakeOne) -> None:
    """Two records name one file with two contents: the newer is what the directory had."""
    a = clone("a")
    a.write("images/tide.png", png(3))
    for name in ("one", "two"):
        a.write(f"posts/{name}.md", f"---\ntitle: {name}\n---\n![T](../images/tide.png)\n")
    assert errors(a.push()) == []
    fake.pass_time(600)
    a.write("images/tide.png", png(4))
    report = a.push(covers=lambda path: path in {"posts/one.md", "images/tide.png"}, is_everything=False)
    assert errors(report) == []
    fake.pass_time(600)
    b = clone("b")
    assert errors(pull(b)) == []
    assert tree(b.root) == tree(a.root)


def test_a_file_that_appears_while_pull_runs_is_not_overwritten(clone: CloneMaker, fake: FakeOne) -> None:
    """A new document never lands on a file that was not there when the plan was made; pictures neither."""
    fake.create("Hello", lexical=with_pictures(fake, "tide.png"))
    a = clone("a")
    found = planned(a)
    a.write("posts/hello.md", "Mine.\n")
    a.write("media/tide.png", b"mine")
    report = a.apply(found.plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    assert a.read("posts/hello.md") == "Mine.\n"
    assert (a.root / "media/tide.png").read_bytes() == b"mine"


def test_two_tags_with_one_name_stay_two(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost tells tags by slug: a document names such a tag by its slug, and pushes as unchanged."""
    fake.create("One", tags=[{"name": "News"}], lexical=_lexical("Words."))
    fake.create("Two", tags=[{"name": "Other"}], lexical=_lexical("Words."))
    fake.create("Three", tags=[{"name": "news!"}, {"name": "News"}], lexical=_lexical("Words."))
    fake.save_tag("other", name="News", description="The other one")
    before = {row["slug"]: [tag["slug"] for tag in row["tags"]] for row in fake.all()}
    a = clone("a", cached=True)
    assert errors(pull(a)) == []
    for plan in (a.plan(), plan_pull(a)):
        assert (plan.changes, plan.conflicts, plan.problems, plan.notes) == ((), (), (), ())
    fake.pass_time(600)
    for path in ("posts/one.md", "posts/two.md", "posts/three.md"):
        a.write(path, a.read(path).replace("Words.", "Other words."))
    assert errors(a.push(prefer="local")) == []
    assert {
        row["slug"]: [t["slug"] for t in row["tags"] if "ghostsync" not in t["slug"]] for row in fake.all()
    } == before


def test_a_post_and_a_page_with_one_slug_do_not_block_each_other(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's database allows it, its editor does not: one comes down, the other is a problem that says what to do."""
    fake.create("About", status="published", lexical=_lexical("The post."))
    page = fake.create("About us", to="pages", status="published", lexical=_lexical("The page."))
    fake.fake.state.posts.get(page["id"])["slug"] = "about"
    a = clone("a")
    report = pull(a)
    assert errors(report) == []
    (problem,) = report.plan.problems
    assert "slug" in problem.message
    assert len(tree(a.root)) == 1
    assert a.plan().problems == ()


@pytest.mark.parametrize("name", ["it's & more (1).png", "ü ö.png", "100%.png", "a&amp;b.png"])
def test_every_file_that_a_document_shows_is_fetched(clone: CloneMaker, fake: FakeOne, name: str) -> None:
    """However a name is spelled in Markdown, HTML or YAML, its file comes with the document that shows it."""
    a = clone("a")
    a.write(f"images/{name}", png(9))
    address = quote(f"../images/{name}")
    a.write(
        "posts/hello.md",
        f"---\ntitle: Hello\nog_image: '../images/{name.replace(chr(39), chr(39) * 2)}'\n---\n"
        f'Words.\n\n<div><img src="{address}" alt=""></div>\n',
    )
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.type("hello", "Words", "Other words")
    b = clone("b")
    assert errors(pull(b)) == []
    assert {path for path in tree(b.root) if path.startswith("images/")} == {f"images/{name}"}
    assert b.plan().problems == ()


def test_a_download_is_checked_against_what_its_document_means(clone: CloneMaker, fake: FakeOne) -> None:
    """Two documents that mean two contents by one name do not share a file silently."""
    a = clone("a")
    for name, width in (("x.png", 3), ("y.png", 4)):
        fake.fake.state.uploads.put(f"images/2026/01/{name}", ("image/png", png(width)))
    found = planned(a)
    changes = [
        WriteFile(
            path=f"posts/{name}.md", kind="post", id=None, slug=name, title=name, content=f"![](../media/t.png) {name}",
            expected=None, before=None, body_changed=True,
            downloads=(Download(url=f"{fake.fake.url}/content/images/2026/01/{name}.png", path="media/t.png"),),
        )
        for name in ("x", "y")
    ]  # fmt: skip
    report = a.apply(replace(found.plan, changes=tuple(changes)))
    assert [outcome.status for outcome in report.outcomes] == [Status.APPLIED, Status.FAILED]
