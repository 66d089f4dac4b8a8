"""What stands between a plan and the site while it is carried out: each guard where it is needed, one test each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from engine.ghosts import FakeOne
from engine.push_steps import HELLO, CloneMaker, document, push, seeded, verbs
from engine.test_push_scenarios import png
from engine.test_sanitised_svg import STRIPPED
from fakeghost.faults import Cut, Moment, Request, bad_gateway, server_error, too_large
from world import MARKER, Clone, errors, in_agreement

from ghostsync.apply.applier import Applier
from ghostsync.core.changes import DeletePost
from ghostsync.core.outcome import Outcome, Report, Status
from ghostsync.core.plan import Plan
from ghostsync.core.slugs import tag_slug
from ghostsync.errors import ConflictsFound, Mismatch
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.config import load_config
from ghostsync.local.tree import ContentTree
from ghostsync.model import FieldName, Kind
from ghostsync.ports import Stored

DRAFT = document(status="draft")


class Killed(BaseException):
    """Nothing that anybody expects."""


def method(name: str, resource: str = "/posts/") -> Callable[[Request], bool]:
    """Match requests by method and by what they are about."""
    return lambda request: request.method == name and resource in request.path


def failures(report: Report) -> list[type[BaseException]]:
    """Return the kinds of error, in order of changes."""
    return [type(outcome.error) for outcome in report.outcomes if outcome.error is not None]


def applier(clone: Clone, plan: Plan, **given: Any) -> Applier:
    """Return what carries out a plan, to be started by hand."""
    site = GhostSite(clone.api, marker=MARKER, marker_slug=tag_slug(MARKER))
    site.site()
    tree = ContentTree(load_config(clone.root))
    rest = {"jobs": 1, "sleep": clone.sleep, **given}
    return Applier(remote=site, tree=tree, memory=clone.memory, plan=plan, **rest)


# ------------------------------------------------------------------------------------------ several at once


def many(clone: CloneMaker, count: int = 24) -> Clone:
    """Return a clone with many new documents."""
    a = clone("a")
    for number in range(count):
        a.write(f"posts/p{number:02}.md", document(f"P {number}"))
    return a


def test_a_pool_does_what_one_after_the_other_does(clone: CloneMaker, fake: FakeOne) -> None:
    """With four at once every change has an outcome, in the order of the plan, and every post is there once."""
    a = many(clone)
    a.jobs = 4
    report = push(a)
    assert [outcome.change for outcome in report.outcomes] == list(report.plan.changes)
    assert {outcome.status for outcome in report.outcomes} == {Status.APPLIED}
    assert fake.slugs() == [f"p{number:02}" for number in range(24)]
    fake.pass_time(60)
    assert in_agreement(a.plan())


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_bug_in_one_write_begins_no_other(clone: CloneMaker, fake: FakeOne, jobs: int) -> None:
    """What is in flight may end; the rest is not begun, and the error comes out."""
    a = many(clone)
    made = applier(a, a.plan(), jobs=jobs)
    fake.fake.fail(Killed(), when=method("POST"))
    with pytest.raises(Killed):
        made.run()
    assert made.stop.is_set() is (jobs > 1)
    for thread in threading.enumerate():
        if thread.name.startswith("ghostsync"):
            thread.join()
    assert len(fake.all()) < 3 * jobs


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_stopped_begins_nothing_new(clone: CloneMaker, fake: FakeOne, jobs: int) -> None:
    """What was begun is finished, the rest is skipped and told as such; the next run does it."""
    a = many(clone)
    stop, seen = threading.Event(), list[tuple[int, int]]()

    def watch(outcome: Outcome, done: int, total: int) -> None:
        seen.append((done, total))
        if outcome.status is Status.APPLIED and done == 4:
            stop.set()

    report = applier(a, a.plan(), jobs=jobs, stop=stop, watcher=watch).run()
    applied = sum(outcome.status is Status.APPLIED for outcome in report.outcomes)
    assert report.is_interrupted
    assert 4 <= applied < 4 + 3 * jobs
    assert {outcome.status for outcome in report.outcomes} == {Status.APPLIED, Status.SKIPPED}
    assert failures(report) == []
    assert len(fake.all()) == applied - 1, "all but the marker tag are posts"
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} == {25}
    push(a)
    assert len(fake.all()) == 24


def test_a_stopped_run_parks_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """A post that steps aside would be left there."""
    a = swapped(clone, fake)
    made = applier(a, a.plan())
    made.stop.set()
    report = made.run()
    assert {outcome.status for outcome in report.outcomes} == {Status.SKIPPED}
    assert fake.slugs() == ["one", "two"]
    assert fake.find("one")["title"] == "One"


# ------------------------------------------------------------------------------------------ slugs that change hands


def swapped(clone: CloneMaker, fake: FakeOne) -> Clone:
    """Return a clone whose two documents have swapped their slugs since they were pushed."""
    files = {f"posts/{name}.md": document(name.title(), slug=name) for name in ("one", "two")}
    a = seeded(clone, fake, files)
    a.write("posts/one.md", document("One", slug="two"))
    a.write("posts/two.md", document("Two", slug="one"))
    return a


@pytest.mark.parametrize("saved", ["one", "two"])
def test_a_post_that_cannot_step_aside_stays_and_is_not_written(clone: CloneMaker, fake: FakeOne, saved: str) -> None:
    """An editor has saved one of two posts that swap slugs: neither loses its slug, its text or her words."""
    a = swapped(clone, fake)
    plan = a.plan()
    fake.type(saved, "First", "Edited")
    report = a.apply(plan)
    assert failures(report) != []
    assert all(outcome.status is Status.FAILED for outcome in report.outcomes if outcome.change.path.endswith(saved))
    titles = {row["title"]: row["slug"] for row in fake.all()}
    assert titles.keys() == {"One", "Two"}
    assert len(fake.all()) == 2
    assert sum("Edited words." in (row["html"] or "") for row in fake.all()) == 1
    fake.pass_time(60)
    after = a.plan()
    assert f"posts/{saved}.md" in {conflict.path for conflict in after.conflicts}
    assert not {"create", "delete"} & set(verbs(after))


def test_a_post_whose_slug_was_taken_goes_back_to_its_own(clone: CloneMaker, fake: FakeOne) -> None:
    """Somebody takes the new slug between plan and write; no `-2` is left, and both say so."""
    a = seeded(clone, fake, {"posts/one.md": document("One", slug="one")})
    a.write("posts/one.md", document("One", slug="new"))
    plan = a.plan()
    fake.create("Theirs", slug="new")
    (message,) = errors(a.apply(plan))
    assert "`new` was taken meanwhile (Ghost made `new-2`); it is back at `one`" in message
    assert fake.slugs() == ["new", "one"]
    record = fake.record("one")
    assert record is not None
    assert record["slug"] == record["fields"]["slug"] == "one"
    fake.pass_time(60)
    assert [conflict.path for conflict in a.plan().conflicts] == ["posts/one.md"]


# ------------------------------------------------------------------------------------------ files that posts show


def test_a_picture_that_changed_since_the_plan_is_not_uploaded(clone: CloneMaker, fake: FakeOne) -> None:
    """It would be served under the name of other bytes; its document waits, the next run brings both."""
    a = clone("a")
    a.write("posts/hello.md", document(body="![](x.png)\n"))
    a.write("posts/x.png", png(1))
    plan = a.plan()
    a.write("posts/x.png", png(2))
    report = a.apply(plan)
    assert failures(report) == [Mismatch, Mismatch]
    assert "posts/x.png changed while this ran" in errors(report)[0]
    assert fake.slugs() == []
    assert list(fake.fake.state.uploads) == []
    push(a)
    assert fake.slugs() == ["hello"]


def test_an_svg_that_cannot_be_looked_at_again_is_published_all_the_same(clone: CloneMaker, fake: FakeOne) -> None:
    """What Ghost made of it cannot be told then; nothing else suffers."""
    a = clone("a")
    a.write("posts/hello.md", document(body="![](x.svg)\n"))
    a.write("posts/x.svg", STRIPPED)
    fake.fake.fail(server_error(), when=lambda request: request.path.endswith(".svg"), times=100)
    report = push(a)
    assert [outcome.warning for outcome in report.outcomes if outcome.warning] == []
    fake.fake.clear_faults()
    assert fake.slugs() == ["hello"]


# ------------------------------------------------------------------------------------------ emails


def test_a_new_document_is_emailed_with_its_publication(clone: CloneMaker, fake: FakeOne) -> None:
    """Made as a draft, then published with its newsletter, segment and date: one email, and nothing left to do."""
    a = clone("a")
    text = document(newsletter="weekly", email_segment="status:free", date="2026-01-01T00:00:00Z")
    a.write("posts/hello.md", text)
    push(a, send_email=True)
    row = fake.find("hello")
    assert (row["status"], row["published_at"]) == ("published", "2026-01-01T00:00:00.000Z")
    (email,) = fake.fake.emails
    assert fake.fake.state.posts[row["id"]]["email_recipient_filter"] == "status:free", email
    record = fake.record("hello")
    assert record is not None
    assert record["fields"]["status"] == "published"
    fake.pass_time(60)
    assert in_agreement(clone("b", of=a).plan(send_email=True))
    assert fake.emails() == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_a_publication_without_its_email_is_told(clone: CloneMaker, fake: FakeOne, is_new: bool) -> None:
    """It was published and asked for an email, and Ghost has none: nobody must believe that it went out."""

    class Forgetful(GhostSite):
        """A Ghost that publishes and sends nothing."""

        def update_post(self, kind: Kind, id: Any, fields: Any, lexical: Any, **rest: Any) -> Stored:
            return super().update_post(kind, id, fields, lexical, **{**rest, "newsletter": None})

    a = clone("a") if is_new else seeded(clone, fake, {"posts/hello.md": document(status="draft")})
    a.write("posts/hello.md", document(newsletter="weekly"))
    a.site_of = Forgetful
    (message,) = errors(a.push(send_email=True))
    assert "Ghost made no email" in message
    assert fake.emails() == 0


def test_a_scheduled_email_is_no_missing_one(clone: CloneMaker, fake: FakeOne) -> None:
    """Its time has not come."""
    a = clone("a")
    a.write("posts/hello.md", document(status="scheduled", date="2099-01-01T00:00:00Z", newsletter="weekly"))
    push(a, send_email=True)
    assert (fake.find("hello")["status"], fake.emails()) == ("scheduled", 0)
    assert fake.find("hello")["newsletter"]["slug"] == "weekly"


def test_an_email_only_post_becomes_one_for_readers(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost decides by what it holds when it publishes: `email_only: false` is sent first, alone."""
    a = seeded(clone, fake, {"posts/hello.md": document(status="draft", email_only=True)})
    a.write("posts/hello.md", document("Published", email_only=False))
    push(a)
    row = fake.find("hello")
    assert (row["status"], row["title"], row["email_only"]) == ("published", "Published", False)
    assert fake.emails() == 0
    fake.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())


def test_dying_between_the_two_writes_of_it_loses_nothing(clone: CloneMaker, fake: FakeOne) -> None:
    """The record of the first write says what the post is then; the next run publishes."""
    a = seeded(clone, fake, {"posts/hello.md": document(status="draft", email_only=True)})
    a.write("posts/hello.md", document("Published", email_only=False))
    puts: list[int] = []

    def second(request: Request) -> bool:
        if request.method == "PUT":
            puts.append(request.number)
        return len(puts) == 2

    fake.fake.fail(Killed(), when=second)
    with pytest.raises(Killed):
        a.push()
    fake.fake.clear_faults()
    row = fake.find("hello")
    assert (row["status"], row["title"], row["email_only"]) == ("draft", "Hello", False)
    fake.pass_time(60)
    b = clone("b", of=a)
    assert verbs(push(b).plan) == ["update"]
    assert (fake.find("hello")["status"], fake.find("hello")["title"]) == ("published", "Published")


@pytest.mark.parametrize("seen", [True, False])
def test_an_email_only_post_is_not_published_into_nowhere(clone: CloneMaker, fake: FakeOne, seen: bool) -> None:
    """Somebody made it email-only in Ghost, before the plan or after it: it would be neither sent nor shown."""
    a = seeded(clone, fake, {"posts/hello.md": DRAFT})
    a.write("posts/hello.md", document())
    plan = None if seen else a.plan()
    fake.save("hello", email_only=True)
    fake.pass_time(60)
    plan = plan or a.plan(prefer="local")
    report = a.apply(plan)
    said = [*errors(report), *(conflict.message for conflict in plan.conflicts)]
    assert len(said) == 1
    assert fake.find("hello")["status"] == "draft"


def test_an_email_only_that_the_plan_did_not_look_at(clone: CloneMaker, fake: FakeOne) -> None:
    """Right before it is published the post is read, whatever the plan believes."""
    a = seeded(clone, fake, {"posts/hello.md": DRAFT})
    fake.save("hello", email_only=True)
    fake.pass_time(60)
    a.write("posts/hello.md", document(newsletter="weekly"))
    plan = a.plan(prefer="local", send_email=True)
    (change,) = plan.emails
    report = a.apply(replace(plan, changes=(replace(change, email=None),)))
    assert failures(report) == [ConflictsFound]
    assert "email-only" in errors(report)[0]
    assert (fake.find("hello")["status"], fake.emails()) == ("draft", 0)


# ------------------------------------------------------------------------------------------ what came back


def test_what_ghost_did_not_keep_is_an_error_of_its_document(clone: CloneMaker, fake: FakeOne) -> None:
    """Said with both values; the other document goes in."""

    class Careless(GhostSite):
        """A Ghost that stores other excerpts than it was given."""

        def create_post(self, kind: Kind, fields: Any, lexical: Any) -> Stored:
            excerpt = FieldName("excerpt")
            return super().create_post(kind, {**fields, **({excerpt: "Mine"} if excerpt in fields else {})}, lexical)

    a = clone("a", site_of=Careless)
    a.write("posts/hello.md", document(excerpt="Short"))
    a.write("posts/other.md", document("Other"))
    report = a.push()
    (message,) = errors(report)
    assert "posts/hello.md: Ghost did not keep what was sent: " in message
    assert "`excerpt` was sent as `Short` and is stored as `Mine`" in message
    assert fake.slugs() == ["hello", "other"]


def test_a_refused_write_is_not_looked_after(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost said no: there is nothing to find out, and nothing is sent again."""
    a = seeded(clone, fake)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    a.write("posts/new.md", document("New"))
    plan = a.plan()
    before = len(fake.fake.log)
    fake.fake.fail(too_large(), when=lambda request: request.is_write, times=2)
    assert len(errors(a.apply(plan))) == 2
    asked = [exchange for exchange in fake.fake.log[before:] if not exchange.path.endswith("/site/")]
    assert sorted(exchange.method for exchange in asked) == ["POST", "PUT"], asked


# ------------------------------------------------------------------------------------------ what goes


def pruning(clone: CloneMaker, fake: FakeOne) -> Clone:
    """Return a clone in which one of two documents is gone."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    a.remove("posts/hello.md")
    return a


def test_what_is_gone_already_needs_no_deleting(clone: CloneMaker, fake: FakeOne) -> None:
    """A person was faster: that is what was asked for."""
    a = pruning(clone, fake)
    plan = a.plan(prune="delete")
    fake.delete("hello")
    report = a.apply(plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.APPLIED]
    assert fake.slugs() == ["other"]


@pytest.mark.parametrize(("moment", "is_gone"), [(Moment.AFTER, True), (Moment.MIDWAY, True), (Moment.BEFORE, False)])
def test_the_answer_to_a_delete_is_lost(clone: CloneMaker, fake: FakeOne, moment: Moment, is_gone: bool) -> None:
    """The post is looked for: gone is done, there is failed, and nothing is sent twice."""
    a = pruning(clone, fake)
    before = len(fake.fake.log)
    fake.fake.fail(Cut(moment=moment), when=method("DELETE"), committed=is_gone)
    report = a.push(prune="delete")
    (status,) = [outcome.status for outcome in report.outcomes if isinstance(outcome.change, DeletePost)]
    assert status is (Status.APPLIED if is_gone else Status.FAILED)
    assert [e.method for e in fake.fake.writes(since=before)] == ["DELETE"]
    assert ("hello" in fake.slugs()) is not is_gone


def test_the_answer_to_a_delete_and_the_look_after_it_are_lost(clone: CloneMaker, fake: FakeOne) -> None:
    """Nobody knows then, and that is what is said."""
    a = pruning(clone, fake)
    plan = a.plan(prune="delete")
    deleted: list[int] = []

    def note(request: Request) -> bool:
        deleted.extend([request.number] if request.method == "DELETE" else [])
        return request.method == "DELETE"

    fake.fake.drop_answer(when=note)
    fake.fake.fail(server_error(), when=lambda request: bool(deleted) and request.method == "GET", times=100)
    report = a.apply(plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    fake.fake.clear_faults()


def test_a_refused_delete_is_told(clone: CloneMaker, fake: FakeOne) -> None:
    """Nothing is taken for gone that Ghost did not delete."""
    a = pruning(clone, fake)
    fake.fake.fail(too_large(), when=method("DELETE"))
    report = a.push(prune="delete")
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    assert "hello" in fake.slugs()


@pytest.mark.parametrize("prune", ["draft", "delete"])
@pytest.mark.parametrize(
    "edit", [{"meta_title": "Hers"}, {"tags": [{"name": "Hers"}]}, {"title": "Hers"}, {"featured": True}]
)
def test_what_a_person_saved_since_the_plan_stays(
    clone: CloneMaker, fake: FakeOne, prune: str, edit: dict[str, Any]
) -> None:
    """Whatever it was, and whether it moves a date or not."""
    a = pruning(clone, fake)
    plan = a.plan(prune=prune)
    fake.save("hello", **edit)
    report = a.apply(plan)
    assert failures(report) == [ConflictsFound]
    assert fake.find("hello")["status"] == "published"


def test_what_was_emailed_since_the_plan_is_not_deleted(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost keeps who read it; that a post has an email moves nothing that is compared."""
    a = pruning(clone, fake)
    plan = a.plan(prune="delete")
    id_ = fake.find("hello")["id"]
    fake.fake.state.emails.put(id_, {"id": id_, "post_id": id_, "status": "submitted"})
    report = a.apply(plan)
    assert failures(report) == [ConflictsFound]
    assert "what was emailed is never deleted by policy" in errors(report)[0]
    assert "hello" in fake.slugs()


# ------------------------------------------------------------------------------------------ tags


TAGS = "- name: News\n  slug: news\n  description: {}\n"


def described(clone: CloneMaker, fake: FakeOne) -> Clone:
    """Return a clone that describes a tag anew."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", document(tags=["News"]))
    a.write("tags.yaml", TAGS.format("Old"))
    push(a)
    fake.pass_time(600)
    a.write("tags.yaml", TAGS.format("New"))
    return a


def test_a_tag_that_somebody_changed_since_the_plan_is_left_alone(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost checks nothing when a tag is saved, so it is read right before."""
    a = described(clone, fake)
    plan = a.plan()
    assert verbs(plan) == ["tag_update"]
    fake.save_tag("news", description="Hers")
    assert failures(a.apply(plan)) == [Mismatch]
    assert fake.tag("news")["description"] == "Hers"


@pytest.mark.parametrize("carried_out", [True, False])
def test_the_answer_to_a_change_of_a_tag_is_lost(clone: CloneMaker, fake: FakeOne, carried_out: bool) -> None:
    """It is read back: what is there says whether the change landed."""
    a = described(clone, fake)
    before = len(fake.fake.log)
    fake.fake.fail(bad_gateway(), when=method("PUT", "/tags/"), committed=carried_out)
    report = a.push()
    assert [outcome.status for outcome in report.outcomes] == [Status.APPLIED if carried_out else Status.FAILED]
    assert fake.tag("news")["description"] == ("New" if carried_out else "Old")
    assert [e.method for e in fake.fake.writes(since=before)] == ["PUT"]
    assert errors(a.push()) == []
    assert fake.tag("news")["description"] == "New"


def test_a_refused_change_of_a_tag_is_told(clone: CloneMaker, fake: FakeOne) -> None:
    """And not taken for carried out."""
    a = described(clone, fake)
    fake.fake.fail(too_large(), when=method("PUT", "/tags/"))
    assert len(errors(a.push())) == 1
    assert verbs(push(a).plan) == ["tag_update"]


@pytest.mark.parametrize("carried_out", [True, False])
def test_the_answer_to_a_new_tag_is_lost(clone: CloneMaker, fake: FakeOne, carried_out: bool) -> None:
    """Its slug says whether it was made; where it was not, no post makes one of its own, and the next run does."""
    a = clone("a")
    a.write("posts/hello.md", document(tags=["News"]))
    fake.fake.fail(bad_gateway(), when=method("POST", "/tags/"), committed=carried_out, times=2)
    report = a.push()
    assert fake.slugs() == (["hello"] if carried_out else [])
    assert (errors(report) == []) is carried_out
    fake.fake.clear_faults()
    push(a)
    assert (fake.slugs(), fake.all_tags()) == (["hello"], ["hash-ghostsync", "news"])


def test_a_refused_tag_keeps_its_posts_back_and_no_others(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost would make a tag of its own for each of them."""
    a = seeded(clone, fake, {"posts/old.md": document("Old")})
    a.write("posts/hello.md", document(tags=["News"]))
    a.write("posts/plain.md", document("Plain"))
    a.write("posts/old.md", document("Old", tags=["News"]))
    fake.fake.fail(too_large(), when=method("POST", "/tags/"))
    report = a.push()
    skipped = {o.change.path for o in report.outcomes if o.status is Status.SKIPPED}  # type: ignore[union-attr]
    assert skipped == {"posts/hello.md", "posts/old.md"}
    assert fake.slugs() == ["old", "plain"]
    assert fake.all_tags() == ["hash-ghostsync"]


def test_a_tag_that_somebody_made_meanwhile_is_used(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost would have two of one name then: ours goes, theirs stays, and the post has it."""
    a = clone("a")
    a.write("posts/hello.md", document(tags=["News"]))
    plan = a.plan()
    fake.site.ask_as_person("POST", "tags/", {"tags": [{"name": "Breaking", "slug": "news"}]})
    assert errors(a.apply(plan)) == []
    assert fake.all_tags() == ["hash-ghostsync", "news"]
    assert fake.tag("news")["name"] == "Breaking"
    assert fake.tags("hello") == ["news", "hash-ghostsync"]
