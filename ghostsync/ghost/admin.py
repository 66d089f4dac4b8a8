"""The Admin API as it is: dicts in, dicts out, in Ghost's own spelling.

`Ghost` (the public library) and the synchroniser both stand on this. It knows how Ghost needs to be asked (keys instead
of page numbers, quoted filters, checked ids) and nothing about documents.

Refused here, because no caller may get it wrong: a PUT or DELETE with anything but a full id in its path. Ghost's
`DELETE /posts/` without an id deletes every post of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from ghostsync.errors import GhostError, NotFound, NotGhost, Rejected, UnsupportedVersion
from ghostsync.ghost import nql
from ghostsync.ghost.exchange import Answer, Expect, Query, QueryValue, StreamBody
from ghostsync.ghost.faults import NOT_GHOST_HINT
from ghostsync.ghost.transport import Transport

Json = dict[str, Any]

PAGE_SIZE: Final = 100
"""The most that Ghost 6 gives at once, whatever is asked (Ghost: shared/max-limit-cap.js)."""

OLDEST_SUPPORTED: Final = 5
"""Ghost 4 has no Lexical."""


class Resource(StrEnum):
    """What can be listed; the value is Ghost's word in paths and envelopes."""

    POSTS = "posts"
    PAGES = "pages"
    TAGS = "tags"
    USERS = "users"
    TIERS = "tiers"
    NEWSLETTERS = "newsletters"
    MEMBERS = "members"
    ACTIONS = "actions"


class UploadTo(StrEnum):
    """The three upload endpoints; the value is Ghost's word in path and envelope."""

    IMAGES = "images"
    MEDIA = "media"
    FILES = "files"


_ID = re.compile(r"[0-9a-f]{24}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def checked_id(text: str) -> str:
    """Return `text` where it is an id of Ghost's (24 lower-case hex digits). Raises `Rejected` where it is not."""
    if _ID.fullmatch(text) is None:
        raise Rejected(
            f"{text!r} is not an id of Ghost's (24 hex digits); nothing was sent",
            hint="use the `id` of a post, page or tag that Ghost gave",
        )
    return text


class AdminApi:
    """Typed-by-name access to Ghost's Admin API. Safe to share between threads.

    Every method raises `GhostError` (see `ghostsync.errors`); writes may raise `OutcomeUnknown`, or an error whose
    `may_have_happened` is True, and then the caller must look before writing again.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    # ------------------------------------------------------------------ the site itself

    def site(self) -> Json:
        """Return title, url, version (`6.65`), site_uuid… of the site; needs no key.

        Raises `UnsupportedVersion` for Ghost older than 5 and `NotGhost` for anything else than Ghost.
        """
        try:
            answer = self._get("/site/", authenticate=False)
        except (NotFound, NotGhost) as error:
            self._refuse_old_ghost()
            if isinstance(error, NotGhost):
                raise
            site = self.transport.address.base.rstrip("/")
            raise NotGhost(
                f"{site} has no Admin API of Ghost 5 or 6 at {self.transport.address.api}",
                hint=NOT_GHOST_HINT,
                method="GET",
                path="/site/",
                status=error.status,
            ) from None
        site_data = answer.data.get("site")
        if not isinstance(site_data, dict) or not isinstance(site_data.get("version"), str):
            raise NotGhost(
                f"GET /site/: {self.transport.address.base} answers with JSON that is not Ghost's",
                hint=NOT_GHOST_HINT,
                method="GET",
                path="/site/",
                status=answer.status,
            )
        refuse_old(site_data["version"], self.transport.address.base)
        return site_data

    def _refuse_old_ghost(self) -> None:
        """Raise `UnsupportedVersion` where a Ghost 2 to 4 answers: there the version is part of the path."""
        try:
            answer = self._get("/../canary/admin/site/", authenticate=False)
            version = answer.data["site"]["version"]
        except (GhostError, KeyError, TypeError):
            return
        if isinstance(version, str):
            refuse_old(version, self.transport.address.base)

    def config(self) -> Json:
        """Return Ghost's configuration as it shows it: `version` in full, `database`, `environment`…"""
        return _object(self._get("/config/"), "config", "GET /config/")

    def settings(self) -> Json:
        """Return the site's settings, key → value (`timezone`, `default_content_visibility`…)."""
        rows = self._get("/settings/").data.get("settings", [])
        return {row["key"]: row.get("value") for row in rows}

    def routes_yaml(self) -> str:
        """Return `routes.yaml` as text; it holds the permalink patterns."""
        answer = self.transport.send("GET", "/settings/routes/yaml/", expect=Expect.TEXT)
        return str(answer.data)

    def oembed(self, url: str, *, kind: str = "bookmark") -> Json:
        """Return what Ghost finds out about a foreign page; `kind` is `bookmark` or `embed`."""
        return dict(self._get("/oembed/", {"url": url, "type": kind}).data)

    # ------------------------------------------------------------------ reading

    def page(self, resource: Resource, query: Query | None = None) -> Json:
        """Return one page as Ghost gives it: `{resource: […], "meta": {"pagination": {…}}}`."""
        try:
            answer = self._get(f"/{resource}/", query)
        except (NotFound, NotGhost):
            self.site()  # a listing exists in every Ghost that we support: say which Ghost, or what else, this is
            raise
        _list(answer.data, resource, f"GET /{resource}/")
        return dict(answer.data)

    def iter_raw(
        self,
        resource: Resource,
        *,
        filter: str = "",  # noqa: A002 (Ghost's word)
        fields: Iterable[str] = (),
        include: Iterable[str] = (),
        formats: Iterable[str] = (),
        limit: int = PAGE_SIZE,
    ) -> Iterator[Json]:
        """Yield every row that `filter` lets through, in the order of ids, `limit` per request.

        Pages by key (`id:>'last'`): by page number, rows deleted meanwhile would hide others, and offsets are slow.
        Rows created meanwhile are found at the end, since ids grow.
        """
        wanted = tuple(fields)
        query: dict[str, QueryValue] = {"limit": limit, "order": "id asc"}
        if wanted:
            query["fields"] = wanted if "id" in wanted else ("id", *wanted)
        query |= {name: given for name, given in (("include", tuple(include)), ("formats", tuple(formats))) if given}
        last = ""
        while True:
            after = f"id:>{nql.quote(last)}" if last else ""
            bounded = nql.both(filter, after)
            envelope = self.page(resource, query | ({"filter": bounded} if bounded else {}))
            rows = _list(envelope, resource, f"GET /{resource}/")
            yield from rows
            # Ghost may give fewer than asked for (its own cap), so the end is where it says that no more are left.
            if not rows or envelope.get("meta", {}).get("pagination", {}).get("total", 0) <= len(rows):
                return
            last = rows[-1]["id"]

    def count(self, resource: Resource, filter: str = "") -> int:  # noqa: A002 (Ghost's word)
        """Return how many rows `filter` lets through; for members, how many a segment has."""
        query: dict[str, QueryValue] = {"limit": 1, "fields": ("id",)}
        if resource in (Resource.MEMBERS, Resource.TIERS):
            del query["fields"]
        if filter:
            query["filter"] = filter
        return int(self.page(resource, query)["meta"]["pagination"]["total"])

    def read(self, resource: Resource, id: str, query: Query | None = None) -> Json:  # noqa: A002 (Ghost's word)
        """Return one row by id. Raises `NotFound`."""
        # The first user of a site that began with Ghost 5 has the id `1`.
        path = f"/{resource}/{id if id == '1' else checked_id(id)}/"
        return _one(self._get(path, query), resource, f"GET {path}")

    def read_slug(self, resource: Resource, slug: str, query: Query | None = None) -> Json:
        """Return one row by slug, whatever its status. Raises `NotFound`."""
        path = f"/{resource}/slug/{quote(slug, safe='')}/"
        return _one(self._get(path, query), resource, f"GET {path}")

    def read_many(
        self,
        resource: Resource,
        ids: Iterable[str],
        *,
        fields: Iterable[str] = (),
        include: Iterable[str] = (),
        formats: Iterable[str] = (),
        per_request: int = PAGE_SIZE,
    ) -> Iterator[Json]:
        """Yield the rows with these ids, `per_request` per request; those that are gone are left out.

        Ask for fewer per request with `include=("post_revisions",)`: each revision holds a whole document.
        """
        wanted = tuple(dict.fromkeys(checked_id(one) for one in ids))
        for start in range(0, len(wanted), per_request):
            chunk = wanted[start : start + per_request]
            yield from self.iter_raw(
                resource, filter=nql.one_of("id", chunk), fields=fields, include=include, formats=formats
            )

    def actions(self, filter: str, *, limit: int = PAGE_SIZE) -> Json:  # noqa: A002 (Ghost's word)
        """Return a page of Ghost's log, newest first: who did what. `actor` and `resource` are included."""
        query: dict[str, QueryValue] = {"limit": limit, "include": ("actor", "resource"), "order": "created_at desc"}
        return self.page(Resource.ACTIONS, query | ({"filter": filter} if filter else {}))

    # ------------------------------------------------------------------ writing

    def create(self, resource: Resource, row: Mapping[str, Any], query: Query | None = None) -> Json:
        """Create one row and return it as stored. Not repeatable: a second POST makes a second post (`slug-2`)."""
        return self._write("POST", f"/{resource}/", resource, row, query)

    def update(self, resource: Resource, id: str, row: Mapping[str, Any], query: Query | None = None) -> Json:  # noqa: A002
        """Change what `row` names of one row and return it as stored.

        Posts and pages need the `updated_at` of the version that the change is based on; where somebody else saved
        since, Ghost answers 409 (`UpdateCollision`). It must not be null: null switches Ghost's check off.
        """
        if row.get("updated_at", "") is None:
            raise Rejected(
                f"PUT /{resource}/{id}/: `updated_at` null would overwrite whatever is there; nothing was sent",
                hint="send the `updated_at` of the version that the change is based on",
                method="PUT",
                path=f"/{resource}/{id}/",
            )
        return self._write("PUT", f"/{resource}/{checked_id(id)}/", resource, row, query)

    def delete(self, resource: Resource, id: str) -> None:  # noqa: A002 (Ghost's word)
        """Delete one row, for good: Ghost has no trash. Raises `NotFound` where it is gone already."""
        self.transport.send("DELETE", f"/{resource}/{checked_id(id)}/", expect=Expect.NOTHING)

    def upload(self, endpoint: UploadTo, body: StreamBody) -> Json:
        """Upload a multipart body (`ghostsync.ghost.uploads` makes it) and return its row: `url`, `ref`…"""
        path = f"/{endpoint}/upload/"
        return _one(self.transport.send("POST", path, stream=body), endpoint, f"POST {path}")

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        payload: object = None,
        expect: Expect = Expect.JSON,
    ) -> Answer:
        """Make any other exchange; `path` is relative to the API (`/webhooks/`). PUT and DELETE need an id in it.

        And nothing but words beside it: `/posts/<id>/..` and `/posts/?filter=…/<id>/` reach every row.
        """
        parts = path.strip("/").split("/")
        is_of_one = any(_ID.fullmatch(part) for part in parts) and all(_WORD.fullmatch(part) for part in parts)
        if method.upper() in ("PUT", "DELETE", "PATCH") and not is_of_one:
            raise Rejected(
                f"{method} {path} names no id (24 hex digits) and could reach every row; nothing was sent",
                hint="put the id of one row into the path",
            )
        return self.transport.send(method, path, query=query, payload=payload, expect=expect)

    def _get(self, path: str, query: Query | None = None, *, authenticate: bool = True) -> Answer:
        return self.transport.send("GET", path, query=query, authenticate=authenticate)

    def _write(self, method: str, path: str, resource: Resource, row: Mapping[str, Any], query: Query | None) -> Json:
        answer = self.transport.send(method, path, query=query, payload={resource.value: [dict(row)]})
        return _one(answer, resource, f"{method} {path}")


def refuse_old(version: str, site: str) -> None:
    """Raise `UnsupportedVersion` where `version` (`4.48`) is older than Ghost 5."""
    major = version.split(".", maxsplit=1)[0]
    if major.isdigit() and int(major) < OLDEST_SUPPORTED:
        raise UnsupportedVersion(
            f"{site.rstrip('/')} runs Ghost {version}; ghostsync needs Ghost {OLDEST_SUPPORTED} or newer",
            hint="update Ghost: `ghost update` on the server",
            method="GET",
            path="/site/",
        )


def _object(answer: Answer, name: str, asked: str) -> Json:
    value = answer.data.get(name)
    if not isinstance(value, dict):
        raise _unlike_ghost(answer.data, name, asked)
    return value


def _list(data: Json, name: str, asked: str) -> list[Json]:
    value = data.get(name)
    if not isinstance(value, list):
        raise _unlike_ghost(data, name, asked)
    return value


def _one(answer: Answer, name: str, asked: str) -> Json:
    value = answer.data.get(name)
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        raise _unlike_ghost(answer.data, name, asked)
    return dict(value[0])


def _unlike_ghost(data: Json, name: str, asked: str) -> NotGhost:
    found = ", ".join(sorted(data)[:5]) or "nothing"
    method, _, path = asked.partition(" ")
    return NotGhost(
        f"{asked}: the answer should hold `{name}` and holds {found}",
        hint=NOT_GHOST_HINT,
        method=method,
        path=path,
        may_have_happened=method != "GET",
    )
