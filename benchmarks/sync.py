"""What a push costs, beside what it cannot cost less than, on a real Ghost on this machine.

    python benchmarks/sync.py [--posts 1000] [--documents 10000] [--only push,distance,unchanged]

push       the first push of N posts as a whole process, against a loop that POSTs the very same bodies over as many
           connections and does nothing else, and against a client that works as most do: one post at a time, a
           look-up and a write, a new connection for each.
distance   the same with 80 ms added to every round trip.
unchanged  pushes that have nothing to do at 100, 1,000 and N documents: the first on a machine without a cache, and
           one on a machine that has seen everything.

Figures that are compared come from one run. Time is wall time of whole processes; the requests are counted by a
forwarder between them and Ghost. Aims stand beside the figures; a figure that misses its aim says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from forwarding import Forwarder
from seeding import open_session, seed_posts, write_documents

from ghostsync.core.changes import CreatePost
from ghostsync.core.digest import body_digest
from ghostsync.core.record import attach_record
from ghostsync.engine.options import Options
from ghostsync.ghost.auth import KeyCredentials, ServerClock, Timing, parse_admin_key
from ghostsync.model import Record
from ghostsync.sandbox import Instance, Sandbox

JOBS = 4
ADDED = 0.080
GHOSTSYNC = (sys.executable, "-m", "ghostsync")


# ---------------------------------------------------------------------------------------------- runs


class Peak:
    """The largest memory of a process, looked at while it runs.

    What the kernel tells at its end (`ru_maxrss`) counts the memory of this process too, from before the `exec`.
    """

    def __init__(self, pid: int) -> None:
        self.kilobytes = 0
        self._status = Path(f"/proc/{pid}/status")
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                for line in self._status.read_text(encoding="ascii", errors="replace").splitlines():
                    if line.startswith("VmHWM:"):
                        self.kilobytes = max(self.kilobytes, int(line.split()[1]))
                time.sleep(0.02)


def run_push(root: Path, url: str, key: str) -> tuple[float, int]:
    """Push as a whole process; return seconds and its largest memory in kB."""
    environ = {**os.environ, "GHOST_ADMIN_API_URL": url, "GHOST_ADMIN_API_KEY": key, "NO_COLOR": "1"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*GHOSTSYNC, "push", "--yes", "--jobs", str(JOBS), "--format", "json", str(root)],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    peak = Peak(process.pid)
    answer = process.stdout.read()
    process.wait()
    seconds = time.perf_counter() - begun
    if process.returncode != 0:
        raise SystemExit(f"the push failed with {process.returncode}: {answer[:2000].decode()}")
    return seconds, peak.kilobytes


def bodies_of(root: Path, instance: Instance) -> list[dict[str, Any]]:
    """Return the very rows that a push of the directory would send to create its posts."""
    session = open_session(root, instance)
    plan = session.plan_push(Options())
    rows = []
    for change in plan.changes:
        if isinstance(change, CreatePost) and change.kind == "post":
            draft = change.draft
            record = Record(
                op="00000000-0000-0000-0000-000000000000", at=plan.at, project=draft.project, path=draft.path,
                slug=draft.slug, source=draft.source, source_digest=draft.source_digest, fields=draft.fields,
                body_digest=body_digest(change.lexical, site_url=plan.site.url), links=draft.links,
            )  # fmt: skip
            whole = attach_record(change.lexical, record, site_url=plan.site.url)
            lexical = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
            sends = {{"excerpt": "custom_excerpt"}.get(name, name): value for name, value in change.sends.items()}
            tags = [{"name": tag} for tag in (*change.sends["tags"], "#ghostsync")]
            rows.append({**sends, "lexical": lexical, "tags": tags})
    return rows


def _headers(key: str) -> dict[str, str]:
    return dict(KeyCredentials(parse_admin_key(key), ServerClock(Timing())).headers())


def post_all(rows: Sequence[dict[str, Any]], url: str, key: str) -> float:
    """POST the rows over as many connections as a push has, and do nothing else; return seconds."""
    local = threading.local()
    address = f"{url}/ghost/api/admin/posts/?save_revision=1&formats=lexical%2Cmobiledoc%2Chtml"

    def send(row: dict[str, Any]) -> None:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        answer = local.session.post(address, json={"posts": [row]}, headers=_headers(key), timeout=120)
        answer.raise_for_status()

    # Tags made by four connections at once come to exist twice: the first post makes them.
    begun = time.perf_counter()
    send(rows[0])
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(send, rows[1:]))
    return time.perf_counter() - begun


def one_at_a_time(rows: Sequence[dict[str, Any]], url: str, key: str) -> float:
    """Look each slug up, then write it, each time with a new connection; return seconds."""
    begun = time.perf_counter()
    for row in rows:
        found = requests.get(f"{url}/ghost/api/admin/posts/slug/{row['slug']}/", headers=_headers(key), timeout=120)
        assert found.status_code == 404, found.text
        answer = requests.post(
            f"{url}/ghost/api/admin/posts/", json={"posts": [row]}, headers=_headers(key), timeout=120
        )
        answer.raise_for_status()
    return time.perf_counter() - begun


@contextlib.contextmanager
def fresh(count: int) -> Iterator[Path]:
    """A directory of posts (no pages, so that all are created alike) that nobody has pushed."""
    with tempfile.TemporaryDirectory(prefix="ghostsync-sync-") as folder:
        root = Path(folder)
        write_documents(root, count + count // 49 + 1)
        shutil.rmtree(root / "pages", ignore_errors=True)
        for extra in sorted((root / "posts").rglob("*.md"))[count:]:
            extra.unlink()
        yield root


# ---------------------------------------------------------------------------------------------- what is measured


def _row(what: str, figure: str, aim: str = "", *, is_reached: bool = True) -> None:
    print(f"| {what} | {figure} | {aim}{'' if is_reached else ' **missed**'} |", flush=True)


def measure_push(instance: Instance, count: int, *, added: float = 0.0) -> float:
    """Print and return posts a second of a first push."""
    where = f", {added * 1000:.0f} ms away" if added else ""
    single = min(count, 100)
    with fresh(count) as root:
        instance.empty()
        rows = bodies_of(root, instance)
        far = Forwarder(instance.port, added=added)
        floor = post_all(rows, far.url, instance.admin_key)
        instance.empty()
        slow = one_at_a_time(rows[:single], far.url, instance.admin_key)
        instance.empty()
        pushed, memory = run_push(root, far.url, instance.admin_key)
    rate = count / pushed
    _row(f"bare POSTs, {JOBS} connections{where}", f"{floor:.1f} s, {count / floor:.1f}/s")
    _row(f"one at a time, new connections ({single} posts){where}", f"{single / slow:.1f}/s")
    ratio = pushed / floor
    aim = "" if added else "1.10 of the bare POSTs"
    told = f"{pushed:.1f} s, {rate:.1f}/s, {ratio:.2f} of the bare POSTs, {memory / 1024:.0f} MB"
    _row(f"first push of {count:,} posts{where}", told, aim, is_reached=bool(added) or ratio <= 1.10)
    return rate


def measure_unchanged(instance: Instance, documents: int) -> None:
    """Print what a push costs that has nothing to do."""
    for count in sorted({100, 1_000, documents}):
        with tempfile.TemporaryDirectory(prefix="ghostsync-sync-") as folder:
            root = Path(folder)
            files = write_documents(root, count)
            instance.empty()
            seed_posts(root, instance)
            for file in files:
                os.utime(file, (1_700_000_000, 1_700_000_000))
            counter = Forwarder(instance.port)
            cold, memory = run_push(root, counter.url, instance.admin_key)
            pages = sum("pages" in file.parts for file in files)
            least = -(-(count - pages) // 100) + -(-pages // 100)
            constant = counter.requests - least
            told = f"{cold:.2f} s, {counter.requests} requests ({least} + {constant}), {memory / 1024:.0f} MB"
            aim = "pages of 100 + a constant; 200 MB"
            _row(f"nothing to do, {count:,} documents, no cache", told, aim, is_reached=memory <= 200 * 1024)
            time.sleep(2.5)  # what was saved moments ago is not believed, and this directory was just made
            run_push(root, counter.url, instance.admin_key)
            asked, times, largest = counter.requests, [], 0
            for _ in range(5):
                seconds, used = run_push(root, counter.url, instance.admin_key)
                times.append(seconds)
                largest = max(largest, used)
            each = (counter.requests - asked) / 5
            median = statistics.median(times)
            told = f"{median:.2f} s (fastest {min(times):.2f}), {each:g} requests, {largest / 1024:.0f} MB"
            good = each <= 5 and median <= 0.5 and largest <= 200 * 1024
            _row(f"nothing to do, {count:,} documents, warm", told, "0.5 s, 5 requests, 200 MB", is_reached=good)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--only", default="push,distance,unchanged")
    asked = parser.parse_args()
    chosen = set(asked.only.split(","))
    instance = Sandbox.up(f"benchmark-sync-{os.getpid()}")
    try:
        print("| what | measured | aim |\n|---|---|---|")
        near = measure_push(instance, asked.posts) if chosen & {"push", "distance"} else 0.0
        if "distance" in chosen:
            far = measure_push(instance, asked.posts, added=ADDED)
            share = far / near
            told = f"{share:.2f} of the throughput without it"
            _row(f"{ADDED * 1000:.0f} ms further away", told, "0.9", is_reached=share >= 0.9)
        if "unchanged" in chosen:
            measure_unchanged(instance, asked.documents)
    finally:
        instance.remove()
    load = os.getloadavg()[0]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{os.cpu_count()} cores, load {load:.1f} at the end; client and Ghost share them ({own:.0f} MB here)")


if __name__ == "__main__":
    main()
