"""A real Ghost on this machine: installed from npm once, started in seconds, emptied in less.

`Sandbox.up()` is the whole interface for most: it returns an `Instance` with a URL and an Admin API key. The tests of
ghostsync use the very same thing, which is why its instances can be emptied, stopped and started, and asked for the
requests that they have served.

What it refuses to do: listen on anything but the loopback address, send mail or contact any service on its own,
touch a Ghost that it did not install, or kill a process that it cannot prove to be its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostsync.sandbox.folders import Folders
    from ghostsync.sandbox.install import Installation, installation
    from ghostsync.sandbox.instance import Instance, Sandbox
    from ghostsync.sandbox.progress import Progress
    from ghostsync.sandbox.requestlog import LoggedRequest, RequestLog
    from ghostsync.sandbox.site import Reach
    from ghostsync.sandbox.staff import Staff, create_staff, log_in_owner

__all__ = [
    "Folders",
    "Installation",
    "Instance",
    "LoggedRequest",
    "Progress",
    "Reach",
    "RequestLog",
    "Sandbox",
    "Staff",
    "create_staff",
    "installation",
    "log_in_owner",
]

_HOMES = {
    "Folders": "folders",
    "Installation": "install",
    "Instance": "instance",
    "LoggedRequest": "requestlog",
    "Progress": "progress",
    "Reach": "site",
    "RequestLog": "requestlog",
    "Sandbox": "instance",
    "Staff": "staff",
    "create_staff": "staff",
    "installation": "install",
    "log_in_owner": "staff",
}


def __getattr__(name: str) -> object:
    """Import on first use: the command line imports this package to say what it can do, not to do it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
