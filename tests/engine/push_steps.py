"""Short words for what most tests of push say."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.ghosts import Ghost
from world import Clone, errors

from ghostsync.core.outcome import Report
from ghostsync.core.plan import Plan
from ghostsync.core.verbs import verb
from ghostsync.lexical import compile_markdown
from ghostsync.local.history import History
from ghostsync.local.past import GitPast
from ghostsync.model import DocPath
from ghostsync.ports import Committed

CloneMaker = Callable[..., Clone]

HELLO = "---\ntitle: Hello\nstatus: published\n---\nFirst words.\n\nSecond words.\n"


def verbs(plan: Plan) -> list[str]:
    """Return what a plan does, in order."""
    return [verb(change) for change in plan.changes]


def document(title: str = "Hello", body: str = "First words.\n\nSecond words.\n", **fields: object) -> str:
    """Return a document; values are written as JSON, which YAML reads. A None leaves the key out."""
    lines = [
        f"{name}: {json.dumps(value)}"
        for name, value in {"title": title, "status": "published", **fields}.items()
        if value is not None
    ]
    return "---\n" + "\n".join(lines) + "\n---\n" + body


def push(clone: Clone, **options: object) -> Report:
    """Push; nothing may fail."""
    report = clone.push(**options)
    problems = [f"{p.path}: {p.message}" for p in report.plan.problems]
    found = errors(report)
    assert found == [], [*problems, *map(str, found)]
    return report


def seeded(make: CloneMaker, ghost: Ghost, files: Mapping[str, str | bytes] | None = None, name: str = "a") -> Clone:
    """Return a clone whose files are pushed, ten minutes ago."""
    clone = make(name)
    for path, text in (files or {"posts/hello.md": HELLO}).items():
        clone.write(path, text)
    push(clone)
    ghost.pass_time(600)
    return clone


def lexical(text: str) -> str:
    """Return Markdown as a body of Ghost's."""
    return json.dumps(compile_markdown(text))


def commit(clone: Clone, *, at: str | None = None, by: str = "a@example.com") -> None:
    """Commit all that the clone holds; from now on its history is one of the bases. `at`: when that seems to be."""
    dated = {} if at is None else {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    made = ["commit", "-q", "--no-gpg-sign", "--allow-empty", "-m", "x"]
    for arguments in (["init", "-q"], ["config", "user.email", by], ["config", "user.name", by], ["add", "-A"], made):
        subprocess.run(["git", *arguments], cwd=clone.root, check=True, timeout=30, env={**os.environ, **dated})
    clone.past = _Committed(clone.root)


class _Committed:
    """What a clone has committed; reads history anew each time, and leaves no process behind."""

    ends_early = False

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def author(self) -> str | None:
        with History(self._root) as history:
            return GitPast(history).author

    def versions_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[bytes, ...]]:
        with History(self._root) as history:
            return GitPast(history).versions_of(paths)

    def commits_of(self, paths: Iterable[DocPath]) -> Mapping[DocPath, tuple[Committed, ...]]:
        with History(self._root) as history:
            return GitPast(history).commits_of(paths)
