"""A plan as people read it, before any format: sections by kind of change, entries, what to look at twice.

Terminal, Markdown, GitHub and HTML all show this, so that they cannot disagree about what a reviewer is told; each adds
only its own letters and colours. What is loud here is what cannot be taken back or what reaches people: publishing,
emails, moved addresses, deletes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from ghostsync.core.changes import (
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Email,
    Forget,
    Reason,
    RemoveFile,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
    WriteFile,
    is_placeholder,
    placeholder,
)
from ghostsync.core.conflicts import Conflict, Disagreement
from ghostsync.core.counted import counted, spoken_value
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.plan import Plan
from ghostsync.core.review_links import dimensions, surroundings
from ghostsync.core.slugs import tag_slug
from ghostsync.core.verbs import subject, verb
from ghostsync.model import FieldName, FieldValue

TITLES: Mapping[str, str] = {
    "tag_create": "create tags",
    "tag_update": "update tags",
    "upload": "upload files",
    "create": "create",
    "update": "update",
    "adopt": "adopt (only the record is added, readers see no difference)",
    "unpublish": "unpublish",
    "delete": "delete for good",
    "write": "write files",
    "remove": "remove files",
    "forget": "forget (gone on both sides)",
}
SIGNS: Mapping[str, str] = {
    "tag_create": "+",
    "tag_update": "~",
    "upload": "↑",
    "create": "+",
    "update": "~",
    "adopt": "=",
    "unpublish": "-",
    "delete": "-",
    "write": "~",
    "remove": "-",
    "forget": "=",
}
UPLOADED = " (uploaded by this plan)"
"""What stands behind the path of a picture that is not on the site yet."""
REMOVING = frozenset({"unpublish", "delete", "remove"})
IS_PUBLISHED = "is published: readers see it at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDelta:
    """One field and its values; `before` means nothing for what is new."""

    name: FieldName
    before: FieldValue
    after: FieldValue
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class BodyDelta:
    """A body as Markdown, before and after; `line` is the one of its file at which it begins."""

    before: str
    after: str
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change, for people."""

    change: Change
    verb: str
    subject: str
    title: str = ""
    about: str = ""
    """A few words behind the name: `draft post`, `1,200×800, 48 kB`."""
    fields: tuple[FieldDelta, ...] = ()
    body: BodyDelta | None = None
    loud: tuple[str, ...] = ()
    """What cannot be taken back, or reaches people."""
    details: tuple[str, ...] = ()
    """Pictures and links, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """All changes of one kind."""

    verb: str
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """What the changes of this section do."""
        return TITLES[self.verb]


def review(plan: Plan) -> tuple[Section, ...]:
    """Return the plan's changes by kind, in the order of applying."""
    uploads = (change.asset for change in plan.changes if isinstance(change, UploadFile))
    names = {placeholder(asset.sha256): f"{asset.path}{UPLOADED}" for asset in uploads}
    tags = tag_names_of(plan)
    grouped: dict[str, list[Entry]] = {}
    for change in plan.changes:
        entry = _with_tag_names(entry_of(change, names), tags)
        # Addresses on the site itself are told by their path.
        details = tuple(each.replace(f" → {plan.site.url}", " → /") for each in entry.details)
        grouped.setdefault(verb(change), []).append(replace(entry, details=details))
    return tuple(Section(verb=name, entries=tuple(entries)) for name, entries in grouped.items())


_NOT_THERE = "a file that is not in Ghost yet"


def told_conflicts(plan: Plan) -> tuple[Conflict, ...]:
    """Return the plan's conflicts as people read them: tags by their names."""
    names = tag_names_of(plan)

    def told(field: Disagreement) -> Disagreement:
        def side(value: FieldValue) -> FieldValue:
            if is_placeholder(value):
                return _NOT_THERE
            return spoken_tags(value, names) if field.name == "tags" else value

        return replace(field, base=side(field.base), local=side(field.local), remote=side(field.remote))

    return tuple(replace(each, fields=tuple(told(field) for field in each.fields)) for each in plan.conflicts)


def publishes(plan: Plan) -> int:
    """Return how many posts become public by this plan."""
    return sum(IS_PUBLISHED in entry_of(change).loud for change in plan.changes)


def spoken_tag(slug: str, names: Mapping[str, str] | None = None) -> str:
    """Return a tag as people know it: by its name where that is known; Ghost's slug of `#x` is `hash-x`."""
    known = (names or {}).get(slug)
    return known or (f"#{slug.removeprefix('hash-')}" if slug.startswith("hash-") else slug)


def _with_tag_names(entry: Entry, names: Mapping[str, str]) -> Entry:
    def told(delta: FieldDelta) -> FieldDelta:
        if delta.name != "tags":
            return delta
        return replace(delta, before=spoken_tags(delta.before, names), after=spoken_tags(delta.after, names))

    return replace(entry, fields=tuple(told(each) for each in entry.fields))


def spoken_tags(value: FieldValue, names: Mapping[str, str]) -> FieldValue:
    """Return a field's list of tags as people know them."""
    return tuple(spoken_tag(slug, names) for slug in value) if isinstance(value, tuple) else value


def tag_names_of(plan: Plan) -> Mapping[str, str]:
    """Return slug → name of the tags that a plan tells of."""
    made = {str(change.slug): change.name for change in plan.changes if isinstance(change, CreateTag | UpdateTag)}
    return {**plan.tag_names, **made}


def entry_of(change: Change, names: Mapping[str, str] | None = None) -> Entry:
    """Return one change as people read it; `names` are those of values that stand for something else."""
    found = _entry(change)
    if not names:
        return found
    fields = tuple(
        replace(each, after=names[each.after]) if isinstance(each.after, str) and each.after in names else each
        for each in found.fields
    )
    return replace(found, fields=fields)


def _entry(change: Change) -> Entry:
    name, about = verb(change), subject(change)
    match change:
        case CreateTag() | UpdateTag():
            fields = _deltas(change.sends, change.before if isinstance(change, UpdateTag) else None)
            told = "" if tag_slug(change.name) == change.slug else f"slug {change.slug}"
            return Entry(change=change, verb=name, subject=change.name, about=told, fields=fields)
        case UploadFile():
            used = f"used by {', '.join(change.used_by)}" if change.used_by else ""
            details = (used,) if used else ()
            return Entry(change=change, verb=name, subject=about, about=dimensions(change.asset), details=details)
        case CreatePost():
            return _created(change)
        case UpdatePost():
            return _updated(change)
        case AdoptPost():
            told = f"{change.status} {change.kind} {change.slug}"
            return Entry(change=change, verb=name, subject=about, title=change.title, about=told)
        case UnpublishPost() | DeletePost():
            return _taken_away(change)
        case WriteFile():
            return _written(change)
        case RemoveFile():
            loud = ("its post was deleted in Ghost; the file is removed",)
            return Entry(change=change, verb=name, subject=about, title=change.title, about=change.kind, loud=loud)
        case Forget():
            return Entry(change=change, verb=name, subject=about)
        case _:
            assert_never(change)


def _created(change: CreatePost) -> Entry:
    sends = {key: value for key, value in change.sends.items() if key not in {"title", "status"}}
    status = change.sends.get(FieldName("status")) or "draft"
    return Entry(
        change=change,
        verb="create",
        subject=change.path,
        title=change.title,
        about=f"{status} {change.kind}",
        fields=_deltas(sends, None),
        body=BodyDelta("", change.text) if change.text else None,
        loud=(*_publishing(None, status, change.sends), *_email(change.email)),
        details=tuple(surroundings(change.draft, "", change.text)),
    )


def _updated(change: UpdatePost) -> Entry:
    status = change.sends.get(FieldName("status"))
    loud = [*_publishing(change.status, status, change.sends), *_email(change.email)]
    slug = change.sends.get(FieldName("slug"))
    if isinstance(slug, str) and change.status != "draft":
        loud.append(f"its address moves: links to /{change.slug}/ break without a redirect to /{slug}/")
    if change.mobiledoc:
        loud.append("Ghost converts this old mobiledoc post first; there is no way back")
    return Entry(
        change=change,
        verb="update",
        subject=change.path,
        title=change.title,
        about=f"{change.status} {change.kind}",
        fields=_deltas(change.sends, change.before),
        body=BodyDelta(change.text_before, change.text_after, change.body_line) if change.body_changed else None,
        loud=tuple(loud),
        details=tuple(surroundings(change.draft, change.text_before, change.text_after)) if change.body_changed else (),
    )


def _taken_away(change: UnpublishPost | DeletePost) -> Entry:
    match change:
        case UnpublishPost():
            loud = "its document is gone; readers lose it, Ghost keeps it as a draft"
        case DeletePost() if change.reason is Reason.UNDO:
            loud = "an earlier run created it under another slug than it asked for, and did not finish undoing that"
        case DeletePost():
            loud = "its document is gone; Ghost has no trash"
    return Entry(
        change=change,
        verb=verb(change),
        subject=change.path,
        title=change.title,
        about=f"{change.status} {change.kind} {change.slug}",
        loud=(loud,),
    )


def _written(change: WriteFile) -> Entry:
    loud = (f"{counted(change.marked, 'conflict')} marked in the text",) if change.marked else ()
    details = tuple(f"downloads {each.path} from {each.url}" for each in change.downloads)
    what = "file" if change.path == TAGS_FILE else str(change.kind)
    return Entry(
        change=change,
        verb="write",
        subject=change.path,
        title="" if change.path == TAGS_FILE else change.title,
        about=f"new {what}" if change.before is None else what,
        body=BodyDelta(change.before or "", change.content),
        loud=loud,
        details=details,
    )


def _deltas(
    sends: Mapping[FieldName, FieldValue], before: Mapping[FieldName, FieldValue] | None
) -> tuple[FieldDelta, ...]:
    return tuple(
        FieldDelta(name=name, before=(before or {}).get(name), after=value, is_new=before is None)
        for name, value in sends.items()
    )


def _publishing(was: str | None, status: FieldValue, sends: Mapping[FieldName, FieldValue]) -> Iterator[str]:
    when = sends.get(FieldName("published_at"))
    if status == "published" and was != "published":
        yield IS_PUBLISHED
    elif status == "scheduled" and was != "scheduled":
        yield f"is scheduled for {spoken_value(when)}" if when else "is scheduled"
    elif status == "draft" and was in {"published", "scheduled"}:
        yield "goes back to draft: readers lose it"


def _email(email: Email | None) -> Iterator[str]:
    if email is not None:
        to = "" if email.members is None else f", {counted(email.members, 'member')}"
        yield f"sends an email: newsletter {email.newsletter}, segment {email.segment}{to}"
