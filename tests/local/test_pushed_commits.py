"""Which commits of a Git push are looked at before it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ghostsync.hook import RefUpdate, commits_to_check, parse_updates
from ghostsync.local.git import Repository

if TYPE_CHECKING:
    from .conftest import Scratch  # type: ignore[import-not-found]

NOTHING = "0" * 40
UNKNOWN = "1" * 40


def update(new: str, old: str, branch: str = "refs/heads/main") -> RefUpdate:
    """Return one line of what is pushed."""
    return RefUpdate(local_ref="refs/heads/main", local_commit=new, remote_ref=branch, remote_commit=old)


@pytest.fixture
def history(scratch: Scratch) -> list[str]:
    """A first commit, then one each to the content, to its configuration, and to neither."""
    return [
        scratch.commit({"site/posts/a.md": "a", "site/ghostsync.toml": "", "code.py": "1"}),
        scratch.commit({"site/posts/a.md": "b"}),
        scratch.commit({"site/ghostsync.toml": "x = 1"}),
        scratch.commit({"code.py": "2", "sites/posts/b.md": "not ours"}),
    ]


def found(scratch: Scratch, *updates: RefUpdate, content: str = "site") -> tuple[str, ...]:
    """Return what is looked at, with the content in a folder of the repository."""
    repository = Repository.find(scratch.folder, environ=scratch.environ)
    assert repository is not None
    return commits_to_check(repository, updates, ["main", "live"], content=content, configuration="site/ghostsync.toml")


def test_only_what_changes_content_on_its_way_to_a_configured_branch(scratch: Scratch, history: list[str]) -> None:
    """The content, or how it is read; a folder whose name begins alike is another one."""
    first, text, settings, code = history
    assert found(scratch, update(text, first)) == (text,)
    assert found(scratch, update(settings, text)) == (settings,)
    assert found(scratch, update(code, settings)) == ()
    assert found(scratch, update(code, first)) == (code,)
    assert found(scratch, update(code, settings), content="") == (code,), "the whole repository is content"
    assert found(scratch, update(text, first, "refs/heads/live")) == (text,)
    for other in ("refs/heads/draft", "refs/tags/main", "refs/heads/x/main"):
        assert found(scratch, update(text, first, other)) == ()


def test_what_the_other_side_has_is_not_always_known(scratch: Scratch, history: list[str]) -> None:
    """Then all of the content counts as changed; what is not here cannot be looked at, and a removal has no content."""
    code = history[-1]
    assert found(scratch, update(code, NOTHING)) == (code,)
    assert found(scratch, update(code, UNKNOWN)) == (code,)
    assert found(scratch, update(UNKNOWN, history[0])) == ()
    assert found(scratch, update(NOTHING, code)) == ()


def test_a_commit_that_goes_to_two_branches_is_looked_at_once(scratch: Scratch, history: list[str]) -> None:
    """In the order in which Git names them."""
    first, text, settings, _ = history
    updates = [update(settings, first), update(settings, text, "refs/heads/live"), update(text, first)]
    assert found(scratch, *updates) == (settings, text)


def test_lines_that_git_never_writes_are_left_out() -> None:
    """Four words each."""
    lines = f"refs/heads/main {UNKNOWN} refs/heads/main {NOTHING}\n\nx\na b c\na b c d e\n"
    (one,) = parse_updates(lines)
    assert (one.is_new, one.is_deletion, one.remote_ref) == (True, False, "refs/heads/main")
