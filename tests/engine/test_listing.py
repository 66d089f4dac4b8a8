"""What a run asks a site about which this machine knows something already, and that nothing is missed for it."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.pull_steps import plan_pull
from engine.push_steps import CloneMaker, document, lexical, push, verbs
from engine.test_push_scenarios import png
from fakeghost import Request
from fakeghost.clock import to_wire
from fakeghost.state import Table
from world import Clone, in_agreement

from ghostsync.core.changes import WriteFile
from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.plan import Plan
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session
from ghostsync.ports import Memory

PAGE = "pages/about.md"
TREE = {
    "posts/hello.md": document("Hello", tags=["News", "Boats"]),
    "posts/two.md": document("Two", tags=["News"]),
    "posts/three.md": document("Three"),
    PAGE: document("About"),
}


@pytest.fixture
def warm(clone: CloneMaker, ghost: Ghost) -> Clone:
    """A clone on a machine that has seen everything, and whose files have lain there for a while."""
    return _warm(clone, ghost)


@pytest.fixture
def warm_on_fake(clone: CloneMaker, fake: FakeOne) -> Clone:
    """The same, for what only the fake can go through."""
    return _warm(clone, fake)


def _warm(clone: CloneMaker, ghost: Ghost) -> Clone:
    made = clone("a", cached=True, clock_ns=_a_minute_later)
    for path, text in TREE.items():
        made.write(path, text)
    push(made)
    if isinstance(ghost, FakeOne):
        # On a real server only what is stored can be made older, and that is a site that was put back.
        ghost.pass_time(600)
    _age(made)
    for _ in range(2):  # what the push itself did is seen, and found to be known
        assert in_agreement(made.plan())
    return made


def _a_minute_later() -> int:
    return time.time_ns() + 60_000_000_000


def _age(clone: Clone) -> None:
    for file in clone.root.rglob("*.md"):
        os.utime(file, (1_700_000_000, 1_700_000_000))


def _asked(clone: Clone, ghost: Ghost) -> tuple[Plan, int]:
    before = ghost.requests()
    plan = clone.plan()
    return plan, ghost.requests() - before


def test_an_unchanged_site_and_tree_cost_four_requests(warm: Clone, ghost: Ghost) -> None:
    """The site itself, the log, posts and pages since."""
    plan, asked = _asked(warm, ghost)
    assert (in_agreement(plan), plan.unchanged, plan.managed) == (True, 4, 4)
    assert asked <= 4


class KeepsToItself:
    """A memory that must not be asked for all posts."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def __getattr__(self, name: str) -> object:
        if name == "faces":
            raise AssertionError("ten thousand posts are read for nothing")
        return getattr(self._memory, name)


def test_an_unchanged_site_is_not_even_remembered(warm_on_fake: Clone) -> None:
    """Where nothing happened, what is known of all the posts stays in the cache."""
    session: Session = warm_on_fake.session()
    session.listing.memory = KeepsToItself(session.memory)  # type: ignore[assignment]
    assert in_agreement(session.plan_push(Options()))


def test_one_changed_file_costs_what_one_file_costs(warm: Clone, ghost: Ghost) -> None:
    """Nothing else is read, compiled or asked for: the post itself is, and the site's tags are not."""
    warm.write("posts/two.md", document("Two", "Other words.\n", tags=["News"]))
    plan, asked = _asked(warm, ghost)
    assert verbs(plan) == ["update"]
    assert plan.unchanged == 3
    assert asked <= 5


@pytest.mark.parametrize("fields", [{"tags": [{"name": "Late"}]}, {"meta_title": "Other"}, {"title": "Renamed"}])
def test_an_edit_that_moves_no_date_is_seen(warm: Clone, ghost: Ghost, fields: dict[str, object]) -> None:
    """Tags and meta data move no `updated_at`; Ghost's log tells."""
    ghost.save("hello", **fields)
    plan, asked = _asked(warm, ghost)
    assert [note.path for note in plan.notes] == ["posts/hello.md"]
    assert asked <= 8
    assert [note.path for note in warm.plan().notes] == ["posts/hello.md"], "said on every run until it is pulled"


def test_a_site_that_was_put_back_does_not_serve_what_was_uploaded_since(clone: CloneMaker, fake: FakeOne) -> None:
    """A restored backup, a sandbox made new: its posts are missed and said, and their pictures are uploaded again."""
    made = clone("a", cached=True)
    made.write("posts/hello.md", document("Hello", "![](p.png)\n"))
    made.write("posts/p.png", png(1))
    push(made)
    for table in (fake.fake.state.posts, fake.fake.state.actions, fake.fake.state.uploads):
        for key in [key for key, _ in table.items()]:
            table.drop(key)
    (note,) = made.plan().notes
    assert (note.kind, note.path) == (NoteKind.DELETED_IN_GHOST, "posts/hello.md")
    assert "tells of no deletion" in note.message
    assert verbs(push(made, prefer="local").plan) == ["upload", "create"]
    names = [path.rpartition("/")[2] for path, _ in fake.fake.state.uploads.items()]
    assert any(name in fake.body("hello") for name in names)


def test_what_was_imported_is_seen(warm: Clone, ghost: Ghost) -> None:
    """It keeps the dates that it had elsewhere, and Ghost's log says nothing of it; its id tells when it came."""
    ghost.import_post("old-one", lexical("Somebody's words."))
    warm.write("posts/old-one.md", document("Mine", "My words.\n"))
    plan, asked = _asked(warm, ghost)
    assert [(conflict.path, conflict.why) for conflict in plan.conflicts] == [
        ("posts/old-one.md", Why.NO_SHARED_HISTORY)
    ]
    assert plan.is_empty
    assert asked <= 8


def test_an_edit_of_a_page_is_seen(warm: Clone, ghost: Ghost) -> None:
    """Pages are asked for like posts."""
    ghost.save("about", to="pages", title="About us")
    assert [note.path for note in warm.plan().notes] == [PAGE]


def test_a_deleted_post_is_seen(warm: Clone, ghost: Ghost) -> None:
    """One alone, named by the log."""
    ghost.delete("two")
    plan = warm.plan()
    assert not plan.changes
    assert [(note.path, note.kind) for note in plan.notes] == [("posts/two.md", "deleted_in_ghost")]


def test_two_deleted_at_once_are_seen(warm: Clone, ghost: Ghost) -> None:
    """The post list deletes without naming a post."""
    ghost.bulk_delete("two", "three")
    plan = warm.plan()
    assert not plan.changes
    assert [note.path for note in plan.notes] == ["posts/three.md", "posts/two.md"]


def test_a_renamed_tag_is_seen(warm: Clone, ghost: Ghost) -> None:
    """It is renamed on every post that has it, and no post is named."""
    ghost.save_tag("news", name="Reports", slug="reports")
    assert [note.path for note in warm.plan().notes] == ["posts/hello.md", "posts/two.md"]


def test_a_post_of_nobody_takes_no_notice(warm: Clone, ghost: Ghost) -> None:
    """What a person writes in Ghost changes nothing for the documents."""
    ghost.create("Mine", status="published")
    plan, asked = _asked(warm, ghost)
    assert (in_agreement(plan), plan.unchanged, plan.notes) == (True, 4, ())
    assert asked <= 6


def test_what_was_seen_but_not_said_is_said_by_the_next_run(warm: Clone, ghost: Ghost) -> None:
    """A run that dies between asking the site and deciding has spent the news; the next one must not call it quiet."""
    ghost.save("hello", title="Renamed")
    dying = warm.session()
    dying.listing.refresh()
    assert [note.path for note in warm.plan().notes] == ["posts/hello.md"]


def test_only_a_full_listing_sees_a_reordering(warm_on_fake: Clone, fake: FakeOne) -> None:
    """Ghost logs the mere reordering of tags nowhere and moves no date for it: `--full` asks for everything."""
    fake.save("hello", tags=[{"slug": slug} for slug in ("boats", "news", "hash-ghostsync")])
    assert warm_on_fake.plan().notes == (), "the known blind spot"
    assert [note.path for note in warm_on_fake.plan(full=True).notes] == ["posts/hello.md"]
    assert [note.path for note in warm_on_fake.plan().notes] == ["posts/hello.md"]


def test_a_listing_that_lost_a_row_is_not_believed(warm_on_fake: Clone, tmp_path: Path) -> None:
    """A post that the cache forgot would be made a second time."""
    (file,) = tmp_path.rglob("cache.db")
    with closing(sqlite3.connect(file)) as db, db:
        assert db.execute("DELETE FROM faces WHERE id = (SELECT MIN(id) FROM faces)").rowcount == 1
    warm_on_fake.write("posts/two.md", document("Two", "Other words.\n", tags=["News"]))
    plan = warm_on_fake.plan()
    assert verbs(plan) == ["update"]
    assert plan.unchanged == 3


def test_a_site_that_was_put_back_is_listed_anew(warm_on_fake: Clone, fake: FakeOne) -> None:
    """From a backup: what this machine knows has not happened there, and no date tells."""
    tables = {name: table for name, table in vars(fake.fake.state).items() if isinstance(table, Table)}
    backup = {name: table.items() for name, table in tables.items()}
    warm_on_fake.write("posts/two.md", document("Two", "Other words.\n", tags=["News"]))
    push(warm_on_fake)
    fake.pass_time(600)
    _age(warm_on_fake)
    assert in_agreement(warm_on_fake.plan())
    with fake.fake.state.transaction():
        for name, table in tables.items():
            for key in [key for key, _ in table.items()]:
                table.drop(key)
            for key, row in backup[name]:
                table.put(key, row)
    plan = warm_on_fake.plan()
    assert plan.unchanged == 3
    assert not plan.is_empty


def test_a_schedule_that_passes_breaks_the_seal(clone: CloneMaker, fake: FakeOne) -> None:
    """What was true until Ghost publishes it is not taken for true afterwards."""
    later = to_wire(fake.fake.clock.now_ms() + 3_600_000)
    a = clone("a", cached=True, clock_ns=_a_minute_later)
    a.write("posts/later.md", document("Later", status="scheduled", date=later))
    push(a)
    fake.pass_time(60)
    _age(a)
    assert in_agreement(a.plan())
    seal = a.memory.seal()
    assert seal is not None
    assert seal.until == later
    fake.pass_time(7200)
    assert in_agreement(a.plan())
    seal = a.memory.seal()
    assert seal is not None
    assert seal.until is None


def test_a_watching_session_looks_only_where_it_is_told(warm: Clone, ghost: Ghost) -> None:
    """The second plan of one session reads the one file that changed, and both sides' news."""
    session: Session = warm.session()
    assert in_agreement(session.plan_push(Options()))
    warm.write("posts/two.md", document("Two", "Other words.\n", tags=["News"]))
    before = ghost.requests()
    plan = session.plan_push(Options(changed=frozenset({"posts/two.md"})))  # type: ignore[arg-type]
    assert verbs(plan) == ["update"]
    assert ghost.requests() - before <= 4  # the log, posts, pages, and the post itself unless it is held
    warm.write("posts/three.md", document("Three", "Other words.\n"))
    assert verbs(session.plan_push(Options(changed=frozenset({"posts/two.md"})))) == ["update"]  # type: ignore[arg-type]
    assert verbs(session.plan_push(Options())) == ["update", "update"]


def test_a_bulk_unpublish_is_seen(warm: Clone, ghost: Ghost) -> None:
    """It moves no `updated_at`, and the log names no post: everything is listed again, and both have drifted."""
    ids = ",".join(f"'{ghost.find(slug)['id']}'" for slug in ("hello", "two"))
    answer = ghost.site.ask_as_person("PUT", "posts/bulk/", {"bulk": {"action": "unpublish"}}, filter=f"id:[{ids}]")
    assert answer.status_code == 200, answer.text
    ghost._settle_log()
    plan = warm.plan()
    assert {note.path for note in plan.notes if note.kind is NoteKind.DRIFTED} == {"posts/hello.md", "posts/two.md"}
    assert in_agreement(plan)


def test_a_deleted_tag_is_seen(warm: Clone, ghost: Ghost) -> None:
    """It is gone from every post that had it, none of which moved: both have drifted, and nothing puts it back."""
    answer = ghost.site.ask_as_person("DELETE", f"tags/{ghost.tag('news')['id']}/")
    assert answer.status_code == 204, answer.text
    ghost._settle_log()
    plan = warm.plan()
    assert {note.path for note in plan.notes if note.kind is NoteKind.DRIFTED} == {"posts/hello.md", "posts/two.md"}
    assert in_agreement(plan)


def test_a_post_deleted_between_two_pages_of_the_listing_hides_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """Listed by page number, the first post of the second page would move to the first one, unseen."""
    for number in range(130):
        fake.fake.create_as("berta", title=f"Number {number}", slug=f"number-{number:03}", status="published")
    pages: list[str] = []

    def meanwhile(request: Request) -> None:
        if request.path.endswith("/posts/") and "limit=100" in request.query:
            pages.append(request.query)
            if len(pages) == 2:
                fake.fake.delete_as("berta", fake.fake.post_rows()[3]["id"])

    fake.fake.watch(meanwhile)
    seen = {change.slug for change in plan_pull(clone("a")).changes if isinstance(change, WriteFile)}
    assert len(pages) == 2
    assert {f"number-{number:03}" for number in range(130) if number != 3} <= seen
