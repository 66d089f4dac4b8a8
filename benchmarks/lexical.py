"""How fast texts are compiled, decompiled and patched, beside markdown-it-py on the same texts in the same run.

    python benchmarks/lexical.py [FOLDER]

FOLDER holds Markdown files (front matter is cut off); without it the repository's example-site is taken. Printed are
medians of seven runs over the whole corpus, after one that is not counted. "markdown-it-py" is parsing and rendering
to HTML with the same syntax switched on; compiling should stay within 1.5 times that.
"""

from __future__ import annotations

import gc
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ghostsync.lexical import compile_markdown, decompile_lexical, patch_markdown
from ghostsync.lexical.dialect import Dialect, parser_for

ROOT = Path(__file__).parents[1]
FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*\n", re.DOTALL | re.MULTILINE)
RUNS = 7


def median_seconds(work: Callable[[], object]) -> float:
    """Return the median duration of `work`, garbage collection aside."""
    work()
    durations = []
    for _ in range(RUNS):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
        gc.enable()
    return statistics.median(durations)


def main() -> None:
    """Measure and print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "example-site"
    texts = [FRONT_MATTER.sub("", path.read_text("utf-8")) for path in sorted(folder.rglob("*.md"))]
    documents = [compile_markdown(text) for text in texts]
    sys.path.insert(0, str(ROOT / "tests" / "lexical"))
    from lexical_edits import random_edit  # noqa: PLC0415 - found only now

    chance = random.Random(1)
    edits = [(text, document, random_edit(document, chance)) for text, document in zip(texts, documents, strict=True)]
    parser = parser_for(Dialect.GHOST)
    rows: dict[str, Callable[[], object]] = {
        "markdown-it-py": lambda: [parser.render(text) for text in texts],
        "compile": lambda: [compile_markdown(text) for text in texts],
        "decompile": lambda: [decompile_lexical(document) for document in documents],
        "patch": lambda: [patch_markdown(text, before, edit.after) for text, before, edit in edits if edit],
    }
    size = sum(len(text.encode()) for text in texts)
    print(f"{len(texts)} texts, {size / 1e6:.2f} MB, median of {RUNS} runs\n")
    print(f"{'':16}{'seconds':>9}{'MB/s':>8}{'ms a text':>11}{'ratio':>8}")
    reference = 0.0
    for name, work in rows.items():
        seconds = median_seconds(work)
        reference = reference or seconds
        print(f"{name:16}{seconds:9.3f}{size / 1e6 / seconds:8.2f}{seconds / len(texts) * 1e3:11.2f}", end="")
        print(f"{seconds / reference:8.2f}")


if __name__ == "__main__":
    main()
