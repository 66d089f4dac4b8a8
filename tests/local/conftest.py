"""A scratch Git repository that knows nothing of the machine's own Git configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class Scratch:
    """A repository in `folder`; every commit is a minute younger than the one before."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self._minute = 0
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Ada Lovelace",
            "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada Lovelace",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
        }

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run Git and return what it printed."""
        stamp = f"2026-03-01T10:{self._minute:02d}:00Z"
        environ = {**self.environ, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.folder, env=environ, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file below the repository."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "change") -> str:
        """Write files, commit everything, and return the commit's id."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self._minute += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """An empty repository on branch main."""
    folder, home = tmp_path / "repo", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    repository = Scratch(folder, home)
    repository.git("init", "-q", "-b", "main")
    return repository
