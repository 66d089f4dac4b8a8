"""Watchdog, reduced to rumours: which paths something happened to.

Events about opening and closing without writing are left out, since reading a document to push it makes them. A
folder's own `modified` is left out too: what changed in it is told by itself. Everything else is passed on under all
names it has.
"""

from __future__ import annotations

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

from ghostsync.model import DocPath
from ghostsync.watched_tree import relevant_path

_TELLING = frozenset({EVENT_TYPE_CLOSED, EVENT_TYPE_CREATED, EVENT_TYPE_DELETED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED})


class _Rumours(FileSystemEventHandler):
    def __init__(self, root: Path, hear: Callable[[DocPath], None]) -> None:
        self._root = str(root)
        self._hear = hear

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _TELLING or (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED):
            return
        for name in (event.src_path, event.dest_path):
            path = relevant_path(self._root, os.fsdecode(name)) if name else None
            if path is not None:
                self._hear(path)


@contextmanager
def observing(root: Path, hear: Callable[[DocPath], None]) -> Iterator[None]:
    """Call `hear` (on another thread) for every path below root that something happens to."""
    observer = Observer()
    observer.schedule(_Rumours(root, hear), str(root), recursive=True)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()
