"""Taking posts away: back to draft, or for good; each is read right before, and must still be what the plan saw."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ghostsync.apply.attempt import Attempts, collision, has_moved, quietly
from ghostsync.core.base import STATUS
from ghostsync.core.changes import DeletePost, UnpublishPost
from ghostsync.core.outcome import Outcome, Status
from ghostsync.errors import ConflictsFound, GhostError, NotFound
from ghostsync.model import Post
from ghostsync.ports import Memory


@dataclass(slots=True)
class Remover:
    """Carries out the prune policy, one post at a time; safe to call from several threads for different posts."""

    attempts: Attempts
    memory: Memory

    def unpublish(self, change: UnpublishPost) -> Outcome:
        """Turn an orphan back into a draft, if it still is what the plan saw."""
        post = self._reread(change)
        ours = post.record or self.attempts.last_record(change.kind, change.id)
        if post.lexical is None or ours is None:
            raise collision(change.path)
        fields = dict(ours.fields)
        if STATUS in fields:
            fields[STATUS] = "draft"  # what both sides now agree on; else the next run would take this for an edit
        kept = {**ours.kept, **({STATUS: "draft"} if STATUS in ours.kept else {})}
        record = replace(ours, op=self.attempts.new_op(), at=self.attempts.remote.now(), fields=fields, kept=kept)
        stored = self.attempts.update(
            change, change.id, {STATUS: "draft"}, post.lexical, record, expected=post.updated_at
        )
        self.memory.forget(change.id)
        return Outcome(change=change, status=Status.APPLIED, id=change.id, url=stored.post.url)

    def delete(self, change: DeletePost) -> Outcome:
        """Delete an orphan, if it still is what the plan saw."""
        try:
            self._reread(change)
            # RACE: an edit between that read and this delete is lost with the post; Ghost takes no precondition here.
            self.attempts.remote.delete_post(change.kind, change.id)
        except NotFound:
            pass  # gone already, which is what was asked for
        except GhostError as error:
            if not error.may_have_happened:
                raise
            if self._is_there(change, error):
                raise
        self.memory.bury(change.id, change.title, change.path)
        self.memory.forget(change.id)
        return Outcome(change=change, status=Status.APPLIED, id=change.id)

    def _is_there(self, change: DeletePost, error: GhostError) -> bool:
        """Look after a delete whose answer was lost."""
        try:
            quietly(lambda: self.attempts.remote.post(change.kind, change.id), error)
        except GhostError as seen:
            if isinstance(seen.__cause__, NotFound):
                return False
            raise
        return True

    def _reread(self, change: UnpublishPost | DeletePost) -> Post:
        self.attempts.wait_for_tick(change.expected)
        post = self.attempts.remote.post(change.kind, change.id)
        if has_moved(post, change):
            raise collision(change.path)
        if post.email_status is not None and isinstance(change, DeletePost):
            raise ConflictsFound(
                f"{change.path}: its post was emailed, and what was emailed is never deleted by policy",
                hint="delete it in Ghost if it must go",
            )
        return post
