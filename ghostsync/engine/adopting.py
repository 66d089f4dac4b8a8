"""Records for what was imported, at once instead of with the first push: `pull --adopt`.

An adopted post reads as before; only its record and the marker tag are new. From then on any machine finds its base
without a cache and without Git, and knows its pictures without fetching them.
"""

from __future__ import annotations

from ghostsync.core.changes import AdoptPost, Change
from ghostsync.core.pair import Pair, Policy
from ghostsync.core.plan import Direction, Plan, Prefer
from ghostsync.core.push import decide_push
from ghostsync.core.tag_plan import plan_tags_push
from ghostsync.core.verbs import order_changes
from ghostsync.engine.deciding import count_managed
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session


def plan_adopt(session: Session, options: Options) -> Plan:
    """Return a plan that adopts every post without a record that already says what its document says."""
    seen = session.gather(options, lambda _path, post: post.ownership is None)
    policy = Policy(site_url=seen.site.url, now=seen.now, project=session.project)
    changes: list[Change] = []
    for path, post in sorted(seen.matches.pairs.items()):
        local = seen.prepared.get(path)
        if local is None or post.ownership is not None or not options.covers(path):
            continue
        whole = seen.whole[post.id]
        pair = Pair(path=path, kind=local.document.kind, local=local, remote=whole, base=None)
        changes += [change for change in decide_push(pair, policy).changes if isinstance(change, AdoptPost)]
    if changes:
        marker = plan_tags_push(
            (),
            documents=(),
            names={},
            remote=tuple(session.remote.tags()),
            remembered={},
            committed=lambda: (),
            log=lambda: (),
            marker=session.marker,
            prefer=Prefer.NEITHER,
            is_tagging=True,
            site_url=seen.site.url,
        )
        changes += marker.changes
    return Plan(
        direction=Direction.PUSH,
        site=seen.site,
        at=seen.now,
        project=session.project,
        root=session.root_name,
        changes=order_changes(changes),
        managed=count_managed(seen, session.project),
    )
