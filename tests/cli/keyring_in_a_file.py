"""A keyring for tests that other processes see too: a JSON file, named by `KEYRING_FILE`.

Chosen as users choose a backend, by `PYTHON_KEYRING_BACKEND=keyring_in_a_file.FileKeyring` and a `PYTHONPATH`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordSetError


class FileKeyring(KeyringBackend):
    """Keeps passwords in a file; a folder that is not there is a keyring that is locked."""

    priority = 1  # type: ignore[assignment]

    @property
    def _file(self) -> Path:
        return Path(os.environ["KEYRING_FILE"])

    def _held(self) -> dict[str, str]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was set."""
        return self._held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        try:
            self._file.write_text(json.dumps({**self._held(), f"{service} {username}": password}))
        except OSError:
            raise PasswordSetError("the keyring is locked") from None
