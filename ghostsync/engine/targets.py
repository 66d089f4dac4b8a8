"""Where every document will be found: what links to it are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ghostsync.core.addresses import Target, target_of
from ghostsync.core.slugs import tag_slugs
from ghostsync.model import DocPath, Face, FieldName, FieldValue, PostFace, Slug

_TAGS = FieldName("tags")
_AUTHORS = FieldName("authors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets(Mapping[DocPath, Target]):
    """What is known of the address of every document; worked out where somebody asks."""

    faces: Mapping[DocPath, Face]
    pairs: Mapping[DocPath, PostFace]
    tag_slugs: Mapping[str, Slug]
    authors: Mapping[str, Slug]
    """Slug or lower-case email address → slug."""

    def __getitem__(self, path: DocPath) -> Target:
        face, post = self.faces[path], self.pairs.get(path)
        mine = {name: self._as_ghost_says(name, value) for name, value in face.fields.items()}
        if post is None:
            return Target(kind=face.kind, slug=face.slug, fields=mine)
        there = target_of(post)
        slug = face.slug if face.slug_written else post.slug
        published = there.published_url if slug == post.slug else None
        return replace(there, slug=slug, fields={**post.fields, **mine}, published_url=published)

    def published(self, path: DocPath) -> str | None:
        """Return the address under which a document is published and will stay; None where there is none yet."""
        return self[path].published_url if path in self.faces else None

    def _as_ghost_says(self, name: FieldName, value: FieldValue) -> FieldValue:
        """Return a value with slugs for names: permalinks and collections are made of slugs."""
        if not isinstance(value, tuple):
            return value
        if name == _TAGS:
            return tag_slugs(value, self.tag_slugs)
        if name == _AUTHORS:
            return tuple(self.authors.get(author.lower(), author) for author in value)
        return value

    def __iter__(self) -> Iterator[DocPath]:
        return iter(self.faces)

    def __len__(self) -> int:
        return len(self.faces)
