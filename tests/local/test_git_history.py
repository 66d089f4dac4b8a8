"""Earlier versions of documents, from real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ghostsync.local.git_log import parse_log, split_tokens
from ghostsync.local.history import History
from ghostsync.model import DocPath

if TYPE_CHECKING:
    from .conftest import Scratch  # type: ignore[import-not-found]


def contents(history: History, path: str) -> list[str]:
    """Return the texts of all versions, newest first."""
    found = [history.content(version) for version in history.versions(DocPath(path))]
    return [content.decode() for content in found if content is not None]


def at_once(history: History, *paths: str) -> dict[str, list[str]]:
    """Return the texts of all versions of several paths, from the one walk."""
    many = history.versions_of([DocPath(path) for path in paths])
    return {path: [(history.content(version) or b"?").decode() for version in many[DocPath(path)]] for path in paths}


def test_versions_come_newest_first_with_author_and_time(scratch: Scratch) -> None:
    """Each committed version of a document is found once, with who committed it and when."""
    scratch.commit({"posts/a.md": "one"})
    scratch.commit({"posts/a.md": "two"})
    scratch.commit({"posts/b.md": "other"})
    with History(scratch.folder) as history:
        versions = list(history.versions(DocPath("posts/a.md")))
        assert contents(history, "posts/a.md") == ["two", "one"]
    assert [(version.author, version.at) for version in versions] == [
        ("ada@example.com", "2026-03-01T10:02:00Z"),
        ("ada@example.com", "2026-03-01T10:01:00Z"),
    ]


def test_uncommitted_text_is_not_a_version(scratch: Scratch) -> None:
    """The working tree and the index are not history."""
    scratch.commit({"a.md": "committed"})
    scratch.write("a.md", "staged")
    scratch.git("add", "a.md")
    scratch.write("a.md", "only saved")
    with History(scratch.folder) as history:
        assert contents(history, "a.md") == ["committed"]


def test_renames_are_followed(scratch: Scratch) -> None:
    """A document moved twice keeps its versions under its present name."""
    text = "line\n" * 20
    scratch.commit({"old.md": text})
    (scratch.folder / "posts").mkdir()
    scratch.git("mv", "old.md", "posts/mid.md")
    scratch.commit()
    scratch.git("mv", "posts/mid.md", "posts/new.md")
    scratch.commit({"posts/new.md": text + "and more\n"})
    with History(scratch.folder) as history:
        assert contents(history, "posts/new.md") == [text + "and more\n", text]
        assert at_once(history, "posts/new.md") == {"posts/new.md": [text + "and more\n", text]}


def test_two_documents_that_swapped_names_are_told_apart(scratch: Scratch) -> None:
    """After `x` and `y` changed names in one commit, each keeps its own past."""
    x, y = "all about x\n" * 9, "nothing but y\n" * 9
    scratch.commit({"x.md": x, "y.md": y})
    scratch.commit({"x.md": x + "x2\n", "y.md": y + "y2\n"})
    (scratch.folder / "x.md").rename(scratch.folder / "t.md")
    (scratch.folder / "y.md").rename(scratch.folder / "x.md")
    (scratch.folder / "t.md").rename(scratch.folder / "y.md")
    scratch.commit()
    with History(scratch.folder) as history:
        found = at_once(history, "x.md", "y.md")
    # Without -B Git reports both as modified, so a path's older owner stays a candidate; its own text comes first.
    assert found["x.md"][0] == y + "y2\n"
    assert found["y.md"][0] == x + "x2\n"


def test_a_move_with_a_newcomer_in_its_place_keeps_the_past(scratch: Scratch) -> None:
    """`git mv x y` and a new `x` in the same commit: y still knows what it was as x."""
    text = "the first x\n" * 20
    scratch.commit({"x.md": text})
    scratch.git("mv", "x.md", "y.md")
    scratch.commit({"x.md": "a newcomer\n" * 7})
    scratch.commit({"y.md": text + "edited\n"})
    with History(scratch.folder) as history:
        assert at_once(history, "y.md")["y.md"] == [text + "edited\n", text]
        assert at_once(history, "x.md")["x.md"][0] == "a newcomer\n" * 7


def test_a_version_that_exists_only_in_a_merge_is_found(scratch: Scratch) -> None:
    """What a person typed while resolving a merge is a version like any other."""
    scratch.commit({"a.md": "base\n"})
    scratch.git("checkout", "-q", "-b", "side")
    scratch.commit({"a.md": "side\n"})
    scratch.git("checkout", "-q", "main")
    scratch.commit({"a.md": "main\n"})
    with pytest.raises(subprocess.CalledProcessError):
        scratch.git("merge", "-q", "side")
    scratch.commit({"a.md": "resolved\n"})
    scratch.commit({"a.md": "later\n"})
    with History(scratch.folder) as history:
        assert contents(history, "a.md")[:2] == ["later\n", "resolved\n"]
        assert sorted(contents(history, "a.md")[2:]) == ["base\n", "main\n", "side\n"]


@pytest.mark.parametrize("name", ["two words.md", "ünïcödé.md", "new\nline.md", "[a-z]*?.md", ":(top).md", "tab\t.md"])
def test_odd_names_are_ordinary_names(scratch: Scratch, name: str) -> None:
    """Spaces, line ends, umlauts and pathspec magic in a name change nothing."""
    scratch.commit({f"content/{name}": "one", "content/a.md": "not this"})
    scratch.commit({f"content/{name}": "two"})
    with History(scratch.folder / "content") as history:
        assert contents(history, name) == ["two", "one"]
        assert history.is_tracked(name)


def test_a_name_that_is_not_utf8_is_read(scratch: Scratch) -> None:
    """Bytes of another century in a file name survive the way through Git and back."""
    name = os.fsdecode(b"caf\xe9.md")
    scratch.commit({name: "latin"})
    with History(scratch.folder) as history:
        assert contents(history, name) == ["latin"]


def test_content_root_below_the_repository(scratch: Scratch) -> None:
    """Paths are relative to the content root, and a document that came from outside of it keeps its past."""
    text = "words\n" * 20
    scratch.commit({"drafts/a.md": text})
    (scratch.folder / "site" / "posts").mkdir(parents=True)
    scratch.git("mv", "drafts/a.md", "site/posts/a.md")
    scratch.commit({"site/posts/a.md": text + "more\n", "posts/a.md": "a namesake outside"})
    with History(scratch.folder / "site") as history:
        assert contents(history, "posts/a.md") == [text + "more\n", text]
        assert history.is_tracked("posts/a.md")
        assert not history.is_tracked("site/posts/a.md")


def test_no_repository_no_git_no_commit(tmp_path: Path, scratch: Scratch) -> None:
    """Without Git, without a repository or without a commit there is simply no history."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for root, environ in (
        (elsewhere, {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}),
        (tmp_path / "missing", dict(os.environ)),
        (scratch.folder, dict(os.environ)),
    ):
        with History(root, environ=environ) as history:
            assert not history.exists
            assert list(history.versions(DocPath("a.md"))) == []
            assert history.versions_of([DocPath("a.md")]) == {"a.md": ()}
            assert not history.is_tracked("a.md")


def test_a_machine_without_git(scratch: Scratch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no `git` is on PATH nothing fails."""
    scratch.commit({"a.md": "one"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with History(scratch.folder) as history:
        assert not history.exists


def test_a_shallow_clone_says_that_it_ends_early(scratch: Scratch, tmp_path: Path) -> None:
    """A shallow clone gives the versions it has and admits that there may be more; a full one does not."""
    scratch.commit({"a.md": "one"})
    scratch.commit({"a.md": "two"})
    scratch.git("clone", "-q", "--depth", "1", f"file://{scratch.folder}", str(tmp_path / "shallow"))
    scratch.git("clone", "-q", f"file://{scratch.folder}", str(tmp_path / "full"))
    with History(tmp_path / "shallow") as history:
        assert history.ends_early
        assert contents(history, "a.md") == ["two"]
    with History(tmp_path / "full") as history:
        assert not history.ends_early
        assert contents(history, "a.md") == ["two", "one"]


def test_a_partial_clone_fetches_nothing(scratch: Scratch, tmp_path: Path) -> None:
    """Blobs that a partial clone left on the server are not fetched one by one; what is here is read."""
    scratch.git("config", "uploadpack.allowFilter", "true")
    scratch.commit({"a.md": "one"})
    scratch.commit({"a.md": "two"})
    clone = tmp_path / "partial"
    scratch.git("clone", "-q", "--filter=blob:none", f"file://{scratch.folder}", str(clone))
    with History(clone) as history:
        versions = history.versions_of([DocPath("a.md")])[DocPath("a.md")]
        assert len(versions) == 2
        assert [history.content(version) for version in versions] == [b"two", None]
    left_out = scratch.git("rev-list", "--objects", "--missing=print", "HEAD", cwd=clone)
    assert f"?{versions[1].blob}" in left_out


def test_a_linked_worktree_has_the_history_of_its_branch(scratch: Scratch, tmp_path: Path) -> None:
    """In a worktree, HEAD is the worktree's own."""
    scratch.commit({"a.md": "one"})
    scratch.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    scratch.commit({"a.md": "two"})
    with History(tmp_path / "tree") as history:
        assert contents(history, "a.md") == ["one"]


def test_the_environment_of_a_hook_does_not_mislead(scratch: Scratch, tmp_path: Path) -> None:
    """`GIT_DIR` and `GIT_INDEX_FILE` of some other repository are not believed over where the content lies."""
    scratch.commit({"a.md": "one"})
    other = tmp_path / "other"
    other.mkdir()
    scratch.git("init", "-q", str(other))
    environ = {**os.environ, "GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(other / "nothing")}
    with History(scratch.folder, environ=environ) as history:
        assert contents(history, "a.md") == ["one"]
        assert history.is_tracked("a.md")


def test_a_bare_repository_over_a_separate_work_tree(scratch: Scratch, tmp_path: Path) -> None:
    """Where no repository surrounds the content, the caller's `GIT_DIR` is what there is."""
    scratch.commit({"a.md": "one"})
    (scratch.folder / ".git").rename(tmp_path / "dots.git")
    environ = {
        **os.environ,
        "GIT_DIR": str(tmp_path / "dots.git"),
        "GIT_WORK_TREE": str(scratch.folder),
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
    }
    with History(scratch.folder, environ=environ) as history:
        assert contents(history, "a.md") == ["one"]


def test_many_documents_cost_two_processes(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions and contents of 300 documents take one `git log` and one `git cat-file`, not hundreds."""
    scratch.commit({f"posts/{number}.md": f"first {number}" for number in range(300)})
    scratch.commit({f"posts/{number}.md": f"second {number}" for number in range(300)})
    history = History(scratch.folder)
    assert history.exists
    started: list[object] = []
    begin = subprocess.Popen.__init__

    def counting(self: object, command: object, *rest: object, **named: object) -> None:
        started.append(command)
        begin(self, command, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(subprocess.Popen, "__init__", counting)
    with history:
        found = at_once(history, *[f"posts/{number}.md" for number in range(300)])
    assert found["posts/7.md"] == ["second 7", "first 7"]
    assert all(len(texts) == 2 for texts in found.values())
    assert len(started) == 2


def test_the_same_text_again_is_one_version(scratch: Scratch) -> None:
    """A change that was taken back is one candidate, not two, and a deletion ends nothing."""
    scratch.commit({"a.md": "one"})
    scratch.commit({"a.md": "two"})
    scratch.git("rm", "-q", "a.md")
    scratch.commit()
    scratch.commit({"a.md": "one"})
    with History(scratch.folder) as history:
        assert contents(history, "a.md") == ["one", "two"]


def test_a_log_in_single_bytes_parses_the_same(scratch: Scratch) -> None:
    """It does not matter in which pieces Git's output arrives."""
    scratch.commit({"a b.md": "one"})
    scratch.commit({"a b.md": "two"})
    with History(scratch.folder) as history:
        assert history.repository is not None
        raw = b"".join(
            history.repository.stream(
                "log", "--raw", "-z", "--no-abbrev", "--format=%x01%H%x00%ct%x00%an%x00", "HEAD", seconds=10
            )
        )
    whole = list(parse_log(split_tokens([raw])))
    assert list(parse_log(split_tokens(bytes([byte]) for byte in raw))) == whole
    assert [len(commit.entries) for commit in whole] == [1, 1]
