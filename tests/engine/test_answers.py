"""Links and pictures as a site generator addresses them: sent as what they mean, and back as they were written."""

from __future__ import annotations

from engine.ghosts import FakeOne, Ghost
from engine.pull_steps import planned, pull
from engine.push_steps import CloneMaker, document, push
from world import Clone, errors, in_agreement

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'
BODY = """A typpo.

![Boat](/img/boat.svg)

[root](/2024/05/01/hello/#end), [dated](/posts/hello/ "t"), [near](../neighbour/) and
[the site's own](/tag/news/), [nothing](/posts/nothing/), [file](/img/list.csv).

In HTML, <img src="/img/boat.svg?x=1"> and <a href="/posts/hello/">hello</a>.
"""


def site(clone: Clone, configuration: str = 'preset = "jekyll"\nstatic = ["static"]\n') -> Clone:
    """Fill a clone with a document that speaks of others as a generator does."""
    clone.write("ghostsync.toml", f'project = "site"\n{configuration}')
    clone.write("posts/2024-05-01-hello.md", document("Hello", status="published"))
    clone.write("posts/neighbour/index.md", document("Neighbour", status="published"))
    clone.write("posts/a.md", document("A", body=BODY, status="published", feature_image="/img/boat.svg"))
    clone.write("static/img/boat.svg", SVG)
    clone.write("static/img/list.csv", "a,b\n")
    return clone


def test_addresses_of_a_generator(clone: CloneMaker, ghost: Ghost) -> None:
    """They lead where they were meant to, the next plan is empty, and an editor's typing leaves them as they were."""
    _send_and_bring_back(clone, ghost, cached=True)


def test_addresses_of_a_generator_without_a_cache(clone: CloneMaker, fake: FakeOne) -> None:
    """Everything that it takes is in the record."""
    _send_and_bring_back(clone, fake, cached=False)


def _send_and_bring_back(clone: CloneMaker, ghost: Ghost, *, cached: bool) -> None:
    a = site(clone("a", cached=cached))
    push(a)
    body, url = ghost.body("a"), ghost.site.url
    assert f"{url}/hello/#end" in body
    assert body.count(f"{url}/hello/") == 3
    assert f"{url}/neighbour/" in body
    assert body.count("/content/images/") == 2
    assert "/content/files/" in body
    assert "/img/boat.svg" not in body
    assert f"{url}/tag/news/" in body
    assert "/content/images/" in ghost.find("a")["feature_image"]
    for clock in (10, 600):
        ghost.pass_time(clock)
        plan = a.plan()
        assert (plan.changes, plan.notes, plan.conflicts, plan.problems) == ((), (), (), ())
        assert planned(a).plan.changes == ()
    ghost.type("a", "typpo", "typo")
    ghost.type("a", "nothing", "nothing at all")
    pull(a)
    assert a.read("posts/a.md") == document(
        "A",
        body=BODY.replace("typpo", "typo").replace("[nothing]", "[nothing at all]"),
        status="published",
        feature_image="/img/boat.svg",
    )
    push(a)
    assert in_agreement(a.plan())


def test_what_an_address_means_may_change(clone: CloneMaker, fake: FakeOne) -> None:
    """A preset that is set later, a file that comes or changes: the documents that say such addresses follow."""
    a = site(clone("a"), configuration="")
    a.write("posts/a.md", document("A", body=BODY))
    push(a)
    assert "/img/boat.svg" in fake.body("a")
    a.write("ghostsync.toml", 'project = "site"\nstatic = ["static"]\n')
    (change,) = a.plan().changes[-1:]
    assert change.path == "posts/a.md"
    push(a)
    assert "/img/boat.svg" not in fake.body("a")
    before = fake.body("a")
    fake.pass_time(600)
    a.write("static/img/boat.svg", SVG.replace("4", "5").encode())
    a.write("posts/nothing.md", document("Nothing", status="published"))
    assert errors(a.push()) == []
    after = fake.body("a")
    assert before != after
    assert f"{fake.site.url}/nothing/" in after
    fake.pass_time(600)
    assert in_agreement(a.plan())


def test_what_nothing_answers_to_any_more_stays(clone: CloneMaker, fake: FakeOne) -> None:
    """A clone that lacks the linked documents, or has removed them, does not take working links and pictures away."""
    a = site(clone("a"))
    push(a)
    before = fake.body("a"), fake.find("a")["feature_image"]
    b = clone("b")
    b.write("ghostsync.toml", a.read("ghostsync.toml"))
    b.write("posts/a.md", a.read("posts/a.md"))
    b.write("posts/neighbour/index.md", a.read("posts/neighbour/index.md"))
    fake.pass_time(600)
    assert b.plan().changes == ()
    b.write("posts/a.md", a.read("posts/a.md").replace("A typpo.", "No typo."))
    push(b)
    assert fake.body("a") == before[0].replace("A typpo.", "No typo.")
    assert fake.find("a")["feature_image"] == before[1]
    fake.pass_time(600)
    assert b.plan().changes == ()
    empty = clone("c")
    empty.write("ghostsync.toml", a.read("ghostsync.toml"))
    pull(empty)
    assert empty.read("posts/a.md") == b.read("posts/a.md")
    assert empty.plan().changes == ()


def test_two_that_answer_are_none(clone: CloneMaker, fake: FakeOne) -> None:
    """A relative address that two documents answer to stays a problem of its document."""
    a = clone("a")
    a.write("posts/one-two.md", document("One"))
    a.write("posts/one_two.md", document("Two", slug="two"))
    a.write("posts/a.md", document("A", body="[x](One-Two/)\n"))
    (problem,) = a.plan().problems
    assert problem.path == "posts/a.md"
    assert "leads to nothing" in problem.message
    a.remove("posts/one_two.md")
    push(a)
    assert f"{fake.site.url}/one-two/" in fake.body("a")


def test_a_pattern_of_slugs_moves_nothing_that_is_there(clone: CloneMaker, fake: FakeOne) -> None:
    """It is for new documents; those that are on the site keep their addresses, from any machine."""
    a = clone("a")
    a.write("posts/en/news.md", document("News"))
    push(a)
    a.write("ghostsync.toml", 'project = "site"\nslug = "{folder}-{name}"\n')
    assert in_agreement(a.plan())
    a.write("posts/de/news.md", document("Neues", body="Andere Worte.\n"))
    push(a)
    assert sorted(fake.slugs()) == ["de-news", "news"]
    assert in_agreement(a.plan())
    empty = clone("b")
    empty.write("ghostsync.toml", 'project = "site"\nslug = "{folder}-{name}"\n')
    pull(empty)
    assert empty.read("posts/en/news.md") == a.read("posts/en/news.md")
    assert in_agreement(empty.plan())
