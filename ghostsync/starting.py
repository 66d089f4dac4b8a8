"""The files of a new project. None that is there is ever overwritten; lines are added to two of them, at their end.

`.gitignore` is written before `.env`, so that there is no moment in which Git could pick up the key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ghostsync.core.configuration import EXPLAINED
from ghostsync.errors import GhostsyncError
from ghostsync.local.config import CONFIG_FILE
from ghostsync.local.credentials import KEY_NAME
from ghostsync.local.generators import Places

IGNORED = (".env", ".ghostsync/")
WORKFLOW = Path(".github/workflows/ghostsync.yml")


class Became(StrEnum):
    """What became of one file."""

    WRITTEN = "written"
    EXTENDED = "extended"
    KEPT = "left as it is"
    THERE = "has it already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a new project is to be."""

    folder: Path
    project: str | None
    content: str
    url: str | None
    """None where the address is not to be written down: a sandbox has another one on every machine."""
    preset: str | None = None
    """The site generator whose front matter is read."""
    places: Places | None = None
    """Where that generator's folder has what, when all of it is the content directory."""


def config_text(start: Start) -> str:
    """Return the text of `ghostsync.toml`, with what else can be said as comments."""
    lines = ["# What ghostsync keeps in agreement here. Every key is explained in", f"# {EXPLAINED}", ""]
    if start.project is None:
        lines += ['# project = "my-site"   # needed before anything can be pruned']
    else:
        lines += ["# Posts belong to the project that wrote them.", f'project = "{_escaped(start.project)}"']
    lines += ["", "# The folder with the documents, from here.", f'content = "{_escaped(start.content)}"', ""]
    if start.preset is not None:
        lines += ["# The front matter of the documents is that of another tool.", f'preset = "{start.preset}"', ""]
    if start.url is not None:
        lines += ["[sites.production]", f'url = "{_escaped(start.url)}"', f"# The key is never here: {KEY_NAME}.", ""]
    if start.places is not None and start.places.posts is not None:
        lines += ["# Where new posts from Ghost go.", "[pull]", f'posts = "{start.places.posts}"']
        lines += [f'pages = "{start.places.pages}"'] if start.places.pages else []
        lines += [f'media = "{start.places.media}"'] if start.places.media else []
        lines += [""]
    lines += [
        "# Values that documents have unless they say otherwise:",
        '# [defaults."posts/**"]',
        '# status = "published"',
        "",
    ]
    return "\n".join(lines)


def ignore_text(places: Places) -> str:
    """Return the text of `.ghostsyncignore` for a generator's folder."""
    lines = ("# What is no content of the site, by the rules of .gitignore.", *places.ignored)
    return "\n".join(lines) + "\n"


def workflow_text(content: str, *, project: str | None) -> str:
    """Return a GitHub workflow that plans on pull requests and publishes on pushes to the main branch."""
    return f"""name: {project or "content"}
on:
  push:
    branches: [main]
  pull_request:
concurrency:
  group: content-${{{{ github.ref }}}}
permissions:
  contents: read
  pull-requests: write
jobs:
  ghost:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          # The history is one of the places where ghostsync finds what both sides last agreed on.
          fetch-depth: 0
      - uses: ghostsync/ghostsync@v1
        with:
          url: ${{{{ secrets.GHOST_ADMIN_API_URL }}}}
          key: ${{{{ secrets.GHOST_ADMIN_API_KEY }}}}
          path: {content}
"""


def refuse_existing(folder: Path) -> None:
    """Raise where there is a project already."""
    file = folder / CONFIG_FILE
    if file.exists():
        raise GhostsyncError(f"{file} is there already, and nothing was changed", hint="`ghostsync doctor` examines it")


def write_new(file: Path, text: str) -> Became:
    """Write a file that is not there; leave one that is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        return Became.KEPT
    return Became.WRITTEN


def ignore(folder: Path, names: Iterable[str] = IGNORED) -> Became:
    """Add to `.gitignore` what is not in it."""
    file = folder / ".gitignore"
    there = {line.strip().lstrip("/") for line in _text(file).splitlines()}
    missing = [name for name in names if name not in there and name.rstrip("/") not in there]
    return _append(file, missing, mode=0o644)


def keep_key(folder: Path, key: str, name: str = KEY_NAME) -> Became:
    """Put the key into `.env`, readable by its owner only; an entry that is there stays."""
    file = folder / ".env"
    lines = [line.removeprefix("export ").strip() for line in _text(file).splitlines()]
    there = next((line.partition("=")[2] for line in lines if line.startswith(f"{name}=")), None)
    if there is not None:
        return Became.THERE if there.strip("\"'") == key else Became.KEPT
    return _append(file, [f"{name}={key}"], mode=0o600)


def _append(file: Path, lines: list[str], *, mode: int) -> Became:
    text = _text(file)
    if not lines:
        return Became.KEPT
    existed = file.exists()
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode)
    with os.fdopen(opened, "a", encoding="utf-8") as out:
        out.write(("\n" if text and not text.endswith("\n") else "") + "\n".join(lines) + "\n")
    return Became.EXTENDED if existed else Became.WRITTEN


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig") if file.is_file() else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
