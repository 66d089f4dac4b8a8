"""What the engine needs from the outside, as protocols.

`engine` and `apply` see only these, so that the same code runs on real Ghost, on the in-memory fake of the tests,
on the working tree and on a commit in Git's object store. `ghostsync.ghost.gateway` and `ghostsync.local` satisfy them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ghostsync.core.addressing import PLAIN, Addressing
from ghostsync.core.base import Base
from ghostsync.core.conflicts import Note
from ghostsync.errors import Problem
from ghostsync.model import (
    Asset,
    Bucket,
    Digest,
    DocPath,
    Document,
    Edit,
    Face,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    Post,
    PostFace,
    PostId,
    Revision,
    Site,
    Slug,
    Tag,
)

if TYPE_CHECKING:
    from ghostsync.core.answers import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A staff user, as far as documents name one."""

    id: str
    slug: Slug
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A subscription tier."""

    id: str
    slug: Slug
    name: str
    is_paid: bool
    """Ghost drops the free tier from a post's tiers without a word: who may read for free is a visibility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A newsletter that posts can be sent with."""

    id: str
    slug: Slug
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Ghost's answer to a write: the post as stored, with its rendered HTML."""

    post: Post
    html: str | None


class Remote(Protocol):
    """A Ghost site. Every method may raise `GhostError`; reads retry by themselves, writes never do."""

    def now(self) -> str:
        """Return Ghost's time, `2026-11-23T07:45:00.000Z`."""

    def site(self) -> Site:
        """Return what the site says about itself."""

    def posts(self, kind: Kind, *, since: str | None = None) -> Iterator[Post]:
        """Yield all posts (or pages) of any status, or those that were saved or came in at or after `since`."""

    def posts_by_id(self, kind: Kind, ids: Iterable[PostId]) -> Iterator[Post]:
        """Yield the posts with these ids; those that are gone are left out."""

    def post(self, kind: Kind, id: PostId) -> Post:  # noqa: A002
        """Return one post. Raises `NotFound`."""

    def posts_by_slug(self, kind: Kind, slug: Slug) -> Iterator[Post]:
        """Yield the posts whose slug is `slug` or begins with it and a number, as Ghost makes them."""

    def revisions(self, kind: Kind, ids: Iterable[PostId]) -> Mapping[PostId, tuple[Revision, ...]]:
        """Return the post history, oldest first, of the posts with these ids."""

    def edits(self, *, since: str) -> tuple[Edit, ...] | None:
        """Return what happened since, newest first; None where the log holds more than one answer can say."""

    def newest_edit(self) -> Edit | None:
        """Return the newest entry of the log; None where it is empty."""

    def edits_of(self, ids: Iterable[PostId]) -> Mapping[PostId, Edit]:
        """Return the latest edit of each post by a person, as far as the log knows."""

    def deletions(self) -> tuple[Edit, ...]:
        """Return the deletions of posts that the log holds, newest first, and what was added before bulk ones."""

    def tag_log(self) -> tuple[Edit, ...]:
        """Return what the log knows of tags, newest first."""

    def tags(self) -> Iterator[Tag]:
        """Yield all tags."""

    def tag(self, id: str) -> Tag:  # noqa: A002
        """Return one tag. Raises `NotFound`."""

    def tags_by_slug(self, slug: Slug) -> Iterator[Tag]:
        """Yield the tags whose slug is `slug` or begins with it and a number."""

    def authors(self, naming: Iterable[str] = ()) -> tuple[Author, ...]:
        """Return all staff users."""

    def tiers(self, naming: Iterable[str] = ()) -> tuple[Tier, ...]:
        """Return all tiers."""

    def newsletters(self) -> tuple[Newsletter, ...]:
        """Return all newsletters."""

    def members(self, newsletter: Slug, segment: str) -> int | None:
        """Return how many members an email to this segment reaches; None where Ghost cannot say."""

    def default_visibility(self) -> str | None:
        """Return who may read a post for which nobody says it, or None where the key may not read that."""

    def routes_yaml(self) -> str | None:
        """Return the site's routes, or None where the key may not read them."""

    def create_post(self, kind: Kind, fields: Mapping[FieldName, FieldValue], lexical: Lexical) -> Stored:
        """Create a post."""

    def update_post(
        self,
        kind: Kind,
        id: PostId,  # noqa: A002
        fields: Mapping[FieldName, FieldValue],
        lexical: Lexical,
        *,
        expected: str,
        newsletter: Slug | None = None,
        segment: str | None = None,
        current_tags: tuple[str, ...] | None = None,
    ) -> Stored:
        """Change a post that is still as it was at `expected`. Raises `UpdateCollision`.

        `current_tags`: slugs to keep while the marker tag is added, where `fields` says nothing of tags and the post
        lacks the marker.
        """

    def convert_post(self, kind: Kind, id: PostId, *, expected: str) -> Post:  # noqa: A002
        """Have Ghost convert an old mobiledoc post to Lexical."""

    def delete_post(self, kind: Kind, id: PostId) -> None:  # noqa: A002
        """Delete a post, for good."""

    def create_tag(self, tag: Tag) -> Tag:
        """Create a tag."""

    def update_tag(self, id: str, fields: Mapping[FieldName, FieldValue]) -> Tag:  # noqa: A002
        """Change a tag. Ghost checks nothing: read it first."""

    def delete_tag(self, id: str) -> None:  # noqa: A002
        """Delete a tag that this run has just created."""

    def upload(self, asset: Asset, data: bytes) -> str:
        """Upload a file and return its address."""

    def find_upload(self, asset: Asset) -> str | None:
        """Return the address of an upload whose answer was lost, if it landed."""

    def download(self, url: str) -> bytes:
        """Return the bytes that the site serves at `url`. Raises `NotFound`."""


# ---------------------------------------------------------------------------------------------- the local side


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTree:
    """The content root, read as far as it takes to know what is in it."""

    documents: tuple[Face, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    tags: tuple[Tag, ...] = ()
    """What `tags.yaml` describes."""
    broken: frozenset[DocPath] = frozenset()
    """Documents that exist and could not be read: unreadable is not deleted."""
    files: frozenset[DocPath] = frozenset()
    """Everything in the tree, documents or not: names that pull must not use."""
    addressing: Addressing = PLAIN
    """How addresses in the documents are meant."""

    def answers(self) -> Answers:
        """Return what looks up the addresses that documents refer to."""
        from ghostsync.core.answers import Answers  # noqa: PLC0415 - a run that finds nothing to do looks nothing up

        slugs = {face.path: face.slug if face.slug_written else None for face in self.documents}
        return Answers({**dict.fromkeys(self.broken), **slugs}, self.files, self.addressing)


class Tree(Protocol):
    """The content root. Raises `ContentError` where it cannot be read."""

    def look(self, changed: Iterable[DocPath] | None = None) -> str:
        """Look at names, sizes and times alone and return a fingerprint of them.

        `changed`: only these paths may have changed since the last look.
        """

    @property
    def is_settled(self) -> bool:
        """Whether a change after the last look is sure to show in the fingerprint of the next."""

    def load(self) -> LocalTree:
        """Return every document, checked; looks first, unless a look has just been taken."""

    def document(self, face: Face) -> Document:
        """Return the whole document of a face. Raises `ContentError` where the file has changed since."""

    def save_known(self) -> None:
        """Keep for the next run what the files are."""

    def exists(self, path: DocPath) -> bool:
        """Whether there is a file at `path`, inside the root."""

    def read(self, path: DocPath) -> bytes:
        """Return a file's bytes."""

    def asset(self, path: DocPath) -> Asset | Problem | None:
        """Return a file that a document refers to, measured; None where there is none."""

    def parse(self, path: DocPath, data: bytes) -> Document | None:
        """Return the document that these bytes are at this path, or None where they are not one."""

    def write(self, path: DocPath, data: bytes, *, expected: Digest | None) -> None:
        """Write a file whose bytes are `expected` now (None: there is none), atomically."""

    def remove(self, path: DocPath, *, expected: Digest) -> None:
        """Remove a file whose bytes are `expected` now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A version of a file, as far as comparing takes."""

    at: str
    """When it was committed, `2026-11-23T07:45:00Z`."""
    digest: Digest
    """SHA-256 of its bytes."""
    by: str
    """Who wrote it, as records name people."""


class Past(Protocol):
    """Committed versions of files."""

    @property
    def ends_early(self) -> bool:
        """Whether older commits exist that this clone does not have."""

    @property
    def author(self) -> str | None:
        """Who commits here, as records name people; None where nobody knows."""

    def versions_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[bytes, ...]]:
        """Return the distinct contents of each file, newest first, renames followed."""

    def commits_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[Committed, ...]]:
        """Return when each file was committed as what and by whom, newest first, renames followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What this machine's cache knows of one post."""

    id: PostId
    kind: Kind
    path: DocPath | None
    slug: Slug
    updated_at: str
    """As it was when both sides agreed. A later one means that somebody saved the post since, and what is remembered no
    longer vouches for it."""
    op: str | None
    base: Base | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Up to when this machine's copy of a site's listing is true."""

    since: str
    """Ghost's time at which the site was last asked: what was stored later must be asked for."""
    actions: frozenset[str] = frozenset()
    """Ids of the entries of Ghost's log, younger than `since`, that the copy already accounts for."""
    newest: str | None = None
    """Id of the newest entry of the log then; where it is missing later, the site was put back to an earlier state."""
    newest_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What a run over everything came to that found nothing to do: true for as long as both sides stay as they were."""

    tree: str
    """Fingerprint of the tree, the configuration and what the run was asked for."""
    unchanged: int
    managed: int
    notes: tuple[Note, ...] = ()
    until: str | None = None
    """Ghost's time at which a schedule passes, and with it the seal."""


class Memory(Protocol):
    """This machine's cache for one site. It only saves work: without it there are never other writes."""

    def listed(self) -> Listed | None:
        """Return up to when `faces` is true; None where nothing is known."""

    def faces(self) -> Mapping[PostId, PostFace] | None:
        """Return every post and page of the site as it was then; None where not all of them can be read."""

    def save_listing(
        self, listed: Listed, changed: Iterable[PostFace], gone: Iterable[PostId], *, is_whole: bool
    ) -> None:
        """Bring `faces` up to date, all of it or nothing; `is_whole`: what is not `changed` is no longer there."""

    def written_since(self, at: str) -> frozenset[PostId]:
        """Return the posts that this machine knows to have been stored at `at` (Ghost's time) or later."""

    def seal(self) -> Seal | None:
        """Return what the last run came to, if it found nothing to do."""

    def save_seal(self, seal: Seal | None) -> None:
        """Keep what a run over everything came to; None: it found something to do."""

    def posts(self) -> Mapping[PostId, Remembered]:
        """Return what is known of every post."""

    def places(self) -> Mapping[PostId, DocPath]:
        """Return where the document of each post was, as far as it is known; several may have been at one path."""

    def paths(self) -> Mapping[DocPath, PostId]:
        """Return which document is which post's: the newest that was there."""

    def source_of(self, id: PostId) -> str | None:  # noqa: A002
        """Return the source of the base of a post, where it is known."""

    def remember(self, post: PostFace, base: Base, op: str | None) -> None:
        """Keep what both sides now agree on."""

    def forget(self, id: PostId) -> None:  # noqa: A002
        """Drop a post."""

    def deleted_by_us(self) -> frozenset[PostId]:
        """Return the posts that this machine deleted itself."""

    def bury(self, id: PostId, title: str, path: DocPath) -> None:  # noqa: A002
        """Keep that this machine deleted a post itself."""

    def uploads(self) -> Mapping[tuple[Bucket, Digest], str]:
        """Return the addresses of what was uploaded."""

    def forget_uploads(self) -> None:
        """Drop all addresses of uploads: the site was put back to an earlier state, and may not serve them."""

    def begin_upload(self, asset: Asset) -> bool:
        """Note that an upload begins; True where one of the same content began earlier and was never heard of again."""

    def save_upload(self, asset: Asset, url: str) -> None:
        """Keep the address of an upload."""

    def tags(self) -> Mapping[Slug, Tag]:
        """Return the tags as they were when both sides agreed."""

    def save_tag(self, tag: Tag) -> None:
        """Keep a tag as both sides agree on it."""
