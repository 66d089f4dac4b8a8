"""Ways in which a push could lose what a person did in Ghost; each was one once, or would be without a guard."""

from __future__ import annotations

import json

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import HELLO, CloneMaker, commit, document, lexical, push, seeded, verbs
from engine.test_push_scenarios import png
from fakeghost.faults import Cut, Moment, Request
from world import errors, in_agreement

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.safety import refusal

# ------------------------------------------------------------------------------------------ orphans


@pytest.mark.parametrize("prune", ["draft", "delete"])
@pytest.mark.parametrize("what", ["publishes", "meta-title", "saves"])
def test_an_orphan_that_a_person_touched(clone: CloneMaker, ghost: Ghost, what: str, prune: str) -> None:
    """Its file is gone, and it says all that the file said; but a person has been there, so it does not go with it."""
    status = None if what == "publishes" else "published"
    b = clone(
        "b", of=seeded(clone, ghost, {"posts/hello.md": document(status=status), "posts/other.md": document("Other")})
    )
    match what:
        case "publishes":
            ghost.publish("hello")
        case "meta-title":
            ghost.save("hello", meta_title="By hand")
        case _:
            ghost.retouch("hello")
    ghost.pass_time(60)
    b.remove("posts/hello.md")
    plan = b.plan(prune=prune)
    assert plan.changes == ()
    (conflict,) = plan.conflicts
    assert conflict.why is Why.DELETED_HERE
    assert ghost.editor_name in conflict.message


@pytest.mark.parametrize("prune", ["draft", "delete"])
def test_an_edited_orphan_and_prefer_local(clone: CloneMaker, ghost: Ghost, prune: str) -> None:
    """With `--prefer local` the policy acts on it, though the editor's typing dropped the record; and once."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")}))
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b.remove("posts/hello.md")
    assert verbs(push(b, prune=prune, prefer="local").plan) == ["unpublish" if prune == "draft" else "delete"]
    if prune == "draft":
        assert ghost.find("hello")["status"] == "draft"
        assert "Edited words." in ghost.body("hello")
        ghost.pass_time(60)
        assert in_agreement(b.plan(prune=prune, prefer="local"))
    else:
        assert ghost.slugs() == ["other"]


def test_an_orphan_that_a_person_touched_before_much_else_happened(clone: CloneMaker, fake: FakeOne) -> None:
    """The log answers with its newest hundred entries; another orphan that was saved more often must not fill them."""
    a = seeded(clone, fake, {"posts/quiet.md": document("Quiet"), "posts/busy.md": document("Busy")})
    fake.retouch("quiet")
    for number in range(101):
        fake.pass_time(2)
        fake.save("busy", custom_excerpt=f"Version {number}")
    fake.pass_time(60)
    a.remove("posts/quiet.md")
    a.remove("posts/busy.md")
    plan = a.plan(prune="delete")
    assert (plan.changes, len(plan.conflicts)) == ((), 2)


# ------------------------------------------------------------------------------------------ drift that stays visible


def test_prefer_local_does_not_hide_an_edit(clone: CloneMaker, ghost: Ghost) -> None:
    """`--prefer local` takes the title, which both changed; the editor's paragraph stays, is still news, and counts."""
    b = clone("b", of=seeded(clone, ghost))
    ghost.type("hello", "Second", "Edited")
    ghost.save("hello", title="Theirs")
    ghost.pass_time(60)
    b.write("posts/hello.md", document("Mine"))
    assert verbs(push(b, prefer="local").plan) == ["update"]
    assert (ghost.find("hello")["title"], "Edited words." in ghost.body("hello")) == ("Mine", True)
    ghost.pass_time(60)
    c = clone("c", of=b)
    assert [note.kind for note in c.plan().notes] == [NoteKind.DRIFTED]
    c.write("posts/hello.md", document("Mine", "Written words.\n\nSecond words.\n"))
    assert [conflict.why for conflict in c.plan().conflicts] == [Why.BOTH_CHANGED]


def test_an_adoption_does_not_hide_a_setting(clone: CloneMaker, ghost: Ghost) -> None:
    """The document takes over an editor's words; her excerpt, which it does not write, is still news."""
    b = clone("b", of=seeded(clone, ghost))
    ghost.type("hello", "Second", "Edited")
    ghost.save("hello", custom_excerpt="Shorter")
    ghost.pass_time(60)
    b.write("posts/hello.md", HELLO.replace("Second", "Edited"))
    assert verbs(push(b).plan) == ["adopt"]
    ghost.pass_time(60)
    assert [note.fields for note in clone("c", of=b).plan().notes] == [("excerpt",)]


@pytest.mark.parametrize("knows", ["cache", "git"])
def test_a_restored_version_that_this_machine_knows(clone: CloneMaker, ghost: Ghost, knows: str) -> None:
    """An older version that a person restored equals what the cache, or a commit, remembers: it is an edit."""
    a = clone("a", cached=knows == "cache")
    a.write("posts/hello.md", HELLO)
    commit(a)
    push(a)
    ghost.pass_time(600)
    newer = HELLO.replace("Second", "Newer")
    if knows == "cache":  # the newer version is pushed elsewhere, and arrives here with the next `git pull`
        a.past = None
        b = clone("b", of=a)
        b.write("posts/hello.md", newer)
        push(b)
        a.write("posts/hello.md", newer)
    else:
        a.write("posts/hello.md", newer)
        commit(a)
        push(a)
    ghost.pass_time(600)
    ghost.sleep(1.1)  # what the cache knows does not grow older with the site: the restore must not share its second
    ghost.restore("hello", 0)
    if knows == "git":  # a cache asks what was stored since, by a clock that passing time does not turn back
        ghost.pass_time(600)
    plan = a.plan()
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.DRIFTED]
    assert "Second words." in ghost.body("hello")


def test_a_commit_after_the_record_is_base(clone: CloneMaker, ghost: Ghost) -> None:
    """An editor's words that were pulled and committed, but not pushed, are base: the next edit goes in."""
    a = seeded(clone, ghost)
    commit(a)
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    a.write("posts/hello.md", HELLO.replace("Second", "Edited"))
    commit(a)
    assert [change.slug for change in a.plan().changes] in ([], ["hello"])  # type: ignore[union-attr]
    a.write("posts/hello.md", HELLO.replace("Second words", "Other things"))
    assert verbs(push(a).plan) == ["update"]
    assert "Other things." in ghost.body("hello")


def test_a_restored_version_of_a_post_without_a_record(clone: CloneMaker, ghost: Ghost) -> None:
    """Written in Ghost, committed here in two versions, never pushed: the old version, restored, is an edit."""
    ghost.create("Hello", status="published", lexical=lexical("First words."))
    a = clone("a")
    a.write("posts/hello.md", document(body="First words.\n"))
    commit(a)
    ghost.type("hello", "First", "Second")
    a.write("posts/hello.md", document(body="Second words.\n"))
    commit(a)
    ghost.pass_time(600)
    assert verbs(a.plan()) in ([], ["tag_create", "adopt"])
    ghost.restore("hello", 0)
    ghost.pass_time(600)
    plan = a.plan()
    assert plan.changes == ()
    assert plan.notes or plan.conflicts
    assert "First words." in ghost.body("hello")


def test_a_post_without_a_record_is_saved_again(clone: CloneMaker, ghost: Ghost) -> None:
    """Written in Ghost, committed here, saved again without a change: the next edit of the file goes in."""
    ghost.create("Hello", status="published", lexical=lexical("First words."))
    a = clone("a")
    a.write("posts/hello.md", document(body="First words.\n"))
    commit(a)
    ghost.pass_time(600)
    ghost.retouch("hello")
    ghost.pass_time(600)
    a.write("posts/hello.md", document(body="Other words.\n"))
    assert verbs(push(a).plan)[-1] == "update"
    assert "Other words." in ghost.body("hello")


# ------------------------------------------------------------------------------------------ between plan and apply


@pytest.mark.parametrize("change", ["tags", "meta_title", "adopt"])
def test_an_edit_that_moves_no_date(clone: CloneMaker, ghost: Ghost, change: str) -> None:
    """Tags and meta data are edited without a trace in `updated_at`: they are read before they are replaced."""
    a = clone("a")
    if change == "adopt":
        ghost.create("Hello", lexical=lexical("Text."), tags=[{"name": "Theirs"}])
        a.write("posts/hello.md", document(status=None, body="Text.\n"))
    else:
        a.write("posts/hello.md", document(tags=["Old"], meta_title="Old"))
        push(a)
        mine = {"tags": ["New"], "meta_title": "Old"} if change == "tags" else {"tags": ["Old"], "meta_title": "New"}
        a.write("posts/hello.md", document(**mine))
    ghost.pass_time(600)
    plan = a.plan()
    ghost.save("hello", **({"meta_title": "Hers"} if change == "meta_title" else {"tags": [{"name": "Hers"}]}))
    ghost.pass_time(0)
    assert len(errors(a.apply(plan))) == 1
    row = ghost.find("hello")
    assert (row["meta_title"] == "Hers") if change == "meta_title" else ("hers" in ghost.tags("hello"))


def test_a_slug_that_is_taken_meanwhile(clone: CloneMaker, ghost: Ghost) -> None:
    """Ghost would put the post at `welcome-2`: it goes back to where it was, and later runs name the owner."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(slug="hello")}))
    b.write("posts/hello.md", document(slug="welcome", body="New words.\n"))
    plan = b.plan()
    ghost.create("Welcome")
    (message,) = errors(b.apply(plan))
    assert "`welcome` was taken meanwhile" in message
    assert "it is back at `hello`" in message
    assert ghost.slugs() == ["hello", "welcome"]
    assert "New words." in ghost.body("hello")
    ghost.pass_time(60)
    assert [conflict.why for conflict in clone("c", of=b).plan().conflicts] == [Why.SLUG_TAKEN]


@pytest.mark.parametrize(("count", "writes"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3)])
def test_slugs_are_exchanged_and_the_run_dies(clone: CloneMaker, fake: FakeOne, count: int, writes: int) -> None:
    """Whatever of a swap was done when the run died: the next one finishes it, with each post's own text and title."""
    names = ["one", "two", "three"][:count]
    a = seeded(clone, fake, {f"posts/{n}.md": document(n.title(), f"Text of {n}.\n", slug=n) for n in names})
    ids = {name: fake.find(name)["id"] for name in names}
    turned = dict(zip(names, [*names[1:], names[0]], strict=True))
    for name in names:
        a.write(f"posts/{name}.md", document(f"New {name}", f"New text of {name}.\n", slug=turned[name]))
    done: list[int] = []

    def dies(request: Request) -> bool:
        done.append(1) if request.method == "PUT" else None
        return request.method == "PUT" and len(done) > writes

    fake.fake.fail(Cut(moment=Moment.REFUSED), when=dies, times=100)
    assert len(errors(a.push())) >= 1
    fake.fake.clear_faults()
    fake.pass_time(60)
    push(clone("b", of=a))
    for name in names:
        row = fake.read(ids[name])
        assert (row["slug"], row["title"]) == (turned[name], f"New {name}")
        assert f"New text of {name}." in row["html"]
    fake.pass_time(60)
    assert in_agreement(clone("c", of=a).plan())


def test_a_new_post_with_a_newsletter_and_the_run_dies(clone: CloneMaker, fake: FakeOne) -> None:
    """Created as a draft, not yet published: the next run publishes and emails it, once, and only when it may."""
    a = clone("a")
    a.write("posts/hello.md", document(newsletter="weekly"))
    fake.fake.fail(Cut(moment=Moment.REFUSED), when=lambda request: request.method == "PUT", times=100)
    assert len(errors(a.push(send_email=True))) == 1
    fake.fake.clear_faults()
    fake.pass_time(60)
    assert (fake.find("hello")["status"], fake.emails()) == ("draft", 0)
    b = clone("b", of=a)
    assert [conflict.why for conflict in b.plan().conflicts] == [Why.EMAIL]
    assert verbs(push(b, send_email=True).plan) == ["update"]
    assert (fake.find("hello")["status"], fake.emails()) == ("published", 1)


# ------------------------------------------------------------------------------------------ half-made creates


@pytest.mark.parametrize("use", ["tags", "meta_title"])
def test_a_half_made_post_that_a_person_uses(clone: CloneMaker, fake: FakeOne, use: str) -> None:
    """`hello-2` was left by a run that died; a person gave it a tag. It is kept, and a note says so."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    plan = a.plan()
    fake.create("Hello")
    fake.fake.fail(Cut(moment=Moment.REFUSED), when=lambda request: request.method == "DELETE", times=100)
    assert len(errors(a.apply(plan))) == 1
    fake.fake.clear_faults()
    hers = {"tags": [{"name": "Hers"}, {"name": "#ghostsync"}], "meta_title": "Hers"}
    fake.save("hello-2", **{use: hers[use]})
    fake.pass_time(60)
    b = clone("b", of=a)
    report = push(b, prune="delete")
    assert [note.message for note in report.plan.notes if "hello-2" in note.message]
    assert fake.slugs() == ["hello", "hello-2"]


def test_a_post_that_came_with_a_backup_is_not_half_made(clone: CloneMaker, ghost: Ghost) -> None:
    """`hello` was somebody else's already when the old site was imported, so its `hello` became `hello-2`."""
    a = seeded(clone, ghost, {"posts/hello.md": document("hello", status="draft")})
    backup = ghost.find("hello")["lexical"]
    ghost.delete("hello")
    ghost.create("Hello", slug="hello", lexical=lexical("Of somebody else.\n"))
    ghost.import_post("hello", backup)
    assert ghost.slugs() == ["hello", "hello-2"]
    ghost.pass_time(60)
    push(clone("b", of=a))
    assert ghost.slugs() == ["hello", "hello-2"]


def test_a_slug_whose_owner_stays_after_all(clone: CloneMaker, fake: FakeOne) -> None:
    """It would become free in this run, but its post is in conflict: whoever waits for it is told; nothing moves."""
    names = ("one", "two", "three")
    a = seeded(clone, fake, {f"posts/{n}.md": document(n.title(), slug=n) for n in names})
    fake.type("three", "Second", "Edited")
    fake.pass_time(60)
    for name, slug in zip(names, ("two", "three", "four"), strict=True):
        a.write(f"posts/{name}.md", document(name.title(), "First words.\n\nOther words.\n", slug=slug))
    before = fake.writes()
    plan = push(a).plan
    assert [(c.path, c.why) for c in plan.conflicts] == [
        ("posts/one.md", Why.SLUG_TAKEN),
        ("posts/three.md", Why.BOTH_CHANGED),
        ("posts/two.md", Why.SLUG_TAKEN),
    ]
    assert [note for note in plan.notes if note.kind is NoteKind.SLUG_CHANGE] == []
    assert fake.writes() == before


# ------------------------------------------------------------------------------------------ others


def test_a_tree_that_gets_a_name(clone: CloneMaker, ghost: Ghost) -> None:
    """What it pushed without a project is adopted where both say the same; else nothing is overwritten."""
    files = {"posts/one.md": document("One", "![](x.png)\n"), "posts/two.md": document("Two"), "posts/x.png": png(3)}
    nameless = clone("a", project=None)
    for path, data in files.items():
        nameless.write(path, data)
    push(nameless)
    ghost.pass_time(60)
    named = clone("b", of=nameless)
    named.write("posts/two.md", document("Two", "Of another tree.\n"))
    plan = named.plan(prune="delete")
    assert verbs(plan) == ["adopt"]
    assert [(c.path, c.why) for c in plan.conflicts] == [("posts/two.md", Why.NO_SHARED_HISTORY)]
    push(named, prune="delete")
    ghost.pass_time(60)
    assert "First words." in ghost.body("two")
    record = ghost.record("one")
    assert record is not None
    assert record["project"] == "site"
    named.remove("posts/two.md")
    assert in_agreement(named.plan(prune="delete"))  # it never became ours


def test_a_machine_that_remembers_adopts_as_well(clone: CloneMaker, fake: FakeOne) -> None:
    """A tree that gets a name adopts its posts from the machine that pushed them, too, and can prune from then on."""
    a = clone("a", cached=True, project=None)
    for name in ("one", "two"):
        a.write(f"posts/{name}.md", document(name))
    push(a)
    fake.pass_time(600)
    assert in_agreement(a.plan())
    a.project = "site"
    a.write("posts/two.md", document("two", "Other words.\n"))
    assert verbs(a.plan()) == ["update", "adopt"]
    push(a)
    fake.pass_time(60)
    assert {slug: (fake.record(slug) or {})["project"] for slug in ("one", "two")} == {"one": "site", "two": "site"}
    a.remove("posts/one.md")
    assert verbs(a.plan(prune="delete")) == ["delete"]


def test_a_title_edited_after_a_deletion(clone: CloneMaker, fake: FakeOne) -> None:
    """Row 11 is about the whole document: a new title is an edit that the deletion would bury."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", HELLO)
    push(a)
    fake.pass_time(60)
    fake.delete("hello")
    a.write("posts/hello.md", HELLO.replace("title: Hello", "title: Hello again"))
    assert [conflict.why for conflict in a.plan().conflicts] == [Why.DELETED_IN_GHOST]


def test_a_newsletter_is_not_sent_earlier(clone: CloneMaker, ghost: Ghost) -> None:
    """An editor scheduled with a newsletter; a new `date:` would move her email: only with `--send-email`."""
    at = "2099-01-01T09:00:00Z"
    a = seeded(clone, ghost, {"posts/hello.md": document(status="draft")})
    ghost.schedule("hello", "2099-01-01T09:00:00.000Z", newsletter=ghost.newsletter)  # type: ignore[attr-defined]
    ghost.pass_time(60)
    a.write("posts/hello.md", document(status="scheduled", date=at))
    push(a)
    ghost.pass_time(60)
    a.write("posts/hello.md", document(status="scheduled", date="2098-01-01T09:00:00Z"))
    assert [conflict.why for conflict in a.plan().conflicts] == [Why.EMAIL]
    push(a, send_email=True)
    assert (ghost.find("hello")["published_at"], ghost.emails()) == ("2098-01-01T09:00:00.000Z", 0)


def test_an_unreadable_document_outside_the_selection(clone: CloneMaker, fake: FakeOne) -> None:
    """It may be what looks deleted inside of it: nothing is removed."""
    a = seeded(clone, fake, {"posts/in/one.md": document("One"), "posts/two.md": document("Two")})
    a.remove("posts/in/one.md")
    a.write("posts/two.md", "---\ntitle: [Two\n---\n")
    plan = a.plan(prune="delete", covers=lambda path: path.startswith("posts/in/"), is_everything=False)
    assert refusal(plan, documents=1, allow_many=True) is not None


def test_an_old_post_that_is_adopted(clone: CloneMaker, ghost: Ghost) -> None:
    """Ghost converts its mobiledoc body; what readers see stays as it was."""
    row = ghost.create("Old", status="published", lexical=lexical("Text."))
    cards = {"version": "0.3.1", "atoms": [], "cards": [["hr", {}]], "markups": [["em"]]}
    sections = [[1, "p", [[0, [], 0, "Some "], [0, [0], 1, "old"], [0, [], 0, " words."]]], [10, 0]]
    ghost.site.put_mobiledoc(row, json.dumps({**cards, "sections": sections}))
    ghost.pass_time(60)
    a = clone("a")
    a.write("posts/old.md", document("Old", "Some *old* words.\n\n---\n"))
    assert verbs(push(a).plan)[-1] == "adopt"
    assert "Some <em>old</em> words." in ghost.body("old")
    assert "<hr>" in ghost.body("old")
    ghost.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())
