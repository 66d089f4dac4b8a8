"""What is compared with what, and what a push decides, pair by pair: no Ghost and no file, only what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from engine.engine_builders import digest, fields, post, prepared, record

from ghostsync.core.base import Base, base_of_record
from ghostsync.core.changes import AdoptPost, CreatePost, DeletePost, Forget, UnpublishPost, UpdatePost
from ghostsync.core.compare import Comparison, Prepared, compare
from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.pair import Behind, Pair, Policy, Verdict
from ghostsync.core.plan import Prefer, Prune
from ghostsync.core.push import decide_push
from ghostsync.model import Asset, Bucket, DocPath, Edit, FieldName, FieldValue, Kind, Post, PostId, Slug, Upload

SITE = "http://site.test/"
NOW = "2026-01-06T00:00:00.000Z"
UNWRITTEN = object()

PUBLISHED = fields(title="Hello", status="published")


def base(**given: Any) -> Base:
    """Return what both sides agreed on."""
    origin = given.pop("says", PUBLISHED)
    return base_of_record(record(fields=origin, **given))


def seen(local: Prepared, remote: Post, **given: Any) -> Comparison:
    """Compare a pair."""
    return compare(base(**given), local, remote, site_url=SITE, now=NOW)


# ------------------------------------------------------------------------------------------ one field on three sides

# A content field: base managed it (or knew Ghost's own value of it), the document writes it or not, Ghost holds it.
CONTENT = [
    # base, kept, document, Ghost → is it sent, did Ghost drift, do they contradict
    ("a", UNWRITTEN, "a", "a", (False, False, False)),
    ("a", UNWRITTEN, "b", "a", (True, False, False)),
    ("a", UNWRITTEN, "a", "c", (False, True, True)),
    ("a", UNWRITTEN, "b", "c", (True, True, True)),
    ("a", UNWRITTEN, "c", "c", (False, True, False)),
    ("a", UNWRITTEN, UNWRITTEN, "a", (True, False, False)),
    ("a", UNWRITTEN, UNWRITTEN, "c", (True, True, True)),
    ("a", UNWRITTEN, UNWRITTEN, None, (False, True, False)),
    (UNWRITTEN, UNWRITTEN, UNWRITTEN, None, (False, False, False)),
    (UNWRITTEN, UNWRITTEN, UNWRITTEN, "c", (False, False, False)),
    (UNWRITTEN, "k", UNWRITTEN, "k", (False, False, False)),
    (UNWRITTEN, "k", UNWRITTEN, "c", (False, False, False)),
    (UNWRITTEN, UNWRITTEN, "b", None, (True, False, False)),
    (UNWRITTEN, UNWRITTEN, "b", "c", (True, True, True)),
    (UNWRITTEN, UNWRITTEN, "b", "b", (False, True, False)),
    (UNWRITTEN, "k", "b", "k", (True, False, False)),
    (UNWRITTEN, "k", "b", "c", (True, True, True)),
    (UNWRITTEN, "k", "k", "c", (False, True, True)),
]

# A decision of Ghost's, such as who wrote it: the key's first value is compared with Ghost's, a removed key is let go.
HANDED_BACK = [
    (("a",), UNWRITTEN, ("a",), ("a",), (False, False, False)),
    (("a",), UNWRITTEN, ("b",), ("a",), (True, False, False)),
    (("a",), UNWRITTEN, ("a",), ("c",), (False, True, True)),
    (("a",), UNWRITTEN, UNWRITTEN, ("a",), (False, False, False)),
    (("a",), UNWRITTEN, UNWRITTEN, ("c",), (False, False, False)),
    (UNWRITTEN, UNWRITTEN, UNWRITTEN, ("c",), (False, False, False)),
    (UNWRITTEN, UNWRITTEN, ("b",), ("c",), (True, False, False)),
    (UNWRITTEN, UNWRITTEN, ("c",), ("c",), (False, False, False)),
]

# Who may read it: the record keeps what that was, so that a person's decision since is told from Ghost's own.
DECISION = [
    (UNWRITTEN, "draft", "draft", "published", (False, True, True)),
    (UNWRITTEN, "draft", "published", "published", (False, True, False)),
    (UNWRITTEN, "draft", "published", "draft", (True, False, False)),
    (UNWRITTEN, "draft", UNWRITTEN, "published", (False, False, False)),
    ("draft", UNWRITTEN, UNWRITTEN, "published", (False, False, False)),
    ("draft", UNWRITTEN, "published", "draft", (True, False, False)),
    ("draft", UNWRITTEN, "draft", "published", (False, True, True)),
]


def said(name: str, value: object) -> dict[FieldName, FieldValue]:
    """Return a field, or nothing where nobody wrote it."""
    return {} if value is UNWRITTEN else {FieldName(name): value}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "then", "kept", "here", "there", "expected"),
    [
        *(("excerpt", *case) for case in CONTENT),
        *(("meta_title", *case) for case in CONTENT),
        *(("authors", *case) for case in HANDED_BACK),
        *(("status", *case) for case in DECISION),
    ],
)
def test_one_field(
    name: str, then: object, kept: object, here: object, there: FieldValue, expected: tuple[bool, bool, bool]
) -> None:
    """What is sent, what counts as Ghost's edit, and where the two contradict each other."""
    title = fields(title="Hello")
    found = compare(
        base(says={**title, **said(name, then)}, kept=said(name, kept)),
        prepared(says={**title, **said(name, here)}),
        replace(post(fields=title), fields={**title, **said(name, there)}),
        site_url=SITE,
        now=NOW,
    )
    view = found.fields.get(FieldName(name))
    is_contested = name in found.drifted and view is not None and view.local != view.remote
    assert (name in found.sends, name in found.drifted, is_contested) == expected
    assert found.local_moved or not found.sends
    assert found.remote_moved is bool(found.drifted)


def test_tiers_mean_something_only_where_the_visibility_is_tiers() -> None:
    """Ghost keeps the list whatever it says; the document's visibility counts before Ghost's."""
    for here, there, counts in (
        ("tiers", "tiers", True),
        ("tiers", "public", True),
        ("public", "tiers", False),
        (UNWRITTEN, "tiers", True),
        (UNWRITTEN, "public", False),
    ):
        visible = said("visibility", here)
        says = {**fields(title="Hello", tiers=("gold",)), **visible}
        remote = post(fields={"visibility": there, "tiers": ("silver",)})
        assert ("tiers" in seen(prepared(says=says), remote).fields) is counts, (here, there)


def test_what_ghost_does_not_show_has_not_moved() -> None:
    """Neither side has, as far as anybody can tell."""
    says = {**PUBLISHED, **fields(excerpt="Mine")}
    assert "excerpt" not in post().fields
    assert seen(prepared(says=says), post(), says=says).fields == {}
    assert seen(prepared(says=says), post()).sends == ()


def test_a_page_is_not_asked_for_what_only_posts_have() -> None:
    """What a page sends of an email means nothing."""
    says = {**PUBLISHED, **fields(email_subject="S")}
    assert seen(prepared(says=says, kind=Kind.PAGE), post(kind=Kind.PAGE, fields={"email_subject": None})).fields == {}
    assert seen(prepared(says=says), post(fields={"email_subject": None})).sends == ("email_subject",)


# ------------------------------------------------------------------------------------------ slugs


@pytest.mark.parametrize(
    ("slug", "is_written", "path", "then", "wanted"),
    [
        ("new", True, "posts/hello.md", {}, True),
        ("new", False, "posts/hello.md", {}, False),
        ("new", False, "posts/new.md", {}, True),
        ("new", False, "posts/new.md", {"slug": "hello"}, False),
        ("hello", True, "posts/hello.md", {}, False),
    ],
    ids=["written", "removed", "renamed", "renamed when it was written", "the same"],
)
def test_which_slug_a_document_wants(
    slug: str, is_written: bool, path: str, then: dict[str, str], wanted: bool
) -> None:
    """A written one; that of the file's name where it followed the old name. Taking `slug:` out moves no address."""
    local = prepared(slug=Slug(slug), slug_written=is_written, path=path)
    says = {**PUBLISHED, **fields(**then)}
    found = seen(local, replace(post(), fields={**post().fields, **fields(slug="hello")}), says=says)
    assert ("slug" in found.sends) is wanted


# ------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("source", "body", "moved"),
    [("source", "body", False), ("other", "body", False), ("source", "other", False), ("other", "other", True)],
    ids=["nothing", "a comment in the file", "a later compiler", "the text"],
)
def test_a_body_has_moved_where_the_file_and_what_it_says_have(source: str, body: str, moved: bool) -> None:
    """Neither alone: a later version may make other nodes of the same text."""
    found = seen(prepared(body, digest=digest(source)), post())
    assert found.body_local_moved is moved
    assert found.body_remote_moved is False
    assert found.body_equal is (body == "body")


PICTURE = Asset(path=DocPath("a.png"), sha256=digest("new"), size=1, bucket=Bucket.IMAGES, mime="image/png")


@pytest.mark.parametrize(
    ("then", "now", "moved"),
    [
        ({"images": {"a.png": Upload(sha256=digest("old"), url="u")}}, {"assets": {"a.png": PICTURE}}, True),
        ({"images": {"a.png": Upload(sha256=digest("new"), url="u")}}, {"assets": {"a.png": PICTURE}}, False),
        ({"links": {"b.md": "/b/"}}, {"links": {"b.md": "/c/"}}, True),
        ({"links": {"b.md": "/b/"}}, {"links": {"b.md": "/b/"}}, False),
    ],
    ids=["other bytes", "the same bytes", "another address", "the same address"],
)
def test_a_picture_or_the_target_of_a_link_moves_a_body_whose_text_stays(
    then: dict[str, Any], now: dict[str, Any], moved: bool
) -> None:
    """The file is the same, what it shows is not; the body tells that something is different."""
    assert seen(prepared("other", **now), post(), **then).body_local_moved is moved
    assert seen(prepared("body", **now), post(), **then).body_local_moved is False


# ------------------------------------------------------------------------------------------ decisions

EDITED = Edit(at="2026-01-05T10:00:00.000Z", event="edited", who="Berta", is_person=True, resource_type="post",
              resource_id="1")  # fmt: skip


def decide(
    local: Prepared | None, remote: Post | None, agreed: Base | None, *, of: dict[str, Any] | None = None, **policy: Any
) -> Verdict:
    """Return what a push does with a pair; `of`: what else is known of it."""
    pair = Pair(path=DocPath("posts/hello.md"), kind=Kind.POST, local=local, remote=remote, base=agreed, **(of or {}))
    return decide_push(pair, Policy(site_url=SITE, now=NOW, project="site", **policy))


def kinds(verdict: Verdict) -> list[type]:
    """Return what would be changed."""
    return [type(change) for change in verdict.changes]


MINE = prepared("mine", digest=digest("mine"), says=PUBLISHED)
"""A document whose text has moved."""


@pytest.mark.parametrize("prefer", list(Prefer))
def test_a_first_meeting(prefer: Prefer) -> None:
    """The same on both sides is adopted; else it is a conflict, which `--prefer` settles either way."""
    assert kinds(decide(prepared(says=PUBLISHED), post(), None, prefer=prefer)) == [AdoptPost]
    verdict = decide(prepared("mine", says=fields(title="Mine", status="published")), post(), None, prefer=prefer)
    assert kinds(verdict) == ([UpdatePost] if prefer is Prefer.LOCAL else [])
    assert [c.why for c in verdict.conflicts] == ([Why.NO_SHARED_HISTORY] if prefer is Prefer.NEITHER else [])
    assert [n.kind for n in verdict.notes] == ([NoteKind.DRIFTED] if prefer is Prefer.REMOTE else [])
    for change in verdict.changes:
        assert isinstance(change, UpdatePost)
        assert (change.sends, change.body_changed) == (fields(title="Mine"), True)


def test_a_first_meeting_names_what_differs() -> None:
    """And what does not is not named."""
    (conflict,) = decide(prepared(says=fields(title="Mine", status="published")), post(), None).conflicts
    assert conflict.message.endswith("differs in title")
    assert (conflict.body_local, conflict.body_remote) == (None, None)
    assert [d.name for d in conflict.fields] == ["title"]
    early = decide(MINE, post(), None, of={"history_ends_early": True, "incoming": "theirs"})
    (conflict,) = early.conflicts
    assert "differs in body (this clone's history ends early" in conflict.message
    assert (conflict.body_local, conflict.body_remote) == ("mine", "theirs")


@pytest.mark.parametrize("agreed", [None, base(says=fields(title="Hello", status="published"))])
def test_what_is_published_cannot_be_scheduled(agreed: Base | None) -> None:
    """Ghost refuses it; so it is a problem of the document before anything is sent."""
    says = fields(title="Hello", status="scheduled", published_at="2027-01-01T00:00:00.000Z")
    local = prepared("mine", says=says, digest=digest("mine"))
    verdict = decide(local, post(), agreed, prefer=Prefer.LOCAL)
    assert (verdict.changes, len(verdict.problems)) == ((), 1)
    draft = post(fields={"status": "draft"})
    drafted = None if agreed is None else base(says=fields(title="Hello", status="draft"))
    assert kinds(decide(local, draft, drafted, prefer=Prefer.LOCAL)) == [UpdatePost]


@pytest.mark.parametrize("there", [None, "2026-01-01T00:00:00.000Z"])
@pytest.mark.parametrize("agreed", [None, base(says=fields(title="Hello", status="draft"))])
def test_a_schedule_that_passed_publishes(agreed: Base | None, there: str | None) -> None:
    """Ghost refuses to schedule into the past, whether it hears the date or knows it."""
    says = fields(title="Hello", status="scheduled", published_at="2026-01-01T00:00:00.000Z")
    verdict = decide(
        prepared("mine", says=says, digest=digest("mine")),
        post(fields={"status": "draft", "published_at": there}),
        agreed,
        prefer=Prefer.LOCAL,
    )
    (change,) = verdict.changes
    assert isinstance(change, UpdatePost)
    assert change.sends["status"] == "published"  # type: ignore[index]
    assert ("published_at" in change.sends) is (there is None)
    (new,) = decide(prepared(says=says), None, None).changes
    assert isinstance(new, CreatePost)
    assert new.sends["status"] == "published"  # type: ignore[index]


@pytest.mark.parametrize("agreed", [None, base(says=fields(title="Hello", status="scheduled"))])
def test_what_is_published_before_its_time_is_dated_now(agreed: Base | None) -> None:
    """Readers would see a date in the future; a date of the document's own stays."""
    remote = post(fields={"status": "scheduled", "published_at": "2027-01-01T00:00:00.000Z"})
    local = prepared("mine", digest=digest("mine"), says=PUBLISHED)
    (change,) = decide(local, remote, agreed, prefer=Prefer.LOCAL).changes
    assert isinstance(change, UpdatePost)
    assert change.sends["published_at"] == NOW  # type: ignore[index]


@pytest.mark.parametrize("prefer", list(Prefer))
def test_a_document_that_is_behind(prefer: Prefer) -> None:
    """Going back to it needs a word; `--prefer remote` leaves Ghost's newer version."""
    behind = {"behind": Behind(committed_at="2026-01-01T00:00:00Z", pushed_at="2026-01-05T00:00:00Z")}
    verdict = decide(MINE, post(), base(), of=behind, prefer=prefer)
    assert kinds(verdict) == ([UpdatePost] if prefer is Prefer.LOCAL else [])
    assert [c.why for c in verdict.conflicts] == ([Why.BEHIND] if prefer is Prefer.NEITHER else [])
    assert len(verdict.notes) == (prefer is Prefer.REMOTE)


@pytest.mark.parametrize("prefer", list(Prefer))
def test_only_ghost_has_moved(prefer: Prefer) -> None:
    """It is told and kept, whatever is preferred: there is no conflict."""
    verdict = decide(prepared(says=PUBLISHED), post(body=digest("theirs")), base(), prefer=prefer)
    assert (verdict.changes, verdict.conflicts) == ((), ())
    assert [note.kind for note in verdict.notes] == [NoteKind.DRIFTED]


@pytest.mark.parametrize("prefer", list(Prefer))
def test_both_have_moved(prefer: Prefer) -> None:
    """A conflict over the body and the title; what Ghost alone has changed is never overwritten."""
    then = fields(title="Hello", status="published", excerpt="Then")
    local = prepared("mine", digest=digest("mine"), says={**then, **fields(title="Mine")})
    remote = post(body=digest("theirs"), fields={"title": "Theirs", "excerpt": "Theirs"})
    texts = {"base_body": "base", "incoming": "theirs", "edit": EDITED}
    verdict = decide(local, remote, base(says=then), of=texts, prefer=prefer)
    assert kinds(verdict) == ([UpdatePost] if prefer is Prefer.LOCAL else [])
    assert len(verdict.notes) == (prefer is Prefer.REMOTE)
    for conflict in verdict.conflicts:
        assert "(title, excerpt, body, by Berta at 2026-01-05 10:00 UTC)" in conflict.message
        assert [d.name for d in conflict.fields] == ["title", "excerpt"]
        assert (conflict.body_base, conflict.body_local, conflict.body_remote) == ("base", "mine", "theirs")
    assert len(verdict.conflicts) == (prefer is Prefer.NEITHER)
    for change in verdict.changes:
        assert isinstance(change, UpdatePost)
        assert (change.sends, change.body_changed) == (fields(title="Mine"), True)


def test_a_conflict_over_a_field_shows_no_bodies() -> None:
    """What the document contains already is not contested."""
    local = prepared("mine", digest=digest("mine"), says=fields(title="Mine", status="published"))
    texts = {"base_body": "base", "incoming": "mine"}
    (conflict,) = decide(local, post(body=digest("mine"), fields={"title": "Theirs"}), base(), of=texts).conflicts
    assert "(title; last saved at" in conflict.message
    assert (conflict.body_base, conflict.body_local, conflict.body_remote) == (None, None, None)


@pytest.mark.parametrize(
    ("texts", "passes"),
    [
        ({"base_body": "one two", "incoming": "one 2"}, True),
        ({"base_body": "one two", "incoming": "1 two"}, False),
        ({"base_body": None, "incoming": "one 2"}, False),
        ({"base_body": "one two", "incoming": None}, False),
    ],
    ids=["contained", "not contained", "base unknown", "not to be said"],
)
def test_a_push_goes_on_where_the_document_contains_ghosts_edit(texts: dict[str, Any], passes: bool) -> None:
    """And only there: what is not known is not contained."""
    local = prepared("0 one 2", digest=digest("mine"), says=PUBLISHED)
    verdict = decide(local, post(body=digest("theirs")), base(), of=texts)
    assert kinds(verdict) == ([UpdatePost] if passes else [])
    assert len(verdict.conflicts) == (not passes)


def test_both_came_to_the_same() -> None:
    """The record learns of it, and readers see nothing."""
    local = prepared("theirs", digest=digest("mine"), says=PUBLISHED)
    assert kinds(decide(local, post(body=digest("theirs")), base())) == [AdoptPost]


@pytest.mark.parametrize(
    "here",
    [
        {"digest": digest("commented")},
        {"path": "posts/moved.md", "slug": Slug("hello"), "slug_written": True},
        {"path": "posts/moved.md", "slug": Slug("moved")},
    ],
    ids=["a comment", "another place", "another place, and the slug was written"],
)
def test_what_changes_nothing_for_readers_changes_nothing(here: dict[str, Any]) -> None:
    """No write for the sake of the record: it learns of it with the next one."""
    says = {**PUBLISHED, **fields(slug="hello")}
    remote = replace(post(), fields={**post().fields, **fields(slug="hello")})
    written = says if here.get("slug_written") else PUBLISHED
    assert decide(prepared(says=written, **here), remote, base(says=says)) == Verdict(row=4)


@pytest.mark.parametrize("prefer", [Prefer.NEITHER, Prefer.LOCAL])
def test_what_ghost_holds_already_is_only_noted(prefer: Prefer) -> None:
    """Both came to the same title and text: the record learns of it, and nothing that anyone reads is sent."""
    says = fields(title="New", status="published")
    local = prepared("new", digest=digest("mine"), says=says)
    (change,) = decide(local, post(body=digest("new"), fields={"title": "New"}), base(), prefer=prefer).changes
    assert isinstance(change, AdoptPost)
    assert (change.draft.fields, change.draft.body) == (says, None)


# ------------------------------------------------------------------------------------------ one side is gone


@pytest.mark.parametrize("prune", list(Prune))
def test_a_post_of_which_nothing_is_known_does_not_go(prune: Prune) -> None:
    """Its history is forgotten: nobody can say that nobody has touched it."""
    verdict = decide(None, post(), None, prune=prune, prefer=Prefer.LOCAL)
    assert (verdict.row, verdict.changes) == (2, ())


@pytest.mark.parametrize(
    ("prune", "status", "email", "expected"),
    [
        (Prune.REPORT, "published", None, []),
        (Prune.DRAFT, "published", None, [UnpublishPost]),
        (Prune.DRAFT, "scheduled", None, [UnpublishPost]),
        (Prune.DRAFT, "sent", "submitted", [UnpublishPost]),
        (Prune.DRAFT, "draft", None, []),
        (Prune.DELETE, "published", None, [DeletePost]),
        (Prune.DELETE, "draft", None, [DeletePost]),
        (Prune.DELETE, "published", "submitted", []),
        (Prune.DELETE, "published", "failed", []),
    ],
)
def test_the_ladder_of_pruning(prune: Prune, status: str, email: str | None, expected: list[type]) -> None:
    """Reported, unpublished, deleted; what was emailed is never deleted by policy."""
    remote = post(fields={"status": status}, email_status=email, record=record())
    verdict = decide(None, remote, base(says=fields(title="Hello", status=status)), prune=prune)
    assert kinds(verdict) == expected
    assert len(verdict.notes) == (not expected)
    for change in verdict.changes:
        assert isinstance(change, DeletePost | UnpublishPost)
        assert (change.expected, change.was, change.body) == (remote.updated_at, remote.fields, remote.body)


@pytest.mark.parametrize("prefer", list(Prefer))
@pytest.mark.parametrize(
    "moved",
    [
        {"body": digest("theirs")},
        {"fields": {"title": "Theirs"}},
        {"fields": {"meta_title": "Theirs"}},
        {"edit": EDITED},
    ],
    ids=["body", "a field of the document's", "a field of Ghost's", "saved"],
)
def test_what_an_editor_touched_since_does_not_go_for_want_of_a_document(moved: dict[str, Any], prefer: Prefer) -> None:
    """Whatever it was; only `--prefer local` overrides it."""
    known = {"edit": moved["edit"]} if "edit" in moved else {}
    change = {name: value for name, value in moved.items() if name != "edit"}
    remote = post(record=record(), **change)
    verdict = decide(None, remote, base(), of=known, prune=Prune.DELETE, prefer=prefer)
    assert kinds(verdict) == ([DeletePost] if prefer is Prefer.LOCAL else [])
    assert [c.why for c in verdict.conflicts] == ([Why.DELETED_HERE] if prefer is Prefer.NEITHER else [])
    assert len(verdict.notes) == (prefer is Prefer.REMOTE)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_no_hint_offers_to_unpublish_a_draft(status: str) -> None:
    """Of an orphan and of an edited one: a draft can only be deleted."""
    agreed = base(says=fields(title="Hello", status=status))
    (note,) = decide(None, post(fields={"status": status}, record=record()), agreed).notes
    edited = post(fields={"status": status}, record=record(), body=digest("theirs"))
    (conflict,) = decide(None, edited, agreed).conflicts
    for hint in (note.hint, conflict.hint):
        assert ("unpublishes" in str(hint)) is (status == "published")


def test_what_a_person_did_before_our_last_write_was_agreed_on() -> None:
    """It is in base."""
    before = replace(EDITED, at="2026-01-05T08:59:59.000Z")
    verdict = decide(None, post(record=record()), base(), of={"edit": before}, prune=Prune.DELETE)
    assert kinds(verdict) == [DeletePost]


@pytest.mark.parametrize("prefer", list(Prefer))
@pytest.mark.parametrize(
    ("local", "is_changed"),
    [
        (prepared(says=PUBLISHED), False),
        (prepared(says=PUBLISHED, digest=digest("commented")), False),
        (prepared("other", says=PUBLISHED), False),
        (MINE, True),
        (prepared(says=fields(title="Mine", status="published"), digest=digest("mine")), True),
    ],
    ids=["unchanged", "a comment", "a later compiler", "the text", "a field"],
)
def test_a_post_that_is_gone_comes_back_only_where_that_is_asked_for(
    local: Prepared, is_changed: bool, prefer: Prefer
) -> None:
    """An unchanged document agrees to it, a changed one needs a person."""
    verdict = decide(local, None, base(), prefer=prefer)
    assert kinds(verdict) == ([CreatePost] if prefer is Prefer.LOCAL else [])
    contested = is_changed and prefer is Prefer.NEITHER
    assert [c.why for c in verdict.conflicts] == ([Why.DELETED_IN_GHOST] if contested else [])
    assert len(verdict.notes) == (not contested and prefer is not Prefer.LOCAL)
    assert verdict.row == (11 if is_changed else 10)


@pytest.mark.parametrize("prefer", list(Prefer))
def test_a_new_document_whose_post_the_log_calls_deleted(prefer: Prefer) -> None:
    """From a machine that remembers nothing."""
    gone = replace(EDITED, event="deleted")
    verdict = decide(prepared(says=PUBLISHED), None, None, of={"deletion": gone}, prefer=prefer)
    assert kinds(verdict) == ([CreatePost] if prefer is Prefer.LOCAL else [])
    assert len(verdict.notes) == (prefer is not Prefer.LOCAL)


def test_what_is_gone_on_both_sides_is_forgotten() -> None:
    """With the id that this machine remembers."""
    verdict = decide(None, None, base(), of={"gone": PostId("1" * 24)})
    assert verdict.changes == (Forget(path=DocPath("posts/hello.md"), id=PostId("1" * 24)),)


# ------------------------------------------------------------------------------------------ emails


@pytest.mark.parametrize("send_email", [True, False])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_newsletter_needs_the_word_of_the_run(is_new: bool, send_email: bool) -> None:
    """Whether the document names it or an editor has set it, and the plan then names it too."""
    local = prepared(says={**PUBLISHED, **fields(newsletter="weekly")}, digest=digest("mine"))
    remote = None if is_new else post(fields={"status": "draft"}, record=record())
    agreed = None if is_new else base(says=fields(title="Hello", status="draft"))
    verdict = decide(local, remote, agreed, send_email=send_email)
    assert len(verdict.changes) == send_email
    assert [conflict.why for conflict in verdict.conflicts] == ([] if send_email else [Why.EMAIL])
    for change in verdict.changes:
        assert isinstance(change, CreatePost | UpdatePost)
        assert change.email is not None
        assert "newsletter" not in change.sends
    if not is_new:
        editors = replace(remote, newsletter=Slug("weekly"))  # type: ignore[type-var]
        verdict = decide(prepared(says=PUBLISHED, digest=digest("mine")), editors, agreed, send_email=send_email)
        assert len(verdict.changes) == send_email
        if not send_email:
            assert "somebody in Ghost set" in verdict.conflicts[0].message


@pytest.mark.parametrize("is_new", [True, False])
def test_an_email_only_document_without_a_newsletter_is_not_published(is_new: bool) -> None:
    """Whatever the run says: it would be neither sent nor shown."""
    local = prepared(says={**PUBLISHED, **fields(email_only=True)}, digest=digest("mine"))
    remote = None if is_new else post(fields={"status": "draft"}, record=record())
    agreed = None if is_new else base(says=fields(title="Hello", status="draft"))
    for send_email in (True, False):
        verdict = decide(local, remote, agreed, send_email=send_email)
        assert (verdict.changes, [conflict.why for conflict in verdict.conflicts]) == ((), [Why.EMAIL])
