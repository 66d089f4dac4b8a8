"""Installing: interrupted, twice at once, and what counts as installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ghostsync.errors import SandboxError
from ghostsync.sandbox import Folders, installation
from ghostsync.sandbox.folders import check_name, check_version
from ghostsync.sandbox.install import is_installed
from ghostsync.sandbox.progress import silent
from ghostsync.sandbox.toolchain import make_node, make_tool, run

# A package of one file without dependencies: the same way through npm as Node's and pnpm's, in a second.
_SMALL = ("is-number", "7.0.0")
_INSTALL_SMALL = """
import sys, pathlib
from ghostsync.sandbox import Folders
from ghostsync.sandbox.toolchain import make_tool
cache = pathlib.Path(sys.argv[1])
make_tool(Folders(cache=cache, data=cache), "is-number", "7.0.0", lambda stage, **counts: print(stage))
"""


def _folders(root: Path) -> Folders:
    return Folders(cache=root / "cache", data=root / "data")


@pytest.mark.real
def test_an_interrupted_install_is_redone(tmp_path: Path) -> None:
    """Half-made folders are not taken for an installation and are gone after the next run."""
    folders = _folders(tmp_path)
    home = folders.tool(*_SMALL)
    for half_made in (home, home.with_name(f"{home.name}.partial-1234")):
        (half_made / "node_modules").mkdir(parents=True)
        (half_made / "node_modules" / "rubbish").touch()
    make_tool(folders, *_SMALL, silent)
    assert (home / "node_modules" / "is-number" / "index.js").exists()
    assert (home / "complete").exists()
    assert not (home / "node_modules" / "rubbish").exists()
    assert [path.name for path in folders.cache.iterdir() if "partial" in path.name] == []


@pytest.mark.real
def test_a_finished_install_is_left_alone(tmp_path: Path) -> None:
    """The second call does nothing, not even tell."""
    folders = _folders(tmp_path)
    make_tool(folders, *_SMALL, silent)
    home = folders.tool(*_SMALL)
    before = home.stat().st_ino
    told: list[str] = []
    make_tool(folders, *_SMALL, lambda stage, **counts: told.append(stage))
    assert told == []
    assert home.stat().st_ino == before


@pytest.mark.real
def test_two_processes_install_once(tmp_path: Path) -> None:
    """Of two processes that want the same thing at the same time one installs and the other waits for it."""
    command = [sys.executable, "-c", _INSTALL_SMALL, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    waiting = "waiting for another ghostsync (installing is-number 7.0.0)\n"
    assert sorted(told) in (["", "installing is-number 7.0.0\n"], ["installing is-number 7.0.0\n", waiting])


def test_a_half_made_ghost_is_not_installed(tmp_path: Path) -> None:
    """A Ghost folder counts only with the marker that is written last, and only with Ghost in it."""
    folders = _folders(tmp_path)
    home = folders.ghost("6.65.0")
    (home / "package").mkdir(parents=True)
    assert not is_installed("6.65.0", folders=folders)
    (home / "package" / "index.js").touch()
    assert not is_installed("6.65.0", folders=folders)
    (home / "complete").touch()
    assert is_installed("6.65.0", folders=folders)
    (home / "package" / "index.js").unlink()
    assert not is_installed("6.65.0", folders=folders)


@pytest.mark.real
def test_the_installed_ghost_runs_its_native_modules() -> None:
    """The recorded Node opens SQLite and makes a picture from within the package folder."""
    installed = installation()
    script = (
        "const D = require('better-sqlite3'); console.log(new D(':memory:').prepare('select 6 * 7 as n').get().n);"
        "require('sharp')({create: {width: 2, height: 3, channels: 3, background: 'red'}}).png().toBuffer()"
        ".then(b => require('sharp')(b).metadata()).then(m => console.log(m.width, m.height, process.version));"
    )
    ran = subprocess.run(
        [str(installed.node), "-e", script], cwd=installed.package_dir, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["42", "2", "3", "v22.23.3"]


@pytest.mark.real
def test_the_machines_own_node_is_not_used(tmp_path: Path) -> None:
    """Install scripts find the pinned Node first on PATH, whatever the machine has."""
    node = make_node(Folders.standard(), silent)
    said = run(["node", "--version"], folder=tmp_path, environment=node.environment(), what="node")
    assert said == "v22.23.3"
    assert (node.headers / "include" / "node" / "node.h").exists()


def test_a_failing_command_is_quoted(tmp_path: Path) -> None:
    """What a failed command printed last stands in the error, with its exit code."""
    with pytest.raises(SandboxError, match=r"the build failed with exit code 3:\n  no compiler") as raised:
        run(["sh", "-c", "echo no compiler >&2; exit 3"], folder=tmp_path, environment=os.environ, what="the build")
    assert raised.value.hint is not None


def test_an_interruption_takes_the_children_along(tmp_path: Path) -> None:
    """When the watcher is interrupted, the command and what it started end as well."""
    pids = tmp_path / "pids"

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    script = f'sleep 60 & echo $! >> "{pids}"; echo started; wait'
    with pytest.raises(KeyboardInterrupt):
        run(["sh", "-c", script], folder=tmp_path, environment=os.environ, what="x", line_seen=interrupt)
    from ghostsync.sandbox.process import find_process

    child = find_process(int(pids.read_text(encoding="utf-8")))
    while child is not None and child.is_running():
        pass


@pytest.mark.parametrize("version", ["4.48.9", "latest", "6.65", "../6.65.0", "6.65.0; rm", ""])
def test_only_versions_of_ghost_5_and_later(version: str) -> None:
    """A version that is none, or is older than Lexical, is refused with a hint."""
    with pytest.raises(SandboxError) as raised:
        check_version(version)
    assert raised.value.hint == "`ghostsync sandbox up --ghost 6.65.0`"


@pytest.mark.parametrize("name", ["", "..", "a/b", ".locks", "-x", "Großes", "a" * 64])
def test_names_cannot_leave_the_folder(name: str) -> None:
    """A name that is not a plain folder name is refused."""
    with pytest.raises(SandboxError):
        check_name(name)


def test_ordinary_names_are_taken() -> None:
    """Control: what people type is accepted."""
    assert [check_name(name) for name in ("default", "my-site", "a.b_c", "5")] == ["default", "my-site", "a.b_c", "5"]
