"""The Ghost of the engine's tests: the fake, and real ones where a scenario is worth its seconds.

On Ghost 5 only the rows of the table run every time; with GHOSTSYNC_LONG set, every scenario does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from contract.backends import FakeSite, RealSite
from contract.conftest import _Editor
from engine.ghosts import FakeOne, Ghost, RealOne, opened
from fakeghost import FakeGhost, session_for
from world import Clone

from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory

_EDITORS: dict[str, _Editor] = {}


@pytest.fixture
def fake() -> Iterator[FakeOne]:
    """The fake, for what needs no real server."""
    server = FakeGhost()
    with session_for(server) as session:
        yield from opened(FakeSite(server, session, name="fake6"))  # type: ignore[misc]


_REAL_6 = pytest.param("real6", marks=pytest.mark.real)
_REAL_5 = pytest.param("real5", marks=[pytest.mark.real, pytest.mark.ghost5])
_ALWAYS_ON_5 = frozenset({"test_push_rows"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs on Ghost 5 only at full length."""
    if os.environ.get("GHOSTSYNC_LONG"):
        return
    here = Path(__file__).parent
    late = [
        item
        for item in items
        if here in item.path.parents and "real5" in item.name and item.path.stem not in _ALWAYS_ON_5
    ]
    config.hook.pytest_deselected(items=late)
    items[:] = [item for item in items if item not in set(late)]


@pytest.fixture(params=["fake", _REAL_6, _REAL_5])
def ghost(request: pytest.FixtureRequest) -> Iterator[Ghost]:
    """An empty Ghost with an editor in it: the fake, then real ones."""
    if request.param == "fake":
        yield request.getfixturevalue("fake")
    else:
        yield from _real(request, request.param[-1])


@pytest.fixture(params=[_REAL_6, _REAL_5])
def real(request: pytest.FixtureRequest) -> Iterator[RealOne]:
    """An empty real Ghost, for what the fake cannot show."""
    yield from _real(request, request.param[-1])


def _real(request: pytest.FixtureRequest, version: str) -> Iterator[RealOne]:
    running = request.getfixturevalue(f"ghost{version}")
    if running.url not in _EDITORS:
        running.empty()
        _EDITORS[running.url] = _Editor(running)
    instance = request.getfixturevalue(f"empty_ghost{version}")
    _EDITORS[instance.url].come_back()
    with requests.Session() as session:
        site = RealSite(
            name=instance.name,
            major=int(version),
            url=instance.url,
            key=instance.admin_key,
            cookie=_EDITORS[instance.url].cookie,
            session=session,
            database=instance.database_path,
        )
        yield from opened(site)  # type: ignore[misc]


@pytest.fixture
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Clone]]:
    """Make clones of a content directory, each with a name of its own; without a cache unless it is asked for."""
    caches: list[Cache] = []

    def make(
        name: str = "a", *, of: Clone | None = None, project: str | None = "site", cached: bool = False, **rest: Any
    ) -> Clone:
        ghost: Ghost = request.getfixturevalue(
            next(name for name in ("fake", "real", "ghost") if name in request.fixturenames)
        )
        root = tmp_path / name
        root.mkdir()
        (root / "ghostsync.toml").write_text(f'project = "{project}"\n' if project else "", encoding="utf-8")
        made = Clone(root=root, api=ghost.api, project=project, sleep=ghost.sleep, name=name, **rest)
        if cached:
            machine = tmp_path / f"{name}-machine"
            machine.mkdir(exist_ok=True)
            store = Cache.open(machine)
            assert store.path is not None
            caches.append(store)
            site = made.session().remote.site()
            made.memory = SiteMemory(store.site(site.uuid, site.url))
        for path in sorted(of.root.rglob("*")) if of is not None else ():
            if path.is_file() and path.name != "ghostsync.toml":
                made.write(path.relative_to(of.root).as_posix(), path.read_bytes())
        return made

    yield make
    for store in caches:
        store.close()
