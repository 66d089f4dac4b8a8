"""Deciding what a push does with everything that was gathered, and putting the plan together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from ghostsync.core.base import SLUG, VISIBILITY, base_of_record, drifted_fields
from ghostsync.core.changes import (
    UPLOAD_SCHEME,
    AdoptPost,
    Change,
    CreatePost,
    CreateTag,
    DeletePost,
    Reason,
    UnpublishPost,
    UpdatePost,
    UpdateTag,
    UploadFile,
)
from ghostsync.core.conflicts import Conflict, Note, NoteKind, Why
from ghostsync.core.file_names import TAGS_FILE
from ghostsync.core.pair import Policy, Verdict
from ghostsync.core.plan import Direction, Plan
from ghostsync.core.push import decide_push
from ghostsync.core.tag_plan import plan_tags_push
from ghostsync.core.verbs import gives_tags, order_changes
from ghostsync.engine.gather import Gathered, orphan_path
from ghostsync.engine.newsletters import without_unknown
from ghostsync.engine.options import Options
from ghostsync.engine.pairing import Pairing
from ghostsync.engine.tag_sides import committed_tags, names_told, names_used, prepare_tags
from ghostsync.model import Asset, Digest, DocPath, FieldName, FieldValue, PostFace, PostId
from ghostsync.ports import Memory, Past, Remote

_TITLE = FieldName("title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Makes the plan of a push."""

    remote: Remote
    memory: Memory
    past: Past | None
    pairing: Pairing
    project: str | None
    marker: str | None
    root_name: str

    def decide(self, seen: Gathered, options: Options) -> Plan:
        policy = Policy(
            site_url=seen.site.url,
            now=seen.now,
            project=self.project,
            prefer=options.prefer,
            prune=options.prune,
            send_email=options.send_email,
            default_visibility=self.remote.default_visibility() if _leaves_readers_open(seen) else None,
        )
        verdicts = [decide_push(pair, policy) for pair in self.pairing.for_push(seen, options)]
        verdicts = without_unknown(verdicts, seen, self.remote)
        undone, left = self._half_made(seen) if options.is_everything else ((), ())
        verdicts = self._check_slugs(verdicts, seen, undone)
        changes: list[Change] = [change for verdict in verdicts for change in verdict.changes]
        changes += undone
        # The site's tags are listed for `tags.yaml`, and before a post gets a tag, if only the marker.
        is_tagging = any(gives_tags(change) for change in changes)
        there = seen.site_tags
        if there is None and (seen.local.tags or is_tagging):
            there = tuple(self.remote.tags())
        described, tag_problems = prepare_tags(seen, there or (), remote=self.remote, memory=self.memory)
        tags = plan_tags_push(
            described,
            documents=[c for c in changes if isinstance(c, CreatePost | UpdatePost)],
            names=names_used(seen),
            remote=there,
            remembered=self.memory.tags(),
            committed=lambda: committed_tags(self.past),
            log=self.remote.tag_log,
            marker=self.marker,
            prefer=options.prefer,
            is_tagging=is_tagging,
            covers_file=options.covers(TAGS_FILE),
            site_url=seen.site.url,
        )
        changes += tags.changes
        changes += _uploads(changes, seen.around.assets)
        # What cannot be read may be what looks deleted, in the selection or out of it.
        is_removing = any(_is_pruning(change) for change in changes)
        found = (*seen.problems, *seen.local.problems, *tag_problems)
        problems = [p for p in found if is_removing or options.covers(p.path)]
        problems += [p for verdict in verdicts for p in verdict.problems]
        conflicts = [c for c in seen.matches.conflicts if options.covers(c.path)]
        conflicts += [c for verdict in verdicts for c in verdict.conflicts]
        notes = [n for verdict in verdicts for n in verdict.notes]
        quiet = sum(verdict.is_unchanged and verdict.row in {4, 6} for verdict in verdicts)
        plan = Plan(
            direction=Direction.PUSH,
            site=seen.site,
            at=seen.now,
            project=self.project,
            root=self.root_name,
            changes=order_changes(changes),
            conflicts=tuple(sorted((*conflicts, *tags.conflicts), key=lambda c: c.path)),
            notes=in_order((*notes, *left, *tags.notes, *warning_notes(seen, options))),
            problems=tuple(sorted(set(problems), key=lambda p: (p.path, p.line or 0, p.message))),
            unchanged=quiet + len(seen.settled),
            managed=count_managed(seen, self.project),
            tag_names=names_told(seen, changes, conflicts),
        )
        return self._with_members(plan)

    def _check_slugs(self, verdicts: list[Verdict], seen: Gathered, undone: Iterable[DeletePost]) -> list[Verdict]:
        """Refuse slugs that somebody has and keeps: Ghost would append a number without a word.

        A slug becomes free where its post takes another one in this very run. A post that is refused keeps its own, and
        so refuses whoever waits for it; so this is asked until nobody else is refused.
        """
        sends = (change.sends for verdict in verdicts for change in verdict.changes if _is_sent(change))
        if not any(SLUG in one for one in sends):
            return verdicts
        owners: dict[str, list[PostFace]] = {}
        gone = {change.id for change in undone}
        for post in seen.posts.values():
            if post.id not in gone:
                owners.setdefault(post.slug, []).append(post)
        while True:
            moving = {
                change.id: change.sends[SLUG]
                for verdict in verdicts
                for change in verdict.changes
                if isinstance(change, UpdatePost) and SLUG in change.sends
            }
            checked = [_with_free_slug(verdict, owners, moving) for verdict in verdicts]
            if checked == verdicts:
                return verdicts
            verdicts = checked

    def _half_made(self, seen: Gathered) -> tuple[tuple[DeletePost, ...], tuple[Note, ...]]:
        """Return the undo of creates that got another slug than they asked for, and a note where a person has used one.

        Matching knows that neither the text nor `updated_at` moved; tags and meta data move neither. What it says must
        still be here as a document: a backup that was imported may look just the same.
        """
        posts = seen.matches.half_made
        here = {face.path for face in seen.local.documents}
        touched = self.remote.edits_of([post.id for post in posts]) if posts else {}
        undone: list[DeletePost] = []
        notes: list[Note] = []
        for post in posts:
            base = None if post.record is None else base_of_record(post.record)
            drifted = () if base is None else drifted_fields(base, post, site_url=seen.site.url, now=seen.now)
            is_used = post.id in touched or bool(set(drifted) - {SLUG}) or post.email_status is not None
            if is_used or orphan_path(post) not in here:
                used = "somebody has used it" if is_used else "its document is gone"
                message = f"an unfinished run left a second post `{post.slug}`; {used}, and it is kept"
                hint = f"delete `{post.slug}` in Ghost, or give it a document of its own"
                notes.append(Note(kind=NoteKind.UNMANAGED, path=orphan_path(post), message=message, hint=hint))
            else:
                undone.append(_undo(post))
        return tuple(undone), tuple(notes)

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


def _is_sent(change: Change) -> TypeGuard[CreatePost | UpdatePost]:
    return isinstance(change, CreatePost | UpdatePost)


def _with_free_slug(
    verdict: Verdict, owners: Mapping[str, list[PostFace]], moving: Mapping[PostId, FieldValue]
) -> Verdict:
    """Return the verdict, or a conflict where another post keeps the slug that it asks for."""
    for change in verdict.changes:
        if not _is_sent(change) or SLUG not in change.sends:
            continue
        wanted = change.sends[SLUG]
        for post in owners.get(str(wanted), ()):
            is_itself = isinstance(change, UpdatePost) and post.id == change.id
            if is_itself or moving.get(post.id, wanted) != wanted:
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
            notes = tuple(note for note in verdict.notes if note.kind is not NoteKind.SLUG_CHANGE)
            return replace(verdict, changes=(), conflicts=(*verdict.conflicts, conflict), notes=notes)
    return verdict


def count_managed(seen: Gathered, project: str | None) -> int:
    """Return how many posts belong to the project."""
    strangers = {post.id for post in seen.matches.unmanaged}  # copies carry their original's record
    return sum(
        post.ownership is not None and post.ownership.project == project and post.id not in strangers
        for post in seen.posts.values()
    )


def _leaves_readers_open(seen: Gathered) -> bool:
    """Whether a document without a post does not say who may read it."""
    new = (seen.prepared[path] for path in seen.matches.documents if path in seen.prepared)
    return any(VISIBILITY not in local.fields for local in new)


def _is_pruning(change: Change) -> bool:
    return isinstance(change, UnpublishPost) or (isinstance(change, DeletePost) and change.reason is Reason.PRUNE)


def _undo(post: PostFace) -> DeletePost:
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
        for w in (*seen.local.warnings, *seen.warnings)
        if options.covers(w.path)
    ]
