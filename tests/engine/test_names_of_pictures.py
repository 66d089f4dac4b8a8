"""Pictures whose names hold signs that mean something else in an address."""

from __future__ import annotations

from engine.ghosts import FakeOne
from engine.pull_steps import pull, tree
from engine.push_steps import CloneMaker, document, seeded
from engine.test_push_scenarios import png
from world import in_agreement

from ghostsync.checking import check_tree
from ghostsync.local.config import load_config
from ghostsync.local.tree import ContentTree

FILES: dict[str, str | bytes] = {
    "posts/one.md": document("One", feature_image="c#1.png"),
    "posts/two.md": document("Two", feature_image="50%25 off.png"),
    "posts/three.md": document("Three", "![](c%231.png)\n\n[it](one.md#c)\n", feature_image="c#1.png"),
    "tags.yaml": "- name: News\n  feature_image: posts/c#1.png\n",
    "posts/c#1.png": png(1),
    "posts/50%25 off.png": png(2),
}


def test_a_name_in_front_matter_is_a_name_and_no_address(clone: CloneMaker, fake: FakeOne) -> None:
    """`#`, `?` and `%` are part of it for `check`, `push` and `pull` alike; in a body they are those of an address."""
    a = seeded(clone, fake, FILES)
    assert check_tree(ContentTree(load_config(a.root)), dialect="ghost").problems == ()
    assert fake.find("one")["feature_image"] == fake.find("three")["feature_image"] == fake.tag("news")["feature_image"]
    assert f'src="{fake.find("one")["feature_image"]}"' in fake.body("three")
    assert in_agreement(a.plan())
    b = clone("b")
    pull(b)
    assert {**tree(b.root), "tags.yaml": b""} == {**tree(a.root), "tags.yaml": b""}
    assert b.plan().problems == ()
    assert in_agreement(b.plan())
