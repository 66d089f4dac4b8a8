"""Matching: which post is this document?

Identity is remembered, not written down: an id from this machine's cache, then the slug, then the path in the post's
record, then an unchanged source under a new path, then the words of a document that is gone (`renames`). The order
makes `git mv x y` with a new `x` in its place find the right posts, lets two documents swap slugs, and keeps a renamed
file's comments and address.

What it refuses: two documents on one post, two posts on one document, a post of another project, a post that became
a page. Those are conflicts that name both sides, never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from ghostsync.core.base import TITLE, is_imported, unmanaged_copies
from ghostsync.core.conflicts import Conflict
from ghostsync.core.match_conflicts import refuse, refuse_newer
from ghostsync.core.record import is_later
from ghostsync.core.renames import Likeness, renamed_and_edited
from ghostsync.model import Digest, DocPath, Face, PostFace, PostId, Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Who belongs to whom."""

    pairs: Mapping[DocPath, PostFace]
    documents: tuple[DocPath, ...]
    """Documents without a post."""
    orphans: tuple[PostFace, ...]
    """Posts of this project without a document."""
    unmanaged: tuple[PostFace, ...]
    """Posts of nobody, copies included."""
    foreign: tuple[PostFace, ...]
    """Posts of other projects."""
    half_made: tuple[PostFace, ...]
    """Our own creates that got another slug than they asked for, and that nobody touched since."""
    conflicts: tuple[Conflict, ...]
    blocked: frozenset[DocPath]
    """Documents that a conflict keeps from doing anything."""
    copies: frozenset[PostId]
    """Posts that carry the record of another post (Ghost's Duplicate)."""


def match_documents(
    faces: Iterable[Face],
    posts: Iterable[PostFace],
    *,
    project: str | None,
    cached: Mapping[DocPath, PostId],
    likeness: Likeness = lambda _: {},
) -> Matches:
    """Return who belongs to whom; deterministic, whatever the order of the inputs.

    `likeness` is asked where only words can tell what has become of a post's document.
    """
    faces = sorted(faces, key=attrgetter("path"))
    posts = sorted(posts, key=attrgetter("id"))
    copies = unmanaged_copies(posts)
    half_made = [post for post in posts if post.id not in copies and _is_half_made(post, project)]
    skip = {post.id for post in half_made}
    managed: list[PostFace] = []
    unmanaged: list[PostFace] = []
    foreign: list[PostFace] = []
    for post in posts:
        if post.id in skip:
            continue
        record = post.record or post.last_record
        if record is None or post.id in copies:
            unmanaged.append(post)
        elif record.project == project:
            managed.append(post)
        else:
            foreign.append(post)

    # A tree that got a name later meets what it pushed without one like a person's: adopted where both say the same.
    nameless = [post for post in foreign if post.ownership is not None and post.ownership.project is None]
    finder = _Finder(managed=managed, unmanaged=(*unmanaged, *nameless))
    paths = {face.path: face for face in faces}
    slugs = {face.slug: face for face in faces}
    sources = {face.digest: face for face in faces}
    for face in faces:
        known = finder.by_id.get(cached.get(face.path, PostId("")))
        if known is not None and not _moved_on(known, face, slugs, sources):
            finder.claim(face, known)
    # Nearly all are known by now; the other ways are tried for the rest, each for what the ways before have left.
    for face in finder.left(faces):
        named = finder.by_slug.get(face.slug)
        if named is not None and not _belongs_elsewhere(named, face, paths, finder):
            finder.claim(face, named)
    for face in finder.left(faces):
        finder.claim(face, finder.by_path.get(face.path))
    for face in finder.left(faces):
        finder.claim(face, finder.renamed(face, paths))
    # What is left may still sit on a slug whose owner moved away in this very run.
    for face in finder.left(faces):
        finder.claim(face, finder.by_slug.get(face.slug))
    left, gone = finder.left(faces), finder.without_document(paths)
    if left and gone:
        for face, post in renamed_and_edited(left, gone, likeness):
            finder.claim(face, post)

    conflicts, blocked = refuse(
        faces, finder.pairs, [post for post in foreign if post.ownership and post.ownership.project]
    )
    newer = [post for post in managed if post.ownership is not None and is_later(post.ownership)]
    conflicts += refuse_newer(newer, finder.pairs, blocked)
    pairs = {path: post for path, post in finder.pairs.items() if path not in blocked}
    taken = {post.id for post in (*finder.pairs.values(), *newer)}
    return Matches(
        pairs=pairs,
        documents=tuple(f.path for f in faces if f.path not in finder.pairs and f.path not in blocked),
        orphans=tuple(post for post in managed if post.id not in taken),
        unmanaged=tuple(post for post in unmanaged if post.id not in taken),
        foreign=tuple(post for post in foreign if post.id not in taken),
        half_made=tuple(half_made),
        conflicts=tuple(conflicts),
        blocked=frozenset(blocked),
        copies=copies,
    )


def _is_half_made(post: PostFace, project: str | None) -> bool:
    """A create of ours that got `slug-2`, untouched since: `updated_at` moves with whatever a person does to a slug.

    A post that came in with a backup looks the same, and is all that is left of the original's comments and readers.
    """
    record = post.record
    return (
        record is not None
        and record.project == project
        and not is_later(record)
        and re.fullmatch(rf"{re.escape(record.slug)}-\d+", post.slug) is not None
        and post.updated_at == post.created_at
        and not is_imported(post)
        and post.body == record.body_digest
        and post.fields.get(TITLE) == record.fields.get(TITLE)
    )


class _Finder:
    """The claims so far; a post and a document are claimed once."""

    def __init__(self, *, managed: Sequence[PostFace], unmanaged: Sequence[PostFace]) -> None:
        self.pairs: dict[DocPath, PostFace] = {}
        self._taken: set[PostId] = set()
        self._managed = managed
        self._all = (*unmanaged, *managed)
        self.by_id: dict[PostId, PostFace] = {post.id: post for post in self._all}

    @cached_property
    def by_slug(self) -> dict[Slug, PostFace]:
        """Where two have one slug, a managed post."""
        return {post.slug: post for post in self._all}

    @cached_property
    def by_path(self) -> dict[DocPath, PostFace]:
        """Managed posts by the path in their record."""
        found: dict[DocPath, PostFace] = {}
        for post in self._managed:
            if post.ownership is not None:  # always: a managed post is one with a record
                found.setdefault(post.ownership.path, post)
        return found

    @cached_property
    def _by_source(self) -> dict[Digest, list[PostFace]]:
        found: dict[Digest, list[PostFace]] = {}
        for post in self._managed:
            if post.ownership is not None:
                found.setdefault(post.ownership.source_digest, []).append(post)
        return found

    def left(self, faces: Sequence[Face]) -> list[Face]:
        """Return the documents that have no post yet."""
        return [face for face in faces if face.path not in self.pairs]

    def is_free(self, post: PostFace) -> bool:
        return post.id not in self._taken

    def claim(self, face: Face, post: PostFace | None) -> None:
        if post is not None and face.path not in self.pairs and self.is_free(post):
            self.pairs[face.path] = post
            self._taken.add(post.id)

    def without_document(self, paths: Mapping[DocPath, Face]) -> list[PostFace]:
        """Return the free posts whose documents are gone."""
        return [post for path, post in self.by_path.items() if self.is_free(post) and path not in paths]

    def renamed(self, face: Face, paths: Mapping[DocPath, Face]) -> PostFace | None:
        """Return the one free post whose source is this very file under a path that no longer exists."""
        candidates = [
            post
            for post in self._by_source.get(face.digest, ())
            if self.is_free(post) and post.ownership is not None and post.ownership.path not in paths
        ]
        return candidates[0] if len(candidates) == 1 else None


def _moved_on(post: PostFace, face: Face, slugs: Mapping[Slug, Face], sources: Mapping[Digest, Face]) -> bool:
    """Whether the post that this machine remembers under a path went with its document to another one.

    Memory may not decide what slug and source decide on a machine without one: there are never other writes.
    """
    record = post.ownership
    if post.slug == face.slug or record is None or record.source_digest == face.digest:
        return False
    return post.slug in slugs or record.source_digest in sources


def _belongs_elsewhere(post: PostFace, face: Face, faces: Mapping[DocPath, Face], finder: _Finder) -> bool:
    """Whether the post that has this document's slug rather is another document's.

    It is where this document has a post of its own (slugs were swapped, or a person's post has the slug that it wants),
    or where the document that the record names still exists and resembles the record more (it moved to another slug,
    and this one came to the old slug).
    """
    record = post.ownership
    own = finder.by_path.get(face.path)
    if own is not None and own is not post and finder.is_free(own):
        return True
    if record is None or finder.by_id.get(post.id) is not post:
        return False
    other = faces.get(record.path)
    if other is None or other is face or face.digest == record.source_digest:
        return False
    return other.digest == record.source_digest or other.title == record.fields.get(TITLE) != face.title
