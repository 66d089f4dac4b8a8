"""What Ghost answered, with properties by name: the objects of the public library.

A record is an unchangeable view of one row. It knows three cases that a dataclass with defaults could not tell apart: a
field has a value, a field is null, and a field was not asked for (`fields=`, `formats=`, `include=`). The last is an
`AttributeError` that says how to ask, never a silent None. Fields that Ghost invents later are there by name as well,
and every record is a mapping: `post["title"]`, `post.get("og_title")`, `dict(post)`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, overload

T = TypeVar("T")
Json = dict[str, Any]


class Value(Generic[T]):
    """One property of a record: reads the row's value of the same name."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self._name = ""

    def __set_name__(self, owner: type[Record], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, record: None, owner: type[Record]) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type[Record]) -> T: ...
    def __get__(self, record: Record | None, owner: type[Record]) -> Self | T:
        if record is None:
            return self
        try:
            value = record[self._name]
        except KeyError:
            raise AttributeError(self._name) from None
        return self._read(value)


class Record(Mapping[str, Any]):
    """An unchangeable row of Ghost's. Two records are equal when their rows are."""

    __slots__ = ("_row",)
    __hash__ = None  # type: ignore[assignment]
    shown: ClassVar[tuple[str, ...]] = ("id", "slug", "name")

    def __init__(self, row: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_row", dict(row))

    def __getitem__(self, name: str) -> Any:
        row: Json = object.__getattribute__(self, "_row")
        return row[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self._row)  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = (
            f"a {type(self).__name__} is what Ghost answered; to change it, use `update({name}=…)` of its resource"
        )
        raise AttributeError(message)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self[name]!r}" for name in self.shown if name in self)
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[type[Self], tuple[Json]]:
        return type(self), (dict(self),)

    if not TYPE_CHECKING:  # type checkers should refuse misspelled names; at run time new fields of Ghost's are found

        def __getattr__(self, name: str) -> Any:
            if name in self:
                return self[name]
            if name.startswith("__"):
                raise AttributeError(name)
            message = f"this {type(self).__name__} holds no `{name}`: Ghost was not asked for it ({_ask_for(name)})"
            raise AttributeError(message, name=name, obj=self)


def _ask_for(name: str) -> str:
    if name in ("html", "plaintext", "lexical", "mobiledoc"):
        return f"formats={name!r}"
    if name in ("markdown", "document"):
        return "formats='lexical,mobiledoc'"
    if name in ("tags", "authors", "tiers", "author", "primary_author", "primary_tag", "count", "post_revisions"):
        include = {"author": "authors", "primary_author": "authors", "primary_tag": "tags", "count": "count.posts"}
        return f"include={include.get(name, name)!r}"
    return f"fields={name!r}, or no fields at all; or it has no such field"


def _text(value: Any) -> str:
    return str(value)


def _maybe_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _flag(value: Any) -> bool:
    return bool(value)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _moment(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value or {}


class Site(Record):
    """What a site says about itself without a key."""

    shown = ("title", "url", "version")
    title = Value(_text)
    description = Value(_maybe_text)
    url = Value(_text)
    version = Value(_text)
    """Major and minor: `6.65`."""
    site_uuid = Value(_maybe_text)
    timezone = Value(_maybe_text)
    locale = Value(_maybe_text)
    logo = Value(_maybe_text)
    icon = Value(_maybe_text)
    cover_image = Value(_maybe_text)
    accent_color = Value(_maybe_text)


class User(Record):
    """A staff member; users can be read, not written, with an integration's key."""

    id = Value(_text)
    slug = Value(_text)
    name = Value(_text)
    email = Value(_maybe_text)
    profile_image = Value(_maybe_text)
    cover_image = Value(_maybe_text)
    bio = Value(_maybe_text)
    website = Value(_maybe_text)
    location = Value(_maybe_text)
    status = Value(_maybe_text)
    url = Value(_maybe_text)
    count = Value(_mapping)


class Tag(Record):
    """A tag. Internal ones have names that begin with `#`."""

    id = Value(_text)
    slug = Value(_text)
    name = Value(_text)
    description = Value(_maybe_text)
    feature_image = Value(_maybe_text)
    visibility = Value(_text)
    accent_color = Value(_maybe_text)
    canonical_url = Value(_maybe_text)
    meta_title = Value(_maybe_text)
    meta_description = Value(_maybe_text)
    created_at = Value(_moment)
    updated_at = Value(_moment)
    url = Value(_maybe_text)
    count = Value(_mapping)


class Tier(Record):
    """A membership tier."""

    id = Value(_text)
    slug = Value(_text)
    name = Value(_text)
    description = Value(_maybe_text)
    type = Value(_text)
    active = Value(_flag)
    visibility = Value(_maybe_text)
    monthly_price = Value(_number)
    yearly_price = Value(_number)
    currency = Value(_maybe_text)


class Newsletter(Record):
    """A newsletter."""

    id = Value(_text)
    slug = Value(_text)
    name = Value(_text)
    description = Value(_maybe_text)
    status = Value(_maybe_text)
    sender_name = Value(_maybe_text)
    sender_email = Value(_maybe_text)
    count = Value(_mapping)


def _tags(value: Any) -> tuple[Tag, ...]:
    return tuple(Tag(row) for row in value)


def _users(value: Any) -> tuple[User, ...]:
    return tuple(User(row) for row in value)


def _tiers(value: Any) -> tuple[Tier, ...]:
    return tuple(Tier(row) for row in value)


def _maybe_tag(value: Any) -> Tag | None:
    return None if value is None else Tag(value)


def _maybe_user(value: Any) -> User | None:
    return None if value is None else User(value)


def _maybe_newsletter(value: Any) -> Newsletter | None:
    return None if value is None else Newsletter(value)


class Article(Record):
    """What posts and pages have in common."""

    shown = ("id", "slug", "title", "status")
    id = Value(_text)
    uuid = Value(_text)
    title = Value(_text)
    slug = Value(_text)
    status = Value(_text)
    visibility = Value(_text)
    featured = Value(_flag)
    url = Value(_text)
    """The public address; a `/p/…` preview for drafts."""
    lexical = Value(_maybe_text)
    """The stored document as JSON text; `document` is the same, parsed."""
    mobiledoc = Value(_maybe_text)
    html = Value(_maybe_text)
    plaintext = Value(_maybe_text)
    excerpt = Value(_maybe_text)
    custom_excerpt = Value(_maybe_text)
    feature_image = Value(_maybe_text)
    feature_image_alt = Value(_maybe_text)
    feature_image_caption = Value(_maybe_text)
    created_at = Value(_moment)
    updated_at = Value(_moment)
    published_at = Value(_moment)
    tags = Value(_tags)
    authors = Value(_users)
    tiers = Value(_tiers)
    primary_tag = Value(_maybe_tag)
    primary_author = Value(_maybe_user)
    canonical_url = Value(_maybe_text)
    custom_template = Value(_maybe_text)
    codeinjection_head = Value(_maybe_text)
    codeinjection_foot = Value(_maybe_text)
    meta_title = Value(_maybe_text)
    meta_description = Value(_maybe_text)
    og_image = Value(_maybe_text)
    og_title = Value(_maybe_text)
    og_description = Value(_maybe_text)
    twitter_image = Value(_maybe_text)
    twitter_title = Value(_maybe_text)
    twitter_description = Value(_maybe_text)
    comment_id = Value(_maybe_text)
    reading_time = Value(_number)
    count = Value(_mapping)

    @property
    def author(self) -> User | None:
        """The first author."""
        return self.primary_author

    @property
    def document(self) -> Json:
        """The body as a Lexical document; the old format of sites from before Ghost 5 is converted."""
        if self.lexical is not None:
            document: Json = json.loads(self.lexical)
            return document
        if self.mobiledoc is None:
            return {"root": {"type": "root", "version": 1, "children": []}}
        from ghostsync.lexical import mobiledoc_to_lexical  # noqa: PLC0415 (the compiler is large, and rarely wanted)

        return mobiledoc_to_lexical(json.loads(self.mobiledoc))

    @property
    def markdown(self) -> str:
        """The body as Markdown; `update(post, markdown=post.markdown)` gives the same post."""
        document = self.document
        from ghostsync.lexical import decompile_lexical  # noqa: PLC0415 (the compiler is large, and rarely wanted)

        return decompile_lexical(document)


class Post(Article):
    """A post."""

    email_only = Value(_flag)
    email_subject = Value(_maybe_text)
    email_segment = Value(_maybe_text)
    newsletter = Value(_maybe_newsletter)


class Page(Article):
    """A page."""

    show_title_and_feature_image = Value(_flag)
