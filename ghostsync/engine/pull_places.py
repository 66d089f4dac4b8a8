"""Places on disk for what a pull brings: which file is which post's, which picture is which address's.

What a record of this project promises comes first, then what this machine remembers, then the pattern. A place that a
broken or ignored document holds is left alone, since that may be the very document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ghostsync.core.addresses import target_of
from ghostsync.core.arrivals import Places
from ghostsync.core.configuration import Unmanaged
from ghostsync.core.digest import bytes_digest
from ghostsync.core.layout import Names, PullLayout, Unsafe, first_choice, place_document
from ghostsync.core.plan import Prefer
from ghostsync.downloads import versions_served
from ghostsync.engine.gather import Gathered
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session
from ghostsync.errors import GhostsyncError, Problem
from ghostsync.model import Asset, Digest, DocPath, Kind, PostFace, PostId, Slug, Tag, Upload


@dataclass(slots=True)
class Placing:
    """Finds places; grows `places` and `problems`."""

    session: Session
    seen: Gathered
    layout: PullLayout
    options: Options
    tags: tuple[Tag, ...]
    """The site's."""
    places: Places = field(init=False)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = self._find_places()

    def _find_places(self) -> Places:
        seen, tree = self.seen, self.session.tree
        places = Places(
            site_url=seen.site.url,
            layout=self.layout,
            names=Names.of(seen.local.files),
            posts={},
            exists=tree.exists,
            is_served=self._is_served,
            holds=self._holds,
            shared_names=_shared_names((tag.slug, tag.name) for tag in (*seen.local.tags, *self.tags, *_named(seen))),
        )
        promised: dict[DocPath, Upload] = {}
        for images in self._records():
            for path, upload in sorted(images.items()):
                place = DocPath(path)
                promised.setdefault(place, upload)
                on_site = places.path_on_site(upload.url)
                if on_site is not None:
                    places.recorded.setdefault(on_site, (place, upload.sha256))
        for path, address in seen.around.served.items():
            on_site = places.path_on_site(address)
            if on_site is not None:
                places.known[on_site] = path
        for asset in seen.around.assets.values():
            url = seen.around.served.get(asset.path) or seen.around.uploads.get((asset.bucket, asset.sha256))
            on_site = None if url is None else places.path_on_site(url)
            if on_site is None:
                continue
            # Of two files with the same bytes, the one that is known to be of this very address keeps it.
            keeper = places.known_file(on_site)
            if keeper is None or not tree.exists(keeper):
                places.known[on_site] = asset.path
        places.promised = promised
        # What a record promises is not given to anything else.
        for path in (*places.known.values(), *promised):
            places.names.take(path)
        return places

    def _records(self) -> Iterator[Mapping[str, Upload]]:
        """Yield what records say of files, the newest first: two may name one file, and it has changed in between."""
        ours = [post.ownership for post in self.seen.posts.values() if post.ownership is not None]
        ours = [record for record in ours if record.project == self.session.project]
        yield from (record.images for record in sorted(ours, key=lambda record: (record.at, record.op), reverse=True))
        yield from (base.images for _, base in sorted(self.seen.bases.items()))

    def _holds(self, path: DocPath, sha256: Digest) -> bool:
        """Whether a file here has these bytes."""
        asset = self.seen.around.assets.get(path) or self.session.tree.asset(path)
        return isinstance(asset, Asset) and asset.sha256 == sha256

    def _is_served(self, path: DocPath, address: str) -> bool:
        """Whether a file that nothing refers to holds what the site serves: then an earlier pull was cut off."""
        if path not in self.seen.local.files:
            return False
        try:
            held = bytes_digest(self.session.tree.read(path))
            return any(bytes_digest(data) == held for data in versions_served(self.session.remote, address))
        except GhostsyncError:
            return False

    def place_posts(self) -> dict[PostId, DocPath]:
        """Return a path for every post that has no document and may get one."""
        seen = self.seen
        placed: dict[PostId, DocPath] = {}
        slugs: dict[str, PostFace] = {post.slug: post for post in seen.matches.pairs.values()}
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
            if (twin := self._twin(post, slugs)) is not None:
                self._refuse(post, f"a {twin} has the same slug `{post.slug}`, and a document is found by its slug")
                continue
            try:
                path = place_document(post, self.layout, self.places.names, recorded=recorded)
            except Unsafe as wrong:
                self._refuse(post, str(wrong))
                continue
            self.places.names.take(path)
            slugs[post.slug] = post
            if self.options.covers(path):
                placed[post.id] = path
        return placed

    def _twin(self, post: PostFace, slugs: Mapping[str, PostFace]) -> Kind | None:
        other = slugs.get(post.slug)
        return None if other is None or other.id == post.id else other.kind

    def _is_hidden(self, path: DocPath) -> bool:
        """Whether a document is there that this run does not see: broken, blocked by a problem, or ignored."""
        local = self.seen.local
        return path in local.broken or (self.session.tree.exists(path) and path not in local.files)

    def _refuse(self, post: PostFace, why: str) -> None:
        where = post.slug.encode("unicode_escape").decode("ascii")
        hint = f"give the {post.kind} another slug in Ghost, or remove it there"
        self.problems.append(Problem(path=f"({where})", message=f"{why}; nothing is written for it", hint=hint))

    def ignores_unmanaged(self) -> bool:
        return self.layout.unmanaged is Unmanaged.IGNORE

    def were_here(self, placed: Mapping[PostId, DocPath]) -> frozenset[DocPath]:
        """Return the places whose document was deleted here: this machine or Git remembers it."""
        # A post that is gone from Ghost too says nothing of another one that is now at its place.
        known = {one.path for id_, one in self.session.memory.posts().items() if one.path and id_ in self.seen.posts}
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


def _named(seen: Gathered) -> Iterator[Tag]:
    for post in seen.posts.values():
        for slug, name in post.tag_names.items():
            yield Tag(slug=Slug(slug), name=name, fields={})


def _shared_names(tags: Iterable[tuple[Slug, str]]) -> frozenset[str]:
    """Return the names, in lower case, that tags of several slugs have."""
    slugs: dict[str, set[Slug]] = {}
    for slug, name in tags:
        slugs.setdefault(name.casefold(), set()).add(slug)
    return frozenset(name for name, found in slugs.items() if len(found) > 1)
