"""Questions at a real (pseudo) terminal, and the exit codes that several findings come to."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from shell import Seen, at_terminal, run

from ghostsync.errors import ExitCode, worst_exit
from ghostsync.sandbox import Instance

QUESTION = "unpublish 1 post? [y/N] "


@pytest.fixture
def orphaned(tmp_path: Path, empty_ghost6: Instance) -> Path:
    """A pushed project whose published post has lost its document."""
    (tmp_path / "ghostsync.toml").write_text('project = "asked"\nprune = "draft"\n')
    for name in ("keep", "stay", "gone", "rest"):
        (tmp_path / f"{name}.md").write_text(f"---\nstatus: published\n---\n# {name.title()}\n\nText.\n")
    assert run(empty_ghost6, "push", cwd=tmp_path).returncode == 0
    (tmp_path / "gone.md").unlink()
    return tmp_path


def asked(site: Instance, folder: Path, typed: str) -> Seen:
    """Push at a terminal and answer the question."""
    return at_terminal(site, "push", cwd=folder, answers=[(QUESTION, typed)], NO_COLOR="1")


def pending(site: Instance, folder: Path) -> int:
    """Return how many posts would be unpublished."""
    document = json.loads(run(site, "plan", "--format", "json", cwd=folder).stdout)
    return int(document["plan"]["summary"]["unpublish"])


def test_a_person_decides_what_is_taken_away(orphaned: Path, empty_ghost6: Instance) -> None:
    """The plan is shown before the question; no and Enter change nothing and exit with 4, yes goes on."""
    for typed in ("n\n", "\n", "\x04"):
        seen = asked(empty_ghost6, orphaned, typed)
        assert seen.code == ExitCode.REFUSED, seen.plain
        assert seen.plain.index("readers lose it") < seen.plain.index(QUESTION)
        assert seen.plain.endswith("nothing was done\n")
        assert pending(empty_ghost6, orphaned) == 1
    seen = asked(empty_ghost6, orphaned, "y\n")
    assert seen.code == 0, seen.plain
    assert "1 post unpublished" in seen.plain
    assert pending(empty_ghost6, orphaned) == 0


def test_ctrl_c_at_the_question_changes_nothing(orphaned: Path, empty_ghost6: Instance) -> None:
    """Interrupted is 130, whatever was asked."""
    seen = asked(empty_ghost6, orphaned, "\x03")
    assert seen.code == ExitCode.INTERRUPTED, seen.plain
    assert pending(empty_ghost6, orphaned) == 1


def test_without_a_terminal_yes_has_to_be_said(orphaned: Path, empty_ghost6: Instance) -> None:
    """A script is refused with exit 4 and told which option answers."""
    refused = run(empty_ghost6, "push", cwd=orphaned)
    assert refused.returncode == ExitCode.REFUSED
    assert "nobody is here to answer" in refused.stderr
    assert "--yes" in refused.stderr
    assert pending(empty_ghost6, orphaned) == 1
    assert run(empty_ghost6, "push", "--yes", cwd=orphaned).returncode == 0
    assert pending(empty_ghost6, orphaned) == 0


def test_a_harmless_push_asks_nothing(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Creating and updating are what push is for."""
    (tmp_path / "a.md").write_text("# A\n")
    seen = at_terminal(empty_ghost6, "push", cwd=tmp_path, NO_COLOR="1")
    assert seen.code == 0
    assert "[y/N]" not in seen.plain


# ---------------------------------------------------------------------------------------------- exit codes

ORDER = (130, 70, 2, 1, 5, 4, 3, 0)


@pytest.mark.parametrize("codes", [*combinations(ORDER, 2), *combinations(ORDER, 3), ORDER])
def test_when_several_codes_hold_the_strongest_is_said(codes: tuple[int, ...]) -> None:
    """130, 70, 2, 1, 5, 4, 3, 0: whoever stands first in this order, however they come."""
    kinds = [ExitCode(code) for code in codes]
    assert worst_exit(*kinds) == codes[0]
    assert worst_exit(*reversed(kinds)) == codes[0]


def test_a_plan_says_the_strongest_of_what_it_found(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Changes alone are 3 (when asked), with a conflict 4, with a broken document 5, with a broken configuration 2."""
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    assert run(empty_ghost6, "plan", cwd=tmp_path).returncode == 0
    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 3

    other = tmp_path / "other"
    other.mkdir()
    (other / "ghostsync.toml").write_text('project = "other"\n')
    (other / "b.md").write_text("# B\n\nTheirs.\n")
    assert run(empty_ghost6, "push", cwd=other).returncode == 0
    (other / "b.md").unlink()
    (other / "ghostsync.toml").unlink()
    (tmp_path / "b.md").write_text("# B\n\nOurs.\n")
    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 4

    (tmp_path / "c.md").write_text("---\nstatus: nonsense\n---\n")
    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 5

    (tmp_path / "ghostsync.toml").write_text("jobs = 0\n")
    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 2
