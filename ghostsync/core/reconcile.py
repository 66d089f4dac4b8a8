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
    REPORT_UNMANAGED = "note: unmanaged"
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


def _row(number: int, has_base: bool, local: Side, remote: Side, push: Decision, pull: Decision) -> Row:  # noqa: FBT001
    return Row(number=number, has_base=has_base, local=local, remote=remote, push=push, pull=pull)


_D = Decision
_S = Side

TABLE: tuple[Row, ...] = (
    _row(1, False, _S.PRESENT, _S.ABSENT, _D.CREATE, _D.REPORT_UNPUSHED),
    _row(2, False, _S.ABSENT, _S.PRESENT, _D.REPORT_UNMANAGED, _D.WRITE),
    _row(3, False, _S.PRESENT, _S.PRESENT, _D.ADOPT_IF_EQUAL, _D.ADOPT_IF_EQUAL),
    _row(4, True, _S.SAME, _S.SAME, _D.NOTHING, _D.NOTHING),
    _row(5, True, _S.CHANGED, _S.SAME, _D.UPDATE, _D.REPORT_UNPUSHED),
    _row(6, True, _S.SAME, _S.CHANGED, _D.REPORT_DRIFT, _D.PATCH),
    _row(7, True, _S.CHANGED, _S.CHANGED, _D.UPDATE_IF_CONTAINED, _D.MERGE),
    _row(8, True, _S.ABSENT, _S.SAME, _D.PRUNE, _D.REPORT_DELETED_HERE),
    _row(9, True, _S.ABSENT, _S.CHANGED, _D.CONFLICT_DELETED_HERE, _D.WRITE),
    _row(10, True, _S.SAME, _S.ABSENT, _D.REPORT_DELETED_THERE, _D.REMOVE_BY_PRUNE),
    _row(11, True, _S.CHANGED, _S.ABSENT, _D.CONFLICT_DELETED_THERE, _D.CONFLICT_DELETED_THERE),
    _row(12, True, _S.ABSENT, _S.ABSENT, _D.FORGET, _D.FORGET),
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
