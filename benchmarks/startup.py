"""How long the command line itself takes: `ghostsync --version`, `--help`, a completion, and `check` on many documents.

    python benchmarks/startup.py [--documents 1000] [--runs 7]

Each is a process of its own, from start to exit, as a person waits for it: median and fastest of the runs, after one
that is not counted and fills the disk cache. Beside them stand an interpreter that does nothing, since nobody can be
faster than that, and the CPU time, which tells on a busy machine what the wall clock cannot. The documents are made
from the texts of example-site, under new names, with links to each other and with pictures that exist.

Bounds (in brackets, checked with --strict): `--version` 120 ms, `check` 3 s on 1,000 documents.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "example-site"
GHOSTSYNC = str(Path(sys.executable).parent / "ghostsync")
# Without front matter, without references to files: those would have to exist under every new name.
_FRONT = re.compile(r"\A(---|\+\+\+|;;;)[ \t]*\n.*?^\1[ \t]*\n", re.DOTALL | re.MULTILINE)
_REFERENCE = re.compile(
    r"!?\[[^\]]*\]\((?!https?:|mailto:)[^)]*\)(\{[^}]*\})?|^```ghost:.*?^```|^\[[^\]]+\]:[^\n]*$",
    re.DOTALL | re.MULTILINE,
)


def make_documents(folder: Path, number: int) -> int:
    """Write a content directory; return the size of its documents."""
    texts = [
        _REFERENCE.sub("", _FRONT.sub("", file.read_text("utf-8"))) for file in sorted(EXAMPLE.rglob("posts/**/*.md"))
    ]
    (folder / "ghostsync.toml").write_text('project = "many"\n', encoding="utf-8")
    shutil.copytree(EXAMPLE / "images", folder / "images")
    pictures = sorted((folder / "images").iterdir())
    size = 0
    for index in range(number):
        place = folder / "posts" / f"{index % 20:02}" / f"document-{index:05}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        other = (index * 7 + 1) % number
        head = f"---\ntitle: Document {index}\nstatus: published\ntags: [News, 'Part {index % 9}']\n---\n\n"
        links = (
            f"See [the other one](../{other % 20:02}/document-{other:05}.md).\n\n"
            f"![A picture](../../images/{pictures[index % len(pictures)].name})\n\n"
        )
        text = head + links + texts[index % len(texts)]
        place.write_text(text, encoding="utf-8")
        size += len(text.encode())
    return size


def measure(command: list[str], *, cwd: Path, runs: int, **environ: str) -> tuple[float, float, float]:
    """Return median and fastest of the wall-clock seconds of a command, and the median of its CPU seconds."""
    seconds, used = [], []
    for run in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, check=False)
        took = time.perf_counter() - started
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} exits with {done.returncode}:\n{done.stderr.decode()}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if run:
            seconds.append(took)
            used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(seconds), min(seconds), statistics.median(used)


def main() -> None:
    """Measure and print the table."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--documents", type=int, default=1000)
    asked.add_argument("--runs", type=int, default=7)
    asked.add_argument("--strict", action="store_true", help="exit with 1 when a bound is not kept")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="ghostsync-startup-") as made:
        folder = Path(made)
        size = make_documents(folder, given.documents)
        completion = {"COMP_WORDS": "ghostsync pu", "COMP_CWORD": "1", "_GHOSTSYNC_COMPLETE": "bash_complete"}
        rows = [
            ("python -c pass", [sys.executable, "-c", "pass"], {}, None),
            ("ghostsync --version", [GHOSTSYNC, "--version"], {}, 0.120),
            ("ghostsync --help", [GHOSTSYNC, "--help"], {}, None),
            ("ghostsync push --help", [GHOSTSYNC, "push", "--help"], {}, None),
            ("completing `ghostsync pu`", [GHOSTSYNC], completion, None),
            (f"ghostsync check, {given.documents:,} documents", [GHOSTSYNC, "check"], {}, 3.0 * given.documents / 1000),
        ]
        print(f"{given.documents:,} documents, {size / 1e6:.1f} MB; {given.runs} runs each\n")
        print(f"{'':36}{'median':>10}{'fastest':>10}{'CPU':>10}{'bound':>10}")
        kept = True
        for name, command, environ, bound in rows:
            median, fastest, used = measure(command, cwd=folder, runs=given.runs, **environ)
            kept = kept and (bound is None or median <= bound)
            told = "" if bound is None else f"{bound * 1000:8.0f} ms"
            print(
                f"{name:36}{median * 1000:7.0f} ms{fastest * 1000:7.0f} ms{used * 1000:7.0f} ms{told:>10}", flush=True
            )
    if given.strict and not kept:
        raise SystemExit("a bound is not kept")


if __name__ == "__main__":
    main()
