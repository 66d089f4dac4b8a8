"""What stands in front matter, before anyone decides what it means.

YAML, TOML and JSON are read into one shape: scalars that remember their own text, lists and mappings, each with its
line. Fields then read the *text* by what they are: the title `1.10` stays `1.10`, the tag `on` stays `on` and the
excerpt `2024-01-01` is not a date, which a YAML loader's guesses would have spoilt. That is also why
`python-frontmatter`, which hands out the loader's guesses without lines, only serves as a yardstick in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ghostsync.errors import Problem
from ghostsync.model import DocPath


class ScalarKind(Enum):
    """What the syntax itself says a scalar is."""

    TEXT = auto()
    """Quoted, or a block of text: never a number, flag or date by accident."""
    PLAIN = auto()
    """Unquoted YAML: its field decides."""
    NUMBER = auto()
    FLAG = auto()
    DATE = auto()
    EMPTY = auto()
    """`null`, `~` or nothing at all."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `text` is what the author wrote, without quotes and escapes."""

    text: str
    kind: ScalarKind
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple[Raw, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping and what it says; `line` is the key's."""

    key: str
    value: Raw
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order in which it was written."""

    entries: tuple[Entry, ...]
    line: int

    def get(self, key: str) -> Raw | None:
        """Return the value of `key`, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


Raw = Scalar | Listing | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong on a line of a file whose name the finder does not know."""

    line: int | None
    message: str
    hint: str | None = None

    def at(self, path: DocPath | str) -> Problem:
        """Return the problem that this is in the file `path`."""
        return Problem(path=path, line=self.line, message=self.message, hint=self.hint)


def is_empty(raw: Raw) -> bool:
    """Whether the author wrote the key and left its value empty."""
    return isinstance(raw, Scalar) and raw.kind is ScalarKind.EMPTY


def describe_raw(raw: Raw) -> str:
    """Return what `raw` is, for a message."""
    match raw:
        case Table():
            return "a mapping"
        case Listing():
            return "a list"
        case Scalar(kind=ScalarKind.EMPTY):
            return "nothing"
        case Scalar(text=text):
            shown = text if len(text) <= 40 else text[:39] + "…"
            return f"`{shown}`".replace("\n", " ")
