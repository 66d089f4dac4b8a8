"""A Git repository, read through the `git` executable: its objects, never its index or working tree, and nothing
written.

No Git, no repository around the content root, one that belongs to somebody else: then `Repository.find` returns None or
`trouble` says why, and callers do without.

* Hooks run with `GIT_DIR`, `GIT_INDEX_FILE` and friends set, which would make Git look into the wrong repository or a
  half-made index. All of them are taken out of the environment, and Git finds the repository from where the content
  root lies (worktrees and submodules included). Only where that finds nothing is the caller's own environment
  believed: a bare repository over a separate work tree is found in no other way.
* All names travel as `-z` lists and all pathspecs are literal, so spaces, newlines, stars, colons, `core.quotePath` and
  names that are not UTF-8 do not matter.
* One `git cat-file --batch` serves all blobs and stays open; reading 500 documents starts no 500 processes.
* Nothing is fetched: no protocol is allowed, so a blob that a partial clone lacks is simply not known.

A Git library was rejected: dulwich and pygit2 differ from Git in rename detection, worktrees, alternates and partial
clones, and the one thing that a machine with a repository surely has is `git`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

_SECONDS = 60.0
"""For any single question but a walk through history; a network drive may be slow, a hang must end."""

# What `git rev-parse --local-env-vars` lists (variables that tie a process to one repository), without the three that
# carry configuration (`safe.directory` comes through them in containers), and GIT_NAMESPACE.
_REPOSITORY_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)

_LFS_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n")


class EntryKind(StrEnum):
    """What a path is in a commit; submodules are left out."""

    FILE = "file"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path of a commit."""

    blob: str
    kind: EntryKind


class Repository:
    """The repository around `root`. Paths are POSIX paths relative to `root`; commits and blobs are full hex ids."""

    def __init__(self, root: Path, environment: Mapping[str, str], prefix: bytes, facts: Mapping[str, str]) -> None:
        self.root = root
        self.prefix = prefix
        """The way from the top of the repository to `root`, empty or ending in a slash."""
        self.is_shallow = facts["shallow"] == "true"
        """Whether history ends early here, since the clone is shallow."""
        self.folder = Path(os.path.normpath(root / facts["folder"]))
        """The common `.git` folder, also from within a worktree."""
        self.hooks = Path(os.path.normpath(root / facts["hooks"]))
        """Where Git looks for hooks here (`core.hooksPath`, worktrees)."""
        self._environment = dict(environment)
        self._batch: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._lock = threading.Lock()

    @classmethod
    def find(cls, root: Path, *, environ: Mapping[str, str] | None = None) -> Repository | None:
        """Return the repository that `root` lies in, or None."""
        outer = dict(os.environ if environ is None else environ)
        for environment in (_plain(outer), _quiet(outer)):
            answer = _ask(root, environment, "--is-shallow-repository", "--git-common-dir", "--git-path", "hooks")
            prefix = _ask(root, environment, "--show-prefix")
            if answer is not None and prefix is not None:
                shallow, folder, hooks = os.fsdecode(answer).split("\n")[:3]
                facts = {"shallow": shallow, "folder": folder, "hooks": hooks}
                return cls(root, environment, prefix, facts)
        return None

    def close(self) -> None:
        """End the process that reads blobs; the next read starts another."""
        with self._lock:
            self._end_batch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resolve(self, name: str) -> str | None:
        """Return the commit that a name stands for; None where there is none (yet)."""
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return None if found is None else found.decode("ascii").strip()

    def tree(self, commit: str) -> dict[str, Entry]:
        """Return every file and link below `root` in this commit. Names that are not UTF-8 carry surrogates."""
        top = [os.fsdecode(self.prefix)] if self.prefix else []
        listing = self.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *top)
        entries = {}
        for line in (listing or b"").split(b"\0"):
            head, tab, path = line.partition(b"\t")
            if tab and path.startswith(self.prefix):
                mode, _, blob = head.decode("ascii").split(" ")[:3]
                if mode.startswith("1") and mode != "160000":
                    kind = EntryKind.LINK if mode == "120000" else EntryKind.FILE
                    entries[os.fsdecode(path[len(self.prefix) :])] = Entry(blob=blob, kind=kind)
        return entries

    def changed_paths(self, old: str, new: str) -> frozenset[str] | None:
        """Return which paths below `root` differ between two commits; None where one of them is not known here."""
        listing = self.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new, "--", ".")
        if listing is None:
            return None
        names = (name for name in listing.split(b"\0") if name.startswith(self.prefix))
        return frozenset(os.fsdecode(name[len(self.prefix) :]) for name in names if name)

    def tracked(self) -> frozenset[str]:
        """Return the paths below `root` that the index holds."""
        listing = self.run("ls-files", "-z", "--cached", "--full-name", "--", ".") or b""
        names = (name for name in listing.split(b"\0") if name.startswith(self.prefix))
        return frozenset(os.fsdecode(name[len(self.prefix) :]) for name in names if name)

    def materialise(self, commit: str, paths: Iterable[str] | None = None) -> dict[str, bytes]:
        """Return path → bytes of these files as the commit has them (all below `root` when None), LFS resolved.

        Links are left out: what they lead to is not content of this commit's tree in a way that could be checked.
        A file whose bytes are not on this machine (partial clone) is left out too.
        """
        tree = self.tree(commit)
        files = {}
        for path in tree if paths is None else paths:
            entry = tree.get(path)
            if entry is not None and entry.kind is EntryKind.FILE:
                content = self.read(entry.blob)
                if content is not None:
                    files[path] = self.resolve_lfs(content)
        return files

    def read(self, blob: str) -> bytes | None:
        """Return a blob's bytes; None where it is not here."""
        with self._lock:
            try:
                return self._read(blob)
            except OSError:
                # The process died: a partial clone may not fetch. It is started again, but not for ever.
                self._end_batch()
                self._deaths += 1
                return None

    def resolve_lfs(self, content: bytes) -> bytes:
        """Return what an LFS pointer stands for if it is in this clone's LFS storage, else the bytes as they are."""
        oid = lfs_oid(content)
        if oid is not None:
            with contextlib.suppress(OSError):
                return (self.folder / "lfs" / "objects" / oid[:2] / oid[2:4] / oid).read_bytes()
        return content

    def run(self, *arguments: str, seconds: float = _SECONDS) -> bytes | None:
        """Run a Git command below `root` and return what it printed; None when it failed."""
        return _run(self.root, self._environment, arguments, seconds)

    def stream(self, *arguments: str, seconds: float) -> Iterator[bytes]:
        """Run a Git command and yield what it prints in pieces; it is stopped after `seconds` (`TimeoutError`)."""
        process = _start(self.root, self._environment, arguments, stdin=subprocess.DEVNULL)
        has_ended = threading.Event()

        def stop() -> None:
            has_ended.set()
            _kill(process)

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            while process.stdout is not None and (piece := process.stdout.read(1 << 16)):
                yield piece
            if has_ended.is_set():
                raise TimeoutError(f"git {arguments[0]} took longer than {seconds:.0f} s")
        finally:
            timer.cancel()
            _end(process)

    def _read(self, blob: str) -> bytes | None:
        if self._deaths >= 3 or not re.fullmatch(r"[0-9a-f]{40,64}", blob):
            return None
        if self._batch is None:
            self._batch = _start(self.root, self._environment, ("cat-file", "--batch"), stdin=subprocess.PIPE)
        questions, answers = self._batch.stdin, self._batch.stdout
        if questions is None or answers is None:
            return None
        questions.write(blob.encode("ascii") + b"\n")
        questions.flush()
        head = answers.readline().split()
        if not head:
            raise BrokenPipeError("git cat-file ended")
        if len(head) != 3:
            return None  # "<id> missing"
        content = answers.read(int(head[2]) + 1)
        if len(content) != int(head[2]) + 1:
            raise BrokenPipeError("git cat-file ended")
        return content[:-1] if head[1] == b"blob" else None

    def _end_batch(self) -> None:
        if self._batch is not None:
            _end(self._batch)
            self._batch = None


def lfs_oid(content: bytes) -> str | None:
    """Return the SHA-256 that a Git LFS pointer names; None for any other content.

    Source: git-lfs, docs/spec.md: pointers are at most 1024 bytes, begin with the version line, keys are sorted.
    """
    if len(content) > 1024:
        return None
    found = _LFS_POINTER.match(content)
    return None if found is None else found.group(1).decode("ascii")


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without anything that ties Git to a repository."""
    return _quiet({name: value for name, value in environ.items() if name not in _REPOSITORY_VARIABLES})


def _quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with which Git answers in English, asks nothing, locks nothing and reaches no network."""
    settings = {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",  # Git 2.45; older ones stop at the next line
        "GIT_ALLOW_PROTOCOL": "none",
    }
    return {**environ, **settings}


def _start(
    root: Path, environment: Mapping[str, str], arguments: Sequence[str], *, stdin: int
) -> subprocess.Popen[bytes]:
    # core.fsmonitor names a program to run; reading somebody's content must not run it.
    command = ("git", "-c", "core.fsmonitor=false", "--no-pager", *arguments)
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End Git and whatever it started (it has a process group of its own, so that Ctrl-C is ours to answer)."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill, and close the pipes."""
    _kill(process)
    process.communicate()


def _run(root: Path, environment: Mapping[str, str], arguments: Sequence[str], seconds: float) -> bytes | None:
    try:
        process = _start(root, environment, arguments, stdin=subprocess.DEVNULL)
    except OSError:
        return None  # no git, or no such folder
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        return None
    return output if process.returncode == 0 else None


def _ask(root: Path, environment: Mapping[str, str], *questions: str) -> bytes | None:
    """Ask `git rev-parse` and return its answer without the last line end."""
    answer = _run(root, environment, ("rev-parse", *questions), _SECONDS)
    return None if answer is None else answer.removesuffix(b"\n")
