"""How much documents resemble the posts of documents that are gone: what only words can tell about renamed files."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ghostsync.core.renames import Pair
from ghostsync.core.resemblance import Fingerprint
from ghostsync.engine.listing import Listing
from ghostsync.errors import ContentError
from ghostsync.lexical import decompile_lexical
from ghostsync.model import DocPath, Face, Post, PostId
from ghostsync.ports import Tree


@dataclass(frozen=True, slots=True)
class TextLikeness:
    """Compares texts, which it reads from the tree and asks Ghost for."""

    listing: Listing
    tree: Tree

    def __call__(self, pairs: Sequence[Pair]) -> Mapping[tuple[DocPath, PostId], float]:
        """Return the likeness of each pair, as far as it can be told: to what was pushed, or to what Ghost has now."""
        whole = self.listing.posts({post.id for _, post in pairs})
        theirs = {id_: self._of_post(post) for id_, post in whole.items()}
        ours = {path: self._of_document(face) for path, face in {face.path: face for face, _ in pairs}.items()}
        found: dict[tuple[DocPath, PostId], float] = {}
        for face, post in pairs:
            mine = ours[face.path]
            shares = [mine.likeness(text) for text in theirs.get(post.id, ())] if mine else []
            told = [share for share in shares if share is not None]
            if told:
                found[face.path, post.id] = max(told)
        return found

    def _of_document(self, face: Face) -> Fingerprint | None:
        try:
            return Fingerprint(self.tree.document(face).body)
        except ContentError:
            return None

    def _of_post(self, post: Post) -> list[Fingerprint]:
        record = post.ownership
        texts: list[str] = []
        if record is not None and record.source is not None:
            pushed = self.tree.parse(record.path, record.source.encode("utf-8", "surrogatepass"))
            texts += [] if pushed is None else [pushed.body]
        if post.lexical is not None and (record is None or post.body != record.body_digest):
            with contextlib.suppress(ContentError):
                texts.append(decompile_lexical(post.lexical))
        return [Fingerprint(text) for text in texts]
