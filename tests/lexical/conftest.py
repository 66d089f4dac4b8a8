"""Fixtures of the Markdown ⇄ Lexical tests, and the path to their support modules beside this file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ghost_renderer import GhostRenderer, find_installation


@pytest.fixture(scope="session")
def renderer() -> Iterator[GhostRenderer]:
    """Ghost's own renderer and converters, one Node process for the session."""
    with GhostRenderer(find_installation()) as running:
        yield running
