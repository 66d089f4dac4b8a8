"""Which file was probably meant by a path that leads nowhere.

Paths of static site generators are addresses: in lower case, without `index.md` or a suffix, with `-` for blanks. So a
path that differs from a file's only in these is surely that file; else the nearest spelling of a document is a guess.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

from ghostsync.core.file_names import DOCUMENT_SUFFIXES
from ghostsync.model import DocPath

_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:[a-z]{2,}(?=[/?#])|(?:com|org|net|io|dev|app|edu|gov|info|me|co|ai|xyz|uk|de|fr|eu|jp|cn|ru|tv|be)$)",
    re.IGNORECASE,
)
"""An address without its scheme: what stands before the first slash, or a name under a well-known domain."""

_NEAR = 0.8
"""Of difflib's ratio, 1 for equal texts."""


def hint_for_nothing(value: str, near: DocPath | None) -> str:
    """Return what to do about a reference that leads to nothing, where `near` was probably meant."""
    if "{{" in (plain := unquote(value)) or "{%" in plain:
        return "a command of a site generator, which nobody carries out here: write the path or address it stands for"
    if near is not None:
        return f"did you mean {near}?"
    if _HOST.match(value):
        return f"did you mean `https://{value}`?"
    return "correct the path, or add the file"


class NearPaths:
    """The files of a content directory, to guess from."""

    def __init__(self, files: Collection[DocPath], documents: Collection[DocPath]) -> None:
        self._files = files
        self._documents = documents

    def find(self, path: str) -> DocPath | None:
        """Return the file that was probably meant."""
        same = self._by_address.get(_address(path))
        if same is not None:
            return same
        return next(map(DocPath, difflib.get_close_matches(path, self._guesses, n=1, cutoff=_NEAR)), None)

    @cached_property
    def _guesses(self) -> list[DocPath]:
        return sorted(self._documents)

    @cached_property
    def _by_address(self) -> dict[str, DocPath]:
        return {_address(path): path for path in (*sorted(self._files), *self._guesses)}


def _address(path: str) -> str:
    pure = PurePosixPath(path.casefold())
    if pure.suffix in DOCUMENT_SUFFIXES:
        pure = pure.with_suffix("")
    if pure.name == "index":
        pure = pure.parent
    return pure.as_posix().replace("_", "-").replace(" ", "-")
