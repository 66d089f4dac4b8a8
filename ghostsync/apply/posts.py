"""Writing one post: the attempt, the lost answer, the check of what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ghostsync.apply.attempt import UNKNOWN_HTML, Attempts, collision, quietly
from ghostsync.core.base import PUBLISHED_AT, SLUG, STATUS, base_of_record
from ghostsync.core.changes import AdoptPost, CreatePost, UpdatePost
from ghostsync.core.email import EMAIL_ONLY, is_move_to_readers
from ghostsync.core.outcome import Outcome, Status
from ghostsync.core.record import attach_record
from ghostsync.core.typed import typed
from ghostsync.core.verify import differences
from ghostsync.errors import ConflictsFound, GhostError, Mismatch, UpdateCollision
from ghostsync.model import (
    Digest,
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
    """Posts that stepped aside, with the `updated_at` that this gave them."""
    _parked_on: dict[PostId, Slug] = field(default_factory=dict)

    # ------------------------------------------------------------------ create

    def create(self, change: CreatePost) -> Outcome:
        """Create a post; an answer with another slug is undone."""
        fields = {name: self.attempts.addresses.fill_value(value) for name, value in change.sends.items()}
        draft = change.draft
        if change.email is not None:
            # Ghost never sends on creation: the post is made as a draft, and publishing it is a second write. The
            # record says so, too: should this run die in between, the next one publishes.
            fields[STATUS] = "draft"
            draft = replace(draft, fields={**draft.fields, STATUS: "draft"})
        record, lexical = self.attempts.begin(draft, change.lexical)
        try:
            whole = attach_record(lexical, record, site_url=self.attempts.site_url)
            stored = self.attempts.remote.create_post(change.kind, fields, whole)
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
            self._send(change, post)
        return Outcome(change=change, status=Status.APPLIED, id=post.id, url=post.url)

    def _created_after_all(self, change: CreatePost, record: Record, error: GhostError) -> Stored:
        """Look for a create whose answer was lost; raise `error` where it cannot be found."""
        if not error.may_have_happened:
            raise error
        for post in quietly(lambda: tuple(self.attempts.remote.posts_by_slug(change.kind, change.slug)), error):
            if post.record is not None and post.record.op == record.op:
                return Stored(post=post, html=UNKNOWN_HTML)
        raise error

    def _send(self, change: CreatePost, post: Post) -> None:
        """Publish a new post with its newsletter."""
        if change.email is None:
            return
        fields = {name: value for name, value in change.sends.items() if name in {STATUS, PUBLISHED_AT}}
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        stored = self.attempts.update(
            change, post.id, fields, lexical, record, expected=post.updated_at, email=change.email
        )
        self._check(change.path, fields, lexical, stored)
        self._remember(stored.post, record)
        self._check_email(change.path, self.attempts.remote.post(change.kind, post.id))

    # ------------------------------------------------------------------ update

    def update(self, change: UpdatePost) -> Outcome:
        """Bring a post to what its document says."""
        expected = self._expected(change)
        fields = {name: self.attempts.addresses.fill_value(value) for name, value in change.sends.items()}
        if change.mobiledoc:
            expected, lexical = self._convert(change, expected)
            change = change if change.body_changed else replace(change, lexical=lexical)
        if is_move_to_readers(fields, change.status):
            self._refuse_surprise_email(change)
            if fields.get(EMAIL_ONLY) is False:
                # Ghost decides by the stored value: sent together with the status, it comes too late.
                first = {EMAIL_ONLY: fields.pop(EMAIL_ONLY)}
                held = {name: change.was.get(name) for name in fields if name in change.draft.fields}
                draft = replace(change.draft, fields={**change.draft.fields, **held})
                expected = self._write(replace(change, draft=draft, email=None), first, expected).post.updated_at
        stored = self._write(change, fields, expected)
        post = stored.post
        if change.email is not None:
            self._check_email(change.path, self.attempts.remote.post(change.kind, change.id))
        return Outcome(change=change, status=Status.APPLIED, id=post.id, url=post.url)

    def _convert(self, change: UpdatePost | AdoptPost, expected: str) -> tuple[str, Lexical]:
        """Have Ghost convert an old mobiledoc post; what it made of the body is what stays where nothing is sent."""
        try:
            post = self.attempts.remote.convert_post(change.kind, change.id, expected=expected)
        except UpdateCollision as error:
            raise collision(change.path) from error
        return post.updated_at, post.lexical or change.lexical

    def _write(self, change: UpdatePost, fields: Mapping[FieldName, FieldValue], expected: str) -> Stored:
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        stored = self.attempts.update(
            change,
            change.id,
            fields,
            lexical,
            record,
            expected=expected,
            email=change.email,
            current_tags=change.marker_tags,
        )
        if SLUG in fields and stored.post.slug != fields[SLUG]:
            self._undo_slug(change, stored.post, record, lexical)
        self._check(change.path, fields, lexical, stored)
        self._remember(stored.post, record)
        return stored

    def _undo_slug(self, change: UpdatePost, post: Post, record: Record, lexical: Lexical) -> None:
        """Take back a slug that nobody asked for: the post goes back to where it was, which its record says too."""
        was = self._parked_on.get(change.id, change.slug)
        again = replace(_with_slug(record, was), op=self.attempts.new_op(), at=self.attempts.remote.now())
        stored = self.attempts.update(change, change.id, {SLUG: was}, lexical, again, expected=post.updated_at)
        where = "it is back at" if stored.post.slug == was else "it is now at"
        raise Mismatch(
            f"{change.path}: the slug `{change.sends.get(SLUG)}` was taken meanwhile (Ghost made `{post.slug}`); "
            f"{where} `{stored.post.slug}`",
            hint="run the same command again to see who has it",
        )

    def park(self, change: UpdatePost, parking: Slug) -> None:
        """Move a post aside onto a parking slug, and nothing else; its update follows when its new slug is free.

        The record is the one that is there, on the parking slug: a run that dies here leaves a document that wants
        another slug than its post has, which the next run brings about.
        """
        expected = self._expected(change)
        post = self.attempts.remote.post(change.kind, change.id)
        if post.updated_at != expected:
            raise collision(change.path)
        ours = post.record or self.attempts.last_record(change.kind, change.id)
        if ours is None:  # overwritten by `--prefer local`: nothing is known of it but what it says now
            record, _ = self.attempts.begin(change.draft, change.lexical)
            ours = replace(record, source=None, source_digest=Digest(""), fields={}, kept={}, body_digest=post.body)
        ours = replace(_with_slug(ours, parking), op=self.attempts.new_op(), at=self.attempts.remote.now())
        lexical = post.lexical or change.lexical
        stored = self.attempts.update(change, change.id, {SLUG: parking}, lexical, ours, expected=expected)
        self._parked[change.id] = stored.post.updated_at
        self._parked_on[change.id] = stored.post.slug

    def _expected(self, change: UpdatePost) -> str:
        parked = self._parked.get(change.id)
        return self.attempts.settle(change) if parked is None else parked

    def adopt(self, change: AdoptPost) -> Outcome:
        """Put a record into a post that already says what its document says."""
        expected = self.attempts.settle(change)
        if change.mobiledoc:
            expected, lexical = self._convert(change, expected)
            change = replace(change, lexical=lexical)
        record, lexical = self.attempts.begin(change.draft, change.lexical)
        stored = self.attempts.update(
            change, change.id, {}, lexical, record, expected=expected, current_tags=change.marker_tags
        )
        self._remember(stored.post, record)
        return Outcome(change=change, status=Status.APPLIED, id=stored.post.id, url=stored.post.url)

    # ------------------------------------------------------------------ around a write

    def _refuse_surprise_email(self, change: UpdatePost) -> None:
        """Read a post again before it goes to readers: an editor may have given it a newsletter since the plan."""
        if change.email is not None:
            return
        post = self.attempts.remote.post(change.kind, change.id)
        if change.id not in self._parked and dict(post.fields) != dict(
            change.was
        ):  # whatever moved no `updated_at` since `settle` looked
            raise collision(change.path)
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
            raise Mismatch(
                f"{path}: Ghost did not keep what was sent: {'; '.join(found)}",
                hint=f"`ghostsync open {typed(path)}` shows the post; correct the document, then push it again",
            )

    def _remember(self, post: Post, record: Record) -> None:
        self.memory.remember(post, base_of_record(record), record.op)


def _with_slug(record: Record, slug: Slug) -> Record:
    fields = {**record.fields, SLUG: slug} if SLUG in record.fields else record.fields
    return replace(record, slug=slug, fields=fields)
