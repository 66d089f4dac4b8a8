# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""What the Admin API answers: the shapes of posts, pages, tags and people, lists, filters, order and pages of a list.

After Ghost's output mappers (`mappers/posts.js`, `utils/clean.js`). `fields`, `include` and `formats` are what the
request asked for; None means that it did not, which is not the same as asking for nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fakeghost.clock import to_sql, to_wire
from fakeghost.faults import GhostFault, bad_request, invalid
from fakeghost.nql import FilterError, parse_filter
from fakeghost.schema import META_COLUMNS, POST_COLUMNS
from fakeghost.state import Row, State

_FORMATS = ("mobiledoc", "lexical", "html", "plaintext")
_POST_INCLUDES = frozenset(
    "tags authors authors.roles email tiers newsletter count.clicks count.conversions count.signups "
    "count.paid_conversions sentiment count.positive_feedback count.negative_feedback post_revisions "
    "post_revisions.author".split()
)
_RELATED = ("tags", "authors", "authors.roles", "tiers")
_DEFAULT_INCLUDE = {
    "post": frozenset({*_RELATED, "email", "newsletter", "count.clicks"}),
    "page": frozenset({*_RELATED, "count.signups", "count.paid_conversions"}),
}
_POST_RELATIONS = "tag tags tags.slug tags.id author authors authors.slug authors.id primary_tag primary_author".split()
POST_FILTER_COLUMNS = frozenset(name for column in POST_COLUMNS for name in (column, f"posts.{column}")) | {
    *META_COLUMNS,
    *_POST_RELATIONS,
}
MEMBER_FILTER_COLUMNS = frozenset(
    "id uuid email name status email_disabled subscribed newsletters newsletters.slug newsletters.id created_at".split()
)
_NEVER_SHOWN = frozenset({"type", "locale", "newsletter_id", "published_by", "email_recipient_filter"})
_DATES = frozenset({"created_at", "updated_at", "published_at", "last_seen", "submitted_at"})
_HIDDEN_IN_PAGES = ("email_segment", "email_subject", "email_only", "email", "newsletter")
# Ghost 6 caps every list; Ghost 5 gives what is asked for.
_LIMIT_CAP = 100
_DEFAULT_LIMIT = 15
_WORDS_PER_MINUTE = 275


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The query string of a request, parsed once."""

    raw: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Query:
        return cls(raw=dict(parse_qsl(text, keep_blank_values=True)))

    def get(self, name: str) -> str | None:
        return self.raw.get(name) or None

    def flag(self, name: str) -> bool:
        return self.raw.get(name) in {"1", "true"}

    def names(self, name: str) -> frozenset[str] | None:
        value = self.get(name)
        return None if value is None else frozenset(part.strip().lower() for part in value.split(",") if part.strip())

    def formats(self) -> frozenset[str] | None:
        names = self.names("formats")
        if names is not None and not names <= set(_FORMATS):
            raise invalid("Validation (AllowedValues) failed for formats", prop="formats")
        return names


class Reader:
    """Turns rows into the Admin API's JSON. `post_url` knows the site's permalinks."""

    def __init__(self, state: State, *, major: int, post_url: Callable[[Row], str], site: str) -> None:
        self._state = state
        self._major = major
        self._post_url = post_url
        self._site = site

    # Posts and pages

    def post(self, row: Row, query: Query) -> Row:
        """One post or page as the request wants to see it."""
        fields, formats = query.names("fields"), query.formats()
        include = query.names("include")
        if include is not None:
            include &= _POST_INCLUDES
        elif fields is None:
            include = _DEFAULT_INCLUDE[row["type"]]
        else:
            include = frozenset()
        shown = {name: value for name, value in self._columns(row).items() if self._is_wanted(name, fields, formats)}
        if row["type"] != "page" or (fields is not None and "type" not in fields):
            shown.pop("show_title_and_feature_image", None)
        shown.pop("type", None)
        shown |= self._relations(row, include)
        if fields is not None:
            shown.pop("primary_tag", None)
            shown.pop("primary_author", None)
        self._add_derived(shown, row, fields)
        if row["type"] == "page":
            for name in _HIDDEN_IN_PAGES:
                shown.pop(name, None)
        return shown

    def _columns(self, row: Row) -> Row:
        meta = self._state.posts_meta.get(row["id"], {})
        shown = {name: row[name] for name in POST_COLUMNS if name not in _NEVER_SHOWN or name == "type"}
        for name in ("created_at", "updated_at", "published_at"):
            shown[name] = to_wire(shown[name])
        for name in META_COLUMNS:
            shown[name] = meta.get(name) or (False if name == "email_only" else None)
        shown["email_segment"] = row["email_recipient_filter"]
        return shown

    @staticmethod
    def _is_wanted(name: str, fields: frozenset[str] | None, formats: frozenset[str] | None) -> bool:
        if name in _FORMATS:
            if fields is None or formats is not None:
                return name in (formats or {"mobiledoc", "lexical"}) or (fields is not None and name in fields)
            return name in fields and name in {"mobiledoc", "lexical"}
        return fields is None or name in fields

    def _relations(self, row: Row, include: frozenset[str]) -> Row:
        state, post_id = self._state, row["id"]
        shown: Row = {}
        if "tags" in include:
            tags = [self.tag(state.tags[tag_id]) for tag_id in state.posts_tags.get(post_id, ())]
            shown["tags"] = tags
            shown["primary_tag"] = tags[0] if tags and tags[0]["visibility"] == "public" else None
        if "authors" in include:
            roles = "authors.roles" in include
            people = [self.user(state.users[user_id], roles=roles) for user_id in state.posts_authors.get(post_id, ())]
            shown["authors"] = people
            shown["primary_author"] = people[0] if people else None
        if "tiers" in include:
            shown["tiers"] = [self.tier(tier) for tier in self._tiers(row)]
        if "email" in include:
            email = state.emails.get(post_id)
            shown["email"] = None if email is None else self._wire_dates(email)
        if "newsletter" in include:
            newsletter = state.newsletters.get(row["newsletter_id"]) if row["newsletter_id"] else None
            shown["newsletter"] = None if newsletter is None else self._wire_dates(newsletter)
        counts = [name.removeprefix("count.") for name in sorted(include) if name.startswith("count.")]
        if counts:
            shown["count"] = dict.fromkeys([*counts, "positive_feedback", "negative_feedback"], 0)
        if "post_revisions" in include or "post_revisions.author" in include:
            with_author = "post_revisions.author" in include
            shown["post_revisions"] = [
                self._revision(one, with_author=with_author) for one in state.revisions.get(post_id, ())
            ]
        return shown

    def _tiers(self, row: Row) -> list[Row]:
        """Who may read, as tiers; the stored set counts for visibility `tiers` alone."""
        match row["visibility"]:
            case "public" | "members":
                return list(self._state.tiers)
            case "paid":
                return [tier for tier in self._state.tiers if tier["type"] == "paid"]
            case _:
                return [self._state.tiers[tier_id] for tier_id in self._state.posts_tiers.get(row["id"], ())]

    def _revision(self, revision: Row, *, with_author: bool) -> Row:
        shown = {name: value for name, value in revision.items() if name != "author_id"}
        shown["created_at"] = to_wire(revision["created_at"])
        if with_author:
            shown["author"] = self.user(self._state.users[revision["author_id"]], roles=False)
        return shown

    def _add_derived(self, shown: Row, row: Row, fields: frozenset[str] | None) -> None:
        if fields is None or "url" in fields:
            shown["url"] = self._post_url(row)
        if fields is None or "excerpt" in fields:
            plaintext = row["plaintext"]
            shown["excerpt"] = row["custom_excerpt"] or (plaintext[:500] if plaintext else None)
        if row["html"] and (fields is None or (fields >= {"reading_time", "html"})):
            words = len(re.sub(r"<[^>]*>", " ", row["html"]).split())
            shown["reading_time"] = max(1, round(words / _WORDS_PER_MINUTE)) if words else 0

    def post_column(self, row: Row) -> Callable[[str], Any]:
        """The value that a filter compares, by one of `POST_FILTER_COLUMNS`."""
        state, post_id = self._state, row["id"]

        def tag_slugs() -> list[str]:
            return [state.tags[tag_id]["slug"] for tag_id in state.posts_tags.get(post_id, ())]

        def author_slugs() -> list[str]:
            return [state.users[user_id]["slug"] for user_id in state.posts_authors.get(post_id, ())]

        def value(name: str) -> Any:
            name = name.removeprefix("posts.")
            match name:
                case "tag" | "tags" | "tags.slug":
                    return frozenset(tag_slugs())
                case "tags.id":
                    return frozenset(state.posts_tags.get(post_id, ()))
                case "authors.id":
                    return frozenset(state.posts_authors.get(post_id, ()))
                case "author" | "authors" | "authors.slug":
                    return frozenset(author_slugs())
                case "primary_tag":
                    return next(iter(tag_slugs()), None)
                case "primary_author":
                    return next(iter(author_slugs()), None)
            if name in META_COLUMNS:
                return state.posts_meta.get(post_id, {}).get(name)
            held = row[name]
            return to_sql(held) if name in _DATES else held

        return value

    def member_column(self, row: Row) -> Callable[[str], Any]:
        """The same for members, by one of `MEMBER_FILTER_COLUMNS`."""

        def value(name: str) -> Any:
            match name:
                case "newsletters" | "newsletters.slug":
                    return frozenset(self._state.newsletters[one]["slug"] for one in row["newsletters"])
                case "newsletters.id":
                    return frozenset(row["newsletters"])
                case "subscribed":
                    return bool(row["newsletters"])
                case "email_disabled":
                    return 0
            return row_column(row)(name)

        return value

    # Everything else

    def tag(self, row: Row, *, count: int | None = None) -> Row:
        shown = self._wire_dates(row)
        shown["url"] = f"{self._site}/404/" if row["visibility"] == "internal" else f"{self._site}/tag/{row['slug']}/"
        if count is not None:
            shown["count"] = {"posts": count}
        return shown

    def user(self, row: Row, *, roles: bool) -> Row:
        shown = {name: value for name, value in self._wire_dates(row).items() if name != "role"}
        if roles:
            shown["roles"] = [{"id": f"role-{row['role'].lower()}", "name": row["role"]}]
        shown["url"] = f"{self._site}/author/{row['slug']}/"
        return shown

    def tier(self, row: Row) -> Row:
        return self._wire_dates(row)

    def action(self, row: Row, include: frozenset[str]) -> Row:
        shown = self._wire_dates(row)
        if "actor" in include:
            table = self._state.users if row["actor_type"] == "user" else self._state.integrations
            actor = table.get(row["actor_id"])
            if actor is not None:
                shown["actor"] = {"id": actor["id"], "name": actor["name"], "slug": actor["slug"], "image": None}
        if "resource" in include and row["resource_id"] is not None:
            table = self._state.tags if row["resource_type"] == "tag" else self._state.posts
            found = table.get(row["resource_id"])
            shown["resource"] = {} if found is None else _resource_summary(found)
        return shown

    def _wire_dates(self, row: Row) -> Row:
        return {name: to_wire(value) if name in _DATES else value for name, value in row.items()}


def _resource_summary(row: Row) -> Row:
    names = [name for name in ("id", "title", "slug", "name") if name in row]
    return {**{name: row[name] for name in names}, "image": row.get("feature_image")}


def row_column(row: Row) -> Callable[[str], Any]:
    """Columns of a table without relations."""
    return lambda name: to_sql(row[name]) if name in _DATES else row[name]


def pick_rows(
    rows: Iterable[Row],
    text: str | None,
    column_of: Callable[[Row], Callable[[str], Any]],
    *,
    columns: frozenset[str],
    now_ms: int,
) -> list[Row]:
    """The rows that a filter lets through. Raises `GhostFault` 400 for a bad filter or an unknown column."""
    if text is None:
        return list(rows)
    try:
        is_match, named = parse_filter(text, now_ms=now_ms)
    except FilterError as error:
        raise bad_request("Error parsing filter", context=str(error)) from None
    if not named <= columns:
        raise bad_request("Could not understand request.")
    return [row for row in rows if is_match(column_of(row))]


def sort_rows(rows: list[Row], order: str | None, *, default: Callable[[list[Row]], list[Row]]) -> list[Row]:
    """In the asked order; unknown columns are ignored, and so is an order of nothing but those."""
    if order is None:
        return default(rows)
    if not re.fullmatch(r"[a-z0-9_,. ]+", order, re.IGNORECASE):
        raise invalid("Validation (matches) failed for order", prop="order")
    for part in reversed(order.split(",")):
        column, _, direction = part.strip().partition(" ")
        column = column.lower()
        if rows and column in rows[0]:
            present = [row for row in rows if row[column] is not None]
            absent = [row for row in rows if row[column] is None]
            is_down = direction.strip().lower() == "desc"
            present.sort(key=lambda row: row[column], reverse=is_down)
            rows = present + absent if is_down else absent + present
    return rows


def default_post_order(rows: list[Row]) -> list[Row]:
    """Scheduled, drafts, then by date, newest first: an order that changes while one writes."""
    rank = {"scheduled": 1, "draft": 2}
    rows = sorted(rows, key=lambda row: row["id"], reverse=True)
    rows.sort(key=lambda row: row["updated_at"] or 0, reverse=True)
    rows.sort(key=lambda row: (row["published_at"] or 0) if row["status"] != "draft" else 0, reverse=True)
    return sorted(rows, key=lambda row: rank.get(row["status"], 3))


def cut_page(rows: list[Row], query: Query, *, major: int) -> tuple[list[Row], Row]:
    """One page of a list, and Ghost's `meta.pagination` for it."""
    asked = query.get("limit") or str(_DEFAULT_LIMIT)
    if not re.fullmatch(r"\d+|all", asked):
        if major < 6:
            raise invalid("Validation (matches) failed for limit", prop="limit")
        asked = str(_LIMIT_CAP)
    page = max(1, int(query.get("page") or 1)) if (query.get("page") or "1").isdigit() else 1
    total = len(rows)
    limit: int | str
    if asked == "all" and major < 6:
        limit, size, page = "all", max(total, 1), 1
    else:
        limit = size = _LIMIT_CAP if asked == "all" else int(asked) or _DEFAULT_LIMIT
        if major >= 6:
            limit = size = min(size, _LIMIT_CAP)
    pages = math.ceil(total / size) or 1
    pagination = {
        "page": page,
        "limit": limit,
        "pages": pages,
        "total": total,
        "next": page + 1 if page < pages else None,
        "prev": page - 1 if page > 1 else None,
    }
    return rows[(page - 1) * size : page * size], pagination


def keep_fields(row: Row, fields: frozenset[str] | None) -> Row:
    return row if fields is None else {name: value for name, value in row.items() if name in fields}


def check_post_fields(fields: frozenset[str] | None) -> None:
    """Relations are no fields. Raises `GhostFault` 400."""
    if fields is not None and fields & {"tags", "authors", "tiers", "email", "newsletter"}:
        raise bad_request("Could not understand request.")


def to_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def check_id(text: str) -> str:
    """An id in a path. Raises `GhostFault` 422."""
    if not re.fullmatch(r"[a-f\d]{24}|1|me", text):
        raise invalid("Validation (matches) failed for id", prop="id")
    return text


def check_slug(text: str) -> str:
    """A slug in a path. Raises `GhostFault` 422."""
    if not re.fullmatch(r"[a-z0-9\-_]+", text):
        raise invalid("Validation (isSlug) failed for slug", prop="slug")
    return text


def not_found() -> GhostFault:
    """No such endpoint."""
    return GhostFault(status=404, kind="NotFoundError", message="Resource not found")
