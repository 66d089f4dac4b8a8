"""Places on disk for what a pull brings: which file is which post's, which picture is which address's.

What a record of this project promises comes first, then what this machine remembers, then the pattern. A place that a
broken or ignored document holds is left alone, since that may be the very document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghostsync.core.addresses import target_of
from ghostsync.core.arrivals import Places
from ghostsync.core.configuration import Unmanaged
from ghostsync.core.layout import Names, PullLayout, Unsafe, first_choice, place_document
from ghostsync.core.plan import Prefer
from ghostsync.errors import Problem
from ghostsync.model import DocPath, Post, PostId, Upload
from ghostsync.session import Gathered, Options, Session


@dataclass(slots=True)
class Placing:
    """Finds places; grows `places` and `problems`."""

    session: Session
    seen: Gathered
    layout: PullLayout
    options: Options
    places: Places = field(init=False)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = self._find_places()

    def _find_places(self) -> Places:
        seen = self.seen
        places = Places(
            site_url=seen.site.url,
            layout=self.layout,
            names=Names.of(seen.local.files),
            posts={},
            exists=self.session.tree.exists,
        )
        uploads: dict[str, Upload] = {}
        bases = [*seen.bases.values()]
        for post in sorted(seen.posts.values(), key=lambda post: post.id):
            record = post.ownership
            if record is not None and record.project == self.session.project:
                _know(places, uploads, record.images)
        for base in bases:
            _know(places, uploads, base.images)
        for asset in seen.around.assets.values():
            url = seen.around.served.get(asset.path) or seen.around.uploads.get((asset.bucket, asset.sha256))
            on_site = None if url is None else places.path_on_site(url)
            if on_site is not None:
                places.known[on_site] = asset.path
        places.uploads = uploads
        # What a record promises is not given to anything else.
        for path in places.known.values():
            places.names.take(path)
        return places

    def place_posts(self) -> dict[PostId, DocPath]:
        """Return a path for every post that has no document and may get one."""
        seen = self.seen
        placed: dict[PostId, DocPath] = {}
        remembered = self.session.memory.posts()
        orphans = {post.id for post in seen.matches.orphans}
        unmanaged = () if self.ignores_unmanaged() else seen.matches.unmanaged
        for post in sorted((*seen.matches.orphans, *unmanaged), key=lambda post: (post.id not in orphans, post.id)):
            recorded = post.ownership.path if post.id in orphans and post.ownership is not None else None
            known = remembered.get(post.id)
            if recorded is None and known is not None:
                recorded = known.path
            wanted = recorded or first_choice(post, self.layout)
            if wanted is not None and self._is_hidden(wanted):
                continue
            try:
                path = place_document(post, self.layout, self.places.names, recorded=recorded)
            except Unsafe as wrong:
                self._refuse(post, str(wrong))
                continue
            self.places.names.take(path)
            if self.options.covers(path):
                placed[post.id] = path
        return placed

    def _is_hidden(self, path: DocPath) -> bool:
        """Whether a document is there that this run does not see: broken, blocked by a problem, or ignored."""
        local = self.seen.local
        return path in local.broken or (self.session.tree.exists(path) and path not in local.files)

    def _refuse(self, post: Post, why: str) -> None:
        where = post.slug.encode("unicode_escape").decode("ascii")
        hint = f"give the {post.kind} another slug in Ghost, or remove it there"
        self.problems.append(Problem(path=f"({where})", message=f"{why}; nothing is written for it", hint=hint))

    def ignores_unmanaged(self) -> bool:
        return self.layout.unmanaged is Unmanaged.IGNORE

    def were_here(self, placed: Mapping[PostId, DocPath]) -> frozenset[DocPath]:
        """Return the places whose document was deleted here: this machine or Git remembers it."""
        known = {one.path for one in self.session.memory.posts().values() if one.path is not None}
        paths = frozenset(placed.values())
        past = self.session.past
        committed = {} if past is None or not paths else past.versions_of(sorted(paths))
        return frozenset(path for path in paths if path in known or committed.get(path))

    def addresses(self, placed: Mapping[PostId, DocPath]) -> dict[str, DocPath]:
        """Return published address on the site → document, for every document that is or will be here."""
        gone = self.were_here(placed) if self.options.prefer is not Prefer.REMOTE else frozenset()
        found: dict[str, DocPath] = {}
        documents = {post.id: path for path, post in self.seen.matches.pairs.items()}
        documents |= {id_: path for id_, path in placed.items() if path not in gone}
        for id_, path in documents.items():
            url = target_of(self.seen.posts[id_]).published_url
            on_site = None if url is None else self.places.path_on_site(url)
            if on_site:
                found[on_site] = path
        return found


def _know(places: Places, uploads: dict[str, Upload], images: Mapping[str, Upload]) -> None:
    for path, upload in sorted(images.items()):
        on_site = places.path_on_site(upload.url)
        if on_site is not None:
            places.known.setdefault(on_site, DocPath(path))
            uploads.setdefault(on_site, upload)
