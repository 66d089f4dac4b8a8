"""Writers in Git and editors in Ghost for a week, on a real Ghost, with nothing but commands and fresh clones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine.ghost_made import uploaded
from engine.ghosts import Ghost
from engine.test_pull_scenarios import git
from engine.test_push_rows import _lexical

from ghostsync.lexical import compile_markdown

BODY = "\n\n".join(f"Paragraph {number} of seven, as it was written in Ghost." for number in range(1, 8))


class Machine:
    """A fresh clone on a machine that has never seen the site."""

    def __init__(self, ghost: Ghost, home: Path, name: str, origin: Path | None) -> None:
        self.root = home / name
        self.ghost = ghost
        self.home = home / f"{name}-home"
        self.home.mkdir()
        if origin is None:
            self.root.mkdir()
            (self.root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
            git(self.root, "init", "-q", "-b", "main")
        else:
            subprocess.run(["git", "clone", "-q", str(origin), str(self.root)], check=True)

    def run(self, *arguments: str, expects: int = 0) -> str:
        """Run ghostsync; return what it said."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GHOST_", "XDG_"))}
        done = subprocess.run(
            [sys.executable, "-m", "ghostsync", *arguments],
            cwd=self.root,
            env={
                **clean,
                "HOME": str(self.home),
                "GHOST_ADMIN_API_URL": self.ghost.site.url,
                "GHOST_ADMIN_API_KEY": self.ghost.site.key,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == expects, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def changed(self) -> list[str]:
        """Return what Git says of the working tree, a line a file."""
        shown = subprocess.run(["git", "diff", "--stat"], cwd=self.root, check=True, capture_output=True, text=True)
        return shown.stdout.splitlines()[:-1]

    def commit(self) -> None:
        """Commit everything."""
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "-m", "what is there")

    def replace(self, path: str, old: str, new: str) -> None:
        """Write into a document."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")


def pushed(machine: Machine) -> dict[str, int]:
    """Push, and return what the plan counted."""
    told = machine.run("push", "--yes", "--format", "json")
    return json.loads(told.partition("\n}\n")[0] + "\n}\n")["plan"]["summary"]  # type: ignore[no-any-return]


def imported(ghost: Ghost, folder: Path) -> Machine:
    """Import a site that was made in Ghost; a fresh clone of it has nothing to send."""
    body = compile_markdown(BODY)
    picture = uploaded(ghost, "images/tide-month.png")
    body["root"]["children"].append({"type": "image", "version": 1, "src": picture, "alt": "The tide"})
    ghost.create("Harbour", status="published", lexical=json.dumps(body), tags=[{"name": "Tides"}])
    ghost.create("Other", status="published", lexical=_lexical("Other words."))
    ghost.create("About", to="pages", status="published", lexical=_lexical("A page."))
    ghost.pass_time(600)
    state = [*ghost.all(), *ghost.all(to="pages")]
    one = Machine(ghost, folder, "one", None)
    one.run("pull")
    one.commit()
    two = Machine(ghost, folder, "two", one.root)
    assert "nothing to do" in two.run("push", "--yes")
    assert two.run("status").strip() == "3 unchanged"
    assert [*ghost.all(), *ghost.all(to="pages")] == state
    return one


def merged(ghost: Ghost, folder: Path, one: Machine) -> Machine:
    """An editor's word is one line; then a writer and an editor work in different places, and both are right."""
    ghost.type("harbour", "Paragraph 3 of seven", "Paragraph three of seven")
    ghost.pass_time(600)
    three = Machine(ghost, folder, "three", one.root)
    three.run("pull")
    assert three.changed() == [" posts/harbour.md | 2 +-"]
    three.commit()
    three.replace("posts/harbour.md", "Paragraph 2 of", "Paragraph two of")
    three.replace("posts/harbour.md", "tags: [Tides]", "tags: [Tides, Stones]")
    ghost.type("harbour", "Paragraph 7 of", "Paragraph seven of")
    ghost.save("harbour", custom_excerpt="From the editor.")
    ghost.pass_time(600)
    assert "`ghostsync pull" in three.run("push", "--yes", expects=4)
    assert "changed here and in Ghost" in three.run("status")
    three.run("pull")
    assert pushed(three)["update"] == 1
    row = ghost.find("harbour")
    text = (three.root / "posts/harbour.md").read_text(encoding="utf-8")
    for words in ("Paragraph two of", "Paragraph three of", "Paragraph seven of"):
        assert words in row["html"]
        assert words in text
    assert row["custom_excerpt"] == "From the editor."
    assert "excerpt: From the editor." in text
    assert ghost.tags("harbour")[:2] == ["tides", "stones"]
    three.commit()
    ghost.pass_time(600)
    return three


@pytest.mark.parametrize("ghost", [pytest.param("real6", marks=pytest.mark.real)], indirect=True)
def test_a_week_of_writers_and_editors(ghost: Ghost, tmp_path: Path) -> None:
    """Import, a fresh clone, an editor's word, a merge, a conflict, its resolution: no write too many, no word lost."""
    three = merged(ghost, tmp_path, imported(ghost, tmp_path))
    four = Machine(ghost, tmp_path, "four", three.root)
    four.replace("posts/harbour.md", "Paragraph 5 of seven", "Paragraph five of seven")
    ghost.type("harbour", "Paragraph 5 of seven", "Paragraph 5 of 7")
    ghost.type("other", "Other words.", "Other words of an editor.")
    ghost.pass_time(600)
    assert "a place is marked" in four.run("pull", expects=4)
    text = (four.root / "posts/harbour.md").read_text(encoding="utf-8")
    assert "<<<<<<< this file\nParagraph five of seven" in text
    assert "Other words of an editor." in (four.root / "posts/other.md").read_text(encoding="utf-8")
    four.run("push", "--yes", expects=5)
    start, end = text.index("<<<<<<<"), text.index(">>>>>>> ")
    rest = text[end:].partition("\n")[2]
    settled = f"{text[:start]}Paragraph five of 7, as it was written in Ghost.\n{rest}"
    (four.root / "posts/harbour.md").write_text(settled, encoding="utf-8")
    four.commit()
    five = Machine(ghost, tmp_path, "five", four.root)
    assert pushed(five)["update"] == 1
    assert "Paragraph five of 7" in ghost.find("harbour")["html"]
    assert "nothing to do" in five.run("plan", "--exit-code")
    six = Machine(ghost, tmp_path, "six", four.root)
    assert "nothing to do" in six.run("push", "--yes")
    assert "nothing to do" in six.run("pull")
    assert ghost.emails() == 0
