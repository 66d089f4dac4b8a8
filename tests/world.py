"""A small world for tests of the engine: one Ghost, and clones of content directories that push to it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ghostsync.apply.applier import Applier
from ghostsync.core.base import Base
from ghostsync.core.outcome import Report
from ghostsync.core.plan import Plan, Prefer, Prune
from ghostsync.core.slugs import tag_slug
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session
from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.config import load_config
from ghostsync.local.tree import ContentTree
from ghostsync.model import Asset, Bucket, Digest, DocPath, PostFace, PostId, Slug, Tag
from ghostsync.ports import Listed, Memory, Past, Remembered, Seal

MARKER = "#ghostsync"


@dataclass(slots=True)
class Forgetful:
    """A run without a cache."""

    def posts(self) -> Mapping[PostId, Remembered]:
        return {}

    def places(self) -> Mapping[PostId, DocPath]:
        return {}

    def paths(self) -> Mapping[DocPath, PostId]:
        return {}

    def listed(self) -> Listed | None:
        return None

    def faces(self) -> Mapping[PostId, PostFace] | None:
        return None

    def save_listing(
        self, listed: Listed, changed: Iterable[PostFace], gone: Iterable[PostId], *, is_whole: bool
    ) -> None: ...

    def written_since(self, at: str) -> frozenset[PostId]:
        return frozenset()

    def seal(self) -> Seal | None:
        return None

    def save_seal(self, seal: Seal | None) -> None: ...

    def source_of(self, id: PostId) -> str | None:
        return None

    def remember(self, post: PostFace, base: Base, op: str | None) -> None: ...

    def forget(self, id: PostId) -> None: ...

    def deleted_by_us(self) -> frozenset[PostId]:
        return frozenset()

    def bury(self, id: PostId, title: str, path: DocPath) -> None: ...

    def uploads(self) -> Mapping[tuple[Bucket, Digest], str]:
        return {}

    def forget_uploads(self) -> None: ...

    def begin_upload(self, asset: Asset) -> bool:
        return False

    def save_upload(self, asset: Asset, url: str) -> None: ...

    def tags(self) -> Mapping[Slug, Tag]:
        return {}

    def save_tag(self, tag: Tag) -> None: ...


@dataclass(slots=True)
class Clone:
    """One content directory on one machine."""

    root: Path
    api: AdminApi
    project: str | None = "site"
    memory: Memory = field(default_factory=Forgetful)
    past: Past | None = None
    sleep: object = None
    jobs: int = 1
    ops: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    name: str = "a"
    clock_ns: Callable[[], int] = time.time_ns
    """The clock of the machine, by which it knows which files were saved moments ago."""
    tree_of: Callable[..., ContentTree] = ContentTree
    site_of: Callable[..., GhostSite] = GhostSite

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text, encoding="utf-8")
        return file

    def read(self, path: str) -> str:
        """Return a file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def remove(self, path: str) -> None:
        """Remove a file."""
        (self.root / path).unlink()

    def session(self) -> Session:
        """Return a fresh session, as a new process would make it."""
        site = self.site_of(self.api, marker=MARKER, marker_slug=tag_slug(MARKER))
        return Session(
            remote=site,
            tree=self.tree_of(load_config(self.root).for_site(site.site().url), clock_ns=self.clock_ns),
            memory=self.memory,
            past=self.past,
            project=self.project,
            marker=MARKER,
        )

    def plan(self, **options: object) -> Plan:
        """Plan a push."""
        prune = Prune(options.pop("prune", "report"))
        prefer = Prefer(options.pop("prefer", "neither"))
        return self.session().plan_push(Options(prune=prune, prefer=prefer, **options))  # type: ignore[arg-type]

    def push(self, **options: object) -> Report:
        """Plan and apply a push."""
        return self.apply(self.plan(**options))

    def apply(self, plan: Plan) -> Report:
        """Apply a plan."""
        session = self.session()
        session.remote.site()  # whoever planned has asked for it already

        def sleep(seconds: float) -> None:
            if self.sleep is None:
                import time

                time.sleep(seconds)
            else:
                self.sleep(seconds)  # type: ignore[operator]

        return Applier(
            remote=session.remote,
            tree=session.tree,
            memory=self.memory,
            plan=plan,
            jobs=self.jobs,
            sleep=sleep,
            new_op=lambda: f"{self.name}-{next(self.ops)}",
            author=session.author,
        ).run()


def in_agreement(plan: Plan) -> bool:
    """Whether nothing is left to do, to decide or to mend; a plan that holds only conflicts has no changes either."""
    return not (plan.changes or plan.conflicts or plan.problems)


def errors(report: Report) -> list[str]:
    """Return the messages of everything that failed."""
    return [str(outcome.error) for outcome in report.outcomes if outcome.error is not None]
