"""Whether a newsletter that would be sent is there. Ghost says so only after the post has been made.

Asked only where a plan sends an email, so that no other run asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ghostsync.core.changes import CreatePost, UpdatePost
from ghostsync.core.email import NEWSLETTER
from ghostsync.core.pair import Verdict
from ghostsync.engine.gather import Gathered
from ghostsync.errors import GhostError, Problem
from ghostsync.ports import Remote


def without_unknown(verdicts: Sequence[Verdict], seen: Gathered, remote: Remote) -> list[Verdict]:
    """Return the verdicts with a problem in the place of each change whose newsletter the site does not send."""
    if not any(_newsletter(verdict) for verdict in verdicts):
        return list(verdicts)
    try:
        sent = {each.slug for each in remote.newsletters() if each.is_active}
    except GhostError:
        return list(verdicts)  # a key that may not read them; Ghost will say what it thinks of the name
    return [
        verdict
        if (name := _newsletter(verdict)) is None or name in sent
        else _refused(verdict, name, sorted(sent), seen)
        for verdict in verdicts
    ]


def _newsletter(verdict: Verdict) -> str | None:
    emails = (change.email for change in verdict.changes if isinstance(change, CreatePost | UpdatePost))
    return next((email.newsletter for email in emails if email is not None), None)


def _refused(verdict: Verdict, name: str, sent: Sequence[str], seen: Gathered) -> Verdict:
    (path,) = {change.path for change in verdict.changes if isinstance(change, CreatePost | UpdatePost)}
    problem = Problem(
        path=path,
        line=seen.prepared[path].document.line_of(NEWSLETTER),
        message=f"there is no newsletter `{name}` on {seen.site.url}",
        hint=f"the site's newsletters are: {', '.join(sent)}" if sent else None,
    )
    return replace(verdict, changes=(), problems=(*verdict.problems, problem))
