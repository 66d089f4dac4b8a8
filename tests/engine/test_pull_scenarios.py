"""Pull, in the situations that it exists for: editors and writers at work on one text, and whole sites that move."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from engine.ghosts import FakeOne, Ghost
from engine.pull_steps import plan_pull, planned, pull, tree
from engine.push_steps import HELLO, document
from engine.test_push_rows import _lexical
from world import Clone, errors, in_agreement

from ghostsync.core.conflicts import Why
from ghostsync.core.outcome import Status
from ghostsync.core.tags import parse_tags
from ghostsync.core.verbs import verb
from ghostsync.local.history import History
from ghostsync.local.past import GitPast

CloneMaker = Callable[..., Clone]
EXAMPLE = Path(__file__).parents[2] / "example-site"
UNREFERENCED = {".ghostsyncignore", "README.md", "_template.md"}

WRAPPED = """---
# What the editors must not lose:
title: "The harbour"   # as on the chart
tags:
  - Tides
  - Log
excerpt: >-
  A short word about
  the harbour.
status: published
---

The harbour lies behind a wall that was
built in 1840, and that everybody calls
*the new wall* ever since[^1].

* One list
* with stars

See the [chart][chart] for the depths,
and mind the stones.

Last words, with a typpo in them, wrapped
where the author liked it.

[chart]: https://example.com/chart "The chart"
[^1]: It has been repaired twice.
"""


def lines_changed(before: str, after: str) -> list[tuple[str, str]]:
    """Return the pairs of lines that differ; the texts must have equally many."""
    old, new = before.splitlines(), after.splitlines()
    assert len(old) == len(new), after
    return [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]


def harbour(clone: CloneMaker, ghost: Ghost) -> Clone:
    """Return a clone that has pushed a text with a will of its own."""
    a = clone("a")
    a.write("posts/harbour.md", WRAPPED)
    assert errors(a.push()) == []
    ghost.pass_time(600)
    return a


def git(root: Path, *arguments: str) -> None:
    """Run Git as somebody."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def committed(clone: Clone) -> None:
    """Commit everything in a clone."""
    if not (clone.root / ".git").exists():
        git(clone.root, "init", "-q", "-b", "main")
    git(clone.root, "add", "-A")
    git(clone.root, "commit", "-q", "-m", "what is there")


# ---------------------------------------------------------------------------------------------- editing


def test_a_typo_fixed_in_ghost_changes_one_line(clone: CloneMaker, ghost: Ghost) -> None:
    """Hard-wrapped text, reference links, stars, comments: an editor's typo correction is one line in one file."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    assert errors(pull(a)) == []
    changed = lines_changed(WRAPPED, a.read("posts/harbour.md"))
    assert changed == [("Last words, with a typpo in them, wrapped", "Last words, with a typo in them, wrapped")]
    assert plan_pull(a).changes == ()


def test_an_editor_goes_on_in_a_line_that_was_pulled(clone: CloneMaker, ghost: Ghost) -> None:
    """Her second edit of a line comes down like her first: nothing between the two was written here."""
    a = clone("a", cached=True)
    a.write("posts/harbour.md", WRAPPED)
    assert errors(a.push()) == []
    for before, after in (("typpo", "tipo"), ("tipo", "typo")):
        ghost.pass_time(600)
        ghost.type("harbour", before, after)
        found = planned(a)
        assert found.plan.conflicts == ()
        report = a.apply(found.plan)
        found.remember(report)
        assert errors(report) == []
    assert lines_changed(WRAPPED, a.read("posts/harbour.md")) == [
        ("Last words, with a typpo in them, wrapped", "Last words, with a typo in them, wrapped")
    ]


def test_what_was_pulled_permits_no_write_from_another_version(clone: CloneMaker, fake: FakeOne) -> None:
    """The older file, back from another branch after a pull, does not take the editor's words out of Ghost."""
    a = clone("a", cached=True)
    a.write("posts/harbour.md", WRAPPED)
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.type("harbour", "typpo", "typo")
    assert errors(pull(a)) == []
    a.write("posts/harbour.md", WRAPPED)
    assert a.plan().changes == ()


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        ({"title": "The old harbour"}, 'title: "The harbour"   # as on', 'title: "The old harbour"   # as on'),
        ({"tags": [{"slug": "tides"}, {"slug": "hash-ghostsync"}]}, "  - Log\n", ""),
        (
            {"tags": [{"slug": "tides"}, {"slug": "log"}, {"name": "Stones"}, {"slug": "hash-ghostsync"}]},
            "  - Log\n",
            "  - Log\n  - Stones\n",
        ),
        ({"status": "draft"}, "status: published", "status: draft"),
        ({"featured": True}, None, "featured: true\n"),
        ({"meta_title": "For engines"}, None, "meta_title: For engines\n"),
        ({"custom_excerpt": None}, "excerpt: >-\n  A short word about\n  the harbour.\n", ""),
    ],
    ids=["title", "tag goes", "tag comes", "unpublished", "featured", "meta", "excerpt goes"],
)
def test_a_setting_changed_in_ghost_changes_its_key_only(
    clone: CloneMaker, ghost: Ghost, edit: dict[str, object], old: str | None, new: str
) -> None:
    """A field that an editor changes is changed in the front matter, and no other byte is."""
    a = harbour(clone, ghost)
    ghost.save("harbour", **edit)
    assert errors(pull(a)) == []
    after = a.read("posts/harbour.md")
    if old is not None:
        assert after == WRAPPED.replace(old, new)
    else:
        assert after.replace(new, "", 1) == WRAPPED
    assert plan_pull(a).changes == ()


def test_a_multi_line_excerpt_is_rewritten_in_its_own_form(clone: CloneMaker, ghost: Ghost) -> None:
    """An excerpt in folded lines stays folded."""
    a = harbour(clone, ghost)
    ghost.save("harbour", custom_excerpt="Another word about the harbour.")
    assert errors(pull(a)) == []
    after = a.read("posts/harbour.md")
    assert "excerpt: >-\n  Another" in after
    assert after.partition("status:")[2] == WRAPPED.partition("status:")[2]


def test_fields_that_the_author_never_wrote_stay_ghosts_to_choose(clone: CloneMaker, ghost: Ghost) -> None:
    """Publishing, dating and restricting a post in Ghost does not put keys into a file that says nothing of it."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nWords.\n")
    a.push()
    ghost.pass_time(600)
    ghost.save("hello", status="published", visibility="members")
    assert plan_pull(a).changes == ()


def test_writer_and_editor_in_different_places_merge(clone: CloneMaker, ghost: Ghost) -> None:
    """A paragraph and the tags here, another paragraph and the excerpt there: one pull, one update, both edits live."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    ghost.save("harbour", custom_excerpt="From the editor.")
    mine = WRAPPED.replace("built in 1840", "built in 1841").replace("  - Log\n", "  - Log\n  - Stones\n")
    a.write("posts/harbour.md", mine)
    (conflict,) = a.plan().conflicts
    assert conflict.why is Why.BOTH_CHANGED
    assert errors(pull(a)) == []
    text = a.read("posts/harbour.md")
    assert "1841" in text
    assert "a typo in" in text
    assert "- Stones" in text
    before = len([w for w in ghost.writes() if w.endswith("posts")])
    assert errors(a.push()) == []
    assert len([w for w in ghost.writes() if w.endswith("posts")]) == before + 1
    row = ghost.find("harbour")
    assert "1841" in row["html"]
    assert "typo in" in row["html"]
    assert row["custom_excerpt"] == "From the editor."
    assert ghost.tags("harbour")[:3] == ["tides", "log", "stones"]
    assert in_agreement(a.plan())
    assert plan_pull(a).changes == ()


def test_the_same_lines_stand_marked_and_a_resolution_goes_through(clone: CloneMaker, ghost: Ghost) -> None:
    """Both texts stay; a marked file is not published; a settled one is pushed from a clone without a cache."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    a.write("posts/harbour.md", WRAPPED.replace("typpo", "slip of the pen"))
    a.write("posts/other.md", "---\ntitle: Other\n---\nNot touched by any of this.\n")
    report = pull(a)
    assert errors(report) == []
    assert [conflict.why for conflict in report.plan.conflicts] == [Why.BOTH_CHANGED]
    marked = a.read("posts/harbour.md")
    assert "<<<<<<< this file\n" in marked
    assert "slip of the pen" in marked
    assert "a typo in them" in marked
    assert [(p.path, p.line) for p in a.plan().problems] == [
        ("posts/harbour.md", marked[: marked.index("<<<<<<<")].count("\n") + 1)
    ]
    assert pull(a).plan.changes == ()
    assert a.read("posts/harbour.md") == marked
    settled = WRAPPED.replace("typpo", "typo, a slip of the pen,")
    b = clone("b", of=a)
    b.write("posts/harbour.md", settled)
    assert b.plan().conflicts == ()
    assert errors(b.push()) == []
    assert "typo, a slip of the pen," in ghost.find("harbour")["html"]
    ghost.pass_time(600)
    c = clone("c", of=b)
    assert in_agreement(c.plan())


@pytest.mark.parametrize("side", ["local", "remote"])
def test_a_preference_decides_contested_places_only(clone: CloneMaker, ghost: Ghost, side: str) -> None:
    """With `--prefer`, what both changed is settled for one side; what one side changed comes in either way."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    ghost.type("harbour", "mind the stones", "mind the rocks")
    ghost.save("harbour", title="Theirs", custom_excerpt="Theirs.")
    a.write("posts/harbour.md", WRAPPED.replace("typpo", "slip").replace('"The harbour"', '"Mine"'))
    report = pull(a, prefer=side)
    assert errors(report) == []
    assert report.plan.conflicts == ()
    text = a.read("posts/harbour.md")
    assert "rocks" in text
    assert "Theirs." in text
    assert ("a slip in" in text, "a typo in" in text) == ((True, False) if side == "local" else (False, True))
    assert ('title: "Mine"' in text) == (side == "local")


def test_a_contested_field_keeps_its_local_value_and_is_reported(clone: CloneMaker, ghost: Ghost) -> None:
    """Two titles: the file keeps its own, the conflict names all three, and the rest of the edit comes in."""
    a = harbour(clone, ghost)
    ghost.save("harbour", title="Theirs", featured=True)
    a.write("posts/harbour.md", WRAPPED.replace('"The harbour"', '"Mine"'))
    report = pull(a)
    (conflict,) = report.plan.conflicts
    (field,) = conflict.fields
    assert (field.name, field.base, field.local, field.remote) == ("title", "The harbour", "Mine", "Theirs")
    text = a.read("posts/harbour.md")
    assert 'title: "Mine"' in text
    assert "featured: true" in text


def test_a_file_edited_while_pull_runs_is_not_overwritten(clone: CloneMaker, ghost: Ghost) -> None:
    """The plan believes in the bytes it read; other bytes are left alone, and said."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    found = planned(a)
    a.write("posts/harbour.md", WRAPPED + "\nOne more.\n")
    report = a.apply(found.plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    assert "changed since" in errors(report)[0]
    assert a.read("posts/harbour.md") == WRAPPED + "\nOne more.\n"


def test_permissions_and_line_ends_stay(clone: CloneMaker, ghost: Ghost) -> None:
    """A file with CRLF line ends and its own permissions keeps both."""
    a = clone("a")
    place = a.write("posts/hello.md", b"---\r\ntitle: Hello\r\n---\r\nOne typpo.\r\n\r\nTwo.\r\n")
    place.chmod(0o640)
    a.push()
    ghost.pass_time(600)
    ghost.type("hello", "typpo", "typo")
    assert errors(pull(a)) == []
    assert place.read_bytes() == b"---\r\ntitle: Hello\r\n---\r\nOne typo.\r\n\r\nTwo.\r\n"
    assert place.stat().st_mode & 0o777 == 0o640


def test_toml_and_json_front_matter_keep_their_form(clone: CloneMaker, ghost: Ghost) -> None:
    """A title changed in Ghost is changed in the author's own syntax."""
    a = clone("a")
    a.write("posts/one.md", '+++\ntitle = "One" # first\ntags = ["A"]\n+++\nWords.\n')
    a.write("posts/two.md", '{\n  "title": "Two",\n  "slug": "two"\n}\n\nWords.\n')
    a.push()
    ghost.pass_time(600)
    ghost.save("one", title="Uno")
    ghost.save("two", title="Due")
    assert errors(pull(a)) == []
    assert a.read("posts/one.md") == '+++\ntitle = "Uno" # first\ntags = ["A"]\n+++\nWords.\n'
    assert a.read("posts/two.md") == '{\n  "title": "Due",\n  "slug": "two"\n}\n\nWords.\n'


def test_a_selection_leaves_everything_else_alone(clone: CloneMaker, ghost: Ghost) -> None:
    """A pull of one path writes that path only."""
    a = harbour(clone, ghost)
    ghost.type("harbour", "typpo", "typo")
    ghost.create("Somebody's", lexical=_lexical("Words."))
    plan = plan_pull(a, covers=lambda path: path == "posts/other.md", is_everything=False)
    assert plan.changes == ()
    plan = plan_pull(a, covers=lambda path: path == "posts/harbour.md", is_everything=False)
    assert [(verb(change), change.path) for change in plan.changes] == [("write", "posts/harbour.md")]  # type: ignore[union-attr]


# ---------------------------------------------------------------------------------------------- moving sites


def test_the_example_site_comes_back_byte_for_byte(clone: CloneMaker, ghost: Ghost) -> None:
    """Pushed into an empty site and pulled on a machine that knows nothing: every document and every file again."""
    a = clone("a", project="example-site")
    shutil.copytree(EXAMPLE, a.root, dirs_exist_ok=True)
    assert errors(a.push()) == []
    ghost.pass_time(600)
    b = clone("b", project="example-site")
    shutil.copy(EXAMPLE / "ghostsync.toml", b.root)
    assert errors(pull(b)) == []
    here, there = tree(a.root), tree(b.root)
    assert set(here) - set(there) == UNREFERENCED
    assert set(there) - set(here) == set()
    assert [path for path in there if here[path] != there[path]] == ["tags.yaml"]
    assert _tags(here["tags.yaml"]) == _tags(there["tags.yaml"])
    assert in_agreement(b.plan())
    assert plan_pull(b).changes == ()


def _tags(data: bytes) -> dict[str, object]:
    tags, problems = parse_tags(data)
    assert problems == ()
    return {tag.slug: (tag.name, dict(tag.fields)) for tag in tags}


def png(width: int) -> bytes:
    """Return a grey picture, one pixel high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" + b"\x80" * width)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def filled(ghost: FakeOne) -> None:
    """Fill a site as people do in Ghost: pictures, links, pages, tags, an old post, a draft and a schedule."""
    ghost.fake.state.uploads.put("images/2026/01/tide.png", ("image/png", png(3)))
    ghost.fake.state.uploads.put("images/2026/01/tide_o.png", ("image/png", png(4)))
    ghost.fake.state.uploads.put("images/2025/12/tide.png", ("image/png", png(5)))
    ghost.fake.state.uploads.put("images/2026/01/lamp.png", ("image/png", png(6)))
    ghost.fake.state.uploads.put("files/2026/01/chart.pdf", ("application/pdf", b"%PDF chart"))
    url = ghost.fake.url
    ghost.create(
        "First", status="published", lexical=_lexical("First words."), tags=[{"name": "News"}, {"name": "#in"}]
    )
    picture = {"type": "image", "version": 1, "src": f"{url}/content/images/2026/01/tide.png", "alt": "The tide"}
    other = {**picture, "src": f"{url}/content/images/2025/12/tide.png"}
    body = json.loads(_lexical("Second words."))
    body["root"]["children"] += [picture, other]
    ghost.create(
        "Second: yes",
        status="published",
        lexical=json.dumps(body),
        feature_image=f"{url}/content/images/2026/01/tide.png",
        custom_excerpt="What: it says",
    )
    linked = json.loads(_lexical("See "))
    linked["root"]["children"][0]["children"].append(
        {
            "type": "link",
            "url": f"{url}/first/#part",
            "rel": None,
            "target": None,
            "title": None,
            "version": 1,
            "direction": "ltr",
            "format": "",
            "indent": 0,
            "children": [
                {
                    "type": "extended-text",
                    "text": "it",
                    "format": 0,
                    "detail": 0,
                    "mode": "normal",
                    "style": "",
                    "version": 1,
                }
            ],
        }
    )
    ghost.create("About us", to="pages", status="published", lexical=json.dumps(linked))
    ghost.create("readme", lexical=_lexical("A draft with a name of its own."))
    ghost.create("2024-05-06 diary", lexical=_lexical("A draft whose name looks like a date."))
    ghost.create("Later", status="scheduled", published_at="2031-02-03T04:05:06.000Z", lexical=_lexical("Wait."))
    old = ghost.create("Old", status="published", lexical=_lexical("x"))
    mobiledoc = {"version": "0.3.1", "atoms": [], "cards": [["hr", {}]], "markups": [], "sections": [
        [1, "p", [[0, [], 0, "An old post."]]], [10, 0], [1, "p", [[0, [], 0, "Its end."]]]]}  # fmt: skip
    ghost.fake.put_mobiledoc(old["id"], json.dumps(mobiledoc))
    lamp = f"{url}/content/images/2026/01/lamp.png"
    ghost.save_tag("news", name="News", description="What happened: all of it", feature_image=lamp)
    ghost.pass_time(600)


def test_a_site_made_in_ghost_is_imported_and_pushes_as_unchanged(clone: CloneMaker, fake: FakeOne) -> None:
    """Posts of nobody come down with pictures, links, tags; a push from here or a fresh clone writes nothing."""
    filled(fake)
    a = clone("a", cached=True)
    report = pull(a)
    assert errors(report) == []
    assert (report.plan.problems, report.plan.conflicts) == ((), ())
    files = tree(a.root)
    assert {"posts/first.md", "pages/about-us.md", "posts/old.md", "tags.yaml"} <= set(files)
    assert sorted(v for k, v in files.items() if k.startswith("media/")) == sorted([png(4), png(5), png(6)])
    assert "[it](../posts/first.md#part)" in a.read("pages/about-us.md")
    assert "feature_image: ../media/tide.png" in a.read("posts/second-yes.md")
    assert parse_tags(files["tags.yaml"])[0][0].fields["description"] == "What happened: all of it"
    assert parse_tags(files["tags.yaml"])[0][0].fields["feature_image"] == "media/lamp.png"
    plan = a.plan()
    assert (plan.changes, plan.conflicts, plan.problems) == ((), (), ())
    committed(a)
    before = len(fake.writes())
    b = clone("b", of=a)
    with History(b.root) as history:
        b.past = GitPast(history)
        plan = b.plan()
        assert (plan.changes, plan.conflicts, plan.problems) == ((), (), ())
        assert errors(b.push()) == []
    assert len(fake.writes()) == before


def test_an_import_is_the_same_in_every_directory(clone: CloneMaker, fake: FakeOne) -> None:
    """Importing again into another directory gives the same bytes under the same names."""
    filled(fake)
    a, b = clone("a"), clone("b")
    assert errors(pull(a)) == errors(pull(b)) == []
    assert tree(a.root) == tree(b.root)


def test_an_imported_post_that_an_editor_changes_is_patched_in_a_fresh_clone(clone: CloneMaker, fake: FakeOne) -> None:
    """Git's history is the base of an imported post: one file changes, and there is no conflict."""
    filled(fake)
    a = clone("a")
    pull(a)
    committed(a)
    fake.type("second-yes", "Second", "Third")
    b = clone("b", of=a)
    with History(b.root) as history:
        b.past = GitPast(history)
        report = pull(b)
    assert errors(report) == []
    assert (report.plan.conflicts, report.plan.problems) == ((), ())
    assert [change.path for change in report.plan.changes] == ["posts/second-yes.md"]  # type: ignore[union-attr]
    assert b.read("posts/second-yes.md") == a.read("posts/second-yes.md").replace("Second words", "Third words")


def test_an_imported_post_that_an_editor_changes_is_patched_where_nothing_was_committed(
    clone: CloneMaker, ghost: Ghost
) -> None:
    """Without Git and before any record, the machine that imported knows that a file is still what came down."""
    ghost.create("Opening", lexical=_lexical("We open on Monday."), status="published")
    ghost.pass_time(600)
    a = clone("a", cached=True)
    before = None
    for old, new in (("Monday", "Tuesday"), ("Tuesday", "Friday")):
        assert errors(pull(a)) == []
        before = a.read("posts/opening.md")
        ghost.pass_time(600)
        ghost.type("opening", old, new)
        plan = a.plan()
        assert (plan.changes, plan.conflicts) == ((), ())
    report = pull(a)
    assert (errors(report), report.plan.conflicts) == ([], ())
    assert lines_changed(str(before), a.read("posts/opening.md")) == [("We open on Tuesday.", "We open on Friday.")]


def test_an_imported_file_that_was_edited_too_is_a_conflict_where_nothing_was_committed(
    clone: CloneMaker, fake: FakeOne
) -> None:
    """Control: a file that is no longer what came down may be any older version; a person decides."""
    fake.create("Opening", lexical=_lexical("We open on Monday."), status="published")
    fake.pass_time(600)
    a = clone("a", cached=True)
    assert errors(pull(a)) == []
    a.write("posts/opening.md", a.read("posts/opening.md").replace("We open", "They open"))
    fake.pass_time(600)
    fake.type("opening", "Monday", "Tuesday")
    plan = a.plan()
    assert (plan.changes, [conflict.why for conflict in plan.conflicts]) == ((), [Why.NO_SHARED_HISTORY])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("posts/{year}/{slug}.md", "posts/2026/first.md"), ("posts/{slug}/index.md", "posts/first/index.md")],
)
def test_names_follow_the_pattern(clone: CloneMaker, fake: FakeOne, pattern: str, expected: str) -> None:
    """Folders by year and bundles are what the configuration says, and push as unchanged."""
    filled(fake)
    a = clone("a", cached=True)
    a.write("ghostsync.toml", f'project = "site"\n[pull]\nposts = "{pattern}"\nmedia = "./pictures"\n')
    assert errors(pull(a)) == []
    assert expected in tree(a.root)
    assert a.plan().changes == ()


# ---------------------------------------------------------------------------------------------- hostile names


@pytest.mark.parametrize("slug", ["../../x", "..", ".git", "a/b", "x\\y", ".hidden", "con", "nul"])
def test_a_slug_that_would_leave_the_directory_is_refused(
    clone: CloneMaker, fake: FakeOne, slug: str, tmp_path: Path
) -> None:
    """Nothing is written for it, a problem names it, and other posts come down."""
    row = fake.create("Evil", status="published", lexical=_lexical("Words."))
    fake.create("Good", status="published", lexical=_lexical("Words."))
    fake.fake.state.posts.get(row["id"])["slug"] = slug
    a = clone("a")
    before = set(tmp_path.rglob("*"))
    report = pull(a)
    assert errors(report) == []
    assert len(report.plan.problems) == 1
    assert set(tree(a.root)) == {"posts/good.md"}
    after = {path for path in tmp_path.rglob("*") if a.root not in path.parents}
    assert after <= before


def test_a_picture_named_like_a_git_configuration_is_not_fetched(clone: CloneMaker, fake: FakeOne) -> None:
    """Its address stays in the text, a note says why, and nothing appears in `.git`."""
    body = json.loads(_lexical("Words."))
    for name in (".git%2Fconfig", "..%2f..%2fpasswd", ".htaccess"):
        src = f"{fake.fake.url}/content/images/2026/01/{name}"
        body["root"]["children"].append({"type": "image", "version": 1, "src": src, "alt": ""})
    fake.create("Evil", status="published", lexical=json.dumps(body))
    a = clone("a")
    report = pull(a)
    assert errors(report) == []
    assert set(tree(a.root)) == {"posts/evil.md"}
    assert len([note for note in report.plan.notes if "its address stays" in note.message]) == 3


def test_a_folder_that_is_a_link_is_not_written_through(clone: CloneMaker, fake: FakeOne, tmp_path: Path) -> None:
    """A `posts` that leads elsewhere is refused."""
    fake.create("Good", status="published", lexical=_lexical("Words."))
    outside = tmp_path / "outside"
    outside.mkdir()
    a = clone("a")
    (a.root / "posts").symlink_to(outside)
    report = pull(a)
    assert [outcome.status for outcome in report.outcomes] == [Status.FAILED]
    assert list(outside.iterdir()) == []


def test_a_record_cannot_name_a_place_of_its_own(clone: CloneMaker, fake: FakeOne) -> None:
    """Whoever may edit a post may edit its record: a path that climbs or hides is refused."""
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Hello\n---\nWords.\n")
    a.push()
    row = fake.fake.state.posts.get(fake.find("hello")["id"])
    document = json.loads(row["lexical"])
    document["root"]["ghostsync"]["path"] = ".git/hooks/../../../evil.md"
    row["lexical"] = json.dumps(document)
    b = clone("b")
    report = pull(b)
    assert tree(b.root) == {}
    assert len(report.plan.problems) == 1


def test_two_pictures_that_differ_in_case_get_two_files(clone: CloneMaker, fake: FakeOne) -> None:
    """A disk that ignores case must hold both."""
    body = json.loads(_lexical("Words."))
    for name in ("Tide.png", "tide.png"):
        fake.fake.state.uploads.put(f"images/2026/01/{name}", ("image/png", png(ord(name[0]))))
        src = f"{fake.fake.url}/content/images/2026/01/{name}"
        body["root"]["children"].append({"type": "image", "version": 1, "src": src, "alt": ""})
    fake.create("Both", status="published", lexical=json.dumps(body))
    a = clone("a", cached=True)
    assert errors(pull(a)) == []
    assert set(tree(a.root)) == {"posts/both.md", "media/Tide.png", "media/tide-2.png"}
    assert a.plan().changes == ()


def test_a_file_that_is_not_the_document_is_never_overwritten(clone: CloneMaker, fake: FakeOne) -> None:
    """Something else under the name that a post would get stays as it is."""
    fake.create("Hello", status="published", lexical=_lexical("Ghost's."))
    a = clone("a")
    a.write("posts/hello.md", "---\ntitle: Mine\nslug: mine\n---\nMine.\n")
    assert errors(pull(a)) == []
    assert a.read("posts/hello.md") == "---\ntitle: Mine\nslug: mine\n---\nMine.\n"
    assert "Ghost's." in a.read("posts/hello-2.md")
    assert "slug: hello\n" in a.read("posts/hello-2.md")


def test_a_pull_that_removed_a_file_leaves_nothing_to_do(clone: Callable[..., Clone], fake: FakeOne) -> None:
    """Gone in Ghost, gone here: this machine's memory forgets it in the same run."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", HELLO)
    a.write("posts/other.md", document("Other"))
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.delete("hello")
    assert [type(change).__name__ for change in pull(a, prune="delete").plan.changes] == ["RemoveFile"]
    assert in_agreement(plan_pull(a, prune="delete"))
    assert in_agreement(a.plan())


def test_a_new_post_where_one_is_gone_on_both_sides_comes_down_at_once(
    clone: Callable[..., Clone], fake: FakeOne
) -> None:
    """That its predecessor was removed here says nothing of it."""
    a = clone("a", cached=True)
    a.write("posts/hello.md", HELLO)
    a.write("posts/other.md", document("Other"))
    assert errors(a.push()) == []
    fake.pass_time(600)
    fake.delete("hello")
    a.remove("posts/hello.md")
    b = clone("b")
    b.write("posts/hello.md", document("Hello", "Another one.\n"))
    b.write("posts/other.md", document("Other"))
    assert errors(b.push(prefer="local")) == []
    fake.pass_time(600)
    assert errors(pull(a)) == []
    assert "Another one." in a.read("posts/hello.md")
    assert in_agreement(plan_pull(a))
