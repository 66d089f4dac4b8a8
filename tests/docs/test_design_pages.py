"""The design pages speak of what is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/design/one-push.md", "docs/design/decisions.md", "CONTRIBUTING.md")
_PACKAGES = "apply|cli|core|engine|ghost|lexical|local|watch"
_NAME = re.compile(rf"`((?:{_PACKAGES})(?:\.\w+)+)`")


def names() -> list[str]:
    """Return every dotted name of ours on those pages."""
    return sorted({name for page in PAGES for name in _NAME.findall((ROOT / page).read_text(encoding="utf-8"))})


@pytest.mark.parametrize("name", names())
def test_what_a_design_page_names_exists(name: str) -> None:
    """A module, or something in one, or an attribute of that."""
    parts = name.split(".")
    found: object = importlib.import_module(f"ghostsync.{parts[0]}")
    for depth, part in enumerate(parts[1:], 2):
        if not hasattr(found, part):
            found = importlib.import_module(f"ghostsync.{'.'.join(parts[:depth])}")
            continue
        found = getattr(found, part)


def test_control_there_are_names() -> None:
    """The pattern finds what it looks for."""
    assert len(names()) > 25
    assert "core.match.match_documents" in names()
