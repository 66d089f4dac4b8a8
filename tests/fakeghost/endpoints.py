"""The Admin API's endpoints: from a parsed request to a status and a JSON document.

One method per endpoint; `Endpoints.answer` finds it. A controller that was reached is named in `reached`, because
Ghost words an error differently from there on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fakeghost import starter
from fakeghost.auth import Actor
from fakeghost.faults import GhostFault, Request, invalid, missing
from fakeghost.html_source import html_to_lexical
from fakeghost.posts import Posts
from fakeghost.reading import (
    MEMBER_FILTER_COLUMNS,
    POST_FILTER_COLUMNS,
    Query,
    Reader,
    check_id,
    check_post_fields,
    check_slug,
    cut_page,
    default_post_order,
    keep_fields,
    not_found,
    pick_rows,
    row_column,
    sort_rows,
)
from fakeghost.saving import SaveOptions
from fakeghost.schema import TAG_COLUMNS, accept_body
from fakeghost.state import Row, State, Table
from fakeghost.tags import Tags
from fakeghost.uploads import Uploads, split_multipart

_KIND = {"posts": "post", "pages": "page"}
_ACTION_COLUMNS = ("id", "resource_id", "resource_type", "actor_id", "actor_type", "event", "context", "created_at")


class Endpoints:
    """All that an integration may reach."""

    def __init__(self, state: State, *, posts: Posts, tags: Tags, uploads: Uploads, reader: Reader, major: int) -> None:
        self._state = state
        self._posts = posts
        self._tags = tags
        self._uploads = uploads
        self._reader = reader
        self._major = major
        self.routes_yaml = "routes:\n\ncollections:\n  /:\n    permalink: /{slug}/\n    template: index\n"
        self.reached: tuple[str, str] | None = None  # resource, method

    def answer(self, request: Request, segments: list[str], actor: Actor) -> tuple[int, Any]:
        """Status and document (None: an empty body). Raises `GhostFault`."""
        query = Query.parse(request.query)
        resource, rest = segments[0], segments[1:]
        if resource in _KIND:
            return self._answer_posts(request, resource, rest, query, actor)
        if resource == "tags":
            return self._answer_tags(request, rest, query, actor)
        if resource in {"images", "media", "files"} and rest == ["upload"]:
            return self._upload(request, resource)
        if request.method == "GET":
            return self._read_other(resource, rest, query)
        if (request.method, resource, rest) == ("POST", "members", []):
            return self._add_member(request)
        raise not_found()

    def _body(self, request: Request, resource: str, method: str) -> Row:
        """The resource in the body; a body that is not declared as JSON is taken for none."""
        is_json = "json" in request.headers.get("content-type", "")
        return accept_body(request.body if is_json else b"", resource=resource, method=method, major=self._major)

    # Posts and pages

    def _answer_posts(
        self, request: Request, resource: str, rest: list[str], query: Query, actor: Actor
    ) -> tuple[int, Any]:
        match request.method, rest:
            case "GET", []:
                return self._reach(resource, "browse", lambda: self._browse_posts(resource, query))
            case "GET", ["slug", slug]:
                return self._reach(resource, "read", lambda: self._read_post(resource, check_slug(slug), query))
            case "GET", [post_id]:
                return self._reach(resource, "read", lambda: self._read_post(resource, check_id(post_id), query))
            case "POST", []:
                return self._reach(resource, "add", lambda: self._add_post(request, resource, query, actor))
            case "POST", [post_id, "copy"]:
                check_id(post_id)
                row = self._posts.copy(resource, post_id, actor)
                return 201, {resource: [self._reader.post(row, query)]}
            case "PUT", ["bulk"]:
                return self._bulk_edit(request, resource, query, actor)
            case "PUT", [post_id]:
                return self._reach(resource, "edit", lambda: self._edit_post(request, resource, post_id, query, actor))
            case "DELETE", []:
                return self._bulk_delete(resource, query, actor)
            case "DELETE", [post_id]:
                return self._reach(resource, "destroy", lambda: self._delete_post(resource, post_id, actor))
        raise not_found()

    def _reach(self, resource: str, method: str, go: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        self.reached = (resource, method)
        return go()

    def _listed(self, resource: str, text: str | None) -> list[Row]:
        kind = _KIND[resource]
        rows = [row for row in self._state.posts if row["type"] == kind]
        if resource == "pages" and not (text and "status:" in text):
            rows = [row for row in rows if row["status"] != "sent"]
        return pick_rows(
            rows, text, self._reader.post_column, columns=POST_FILTER_COLUMNS, now_ms=self._state.clock.now_ms()
        )

    def _browse_posts(self, resource: str, query: Query) -> tuple[int, Any]:
        fields = query.names("fields")
        check_post_fields(fields)
        rows = sort_rows(self._listed(resource, query.get("filter")), query.get("order"), default=default_post_order)
        rows, pagination = cut_page(rows, query, major=self._major)
        shown = [self._reader.post(row, query) for row in rows]
        return 200, {resource: shown, "meta": {"pagination": pagination}}

    def _read_post(self, resource: str, key: str, query: Query) -> tuple[int, Any]:
        check_post_fields(query.names("fields"))
        if re.fullmatch(r"[a-f\d]{24}", key) and key in self._state.posts:
            row = self._posts.find(key, resource)
        else:
            found = [self._state.posts[one] for one in self._state.posts.with_slug(key)]
            found = [one for one in found if one["type"] == _KIND[resource]]
            if not found:
                raise missing("Post not found." if resource == "posts" else "Page not found.")
            row = found[0]
        return 200, {resource: [self._reader.post(row, query)]}

    def _accept(self, request: Request, resource: str, method: str, query: Query) -> Row:
        data = self._body(request, resource, method)
        if query.get("source") not in {None, "html"}:
            raise invalid("Validation (AllowedValues) failed for source", prop="source")
        if query.get("source") and data.get("html"):
            data["lexical"] = html_to_lexical(data["html"])
        query.formats()
        return data

    def _add_post(self, request: Request, resource: str, query: Query, actor: Actor) -> tuple[int, Any]:
        row = self._posts.add(resource, self._accept(request, resource, "add", query), actor)
        return 201, {resource: [self._reader.post(row, query)]}

    def _edit_post(self, request: Request, resource: str, post_id: str, query: Query, actor: Actor) -> tuple[int, Any]:
        check_id(post_id)
        is_post = resource == "posts"
        options = SaveOptions(
            newsletter=query.get("newsletter") if is_post else None,
            email_segment=query.get("email_segment") if is_post else None,
            force_rerender=query.flag("force_rerender"),
            save_revision=query.flag("save_revision"),
            convert_to_lexical=query.flag("convert_to_lexical"),
        )
        data = self._accept(request, resource, "edit", query)
        row = self._posts.edit(resource, post_id, data, actor, options)
        return 200, {resource: [self._reader.post(row, query)]}

    def _delete_post(self, resource: str, post_id: str, actor: Actor) -> tuple[int, Any]:
        self._posts.delete(resource, check_id(post_id), actor)
        return 204, None

    def _bulk_edit(self, request: Request, resource: str, query: Query, actor: Actor) -> tuple[int, Any]:
        if query.get("filter") is None:
            raise invalid("Validation (FieldIsRequired) failed for filter", prop="filter")
        bulk = json.loads(request.body)["bulk"]
        rows = self._listed(resource, query.get("filter"))
        count = self._posts.bulk_edit(rows, bulk["action"], bulk.get("meta") or {}, actor, kind=_KIND[resource])
        meta = {"stats": {"successful": count, "unsuccessful": 0}, "errors": [], "unsuccessfulData": []}
        return 200, {"bulk": {"action": bulk["action"], "meta": meta}}

    def _bulk_delete(self, resource: str, query: Query, actor: Actor) -> tuple[int, Any]:
        """Without a filter: everything. That is Ghost's behaviour, and the reason why a client must guard its ids."""
        rows = self._listed(resource, query.get("filter"))
        self._posts.bulk_delete(rows, actor, kind=_KIND[resource])
        meta = {"stats": {"successful": len(rows), "unsuccessful": 0}, "errors": [], "unsuccessfulData": []}
        return 200, {"bulk": {"action": "destroy", "meta": meta}}

    # Tags

    def _answer_tags(self, request: Request, rest: list[str], query: Query, actor: Actor) -> tuple[int, Any]:
        match request.method, rest:
            case "GET", []:
                return self._reach("tags", "browse", lambda: self._browse("tags", query))
            case "GET", ["slug", slug]:
                check_slug(slug)
                keys = self._state.tags.with_slug(slug)
                return self._reach("tags", "read", lambda: self._read_tag(next(iter(keys), None), query))
            case "GET", [tag_id]:
                return self._reach("tags", "read", lambda: self._read_tag(check_id(tag_id), query))
            case "POST", []:
                return self._reach("tags", "add", lambda: self._add_tag(request, query, actor))
            case "PUT", [tag_id]:
                return self._reach("tags", "edit", lambda: self._edit_tag(request, tag_id, query, actor))
            case "DELETE", [tag_id]:
                return self._reach("tags", "destroy", lambda: self._delete_tag(tag_id, actor))
        raise not_found()

    def _show_tag(self, row: Row, query: Query) -> Row:
        count = None
        if "count.posts" in (query.names("include") or ()):
            count = sum(row["id"] in tag_ids for tag_ids in self._state.posts_tags)
        return keep_fields(self._reader.tag(row, count=count), query.names("fields"))

    def _read_tag(self, tag_id: str | None, query: Query) -> tuple[int, Any]:
        row = None if tag_id is None else self._state.tags.get(tag_id)
        if row is None:
            raise missing("Tag not found.")
        return 200, {"tags": [self._show_tag(row, query)]}

    def _add_tag(self, request: Request, query: Query, actor: Actor) -> tuple[int, Any]:
        row = self._tags.add(self._body(request, "tags", "add"), actor)
        return 201, {"tags": [self._show_tag(row, query)]}

    def _edit_tag(self, request: Request, tag_id: str, query: Query, actor: Actor) -> tuple[int, Any]:
        data = self._body(request, "tags", "edit")
        return 200, {"tags": [self._show_tag(self._tags.edit(check_id(tag_id), data, actor), query)]}

    def _delete_tag(self, tag_id: str, actor: Actor) -> tuple[int, Any]:
        self._tags.delete(check_id(tag_id), actor)
        return 204, None

    # Lists and single things that an integration reads

    def _browse(self, name: str, query: Query) -> tuple[int, Any]:
        table: Table = getattr(self._state, name)
        show: dict[str, Callable[[Row], Row]] = {
            "tags": lambda row: self._show_tag(row, query),
            "users": lambda row: self._show_user(row, query),
            "tiers": lambda row: keep_fields(self._reader.tier(row), query.names("fields")),
            "newsletters": lambda row: self._show_newsletter(row, query),
            "members": _show_member,
            "actions": lambda row: self._reader.action(row, query.names("include") or frozenset()),
        }
        newest_first = name in {"members", "actions"}
        columns = frozenset(TAG_COLUMNS if name == "tags" else next(iter(table), _ACTION_COLUMNS))
        now_ms = self._state.clock.now_ms()
        column_of = row_column
        if name == "members":
            columns, column_of = MEMBER_FILTER_COLUMNS, self._reader.member_column
        rows = pick_rows(table, query.get("filter"), column_of, columns=columns, now_ms=now_ms)
        rows = sort_rows(rows, query.get("order"), default=_newest_first if newest_first else list)
        rows, pagination = cut_page(rows, query, major=self._major)
        return 200, {name: [show[name](row) for row in rows], "meta": {"pagination": pagination}}

    def _show_user(self, row: Row, query: Query) -> Row:
        shown = self._reader.user(row, roles="roles" in (query.names("include") or ()))
        return keep_fields(shown, query.names("fields"))

    def _show_newsletter(self, row: Row, query: Query) -> Row:
        shown = keep_fields(self._reader.tier(row), query.names("fields"))
        counts = {name for name in query.names("include") or () if name in {"count.members", "count.active_members"}}
        if counts:
            subscribed = sum(row["id"] in member["newsletters"] for member in self._state.members)
            shown = {**shown, "count": {name.removeprefix("count."): subscribed for name in sorted(counts)}}
        return shown

    def _read_other(self, resource: str, rest: list[str], query: Query) -> tuple[int, Any]:
        if resource in {"users", "tiers", "newsletters", "members", "actions"}:
            if not rest:
                return self._reach(resource, "browse", lambda: self._browse(resource, query))
            return self._reach(resource, "read", lambda: self._read_row(resource, rest, query))
        match resource, rest:
            case "settings", []:
                return 200, {"settings": [{"key": key, "value": value} for key, value in self._state.settings.items()]}
            case "oembed", []:
                url = query.get("url") or ""
                metadata = {
                    "url": url,
                    "title": f"Title of {url}",
                    "description": "",
                    "author": None,
                    "publisher": None,
                }
                return 200, {"version": "1.0", "type": "bookmark", "url": url, "metadata": metadata}
            case "roles", []:
                names = ("Administrator", "Editor", "Author", "Contributor", "Owner")
                return 200, {"roles": [{"id": f"role-{name.lower()}", "name": name} for name in names]}
        raise not_found()

    def _add_member(self, request: Request) -> tuple[int, Any]:
        (given,) = json.loads(request.body)["members"]
        newsletters = tuple(one["id"] for one in given.get("newsletters", ()))
        row = starter.add_member(self._state, given["email"], newsletters=newsletters)
        return 201, {"members": [_show_member(row)]}

    def _read_row(self, resource: str, rest: list[str], query: Query) -> tuple[int, Any]:
        key = rest[-1]
        wanted = "slug" if rest[0] == "slug" else "email" if rest[0] == "email" else "id"
        table = getattr(self._state, resource)
        row = next((one for one in table if one.get(wanted) == key), None)
        if row is None:
            raise missing("Resource not found")
        show = self._show_user if resource == "users" else self._show_newsletter
        return 200, {resource: [show(row, query)]}

    # Uploads

    def _upload(self, request: Request, resource: str) -> tuple[int, Any]:
        self.reached = (resource, "upload")
        if request.method != "POST":
            raise not_found()
        parts = split_multipart(request.headers.get("content-type", ""), request.body)
        url = self._uploads.take(resource, parts.get("file"))
        reference = parts["ref"].data.decode() if "ref" in parts else None
        entry = {"url": url, "ref": reference}
        if resource == "media":
            thumbnail = parts.get("thumbnail")
            entry["thumbnail_url"] = None if thumbnail is None else self._uploads.take("images", thumbnail)
        return 201, {resource: [entry]}


def _newest_first(rows: list[Row]) -> list[Row]:
    """Within one second the order is that of insertion: the database is told no more than the date."""
    return sorted(rows, key=lambda row: -row["created_at"])


def _show_member(row: Row) -> Row:
    return {name: value for name, value in row.items() if name in {"id", "uuid", "email", "name", "status"}}


def refuse_endpoint(segment: str) -> GhostFault:
    """What a role without the permission gets on `db`, although its key may ask."""
    return GhostFault(
        status=403, kind="NoPermissionError", message=f"You do not have permission to exportContent {segment}"
    )
