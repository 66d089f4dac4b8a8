# ruff: noqa: SIM905 - a list of words is easiest to read as words
"""Posts and pages: create, change, copy, delete, one by one and in bulk."""

from __future__ import annotations

from typing import Any

from fakeghost.auth import Actor
from fakeghost.clock import parse_instant_ms, to_second
from fakeghost.faults import GhostFault, missing
from fakeghost.log import log_bulk, log_post
from fakeghost.saving import Save, SaveOptions, Site
from fakeghost.schema import META_COLUMNS, POST_COLUMNS
from fakeghost.state import Row, State
from fakeghost.tags import Tags

_KINDS = {"posts": "post", "pages": "page"}
_COPIED = (
    "mobiledoc lexical html plaintext feature_image featured type locale visibility email_recipient_filter "
    "custom_excerpt codeinjection_head codeinjection_foot custom_template"
).split()
_META_COPIED = [name for name in META_COLUMNS if name not in {"email_subject", "email_only"}]


class Posts:
    """Writes the posts table and all that hangs on it."""

    def __init__(self, state: State, tags: Tags, site: Site) -> None:
        self._state = state
        self._tags = tags
        self._site = site

    def find(self, post_id: str, resource: str) -> Row:
        """The row, when it is of the kind that the endpoint serves. Raises `GhostFault` 404."""
        kind = _KINDS[resource]
        row = self._state.posts.get(post_id)
        if row is None or row["type"] != kind:
            raise missing("Post not found.")  # of pages too
        return row  # type: ignore[no-any-return]

    def _blank(self, kind: str) -> Row:
        now = to_second(self._state.clock.now_ms())
        post_id = self._state.new_id()
        return {
            **dict.fromkeys(POST_COLUMNS),
            "id": post_id,
            "uuid": self._state.new_uuid(),
            "comment_id": post_id,
            "type": kind,
            "status": "draft",
            "featured": False,
            "visibility": self._site.default_visibility,
            "email_recipient_filter": "all",
            "show_title_and_feature_image": True,
            "created_at": now,
            "updated_at": now,
        }

    def _save(self, row: Row, old: Row | None, data: Row, actor: Actor, options: SaveOptions) -> Save:
        return Save(
            state=self._state,
            site=self._site,
            tags=self._tags,
            actor=actor,
            options=options,
            old=old,
            row=row,
            data=data,
        )

    def add(self, resource: str, data: Row, actor: Actor) -> Row:
        """A new post or page. Raises `GhostFault`; a taken slug is no error."""
        save = self._save(self._blank(_KINDS[resource]), None, data, actor, SaveOptions())
        save.settle()
        if data.get("updated_at"):
            save.row["updated_at"] = to_second(parse_instant_ms(data["updated_at"]))
        save.commit()
        log_post(self._state, actor, "added", save.row)
        return save.row

    def edit(self, resource: str, post_id: str, data: Row, actor: Actor, options: SaveOptions) -> Row:
        """A partial update. Raises `GhostFault`."""
        save = self._change(resource, post_id, data, actor, options)
        if save.changed:
            log_post(self._state, actor, "edited", save.row)
        return save.row

    def _change(self, resource: str, post_id: str, data: Row, actor: Actor, options: SaveOptions) -> Save:
        old = self.find(post_id, resource)
        save = self._save({**old}, old, data, actor, options)
        save.settle()
        save.check_collision()
        save.commit()
        if save.sends_email() and post_id not in self._state.emails:
            self._send(save.row, save.meta)
        return save

    def _send(self, post: Row, meta: Row) -> None:
        subscribed = sum(post["newsletter_id"] in member["newsletters"] for member in self._state.members)
        now = to_second(self._state.clock.now_ms())
        email = {
            "id": self._state.new_id(),
            "uuid": self._state.new_uuid(),
            "post_id": post["id"],
            "newsletter_id": post["newsletter_id"],
            "status": "submitted",
            "recipient_filter": post["email_recipient_filter"],
            "email_count": subscribed,
            "subject": meta.get("email_subject") or post["title"],
            "error": None,
            "submitted_at": now,
            "created_at": now,
            "updated_at": now,
        }
        self._state.emails.put(post["id"], email)

    def copy(self, resource: str, post_id: str, actor: Actor) -> Row:
        """Duplicate, as the post list does it: a draft with everything that the body carries."""
        original = self.find(post_id, resource)
        row = {**self._blank(original["type"]), **{column: original[column] for column in _COPIED}}
        row["title"] = f"{original['title']} (Copy)"
        meta = self._state.posts_meta.get(post_id, {})
        data: Row = {
            **{name: meta[name] for name in _META_COPIED if meta.get(name)},
            "authors": [{"id": user_id} for user_id in self._state.posts_authors.get(post_id, ())],
            "tags": [{"id": tag_id} for tag_id in self._state.posts_tags.get(post_id, ())],
            "tiers": [{"id": tier_id} for tier_id in self._state.posts_tiers.get(post_id, ())],
        }
        save = self._save(row, None, data, actor, SaveOptions())
        save.settle()
        save.commit()
        log_post(self._state, actor, "added", save.row)
        return save.row

    def delete(self, resource: str, post_id: str, actor: Actor) -> None:
        row = self.find(post_id, resource)
        self._drop(row)
        log_post(self._state, actor, "deleted", row)

    def _drop(self, row: Row) -> None:
        state, post_id = self._state, row["id"]
        for table in (
            state.posts, state.posts_meta, state.posts_tags, state.posts_authors, state.posts_tiers, state.revisions
        ):  # fmt: skip
            table.drop(post_id)

    def bulk_delete(self, rows: list[Row], actor: Actor, *, kind: str) -> None:
        """All of these at once, and their emails; no filter on the request means every post there is."""
        for row in rows:
            self._drop(row)
            self._state.emails.drop(row["id"])
        if rows:
            log_bulk(self._state, actor, "deleted", rows, kind=kind, action_name=None)

    def bulk_edit(self, rows: list[Row], action: str, meta: dict[str, Any], actor: Actor, *, kind: str) -> int:
        """The post list's actions on several posts. Moves no `updated_at`, checks nothing, leaves no revision."""
        state = self._state
        name: str | None = None
        changes: Row = {}
        match action:
            case "unpublish":
                rows = [row for row in rows if row["status"] == "published"]
                changes, name = {"status": "draft"}, "unpublished"
            case "unschedule":
                rows = [row for row in rows if row["status"] == "scheduled"]
                changes, name = {"status": "draft", "published_at": None}, "unscheduled"
            case "feature" | "unfeature":
                changes, name = {"featured": action == "feature"}, f"{action}d"
            case "access":
                changes = {"visibility": meta["visibility"]}
                for row in rows if meta["visibility"] == "tiers" else ():
                    state.posts_tiers.put(row["id"], tuple(tier["id"] for tier in meta["tiers"]))
            case "addTag":
                added = self._tags.resolve(meta["tags"], actor)
                for row in rows:
                    # Added with the rank of the first tag, and younger than it.
                    held = state.posts_tags.get(row["id"], ())
                    new = tuple(tag for tag in added if tag not in held)
                    state.posts_tags.put(row["id"], (*held[:1], *new, *held[1:]))
            case _:
                raise GhostFault(status=400, kind="IncorrectUsageError", message="Unsupported bulk action")
        for row in rows:
            state.posts.put(row["id"], {**row, **changes})
        if rows or action == "addTag":
            log_bulk(state, actor, "edited", rows, kind=kind, action_name=name)
        return len(rows)

    def publish_due(self, actor: Actor) -> list[str]:
        """What Ghost's scheduler does when the time has come; ids of the posts it published. The log is silent."""
        now = self._state.clock.now_ms()
        due = [row for row in self._state.posts if row["status"] == "scheduled" and row["published_at"] <= now]
        for row in due:
            resource = "posts" if row["type"] == "post" else "pages"
            self._change(resource, row["id"], {"status": "published"}, actor, SaveOptions())
        return [row["id"] for row in due]
