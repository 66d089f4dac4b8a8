"""What the watch remembers of the files: their stamps, and what it wrote itself.

A look never moves what is remembered; only a batch that was handed over does (`accept`). Otherwise a look that ends in
waiting (a file is missing for a moment) would make the changes beside it old news.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from ghostsync.core.file_names import is_passed_over
from ghostsync.local.cached import FileStamp
from ghostsync.model import Digest, DocPath
from ghostsync.watch.coalesce import Batch, Sight


class WatchedTree:
    """The files below `root` as the last batches left them, and those few `beside` it (`../ghostsync.toml`)."""

    def __init__(self, root: Path, *, beside: frozenset[DocPath] = frozenset()) -> None:
        self._root = root
        self._beside = beside
        self._stamps: dict[DocPath, FileStamp] = {}
        self._seen: dict[DocPath, FileStamp] = {}
        self._written: dict[DocPath, Digest | None] = {}

    def reread(self) -> frozenset[DocPath]:
        """Compare everything by stamp and return what differs; the first time everything is merely remembered."""
        found = self._scan(self._root)
        for path in self._beside:
            with contextlib.suppress(OSError):
                found[path] = FileStamp.of((self._root / path).stat())
        if not self._stamps:
            self._stamps = found
            return frozenset()
        return frozenset(
            path for path in found.keys() | self._stamps.keys() if found.get(path) != self._stamps.get(path)
        )

    def look(self, paths: frozenset[DocPath]) -> Sight:
        """Resolve rumours: what is there at and below these paths, and what was known there and is gone."""
        there: dict[DocPath, FileStamp] = {}
        for path in paths:
            full = self._root / path
            try:
                there |= self._scan(full) if full.is_dir() else {path: FileStamp.of(full.stat())}
            except OSError:
                continue
        prefixes = tuple(f"{path}/" for path in paths)
        known = {path for path in self._stamps if path in paths or path.startswith(prefixes)}
        self._seen = there
        # A file that was named itself is news even with the stamp of before; the others of a folder are not.
        news = {path for path, stamp in there.items() if path in paths or self._stamps.get(path) != stamp}
        return Sight(present=frozenset(news), absent=frozenset(known - there.keys()))

    def accept(self, batch: Batch) -> frozenset[DocPath]:
        """Remember a batch of the last look; return its paths without what our own runs wrote."""
        for path in batch.removed:
            self._stamps.pop(path, None)
        self._stamps |= {path: self._seen[path] for path in batch.changed if path in self._seen}
        foreign = set()
        for path in batch.paths:
            if path not in self._written or self._written[path] != _digest(self._root / path):
                foreign.add(path)
                self._written.pop(path, None)
        return frozenset(foreign)

    def wrote(self, files: Mapping[DocPath, Digest | None]) -> None:
        """Remember what a run wrote (its SHA-256) or removed (None)."""
        self._written |= files

    def _scan(self, start: Path) -> dict[DocPath, FileStamp]:
        found: dict[DocPath, FileStamp] = {}
        for folder, folders, names in os.walk(start):
            folders[:] = [name for name in folders if is_watched(name)]
            inside = Path(folder).relative_to(self._root).as_posix()
            prefix = "" if inside == "." else f"{inside}/"
            for name in names:
                if is_watched(name):
                    with contextlib.suppress(OSError):
                        found[DocPath(prefix + name)] = FileStamp.of((Path(folder) / name).stat())
        return found


def is_watched(name: str) -> bool:
    """Say whether a file or folder of this name can matter: not hidden, no editor's backup or temporary file.

    `.ghostsyncignore` is configuration and matters although it is hidden.
    """
    if is_passed_over(name):
        return name == ".ghostsyncignore"
    # vim's backups and its probe `4913`, Chrome's and Firefox's downloads, everybody's temporary files.
    return not name.endswith(("~", ".swp", ".swx", ".tmp", ".crswap", ".part")) and name != "4913"


def relevant_path(root: str, path: str) -> DocPath | None:
    """Return the path below the content root that an event is about; None where it cannot matter."""
    parts = Path(os.path.relpath(path, root)).parts
    if not parts or parts[0] == ".." or not all(is_watched(part) for part in parts):
        return None
    return DocPath("/".join(parts))


def _digest(path: Path) -> Digest | None:
    try:
        return Digest(hashlib.sha256(path.read_bytes()).hexdigest())
    except OSError:
        return None
