"""From the names of tags in documents to tags of the site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghostsync.core.slugs import tag_slug
from ghostsync.core.tag_names import unclear_names
from ghostsync.errors import Problem
from ghostsync.model import Document, FieldName, Slug, Tag
from ghostsync.ports import Remote

_TAGS = FieldName("tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagNames:
    """What was found out about the names of tags."""

    site_tags: tuple[Tag, ...] | None = None
    """All tags of the site, where they had to be asked for."""
    problems: tuple[Problem, ...] = ()


def resolve_names(documents: Iterable[Document], tag_slugs: dict[str, Slug], remote: Remote) -> TagNames:
    """Ask for the site's tags where a document names one that no post has, and find names that could be two tags.

    Such a tag may be there under a slug of its own, and would be made a second time. `tag_slugs` grows.
    """
    listed = list(documents)
    names = {name for document in listed for name in _names(document)}
    known = set(tag_slugs.values())
    unsure = unclear_names(names, tag_slugs)
    tags: tuple[Tag, ...] | None = None
    if unsure or any(name not in tag_slugs and tag_slug(name) not in known for name in names):
        tags = tuple(remote.tags())
        for tag in tags:
            tag_slugs.setdefault(tag.name, tag.slug)
        unsure = unclear_names(names, tag_slugs)
    return TagNames(
        site_tags=tags,
        problems=tuple(
            _problem(document, name, *unsure[name])
            for document in listed
            for name in _names(document)
            if name in unsure
        ),
    )


def _problem(document: Document, name: str, owner: str, slug: str) -> Problem:
    return Problem(
        path=document.path,
        line=document.line_of(_TAGS),
        message=f"the tag `{name}` would have the slug `{slug}`, which is that of `{owner}`",
        hint=f"write `{owner}`, or describe `{name}` in tags.yaml with a `slug:` of its own",
    )


def _names(document: Document) -> tuple[str, ...]:
    value = document.fields.get(_TAGS)
    return value if isinstance(value, tuple) else ()
