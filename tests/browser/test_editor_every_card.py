"""A post with every card, opened in Ghost's real editor, where a person types one word.

The editor then writes the whole post anew in its own way. What ghostsync reads from it must be that word alone.
"""

from __future__ import annotations

import difflib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.editor import Desk, desk
from engine.pull_steps import plan_pull
from engine.push_steps import push
from playwright.sync_api import Browser

from ghostsync.core.changes import WriteFile
from ghostsync.lexical import decompile_lexical, normalise_lexical
from ghostsync.sandbox import Instance

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "example-site"
DRAWER = "posts/every-card.md"
LINKED = ("about", "glossary", "visiting")
TYPED_AFTER = "that a card can hold, the fence can."


@pytest.fixture
def here(browser: Browser, empty_ghost6: Instance, tmp_path: Path) -> Iterator[Desk]:
    """An empty Ghost with a person at its screen."""
    with desk(browser, empty_ghost6, tmp_path) as found:
        yield found


def drawer() -> str:
    """The example site's page with every card, as a draft post (only drafts are saved while one types)."""
    text = (EXAMPLE / "pages/every-card.md").read_text(encoding="utf-8")
    text = text.replace("status: published", "status: draft")
    for name in LINKED:
        text = text.replace(f"({name}.md", f"(../pages/{name}.md").replace(f": {name}.md", f": ../pages/{name}.md")
    return text


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that a diff shows, with their signs."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_one_word_typed_in_the_editor_is_one_line(here: Desk) -> None:
    """Ghost's editor rewrites every card around a typed word; pull writes that word alone, and so does decompiling."""
    a = here.clone("a")
    for folder in ("images", "media", "files"):
        shutil.copytree(EXAMPLE / folder, a.root / folder)
    for name in LINKED:
        a.write(f"pages/{name}.md", f"---\ntitle: {name}\nstatus: published\n---\n\n## The light\n\nText.\n")
    first_post = "posts/2025/2025-09-21-the-light-is-kept-again.md"
    a.write(first_post, "---\ntitle: Linked\nstatus: published\n---\n\nText.\n")
    source = drawer()
    a.write(DRAWER, source)
    push(a)

    post = here.id_of("every-card")
    before = here.editor.read(post)["lexical"]
    here.editor.open(post)
    here.editor.type_at_the_end_of_the_first_paragraph(" Verily")
    after = here.editor.wait_until(post, lambda row: "Verily" in row["html"])["lexical"]
    assert here.editor.record(post) is None
    assert "pre-wrap" in after  # the editor did write its own markup

    decompiled = [decompile_lexical(normalise_lexical(json.loads(text))) for text in (before, after)]
    removed, added = changed_lines(*decompiled)
    assert added == f"+{removed[1:]} Verily"
    assert "pre-wrap" not in decompiled[1]

    here.ghost.pass_time(3600)
    plan = plan_pull(here.clone("b", of=a))
    (change,) = plan.changes
    assert plan.conflicts == ()
    assert isinstance(change, WriteFile)
    assert change.path == DRAWER
    assert changed_lines(source, change.content) == [f"-{TYPED_AFTER}", f"+{TYPED_AFTER} Verily"]
    assert change.content == source.replace(TYPED_AFTER, f"{TYPED_AFTER} Verily")
