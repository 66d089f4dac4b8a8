"""What the documentation promises about itself: short, current, no dead link, and CI runs its very commands."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from ghostsync.core.reconcile import render_table

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
# In a `console` block, what follows the prompt is a command.
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^(```+|~~~+).*?^\1`*~*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def commands_of(markdown: str) -> list[str]:
    """Return the commands of all console blocks."""
    lines = [line for block in CONSOLE.findall(markdown) for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def commands_of_ci() -> list[str]:
    """Return the commands that `.ci/run` takes from the README."""
    return re.findall(r'^readme "(.+)"$', (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)


def pages() -> list[str]:
    """Return all Markdown pages of the repository that people read, relative to its root."""
    found = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    found += sorted((ROOT / "docs").rglob("*.md"))
    return [page.relative_to(ROOT).as_posix() for page in found]


def anchors_of(page: Path) -> set[str]:
    """Return the fragments that a page's headings make, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    plain = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def dead_links_of(markdown: str, page: Path) -> list[str]:
    """Return the relative links of a page that lead to no file, or to no heading of one."""
    dead = []
    for link in LINK.findall(FENCE.sub("", markdown)):
        target, _, fragment = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = (page.parent / target).resolve() if target else page
        if not place.exists() or (fragment and fragment not in anchors_of(place)):
            dead.append(link)
    return dead


def test_the_readme_is_short() -> None:
    """Who opens the repository reads a page, not a book."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_two_commands_are_enough_and_ci_runs_them() -> None:
    """The commands that install something are two, and `.ci/run` runs them letter by letter."""
    installing = [command for command in commands_of(README.read_text(encoding="utf-8")) if "pip install" in command]
    assert len(installing) == 2
    assert commands_of_ci() == installing


@pytest.mark.parametrize("page", pages())
def test_no_link_is_dead(page: str) -> None:
    """Every relative link of a page leads to a file, and its fragment to a heading."""
    assert dead_links_of((ROOT / page).read_text(encoding="utf-8"), ROOT / page) == []


def test_a_dead_link_is_found() -> None:
    """Control: a missing file and a missing heading are noticed; addresses and code are not links of ours."""
    text = "[a](docs/nowhere.md) [b](README.md#no-such-heading) [c](https://example.com/x)\n\n```\n[d](nowhere)\n```\n"
    assert dead_links_of(text, README) == ["docs/nowhere.md", "README.md#no-such-heading"]


@pytest.mark.parametrize("page", [page for page in pages() if page.startswith("docs/") and page != "docs/README.md"])
def test_every_page_is_in_the_index(page: str) -> None:
    """A page that the index does not name is a page that nobody finds."""
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert f"({page.removeprefix('docs/')})" in index


def test_the_table_is_the_one_that_decides() -> None:
    """The twelve rows in the documentation are printed from the table that the engine decides by."""
    table = render_table()
    assert table.count("\n") == 14
    assert table in (ROOT / "docs/concepts/how-sync-works.md").read_text(encoding="utf-8")


def test_commands_of_the_readme_exist() -> None:
    """Every `ghostsync` command that the README names is one."""
    from ghostsync.cli import _COMMANDS, cli

    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"`ghostsync (?:--[a-z]+ )*([a-z]+)[ `]", text))
    named |= {
        match[1]
        for command in commands_of(text)
        for match in re.finditer(r"ghostsync (?:--[a-z]+ )*([a-z]+)\b", command)
    }
    assert {"push", "plan", "sandbox"} <= named
    assert {name for name in named if name not in _COMMANDS or cli.get_command(None, name) is None} == set()  # type: ignore[arg-type]


def names_in(page: str) -> list[str]:
    """Return the dotted names that a page of the design prints as code."""
    return sorted(set(re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", (ROOT / page).read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", names_in("docs/design/one-push.md"))
def test_the_walk_through_the_code_leads_to_code(name: str) -> None:
    """Every module, class and function that the page names is there."""
    parts = name.split(".")
    depth = max(at for at in range(1, len(parts) + 1) if _is_module(parts[:at]))
    found: object = importlib.import_module(".".join(["ghostsync", *parts[:depth]]))
    for part in parts[depth:]:
        found = getattr(found, part)


def _is_module(parts: list[str]) -> bool:
    place = ROOT.joinpath("ghostsync", *parts)
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()
