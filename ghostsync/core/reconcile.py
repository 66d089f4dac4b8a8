"""The pure decision: given base, local and remote of one post, what happens?

Each side is compared with its own past (base), never our rendering with Ghost's. That gives every pair a row of one
table, and the table says what push and pull do. The table is data: the documentation prints it and the tests iterate
over it.

Push never merges: where both sides moved it either finds that the document already contains what Ghost's editor did,
or it refuses and says how to get there (`ghostsync pull`). Rejected: merging on push, which would publish a text that
no person has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """What happened to one side since base."""

    ABSENT = "–"
    PRESENT = "+"
    """There, and nobody knows what it was before."""
    SAME = "="
    CHANGED = "~"


class Decision(StrEnum):
    """What a row does; the sentence is what the documentation prints."""

    CREATE = "create the post"
    ADOPT_IF_EQUAL = "adopt if equal, else conflict: no shared history"
    NOTHING = "nothing"
    UPDATE = "update the post"
    UPDATE_IF_CONTAINED = "update if the document already contains Ghost's edit, adopt if equal, else conflict"
    PRUNE = "orphan: report it, or unpublish or delete it by prune policy"
    REPORT_DRIFT = "note: drifted, kept"
    REPORT_UNPUSHED = "note: not pushed yet"
    LEAVE_UNMANAGED = "nothing: unmanaged; `status` names it"
    REPORT_DELETED_THERE = "note: deleted in Ghost, kept so until `--prefer local`"
    REPORT_DELETED_HERE = "note: deleted here, still in Ghost"
    CONFLICT_DELETED_HERE = "conflict: deleted here, edited in Ghost"
    CONFLICT_DELETED_THERE = "conflict: edited here, deleted in Ghost; `--prefer local` creates it again"
    WRITE = "write the file"
    PATCH = "patch the file"
    MERGE = "merge into the file; conflict only where the same field or the same lines changed"
    REMOVE_BY_PRUNE = "note; with `--prune` remove the file"
    FORGET = "forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    number: int
    has_base: bool
    local: Side
    remote: Side
    push: Decision
    pull: Decision


_D = Decision
_S = Side

TABLE: tuple[Row, ...] = (
    Row(number=1, has_base=False, local=_S.PRESENT, remote=_S.ABSENT, push=_D.CREATE, pull=_D.REPORT_UNPUSHED),
    Row(number=2, has_base=False, local=_S.ABSENT, remote=_S.PRESENT, push=_D.LEAVE_UNMANAGED, pull=_D.WRITE),
    Row(number=3, has_base=False, local=_S.PRESENT, remote=_S.PRESENT, push=_D.ADOPT_IF_EQUAL, pull=_D.ADOPT_IF_EQUAL),
    Row(number=4, has_base=True, local=_S.SAME, remote=_S.SAME, push=_D.NOTHING, pull=_D.NOTHING),
    Row(number=5, has_base=True, local=_S.CHANGED, remote=_S.SAME, push=_D.UPDATE, pull=_D.REPORT_UNPUSHED),
    Row(number=6, has_base=True, local=_S.SAME, remote=_S.CHANGED, push=_D.REPORT_DRIFT, pull=_D.PATCH),
    Row(number=7, has_base=True, local=_S.CHANGED, remote=_S.CHANGED, push=_D.UPDATE_IF_CONTAINED, pull=_D.MERGE),
    Row(number=8, has_base=True, local=_S.ABSENT, remote=_S.SAME, push=_D.PRUNE, pull=_D.REPORT_DELETED_HERE),
    Row(number=9, has_base=True, local=_S.ABSENT, remote=_S.CHANGED, push=_D.CONFLICT_DELETED_HERE, pull=_D.WRITE),
    Row(
        number=10, has_base=True, local=_S.SAME, remote=_S.ABSENT, push=_D.REPORT_DELETED_THERE, pull=_D.REMOVE_BY_PRUNE
    ),
    Row(
        number=11,
        has_base=True,
        local=_S.CHANGED,
        remote=_S.ABSENT,
        push=_D.CONFLICT_DELETED_THERE,
        pull=_D.CONFLICT_DELETED_THERE,
    ),
    Row(number=12, has_base=True, local=_S.ABSENT, remote=_S.ABSENT, push=_D.FORGET, pull=_D.FORGET),
)

_INDEX = {(row.has_base, row.local, row.remote): row for row in TABLE}


def find_row(*, has_base: bool, local: Side, remote: Side) -> Row:
    """Return the row of the table for what is known.

    Raises `KeyError` for a combination that cannot be: without base a side is there or not, with base it is the same,
    changed or gone.
    """
    return _INDEX[(has_base, local, remote)]


def render_table() -> str:
    """Return the table in Markdown, as the documentation prints it."""
    lines = ["| # | base | local | remote | push | pull |", "|---|---|---|---|---|---|"]
    for row in TABLE:
        base = "yes" if row.has_base else "–"
        lines.append(f"| {row.number} | {base} | {row.local} | {row.remote} | {row.push} | {row.pull} |")
    return "\n".join(lines) + "\n"
