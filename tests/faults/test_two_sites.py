"""One content directory, a sandbox and another site: ids and addresses of one never reach the other."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine.test_push_scenarios import png
from fakeghost import FakeGhost, ManualClock
from fakeghost.link import connect_to
from world import Clone, errors, in_agreement

from ghostsync.ghost.admin import AdminApi, Resource
from ghostsync.ghost.connect import connect
from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory
from ghostsync.sandbox import Instance

TEXT = "---\ntitle: A\nstatus: published\nfeature_image: ../p.png\n---\nWords.\n\n![](../p.png)\n\n[see](b.md)\n"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the sites."""

    url: str
    api: AdminApi
    sleep: Callable[[float], None]
    held: Callable[[], str]
    """Everything that it holds of posts, records and post history included."""
    uploads: Callable[[], int]
    """How many pictures it serves, originals included."""

    def ids(self) -> set[str]:
        return {row["id"] for row in self.api.iter_raw(Resource.POSTS, fields=("id",))}

    def slugs(self) -> list[str]:
        return sorted(row["slug"] for row in self.api.iter_raw(Resource.POSTS, fields=("id", "slug")))

    def writes(self) -> str:
        """What changes with every write."""
        rows = self.api.iter_raw(Resource.POSTS, formats=("lexical",))
        return json.dumps([(row["updated_at"], row["lexical"]) for row in rows])


def clone_for(fake: FakeGhost, root: Path, cache: Cache) -> Clone:
    """The directory as a run against an in-memory site has it."""
    return remembering(of_fake(fake), root, cache)


def remembering(place: Place, root: Path, cache: Cache) -> Clone:
    """The directory as a run against one site has it."""
    clone = Clone(root=root, api=place.api, sleep=place.sleep)
    site = clone.session().remote.site()
    clone.memory = SiteMemory(cache.site(site.uuid, site.url))
    return clone


def stored(fake: FakeGhost) -> str:
    """Everything that an in-memory site holds, records included."""
    return json.dumps([dict(row) for row in fake.state.posts])


def of_fake(fake: FakeGhost) -> Place:
    return Place(
        url=fake.url,
        api=connect_to(fake),
        sleep=fake.clock.advance,  # type: ignore[attr-defined]
        held=lambda: stored(fake),
        uploads=lambda: len(list(fake.state.uploads)),
    )


def of_real(instance: Instance) -> Place:
    def held() -> str:
        with closing(sqlite3.connect(f"file:{instance.database_path}?mode=ro", uri=True)) as db:
            rows = [
                db.execute(f"SELECT * FROM {table}").fetchall() for table in ("posts", "posts_meta", "post_revisions")
            ]
        return json.dumps([rows, list(api.iter_raw(Resource.POSTS, formats=("lexical", "html")))])

    api = connect(instance.url, instance.admin_key, allow_http=True)
    images = instance.content_path / "images"
    return Place(
        url=instance.url,
        api=api,
        sleep=time.sleep,
        held=held,
        uploads=lambda: len(list(images.rglob("*.png"))),
    )


def two_fakes(_request: pytest.FixtureRequest) -> tuple[Place, Place]:
    """As sandboxes on one port after the other may, the two share nothing but the directory."""
    one = FakeGhost(url="http://127.0.0.1:2368", seed=1)
    other = FakeGhost(url="https://blog.example", seed=2, clock=ManualClock("2026-02-01T00:00:00Z"))
    return of_fake(one), of_fake(other)


def two_real_ones(request: pytest.FixtureRequest) -> tuple[Place, Place]:
    """A Ghost 6 and a Ghost 5."""
    return of_real(request.getfixturevalue("empty_ghost6")), of_real(request.getfixturevalue("empty_ghost5"))


@pytest.mark.parametrize(
    "make", [two_fakes, pytest.param(two_real_ones, marks=[pytest.mark.real, pytest.mark.ghost5])], ids=["fake", "real"]
)
def test_a_sandbox_and_another_site_never_mix(
    request: pytest.FixtureRequest, tmp_path: Path, make: Callable[[pytest.FixtureRequest], tuple[Place, Place]]
) -> None:
    """Pushed to one, to the other, changed, pushed to both again: each has its own ids, pictures and history."""
    sites = make(request)
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "posts" / "b.md").write_text("---\ntitle: B\nstatus: published\n---\nMore.\n", encoding="utf-8")
    (tmp_path / "p.png").write_bytes(png(3))
    seen: dict[str, set[str]] = {}
    with Cache.open(tmp_path) as cache:
        for place in sites:
            assert errors(remembering(place, tmp_path, cache).push()) == []
            seen[place.url] = place.ids()
            place.sleep(3)
        for _ in range(2):
            for place in sites:
                before = place.writes()
                assert in_agreement(remembering(place, tmp_path, cache).push(prune="delete").plan)
                assert place.writes() == before
        (tmp_path / "posts" / "b.md").unlink()
        (tmp_path / "posts" / "a.md").write_text(
            TEXT.replace("Words", "Other words").replace("[see](b.md)", "No link"), encoding="utf-8"
        )
        for place in sites:
            assert errors(remembering(place, tmp_path, cache).push(prune="delete")) == []
    for place, other in (sites, reversed(sites)):
        held = place.held()
        assert place.slugs() == ["a"]
        assert place.ids() < seen[place.url], "the post is the one that was made first"
        assert other.url not in held
        assert not [id_ for id_ in seen[other.url] if id_ in held]
        assert f"{place.url}/content/images/" in held
        assert place.uploads() == 2, "one picture, and its original"
