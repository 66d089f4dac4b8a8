"""Histories of writers in Git and editors in Ghost, and what must hold after every step of them.

Nobody here ever takes anything away: writers and editors only add words that nobody has used before (a word in a
paragraph, in a title, an excerpt, a new tag, a new paragraph), so every word that was ever written must be somewhere at
any time, and in the end everywhere. Where a pull marks a place, the writer keeps both sides, as people do who are told
not to lose anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.ghosts import Ghost
from engine.pull_steps import plan_pull, pull, tree
from fakeghost import editor
from world import Clone, errors

from ghostsync.core.plan import Plan
from ghostsync.core.verbs import verb

Step = tuple[str, int, int]
"""What is done, in which document, at which of its places."""

DOCUMENTS: dict[str, str] = {
    "posts/harbour.md": """---
# What the editors must not lose:
title: "Harbour"   # as on the chart
tags:
  - Tides   # always
  - 'Log'
excerpt: >-
  A short word about
  the harbour.
status: published
---

Alpha lies behind a wall that was
built in 1840, and that everybody calls
*the new wall* ever since[^1].

* Beta list
* with stars

Gamma on the [chart][chart] for the depths,
and mind the stones.

Delta words, wrapped
where the author liked it.

[chart]: https://example.com/chart "The chart"
[^1]: It has been repaired twice.
""",
    "posts/windows.md": "+++\r\ntitle = 'Windows' # a literal\r\ntags = [\"Tides\"]\r\nexcerpt = \"Short.\"\r\n+++\r\n"
    "Alpha one.\r\n\r\n> Beta quoted.\r\n\r\nGamma\r\nin two lines.\r\n\r\n1. Delta\r\n2. list\r\n",
    "pages/about.md": '{\n  "title": "About",\n    "tags": ["Log"],\n  "custom_excerpt": "Short."\n}\n\n'
    "Alpha and ***strong***.\n\nBeta\n----\n\nGamma is `code`, Delta is\nnot, and there is no last line end.",
    "posts/plain.md": "# Plain\n\nAlpha stands under a heading that is the title.\n\nBeta.\n\nGamma.\n\nDelta.\n",
}  # fmt: skip
ANCHORS = ("Alpha", "Beta", "Gamma", "Delta")
ACTIONS = (
    "writer:word", "writer:word", "writer:paragraph", "writer:title", "writer:excerpt", "writer:tag", "writer:rename",
    "editor:word", "editor:word", "editor:word", "editor:paragraph", "editor:title", "editor:excerpt", "editor:tag",
    "editor:retouch", "editor:publish",
    "pull", "pull", "push", "push", "move", "wait", "wait",
)  # fmt: skip
_MARKS = re.compile(r"^(<<<<<<<|=======|>>>>>>>)[^\n]*\n|^\|\|\|\|\|\|\|[^\n]*\n(?:(?!=======).*\n)*", re.MULTILINE)
_WORD = re.compile(r"(?:writer|editor)\d+")


@dataclass(slots=True)
class History:
    """One site, and the directory that is worked in: another machine's every now and then."""

    ghost: Ghost
    clone: Clone
    move: Callable[[Clone], Clone]
    """Take the work to another machine: a clone with the same files and nothing else."""
    words: dict[str, str] = field(default_factory=dict)
    """Word → the slug of the post that it was written into."""
    paths: dict[str, str] = field(default_factory=dict)
    """Slug → path."""
    told: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Write and push the documents."""
        for path, text in DOCUMENTS.items():
            self.clone.write(path, text.encode())
            self.paths[path.rpartition("/")[2].removesuffix(".md")] = path
        assert errors(self.clone.push()) == []
        self.ghost.pass_time(600)

    def do(self, step: Step) -> None:
        """Take one step, and see that no word is gone."""
        action, number, place = step
        slug = sorted(self.paths)[number % len(self.paths)]
        who, _, what = action.partition(":")
        self.told.append(f"{action} {slug} {ANCHORS[place % 4]}")
        if who == "writer":
            self._write(slug, what, place)
        elif who == "editor":
            self._edit(slug, what, place)
        elif action == "wait":
            self.ghost.pass_time(600)
        elif action == "move":
            self.clone = self.move(self.clone)
        else:
            self._run(action)
        self.check()

    def check(self) -> None:
        """Every word of an editor is in Ghost, every word of a writer in the files."""
        there, here = self._there(), self._here()
        for word, slug in self.words.items():
            known = there[slug] if word.startswith("editor") else here[slug]
            assert word in known, f"{word} is gone from {slug} after {self.told}"

    def settle(self) -> None:
        """Pull, settle and push until there is nothing left to do; then both sides hold everything."""
        for _ in range(4):
            self.ghost.pass_time(600)
            self._run("pull")
            self.check()
            self.ghost.pass_time(600)
            self._run("push", prefer="local" if self._everything_is_here() else "neither")
            self.check()
            if self.clone.plan().is_empty and plan_pull(self.clone).changes == ():
                break
        there, here = self._there(), self._here()
        for word, slug in self.words.items():
            assert word in there[slug], f"{word} did not reach Ghost: {self.told}"
            assert word in here[slug], f"{word} did not reach the file: {self.told}"
        for plan in (self.clone.plan(), plan_pull(self.clone)):
            assert (self._says(plan), plan.conflicts, plan.problems) == ([], (), ()), self.told
        assert self.ghost.emails() == 0

    # ------------------------------------------------------------------ both sides

    def _there(self) -> dict[str, str]:
        rows = [*self.ghost.all(), *self.ghost.all(to="pages")]
        return {row["slug"]: _all_that(row) for row in rows}

    def _here(self) -> dict[str, str]:
        return {slug: (self.clone.root / path).read_bytes().decode() for slug, path in self.paths.items()}

    def _everything_is_here(self) -> bool:
        here = self._here()
        return all(word in here[slug] for word, slug in self.words.items())

    def _kind(self, slug: str) -> str:
        return "pages" if self.paths[slug].startswith("pages/") else "posts"

    def _new_word(self, who: str, slug: str) -> str:
        word = f"{who}{len(self.words)}"
        self.words[word] = slug
        return word

    # ------------------------------------------------------------------ people

    def _write(self, slug: str, what: str, place: int) -> None:
        path = self.paths[slug]
        text = self.clone.root.joinpath(path).read_bytes().decode()
        end = "\r\n" if "\r\n" in text else "\n"
        if what == "rename":
            new = f"{path.partition('/')[0]}/{'deep/' * (place % 2)}{path.rpartition('/')[2]}"
            self.clone.remove(path)
            self.clone.write(new, text.encode())
            self.paths[slug] = new
            return
        anchor = ANCHORS[place % 4]
        old = {
            "word": anchor,
            "paragraph": f"{end}{end}",
            "title": {"posts/harbour.md": '"Harbour', "posts/windows.md": "'Windows", "pages/about.md": '"About'}.get(
                f"{self._kind(slug)}/{slug}.md", "# Plain"
            ),
            "excerpt": "hort",
            "tag": {"harbour": "  - Tides   # always\n", "windows": '"Tides"', "about": '"Log"'}.get(slug, "\0"),
        }[what]
        if old not in text:
            return
        word = self._new_word("writer", slug)
        new = {
            "word": f"{anchor} {word}",
            "paragraph": f"{end}{end}New {word}.{end}{end}",
            "tag": f"{old}  - {word}\n" if slug == "harbour" else f'{old}, "{word}"',
        }.get(what, f"{old} {word}")
        self.clone.write(path, text.replace(old, new, 1).encode())

    def _edit(self, slug: str, what: str, place: int) -> None:
        to = self._kind(slug)
        row = self.ghost.find(slug, to=to)
        if what == "retouch":
            self.ghost.save(slug, to=to, lexical=editor.reserialise(row["lexical"]))
            return
        if what == "publish":
            if row["status"] == "draft":
                self.ghost.save(slug, to=to, status="published")
            return
        word = self._new_word("editor", slug)
        if what == "word":
            self.ghost.type(slug, ANCHORS[place % 4], f"{ANCHORS[place % 4]} {word}", to=to)
        elif what == "paragraph":
            body = editor.append_paragraph(editor.reserialise(row["lexical"]), f"Added {word}")
            self.ghost.save(slug, to=to, lexical=body)
        elif what == "title":
            self.ghost.save(slug, to=to, title=f"{row['title']} {word}")
        elif what == "excerpt":
            self.ghost.save(slug, to=to, custom_excerpt=f"{row['custom_excerpt'] or ''} {word}".strip())
        else:
            tags = [{"slug": tag["slug"], "name": tag["name"]} for tag in row["tags"]]
            self.ghost.save(slug, to=to, tags=[{"name": word}, *tags])

    # ------------------------------------------------------------------ ghostsync

    def _run(self, action: str, **options: Any) -> None:
        report = pull(self.clone) if action == "pull" else self.clone.push(**options)
        assert errors(report) == [], self.told
        if action == "pull":
            self._resolve(report.plan)

    def _resolve(self, plan: Plan) -> None:
        """Keep both sides of every marked place; into a field that both changed, write both values."""
        slugs = {path: slug for slug, path in self.paths.items()}
        for conflict in plan.conflicts:
            path = self.clone.root / conflict.path
            text = path.read_bytes().decode()
            text = _MARKS.sub("", text.replace("\r\n", "\n")) if "<<<<<<<" in text else text.replace("\r\n", "\n")
            for one in conflict.fields:
                mine, theirs = str(one.local), str(one.remote)
                missing = [word for word in _WORD.findall(theirs) if word not in mine]
                known = _WORD.findall(mine) or mine.split()[-1:]
                line = next(line for line in text.split("\n") if known[-1] in line)
                text = text.replace(line, line.replace(known[-1], " ".join((known[-1], *missing)), 1), 1)
            if DOCUMENTS[f"{self._kind(slugs[conflict.path])}/{slugs[conflict.path]}.md"].count("\r\n"):
                text = text.replace("\n", "\r\n")
            path.write_bytes(text.encode())

    def _says(self, plan: Plan) -> list[str]:
        return [f"{verb(change)} {getattr(change, 'path', '')}" for change in plan.changes]


def _all_that(row: dict[str, Any]) -> str:
    tags = " ".join(tag["name"] for tag in row["tags"])
    return f"{row['title']} {row['custom_excerpt']} {tags} {row['html']}"


def play(history: History, steps: list[Step], elsewhere: Callable[[], Clone]) -> None:
    """Play a history to its end; then an empty directory elsewhere gets the same bytes.

    Under the same names, folders aside: a file that was moved and not changed is nothing to push, and its record keeps
    saying where it was when it was sent.
    """
    history.begin()
    for step in steps:
        history.do(step)
    history.settle()
    history.ghost.pass_time(600)
    other = elsewhere()
    assert errors(pull(other)) == []
    there, here = (
        {path.rpartition("/")[2]: data for path, data in tree(c.root).items()} for c in (other, history.clone)
    )
    assert there == here, history.told
