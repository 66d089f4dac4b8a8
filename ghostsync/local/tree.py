"""The content root as the engine sees it: `ghostsync.ports.Tree` on the disk.

A tree is looked at by name, size and time (`load`); a file is opened only when it is not known as it is now. What a
load gives are faces; the whole document is read again when something is to be done with it, and must then still be
the document that the face was taken of.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from ghostsync.errors import ContentError, Problem
from ghostsync.local.cached import RACY_NS, FileStamp
from ghostsync.local.config import EVERYTHING, Config, Selection
from ghostsync.local.known_files import KnownFace, KnownFiles
from ghostsync.local.workspace import Expected, FileStat, Role, Scan, Workspace
from ghostsync.model import Asset, Digest, DocPath, Document, Face, Tag
from ghostsync.ports import LocalTree

_HELD_BYTES = 8_000_000
"""Documents are held in memory as far as this goes, so that a small tree is read once; a large one is read again where
something changed. Parsed documents take about three times this."""


class ContentTree:
    """A content root on disk."""

    def __init__(
        self,
        config: Config,
        selection: Selection = EVERYTHING,
        *,
        known: KnownFiles | None = None,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.workspace = Workspace(config)
        self._selection = selection
        self._known = KnownFiles() if known is None else known
        self._clock_ns = clock_ns
        self._scan: Scan | None = None
        self._looked_at_ns = 0
        self._is_fresh = False
        self._loaded: LocalTree | None = None
        self._changed: frozenset[DocPath] | None = None
        """What may have changed since `_loaded` was made; None: anything."""
        self._stats: dict[DocPath, FileStat] = {}
        self._held: dict[DocPath, Document] = {}
        self._held_bytes = 0
        self._looked_outside = False

    # ------------------------------------------------------------------ looking at all of it

    def look(self, changed: Iterable[DocPath] | None = None) -> str:
        """Look at the tree by name, size and time and return a fingerprint of it; nothing is opened.

        `changed`: only these paths may have changed since the last look. Raises ContentError when the content root
        cannot be read.
        """
        if not self.workspace.root.is_dir():
            raise ContentError(f"the content directory {self.workspace.root} is gone", hint="is its disk mounted?")
        self._looked_at_ns = self._clock_ns()
        before, self._scan = self._scan, None
        told = None if changed is None else frozenset(changed)
        if told is not None and before is not None:
            self._scan = self.workspace.look(told, before)
        if self._scan is None or told is None or self._changed is None:
            self._changed = None
        else:
            self._changed |= told
        if self._scan is None:
            self._scan = self.workspace.scan()
        self._stats = {file.path: file for file in self._scan.files}
        self._is_fresh = True
        seen = [f"{path}\0{size} {mtime} {ctime}" for path, (size, mtime, ctime), _ in self._scan.files]
        text = "\0".join((*seen, repr(self._scan.problems)))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_settled(self) -> bool:
        """Whether a change after the last look is sure to show in the next: no file was written moments before it, and
        no document shows a file that the look passes over.
        """
        newest = max((max(file.stamp[1:]) for file in self._stats.values()), default=0)
        return newest + RACY_NS <= self._looked_at_ns and not self._looked_outside

    def load(self) -> LocalTree:
        """Look, unless a look has just been taken, and return what is there, read as far as it is not known."""
        if not self._is_fresh or self._scan is None:
            self.look()
        self._is_fresh = False
        again = self._load_again()
        self._changed = frozenset()
        self._loaded = self._load_all() if again is None else again
        return self._loaded

    def _load_again(self) -> LocalTree | None:
        """Return the last load with the documents that changed since; None where it takes more than that."""
        before = self._loaded
        if before is None or self._changed is None:
            return None
        known = {face.path: face for face in before.documents}
        fresh: dict[DocPath, KnownFace] = {}
        for path in self._changed:
            stat, problems = self._stats.get(path), list[Problem]()
            found = None if stat is None or path not in known else self._face(stat, problems, [])
            if found is None or problems or found.face.slug != known[path].slug:
                return None
            fresh[path] = found
        warnings = [warning for warning in before.warnings if warning.path not in fresh]
        warnings += [warning for one in fresh.values() for warning in one.warnings]
        return replace(
            before,
            documents=tuple(fresh[face.path].face if face.path in fresh else face for face in before.documents),
            warnings=_in_order(warnings),
        )

    def _load_all(self) -> LocalTree:
        from ghostsync.core.documents import check_slugs  # noqa: PLC0415 - looking at a tree parses nothing
        from ghostsync.core.tags import parse_tags  # noqa: PLC0415

        scan = self._scan or Scan(files=())
        documents: list[Face] = []
        problems: list[Problem] = list(scan.problems)
        warnings: list[Problem] = []
        tags: tuple[Tag, ...] = ()
        for file in scan.files:
            if file.role is Role.DOCUMENT:
                found = self._face(file, problems, warnings)
                if found is not None:
                    documents.append(found.face)
                    warnings.extend(found.warnings)
            elif file.role is Role.TAGS:
                try:
                    tags, wrong = parse_tags(self.read(file.path), file.path)
                    problems.extend(wrong)
                except ContentError as error:
                    problems.extend(error.problems)
        problems.extend(check_slugs(documents))
        covers = self._selection.covers
        chosen = tuple(face for face in documents if covers(face.path))
        read = {face.path for face in documents}
        named = {file.path for file in scan.files if file.role is Role.DOCUMENT}
        # A folder that cannot be listed hides documents: its own path stands for them.
        hidden = {DocPath(problem.path) for problem in scan.problems}
        return LocalTree(
            documents=chosen,
            problems=_in_order(problem for problem in problems if covers(problem.path)),
            warnings=_in_order(problem for problem in warnings if covers(problem.path)),
            tags=tags,
            broken=frozenset(path for path in (named | hidden) - read if covers(path)),
            files=scan.paths,
            addressing=self.workspace.addressing,
        )

    def _face(self, file: FileStat, problems: list[Problem], warnings: list[Problem]) -> KnownFace | None:
        known = self._known.get(file.path, file.stamp)
        if isinstance(known, KnownFace):
            return known
        read_ns = self._clock_ns()
        try:
            data = self.read(file.path)
        except ContentError as wrong:
            problems.extend(wrong.problems)
            return None
        parsed = self.workspace.parse(file.path, data)
        if parsed.document is None:
            problems.extend(parsed.problems)
            warnings.extend(parsed.warnings)
            return None
        self._hold(parsed.document)
        found = KnownFace(face_of(parsed.document), parsed.warnings)
        self._known.put(file.path, file.stamp, read_ns, found)
        return found

    def save_known(self) -> None:
        """Keep for the next run what the files are."""
        self._known.save(self._stats)

    # ------------------------------------------------------------------ one file

    def document(self, face: Face) -> Document:
        """Return the document of a face. Raises ContentError where the file no longer is that document."""
        held = self._held.get(face.path)
        if held is not None and held.digest == face.digest:
            return held
        document = self.parse(face.path, self.read(face.path))
        if document is None or document.digest != face.digest:
            message = "the file was changed while this ran"
            problem = Problem(path=face.path, message=message, hint="run the same command again")
            raise ContentError(f"{face.path}: {message}", problems=(problem,))
        return document

    def _hold(self, document: Document) -> None:
        before = self._held.pop(document.path, None)
        self._held_bytes += len(document.source) - (0 if before is None else len(before.source))
        if self._held_bytes <= _HELD_BYTES:
            self._held[document.path] = document
        else:
            self._held_bytes -= len(document.source)

    def exists(self, path: DocPath) -> bool:
        """Whether there is a file at `path`, inside the root."""
        return self.workspace.exists(path)

    def read(self, path: DocPath) -> bytes:
        """Return a file's bytes. Raises ContentError."""
        return self.workspace.read(path)

    def asset(self, path: DocPath) -> Asset | Problem | None:
        """Return a file that a document refers to, measured; None where there is none."""
        stat = self._stats.get(path)
        if stat is None:
            if not self.exists(path):
                return None
            # An ignored file: no look sees it change.
            self._looked_outside = self._looked_outside or self._scan is not None
        try:
            place = self.workspace.resolve(path)
            stamp = FileStamp.of(place.stat()) if stat is None else stat.stamp
        except (ContentError, OSError) as wrong:
            why = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
            return Problem(path=path, message=f"the file cannot be read: {why}", hint="check its permissions")
        known = self._known.get(path, stamp)
        if isinstance(known, Asset):
            return known
        read_ns = self._clock_ns()
        from ghostsync.local.assets import measure_file  # noqa: PLC0415 - nor does it measure

        measured = measure_file(place, path)
        if isinstance(measured, Asset):
            self._known.put(path, stamp, read_ns, measured)
        return measured

    def parse(self, path: DocPath, data: bytes) -> Document | None:
        """Return the document that these bytes are at this path, or None where they are not one."""
        return self.workspace.parse(path, data).document

    def write(self, path: DocPath, data: bytes, *, expected: Digest | None) -> None:
        """Write a file whose bytes are `expected` now (None: there is none), atomically. Raises ContentError."""
        self.workspace.write(path, data, expected=Expected.NOTHING if expected is None else expected)

    def remove(self, path: DocPath, *, expected: Digest) -> None:
        """Remove a file whose bytes are `expected` now. Raises ContentError."""
        self.workspace.remove(path, expected=expected)


def face_of(document: Document) -> Face:
    """Return a document without its text."""
    return Face(
        path=document.path,
        kind=document.kind,
        digest=document.digest,
        title=document.title,
        slug=document.slug,
        slug_written=document.slug_written,
        slug_line=document.slug_line,
        fields=document.fields,
    )


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line or 0, problem.message)))
