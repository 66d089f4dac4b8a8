"""Commits as trees of files: what the pre-push hook looks at."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ghostsync.local.git import EntryKind, Repository, lfs_oid

if TYPE_CHECKING:
    from .conftest import Scratch  # type: ignore[import-not-found]


def repository_at(root: Path) -> Repository:
    """Return the repository around root, which must be there."""
    found = Repository.find(root)
    assert found is not None
    return found


def test_a_commit_is_read_and_not_the_working_tree(scratch: Scratch) -> None:
    """Materialising gives what was committed, whatever was saved or staged since."""
    commit = scratch.commit({"site/a.md": "committed", "site/pic.png": b"\x89PNG\r\n\x00", "code.py": "no content"})
    scratch.write("site/a.md", "saved since")
    scratch.write("site/new.md", "staged since")
    scratch.git("add", "site/new.md")
    with repository_at(scratch.folder / "site") as repository:
        assert repository.materialise(commit) == {"a.md": b"committed", "pic.png": b"\x89PNG\r\n\x00"}
        assert repository.materialise(commit, ["a.md", "missing.md"]) == {"a.md": b"committed"}


def test_a_tree_knows_links_and_skips_submodules(scratch: Scratch, tmp_path: Path) -> None:
    """Links are told apart from files, and their targets are never read."""
    scratch.write("a.md", "text")
    (scratch.folder / "link.md").symlink_to("/etc/passwd")
    commit = scratch.commit()
    with repository_at(scratch.folder) as repository:
        tree = repository.tree(commit)
        assert {path: entry.kind for path, entry in tree.items()} == {
            "a.md": EntryKind.FILE,
            "link.md": EntryKind.LINK,
        }
        assert repository.materialise(commit) == {"a.md": b"text"}


def test_changed_paths_are_those_below_the_content_root(scratch: Scratch) -> None:
    """A push that touches only code changes nothing here; renames count under both names."""
    first = scratch.commit({"site/a.md": "words\n" * 9, "site/b c.md": "b", "code.py": "1"})
    second = scratch.commit({"code.py": "2"})
    scratch.git("mv", "site/a.md", "site/ä.md")
    third = scratch.commit({"site/b c.md": "b2"})
    with repository_at(scratch.folder / "site") as repository:
        assert repository.changed_paths(first, second) == frozenset()
        assert repository.changed_paths(first, third) == {"a.md", "ä.md", "b c.md"}
        assert repository.changed_paths("0" * 40, third) is None


def test_names_resolve_to_commits(scratch: Scratch) -> None:
    """Branches, abbreviations and tags resolve; options and nonsense do not."""
    commit = scratch.commit({"a.md": "one"})
    scratch.git("tag", "-a", "v1", "-m", "annotated")
    with repository_at(scratch.folder) as repository:
        assert repository.resolve("main") == repository.resolve("v1") == repository.resolve(commit[:9]) == commit
        assert repository.resolve("nothing") is None
        assert repository.resolve("--help") is None


def test_hooks_are_where_git_looks_for_them(scratch: Scratch, tmp_path: Path) -> None:
    """The hooks folder follows `core.hooksPath`, and a worktree shares it with its main clone."""
    scratch.commit({"site/a.md": "one"})
    scratch.git("worktree", "add", "-q", str(tmp_path / "tree"))
    usual = scratch.folder / ".git" / "hooks"
    assert repository_at(scratch.folder).hooks.samefile(usual)
    assert repository_at(scratch.folder / "site").hooks.samefile(usual)
    assert repository_at(tmp_path / "tree" / "site").hooks.samefile(usual)
    assert repository_at(tmp_path / "tree").folder.samefile(scratch.folder / ".git")
    scratch.git("config", "core.hooksPath", ".githooks")
    (scratch.folder / ".githooks").mkdir()
    assert repository_at(scratch.folder / "site").hooks.samefile(scratch.folder / ".githooks")


def test_lfs_pointers_are_recognised_and_resolved(scratch: Scratch) -> None:
    """A pointer gives the picture where this clone has it, and itself where it has not."""
    picture = b"\x89PNG" + bytes(500)
    oid = hashlib.sha256(picture).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(picture)}\n".encode()
    commit = scratch.commit({"pic.png": pointer, "a.md": "oid sha256 is only talked about here"})
    with repository_at(scratch.folder) as repository:
        assert lfs_oid(pointer) == oid
        assert repository.materialise(commit)["pic.png"] == pointer
        stored = scratch.folder / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
        stored.parent.mkdir(parents=True)
        stored.write_bytes(picture)
        assert repository.materialise(commit)["pic.png"] == picture
        assert repository.materialise(commit)["a.md"] == b"oid sha256 is only talked about here"


@pytest.mark.parametrize("blob", ["0" * 40, "not an id", "HEAD", "0" * 39])
def test_a_blob_that_is_not_there_is_none(scratch: Scratch, blob: str) -> None:
    """Asking for what does not exist is no error, and the next question is answered."""
    commit = scratch.commit({"a.md": "one"})
    with repository_at(scratch.folder) as repository:
        assert repository.read(blob) is None
        assert repository.read(commit) is None
        assert repository.read(repository.tree(commit)["a.md"].blob) == b"one"


def test_reading_content_runs_no_program_of_the_repository(scratch: Scratch, tmp_path: Path) -> None:
    """A repository's configuration may name programs; none of them runs because its content is read."""
    commit = scratch.commit({"a.md": "one", ".gitattributes": "*.md diff=x filter=x\n"})
    second = scratch.commit({"a.md": "two"})
    trap = tmp_path / "ran"
    for key in (
        "core.fsmonitor",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.x.smudge",
        "core.pager",
    ):
        scratch.git("config", key, f"touch {trap}; cat")
    with repository_at(scratch.folder) as repository:
        repository.materialise(second)
        repository.changed_paths(commit, second)
        repository.tracked()
        list(repository.stream("log", "--raw", "-z", "--no-ext-diff", "HEAD", seconds=10))
    assert not trap.exists()


def test_a_walk_that_takes_too_long_is_stopped(scratch: Scratch) -> None:
    """A command that does not end is stopped and says so."""
    scratch.commit({"a.md": "one"})
    scratch.git("config", "alias.hang", "!sleep 20")
    with repository_at(scratch.folder) as repository, pytest.raises(TimeoutError, match="longer than 0 s"):
        list(repository.stream("hang", seconds=0.2))
