"""`tags.yaml` in a pull: its place on disk, and the pictures that its tags show.

What comes in is decided by `ghostsync.core.tag_pull`; here both sides are brought into the forms that it compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ghostsync.core.arrivals import Places, local_fields
from ghostsync.core.changes import Download, WriteFile
from ghostsync.core.conflicts import Note, NoteKind
from ghostsync.core.digest import bytes_digest
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.plan import Prefer
from ghostsync.core.slugs import tag_slug
from ghostsync.core.tag_pull import DescribedTag, TagPull, plan_tags_pull
from ghostsync.engine.gather import Gathered
from ghostsync.engine.session import Session
from ghostsync.engine.tag_sides import committed_tags, prepare_tags
from ghostsync.errors import ContentError
from ghostsync.model import FieldName, FieldValue, Kind, Slug, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsPulled:
    """What a pull does with `tags.yaml`."""

    decided: TagPull
    change: WriteFile | None = None
    notes: tuple[Note, ...] = ()


def pull_tags(session: Session, seen: Gathered, places: Places, there: tuple[Tag, ...], prefer: Prefer) -> TagsPulled:
    """Return what a pull does with the site's tags, `there`."""
    sent, problems = prepare_tags(seen, there, remote=session.remote, memory=session.memory)
    if problems:
        return TagsPulled(decided=TagPull(problems=problems))
    try:
        source = session.tree.read(TAGS_FILE).decode("utf-8") if session.tree.exists(TAGS_FILE) else None
    except ContentError as wrong:
        return TagsPulled(decided=TagPull(problems=wrong.problems))
    downloads: dict[Slug, dict[FieldName, Download]] = {}
    refused: dict[str, None] = {}

    def local_form(tag: Tag) -> Mapping[FieldName, FieldValue]:
        return local_fields(tag.fields, TAGS_FILE, places, downloads.setdefault(tag.slug, {}), refused)

    found = plan_tags_pull(
        source,
        [DescribedTag(written=written, sent=ready) for written, ready in zip(seen.local.tags, sent, strict=True)],
        remote=there,
        local_form=local_form,
        used=frozenset(Slug(slug) for post in seen.posts.values() for slug in post.tag_names),
        remembered=session.memory.tags(),
        committed=lambda: committed_tags(session.past),
        marker=None if session.marker is None else tag_slug(session.marker),
        prefer=prefer,
        site_url=seen.site.url,
    )
    if found.content is None:
        return TagsPulled(decided=found)
    wanted = {one.path: one for slug in found.changed for one in downloads.get(slug, {}).values()}
    change = WriteFile(
        path=TAGS_FILE,
        kind=Kind.POST,
        id=None,
        slug=Slug("tags"),
        title="tags",
        content=found.content,
        expected=None if source is None else bytes_digest(source.encode("utf-8", "surrogatepass")),
        before=source,
        downloads=tuple(wanted[path] for path in sorted(wanted)),
        body_changed=True,
    )
    notes = tuple(
        Note(kind=NoteKind.WARNING, path=TAGS_FILE, message=f"{reason}; its address stays in the file")
        for reason in refused
    )
    return TagsPulled(decided=found, change=change, notes=notes)
