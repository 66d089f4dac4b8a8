"""The arrows between the parts, read from the source: who may import whom, and who may touch the world."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import ghostsync

PACKAGE = Path(ghostsync.__file__).parent

# What reads a clock, a network, a disk, an environment or a terminal. `os.path`-like calculations on names are done
# with PurePosixPath, dates with the types of `datetime` (never `now`), so those two modules are allowed by name.
WORLD = frozenset(
    {
        "asyncio", "click", "dotenv", "filelock", "glob", "http", "imagesize", "keyring", "logging", "multiprocessing",
        "os", "platformdirs", "random", "requests", "rich", "secrets", "shutil", "socket", "sqlite3", "ssl",
        "subprocess", "tempfile", "threading", "time", "urllib.request", "urllib3", "watchdog",
    }
)  # fmt: skip
PURE = ("core", "lexical")
ONLY_NAMES = {"pathlib": {"PurePosixPath", "PurePath"}, "io": {"StringIO", "BytesIO"}}
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})

# Who may import these packages; everything below a listed module may too.
RESERVED = {
    "requests": ("ghost", "sandbox", "cli"),
    "urllib3": ("ghost",),
    "click": ("cli",),
    "rich": ("cli",),
    "watchdog": ("watch.observe",),
    "sqlite3": ("local", "ghost.sqlite_key", "sandbox"),
    "imagesize": ("local",),
    "keyring": ("local",),
}

# Part → parts of ghostsync that it must not know.
FORBIDDEN = {
    "errors": ("",),
    "model": ("core", "lexical", "ghost", "local", "sandbox", "cli", "ports", "apply", "engine", "watch", "hook"),
    "core": ("ghost", "local", "sandbox", "cli", "ports", "apply", "engine", "watch", "hook"),
    "lexical": ("core", "ghost", "local", "sandbox", "cli", "ports", "apply", "engine", "watch", "hook"),
    "ports": ("ghost", "local", "sandbox", "cli", "apply", "engine", "watch", "hook"),
    "ghost": ("local", "sandbox", "cli", "apply", "engine", "watch", "hook"),
    "local": ("ghost", "sandbox", "cli", "apply", "engine", "watch", "hook"),
    "downloads": ("ghost", "local", "sandbox", "cli", "apply", "engine", "watch", "hook"),
    "apply": ("ghost", "local", "sandbox", "cli", "engine", "watch", "hook"),
    "engine": ("ghost", "local", "sandbox", "cli", "apply", "watch", "hook"),
    "sandbox": ("core", "lexical", "local", "cli", "apply", "engine", "watch", "hook"),
    "watch": ("ghost", "sandbox", "cli", "hook"),
    "watch.loop": ("engine", "apply"),
    "watch.tidings": ("local", "engine", "apply"),
    "watch.syncing": ("local", "watch.observe"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from pathlib import Path` is module `pathlib`, name `Path`."""

    where: str
    line: int
    module: str
    name: str | None
    at_run_time: bool

    def __str__(self) -> str:
        return f"{self.where}:{self.line} imports {self.module}{'.' + self.name if self.name else ''}"


def imports_of(source: str, where: str) -> Iterator[Import]:
    """Yield every import in a module, wherever it stands; those for type checkers alone are marked."""
    tree = ast.parse(source)
    for_checkers = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        at_run_time = id(node) not in for_checkers
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(where, node.lineno, alias.name, None, at_run_time)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}:{node.lineno}: relative imports hide the arrow"
            for alias in node.names:
                yield Import(where, node.lineno, node.module or "", alias.name, at_run_time)


def is_within(module: str, whole: str) -> bool:
    """Say whether `module` is `whole` or lies in it."""
    return module == whole or module.startswith(f"{whole}.")


def part_of(where: str) -> str:
    """Return a module's name in the package: `core.base` for `ghostsync/core/base.py`."""
    return where.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def faults_of(source: str, where: str) -> list[str]:
    """Return everything that a module at `where` (relative to the package) imports against the arrows."""
    part = part_of(where)
    faults = []
    for imported in imports_of(source, where):
        full = f"{imported.module}.{imported.name}" if imported.name else imported.module
        if any(is_within(part, pure) for pure in PURE):
            names = ONLY_NAMES.get(imported.module)
            if any(is_within(full, world) or is_within(imported.module, world) for world in WORLD) or (
                names is not None and imported.name not in names
            ):
                faults.append(f"{imported}: {part.split('.')[0]} is pure")
        for package, owners in RESERVED.items():
            if is_within(imported.module, package) and not any(is_within(part, owner) for owner in owners):
                faults.append(f"{imported}: only {', '.join(owners)} may")
        for who, others in FORBIDDEN.items():
            if not is_within(part, who):
                continue
            for other in others:
                target = f"ghostsync.{other}" if other else "ghostsync"
                if is_within(full, target):
                    faults.append(f"{imported}: {who} must not know {other or 'anything'}")
    if any(is_within(part, pure) for pure in PURE):
        faults.extend(clock_faults(source, where))
    return faults


def clock_faults(source: str, where: str) -> Iterator[str]:
    """Yield the places where pure code looks at a clock or opens a file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS:
            yield f"{where}:{node.lineno} asks a clock"
        if isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}:
            yield f"{where}:{node.lineno} calls {node.func.id}()"


def modules() -> list[str]:
    """Return all modules of the package, relative to it."""
    return sorted(file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("where", modules())
def test_no_module_imports_against_the_arrows(where: str) -> None:
    """Every module keeps to its place."""
    assert faults_of((PACKAGE / where).read_text(encoding="utf-8"), where) == []


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("core/merge.py", "import time"),
        ("core/merge.py", "from os import path"),
        ("core/merge.py", "from pathlib import Path"),
        ("core/merge.py", "def f() -> None:\n    import requests"),
        ("core/merge.py", "from datetime import datetime\nx = datetime.now()"),
        ("core/merge.py", "data = open('x').read()"),
        ("core/merge.py", "from ghostsync.local.cache import Cache"),
        ("core/merge.py", "from ghostsync.apply import applier"),
        ("lexical/cards/image.py", "import logging"),
        ("lexical/cards/image.py", "from ghostsync.core.fields import FIELDS"),
        ("local/tree.py", "from ghostsync.ghost import wire"),
        ("local/tree.py", "import requests.adapters"),
        ("ghost/wire.py", "import ghostsync.local.cache"),
        ("ghost/wire.py", "from ghostsync.apply.applier import Applier"),
        ("engine/session.py", "import click"),
        ("engine/session.py", "from ghostsync.ghost.gateway import GhostSite"),
        ("watch/loop.py", "from watchdog.observers import Observer"),
        ("errors.py", "from ghostsync.model import Post"),
    ],
)
def test_a_planted_violation_is_found(where: str, source: str) -> None:
    """Control: each kind of forbidden import is noticed, at the top of a module and inside a function."""
    assert faults_of(source, where)


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("core/merge.py", "from pathlib import PurePosixPath"),
        ("core/merge.py", "from datetime import datetime, UTC"),
        ("local/tree.py", "from ghostsync.core.base import Base"),
        ("cli/push.py", "import click, rich"),
        ("ghost/transport.py", "import requests"),
        ("watch/observe.py", "from watchdog.observers import Observer"),
        ("model.py", "from ghostsync.errors import Problem"),
    ],
)
def test_what_is_allowed_is_not_found(where: str, source: str) -> None:
    """Control: the rules let through what the design wants."""
    assert faults_of(source, where) == []


def loaded_by(statement: str) -> set[str]:
    """Return the top-level names of all modules that a fresh interpreter holds after a statement."""
    program = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


HEAVY = {"requests", "urllib3", "rich", "markdown_it", "ruamel", "tomlkit", "watchdog", "sqlite3", "jwt", "imagesize"}


@pytest.mark.parametrize(
    "package",
    ["ghostsync", "ghostsync.core", "ghostsync.lexical", "ghostsync.ghost", "ghostsync.local", "ghostsync.sandbox"],
)
def test_packages_are_light(package: str) -> None:
    """Importing a package imports nothing heavy; its parts do when they are asked for."""
    assert loaded_by(f"import {package}") & (HEAVY | {"click"}) == set()


def test_the_command_line_is_light() -> None:
    """`ghostsync --version` and `--help` load click and nothing else of weight."""
    found = loaded_by("import ghostsync.cli")
    assert "click" in found
    assert found & HEAVY == set()


def test_the_client_loads_what_it_needs() -> None:
    """Control: the same look finds an HTTP client where there is one."""
    assert "requests" in loaded_by("from ghostsync import Ghost")


def writes_to_the_terminal(source: str) -> list[str]:
    """Return what in a module prints by itself instead of going through the console."""
    found = [ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        name
        for name in found
        if name in {"print", "click.echo", "click.secho", "click.confirm", "click.prompt", "sys.stdout.write"}
    ]


@pytest.mark.parametrize("where", [each for each in modules() if each.startswith("cli/")])
def test_commands_speak_through_the_console(where: str) -> None:
    """Only the console prints: it knows about secrets, colour, quiet and encodings."""
    assert writes_to_the_terminal((PACKAGE / where).read_text(encoding="utf-8")) == []
    assert writes_to_the_terminal("import click\nclick.echo('x')") == ["click.echo"]
