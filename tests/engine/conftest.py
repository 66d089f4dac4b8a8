"""The Ghost of the engine's tests: the fake, and a real Ghost 6 where a scenario is worth its seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from contract.backends import FakeSite, RealSite
from contract.conftest import _Editor
from engine.ghosts import FakeOne, Ghost, opened
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


@pytest.fixture(params=["fake", pytest.param("real6", marks=pytest.mark.real)])
def ghost(request: pytest.FixtureRequest) -> Iterator[Ghost]:
    """An empty Ghost with an editor in it: the fake, then a real one."""
    if request.param == "fake":
        yield request.getfixturevalue("fake")
        return
    running = request.getfixturevalue("ghost6")
    if running.url not in _EDITORS:
        running.empty()
        _EDITORS[running.url] = _Editor(running)
    instance = request.getfixturevalue("empty_ghost6")
    _EDITORS[instance.url].come_back()
    with requests.Session() as session:
        site = RealSite(
            name=instance.name,
            major=6,
            url=instance.url,
            key=instance.admin_key,
            cookie=_EDITORS[instance.url].cookie,
            session=session,
            database=instance.database_path,
        )
        yield from opened(site)


@pytest.fixture
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Clone]]:
    """Make clones of a content directory, each with a name of its own; without a cache unless it is asked for."""
    caches: list[Cache] = []

    def make(
        name: str = "a", *, of: Clone | None = None, project: str | None = "site", cached: bool = False, **rest: Any
    ) -> Clone:
        ghost: Ghost = request.getfixturevalue("fake" if "fake" in request.fixturenames else "ghost")
        root = tmp_path / name
        root.mkdir()
        (root / "ghostsync.toml").write_text(f'project = "{project}"\n' if project else "", encoding="utf-8")
        made = Clone(root=root, api=ghost.api, project=project, sleep=ghost.sleep, name=name, **rest)
        if cached:
            store = Cache.open(tmp_path / f"{name}-machine")
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
