"""What the watch's runs do beyond a typed command: files in motion, servers that go, pulls that merge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine.ghosts import FakeOne
from fakeghost.faults import Cut, Moment, Request, server_error
from world import Clone, in_agreement

from ghostsync.core.layout import PullLayout
from ghostsync.core.plan import Prune
from ghostsync.errors import Unreachable
from ghostsync.local.config import load_config
from ghostsync.model import DocPath
from ghostsync.watch.syncing import SessionSyncer

CloneMaker = Callable[..., Clone]
HELLO = "---\ntitle: Hello\nstatus: published\n---\n\nOne.\n\nTwo.\n\nThree.\n"


def syncer(clone: Clone, sleep: Callable[[float], None] = lambda _: None, **rest: Any) -> SessionSyncer:
    """Return runs of one session of a clone."""
    return SessionSyncer(session=clone.session(), jobs=1, sleep=sleep, **rest)


def layout(root: Path) -> PullLayout:
    """Return how pull lays out a clone."""
    config = load_config(root)
    settings = config.pull
    return PullLayout(posts=settings.posts, pages=settings.pages, media=settings.media, settings=config.documents)


def paths(*names: str) -> frozenset[DocPath]:
    """Return a batch."""
    return frozenset(DocPath(name) for name in names)


def test_a_server_that_goes_in_the_middle_is_not_the_document_s_fault(clone: CloneMaker, fake: FakeOne) -> None:
    """What could be sent is sent, the run says that the server is away, and the next one does the rest."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    a.write("posts/two.md", HELLO.replace("Hello", "Two"))
    runs = syncer(a)
    fake.fake.fail(
        Cut(moment=Moment.REFUSED),
        when=lambda request: request.method == "POST" and b'"Two"' in request.body,
        times=100,
    )
    with pytest.raises(Unreachable):
        runs.push(None)
    fake.fake.clear_faults()
    assert runs.push(None).applied == ("posts/two.md",)
    assert sorted(fake.slugs()) == ["one", "two"]


def test_a_fault_of_one_document_is_told_as_one(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's own 500 for a document is a problem of that document, and the others are published."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    a.write("posts/two.md", HELLO.replace("Hello", "Two"))
    fake.fake.fail(
        server_error(), when=lambda request: request.method == "POST" and b'"Two"' in request.body, times=100
    )
    report = syncer(a).push(None)
    assert [problem.path for problem in report.problems] == ["posts/two.md"]
    assert "posts/one.md" in report.applied


def test_a_document_in_the_middle_of_a_save_is_not_sent(clone: CloneMaker, fake: FakeOne) -> None:
    """Emptied by its editor after it was read: the run waits and sends what it becomes, never what it was."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    waits: list[float] = []

    def empty_it(request: Request) -> bool:
        if request.path.endswith("/tags/") and not waits:
            a.write("posts/one.md", "")
        return False

    def finish_it(seconds: float) -> None:
        waits.append(seconds)
        a.write("posts/one.md", HELLO.replace("Hello", "Whole again"))

    fake.fake.fail(server_error(), when=empty_it, times=100)
    report = syncer(a, finish_it).push(None)
    assert waits == [1.0]
    assert "posts/one.md" in report.applied
    assert [row["title"] for row in fake.fake.state.posts] == ["Whole again"]


@pytest.mark.parametrize("comes_back", [True, False])
def test_only_what_stays_away_is_removed(clone: CloneMaker, fake: FakeOne, comes_back: bool) -> None:
    """A document that is missing while everything is looked at, and there a second later, loses no post."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    a.write("posts/two.md", HELLO.replace("Hello", "Two"))
    assert syncer(a).push(None).problems == ()
    fake.pass_time(60)
    a.remove("posts/two.md")

    def restore(_: float) -> None:
        if comes_back:
            a.write("posts/two.md", HELLO.replace("Hello", "Two"))

    report = syncer(a, restore, prune=Prune.DELETE).push(None)
    assert report.problems == ()
    assert sorted(fake.slugs()) == (["one", "two"] if comes_back else ["one"])


def pruned(clone: CloneMaker, fake: FakeOne, count: int) -> tuple[Clone, SessionSyncer, list[str]]:
    """Return a clone that has pushed documents, runs of it that delete, and the names."""
    a = clone("a", cached=True)
    names = [f"p{number:02}" for number in range(count)]
    for name in names:
        a.write(f"posts/{name}.md", HELLO.replace("Hello", name))
    runs = syncer(a, prune=Prune.DELETE)
    assert runs.push(None).problems == ()
    fake.pass_time(60)
    return a, runs, names


@pytest.mark.parametrize("looks_at", ["everything", "what moved"])
def test_a_watch_takes_away_no_more_than_a_push_would(clone: CloneMaker, fake: FakeOne, looks_at: str) -> None:
    """A checkout of another branch under a running watch: it is told with its counts, and every post stays."""
    a, runs, names = pruned(clone, fake, 12)
    moved = [f"posts/{name}.md" for name in names[:4]]
    for path in moved:
        a.remove(path)
    report = runs.push(None if looks_at == "everything" else paths(*moved))
    assert report.applied == ()
    assert "would delete 4 posts, of 12 managed: that is more than 30%" in report.problems[0].message
    assert fake.slugs() == names
    a.write(moved[0], HELLO.replace("Hello", names[0]))
    assert runs.push(None).problems == ()
    assert fake.slugs() == [names[0], *names[4:]], "control: three of twelve go"


def test_a_watch_takes_nothing_away_while_a_document_cannot_be_read(clone: CloneMaker, fake: FakeOne) -> None:
    """Nor while all of them are gone: an unmounted disk is not an empty site."""
    a, runs, names = pruned(clone, fake, 3)
    a.remove("posts/p00.md")
    a.write("posts/p01.md", "---\ntitle: [x\n---\n")
    report = runs.push(None)
    assert "what cannot be read must not count as deleted" in report.problems[-1].message
    assert fake.slugs() == names
    for name in names[1:]:
        a.remove(f"posts/{name}.md")
    assert "the content directory is empty" in runs.push(None).problems[-1].message
    assert fake.slugs() == names


def test_what_goes_missing_during_the_wait_must_stay_away_as_well(clone: CloneMaker, fake: FakeOne) -> None:
    """While the watch waits whether a document stays away, another one is missing for a moment: it keeps its post."""
    a, _, names = pruned(clone, fake, 4)
    a.remove("posts/p00.md")
    waits: list[float] = []

    def meanwhile(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            a.remove("posts/p01.md")
        elif len(waits) == 2:
            a.write("posts/p01.md", HELLO.replace("Hello", "p01"))

    report = syncer(a, meanwhile, prune=Prune.DELETE).push(None)
    assert report.problems == ()
    assert len(waits) >= 2
    assert fake.slugs() == names[1:]


def test_a_push_that_meets_an_edit_pulls_first(clone: CloneMaker, fake: FakeOne) -> None:
    """With pulling, what can be merged is merged and pushed in the same run, and nobody is bothered."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    runs = syncer(a, layout=layout(a.root))
    runs.push(None)
    fake.pass_time(600)
    fake.type("one", "One.", "One, edited in Ghost.")
    a.write("posts/one.md", HELLO.replace("Three.", "Three, edited here."))
    fake.pass_time(60)
    report = runs.push(paths("posts/one.md"))
    assert report.problems == ()
    assert "posts/one.md" in report.applied
    assert set(report.written) == {"posts/one.md"}
    assert "One, edited in Ghost." in a.read("posts/one.md")
    fake.pass_time(60)
    assert in_agreement(a.plan())


def test_without_pulling_the_same_is_a_conflict(clone: CloneMaker, fake: FakeOne) -> None:
    """The control: the file stays as it is, and the conflict is told."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    runs = syncer(a)
    runs.push(None)
    fake.pass_time(600)
    fake.type("one", "One.", "One, edited in Ghost.")
    mine = HELLO.replace("Three.", "Three, edited here.")
    a.write("posts/one.md", mine)
    report = runs.push(paths("posts/one.md"))
    assert [problem.message.partition(":")[0] for problem in report.problems] == ["conflict"]
    assert a.read("posts/one.md") == mine


def test_links_follow_an_address_that_a_save_moved(clone: CloneMaker, fake: FakeOne) -> None:
    """A save that changes a slug is followed by a look at everything: whoever links there is sent again."""
    a = clone("a", cached=True)
    a.write("posts/one.md", HELLO)
    a.write("posts/two.md", HELLO.replace("Hello", "Two").replace("One.", "[one](one.md)"))
    runs = syncer(a)
    runs.push(None)
    fake.pass_time(60)
    a.write("posts/one.md", HELLO.replace("title: Hello", "title: Hello\nslug: uno"))
    report = runs.push(paths("posts/one.md"))
    assert set(report.applied) == {"posts/one.md", "posts/two.md"}


def test_who_joins_while_a_watch_runs_is_known_at_the_next_save(clone: CloneMaker, fake: FakeOne) -> None:
    """Authors and tiers are asked for once, and again where a document names one that was not there."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", HELLO.replace("status: published", "authors: [dora]\ntiers: [gold]"))
    runs = syncer(a)
    said = "\n".join(problem.message for problem in runs.push(None).problems)
    assert "no author `dora`" in said
    assert "no paid tier `gold`" in said
    for table, slug in ((fake.fake.state.users, "dora"), (fake.fake.state.tiers, "gold")):
        key, row = next((key, row) for key, row in table.items() if row["slug"] not in ("ada", "berta", "free"))
        table.put(key, {**row, "slug": slug})
    assert runs.push(paths("posts/hello.md")).applied[-1] == "posts/hello.md"
    assert [author["slug"] for author in fake.find("hello")["authors"]] == ["dora"]
