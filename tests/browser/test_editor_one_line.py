"""One small thing done in Ghost's real editor is one line in Git.

The file has a will of its own: hard-wrapped lines, reference links, a commented front matter, stars for bullets.
After each edit it is pulled on a machine without a cache, and Git is asked what changed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.editor import Desk, Editor, desk
from engine.pull_steps import pull
from engine.push_steps import push
from playwright.sync_api import Browser
from world import Clone, errors

from ghostsync.sandbox import Instance

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).parents[2] / "example-site/images"
AN_HOUR = 3600
TEXT = """---
# What the editors must not lose:
title: "The harbour"   # as on the chart
tags:
  - Tides     # of the month
  - 'Log'
excerpt: >-
  A short word about
  the harbour.
feature_image: ../images/the-light.jpg  # taken in June
status: draft
---

The harbour lies behind a wall that was
built in 1840, and that everybody calls
*the new wall* ever since[^1].

* One list
* with stars

See the [chart][chart] for the depths,
and mind the stones.

Last words, with a typpo in them, wrapped
where the author liked it.

[chart]: https://example.com/chart "The chart"
[^1]: It has been repaired twice.
"""


@pytest.fixture
def here(browser: Browser, empty_ghost6: Instance, tmp_path: Path) -> Iterator[Desk]:
    """An empty Ghost with a person at its screen."""
    with desk(browser, empty_ghost6, tmp_path) as found:
        yield found


def git(root: Path, *arguments: str) -> str:
    """Run Git as somebody."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


class Desktop:
    """A post in the editor, and the repository that it was pushed from."""

    def __init__(self, here: Desk) -> None:
        self.here = here
        self.clone = here.clone("a")
        self.clone.write("posts/harbour.md", TEXT)
        (self.clone.root / "images").mkdir()
        shutil.copy(IMAGES / "the-light.jpg", self.clone.root / "images")
        push(self.clone)
        git(self.clone.root, "init", "-q")
        self.commit()
        here.ghost.pass_time(AN_HOUR)
        self.post = here.id_of("harbour")

    def commit(self) -> None:
        """Commit everything."""
        git(self.clone.root, "add", "-A")
        git(self.clone.root, "commit", "-q", "--allow-empty", "-m", "what is there")

    def edit(self, does: Callable[[Editor], None], seen: Callable[[dict[str, object]], object]) -> list[str]:
        """Do something in the editor; return the lines of `git diff` after a pull, and push what came."""
        self.here.editor.open(self.post)
        does(self.here.editor)
        self.here.editor.wait_until(self.post, seen)
        self.here.ghost.pass_time(AN_HOUR)
        machine: Clone = self.here.clone(f"m{len(list(self.here.folder.iterdir()))}", of=self.clone)
        report = pull(machine)
        assert errors(report) == []
        assert report.plan.conflicts == ()
        for path in sorted(machine.root.rglob("*")):
            if path.is_file() and ".git" not in path.relative_to(machine.root).parts:
                self.clone.write(path.relative_to(machine.root).as_posix(), path.read_bytes())
        stat = git(self.clone.root, "diff", "--stat").splitlines()
        lines = git(self.clone.root, "diff", "--unified=0").splitlines()
        assert stat[1] in {" 1 file changed, 1 insertion(+), 1 deletion(-)", " 1 file changed, 1 insertion(+)"}, lines
        push(self.clone)
        self.commit()
        self.here.ghost.pass_time(AN_HOUR)
        return [line for line in lines if line[:1] in "+-" and line[:3] not in {"---", "+++"}]


def test_one_small_edit_on_the_screen_is_one_line_in_git(here: Desk, tmp_path: Path) -> None:
    """A typo, the title, an excerpt, a tag and the feature image, one after the other."""
    work = Desktop(here)
    assert work.edit(lambda e: e.correct("typpo", "typo"), lambda row: "typo in" in str(row["html"])) == [
        "-Last words, with a typpo in them, wrapped",
        "+Last words, with a typo in them, wrapped",
    ]
    assert work.edit(lambda e: e.rename("The old harbour"), lambda row: row["title"] == "The old harbour") == [
        '-title: "The harbour"   # as on the chart',
        '+title: "The old harbour"   # as on the chart',
    ]

    def excerpt(editor: Editor) -> None:
        editor.open_settings()
        editor.write_excerpt("A short word about the old harbour.")

    assert work.edit(excerpt, lambda row: "old" in str(row["custom_excerpt"])) == [
        "-  the harbour.",
        "+  the old harbour.",
    ]

    def tag(editor: Editor) -> None:
        editor.open_settings()
        editor.add_tag("Stones")

    assert work.edit(tag, lambda row: "Stones" in str(row["tags"])) == ["+  - Stones"]
    other = tmp_path / "flags.png"
    shutil.copy(IMAGES / "flags.png", other)
    assert work.edit(lambda e: e.swap_feature_image(other), lambda row: "flags" in str(row["feature_image"])) == [
        "-feature_image: ../images/the-light.jpg  # taken in June",
        "+feature_image: ../media/flags.png  # taken in June",
    ]
    assert (work.clone.root / "media/flags.png").read_bytes() == other.read_bytes()
