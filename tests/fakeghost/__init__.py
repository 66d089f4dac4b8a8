"""An in-memory Ghost for tests; start reading at `server`."""

from __future__ import annotations

from fakeghost.adapter import FakeGhostAdapter, session_for
from fakeghost.auth import sign_token
from fakeghost.clock import MachineClock, ManualClock
from fakeghost.faults import (
    Answer,
    Cut,
    Moment,
    Request,
    bad_gateway,
    cut,
    maintenance,
    server_error,
    too_large,
    too_many,
)
from fakeghost.http_front import free_address, running, serve
from fakeghost.server import Exchange, FakeGhost

__all__ = [
    "Answer",
    "Cut",
    "Exchange",
    "FakeGhost",
    "FakeGhostAdapter",
    "MachineClock",
    "ManualClock",
    "Moment",
    "Request",
    "bad_gateway",
    "cut",
    "free_address",
    "maintenance",
    "running",
    "serve",
    "server_error",
    "session_for",
    "sign_token",
    "too_large",
    "too_many",
]
