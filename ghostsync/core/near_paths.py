"""Which file was probably meant by a path that leads nowhere.

Paths of static site generators are addresses: in lower case, without `index.md` or a suffix, with `-` for blanks. So a
path that differs from a file's only in these is surely that file; else the nearest spelling of a document is a guess.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cached_property
from pathlib import PurePosixPath

from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.model import DocPath

_NEAR = 0.8
"""Of difflib's ratio, 1 for equal texts."""


class NearPaths:
    """The files of a content directory, to guess from."""

    def __init__(self, files: Iterable[DocPath], documents: Iterable[DocPath]) -> None:
        self._files = sorted(files)
        self._documents = sorted(documents)

    def find(self, path: str) -> DocPath | None:
        """Return the file that was probably meant."""
        same = self._by_address.get(_address(path))
        if same is not None:
            return same
        return next(map(DocPath, difflib.get_close_matches(path, self._documents, n=1, cutoff=_NEAR)), None)

    @cached_property
    def _by_address(self) -> dict[str, DocPath]:
        return {_address(path): path for path in (*self._files, *self._documents)}


def _address(path: str) -> str:
    pure = PurePosixPath(path.casefold())
    if pure.suffix in DOCUMENT_SUFFIXES:
        pure = pure.with_suffix("")
    if pure.name == "index":
        pure = pure.parent
    return pure.as_posix().replace("_", "-").replace(" ", "-")
