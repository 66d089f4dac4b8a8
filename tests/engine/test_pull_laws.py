"""Laws of pulling: what was pushed comes back byte for byte, and no edit of either side is lost."""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from contract.backends import FakeSite
from engine.ghosts import FakeOne
from engine.pull_steps import plan_pull, pull, tree
from engine.test_pull_scenarios import committed
from fakeghost import FakeGhost, session_for
from fakeghost.link import connect_to
from hypothesis import given, settings
from hypothesis import strategies as st
from world import Clone, errors

from ghostsync.core.slugs import post_slug
from ghostsync.local.history import History
from ghostsync.local.past import GitPast

sys.path.insert(0, str(Path(__file__).parents[1] / "lexical"))
from lexical_strategies import sound_documents

from ghostsync.core.plan import Prefer
from ghostsync.core.pull_merge import lay_side_by_side, merge_bodies

LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
WORDS = st.lists(
    st.sampled_from(["tide", "ebb", "flow", "*lamp*", "`glass`", "[fog](https://example.com)", "rock."]), min_size=1
)
PARAGRAPHS = st.lists(WORDS.map(" ".join), min_size=1, max_size=5)
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
PATHS = st.sampled_from(["posts/a.md", "posts/deep/b.md", "pages/c.md", "d.markdown"])
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Return a document with a will of its own: line ends, blank lines, comments, a missing last line end."""
    end = draw(ENDS)
    title = draw(TITLES).replace("'", "''")
    lines = [
        "---",
        "# mine",
        f"title: '{title}'",
        draw(st.sampled_from(["status: draft", "draft: false", "tags: [A, 'B']"])),
    ]
    gap = draw(st.sampled_from([[""], ["", ""], []]))
    body = [line for paragraph in draw(PARAGRAPHS) for line in (paragraph, "")]
    text = end.join([*lines, "---", *gap, *body])
    return (text + draw(st.sampled_from(["", end, end * 3]))).encode()


def clone(folder: Path, name: str, fake: FakeGhost) -> Clone:
    """Return an empty content directory on one site."""
    root = folder / name
    root.mkdir()
    (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    return Clone(root=root, api=connect_to(fake), sleep=fake.clock.advance, name=name)  # type: ignore[attr-defined]


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["posts/a.md", "posts/deep/b.md", "pages/c.md", "d.markdown"]), documents(), min_size=1
    )
)
def test_push_into_an_empty_site_and_pull_into_an_empty_directory(files: dict[str, bytes]) -> None:
    """Every document is there again, byte for byte, and there is nothing left to do in either direction."""
    with tempfile.TemporaryDirectory() as folder:
        fake = FakeGhost()
        a, b = clone(Path(folder), "a", fake), clone(Path(folder), "b", fake)
        for path, data in files.items():
            a.write(path, data)
        assert errors(a.push()) == []
        fake.clock.advance(600)  # type: ignore[attr-defined]
        assert errors(pull(b)) == []
        assert tree(b.root) == files
        assert b.plan().changes == plan_pull(b).changes == ()


HEADS = (
    ("---", "# mine", "title: 'A title' # said so", "excerpt: >-", "  folded", "  words", "---"),
    ("---", "excerpt: |", "  one", "  two", 'title: "A title"', "tags: [ A,  'B' ]   # two", "---", ""),
    ("+++", "title = 'A title' # said so", "tags = [", '  "A", # first', '  "B",', "]", "+++"),
    ("{", '  "title": "A title",', '    "tags": ["A",  "B"]', "}", ""),
    ("---", "og:", "  title: other", "title:   A title", "date: 2024-05-06 # then", "---", "", ""),
    ("# A title", ""),
)
BLOCKS = (
    ("Alpha is one line.",),
    ("Beta is", "wrapped *where*", "the author liked it."),
    ("* Gamma", "* list", "  wrapped"),
    ("> Delta", "quoted"),
    ("1. Epsilon", "2. list"),
    ("Zeta", "===="),
    ("| Eta | b |", "|:--|--:|", "| c | d |"),
    ("See [Theta][t].", "", "[t]: https://example.com/ 'T'"),
)
ANCHORS = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Theta")


@st.composite
def odd_files(draw: st.DrawFn) -> tuple[bytes, str]:
    """Return a file whose line ends, byte order mark and last line are as they may be, and a word of its body."""
    blocks = draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=5, unique=True))
    anchors = [anchor for anchor in ANCHORS if any(anchor in line for block in blocks for line in block)]
    if not anchors:
        blocks, anchors = [*blocks, BLOCKS[0]], ["Alpha"]
    lines = [*draw(st.sampled_from(HEADS))]
    for block in blocks:
        lines += [*block, *draw(st.sampled_from([("",), ("", "")]))]
    while lines[-1] == "":
        lines.pop()
    ends = draw(st.sampled_from([("\n",), ("\r\n",), ("\n", "\r\n"), ("\r\n", "\n", "\n")]))
    text = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines))
    last = draw(st.sampled_from(["", ends[0], ends[0] * 2]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return (mark + text.rstrip("\r\n") + last).encode(), draw(st.sampled_from(anchors))


@settings(max_examples=600 if LONG else 25, deadline=None)
@given(file=odd_files(), where=st.sampled_from(["body", "title", "both"]), again=st.booleans())
def test_an_edit_in_ghost_changes_its_own_bytes_only(file: tuple[bytes, str], where: str, again: bool) -> None:
    """Letters typed in Ghost are those letters in the file; line ends, marks, comments and spaces stay."""
    data, anchor = file
    server = FakeGhost()
    with tempfile.TemporaryDirectory() as folder, session_for(server) as session:
        ghost = FakeOne(FakeSite(server, session, name="fake6"))
        a = clone(Path(folder), "a", server)
        a.write("posts/hello.md", data)
        assert errors(a.push()) == []
        server.clock.advance(600)  # type: ignore[attr-defined]
        slug = ghost.slugs()[0]
        expected = data
        if where in {"body", "both"}:
            ghost.type(slug, anchor, f"{anchor}typed")
            expected = expected.replace(anchor.encode(), f"{anchor}typed".encode(), 1)
        if where in {"title", "both"}:
            ghost.save(slug, title="A title changed")
            expected = expected.replace(b"A title", b"A title changed", 1)
        machine = clone(Path(folder), "b", server) if again else a
        assert errors(pull(machine)) == []
        assert (machine.root / "posts/hello.md").read_bytes() == expected
        ghost.api.transport.close()


LINES = st.lists(st.sampled_from("abcdefgh"), max_size=8)


@given(base=LINES, local=LINES, remote=LINES)
def test_what_either_side_added_is_in_the_merged_text(base: list[str], local: list[str], remote: list[str]) -> None:
    """A line that one side wrote, and base did not have, stands in the result, marked or not."""
    own = [f"local {line}" if line not in base else line for line in local]
    their = [f"remote {line}" if line not in base else line for line in remote]
    texts = ["".join(f"{line}\n" for line in lines) for lines in (base, own, their)]
    merged = merge_bodies(*texts, Prefer.NEITHER)  # type: ignore[arg-type]
    for line in (*own, *their):
        if line not in base:
            assert f"{line}\n" in merged.text
    assert (merged.conflicts > 0) == ("<<<<<<< this file\n" in merged.text)


@given(base=LINES, local=LINES)
def test_one_sided_edits_merge_to_themselves(base: list[str], local: list[str]) -> None:
    """Where only one side moved, the result is that side, whichever is preferred."""
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (base, local))
    for prefer in Prefer:
        assert merge_bodies(old, new, old, prefer).text == new
        assert merge_bodies(old, old, new, prefer).text == new


@given(local=LINES, remote=LINES)
def test_without_a_past_both_texts_stand_whole(local: list[str], remote: list[str]) -> None:
    """Side by side, each text can be had by keeping its side of every marked place."""
    mine, theirs = ("".join(f"{line}\n" for line in lines) for lines in (local, remote))
    merged = lay_side_by_side(mine, theirs, Prefer.NEITHER)
    kept: dict[str, list[str]] = {"mine": [], "theirs": []}
    sides = ("mine", "theirs")
    for line in merged.text.splitlines(keepends=True):
        if line.startswith("<<<<<<<"):
            sides = ("mine",)  # type: ignore[assignment]
        elif line.startswith("|||||||"):
            sides = ()  # type: ignore[assignment]
        elif line.startswith("======="):
            sides = ("theirs",)  # type: ignore[assignment]
        elif line.startswith(">>>>>>>"):
            sides = ("mine", "theirs")
        else:
            for side in sides:
                kept[side].append(line)
    assert ("".join(kept["mine"]), "".join(kept["theirs"])) == (mine, theirs)
    assert lay_side_by_side(mine, theirs, Prefer.LOCAL).text == mine
    assert lay_side_by_side(mine, theirs, Prefer.REMOTE).text == theirs


SLUGS = st.one_of(
    st.text("abc019-_", min_size=1, max_size=6).map(lambda text: post_slug(text) or "x"),
    st.sampled_from(["index", "readme", "con", "_x", "2024-05-06-diary", "tags", "a" * 185, "posts", "true"]),
)
FREE_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)
TAGS = st.lists(
    FREE_TEXT.filter(lambda text: bool(text.strip()) and not text.startswith(",")),
    max_size=3,
    unique_by=lambda t: t.strip().casefold(),
)


@st.composite
def posts_of_others(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return posts as people make them in Ghost."""
    post = st.fixed_dictionaries(
        {
            "slug": SLUGS,
            "title": FREE_TEXT.map(str.strip).filter(bool),  # as Ghost stores it
            "body": sound_documents,
            "excerpt": st.none() | FREE_TEXT,
            "tags": TAGS,
            "to": st.sampled_from(["posts", "pages"]),
            "status": st.sampled_from(["draft", "published"]),
        }
    )
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.integers(1, 3))):
        one = draw(post)
        found.setdefault(one["slug"].casefold(), one)
    return list(found.values())


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@settings(max_examples=400 if LONG else 10, deadline=None)
@given(posts=posts_of_others())
def test_whatever_is_imported_pushes_as_unchanged(posts: list[dict[str, Any]]) -> None:
    """Any title, slug, tag and body that Ghost can hold comes down; then nothing is to be done in either direction."""
    server = FakeGhost()
    with tempfile.TemporaryDirectory() as folder, session_for(server) as session:
        ghost = FakeOne(FakeSite(server, session, name="fake6"))
        server.state.uploads.put("images/a.png", ("image/png", PICTURE))  # some of the bodies show it
        for number, post in enumerate(posts):
            fields: dict[str, Any] = {"lexical": json.dumps(post["body"]), "status": post["status"]}
            fields |= {"custom_excerpt": post["excerpt"], "tags": [{"name": tag} for tag in post["tags"]]}
            row = ghost.create(f"Post {number}", to=post["to"], **fields)
            stored = server.state.posts.get(row["id"])
            stored |= {"slug": post["slug"], "title": post["title"]}
        server.clock.advance(600)  # type: ignore[attr-defined]
        a = clone(Path(folder), "a", server)
        report = pull(a)
        assert errors(report) == []
        refused = [problem for problem in report.plan.problems if problem.path == "(con)"]
        assert list(report.plan.problems) == refused
        assert len([path for path in tree(a.root) if path.endswith(".md")]) == len(posts) - len(refused)
        committed(a)
        b = clone(Path(folder), "b", server)
        for path, data in tree(a.root).items():
            b.write(path, data)
        with History(a.root) as history:
            b.past = GitPast(history)
            for plan in (b.plan(), plan_pull(b)):
                assert (plan.changes, plan.conflicts) == ((), ())
            assert list(b.plan().problems) == []
        ghost.api.transport.close()
