"""What a push shows that it can do, from clones without a cache, beside a person at work in Ghost."""

from __future__ import annotations

import json
import struct
import zlib

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.push_steps import HELLO, CloneMaker, document, lexical, push, seeded, verbs
from world import errors, in_agreement

from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.plan import Prune
from ghostsync.core.safety import refusal
from ghostsync.ghost.admin import Resource
from ghostsync.lexical.normal import MAX_DEPTH


def png(colour: int, blue: int = 0) -> bytes:
    """Return a small picture, another one for each colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + bytes([colour, blue, 255 - colour]) * 4 for _ in range(4))
    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


CARD = "```ghost:button\ntext: Go\nurl: https://example.com\n```\n"


def test_a_card_that_cannot_be_read_stops_its_own_document_only(clone: CloneMaker, ghost: Ghost) -> None:
    """File and line are told, everything else is pushed, nothing counts as deleted; mended, the document follows."""
    files = {"posts/card.md": document("Card", CARD), "posts/gone.md": document("Gone")}
    a = seeded(clone, ghost, files)
    a.write("posts/card.md", document("Card", CARD.replace("url:", "urll:")))
    a.write("posts/new.md", document("New"))
    a.remove("posts/gone.md")
    b = clone("b", of=a)
    assert refusal(b.plan(prune=Prune.DELETE), documents=2, allow_many=False) is not None
    (problem,) = push(b).plan.problems
    assert str(problem) == "posts/card.md:7: ghost:button: no property 'urll'; ghost:button has alignment, text, url"
    assert {"new", "gone"} <= set(ghost.slugs())
    ghost.pass_time(60)

    # The version with the fault stands in Git's history, where bases are looked for, and stops nothing either.
    b.write("posts/card.md", document("Card", CARD.replace("Go", "Come")))
    ghost.pass_time(60)
    c = clone("c", of=b)
    assert "update" in verbs(push(c).plan)
    assert "Come" in ghost.body("card")


def test_what_ghost_holds_without_a_markdown_form_is_a_conflict_of_its_document(
    clone: CloneMaker, ghost: Ghost
) -> None:
    """Nested deeper than anything can be written down: told with its path by push and pull, and all else goes on."""
    a = seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")})
    node: dict[str, object] = {"type": "paragraph", "version": 1, "children": []}
    for _ in range(MAX_DEPTH):
        item = {"type": "listitem", "version": 1, "value": 1, "children": [node]}
        node = {"type": "list", "version": 1, "listType": "bullet", "start": 1, "tag": "ul", "children": [item]}
    ghost.save("hello", lexical=json.dumps({"root": {"type": "root", "version": 1, "children": [node]}}))
    ghost.pass_time(60)
    a.write("posts/hello.md", HELLO.replace("First", "Written"))
    a.write("posts/other.md", document("Other", "New words.\n"))
    report = push(a)
    assert [(c.path, c.why) for c in report.plan.conflicts] == [("posts/hello.md", Why.BOTH_CHANGED)]
    assert "New words." in ghost.body("other")


# ------------------------------------------------------------------------------------------ two clones and an editor


def test_a_command_of_a_site_generator_is_told_when_it_is_pushed(clone: CloneMaker, ghost: Ghost) -> None:
    """Readers would see it. It is told with the text that brings it, and not again with every run."""
    a = clone("a")
    a.write("posts/hello.md", document("Hello", "Words.\n\n{{< tweet 1 >}}\n"))
    (note,) = push(a).plan.notes
    assert (note.kind, note.path) == (NoteKind.WARNING, "posts/hello.md")
    assert "`{{< tweet … >}}`" in note.message
    ghost.pass_time(60)
    assert a.plan().notes == ()


def test_an_editors_change_is_not_overwritten(clone: CloneMaker, ghost: Ghost) -> None:
    """A second clone that changes what an editor changed is refused, told who and when; its other document goes in."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": HELLO, "posts/other.md": document("Other")}))
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b.write("posts/hello.md", HELLO.replace("First", "Written"))
    b.write("posts/other.md", document("Other", "New words.\n"))
    report = push(b)
    (conflict,) = report.plan.conflicts
    assert conflict.why is Why.BOTH_CHANGED
    assert ghost.editor_name in conflict.message
    assert ghost.owner_name not in conflict.message
    assert conflict.edit is not None
    assert conflict.edit.at[:16].replace("T", " ") in conflict.message
    assert (conflict.body_base, conflict.body_local, conflict.body_remote) == (
        "First words.\n\nSecond words.\n",
        "Written words.\n\nSecond words.\n",
        "First words.\n\nEdited words.\n",
    )
    assert "New words." in ghost.body("other")
    assert "Edited words." in ghost.body("hello")
    ghost.pass_time(60)
    assert len(b.plan().conflicts) == 1  # and again, until it is resolved


def test_an_edit_is_put_down_to_nobody_who_did_not_make_it(clone: CloneMaker, ghost: Ghost) -> None:
    """What a person did before the last push is settled; when another integration saves, only the time is known."""
    a = seeded(clone, ghost)
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    a.write("posts/hello.md", HELLO.replace("Second", "Edited").replace("First", "Written"))
    assert verbs(push(a).plan) == ["update"]
    ghost.pass_time(60)
    row = ghost.find("hello")
    ghost.api.update(Resource.POSTS, row["id"], {"updated_at": row["updated_at"], "title": "Hello from a machine"})
    ghost.pass_time(60)
    saved = ghost.find("hello")["updated_at"]
    (note,) = clone("b", of=a).plan().notes
    assert note.message == f"was changed in Ghost (title; last saved at {saved[:10]} {saved[11:16]} UTC) and is kept"
    assert note.edit is None


def test_a_resolved_conflict_passes_from_a_fresh_clone(clone: CloneMaker, ghost: Ghost) -> None:
    """Once the file holds the editor's words, a fresh clone pushes with one update, and the next finds nothing."""
    a = seeded(clone, ghost)
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    a.write("posts/hello.md", HELLO.replace("Second", "Edited").replace("First", "Written"))
    c = clone("c", of=a)
    report = push(c)
    assert verbs(report.plan) == ["update"]
    assert "Edited words." in ghost.body("hello")
    assert "Written words." in ghost.body("hello")
    ghost.pass_time(60)
    assert in_agreement(clone("d", of=c).plan())


def test_publishing_in_the_editor_is_kept(clone: CloneMaker, ghost: Ghost) -> None:
    """A draft that a person publishes without typing stays published, whether the file says so or not."""
    a = seeded(
        clone, ghost, {"posts/hello.md": document(status=None), "posts/other.md": document("Other", status="draft")}
    )
    ghost.publish("hello")
    ghost.publish("other")
    ghost.pass_time(60)
    b = clone("b", of=a)
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    b.write("posts/hello.md", document(status=None, body="New words.\n"))
    assert verbs(push(b).plan) == ["update"]
    assert ghost.find("hello")["status"] == "published"
    assert ghost.find("other")["status"] == "published"
    assert "New words." in ghost.body("hello")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"tags": [{"name": "News"}]}, "tags"),
        ({"meta_title": "Better"}, "meta_title"),
        ({"custom_excerpt": "Shorter"}, "excerpt"),
    ],
    ids=["tags", "meta-title", "excerpt"],
)
@pytest.mark.parametrize("is_managed", [True, False], ids=["written", "unwritten"])
def test_settings_alone_are_seen_as_drift(
    clone: CloneMaker, ghost: Ghost, fields: dict[str, object], name: str, is_managed: bool
) -> None:
    """An editor's change of settings only, which may not even move `updated_at`, is seen, and outlives a push."""
    mine: dict[str, object] = {"tags": ["Old"], "meta_title": "Old", "excerpt": "Old"}
    written = {name: mine[name]} if is_managed else {}
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(**written)}))
    ghost.save("hello", **fields)
    ghost.pass_time(60)
    before = ghost.writes()
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    (note,) = plan.notes
    assert (note.kind, note.fields) == (NoteKind.DRIFTED, (name,))
    assert ghost.writes() == before
    b.write("posts/hello.md", document(body="New words.\n", **written))
    plan = b.plan()
    if is_managed:
        assert [conflict.why for conflict in plan.conflicts] == [Why.BOTH_CHANGED]
    else:
        assert verbs(plan) == ["update"]
    b.apply(plan)
    ghost.pass_time(60)
    # Our own write in between does not hide it: it stays visible until a pull has brought it into the file.
    again = b.plan()
    assert name in [field for note in again.notes for field in note.fields] or again.conflicts
    row = ghost.find("hello")
    if name == "tags":
        assert "news" in ghost.tags("hello")
    else:
        assert row["custom_excerpt" if name == "excerpt" else name] == next(iter(fields.values()))


def test_a_restored_version_is_a_persons_edit(clone: CloneMaker, ghost: Ghost) -> None:
    """Post history → Restore brings an old record back, which must not make the restore look like nothing."""
    a = seeded(clone, ghost)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    push(a)
    ghost.pass_time(600)
    ghost.restore("hello", 0)
    ghost.pass_time(600)
    assert "Second words." in ghost.body("hello")
    b = clone("b", of=a)
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    assert [note.kind for note in plan.notes] == [NoteKind.DRIFTED]
    b.write("posts/hello.md", HELLO.replace("Second", "Newest"))
    assert [conflict.why for conflict in b.plan().conflicts] == [Why.BOTH_CHANGED]
    assert "Second words." in ghost.body("hello")


@pytest.mark.parametrize("seconds", [600, 20], ids=["later", "at-once"])
@pytest.mark.parametrize("typed", [False, True], ids=["untouched", "typed-in"])
def test_a_duplicate_is_nobodys(clone: CloneMaker, ghost: Ghost, seconds: int, typed: bool) -> None:
    """A copy made in Ghost is never matched, updated or pruned, though it carries its original's record."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    a.write("posts/other.md", document("Other"))
    push(a)
    ghost.pass_time(seconds)
    copy = ghost.duplicate("hello")
    if typed:
        ghost.type(copy["slug"], "Second", "Copied")
    ghost.pass_time(10)
    # The original moves on, so that the copy's record is the only one with its op.
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    assert verbs(push(a).plan) == ["update"]
    ghost.pass_time(10)
    before = ghost.read(copy["id"])
    a.remove("posts/hello.md")
    b = clone("b", of=a)
    plan = b.plan(prune="delete")
    assert [(change.slug, v) for change, v in zip(plan.changes, verbs(plan), strict=True)] == [("hello", "delete")]
    push(b, prune="delete")
    after = ghost.read(copy["id"])
    assert after == before
    assert ghost.slugs() == sorted([copy["slug"], "other"])
    assert in_agreement(b.plan(prune="delete"))


def test_a_duplicate_survives_its_original(clone: CloneMaker, ghost: Ghost) -> None:
    """A copy made at once, whose original a person then deletes, is not taken for a create that went wrong."""
    a = clone("a")
    a.write("posts/hello.md", HELLO)
    push(a)
    copy = ghost.duplicate("hello")
    ghost.delete("hello")
    b = clone("b", of=a)
    assert b.plan(prune="delete").changes == ()
    assert ghost.slugs() == [copy["slug"]]


def test_saved_again_without_a_change(clone: CloneMaker, ghost: Ghost) -> None:
    """What the editor rewrites of its own accord is no edit: the next change goes in."""
    body = "First *words*.\n\n- a\n- b\n\n> quoted\n\n![x](https://example.com/a.png)\n\n```python\nx = 1\n```\n"
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(body=body)}))
    ghost.retouch("hello")
    ghost.pass_time(60)
    plan = b.plan()
    assert (plan.changes, plan.conflicts, plan.notes) == ((), (), ())
    b.write("posts/hello.md", document(body=body.replace("First", "New")))
    assert verbs(push(b).plan) == ["update"]
    assert "New <em>words</em>" in ghost.body("hello")


# ------------------------------------------------------------------------------------------ deleted in Ghost


@pytest.mark.parametrize("slugs", [("one",), ("one", "two")], ids=["alone", "in-bulk"])
def test_what_was_deleted_in_ghost_stays_so(clone: CloneMaker, ghost: Ghost, slugs: tuple[str, ...]) -> None:
    """A post deleted in Ghost is not made again by a fresh clone, until `--prefer local`."""
    files = {f"posts/{name}.md": document(name.title()) for name in ("one", "two", "three")}
    b = clone("b", of=seeded(clone, ghost, files))
    if len(slugs) == 1:
        ghost.delete(slugs[0])
    else:
        ghost.bulk_delete(*slugs)
    plan = b.plan()
    assert (plan.changes, plan.conflicts) == ((), ())
    assert [(n.kind, n.path) for n in plan.notes] == [
        (NoteKind.DELETED_IN_GHOST, f"posts/{slug}.md") for slug in sorted(slugs)
    ]
    assert all(ghost.editor_name in note.message for note in plan.notes)
    assert verbs(push(b, prefer="local").plan) == ["create"] * len(slugs)
    assert ghost.slugs() == ["one", "three", "two"]
    assert in_agreement(b.plan())


# ------------------------------------------------------------------------------------------ whose post it is


def test_two_projects_on_one_site(clone: CloneMaker, ghost: Ghost) -> None:
    """Neither tree touches the other's posts, and a slug that both claim is a conflict that names the other."""
    a = clone("a", project="tools")
    b = clone("b", project="letters")
    a.write("posts/one.md", document("One"))
    a.write("posts/gone.md", document("Gone"))
    push(a)
    b.write("posts/two.md", document("Two"))
    push(b)
    ghost.pass_time(60)
    a.remove("posts/gone.md")
    assert in_agreement(b.plan(prune="delete"))
    report = push(a, prune="delete")
    assert verbs(report.plan) == ["delete"]
    assert ghost.slugs() == ["one", "two"]
    b.write("posts/one.md", document("One, too"))
    (conflict,) = b.plan(prune="delete", prefer="local").conflicts
    assert conflict.why is Why.OTHER_PROJECT
    assert "`tools`" in conflict.message
    assert b.plan(prefer="local").is_empty
    # An editor's typing drops the record; the post still belongs to the other tree.
    ghost.type("one", "Second", "Edited")
    ghost.pass_time(60)
    (conflict,) = b.plan(prefer="local").conflicts
    assert conflict.why is Why.OTHER_PROJECT


def test_the_marker_tag_authorises_nothing(clone: CloneMaker, ghost: Ghost) -> None:
    """A person's post that carries the marker tag is nobody's: not pruned, not overwritten."""
    a = seeded(clone, ghost)
    ghost.create("Mine", status="published", lexical=lexical("By hand."), tags=[{"name": "#ghostsync"}])
    ghost.pass_time(60)
    before = ghost.find("mine")
    assert in_agreement(a.plan(prune="delete"))
    a.write("posts/mine.md", document("Mine", "Other words.\n"))
    (conflict,) = a.plan(prune="delete").conflicts
    assert conflict.why is Why.NO_SHARED_HISTORY
    push(a, prune="delete")
    assert ghost.find("mine") == before


def test_a_document_renamed_after_an_edit_finds_its_post(clone: CloneMaker, ghost: Ghost) -> None:
    """The file is renamed after an editor typed in its post: no second post, no orphan."""
    a = seeded(clone, ghost, {"posts/hello.md": document(slug="hello"), "posts/other.md": document("Other")})
    ghost.type("hello", "Second", "Edited")
    ghost.pass_time(60)
    b = clone("b", of=a)
    (b.root / "posts/hello.md").rename(b.root / "posts/renamed.md")
    plan = b.plan(prune="delete")
    assert plan.changes == ()
    assert [note.kind for note in plan.notes] == [NoteKind.DRIFTED]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_date_to_come_publishes_nothing_later(clone: CloneMaker, fake: FakeOne, is_new: bool) -> None:
    """A site generator waits for the date; Ghost shows the post at once, and the plan says so with the way out."""
    a = clone("a") if is_new else seeded(clone, fake, {"posts/hello.md": document(status="draft", date="2099-01-01")})
    a.write("posts/hello.md", document(date="2099-01-01"))
    plan = a.plan()
    (note,) = plan.notes
    assert (note.kind, note.line, "2099-01-01" in note.message) == (NoteKind.WARNING, 4, True)
    assert "scheduled" in str(note.hint)
    assert errors(a.apply(plan)) == []
    assert a.plan().is_empty
    a.write("posts/other.md", document("Other", date="2001-01-01"))
    a.write("posts/later.md", document("Later", date="2099-01-01", status="scheduled"))
    assert a.plan().notes == ()


# ------------------------------------------------------------------------------------------ emails


def _emailed(ghost: Ghost, make: CloneMaker) -> object:
    a = seeded(make, ghost, {"posts/hello.md": document(status="draft")})
    ghost.schedule("hello", "2099-01-01T09:00:00.000Z", newsletter=ghost.newsletter)  # type: ignore[attr-defined]
    ghost.pass_time(60)
    a.write("posts/hello.md", document(status="published"))
    return a


def test_an_editors_newsletter_is_not_sent_unasked(clone: CloneMaker, ghost: Ghost) -> None:
    """A person scheduled it with a newsletter, the file says published: refused without `--send-email`."""
    a = _emailed(ghost, clone)
    report = a.push()  # type: ignore[attr-defined]
    assert report.plan.changes == ()
    assert report.plan.conflicts
    assert ghost.emails() == 0
    assert ghost.find("hello")["status"] == "scheduled"


@pytest.mark.parametrize("sends", [False, True])
def test_sent_is_ghosts_to_say(clone: CloneMaker, ghost: Ghost, sends: bool) -> None:
    """`status: sent` is no publication of one's own: on a scheduled post it would send the editor's newsletter."""
    a = _emailed(ghost, clone)
    a.write("posts/hello.md", document(status="sent"))  # type: ignore[attr-defined]
    report = a.push(prefer="local", send_email=sends)  # type: ignore[attr-defined]
    assert ghost.emails() == 0
    assert ghost.find("hello")["status"] == "scheduled"
    assert report.plan.changes == ()
    (problem,) = report.plan.problems
    assert problem.line == 3


@pytest.mark.parametrize(("fields", "becomes"), [({}, None), ({"email_only": True}, "sent")])
def test_a_new_post_that_was_sent_elsewhere(
    clone: CloneMaker, ghost: Ghost, fields: dict[str, object], becomes: str | None
) -> None:
    """On another site it is what it was, neither shown nor sent; without `email_only` Ghost would show it."""
    a = clone("a")
    a.write("posts/hello.md", document(status="sent", newsletter=ghost.newsletter, **fields))  # type: ignore[attr-defined]
    report = a.push(send_email=True)
    assert errors(report) == []
    assert [post["status"] for post in ghost.all()] == ([] if becomes is None else [becomes])
    assert [problem.line for problem in report.plan.problems] == ([3] if becomes is None else [])
    assert ghost.emails() == 0


def test_an_editors_newsletter_with_prefer_local_alone(clone: CloneMaker, ghost: Ghost) -> None:
    """`--prefer local` overrides the schedule, but never sends the email."""
    a = _emailed(ghost, clone)
    report = a.push(prefer="local")  # type: ignore[attr-defined]
    assert [conflict.why for conflict in report.plan.conflicts] == [Why.EMAIL]
    assert ghost.emails() == 0
    assert ghost.find("hello")["status"] == "scheduled"


def test_send_email_sends_once(clone: CloneMaker, ghost: Ghost) -> None:
    """With `newsletter:` in the file and `--send-email` in the run, one email, and never a second."""
    slug = ghost.newsletter  # type: ignore[attr-defined]
    a = seeded(clone, ghost, {"posts/hello.md": document(status="draft", newsletter=slug)})
    a.write("posts/hello.md", document(newsletter=slug))
    report = a.push()
    assert [conflict.why for conflict in report.plan.conflicts] == [Why.EMAIL]
    assert ghost.emails() == 0
    plan = a.plan(send_email=True)
    (change,) = plan.emails
    assert change.email is not None
    assert change.email.newsletter == slug
    assert isinstance(change.email.members, int)
    assert errors(a.apply(plan)) == []
    assert ghost.emails() == 1
    ghost.pass_time(60)
    a.write("posts/hello.md", document(newsletter=slug, body="Other words.\n"))
    push(a, send_email=True)
    a.write("posts/hello.md", document(newsletter=slug, status="draft"))
    ghost.pass_time(60)
    push(a, send_email=True)
    ghost.pass_time(60)
    a.write("posts/hello.md", document(newsletter=slug))
    push(a, send_email=True)
    assert ghost.emails() == 1


def test_a_newsletter_that_is_not_there(clone: CloneMaker, ghost: Ghost) -> None:
    """It is told before anything is made; Ghost would keep a draft and refuse its publication."""
    a = clone("a")
    a.write("posts/hello.md", document(newsletter="wekly"))
    report = a.push(send_email=True)
    (problem,) = report.plan.problems
    assert (problem.line, "no newsletter `wekly`" in problem.message) == (4, True)
    assert ghost.newsletter in str(problem.hint)  # type: ignore[attr-defined]
    assert ghost.slugs() == []


# ------------------------------------------------------------------------------------------ pictures, renames, slugs


def test_many_documents_with_pictures(clone: CloneMaker, ghost: Ghost) -> None:
    """From a fresh clone: nothing to do, one replaced picture is one upload and one update, renames are no posts."""
    files: dict[str, str | bytes] = {f"pics/{n}.png": png(n) for n in range(8)}
    files |= {f"pics/twin-{n}.png": png(n) for n in range(2)}  # the same bytes under another name
    for n in range(12):
        name = f"twin-{n}" if n < 2 else f"{n % 8}"
        files[f"posts/post-{n}.md"] = document(
            f"Post {n}",
            f"Text {n}.\n\n![]({'../pics/' + name}.png)\n",
            slug=f"post-{n}",
            feature_image=f"../pics/{n % 8}.png",
        )
    a = seeded(clone, ghost, files)
    assert ghost.writes().count("POST images") == 8
    assert ghost.writes().count("POST posts") == 12
    before = len(ghost.writes())
    b = clone("b", of=a)
    report = push(b)
    assert (report.plan.changes, report.plan.notes) == ((), ())
    b.write("pics/7.png", png(200))
    assert verbs(push(b).plan) == ["upload", "update"]
    assert ghost.writes()[before:] == ["POST images", "PUT posts"]
    ghost.pass_time(60)
    ids = {row["slug"]: (row["id"], row["uuid"]) for row in ghost.all()}
    for n in range(5):
        (b.root / f"posts/post-{n}.md").rename(b.root / f"posts/moved-{n}.md")
    c = clone("c", of=b)
    assert set(verbs(c.plan(prune="delete"))) <= {"adopt"}
    push(c, prune="delete")
    assert {row["slug"]: (row["id"], row["uuid"]) for row in ghost.all()} == ids
    ghost.pass_time(60)
    assert in_agreement(clone("d", of=c).plan(prune="delete"))


def test_a_slug_rename_keeps_the_post(clone: CloneMaker, ghost: Ghost) -> None:
    """A new slug is a new address of the same post, with a warning and the redirect to add."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(slug="hello")}))
    before = ghost.find("hello")
    b.write("posts/hello.md", document(slug="welcome"))
    report = push(b)
    assert verbs(report.plan) == ["update"]
    (note,) = report.plan.notes
    assert note.kind is NoteKind.SLUG_CHANGE
    assert '"from": "^/hello/$", "to": "/welcome/"' in (note.hint or "")
    after = ghost.find("welcome")
    assert (after["id"], after["uuid"]) == (before["id"], before["uuid"])
    assert after["published_at"] == before["published_at"]
    ghost.pass_time(60)
    assert in_agreement(b.plan())


def test_a_file_rename_moves_a_slug_that_follows_it(clone: CloneMaker, ghost: Ghost) -> None:
    """File and slug renamed together, and edited: still one update of the same post."""
    a = seeded(clone, ghost)
    before = ghost.find("hello")
    b = clone("b", of=a)
    (b.root / "posts/hello.md").rename(b.root / "posts/welcome.md")
    report = push(b, prune="delete")
    assert verbs(report.plan) == ["update"]
    assert ghost.find("welcome")["id"] == before["id"]
    ghost.pass_time(60)
    assert in_agreement(b.plan(prune="delete"))


@pytest.mark.parametrize("count", [2, 3], ids=["two", "ring-of-three"])
def test_documents_swap_slugs(clone: CloneMaker, ghost: Ghost, count: int) -> None:
    """Documents that exchange their slugs keep their posts."""
    names = ["one", "two", "three"][:count]
    a = seeded(clone, ghost, {f"posts/{n}.md": document(n.title(), f"Text of {n}.\n", slug=n) for n in names})
    ids = {name: ghost.find(name)["id"] for name in names}
    b = clone("b", of=a)
    turned = dict(zip(names, [*names[1:], names[0]], strict=True))
    for name in names:
        b.write(f"posts/{name}.md", document(name.title(), f"Text of {name}.\n", slug=turned[name]))
    report = push(b)
    assert verbs(report.plan) == ["update"] * count
    assert ghost.slugs() == sorted(names)
    for name in names:
        assert ghost.find(turned[name])["id"] == ids[name]
        assert f"Text of {name}." in ghost.body(turned[name])
    ghost.pass_time(60)
    assert in_agreement(clone("c", of=b).plan())


@pytest.mark.parametrize("cached", [False, True], ids=["fresh", "remembering"])
def test_files_swap_names(clone: CloneMaker, ghost: Ghost, cached: bool) -> None:
    """`git mv x y` with a new `x` in its place: the old post follows its file, the new document is a new post."""
    a = clone("a", cached=cached)
    a.write("posts/x.md", document("Old", "Old text.\n", slug="old"))
    push(a)
    if not cached:
        ghost.pass_time(60)
    old = ghost.find("old")["id"]
    b = a if cached else clone("b", of=a)
    (b.root / "posts/x.md").rename(b.root / "posts/y.md")
    b.write("posts/x.md", document("New", "New text.\n", slug="new"))
    push(b, prune="delete")
    assert ghost.find("old")["id"] == old
    assert ghost.slugs() == ["new", "old"]
    ghost.pass_time(60)
    assert in_agreement(clone("c", of=b).plan(prune="delete"))


# ------------------------------------------------------------------------------------------ front matter


def test_rewriting_front_matter_alone_writes_nothing(clone: CloneMaker, ghost: Ghost) -> None:
    """Comments, key order, quoting and reflowed YAML are the author's business."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(tags=["A", "B"], excerpt="Short words")}))
    b.write(
        "posts/hello.md",
        "---\n# a comment\nexcerpt: >-\n  Short\n  words\ntags:\n- A\n- B\nstatus: 'published'\ntitle: Hello\n---\n"
        "First words.\n\nSecond words.\n",
    )
    before = ghost.writes()
    assert in_agreement(push(b).plan)
    assert ghost.writes() == before


def test_reflowed_text_writes_nothing(clone: CloneMaker, ghost: Ghost) -> None:
    """A paragraph wrapped otherwise says the same."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(body="Some words in a row.\n")}))
    b.write("posts/hello.md", document(body="Some words\nin a row.\n"))
    assert in_agreement(b.plan())


def test_removed_decisions_are_handed_back(clone: CloneMaker, ghost: Ghost) -> None:
    """Removing status, date, slug, authors and visibility from a published document changes nothing in Ghost."""
    owner = ghost.site.browse("users")[0]["slug"]
    full = document(date="2025-03-04T05:06:07Z", slug="address", authors=[owner], visibility="members")
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": full}))
    names = ("id", "status", "published_at", "slug", "visibility", "html", "updated_at")
    before = {name: ghost.find("address")[name] for name in names}
    b.write("posts/hello.md", document(status=None))
    report = push(b)
    assert report.plan.conflicts == ()
    assert {name: ghost.find("address")[name] for name in names} | {"updated_at": 0} == before | {"updated_at": 0}
    ghost.pass_time(60)
    b.write("posts/hello.md", document(status=None, body="New words.\n"))
    assert verbs(push(b).plan) == ["update"]
    after = ghost.find("address")
    assert {name: after[name] for name in names[:5]} == {name: before[name] for name in names[:5]}
    assert "New words." in after["html"]
    ghost.pass_time(60)
    assert in_agreement(clone("c", of=b).plan())


def test_removed_content_goes_to_the_default(clone: CloneMaker, ghost: Ghost) -> None:
    """Removed tags, excerpt, feature image and meta title leave Ghost; only they are sent."""
    full = document(
        tags=["A", "B"], excerpt="Short", feature_image="https://example.com/a.png", meta_title="M", featured=True
    )
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": full}))
    b.write("posts/hello.md", document())
    report = push(b)
    (change,) = report.plan.changes
    assert set(change.sends) == {"tags", "excerpt", "feature_image", "meta_title", "featured"}  # type: ignore[union-attr]
    row = ghost.find("hello")
    assert ghost.tags("hello") == ["hash-ghostsync"]
    assert (row["custom_excerpt"], row["feature_image"], row["meta_title"], row["featured"]) == (
        None,
        None,
        None,
        False,
    )
    ghost.pass_time(60)
    assert in_agreement(b.plan())


def test_empty_tags(clone: CloneMaker, ghost: Ghost) -> None:
    """`tags: []` takes all tags but the marker; order is kept, and the marker stays last."""
    b = clone("b", of=seeded(clone, ghost, {"posts/hello.md": document(tags=["Zebra", "Ant", "#inside"])}))
    assert ghost.tags("hello") == ["zebra", "ant", "hash-inside", "hash-ghostsync"]
    b.write("posts/hello.md", document(tags=["Ant", "Zebra"]))
    push(b)
    assert ghost.tags("hello") == ["ant", "zebra", "hash-ghostsync"]
    ghost.pass_time(60)
    b.write("posts/hello.md", document(tags=[]))
    push(b)
    assert ghost.tags("hello") == ["hash-ghostsync"]
    ghost.pass_time(60)
    assert in_agreement(b.plan())


def test_tiers(clone: CloneMaker, ghost: Ghost) -> None:
    """Tiers are set by slug, changed, and left by another visibility."""
    tiers = [row["slug"] for row in ghost.site.browse("tiers") if row["type"] == "paid"]
    a = seeded(clone, ghost, {"posts/hello.md": document(tiers=[tiers[0]])})
    assert [row["slug"] for row in ghost.find("hello")["tiers"]] == [tiers[0]]
    assert ghost.find("hello")["visibility"] == "tiers"
    a.write("posts/hello.md", document(tiers=tiers))
    push(a)
    assert sorted(row["slug"] for row in ghost.find("hello")["tiers"]) == sorted(tiers)
    ghost.pass_time(60)
    assert in_agreement(a.plan())
    a.write("posts/hello.md", document(visibility="public"))
    push(a)
    assert ghost.find("hello")["visibility"] == "public"
    ghost.pass_time(60)
    assert in_agreement(a.plan())
    # Back again: with the visibility alone nobody could read it.
    a.write("posts/hello.md", document(tiers=[tiers[0]]))
    push(a)
    assert [row["slug"] for row in ghost.find("hello")["tiers"]] == [tiers[0]]
    ghost.pass_time(60)
    assert (a.plan().changes, a.plan().notes) == ((), ())


def test_a_persons_open_post_is_overwritten_with_tiers(clone: CloneMaker, ghost: Ghost) -> None:
    """Also without shared history the tiers go with the visibility."""
    tier = next(row["slug"] for row in ghost.site.browse("tiers") if row["type"] == "paid")
    ghost.create("Hello", status="published", lexical=lexical("First words.\n\nSecond words.\n"))
    ghost.pass_time(60)
    a = clone("a")
    a.write("posts/hello.md", document(tiers=[tier]))
    push(a, prefer="local")
    assert [row["slug"] for row in ghost.find("hello")["tiers"]] == [tier]
    ghost.pass_time(60)
    assert (a.plan().changes, a.plan().notes) == ((), ())


def test_unknown_author_and_tier_are_problems(clone: CloneMaker, ghost: Ghost) -> None:
    """Ghost would make the owner the author and drop the tier without a word."""
    a = clone("a")
    a.write("posts/hello.md", document(authors=["nobody"]))
    a.write("posts/other.md", document("Other", tiers=["nothing"]))
    a.write("posts/free.md", document("Free", tiers=["free"]))
    plan = a.plan()
    assert plan.is_empty
    assert sorted((p.path, p.message.split("`")[1]) for p in plan.problems) == [
        ("posts/free.md", "free"),
        ("posts/hello.md", "nobody"),
        ("posts/other.md", "nothing"),
    ]


def test_every_status(clone: CloneMaker, ghost: Ghost) -> None:
    """Draft → scheduled → published → draft → published, each lands; no email, and no date moves by itself."""
    a = seeded(clone, ghost, {"posts/hello.md": document(status="draft")})
    assert ghost.find("hello")["status"] == "draft"
    a.write("posts/hello.md", document(status="scheduled", date="2099-01-02T03:04:05Z"))
    push(a)
    assert (ghost.find("hello")["status"], ghost.find("hello")["published_at"]) == (
        "scheduled",
        "2099-01-02T03:04:05.000Z",
    )
    ghost.pass_time(60)
    assert in_agreement(a.plan())
    a.write("posts/hello.md", document(status="published", date="2025-01-02T03:04:05Z"))
    push(a)
    assert (ghost.find("hello")["status"], ghost.find("hello")["published_at"]) == (
        "published",
        "2025-01-02T03:04:05.000Z",
    )
    for status in ("draft", "published"):
        ghost.pass_time(60)
        a.write("posts/hello.md", document(status=status, date="2025-01-02T03:04:05Z"))
        push(a)
        assert ghost.find("hello")["status"] == status
        assert ghost.find("hello")["published_at"] == "2025-01-02T03:04:05.000Z"
    ghost.pass_time(60)
    a.write("posts/hello.md", document(date="2025-06-07T08:09:10Z"))
    push(a)
    assert ghost.find("hello")["published_at"] == "2025-06-07T08:09:10.000Z"
    assert ghost.emails() == 0
    ghost.pass_time(60)
    assert in_agreement(a.plan())


def test_a_schedule_brought_forward_to_now(clone: CloneMaker, ghost: Ghost) -> None:
    """A scheduled post whose file says published, and whose date goes, is published now, not in the future."""
    a = seeded(clone, ghost, {"posts/hello.md": document(status="scheduled", date="2099-01-02T03:04:05Z")})
    a.write("posts/hello.md", document(status="published"))
    push(a)
    row = ghost.find("hello")
    assert row["status"] == "published"
    assert row["published_at"] < "2099"
    ghost.pass_time(60)
    assert in_agreement(a.plan())


def test_published_at_never_moves_by_itself(clone: CloneMaker, ghost: Ghost) -> None:
    """Updates of a published post leave its date alone."""
    a = seeded(clone, ghost)
    before = ghost.find("hello")["published_at"]
    for n in range(3):
        a.write("posts/hello.md", document(body=f"Words {n}.\n", tags=[f"T{n}"]))
        push(a)
        ghost.pass_time(60)
    # Letting time pass on a real server makes the stored dates older; what counts is that no write moved it to now.
    assert ghost.find("hello")["published_at"] == before
    assert ghost.emails() == 0


# ------------------------------------------------------------------------------------------ links


def test_links_give_public_addresses(clone: CloneMaker, ghost: Ghost) -> None:
    """A link to a draft, a scheduled post, one made in the same run, a page: never a preview address."""
    a = clone("a")
    a.write("posts/draft.md", document("Draft", status="draft"))
    a.write("posts/later.md", document("Later", status="scheduled", date="2099-01-02T03:04:05Z"))
    a.write("posts/new.md", document("New"))
    a.write("pages/about.md", document("About"))
    body = "[a](draft.md) [b](later.md#part) [c](new.md) [d](../pages/about.md)\n"
    a.write("posts/hello.md", document(body=body))
    push(a)
    html = ghost.body("hello")
    base = ghost.site.url
    for address in ("draft/", "later/#part", "new/", "about/"):
        assert f'href="{base}/{address}"' in html
    assert "/p/" not in html
    ghost.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())


def test_links_follow_dated_routes(clone: CloneMaker, fake: Ghost) -> None:
    """With dates in the permalinks, too; and the prediction is what Ghost then says."""
    fake.set_permalink("/{year}/{month}/{slug}/")
    a = clone("a")
    a.write("posts/later.md", document("Later", status="scheduled", date="2099-01-02T03:04:05Z"))
    a.write("posts/old.md", document("Old", date="2024-11-02T03:04:05Z"))
    a.write("posts/new.md", document("New"))
    a.write("posts/hello.md", document(body="[b](later.md) [c](old.md#part) [d](new.md)\n"))
    push(a)
    html = fake.body("hello")
    for address in ("2099/01/later/", "2024/11/old/#part", "2026/01/new/"):
        assert f'href="{fake.site.url}/{address}"' in html
    assert fake.find("old")["url"] == f"{fake.site.url}/2024/11/old/"
    fake.pass_time(60)
    assert in_agreement(clone("b", of=a).plan())


def test_a_link_to_nothing_is_a_problem(clone: CloneMaker, fake: Ghost) -> None:
    """With file and line; nothing else is held up."""
    a = clone("a")
    a.write("posts/hello.md", document(body="Text.\n\n[a](nowhere.md)\n"))
    a.write("posts/other.md", document("Other"))
    report = push(a)
    (problem,) = report.plan.problems
    assert (problem.path, problem.line) == ("posts/hello.md", 7)
    assert fake.slugs() == ["other"]


# ------------------------------------------------------------------------------------------ plans


def test_a_plan_belongs_to_what_it_saw(clone: CloneMaker, ghost: Ghost) -> None:
    """Its digest changes with the server and with the files, and with nothing else."""
    a = seeded(clone, ghost)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    reviewed = a.plan().digest
    assert clone("b", of=a).plan().digest == reviewed
    a.write("posts/hello.md", HELLO.replace("Second", "Newest"))
    assert a.plan().digest != reviewed
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    assert a.plan().digest == reviewed
    ghost.save("hello", custom_excerpt="Shorter")
    assert a.plan().digest != reviewed


def test_an_old_plan_overwrites_nothing(clone: CloneMaker, ghost: Ghost) -> None:
    """A plan that is applied after a person saved the post fails there, and says so."""
    a = seeded(clone, ghost)
    a.write("posts/hello.md", HELLO.replace("Second", "Newer"))
    plan = a.plan()
    ghost.type("hello", "First", "Edited")
    (message,) = errors(a.apply(plan))
    assert "somebody saved the post in Ghost" in message
    assert "Edited words." in ghost.body("hello")
    assert "Newer" not in ghost.body("hello")


@pytest.mark.parametrize("prune", ["draft", "delete"])
def test_removing_many_is_refused(clone: CloneMaker, fake: Ghost, prune: str) -> None:
    """12 of 31: refused with counts and the flag; with it exactly those go, and a person's post with the tag stays."""
    files = {f"posts/p{n:02}.md": document(f"P {n}", tags=["Series"]) for n in range(31)}
    a = seeded(clone, fake, files)
    fake.create("By hand", status="published", tags=[{"name": "Series"}])
    fake.pass_time(60)
    for n in range(12):
        a.remove(f"posts/p{n:02}.md")
    plan = a.plan(prune=prune)
    assert verbs(plan) == ["unpublish" if prune == Prune.DRAFT else "delete"] * 12
    error = refusal(plan, documents=19, allow_many=False)
    assert error is not None
    assert "12" in str(error)
    assert "31" in str(error)
    assert "--allow-many-removals" in str(error.hint)
    assert refusal(plan, documents=19, allow_many=True) is None
    assert errors(a.apply(plan)) == []
    gone = {f"p{n:02}" for n in range(12)}
    kept = {f"p{n:02}" for n in range(12, 31)} | {"by-hand"}
    if prune == "delete":
        assert set(fake.slugs()) == kept
    else:
        rows = {row["slug"]: row["status"] for row in fake.all()}
        assert rows == dict.fromkeys(gone, "draft") | dict.fromkeys(kept, "published")


def test_a_selection_misses_nothing_outside(clone: CloneMaker, fake: Ghost) -> None:
    """Of a partial run nothing outside the selection counts as deleted."""
    a = seeded(clone, fake, {"posts/one.md": document("One"), "posts/sub/two.md": document("Two")})
    a.remove("posts/one.md")
    plan = a.plan(prune="delete", covers=lambda path: path.startswith("posts/sub/"), is_everything=False)
    assert (plan.changes, plan.notes) == ((), ())
