"""pytest plugin: a real Ghost for the tests that want one.

`ghost6` and `ghost5` are servers that run for the whole session, one per pytest process, so that parallel workers
and parallel checkouts never meet; what such a server holds depends on the tests before. `empty_ghost6` and
`empty_ghost5` are the same servers made like new for one test, which takes about 20 ms (settings, tiers, offers and
themes excepted: a test that changes those calls `reset()` at its end). `ghost_installation` is only the code, for
tests that run Ghost's renderers with Node.

Tests that use one of them are marked `real` by this plugin, those with Ghost 5 also `ghost5`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from ghostsync.sandbox import Installation, Instance, Sandbox, installation
from ghostsync.sandbox.process import find_process

GHOST_6 = "6.65.0"
GHOST_5 = "5.130.6"
_NAMES = re.compile(r"pytest-(?P<pid>\d+)-\w+-[56]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by the servers it asks for."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & {"ghost6", "ghost5"}:
            item.add_marker("real")
        if "ghost5" in asked:
            item.add_marker("ghost5")


@pytest.fixture(scope="session")
def ghost_installation() -> Installation:
    """The installed code of Ghost 6.65.0 and the Node.js that runs it. Not to be written to."""
    return installation(GHOST_6)


@pytest.fixture(scope="session")
def ghost6() -> Iterator[Instance]:
    """A running Ghost 6.65.0 of this pytest process."""
    yield from _running(GHOST_6)


@pytest.fixture(scope="session")
def ghost5() -> Iterator[Instance]:
    """A running Ghost 5.130.6 of this pytest process."""
    yield from _running(GHOST_5)


@pytest.fixture
def empty_ghost6(ghost6: Instance) -> Instance:
    """Ghost 6.65.0, running, with nothing in it."""
    return _emptied(ghost6)


@pytest.fixture
def empty_ghost5(ghost5: Instance) -> Instance:
    """Ghost 5.130.6, running, with nothing in it."""
    return _emptied(ghost5)


def _running(version: str) -> Iterator[Instance]:
    _sweep()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    instance = Sandbox.up(f"pytest-{os.getpid()}-{worker}-{version[0]}", version)
    yield instance
    instance.remove()


def _emptied(instance: Instance) -> Instance:
    # An earlier test may have stopped the server, and failed before it started it again.
    instance.start()
    instance.empty()
    return instance


def _sweep() -> None:
    """Remove the servers of pytest processes that were killed before they could do so."""
    for name in Sandbox.names():
        ours = _NAMES.fullmatch(name)
        if ours is not None and find_process(int(ours["pid"])) is None:
            left = Sandbox.find(name)
            if left is not None:
                left.remove()
