"""Public addresses of documents: where readers will find a post, before Ghost has said so.

A link between documents is written into bodies as the other post's public address. A published post's address is known;
a draft's, a scheduled post's and that of a post made in the same run are predicted from the site's permalinks
(`routes.yaml`). A preview address (`/p/<uuid>/`) is never written: anyone who has it can read the draft.

What cannot be predicted (`{id}` of a post that does not exist yet, `{author}` of a post whose author is Ghost's choice)
is not guessed: the link is a problem of its document until the post is published.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ghostsync.model import FieldName, FieldValue, Kind, PostFace, PostId, Slug, is_preview

DEFAULT_PERMALINK = "/{slug}/"
"""Ghost's own default for posts; pages always have it."""

_PART = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One collection of `routes.yaml`: where its posts live and which they are."""

    permalink: str
    filter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permalinks:
    """The site's rules for addresses of posts."""

    collections: tuple[Collection, ...] = (Collection(permalink=DEFAULT_PERMALINK),)
    timezone: str = "Etc/UTC"


def parse_permalinks(routes_yaml: str | None, *, timezone: str) -> Permalinks:
    """Return the rules in `routes.yaml`; Ghost's default where there are none that can be read."""
    if not routes_yaml:
        return Permalinks(timezone=timezone)
    try:
        data = YAML(typ="safe", pure=True).load(routes_yaml)
    except YAMLError:
        return Permalinks(timezone=timezone)
    found = []
    raw = data.get("collections") if isinstance(data, dict) else None
    for value in (raw or {}).values() if isinstance(raw, dict) else ():
        if isinstance(value, dict) and isinstance(value.get("permalink"), str):
            condition = value.get("filter")
            found.append(
                Collection(
                    permalink=value["permalink"].replace(":slug", "{slug}"),
                    filter=condition if isinstance(condition, str) else None,
                )
            )
    return Permalinks(collections=tuple(found), timezone=timezone) if found else Permalinks(timezone=timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is known of a document that others link to."""

    kind: Kind
    slug: Slug
    fields: Mapping[FieldName, FieldValue]
    id: PostId | None = None
    published_url: str | None = None
    """Its address, where Ghost has published it under the slug that it will keep."""


def target_of(post: PostFace) -> Target:
    """Return what is known of a post."""
    published = post.fields.get(FieldName("status")) == "published"
    return Target(
        kind=post.kind,
        slug=post.slug,
        fields=post.fields,
        id=post.id,
        published_url=post.url if published and not is_preview(post.url) else None,
    )


def predict_address(target: Target, permalinks: Permalinks, *, site_url: str, now: str) -> str | None:
    """Return the public address that Ghost gives or will give, or None where it cannot be known."""
    if target.published_url is not None:
        return target.published_url
    if target.kind is Kind.PAGE:
        return f"{site_url}{target.slug}/"
    for collection in permalinks.collections:
        fits = _matches(collection.filter, target)
        if fits is None:
            return None
        if fits:
            path = _fill(collection.permalink, target, permalinks.timezone, now)
            return None if path is None else site_url + path.lstrip("/")
    return None


def _fill(permalink: str, target: Target, timezone: str, now: str) -> str | None:
    date = target.fields.get(FieldName("published_at"))
    moment = _local(date if isinstance(date, str) else now, timezone)
    tags = target.fields.get(FieldName("tags"))
    authors = target.fields.get(FieldName("authors"))
    public = next((t for t in tags if not t.startswith("hash-")), None) if isinstance(tags, tuple) and tags else None
    first_tag = tags[0] if isinstance(tags, tuple) and tags else None
    parts: dict[str, str | None] = {
        "slug": target.slug,
        "year": f"{moment:%Y}",
        "month": f"{moment:%m}",
        "day": f"{moment:%d}",
        "id": target.id,
        # Ghost puts `all` where a post has no public primary tag.
        "primary_tag": first_tag if first_tag is not None and first_tag == public else "all",
        "primary_author": authors[0] if isinstance(authors, tuple) and authors else None,
        "author": authors[0] if isinstance(authors, tuple) and authors else None,
    }
    names = _PART.findall(permalink)
    if any(parts.get(name) is None for name in names):
        return None
    return _PART.sub(lambda found: str(parts[found[1]]), permalink)


def _matches(condition: str | None, target: Target) -> bool | None:
    """Whether a post falls into a collection; None where the filter is more than we can tell."""
    if not condition:
        return True
    results = [_claim(part.strip(), target) for part in condition.split("+")]
    if any(mark in condition for mark in ",()>~<") and "[" not in condition:
        return None
    if None in results:
        return None
    return all(results)


def _claim(text: str, target: Target) -> bool | None:
    found = re.fullmatch(r"(-?)(tag|tags|primary_tag|featured|author|authors|primary_author|visibility):(-?)(.+)", text)
    if found is None:
        return None
    negative = (found[1] == "-") != (found[3] == "-")
    raw = found[4].strip()
    values = {v.strip().strip("'\"") for v in (raw[1:-1].split(",") if raw.startswith("[") else [raw])}
    tags = target.fields.get(FieldName("tags"))
    authors = target.fields.get(FieldName("authors"))
    match found[2]:
        case "tag" | "tags":
            holds = bool(values & set(tags if isinstance(tags, tuple) else ()))
        case "primary_tag":
            holds = isinstance(tags, tuple) and bool(tags) and tags[0] in values
        case "featured":
            holds = str(bool(target.fields.get(FieldName("featured")))).lower() in values
        case "visibility":
            holds = str(target.fields.get(FieldName("visibility")) or "public") in values
        case _:
            if not isinstance(authors, tuple) or not authors:
                return None
            holds = bool(values & set(authors[:1] if found[2] == "primary_author" else authors))
    return holds != negative


def _local(date: str, timezone: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(date)
    try:
        return moment.astimezone(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(dt.UTC)
