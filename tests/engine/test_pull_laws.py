"""Laws of pulling: what was pushed comes back byte for byte, and no edit of either side is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.pull_steps import plan_pull, pull, tree
from fakeghost import FakeGhost
from fakeghost.link import connect_to
from hypothesis import given, settings
from hypothesis import strategies as st
from world import Clone, errors

from ghostsync.core.plan import Prefer
from ghostsync.core.pull_merge import lay_side_by_side, merge_bodies

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
