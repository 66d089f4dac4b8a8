"""Watchdog, reduced to rumours: which paths something happened to.

Events about opening and closing without writing are left out, since reading a document to push it makes them. A
folder's own `modified` is left out too: what changed in it is told by itself. Everything else is passed on under all
names it has.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from ghostsync.errors import GhostsyncError
from ghostsync.model import DocPath
from ghostsync.watch.tree import relevant_path

# Watchdog logs a warning whenever it is stopped with an event on its way, and Python prints what nobody handles.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

_TELLING = frozenset({EVENT_TYPE_CLOSED, EVENT_TYPE_CREATED, EVENT_TYPE_DELETED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED})


class _Rumours(FileSystemEventHandler):
    def __init__(self, root: Path, hear: Callable[[DocPath], None], *, only: frozenset[DocPath] | None = None) -> None:
        self._root = str(root)
        self._hear = hear
        self._only = only

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _TELLING or (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED):
            return
        for name in (event.src_path, event.dest_path):
            if not name:
                continue
            path = self._path(os.fsdecode(name))
            if path is not None:
                self._hear(path)

    def _path(self, name: str) -> DocPath | None:
        if self._only is None:
            return relevant_path(self._root, name)
        path = DocPath(Path(os.path.relpath(name, self._root)).as_posix())
        return path if path in self._only else None


@contextmanager
def observing(
    root: Path, hear: Callable[[DocPath], None], *, beside: frozenset[DocPath] = frozenset()
) -> Iterator[None]:
    """Call `hear` (on another thread) for every path below root, and those beside it, that something happens to.

    Raises GhostsyncError where the system has no more watches to give.
    """
    observer = Observer()
    observer.schedule(_Rumours(root, hear), str(root), recursive=True)
    for folder in {(root / path).parent.resolve() for path in beside}:
        observer.schedule(_Rumours(root, hear, only=beside), str(folder), recursive=False)
    try:
        observer.start()
    except OSError as error:
        raise GhostsyncError(
            f"{root} cannot be watched: {error.strerror or error}",
            hint="on Linux, allow more watches: `sudo sysctl fs.inotify.max_user_watches=524288`",
        ) from error
    try:
        yield
    finally:
        observer.stop()
        observer.join()
