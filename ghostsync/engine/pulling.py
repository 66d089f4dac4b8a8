"""Planning a pull: what Ghost has that the tree lacks, and what its editors changed since.

The same gathering as a push (both sides read, matched, bases found), then a place on disk for every post that has no
document, then one decision per pair. Nothing is written here, and nothing is fetched but what the decisions need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ghostsync.core.arrivals import Arrival, Places, arrive, base_like
from ghostsync.core.base import Base, equals_base
from ghostsync.core.changes import Change
from ghostsync.core.conflicts import Conflict, Note, NoteKind
from ghostsync.core.counted import counted
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.layout import PullLayout
from ghostsync.core.outcome import Report
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import Direction, Plan
from ghostsync.core.pull import decide_pull
from ghostsync.core.pull_absent import own_source
from ghostsync.core.tag_pull import TagPull
from ghostsync.core.verbs import order_changes
from ghostsync.engine.bases import body_of_source
from ghostsync.engine.deciding import count_managed, in_order, warning_notes
from ghostsync.engine.gather import Gathered
from ghostsync.engine.options import Options
from ghostsync.engine.pull_memory import remember_pulled
from ghostsync.engine.pull_places import Placing
from ghostsync.engine.pull_tags import TagsPulled, pull_tags
from ghostsync.engine.session import Session
from ghostsync.engine.tag_sides import names_told
from ghostsync.errors import ContentError, Problem
from ghostsync.model import DocPath, FieldName, Post, PostFace, PostId, Tag

_AUTHORS = FieldName("authors")


@dataclass(slots=True)
class Pull:
    """One pull: its plan, and what is worth remembering when the plan has been carried out."""

    session: Session
    layout: PullLayout
    options: Options
    plan: Plan = field(init=False)
    _seen: Gathered = field(init=False)
    _placing: Placing = field(init=False)
    _tags_there: tuple[Tag, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self.session.gather(self.options)
        self.layout = replace(self.layout, sole_author=_sole_author(self._seen.posts))
        self._tags_there = tuple(self.session.remote.tags())
        self._placing = Placing(self.session, self._seen, self.layout, self.options, self._tags_there)
        self.plan = self._plan()

    @property
    def _places(self) -> Places:
        return self._placing.places

    # ------------------------------------------------------------------ the plan

    def _plan(self) -> Plan:
        seen, options = self._seen, self.options
        policy = Policy(
            site_url=seen.site.url,
            now=seen.now,
            project=self.session.project,
            prefer=options.prefer,
            prune=options.prune,
        )
        placed = self._placing.place_posts()
        self._places.posts = self._placing.addresses(placed)
        pairs = self.session.pairing.with_edits(seen, [*self._matched(), *self._new(placed), *self._alone()])
        verdicts = [self._decide(pair, policy) for pair in pairs]
        changes: list[Change] = [change for verdict in verdicts for change in verdict.changes]
        pulled = self._tags()
        tags = pulled.decided
        if pulled.change is not None:
            changes.append(pulled.change)
        conflicts = [c for c in seen.matches.conflicts if options.covers(c.path)]
        conflicts += [c for verdict in verdicts for c in verdict.conflicts]
        conflicts += tags.conflicts
        problems = [p for p in (*seen.problems, *seen.local.problems) if options.covers(p.path)]
        problems += [p for verdict in verdicts for p in verdict.problems]
        notes = [n for verdict in verdicts for n in verdict.notes]
        return Plan(
            direction=Direction.PULL,
            site=seen.site,
            at=seen.now,
            project=self.session.project,
            root=self.session.root_name,
            changes=order_changes(changes),
            conflicts=tuple(sorted(conflicts, key=_by_path)),
            notes=in_order((*notes, *tags.notes, *pulled.notes, *self._foreign(), *warning_notes(seen, options))),
            problems=tuple(
                sorted(
                    {*problems, *self._placing.problems, *tags.problems}, key=lambda p: (p.path, p.line or 0, p.message)
                )
            ),
            unchanged=sum(verdict.is_unchanged and verdict.row == 4 for verdict in verdicts) + len(seen.settled),
            managed=count_managed(seen, self.session.project),
            tag_names=names_told(seen, (), conflicts),
        )

    def _decide(self, pair: Pair, policy: Policy) -> Verdict:
        try:
            arrival = None if pair.remote is None else self._arrival(pair, pair.remote)
        except ContentError as wrong:
            problem = Problem(path=pair.path, message=str(wrong), hint=wrong.hint)
            return Verdict(row=0, problems=wrong.problems or (problem,))
        return decide_pull(pair, policy, self.layout, arrival)

    def _arrival(self, pair: Pair, post: Post) -> Arrival:
        """Return what the post brings; the body only where it can matter."""
        base, local = pair.base, pair.local
        dialect = self.session.dialect
        if local is None:
            if base is None:
                return arrive(post, pair.path, self._places, dialect=dialect)
            body = body_of_source(base, self.session.tree)
            is_whole = own_source(base, pair.path, self.layout) is not None
            if is_whole and self._equals(base, post):
                return arrive(post, pair.path, self._places, base=base, dialect=dialect, wants_body=False)
            then = self._seen.listing.body_then(base, post)
            return arrive(post, pair.path, self._places, base=base, base_body=body, then=then, dialect=dialect)
        moved = local.body != post.body and (base is None or post.body != base.body)
        # Ghost's edit is patched into the words it was made from: the document's own, as long as they say the same.
        if base is not None and pair.base_body is not None and local.body != base.body:
            return arrive(
                post,
                pair.path,
                self._places,
                base=base,
                base_body=pair.base_body,
                then=self._seen.listing.body_then(base, post),
                dialect=dialect,
                wants_body=moved,
            )
        return arrive(
            post,
            pair.path,
            self._places,
            base=base_like(local),
            base_body=local.source_body,
            dialect=dialect,
            wants_body=moved,
        )

    def _equals(self, base: Base, post: Post) -> bool:
        return equals_base(base, post, site_url=self._seen.site.url, now=self._seen.now)

    # ------------------------------------------------------------------ pairs

    def _matched(self) -> Iterator[Pair]:
        seen = self._seen
        for path, face in sorted(seen.matches.pairs.items()):
            local = seen.prepared.get(path)
            if local is None or not self.options.covers(path):
                continue
            post = seen.whole[face.id]
            base = seen.bases.get(path)
            base = None if base is None else self.session.pairing.with_source(base, post)
            needs_base = base is not None and base.body not in {post.body, local.body}
            yield Pair(
                path=path,
                kind=local.document.kind,
                local=local,
                remote=post,
                base=base,
                base_body=body_of_source(base, self.session.tree) if base is not None and needs_base else None,
                history_ends_early=self._ends_early(),
            )

    def _new(self, placed: Mapping[PostId, DocPath]) -> Iterator[Pair]:
        seen = self._seen
        was_here = self._placing.were_here(placed)
        orphans = {post.id for post in seen.matches.orphans}
        whole = seen.listing.posts(placed)
        for id_, path in placed.items():
            post = whole.get(id_)
            if post is None:
                continue  # deleted while this ran
            base = seen.bases.get(path) if id_ in orphans else None
            yield Pair(
                path=path,
                kind=post.kind,
                local=None,
                remote=post,
                base=None if base is None else self.session.pairing.with_source(base, post),
                was_here=path in was_here,
                history_ends_early=self._ends_early(),
            )

    def _alone(self) -> Iterator[Pair]:
        """Yield documents without a post, and what only this machine's memory still knows."""
        seen, options = self._seen, self.options
        paths = [path for path in seen.matches.documents if path in seen.prepared and options.covers(path)]
        gone = self.session.pairing.gone(seen, paths)
        for path in sorted(paths):
            base, deletion = gone.get(path, (None, None))
            local = seen.prepared[path]
            yield Pair(path=path, kind=local.document.kind, local=local, remote=None, base=base, deletion=deletion)
        yield from self.session.pairing.gone_on_both_sides(seen, options)

    def _ends_early(self) -> bool:
        return self.session.past is not None and self.session.past.ends_early

    # ------------------------------------------------------------------ tags.yaml

    def _tags(self) -> TagsPulled:
        if not self.options.covers(TAGS_FILE) or any(p.path == TAGS_FILE for p in self._seen.local.problems):
            return TagsPulled(decided=TagPull())
        return pull_tags(self.session, self._seen, self._places, self._tags_there, self.options.prefer)

    # ------------------------------------------------------------------ words

    def _foreign(self) -> Iterator[Note]:
        by_project: dict[str, int] = {}
        for post in self._seen.matches.foreign:
            if post.ownership is not None and self.options.is_everything:
                name = post.ownership.project or ""
                by_project[name] = by_project.get(name, 0) + 1
        for name, count in sorted(by_project.items()):
            whose = f"project `{name}`" if name else "a tree without a project"
            yield Note(
                kind=NoteKind.UNMANAGED,
                path="ghostsync.toml",
                message=f"{_counted(count)} of {whose} in Ghost, left alone",
                hint=f'set `project = "{name}"` in ghostsync.toml if this is that tree' if name else None,
            )
        ignored = len(self._seen.matches.unmanaged)
        if ignored and self._placing.ignores_unmanaged() and self.options.is_everything:
            message = f"{_counted(ignored)} of nobody in Ghost, left alone: `pull.unmanaged` is `ignore`"
            yield Note(kind=NoteKind.UNMANAGED, path="ghostsync.toml", message=message)

    # ------------------------------------------------------------------ afterwards

    def remember(self, report: Report) -> None:
        """Keep what came down and equals Ghost, since no record says so."""
        remember_pulled(self.session, self._seen, self._places, report)


def _sole_author(posts: Mapping[PostId, PostFace]) -> str | None:
    found = {post.fields.get(_AUTHORS) for post in posts.values()}
    only = found.pop() if len(found) == 1 else None
    return only[0] if isinstance(only, tuple) and len(only) == 1 else None


def _by_path(conflict: Conflict) -> str:
    return conflict.path


def _counted(number: int) -> str:
    return counted(number, "post or page", "posts and pages")
