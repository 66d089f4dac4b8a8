"""Use cases: gather both sides, match, find base, decide, and put the plan together.

A session reads; it never writes to Ghost or to documents. What it returns is a `Plan`, and whoever wants it carried out
hands that to `ghostsync.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ghostsync.core.addresses import Target, parse_permalinks, target_of
from ghostsync.core.base import SLUG, Base, Whose, drifted_fields, newest_record, unmanaged_copies
from ghostsync.core.compare import Prepared
from ghostsync.core.match import Face, Matches, match_documents
from ghostsync.core.pair import Pair, Policy, Verdict
from ghostsync.core.plan import (
    UPLOAD_SCHEME,
    AdoptPost,
    Change,
    Conflict,
    CreatePost,
    CreateTag,
    DeletePost,
    Direction,
    Note,
    NoteKind,
    Plan,
    Prefer,
    Prune,
    Reason,
    UpdatePost,
    UpdateTag,
    UploadFile,
    Why,
    order_changes,
)
from ghostsync.core.prepare import (
    TAGS_FILE,
    Draft,
    Surroundings,
    draft_document,
    prepare_document,
    prepare_tag,
    tag_assets,
)
from ghostsync.core.push import decide_push
from ghostsync.core.slugs import tag_slug
from ghostsync.core.tag_plan import plan_tags_push
from ghostsync.errors import ConfigError, Problem
from ghostsync.gather import Bases, body_of_source, collect_assets, incoming_of, known_uploads
from ghostsync.lexical.dialect import DialectName
from ghostsync.model import (
    Asset,
    Digest,
    DocPath,
    Document,
    Edit,
    FieldName,
    Kind,
    Post,
    PostId,
    Revision,
    Site,
    Slug,
    Tag,
)
from ghostsync.ports import LocalTree, Memory, Past, Remote, Tree
from ghostsync.recognise import recognise

_AUTHORS = FieldName("authors")
_TIERS = FieldName("tiers")
_NEWSLETTER = FieldName("newsletter")
_TITLE = FieldName("title")
_TAGS = FieldName("tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run was asked for."""

    prefer: Prefer = Prefer.NEITHER
    prune: Prune = Prune.REPORT
    send_email: bool = False
    covers: Callable[[str], bool] = lambda _: True
    """Whether a path is in the selection."""
    is_everything: bool = True


@dataclass(slots=True)
class Gathered:
    """Both sides, read and matched."""

    site: Site
    now: str
    local: LocalTree
    posts: Mapping[PostId, Post]
    matches: Matches
    around: Surroundings
    drafts: Mapping[DocPath, Draft]
    prepared: Mapping[DocPath, Prepared]
    problems: tuple[Problem, ...]
    bases: Mapping[DocPath, Base]
    finder: Bases
    tag_names: Mapping[str, str]


@dataclass(slots=True)
class Session:
    """One run's view of both sides."""

    remote: Remote
    tree: Tree
    memory: Memory
    past: Past | None
    project: str | None
    marker: str | None
    dialect: DialectName = "ghost"
    root_name: str = "."

    # ------------------------------------------------------------------ push

    def plan_push(self, options: Options) -> Plan:
        """Return what a push would do."""
        if options.prune is not Prune.REPORT and self.project is None:
            raise ConfigError(
                "pruning needs a project: without one, every tree without a name would own every post without a name",
                hint='set `project = "my-site"` in ghostsync.toml',
            )
        seen = self.gather()
        policy = Policy(
            site_url=seen.site.url,
            now=seen.now,
            project=self.project,
            prefer=options.prefer,
            prune=options.prune,
            send_email=options.send_email,
        )
        pairs = self._pairs(seen, options)
        verdicts = [decide_push(pair, policy) for pair in pairs]
        verdicts = [self._check_slug(verdict, seen) for verdict in verdicts]
        changes: list[Change] = [change for verdict in verdicts for change in verdict.changes]
        changes += [_undo(post) for post in seen.matches.half_made if options.is_everything]
        there = tuple(self.remote.tags()) if self._needs_tags(seen, changes) else None
        described, tag_problems = self.prepare_tags(seen, there or ())
        tags = plan_tags_push(
            described,
            documents=[c for c in changes if isinstance(c, CreatePost | UpdatePost)],
            names=self._names_used(seen),
            remote=there,
            remembered=self.memory.tags(),
            committed=self.committed_tags,
            marker=self.marker,
            prefer=options.prefer,
            is_writing=any(isinstance(c, CreatePost | UpdatePost | AdoptPost) for c in changes),
        )
        changes += tags.changes
        changes += _uploads(changes, seen.around.assets)
        problems = [p for p in (*seen.problems, *seen.local.problems, *tag_problems) if options.covers(p.path)]
        problems += [p for verdict in verdicts for p in verdict.problems]
        conflicts = [c for c in seen.matches.conflicts if options.covers(c.path)]
        conflicts += [c for verdict in verdicts for c in verdict.conflicts]
        notes = [n for verdict in verdicts for n in verdict.notes]
        plan = Plan(
            direction=Direction.PUSH,
            site=seen.site,
            at=seen.now,
            project=self.project,
            root=self.root_name,
            changes=order_changes(changes),
            conflicts=tuple(sorted((*conflicts, *tags.conflicts), key=lambda c: c.path)),
            notes=tuple(
                sorted((*notes, *tags.notes, *warning_notes(seen, options)), key=lambda n: (n.path, n.line or 0))
            ),
            problems=tuple(sorted(set(problems), key=lambda p: (p.path, p.line or 0, p.message))),
            unchanged=sum(verdict.is_unchanged and verdict.row in {4, 6} for verdict in verdicts),
            managed=count_managed(seen, self.project),
        )
        return self._with_members(plan)

    # ------------------------------------------------------------------ gathering

    def gather(self) -> Gathered:
        """Read both sides, match them and find their bases."""
        local = self.tree.load()
        site = self.remote.site()
        now = self.remote.now()
        history: dict[PostId, tuple[Revision, ...]] = {}
        posts = {post.id: post for post in self._with_history(history)}
        remembered = self.memory.posts()
        faces = [Face(path=d.path, kind=d.kind, slug=d.slug, digest=d.digest, title=d.title) for d in local.documents]
        matches = match_documents(
            faces,
            posts.values(),
            project=self.project,
            cached={known.path: known.id for known in remembered.values() if known.path is not None},
        )
        documents = {document.path: document for document in local.documents}
        drafts = {path: draft_document(document, dialect=self.dialect) for path, document in documents.items()}
        assets = collect_assets(drafts.values(), documents, self.tree, tags=local.tags)
        around = self._surroundings(site, now, local, posts, matches, documents, drafts, assets.found)
        came_down = recognise(self.remote, self.memory, drafts, matches.pairs, around)
        around = replace(around, served=came_down)
        prepared: dict[DocPath, Prepared] = {}
        problems: list[Problem] = list(assets.problems)
        bad = {problem.path for problem in problems}
        for path, draft in drafts.items():
            if path in bad:
                continue
            result = prepare_document(draft, around)
            if isinstance(result, Prepared):
                prepared[path] = result
            else:
                problems.extend(result)
        finder = Bases(
            remote=self.remote,
            tree=self.tree,
            memory=self.memory,
            past=self.past,
            site_url=site.url,
            now=now,
            project=self.project,
            dialect=self.dialect,
            around=around,
            history=history,
        )
        searched = {
            **{path: post for path, post in matches.pairs.items() if path in prepared},
            **{orphan_path(post): post for post in matches.orphans},
        }
        return Gathered(
            site=site,
            now=now,
            local=local,
            posts=posts,
            matches=matches,
            around=around,
            drafts=drafts,
            prepared=prepared,
            problems=tuple(problems),
            bases=finder.find(searched, copies=unmanaged_copies(posts.values())),
            finder=finder,
            tag_names={slug: name for post in posts.values() for slug, name in post.tag_names.items()},
        )

    def _with_history(self, history: dict[PostId, tuple[Revision, ...]]) -> Iterator[Post]:
        """Yield all posts; where an editor's typing dropped our record, with the newest that the history holds.

        Without it an edited post would look like nobody's: its document, once removed, would not be missed, and once
        renamed, would be made a second time. The marker tag only saves asking for the history of every other post.
        """
        for kind in Kind:
            posts = list(self.remote.posts(kind))
            asked = [post.id for post in posts if _may_have_lost_its_record(post, self.marker)]
            history |= self.remote.revisions(kind, asked) if asked else {}
            for post in posts:
                record = newest_record(history.get(post.id, ()), project=Whose.ANYBODYS)
                yield post if record is None else replace(post, last_record=record)

    def _surroundings(
        self,
        site: Site,
        now: str,
        local: LocalTree,
        posts: Mapping[PostId, Post],
        matches: Matches,
        documents: Mapping[DocPath, Document],
        drafts: Mapping[DocPath, Draft],
        assets: Mapping[DocPath, Asset],
    ) -> Surroundings:
        has_links = any(place.path in documents for draft in drafts.values() for place in draft.inside.values())
        uploads = {**self.memory.uploads(), **known_uploads(posts.values(), project=self.project)}
        tag_slugs: dict[str, Slug] = {}
        for post in posts.values():
            tag_slugs.update({name: Slug(slug) for slug, name in post.tag_names.items()})
        tag_slugs.update({tag.name: tag.slug for tag in local.tags})
        names_authors = any(_AUTHORS in document.fields for document in documents.values())
        names_tiers = any(_TIERS in document.fields for document in documents.values())
        authors: dict[str, Slug] | None = None
        if names_authors:
            authors = {}
            for author in self.remote.authors():
                authors[author.email.lower()] = author.slug
                authors[author.slug] = author.slug
        return Surroundings(
            site_url=site.url,
            now=now,
            permalinks=parse_permalinks(self.remote.routes_yaml() if has_links else None, timezone=site.timezone),
            targets={path: _target(document, matches.pairs.get(path)) for path, document in documents.items()},
            assets=assets,
            uploads=uploads,
            tag_slugs=tag_slugs,
            authors=authors,
            tiers=frozenset(tier.slug for tier in self.remote.tiers() if tier.is_paid) if names_tiers else None,
        )

    # ------------------------------------------------------------------ pairs

    def _pairs(self, seen: Gathered, options: Options) -> list[Pair]:
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
        for path, post in sorted(matched.items()):
            if path in seen.prepared and options.covers(path):
                pairs.append(self._pair(seen, path, post, seen.prepared[path]))
        for post in seen.matches.orphans:
            path = orphan_path(post)
            # A document that cannot be read, or that a problem blocks, is still there.
            if options.covers(path) and path not in seen.local.broken and not self.tree.exists(path):
                pairs.append(self._pair(seen, path, post, None))
        pairs += self.gone_on_both_sides(seen, options)
        # Before a post may go for want of a document, the log is asked whether a person has been there.
        return self.with_edits(seen, pairs, orphans=options.prune is not Prune.REPORT)

    def gone_on_both_sides(self, seen: Gathered, options: Options) -> Iterator[Pair]:
        """Yield what only this machine's memory still knows."""
        for known in sorted(self.memory.posts().values(), key=lambda known: known.id):
            path = known.path
            if path is None or known.id in seen.posts or known.base is None or not options.covers(path):
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
                then=seen.finder.body_then(base, post),
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
            pair if pair.remote is None or pair.remote.id not in edits else replace(pair, edit=edits[pair.remote.id])
            for pair in pairs
        ]

    def gone(self, seen: Gathered, creates: Iterable[DocPath]) -> dict[DocPath, tuple[Base | None, Edit | None]]:
        """Find out which documents without a post had one: a create must not bring back what a person deleted."""
        paths = list(creates)
        found: dict[DocPath, tuple[Base | None, Edit | None]] = {}
        if not paths:
            return found
        by_path = {known.path: known for known in self.memory.posts().values() if known.id not in seen.posts}
        ours = self.memory.deleted_by_us()
        deletions = self.remote.deletions()
        deleted = {e.resource_id: e for e in deletions if e.event == "deleted" and e.resource_id is not None}
        bulk = next((e for e in deletions if e.event == "deleted" and e.resource_id is None), None)
        for path in paths:
            document = seen.prepared[path].document
            known = by_path.get(path)
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
        return found

    # ------------------------------------------------------------------ slugs, tags, email

    def _check_slug(self, verdict: Verdict, seen: Gathered) -> Verdict:
        """Refuse a slug that somebody has and keeps: Ghost would append a number without a word."""
        for change in verdict.changes:
            if not isinstance(change, CreatePost | UpdatePost) or SLUG not in change.sends:
                continue
            wanted = change.sends[SLUG]
            for post in seen.posts.values():
                if post.slug != wanted or (isinstance(change, UpdatePost) and post.id == change.id):
                    continue
                owner = next((path for path, other in seen.matches.pairs.items() if other.id == post.id), None)
                if owner is not None and seen.around.targets[owner].slug != wanted:
                    continue  # its own document moves it away in this very run
                if post.id in {half.id for half in seen.matches.half_made}:
                    continue
                conflict = Conflict(
                    path=change.path,
                    why=Why.SLUG_TAKEN,
                    kind=post.kind,
                    id=post.id,
                    title=change.title,
                    message=f"the slug `{wanted}` is taken by the {post.kind} `{post.fields.get(_TITLE)}`",
                    hint=f"give `{change.path}` another `slug:`",
                )
                return replace(verdict, changes=(), conflicts=(*verdict.conflicts, conflict))
        return verdict

    def _needs_tags(self, seen: Gathered, changes: Iterable[Change]) -> bool:
        """Whether the site's tags must be listed: for `tags.yaml`, and before anything with tags is written."""
        return bool(seen.local.tags) or any(isinstance(c, CreatePost | UpdatePost | AdoptPost) for c in changes)

    def _names_used(self, seen: Gathered) -> dict[Slug, str]:
        """Return slug → name of every tag that a document names."""
        names: dict[Slug, str] = {}
        for path in sorted(seen.prepared):
            written = seen.drafts[path].document.fields.get(_TAGS)
            for name in written if isinstance(written, tuple) else ():
                names.setdefault(seen.around.tag_slugs.get(name) or tag_slug(name), name)
        return names

    def prepare_tags(self, seen: Gathered, there: Iterable[Tag]) -> tuple[tuple[Tag, ...], tuple[Problem, ...]]:
        """Return `tags.yaml` with addresses in place of its pictures.

        Tags carry no record, so a picture that only a tag shows is known by its name, which holds its digest.
        """
        uploads = dict(seen.around.uploads)
        shown = [v for tag in there for v in tag.fields.values() if isinstance(v, str) and "/content/" in v]
        for place in tag_assets(seen.local.tags).values():
            asset = seen.around.assets.get(place.path)
            if asset is not None and (asset.bucket, asset.sha256) not in uploads:
                stem = asset.upload_name.rpartition(".")[0]
                url = next((v for v in shown if v.rpartition("/")[2].startswith(stem)), None)
                if url is not None:
                    uploads[asset.bucket, asset.sha256] = url
        around = replace(seen.around, uploads=uploads)
        ready = [prepare_tag(tag, around) for tag in seen.local.tags]
        return tuple(tag for tag, _ in ready), tuple(p for _, problems in ready for p in problems)

    def committed_tags(self) -> tuple[bytes, ...]:
        """Return the committed versions of `tags.yaml`, newest first."""
        path = DocPath("tags.yaml")
        return () if self.past is None else self.past.versions_of([path]).get(path, ())

    def _with_members(self, plan: Plan) -> Plan:
        """Say how many members each email reaches."""
        if not plan.emails:
            return plan
        changes = [
            replace(c, email=replace(c.email, members=self.remote.members(c.email.newsletter, c.email.segment)))
            if isinstance(c, CreatePost | UpdatePost) and c.email is not None
            else c
            for c in plan.changes
        ]
        return replace(plan, changes=tuple(changes))


def orphan_path(post: Post) -> DocPath:
    """Return the path at which an orphan's document was."""
    return DocPath(f"({post.slug})") if post.ownership is None else post.ownership.path


def _target(document: Document, post: Post | None) -> Target:
    """Return what is known of a document's address: its post's, unless the document is about to move it."""
    mine = Target(kind=document.kind, slug=document.slug, fields=document.fields)
    if post is None:
        return mine
    there = target_of(post)
    slug = document.slug if document.slug_written else post.slug
    keeps = slug == post.slug
    fields = {**post.fields, **{k: v for k, v in document.fields.items() if k != "tags"}}
    return replace(there, slug=slug, fields=fields, published_url=there.published_url if keeps else None)


def _may_have_lost_its_record(post: Post, marker: str | None) -> bool:
    return post.record is None and post.lexical is not None and (post.has_marker or marker is None)


def has_moved(pair: Pair, seen: Gathered) -> bool:
    """Whether Ghost's side is not base, as far as base is known."""
    if pair.remote is None:
        return False
    if pair.base is None:
        return True
    return pair.remote.body != pair.base.body or bool(
        drifted_fields(pair.base, pair.remote, site_url=seen.site.url, now=seen.now)
    )


def count_managed(seen: Gathered, project: str | None) -> int:
    """Return how many posts belong to the project."""
    return sum(post.ownership is not None and post.ownership.project == project for post in seen.posts.values())


def _undo(post: Post) -> DeletePost:
    path = orphan_path(post)
    return DeletePost(
        path=path,
        kind=post.kind,
        id=post.id,
        slug=post.slug,
        title=str(post.fields.get(_TITLE) or post.slug),
        expected=post.updated_at,
        status=str(post.fields.get(FieldName("status"))),
        was=post.fields,
        body=post.body,
        reason=Reason.UNDO,
    )


def _uploads(changes: Iterable[Change], known: Mapping[DocPath, Asset]) -> list[UploadFile]:
    """Return one upload per content that the changes need and the site does not serve."""
    users: dict[Digest, set[DocPath]] = {}
    assets: dict[Digest, Asset] = {}
    by_digest = {asset.sha256: asset for asset in known.values()}
    for change in changes:
        if isinstance(change, CreateTag | UpdateTag):
            for value in change.sends.values():
                if isinstance(value, str) and value.startswith(UPLOAD_SCHEME):
                    sha256 = Digest(value.removeprefix(UPLOAD_SCHEME)[:64])
                    assets.setdefault(sha256, by_digest[sha256])
                    users.setdefault(sha256, set()).add(TAGS_FILE)
            continue
        if not isinstance(change, CreatePost | UpdatePost | AdoptPost):
            continue
        for path, asset in change.draft.assets.items():
            if path in change.draft.known:
                continue
            first = assets.setdefault(asset.sha256, asset)
            if asset.path < first.path:
                assets[asset.sha256] = asset
            users.setdefault(asset.sha256, set()).add(change.path)
    return [UploadFile(asset=asset, used_by=tuple(sorted(users[sha256]))) for sha256, asset in assets.items()]


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes by place."""
    return tuple(sorted(notes, key=lambda note: (note.path, note.line or 0)))


def warning_notes(seen: Gathered, options: Options) -> list[Note]:
    """Return the warnings of documents as notes."""
    return [
        Note(kind=NoteKind.WARNING, path=w.path, line=w.line, message=w.message, hint=w.hint)
        for w in seen.local.warnings
        if options.covers(w.path)
    ]
