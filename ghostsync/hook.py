"""The pre-push hook: looks at what is being pushed, in Git's objects and never in the working tree.

Git calls it before the other side has accepted anything, with one line per ref on standard input: local ref, local
commit, remote ref, remote commit (githooks(5), pre-push). Only pushes to configured branches that change something
below the content root are looked at; for all others the hook costs one `git diff-tree` or nothing at all.

Installing keeps whatever hook was there: it is moved aside and called first, with the same arguments and the same
input, and it goes back to its place on `uninstall`. A hook folder shared through `core.hooksPath` is used as it is,
because that is where Git looks.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ghostsync.errors import GhostsyncError
from ghostsync.local.git import Repository

_MARK = "# Written by `ghostsync hook install`; `ghostsync hook uninstall` takes it away."
_KEPT = "pre-push.before-ghostsync"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefUpdate:
    """One line of a pre-push hook's input."""

    local_ref: str
    local_commit: str
    remote_ref: str
    remote_commit: str

    @property
    def is_deletion(self) -> bool:
        """Whether the branch is being removed from the other side."""
        return set(self.local_commit) <= {"0"}

    @property
    def is_new(self) -> bool:
        """Whether the other side does not have the branch yet."""
        return set(self.remote_commit) <= {"0"}


def parse_updates(text: str) -> tuple[RefUpdate, ...]:
    """Return what is being pushed, from the hook's standard input. Lines of another form are left out."""
    rows = (line.split(" ") for line in text.splitlines())
    return tuple(
        RefUpdate(local_ref=row[0], local_commit=row[1], remote_ref=row[2], remote_commit=row[3])
        for row in rows
        if len(row) == 4
    )


def updates_of_framework(environ: Mapping[str, str]) -> tuple[RefUpdate, ...]:
    """Return what is being pushed when the pre-commit framework runs the hook: it says so in the environment.

    Source: pre-commit.com, "pre-push", and its `commands/hook_impl.py`: PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF,
    PRE_COMMIT_LOCAL_BRANCH, PRE_COMMIT_REMOTE_BRANCH. Where the root commit goes to the other side for the first time
    there are only the branches. Of several refs in one push it passes on the first alone.
    """
    branch, local = environ.get("PRE_COMMIT_REMOTE_BRANCH"), environ.get("PRE_COMMIT_LOCAL_BRANCH", "")
    new = environ.get("PRE_COMMIT_TO_REF") or local
    if not new or not branch:
        return ()
    old = environ.get("PRE_COMMIT_FROM_REF") or "0"
    return (RefUpdate(local_ref=local, local_commit=new, remote_ref=branch, remote_commit=old),)


def commits_to_check(
    repository: Repository,
    updates: Iterable[RefUpdate],
    branches: Sequence[str],
    *,
    content: str = "",
    configuration: str = "ghostsync.toml",
) -> tuple[str, ...]:
    """Return the commits that go to a configured branch with changed content, each once.

    `content` and `configuration` are paths from the repository object's root. What the other side has is not always
    known here (a new branch, or commits not fetched yet); then the whole content counts as changed.
    """
    found: dict[str, None] = {}
    for update in updates:
        if update.is_deletion or update.remote_ref.removeprefix("refs/heads/") not in branches:
            continue
        commit = repository.resolve(update.local_commit)
        if commit is None:
            continue
        changed = None if update.is_new else repository.changed_paths(update.remote_commit, commit)
        if changed is None or any(_is_content(path, content, configuration) for path in changed):
            found[commit] = None
    return tuple(found)


def _is_content(path: str, content: str, configuration: str) -> bool:
    return not content or path.startswith(f"{content}/") or path == configuration


class Installed(StrEnum):
    """What an installation found."""

    NEW = "new"
    CHAINED = "chained"
    """Another hook was there; it is kept and runs first."""
    ALREADY = "already"
    """Ours was there; it is written anew."""


def install(hooks: Path, *, folder: Path, arguments: Sequence[str] = ()) -> Installed:
    """Write the hook into Git's folder for hooks. `folder` is where the configuration lies.

    Raises `GhostsyncError` when an aside place for an existing hook is taken, or the folder cannot be written.
    """
    hook, kept = hooks / "pre-push", hooks / _KEPT
    try:
        hooks.mkdir(parents=True, exist_ok=True)
        state = Installed.NEW
        if is_ours(hook):
            state = Installed.ALREADY
        elif os.path.lexists(hook):
            if os.path.lexists(kept):
                raise GhostsyncError(
                    f"{hook} is not ours, and {kept.name} beside it is taken",
                    hint=f"move {kept} away, then run `ghostsync hook install` again",
                )
            hook.rename(kept)
            state = Installed.CHAINED
        scratch = hooks / f".pre-push.{os.getpid()}"
        scratch.write_text(_script(folder, arguments), encoding="utf-8")
        scratch.chmod(0o755)
        scratch.replace(hook)
    except OSError as error:
        raise GhostsyncError(
            f"{hooks} · the hook cannot be written: {error.strerror}", hint=f"look at the permissions: `ls -ld {hooks}`"
        ) from error
    return state


def uninstall(hooks: Path) -> bool:
    """Remove our hook and put back what it replaced; False when there was none of ours."""
    hook, kept = hooks / "pre-push", hooks / _KEPT
    if not is_ours(hook):
        return False
    if os.path.lexists(kept):
        kept.replace(hook)
    else:
        hook.unlink()
    return True


def is_ours(hook: Path) -> bool:
    """Say whether this file was written by `install`."""
    try:
        return _MARK.encode() in hook.read_bytes()
    except OSError:
        return False


def _script(folder: Path, arguments: Sequence[str]) -> str:
    run = " ".join(shlex.quote(argument) for argument in ("hook", "run", *arguments))
    return f"""#!/bin/sh
{_MARK}
# It runs before the other side has accepted the push. To push without it once: git push --no-verify
input=$(cat; printf x); input=${{input%x}}
before="$(dirname "$0")/{_KEPT}"
if [ -x "$before" ]; then
  printf '%s' "$input" | "$before" "$@" || exit $?
fi
if ! command -v ghostsync >/dev/null 2>&1; then
  echo "ghostsync: not found on PATH, so the content of this push is not checked" >&2
  exit 0
fi
top=$(git rev-parse --show-toplevel) || exit 0
printf '%s' "$input" | (cd "$top"/{shlex.quote(str(folder))} && exec ghostsync {run})
"""
