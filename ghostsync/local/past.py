"""Git's history as the engine sees it: `ghostsync.ports.Past`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ghostsync.core.digest import bytes_digest, person_digest
from ghostsync.local.history import History
from ghostsync.model import DocPath
from ghostsync.ports import Committed


class GitPast:
    """Committed versions of documents."""

    def __init__(self, history: History) -> None:
        self._history = history

    @property
    def ends_early(self) -> bool:
        """Whether older commits exist that this clone does not have."""
        return self._history.ends_early

    @property
    def author(self) -> str | None:
        """Who commits here, as records name people."""
        address = self._history.author
        return None if address is None else person_digest(address)

    def versions_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[bytes, ...]]:
        """Return the distinct contents of each file, newest first. One walk through history for all of them."""
        found: dict[DocPath, tuple[bytes, ...]] = {}
        for path, versions in self._history.versions_of(paths).items():
            contents = (self._history.content(version) for version in versions)
            found[path] = tuple(content for content in contents if content is not None)
        return found

    def commits_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[Committed, ...]]:
        """Return when each file was committed as what and by whom, newest first."""
        return {
            path: tuple(
                Committed(
                    at=version.at,
                    digest=bytes_digest(content),
                    by=person_digest(version.author),
                )
                for version in versions
                if (content := self._history.content(version)) is not None
            )
            for path, versions in self._history.versions_of(paths).items()
        }
