"""Reading both sides, as far as a plan needs them.

All documents and all posts are known as faces (slugs must be unique, links must lead somewhere, nobody's post may be
taken for ours). Base then tells, face by face, where nothing moved; only the rest is read, compiled and compared. So
ten thousand unchanged documents cost next to nothing, and one changed document costs what one document costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ghostsync.core.addresses import Permalinks, parse_permalinks
from ghostsync.core.base import Base, Origin, equals_base, is_nameless
from ghostsync.core.compare import Prepared
from ghostsync.core.draft import Draft, draft_document
from ghostsync.core.match import Matches, match_documents
from ghostsync.core.near_paths import NearPaths
from ghostsync.core.prepare import Surroundings, prepare_document
from ghostsync.core.settled import Lookups, is_settled
from ghostsync.engine.assets import Assets, collect_assets, known_uploads
from ghostsync.engine.bases import Bases
from ghostsync.engine.cast import Cast
from ghostsync.engine.likeness import TextLikeness
from ghostsync.engine.listing import Listing
from ghostsync.engine.recognise import recognise
from ghostsync.engine.tag_names import resolve_names
from ghostsync.engine.targets import Targets
from ghostsync.errors import ContentError, Problem
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import (
    Asset,
    Bucket,
    Digest,
    DocPath,
    Document,
    Face,
    FieldName,
    Post,
    PostFace,
    PostId,
    Site,
    Slug,
    Tag,
)
from ghostsync.ports import LocalTree, Memory, Past, Remote, Tree

_AUTHORS = FieldName("authors")
_TAGS = FieldName("tags")
_TIERS = FieldName("tiers")

Claim = Callable[[DocPath, PostFace], bool]
"""Whether a pair must be looked at even where nothing moved."""


@dataclass(slots=True)
class Gathered:
    """Both sides, read and matched. Documents that are `settled` were not read: nothing moved."""

    site: Site
    now: str
    local: LocalTree
    posts: Mapping[PostId, PostFace]
    matches: Matches
    settled: frozenset[DocPath]
    around: Surroundings
    drafts: Mapping[DocPath, Draft]
    prepared: Mapping[DocPath, Prepared]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    """About documents that were read."""
    bases: Mapping[DocPath, Base]
    listing: Listing
    whole: Mapping[PostId, Post]
    """The posts of documents that are looked at, and orphans."""
    site_tags: tuple[Tag, ...] | None = None
    """All tags of the site, where they had to be asked for already."""

    @property
    def tag_names(self) -> Mapping[str, str]:
        """Slug → name of every tag that a post has."""
        return {slug: name for post in self.posts.values() for slug, name in post.tag_names.items()}


@dataclass(slots=True)
class Gatherer:
    """Reads both sides for one plan."""

    remote: Remote
    tree: Tree
    memory: Memory
    past: Past | None
    listing: Listing
    project: str | None
    dialect: DialectName
    covers: Callable[[str], bool]
    claims: Claim
    now: str
    """Ghost's time when reading began."""
    cast: Cast
    _whole: dict[PostId, Post] = field(default_factory=dict)

    def gather(self) -> Gathered:
        """Read, match, and find what moved. The listing is up to date."""
        local = self.tree.load()
        site, now = self.remote.site(), self.now
        faces = {face.path: face for face in local.documents}
        answers = local.answers()
        while True:
            matches = self._match(local, faces)
            bases = Bases(
                listing=self.listing,
                tree=self.tree,
                memory=self.memory,
                past=self.past,
                site_url=site.url,
                now=now,
                project=self.project,
                dialect=self.dialect,
                copies=matches.copies,
                faces=faces,
            )
            tag_slugs = self._tag_slugs(local)
            authors = self._authors(local.documents)
            targets = Targets(faces=faces, pairs=matches.pairs, tag_slugs=tag_slugs, authors=authors or {})
            look = Lookups(
                site_url=site.url,
                now=now,
                tag_slugs=tag_slugs,
                authors=authors or {},
                leads=answers,
                asset=self._asset,
                address=targets.published,
            )
            settled = self._settled(matches, faces, bases, look)
            if self._fetch_posts(matches, settled):
                break
        documents, unread = self._read(faces, settled)
        names = resolve_names(documents.values(), tag_slugs, self.remote)
        drafts = {
            path: draft_document(document, dialect=self.dialect, leads=answers) for path, document in documents.items()
        }
        assets = collect_assets(drafts.values(), faces, self.tree, tags=local.tags)
        around = Surroundings(
            site_url=site.url,
            now=now,
            permalinks=self._permalinks(drafts.values(), faces, site),
            targets=targets,
            assets=assets.found,
            uploads=self._uploads(assets),
            tag_slugs=tag_slugs,
            authors=authors,
            tiers=self._tiers(documents.values()),
            leads=answers,
            sent={path: post.ownership.links for path, post in matches.pairs.items() if post.ownership is not None},
            near=NearPaths(local.files, faces).find,
        )
        pairs = {path: self._whole[post.id] for path, post in matches.pairs.items() if path in documents}
        around = replace(around, served=recognise(self.remote, self.memory, drafts, pairs, around))
        # A document that could be read may have a problem all the same: its slug is another's, too.
        faulty = {problem.path for problem in local.problems}
        sound = {path: draft for path, draft in drafts.items() if path not in faulty}
        prepared, problems = _prepare(sound, around, (*assets.problems, *names.problems))
        searched = {
            # A document's own post last: an orphan may name a path at which another document is by now.
            **{orphan_path(post): self._whole[post.id] for post in matches.orphans if post.id in self._whole},
            **{path: post for path, post in pairs.items() if path in prepared},
        }
        found = bases.find(searched, around)
        self._keep_from_git(found, searched, site_url=site.url, now=now)
        self.tree.save_known()
        return Gathered(
            site=site,
            now=now,
            local=local,
            posts=self.listing.faces,
            matches=matches,
            settled=frozenset(settled),
            around=around,
            drafts=drafts,
            prepared=prepared,
            problems=(*unread, *problems),
            warnings=tuple(warning for draft in drafts.values() for warning in draft.warnings),
            bases={**settled, **found},
            listing=self.listing,
            whole=self._whole,
            site_tags=names.site_tags,
        )

    # ------------------------------------------------------------------ what moved

    def _match(self, local: LocalTree, faces: Mapping[DocPath, Face]) -> Matches:
        posts = self.listing.faces
        matches = self.cast.recall(faces, posts, self.listing.take_touched())
        if matches is None:
            matches = match_documents(
                local.documents,
                posts.values(),
                project=self.project,
                cached=self.memory.paths(),
                likeness=TextLikeness(self.listing, self.tree),
            )
        self.cast.keep(faces, matches)
        return matches

    def _settled(
        self, matches: Matches, faces: Mapping[DocPath, Face], bases: Bases, look: Lookups
    ) -> dict[DocPath, Base]:
        """Return the bases of the pairs in which nothing moved."""
        settled: dict[DocPath, Base] = {}
        for path, post in matches.pairs.items():
            if not self.covers(path) or self.claims(path, post) or is_nameless(post, self.project):
                continue
            base = bases.agreed(post)
            if base is not None and is_settled(faces[path], post, base, look):
                settled[path] = base
        return settled

    def _fetch_posts(self, matches: Matches, settled: Mapping[DocPath, Base]) -> bool:
        """Get hold of the whole posts that are looked at; False where one is gone and all must be matched again."""
        wanted = {post.id for path, post in matches.pairs.items() if path not in settled and self.covers(path)}
        wanted |= {post.id for post in matches.orphans if self.covers(orphan_path(post))}
        self._whole = self.listing.posts(wanted)
        return wanted <= self._whole.keys()

    def _read(
        self, faces: Mapping[DocPath, Face], settled: Mapping[DocPath, Base]
    ) -> tuple[dict[DocPath, Document], list[Problem]]:
        documents: dict[DocPath, Document] = {}
        problems: list[Problem] = []
        for path, face in faces.items():
            if path in settled or not self.covers(path):
                continue
            try:
                documents[path] = self.tree.document(face)
            except ContentError as wrong:
                problems.extend(wrong.problems)
        return documents, problems

    def _keep_from_git(
        self, found: Mapping[DocPath, Base], pairs: Mapping[DocPath, Post], *, site_url: str, now: str
    ) -> None:
        """Remember a base that took a walk through Git's history to find; a record needs no remembering."""
        for path, base in found.items():
            post = pairs[path]
            if base.origin is Origin.GIT and equals_base(base, post, site_url=site_url, now=now):
                self.memory.remember(post, base, None)

    # ------------------------------------------------------------------ what documents need to be sent

    def _asset(self, path: DocPath) -> Asset | None:
        found = self.tree.asset(path)
        return found if isinstance(found, Asset) else None

    def _tag_slugs(self, local: LocalTree) -> dict[str, Slug]:
        return {**self.listing.tag_slugs, **{tag.name: tag.slug for tag in local.tags}}

    def _authors(self, documents: Iterable[Face]) -> dict[str, Slug] | None:
        named = _named(_AUTHORS, documents)
        if named is None:
            return None
        authors: dict[str, Slug] = {}
        for author in self.remote.authors(named):
            authors[author.email.lower()] = author.slug
            authors[author.slug] = author.slug
        return authors

    def _tiers(self, documents: Iterable[Document]) -> frozenset[Slug] | None:
        named = _named(_TIERS, documents)
        return None if named is None else frozenset(tier.slug for tier in self.remote.tiers(named) if tier.is_paid)

    def _permalinks(self, drafts: Iterable[Draft], faces: Mapping[DocPath, Face], site: Site) -> Permalinks:
        has_links = any(place.path in faces for draft in drafts for place in draft.places)
        return parse_permalinks(self.remote.routes_yaml() if has_links else None, timezone=site.timezone)

    def _uploads(self, assets: Assets) -> dict[tuple[Bucket, Digest], str]:
        if not assets.found:
            return {}
        return {**self.memory.uploads(), **known_uploads(self.listing.faces.values(), project=self.project)}


def _named(field_name: FieldName, documents: Iterable[Face | Document]) -> set[str] | None:
    """Return what the documents name in a field; None where none of them has it."""
    values = [document.fields[field_name] for document in documents if field_name in document.fields]
    return {name for value in values if isinstance(value, tuple) for name in value} if values else None


def _prepare(
    drafts: Mapping[DocPath, Draft], around: Surroundings, found: Iterable[Problem]
) -> tuple[dict[DocPath, Prepared], list[Problem]]:
    """Prepare the documents of which no problem was `found` already."""
    prepared: dict[DocPath, Prepared] = {}
    problems: list[Problem] = list(found)
    bad = {problem.path for problem in problems}
    for path, draft in drafts.items():
        if path in bad:
            continue
        result = prepare_document(draft, around)
        if isinstance(result, Prepared):
            prepared[path] = result
        else:
            problems.extend(result)
    return prepared, problems


def orphan_path(post: PostFace) -> DocPath:
    """Return the path at which an orphan's document was."""
    return DocPath(f"({post.slug})") if post.ownership is None else post.ownership.path
