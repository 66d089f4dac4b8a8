"""Random histories of writers and editors: no word is ever lost, and in the end both sides are the same."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from contract.backends import FakeSite
from engine.ghosts import FakeOne, Ghost
from engine.histories import ACTIONS, History, Step, play
from fakeghost import FakeGhost, session_for
from hypothesis import given, settings
from hypothesis import strategies as st
from world import Clone

from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory

STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=18)
LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
# On real Ghost; one history of 14 steps takes some seconds.
REAL_HISTORIES = 50 if LONG else 1
FAKE_HISTORIES = 400 if LONG else 25


def clones(ghost: Ghost, folder: Path, *, cached: bool) -> tuple[Callable[[], Clone], list[Cache]]:
    """Return what makes empty clones, and the caches that it opens."""
    caches: list[Cache] = []
    numbers = count()

    def make() -> Clone:
        name = f"m{next(numbers)}"
        root = folder / name
        root.mkdir()
        (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
        made = Clone(root=root, api=ghost.api, sleep=ghost.sleep, name=name)
        if cached:
            caches.append(Cache.open(folder / f"{name}-cache"))
            site = made.session().remote.site()
            made.memory = SiteMemory(caches[-1].site(site.uuid, site.url))
        return made

    return make, caches


def played(ghost: Ghost, steps: list[Step], folder: Path, *, cached: bool) -> None:
    """Play a history on a Ghost."""
    make, caches = clones(ghost, folder, cached=cached)

    def moved(old: Clone) -> Clone:
        new = make()
        for path in sorted(old.root.rglob("*")):
            if path.is_file() and path.name != "ghostsync.toml":
                new.write(path.relative_to(old.root).as_posix(), path.read_bytes())
        return new

    try:
        play(History(ghost=ghost, clone=make(), move=moved), steps, make)
    finally:
        for cache in caches:
            cache.close()


@settings(max_examples=FAKE_HISTORIES, deadline=None)
@given(steps=STEPS, cached=st.booleans())
def test_no_word_is_lost_in_any_history(steps: list[Step], cached: bool) -> None:
    """Whatever writers and editors do, in whatever order, with or without a cache, on one machine or several."""
    server = FakeGhost()
    with tempfile.TemporaryDirectory() as folder, session_for(server) as session:
        ghost = FakeOne(FakeSite(server, session, name="fake6"))
        played(ghost, steps, Path(folder), cached=cached)
        ghost.api.transport.close()


@pytest.mark.parametrize("ghost", [pytest.param("real6", marks=pytest.mark.real)], indirect=True)
@pytest.mark.parametrize("seed", range(REAL_HISTORIES))
def test_no_word_is_lost_on_a_real_ghost(ghost: Ghost, seed: int, tmp_path: Path) -> None:
    """The same on a real Ghost."""
    dice = random.Random(seed)
    steps = [(dice.choice(ACTIONS), dice.randrange(4), dice.randrange(4)) for _ in range(14)]
    played(ghost, steps, tmp_path, cached=bool(seed % 2))
