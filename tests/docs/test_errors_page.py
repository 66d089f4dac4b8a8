"""Every error of the tree is provoked once, its whole text is held against the house rules, and the page shows it.

`GHOSTSYNC_REWRITE=1 pytest -n0 tests/docs/test_errors_page.py` writes the page anew.
"""

from __future__ import annotations

import inspect
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.errors_provoked import Scene, provoke, situations
from ghost.conftest import Loopback

from ghostsync import errors
from ghostsync.cli.console import Console
from ghostsync.errors import GhostsyncError
from ghostsync.sandbox import Instance

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/errors.md"
PATTERN = re.compile(r"(<!-- generated: errors -->\n)(.*?)(<!-- /generated -->)", re.DOTALL)

TREE = [
    each
    for each in vars(errors).values()
    if inspect.isclass(each) and issubclass(each, GhostsyncError) and each is not errors.GhostError
]
"""All but `GhostError`, which is only what the errors of exchanges have in common."""


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """What was said, by the error's name, for the page."""
    return {}


@pytest.fixture
def scene(tmp_path: Path, empty_ghost6: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """An empty folder, a real Ghost, and servers on loopback that are closed afterwards."""
    monkeypatch.setenv("GHOST_ADMIN_API_URL", empty_ghost6.url)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", empty_ghost6.admin_key)
    loopback = Loopback([], [])
    folder = tmp_path / "blog"
    folder.mkdir()
    yield Scene(folder, empty_ghost6, loopback)
    for api in loopback.apis:
        api.transport.close()
    for server in loopback.servers:
        server.close()


def spoken(error: GhostsyncError) -> str:
    """Return the error as the command line says it."""
    stderr = io.StringIO()
    Console(stdout=io.StringIO(), stderr=stderr, environ={"NO_COLOR": "1"}).error(error)
    return stderr.getvalue()


def general(text: str, scene: Scene) -> str:
    """Return a text without what differs from run to run."""
    text = text.replace(str(scene.folder), "/home/ann/blog").replace(scene.site.url, "https://blog.example.com")
    text = re.sub(r"http://127\.0\.0\.1:\d+", "https://blog.example.com", text)
    text = re.sub(r"\(there are: [^)]*\)", "(there are: default)", text)
    text = re.sub(r"(process|kill) \d+", r"\1 4711", text)
    text = re.sub(r"/[0-9a-f]{24}/", "/0123456789abcdef01234567/", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?( UTC|Z)?", "2026-11-25 09:30 UTC", text)
    text = re.sub(r"\b[0-9a-f]{24}\b", "0123456789abcdef01234567", text)
    text = re.sub(r"expected [0-9a-f]{12}", "expected 0123456789ab", text)
    return re.sub(r"now [0-9a-f]{12}", "now fedcba987654", text)


@pytest.mark.parametrize("name", [each.__name__ for each in TREE if each.__name__ != "CredentialsError"])
def test_an_error_says_what_and_what_next(name: str, scene: Scene, texts: dict[str, str]) -> None:
    """Lower case, where and what, an empty line, a hint that names a command, an option or a place; no secret."""
    check(name, scene, texts)


def test_missing_credentials_say_what_and_what_next(
    scene: Scene, texts: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, where the environment holds no key."""
    monkeypatch.delenv("GHOST_ADMIN_API_URL")
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    check("CredentialsError", scene, texts)


def check(name: str, scene: Scene, texts: dict[str, str]) -> None:
    """Provoke an error and hold its whole text against the rules."""
    error = provoke(name, scene)
    assert type(error).__name__ == name
    text = general(spoken(error), scene)
    texts[name] = text
    first = text.splitlines()[0].removeprefix("error: ")
    # What is quoted keeps its letters: a path, a request, a name.
    assert first[0].islower() or first[0] in "/`" or re.match(r"(GET|POST|PUT|DELETE|Ghost) ", first), first
    assert not first.endswith("."), first
    assert len(first) < 300, first
    assert error.hint, name
    assert f"\n\nhint: {error.hint}" in spoken(error)
    assert not error.message.lower().startswith("error")
    assert scene.site.admin_key.partition(":")[2] not in text
    assert "object at 0x" not in text
    assert "Traceback" not in text


def test_the_page_shows_every_error(texts: dict[str, str]) -> None:
    """Runs last in this module, when every error has been provoked: the page holds exactly what they said."""
    assert set(texts) == {each.__name__ for each in TREE}
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("GHOSTSYNC_REWRITE"):
        page = PATTERN.sub(lambda found: found[1] + render(texts) + found[3], page)
        PAGE.write_text(page, encoding="utf-8")
    found = PATTERN.search(page)
    assert found is not None
    assert found[2] == render(texts)


def render(texts: dict[str, str]) -> str:
    """Return the generated part of the page: the table, then every text."""
    rows = ["| error | exit | when |", "|---|---|---|"]
    for each in TREE:
        says = (each.__doc__ or "").partition("\n")[0].rstrip(".").replace("|", "\\|")
        rows.append(f"| [`{each.__name__}`](#{each.__name__.lower()}) | {int(each.exit_code)} | {says} |")
    parts = ["\n".join(rows)]
    for each in TREE:
        situation = (situations()[each.__name__].__doc__ or "").strip()
        parent = each.__mro__[1].__name__
        under = "" if each is GhostsyncError else f" A kind of `{parent}`."
        parts.append(f"## {each.__name__}\n\n{situation}{under}\n\n```text\n{texts[each.__name__].rstrip()}\n```")
    return "\n\n".join(parts) + "\n"
