"""The content root as the engine sees it: `ghostsync.ports.Tree` on the disk.

Everything is read once per run. Files that documents refer to are measured when they are asked for, and remembered
by size and time while the process lives, so a watching process does not hash the same pictures over and over.
"""

from __future__ import annotations

from ghostsync.errors import ContentError, Problem
from ghostsync.local.assets import measure_file
from ghostsync.local.config import EVERYTHING, Config, Selection
from ghostsync.local.workspace import Expected, Role, Workspace
from ghostsync.model import Asset, Digest, DocPath, Document
from ghostsync.ports import LocalTree


class ContentTree:
    """A content root on disk."""

    def __init__(self, config: Config, selection: Selection = EVERYTHING) -> None:
        self.workspace = Workspace(config)
        self._selection = selection
        self._measured: dict[tuple[DocPath, int, int], Asset | Problem] = {}

    def load(self) -> LocalTree:
        """Read and check every document. Raises ContentError when the content root cannot be read."""
        if not self.workspace.root.is_dir():
            raise ContentError(f"the content directory {self.workspace.root} is gone", hint="is its disk mounted?")
        loaded = self.workspace.documents(self._selection)
        read = {document.path for document in loaded.documents}
        named = {file.path for file in loaded.scan.files if file.role is Role.DOCUMENT}
        # A folder that cannot be listed hides documents: its own path stands for them.
        hidden = {DocPath(problem.path) for problem in loaded.scan.problems}
        return LocalTree(
            documents=loaded.documents,
            problems=loaded.problems,
            warnings=loaded.warnings,
            tags=loaded.tags,
            broken=frozenset(path for path in named | hidden if self._selection.covers(path)) - read,
            files=loaded.scan.paths,
        )

    def exists(self, path: DocPath) -> bool:
        """Whether there is a file at `path`, inside the root."""
        return self.workspace.exists(path)

    def read(self, path: DocPath) -> bytes:
        """Return a file's bytes. Raises ContentError."""
        return self.workspace.read(path)

    def asset(self, path: DocPath) -> Asset | Problem | None:
        """Return a file that a document refers to, measured; None where there is none."""
        if not self.exists(path):
            return None
        try:
            place = self.workspace.resolve(path)
            info = place.stat()
        except (ContentError, OSError) as wrong:
            return Problem(path=path, message=f"the file cannot be read: {wrong}")
        key = (path, info.st_size, info.st_mtime_ns)
        if key not in self._measured:
            self._measured[key] = measure_file(place, path)
        return self._measured[key]

    def parse(self, path: DocPath, data: bytes) -> Document | None:
        """Return the document that these bytes are at this path, or None where they are not one."""
        return self.workspace.parse(path, data).document

    def write(self, path: DocPath, data: bytes, *, expected: Digest | None) -> None:
        """Write a file whose bytes are `expected` now (None: there is none), atomically. Raises ContentError."""
        self.workspace.write(path, data, expected=Expected.NOTHING if expected is None else expected)

    def remove(self, path: DocPath, *, expected: Digest) -> None:
        """Remove a file whose bytes are `expected` now. Raises ContentError."""
        self.workspace.remove(path, expected=expected)
