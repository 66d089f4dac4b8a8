"""Warnings that many documents share, told once.

A key of another generator, or a shortcode, stands in every document of a site that comes from there: ninety lines that
say one thing hide the line that says another. Programs get each of them (JSON), and so do people with `--verbose`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.counted import counted
from ghostsync.errors import Problem

_Told = TypeVar("_Told", Note, Problem)

_MANY = 3
"""As many documents with one and the same warning have a habit."""


def habits_once(warnings: Iterable[_Told]) -> tuple[_Told, ...]:
    """Return the warnings, of those that many documents share the first alone: `(as in 56 more documents)`.

    Of notes, only those that warn of a text are folded; the others say what happens to one post.
    """
    alike: dict[object, list[_Told]] = {}
    for index, each in enumerate(warnings):
        folds = isinstance(each, Problem) or each.kind is NoteKind.WARNING
        alike.setdefault((each.message, each.hint) if folds else index, []).append(each)
    told: list[_Told] = []
    for those in alike.values():
        others = len({each.path for each in those}) - 1
        if others + 1 < _MANY:
            told += those
        else:
            message = f"{those[0].message} (as in {counted(others, 'more document')})"
            told.append(replace(those[0], message=message))
    return tuple(told)
