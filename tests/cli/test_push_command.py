"""The push and plan commands, run as a person runs them, against a real Ghost."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from shell import at_terminal, run

from ghostsync.core.record import detach_record
from ghostsync.sandbox import Instance

EXAMPLE = Path(__file__).parents[2] / "example-site"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that holds a copy of the example site as `content`."""
    shutil.copytree(EXAMPLE, tmp_path / "content")
    return tmp_path


def test_addresses_can_be_clicked_at_a_terminal_only(tmp_path: Path, empty_ghost6: Instance) -> None:
    """The address of what was pushed is a link (OSC 8) for eyes; without colour, and in a pipe, it is bare text."""
    seen = []
    for name, environ in (("one", {}), ("two", {"NO_COLOR": "1"}), ("three", {"TERM": "dumb"})):
        (tmp_path / f"{name}.md").write_text("---\nstatus: published\n---\nText.\n")
        shown = at_terminal(empty_ghost6, "push", cwd=tmp_path, **environ)
        assert shown.code == 0, shown.plain
        assert f"→ {empty_ghost6.url}/{name}/\n" in shown.plain
        seen.append(shown.text)
    url = re.escape(f"{empty_ghost6.url}/one/")
    assert re.search(rf"\x1b\]8;[^;]*;{url}\x1b\\{url}\x1b\]8;;\x1b\\", seen[0]), seen[0]
    assert ["\x1b]8" in text for text in seen] == [True, False, False]

    (tmp_path / "four.md").write_text("---\nstatus: published\n---\nText.\n")
    piped = run(empty_ghost6, "push", cwd=tmp_path, TERM="xterm-256color")
    assert f"✓ created four.md → {empty_ghost6.url}/four/\n" in piped.stdout
    assert "\x1b" not in piped.stdout + piped.stderr


def test_the_example_site_is_pushed_and_then_nothing_is_left_to_do(site: Path, empty_ghost6: Instance) -> None:
    """A first push exits with 0, and the same command again sends no write at all."""
    log = empty_ghost6.log_requests()
    first = run(empty_ghost6, "push", "content", "--yes", cwd=site)
    before = len(log.writes())
    quiet = empty_ghost6.log_requests()
    again = run(empty_ghost6, "push", "content", "--yes", cwd=site)

    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stderr
    assert before > 50
    assert quiet.writes() == ()
    assert len(quiet.read()) > 0
    assert "Traceback" not in first.stderr + again.stderr

    third = run(empty_ghost6, "push", "content", "--yes", cwd=site, PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in third.stderr.splitlines()}
    assert third.stdout == again.stdout
    assert "ghostsync.engine.session" in loaded
    # What the commonest run of all does not need, it does not wait for.
    assert not loaded & {"rich", "yaml", "markdown_it", "ghostsync.lexical.compile", "ghostsync.apply.applier"}


def test_json_is_one_document_and_nothing_else(site: Path, empty_ghost6: Instance) -> None:
    """`--format json` puts one JSON document on stdout, with a digest, counts and an outcome per change."""
    done = run(empty_ghost6, "push", "content", "--yes", "--format", "json", cwd=site)

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["plan"]["summary"]["create"] == 27
    assert len(document["outcomes"]) == len(document["plan"]["changes"])
    assert {outcome["status"] for outcome in document["outcomes"]} == {"applied"}


def test_the_content_root_does_not_depend_on_where_one_stands(tmp_path: Path, empty_ghost6: Instance) -> None:
    """From above, from inside and with a configuration the same records are planned; a folder below is a selection."""
    content = tmp_path / "site" / "content"
    (content / "posts" / "sub").mkdir(parents=True)
    (content / "posts" / "one.md").write_text("# One\n\nText.\n")
    (content / "posts" / "sub" / "two.md").write_text("# Two\n\nText.\n")
    (tmp_path / "site" / "ghostsync.toml").write_text('project = "roots"\ncontent = "content"\n')
    plain = tmp_path / "plain" / "content"
    shutil.copytree(content, plain)

    def digest(*arguments: str, cwd: Path) -> tuple[str, list[str]]:
        plan = json.loads(run(empty_ghost6, "plan", *arguments, "--format", "json", cwd=cwd).stdout)["plan"]
        return plan["digest"], [c["path"] for c in plan["changes"] if c["change"] == "create"]

    above = digest("./content", cwd=plain.parent)
    inside = digest(".", cwd=plain)
    configured = digest(cwd=tmp_path / "site")
    configured_inside = digest(".", cwd=content)

    assert above == inside
    assert above[1] == ["posts/one.md", "posts/sub/two.md"]
    assert configured == configured_inside
    assert configured[1] == above[1]

    assert run(empty_ghost6, "push", "--yes", cwd=tmp_path / "site").returncode == 0
    paths = set()
    for row in _rows(empty_ghost6):
        _, record = detach_record(json.loads(row), site_url=f"{empty_ghost6.url}/")
        assert record is not None
        paths.add(record.path)
    assert paths == {"posts/one.md", "posts/sub/two.md"}

    (content / "posts" / "one.md").unlink()
    part = json.loads(run(empty_ghost6, "plan", "content/posts/sub", "--format", "json", cwd=tmp_path / "site").stdout)[
        "plan"
    ]
    whole = json.loads(run(empty_ghost6, "plan", "--format", "json", cwd=tmp_path / "site").stdout)["plan"]
    assert [note["path"] for note in part["notes"]] == []
    assert [note["kind"] for note in whole["notes"]] == ["orphan"]


def _rows(site: Instance) -> list[str]:
    import sqlite3

    with sqlite3.connect(site.database_path) as database:
        return [row[0] for row in database.execute("select lexical from posts")]


def test_a_saved_plan_is_applied_or_refused(tmp_path: Path, empty_ghost6: Instance) -> None:
    """`push --plan` applies the reviewed plan, and stops with exit 4 when a file changed in between."""
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    assert run(empty_ghost6, "plan", "-o", "plan.json", cwd=tmp_path).returncode == 0
    (tmp_path / "a.md").write_text("# A\n\nOther text.\n")

    refused = run(empty_ghost6, "push", "--plan", "plan.json", cwd=tmp_path)
    assert refused.returncode == 4
    assert "not the one that was reviewed" in refused.stderr

    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    assert run(empty_ghost6, "push", "--plan", "plan.json", cwd=tmp_path).returncode == 0

    # The plan of a pull is told from one that does not hold any more.
    assert run(empty_ghost6, "plan", "--pull", "-o", "plan.json", cwd=tmp_path).returncode == 0
    other = run(empty_ghost6, "push", "--plan", "plan.json", cwd=tmp_path)
    assert (other.returncode, "ghostsync pull --plan plan.json" in other.stderr) == (2, True)


def test_plan_says_with_its_exit_code_that_changes_are_pending(tmp_path: Path, empty_ghost6: Instance) -> None:
    """`plan --exit-code` exits with 3 while something is to do, with 0 otherwise."""
    (tmp_path / "a.md").write_text("# A\n\nText.\n")

    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 3
    assert run(empty_ghost6, "push", cwd=tmp_path).returncode == 0
    assert run(empty_ghost6, "plan", "--exit-code", cwd=tmp_path).returncode == 0


def test_an_invalid_document_blocks_itself_only(tmp_path: Path, empty_ghost6: Instance) -> None:
    """A broken document is named with file and line, exit 5; the others are pushed."""
    (tmp_path / "good.md").write_text("# Good\n\nText.\n")
    (tmp_path / "bad.md").write_text("---\ntitle: Bad\nstatus: nonsense\n---\nText.\n")

    done = run(empty_ghost6, "push", cwd=tmp_path)
    again = json.loads(run(empty_ghost6, "plan", "--format", "json", cwd=tmp_path).stdout)["plan"]

    assert done.returncode == 5
    assert "bad.md:3" in done.stderr + done.stdout
    assert again["summary"]["unchanged"] == 1
    assert again["summary"]["create"] == 0


def test_the_version_is_said() -> None:
    """`--version` prints the version."""
    from ghostsync import __version__

    assert __version__ in run(None, "--version", cwd=Path.cwd()).stdout


def test_quiet_says_only_what_went_wrong(tmp_path: Path, empty_ghost6: Instance) -> None:
    """A push that goes well is silent; a problem and a conflict are shown, and what they are is shown in full."""
    (tmp_path / "hello.md").write_text("# Hello\n\nText.\n")
    good = run(empty_ghost6, "push", "-q", cwd=tmp_path)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    again = run(empty_ghost6, "push", "-q", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    (tmp_path / "broken.md").write_text("---\nstatus: publishd\n---\n")
    (tmp_path / "fresh.md").write_text("# Fresh\n")
    bad = run(empty_ghost6, "push", "-q", cwd=tmp_path)
    assert bad.returncode == 5
    assert "broken.md:2" in bad.stdout
    assert "fresh.md" not in bad.stdout


def test_schemas_are_printed_as_they_ship(tmp_path: Path) -> None:
    """`schema NAME > file` gives the package's own file, and an unknown name is refused."""
    for name in ("config", "front-matter", "tags", "plan"):
        done = run(None, "schema", name, cwd=tmp_path)
        shipped = Path(__file__).parents[2] / "ghostsync" / "schemas" / f"{name}.json"
        assert (done.returncode, done.stdout) == (0, shipped.read_text(encoding="utf-8"))
    assert run(None, "schema", "nothing", cwd=tmp_path).returncode == 2
