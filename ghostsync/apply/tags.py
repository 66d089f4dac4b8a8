"""Writing tags, one at a time: Ghost makes doubles of tags that are created at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ghostsync.apply.attempt import Addresses
from ghostsync.core.base import comparable
from ghostsync.core.changes import CreateTag, UpdateTag
from ghostsync.core.outcome import Outcome, Status
from ghostsync.core.tags import tag_digest
from ghostsync.errors import GhostsyncError, Mismatch
from ghostsync.model import FieldName, FieldValue, Tag
from ghostsync.ports import Memory, Remote


@dataclass(frozen=True, slots=True, kw_only=True)
class TagWriter:
    """Carries out changes of tags."""

    remote: Remote
    memory: Memory
    site_url: str
    addresses: Addresses

    def create(self, change: CreateTag) -> Outcome:
        """Create a tag; an answer with another slug is undone."""
        fields = self._with_addresses(change)
        tag = Tag(slug=change.slug, name=change.name, fields=fields)
        try:
            made = self.remote.create_tag(tag)
        except GhostsyncError as error:
            if not getattr(error, "may_have_happened", False):
                raise
            # The answer was lost: the slug tells whether the tag was made. Sending again could make `-2`.
            found = next((t for t in self.remote.tags_by_slug(change.slug) if t.slug == change.slug), None)
            if found is None:
                raise
            made = found
        if made.slug != change.slug:
            # Somebody made the same tag at the same moment: theirs stays, ours goes.
            if made.id is not None:
                self.remote.delete_tag(made.id)
            if any(t.slug == change.slug for t in self.remote.tags_by_slug(change.slug)):
                return Outcome(change=change, status=Status.APPLIED)
            raise Mismatch(
                f"tag `{change.name}`: asked for the slug `{change.slug}`, Ghost made `{made.slug}`; it was removed",
                hint="give the tag another slug in tags.yaml",
            )
        self.memory.save_tag(made)
        return Outcome(change=change, status=Status.APPLIED)

    def update(self, change: UpdateTag) -> Outcome:
        """Change a tag that still is what the plan saw: Ghost checks nothing."""
        now = self.remote.tag(change.id)
        if change.expected is not None and tag_digest(now) != change.expected:
            raise Mismatch(
                f"tag `{change.slug}` was changed in Ghost since it was read; it is left alone",
                hint="run the same command again to see both versions",
            )
        fields = self._with_addresses(change)
        try:
            stored = self.remote.update_tag(change.id, fields)
        except GhostsyncError as error:
            stored = self._saved_after_all(change, fields, error)
        self.memory.save_tag(stored)
        return Outcome(change=change, status=Status.APPLIED)

    def _saved_after_all(self, change: UpdateTag, fields: Mapping[FieldName, FieldValue], error: GhostsyncError) -> Tag:
        """Read back a tag whose answer was lost; raise `error` where it is not what was sent."""
        if not getattr(error, "may_have_happened", False):
            raise error
        try:
            now = self.remote.tag(change.id)
        except GhostsyncError as second:
            raise error from second
        site = self.site_url
        told = {name: comparable(name, value, site_url=site) for name, value in now.fields.items()}
        if any(told.get(name) != comparable(name, value, site_url=site) for name, value in fields.items()):
            raise error
        return now

    def _with_addresses(self, change: CreateTag | UpdateTag) -> dict[FieldName, FieldValue]:
        return {name: self.addresses.fill_value(value) for name, value in change.sends.items()}
