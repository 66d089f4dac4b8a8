"""`ghostsync watch` as a process on a real Ghost, and a content directory to edit under it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ghostsync import Ghost
from ghostsync.sandbox import Instance

LIMIT = float(os.environ.get("GHOSTSYNC_TEST_PATIENCE", "90"))
IS_LONG = bool(os.environ.get("GHOSTSYNC_LONG"))


@dataclass
class Watching:
    """A running watch and what it has said."""

    process: subprocess.Popen[str]
    root: Path
    instance: Instance
    lines: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Collect lines until the process ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(re.sub(r"^(warning: )?\d\d:\d\d:\d\d ", r"\1", line.rstrip("\n")))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def count(self, text: str) -> int:
        """Return how many lines have this text."""
        return sum(text in line for line in self.lines)

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Wait until so many lines have this text."""
        self.wait_until(lambda: self.count(text) >= times, text)

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something that a line of the process brings about holds."""
        with self._news:
            done = self._news.wait_for(lambda: holds() or self.process.poll() is not None, LIMIT)
        assert done, f"waited for {what!r} in vain: {self.lines}"
        assert holds(), f"the watch ended before {what!r}: {self.lines}"

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file in place."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    @property
    def site(self) -> Ghost:
        """The site as a person with a key sees it."""
        return Ghost(self.instance.url, admin_key=self.instance.admin_key)

    def titles(self) -> list[str]:
        """Return the titles of all posts in order."""
        return sorted(str(post.title) for post in self.site.posts.list())


def post(title: str, text: str = "Text.", **front: str) -> str:
    """Return a document."""
    rest = "".join(f"{name}: {value}\n" for name, value in front.items())
    return f"---\ntitle: {title}\n{rest}---\n\n{text}\n"


@contextmanager
def watching(root: Path, instance: Instance, *options: str) -> Iterator[Watching]:
    """Run the watch, past its first run when the block begins, until the block ends, as Ctrl-C ends it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GHOST_", "GIT_"))}
    environ |= {"GHOST_ADMIN_API_URL": instance.url, "GHOST_ADMIN_API_KEY": instance.admin_key}
    process = subprocess.Popen(
        [sys.executable, "-m", "ghostsync", "-v", "watch", *options], cwd=root,
        env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    made = Watching(process=process, root=root, instance=instance)
    listener = threading.Thread(target=made.listen)
    listener.start()
    try:
        made.wait_for("waiting for changes")
        yield made
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            process.kill()
            listener.join(10)
            process.stderr.close()  # type: ignore[union-attr]
    assert process.returncode == 130, made.lines
    assert not any(instance.admin_key in line for line in made.lines)


def content_writes(log: object) -> list[str]:
    """Return the writes since the log began as `PUT posts`, `POST images`, ids left out."""
    return [f"{one.method} {one.path.split('/admin/')[1].split('/')[0]}" for one in log.writes()]  # type: ignore[attr-defined]
