"""One content directory, a sandbox and another site: ids and addresses of one never reach the other."""

from __future__ import annotations

import json
from pathlib import Path

from engine.test_push_scenarios import png
from fakeghost import FakeGhost, ManualClock
from fakeghost.link import connect_to
from world import Clone, errors

from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory


def clone_for(fake: FakeGhost, root: Path, cache: Cache) -> Clone:
    """The directory as a run against one site has it."""
    clone = Clone(root=root, api=connect_to(fake), sleep=fake.clock.advance)  # type: ignore[attr-defined]
    site = clone.session().remote.site()
    clone.memory = SiteMemory(cache.site(site.uuid, site.url))
    return clone


def stored(fake: FakeGhost) -> str:
    """Everything that a site holds, records included."""
    return json.dumps([dict(row) for row in fake.state.posts])


def test_a_sandbox_and_another_site_never_mix(tmp_path: Path) -> None:
    """Pushed to one, to the other, changed, pushed to both again: each has its own ids, pictures and history."""
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (tmp_path / "posts").mkdir()
    text = "---\ntitle: A\nstatus: published\nfeature_image: ../p.png\n---\nWords.\n\n![](../p.png)\n\n[see](b.md)\n"
    (tmp_path / "posts" / "a.md").write_text(text, encoding="utf-8")
    (tmp_path / "posts" / "b.md").write_text("---\ntitle: B\nstatus: published\n---\nMore.\n", encoding="utf-8")
    (tmp_path / "p.png").write_bytes(png(3))
    # As sandboxes on one port after the other may, the two share nothing but the directory.
    sites = [
        FakeGhost(url="http://127.0.0.1:2368", seed=1),
        FakeGhost(url="https://blog.example", seed=2, clock=ManualClock("2026-02-01T00:00:00Z")),
    ]
    with Cache.open(tmp_path) as cache:
        for fake in sites:
            assert errors(clone_for(fake, tmp_path, cache).push()) == []
            fake.clock.advance(600)  # type: ignore[attr-defined]
        for _ in range(2):
            for fake in sites:
                clone = clone_for(fake, tmp_path, cache)
                before = len(fake.log)
                assert clone.push(prune="delete").plan.is_empty
                assert fake.writes(since=before) == []
        (tmp_path / "posts" / "b.md").unlink()
        (tmp_path / "posts" / "a.md").write_text(
            text.replace("Words", "Other words").replace("[see](b.md)", "No link"), encoding="utf-8"
        )
        for fake in sites:
            assert errors(clone_for(fake, tmp_path, cache).push(prune="delete")) == []
    for fake, other in (sites, reversed(sites)):
        held = stored(fake)
        assert [row["slug"] for row in fake.state.posts] == ["a"]
        assert other.url not in held
        assert not [row["id"] for row in other.state.posts if row["id"] in held]
        assert f"{fake.url}/content/images/" in held
        assert len(list(fake.state.uploads)) == 2, "one picture, and its original"
