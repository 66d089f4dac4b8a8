"""The site's posts, as faces: all of them, for the price of what changed.

A first run lists everything, by key. Later runs of this machine ask only what changed since: posts, pages, and Ghost's
log, which alone tells of edits that move no `updated_at` (tags, authors, tiers, meta data) and of deletions. Where the
log cannot name what changed (bulk actions, tags that were renamed or deleted, more than one answer holds), everything
is listed again.

Whole posts are held only as far as a small site goes; beyond, those that something happened to are asked for again.
What the delta cannot see: pure reordering of a post's tags or authors, which Ghost logs nowhere. `--full` does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ghostsync.core.base import Base, Whose, newest_record
from ghostsync.model import Edit, Kind, Lexical, Post, PostFace, PostId, Record, Revision, Slug
from ghostsync.ports import Listed, Memory, Remote

OVERLAP = dt.timedelta(seconds=20)
"""How far behind the last question the next one begins: a write is stamped when Ghost begins to handle it and can be
read when its transaction ends, and Ghost's clock ticks in seconds."""

_HELD = 300
"""Whole posts held in memory, some 100 kB each; on a larger site the rest is asked for again when it is needed."""


@dataclass(slots=True)
class Listing:
    """The posts of one site; lives as long as the process."""

    remote: Remote
    memory: Memory
    marker: str | None
    _faces: dict[PostId, PostFace] | None = None
    _listed: Listed | None = None
    _held: dict[PostId, Post] = field(default_factory=dict)
    _history: dict[PostId, tuple[Revision, ...]] = field(default_factory=dict)
    _expected: dict[PostId, Post] = field(default_factory=dict)
    """Whole posts that were asked for along with what changed; good for one plan."""
    _tag_slugs: dict[str, Slug] | None = None
    _is_begun: bool = False
    _touched: dict[PostId, PostFace | None] | None = None
    """Faces as they were when they were last matched, of the posts that changed since; None: any may have."""

    # ------------------------------------------------------------------ all posts

    def refresh(self, *, full: bool = False, expecting: Iterable[PostId] = ()) -> None:
        """Bring the listing up to date.

        `expecting`: posts that will be wanted whole, so that nobody has to wait for them later.
        """
        self._history.clear()
        self._expected.clear()
        if not self._is_begun:
            self._is_begun = True
            self._listed = self.memory.listed()
        before, now = self._listed, self._asked_now()
        if before is None:
            self._list_everything(now)
            return
        # The log first: what it tells of can then be read. The other way round an edit between the two would be missed.
        log = self.remote.edits(since=_window(before))
        is_put_back = log is not None and before.newest is not None and before.newest not in {edit.id for edit in log}
        if is_put_back:
            # A restored backup, a sandbox made new: what was uploaded since is gone, too.
            self.memory.forget_uploads()
        # A clock that was put back stamps what comes in with times that seem long past.
        if log is None or is_put_back or full or now.since < before.since:
            self._list_everything(now)
            return
        news = [edit for edit in log if edit.id not in before.actions]
        if any(_names_nothing(edit) for edit in news):
            self._list_everything(now)
            return
        named = {PostId(edit.resource_id or "") for edit in news if edit.resource_type == "post"}
        expected = frozenset(expecting) - self._held.keys()
        self._take_in(_accounting_for(log, now, before), before.since, named, expected)

    @property
    def faces(self) -> dict[PostId, PostFace]:
        """Every post and page of the site, as of the last refresh."""
        if self._faces is None:
            known = self.memory.faces()
            if known is None:
                self._list_everything(self._asked_now())
            else:
                self._faces = dict(known)
        return self._faces or {}

    def _list_everything(self, now: Listed) -> None:
        log = self.remote.edits(since=now.since) or ()
        newest = log[:1] or tuple(edit for edit in (self.remote.newest_edit(),) if edit is not None)
        listed = _accounting_for(log or newest, now, now)
        faces: dict[PostId, PostFace] = {}
        self._held.clear()
        for kind in Kind:
            unsure: list[PostId] = []
            for post in self.remote.posts(kind):
                faces[post.id] = post.face()
                self._hold(post)
                if self._may_have_lost_its_record(post):
                    unsure.append(post.id)
            for id_, record in self._last_records(kind, unsure):
                faces[id_] = replace(faces[id_], last_record=record.without_source())
                if id_ in self._held:
                    self._held[id_] = replace(self._held[id_], last_record=record)
        self._faces = faces
        self._tag_slugs = None
        self._touched = None
        self._listed = listed
        self.memory.save_listing(listed, faces.values(), (), is_whole=True)

    def _asked_now(self) -> Listed:
        # Everything that the log says of the time before is in a whole listing that begins now.
        since = dt.datetime.fromisoformat(self.remote.now()) - OVERLAP
        return Listed(since=f"{since.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}")

    # ------------------------------------------------------------------ what changed

    def take_touched(self) -> Mapping[PostId, PostFace | None] | None:
        """Return the posts that changed since this was last asked, as they were then (None: they were not there).

        None where any may have changed.
        """
        touched, self._touched = self._touched, {}
        return touched

    def _touch(self, ids: Iterable[PostId]) -> None:
        if self._touched is not None:
            for id_ in ids:
                self._touched.setdefault(id_, None if self._faces is None else self._faces.get(id_))

    def _take_in(self, listed: Listed, since: str, named: set[PostId], expected: frozenset[PostId]) -> None:
        """Ask for what was stored since, and for what the log names besides."""
        with ThreadPoolExecutor(max_workers=3) as pool:
            answers = pool.map(lambda kind: list(self.remote.posts(kind, since=since)), Kind)
            coming = pool.submit(lambda: list(self._with_last_record(self._ask(expected))))
            posts = [post for answer in answers for post in answer]
            self._expected = {post.id: post for post in coming.result()}
        if not self.memory.written_since(since) <= {post.id for post in posts} | named:
            # What this machine wrote is not there: the site was put back to an earlier state, or its clock was.
            self.memory.forget_uploads()
            self._list_everything(self._asked_now())
            return
        named -= {post.id for post in posts}
        gone: set[PostId] = set()
        if named:
            there = list(self._ask(named))
            posts += there
            gone = (named - {post.id for post in there}) & self.faces.keys()
        before = self.faces if posts else {}
        fresh = [post for post in self._with_last_record(posts) if post.face() != before.get(post.id)]
        self._keep(listed, fresh, gone)

    def _ask(self, ids: Iterable[PostId]) -> Iterator[Post]:
        """Ask for posts by id, as the kinds that they are known as; what is not known may be either."""
        wanted_ids = sorted(ids)
        if not wanted_ids:
            return
        by_kind: dict[Kind, list[PostId]] = {kind: [] for kind in Kind}
        faces = self.faces
        for id_ in wanted_ids:
            for kind in Kind if id_ not in faces else (faces[id_].kind,):
                by_kind[kind].append(id_)
        for kind, wanted in by_kind.items():
            if wanted:
                yield from self.remote.posts_by_id(kind, wanted)

    def _keep(self, listed: Listed, changed: Iterable[Post], gone: Iterable[PostId]) -> None:
        changed, gone = list(changed), list(gone)
        self._touch([*(post.id for post in changed), *gone])
        self._listed = listed
        if self._faces is not None:
            for id_ in gone:
                self._faces.pop(id_, None)
            self._faces |= {post.id: post.face() for post in changed}
        if self._tag_slugs is not None:
            self._tag_slugs |= _tag_slugs(changed)
        for post in changed:
            self._expected.pop(post.id, None)
            self._hold(post)
        for id_ in gone:
            self._held.pop(id_, None)
            self._expected.pop(id_, None)
        self.memory.save_listing(listed, [post.face() for post in changed], gone, is_whole=False)

    # ------------------------------------------------------------------ whole posts

    def _hold(self, post: Post) -> None:
        """Hold a whole post; the one that has been held longest makes room."""
        self._held.pop(post.id, None)
        self._held[post.id] = post
        if len(self._held) > _HELD:
            del self._held[next(iter(self._held))]

    def posts(self, ids: Iterable[PostId]) -> dict[PostId, Post]:
        """Return the whole posts with these ids; those that are gone are left out, here and in `faces`."""
        wanted = set(ids)
        found = {id_: self._held[id_] for id_ in wanted if id_ in self._held}
        missing = wanted - found.keys()
        if missing:
            asked = {id_: self._expected[id_] for id_ in missing if id_ in self._expected}
            asked |= {post.id: post for post in self._with_last_record(self._ask(missing - asked.keys()))}
            found |= asked
            self._touch(id_ for id_ in missing if id_ not in asked or asked[id_].face() != self.faces.get(id_))
            for id_ in missing:
                if id_ in asked:
                    self.faces[id_] = asked[id_].face()
                else:
                    self.faces.pop(id_, None)
        return found

    @property
    def tag_slugs(self) -> Mapping[str, Slug]:
        """Name → slug of the tags that posts have. (A tag that no post has any more keeps its slug, too.)"""
        if self._tag_slugs is None:
            self._tag_slugs = _tag_slugs(self.faces.values())
        return self._tag_slugs

    def history(self, posts: Iterable[PostFace]) -> Mapping[PostId, tuple[Revision, ...]]:
        """Return the post history of these posts, oldest first; each is asked for once a run."""
        wanted = list(posts)
        for kind in Kind:
            missing = [post.id for post in wanted if post.kind is kind and post.id not in self._history]
            if missing:
                self._history |= self.remote.revisions(kind, missing)
        return {post.id: self._history.get(post.id, ()) for post in wanted}

    def body_then(self, base: Base | None, post: PostFace) -> Lexical | None:
        """Return the body that Ghost held when both sides agreed, as far as a history that was asked for has it."""
        if base is None:
            return None
        known = reversed(self._history.get(post.id, ()))
        return next((revision.lexical for revision in known if revision.body == base.body), None)

    def _with_last_record(self, posts: Iterable[Post]) -> Iterator[Post]:
        """Yield posts; where an editor's typing dropped our record, with the newest that the history holds.

        Without it an edited post would look like nobody's: its document, once removed, would not be missed, and once
        renamed, would be made a second time. The marker tag only saves asking for the history of every other post.
        """
        listed = list(posts)
        records = {
            id_: record
            for kind in Kind
            for id_, record in self._last_records(
                kind, [post.id for post in listed if post.kind is kind and self._may_have_lost_its_record(post)]
            )
        }
        for post in listed:
            yield replace(post, last_record=records[post.id]) if post.id in records else post

    def _last_records(self, kind: Kind, ids: list[PostId]) -> Iterator[tuple[PostId, Record]]:
        # A history is up to 25 whole documents: a few at a time, and nothing but the record is kept.
        for start in range(0, len(ids), 50):
            for id_, revisions in self.remote.revisions(kind, ids[start : start + 50]).items():
                record = newest_record(revisions, project=Whose.ANYBODYS)
                if record is not None:
                    yield id_, record

    def _may_have_lost_its_record(self, post: Post) -> bool:
        return post.record is None and post.lexical is not None and (post.has_marker or self.marker is None)


def _tag_slugs(posts: Iterable[Post | PostFace]) -> dict[str, Slug]:
    return {name: Slug(slug) for post in posts for slug, name in post.tag_names.items()}


def _window(listed: Listed) -> str:
    """Return from when on Ghost's log is asked: far enough back that the newest entry we know must be in the answer."""
    return listed.since if listed.newest_at is None else min(listed.since, listed.newest_at)


def _accounting_for(log: Sequence[Edit], now: Listed, before: Listed) -> Listed:
    """Return `now` with what the log held, newest first."""
    newest, newest_at = (log[0].id, log[0].at) if log else (before.newest, before.newest_at)
    found = replace(now, newest=newest, newest_at=newest_at)
    return replace(found, actions=frozenset(edit.id for edit in log if edit.at >= _window(found)))


def _names_nothing(edit: Edit) -> bool:
    """Whether an entry of the log tells of a change without saying which posts it changed.

    Bulk actions name no post. A tag that was renamed or deleted is one on every post that has it; a new one is on none.
    """
    return edit.resource_id is None or (edit.resource_type == "tag" and edit.event != "added")
