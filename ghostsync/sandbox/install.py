"""Ghost's code on this machine: fetched from npm once per version, checked by running it, then only read.

`npm install ghost` cannot work: Ghost is published as an application whose own packages lie as tarballs inside it
(`components/*.tgz`), to be installed from within. So the tarball is fetched (`npm pack`), unpacked, and its
dependencies are installed in its folder: with pnpm and the lock file that Ghost ships, where it ships one (6.x, the
version of pnpm named by `packageManager`), else with npm and Ghost's own `resolutions` as npm `overrides` (5.x).

An installation is made aside and renamed into place when everything in it has been seen working, by one process at
a time. What an interrupted run leaves behind is therefore never mistaken for an installation: it is thrown away and
made again, and since npm and pnpm keep what they downloaded, making it again is quick.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ghostsync.errors import SandboxError
from ghostsync.sandbox.folders import Folders, check_version
from ghostsync.sandbox.locks import turn
from ghostsync.sandbox.progress import Progress, silent
from ghostsync.sandbox.toolchain import (
    FALLBACK_PNPM,
    Node,
    make_aside,
    make_node,
    make_pnpm,
    remove_tree,
    run,
    sweep_aside,
)

DEFAULT_VERSION = "6.65.0"

# Optional native modules that are compiled for minutes where no prebuilt binary can be downloaded, and which Ghost's
# packages replace by plain JavaScript when they are absent (re2: url-regex-safe falls back to RegExp).
_NOT_BUILT = ("re2",)
# Reached through Ghost 5's `resolutions` or its test packages only; their npm versions stand in for Git addresses.
_NPM_INSTEAD_OF_GIT = {"mock-knex": "0.4.13"}
# The SQLite driver by the order in which Ghost came to prefer it: 6.x has better-sqlite3, 5.x sqlite3.
_SQLITE_DRIVERS = ("better-sqlite3", "sqlite3")
# Opens a database, and decodes and encodes a picture: the two native modules without which Ghost runs badly or not.
_CHECK = """
const driver = process.argv[1];
if (driver === 'better-sqlite3') {
    const Database = require(driver);
    if (new Database(':memory:').prepare('select 40 + 2 as n').get().n !== 42) throw new Error('wrong sum');
} else {
    new (require(driver).Database)(':memory:').get('select 40 + 2 as n', (error, row) => {
        if (error || row.n !== 42) throw error || new Error('wrong sum');
    });
}
require('sharp')({create: {width: 4, height: 4, channels: 3, background: '#fff'}}).png().toBuffer()
    .then(buffer => { if (buffer.length < 50) throw new Error('no picture'); });
"""
_PNPM_PROGRESS = re.compile(r"resolved (\d+), .*added (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Ghost that can be run: its package folder (with node_modules) and the Node.js binary to run it with.

    `sqlite_driver` is the npm package name of the SQLite driver it holds, as `database.client` wants it.
    """

    version: str
    package_dir: Path
    node: Path
    sqlite_driver: str


def installation(
    version: str = DEFAULT_VERSION, *, folders: Folders | None = None, progress: Progress = silent
) -> Installation:
    """Return Ghost `version` ready to run, installing it first (2–5 minutes, once) when it is not there.

    Raises SandboxError when it cannot be installed. Several processes may call this at once: one installs, the
    others wait for it.
    """
    if sys.platform == "win32":
        raise SandboxError("the sandbox does not run on Windows", hint="use it inside WSL")
    folders = folders or Folders.standard()
    home = folders.ghost(check_version(version))
    if not _is_complete(home):
        folders.cache.mkdir(parents=True, exist_ok=True)
        with turn(folders.lock(home.name), f"installing Ghost {version}", progress):
            if not _is_complete(home):
                _install(folders, version, progress)
    node = make_node(folders, progress)
    return _describe(home, version, node)


def is_installed(version: str, *, folders: Folders | None = None) -> bool:
    """Say whether Ghost `version` is installed completely."""
    return _is_complete((folders or Folders.standard()).ghost(check_version(version)))


def _is_complete(home: Path) -> bool:
    """Say whether `home` is a finished installation: the marker is written last, before the folder gets its name."""
    return (home / "complete").exists() and (home / "package" / "index.js").exists()


def _describe(home: Path, version: str, node: Node) -> Installation:
    package_dir = home / "package"
    return Installation(
        version=version,
        package_dir=package_dir,
        node=node.binary,
        sqlite_driver=_sqlite_driver(package_dir),
    )


def _install(folders: Folders, version: str, progress: Progress) -> None:
    """Install into a folder aside, check, rename. The caller holds the lock of this version."""
    node = make_node(folders, progress)
    home = folders.ghost(version)
    progress(f"fetching Ghost {version}")
    aside = make_aside(home)
    _unpack(aside, version, node)
    package_dir = aside / "package"
    manifest = json.loads((package_dir / "package.json").read_text(encoding="utf-8"))
    if (package_dir / "pnpm-lock.yaml").exists():
        _install_with_pnpm(package_dir, manifest, folders=folders, version=version, node=node, progress=progress)
    else:
        _install_with_npm(package_dir, manifest, version=version, node=node, progress=progress)
    progress(f"checking Ghost {version}")
    _check_native(package_dir, node)
    (aside / "complete").touch()
    remove_tree(home)
    aside.rename(home)
    # Once more: what an interrupted run had started may have gone on writing for a while.
    sweep_aside(home)
    remove_tree(folders.cache / f"pnpm-store-{version}")


def _unpack(aside: Path, version: str, node: Node) -> None:
    run(
        [str(node.commands / "npm"), "pack", f"ghost@{version}", "--pack-destination", str(aside)],
        folder=aside,
        environment=node.environment(),
        what=f"npm pack ghost@{version}",
    )
    archive = aside / f"ghost-{version}.tgz"
    with tarfile.open(archive) as opened:
        opened.extractall(aside, filter="data")
    archive.unlink()


def _install_with_pnpm(
    package_dir: Path, manifest: dict[str, Any], *, folders: Folders, version: str, node: Node, progress: Progress
) -> None:
    """Install what Ghost's own lock file names, nothing newer.

    The store lies beside the installation, on the same disk, so that pnpm can link instead of copy and an
    interrupted run finds its downloads again; it goes once everything is in place.
    """
    wanted = re.match(r"pnpm@(\d+\.\d+\.\d+)", str(manifest.get("packageManager", "")))
    pnpm = make_pnpm(folders, wanted[1] if wanted else FALLBACK_PNPM, progress)
    stage = f"installing Ghost {version}'s dependencies"
    progress(stage)
    _leave_unbuilt(package_dir)

    def line_seen(line: str) -> None:
        if counted := _PNPM_PROGRESS.search(line):
            progress(stage, done=int(counted[2]), total=int(counted[1]))
        elif "better-sqlite3" in line and "install:" in line:
            progress(f"compiling Ghost {version}'s SQLite driver")

    store = str(folders.cache / f"pnpm-store-{version}")
    run(
        [str(pnpm), "install", "--prod", "--frozen-lockfile", "--reporter=append-only", "--store-dir", store],
        folder=package_dir,
        environment=node.environment(),
        what=f"pnpm install for Ghost {version}",
        line_seen=line_seen,
    )
    if not _has_driver_binary(package_dir, "better-sqlite3"):
        # An optional dependency: pnpm reports success when its build failed. A second try says why.
        progress(f"compiling Ghost {version}'s SQLite driver")
        run(
            [str(pnpm), "rebuild", "--store-dir", store, "better-sqlite3"],
            folder=package_dir,
            environment=node.environment(),
            what="pnpm rebuild better-sqlite3",
        )


def _leave_unbuilt(package_dir: Path) -> None:
    """Turn off the install scripts of `_NOT_BUILT` in Ghost's list of packages that may run one."""
    workspace = package_dir / "pnpm-workspace.yaml"
    if not workspace.exists():
        return
    names = "|".join(map(re.escape, _NOT_BUILT))
    text = workspace.read_text(encoding="utf-8")
    # A file of Ghost's own, machine-written, one package per line: "  re2@1.26.1: true".
    workspace.write_text(
        re.sub(rf"(?m)^(\s+'?(?:{names})(?:@[^:\s]+)?'?): true$", r"\1: false", text), encoding="utf-8"
    )


def _install_with_npm(
    package_dir: Path, manifest: dict[str, Any], *, version: str, node: Node, progress: Progress
) -> None:
    """Install a Ghost that was published for Yarn: without its test packages, its `resolutions` as `overrides`."""
    progress(f"installing Ghost {version}'s dependencies")
    manifest.pop("devDependencies", None)
    manifest["overrides"] = {**_NPM_INSTEAD_OF_GIT, **manifest.get("resolutions", {})}
    (package_dir / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    # No install scripts but those of the two native modules that Ghost cannot do without.
    options = ["--omit=dev", "--legacy-peer-deps", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    run(
        [str(node.commands / "npm"), "install", *options],
        folder=package_dir,
        environment=node.environment(),
        what=f"npm install for Ghost {version}",
    )
    native = [_sqlite_driver(package_dir), "sharp"]
    progress(f"compiling Ghost {version}'s SQLite driver")
    run(
        [str(node.commands / "npm"), "rebuild", *native],
        folder=package_dir,
        environment=node.environment(),
        what=f"npm rebuild {' '.join(native)}",
    )


def _sqlite_driver(package_dir: Path) -> str:
    """Return the SQLite driver this Ghost holds."""
    for driver in _SQLITE_DRIVERS:
        if (package_dir / "node_modules" / driver).exists():
            return driver
    raise SandboxError(
        f"{package_dir}: neither {' nor '.join(_SQLITE_DRIVERS)} was installed",
        hint="install a C++ compiler and make, or let npm reach prebuilt binaries, then `ghostsync sandbox up`",
    )


def _has_driver_binary(package_dir: Path, driver: str) -> bool:
    return any((package_dir / "node_modules" / driver / "build" / "Release").glob("*.node"))


def _check_native(package_dir: Path, node: Node) -> None:
    """Run SQLite and sharp once with the very Node that will run Ghost."""
    driver = _sqlite_driver(package_dir)
    check = subprocess.run(
        [str(node.binary), "-e", _CHECK, driver],
        cwd=package_dir,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if check.returncode != 0:
        said = "\n".join(f"  {line}" for line in check.stderr.strip().splitlines()[-15:])
        raise SandboxError(
            f"{package_dir}: the native modules {driver} and sharp do not work here:\n{said}",
            hint="install a C++ compiler, make and Python's headers, then `ghostsync sandbox up`",
        )
