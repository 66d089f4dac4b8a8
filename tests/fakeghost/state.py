"""The fake server's database: tables of rows, with one undo journal for all of them.

Rows are plain dicts in the spelling of Ghost's columns, since what is compared, filtered and reported here are Ghost's
columns. A row in a table is never changed in place: writers put a new one. That is what makes the journal a list
of old rows, and a transaction that ends in an error cheap to take back (Ghost rolls back on a collision, tags that
the request created included).
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from fakeghost.clock import Clock

Row: TypeAlias = dict[str, Any]

_ABSENT: Final = object()


class Table:
    """Rows by key, in order of insertion, with an index of which keys have a slug."""

    def __init__(self, journal: list[tuple[Table, str, Any]]) -> None:
        self._rows: dict[str, Any] = {}
        self._journal = journal
        self._by_slug: dict[str, set[str]] = defaultdict(set)
        self.changes = 0  # how often anything was put or dropped, undone or not

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._rows.values()))

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __getitem__(self, key: str) -> Any:
        return self._rows[key]

    def get(self, key: str, default: Any = None) -> Any:
        return self._rows.get(key, default)

    def items(self) -> list[tuple[str, Any]]:
        return list(self._rows.items())

    def put(self, key: str, row: Any) -> None:
        old = self._rows.get(key, _ABSENT)
        self._journal.append((self, key, old))
        self._store(key, old, row)

    def drop(self, key: str) -> None:
        old = self._rows.get(key, _ABSENT)
        if old is not _ABSENT:
            self._journal.append((self, key, old))
            self._store(key, old, _ABSENT)

    def with_slug(self, slug: str) -> set[str]:
        """Keys of the rows that have this slug."""
        return self._by_slug.get(slug, set())

    def _store(self, key: str, old: Any, new: Any) -> None:
        self.changes += 1
        if isinstance(old, dict) and "slug" in old:
            self._by_slug[old["slug"]].discard(key)
        if new is _ABSENT:
            del self._rows[key]
            return
        if isinstance(new, dict) and "slug" in new:
            self._by_slug[new["slug"]].add(key)
        self._rows[key] = new

    def undo(self, key: str, old: Any) -> None:
        """For the journal only: puts the old row back, at the end when it had been dropped."""
        current = self._rows.get(key, _ABSENT)
        if current is not _ABSENT or old is not _ABSENT:
            self._store(key, current, old)


class State:
    """All tables, and the sources of identifiers and time."""

    def __init__(self, clock: Clock, *, seed: int = 0) -> None:
        self.clock = clock
        self._random = random.Random(seed)
        self._counter = 0
        self._journal: list[tuple[Table, str, Any]] = []
        self.posts = Table(self._journal)
        self.posts_meta = Table(self._journal)  # post id → the meta columns that were ever written
        self.posts_tags = Table(self._journal)  # post id → tuple of tag ids, in order
        self.posts_authors = Table(self._journal)  # post id → tuple of user ids, in order
        self.posts_tiers = Table(self._journal)  # post id → tuple of tier ids
        self.revisions = Table(self._journal)  # post id → tuple of revisions, oldest first
        self.emails = Table(self._journal)  # post id → the email that was sent
        self.tags = Table(self._journal)
        self.users = Table(self._journal)
        self.tiers = Table(self._journal)
        self.newsletters = Table(self._journal)
        self.members = Table(self._journal)
        self.integrations = Table(self._journal)
        self.settings = Table(self._journal)
        self.actions = Table(self._journal)
        self.uploads = Table(self._journal)  # path below /content/ → (mime type, bytes)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is put inside, or none of it."""
        mark = len(self._journal)
        try:
            yield
        except BaseException:
            while len(self._journal) > mark:
                table, key, old = self._journal.pop()
                table.undo(key, old)
            raise
        if mark == 0:
            self._journal.clear()

    def new_id(self) -> str:
        """An ObjectId: 24 hex digits, in the order of creation."""
        self._counter += 1
        seconds = self.clock.now_ms() // 1000 & 0xFFFFFFFF
        return f"{seconds:08x}{'fa4e607051':0>10}{self._counter:06x}"

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
