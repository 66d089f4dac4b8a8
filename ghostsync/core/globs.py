"""Globs over document paths, as `.gitignore` understands them.

One meaning everywhere: defaults per glob and `.ghostsyncignore` both follow Git's rules, so `drafts/` is a folder at
any depth, `/posts/*.md` is anchored, and `**` crosses folders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern; raises ValueError when it is none."""

    pattern: str
    _spec: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most configurations have no glob

        object.__setattr__(self, "_spec", GitIgnoreSpec.from_lines([self.pattern]))

    def matches(self, path: str) -> bool:
        """Whether the pattern matches a POSIX path relative to the content root."""
        return bool(self._spec.match_file(path))
