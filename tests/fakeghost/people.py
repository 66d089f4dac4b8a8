"""People at work in Ghost's own interface, beside whatever uses the API: the other side of every race.

Each method is one thing that a person does there, with the requests that the interface would send: the editor reads a
post and saves it with that post's own `updated_at`; the post list uses the bulk endpoints when several are selected.
"""

from __future__ import annotations

from typing import Any

from fakeghost import editor
from fakeghost.auth import Actor
from fakeghost.clock import parse_instant_ms, to_wire
from fakeghost.posts import Posts
from fakeghost.saving import SaveOptions
from fakeghost.schema import META_COLUMNS
from fakeghost.state import Row, State
from fakeghost.tags import Tags

_PLAIN = SaveOptions()


def _resource(row: Row) -> str:
    return "posts" if row["type"] == "post" else "pages"


class People:
    """What people do. `who` is the slug of a user; posts are named by id. KeyError when there is no such thing."""

    state: State
    _posts: Posts
    _tags: Tags

    def _person(self, who: str) -> Actor:
        user = next((row for row in self.state.users if row["slug"] == who), None)
        if user is None:
            raise KeyError(who)
        return Actor(kind="user", id=user["id"])

    def _save_as(self, who: str, post_id: str, data: Row, options: SaveOptions = _PLAIN) -> Row:
        row = self.state.posts[post_id]
        data = {"updated_at": to_wire(row["updated_at"]), **data}
        with self.state.transaction():
            return self._posts.edit(_resource(row), post_id, data, self._person(who), options)

    def edit_as(
        self,
        who: str,
        post_id: str,
        *,
        replace: tuple[str, str] | None = None,
        append: str | None = None,
        lexical: str | None = None,
        save_revision: bool = True,
        **settings: Any,
    ) -> Row:
        """Types in the body (`replace` old by new text, `append` a paragraph, or a whole `lexical`), or sets fields.

        A touched body is re-serialised by the editor, and loses `root.ghostsync`; settings alone leave it as it is.
        `settings` are Admin API keys: title, tags, custom_excerpt, meta_title, feature_image, …
        """
        data = dict(settings)
        body = lexical if lexical is not None else self.state.posts[post_id]["lexical"]
        if replace is not None:
            body = editor.type_text(body, *replace)
        if append is not None:
            body = editor.append_paragraph(body, append)
        if replace is not None or append is not None or lexical is not None:
            data["lexical"] = editor.reserialise(body)
        return self._save_as(who, post_id, data, SaveOptions(save_revision=save_revision))

    def publish_as(self, who: str, post_id: str, *, newsletter: str | None = None) -> Row:
        """Publishes without typing; the body is sent back as the editor holds it, re-serialised."""
        data = {"status": "published", "lexical": editor.reserialise(self.state.posts[post_id]["lexical"])}
        return self._save_as(who, post_id, data, SaveOptions(newsletter=newsletter))

    def unpublish_as(self, who: str, post_id: str) -> Row:
        return self._save_as(who, post_id, {"status": "draft"}, SaveOptions(save_revision=True))

    def schedule_as(self, who: str, post_id: str, *, at: str, newsletter: str | None = None) -> Row:
        """Schedules for an instant; with a newsletter, whoever publishes the post from then on sends it."""
        parse_instant_ms(at)
        return self._save_as(
            who, post_id, {"status": "scheduled", "published_at": at}, SaveOptions(newsletter=newsletter)
        )

    def restore_revision_as(self, who: str, post_id: str, index: int) -> Row:
        """Post history → Restore: an old version, old `root.ghostsync` included, becomes the newest one."""
        revision = self.state.revisions[post_id][index]
        data = {
            "lexical": revision["lexical"],
            "title": revision["title"],
            "feature_image": revision["feature_image"],
            "feature_image_alt": revision["feature_image_alt"],
            "feature_image_caption": revision["feature_image_caption"],
            "custom_excerpt": revision["custom_excerpt"],
        }
        return self._save_as(who, post_id, data, SaveOptions(save_revision=True))

    def create_as(self, who: str, *, page: bool = False, **data: Any) -> Row:
        """A new post (or page) of a person's own; `data` are Admin API keys, `title` at least."""
        with self.state.transaction():
            return self._posts.add("pages" if page else "posts", data, self._person(who))

    def duplicate_as(self, who: str, post_id: str) -> Row:
        with self.state.transaction():
            return self._posts.copy(_resource(self.state.posts[post_id]), post_id, self._person(who))

    def delete_as(self, who: str, post_id: str) -> None:
        with self.state.transaction():
            self._posts.delete(_resource(self.state.posts[post_id]), post_id, self._person(who))

    def bulk_delete_as(self, who: str, post_ids: list[str]) -> None:
        """Several posts selected in the list, then Delete."""
        rows = [self.state.posts[post_id] for post_id in post_ids]
        with self.state.transaction():
            self._posts.bulk_delete(rows, self._person(who), kind=rows[0]["type"])

    def bulk_unpublish_as(self, who: str, post_ids: list[str]) -> None:
        self.bulk_edit_as(who, post_ids, "unpublish")

    def bulk_edit_as(self, who: str, post_ids: list[str], action: str, **meta: Any) -> None:
        """`action` is unpublish, unschedule, feature, unfeature, access (visibility=…) or addTag (tags=[…])."""
        rows = [self.state.posts[post_id] for post_id in post_ids]
        with self.state.transaction():
            self._posts.bulk_edit(rows, action, meta, self._person(who), kind=rows[0]["type"])

    def edit_tag_as(self, who: str, slug: str, **data: Any) -> Row:
        """Renames or describes a tag; `data` are Admin API keys."""
        with self.state.transaction():
            return self._tags.edit(self._tag_id(slug), data, self._person(who))

    def delete_tag_as(self, who: str, slug: str) -> None:
        with self.state.transaction():
            self._tags.delete(self._tag_id(slug), self._person(who))

    def _tag_id(self, slug: str) -> str:
        keys = self.state.tags.with_slug(slug)
        if not keys:
            raise KeyError(slug)
        return next(iter(keys))

    def put_mobiledoc(self, post_id: str, mobiledoc: str) -> None:
        """Turns a post into an old one, in the database itself: its body is mobiledoc, as of Ghost 4."""
        row = self.state.posts[post_id]
        self.state.posts.put(post_id, {**row, "mobiledoc": mobiledoc, "lexical": None})
        self.state.revisions.drop(post_id)

    def meta_of(self, post_id: str) -> Row:
        """The meta columns of a post as stored, all of them."""
        return {**dict.fromkeys(META_COLUMNS), **self.state.posts_meta.get(post_id, {})}
