"""The search for base: which earlier version do a document and its post both come from?

Two rounds. The first asks nobody: a post that equals its own record, or what this machine remembers, has not moved.
The second is for the rest, and fetches: the post history, then Git.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ghostsync.core.base import (
    CLOCKS_APART,
    TICKS_APART,
    Base,
    Origin,
    Whose,
    base_of_record,
    comparable_fields,
    equals_base,
    is_current,
    is_restored,
    newest_record,
    seconds_between,
)
from ghostsync.core.compare import Prepared, kept_fields
from ghostsync.core.digest import bytes_digest
from ghostsync.core.draft import draft_document
from ghostsync.core.prepare import Surroundings, prepare_document
from ghostsync.engine.assets import collect_assets
from ghostsync.engine.listing import Listing
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import DocPath, Face, Post, PostFace, PostId, Record
from ghostsync.ports import Committed, Memory, Past, Remembered, Tree


@dataclass(slots=True)
class Bases:
    """The search for base, for all pairs of a run."""

    listing: Listing
    tree: Tree
    memory: Memory
    past: Past | None
    site_url: str
    now: str
    project: str | None
    dialect: DialectName
    copies: frozenset[PostId]
    """Posts that carry another post's record."""
    faces: Mapping[DocPath, Face]
    """The documents as they are on disk."""
    _versions: dict[DocPath, tuple[bytes, ...]] = field(default_factory=dict)
    _remembered: Mapping[PostId, Remembered] | None = None

    def agreed(self, post: PostFace) -> Base | None:
        """Return the version that the post still equals, as far as nobody has to be asked."""
        record = post.record if post.id not in self.copies and self._is_ours(post.record) else None
        if record is not None and is_current(post):
            base = base_of_record(record)
            if self._equals(base, post):
                return base
        known = self._known(post.id)
        if known is None or known.updated_at != post.updated_at:
            # Somebody has saved the post since: an older version that a person restored equals what is known as well.
            return None
        if record is not None and known.op is not None and known.op == record.op:
            base = base_of_record(record)
            if self._equals(base, post):
                return base
        if known.base is not None and known.base.origin is not Origin.PULLED and self._equals(known.base, post):
            return known.base
        return None

    def find(self, pairs: Mapping[DocPath, Post], around: Surroundings) -> dict[DocPath, Base]:
        """Return the base of every pair that has one."""
        found: dict[DocPath, Base] = {}
        open_pairs: dict[DocPath, Post] = {}
        for path, post in pairs.items():
            base = self.agreed(post)
            if base is None:
                open_pairs[path] = post
            else:
                found[path] = base
        if open_pairs:
            self._search(open_pairs, found, around)
        return self._as_seen_from_here(found, pairs, around)

    def _as_seen_from_here(
        self, found: Mapping[DocPath, Base], pairs: Mapping[DocPath, Post], around: Surroundings
    ) -> dict[DocPath, Base]:
        """Return the bases with what this clone last agreed on in the place of what it has never seen.

        A record vouches for what both sides agreed on somewhere. Where another clone wrote it, and its text or its path
        came here neither as a file nor as a commit, the document does not descend from it: held against it, everything
        that the other clone has done would look undone here, and a push would undo it.
        """
        unseen = [path for path, base in found.items() if self._may_be_unseen(path, base, pairs[path])]
        places = {place for path in unseen for place in (path, found[path].path)}
        commits = self.past.commits_of(places) if self.past is not None and places else {}
        seen = dict(found)
        for path in unseen:
            committed, base = commits.get(path, ()), found[path]
            if not self._has_been_here(base, pairs[path], committed, commits.get(base.path, ())):
                seen[path] = self._own_past(path, base, pairs[path], committed, around) or base
        return seen

    def _may_be_unseen(self, path: DocPath, base: Base, post: Post) -> bool:
        """Whether somebody else may have written the record since this machine last looked."""
        known, face, record = self._known(post.id), self.faces.get(path), post.ownership
        if base.origin not in {Origin.RECORD, Origin.REVISIONS} or record is None:
            return False
        if face is not None and face.digest == base.source_digest and path == base.path:
            return False
        # An older record: the site was put back, and what is remembered has not happened there.
        return known is None or (known.op != record.op and seconds_between(known.updated_at, record.at) >= -1)

    def _has_been_here(self, base: Base, post: Post, commits: Sequence[Committed], there: Sequence[Committed]) -> bool:
        """Whether what was pushed is among the `commits` of the document, and its path had some, too (`there`).

        Who pushed an unfinished text and then committed another one has seen what was pushed, and has gone on; where a
        machine remembers that it has not, that says more.
        """
        record = post.ownership
        if (
            record is not None
            and self._known(post.id) is None
            and record.by in {one.by for one in commits if one.at > record.at}
        ):
            return True
        if base.source_digest not in {one.digest for one in commits}:
            return False
        ends_early = self.past is not None and self.past.ends_early
        return ends_early or bool(there)

    def _own_past(
        self, path: DocPath, base: Base, post: Post, commits: Sequence[Committed], around: Surroundings
    ) -> Base | None:
        """Return what a document descends from, as far as this clone knows; `base` is what it has never seen."""
        face, known = self.faces.get(path), self._known(post.id)
        mine = None if known is None else known.base
        if face is not None and commits and face.digest == commits[0].digest:
            # What this machine has committed since it agreed with Ghost is its own work, made from what it knew.
            is_own_work = mine is not None and mine.source_digest in {one.digest for one in commits[1:]}
            if is_own_work and mine is not None and mine.origin is not Origin.PULLED:
                return mine
            return self._committed_before(path, post, commits, around)
        if face is not None and mine is not None and face.digest == mine.source_digest:
            return mine
        made_from = self._made_from(path, post, commits[0], around) if commits else None
        if made_from is not None:
            return made_from
        if base.origin is Origin.REVISIONS:
            # Ghost has moved on from there. If it moved back to what is remembered here, that is somebody's edit, and
            # what is remembered would call it nothing; a file that a dying pull wrote is remembered as nothing, too.
            return None
        return mine if mine is not None and mine.origin is not Origin.PULLED else None

    def _committed_before(
        self, path: DocPath, post: Post, commits: Sequence[Committed], around: Surroundings
    ) -> Base | None:
        """Return what a committed file descends from, where somebody else pushed what is not committed.

        The same text from another path moved the post's address, and the file here does not ask for that. Another text
        was pushed between two commits, and the later one was made without it. (That no commit came after the push
        is told elsewhere, with the way to fetch; where nobody knows who pushed, it counts as the work of who commits.)
        """
        record = post.ownership
        if record is None or self.faces[path].digest == record.source_digest:
            return self._version(path, 0, post, around)
        if record.by is None or seconds_between(commits[0].at, record.at) > TICKS_APART:
            return None
        before = next((index for index, one in enumerate(commits) if seconds_between(one.at, record.at) > 0), None)
        return None if before is None else self._version(path, before, post, around)

    def _made_from(self, path: DocPath, post: Post, commit: Committed, around: Surroundings) -> Base | None:
        """Return the commit that an unfinished (or removed) file was made from, unless the post was pushed before it.

        Within a minute clocks do not tell; then it counts: an unneeded question is better than somebody's work undone.
        """
        record = post.ownership
        is_earlier = record is None or seconds_between(commit.at, record.at) < -CLOCKS_APART
        return None if is_earlier else self._version(path, 0, post, around)

    def _version(self, path: DocPath, index: int, post: Post, around: Surroundings) -> Base | None:
        """Return a committed version of a file as base, counted from the newest."""
        if self.past is not None and path not in self._versions:
            self._versions |= self.past.versions_of([path])
        versions = self._versions.get(path, ())
        return self._committed(path, versions[index], post, around) if index < len(versions) else None

    def _search(self, open_pairs: Mapping[DocPath, Post], found: dict[DocPath, Base], around: Surroundings) -> None:
        """Second round: what vouches only after its age is known, then Git, then the newest record there ever was."""
        managed = {path: post for path, post in open_pairs.items() if post.id not in self.copies}
        history = self.listing.history(managed.values())
        for path, post in managed.items():
            newest = newest_record(history.get(post.id, ()), project=self.project)
            # A record that no revision knows is younger than all of them: Ghost stores the revision with the write.
            if newest is not None and post.record is not None and newest.op == post.record.op:
                base = base_of_record(post.record)
                if self._equals(base, post):
                    found[path] = base
        still_open = {path: post for path, post in open_pairs.items() if path not in found}
        if not still_open:
            return
        if self.past is not None:
            self._versions |= self.past.versions_of([path for path in still_open if path not in self._versions])
        for path, post in still_open.items():
            past = self._from_git(path, post, around) or self._saved_again(post) or self._pulled(path, post)
            if past is None and post.id not in self.copies:
                past = self._newest_known(post)
            if past is None:
                past = self._revision_from_git(path, post, around)
            if past is not None:
                found[path] = past

    def _saved_again(self, post: Post) -> Base | None:
        """Return what this machine remembers of a post without any record that was saved, and says what it said."""
        known, history = self._known(post.id), self.listing.history([post])[post.id]
        if known is None or known.base is None or known.base.origin is Origin.PULLED:
            return None
        vouches = newest_record(history, project=Whose.ANYBODYS) is None and not is_restored(post, history)
        return known.base if vouches and self._equals(known.base, post) else None

    def _pulled(self, path: DocPath, post: Post) -> Base | None:
        """Return what a pull left here, for a file that nobody has touched since: only Ghost has moved on."""
        known, face = self._known(post.id), self.faces.get(path)
        if known is None or face is None or known.base is None or known.base.source_digest != face.digest:
            return None
        # What a post without any record came down as is known as plain agreement; a record is the better witness.
        history = self.listing.history([post])[post.id]
        is_recorded = post.record is not None or newest_record(history, project=Whose.ANYBODYS) is not None
        return None if known.base.origin is not Origin.PULLED and is_recorded else known.base

    def _newest_known(self, post: Post) -> Base | None:
        """Return the newest record there ever was, for a post that has drifted."""
        newest = newest_record(self.listing.history([post])[post.id], project=self.project)
        if newest is not None:
            return base_of_record(newest, Origin.REVISIONS)
        if post.record is not None and self._is_ours(post.record) and is_current(post):
            return base_of_record(post.record)
        return None

    def _is_ours(self, record: Record | None) -> bool:
        return record is not None and record.project == self.project

    def _equals(self, base: Base, post: PostFace) -> bool:
        return equals_base(base, post, site_url=self.site_url, now=self.now)

    def _known(self, id_: PostId) -> Remembered | None:
        if self._remembered is None:
            self._remembered = self.memory.posts()
        return self._remembered.get(id_)

    # ------------------------------------------------------------------ Git

    def _from_git(self, path: DocPath, post: Post, around: Surroundings) -> Base | None:
        """Return the newest committed version of the file that the post still equals.

        A version older than the newest record proves nothing: a person may have restored it, which is an edit; where
        there is no record, the post history tells. What a version does not mention was then as the record says; without
        one, it was what Ghost fills in: a pull writes everything else down.
        """
        versions = self._versions.get(path, ())
        history = self.listing.history([post])[post.id]
        newest = newest_record(history, project=self.project)
        if newest is None and is_restored(post, history):
            return None
        if newest is not None:
            digests = [bytes_digest(data) for data in versions]
            versions = versions[: digests.index(newest.source_digest)] if newest.source_digest in digests else ()
        for data in versions:
            base = self._committed(path, data, post, around)
            if base is not None and self._equals(base, post):
                return replace(base, kept={} if newest is None else newest.kept)
        return None

    def _revision_from_git(self, path: DocPath, post: Post, around: Surroundings) -> Base | None:
        """For a post that never had a record: a committed version that equals one of its revisions."""
        versions = self._versions.get(path, ())
        if not versions:
            return None
        bodies = {revision.body for revision in self.listing.history([post])[post.id]}
        for data in versions:
            base = self._committed(path, data, post, around)
            if base is not None and base.body in bodies:
                return replace(base, kept={})
        return None

    def _committed(self, path: DocPath, data: bytes, post: Post, around: Surroundings) -> Base | None:
        document = self.tree.parse(path, data)
        if document is None:
            return None
        draft = draft_document(document, dialect=self.dialect, leads=around.leads)
        measured = collect_assets([draft], around.targets, self.tree, tags=())
        around = replace(around, assets={**around.assets, **measured.found})
        prepared = prepare_document(draft, around)
        if not isinstance(prepared, Prepared):
            return None
        return base_of_version(prepared, post, site_url=self.site_url, now=self.now)


def base_of_version(prepared: Prepared, post: PostFace, *, site_url: str, now: str) -> Base:
    """Return the base that a committed version would be if Ghost still held just that.

    What the version does not manage is then as Ghost holds it now.
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
