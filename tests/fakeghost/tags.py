"""Tags: their own endpoint, and how a post's list of tags is matched, created and (by accident) renamed.

After Ghost's `models/tag.js`, `models/post.js` (slugs are cleaned before they are matched) and bookshelf-relations.
"""

from __future__ import annotations

import re
from typing import Any

from fakeghost import urls
from fakeghost.auth import Actor
from fakeghost.clock import to_second
from fakeghost.faults import invalid, missing
from fakeghost.log import log_tag
from fakeghost.schema import TAG_COLUMNS
from fakeghost.slugs import free_slug, safe_slug
from fakeghost.state import Row, State

_ADDRESSES = ("feature_image", "og_image", "twitter_image", "canonical_url")
_SNIPPETS = ("codeinjection_head", "codeinjection_foot")


class Tags:
    """Reads and writes the tags table. `site` is the site's address, `major` Ghost's version."""

    def __init__(self, state: State, *, site: str, major: int) -> None:
        self._state = state
        self._site = site
        self._protected = frozenset({"new"}) if major >= 6 else frozenset()

    def _clean_slug(self, text: str) -> str:
        return safe_slug(text, noun="tag", protected=self._protected)

    def _free_slug(self, text: str) -> str:
        return free_slug(self._clean_slug(text), lambda slug: bool(self._state.tags.with_slug(slug)))

    def add(self, data: Row, actor: Actor) -> Row:
        """Creates a tag, under another slug when its own is taken. Never refuses a second tag of the same name."""
        now = to_second(self._state.clock.now_ms())
        given = self._written(data)
        name = given.get("name") or given.get("slug")
        if not name:
            raise invalid("Value in [tags.name] cannot be blank.", prop="name")
        row: Row = {
            **dict.fromkeys(TAG_COLUMNS),
            "id": self._state.new_id(),
            "name": name,
            "slug": self._free_slug(given.get("slug") or name),
            **{key: value for key, value in given.items() if key not in {"name", "slug"}},
            "visibility": "internal" if name.startswith("#") else given.get("visibility") or "public",
            "created_at": now,
            "updated_at": now,
        }
        self._state.tags.put(row["id"], row)
        log_tag(self._state, actor, "added", row)
        return row

    def edit(self, tag_id: str, data: Row, actor: Actor) -> Row:
        """Changes a tag for every post that has it. There is no collision check: a stale `updated_at` overwrites."""
        old: Row | None = self._state.tags.get(tag_id)
        if old is None:
            raise missing("Tag not found.")
        row: Row = {**old, **self._written(data)}
        if row["name"].startswith("#"):
            row["visibility"] = "internal"
        if not row["slug"] or row["slug"] != old["slug"]:
            row["slug"] = self._free_slug(row["slug"] or row["name"])
        if row == old:
            return old
        row["updated_at"] = to_second(self._state.clock.now_ms())
        self._state.tags.put(tag_id, row)
        log_tag(self._state, actor, "edited", row)
        return row

    def delete(self, tag_id: str, actor: Actor) -> None:
        """Takes the tag off every post, without a trace in those posts."""
        row = self._state.tags.get(tag_id)
        if row is None:
            raise missing("Tag not found.")
        for post_id, tag_ids in self._state.posts_tags.items():
            if tag_id in tag_ids:
                self._state.posts_tags.put(post_id, tuple(other for other in tag_ids if other != tag_id))
        self._state.tags.drop(tag_id)
        log_tag(self._state, actor, "deleted", row)

    def _written(self, data: Row) -> Row:
        row: Row = {key: None if value == "" and key != "name" else value for key, value in data.items()}
        for key in _ADDRESSES:
            if row.get(key):
                row[key] = urls.rewrite_url(row[key], self._site, ignore_scheme=key != "canonical_url")
        for key in _SNIPPETS:
            if row.get(key):
                row[key] = urls.rewrite_html(row[key], self._site)
        return row

    def resolve(self, wanted: list[Any], actor: Actor) -> tuple[str, ...]:
        """Ids of the tags that a post asks for; creates those that do not exist. Raises `GhostFault` 422."""
        entries: list[Row] = []
        for entry in wanted:
            tag = (
                {"name": entry}
                if isinstance(entry, str)
                else {key: entry[key] for key in ("id", "name", "slug") if entry.get(key) is not None}
            )
            if not tag.get("id") and tag.get("slug"):
                tag["slug"] = self._clean_slug(tag["slug"])
            names = {known["name"].lower() for known in entries if known.get("name")}
            if not (tag.get("name") and tag["name"].lower() in names):
                entries.append(tag)
        ids: list[str] = []
        for tag in entries:
            tag_id = self._match(tag, actor)
            if tag_id not in ids:
                ids.append(tag_id)
        return tuple(ids)

    def _match(self, tag: Row, actor: Actor) -> str:
        if tag.get("id"):
            found = self._state.tags.get(tag["id"])
            if found is None:
                raise invalid("Value in [tags.name] cannot be blank.", prop="name")
            changes: Row = {key: tag[key] for key in ("name", "slug") if key in tag}
            return str(self.edit(found["id"], changes, actor)["id"])
        for row in self._candidates(tag):
            if all(row[key] == tag[key] for key in ("name", "slug") if key in tag):
                return str(row["id"])
        if re.match("^,", tag.get("name") or ""):
            raise invalid("Tag name cannot start with a comma.", prop="name")
        return str(self.add(tag, actor)["id"])

    def _candidates(self, tag: Row) -> list[Row]:
        if "slug" in tag:
            return [self._state.tags[key] for key in sorted(self._state.tags.with_slug(tag["slug"]))]
        return list(self._state.tags)
