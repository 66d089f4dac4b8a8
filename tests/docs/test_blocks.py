"""Every block of configuration, front matter, tags and Markdown in the documentation is what it is shown as."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from ghostsync.core.document_settings import DocumentSettings
from ghostsync.core.documents import parse_document
from ghostsync.core.tags import parse_tags
from ghostsync.core.unknown_forms import unknown_forms
from ghostsync.lexical import compile_markdown
from ghostsync.local.config import load_config
from ghostsync.model import DocPath

ROOT = Path(__file__).resolve().parents[2]
# Three backticks: cards are shown within four, and have tests of their own.
MISTAKE = "status: publishd"
"""What the page of the hook lets its reader get wrong."""

_BLOCK = re.compile(r"^```(toml|markdown|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[ParameterSet]:
    """Return every block of a language, with its page and line for a name."""
    found = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = page.read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            if block[1] == language:
                line = text.count("\n", 0, block.start()) + 1
                found.append(pytest.param(block[2], id=f"{page.relative_to(ROOT).as_posix()}:{line}"))
    return found


def assert_document(text: str) -> None:
    """The document has neither problems nor warnings, and nothing in it begins a card and is none."""
    parsed = parse_document(DocPath("posts/shown.md"), text.encode(), DocumentSettings())
    assert ([str(one) for one in parsed.problems if MISTAKE not in text], parsed.warnings) == ([], ())
    if MISTAKE in text:
        return
    assert parsed.document is not None
    assert unknown_forms(compile_markdown(parsed.document.body)) == ()


@pytest.mark.parametrize("text", blocks("toml"))
def test_configuration(text: str, tmp_path: Path) -> None:
    """No fault is found in it."""
    (tmp_path / "content").mkdir()
    (tmp_path / "ghostsync.toml").write_text(text, encoding="utf-8")
    load_config(tmp_path)


@pytest.mark.parametrize("text", blocks("markdown"))
def test_document(text: str) -> None:
    """A document without problems and warnings, that compiles."""
    assert_document(text)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_front_matter_and_tags(text: str) -> None:
    """Front matter stands between its lines; a list of names is `tags.yaml`; workflows have a test of their own."""
    if text.startswith("---\n"):
        assert_document(text + "\nText.\n")
    elif re.search(r"^- name: ", text, re.MULTILINE):
        tags, problems = parse_tags(text.encode(), "tags.yaml")
        assert tags
        assert not problems
    else:
        assert re.search(r"^(?:jobs|repos|publish|      - run):", text, re.MULTILINE), text
