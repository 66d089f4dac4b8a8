"""What Ghost says about tags, brought into `tags.yaml`.

Field by field, with the same base as a push: what this machine's cache remembers, else a committed `tags.yaml` that
says what Ghost says. A value that only Ghost changed comes in; one that only the file changed stays and waits for its
push; two different values without a base are a conflict, and the file keeps its own.

A tag that the file does not mention is added when there is something to say about it beside its name, or when no post
uses it (then `tags.yaml` is the only place that can hold it); unless it was here before, for then somebody took it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ghostsync.core.base import comparable
from ghostsync.core.conflicts import Conflict, Disagreement, Note, NoteKind, Why
from ghostsync.core.fields import TAG_FIELDS
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.plan import Prefer
from ghostsync.core.tag_edit import edit_tags, render_tags
from ghostsync.core.tags import parse_tags
from ghostsync.errors import ContentError, Problem
from ghostsync.model import FieldName, FieldValue, Slug, Tag

_NAME = FieldName("name")
_SLUG = FieldName("slug")
_VISIBILITY = FieldName("visibility")


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedTag:
    """A tag of `tags.yaml` in two forms."""

    written: Tag
    """As the file says it: pictures as local files."""
    sent: Tag
    """As a push would send it: pictures as addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPull:
    """What a pull does with tags."""

    content: str | None = None
    """The new text of `tags.yaml`; None where nothing changes."""
    changed: tuple[Slug, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Gathered:
    edits: dict[Slug, dict[FieldName, FieldValue]] = field(default_factory=dict)
    added: list[Tag] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def plan_tags_pull(
    source: str | None,
    described: Sequence[DescribedTag],
    *,
    remote: Sequence[Tag],
    local_form: Callable[[Tag], Mapping[FieldName, FieldValue]],
    used: frozenset[Slug],
    remembered: Mapping[Slug, Tag],
    committed: Callable[[], tuple[bytes, ...]],
    marker: Slug | None,
    prefer: Prefer,
    site_url: str,
) -> TagPull:
    """Return what a pull does with `tags.yaml`.

    `source`: its text, None where there is no such file. `local_form`: a tag's fields as the file would say them.
    `used`: tags on any post. `committed`: gives earlier contents of the file, newest first.
    """
    found = _Gathered()
    here = {tag.sent.slug: tag for tag in described}
    for other in sorted(remote, key=lambda tag: tag.slug):
        if other.slug == marker:
            continue
        mine = here.get(other.slug)
        if mine is not None:
            past = remembered.get(other.slug)
            _compare(mine, other, past, committed, prefer, site_url, local_form(other), found)
            continue
        fields = _worth_saying(other, local_form(other))
        if not fields and other.slug in used:
            continue
        if _was_here(other.slug, committed) and prefer is not Prefer.REMOTE:
            found.notes.append(
                Note(
                    kind=NoteKind.DELETED_HERE,
                    path=TAGS_FILE,
                    message=f"the tag `{other.slug}` is described in Ghost, and no longer here",
                )
            )
            continue
        found.added.append(Tag(slug=other.slug, name=other.name, fields=fields))
    try:
        content = _text(source, found)
    except ContentError as wrong:
        return TagPull(conflicts=tuple(found.conflicts), notes=tuple(found.notes), problems=wrong.problems)
    changed = (*found.edits, *(tag.slug for tag in found.added))
    return TagPull(
        content=None if content == source else content,
        changed=tuple(changed),
        conflicts=tuple(found.conflicts),
        notes=tuple(found.notes),
    )


def _text(source: str | None, found: _Gathered) -> str | None:
    if source is None:
        return render_tags(found.added) if found.added else None
    return edit_tags(source, found.edits, found.added)


def _worth_saying(tag: Tag, fields: Mapping[FieldName, FieldValue]) -> dict[FieldName, FieldValue]:
    """Return what Ghost would not choose by itself: it makes `#name` internal without being told."""
    derived = "internal" if tag.is_internal else "public"
    return {
        name: value
        for name, value in fields.items()
        if name in TAG_FIELDS
        and name not in {_NAME, _SLUG}
        and value not in (None, "")
        and not (name == _VISIBILITY and value == derived)
    }


def _compare(
    mine: DescribedTag,
    other: Tag,
    remembered: Tag | None,
    committed: Callable[[], tuple[bytes, ...]],
    prefer: Prefer,
    site_url: str,
    said: Mapping[FieldName, FieldValue],
    found: _Gathered,
) -> None:
    wanted = _values(mine.sent, site_url)
    held = _values(other, site_url)
    differ = [name for name in TAG_FIELDS if name != _SLUG and wanted.get(name) != held.get(name)]
    # Ghost's to choose where the file says nothing: `internal` follows from the name.
    differ = [name for name in differ if name != _VISIBILITY or name in mine.sent.fields]
    if not differ:
        return
    past = None if remembered is None else _values(remembered, site_url)
    if past is None:
        past = _committed_equal(other.slug, held, site_url, committed)
    takes: dict[FieldName, FieldValue] = {}
    disagreements: list[Disagreement] = []
    unpushed: list[FieldName] = []
    for name in differ:
        before = None if past is None else past.get(name)
        here, there = wanted.get(name), held.get(name)
        if past is not None and there == before:
            unpushed.append(name)
        elif (past is not None and here == before) or (past is None and here is None and name not in mine.sent.fields):
            takes[name] = _file_form(name, other, said)
        elif past is None and there is None:
            unpushed.append(name)
        elif prefer is Prefer.REMOTE:
            takes[name] = _file_form(name, other, said)
        elif prefer is Prefer.LOCAL:
            unpushed.append(name)
        else:
            disagreements.append(Disagreement(name=name, base=before, local=here, remote=there))
    if takes:
        found.edits[other.slug] = takes
    if unpushed:
        found.notes.append(_note(mine, unpushed))
    if disagreements:
        found.conflicts.append(_conflict(mine, disagreements))


def _values(tag: Tag, site_url: str) -> dict[FieldName, FieldValue]:
    values = {name: comparable(name, value, site_url=site_url) for name, value in tag.fields.items()}
    return {**{k: v for k, v in values.items() if v is not None}, _NAME: tag.name}


def _file_form(name: FieldName, other: Tag, said: Mapping[FieldName, FieldValue]) -> FieldValue:
    if name == _NAME:
        return other.name
    value = said.get(name)
    return None if value == "" else value


def _note(mine: DescribedTag, names: Sequence[FieldName]) -> Note:
    return Note(
        kind=NoteKind.UNPUSHED,
        path=TAGS_FILE,
        line=mine.written.line,
        message=f"tag `{mine.sent.slug}` has changes that are not in Ghost yet ({', '.join(names)})",
        hint="`ghostsync push` brings them there",
        fields=tuple(names),
    )


def _conflict(mine: DescribedTag, disagreements: Sequence[Disagreement]) -> Conflict:
    listed = ", ".join(d.name for d in disagreements)
    return Conflict(
        path=TAGS_FILE,
        why=Why.TAG,
        title=mine.sent.name,
        message=f"tag `{mine.sent.slug}` says something else in Ghost ({listed})",
        hint="write into tags.yaml what shall hold, then `ghostsync push tags.yaml --prefer local`; "
        "or take Ghost's: `ghostsync pull tags.yaml --prefer remote`",
        fields=tuple(disagreements),
    )


def _committed_equal(
    slug: Slug, held: Mapping[FieldName, FieldValue], site_url: str, committed: Callable[[], tuple[bytes, ...]]
) -> dict[FieldName, FieldValue] | None:
    """Return the newest committed description that says nothing otherwise than Ghost does."""
    for data in committed():
        tags, problems = parse_tags(data)
        if problems:
            continue
        for tag in tags:
            values = _values(tag, site_url)
            said = {name for name, value in tag.fields.items() if value is not None} | {_NAME}
            images = {name for name in said if name.endswith("_image")}
            # A picture's committed name says nothing about its address; all the rest must be equal.
            if tag.slug == slug and all(values.get(name) == held.get(name) for name in said - images):
                return dict(held)
    return None


def _was_here(slug: Slug, committed: Callable[[], tuple[bytes, ...]]) -> bool:
    return any(tag.slug == slug for data in committed() for tag in parse_tags(data)[0])
