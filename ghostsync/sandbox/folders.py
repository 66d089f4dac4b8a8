"""Where the sandbox keeps what.

Two kinds of things with two lives. Installations (Node, pnpm, Ghost's code, the prepared empty site) are large, the
same for every project and can always be fetched again: they live in the user's *cache* folder, so that a cleaner may
remove them. Instances (database, pictures, keys, process record) are somebody's data: they live in the user's *data*
folder and are readable by that user alone.

A folder inside the project was rejected: it would be one more thing to ignore in Git, half a gigabyte per checkout,
and a place from which keys get committed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ghostsync.errors import SandboxError

# A name becomes a folder and part of a URL in messages: nothing that could leave the folder or need quoting.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
# Ghost's releases are plain semver; only 5 and later have Lexical.
_VERSION = re.compile(r"[1-9]\d*\.\d+\.\d+")

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The two roots. `standard()` gives the user's; tests hand in others."""

    cache: Path
    data: Path

    @classmethod
    def standard(cls) -> Folders:
        """Return the folders of this user by the platform's convention (XDG on Linux)."""
        return cls(
            cache=platformdirs.user_cache_path("ghostsync") / "sandbox",
            data=platformdirs.user_data_path("ghostsync") / "sandbox",
        )

    def ghost(self, version: str) -> Path:
        """Where Ghost `version` is installed."""
        return self.cache / f"ghost-{version}"

    def template(self, version: str) -> Path:
        """Where the prepared empty site of Ghost `version` is kept."""
        return self.cache / f"template-{version}"

    def tool(self, package: str, version: str) -> Path:
        """Where the npm package `package` is installed for our own use."""
        return self.cache / f"{package}-{version}"

    def lock(self, what: str) -> Path:
        """The lock file that those who make `what` hold."""
        return self.cache / f"{what}.lock"

    def instance(self, name: str) -> Path:
        """Where the instance `name` lives."""
        return self.data / name


def check_name(name: str) -> str:
    """Return `name` when it can name an instance, else raise SandboxError."""
    if not _NAME.fullmatch(name):
        raise SandboxError(
            f"sandbox name {name!r}: only small letters, digits, '.', '_' and '-', at most 63, not starting "
            "with a sign",
            hint="`ghostsync sandbox up --name my-site`",
        )
    return name


def check_version(version: str) -> str:
    """Return `version` when it is one that a sandbox can run, else raise SandboxError."""
    if not _VERSION.fullmatch(version):
        raise SandboxError(
            f"ghost version {version!r}: not of the form 6.65.0", hint="`ghostsync sandbox up --ghost 6.65.0`"
        )
    if int(version.partition(".")[0]) < 5:
        raise SandboxError(
            f"ghost {version}: ghostsync needs Ghost 5 or later", hint="`ghostsync sandbox up --ghost 6.65.0`"
        )
    return version


def make_private(folder: Path) -> Path:
    """Create `folder` with its parents; `folder` itself is for this user only, also when it existed before."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder.chmod(PRIVATE_FOLDER)
    return folder
