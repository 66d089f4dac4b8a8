"""A site moves to another address, a domain or a port: nothing has changed, and nothing shows the old address."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine.test_push_scenarios import png
from fakeghost import FakeGhost
from fakeghost.link import connect_to
from fakeghost.moving import moved
from faults.test_two_sites import clone_for, stored
from world import Clone, errors

from ghostsync.local.cache import Cache

OLD = "http://127.0.0.1:2368"
PICTURES = "feature_image: ../p.png\nog_image: ../p.png\n"
TEXT = (
    f"---\ntitle: A\nstatus: published\n{PICTURES}canonical_url: /a/\ncodeinjection_head: '<a href=\"/x/\">'\n---\n"
    "Words.\n\n![](../p.png)\n\n[see](b.md)\n"
)


@pytest.mark.parametrize("edited", [False, True], ids=["nobody was there", "an editor was there"])
@pytest.mark.parametrize("there", ["https://blog.example", "https://example.org/writing"])
def test_a_site_at_another_address_is_the_same_site(tmp_path: Path, edited: bool, there: str) -> None:
    """From the machine with a cache and from a fresh clone: no write, no note; what is edited then takes the pictures
    from where they are now."""
    (tmp_path / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "posts" / "b.md").write_text("---\ntitle: B\nstatus: published\n---\nMore.\n", encoding="utf-8")
    (tmp_path / "p.png").write_bytes(png(3))
    before = FakeGhost(url=OLD)
    with Cache.open(tmp_path) as cache:
        assert errors(clone_for(before, tmp_path, cache).push()) == []
        if edited:
            row = next(row for row in before.state.posts if row["slug"] == "a")
            before.state.posts.put(row["id"], {**row, "lexical": row["lexical"].replace('"ghostsync":', '"gone":')})
        before.clock.advance(600)  # type: ignore[attr-defined]
        site = moved(before, there)
        assert OLD not in stored(site)
        fresh = Clone(root=tmp_path, api=connect_to(site), sleep=site.clock.advance)  # type: ignore[attr-defined]
        for clone in (clone_for(site, tmp_path, cache), fresh):
            plan = clone.plan(prune="delete")
            assert (plan.changes, plan.conflicts, plan.notes) == ((), (), ())
        (tmp_path / "posts" / "a.md").write_text(TEXT.replace("Words", "Other words"), encoding="utf-8")
        assert errors(fresh.push()) == []
    assert OLD not in stored(site)
    assert f"{there}/content/images/" in stored(site)
    assert len(list(site.state.uploads)) == len(list(before.state.uploads)), "nothing was uploaded again"
