"""Whether a cache file is whole, asked without opening it as a cache: that would throw a damaged one away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def fault_of_cache(file: Path) -> str | None:
    """Return what SQLite finds wrong with the file, or None. Nothing is written."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else str(said)
