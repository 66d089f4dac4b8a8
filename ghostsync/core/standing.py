"""Where the documents and Ghost stand, seen from both directions at once.

A push and a pull of the same moment each say half of it: what a push would send, what a pull would write. Laid side by
side they say of every document whose doing a difference is, and which command settles it. A document that both sides
changed is a conflict only where a pull could not merge it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Forget,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
)
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.counted import counted
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.plan import Plan
from ghostsync.core.verbs import subject


class Standing(StrEnum):
    """Whose doing a difference is."""

    HERE = "here"
    """A push brings it to Ghost."""
    GHOST = "ghost"
    """A pull brings it here."""
    BOTH = "both"
    """A pull merges it, then a push brings it to Ghost."""
    CONFLICT = "conflict"
    """A person must decide."""
    PROBLEM = "problem"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Difference:
    """One line of a status."""

    path: str
    words: str
    standing: Standing


def differences(push: Plan, pull: Plan) -> tuple[Difference, ...]:
    """Return everything that differs, by path."""
    found: dict[str, Difference] = {}
    for one in (*_problems(push, pull), *_from_both(push, pull), *_notes(push, pull)):
        found.setdefault(one.path, one)
    return tuple(sorted(found.values()))


def _problems(push: Plan, pull: Plan) -> Iterator[Difference]:
    for problem in (*push.problems, *pull.problems):
        where = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
        yield Difference(path=where, words=f"problem: {problem.message}", standing=Standing.PROBLEM)


def _from_both(push: Plan, pull: Plan) -> Iterator[Difference]:
    contested = {conflict.path: conflict for conflict in (*pull.conflicts, *push.conflicts)}
    hopeless = {conflict.path for conflict in pull.conflicts}
    comes = {change.path: change for change in pull.changes if isinstance(change, WriteFile)}
    tags = {conflict.title for conflict in (*pull.conflicts, *push.conflicts) if conflict.path == TAGS_FILE}
    for path, conflict in contested.items():
        if path in hopeless or path not in comes:
            more = f", and {counted(len(tags) - 1, 'more tag')}" if path == TAGS_FILE and len(tags) > 1 else ""
            yield Difference(path=path, words=f"conflict: {conflict.message}{more}", standing=Standing.CONFLICT)
    goes = {subject(change): _goes(change) for change in push.changes}
    for path, change in comes.items():
        if path in hopeless:
            continue
        what = _listed(change)
        if path in goes or path in contested:
            words = f"changed here and in Ghost{what}; a pull merges it"
            yield Difference(path=path, words=words, standing=Standing.BOTH)
        elif change.before is None:
            words = "tags in Ghost only" if path == TAGS_FILE else "in Ghost only"
            yield Difference(path=path, words=words, standing=Standing.GHOST)
        else:
            yield Difference(path=path, words=f"changed in Ghost{what}", standing=Standing.GHOST)
    for path, said in goes.items():
        if said is not None:
            yield Difference(path=path, words=said, standing=Standing.HERE)


def _goes(change: Change) -> str | None:
    """Return what a change of a push says about a document."""
    match change:
        case CreatePost():
            return "new here"
        case UpdatePost():
            names = [*change.sends, *(("body",) if change.body_changed else ())]
            return f"changed here ({', '.join(names)})" if names else "changed here"
        case AdoptPost():
            return "the same on both sides, not managed yet"
        case UploadFile():
            return "new file"
        case CreateTag():
            return "new tag"
        case UpdateTag():
            return f"tag changed here ({', '.join(change.sends)})"
        case UnpublishPost() | DeletePost():
            return "gone here, still in Ghost"
        case Forget():
            return "gone on both sides"
        case _:
            return None


def _listed(change: WriteFile) -> str:
    names = [*change.fields, *(("body",) if change.body_changed and change.path != TAGS_FILE else ())]
    return f" ({', '.join(names)})" if names else ""


_WORDS = {
    NoteKind.ORPHAN: "gone here, still in Ghost",
    NoteKind.DELETED_HERE: "gone here, still in Ghost",
    NoteKind.DELETED_IN_GHOST: "deleted in Ghost",
}


def _notes(push: Plan, pull: Plan) -> Iterator[Difference]:
    written = {change.slug for change in pull.changes if isinstance(change, WriteFile) and change.before is None}
    for note in (*push.notes, *pull.notes):
        if note.kind is NoteKind.DRIFTED:
            yield _note(note, f"changed in Ghost ({', '.join(note.fields)}), which is Ghost's to choose")
        elif note.kind is NoteKind.UNMANAGED and note.path.strip("()") not in written:
            yield _note(note, note.message)
        elif note.kind in _WORDS and note.path.strip("()") not in written:
            yield _note(note, _WORDS[note.kind])


def _note(note: Note, words: str) -> Difference:
    return Difference(path=note.path, words=words, standing=Standing.NOTE)
