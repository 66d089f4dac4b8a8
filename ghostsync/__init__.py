"""Keep a directory of Markdown files and a Ghost site in agreement.

The public face of the library is small on purpose: `Ghost` (a client of the Admin API), `GhostError` and what
derives from it, and `ghostsync.lexical` (Markdown ⇄ Lexical). Everything else is the tool's own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["Ghost", "GhostError", "__version__"]

# Imported when first asked for: `ghostsync --version` and offline commands must not pay for an HTTP client.
_LAZY = {"Ghost": "ghostsync.ghost.client", "GhostError": "ghostsync.errors"}

if TYPE_CHECKING:
    from ghostsync.errors import GhostError
    from ghostsync.ghost.client import Ghost


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_LAZY[name]), name)
