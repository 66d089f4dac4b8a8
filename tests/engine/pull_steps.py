"""What tests of pulling do with a clone: plan, pull, and compare trees."""

from __future__ import annotations

from pathlib import Path

from world import Clone

from ghostsync.core.layout import PullLayout
from ghostsync.core.outcome import Report
from ghostsync.core.plan import Plan, Prefer, Prune
from ghostsync.engine.options import Options
from ghostsync.engine.pulling import Pull
from ghostsync.local.config import load_config


def planned(clone: Clone, *, prefer: str = "neither", prune: str = "report", **options: object) -> Pull:
    """Plan a pull into a clone, as a new process would."""
    config = load_config(clone.root)
    layout = PullLayout(
        posts=config.pull.posts,
        pages=config.pull.pages,
        media=config.pull.media,
        unmanaged=config.pull.unmanaged,
        settings=config.documents,
    )
    chosen = Options(prefer=Prefer(prefer), prune=Prune(prune), **options)  # type: ignore[arg-type]
    return Pull(session=clone.session(), layout=layout, options=chosen)


def plan_pull(clone: Clone, **options: object) -> Plan:
    """Return the plan of a pull."""
    return planned(clone, **options).plan  # type: ignore[arg-type]


def pull(clone: Clone, **options: object) -> Report:
    """Pull into a clone."""
    found = planned(clone, **options)  # type: ignore[arg-type]
    report = clone.apply(found.plan)
    found.remember(report)
    return report


def tree(root: Path) -> dict[str, bytes]:
    """Return every file of a content directory, configuration and our own folder left out."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".ghostsync" not in path.parts and path.name != "ghostsync.toml"
    }
