"""One attempt to write a post: its record, the wait for Ghost's clock, and the look after a lost answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ghostsync.core.base import Whose, newest_record, seconds_between
from ghostsync.core.changes import (
    UPLOAD_SCHEME,
    AdoptPost,
    CreatePost,
    DeletePost,
    Email,
    RecordDraft,
    UnpublishPost,
    UpdatePost,
)
from ghostsync.core.digest import body_digest, bytes_digest
from ghostsync.core.record import SVG_LIMIT, attach_record
from ghostsync.core.typed import typed
from ghostsync.errors import ConflictsFound, GhostError, GhostsyncError, UpdateCollision
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
    Upload,
)
from ghostsync.ports import Remote, Stored, Tree

# Ghost stores whole seconds: whoever writes within the same second as the version we read passes its collision check.
TICK_SECONDS = 2.0

# What moves `updated_at` whenever it is edited: columns of Ghost's table of posts. Everything else (`posts_meta`, tags,
# authors, tiers) is edited without a trace that a collision check could find; so are status, visibility and `featured`
# where somebody sets them for several posts at once.
MOVES_UPDATED_AT = frozenset(
    {
        "title", "slug", "published_at", "excerpt", "feature_image", "canonical_url", "template",
        "codeinjection_head", "codeinjection_foot",
    }
)  # fmt: skip

SVG = "image/svg+xml"

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
        return self.fill_address(value) if isinstance(value, str) else value

    def fill_address(self, address: str) -> str:
        """Return an address, with the file's own in the placeholder's place."""
        if not address.startswith(UPLOAD_SCHEME):
            return address
        sha256, tail = _split(address)
        return self.of(sha256) + tail

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
class Attempts:
    """What every write of a post begins and ends with. Safe to share between threads."""

    remote: Remote
    tree: Tree
    site_url: str
    read_at: str
    sleep: Callable[[float], None]
    new_op: Callable[[], str]
    addresses: Addresses
    author: str | None
    """Who commits here, for the record."""

    def begin(self, draft: RecordDraft, lexical: Lexical) -> tuple[Record, Lexical]:
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
            body_digest=draft.body or body_digest(filled, site_url=self.site_url),
            images=images,
            links={reference: self.addresses.fill_address(address) for reference, address in draft.links.items()},
            by=self.author,
        )
        return record, filled

    def _upload_of(self, path: str, draft: RecordDraft) -> Upload:
        asset = draft.assets[path]
        url = draft.known[path].url if path in draft.known else self.addresses.of(asset.sha256)
        original = None
        if asset.mime == SVG and asset.size <= SVG_LIMIT:
            # Ghost's sanitiser rewrites SVG and keeps no original. What was changed since the plan is another file.
            data = self.tree.read(asset.path)
            original = base64.b64encode(data).decode("ascii") if bytes_digest(data) == asset.sha256 else None
        return Upload(sha256=asset.sha256, url=url, original=original)

    def update(
        self,
        change: CreatePost | UpdatePost | AdoptPost | UnpublishPost,
        id: PostId,  # noqa: A002
        fields: Mapping[FieldName, FieldValue],
        lexical: Lexical,
        record: Record,
        *,
        expected: str,
        email: Email | None = None,
        current_tags: tuple[str, ...] | None = None,
    ) -> Stored:
        """Send one update, once. Raises `ConflictsFound` where a person has saved the post since `expected`."""
        try:
            return self.remote.update_post(
                change.kind,
                id,
                fields,
                attach_record(lexical, record, site_url=self.site_url),
                expected=expected,
                newsletter=None if email is None else email.newsletter,
                segment=None if email is None else email.segment,
                current_tags=current_tags,
            )
        except UpdateCollision as error:
            raise collision(change.path) from error
        except GhostError as error:
            return self._landed_after_all(change.kind, id, record, error)

    def last_record(self, kind: Kind, id: PostId) -> Record | None:  # noqa: A002
        """Return the newest record in the post's history: an editor's typing dropped the post's own."""
        history = self.remote.revisions(kind, [id])
        return newest_record(history.get(id, ()), project=Whose.ANYBODYS)

    def _landed_after_all(self, kind: Kind, id: PostId, record: Record, error: GhostError) -> Stored:  # noqa: A002
        """Read back an update whose answer was lost; raise `error` where our write is not the one that is there."""
        if not error.may_have_happened:
            raise error
        post = quietly(lambda: self.remote.post(kind, id), error)
        if post.record is not None and post.record.op == record.op:
            return Stored(post=post, html=UNKNOWN_HTML)
        raise error

    def settle(self, change: UpdatePost | AdoptPost) -> str:
        """Return the `updated_at` to send; read the post again where Ghost's collision check would not see an edit.

        It is blind within a second (so Ghost's clock is waited out), and to everything that does not move
        `updated_at` (see `MOVES_UPDATED_AT`). Raises `ConflictsFound` where the post no longer is what the
        plan saw.
        """
        # The post moved within the second before it was read: another write in that second would pass unseen.
        is_young = seconds_between(change.expected, self.read_at) < TICK_SECONDS
        if is_young:
            self.wait_for_tick(change.expected)
        sends = change.sends if isinstance(change, UpdatePost) else {}
        if is_young or change.marker_tags is not None or any(name not in MOVES_UPDATED_AT for name in sends):
            post = self.remote.post(change.kind, change.id)
            if has_moved(post, change):
                raise collision(change.path)
        return change.expected

    def wait_for_tick(self, moved_at: str) -> None:
        """Wait until Ghost's clock has left the second in which the post moved."""
        rest = TICK_SECONDS - seconds_between(moved_at, self.remote.now())
        if rest > 0:
            self.sleep(min(rest, TICK_SECONDS))


def quietly(look: Callable[[], T], error: GhostError) -> T:
    """Look after a lost answer; whatever goes wrong while looking, the outcome of the write stays unknown."""
    try:
        return look()
    except GhostError as second:
        raise error from second


# The HTML of a write whose answer was lost.
UNKNOWN_HTML = "\0html of a write whose answer was lost"


def has_moved(post: Post, change: UpdatePost | AdoptPost | UnpublishPost | DeletePost) -> bool:
    """Whether the post no longer is what the change believes."""
    return post.updated_at != change.expected or post.body != change.body or dict(post.fields) != dict(change.was)


def collision(path: DocPath) -> ConflictsFound:
    """Return the refusal of a write to a post that a person saved meanwhile."""
    return ConflictsFound(
        f"{path}: somebody saved the post in Ghost while this ran; it is left alone",
        hint=f"`ghostsync diff {typed(path)}` shows what changed, "
        f"`ghostsync pull {typed(path)}` brings it into the file",
    )
