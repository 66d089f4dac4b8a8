"""Writing one post: the attempt, the lost answer, the check of what came back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ghostsync.core.base import SLUG, STATUS, Whose, base_of_record, newest_record, seconds_between
from ghostsync.core.digest import body_digest
from ghostsync.core.email import EMAIL_ONLY, is_move_to_readers
from ghostsync.core.outcome import Outcome, Status
from ghostsync.core.plan import (
    UPLOAD_SCHEME,
    AdoptPost,
    CreatePost,
    DeletePost,
    RecordDraft,
    UnpublishPost,
    UpdatePost,
)
from ghostsync.core.record import SVG_LIMIT, attach_record
from ghostsync.core.verify import differences
from ghostsync.errors import ConflictsFound, GhostError, GhostsyncError, Mismatch, NotFound, UpdateCollision
from ghostsync.lexical import find_references, rewrite_references
from ghostsync.model import (
    Digest,
    DocPath,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    Post,
    PostId,
    Record,
    Slug,
    Upload,
)
from ghostsync.ports import Memory, Remote, Stored, Tree

# Ghost stores whole seconds: whoever writes within the same second as the version we read passes its collision check.
TICK_SECONDS = 2.0

_SVG = "image/svg+xml"

T = TypeVar("T")


@dataclass(slots=True)
class Addresses:
    """Where this run's uploads landed."""

    urls: dict[Digest, str] = field(default_factory=dict)
    failed: dict[Digest, GhostsyncError] = field(default_factory=dict)

    def of(self, sha256: Digest) -> str:
        """Return the address of an upload. Raises what the upload failed with."""
        if sha256 in self.urls:
            return self.urls[sha256]
        error = self.failed.get(sha256)
        if error is not None:
            raise type(error)(f"a file that it shows could not be uploaded: {error.message}", hint=error.hint)
        raise GhostsyncError("a file that it shows was not uploaded", hint="run the same command again")

    def fill_value(self, value: FieldValue) -> FieldValue:
        """Return a field's value with the address in the placeholder's place."""
        if isinstance(value, str) and value.startswith(UPLOAD_SCHEME):
            sha256, tail = _split(value)
            return self.of(sha256) + tail
        return value

    def fill(self, lexical: Lexical) -> Lexical:
        """Return the document with addresses in place of all placeholders."""
        mapping = {}
        for reference in find_references(lexical):
            if reference.value.startswith(UPLOAD_SCHEME):
                sha256, tail = _split(reference.value)
                mapping[reference.value] = self.of(sha256) + tail
        return rewrite_references(lexical, mapping) if mapping else lexical


def _split(value: str) -> tuple[Digest, str]:
    rest = value.removeprefix(UPLOAD_SCHEME)
    return Digest(rest[:64]), rest[64:]


@dataclass(slots=True)
class PostWriter:
    """Writes posts, one at a time per post; safe to call from several threads for different posts."""

    remote: Remote
    tree: Tree
    memory: Memory
    site_url: str
    read_at: str
    sleep: Callable[[float], None]
    new_op: Callable[[], str]
    addresses: Addresses
    _parked: dict[PostId, str] = field(default_factory=dict)

    # ------------------------------------------------------------------ create

    def create(self, change: CreatePost) -> Outcome:
        """Create a post; an answer with another slug is undone."""
        fields = {name: self.addresses.fill_value(value) for name, value in change.sends.items()}
        if change.email is not None:
            # Ghost never sends on creation: the post is made as a draft, and publishing it is a second write.
            fields[STATUS] = "draft"
        record, lexical = self._attempt(change.draft, change.lexical)
        try:
            stored = self.remote.create_post(change.kind, fields, attach_record(lexical, record))
        except GhostError as error:
            stored = self._created_after_all(change, record, error)
        post = stored.post
        if post.slug != change.slug:
            # Somebody took the slug since it was looked up. The record's slug tells a later run, should this one die
            # before the undo.
            self.remote.delete_post(change.kind, post.id)
            raise Mismatch(
                f"{change.path}: the slug `{change.slug}` was taken meanwhile (Ghost made `{post.slug}`); "
                "the new post was removed again",
                hint="run the same command again to see who has it",
            )
        self._check(change.path, fields, lexical, stored)
        self._remember(post, record)
        if change.email is not None:
            self._send(change, post, lexical)
        return Outcome(change=change, status=Status.APPLIED, id=post.id, url=post.url)

    def _created_after_all(self, change: CreatePost, record: Record, error: GhostError) -> Stored:
        """Look for a create whose answer was lost; raise `error` where it cannot be found."""
        if not error.may_have_happened:
            raise error
        for post in _quietly(lambda: tuple(self.remote.posts_by_slug(change.kind, change.slug)), error):
            if post.record is not None and post.record.op == record.op:
                return Stored(post=post, html=_UNKNOWN_HTML)
        raise error

    def _send(self, change: CreatePost, post: Post, lexical: Lexical) -> None:
        """Publish a new post with its newsletter."""
        if change.email is None:
            return
        status = change.sends.get(STATUS)
        again, _ = self._attempt(change.draft, change.lexical)
        try:
            stored = self.remote.update_post(
                change.kind,
                post.id,
                {STATUS: status, **_dates(change.sends)},
                attach_record(lexical, again),
                expected=post.updated_at,
                newsletter=change.email.newsletter,
                segment=change.email.segment,
            )
        except GhostError as error:
            stored = self._landed_after_all(change.kind, post.id, again, error)
        self._remember(stored.post, again)
        self._check_email(change.path, self.remote.post(change.kind, post.id))

    # ------------------------------------------------------------------ update

    def update(self, change: UpdatePost) -> Outcome:
        """Bring a post to what its document says."""
        expected = self._settle(change)
        fields = {name: self.addresses.fill_value(value) for name, value in change.sends.items()}
        if is_move_to_readers(fields, change.status):
            self._refuse_surprise_email(change)
            if fields.get(EMAIL_ONLY) is False:
                # Ghost decides by the stored value: sent together with the status, it comes too late.
                expected = self._write(change, {EMAIL_ONLY: fields.pop(EMAIL_ONLY)}, expected).post.updated_at
        if change.mobiledoc:
            expected = self.remote.convert_post(change.kind, change.id, expected=expected).updated_at
        stored = self._write(change, fields, expected)
        post = stored.post
        if post.slug != (fields.get(SLUG) or change.slug) and change.id not in self._parked:
            self._undo_slug(change, post)
        if change.email is not None:
            self._check_email(change.path, self.remote.post(change.kind, change.id))
        return Outcome(change=change, status=Status.APPLIED, id=post.id, url=post.url)

    def _write(self, change: UpdatePost, fields: Mapping[FieldName, FieldValue], expected: str) -> Stored:
        record, lexical = self._attempt(change.draft, change.lexical)
        try:
            stored = self.remote.update_post(
                change.kind,
                change.id,
                fields,
                attach_record(lexical, record),
                expected=expected,
                newsletter=None if change.email is None else change.email.newsletter,
                segment=None if change.email is None else change.email.segment,
                current_tags=change.marker_tags,
            )
        except UpdateCollision as error:
            raise _collision(change.path) from error
        except GhostError as error:
            stored = self._landed_after_all(change.kind, change.id, record, error)
        self._check(change.path, fields, lexical, stored)
        self._remember(stored.post, record)
        return stored

    def _undo_slug(self, change: UpdatePost, post: Post) -> None:
        raise Mismatch(
            f"{change.path}: asked for the slug `{change.sends.get(SLUG)}`, Ghost made `{post.slug}`",
            hint="run the same command again: it sees who has the slug, and takes this one back",
        )

    def park(self, change: UpdatePost, parking: Slug) -> None:
        """Move a post aside onto a parking slug; its update follows when its new slug is free."""
        expected = self._settle(change)
        record, lexical = self._attempt(change.draft, change.lexical)
        try:
            stored = self.remote.update_post(
                change.kind, change.id, {SLUG: parking}, attach_record(lexical, record), expected=expected
            )
        except UpdateCollision as error:
            raise _collision(change.path) from error
        except GhostError as error:
            stored = self._landed_after_all(change.kind, change.id, record, error)
        self._parked[change.id] = stored.post.updated_at

    def adopt(self, change: AdoptPost) -> Outcome:
        """Put a record into a post that already says what its document says."""
        expected = change.expected
        record, lexical = self._attempt(change.draft, change.lexical)
        again = self._read_settled(change.kind, change.id, expected)
        if again is not None and (again.updated_at != expected or again.body != record.body_digest):
            raise _collision(change.path)
        if change.mobiledoc:
            expected = self.remote.convert_post(change.kind, change.id, expected=expected).updated_at
        try:
            stored = self.remote.update_post(
                change.kind,
                change.id,
                {},
                attach_record(lexical, record),
                expected=expected,
                current_tags=change.marker_tags,
            )
        except UpdateCollision as error:
            raise _collision(change.path) from error
        except GhostError as error:
            stored = self._landed_after_all(change.kind, change.id, record, error)
        self._remember(stored.post, record)
        return Outcome(change=change, status=Status.APPLIED, id=stored.post.id, url=stored.post.url)

    def _landed_after_all(self, kind: Kind, id: PostId, record: Record, error: GhostError) -> Stored:  # noqa: A002
        """Read back an update whose answer was lost; raise `error` where our write is not the one that is there."""
        if not error.may_have_happened:
            raise error
        post = _quietly(lambda: self.remote.post(kind, id), error)
        if post.record is not None and post.record.op == record.op:
            return Stored(post=post, html=_UNKNOWN_HTML)
        raise error

    # ------------------------------------------------------------------ taking away

    def unpublish(self, change: UnpublishPost) -> Outcome:
        """Turn an orphan back into a draft, if it still is what the plan saw."""
        post = self._reread(change)
        ours = post.record or self._last_record(change)
        if post.lexical is None or ours is None:
            raise _collision(change.path)
        fields = dict(ours.fields)
        if STATUS in fields:
            fields[STATUS] = "draft"  # what both sides now agree on; else the next run would take this for an edit
        record = replace(ours, op=self.new_op(), at=self.remote.now(), fields=fields)
        try:
            stored = self.remote.update_post(
                change.kind, change.id, {STATUS: "draft"}, attach_record(post.lexical, record), expected=post.updated_at
            )
        except UpdateCollision as error:
            raise _collision(change.path) from error
        except GhostError as error:
            stored = self._landed_after_all(change.kind, change.id, record, error)
        self.memory.forget(change.id)
        return Outcome(change=change, status=Status.APPLIED, id=change.id, url=stored.post.url)

    def _last_record(self, change: UnpublishPost) -> Record | None:
        """Return the newest record in the post's history: an editor's typing dropped the post's own."""
        history = self.remote.revisions(change.kind, [change.id])
        return newest_record(history.get(change.id, ()), project=Whose.ANYBODYS)

    def delete(self, change: DeletePost) -> Outcome:
        """Delete an orphan, if it still is what the plan saw."""
        try:
            self._reread(change)
            # RACE: an edit between that read and this delete is lost with the post; Ghost takes no precondition here.
            self.remote.delete_post(change.kind, change.id)
        except NotFound:
            pass  # gone already, which is what was asked for
        except GhostError as error:
            if not error.may_have_happened:
                raise
            if self._is_there(change, error):
                raise
        self.memory.bury(change.id, change.title, change.path)
        self.memory.forget(change.id)
        return Outcome(change=change, status=Status.APPLIED, id=change.id)

    def _is_there(self, change: DeletePost, error: GhostError) -> bool:
        """Look after a delete whose answer was lost."""
        try:
            _quietly(lambda: self.remote.post(change.kind, change.id), error)
        except GhostError as seen:
            if isinstance(seen.__cause__, NotFound):
                return False
            raise
        return True

    def _reread(self, change: UnpublishPost | DeletePost) -> Post:
        self._wait_for_tick(change.expected)
        post = self.remote.post(change.kind, change.id)
        if _has_moved(post, change):
            raise _collision(change.path)
        if post.email_status is not None and isinstance(change, DeletePost):
            raise ConflictsFound(
                f"{change.path}: its post was emailed, and what was emailed is never deleted by policy",
                hint="delete it in Ghost if it must go",
            )
        return post

    # ------------------------------------------------------------------ around a write

    def _settle(self, change: UpdatePost) -> str:
        """Return the `updated_at` to send, after waiting out Ghost's one-second clock where it matters."""
        parked = self._parked.get(change.id)
        if parked is not None:
            return parked
        post = self._read_settled(change.kind, change.id, change.expected)
        if post is not None and _has_moved(post, change):
            raise _collision(change.path)
        return change.expected

    def _read_settled(self, kind: Kind, id: PostId, expected: str) -> Post | None:  # noqa: A002
        """Return the post as it is after Ghost's clock ticked; None where it was read long enough after it moved."""
        if seconds_between(expected, self.read_at) >= TICK_SECONDS:
            return None
        # The post moved within the second before it was read: another write in that second would pass unseen.
        self._wait_for_tick(expected)
        return self.remote.post(kind, id)

    def _wait_for_tick(self, moved_at: str) -> None:
        rest = TICK_SECONDS - seconds_between(moved_at, self.remote.now())
        if rest > 0:
            self.sleep(min(rest, TICK_SECONDS))

    def _refuse_surprise_email(self, change: UpdatePost) -> None:
        """Read a post again before it goes to readers: an editor may have given it a newsletter since the plan."""
        if change.email is not None:
            return
        post = self.remote.post(change.kind, change.id)
        # Ghost makes one email per post: what was sent once is not sent again; what failed is tried again.
        if post.email_status == "failed" or (post.newsletter is not None and post.email_status is None):
            raise ConflictsFound(
                f"{change.path}: publishing would email the newsletter `{post.newsletter}`, "
                "which somebody set in Ghost",
                hint="add `--send-email` to send it, or unschedule the post in Ghost",
            )
        if post.fields.get(EMAIL_ONLY) and change.sends.get(EMAIL_ONLY) is not False:
            raise ConflictsFound(
                f"{change.path}: somebody made the post email-only in Ghost; published, it would leave the site",
                hint="set `email_only: false` in the document, or add `newsletter:` and `--send-email`",
            )

    def _check_email(self, path: DocPath, post: Post) -> None:
        if post.email_status is None and post.fields.get(STATUS) != "scheduled":
            raise Mismatch(
                f"{path}: the post was published, but Ghost made no email",
                hint="check the newsletter and the members in Ghost before anything is sent again",
            )

    def _attempt(self, draft: RecordDraft, lexical: Lexical) -> tuple[Record, Lexical]:
        """Return the record of one attempt to write, and the body with its addresses filled in."""
        filled = self.addresses.fill(lexical)
        images = {path: self._upload_of(path, draft) for path in draft.assets}
        record = Record(
            op=self.new_op(),
            at=self.remote.now(),
            project=draft.project,
            path=draft.path,
            slug=draft.slug,
            source=draft.source,
            source_digest=draft.source_digest,
            fields={name: self.addresses.fill_value(value) for name, value in draft.fields.items()},
            kept=draft.kept,
            body_digest=body_digest(filled, site_url=self.site_url),
            images=images,
            links=draft.links,
        )
        return record, filled

    def _upload_of(self, path: str, draft: RecordDraft) -> Upload:
        asset = draft.assets[path]
        url = draft.known[path].url if path in draft.known else self.addresses.of(asset.sha256)
        original = None
        if asset.mime == _SVG and asset.size <= SVG_LIMIT:
            # Ghost's sanitiser rewrites SVG and keeps no original.
            original = base64.b64encode(self.tree.read(asset.path)).decode("ascii")
        return Upload(sha256=asset.sha256, url=url, original=original)

    def _check(self, path: DocPath, fields: Mapping[FieldName, FieldValue], lexical: Lexical, stored: Stored) -> None:
        html = None if stored.html is _UNKNOWN_HTML else stored.html
        found = differences(
            {name: value for name, value in fields.items() if name != SLUG},
            lexical,
            stored.post,
            html,
            site_url=self.site_url,
            now=self.remote.now(),
        )
        if stored.html is _UNKNOWN_HTML:
            found = tuple(text for text in found if "HTML" not in text)
        if found:
            raise Mismatch(f"{path}: Ghost did not keep what was sent: {'; '.join(found)}")

    def _remember(self, post: Post, record: Record) -> None:
        self.memory.remember(post, base_of_record(record), record.op)


def _quietly(look: Callable[[], T], error: GhostError) -> T:
    """Look after a lost answer; whatever goes wrong while looking, the outcome of the write stays unknown."""
    try:
        return look()
    except GhostError as second:
        raise error from second


_UNKNOWN_HTML = "\0html of a write whose answer was lost"


def _has_moved(post: Post, change: UpdatePost | UnpublishPost | DeletePost) -> bool:
    return post.updated_at != change.expected or post.body != change.body or dict(post.fields) != dict(change.was)


def _collision(path: DocPath) -> ConflictsFound:
    return ConflictsFound(
        f"{path}: somebody saved the post in Ghost while this ran; it is left alone",
        hint=f"`ghostsync diff {path}` shows what changed, `ghostsync pull {path}` brings it into the file",
    )


def _dates(sends: Mapping[FieldName, FieldValue]) -> dict[FieldName, FieldValue]:
    name = FieldName("published_at")
    return {name: sends[name]} if name in sends else {}
