# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""What Ghost accepts in a body, and the words with which it refuses the rest.

After `@tryghost/admin-api-schema` (types and lengths; unknown keys are dropped silently) and Ghost's own database
schema (shorter lengths, checked later). Lengths count code points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakeghost.clock import parse_instant_ms
from fakeghost.faults import GhostFault, invalid

Row = dict[str, Any]

META_COLUMNS = (
    "og_image og_title og_description twitter_image twitter_title twitter_description meta_title meta_description "
    "email_subject frontmatter feature_image_alt feature_image_caption email_only"
).split()
POST_COLUMNS = (
    "id uuid title slug mobiledoc lexical html comment_id plaintext feature_image featured type status locale "
    "visibility email_recipient_filter created_at updated_at published_at published_by custom_excerpt "
    "codeinjection_head codeinjection_foot custom_template canonical_url newsletter_id show_title_and_feature_image"
).split()
TAG_COLUMNS = (
    "id name slug description feature_image visibility og_image og_title og_description twitter_image twitter_title "
    "twitter_description meta_title meta_description codeinjection_head codeinjection_foot canonical_url accent_color "
    "created_at updated_at"
).split()

# Ghost 6: no spaces, brackets or anything outside ASCII without percent-encoding. Ghost 5: only no spaces.
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\"]*\Z")
_URI_OF_5 = re.compile(r"\S*\Z")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """One accepted key: its JSON types, and what else must hold."""

    types: tuple[str, ...]
    longest: int | None = None
    check: Callable[[Any], str | None] = lambda _value: None  # the keyword that is violated


def _uri(value: Any) -> str | None:
    if value is None or (_URI.match(value) and not _BAD_PERCENT.search(value)):
        return None
    return "format"


def _uri_of_5(value: Any) -> str | None:
    return None if value is None or _URI_OF_5.match(value) else "format"


def _date(value: Any) -> str | None:
    if value is None:
        return None
    if not _DATE.match(value):
        return "format"
    try:
        parse_instant_ms(value)
    except ValueError:
        return "format"
    return None


def _json(value: Any) -> str | None:
    if value is None:
        return None
    try:
        json.loads(value)
    except ValueError:
        return "format"
    return None


def _one_of(*allowed: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in allowed else "enum"


def _related(*names: str) -> Callable[[Any], str | None]:
    """A list of strings, or of objects with at least one of these keys."""

    def check(value: Any) -> str | None:
        for entry in value:
            if isinstance(entry, str):
                continue
            if not isinstance(entry, dict) or not any(name in entry for name in names):
                return "anyOf"
            if any(name in entry and not isinstance(entry[name], str | type(None)) for name in names):
                return "anyOf"
        return None

    return check


def _tag_name(value: Any) -> str | None:
    if not value:
        return "minLength"
    return "pattern" if value.startswith(",") else None


def _text(longest: int) -> _Key:
    return _Key(types=("string", "null"), longest=longest)


_ADDRESS = _Key(types=("string", "null"), longest=2000, check=_uri)
_BODY = _Key(types=("string", "null"), longest=1_000_000_000, check=_json)
_POST = {
    "title": _Key(types=("string",), longest=2000),
    "slug": _Key(types=("string",), longest=191),
    "mobiledoc": _BODY,
    "lexical": _BODY,
    "html": _text(1_000_000_000),
    "feature_image": _ADDRESS,
    "feature_image_alt": _text(65535),
    "feature_image_caption": _text(65535),
    "featured": _Key(types=("boolean",)),
    "status": _Key(types=("string",), check=_one_of("published", "draft", "scheduled", "sent")),
    "locale": _text(6),
    "visibility": _Key(types=("string", "null")),
    "visibility_filter": _Key(types=("string", "null")),
    "tiers": _Key(types=("array",), check=_related("id", "name", "slug")),
    "meta_title": _text(300),
    "meta_description": _text(500),
    "updated_at": _Key(types=("string", "null"), check=_date),
    "published_at": _Key(types=("string", "null"), check=_date),
    "custom_excerpt": _text(300),
    "codeinjection_head": _text(65535),
    "codeinjection_foot": _text(65535),
    "og_image": _ADDRESS,
    "og_title": _text(300),
    "og_description": _text(500),
    "twitter_image": _ADDRESS,
    "twitter_title": _text(300),
    "twitter_description": _text(500),
    "custom_template": _text(100),
    "canonical_url": _ADDRESS,
    "authors": _Key(types=("array",), check=_related("id", "slug", "email")),
    "tags": _Key(types=("array",), check=_related("id", "name", "slug")),
    "collections": _Key(types=("array",)),
}
_POSTS_ONLY = {"email_subject": _text(300), "email_only": _Key(types=("boolean",))}
_PAGES_ONLY = {
    "show_title_and_feature_image": _Key(types=("boolean",)),
    "status": _Key(types=("string",), check=_one_of("published", "draft", "scheduled")),
}
_TAG = {
    "name": _Key(types=("string",), longest=191, check=_tag_name),
    "slug": _text(191),
    "description": _text(500),
    "feature_image": _ADDRESS,
    "visibility": _Key(types=("string",), check=_one_of("public", "internal")),
    "meta_title": _text(300),
    "meta_description": _text(500),
    "og_image": _ADDRESS,
    "og_title": _text(300),
    "og_description": _text(500),
    "twitter_image": _ADDRESS,
    "twitter_title": _text(300),
    "twitter_description": _text(500),
    "codeinjection_head": _text(65535),
    "codeinjection_foot": _text(65535),
    "canonical_url": _ADDRESS,
    "accent_color": _text(50),
}
_KEYS = {"posts": {**_POST, **_POSTS_ONLY}, "pages": {**_POST, **_PAGES_ONLY}, "tags": _TAG}
_REQUIRED = {
    ("posts", "add"): "title",
    ("pages", "add"): "title",
    ("posts", "edit"): "updated_at",
    ("pages", "edit"): "updated_at",
    ("tags", "add"): "name",
}

_JSON_TYPES = {
    "string": lambda value: isinstance(value, str),
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
}


def accept_body(body: bytes, *, resource: str, method: str, major: int) -> Row:
    """The one resource in the body, with unknown keys dropped. Raises `GhostFault` with Ghost's 400 or 422."""
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise GhostFault(
            status=400,
            kind="InternalServerError",
            message="An unexpected error occurred, please try again.",
            context=str(error),
            code="UNEXPECTED_ERROR",
        ) from None
    entries = document.get(resource) if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise invalid(f"Validation failed for {resource}.", prop=resource)
    given = entries[0]
    required = _REQUIRED.get((resource, method))
    if required is not None and required not in given:
        raise _violation(resource, "0", "required", f"must have required property '{required}'")
    keys = _KEYS[resource]
    accepted: Row = {}
    for name, value in given.items():
        if name in keys:
            _check_value(resource, name, keys[name], value, major=major)
            accepted[name] = value
    return accepted


def _check_value(resource: str, name: str, key: _Key, value: Any, *, major: int) -> None:
    if not any(_JSON_TYPES[kind](value) for kind in key.types):
        raise _violation(resource, name, "type", f"must be {','.join(key.types)}")
    if value is None:
        return
    if key.longest is not None and len(value) > key.longest:
        raise _violation(resource, name, "maxLength", f"must NOT have more than {key.longest} characters")
    check = _uri_of_5 if key.check is _uri and major < 6 else key.check
    keyword = check(value)
    if keyword is not None:
        raise _violation(resource, name, keyword, f"must match {keyword}")


def _violation(resource: str, name: str, keyword: str, message: str) -> GhostFault:
    path = f"/{resource}/0" if name == "0" else f"/{resource}/0/{name}"
    return invalid(
        f"Validation failed for {name}.",
        prop=name,
        detail=[{"instancePath": path, "keyword": keyword, "params": {}, "message": message}],
    )


# Shorter than what the API's own schema lets through: column → (table, characters).
_COLUMN_LIMITS = {
    "title": ("posts", 255),
    "feature_image_alt": ("post_revisions", 191),
}


def check_columns(row: Row, meta: Row) -> None:
    """The limits of the database. Raises `GhostFault` 422."""
    for column, (table, longest) in _COLUMN_LIMITS.items():
        value = row.get(column) or meta.get(column)
        if isinstance(value, str) and len(value) > longest:
            message = f"Value in [{table}.{column}] exceeds maximum length of {longest} characters."
            raise invalid(message, context=f"{table}.{column}")
