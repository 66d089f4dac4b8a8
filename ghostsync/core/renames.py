"""Which new document is what has become of a post whose document is gone? A file renamed and edited in one go.

Where path, slug and bytes all differ, only words are left to tell by. A title that both have speaks for a match unless
the texts have little in common: next year's "Annual report" must not take the place of this year's. Without a common
title the texts have to be mostly the same, as Git wants it of a renamed file; so an article that gets a new title,
and its file a new name, keeps its post, instead of being made a second time beside the old one.

Nothing is matched where two answers are possible.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from ghostsync.core.base import TITLE
from ghostsync.model import DocPath, Face, FieldValue, Kind, PostFace, PostId

Pair = tuple[Face, PostFace]
Likeness = Callable[[Sequence[Pair]], Mapping[tuple[DocPath, PostId], float]]
"""How much the texts of documents and posts have in common, from 0 to 1, for the pairs of which that can be told."""

# What two texts of one title must share, and two texts of different titles.
_SAME_TITLE, _ANY_TITLE = 0.25, 0.6
# More pairs than this are not compared: Git, too, stops looking for renames in a flood of them.
_MOST = 2_500


def renamed_and_edited(documents: Sequence[Face], gone: Sequence[PostFace], likeness: Likeness) -> list[Pair]:
    """Return who belongs to whom, of documents without a post and posts whose document is gone."""
    named = list(_of_one_title(documents, gone))
    like = likeness(named) if named else {}
    found = [pair for pair in named if like.get(_key(pair), 1.0) >= _SAME_TITLE]
    paths, ids = {face.path for face, _ in found}, {post.id for _, post in found}
    pairs = [
        (face, post)
        for face in documents
        for post in gone
        if face.kind is post.kind and face.path not in paths and post.id not in ids
    ]
    return [*found, *_of_one_text(pairs, likeness)]


def _of_one_title(documents: Sequence[Face], gone: Sequence[PostFace]) -> Iterator[Pair]:
    """Yield the pairs of which no other document and no other post has the title."""
    posts: dict[tuple[Kind, FieldValue], list[PostFace]] = defaultdict(list)
    for post in gone:
        # The title that was pushed, and the one that an editor gave it since.
        pushed = None if post.ownership is None else post.ownership.fields.get(TITLE)
        for title in {pushed, post.fields.get(TITLE)}:
            posts[post.kind, title].append(post)
    faces = Counter((face.kind, face.title) for face in documents)
    asked = Counter(post.id for title in faces for post in posts[title])
    for face in documents:
        namesakes = posts[face.kind, face.title]
        if faces[face.kind, face.title] == len(namesakes) == asked[namesakes[0].id] == 1:
            yield face, namesakes[0]


def _of_one_text(pairs: Sequence[Pair], likeness: Likeness) -> Iterator[Pair]:
    """Yield the pairs whose texts are mostly the same, and neither resembles a third."""
    if not 0 < len(pairs) <= _MOST:
        return
    like = likeness(pairs)
    alike = [pair for pair in pairs if like.get(_key(pair), 0.0) >= _ANY_TITLE]
    times = Counter(part for pair in alike for part in _key(pair))
    yield from (pair for pair in alike if all(times[part] == 1 for part in _key(pair)))


def _key(pair: Pair) -> tuple[DocPath, PostId]:
    return pair[0].path, pair[1].id
