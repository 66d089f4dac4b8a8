"""One page of a listing, and the way to all the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from ghostsync.ghost.records import Record

R = TypeVar("R", bound=Record)

Fetch = Callable[[int], Mapping[str, Any]]
"""Page number → Ghost's envelope."""


class PageOf(Generic[R]):
    """One page of results.

    `items` are the results on this page; iterating goes on over all pages that follow, fetched as they are needed. So
    there is no `len`: is it of this page, or of everything? Say `len(page.items)` or `page.total`.
    """

    def __init__(self, fetch: Fetch, envelope: Mapping[str, Any], name: str, make: Callable[[Any], R]) -> None:
        self._fetch = fetch
        self._name = name
        self._make = make
        self.items: tuple[R, ...] = tuple(make(row) for row in envelope[name])
        self.meta: Mapping[str, Any] = envelope["meta"]["pagination"]

    @property
    def total(self) -> int:
        """How many results there are on all pages."""
        return int(self.meta["total"])

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return int(self.meta["pages"])

    @property
    def page(self) -> int:
        """The number of this page, from 1."""
        return int(self.meta["page"])

    @property
    def limit(self) -> int:
        """How many results a page holds at most."""
        limit = self.meta["limit"]
        return int(limit) if str(limit).isdigit() else self.total

    def next_page(self) -> PageOf[R] | None:
        """Fetch the next page; None after the last."""
        return self.get_page(self.page + 1) if self.page < self.pages else None

    def prev_page(self) -> PageOf[R] | None:
        """Fetch the page before; None before the first."""
        return self.get_page(self.page - 1) if self.page > 1 else None

    def get_page(self, number: int) -> PageOf[R]:
        """Fetch the page `number` (from 1); beyond the last it is empty."""
        return PageOf(self._fetch, self._fetch(number), self._name, self._make)

    def __iter__(self) -> Iterator[R]:
        """Yield the results of this page and of all that follow, each once.

        Results that are deleted on the way move the rest forward, across the border of the next page; then as many
        pages as could be concerned are read again, so that none is left out.
        """
        seen: set[object] = set()
        current = self
        while True:
            for item in current.items:
                key = item.get("id")
                if key is None or key not in seen:
                    seen.add(key)
                    yield item
            # Deleted while this page was being worked on? Only the next answer tells.
            following = current.get_page(current.page + 1) if current.page < current.pages else None
            if following is None:
                return
            gone = current.total - following.total
            if gone > 0:
                back = max(self.page, following.page - math.ceil(gone / max(1, self.limit)))
                following = current.get_page(back)
            current = following

    def __getitem__(self, index: int) -> R:
        """Return a result on this page."""
        return self.items[index]

    def __bool__(self) -> bool:
        """Whether this page holds any result."""
        return bool(self.items)

    def __repr__(self) -> str:
        return f"<page {self.page} of {self.pages}: {len(self.items)} of {self.total} {self._name}>"
