"""The actions log: who did what to which post or tag, as `GET /actions/` tells it.

Ghost logs one row for each effective change of one thing, and one row without any id for a bulk action on several.
It logs nothing for saves that change nothing and for a mere new order of tags.
"""

from __future__ import annotations

import json
from typing import Any

from fakeghost.auth import Actor
from fakeghost.clock import to_second
from fakeghost.state import Row, State


def log_action(
    state: State, actor: Actor, event: str, *, resource: str, resource_id: str | None, context: dict[str, Any]
) -> None:
    """Adds a row; `event` is added, edited or deleted, `resource` is post (pages too) or tag."""
    row: Row = {
        "id": state.new_id(),
        "resource_id": resource_id,
        "resource_type": resource,
        "actor_id": actor.id,
        "actor_type": actor.kind,
        "event": event,
        "context": json.dumps(context, ensure_ascii=False, separators=(",", ":")),
        "created_at": to_second(state.clock.now_ms()),
    }
    state.actions.put(row["id"], row)


def log_post(state: State, actor: Actor, event: str, post: Row) -> None:
    context = {"type": post["type"], "primary_name": post["title"]}
    log_action(state, actor, event, resource="post", resource_id=post["id"], context=context)


def log_tag(state: State, actor: Actor, event: str, tag: Row) -> None:
    log_action(state, actor, event, resource="tag", resource_id=tag["id"], context={"primary_name": tag["name"]})


def log_bulk(state: State, actor: Actor, event: str, posts: list[Row], *, kind: str, action_name: str | None) -> None:
    """One row: with the id when it was one post, without when it was several or none."""
    if len(posts) == 1:
        log_post(state, actor, event, posts[0])
        return
    context: dict[str, Any] = {"count": len(posts)}
    if action_name is not None:
        context["action_name"] = action_name
    log_action(state, actor, event, resource="post", resource_id=None, context={**context, "type": kind})
