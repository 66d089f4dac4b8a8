"""`ghost.posts`, `ghost.pages`, `ghost.tags`, `ghost.users`, `ghost.tiers`, `ghost.newsletters`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, Literal, TypeVar, Unpack

from ghostsync.errors import NotFound, Rejected
from ghostsync.ghost import nql
from ghostsync.ghost.admin import PAGE_SIZE, AdminApi, Json, Resource
from ghostsync.ghost.exchange import QueryValue
from ghostsync.ghost.listing import PageOf
from ghostsync.ghost.records import Article, Page, Post, Record, Tag
from ghostsync.ghost.rows import PageFields, PostFields, TagFields, article_row, check_names

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Article)

Names = str | Iterable[str]
"""`"id,title"` or `("id", "title")`."""

_ID = re.compile(r"[0-9a-f]{24}|1")


class Reader(Generic[R]):
    """What can be listed and read."""

    def __init__(self, api: AdminApi, resource: Resource, make: Callable[[Mapping[str, Any]], R]) -> None:
        self._api = api
        self._resource = resource
        self._make = make

    def list(
        self,
        *,
        limit: int | Literal["all"] | None = None,
        page: int | None = None,
        include: Names = (),
        fields: Names = (),
        formats: Names = (),
        filter: str | None = None,  # noqa: A002 (Ghost's word)
        order: str | None = None,
    ) -> PageOf[R]:
        """Return a page of results; iterating over it goes on over all that follow.

        `filter` is Ghost's filter language (`ghostsync.ghost.nql` quotes values), `order` like
        `"published_at desc"`. Without a limit Ghost gives 15 per page; it never gives more than 100. `limit="all"`
        fetches everything at once.
        """
        query = _query(include=include, fields=fields, formats=formats, filter=filter, order=order)
        if limit == "all":
            return self._everything(query)
        if limit is not None:
            if not 1 <= limit <= PAGE_SIZE:
                message = f"limit={limit}: Ghost gives 1 to {PAGE_SIZE} at once; iterate over the page, or limit='all'"
                raise ValueError(message)
            query["limit"] = limit

        def fetch(number: int) -> Json:
            return self._api.page(self._resource, query | {"page": number})

        return PageOf(fetch, fetch(page or 1), self._resource, self._make)

    def _everything(self, query: dict[str, QueryValue]) -> PageOf[R]:
        """Return one page that holds everything."""
        by_hundred = query | {"limit": PAGE_SIZE}

        def fetch(number: int) -> Json:
            return self._api.page(self._resource, by_hundred | {"page": number})

        rows = [dict(row) for row in PageOf(fetch, fetch(1), self._resource, self._make)]
        count = len(rows)
        pagination = {"page": 1, "pages": 1, "limit": max(count, 1), "total": count, "next": None, "prev": None}
        envelope = {self._resource.value: rows, "meta": {"pagination": pagination}}
        beyond = {self._resource.value: [], "meta": {"pagination": pagination}}
        return PageOf(lambda number: envelope if number == 1 else beyond, envelope, self._resource, self._make)

    def get(
        self,
        id_or_slug: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 (Ghost's word)
        slug: str | None = None,
        include: Names = (),
        fields: Names = (),
        formats: Names = (),
    ) -> R:
        """Return one by id or slug. Raises `NotFound`.

        A single argument of 24 hex digits is an id, anything else a slug; `id=` and `slug=` leave no doubt.
        """
        given = [one for one in (id_or_slug, id, slug) if one is not None]
        if len(given) != 1:
            message = "get() takes an id or a slug, and one of them only"
            raise TypeError(message)
        if id_or_slug is not None:
            id, slug = (id_or_slug, None) if _ID.fullmatch(id_or_slug) else (None, id_or_slug)  # noqa: A001
        query = _query(include=include, fields=fields, formats=formats)
        if id is not None:
            return self._make(self._api.read(self._resource, id, query))
        return self._make(self._read_slug(slug or "", query))

    def _read_slug(self, slug: str, query: dict[str, QueryValue]) -> Json:
        if self._resource not in (Resource.TIERS, Resource.NEWSLETTERS):
            return self._api.read_slug(self._resource, slug, query)
        # Ghost has no address by slug for these.
        rows = self._api.page(self._resource, query | {"filter": nql.equals("slug", slug)})[self._resource]
        for row in rows:
            if row.get("slug", slug) == slug:
                return dict(row)
        path = f"/{self._resource}/"
        raise NotFound(
            f"GET {path}: there is none with the slug {slug!r}",
            hint=f"`list()` gives all {self._resource}",
            method="GET",
            path=path,
            status=404,
        )


def _query(**given: Names | None) -> dict[str, QueryValue]:
    """Return what is given, in Ghost's form; `filter` and `order` are text, the rest are lists."""
    query: dict[str, QueryValue] = {}
    for name, value in given.items():
        if not value:
            continue
        query[name] = value if isinstance(value, str) else tuple(value)
    return query


class Tags(Reader[Tag]):
    """`ghost.tags`."""

    def __init__(self, api: AdminApi) -> None:
        super().__init__(api, Resource.TAGS, Tag)

    def create(self, **fields: Unpack[TagFields]) -> Tag:
        """Create a tag. Ghost makes a second one (`news-2`) where the slug is taken."""
        check_names(fields, TagFields.__annotations__, "tag")
        return Tag(self._api.create(self._resource, fields))

    def update(self, tag: Tag | str, **fields: Unpack[TagFields]) -> Tag:
        """Change what is named, for the whole site. Ghost does not notice if somebody else just changed it too."""
        check_names(fields, TagFields.__annotations__, "tag")
        return Tag(self._api.update(self._resource, _id_of(tag), fields))

    def delete(self, tag: Tag | str) -> None:
        """Delete a tag; its posts stay."""
        self._api.delete(self._resource, _id_of(tag))


_PUBLIC: Final = ("published", "sent")


class Articles(Reader[A]):
    """What posts and pages have in common."""

    def _rows(self, resource: Resource) -> Callable[[], list[Json]]:
        return lambda: list(self._api.iter_raw(resource))

    def _row(self, fields: Mapping[str, Any]) -> Json:
        return article_row(fields, users=self._rows(Resource.USERS), tiers=self._rows(Resource.TIERS))

    def _create(self, fields: Mapping[str, Any]) -> A:
        query: dict[str, QueryValue] = {"source": "html"} if "html" in fields else {}
        return self._make(self._api.create(self._resource, self._row(fields), query))

    def _update(self, article: A | str, fields: Mapping[str, Any], query: dict[str, QueryValue]) -> A:
        id_ = _id_of(article)
        row = self._row(fields)
        if "updated_at" not in row:
            known = article if isinstance(article, Record) and "updated_at" in article else self._read_state(id_)
            row["updated_at"] = known["updated_at"]
        if "lexical" in row or "html" in row:
            row["updated_at"] = self._convert_old(article, id_, row["updated_at"])
        if "html" in row:
            query = query | {"source": "html"}
        return self._make(self._api.update(self._resource, id_, row, query))

    def _convert_old(self, article: A | str, id_: str, updated_at: str) -> str:
        """Have Ghost convert a body of the old format first: Ghost 5 drops a Lexical body for such a post."""
        known = article if isinstance(article, Record) and "mobiledoc" in article else self._read_state(id_)
        if known["mobiledoc"] is None:
            return updated_at
        converted = self._api.update(
            self._resource, id_, {"updated_at": updated_at}, {"convert_to_lexical": True, "formats": ("lexical",)}
        )
        return str(converted["updated_at"])

    def _read_state(self, id_: str) -> Json:
        include = ("newsletter", "email") if self._resource is Resource.POSTS else ("tags",)
        return self._api.read(self._resource, id_, {"include": include, "formats": ("mobiledoc",)})

    def delete(self, article: A | str) -> None:
        """Delete for good: Ghost has no trash."""
        self._api.delete(self._resource, _id_of(article))


class Pages(Articles[Page]):
    """`ghost.pages`."""

    def __init__(self, api: AdminApi) -> None:
        super().__init__(api, Resource.PAGES, Page)

    def create(self, **fields: Unpack[PageFields]) -> Page:
        """Create a page, a draft unless `status` says otherwise. A slug that is taken becomes `slug-2`."""
        check_names(fields, PageFields.__annotations__, "page")
        return self._create(fields)

    def update(self, page: Page | str, **fields: Unpack[PageFields]) -> Page:
        """Change what is named, as `Posts.update` does."""
        check_names(fields, PageFields.__annotations__, "page")
        return self._update(page, fields, {})


class Posts(Articles[Post]):
    """`ghost.posts`."""

    def __init__(self, api: AdminApi) -> None:
        super().__init__(api, Resource.POSTS, Post)

    def create(self, **fields: Unpack[PostFields]) -> Post:
        """Create a post, a draft unless `status` says otherwise. A slug that is taken becomes `slug-2`.

        Creating never sends email: Ghost does that on updates only.
        """
        check_names(fields, PostFields.__annotations__, "post")
        if fields.get("email_only") and fields.get("status", "draft") != "draft":
            raise Rejected(
                f"POST /posts/: an email-only post cannot begin as {fields['status']!r}: Ghost would take it for sent",
                hint="create it as a draft, then update it with status='published' and newsletter='…'",
                method="POST",
                path="/posts/",
            )
        return self._create(fields)

    def update(
        self,
        post: Post | str,
        *,
        newsletter: str | None = None,
        email_segment: str | None = None,
        **fields: Unpack[PostFields],
    ) -> Post:
        """Change what is named and return the post as stored.

        Given a `Post`, the change is based on that version: if somebody saved meanwhile, `UpdateCollision` is raised
        and nothing is changed. Given an id, it is based on the version of this moment.

        Publishing with `newsletter` (a slug) sends the post by email, to `email_segment` or everybody. Without it, a
        post that would be sent all the same, because an editor had scheduled it with a newsletter, is refused
        (`Rejected`), and so is an `email_only` post, which would vanish from the site without being sent.
        """
        check_names(fields, PostFields.__annotations__, "post")
        query: dict[str, QueryValue] = {}
        if newsletter is not None:
            query["newsletter"] = newsletter
            if email_segment is not None:
                query["email_segment"] = email_segment
        elif fields.get("status") in ("published", "scheduled", "sent"):
            self._refuse_accidental_email(post, fields)
        return self._update(post, fields, query)

    def _refuse_accidental_email(self, post: Post | str, fields: PostFields) -> None:
        """Raise `Rejected` where Ghost would send the post, or take it for sent.

        The post is read again: that it is for email only may have been set without moving `updated_at`, so that no
        collision would be noticed. And `email_only=False` beside the status comes too late: Ghost goes by what it has.
        """
        known = self._read_state(_id_of(post))
        if known["status"] in _PUBLIC:
            return
        if (
            known["newsletter"] is None
            and known["email"] is None
            and not (known["email_only"] or fields.get("email_only"))
        ):
            return
        path = f"/posts/{_id_of(post)}/"
        raise Rejected(
            f"PUT {path}: setting this post to {fields['status']!r} could send it by email; nothing was sent",
            hint="pass newsletter='…' to send it, or update it to status='draft', email_only=False first",
            method="PUT",
            path=path,
        )


def _id_of(record: Record | str) -> str:
    return record if isinstance(record, str) else str(record["id"])
