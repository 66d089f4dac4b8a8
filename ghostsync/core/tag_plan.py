"""Planning tags: those that documents use and Ghost lacks, and those that `tags.yaml` describes.

Tags have no collision check and no room for a record. Base is what this machine's cache remembers, else a committed
`tags.yaml` that says what Ghost says; without either, two different written values are a conflict, shown field by
field. A value that Ghost lacks (nobody ever wrote one there) yields to a written one: nothing is overwritten.

A described tag that Ghost lacks may have been there: what a person deleted or renamed is not made again for the sake of
its description alone. Ghost's log knows, from any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ghostsync.core.base import comparable
from ghostsync.core.changes import Change, CreatePost, CreateTag, UpdatePost, UpdateTag
from ghostsync.core.conflicts import Conflict, Disagreement, Note, NoteKind, Why
from ghostsync.core.fields import TAG_FIELDS
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.plan import Prefer
from ghostsync.core.push_words import readable
from ghostsync.core.slugs import tag_slug
from ghostsync.core.tags import parse_tags, tag_digest
from ghostsync.model import Edit, FieldName, FieldValue, Slug, Tag

_NAME = FieldName("name")
_TAGS = FieldName("tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPlan:
    """What happens to tags."""

    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()


def plan_tags_push(
    described: Sequence[Tag],
    *,
    documents: Sequence[CreatePost | UpdatePost],
    names: Mapping[Slug, str],
    remote: Sequence[Tag] | None,
    remembered: Mapping[Slug, Tag],
    committed: Callable[[], tuple[bytes, ...]],
    log: Callable[[], tuple[Edit, ...]],
    marker: str | None,
    prefer: Prefer,
    is_tagging: bool,
    covers_file: bool = True,
    site_url: str,
) -> TagPlan:
    """Return what a push does with tags.

    `documents`: the changes that send tags. `names`: slug → name of every tag that documents use. `remote`: all tags
    of the site, None where nothing needs them. `committed`: gives the committed contents of `tags.yaml`, newest first.
    `log`: gives what Ghost's log knows of tags, newest first.
    `covers_file`: whether the run is about `tags.yaml` at all; if not, it only tells what new tags of documents are.
    """
    if remote is None:
        return TagPlan()
    there = {tag.slug: tag for tag in remote}
    used = _used(documents, names)
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    notes: list[Note] = []
    for tag in described:
        other = there.get(tag.slug)
        if not covers_file and (other is not None or tag.slug not in used):
            continue
        gone = None
        if other is None and tag.slug not in used and prefer is not Prefer.LOCAL:
            gone = _gone(tag, remote, log())
        if gone is not None:
            notes.append(gone)
        elif other is None:
            changes.append(CreateTag(slug=tag.slug, name=tag.name, sends=_written(tag), is_marker=tag.name == marker))
        else:
            past = remembered.get(tag.slug)
            _compare(tag, other, past, committed, prefer, site_url, changes, conflicts, notes)
    made = {change.slug for change in changes if isinstance(change, CreateTag)}
    if marker is not None and is_tagging:
        used[tag_slug(marker)] = marker
    for slug, name in sorted(used.items()):
        if slug not in there and slug not in made:
            changes.append(CreateTag(slug=slug, name=name, is_marker=name == marker))
    return TagPlan(changes=tuple(changes), conflicts=tuple(conflicts), notes=tuple(notes))


def _gone(tag: Tag, remote: Sequence[Tag], log: Sequence[Edit]) -> Note | None:
    """Return what became of a tag that a person deleted or renamed in Ghost; None where nobody did."""
    there = {other.id: other for other in remote}
    deleted = {edit.resource_id: edit for edit in log if edit.event == "deleted" and edit.is_person}
    for edit in log:
        if edit.title != tag.name:
            continue
        other, deletion = there.get(edit.resource_id), deleted.get(edit.resource_id)
        if other is not None:
            message = f"the tag `{tag.slug}` is `{other.name}` (`{other.slug}`) in Ghost now; it is not made again"
        elif deletion is not None:
            who = f"by {deletion.who or 'somebody'} at {readable(deletion.at)}"
            message = f"the tag `{tag.slug}` was deleted in Ghost {who}; it is not made again"
        else:
            continue
        return Note(
            kind=NoteKind.DELETED_IN_GHOST,
            path=TAGS_FILE,
            line=tag.line,
            message=message,
            hint="take it out of tags.yaml to agree; `ghostsync push tags.yaml --prefer local` makes it again",
        )
    return None


def _used(documents: Sequence[CreatePost | UpdatePost], names: Mapping[Slug, str]) -> dict[Slug, str]:
    found: dict[Slug, str] = {}
    for change in documents:
        slugs = change.sends.get(_TAGS)
        for slug in slugs if isinstance(slugs, tuple) else ():
            found[Slug(slug)] = names.get(Slug(slug), slug)
    return found


def _written(tag: Tag) -> dict[FieldName, FieldValue]:
    return {name: value for name, value in tag.fields.items() if name not in {"slug", "name"}}


def _wanted(tag: Tag) -> dict[FieldName, FieldValue]:
    return {**_written(tag), _NAME: tag.name}


def _comparable(values: Mapping[FieldName, FieldValue], site_url: str) -> dict[FieldName, FieldValue]:
    return {name: comparable(name, value, site_url=site_url) for name, value in values.items()}


def _compare(
    tag: Tag,
    other: Tag,
    base: Tag | None,
    committed: Callable[[], tuple[bytes, ...]],
    prefer: Prefer,
    site_url: str,
    changes: list[Change],
    conflicts: list[Conflict],
    notes: list[Note],
) -> None:
    wanted = _comparable(_wanted(tag), site_url)
    held = _comparable({**other.fields, _NAME: other.name}, site_url)
    differ = [name for name in wanted if wanted[name] != held.get(name)]
    if not differ:
        return
    if base is None:
        past = _committed_equal(tag.slug, differ, held, site_url, committed)
    else:
        past = _comparable({**base.fields, _NAME: base.name}, site_url)
    sends: dict[FieldName, FieldValue] = {}
    disagreements: list[Disagreement] = []
    drifted: list[FieldName] = []
    for name in differ:
        before = None if past is None else past.get(name)
        there = held.get(name)
        if (past is None and there is None) or (past is not None and there == before):
            sends[name] = _wanted(tag)[name]
        elif past is not None and wanted[name] == before:
            drifted.append(name)
        elif prefer is Prefer.LOCAL:
            sends[name] = _wanted(tag)[name]
        elif prefer is Prefer.REMOTE:
            drifted.append(name)
        else:
            disagreements.append(Disagreement(name=name, base=before, local=wanted[name], remote=there))
    if disagreements:
        listed = ", ".join(d.name for d in disagreements)
        conflicts.append(
            Conflict(
                path=TAGS_FILE,
                why=Why.TAG,
                title=tag.name,
                message=f"tag `{tag.slug}` says something else in Ghost ({listed})",
                hint="`ghostsync pull tags.yaml --prefer remote` brings Ghost's words into the file, "
                "`ghostsync push tags.yaml --prefer local` overwrites them",
                fields=tuple(disagreements),
            )
        )
        return
    if drifted:
        notes.append(
            Note(
                kind=NoteKind.DRIFTED,
                path=TAGS_FILE,
                line=tag.line,
                message=f"tag `{tag.slug}` was changed in Ghost ({', '.join(drifted)}) and is kept",
                hint="`ghostsync pull` brings it into tags.yaml",
                fields=tuple(drifted),
            )
        )
    if sends and other.id is not None:
        changes.append(
            UpdateTag(
                id=other.id,
                slug=tag.slug,
                name=tag.name,
                sends=sends,
                before={name: other.name if name == _NAME else other.fields.get(name) for name in sends},
                expected=tag_digest(other),
            )
        )


def _committed_equal(
    slug: Slug,
    differ: Sequence[FieldName],
    held: Mapping[FieldName, FieldValue],
    site_url: str,
    committed: Callable[[], tuple[bytes, ...]],
) -> dict[FieldName, FieldValue] | None:
    """Return the newest committed description of the tag that says what Ghost says, where it says anything."""
    for data in committed():
        tags, problems = parse_tags(data)
        if problems:
            continue
        for tag in tags:
            if tag.slug != slug:
                continue
            said = _comparable(_wanted(tag), site_url)
            if all(said.get(name) == held.get(name) for name in differ if name in TAG_FIELDS):
                return said
    return None
