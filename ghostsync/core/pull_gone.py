"""What a pull does with a document whose post is not there (any more): rows 1, 10, 11 and 12 of the table.

A pull never takes away what a person has written: a file goes only by `--prune`, and only if nobody touched it since.
"""

from __future__ import annotations

from ghostsync.core.changes import Forget, RemoveFile
from ghostsync.core.conflicts import Conflict, Note, NoteKind, Why
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Prefer, Prune
from ghostsync.core.pull_text import unpushed
from ghostsync.core.push_words import readable
from ghostsync.core.reconcile import Side, find_row
from ghostsync.core.typed import typed


def miss_post(pair: Pair, policy: Policy) -> Verdict:
    """Return what a pull does where there is no post."""
    local, base = pair.local, pair.base
    if local is None:
        row = find_row(has_base=True, local=Side.ABSENT, remote=Side.ABSENT)
        return Verdict(row=row.number, changes=(Forget(path=pair.path, id=pair.gone),))
    if base is None:
        if pair.deletion is not None:
            return Verdict(row=10, notes=(_deleted_there(pair),))
        row = find_row(has_base=False, local=Side.PRESENT, remote=Side.ABSENT)
        return Verdict(row=row.number, notes=(unpushed(pair),))
    document = local.document
    changed = document.digest != base.source_digest
    row = find_row(has_base=True, local=Side.CHANGED if changed else Side.SAME, remote=Side.ABSENT)
    removes = policy.prefer is Prefer.REMOTE if changed else policy.prune is Prune.DELETE
    if removes:
        change = RemoveFile(
            path=pair.path, kind=pair.kind, slug=document.slug, title=document.title, expected=document.digest
        )
        return Verdict(row=row.number, changes=(change,))
    if not changed or policy.prefer is Prefer.LOCAL:
        return Verdict(row=row.number, notes=(_deleted_there(pair),))
    conflict = Conflict(
        path=pair.path,
        why=Why.DELETED_IN_GHOST,
        kind=pair.kind,
        title=document.title,
        message=f"edited here, but deleted in Ghost{_by_whom(pair)}",
        hint=f"`ghostsync push {typed(pair.path)} --prefer local` creates it again; "
        "delete the file to agree with Ghost",
        edit=pair.deletion,
    )
    return Verdict(row=row.number, conflicts=(conflict,))


def _deleted_there(pair: Pair) -> Note:
    local, base = pair.local, pair.base
    # What is not known to be as both sides agreed on it is for a person to delete.
    is_known = local is not None and base is not None and local.document.digest == base.source_digest
    removes = "`ghostsync pull --prune` removes it" if is_known else "delete the file to agree with Ghost"
    return Note(
        kind=NoteKind.DELETED_IN_GHOST,
        path=pair.path,
        message=f"was deleted in Ghost{_by_whom(pair)}; the file stays",
        hint=f"{removes}, `ghostsync push {typed(pair.path)} --prefer local` creates the post again",
        edit=pair.deletion,
    )


def _by_whom(pair: Pair) -> str:
    edit = pair.deletion
    return "" if edit is None else f" by {edit.who or 'somebody'} at {readable(edit.at)}"
