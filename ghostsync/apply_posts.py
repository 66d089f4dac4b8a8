"""Writing one post: the attempt, the lost answer, the check of what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghostsync.apply_attempt import UNKNOWN_HTML, Attempts, collision, has_moved, quietly
from ghostsync.core.base import SLUG, STATUS, base_of_record
from ghostsync.core.email import EMAIL_ONLY, is_move_to_readers
from ghostsync.core.outcome import Outcome, Status
from ghostsync.core.plan import (
    AdoptPost,
    CreatePost,
    UpdatePost,
)
from ghostsync.core.record import attach_record
from ghostsync.core.verify import differences
from ghostsync.errors import ConflictsFound, GhostError, Mismatch, UpdateCollision
from ghostsync.model import (
    DocPath,
    FieldName,
    FieldValue,
    Lexical,
    Post,
    PostId,
    Record,
    Slug,
)
from ghostsync.ports import Memory, Stored


@dataclass(slots=True)
class PostWriter:
    """Writes posts, one at a time per post; safe to call from several threads for different posts."""

    attempts: Attempts
    memory: Memory
    _parked: dict[PostId, str] = field(default_factory=dict)

    # ------------------------------------------------------------------ create

    def create(self, change: CreatePost) -> Outcome:
        """Create a post; an answer with another slug is undone."""
        fields = {name: self.attempts.addresses.fill_value(value) for name, value in change.sends.items()}
        if change.email is not None:
            # Ghost never sends on creation: the post is made as a draft, and publishing it is a second write.
            fields[STATUS] = "draft"
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        try:
            stored = self.attempts.remote.create_post(change.kind, fields, attach_record(lexical, record))
        except GhostError as error:
            stored = self._created_after_all(change, record, error)
        post = stored.post
        if post.slug != change.slug:
            # Somebody took the slug since it was looked up. The record's slug tells a later run, should this one die
            # before the undo.
            self.attempts.remote.delete_post(change.kind, post.id)
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
        for post in quietly(lambda: tuple(self.attempts.remote.posts_by_slug(change.kind, change.slug)), error):
            if post.record is not None and post.record.op == record.op:
                return Stored(post=post, html=UNKNOWN_HTML)
        raise error

    def _send(self, change: CreatePost, post: Post, lexical: Lexical) -> None:
        """Publish a new post with its newsletter."""
        if change.email is None:
            return
        status = change.sends.get(STATUS)
        again, _ = self.attempts.begin(change.draft, change.lexical)
        try:
            stored = self.attempts.remote.update_post(
                change.kind,
                post.id,
                {STATUS: status, **_dates(change.sends)},
                attach_record(lexical, again),
                expected=post.updated_at,
                newsletter=change.email.newsletter,
                segment=change.email.segment,
            )
        except GhostError as error:
            stored = self.attempts.landed_after_all(change.kind, post.id, again, error)
        self._remember(stored.post, again)
        self._check_email(change.path, self.attempts.remote.post(change.kind, post.id))

    # ------------------------------------------------------------------ update

    def update(self, change: UpdatePost) -> Outcome:
        """Bring a post to what its document says."""
        expected = self._settle(change)
        fields = {name: self.attempts.addresses.fill_value(value) for name, value in change.sends.items()}
        if is_move_to_readers(fields, change.status):
            self._refuse_surprise_email(change)
            if fields.get(EMAIL_ONLY) is False:
                # Ghost decides by the stored value: sent together with the status, it comes too late.
                expected = self._write(change, {EMAIL_ONLY: fields.pop(EMAIL_ONLY)}, expected).post.updated_at
        if change.mobiledoc:
            expected = self.attempts.remote.convert_post(change.kind, change.id, expected=expected).updated_at
        stored = self._write(change, fields, expected)
        post = stored.post
        if post.slug != (fields.get(SLUG) or change.slug) and change.id not in self._parked:
            self._undo_slug(change, post)
        if change.email is not None:
            self._check_email(change.path, self.attempts.remote.post(change.kind, change.id))
        return Outcome(change=change, status=Status.APPLIED, id=post.id, url=post.url)

    def _write(self, change: UpdatePost, fields: Mapping[FieldName, FieldValue], expected: str) -> Stored:
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        try:
            stored = self.attempts.remote.update_post(
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
            raise collision(change.path) from error
        except GhostError as error:
            stored = self.attempts.landed_after_all(change.kind, change.id, record, error)
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
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        try:
            stored = self.attempts.remote.update_post(
                change.kind, change.id, {SLUG: parking}, attach_record(lexical, record), expected=expected
            )
        except UpdateCollision as error:
            raise collision(change.path) from error
        except GhostError as error:
            stored = self.attempts.landed_after_all(change.kind, change.id, record, error)
        self._parked[change.id] = stored.post.updated_at

    def adopt(self, change: AdoptPost) -> Outcome:
        """Put a record into a post that already says what its document says."""
        expected = change.expected
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        again = self.attempts.read_settled(change.kind, change.id, expected)
        if again is not None and (again.updated_at != expected or again.body != record.body_digest):
            raise collision(change.path)
        if change.mobiledoc:
            expected = self.attempts.remote.convert_post(change.kind, change.id, expected=expected).updated_at
        try:
            stored = self.attempts.remote.update_post(
                change.kind,
                change.id,
                {},
                attach_record(lexical, record),
                expected=expected,
                current_tags=change.marker_tags,
            )
        except UpdateCollision as error:
            raise collision(change.path) from error
        except GhostError as error:
            stored = self.attempts.landed_after_all(change.kind, change.id, record, error)
        self._remember(stored.post, record)
        return Outcome(change=change, status=Status.APPLIED, id=stored.post.id, url=stored.post.url)

    # ------------------------------------------------------------------ around a write

    def _settle(self, change: UpdatePost) -> str:
        """Return the `updated_at` to send, after waiting out Ghost's one-second clock where it matters."""
        parked = self._parked.get(change.id)
        if parked is not None:
            return parked
        post = self.attempts.read_settled(change.kind, change.id, change.expected)
        if post is not None and has_moved(post, change):
            raise collision(change.path)
        return change.expected

    def _refuse_surprise_email(self, change: UpdatePost) -> None:
        """Read a post again before it goes to readers: an editor may have given it a newsletter since the plan."""
        if change.email is not None:
            return
        post = self.attempts.remote.post(change.kind, change.id)
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

    def _check(self, path: DocPath, fields: Mapping[FieldName, FieldValue], lexical: Lexical, stored: Stored) -> None:
        html = None if stored.html is UNKNOWN_HTML else stored.html
        found = differences(
            {name: value for name, value in fields.items() if name != SLUG},
            lexical,
            stored.post,
            html,
            site_url=self.attempts.site_url,
            now=self.attempts.remote.now(),
        )
        if stored.html is UNKNOWN_HTML:
            found = tuple(text for text in found if "HTML" not in text)
        if found:
            raise Mismatch(f"{path}: Ghost did not keep what was sent: {'; '.join(found)}")

    def _remember(self, post: Post, record: Record) -> None:
        self.memory.remember(post, base_of_record(record), record.op)


def _dates(sends: Mapping[FieldName, FieldValue]) -> dict[FieldName, FieldValue]:
    name = FieldName("published_at")
    return {name: sends[name]} if name in sends else {}
