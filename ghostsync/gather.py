"""Reading both sides, as far as a plan needs them.

The local tree is read whole (slugs must be unique and links must lead somewhere), the site is listed whole by key, and
history is fetched only for the posts that need it: those that no longer equal any version we know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ghostsync.core.arrivals import lexical_of
from ghostsync.core.base import Base, Origin, base_of_record, comparable_fields, equals_base, is_current, newest_record
from ghostsync.core.compare import Prepared, kept_fields
from ghostsync.core.incoming import incoming_body, written_references
from ghostsync.core.prepare import TAGS_FILE, Draft, Surroundings, draft_document, prepare_document, tag_assets
from ghostsync.core.references import InTree, as_it_is, reads_as_file
from ghostsync.errors import Problem
from ghostsync.lexical import find_references
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import (
    Asset,
    Bucket,
    Digest,
    DocPath,
    Document,
    Kind,
    Lexical,
    Post,
    PostId,
    Revision,
    Tag,
)
from ghostsync.ports import Memory, Past, Remote, Tree


@dataclass(slots=True)
class Bases:
    """The search for base, for all pairs of a run; remembers what it fetched."""

    remote: Remote
    tree: Tree
    memory: Memory
    past: Past | None
    site_url: str
    now: str
    project: str | None
    dialect: DialectName
    around: Surroundings
    history: dict[PostId, tuple[Revision, ...]] = field(default_factory=dict)
    """Post histories that were fetched already."""
    _versions: dict[DocPath, tuple[bytes, ...]] = field(default_factory=dict)

    def find(self, pairs: Mapping[DocPath, Post], *, copies: frozenset[PostId]) -> dict[DocPath, Base]:
        """Return the base of every pair that has one."""
        found: dict[DocPath, Base] = {}
        open_pairs: dict[DocPath, Post] = {}
        remembered = self.memory.posts()
        for path, post in pairs.items():
            known = remembered.get(post.id)
            record = None if post.id in copies else post.record
            confirmed = None if known is None else known.op
            if record is not None and is_current(post, confirmed_op=confirmed):
                base = base_of_record(record)
                if self._equals(base, post):
                    found[path] = base
                    continue
            if known is not None and known.base is not None and self._equals(known.base, post):
                found[path] = known.base
                continue
            open_pairs[path] = post
        self._search_revisions(open_pairs, found, copies)
        return found

    def _search_revisions(
        self, open_pairs: Mapping[DocPath, Post], found: dict[DocPath, Base], copies: frozenset[PostId]
    ) -> None:
        """Second round: what vouches only after its age is known, then Git, then the newest record there ever was."""
        managed = {path: post for path, post in open_pairs.items() if post.id not in copies}
        self.fetch_revisions(managed.values())
        for path, post in managed.items():
            newest = newest_record(self.history.get(post.id, ()), project=self.project)
            # A record that no revision knows is younger than all of them: Ghost stores the revision with the write.
            if newest is not None and post.record is not None and newest.op == post.record.op:
                base = base_of_record(post.record)
                if self._equals(base, post):
                    found[path] = base
        still_open = {path: post for path, post in open_pairs.items() if path not in found}
        if not still_open:
            return
        self._load_versions(still_open)
        for path, post in still_open.items():
            past = self._from_git(path, post)
            if past is None and post.id not in copies:
                past = self._newest_known(post)
            if past is None:
                past = self._revision_from_git(path, post)
            if past is not None:
                found[path] = past

    def _newest_known(self, post: Post) -> Base | None:
        """Return the newest record there ever was, for a post that has drifted."""
        newest = newest_record(self.history.get(post.id, ()), project=self.project)
        if newest is not None:
            return base_of_record(newest, Origin.REVISIONS)
        if post.record is not None and is_current(post, confirmed_op=None):
            return base_of_record(post.record)
        return None

    def _equals(self, base: Base, post: Post) -> bool:
        return equals_base(base, post, site_url=self.site_url, now=self.now)

    def fetch_revisions(self, posts: Iterable[Post]) -> None:
        """Fetch the post history of these posts, several per request."""
        for kind in Kind:
            wanted = [post.id for post in posts if post.kind is kind and post.id not in self.history]
            if wanted:
                self.history |= self.remote.revisions(kind, wanted)

    def body_then(self, base: Base | None, post: Post) -> Lexical | None:
        """Return the body that Ghost held when both sides agreed, as far as the fetched history has it."""
        if base is None:
            return None
        past = (revision.lexical for revision in reversed(self.revisions_of(post)) if revision.body == base.body)
        return next(past, None)

    def revisions_of(self, post: Post) -> tuple[Revision, ...]:
        """Return the fetched history of a post."""
        return self.history.get(post.id, ())

    # ------------------------------------------------------------------ Git

    def _load_versions(self, pairs: Mapping[DocPath, Post]) -> None:
        if self.past is not None:
            self._versions |= self.past.versions_of([path for path in pairs if path not in self._versions])

    def _from_git(self, path: DocPath, post: Post) -> Base | None:
        """Return the newest committed version of the file that the post still equals."""
        for data in self._versions.get(path, ()):
            base = self._committed(path, data, post)
            if base is not None and self._equals(base, post):
                return base
        return None

    def _revision_from_git(self, path: DocPath, post: Post) -> Base | None:
        """For a post that never had a record: a committed version that equals one of its revisions."""
        versions = self._versions.get(path, ())
        if not versions:
            return None
        self.fetch_revisions([post])
        bodies = {revision.body for revision in self.history.get(post.id, ())}
        for data in versions:
            base = self._committed(path, data, post)
            if base is not None and base.body in bodies:
                return base
        return None

    def _committed(self, path: DocPath, data: bytes, post: Post) -> Base | None:
        document = self.tree.parse(path, data)
        if document is None:
            return None
        prepared = prepare_document(draft_document(document, dialect=self.dialect), self.around)
        if not isinstance(prepared, Prepared):
            return None
        return base_of_version(prepared, post, site_url=self.site_url, now=self.now)


def base_of_version(prepared: Prepared, post: Post, *, site_url: str, now: str) -> Base:
    """Return the base that a committed version would be.

    What the version does not manage is taken from Ghost as it is: nobody can know what it was then.
    """
    theirs = comparable_fields(post.fields, site_url=site_url, now=now)
    return Base(
        origin=Origin.GIT,
        path=prepared.document.path,
        slug=prepared.document.slug if prepared.document.slug_written else post.slug,
        fields=prepared.fields,
        kept=kept_fields(prepared.fields, theirs),
        body=prepared.body,
        source=prepared.document.source,
        source_digest=prepared.document.digest,
        images=prepared.known,
        links=prepared.links,
    )


def body_of_source(base: Base, tree: Tree) -> str | None:
    """Return the Markdown body of base's source, or None where it is not known."""
    if base.source is None:
        return None
    document = tree.parse(base.path, base.source.encode("utf-8", "surrogatepass"))
    return None if document is None else document.body


def incoming_of(
    base: Base | None,
    base_body: str | None,
    post: Post,
    around: Surroundings,
    *,
    dialect: DialectName,
    local: Prepared,
    draft: Draft,
    then: Lexical | None,
) -> str | None:
    """Return what Ghost holds as Markdown in the author's style, in the words of the document as it is now.

    Where an editor brought in a picture or a link, a pull has named it in the document; so it is named here too.
    """
    lexical = lexical_of(post)
    if lexical is None:
        return None
    written = written_references(draft.lexical, local.document.path, images=local.known, links=local.links)
    for reference in find_references(lexical):
        if reads_as_file(reference.value):
            written[reference.value] = as_it_is(reference.value)
    return incoming_body(
        base, base_body, lexical, site_url=around.site_url, dialect=dialect, written=written, then=then
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The files that documents refer to, measured once each."""

    found: Mapping[DocPath, Asset]
    problems: tuple[Problem, ...]


def collect_assets(
    drafts: Iterable[Draft], documents: Mapping[DocPath, Document], tree: Tree, *, tags: tuple[Tag, ...]
) -> Assets:
    """Measure every file that any draft refers to; a file that cannot be used is a problem of its documents."""
    found: dict[DocPath, Asset] = {}
    bad: dict[DocPath, Problem] = {}
    problems: list[Problem] = []
    for draft in drafts:
        for place in draft.inside.values():
            if place.path in documents or place.path in found:
                continue
            if place.path not in bad:
                asset = tree.asset(place.path)
                if isinstance(asset, Asset):
                    found[place.path] = asset
                elif asset is not None:
                    bad[place.path] = asset
            if place.path in bad:
                fault = bad[place.path]
                problems.append(
                    Problem(path=draft.document.path, message=f"{fault.path}: {fault.message}", hint=fault.hint)
                )
    for place in tag_assets(tags).values():
        asset = found.get(place.path) or tree.asset(place.path)
        if isinstance(asset, Asset):
            found[place.path] = asset
        elif asset is not None:
            problems.append(replace(asset, path=TAGS_FILE, message=f"{asset.path}: {asset.message}"))
    return Assets(found=found, problems=tuple(problems))


def known_uploads(posts: Iterable[Post], *, project: str | None) -> dict[tuple[Bucket, Digest], str]:
    """Return what the records of this project's posts say is already served: one upload per content, from anywhere."""
    served: dict[tuple[Bucket, Digest], str] = {}
    for post in posts:
        record = post.ownership
        if record is None or record.project != project:
            continue
        for path, upload in record.images.items():
            served.setdefault((InTree(DocPath(path)).bucket, upload.sha256), upload.url)
    return served
