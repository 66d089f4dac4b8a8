"""What a run was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ghostsync.core.plan import Prefer, Prune
from ghostsync.model import DocPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run was asked for."""

    prefer: Prefer = Prefer.NEITHER
    prune: Prune = Prune.REPORT
    send_email: bool = False
    covers: Callable[[str], bool] = lambda _: True
    """Whether a path is in the selection."""
    is_everything: bool = True
    full: bool = False
    """List the whole site, whatever this machine remembers of it."""
    changed: frozenset[DocPath] | None = None
    """Only these files may have changed since this session last looked; None: any."""
