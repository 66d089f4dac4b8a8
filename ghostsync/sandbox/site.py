"""One Ghost site in a folder: its configuration, and starting and stopping its server.

The folder is laid out as Ghost's own command line does it: `current` links to the installation, `content` holds what
belongs to the site, the configuration lies beside them, and the server runs with the folder as its working
directory. So any number of sites share one installation, which nothing ever writes to.

The configuration is Ghost's stock one for development except for what is listed in `_configuration`: every line of
it is there because a site on loopback that is used by tests must not phone, mail or lock out anybody.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import time
from enum import StrEnum
from pathlib import Path
from typing import Any

from ghostsync.errors import SandboxError
from ghostsync.sandbox import wire
from ghostsync.sandbox.folders import PRIVATE_FILE, make_private
from ghostsync.sandbox.install import Installation
from ghostsync.sandbox.process import Process, start_detached

HOST = "127.0.0.1"
# Below the range from which kernels hand out ports for outgoing connections (32768 on Linux, 49152 on macOS), so
# that a stopped server's port is still free when it starts again.
_PORTS = range(20_000, 32_000)
# Boot takes 3–5 s; a first boot that creates the database on a busy machine several times that.
START_PATIENCE = 120.0
_LOOK_EVERY = 0.05
# Keeps the server from reaching anything but this machine.
_LOOPBACK_ONLY = Path(__file__).with_name("loopback_only.cjs")
# How many lines of the server's output an error message quotes.
_QUOTED_LINES = 15
# Log in as often as a test likes: Ghost's own limit is 4 failures in 10 minutes, kept in the database.
_NO_LIMIT = {"freeRetries": 1_000_000, "minWait": 1, "maxWait": 1, "lifetime": 1}


def site_url(port: int) -> str:
    """Return the address of the site on `port`."""
    return f"http://{HOST}:{port}"


def database_path(folder: Path) -> Path:
    """Return where the site in `folder` keeps its SQLite database."""
    return folder / "content" / "data" / "ghost.db"


def choose_port() -> int:
    """Return a port that is free now. RACE: somebody may take it before Ghost does; the start is then repeated."""
    for _ in range(200):
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        if is_port_free(port):
            return port
    raise SandboxError(
        f"no free port between {_PORTS.start} and {_PORTS.stop - 1} on {HOST}",
        hint="`ghostsync sandbox status` shows what runs; `ghostsync sandbox down --name NAME` stops one",
    )


def is_port_free(port: int) -> bool:
    """Say whether nobody listens on `port` of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def lay_out(folder: Path, installed: Installation, port: int) -> None:
    """Make `folder` one that Ghost can run in; what is in `content` already stays. Idempotent."""
    make_private(folder)
    content = folder / "content"
    for name in ("data", "images", "media", "files", "logs", "settings", "themes", "adapters", "public"):
        (content / name).mkdir(parents=True, exist_ok=True)
    _link(folder / "current", installed.package_dir)
    for theme in (installed.package_dir / "content" / "themes").iterdir():
        _link(content / "themes" / theme.name, theme)
    for source in (installed.package_dir / "content" / "settings").iterdir():
        if not (content / "settings" / source.name).exists():
            shutil.copy2(source, content / "settings" / source.name)
    write_private(
        folder / "config.development.json",
        json.dumps(_configuration(folder, installed, port), indent=2) + "\n",
    )


class Reach(StrEnum):
    """What a sandbox's server may connect to."""

    LOOPBACK = "loopback"
    INTERNET = "internet"


def launch(folder: Path, installed: Installation, reach: Reach = Reach.LOOPBACK) -> Process:
    """Start the server and return at once; it does not answer yet. Its output goes to `ghost.log`."""
    log = folder / "ghost.log"
    log.touch(mode=PRIVATE_FILE)
    guard = ("--require", str(_LOOPBACK_ONLY)) if reach is Reach.LOOPBACK else ()
    environment = {name: value for name, value in os.environ.items() if name not in _IGNORED_VARIABLES}
    return start_detached(
        [str(installed.node), *guard, "current/index.js"],
        folder=folder,
        environment={**environment, "NODE_ENV": "development"},
        log=log,
    )


def wait_until_ready(process: Process, folder: Path, port: int) -> None:
    """Return when the server answers.

    Raises SandboxError, with the end of the output, when it ends or does not answer within START_PATIENCE seconds;
    it is then stopped.
    """
    log = folder / "ghost.log"
    give_up = time.monotonic() + START_PATIENCE
    while time.monotonic() < give_up:
        if answers(site_url(port)):
            return
        if not process.is_running():
            raise SandboxError(f"ghost ended while starting:\n{quote_log(log)}", hint=f"its whole log: `less {log}`")
        time.sleep(_LOOK_EVERY)
    process.stop()
    raise SandboxError(
        f"ghost did not answer on {site_url(port)} within {START_PATIENCE:.0f} s:\n{quote_log(log)}",
        hint=f"its whole log: `less {log}`",
    )


# Ghost reads its configuration from the environment as well, and variables of the person's shell must not count.
_IGNORED_VARIABLES = frozenset(
    {"url", "LEVEL", "MODE", "LOIN", "NODE_OPTIONS", "GHOST_DEV_IS_DOCKER", "WEBHOOK_SECRET"}
)


def answers(url: str) -> bool:
    """Say whether a Ghost at `url` is ready: while it boots it answers 503, and before that not at all."""
    try:
        return wire.ask(url, "GET", f"{wire.ADMIN}/site/", patience=5.0).status == 200
    except (OSError, http.client.HTTPException):
        return False


def quote_log(log: Path) -> str:
    """Return the last lines of `log`, indented, for an error message."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-_QUOTED_LINES:])


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, readable by this user only from its first byte."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    fresh.replace(path)


def _link(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`, unless something other than a link is there."""
    if link.is_symlink():
        if link.readlink() == target:
            return
        link.unlink()
    if not link.exists():
        link.symlink_to(target)


def _configuration(folder: Path, installed: Installation, port: int) -> dict[str, Any]:
    """Return what differs from Ghost's stock configuration for NODE_ENV=development, and why."""
    return {
        "url": site_url(port),
        # Open connections are given 5 s at the end instead of 60.
        "server": {"host": HOST, "port": port, "shutdownTimeout": 5_000},
        "database": {
            "client": installed.sqlite_driver,
            "connection": {"filename": str(database_path(folder))},
            # Ghost's own setting for SQLite; unset, knex prints a warning at every start.
            "useNullAsDefault": True,
        },
        "paths": {"contentPath": str(folder / "content")},
        # Every request as one line of JSON in content/logs, beside the readable output.
        "logging": {
            "level": "info",
            "transports": ["file", "stdout"],
            "path": str(folder / "content" / "logs"),
            "rotation": {"enabled": False},
        },
        # Nothing leaves this machine: no mail, no update check, no avatars, no pings to search engines.
        "mail": {"from": "sandbox@example.com", "transport": "stub", "options": {}},
        "sendWelcomeEmail": False,
        "privacy": {
            "useUpdateCheck": False,
            "useGravatar": False,
            "useRpcPing": False,
            "useIndexNow": False,
        },
        # A login from an "unknown device" would wait for a code sent by mail.
        "security": {"staffDeviceVerification": False, "allowWebhookInternalIPs": True},
        "spam": {
            "user_login": _NO_LIMIT,
            "user_reset": _NO_LIMIT,
            "user_verification": _NO_LIMIT,
            "global_reset": _NO_LIMIT,
            "global_block": _NO_LIMIT,
        },
    }
