"""Git's history as the engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ghostsync.local.history import History
from ghostsync.local.past import GitPast
from ghostsync.model import DocPath

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Scratch  # type: ignore[import-not-found]

ONE, TWO = DocPath("posts/one.md"), DocPath("posts/two.md")


def test_contents_come_newest_first_and_once(scratch: Scratch) -> None:
    """Each distinct content of each file, the newest first; a content that came back stands where it was newest."""
    scratch.commit({"posts/one.md": "a", "posts/two.md": "x"})
    scratch.commit({"posts/one.md": "b"})
    scratch.commit({"posts/one.md": "a"})
    with History(scratch.folder) as history:
        past = GitPast(history)
        assert past.versions_of([ONE, TWO]) == {ONE: (b"a", b"b"), TWO: (b"x",)}
        assert not past.ends_early


def test_a_file_without_history_has_no_versions(scratch: Scratch) -> None:
    """An uncommitted file is asked for like any other and has none."""
    scratch.commit({"posts/one.md": "a"})
    scratch.write("posts/two.md", "never committed")
    with History(scratch.folder) as history:
        assert GitPast(history).versions_of([TWO]) == {TWO: ()}


def test_renames_are_followed(scratch: Scratch) -> None:
    """A document that moved keeps its past."""
    text = "a line that is long enough to be recognised\n" * 5
    scratch.commit({"old.md": text})
    scratch.git("mv", "old.md", "new.md")
    scratch.commit()
    scratch.commit({"new.md": text + "more\n"})
    with History(scratch.folder) as history:
        new = DocPath("new.md")
        assert GitPast(history).versions_of([new])[new] == ((text + "more\n").encode(), text.encode())


def test_a_shallow_clone_says_so(scratch: Scratch, tmp_path: Path) -> None:
    """A clone of depth 1 knows one version and that there may be others."""
    scratch.commit({"posts/one.md": "a"})
    scratch.commit({"posts/one.md": "b"})
    clone = tmp_path / "shallow"
    scratch.git("clone", "-q", "--depth=1", scratch.folder.as_uri(), str(clone), cwd=tmp_path)
    with History(clone) as history:
        past = GitPast(history)
        assert past.versions_of([ONE]) == {ONE: (b"b",)}
        assert past.ends_early


def test_without_git_there_is_no_past(tmp_path: Path) -> None:
    """A directory outside any repository has no versions and lacks none."""
    with History(tmp_path) as history:
        past = GitPast(history)
        assert past.versions_of([ONE]) == {ONE: ()}
        assert not past.ends_early
