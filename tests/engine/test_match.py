"""Matching documents with posts."""

from __future__ import annotations

import itertools
from dataclasses import replace

from engine.engine_builders import digest, face, post, record

from ghostsync.core.conflicts import Why
from ghostsync.core.match import Matches, match_documents
from ghostsync.model import DocPath, Face, Kind, Post, PostId, Slug


def matched(faces: list[Face], posts: list[Post], cached: dict[str, str] | None = None) -> Matches:
    """Match, in every order of the inputs; all must agree."""
    results = [
        match_documents(
            some,
            others,
            project="site",
            cached={DocPath(path): PostId(number) for path, number in (cached or {}).items()},
        )
        for some in itertools.permutations(faces)
        for others in itertools.permutations(posts)
    ]
    assert all(result == results[0] for result in results)
    return results[0]


def pairs(matches: Matches) -> dict[str, str]:
    """Return path → the post's number, without zeros."""
    return {str(path): found.id.lstrip("0") for path, found in matches.pairs.items()}


def test_the_cached_id_comes_first() -> None:
    """Whatever slugs and paths say."""
    one, two = post(1, record=record()), post(2, slug=Slug("x"), record=record(op="2", path=DocPath("x.md")))
    matches = matched([face()], [one, two], cached={"posts/hello.md": two.id})
    assert pairs(matches) == {"posts/hello.md": "2"}
    assert matches.orphans == (one,)


def test_then_the_slug() -> None:
    """Also of a post of nobody: whether it may be written is decided later."""
    assert pairs(matched([face()], [post(1)])) == {"posts/hello.md": "1"}


def test_then_the_path_of_the_record() -> None:
    """The slug changed in the document, or an editor changed it in Ghost."""
    changed = face(slug=Slug("welcome"))
    assert pairs(matched([changed], [post(1, record=record())])) == {"posts/hello.md": "1"}
    assert pairs(matched([face()], [post(1, record=record(), slug=Slug("edited"))])) == {"posts/hello.md": "1"}


def test_then_the_unchanged_source() -> None:
    """A file moved and its slug followed the name; two candidates are none."""
    moved = face("posts/welcome.md")
    assert pairs(matched([moved], [post(1, record=record())])) == {"posts/welcome.md": "1"}
    twins = [post(1, record=record()), post(2, slug=Slug("twin"), record=record(op="2", path=DocPath("twin.md")))]
    assert pairs(matched([moved], twins)) == {}
    changed = face("posts/welcome.md", digest=digest("other"), title="Another")
    assert pairs(matched([changed], [post(1, record=record())])) == {}


def test_then_the_title() -> None:
    """A file renamed and edited at once; not where two documents or two posts have it, or the old document is there."""
    moved = face("posts/welcome.md", digest=digest("other"), slug=Slug("welcome"))
    mine = post(1, record=record())
    assert pairs(matched([moved], [mine])) == {"posts/welcome.md": "1"}
    twin = post(2, slug=Slug("twin"), record=record(op="2", path=DocPath("twin.md"), slug=Slug("twin")))
    assert pairs(matched([moved], [mine, twin])) == {}
    again = face("posts/again.md", digest=digest("more"), slug=Slug("again"))
    assert pairs(matched([moved, again], [mine])) == {}
    kept = face(slug=Slug("another"), title="Another", digest=digest("third"))
    assert pairs(matched([moved, kept], [mine])) == {"posts/hello.md": "1"}


def test_a_remembered_id_follows_its_document() -> None:
    """`git mv` and a new file in its place: what is remembered under the old path does not claim the old post."""
    mine = post(1, slug=Slug("old"), record=record(slug=Slug("old")))
    moved = face("posts/moved.md", slug=Slug("old"))
    new = face(slug=Slug("new"), digest=digest("new"), title="New")
    assert pairs(matched([moved, new], [mine], cached={"posts/hello.md": mine.id})) == {"posts/moved.md": "1"}


def test_swapped_slugs_keep_their_posts() -> None:
    """Each document has a post of its own by path; its new slug is the other's old one."""
    one = post(1, slug=Slug("one"), record=record(path=DocPath("one.md"), slug=Slug("one")))
    two = post(2, slug=Slug("two"), record=record(op="2", path=DocPath("two.md"), slug=Slug("two")))
    faces = [face("one.md", slug=Slug("two"), digest=digest("1")), face("two.md", slug=Slug("one"), digest=digest("2"))]
    assert pairs(matched(faces, [one, two])) == {"one.md": "1", "two.md": "2"}


def test_a_moved_file_with_a_new_one_in_its_place() -> None:
    """The post follows its text, not its old name."""
    old = post(1, slug=Slug("old"), record=record(path=DocPath("x.md"), slug=Slug("old")))
    faces = [face("y.md", slug=Slug("old")), face("x.md", slug=Slug("new"), digest=digest("new"), title="New")]
    matches = matched(faces, [old])
    assert pairs(matches) == {"y.md": "1"}
    assert matches.documents == ("x.md",)


def test_a_new_document_on_a_slug_that_was_left() -> None:
    """The document that the record names took another slug; whoever comes to the old one is new."""
    old = post(1, slug=Slug("old"), record=record(path=DocPath("x.md"), slug=Slug("old")))
    faces = [face("x.md", slug=Slug("moved")), face("z.md", slug=Slug("old"), digest=digest("z"), title="Z")]
    matches = matched(faces, [old])
    assert pairs(matches) == {"x.md": "1"}
    assert matches.documents == ("z.md",)


def test_foreign_posts_are_named() -> None:
    """The slug of a post of another project blocks the document, also when only its history says whose it is."""
    for held in ({"record": record(project="other")}, {"last_record": record(project="other")}):
        matches = matched([face()], [post(1, **held)])
        (conflict,) = matches.conflicts
        assert conflict.why is Why.OTHER_PROJECT
        assert "`other`" in conflict.message
        assert (matches.pairs, matches.blocked, matches.orphans) == ({}, {"posts/hello.md"}, ())


def test_orphans_are_ours_alone() -> None:
    """Not posts of nobody, of others, nor copies; a post whose history is ours is."""
    mine = post(1, slug=Slug("mine"), last_record=record(slug=Slug("mine")))
    theirs = post(2, slug=Slug("theirs"), record=record(op="2", project=None, path=DocPath("t.md")))
    nobodys = post(3, slug=Slug("nobodys"), has_marker=True)
    copy = post(4, slug=Slug("copy"), record=record(), created_at="2026-02-01T00:00:00.000Z")
    matches = matched([], [mine, theirs, nobodys, copy])
    assert matches.orphans == (mine,)
    assert matches.foreign == (theirs,)
    assert matches.unmanaged == (nobodys, copy)


def test_a_page_does_not_become_a_post() -> None:
    """Refused, with both kinds named."""
    matches = matched([face(kind=Kind.PAGE)], [post(1, record=record())])
    assert [conflict.why for conflict in matches.conflicts] == [Why.KIND_CHANGED]
    assert matches.pairs == {}


def test_a_create_that_went_wrong() -> None:
    """Another slug than asked for, untouched, with our title: half made. A person's new slug, or a copy, is not."""
    untouched = {"slug": Slug("hello-2"), "record": record(), "updated_at": "2026-01-05T09:00:00.000Z"}
    half = post(1, **untouched)
    assert matched([face()], [half]).half_made == (half,)
    edited = post(1, slug=Slug("hello-2"), record=record(), updated_at="2026-01-05T10:00:00.000Z")
    assert matched([face()], [edited]).half_made == ()
    copy = post(1, **untouched, fields={"title": "Hello (Copy)"})
    assert matched([face()], [copy]).half_made == ()
    renamed = post(1, **untouched, fields={"title": "Hello again"})
    assert matched([face()], [renamed]).half_made == ()
    typed = post(1, **untouched, body=digest("theirs"))
    assert matched([face()], [typed]).half_made == ()
    for theirs in (record(project="other"), record(project=None), record(version=2)):
        assert matched([face()], [post(1, **{**untouched, "record": theirs})]).half_made == ()
    for slug in ("hello", "hello-b", "hello-2-3", "hello2", "well-hello-2"):
        assert matched([face()], [post(1, **{**untouched, "slug": Slug(slug)})]).half_made == ()
    imported = post(1, **untouched, id=PostId(f"{1_800_000_000:08x}{1:016x}"))
    assert matched([face()], [imported]).half_made == ()


def test_renamed_files_of_one_title_are_told_by_their_texts() -> None:
    """Two documents called alike have moved: each finds the post that its own text was pushed to."""
    posts = [
        post(n, slug=Slug(name), record=record(op=name, path=DocPath(f"{name}.md"), source_digest=digest(name)))
        for n, name in ((1, "one"), (2, "two"))
    ]
    moved = [face(f"new/{name}.md", slug=Slug(f"new-{name}"), digest=digest(name)) for name in ("one", "two")]
    assert pairs(matched(moved, posts)) == {"new/one.md": "1", "new/two.md": "2"}


def test_a_document_that_is_there_keeps_its_post_from_its_copy() -> None:
    """The file was copied: the same text under two names is one post and a new document."""
    mine = post(1, record=record())
    matches = matched([face(slug=Slug("moved")), face("posts/copied.md", slug=Slug("copied"))], [mine])
    assert (pairs(matches), matches.documents) == ({"posts/hello.md": "1"}, ("posts/copied.md",))


def test_what_a_later_version_wrote_is_one_conflict_for_each_document() -> None:
    """Also where two posts name one path, or another conflict has blocked the document."""
    later = record(version=2, fields={}, body_digest=digest(""), source_digest=digest(""))
    twins = [post(n, slug=Slug(f"s{n}"), record=replace(later, op=f"op-{n}", slug=Slug(f"s{n}"))) for n in (1, 2)]
    assert [conflict.why for conflict in matched([], twins).conflicts] == [Why.NEWER]
    assert matched([], twins).orphans == ()
    page = matched([face(kind=Kind.PAGE)], [post(1, record=later)])
    assert [conflict.why for conflict in page.conflicts] == [Why.KIND_CHANGED]
