"""`ghostsync hook install --push`, against a real Ghost."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from ghostsync import Ghost
from ghostsync.sandbox import Instance

_SPEC = importlib.util.spec_from_file_location("hook_clone", Path(__file__).parent / "test_hook.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_HOOK = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_HOOK)


def test_exactly_the_pushed_commit_is_published(tmp_path: Path, empty_ghost6: Instance) -> None:
    """What is committed is published, and nothing that is only saved, configuration included; else a plan is shown."""
    clone = _HOOK.Clone(tmp_path)
    clone.environ |= {"GHOST_ADMIN_API_URL": empty_ghost6.url, "GHOST_ADMIN_API_KEY": empty_ghost6.admin_key}
    (clone.folder / "ghostsync.toml").write_text('content = "site"\n')
    clone.commit(one=_HOOK.GOOD.replace("Good", "Committed"))
    site = Ghost(empty_ghost6.url, admin_key=empty_ghost6.admin_key)
    assert clone.run("ghostsync", "hook", "install").returncode == 0
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stderr
    assert "a push to Ghost: 1 tag to create, 1 post to create" in pushed.stderr
    assert [post.title for post in site.posts.list()] == []
    done = clone.run("ghostsync", "hook", "install", "--push")
    assert "before the other side has accepted" in done.stderr
    clone.commit(two=_HOOK.GOOD.replace("Good", "Second"))
    (clone.folder / "site" / "posts" / "one.md").write_text(_HOOK.GOOD.replace("Good", "Only saved"))
    (clone.folder / "ghostsync.toml").write_text('content = "site"\nproject = "saved"\nmarker_tag = "#saved"\n')
    pushed = clone.push()
    assert pushed.returncode == 0, pushed.stderr
    posts = list(site.posts.list(include="tags", formats="lexical"))
    assert sorted(post.title for post in posts) == ["Committed", "Second"]
    assert {tag.name for post in posts for tag in post.tags} == {"#ghostsync"}
    assert {json.loads(post.lexical)["root"]["ghostsync"]["project"] for post in posts} == {None}
    assert empty_ghost6.admin_key not in pushed.stderr
