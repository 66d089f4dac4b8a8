"""Three-way merges of text: does a document already contain Ghost's edit, and how do two edits of one file meet?

Two granularities for two questions. A *pull* merges lines, because people resolve conflicts in lines and the markers
are the ones that Git's users know (diff3 style). A *push* asks whether the document contains what an editor did, and
asks it in words: a resolution that carries both edits in one line must pass, or nobody could ever push again after a
conflict without forcing.

The alignment is merge3's (Bazaar's algorithm). Rejected: `git merge-file`, which needs files and a git executable for
something that must stay a calculation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merge3 import Merge3

from ghostsync.core.compare import Views
from ghostsync.core.fields import FIELDS, ValueKind
from ghostsync.model import FieldName, FieldValue

MARK_LOCAL = "<<<<<<<"
MARK_BASE = "|||||||"
MARK_SPLIT = "======="
MARK_REMOTE = ">>>>>>>"

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_PARAGRAPH, _BREAK = "\n\n", "  \n"

# Texts that name one thing: of `custom-a` and `custom-a-b` neither contains the other.
_NAMES = frozenset({FieldName("template"), FieldName("email_segment")})

# Where one of these stands, a text may hold code, in which every space is part of what it says.
_CODE = ("```", "~~~", "\n    ", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The result of merging two edits of one text."""

    text: str
    conflicts: int
    """How many places are marked because both sides changed the same lines."""


def merge_lines(base: str, local: str, remote: str, *, local_name: str, remote_name: str) -> Merged:
    """Merge two edits of one text line by line; where both changed the same lines, all three stand there, marked."""
    if local == remote:
        return Merged(text=local, conflicts=0)
    before_lines, mine_lines, their_lines = (lines_of(text) for text in (base, local, remote))
    newline = "\r\n" if "\r\n" in local else "\n"
    conflicts = 0
    out: list[str] = []
    for group in Merge3(before_lines, mine_lines, their_lines).merge_groups():
        match group:
            case ("conflict", before, mine, theirs):
                conflicts += 1
                out += [f"{MARK_LOCAL} {local_name}{newline}", *_closed(mine, newline)]
                out += [f"{MARK_BASE} last agreed{newline}", *_closed(before, newline)]
                out += [f"{MARK_SPLIT}{newline}", *_closed(theirs, newline), f"{MARK_REMOTE} {remote_name}{newline}"]
            case (_, same):
                out += same
            case _:  # merge3 has no other shape
                raise AssertionError(group)
    return Merged(text="".join(out), conflicts=conflicts)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends: what editors and Git take for lines, and nothing else.

    `str.splitlines` also ends lines at form feeds and Unicode's separators, where no marker may stand.
    """
    return _LINES.findall(text)


def contains_edit(base: str, local: str, remote: str) -> bool:
    """Whether `local` already contains everything that changed from `base` to `remote`, word by word."""
    if remote in {local, base}:
        return True
    if base == local:
        return False
    words = [_WORDS.findall(text) for text in (base, local, remote)]
    if not any(mark in text for mark in _CODE for text in (base, local, remote)):
        words = [_plain(side) for side in words]
    before_words, local_words, remote_words = words
    merged: list[str] = []
    for group in Merge3(before_words, local_words, remote_words).merge_groups():
        if group[0] == "conflict":
            _, before, mine, theirs = group
            if not _contains_words(before, mine, theirs):
                return False
            merged += mine
        else:
            merged += group[1]
    return merged == local_words


def _contains_words(before: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether, within one contested stretch, everything that theirs added is in mine and what it removed is gone."""
    added = _count(theirs) - _count(before)
    removed = _count(before) - _count(theirs)
    if not added and not removed:
        # Only the order of words changed, which counting cannot see.
        return _words(theirs) in (_words(before), _words(mine))
    have = _count(mine)
    kept = _count(before)
    return all(have[word] >= kept[word] - removed[word] + number for word, number in added.items()) and all(
        have[word] <= kept[word] - number for word, number in removed.items()
    )


def field_contains_edit(name: FieldName, view: Views) -> bool:
    """Whether the document's value already contains what Ghost's editors changed: the same words, the same tags.

    Whoever settles a contested title or list of tags in the file writes one value that holds both edits; it must pass
    as it does in a body. A value that somebody emptied in Ghost is contained in no other.
    """
    if not view.remote_moved or view.local == view.remote:
        return True
    if not view.local_moved or not view.remote:
        return False
    match FIELDS[name].value:
        case ValueKind.TAGS:
            try:
                merged = merge_field(name, view)
            except ValueError:
                return False
            return isinstance(view.local, tuple) and isinstance(merged, tuple) and set(merged) == set(view.local)
        case ValueKind.TEXT | ValueKind.HTML if name not in _NAMES:
            base, local, remote = (
                side if isinstance(side, str) else "" for side in (view.base, view.local, view.remote)
            )
            return contains_edit(base, local, remote)
        case _:
            return False


def merge_field(name: FieldName, view: Views) -> FieldValue:
    """Return the merged value of one field, or raise `ValueError` where both sides changed it differently.

    Tags are a list of separate statements, so one side's new tag and the other's merge; order follows local.
    """
    if not view.remote_moved or view.local == view.remote:
        return view.local
    if not view.local_moved:
        return view.remote
    if FIELDS[name].value is ValueKind.TAGS and all(
        isinstance(side, tuple) for side in (view.base, view.local, view.remote)
    ):
        return _merge_tags(view)
    if field_contains_edit(name, view):
        return view.local
    msg = f"both sides changed `{name}`"
    raise ValueError(msg)


def _merge_tags(view: Views) -> tuple[str, ...]:
    base, local, remote = (
        tuple(side) if isinstance(side, tuple) else () for side in (view.base, view.local, view.remote)
    )
    if set(local) == set(base) == set(remote):
        msg = "both sides reordered the tags"
        raise ValueError(msg)
    removed = set(base) - set(remote)
    added = [tag for tag in remote if tag not in base and tag not in local]
    return (*(tag for tag in local if tag not in removed), *added)


def merge_fields(views: Mapping[FieldName, Views]) -> tuple[dict[FieldName, FieldValue], tuple[FieldName, ...]]:
    """Return what changes in the document when Ghost's field edits come in, and the fields that need a person."""
    takes: dict[FieldName, FieldValue] = {}
    contested: list[FieldName] = []
    for name, view in views.items():
        try:
            value = merge_field(name, view)
        except ValueError:
            contested.append(name)
            continue
        if value != view.local:
            takes[name] = value
    return takes, tuple(contested)


def _closed(lines: Sequence[str], newline: str) -> list[str]:
    """Return lines of which the last one ends, so that a marker begins its own line."""
    closed = list(lines)
    if closed and not closed[-1].endswith(("\n", "\r")):
        closed[-1] += newline
    return closed


def _plain(words: Sequence[str]) -> list[str]:
    """Return the words as they are aligned: an author's way of wrapping lines says nothing.

    A space between two words is left out and one beside a sign belongs to the sign: as words of their own, all alike,
    they would be aligned with each other, and two edits near each other would seem to be in each other's way.
    """
    plain: list[str] = []
    pending = ""
    for word in (_space(word) if word.isspace() else word for word in words):
        if word == " ":
            if plain and _is_sign(plain[-1]):
                plain[-1] += word
            else:
                pending = word
        else:
            plain.append(pending + word if _is_sign(word) else word)
            pending = ""
    return plain


def _is_sign(word: str) -> bool:
    """Whether it is neither a word nor a break between lines or paragraphs; a space may be at it already."""
    return not word.strip().isalnum() and "_" not in word and not word.isspace()


def _space(word: str) -> str:
    if word.count("\n") > 1:
        return _PARAGRAPH
    return _BREAK if word.startswith(_BREAK) else " "


def _words(words: Sequence[str]) -> list[str]:
    return [word for word in words if word != " "]


def _count(words: Sequence[str]) -> Counter[str]:
    return Counter(_words(words))
