"""Two pushes at the same moment, from two clones into one real Ghost."""

from __future__ import annotations

import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults.benches import Bench, RealBench, real_bench
from world import Clone, errors, in_agreement

from ghostsync.core.outcome import Report
from ghostsync.ghost.connect import connect
from ghostsync.sandbox import Instance

LONG = bool(os.environ.get("GHOSTSYNC_LONG"))
TIMES = 50 if LONG else 6


def page(title: str, words: str, tag: str) -> str:
    return f"---\ntitle: {title}\nstatus: published\ntags: [{tag}]\n---\n{words}\n"


def clone(bench: RealBench, folder: Path, name: str) -> Clone:
    root = folder / name
    root.mkdir(exist_ok=True)
    (root / "ghostsync.toml").write_text('project = "site"\n', encoding="utf-8")
    api = connect(bench.instance.url, bench.instance.admin_key, allow_http=True)
    return Clone(root=root, api=api, sleep=time.sleep, name=name, jobs=2)


def at_once(clones: list[Clone]) -> list[Report]:
    """Both plan, and when both have a plan, both carry it out."""
    start = threading.Barrier(len(clones))

    def work(one: Clone) -> Report:
        plan = one.plan()
        start.wait(60)
        return one.apply(plan)

    with ThreadPoolExecutor(len(clones)) as pool:
        return list(pool.map(work, clones))


def words(bench: Bench) -> dict[str, str]:
    return {slug: re.sub(r"<[^>]+>", "", post["html"] or "") for slug, post in bench.snapshot()["posts"].items()}


@pytest.mark.timeout(0 if LONG else 300)
def test_two_pushes_at_the_same_moment(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Both change one document, both make one with the same name and the same new tag, each has one of its own.

    Nothing is there twice. Of each contested document one version stands, and whoever brought the other one was told.
    """
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        first = clone(bench, tmp_path, "a")
        first.write("posts/shared.md", page("Shared", "From the beginning.", "Old"))
        assert errors(first.push()) == []
        bench.keep()
        refused = 0
        for number in range(TIMES):
            bench.restart()
            clones = [clone(bench, tmp_path, name) for name in ("a", "b")]
            for one in clones:
                one.write("posts/shared.md", page("Shared", f"Changed by {one.name} in {number}.", "Old"))
                one.write("posts/fresh.md", page("Fresh", f"Made by {one.name} in {number}.", "Both"))
                one.write(f"posts/own-{one.name}.md", page(f"Own {one.name}", f"Only of {one.name}.", "Both"))
            reports = at_once(clones)
            found = words(bench)
            slugs = sorted(found)
            assert slugs == ["fresh", "own-a", "own-b", "shared"], (number, slugs)
            assert sorted(bench.snapshot()["tags"]) == ["both", "hash-ghostsync", "old"], number
            for slug, verb in (("shared", "Changed"), ("fresh", "Made")):
                winners = [one for one in clones if found[slug] == f"{verb} by {one.name} in {number}."]
                assert len(winners) == 1, (number, found)
                for one, report in zip(clones, reports, strict=True):
                    lost = [text for text in errors(report) if f"posts/{slug}.md" in text]
                    assert bool(lost) == (one is not winners[0]), (number, slug, errors(report))
                    refused += bool(lost)
            # One more run of either: the winner has nothing to do, and nothing is there twice.
            for one, report in zip(clones, reports, strict=True):
                if not errors(report):
                    assert in_agreement(one.plan()), number
            assert bench.emails() == 0
            for one in clones:
                one.api.transport.close()
        first.api.transport.close()
        print(f"two pushes at once: {TIMES} times, {refused} refusals")
        assert refused == 2 * TIMES


@pytest.mark.timeout(0 if LONG else 300)
def test_the_same_content_from_two_clones_at_the_same_moment(tmp_path: Path, empty_ghost6: Instance) -> None:
    """Both push the same new documents with the same new tags: each is there once."""
    with real_bench(empty_ghost6, tmp_path / "kept") as bench:
        bench.keep()
        for number in range(TIMES):
            bench.restart()
            clones = [clone(bench, tmp_path, f"c{which}-{number}") for which in (1, 2)]
            for one in clones:
                for which in range(4):
                    one.write(f"posts/p{which}.md", page(f"P {which}", f"Words {which}.", f"T{which}"))
            reports = at_once(clones)
            assert sorted(words(bench)) == [f"p{which}" for which in range(4)], number
            assert sorted(bench.snapshot()["tags"]) == ["hash-ghostsync", *(f"t{which}" for which in range(4))], number
            for one in clones:
                assert in_agreement(one.plan()), (number, [errors(report) for report in reports])
                one.api.transport.close()
        print(f"the same from two clones: {TIMES} times")
