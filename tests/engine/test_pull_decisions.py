"""What a pull decides, pair by pair: no Ghost and no disk, only texts and what is known of their past."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from engine.engine_builders import digest, fields, post, record
from engine.push_steps import HELLO, document

from ghostsync.core.arrivals import Arrival
from ghostsync.core.base import Base, base_of_record
from ghostsync.core.changes import Download, Forget, RemoveFile, WriteFile
from ghostsync.core.compare import Prepared
from ghostsync.core.configuration import Unmanaged
from ghostsync.core.conflicts import NoteKind, Why
from ghostsync.core.documents import parse_document
from ghostsync.core.layout import PullLayout
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer, Prune
from ghostsync.core.pull import decide_pull
from ghostsync.model import DocPath, Edit, FieldValue, Kind, Post, PostId

SITE = "http://site.test/"
NOW = "2026-01-06T00:00:00.000Z"
PATH = DocPath("posts/hello.md")
BODY = "First words.\n\nSecond words.\n"


def local(text: str = HELLO) -> Prepared:
    """Return a document as it is on disk."""
    parsed = parse_document(PATH, text.encode()).document
    assert parsed is not None
    return Prepared(
        document=parsed,
        fields=parsed.fields,
        lexical={"root": {}},
        body=digest(parsed.body),
        assets={},
        known={},
        links={},
        source_body=parsed.body,
    )


def base(text: str = HELLO, **given: Any) -> Base:
    """Return what both sides agreed on when the file was this text."""
    then = local(text)
    kept = given.pop("kept", {})
    return base_of_record(
        record(
            fields=then.fields,
            source=text,
            source_digest=then.document.digest,
            body_digest=then.body,
            kept=kept,
            **given,
        )
    )


def there(body: str = BODY, **said: FieldValue) -> Post:
    """Return what Ghost holds."""
    return post(body=digest(body), fields=said, record=record())


def decide(
    here: Prepared | None,
    remote: Post | None,
    agreed: Base | None,
    *,
    body: str | None = None,
    of: dict[str, Any] | None = None,
    layout: PullLayout | None = None,
    arrival: dict[str, Any] | None = None,
    **policy: Any,
) -> Verdict:
    """Return what a pull does with a pair; `body`: Ghost's body as Markdown."""
    known = {"base_body": BODY if agreed is not None else None, **(of or {})}
    pair = Pair(path=PATH, kind=Kind.POST, local=here, remote=remote, base=agreed, **known)
    brought = None
    if remote is not None:
        brought = Arrival(fields=remote.fields, body=BODY if body is None else body, **(arrival or {}))
    rules = Policy(site_url=SITE, now=NOW, project="site", **policy)
    return decide_pull(pair, rules, layout or PullLayout(), brought)


def written(verdict: Verdict) -> str | None:
    """Return the text that is written; None where nothing is."""
    if not verdict.changes:
        return None
    (change,) = verdict.changes
    assert isinstance(change, WriteFile)
    return change.content


def edited(body: str) -> dict[str, Any]:
    """Return Ghost's side with this body."""
    return {"remote": there(body), "body": body}


# ------------------------------------------------------------------------------------------ rows 4 to 7


def test_nothing_has_happened() -> None:
    """Nothing is written and nothing is said."""
    assert decide(local(), there(), base()) == Verdict(row=4)


def test_only_the_file_has_moved() -> None:
    """It waits for its push; a comment in it waits for nothing."""
    verdict = decide(local(HELLO.replace("First", "Other")), there(), base())
    assert (verdict.row, verdict.changes) == (5, ())
    assert [note.kind for note in verdict.notes] == [NoteKind.UNPUSHED]
    assert decide(local(HELLO.replace("title", "# a comment\ntitle")), there(), base()).notes == ()


@pytest.mark.parametrize("prefer", list(Prefer))
def test_only_ghost_has_moved(prefer: Prefer) -> None:
    """It comes in whatever is preferred: nobody contradicts it."""
    body = BODY.replace("Second", "Edited")
    verdict = decide(local(), agreed=base(), prefer=prefer, **edited(body))
    assert (verdict.row, verdict.conflicts, verdict.notes) == (6, (), ())
    assert written(verdict) == HELLO.replace("Second", "Edited")
    (change,) = verdict.changes
    assert isinstance(change, WriteFile)
    assert (change.expected, change.before) == (local().document.digest, HELLO)
    assert (change.body_changed, change.fields, change.marked) == (True, (), 0)


@pytest.mark.parametrize(
    ("said", "comes_in"),
    [
        ({"excerpt": "Theirs"}, "excerpt: Theirs"),
        ({"title": "Theirs"}, "title: Theirs"),
        ({"status": "draft"}, "status: draft"),
        ({"visibility": "members"}, None),
        ({"authors": ("berta",)}, None),
        ({"published_at": "2026-01-05T00:00:00.000Z"}, None),
    ],
)
def test_which_fields_come_in(said: dict[str, FieldValue], comes_in: str | None) -> None:
    """Content, and what the author wrote; who may read it, who signed it and when stays Ghost's to choose."""
    text = written(decide(local(), there(**said), base()))
    assert (text is None) is (comes_in is None)
    if text is not None:
        assert comes_in in text
        assert text.endswith(BODY)


def test_edits_of_other_places_meet() -> None:
    """A line here, a line and a field there."""
    mine = HELLO.replace("First", "Written")
    body = BODY.replace("Second", "Edited")
    verdict = decide(local(mine), there(body, excerpt="Theirs"), base(), body=body)
    assert (verdict.row, verdict.conflicts) == (7, ())
    text = written(verdict)
    assert text is not None
    assert text.endswith(BODY.replace("First", "Written").replace("Second", "Edited"))
    assert "excerpt: Theirs" in text


@pytest.mark.parametrize("prefer", list(Prefer))
def test_edits_of_one_line_and_one_field(prefer: Prefer) -> None:
    """All three versions stand there and the field stays; `--prefer` takes one side of both."""
    mine = HELLO.replace("Second", "Mine").replace("title: Hello", "title: Mine")
    body = BODY.replace("Second", "Theirs")
    verdict = decide(local(mine), there(body, title="Theirs"), base(), body=body, prefer=prefer)
    text = written(verdict)
    if prefer is Prefer.LOCAL:
        assert (text, verdict.conflicts) == (None, ())
        assert [note.kind for note in verdict.notes] == [NoteKind.UNPUSHED]
        return
    assert text is not None
    assert ("Mine words." in text) is (prefer is Prefer.NEITHER)
    assert "Theirs words." in text
    assert (f"title: {'Theirs' if prefer is Prefer.REMOTE else 'Mine'}\n") in text
    assert [conflict.why for conflict in verdict.conflicts] == ([Why.BOTH_CHANGED] if prefer is Prefer.NEITHER else [])
    for conflict in verdict.conflicts:
        assert "(title, body; last saved at " in conflict.message
        assert "a place is marked in the file" in conflict.message
        assert [field.name for field in conflict.fields] == ["title"]
        assert (conflict.body_base, conflict.body_remote) == (BODY, body)


def test_a_field_that_both_changed_marks_nothing_in_the_text() -> None:
    """The conflict is of the field alone."""
    mine = HELLO.replace("title: Hello", "title: Mine")
    (conflict,) = decide(local(mine), there(title="Theirs"), base()).conflicts
    assert "(title; last saved at" in conflict.message
    assert "marked" not in conflict.message
    assert (conflict.body_base, conflict.body_local, conflict.body_remote) == (None, None, None)


def test_what_the_file_contains_already_is_not_merged_again() -> None:
    """A conflict that was settled in one line, and not pushed yet."""
    mine = HELLO.replace("Second words.", "Edited and written words.")
    body = BODY.replace("Second words.", "Edited words.")
    verdict = decide(local(mine), agreed=base(), **edited(body))
    assert (verdict.changes, verdict.conflicts) == ((), ())
    assert [note.kind for note in verdict.notes] == [NoteKind.UNPUSHED]


def test_without_bases_text_both_stand_side_by_side() -> None:
    """Nobody can tell then what was changed from what."""
    mine = HELLO.replace("First", "Mine")
    body = BODY.replace("Second", "Theirs")
    verdict = decide(local(mine), agreed=base(), of={"base_body": None}, **edited(body))
    text = written(verdict)
    assert text is not None
    assert "Mine words." in text
    assert "Theirs words." in text
    assert len(verdict.conflicts) == 1


# ------------------------------------------------------------------------------------------ row 3


@pytest.mark.parametrize("prefer", list(Prefer))
def test_a_first_meeting(prefer: Prefer) -> None:
    """The same: nothing to do. Else both stand in the file, or one side is taken."""
    assert decide(local(), there(), None, prefer=prefer) == Verdict(row=3)
    body = BODY.replace("Second", "Theirs")
    early = {"history_ends_early": True}
    verdict = decide(local(), there(body, title="Theirs"), None, body=body, of=early, prefer=prefer)
    text = written(verdict)
    assert len(verdict.notes) == (prefer is Prefer.LOCAL)
    assert len(verdict.conflicts) == (prefer is Prefer.NEITHER)
    if text is not None:
        assert ("Second words." in text) is (prefer is Prefer.NEITHER)
        assert "Theirs words." in text
        assert f"title: {'Theirs' if prefer is Prefer.REMOTE else 'Hello'}\n" in text
    for conflict in verdict.conflicts:
        assert conflict.why is Why.NO_SHARED_HISTORY
        assert "which differs in title, body (this clone's history ends early" in conflict.message
    assert (text is None) is (prefer is Prefer.LOCAL)


def test_a_first_meeting_over_a_field_leaves_the_text_alone() -> None:
    """And names the field only."""
    verdict = decide(local(), there(title="Theirs"), None)
    assert verdict.changes == ()
    (conflict,) = verdict.conflicts
    assert "which differs in title" in conflict.message
    assert "body" not in conflict.message
    assert "history ends early" not in conflict.message
    assert (conflict.body_local, conflict.body_remote) == (None, None)


def test_an_open_post_brings_no_tiers_into_a_document_with_tiers() -> None:
    """Ghost lists tiers of every post; only with `visibility: tiers` do they mean anything."""
    here = local(document(tiers=["gold"]))
    open_to_all = there(visibility="public", tiers=("gold", "silver"))
    text = written(decide(here, open_to_all, None, prefer=Prefer.REMOTE))
    assert text is not None
    assert "tiers" not in text
    assert "visibility: public" in text


# ------------------------------------------------------------------------------------------ no post


@pytest.mark.parametrize("prefer", list(Prefer))
@pytest.mark.parametrize("prune", list(Prune))
@pytest.mark.parametrize("is_changed", [True, False])
def test_a_file_goes_only_where_that_is_asked_for(is_changed: bool, prune: Prune, prefer: Prefer) -> None:
    """An untouched one by `--prune`, one with edits only by `--prefer remote`, and only as it was seen."""
    here = local(HELLO.replace("First", "Mine") if is_changed else HELLO)
    verdict = decide(here, None, base(), prune=prune, prefer=prefer)
    goes = prefer is Prefer.REMOTE if is_changed else prune is Prune.DELETE
    assert [type(change) for change in verdict.changes] == ([RemoveFile] if goes else [])
    for change in verdict.changes:
        assert isinstance(change, RemoveFile)
        assert change.expected == here.document.digest
    contested = is_changed and prefer is Prefer.NEITHER
    assert [c.why for c in verdict.conflicts] == ([Why.DELETED_IN_GHOST] if contested else [])
    assert len(verdict.notes) == (not goes and not contested)


def test_a_new_file_waits_for_its_push() -> None:
    """Where Ghost's log says that its post was deleted, that is told instead."""
    assert [n.kind for n in decide(local(), None, None, prune=Prune.DELETE).notes] == [NoteKind.UNPUSHED]
    gone = Edit(at=NOW, event="deleted", who="Berta", is_person=True, resource_type="post", resource_id="1")
    verdict = decide(local(), None, None, of={"deletion": gone}, prune=Prune.DELETE, prefer=Prefer.REMOTE)
    assert (verdict.row, verdict.changes) == (10, ())
    assert "by Berta at 2026-01-06 00:00 UTC" in verdict.notes[0].message


def test_what_is_gone_on_both_sides_is_forgotten() -> None:
    """With the id that this machine remembers."""
    verdict = decide(None, None, base(), of={"gone": PostId("1" * 24)})
    assert verdict.changes == (Forget(path=PATH, id=PostId("1" * 24)),)


# ------------------------------------------------------------------------------------------ no file


@pytest.mark.parametrize("prefer", list(Prefer))
@pytest.mark.parametrize("was_here", [True, False])
@pytest.mark.parametrize("is_edited", [True, False])
def test_a_file_that_is_not_here(is_edited: bool, was_here: bool, prefer: Prefer) -> None:
    """It comes, in the author's own words with Ghost's edit in them; what was deleted here only where Ghost moved."""
    body = BODY.replace("Second", "Edited") if is_edited else BODY
    verdict = decide(None, agreed=base(), of={"was_here": was_here}, prefer=prefer, **edited(body))
    stays_away = was_here and (not is_edited or prefer is Prefer.LOCAL) and prefer is not Prefer.REMOTE
    assert [note.kind for note in verdict.notes] == ([NoteKind.DELETED_HERE] if stays_away else [])
    assert written(verdict) == (None if stays_away else HELLO.replace("Second", "Edited") if is_edited else HELLO)
    for change in verdict.changes:
        assert isinstance(change, WriteFile)
        assert (change.expected, change.before) == (None, None)
    assert verdict.row == (9 if is_edited else 8)


@pytest.mark.parametrize("is_ours", [True, False])
@pytest.mark.parametrize("unmanaged", list(Unmanaged))
def test_a_post_of_which_no_base_is_known(is_ours: bool, unmanaged: Unmanaged) -> None:
    """It is composed; where the configuration says so, other people's posts stay where they are."""
    remote = replace(there(), record=record(project="site" if is_ours else None))
    verdict = decide(None, remote, None, layout=PullLayout(unmanaged=unmanaged))
    stays = unmanaged is Unmanaged.IGNORE and not is_ours
    assert (written(verdict) is None) is stays
    assert [note.kind for note in verdict.notes] == ([NoteKind.UNMANAGED] if stays else [])
    if not stays:
        assert "First words." in (written(verdict) or "")


def test_what_was_deleted_here_and_has_no_base_stays_away() -> None:
    """Until Ghost's version is asked for."""
    assert written(decide(None, there(), None, of={"was_here": True})) is None
    assert written(decide(None, there(), None, of={"was_here": True}, prefer=Prefer.REMOTE)) is not None
    for whose, says in (("site", "--prune draft"), (None, "delete it in Ghost")):
        (note,) = decide(None, replace(there(), record=record(project=whose)), None, of={"was_here": True}).notes
        assert says in str(note.hint)  # a push takes nothing away that never was this tree's


@pytest.mark.parametrize(
    "damage",
    [{"source": None}, {"source": HELLO.replace("First", "Other")}, {"path": DocPath("posts/other.md")}],
    ids=["none", "of another text", "of another path"],
)
def test_a_source_that_does_not_prove_itself_is_not_written(damage: dict[str, Any]) -> None:
    """Whoever may edit a post may write its record: only the text whose digest it names is the author's."""
    text = written(decide(None, there(), replace(base(), **damage)))
    assert text is not None
    assert text != HELLO
    assert "Other words." not in text
    assert "First words." in text


# ------------------------------------------------------------------------------------------ files that come along


def test_what_is_fetched_is_what_the_text_needs() -> None:
    """For a body that comes in its pictures, for a field its own, and nothing for what stays away."""
    for_body = Download(url=f"{SITE}a.png", path=DocPath("a.png"))
    for_field = Download(url=f"{SITE}b.png", path=DocPath("b.png"))
    brings = {"for_body": (for_body,), "for_fields": fields(feature_image=for_field)}  # type: ignore[arg-type]
    body = BODY.replace("Second", "Edited")
    picture = "media/b.png"

    def fetched(remote: Post, body: str = BODY) -> list[str]:
        (change,) = decide(local(), remote, base(), body=body, arrival=brings).changes
        assert isinstance(change, WriteFile)
        return [download.path for download in change.downloads]

    assert fetched(there(body), body) == ["a.png"]
    assert fetched(there(feature_image=picture)) == ["b.png"]
    assert fetched(there(body, feature_image=picture), body) == ["a.png", "b.png"]
    assert fetched(there(title="Theirs")) == []


def test_a_file_that_cannot_be_fetched_is_told_with_the_text() -> None:
    """And not again where there is nothing to write."""
    refused = {"refused": ("the name `..` leads out",)}
    verdict = decide(local(), there(title="Theirs"), base(), arrival=refused)
    assert [note.kind for note in verdict.notes] == [NoteKind.WARNING]
    assert "its address stays in the text" in verdict.notes[0].message
    assert decide(local(), there(), base(), arrival=refused).notes == ()
