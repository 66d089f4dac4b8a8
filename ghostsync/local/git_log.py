"""From `git log --raw -z` to the versions of each document: parsing and following renames, without any process.

Renames are followed from the newest commit backwards, commit by commit, so that two documents that swapped names are
told apart. A copy made beside its changed original counts too: that is how Git sees `git mv x y` with a new `x` in
its place. On parallel branches one name per commit is a simplification; what it costs is a candidate for base, never
a wrong one, because a candidate only counts when its compiled form equals what Ghost holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LOG_ARGUMENTS = ("--raw", "-z", "--no-abbrev", "-c", "-M", "-C", "--no-ext-diff", "--no-show-signature", "--no-notes")
LOG_FORMAT = "--format=%x01%H%x00%ct%x00%ae%x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A document as one commit left it."""

    commit: str
    at: str
    """When it was committed, `2026-11-23T07:45:00Z`."""
    author: str
    """The e-mail address of who wrote it."""
    path: str
    """Its path then, relative to the top of the repository."""
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of a commit: what happened to one path."""

    status: str
    """`A`, `M`, `D`, `T`, `R`, `C`; for a merge one letter per parent."""
    path: str
    old_path: str | None
    blob: str | None
    """None where the path is gone, or is no regular file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCommit:
    """One commit and what it did."""

    commit: str
    at: str
    author: str
    entries: tuple[LogEntry, ...]


def split_tokens(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what stands between NUL bytes, from output that comes in pieces of any size."""
    rest = b""
    for piece in pieces:
        *tokens, rest = (rest + piece).split(b"\0")
        yield from tokens
    if rest.strip():
        yield rest


def parse_log(tokens: Iterable[bytes]) -> Iterator[LogCommit]:
    """Yield commits, newest first, from the tokens of `git log` with `LOG_ARGUMENTS` and `LOG_FORMAT`."""
    stream = iter(tokens)
    head: tuple[str, str, str] | None = None
    entries: list[LogEntry] = []
    for raw in stream:
        token = raw.lstrip(b"\n")
        if token.startswith(b"\x01"):
            if head is not None:
                yield LogCommit(commit=head[0], at=head[1], author=head[2], entries=tuple(entries))
            seconds, author = next(stream, b"0"), next(stream, b"")
            head = (token[1:].decode("ascii"), _iso(seconds), author.decode("utf-8", "replace"))
            entries = []
        elif token.startswith(b":"):
            entries.append(_parse_entry(token, stream))
    if head is not None:
        yield LogCommit(commit=head[0], at=head[1], author=head[2], entries=tuple(entries))


def collect_versions(commits: Iterable[LogCommit], wanted: Iterable[str], *, limit: int) -> dict[str, list[Version]]:
    """Return the distinct versions of each wanted path, newest first, at most `limit` of each.

    `wanted` are paths from the top of the repository as they are called now.
    """
    names: dict[str, set[str]] = {path: {path} for path in wanted}
    versions: dict[str, list[Version]] = {path: [] for path in names}
    seen: dict[str, set[str]] = {path: set() for path in names}
    for commit in commits:
        moved: list[tuple[LogEntry, frozenset[str]]] = []
        for entry in commit.entries:
            documents = frozenset(names.get(entry.path, ()))
            for document in documents:
                if entry.blob is not None and entry.blob not in seen[document] and len(seen[document]) < limit:
                    seen[document].add(entry.blob)
                    versions[document].append(
                        Version(
                            commit=commit.commit, at=commit.at, author=commit.author, path=entry.path, blob=entry.blob
                        )
                    )
            if entry.old_path is not None and documents:
                moved.append((entry, documents))
        for entry, documents in moved:
            if entry.status == "R":
                names[entry.path] -= documents
        for entry, documents in moved:
            names.setdefault(entry.old_path or "", set()).update(documents)
    return versions


def _parse_entry(token: bytes, stream: Iterator[bytes]) -> LogEntry:
    parents = len(token) - len(token.lstrip(b":"))
    columns = token[parents:].decode("ascii").split(" ")
    mode, blob, status = columns[parents], columns[-2], columns[-1]
    is_renamed = parents == 1 and status[0] in "RC"
    first = os.fsdecode(next(stream, b""))
    return LogEntry(
        status=status[0] if parents == 1 else status,
        path=os.fsdecode(next(stream, b"")) if is_renamed else first,
        old_path=first if is_renamed else None,
        blob=blob if mode.startswith("100") else None,
    )


def _iso(seconds: bytes) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
