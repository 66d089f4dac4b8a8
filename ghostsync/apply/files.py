"""Writes documents: the files that a document shows first, then the document, each in one step.

A file of the site is fetched before the document that shows it is written, so a document never refers to something that
is not there; what was fetched and is there already stays. Nothing that exists is overwritten by a download, and a
document is replaced only while it still holds the bytes that the plan was made from.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ghostsync.core.changes import Download, RemoveFile, WriteFile
from ghostsync.core.digest import bytes_digest
from ghostsync.core.outcome import Outcome, Status
from ghostsync.downloads import fetch, versions_served
from ghostsync.errors import Mismatch, NotFound
from ghostsync.model import DocPath
from ghostsync.ports import Remote, Tree


@dataclass(slots=True)
class FileWriter:
    """Carries out changes of files. Safe to share between threads."""

    remote: Remote
    tree: Tree
    _done: dict[DocPath, Download] = field(default_factory=dict)
    _fetching: dict[DocPath, threading.Lock] = field(default_factory=dict)
    """One lock for each file that several documents show."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, change: WriteFile) -> Outcome:
        """Fetch what the document shows, then write it. Raises GhostError, ContentError, Mismatch."""
        for download in change.downloads:
            self._download(download)
        self.tree.write(change.path, change.content.encode("utf-8", "surrogatepass"), expected=change.expected)
        return Outcome(change=change, status=Status.APPLIED, id=change.id)

    def remove(self, change: RemoveFile) -> Outcome:
        """Remove a document that still is what the plan believes. Raises ContentError."""
        self.tree.remove(change.path, expected=change.expected)
        return Outcome(change=change, status=Status.APPLIED)

    def _download(self, download: Download) -> None:
        with self._lock:
            mine = self._fetching.setdefault(download.path, threading.Lock())
        with mine:
            before = self._done.get(download.path)
            if before is None:
                self._fetch(download)
                self._done[download.path] = download
            elif before != download:
                self._check_same(download)

    def _fetch(self, download: Download) -> None:
        if self.tree.exists(download.path):
            self._check_same(download)
            return
        try:
            data = fetch(self.remote, download)
        except NotFound:
            raise NotFound(
                f"{download.path}: the site no longer serves {download.url}",
                hint="remove the picture in Ghost, or upload it again there",
                method="GET",
                path=download.url,
            ) from None
        self.tree.write(download.path, data, expected=None)

    def _check_same(self, download: Download) -> None:
        """A file that appeared meanwhile is somebody's: it stays, and must be what the document means."""
        held = bytes_digest(self.tree.read(download.path))
        if download.sha256 is None:
            means_it = any(bytes_digest(data) == held for data in versions_served(self.remote, download.url))
        else:
            means_it = held == download.sha256
        if not means_it:
            raise Mismatch(
                f"{download.path}: another file is there; the site's {download.url} was not fetched",
                hint="move that file away, then `ghostsync pull`",
            )
