"""A Ghost site as the engine sees it: `ghostsync.ports.Remote` on top of the Admin API.

Writes carry `save_revision=1` (without it a draft keeps no revision, and the base would be the one before), ask for the
rendered HTML, and are never repeated here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from ghostsync.errors import GhostError, NotFound
from ghostsync.ghost import nql, wire
from ghostsync.ghost.admin import AdminApi, Resource, UploadTo
from ghostsync.ghost.uploads import multipart_body
from ghostsync.model import (
    Asset,
    Bucket,
    Edit,
    FieldName,
    FieldValue,
    Kind,
    Lexical,
    Post,
    PostId,
    Revision,
    Site,
    Slug,
    Tag,
)
from ghostsync.ports import Author, Newsletter, Stored, Tier

_RESOURCES: Final = {Kind.POST: Resource.POSTS, Kind.PAGE: Resource.PAGES}
_UPLOADS: Final = {Bucket.IMAGES: UploadTo.IMAGES, Bucket.MEDIA: UploadTo.MEDIA, Bucket.FILES: UploadTo.FILES}
_FORMATS: Final = ("lexical", "mobiledoc")

# A revision holds a whole document, and a post has up to 25 of them: 10 posts of 20 kB are 5 MB.
_HISTORIES_PER_REQUEST: Final = 10

# Ghost's log has no end; what is older than its 500 newest deletions is not asked for.
_DELETIONS_PAGES: Final = 5

# One page of the log. What is more is a reason to list everything.
_EDITS_LIMIT: Final = 100


class GhostSite:
    """The engine's Ghost. Safe to share between threads."""

    def __init__(self, api: AdminApi, *, marker: str | None, marker_slug: Slug | None) -> None:
        self._api = api
        self._marker = marker
        self._marker_slug = marker_slug

    @property
    def api(self) -> AdminApi:
        """The Admin API below, for what only one command needs."""
        return self._api

    # ------------------------------------------------------------------ the site

    def now(self) -> str:
        """Return Ghost's time."""
        return self._api.transport.clock.now_utc().strftime("%Y-%m-%dT%H:%M:%S.000Z")

    @cached_property
    def _site(self) -> Site:
        data = self._api.site()
        return Site(
            uuid=data.get("site_uuid") or data["url"],
            url=data["url"] if data["url"].endswith("/") else data["url"] + "/",
            version=data["version"],
            timezone=data.get("timezone") or "Etc/UTC",
        )

    def site(self) -> Site:
        """Return what the site says about itself; asked once."""
        return self._site

    # ------------------------------------------------------------------ posts

    def posts(self, kind: Kind, *, since: str | None = None) -> Iterator[Post]:
        """Yield all posts of any status, or those that were saved or came in at or after `since`.

        What is imported keeps the dates that it had elsewhere, and Ghost's log says nothing of it.
        """
        if since is None:
            return self._list(kind, "")
        moment = dt.datetime.fromisoformat(since)
        return self._list(kind, nql.either(nql.since("updated_at", moment), nql.born_since(moment)))

    def posts_by_id(self, kind: Kind, ids: Iterable[PostId]) -> Iterator[Post]:
        """Yield the posts with these ids; those that are gone are left out."""
        rows = self._api.read_many(_RESOURCES[kind], ids, include=_include(kind), formats=_FORMATS)
        return (self._post(row, kind) for row in rows)

    def post(self, kind: Kind, id: PostId) -> Post:  # noqa: A002
        """Return one post. Raises `NotFound`."""
        query = {"include": _include(kind), "formats": _FORMATS}
        return self._post(self._api.read(_RESOURCES[kind], id, query), kind)

    def posts_by_slug(self, kind: Kind, slug: Slug) -> Iterator[Post]:
        """Yield the posts whose slug is `slug` or `slug-2`, `slug-3`…"""
        for post in self._list(kind, f"slug:~^{nql.quote(slug)}"):
            if _is_variant(post.slug, slug):
                yield post

    def revisions(self, kind: Kind, ids: Iterable[PostId]) -> Mapping[PostId, tuple[Revision, ...]]:
        """Return the post history, oldest first, of the posts with these ids."""
        rows = self._api.read_many(
            _RESOURCES[kind],
            ids,
            fields=("id",),
            include=("post_revisions", "post_revisions.author"),
            per_request=_HISTORIES_PER_REQUEST,
        )
        return {PostId(row["id"]): self._history(row) for row in rows}

    def _history(self, row: wire.Json) -> tuple[Revision, ...]:
        found = [wire.revision_from_json(item, site_url=self._site.url) for item in row.get("post_revisions") or ()]
        # Ghost lists oldest first; within a second only its order tells, which a stable sort keeps.
        return tuple(sorted(found, key=lambda revision: revision.created_at))

    def _list(self, kind: Kind, condition: str) -> Iterator[Post]:
        rows = self._api.iter_raw(_RESOURCES[kind], filter=condition, include=_include(kind), formats=_FORMATS)
        return (self._post(row, kind) for row in rows)

    def _post(self, row: wire.Json, kind: Kind) -> Post:
        return wire.post_from_json(row, kind, site_url=self._site.url, marker=self._marker_slug)

    # ------------------------------------------------------------------ the log

    def edits(self, *, since: str) -> tuple[Edit, ...] | None:
        """Return what happened since, newest first; None where it is more than one answer holds."""
        moment = nql.since("created_at", dt.datetime.fromisoformat(since))
        answer = self._api.actions(nql.both("resource_type:['post','tag']", moment), limit=_EDITS_LIMIT)
        if answer["meta"]["pagination"]["total"] > _EDITS_LIMIT:
            return None
        return tuple(wire.edit_from_json(row) for row in answer["actions"])

    def newest_edit(self) -> Edit | None:
        """Return the newest entry of the log; None where it is empty."""
        rows = self._api.actions("resource_type:['post','tag']", limit=1)["actions"]
        return next((wire.edit_from_json(row) for row in rows), None)

    def edits_of(self, ids: Iterable[PostId]) -> Mapping[PostId, Edit]:
        """Return the latest edit of each post by a person, as far as the log knows."""
        wanted = sorted(set(ids))
        found: dict[PostId, Edit] = {}
        for start in range(0, len(wanted), 50):
            chunk = wanted[start : start + 50]
            while chunk:
                condition = nql.both(nql.one_of("resource_id", chunk), "actor_type:'user'")
                answer = self._api.actions(condition)
                rows = answer["actions"]
                for row in rows:
                    edit = wire.edit_from_json(row)
                    known = found.get(PostId(edit.resource_id or ""))
                    # Newest first by second; within one second the log is oldest first.
                    if known is None or known.at == edit.at:
                        found[PostId(edit.resource_id or "")] = edit
                if not rows or len(rows) >= answer["meta"]["pagination"]["total"]:
                    break
                # What was edited often may have filled the answer: the others are asked for again.
                chunk = [id_ for id_ in chunk if id_ not in found]
        return found

    def deletions(self) -> tuple[Edit, ...]:
        """Return what the log knows of deleted posts, newest first.

        A bulk deletion names no post. Where there was one, what was `added` is returned as well: an addition whose
        post is gone tells the rest.
        """
        deleted = self._actions("resource_type:'post'+event:'deleted'")
        if any(edit.resource_id is None for edit in deleted):
            return (*deleted, *self._actions("resource_type:'post'+event:'added'"))
        return deleted

    def tag_log(self) -> tuple[Edit, ...]:
        """Return what the log knows of tags, newest first."""
        return self._actions("resource_type:'tag'")

    def _actions(self, condition: str) -> tuple[Edit, ...]:
        found: dict[str, Edit] = {}
        bound = ""
        for _ in range(_DELETIONS_PAGES):
            answer = self._api.actions(nql.both(condition, bound))
            rows = answer["actions"]
            known = len(found)
            found |= {row["id"]: wire.edit_from_json(row) for row in rows}
            if len(rows) >= answer["meta"]["pagination"]["total"] or len(found) == known:
                break
            # The oldest second is asked for again: more of it may stand on the next page.
            oldest = dt.datetime.fromisoformat(rows[-1]["created_at"])
            bound = f"created_at:<='{oldest.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}'"
        return tuple(found.values())

    # ------------------------------------------------------------------ what documents name

    def tags(self) -> Iterator[Tag]:
        """Yield all tags."""
        return (wire.tag_from_json(row) for row in self._api.iter_raw(Resource.TAGS))

    def tag(self, id: str) -> Tag:  # noqa: A002
        """Return one tag. Raises `NotFound`."""
        return wire.tag_from_json(self._api.read(Resource.TAGS, id))

    def tags_by_slug(self, slug: Slug) -> Iterator[Tag]:
        """Yield the tags whose slug is `slug` or `slug-2`, `slug-3`…"""
        for row in self._api.iter_raw(Resource.TAGS, filter=f"slug:~^{nql.quote(slug)}"):
            if _is_variant(row["slug"], slug):
                yield wire.tag_from_json(row)

    @cached_property
    def _authors(self) -> tuple[Author, ...]:
        rows = self._api.iter_raw(Resource.USERS, fields=("id", "slug", "email", "name"))
        return tuple(Author(id=row["id"], slug=Slug(row["slug"]), email=row["email"], name=row["name"]) for row in rows)

    def authors(self, naming: Iterable[str] = ()) -> tuple[Author, ...]:
        """Return all staff users; asked once, and again where a name in `naming` is none of them: a watch is long."""
        known = self.__dict__.get("_authors", ())
        if not {name.lower() for name in naming} <= {name.lower() for one in known for name in (one.slug, one.email)}:
            self.__dict__.pop("_authors", None)
        return self._authors

    @cached_property
    def _tiers(self) -> tuple[Tier, ...]:
        rows = self._api.iter_raw(Resource.TIERS)
        return tuple(
            Tier(id=row["id"], slug=Slug(row["slug"]), name=row["name"], is_paid=row["type"] == "paid") for row in rows
        )

    def tiers(self, naming: Iterable[str] = ()) -> tuple[Tier, ...]:
        """Return all tiers; asked once, and once more where a name in `naming` is none of them."""
        if not set(naming) <= {one.slug for one in self.__dict__.get("_tiers", ())}:
            self.__dict__.pop("_tiers", None)
        return self._tiers

    @cached_property
    def _newsletters(self) -> tuple[Newsletter, ...]:
        return tuple(
            Newsletter(id=row["id"], slug=Slug(row["slug"]), name=row["name"], is_active=row["status"] == "active")
            for row in self._api.iter_raw(Resource.NEWSLETTERS)
        )

    def newsletters(self) -> tuple[Newsletter, ...]:
        """Return all newsletters; asked once."""
        return self._newsletters

    def members(self, newsletter: Slug, segment: str) -> int | None:
        """Return how many members an email to this segment of the newsletter's subscribers reaches."""
        condition = f"newsletters.slug:{nql.quote(newsletter)}+email_disabled:0"
        if segment and segment != "all":
            condition = f"({condition})+({segment})"
        try:
            return self._api.count(Resource.MEMBERS, condition)
        except GhostError:
            return None

    @cached_property
    def _default_visibility(self) -> str | None:
        try:
            value = self._api.settings().get("default_content_visibility")
        except GhostError:
            return None
        return value if isinstance(value, str) else None

    def default_visibility(self) -> str | None:
        """Return who may read a post for which nobody says it, or None where the key may not read that; asked once."""
        return self._default_visibility

    def routes_yaml(self) -> str | None:
        """Return the site's routes, or None where the key may not read them."""
        try:
            return self._api.routes_yaml()
        except GhostError:
            return None

    # ------------------------------------------------------------------ writing

    def create_post(self, kind: Kind, fields: Mapping[FieldName, FieldValue], lexical: Lexical) -> Stored:
        """Create a post."""
        row = self._row(fields, lexical, current_tags=())
        stored = self._api.create(_RESOURCES[kind], row, self._write_query(kind))
        return self._stored(stored, kind)

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
        """Change a post that is still as it was at `expected`. Raises `UpdateCollision`."""
        row = {**self._row(fields, lexical, current_tags=current_tags), "updated_at": expected}
        query = self._write_query(kind)
        if newsletter is not None:
            query = {**query, "newsletter": newsletter, **({"email_segment": segment} if segment else {})}
        return self._stored(self._api.update(_RESOURCES[kind], id, row, query), kind)

    def convert_post(self, kind: Kind, id: PostId, *, expected: str) -> Post:  # noqa: A002
        """Have Ghost convert an old mobiledoc post to Lexical."""
        query = {**self._write_query(kind), "convert_to_lexical": True}
        return self._post(self._api.update(_RESOURCES[kind], id, {"updated_at": expected}, query), kind)

    def delete_post(self, kind: Kind, id: PostId) -> None:  # noqa: A002
        """Delete a post, for good."""
        self._api.delete(_RESOURCES[kind], id)

    def create_tag(self, tag: Tag) -> Tag:
        """Create a tag."""
        row = {**wire.tag_to_json(tag.fields), "name": tag.name, "slug": tag.slug}
        return wire.tag_from_json(self._api.create(Resource.TAGS, row))

    def update_tag(self, id: str, fields: Mapping[FieldName, FieldValue]) -> Tag:  # noqa: A002
        """Change a tag. Ghost checks nothing: read it first."""
        return wire.tag_from_json(self._api.update(Resource.TAGS, id, wire.tag_to_json(fields)))

    def delete_tag(self, id: str) -> None:  # noqa: A002
        """Delete a tag that this run has just created."""
        self._api.delete(Resource.TAGS, id)

    def _row(
        self, fields: Mapping[FieldName, FieldValue], lexical: Lexical, *, current_tags: tuple[str, ...] | None
    ) -> wire.Json:
        authors = {author.slug: author.id for author in self._authors} if "authors" in fields else {}
        tiers = {tier.slug: tier.id for tier in self._tiers} if "tiers" in fields else {}
        return wire.post_to_json(
            fields,
            lexical,
            marker=self._marker_slug,
            author_ids=authors,
            tier_ids=tiers,
            current_tags=current_tags,
        )

    def _write_query(self, kind: Kind) -> dict[str, bool | tuple[str, ...] | str | int]:
        return {"save_revision": True, "formats": (*_FORMATS, "html"), "include": _include(kind)}

    def _stored(self, row: wire.Json, kind: Kind) -> Stored:
        return Stored(post=self._post(row, kind), html=row.get("html"))

    # ------------------------------------------------------------------ files

    def upload(self, asset: Asset, data: bytes) -> str:
        """Upload a file and return its address."""
        body = multipart_body(name=asset.upload_name, data=data, mime=asset.mime)
        return str(self._api.upload(_UPLOADS[asset.bucket], body)["url"])

    def find_upload(self, asset: Asset) -> str | None:
        """Return the address of an upload whose answer was lost, if it landed.

        Ghost files uploads under the month of its own clock; the name carries the content's digest, so what answers
        under it is ours.
        """
        month = self._api.transport.clock.now_utc().strftime("%Y/%m")
        url = f"{self._site.url}content/{asset.bucket}/{month}/{asset.upload_name}"
        try:
            # A network that delivers the site keeps a 404 for minutes: asked under a name of its own, it harms nobody.
            self.download(f"{url}?sought={int(self._api.transport.clock.now())}")
        except (GhostError, NotFound):
            return None
        return url

    def download(self, url: str) -> bytes:
        """Return the bytes that the site serves at `url`. Raises `NotFound`."""
        return self._api.transport.download(url)


def _include(kind: Kind) -> tuple[str, ...]:
    common = ("tags", "authors", "tiers")
    return (*common, "email", "newsletter") if kind is Kind.POST else common


def _is_variant(slug: str, asked: str) -> bool:
    """Whether Ghost may have made `slug` of `asked`: the same, or with `-2`, `-3`… behind it."""
    rest = slug.removeprefix(asked)
    return slug == asked or (slug != rest and rest.startswith("-") and rest[1:].isdigit())
