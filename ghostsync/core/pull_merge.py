"""Bringing Ghost's edit into a file's text: what is merged, what stands marked, what stays for a person to decide.

Bodies merge line by line on three texts: base as the author wrote it, the file as it is, and base with Ghost's edit
patched in. So an editor's paragraph and a writer's paragraph meet without anybody's help, and only lines that both
changed stand there twice, marked as Git marks them. Fields merge one by one; a field that both changed keeps its local
value and is reported, since front matter with markers in it could not be read.

`--prefer` decides contested places only: whatever just one side changed comes in either way.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from merge3 import Merge3

from ghostsync.core.aliases import AliasTable
from ghostsync.core.compare import Comparison, Prepared, Views
from ghostsync.core.conflicts import Disagreement
from ghostsync.core.editing import REMOVED, Change, edit_front_matter
from ghostsync.core.fields import FIELDS, Removal
from ghostsync.core.markers import LOCAL_NAME, REMOTE_NAME
from ghostsync.core.merge import Merged, lines_of, merge_fields, merge_lines
from ghostsync.core.plan import Prefer
from ghostsync.model import Document, FieldName, FieldValue, Post

_TAGS = FieldName("tags")
_SLUG = FieldName("slug")
_STATUS = FieldName("status")
_DATE = FieldName("published_at")
_VISIBILITY = FieldName("visibility")
_TIERS = FieldName("tiers")


# ---------------------------------------------------------------------------------------------- bodies


def merge_bodies(base: str, local: str, remote: str, prefer: Prefer) -> Merged:
    """Merge two edits of a body; `prefer` decides the places that both changed."""
    if remote == base:
        return Merged(text=local, conflicts=0)
    match prefer:
        case Prefer.NEITHER:
            return merge_lines(base, local, remote, local_name=LOCAL_NAME, remote_name=REMOTE_NAME)
        case _:
            return Merged(text=_merge_for(base, local, remote, prefer), conflicts=0)


def _merge_for(base: str, local: str, remote: str, prefer: Prefer) -> str:
    before, mine, theirs = (lines_of(text) for text in (base, local, remote))
    out: list[str] = []
    for group in Merge3(before, mine, theirs).merge_groups():
        if group[0] == "conflict":
            out += group[2] if prefer is Prefer.LOCAL else group[3]
        else:
            out += group[1]
    return "".join(out)


def lay_side_by_side(local: str, remote: str, prefer: Prefer) -> Merged:
    """Merge two bodies without a common past: what both have stands once, all else stands marked, or as preferred."""
    if local == remote or prefer is Prefer.LOCAL:
        return Merged(text=local, conflicts=0)
    if prefer is Prefer.REMOTE:
        return Merged(text=remote, conflicts=0)
    newline = "\r\n" if "\r\n" in local else "\n"
    mine, theirs = lines_of(local), lines_of(remote)
    out: list[str] = []
    conflicts = 0
    # As in `word_diff`: what stands everywhere in a long text belongs to the lines beside it.
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=True)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            out += mine[start:end]
            continue
        conflicts += 1
        out += [f"<<<<<<< {LOCAL_NAME}{newline}", *_closed(mine[start:end], newline)]
        out += [f"||||||| no shared history{newline}", f"======={newline}"]
        out += [*_closed(theirs[other_start:other_end], newline), f">>>>>>> {REMOTE_NAME}{newline}"]
    return Merged(text="".join(out), conflicts=conflicts)


def _closed(lines: Sequence[str], newline: str) -> list[str]:
    closed = list(lines)
    if closed and not closed[-1].endswith(("\n", "\r")):
        closed[-1] += newline
    return closed


def with_body(document: Document, body: str) -> str:
    """Return the file's text with another body; front matter and a leading heading that is the title stay."""
    head = document.source[: len(document.source) - len(document.body)]
    newline = "\r\n" if "\r\n" in document.source else "\n"
    if head and not head.endswith(("\n", "\r")) and body:
        head += newline
    return head + body


# ---------------------------------------------------------------------------------------------- fields


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdits:
    """What happens to a document's front matter."""

    changes: Mapping[FieldName, Change]
    """As `edit_front_matter` takes them."""
    contested: tuple[Disagreement, ...] = ()


def edit_fields(
    seen: Comparison, local: Prepared, remote: Post, said: Mapping[FieldName, FieldValue], prefer: Prefer
) -> FieldEdits:
    """Return what Ghost's field edits change in the front matter.

    `said`: Ghost's values as front matter says them. Fields of content come in whether or not the author wrote them
    before; who publishes, reads and signs a post stays Ghost's to choose unless the author wrote it.
    """
    relevant = {name: view for name, view in seen.fields.items() if view.remote_moved and _comes_in(name, seen)}
    takes, contested = merge_fields(relevant)
    if prefer is Prefer.REMOTE:
        takes |= {name: relevant[name].remote for name in contested}
    left = contested if prefer is Prefer.NEITHER else ()
    changes = {name: _as_written(name, value, relevant[name], local, remote, said) for name, value in takes.items()}
    _complete(changes, local.document, said)
    return FieldEdits(
        changes=changes,
        contested=tuple(
            Disagreement(name=name, base=relevant[name].base, local=relevant[name].local, remote=relevant[name].remote)
            for name in left
        ),
    )


def _comes_in(name: FieldName, seen: Comparison) -> bool:
    # A slug that the file name no longer says must be written, or a clone without a cache could not find the post.
    return name in seen.managed or FIELDS[name].removal is Removal.RESETS or name == _SLUG


def _as_written(
    name: FieldName,
    value: FieldValue,
    view: Views,
    local: Prepared,
    remote: Post,
    said: Mapping[FieldName, FieldValue],
) -> Change:
    """Return a merged value as the file says it."""
    spec = FIELDS[name]
    is_written = name in local.document.lines
    if name == _TAGS and isinstance(value, tuple) and value:
        return _tag_names(value, local, remote, said)
    if spec.removal is Removal.RESETS and value == spec.default:
        # A value from the configuration's defaults can only be overruled by an explicit "empty".
        return REMOVED if is_written else value
    if value is None:
        return REMOVED if is_written else None
    if value != view.remote:
        return value
    return said.get(name, value)


def _tag_names(
    slugs: tuple[str, ...], local: Prepared, remote: Post, said: Mapping[FieldName, FieldValue]
) -> tuple[str, ...]:
    """Return names for slugs, in the author's own spelling where the file names the tag already."""
    names: dict[str, str] = {}
    theirs, spelled = remote.fields.get(_TAGS), said.get(_TAGS)
    if isinstance(theirs, tuple) and isinstance(spelled, tuple):
        names |= dict(zip(theirs, spelled, strict=True))
    mine, written = local.fields.get(_TAGS), local.document.fields.get(_TAGS)
    if isinstance(mine, tuple) and isinstance(written, tuple) and len(mine) == len(written):
        names |= dict(zip(mine, written, strict=True))
    return tuple(names.get(slug, slug) for slug in slugs)


def _complete(changes: dict[FieldName, Change], document: Document, said: Mapping[FieldName, FieldValue]) -> None:
    """Bring in what a change cannot stand without: a schedule its date, `visibility: tiers` the tiers."""
    if changes.get(_STATUS) == "scheduled" and _DATE not in changes and not document.fields.get(_DATE):
        changes[_DATE] = said.get(_DATE)
    if _VISIBILITY in changes:
        if changes[_VISIBILITY] == "tiers":
            changes[_TIERS] = said.get(_TIERS, ())
        elif _TIERS in document.lines:
            changes[_TIERS] = REMOVED
        else:
            changes.pop(_TIERS, None)


def fields_against(
    differ: Sequence[Disagreement], local: Prepared, remote: Post, said: Mapping[FieldName, FieldValue]
) -> dict[FieldName, Change]:
    """Return the edits that make a document without history say what Ghost says."""
    changes = {
        d.name: _as_written(d.name, d.remote, Views(base=None, local=d.local, remote=d.remote), local, remote, said)
        for d in differ
    }
    _complete(changes, local.document, said)
    return changes


def edited(source: str, changes: Mapping[FieldName, Change], document: Document, aliases: AliasTable) -> str:
    """Return the text with the fields changed, every other byte as it was. Raises ContentError."""
    return edit_front_matter(source, changes, aliases=aliases, path=document.path) if changes else source
