"""`ghostsync watch`: push continuously, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghostsync.cli.context import Globals, open_run, sleep
from ghostsync.core.plan import Prune
from ghostsync.errors import ConfigError, ExitCode, OutcomeUnknown, Problem, RateLimited, ServerFault, Unreachable
from ghostsync.watch.tidings import Resting, Tidings

if TYPE_CHECKING:
    from ghostsync.cli.context import Run
    from ghostsync.cli.watch_screen import WatchScreen
    from ghostsync.local.config import Config
    from ghostsync.model import DocPath
    from ghostsync.watch.loop import Watch

_RETRY = 5.0
"""Seconds between attempts to connect anew after the configuration changed and the server was away."""


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--pull-every",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Also bring what is edited in Ghost into the files, this often.",
)
@click.option(
    "--prune",
    type=click.Choice([p.value for p in Prune]),
    default=Prune.REPORT.value,
    show_default=True,
    help="What to do with posts whose document is gone. The configuration's policy does not apply here.",
)
@click.option(
    "--jobs", metavar="1-32", type=click.IntRange(1, 32), help="How many writes at once; 4 unless configured."
)
@click.pass_obj
def watch(given: Globals, path: Path | None, *, pull_every: float | None, prune: str, jobs: int | None) -> int:
    """Push every document as soon as it is saved.

    Everything is pushed once at the start. A document with a problem is named once and pushed when it is mended; a
    server that is away is waited for. Newsletters are never sent. Ctrl-C ends it, after the write in flight.

    \b
    ghostsync watch
    ghostsync watch --pull-every 60      edits in Ghost come into the files too
    ghostsync --sandbox watch example-site
    """
    from ghostsync.cli.watch_screen import WatchScreen

    asked = _Asked(given=given, path=path, pull_every=pull_every, prune=Prune(prune), jobs=jobs)
    stop = threading.Event()
    with WatchScreen(given.console) as screen:
        is_first = True
        while not stop.is_set():
            try:
                with open_run(given, asked.paths, command="watch", locks=True) as run:
                    _watch(asked, run, screen, stop)
            except (Unreachable, OutcomeUnknown, RateLimited, ServerFault, ConfigError) as error:
                # At the start a wrong address or key is a mistake; later the server is away, or `.env` half saved.
                if is_first:
                    raise
                screen.warn(f"{error.message}; trying again", hint=error.hint)
                stop.wait(_RETRY)
            is_first = False
    return int(ExitCode.INTERRUPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line says."""

    given: Globals
    path: Path | None
    pull_every: float | None
    prune: Prune
    jobs: int | None

    @property
    def paths(self) -> tuple[Path, ...]:
        return () if self.path is None else (self.path,)


def _watch(asked: _Asked, run: Run, screen: WatchScreen, stop: threading.Event) -> None:
    """Watch until interrupted, or until the configuration changed and everything must be connected anew."""
    from ghostsync.cli.pull import layout_of
    from ghostsync.local.git import Repository
    from ghostsync.watch.loop import Watch
    from ghostsync.watch.observe import observing
    from ghostsync.watch.syncing import SessionSyncer

    config = run.config
    configuration = _configuration(config)
    beside = frozenset(path for path in configuration if path.startswith("../"))
    repository = Repository.find(config.root)
    git_lock = None if repository is None else repository.folder / "index.lock"
    if repository is not None:
        repository.close()

    def reconfigure() -> tuple[Problem, ...]:
        faults = _faults(asked)
        if not faults:
            loop.stop()
        return faults

    syncer = SessionSyncer(
        session=run.session,
        prune=asked.prune,
        jobs=asked.jobs or config.jobs,
        sleep=sleep,
        covers=run.selection.covers,
        is_everything=run.selection.is_everything,
        layout=None if asked.pull_every is None else layout_of(config),
        configuration=configuration,
        reconfigure=reconfigure,
        stop=stop,
        watcher=screen.applied,
    )
    loop = Watch(
        config.root,
        syncer,
        _Calm(screen),
        debounce=config.debounce_ms / 1000,
        pull_every=asked.pull_every,
        git_lock=git_lock,
        beside=beside,
    )
    with _stopping(screen, (stop, run.stop), loop), observing(config.root, loop.heard, beside=beside):
        screen.say(f"watching {config.root}, publishing to {run.remote.site().url}; Ctrl-C ends it")
        loop.run()


class _Calm:
    """Passes tidings on; after the first run, Python's collector leaves alone what then is there to stay.

    Ten thousand documents and posts are some million objects. Looking through all of them for garbage takes a good
    part of a second, and would come between a save and its write every few saves.
    """

    def __init__(self, screen: WatchScreen) -> None:
        self._screen = screen
        self._is_frozen = False

    def __call__(self, tidings: Tidings) -> None:
        self._screen.tell(tidings)
        if not self._is_frozen and isinstance(tidings, Resting):
            self._is_frozen = True
            gc.collect()
            gc.freeze()


def _configuration(config: Config) -> frozenset[DocPath]:
    """Return the files that say how everything is read, as paths from the content root."""
    from ghostsync.local.config import CONFIG_FILE, PYPROJECT
    from ghostsync.model import DocPath

    here = {CONFIG_FILE, ".ghostsyncignore"}
    if config.file is None:
        here.add(PYPROJECT)
    else:
        here.add(Path(os.path.relpath(config.file, config.root)).as_posix())
    return frozenset(DocPath(path) for path in here)


def _faults(asked: _Asked) -> tuple[Problem, ...]:
    """Return what is wrong with the configuration as it now is on disk."""
    from ghostsync.local.config import locate

    try:
        locate(asked.paths, asked.given.config_file, Path.cwd())
    except ConfigError as error:
        return error.problems or (Problem(path="ghostsync.toml", message=error.message, hint=error.hint),)
    return ()


@contextmanager
def _stopping(screen: WatchScreen, stops: tuple[threading.Event, ...], loop: Watch) -> Iterator[None]:
    """Ctrl-C and a polite kill end the watch after the write in flight; a second one does not wait."""

    def on_signal(_signal: int, _frame: object) -> None:
        if stops[0].is_set():
            raise KeyboardInterrupt
        for stop in stops:
            stop.set()
        loop.stop()
        screen.say("ending; a write in flight is finished first")

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
