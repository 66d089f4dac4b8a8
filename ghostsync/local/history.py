"""Earlier versions of documents, from Git: the base of a post that Ghost holds exactly as a commit had it.

A fresh clone with 500 imported documents asks once for all of them (`versions_of`): one walk through the history of
the content root, whatever their number. For a single document `versions` goes on, where that walk ends, with
`--follow`, which also sees it coming from outside the content root.

History that ends early (a shallow clone, a walk that took too long) is not an error: `ends_early` says so, and
messages that blame a missing base can name it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from ghostsync.local.git import Repository
from ghostsync.local.git_log import (
    LOG_ARGUMENTS,
    LOG_FORMAT,
    LogCommit,
    Version,
    collect_versions,
    parse_log,
    split_tokens,
)
from ghostsync.model import DocPath

MAX_VERSIONS = 200
"""Of one document. Who has committed it 200 times since the last push is served by the post's own record."""

_LOG_SECONDS = 60.0
"""After this long a walk ends where it is: a giant repository is no reason to hang."""


class History:
    """The history of the documents below `root`, as of the commit `at`. Empty where there is no Git.

    Git is started when somebody first wants to know: most runs never do.
    """

    def __init__(self, root: Path, *, at: str = "HEAD", environ: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._at = at
        self._environ = environ
        self._tracked: frozenset[str] | None = None
        self._timed_out = False
        self._is_open = False

    @cached_property
    def repository(self) -> Repository | None:
        """The repository that the root lies in."""
        self._is_open = True
        return Repository.find(self._root, environ=self._environ)

    @cached_property
    def _start(self) -> str | None:
        return None if self.repository is None else self.repository.resolve(self._at)

    @property
    def exists(self) -> bool:
        """Whether there is a repository with at least one commit."""
        return self._start is not None

    @property
    def ends_early(self) -> bool:
        """Whether there may be versions that cannot be seen from here: a shallow clone, or a walk cut short."""
        return self._timed_out or (self.repository is not None and self.repository.is_shallow)

    @cached_property
    def author(self) -> str | None:
        """The e-mail address with which Git would commit here; None where it has none."""
        found = None if self.repository is None else self.repository.run("var", "GIT_AUTHOR_IDENT")
        head, is_there, _ = (found or b"").rpartition(b">")
        return head.rpartition(b"<")[2].decode("utf-8", "replace") or None if is_there else None

    def is_tracked(self, path: DocPath | str) -> bool:
        """Say whether Git keeps this file."""
        if self._tracked is None:
            self._tracked = frozenset() if self.repository is None else self.repository.tracked()
        return path in self._tracked

    def versions(self, path: DocPath) -> Iterator[Version]:
        """Yield the distinct committed versions of one document (or `tags.yaml`), newest first, across renames."""
        seen = set()
        for version in self.versions_of((path,))[path]:
            seen.add(version.blob)
            yield version
        if self.repository is not None and self._start is not None:
            full = os.fsdecode(self.repository.prefix) + path
            followed = collect_versions(self._walk("--follow", self._start, "--", path), [full], limit=MAX_VERSIONS)
            yield from (version for version in followed[full] if version.blob not in seen)

    def versions_of(self, paths: Iterable[DocPath]) -> dict[DocPath, tuple[Version, ...]]:
        """Return the versions of many documents, newest first, from one walk through history."""
        wanted = list(paths)
        if self.repository is None or self._start is None or not wanted:
            return dict.fromkeys(wanted, ())
        prefix = os.fsdecode(self.repository.prefix)
        found = collect_versions(
            self._walk(self._start, "--", "."), [prefix + path for path in wanted], limit=MAX_VERSIONS
        )
        return {path: tuple(found[prefix + path]) for path in wanted}

    def content(self, version: Version) -> bytes | None:
        """Return a version's bytes; None where this clone does not have them. A Git LFS pointer is resolved."""
        if self.repository is None:
            return None
        content = self.repository.read(version.blob)
        return None if content is None else self.repository.resolve_lfs(content)

    def close(self) -> None:
        """End the process that reads blobs."""
        if self._is_open and self.repository is not None:
            self.repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _walk(self, *arguments: str) -> Iterator[LogCommit]:
        if self.repository is None:
            return
        command = ("log", *LOG_ARGUMENTS, LOG_FORMAT, *arguments)
        try:
            yield from parse_log(split_tokens(self.repository.stream(*command, seconds=_LOG_SECONDS)))
        except TimeoutError:
            self._timed_out = True
