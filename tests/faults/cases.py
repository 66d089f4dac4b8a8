"""The push of twenty documents with pictures, the pull of twenty, and what must hold when one exchange went wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.pull_steps import pull, tree
from engine.test_push_scenarios import png
from faults.benches import Bench, Snapshot
from faults.proxy import Fault
from world import Clone, errors, in_agreement

from ghostsync.core.outcome import Report
from ghostsync.errors import GhostError
from ghostsync.ghost.admin import Resource
from ghostsync.lexical import compile_markdown

Case = tuple[int, Fault]

TAGS = """- name: Harbour
  slug: harbour
  description: What floats
- name: Weather
  slug: weather
  description: What falls
"""


def text(number: int, *, words: str = "Plain words") -> str:
    """A document with pictures, tags and a link to another one."""
    status = ("published", "draft", "published")[number % 3]
    tags = (["Harbour"], ["Weather", "Own " + "abcd"[number % 4]], [])[number % 3]
    lines = ["---", f"title: Number {number}", f"status: {status}"]
    lines += [f"tags: {json.dumps(tags)}"] if tags else []
    lines += [f"feature_image: ../pics/{number % 5}.png"] if number % 4 == 1 else []
    lines += [f"excerpt: In short {number}"] if number % 5 == 2 else []
    lines += ["---", "", f"{words} of number {number}.", "", f"![Picture](../pics/{number % 7}.png)", ""]
    lines += [f"- one {number}", f"- two {number}", ""]
    return "\n".join(lines)


def place(number: int) -> str:
    return f"{'pages' if number % 6 == 5 else 'posts'}/number-{number:02}.md"


@dataclass(slots=True)
class Work:
    """A piece of work that is done again and again, each time with another fault."""

    bench: Bench
    folder: Path
    size: int
    expected: object = None
    length: int = 0
    """Exchanges of the run without a fault."""

    def clone(self, name: str) -> Clone:
        root = self.folder / name
        root.mkdir(parents=True, exist_ok=True)
        (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
        return Clone(root=root, api=self.bench.api, sleep=self.bench.sleep, name=name)

    def fill(self, clone: Clone, numbers: Iterable[int]) -> None:
        for number in numbers:
            clone.write(place(number), text(number))
        for colour in range(7):
            clone.write(f"pics/{colour}.png", png(colour * 20))
        clone.write("tags.yaml", TAGS)

    def run(self, clone: Clone) -> Report:
        """Do the work as a new process would, with everything that was armed."""
        raise NotImplementedError

    def begin(self) -> Clone:
        """Bring both sides to the beginning."""
        raise NotImplementedError

    def result(self, clone: Clone) -> object:
        """What counts in the end."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the beginning, and find out what comes of it when nothing goes wrong."""
        clone = self.begin()
        report = self.run(clone)
        assert errors(report) == []
        self.length = len(self.bench.exchanges())
        self.expected = self.result(clone)

    def cases(self, *, every: int = 1, first: int = 0) -> Iterator[Case]:
        """Every exchange with every fault, or of these every n-th."""
        all_of_them = [(number, fault) for number in range(1, self.length + 1) for fault in Fault]
        yield from all_of_them[first::every]

    def check(self, case: Case) -> None:
        """One case: the fault, then one more plain run, and all is as if nothing had happened."""
        number, fault = case
        clone = self.begin()
        self.bench.arm(number, fault)
        clone.api = self.bench.api
        try:
            self.run(clone)
        except GhostError:
            self.nothing_was_done(clone)
        self.bench.disarm()
        clone.api = self.bench.api
        again = self.run(clone)
        assert errors(again) == [], case
        assert again.plan.conflicts == (), case
        assert self.result(clone) == self.expected, case
        assert self.bench.emails() == 0, case

    def nothing_was_done(self, clone: Clone) -> None:
        """A run that ends in an exception has only read."""


class Push(Work):
    """Twelve documents are new, seven were changed, one has another slug, one is gone: tags, uploads, all of it."""

    def prepare(self) -> None:
        old = self.clone("old")
        self.fill(old, range(self.size // 2))
        assert errors(old.push()) == []
        self.bench.keep()
        Work.prepare(self)

    def begin(self) -> Clone:
        self.bench.restart()
        shutil.rmtree(self.folder / "new", ignore_errors=True)
        clone = self.clone("new")
        self.fill(clone, range(1, self.size + 1))
        for number in range(1, self.size // 2 - 1):
            clone.write(place(number), text(number, words="Other words"))
        moved = self.size // 2 - 1
        clone.write(place(moved), text(moved).replace("title:", "slug: moved\ntitle:", 1))
        return clone

    def run(self, clone: Clone) -> Report:
        return clone.push(prune="delete")

    def result(self, clone: Clone) -> Snapshot:
        found = self.bench.snapshot()
        assert len(found["posts"]) == found["rows"] == self.size
        assert not [slug for slug in (*found["posts"], *found["tags"]) if slug.endswith("-2")]
        return found

    def check(self, case: Case) -> None:
        Work.check(self, case)
        clone = self.clone("new")
        clone.api = self.bench.api
        assert in_agreement(clone.plan(prune="delete")), case

    def nothing_was_done(self, clone: Clone) -> None:
        assert not [one for one in self.bench.exchanges() if not one.startswith("GET")]


class Pull(Work):
    """Two thirds were pushed by another machine, one third was written in Ghost; all have pictures."""

    def prepare(self) -> None:
        origin = self.clone("origin")
        count = self.size * 2 // 3
        self.fill(origin, range(count))
        assert errors(origin.push()) == []
        for number in range(count, self.size):
            body = compile_markdown(f"Written in Ghost, number {number}.\n")
            self.bench.api.create(
                Resource.POSTS, {"title": f"Theirs {number}", "status": "published", "lexical": json.dumps(body)}
            )
        self.bench.keep()
        self._site: Snapshot = self.bench.snapshot()
        Work.prepare(self)

    def begin(self) -> Clone:
        self.bench.restart()
        shutil.rmtree(self.folder / "new", ignore_errors=True)
        return self.clone("new")

    def run(self, clone: Clone) -> Report:
        return pull(clone)

    def result(self, clone: Clone) -> dict[str, bytes]:
        found = tree(clone.root)
        assert len([name for name in found if name.endswith(".md")]) == self.size
        assert len([name for name in found if name.endswith(".png")]) >= min(self.size * 2 // 3, 7)
        assert self.bench.snapshot() == self._site, "a pull writes nothing to Ghost"
        return found

    def nothing_was_done(self, clone: Clone) -> None:
        assert tree(clone.root) == {}
