"""Documents and posts laid side by side with what is known of their past: what each decision will look at.

What no decision looks at is not asked for: Ghost's log only where something moved or is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ghostsync.core.arrivals import lexical_of
from ghostsync.core.base import CLOCKS_APART, TICKS_APART, Base, drifted_fields, seconds_between
from ghostsync.core.compare import Prepared
from ghostsync.core.draft import Draft
from ghostsync.core.incoming import incoming_body, written_references
from ghostsync.core.pair import Behind, Pair
from ghostsync.core.plan import Prune
from ghostsync.core.prepare import Surroundings
from ghostsync.core.references import as_it_is, reads_as_file
from ghostsync.engine.bases import body_of_source
from ghostsync.engine.gather import Gathered, orphan_path
from ghostsync.engine.options import Options
from ghostsync.errors import ContentError
from ghostsync.lexical import find_references
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import DocPath, Edit, Lexical, Post, PostId
from ghostsync.ports import Committed, Memory, Past, Remote, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Makes pairs."""

    remote: Remote
    tree: Tree
    memory: Memory
    past: Past | None
    dialect: DialectName

    def for_push(self, seen: Gathered, options: Options) -> list[Pair]:
        pairs: list[Pair] = []
        matched = seen.matches.pairs
        creates = [path for path in seen.matches.documents if path in seen.prepared and options.covers(path)]
        gone = self.gone(seen, creates)
        for path in sorted(creates):
            base, deletion = gone.get(path, (None, None))
            local = seen.prepared[path]
            pairs.append(
                Pair(path=path, kind=local.document.kind, local=local, remote=None, base=base, deletion=deletion)
            )
        both = sorted(path for path in seen.prepared if path in matched and options.covers(path))
        pairs += self._behind([self._pair(seen, p, seen.whole[matched[p].id], seen.prepared[p]) for p in both])
        for post in seen.matches.orphans:
            path = orphan_path(post)
            # A document that cannot be read, or that a problem blocks, is still there.
            if options.covers(path) and path not in seen.local.broken and not self.tree.exists(path):
                pairs.append(self._pair(seen, path, seen.whole[post.id], None))
        pairs += self.gone_on_both_sides(seen, options)
        # Before a post may go for want of a document, the log is asked whether a person has been there.
        return self.with_edits(seen, pairs, orphans=options.prune is not Prune.REPORT)

    def _behind(self, pairs: list[Pair]) -> list[Pair]:
        """Say of which documents an earlier version is here than was pushed last.

        A clone that has not fetched, or a run in CI that another overtook, holds files that differ from base only
        because it does not know base: pushing them would undo somebody's work. So where a file is just as it was
        committed, base is nothing that this clone ever committed, this machine has not pushed it either, and the
        push came after the commit, the document is behind. An uncommitted file is somebody's work, and goes on.
        """
        moved = [pair for pair in pairs if _may_be_behind(pair)]
        if self.past is None or not moved:
            return pairs
        remembered = self.memory.posts()
        unknown = [
            pair
            for pair in moved
            if pair.remote is not None
            and pair.remote.record is not None
            and (pair.remote.id not in remembered or remembered[pair.remote.id].op != pair.remote.record.op)
        ]
        commits = self.past.commits_of([pair.path for pair in unknown]) if unknown else {}
        found = {pair.path: behind for pair in unknown if (behind := _behind(pair, commits.get(pair.path, ())))}
        return [replace(pair, behind=found.get(pair.path)) for pair in pairs]

    def gone_on_both_sides(self, seen: Gathered, options: Options) -> Iterator[Pair]:
        """Yield what only this machine's memory still knows."""
        lost = {id_: path for id_, path in self.memory.places().items() if id_ not in seen.posts}
        remembered = self.memory.posts() if lost else {}
        for id_, path in sorted(lost.items()):
            known = remembered.get(id_)
            if known is None or known.base is None or not options.covers(path):
                continue
            if path not in seen.local.broken and not self.tree.exists(path):
                yield Pair(path=path, kind=known.kind, local=None, remote=None, base=known.base, gone=known.id)

    def _pair(self, seen: Gathered, path: DocPath, post: Post, local: Prepared | None) -> Pair:
        base = seen.bases.get(path)
        base_body = incoming = None
        drifted = base is None or post.body != base.body
        if drifted and local is not None and (base is None or local.body != post.body):
            base_body = None if base is None else body_of_source(self.with_source(base, post), self.tree)
            incoming = incoming_of(
                base,
                base_body,
                post,
                seen.around,
                dialect=self.dialect,
                local=local,
                draft=seen.drafts[path],
                then=seen.listing.body_then(base, post),
            )
        elif local is not None and base is not None and local.body != base.body:
            base_body = body_of_source(self.with_source(base, post), self.tree)
        return Pair(
            path=path,
            kind=post.kind if local is None else local.document.kind,
            local=local,
            remote=post,
            base=base,
            base_body=base_body,
            incoming=incoming,
            history_ends_early=self.past is not None and self.past.ends_early,
        )

    def with_source(self, base: Base, post: Post) -> Base:
        """Return base with its text, from this machine's memory where the record has none."""
        if base.source is not None:
            return base
        return replace(base, source=self.memory.source_of(post.id))

    def with_edits(self, seen: Gathered, pairs: list[Pair], *, orphans: bool = False) -> list[Pair]:
        """Ask Ghost's log who edited what no longer equals base, and `orphans` whether or not they do."""
        moved = [
            p.remote.id for p in pairs if p.remote is not None and (has_moved(p, seen) or (orphans and p.local is None))
        ]
        if not moved:
            return pairs
        edits = self.remote.edits_of(moved)
        return [
            replace(pair, edit=edits[pair.remote.id])
            if pair.remote is not None and pair.remote.id in edits and _is_after(edits[pair.remote.id], pair.remote)
            else pair
            for pair in pairs
        ]

    def gone(self, seen: Gathered, creates: Iterable[DocPath]) -> dict[DocPath, tuple[Base | None, Edit | None]]:
        """Find out which documents without a post had one: a create must not bring back what a person deleted."""
        paths = list(creates)
        found: dict[DocPath, tuple[Base | None, Edit | None]] = {}
        if not paths:
            return found
        lost = {path: id_ for path, id_ in self.memory.paths().items() if id_ not in seen.posts}
        remembered = self.memory.posts() if lost else {}
        ours = self.memory.deleted_by_us()
        deletions = self.remote.deletions()
        deleted = {e.resource_id: e for e in deletions if e.event == "deleted" and e.resource_id is not None}
        bulk = next((e for e in deletions if e.event == "deleted" and e.resource_id is None), None)
        for path in paths:
            document = seen.prepared[path].document
            known = remembered.get(lost[path]) if path in lost else None
            if known is not None and known.base is not None and known.id not in ours:
                found[path] = (known.base, deleted.get(known.id) or bulk)
                continue
            for edit in deletions:
                if edit.title != document.title or edit.resource_id is None:
                    continue
                if PostId(edit.resource_id) in ours or PostId(edit.resource_id) in seen.posts:
                    continue
                if edit.event == "deleted":
                    found[path] = (None, edit)
                    break
                if edit.event == "added" and bulk is not None and edit.resource_id not in deleted:
                    found[path] = (None, bulk)
                    break
        back = self._brought_back({path: edit for path, (_, edit) in found.items() if edit is not None}, seen)
        return {path: what for path, what in found.items() if path not in back}

    def _brought_back(self, deletions: Mapping[DocPath, Edit], seen: Gathered) -> set[DocPath]:
        """Return the documents that somebody has committed again since their posts were pruned.

        What a person deleted in Ghost stays deleted. A post that an integration deleted went because a document was
        gone, and a document that was committed after that (a reverted commit, say) is there because it is wanted.
        """
        pruned = {path: edit for path, edit in deletions.items() if not edit.is_person}
        if not pruned or self.past is None:
            return set()
        commits = self.past.commits_of(pruned)
        return {
            path
            for path, edit in pruned.items()
            if (known := commits.get(path))
            and known[0].digest == seen.prepared[path].document.digest
            and seconds_between(edit.at, known[0].at) > CLOCKS_APART
        }


def _is_after(edit: Edit, post: Post) -> bool:
    """Whether an edit can be what moved the post: what a person did before our last write is in that write's base.

    The log counts whole seconds, a record parts of them.
    """
    return post.ownership is None or seconds_between(post.ownership.at, edit.at) > -1


def _may_be_behind(pair: Pair) -> bool:
    local, base = pair.local, pair.base
    return local is not None and base is not None and local.document.digest != base.source_digest


def _behind(pair: Pair, commits: tuple[Committed, ...]) -> Behind | None:
    if not commits or pair.local is None or pair.base is None or pair.remote is None or pair.remote.record is None:
        return None
    newest, pushed_at = commits[0], pair.remote.record.at
    if pair.local.document.digest != newest.digest or pair.base.source_digest in {one.digest for one in commits}:
        return None
    is_later = seconds_between(newest.at, pushed_at) > TICKS_APART
    return Behind(committed_at=newest.at, pushed_at=pushed_at) if is_later else None


def has_moved(pair: Pair, seen: Gathered) -> bool:
    """Whether Ghost's side is not base, as far as base is known."""
    if pair.remote is None:
        return False
    if pair.base is None:
        return True
    return pair.remote.body != pair.base.body or bool(
        drifted_fields(pair.base, pair.remote, site_url=seen.site.url, now=seen.now)
    )


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
    try:
        return incoming_body(
            base, base_body, lexical, site_url=around.site_url, dialect=dialect, written=written, then=then
        )
    except ContentError:
        return None  # without Markdown of it nothing is known to be contained: a conflict of this document alone
