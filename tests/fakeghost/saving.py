"""One save of a post or page, step by step in the order of Ghost's `models/post.js` (`onSaving`, then the update).

A save works on copies; nothing of it reaches the tables before `commit`. The order matters: a stale save is refused
after its contents were validated, and the tags that it created go with the transaction that is taken back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fakeghost import mobiledoc, urls
from fakeghost.auth import Actor
from fakeghost.clock import parse_instant_ms, to_second, to_wire
from fakeghost.faults import GhostFault, invalid, unexpected
from fakeghost.render import KNOWN_TYPES, SINCE_GHOST_6, InvalidLexical, render, to_plaintext
from fakeghost.revisions import next_revisions
from fakeghost.schema import META_COLUMNS, POST_COLUMNS, check_columns
from fakeghost.slugs import free_slug, safe_slug
from fakeghost.state import Row, State
from fakeghost.tags import Tags

BLANK_LEXICAL = (
    '{"root":{"children":[{"children":[],"direction":null,"format":"","indent":0,"type":"paragraph","version":1}],'
    '"direction":null,"format":"","indent":0,"type":"root","version":1}}'
)
_SENDING = frozenset({"published", "sent"})
_ADDRESSES = {"feature_image": "url", "canonical_url": "url"}
_HTML = ("custom_excerpt", "codeinjection_head", "codeinjection_foot")
_META_ADDRESSES = ("og_image", "twitter_image")
_AS_SENT = ("lexical", "feature_image", "custom_excerpt")
_DATES = ("updated_at", "published_at")
# Of what a save changes, this much is no reason to look at the client's `updated_at`.
_UNCHECKED = frozenset({"created_at", "updated_at", "published_by", "html", "plaintext"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOptions:
    """The query parameters of a PUT."""

    newsletter: str | None = None
    email_segment: str | None = None
    force_rerender: bool = False
    save_revision: bool = False
    convert_to_lexical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a save must know of the site; `url` has no slash at its end."""

    url: str
    major: int
    default_visibility: str = "public"

    @property
    def node_types(self) -> frozenset[str]:
        return KNOWN_TYPES if self.major >= 6 else KNOWN_TYPES - SINCE_GHOST_6


@dataclass(kw_only=True)
class Save:
    """One save in progress. `old` is None for a new post; `data` is what the client wrote."""

    state: State
    site: Site
    tags: Tags
    actor: Actor
    options: SaveOptions
    old: Row | None
    row: Row
    data: Row
    meta: Row = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    related: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return self.state.clock.now_ms()

    def was(self, column: str) -> Any:
        return None if self.old is None else self.old[column]

    def has_new(self, column: str) -> bool:
        return bool(self.row[column] != self.was(column))

    def settle(self) -> None:
        """Everything that may refuse the save for its contents. Raises `GhostFault`."""
        if self.data.get("authors") == []:
            raise invalid("At least one author is required.")
        self._take_columns()
        self._settle_meta()
        self._check_schedule()
        self._settle_body()
        self._settle_text()
        self._settle_publishing()
        self._settle_newsletter()
        self._settle_email_only()
        self._settle_slug()
        check_columns(self.row, self.meta)
        self._settle_relations()
        if not self.row["visibility"]:
            raise unexpected("SQLITE_CONSTRAINT: NOT NULL constraint failed: posts.visibility")
        self.changed |= {column for column in POST_COLUMNS if column != "updated_at" and self.has_new(column)}
        self._touch_when_due()

    def _take_columns(self) -> None:
        for column, given in self.data.items():
            if column not in POST_COLUMNS or column in {"html", "plaintext"}:
                continue
            value = parse_instant_ms(given) if column in _DATES and given is not None else given
            if column == "lexical" and value is None:
                value = None if self.row["mobiledoc"] else BLANK_LEXICAL
            if column != "updated_at" and value != self.was(column) and column not in {"title", "slug", "status"}:
                self.changed.add(column)
            self.row[column] = self._stored(column, value)

    def _stored(self, column: str, value: Any) -> Any:
        if value in {None, ""}:
            return None
        if column in _DATES:
            return to_second(value)
        if column in _ADDRESSES:
            return urls.rewrite_url(value, self.site.url, ignore_scheme=column != "canonical_url")
        if column in _HTML:
            return urls.rewrite_html(value, self.site.url)
        return value

    def _settle_meta(self) -> None:
        held = self.state.posts_meta.get(self.row["id"], {})
        self.meta = {**held}
        for column in META_COLUMNS:
            if column not in self.data:
                continue
            value = self.data[column]
            if value and column in _META_ADDRESSES:
                value = urls.rewrite_url(value, self.site.url)
            self.meta[column] = value or (False if column == "email_only" else None)
        if not held:
            is_changed = any(self.meta.values())
        else:
            # An empty string for null is a change here too.
            before = {**dict.fromkeys(META_COLUMNS), "email_only": False, **held}
            is_changed = any(self.data[column] != before[column] for column in META_COLUMNS if column in self.data)
        if is_changed:
            self.changed.add("posts_meta")

    def _check_schedule(self) -> None:
        if self.row["status"] != "scheduled":
            return
        if self.was("status") == "published":
            raise invalid("Your post is already published, please reload your page.")
        if self.row["published_at"] is None:
            raise invalid("Value in published_at cannot be blank.")
        if "published_at" in self.changed and self.row["published_at"] < self.now - 2 * 60_000:
            raise invalid("Date must be at least -2 minutes in the future.")

    def _settle_body(self) -> None:
        row, given = self.row, self.data
        keeps_mobiledoc = self.site.major < 6 and row["mobiledoc"] and not self.options.convert_to_lexical
        if keeps_mobiledoc and self.old is not None and self.old["mobiledoc"]:
            row["lexical"] = None  # an update of the Lexical side of a mobiledoc post is discarded without a word
            self.changed.discard("lexical")
        elif row["mobiledoc"] and row["lexical"]:
            wins = "lexical" if self.old is None or given.get("mobiledoc") == self.was("mobiledoc") else "mobiledoc"
            if "lexical" in self.changed or wins == "lexical":
                row["mobiledoc"] = None
            else:
                row["lexical"] = None
        if not row["mobiledoc"] and not row["lexical"]:
            row["lexical"] = BLANK_LEXICAL
        self._convert_mobiledoc(keep=bool(keeps_mobiledoc))
        if row["lexical"] and (self.options.force_rerender or row["lexical"] != self.was("lexical")):
            try:
                row["html"] = render(row["lexical"], known=self.site.node_types)
                if row["html"]:
                    row["html"] = urls.rewrite_html(urls.filled_in(row["html"], self.site.url), self.site.url)
                elif self.options.force_rerender:
                    self.changed.add("html")  # rendered anew it is empty, which is not the null that is stored
                row["lexical"] = urls.rewrite_lexical(row["lexical"], self.site.url)
            except InvalidLexical as error:
                raise invalid(
                    "Invalid lexical structure.",
                    context=str(error),
                    prop="lexical",
                    hint="https://ghost.org/docs/publishing/",
                ) from None
            row["plaintext"] = to_plaintext(row["html"])

    def _convert_mobiledoc(self, *, keep: bool) -> None:
        row = self.row
        wanted = row["mobiledoc"] != self.was("mobiledoc") or self.options.force_rerender
        if not row["mobiledoc"] or not (wanted or self.options.convert_to_lexical):
            return
        try:
            lexical = mobiledoc.to_lexical(row["mobiledoc"])
        except (KeyError, ValueError, TypeError):
            raise invalid("Invalid mobiledoc structure.", hint="https://ghost.org/docs/publishing/") from None
        if keep:
            row["html"] = render(lexical)
            row["plaintext"] = to_plaintext(row["html"])
        else:
            row["lexical"], row["mobiledoc"] = lexical, None

    def _settle_text(self) -> None:
        self.row["title"] = (self.row["title"] or "(Untitled)").strip()

    def _settle_publishing(self) -> None:
        row = self.row
        if row["status"] in _SENDING:
            if row["published_at"] is None:
                row["published_at"] = to_second(self.now)
            if self.has_new("status"):
                row["published_by"] = self._person_id()

    def _person_id(self) -> str:
        """Who the save counts for: an integration acts as the owner."""
        if self.actor.kind == "user":
            return self.actor.id
        return str(next(user["id"] for user in self.state.users if user["role"] == "Owner"))

    def _settle_newsletter(self) -> None:
        row, slug = self.row, self.options.newsletter
        if slug and not row["newsletter_id"] and self.has_new("status") and row["status"] != "draft":
            newsletter = next(
                (one for one in self.state.newsletters if one["slug"] == slug and one["status"] == "active"), None
            )
            if newsletter is None and row["status"] == "published" and self.site.major >= 6:
                # Ghost 6 prepares the email before it looks whether there is a newsletter.
                message = "The post does not have a newsletter relation"
                raise GhostFault(status=500, kind="EmailError", message=message)
            if newsletter is None:
                message = "The newsletter parameter doesn't match any active newsletter."
                raise GhostFault(status=400, kind="BadRequestError", message=message)
            row["newsletter_id"] = newsletter["id"]
            row["email_recipient_filter"] = self.options.email_segment or "all"
        if row["status"] == "draft" and self.has_new("status") and row["id"] not in self.state.emails:
            row["newsletter_id"], row["email_recipient_filter"] = None, "all"

    def _settle_email_only(self) -> None:
        row = self.row
        email_only = bool(self.meta.get("email_only"))
        if not self.has_new("status"):
            return
        if email_only and row["status"] == "scheduled" and self.site.major >= 6 and not row["newsletter_id"]:
            raise invalid("Scheduling an email requires a newsletter reference.")
        if email_only and row["status"] == "published":
            row["status"] = "sent"
        elif not email_only and row["status"] == "sent":
            row["status"] = "published"

    def _settle_slug(self) -> None:
        row = self.row
        if (
            self.old is not None
            and row["title"] != self.old["title"]
            and row["status"] == "draft"
            and row["published_at"] is None
        ):
            # Ghost looks whether to make a new slug of the new title, finds that it should not, and forgets to clean
            # the slug that came in the same request.
            if not row["slug"]:
                raise invalid("Value in [posts.slug] cannot be blank.", context="posts.slug")
            twins = self.state.posts.with_slug(row["slug"]) - {row["id"]}
            if any(self.state.posts[twin]["type"] == row["type"] for twin in twins):
                raise unexpected("SQLITE_CONSTRAINT: UNIQUE constraint failed: posts.slug, posts.type")
            return
        if row["slug"] and not self.has_new("slug"):
            return
        # A site in a folder of its domain keeps the folder's name for itself.
        folder = urlsplit(self.site.url).path.rpartition("/")[2]
        wanted = safe_slug(row["slug"] or row["title"], noun="post", protected=frozenset({folder} - {""}))
        row["slug"] = free_slug(wanted, lambda slug: bool(self.state.posts.with_slug(slug)))

    def _settle_relations(self) -> None:
        post_id, data = self.row["id"], self.data
        if "authors" in data or self.old is None:
            self._relate("posts_authors", self._authors(data.get("authors")), "authors")
        if data.get("tags") is not None:
            self._relate("posts_tags", self.tags.resolve(data["tags"], self.actor), "tags")
        if "tiers" in data:
            self._relate("posts_tiers", self._tiers(data["tiers"]), "tiers")
        self.related = {table: ids for table, ids in self.related.items() if post_id}

    def _relate(self, table: str, ids: tuple[str, ...], name: str) -> None:
        held = getattr(self.state, table).get(self.row["id"], ())
        self.related[table] = ids
        if set(held) != set(ids):
            self.changed.add(name)

    def _authors(self, wanted: list[Any] | None) -> tuple[str, ...]:
        if wanted is None:
            return (self._person_id(),)
        found = [self._author(entry) for entry in wanted]
        return tuple(dict.fromkeys(found))

    def _author(self, entry: Any) -> str:
        """A person by id, else slug, else address; whoever cannot be found is the owner, silently."""
        entry = {"email": entry} if isinstance(entry, str) else entry
        key = next((name for name in ("id", "slug", "email") if entry.get(name)), "id")
        for user in self.state.users:
            if user[key] == entry.get(key):
                return str(user["id"])
        return str(next(user["id"] for user in self.state.users if user["role"] == "Owner"))

    def _tiers(self, wanted: list[Any]) -> tuple[str, ...]:
        """Tiers by id. Anything else is dropped without a word, and so is the free tier."""
        ids: list[str] = []
        for entry in wanted:
            tier_id = entry.get("id") if isinstance(entry, dict) else None
            if tier_id is None:
                continue
            if tier_id not in self.state.tiers:
                raise invalid("Value in [products.name] cannot be blank.", prop="name")
            if self.state.tiers[tier_id]["type"] != "free":
                ids.append(tier_id)
        return tuple(dict.fromkeys(ids))

    def _touch_when_due(self) -> None:
        if self.old is None or self.changed or self.row["status"] != "scheduled":
            return
        if (self.row["published_at"] - self.now) // 60_000 <= 2:
            self.changed.add("_touch")

    def check_collision(self) -> None:
        """Refuses a save whose `updated_at` is not the stored one. Blind within a second, and for meta-only saves."""
        if self.old is None:
            return
        fields = sorted(self.changed - _UNCHECKED - {"posts_meta"})
        held, given = self.old["updated_at"], self.data.get("updated_at")
        if not fields or given is None or held is None or parse_instant_ms(given) == held:
            return
        raise GhostFault(
            status=409,
            kind="UpdateCollisionError",
            message="Saving failed! Someone else is editing this post.",
            code="UPDATE_COLLISION",
            detail={
                "changedFields": fields,
                # Ghost 6 makes empty objects of the dates.
                "clientUpdatedAt": given if self.site.major < 6 else {},
                "serverUpdatedAt": to_wire(held) if self.site.major < 6 else {},
            },
        )

    def commit(self) -> None:
        """Writes everything: the row, its meta, its relations and its revision."""
        row, post_id = self.row, self.row["id"]
        if self.old is not None:
            row["updated_at"] = self._new_updated_at()
        self.state.posts.put(post_id, row)
        if "posts_meta" in self.changed:
            self.state.posts_meta.put(post_id, self.meta)
        for table, ids in self.related.items():
            getattr(self.state, table).put(post_id, ids)
        if row["lexical"]:
            self._keep_revision()

    def _new_updated_at(self) -> int | None:
        assert self.old is not None
        if self.changed & {*POST_COLUMNS, "_touch"}:
            if "updated_at" in self.data and self.data["updated_at"] is None:
                return None  # Ghost stores what it was told
            return to_second(self.now)
        return self.old["updated_at"]  # type: ignore[no-any-return]

    def _keep_revision(self) -> None:
        row, now = self.row, self.now
        # A revision holds body, picture and excerpt as the client sent them, before addresses are rewritten; and of the
        # picture's texts only what this very request brought.
        sent = {name: self.data[name] or None for name in _AS_SENT if name in self.data}
        body = sent.get("lexical") if self.data.get("lexical") and not self.data.get("mobiledoc") else None
        candidate = {
            "id": self.state.new_id(),
            "post_id": row["id"],
            "lexical": body or row["lexical"],
            "created_at_ts": now,
            "created_at": to_second(now),
            "author_id": self._person_id(),
            "feature_image": sent.get("feature_image", row["feature_image"]),
            "feature_image_alt": self.data.get("feature_image_alt") or None,
            "feature_image_caption": self.data.get("feature_image_caption") or None,
            "title": row["title"],
            "custom_excerpt": sent.get("custom_excerpt", row["custom_excerpt"]),
            "post_status": row["status"],
        }
        held = self.state.revisions.get(row["id"], ())
        kept = next_revisions(
            held,
            candidate,
            old_status=self.was("status"),
            asked_status=self.data.get("status", self.was("status") or "draft"),
            forced=self.options.save_revision,
            now_ms=now,
        )
        if kept is not held:
            self.state.revisions.put(row["id"], kept)

    def sends_email(self) -> bool:
        """Whether this save is the moment at which a newsletter goes out; a POST never is."""
        return bool(
            self.old is not None
            and self.row["newsletter_id"]
            and self.changed
            and self.row["status"] in _SENDING
            and self.was("status") not in _SENDING
        )


def compact_json(value: Any) -> str:
    """As JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
