"""Real Markdown to try the laws on: three kinds of text that nobody wrote for ghostsync.

- `example-site`: the repository's own site;
- the fixtures of markdown-it-py's tests: 1,500 small texts written to break Markdown parsers. Fetched as the source
  distribution of the installed version from the package index, once, into the cache folder;
- a public blog of at least 300 posts: the folder that `GHOSTSYNC_TEST_BLOG` names, for instance a checkout of
  https://github.com/rust-lang/blog.rust-lang.org. Without it, 400 of the READMEs and change logs that come with the
  packages Ghost is made of: they are on every machine that runs these tests, and written by hundreds of people.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock
from ghost_renderer import find_installation
from platformdirs import user_cache_path

ROOT = Path(__file__).parents[2]
#: So many of the READMEs are taken, evenly spread over the alphabet; shorter ones say nothing.
READMES, SHORTEST = 400, 600
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*\n", re.DOTALL | re.MULTILINE)


def _sdist(requirement: str) -> Path:
    """Return the unpacked source distribution of a package, fetched once."""
    home = user_cache_path("ghostsync-tests") / requirement.replace("==", "-")
    home.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{home}.lock"):
        if not (home / "complete").exists():
            home.mkdir(exist_ok=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*command, "--dest", str(home), requirement], check=True, capture_output=True)
            with tarfile.open(next(home.glob("*.tar.gz"))) as archive:
                archive.extractall(home, filter="data")
            (home / "complete").touch()
    return home


def _posts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.md")):
        text = path.read_bytes().decode("utf-8", "replace")
        yield str(path.relative_to(folder)), _FRONT_MATTER.sub("", text)


def example_site() -> list[tuple[str, str]]:
    """The bodies of the repository's own site."""
    return list(_posts(ROOT / "example-site"))


def parser_fixtures() -> list[tuple[str, str]]:
    """The inputs of markdown-it-py's test cases, each a text of its own."""
    folder = _sdist(f"markdown-it-py=={version('markdown-it-py')}")
    found: list[tuple[str, str]] = []
    for path in sorted(folder.rglob("tests/**/fixtures/*.md")):
        cases = re.split(r"^\.[ \t]*\n", path.read_text("utf-8"), flags=re.MULTILINE)
        found += [(f"{path.name} {number}", case) for number, case in enumerate(cases[1::3])]
    return found


def public_blog() -> list[tuple[str, str]]:
    """The bodies of the public blog that is named, or the READMEs of Ghost's own packages."""
    named = os.environ.get("GHOSTSYNC_TEST_BLOG")
    if named:
        return list(_posts(Path(named)))
    packages = find_installation().package / "node_modules" / ".pnpm"
    texts = {text: name for name, text in _posts(packages) if len(text) >= SHORTEST}
    posts = sorted((name, text) for text, name in texts.items())
    return posts[:: max(1, len(posts) // READMES)][:READMES]


CORPORA = {"example-site": example_site, "parser fixtures": parser_fixtures, "public blog": public_blog}
