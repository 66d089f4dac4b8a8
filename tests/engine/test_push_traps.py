"""Traps into which other tools that publish Markdown are known to fall, one test each, named after the trap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import HELLO, CloneMaker, document, lexical, push, seeded, verbs
from engine.test_push_scenarios import png
from fakeghost.faults import Answer, Cut, Moment, Request, bad_gateway, server_error, too_large, too_many
from world import errors, in_agreement

from ghostsync.core.conflicts import NoteKind
from ghostsync.core.safety import refusal
from ghostsync.engine.options import Options
from ghostsync.errors import ContentError, GhostError


def test_second_push_of_an_unchanged_tree_writes(clone: CloneMaker, ghost: Ghost) -> None:
    """Not here: no write on either side."""
    a = seeded(clone, ghost, {"posts/a.md": HELLO, "pages/b.md": document("B"), "x.png": png(1)})
    before = (ghost.writes(), a.read("posts/a.md"))
    assert in_agreement(push(a).plan)
    assert (ghost.writes(), a.read("posts/a.md")) == before


@pytest.mark.parametrize("field", ["title", "tags", "excerpt"])
def test_a_change_of_one_field_does_not_arrive(clone: CloneMaker, ghost: Ghost, field: str) -> None:
    """Here it does, alone."""
    a = seeded(clone, ghost)
    a.write("posts/hello.md", document(**{field: ["Fresh"] if field == "tags" else "Fresh"}))  # type: ignore[arg-type]
    (change,) = [change for change in push(a).plan.changes if "tag" not in type(change).__name__.lower()]
    assert set(change.sends) == {field}  # type: ignore[union-attr]
    row = ghost.find("hello")
    arrived = {"title": row["title"], "tags": ghost.tags("hello")[0], "excerpt": row["custom_excerpt"]}
    assert arrived[field] == ("fresh" if field == "tags" else "Fresh")


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=401, headers={"Content-Type": "application/json"}, body=b'{"errors":[{"message":"no"}]}'),
        too_many(3),
        server_error(),
        bad_gateway(),
        Cut(moment=Moment.STALLED),
    ],
    ids=["401", "429", "500", "502", "timeout"],
)
def test_a_failed_lookup_is_taken_for_an_empty_site(clone: CloneMaker, fake: FakeOne, fault: Answer | Cut) -> None:
    """Not here: nothing is created when the site cannot be listed."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    fake.fake.fail(fault, when=lambda request: "/posts/" in request.path, times=100)
    with pytest.raises(GhostError):
        a.plan()
    fake.fake.clear_faults()
    assert fake.fake.writes() == []


@pytest.mark.parametrize("moment", [Moment.AFTER, Moment.MIDWAY, Moment.STALLED])
def test_the_answer_to_a_create_is_lost(clone: CloneMaker, fake: FakeOne, moment: Moment) -> None:
    """The post is looked for and found: one post, no `-2`, no error."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    fake.fake.drop_answer(when=_creates, moment=moment)
    push(a)
    assert fake.slugs() == ["hello"]
    fake.pass_time(60)
    assert in_agreement(a.plan())


def test_the_answer_to_a_create_is_lost_and_so_is_the_lookup(clone: CloneMaker, fake: FakeOne) -> None:
    """The outcome stays unknown, nothing is sent again; the next run finds the post."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    lost: list[int] = []

    def after_the_create(request: Request) -> bool:
        return bool(lost) and request.method == "GET"

    def note(request: Request) -> bool:
        if _creates(request):
            lost.append(request.number)
            return True
        return False

    fake.fake.drop_answer(when=note)
    fake.fake.fail(server_error(), when=after_the_create, times=100)
    assert len(errors(a.push())) == 1
    fake.fake.clear_faults()
    fake.pass_time(60)
    assert fake.slugs() == ["hello"]
    assert in_agreement(a.plan())


def test_the_answer_to_an_update_is_lost(clone: CloneMaker, fake: FakeOne) -> None:
    """It is read back, and its operation says that it landed."""
    a = seeded(clone, fake)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    before = len(fake.fake.log)
    fake.fake.drop_answer(when=lambda request: request.method == "PUT")
    push(a)
    assert [exchange.method for exchange in fake.fake.writes(since=before)] == ["PUT"]
    fake.pass_time(60)
    assert in_agreement(a.plan())


def test_a_run_longer_than_five_minutes(clone: CloneMaker, fake: FakeOne) -> None:
    """A token lives five minutes; a run that takes longer goes on."""
    a = clone("a")
    for n in range(5):
        a.write(f"posts/p{n}.md", document(f"P {n}"))
    fake.fake.watch(lambda _request: fake.pass_time(100))
    push(a)
    assert len(fake.slugs()) == 5


def test_more_than_a_hundred(clone: CloneMaker, fake: FakeOne) -> None:
    """Posts, tags and authors beyond Ghost's page of a hundred are seen."""
    for n in range(110):
        fake.fake.add_user(f"Author {n}", slug=f"author-{n}", email=f"a{n}@example.com")
    files = {f"posts/p{n:03}.md": document(f"P {n}", tags=[f"T {n}"], authors=[f"author-{n}"]) for n in range(110)}
    a = seeded(clone, fake, files)
    assert in_agreement(clone("b", of=a).plan(prune="delete"))
    assert len(fake.fake.state.posts) == 110
    assert len(fake.fake.state.tags) == 111
    assert fake.find("p109")["authors"][0]["slug"] == "author-109"


def test_a_picture_is_missing(clone: CloneMaker, fake: FakeOne) -> None:
    """The document is a problem, with its line; the others go in, its file is not touched."""
    a = clone("a")
    text = document(body="Text.\n\n![](nothing.png)\n")
    a.write("posts/hello.md", text)
    a.write("posts/other.md", document("Other"))
    report = push(a)
    assert [(p.path, p.line) for p in report.plan.problems] == [("posts/hello.md", 7)]
    assert fake.slugs() == ["other"]
    assert a.read("posts/hello.md") == text


def test_a_picture_is_refused(clone: CloneMaker, fake: FakeOne) -> None:
    """413 for a picture: its post is not published half-done; a later run makes it whole."""
    a = clone("a")
    a.write("posts/hello.md", document(body="![](x.png)\n"))
    a.write("posts/x.png", png(1))
    a.write("posts/other.md", document("Other"))
    fake.fake.fail(too_large(), when=lambda request: "/images/" in request.path)
    assert len(errors(a.push())) == 2
    assert fake.slugs() == ["other"]
    push(a)
    assert fake.slugs() == ["hello", "other"]
    assert "/content/images/" in fake.body("hello")


def test_one_picture_under_two_names(clone: CloneMaker, ghost: Ghost) -> None:
    """Twice in one post, in two posts, under two names, and in a tag: one upload."""
    a = clone("a")
    a.write("pics/one.png", png(1))
    a.write("pics/two.png", png(1))
    a.write("posts/a.md", document("A", "![](../pics/one.png)\n\n![](../pics/one.png)\n"))
    a.write("posts/b.md", document("B", "![](../pics/two.png)\n", feature_image="../pics/one.png"))
    a.write("tags.yaml", "- name: News\n  feature_image: pics/two.png\n")
    push(a)
    assert ghost.writes().count("POST images") == 1
    ghost.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())


def test_an_empty_directory_deletes_everything(clone: CloneMaker, fake: FakeOne) -> None:
    """Here it is refused, by the limit and by a rule of its own."""
    a = seeded(clone, fake)
    b = clone("b")
    plan = b.plan(prune="delete")
    error = refusal(plan, documents=0, allow_many=True)
    assert error is not None
    assert "empty" in str(error)
    assert refusal(a.plan(prune="delete"), documents=1, allow_many=False) is None


def test_an_unmounted_directory_deletes_everything(clone: CloneMaker, fake: FakeOne) -> None:
    """A content directory that is gone is an error."""
    a = seeded(clone, fake)
    session = a.session()
    a.root.rename(a.root.with_name("elsewhere"))
    with pytest.raises(ContentError):
        session.gather(Options())


def test_a_malformed_document_counts_as_deleted(clone: CloneMaker, fake: FakeOne) -> None:
    """One broken front matter: its own post is no orphan, and no other is removed until it is mended."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/two.md": document("Two"), "posts/x.md": document("X")})
    a.write("posts/hello.md", "---\ntitle: [Hello\n---\nText.\n")
    a.remove("posts/two.md")
    plan = a.plan(prune="delete")
    assert [change.slug for change in plan.changes] == ["two"]  # type: ignore[union-attr]
    error = refusal(plan, documents=2, allow_many=True)
    assert error is not None
    assert "would delete 1 post, and the content has 1 problem" in str(error)


def test_two_documents_want_one_slug(clone: CloneMaker, ghost: Ghost) -> None:
    """Neither is written, post or no post; Ghost would publish the second under an address of its own."""
    a = seeded(clone, ghost)
    a.write("posts/hello.md", HELLO.replace("Second", "Edited"))
    a.write("pages/other.md", document("Other", slug="hello"))
    a.write("posts/x.md", document("X", slug="same"))
    a.write("posts/y.md", document("Y", slug="same"))
    a.write("posts/z.md", document("Z"))
    before = ghost.find("hello")
    report = a.push()
    assert [problem.path for problem in report.plan.problems] == [
        "pages/other.md", "posts/hello.md", "posts/x.md", "posts/y.md",
    ]  # fmt: skip
    assert errors(report) == []
    assert ghost.slugs() == ["hello", "z"]
    assert ghost.find("hello") == before
    a.write("posts/y.md", document("Y", slug="its-own"))
    a.remove("pages/other.md")
    assert errors(a.push()) == []
    assert ghost.slugs() == ["hello", "its-own", "same", "z"]


def test_the_wrong_branch_is_checked_out(clone: CloneMaker, ghost: Ghost) -> None:
    """Other documents in the place of ours: most would go, which is refused with counts and the flag."""
    a = seeded(clone, ghost, {f"posts/p{n}.md": document(f"P {n}") for n in range(12)})
    b = clone("b")
    for n in range(11, 14):
        b.write(f"posts/p{n}.md", document(f"P {n}"))
    plan = b.plan(prune="delete")
    error = refusal(plan, documents=3, allow_many=False)
    assert error is not None
    assert "would delete 11 posts, of 12 managed" in str(error)
    assert "--allow-many-removals" in (error.hint or "")
    assert refusal(a.plan(prune="delete"), documents=12, allow_many=False) is None


def test_a_file_is_renamed_and_edited_at_once(clone: CloneMaker, ghost: Ghost) -> None:
    """Neither path, slug nor text are what they were: the title says which post it is, and nothing is doubled."""
    a = seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    before = ghost.find("hello")["id"]
    b = clone("b", of=a)
    b.remove("posts/hello.md")
    b.write("posts/welcome.md", HELLO.replace("Second", "Newer"))
    report = push(b, prune="delete")
    assert verbs(report.plan) == ["update"]
    assert [note.kind for note in report.plan.notes] == [NoteKind.SLUG_CHANGE]
    assert ghost.find("welcome")["id"] == before
    assert ghost.slugs() == ["other", "welcome"]
    ghost.pass_time(60)
    assert in_agreement(clone("c", of=b).plan(prune="delete"))


@pytest.mark.parametrize("prune", ["report", "draft"])
def test_a_restored_document_is_a_new_post(clone: CloneMaker, ghost: Ghost, prune: str) -> None:
    """Delete the file, push, bring it back: the same post, published again."""
    a = seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    before = ghost.find("hello")["id"]
    a.remove("posts/hello.md")
    push(a, prune=prune)
    ghost.pass_time(60)
    a.write("posts/hello.md", HELLO)
    push(a)
    assert ghost.find("hello")["id"] == before
    assert ghost.find("hello")["status"] == "published"
    ghost.pass_time(60)
    assert in_agreement(a.plan())


def test_a_document_restored_after_our_own_delete(clone: CloneMaker, fake: FakeOne) -> None:
    """What ghostsync deleted itself may come back: from the machine that did it; elsewhere it is asked for."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", HELLO)
    a.write("posts/other.md", document("Other"))
    push(a)
    a.remove("posts/hello.md")
    fake.pass_time(60)
    push(a, prune="delete")
    fake.pass_time(60)
    a.write("posts/hello.md", HELLO)
    assert verbs(push(a).plan) == ["create"]
    assert fake.slugs() == ["hello", "other"]


def test_two_posts_that_were_at_one_path_are_both_forgotten(clone: CloneMaker, fake: FakeOne) -> None:
    """Another machine made the document anew; here, nothing of the first post is left for a later run to find."""
    a, b = clone("a"), clone("b", cached=True)
    for machine in (b, a):
        machine.write("posts/other.md", document("Other"))
        machine.write("posts/hello.md", HELLO)
        push(machine)
    a.remove("posts/hello.md")
    fake.pass_time(60)
    push(a, prune="delete")
    a.write("posts/hello.md", document("Anew", "Of something else.\n"))
    push(a, prefer="local")
    fake.pass_time(60)
    b.write("posts/hello.md", document("Anew", "Of something else, at length.\n"))
    push(b)
    b.remove("posts/hello.md")
    assert verbs(push(b, prune="draft").plan) == ["unpublish", "forget"]
    assert in_agreement(b.plan(prune="draft"))


def test_a_passed_schedule_is_dated_anew(clone: CloneMaker, fake: FakeOne) -> None:
    """Its time comes, Ghost publishes it, the file still says scheduled: nothing to do, and nothing is sent."""
    files = {"posts/hello.md": document(status="scheduled", date="2026-01-05T12:00:00Z")}
    a = seeded(clone, fake, files)
    fake.pass_time(4 * 3600)
    assert fake.find("hello")["status"] == "published"
    assert in_agreement(a.plan())
    a.write("posts/hello.md", document(status="scheduled", date="2026-01-05T12:00:00Z", body="New.\n"))
    (change,) = push(a).plan.changes
    assert set(change.sends) == set()  # type: ignore[union-attr]
    assert fake.find("hello")["published_at"] == "2026-01-05T12:00:00.000Z"
    assert fake.emails() == 0


def test_a_draft_is_scheduled_for_a_time_that_has_passed(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost knows its date and would refuse the schedule: it is published."""
    date = "2026-01-05T12:00:00Z"
    a = seeded(clone, fake, {"posts/hello.md": document(status="draft", date=date)})
    fake.pass_time(4 * 3600)
    a.write("posts/hello.md", document(status="scheduled", date=date))
    push(a)
    assert (fake.find("hello")["status"], fake.find("hello")["published_at"]) == ("published", date[:-1] + ".000Z")
    fake.pass_time(60)
    assert in_agreement(a.plan())


def test_front_matter_is_published(clone: CloneMaker, ghost: Ghost) -> None:
    """It never appears in the body, and the body is not empty."""
    a = seeded(clone, ghost)
    assert "title" not in ghost.body("hello")
    assert "First words." in ghost.body("hello")
    assert in_agreement(a.plan())


def test_the_slug_is_taken_meanwhile(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost would make `hello-2`; that post is taken back, and the other stays as it is."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    plan = a.plan()
    fake.create("Hello")
    (message,) = errors(a.apply(plan))
    assert "`hello`" in message
    assert fake.slugs() == ["hello"]
    assert len(fake.fake.state.posts) == 1


def test_it_dies_before_it_can_take_a_post_back(clone: CloneMaker, fake: FakeOne) -> None:
    """`hello-2` is left behind by a run that died; the next one removes it, and nothing else."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    plan = a.plan()
    fake.create("Hello")
    fake.fake.fail(Cut(moment=Moment.REFUSED), when=lambda request: request.method == "DELETE", times=100)
    assert len(errors(a.apply(plan))) == 1
    fake.fake.clear_faults()
    assert fake.slugs() == ["hello", "hello-2"]
    fake.pass_time(60)
    b = clone("b", of=a)
    push(b)
    assert fake.slugs() == ["hello"]
    assert len(b.plan().conflicts) == 1


def test_an_edit_within_the_same_second(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's collision check is blind within a second; a person who saves in it is not overwritten."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    push(a)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    plan = a.plan()  # in the second in which the post was written
    fake.type("hello", "First", "Edited")  # and so is this
    assert len(errors(a.apply(plan))) == 1
    assert "Edited words." in fake.body("hello")


def test_an_edit_within_the_second_of_a_slow_listing(clone: CloneMaker, fake: FakeOne) -> None:
    """What counts is when the post was read, not when the last of ten thousand was."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    push(a)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    typed: list[str] = []

    def meanwhile(request: Request) -> None:
        if request.path.endswith("/pages/") and not typed:  # posts have been listed
            typed.append(request.path)
            fake.type("hello", "First", "Edited")  # in the second in which the post was written
            fake.pass_time(30)

    fake.fake.watch(meanwhile)
    plan = a.plan()
    assert verbs(plan) == ["update"]
    assert len(errors(a.apply(plan))) == 1
    assert "Edited words." in fake.body("hello")


def test_an_edit_between_plan_and_delete(clone: CloneMaker, fake: FakeOne) -> None:
    """A post that a person has just saved is not deleted."""
    a = seeded(clone, fake, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    a.remove("posts/hello.md")
    plan = a.plan(prune="delete")
    fake.save("hello", meta_title="Edited")
    assert len(errors(a.apply(plan))) == 1
    assert fake.slugs() == ["hello", "other"]


def test_a_newsletter_appears_between_plan_and_publishing(clone: CloneMaker, fake: FakeOne) -> None:
    """An editor gives a draft a newsletter after the plan was made: it is read again, and nothing is sent."""
    a = seeded(clone, fake, {"posts/hello.md": document(status="draft")})
    a.write("posts/hello.md", document())
    plan = a.plan()
    fake.schedule("hello", "2099-01-01T00:00:00.000Z", newsletter="weekly")
    assert len(errors(a.apply(plan))) == 1
    assert fake.emails() == 0


def test_a_plan_that_did_not_look_at_the_newsletter(clone: CloneMaker, fake: FakeOne) -> None:
    """Whatever the plan says: right before publishing the post is read, and what would be emailed unasked is not."""
    a = seeded(clone, fake, {"posts/hello.md": document(status="draft")})
    fake.schedule("hello", "2099-01-01T00:00:00.000Z", newsletter="weekly")
    fake.pass_time(60)
    a.write("posts/hello.md", document())
    plan = a.plan(prefer="local", send_email=True)
    (change,) = plan.emails
    (message,) = errors(a.apply(replace(plan, changes=(replace(change, email=None),))))
    assert "would email the newsletter `weekly`" in message
    assert fake.emails() == 0
    assert fake.find("hello")["status"] == "scheduled"


def test_an_emailed_post_is_pruned(clone: CloneMaker, fake: FakeOne) -> None:
    """What was emailed is never deleted by policy."""
    draft = document(status="draft", newsletter="weekly")
    a = seeded(clone, fake, {"posts/hello.md": draft, "posts/other.md": document("Other")})
    a.write("posts/hello.md", document(newsletter="weekly"))
    push(a, send_email=True)
    assert fake.emails() == 1
    fake.pass_time(600)
    a.remove("posts/hello.md")
    plan = a.plan(prune="delete")
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.ORPHAN]


def _creates(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/posts/")


def test_an_edit_that_moves_no_date_while_a_push_runs(clone: CloneMaker, fake: FakeOne) -> None:
    """Tags that a person adds to several posts at once move no `updated_at`: a push that changes tags looks again."""
    a = seeded(clone, fake, {"posts/a.md": document("A", tags=["One"]), "posts/b.md": document("B", tags=["One"])})
    for name in ("a", "b"):
        a.write(f"posts/{name}.md", document(name.upper(), tags=["Two"]))
    plan = a.plan()
    ids = [row["id"] for row in fake.all()]
    fake.fake.bulk_edit_as("berta", ids, "addTag", tags=[{"name": "By hand"}])
    report = a.apply(plan)
    assert len(errors(report)) == 2
    assert all("somebody saved the post in Ghost" in text for text in errors(report))
    assert "by-hand" in fake.tags("a")
    assert "by-hand" in fake.tags("b")


def test_a_body_that_changes_alone_is_not_asked_for_again(clone: CloneMaker, fake: FakeOne) -> None:
    """Ghost's own collision check guards it; the second look is for what that does not guard."""
    a = seeded(clone, fake, {"posts/a.md": document("A"), "posts/b.md": document("B", tags=["One"])})
    a.write("posts/a.md", document("A", "Other words.\n"))
    a.write("posts/b.md", document("B", tags=["Two"]))
    plan = a.plan()
    before = len(fake.fake.log)
    assert errors(a.apply(plan)) == []
    looked = [e.path.split("/")[-2] for e in fake.fake.log[before:] if e.method == "GET" and "/posts/" in e.path]
    assert looked == [fake.find("b")["id"]]


def test_adopting_does_not_take_tags_away(clone: CloneMaker, fake: FakeOne) -> None:
    """A record that comes with the marker tag sends all tags: those of the last look, or none."""
    fake.create("A", status="published", lexical=lexical("First words.\n\nSecond words.\n"), slug="a")
    fake.create("B", status="published", lexical=lexical("First words.\n\nSecond words.\n"), slug="b")
    fake.pass_time(600)
    a = clone("a")
    for name in ("a", "b"):
        a.write(f"posts/{name}.md", document(name.upper()))
    plan = a.plan()
    assert verbs(plan)[-2:] == ["adopt", "adopt"]
    fake.fake.bulk_edit_as("berta", [fake.find("a")["id"]], "addTag", tags=[{"name": "By hand"}])
    assert len(errors(a.apply(plan))) == 1
    assert fake.tags("a") == ["by-hand"]
    assert fake.record("b") is not None
