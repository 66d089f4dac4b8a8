"""What callers of the library write, made into rows that Ghost reads as they are meant.

Ghost drops unknown fields without a word, replaces an unknown author by the site's owner, ignores tiers that are not
named by id, renames a tag for the whole site when its id comes with a name, and reads a date without a time zone as an
error. So names are checked here, authors and tiers are looked up, and tags are reduced to what identifies them.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypedDict

from ghostsync.errors import Rejected
from ghostsync.ghost.records import Record, Tag, Tier, User

Json = dict[str, Any]


class TagFields(TypedDict, total=False):
    """What can be written of a tag (Ghost: admin-api-schema, tags.json)."""

    name: str
    slug: str
    description: str | None
    feature_image: str | None
    visibility: str
    accent_color: str | None
    canonical_url: str | None
    meta_title: str | None
    meta_description: str | None
    og_image: str | None
    og_title: str | None
    og_description: str | None
    twitter_image: str | None
    twitter_title: str | None
    twitter_description: str | None
    codeinjection_head: str | None
    codeinjection_foot: str | None


class ArticleFields(TypedDict, total=False):
    """What can be written of posts and pages alike (Ghost: admin-api-schema, posts.json).

    The body is one of `markdown` (compiled to Ghost's own format), `lexical` (a document, or its JSON), `html` (which
    Ghost converts, with losses) and `mobiledoc`. `tags` are names, `Tag`s or mappings with `id`, `name` or `slug`;
    `authors` slugs, e-mail addresses or `User`s; `tiers` slugs or `Tier`s. Dates are aware `datetime`s or ISO text
    with a zone.
    """

    markdown: str
    lexical: str | Mapping[str, Any]
    html: str
    mobiledoc: str | Mapping[str, Any]
    title: str
    slug: str
    status: str
    visibility: str
    featured: bool
    tags: Iterable[str | Tag | Mapping[str, Any]]
    authors: Iterable[str | User | Mapping[str, Any]]
    tiers: Iterable[str | Tier | Mapping[str, Any]]
    feature_image: str | None
    feature_image_alt: str | None
    feature_image_caption: str | None
    custom_excerpt: str | None
    published_at: datetime | str | None
    updated_at: datetime | str
    canonical_url: str | None
    custom_template: str | None
    codeinjection_head: str | None
    codeinjection_foot: str | None
    meta_title: str | None
    meta_description: str | None
    og_image: str | None
    og_title: str | None
    og_description: str | None
    twitter_image: str | None
    twitter_title: str | None
    twitter_description: str | None
    locale: str | None


class PostFields(ArticleFields, total=False):
    """What can be written of a post."""

    email_only: bool
    email_subject: str | None


class PageFields(ArticleFields, total=False):
    """What can be written of a page."""

    show_title_and_feature_image: bool


_BODIES: Final = ("markdown", "lexical", "html", "mobiledoc")


def check_names(given: Mapping[str, object], known: Iterable[str], what: str) -> None:
    """Raise `TypeError` for a field that Ghost would drop without a word."""
    names = tuple(known)
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            meant = f"; did you mean `{close[0]}`?" if close else ""
            message = f"a {what} has no writable field `{name}`{meant}"
            raise TypeError(message)


def article_row(fields: Mapping[str, Any], *, users: Callable[[], list[Json]], tiers: Callable[[], list[Json]]) -> Json:
    """Return the row for `fields`. `users` and `tiers` are asked only where they are needed.

    Raises `Rejected` for an unknown author or tier and a date without a zone, `TypeError` for two bodies.
    """
    bodies = [name for name in _BODIES if name in fields]
    if len(bodies) > 1:
        message = f"one body, please: {' and '.join(bodies)} were given"
        raise TypeError(message)
    row: Json = {}
    for name, value in fields.items():
        match name:
            case "markdown":
                row["lexical"] = compile_body(value)
            case "lexical" | "mobiledoc":
                row[name] = value if isinstance(value, str) else _compact(value)
            case "tags":
                row["tags"] = [tag_reference(tag) for tag in value]
            case "authors":
                row["authors"] = _resolve(value, users, "author", ("slug", "email"))
            case "tiers":
                row["tiers"] = _resolve(value, tiers, "tier", ("slug", "name"))
            case _:
                row[name] = spell_moment(name, value) if isinstance(value, datetime) else value
    return row


def compile_body(markdown: str) -> str:
    """Return `markdown` as a Lexical document in JSON."""
    from ghostsync.lexical import compile_markdown  # noqa: PLC0415 (the compiler is large, and rarely wanted)

    return _compact(compile_markdown(markdown))


def _compact(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def spell_moment(name: str, moment: datetime) -> str:
    """Return `moment` as Ghost keeps it: UTC, whole seconds (a fraction would be a change at every write)."""
    if moment.tzinfo is None:
        raise Rejected(
            f"{name} {moment.isoformat()} has no time zone; nothing was sent",
            hint="use an aware datetime, for example datetime(…, tzinfo=timezone.utc)",
        )
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def tag_reference(tag: str | Mapping[str, Any]) -> Json:
    """Return what identifies a tag, and no more: an id beside a name would rename the tag for the whole site."""
    if isinstance(tag, str):
        return {"name": tag}
    if "id" in tag:
        return {"id": tag["id"]}
    if isinstance(tag, Record) and "slug" in tag:
        return {"slug": tag["slug"]}
    return {name: tag[name] for name in ("slug", "name") if name in tag}


def _resolve(
    wanted: Iterable[str | Mapping[str, Any]], known: Callable[[], list[Json]], what: str, by: tuple[str, str]
) -> list[Json]:
    """Return `{"id": …}` for each, in order."""
    if isinstance(wanted, str):
        message = f"{what}s are several: write [{wanted!r}]"
        raise TypeError(message)
    rows: list[Json] = []
    found: list[Json] = []
    for one in wanted:
        if not isinstance(one, str) and "id" in one:
            found.append({"id": one["id"]})
            continue
        rows = rows or known()
        names = (one,) if isinstance(one, str) else tuple(one[name] for name in by if name in one)
        match [row for row in rows if any(row.get(name) in names for name in by)]:
            case [row, *_]:
                found.append({"id": row["id"]})
            case _:
                raise Rejected(
                    f"there is no {what} {one!r} on this site; nothing was sent",
                    hint=f"the site has: {', '.join(sorted(row['slug'] for row in rows))}",
                )
    return found
