"""Every console example in the documentation is true: each page is followed, from top to bottom, against a real Ghost.

`console_pages` says how a page is read. The getting-started page has a test of its own, from a fresh clone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
import pytest
from docs.console_pages import Command, InGhost, NotRun, Save, Shell, follow, matches, parse_page
from sandbox_fixtures import GHOST_6

from docs import in_ghost
from ghostsync.sandbox import Instance, Sandbox
from ghostsync.sandbox.folders import Folders

ROOT = Path(__file__).resolve().parents[2]
STARTED = "docs/getting-started.md"
# The README's two commands that install: `.ci/run` runs them, letter by letter (`test_readme` compares).
INSTALLS = "pip install"
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if any(isinstance(step, Command | Save | NotRun) for step in parse_page(page.read_text(encoding="utf-8")))
)
# What no page can do on a machine of its own, with the reason that readers see. A new one is a decision, not a way out.
NOT_RUN = {
    "README.md": ["it needs your own site"],
    STARTED: ["it needs your own site"],
    "docs/guides/conflicts.md": ["the paths are yours; the same commands are run below"],
    "docs/guides/text-editor.md": ["it installs from npm"],
    "docs/guides/watch.md": ["it goes on until Ctrl-C"],
}


def environment(home: Path, data: Path) -> dict[str, str]:
    """Return the environment of somebody who has never used ghostsync; only Ghost's installation is shared."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.endswith("_proxy")}
    return {
        **kept,
        **pip,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(platformdirs.user_cache_path()),
        "XDG_DATA_HOME": str(data),
        "LC_ALL": "C.UTF-8",
        "GIT_AUTHOR_NAME": "A Writer",
        "GIT_AUTHOR_EMAIL": "writer@example.com",
        "GIT_COMMITTER_NAME": "A Writer",
        "GIT_COMMITTER_EMAIL": "writer@example.com",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "init.defaultBranch",
        "GIT_CONFIG_VALUE_0": "main",
    }


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Instance]]:
    """The data folder of a person, and the sandbox in it that `--sandbox` means."""
    data = tmp_path_factory.mktemp("person") / "data"
    folders = Folders(cache=Folders.standard().cache, data=data / "ghostsync" / "sandbox")
    instance = Sandbox.up("default", GHOST_6, folders=folders)
    yield data, instance
    instance.remove()


@pytest.fixture
def sandbox(sandboxes: tuple[Path, Instance]) -> Instance:
    """The sandbox, with nothing in it."""
    instance = sandboxes[1]
    instance.start()
    instance.empty()
    return instance


@pytest.fixture
def shell(sandboxes: tuple[Path, Instance], sandbox: Instance, tmp_path: Path) -> Iterator[Callable[[Path], Shell]]:
    """Open shells in which `ghostsync` is the one that is tested."""
    opened: list[Shell] = []

    def open_shell(folder: Path) -> Shell:
        environ = environment(tmp_path / "home", sandboxes[0])
        environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environ["PATH"]))
        opened.append(Shell(folder, environ))
        return opened[-1]

    yield open_shell
    for each in opened:
        each.close()


@pytest.mark.real
@pytest.mark.parametrize("page", [page for page in PAGES if page != STARTED])
def test_a_page_is_true(page: str, sandbox: Instance, shell: Callable[[Path], Shell], tmp_path: Path) -> None:
    """Followed from top to bottom in an empty folder, every command says what the page says it does."""
    folder = tmp_path / "reader"
    folder.mkdir()
    steps = tuple(
        step
        for step in parse_page((ROOT / page).read_text(encoding="utf-8"))
        if not (page == "README.md" and isinstance(step, Command) and INSTALLS in step.text)
    )
    with in_ghost.person_at(sandbox) as person:
        follow(steps, shell(folder), folder, lambda what: in_ghost.do(person, what))


def test_what_is_not_run_is_known() -> None:
    """No example leaves the tests unnoticed: each that cannot run here is in the list, with the reason on its page."""
    found = {
        page: reasons
        for page in PAGES
        if (
            reasons := [
                step.reason
                for step in parse_page((ROOT / page).read_text(encoding="utf-8"))
                if isinstance(step, NotRun)
            ]
        )
    }
    assert found == NOT_RUN


def test_a_page_is_read_as_a_reader_reads_it() -> None:
    """Commands with what they say, files to save, what happens in Ghost, and what is left out."""
    page = (
        "Save this as `a/b.md`:\n\n```markdown\n# Hi\n```\n\n"
        "```console\n$ cat a/b.md\n# Hi\n$ for x in 1; do\n>   true\n> done\n```\n<!-- in Ghost: delete hi -->\n\n"
        "```console\n# not run: no printer\n$ lpr a/b.md\n```\n\n```toml\na = 1\n```\n"
    )
    assert parse_page(page) == (
        Save(line=3, path="a/b.md", text="# Hi\n"),
        Command(line=8, text="cat a/b.md", says=("# Hi",)),
        Command(line=10, text="for x in 1; do\n  true\ndone", says=None),
        InGhost(line=14, what="delete hi"),
        NotRun(line=17, reason="no printer", commands=("lpr a/b.md",)),
    )


@pytest.mark.parametrize(
    ("says", "actual", "fits"),
    [
        (("a", "…", "z"), ["a", "b", "c", "z"], True),
        (("a", "…", "z"), ["a", "z"], True),
        (("at …, in …",), ["at noon, in Ghent"], True),
        (("at …",), ["at noon", "and more"], False),
        (("a.c",), ["abc"], False),
        (("a",), [], False),
    ],
)
def test_an_ellipsis_stands_for_something_and_nothing_else_does(
    says: tuple[str, ...], actual: list[str], fits: bool
) -> None:
    """Within a line for text of that line, alone for whole lines; every other letter counts."""
    assert matches(says, actual) is fits


def test_an_untrue_page_is_found(shell: Callable[[Path], Shell], tmp_path: Path) -> None:
    """Control: wrong output and an unannounced failure are faults; an announced one is not."""
    for page in ("```console\n$ echo a\nb\n```\n", "```console\n$ false\n$ true\n```\n", "```console\n$ false\n```\n"):
        with pytest.raises(AssertionError, match="line 2"):
            follow(parse_page(page), shell(tmp_path), tmp_path, lambda what: None)
    told = "```console\n$ cd / && false\n$ echo $?\n1\n$ pwd\n/\n```\n"
    assert follow(parse_page(told), shell(tmp_path), tmp_path, lambda what: None) == ["1", "/"]
