"""Use cases: gather both sides, match, find base, decide, and put the plan together.

A session reads; it never writes to Ghost or to documents. What it returns is a `Plan`, and whoever wants it carried out
hands that to `ghostsync.apply`. It lives as long as its process: a watch makes one plan after the other with it, each
for the price of what changed since.

A run over everything that finds nothing to do leaves a seal. Where neither side changed since, the next run takes that
for its plan, and the compiler and all that decides are not even loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ghostsync.core.plan import Direction, Plan, Prune
from ghostsync.engine.cast import Cast
from ghostsync.engine.listing import Listing
from ghostsync.engine.options import Options
from ghostsync.errors import ConfigError
from ghostsync.model import DocPath, FieldName, PostFace
from ghostsync.ports import Memory, Past, Remote, Seal, Tree

if TYPE_CHECKING:
    from ghostsync.engine.gather import Gathered
    from ghostsync.engine.pairing import Pairing
    from ghostsync.lexical.dialect import DialectName

_STATUS = FieldName("status")
_DATE = FieldName("published_at")


def _nothing(_path: DocPath, _post: PostFace) -> bool:
    return False


@dataclass(slots=True)
class Session:
    """One machine's view of both sides."""

    remote: Remote
    tree: Tree
    memory: Memory
    past: Past | None
    project: str | None
    marker: str | None
    dialect: DialectName = "ghost"
    root_name: str = "."
    settings: str = ""
    """Stands for the configuration: what a plan without changes was true under."""
    listing: Listing = field(init=False)
    cast: Cast = field(init=False)
    _began: str = ""
    """Ghost's time when the reading for this plan began."""

    def __post_init__(self) -> None:
        self.cast = Cast()
        self.listing = Listing(remote=self.remote, memory=self.memory, marker=self.marker)

    @property
    def pairing(self) -> Pairing:
        """What lays documents and posts side by side."""
        from ghostsync.engine.pairing import Pairing  # noqa: PLC0415 - a run without changes pairs nothing

        return Pairing(remote=self.remote, tree=self.tree, memory=self.memory, past=self.past, dialect=self.dialect)

    @property
    def author(self) -> str | None:
        """Who commits here, as records name people; Git is asked only when something is to be written."""
        return None if self.past is None else self.past.author

    # ------------------------------------------------------------------ push

    def plan_push(self, options: Options) -> Plan:
        """Return what a push would do."""
        if options.prune is not Prune.REPORT and self.project is None:
            raise ConfigError(
                "pruning needs a project: without one, every tree without a name would own every post without a name",
                hint='set `project = "my-site"` in ghostsync.toml',
            )
        seal = self._refresh(options)
        known = self.memory.seal() if options.is_everything else None
        if known is not None and known.tree == seal and (known.until is None or self.remote.now() < known.until):
            return self._sealed(known)
        seen = self._gather(options, _nothing)
        plan = self._decide(seen, options)
        if options.is_everything:
            self.memory.save_seal(self._seal_of(plan, seen, seal))
        return plan

    def _decide(self, seen: Gathered, options: Options) -> Plan:
        from ghostsync.engine.deciding import Decider  # noqa: PLC0415 - a run without changes decides nothing

        return Decider(
            remote=self.remote,
            memory=self.memory,
            past=self.past,
            pairing=self.pairing,
            project=self.project,
            marker=self.marker,
            root_name=self.root_name,
        ).decide(seen, options)

    # ------------------------------------------------------------------ gathering

    def gather(
        self, options: Options, claims: Callable[[DocPath, PostFace], bool] = lambda _path, _post: False
    ) -> Gathered:
        """Read both sides, match them, and find out where something moved. `claims`: what is wanted all the same."""
        self._refresh(options)
        return self._gather(options, claims)

    def _refresh(self, options: Options) -> str:
        """Look at both sides; return what the tree, the configuration and the options come to."""
        self.remote.site()
        # Before the first post is read: one that moved in this second may move again in it, unseen.
        self._began = self.remote.now()
        # Both wait most of their time, one for the disk and one for the network.
        with ThreadPoolExecutor(max_workers=1) as pool:
            looking = pool.submit(self.tree.look, options.changed)
            try:
                self.listing.refresh(full=options.full, expecting=self.cast.posts_of(options.changed or ()))
            finally:
                # A directory that is gone says more than a site that is.
                tree = looking.result()
        asked = (options.prefer, options.prune, options.send_email, self.project, self.marker, self.dialect)
        text = "\0".join((tree, self.settings, *(str(one) for one in asked)))
        return hashlib.sha256(text.encode()).hexdigest()

    def _gather(self, options: Options, claims: Callable[[DocPath, PostFace], bool]) -> Gathered:
        from ghostsync.engine.gather import Gatherer  # noqa: PLC0415 - the compiler is large; a run without changes needs none

        return Gatherer(
            remote=self.remote,
            tree=self.tree,
            memory=self.memory,
            past=self.past,
            listing=self.listing,
            project=self.project,
            dialect=self.dialect,
            covers=options.covers,
            claims=claims,
            now=self._began,
            cast=self.cast,
        ).gather()

    # ------------------------------------------------------------------ nothing to do

    def _sealed(self, seal: Seal) -> Plan:
        """Return the plan of the last run: neither side has changed since, and it found nothing to do."""
        return Plan(
            direction=Direction.PUSH,
            site=self.remote.site(),
            at=self.remote.now(),
            project=self.project,
            root=self.root_name,
            notes=seal.notes,
            unchanged=seal.unchanged,
            managed=seal.managed,
        )

    def _seal_of(self, plan: Plan, seen: Gathered, fingerprint: str) -> Seal | None:
        """Return what the next run may take for granted if neither side changes; None where that is nothing."""
        if plan.changes or plan.conflicts or plan.problems or not self.tree.is_settled:
            return None
        fields = [*(face.fields for face in seen.local.documents), *(post.fields for post in seen.posts.values())]
        dates = [one.get(_DATE) for one in fields if one.get(_STATUS) == "scheduled"]
        coming = [date for date in dates if isinstance(date, str) and date > seen.now]
        return Seal(
            tree=fingerprint,
            unchanged=plan.unchanged,
            managed=plan.managed,
            notes=plan.notes,
            until=min(coming, default=None),
        )
