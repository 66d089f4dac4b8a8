"""The prepared empty site of one Ghost version, from which every instance is copied.

A first boot creates some eighty tables and runs the whole set-up (owner, integration, key): it is done once per
version, through Ghost's own set-up requests, and the stopped result is kept. A new instance or a reset is then a
copy of two megabytes and one boot.

The owner's password is made here and is therefore the same in all instances of this user and version; the Admin key
is not (see `database.give_identity`).
"""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from ghostsync.errors import SandboxError
from ghostsync.sandbox import database, site, wire
from ghostsync.sandbox.folders import Folders
from ghostsync.sandbox.install import Installation
from ghostsync.sandbox.locks import turn
from ghostsync.sandbox.progress import Progress
from ghostsync.sandbox.toolchain import make_aside, remove_tree

# Counted up whenever what is prepared here changes: an older template is then made again.
_EDITION = 1
OWNER_NAME = "Sandbox Owner"
OWNER_EMAIL = "owner@example.com"
SITE_TITLE = "Sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An empty site that has an owner, and an integration with an Admin key that must be exchanged in a copy."""

    database: Path
    owner_email: str
    owner_password: str


def make_template(folders: Folders, installed: Installation, progress: Progress) -> Template:
    """Return the template for this installation, preparing it first when it is not there (about 10 s, once)."""
    home = folders.template(installed.version)
    found = _read(home)
    if found is not None:
        return found
    folders.cache.mkdir(parents=True, exist_ok=True)
    with turn(folders.lock(home.name), f"preparing an empty Ghost {installed.version}", progress):
        found = _read(home)
        if found is not None:
            return found
        progress(f"preparing an empty Ghost {installed.version}")
        aside = make_aside(home)
        password = _prepare(aside / "site", installed)
        shutil.copy2(site.database_path(aside / "site"), aside / "empty.db")
        remove_tree(aside / "site")
        site.write_private(
            aside / "template.json", json.dumps({"edition": _EDITION, "owner_password": password}) + "\n"
        )
        remove_tree(home)
        aside.rename(home)
    found = _read(home)
    if found is None:
        raise SandboxError(f"{home}: the prepared site vanished", hint="`ghostsync sandbox up`")
    return found


def _read(home: Path) -> Template | None:
    """Return the template in `home`, or None when there is none of this edition."""
    try:
        kept = json.loads((home / "template.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if kept.get("edition") != _EDITION or not (home / "empty.db").exists():
        return None
    return Template(database=home / "empty.db", owner_email=OWNER_EMAIL, owner_password=kept["owner_password"])


def _prepare(folder: Path, installed: Installation) -> str:
    """Boot a new site in `folder`, set it up, stop it, clear it; return the owner's password."""
    port = site.choose_port()
    site.lay_out(folder, installed, port)
    # Ghost wants ten characters that are not a common password.
    password = secrets.token_urlsafe(18)
    process = site.launch(folder, installed)
    try:
        site.wait_until_ready(process, folder, port)
        _set_up(site.site_url(port), password)
    finally:
        process.stop()
    database.clear_starter_content(site.database_path(folder))
    return password


def _set_up(url: str, password: str) -> None:
    """Do what Ghost's admin screen does on its first visit, and add the integration."""
    owner = {"name": OWNER_NAME, "email": OWNER_EMAIL, "password": password, "blogTitle": SITE_TITLE}
    wire.require(url, "POST", f"{wire.ADMIN}/authentication/setup/", {"setup": [owner]})
    cookie = wire.log_in(url, OWNER_EMAIL, password)
    wire.require(
        url,
        "POST",
        f"{wire.ADMIN}/integrations/?include=api_keys",
        {"integrations": [{"name": database.INTEGRATION}]},
        cookie=cookie,
    )
