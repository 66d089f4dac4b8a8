"""Who belonged to whom in the last plan of a session, for as long as it cannot have changed.

Matching looks at every document and every post, which a watch over ten thousand would do at every save. A save changes
a text, and the answer to it changes a post's dates; neither changes whose post it is. Whatever else happens (a name,
a slug, a title, a new file, a post that came or went) everything is matched again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ghostsync.core.base import is_copy
from ghostsync.core.match import Matches
from ghostsync.model import DocPath, Face, PostFace, PostId


@dataclass(slots=True)
class Cast:
    """The last matching, and the documents that it was made of."""

    _faces: Mapping[DocPath, Face] | None = None
    _matches: Matches | None = None

    def keep(self, faces: Mapping[DocPath, Face], matches: Matches) -> None:
        """Keep a matching."""
        self._faces, self._matches = faces, matches

    def posts_of(self, paths: Iterable[DocPath]) -> frozenset[PostId]:
        """Return the posts that these documents had in the last matching."""
        pairs = {} if self._matches is None else self._matches.pairs
        return frozenset(pairs[path].id for path in paths if path in pairs)

    def recall(
        self,
        faces: Mapping[DocPath, Face],
        posts: Mapping[PostId, PostFace],
        touched: Mapping[PostId, PostFace | None] | None,
    ) -> Matches | None:
        """Return the last matching with its posts as they are now; None where all must be matched again."""
        before, matches = self._faces, self._matches
        if before is None or matches is None or touched is None or faces.keys() != before.keys():
            return None
        if not all(_plays_the_same(before[path], face, matches) for path, face in faces.items()):
            return None
        fresh: dict[DocPath, PostFace] = {}
        for id_, then in touched.items():
            post = posts.get(id_)
            path = None if post is None else _same_part(then, post, matches)
            if post is None or path is None:
                return None
            fresh[path] = post
        return replace(matches, pairs={**matches.pairs, **fresh}) if fresh else matches


def _plays_the_same(before: Face, face: Face, matches: Matches) -> bool:
    if face is before:
        return True
    post = matches.pairs.get(face.path)
    return (
        (before.kind, before.slug, before.title) == (face.kind, face.slug, face.title)
        and post is not None
        and post.ownership is not None
        and post.ownership.path == face.path
    )


def _same_part(then: PostFace | None, post: PostFace, matches: Matches) -> DocPath | None:
    """Return whose post it was and still is."""
    if then is None or then.ownership is None or post.ownership is None or is_copy(post):
        return None
    path = post.ownership.path
    mine = matches.pairs.get(path)
    same = (then.kind, then.slug, then.created_at, then.ownership.project, then.ownership.path) == (
        post.kind, post.slug, post.created_at, post.ownership.project, path,
    ) and then.ownership.version == post.ownership.version  # fmt: skip
    return path if same and mine is not None and mine.id == post.id else None
