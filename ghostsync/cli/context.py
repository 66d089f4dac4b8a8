"""Builds the parts of a run and hands them to each other: configuration, key, Ghost, tree, cache, history."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.cli.progress import Progress
    from ghostsync.core.plan import Plan
    from ghostsync.engine.session import Session
    from ghostsync.ghost.gateway import GhostSite
    from ghostsync.local.config import Config, Selection
    from ghostsync.local.tree import ContentTree
    from ghostsync.ports import Memory, Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """What stands before the command."""

    console: Console
    config_file: Path | None = None
    site: str | None = None
    use_sandbox: bool = False
    allow_http: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The parts of one run, connected."""

    config: Config
    selection: Selection
    remote: GhostSite
    tree: ContentTree
    memory: Memory
    past: Past | None
    session: Session
    stop: threading.Event
    """Set by an interrupt: what is in flight is finished and checked, nothing more is begun."""


# A document that is gone can be brought back, or agreed to, by its path. Each of these calls `check_gone`.
_MEETS_THE_GONE = frozenset({"push", "plan", "pull"})


def check_gone(run: Run, plan: Plan) -> None:
    """Raise ConfigError for a selected document that is neither on disk nor known in Ghost: a slip of the pen."""
    from ghostsync.core.verbs import subject
    from ghostsync.errors import ConfigError

    missing = [path for path in run.selection.paths if not (run.config.root / path).exists()]
    told = {subject(change) for change in plan.changes}
    told |= {each.path for each in plan.conflicts} | {each.path for each in plan.notes}
    told |= {each.path for each in plan.problems}
    for path in missing:
        if path not in told:
            raise ConfigError(
                f"{path} does not exist, and Ghost has no post of this project for it",
                hint="check the path, or leave it out",
            )


def addressed(given: Globals, plan: Plan) -> Plan:
    """Return the plan with hints whose commands go to the site that it is about."""

    def said(hint: str | None) -> str | None:
        return hint and given.console.addressed(hint)

    return replace(
        plan,
        conflicts=tuple(replace(each, hint=given.console.addressed(each.hint)) for each in plan.conflicts),
        notes=tuple(replace(each, hint=said(each.hint)) for each in plan.notes),
        problems=tuple(replace(each, hint=said(each.hint)) for each in plan.problems),
    )


@contextmanager
def open_run(given: Globals, paths: Sequence[Path], *, command: str, locks: bool) -> Iterator[Run]:
    """Connect everything for a command that talks to Ghost.

    `locks`: only one ghostsync at a time may change things from one content directory; reading needs no lock. It is
    taken before anything else: whoever has to wait is told so at once, without a key and without the network.
    """
    from ghostsync import __version__
    from ghostsync.core.slugs import tag_slug
    from ghostsync.engine.session import Session
    from ghostsync.ghost.connect import connect
    from ghostsync.ghost.gateway import GhostSite
    from ghostsync.local.cache import Cache
    from ghostsync.local.config import locate
    from ghostsync.local.history import History
    from ghostsync.local.known_files import KnownFiles
    from ghostsync.local.lock import DirectoryLock
    from ghostsync.local.memory import SiteMemory
    from ghostsync.local.past import GitPast
    from ghostsync.local.replacing import sweep
    from ghostsync.local.tree import ContentTree

    given.console.target = "--sandbox" if given.use_sandbox else f"--site {given.site}" if given.site else ""
    config, selection = locate(paths, given.config_file, Path.cwd(), may_be_gone=command in _MEETS_THE_GONE)
    with ExitStack() as stack:
        if locks:
            stack.enter_context(DirectoryLock(config.root, command=command))
            sweep(config.root)
        url, key = credentials_of(given, config)
        stop = threading.Event()
        # A watch has its own way to wait for a server that is away, and says so.
        api = connect(url, key, allow_http=given.allow_http, is_patient=command != "watch", stop=stop)
        stack.callback(api.transport.close)
        marker = config.marker_tag
        remote = GhostSite(api, marker=marker, marker_slug=None if marker is None else tag_slug(marker))
        site = remote.site()
        config = config.for_site(site.url)
        settings = f"{__version__} {config.digest}"
        cache = stack.enter_context(Cache.open(config.root, fingerprint=settings))
        memory = SiteMemory(cache.site(site.uuid, site.url))
        history = stack.enter_context(History(config.root, environ=dict(os.environ)))
        past = GitPast(history)
        tree = ContentTree(config, known=KnownFiles(cache))
        yield Run(
            config=config,
            selection=selection,
            remote=remote,
            tree=tree,
            memory=memory,
            past=past,
            stop=stop,
            session=Session(
                remote=remote,
                tree=tree,
                memory=memory,
                past=past,
                project=config.project,
                marker=marker,
                dialect=config.dialect,
                settings=settings,
            ),
        )


def credentials_of(given: Globals, config: Config) -> tuple[str, str]:
    """Return address and key of the site that is meant; with `--sandbox`, of a sandbox that then runs."""
    if given.use_sandbox:
        from ghostsync.sandbox import Sandbox

        with shown_stages(given.console) as stages:
            instance = Sandbox.up(progress=stages)
        given.console.hide(instance.admin_key)
        return instance.url, instance.admin_key
    from ghostsync.local.credentials import load_credentials

    found = load_credentials(config, given.site, os.environ)
    given.console.hide(found.key)
    return found.url, found.key


@contextmanager
def shown_stages(console: Console) -> Iterator[Stages]:
    """Show the stages of work on a sandbox; nothing where nothing has to be waited for."""
    from ghostsync.cli.progress import Progress

    with Progress(console) as bar:
        yield Stages(bar)


class Stages:
    """The sandbox's progress on the terminal's bar."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar

    def __call__(self, stage: str, *, done: int | None = None, total: int | None = None) -> None:
        self._bar.update(done or 0, total, stage)


def sleep(seconds: float) -> None:
    """Wait; the one place where the command line gives time to the engine."""
    time.sleep(seconds)
