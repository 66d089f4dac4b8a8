"""One SQLite file that may vanish, tear or fill up at any moment without anybody having to care.

`Store` holds the connection behind `ghostsync.local.cache` and turns every failure of SQLite into an empty store in
memory. It knows the tables and nothing of what they mean.

The journal is a write-ahead log with `synchronous=NORMAL`: kill -9 at any moment leaves the last complete
transaction, a power cut may lose the newest ones, neither tears. SQLite has no checksums of its own against rotten
disks and half-extracted CI archives, so rows that could mislead carry a CRC-32. One connection serves all threads
behind one lock: a write takes some 50 µs, a pool of four does not queue on it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

FORMAT = 2
"""Raise with every change of the tables, of what their JSON means, or of what digests are taken over."""

_APPLICATION_ID = 0x67687379  # "ghsy": a SQLite file of anybody else is not ours to read

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; CREATE TABLE files ( path TEXT PRIMARY
KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, read_ns INTEGER NOT NULL, digest
TEXT NOT NULL, summary TEXT NOT NULL, crc INTEGER NOT NULL ); CREATE TABLE sites (site INTEGER PRIMARY KEY, uuid TEXT
NOT NULL, url TEXT NOT NULL, UNIQUE (uuid, url)); CREATE TABLE posts ( site INTEGER NOT NULL, id TEXT NOT NULL, kind
TEXT NOT NULL, slug TEXT NOT NULL, updated_at TEXT NOT NULL, path TEXT NOT NULL, op TEXT NOT NULL, base TEXT NOT NULL,
details TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (site, id) ); CREATE TABLE sources (site INTEGER NOT NULL, id
TEXT NOT NULL, source BLOB NOT NULL, PRIMARY KEY (site, id)); CREATE TABLE uploads ( site INTEGER NOT NULL, bucket
TEXT NOT NULL, sha256 TEXT NOT NULL, url TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (site, bucket, sha256) )
WITHOUT ROWID; CREATE TABLE tags ( site INTEGER NOT NULL, slug TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
updated_at TEXT NOT NULL, fields TEXT NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (site, slug) ) WITHOUT ROWID; CREATE
TABLE tombstones ( site INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, at TEXT NOT NULL, path TEXT, PRIMARY
KEY (site, id) ) WITHOUT ROWID; CREATE TABLE watermarks ( site INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT
NULL, PRIMARY KEY (site, name) ) WITHOUT ROWID; CREATE TABLE faces ( site INTEGER NOT NULL, id TEXT NOT NULL, face TEXT
NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (site, id) );
"""

Row = tuple[Any, ...]


class Damaged(Exception):
    """A file or a row is not what was written."""


def crc_of(*values: object) -> int:
    """Return the checksum of a row's values."""
    return zlib.crc32("\0".join(map(str, values)).encode("utf-8", "surrogatepass"))


def check_nothing(_rows: list[Row]) -> None:
    """Accept every row."""


def check_crc(rows: list[Row]) -> None:
    """Raise `Damaged` unless every row fits the checksum in its last column."""
    for row in rows:
        if crc_of(*row[:-1]) != row[-1]:
            raise Damaged("a row does not fit its checksum")


class Store:
    """`path` is the file, or None for a store in memory; `trouble` says why a file was given up, if it was."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.trouble: str | None = None
        self.generation = 0
        """Counts how often everything was forgotten; numbers of rows do not outlive it."""
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = self._connect()

    def close(self) -> None:
        """Fold the log into the file and close. Nothing is lost without it."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Write everything inside as one transaction; other threads' writes wait meanwhile."""
        with self._lock:
            self._begin()
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    def read(self, sql: str, values: Row = (), *, check: Callable[[list[Row]], None] = check_nothing) -> list[Row]:
        """Return all rows, or none when the store turns out to be damaged."""
        with self._lock:
            try:
                rows = self._connection.execute(sql, values).fetchall()
                check(rows)
            except (sqlite3.Error, Damaged) as error:
                self._give_up(error)
                return []
            return rows

    def write(self, sql: str, rows: Sequence[Row]) -> None:
        """Execute for each row, all or nothing. A write that fails is dropped, and the store with it."""
        if not rows:
            return
        with self.batch():
            try:
                self._connection.executemany(sql, rows)
            except sqlite3.Error as error:
                self._give_up(error)

    def number_of(self, insert: str, select: str, key: Row) -> int:
        """Return the number of the row with this key, made if it was missing."""
        with self.batch():
            try:
                return self._number_of(insert, select, key)
            except sqlite3.Error as error:
                self._give_up(error)
                return self._number_of(insert, select, key)

    def _number_of(self, insert: str, select: str, key: Row) -> int:
        self._connection.execute(insert, key)
        return int(self._connection.execute(select, key).fetchone()[0])

    def _begin(self) -> None:
        self._depth += 1
        if self._depth == 1:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                self._give_up(error)

    def _end(self, how: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            try:
                self._connection.execute(how)
            except sqlite3.Error as error:
                self._give_up(error)

    def _connect(self) -> sqlite3.Connection:
        for _ in range(2):
            if self.path is None:
                break
            try:
                return _open_file(self.path)
            except (sqlite3.Error, Damaged, OSError) as error:
                self.trouble = f"{self.path}: {error}; begun anew"
                if _is_busy(error):
                    break
                _remove(self.path)
        self.path = None
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        return _make_tables(memory)

    def _give_up(self, error: Exception) -> None:
        """Remove the file and go on in memory; half of a cache is worse than none."""
        path = self.path
        self.trouble = f"{path}: {error}; working without a cache"
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        if path is not None and not _is_busy(error):
            _remove(path)
        self.path = None
        self.generation += 1
        self._connection = self._connect()
        if self._depth:
            self._connection.execute("BEGIN")


def _is_busy(error: Exception) -> bool:
    """Say whether somebody else is using the file: then it is not ours to throw away."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _open_file(path: Path) -> sqlite3.Connection:
    if path.is_symlink():
        raise Damaged("it is a symbolic link")
    is_new = not path.exists() or path.stat().st_size == 0
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -2000")  # 2 MB; rows are read once, in order
        if is_new:
            _make_tables(connection)
        _check_format(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_format(connection: sqlite3.Connection) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    written = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != _APPLICATION_ID:
        raise Damaged("it is not a ghostsync cache")
    if written != FORMAT:
        raise Damaged(f"it has format {written}, this version writes {FORMAT}")


def _make_tables(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.executescript(
        f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT;"
    )
    return connection


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
