"""The questions of `ghostsync init`: which site, which key; asked until they fit, or told once by a script."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ghostsync.cli.context import Globals, credentials_of
from ghostsync.errors import CredentialsError, GhostsyncError, Unauthorized

if TYPE_CHECKING:
    from ghostsync.cli.console import Console
    from ghostsync.local.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A site that answered, and the key that it accepted."""

    url: str
    key: str
    posts: int
    pages: int
    is_known: bool
    """Whether the key was found where later runs find it too."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Questions to the person at the terminal; where nobody is, every question is answered by its default."""

    console: Console
    is_on: bool

    def text(self, question: str, default: str) -> str:
        """Ask for a text."""
        return self.console.ask(question, default=default) if self.is_on else default

    def agree(self, question: str, *, default: bool, unasked: bool = False) -> bool:
        """Ask for a yes or no; `unasked` is the answer where nobody is asked."""
        return self.console.agree(question, default=default) if self.is_on else unasked


def reach(given: Globals, folder: Path, url: str | None, asking: Asking, *, key_stdin: bool) -> Reached:
    """Return a site that answers and accepts the key. A person is asked again, a script gets the error."""
    if given.use_sandbox:
        address, key = credentials_of(given, _no_config(folder))
        return _test(given, address, key, is_known=True)
    known_url, known_key, is_known = _known(given, folder)
    address = url or known_url
    key = given.console.stdin.readline().strip() if key_stdin else known_key
    while True:
        if not address and not asking.is_on:
            raise CredentialsError(
                "the address of the site is not known, and nobody is here to ask",
                hint="add `--url https://blog.example.com`, or `--sandbox` for a Ghost on this machine",
            )
        if not address:
            address = _full(given.console.ask("address of your site", default=""))
            continue
        try:
            if not key:
                key = _ask_key(given, address, asking)
            given.console.hide(key)
            return _test(given, _full(address), key, is_known=is_known and not key_stdin)
        except GhostsyncError as error:
            if not asking.is_on:
                raise
            given.console.error(error)
            given.console.say("")
            address = _full(given.console.ask("address of your site", default=address))
            if isinstance(error, CredentialsError | Unauthorized):  # else it was the address
                key, is_known = "", False


def _ask_key(given: Globals, address: str, asking: Asking) -> str:
    if not asking.is_on:
        raise CredentialsError(
            "the Admin API key is not known, and nobody is here to ask",
            hint="pipe it in: `ghostsync init --key-stdin < key.txt`, or export GHOST_ADMIN_API_KEY",
        )
    _probe(given, _full(address))
    place = f"{address.rstrip('/')}/ghost/#/settings/integrations"
    given.console.say(f"the Admin API key of a custom integration, from {place}")
    return given.console.ask_secret("Admin API key (not shown)")


def _probe(given: Globals, url: str) -> None:
    """Raise where no Ghost is at the address: nobody should look for a key before that is known."""
    from ghostsync.ghost.connect import connect

    api = connect(url, None, allow_http=given.allow_http)
    try:
        api.site()
    finally:
        api.transport.close()


def _test(given: Globals, url: str, key: str, *, is_known: bool) -> Reached:
    from ghostsync.ghost.admin import Resource
    from ghostsync.ghost.connect import connect
    from ghostsync.local.credentials import checked_key

    api = connect(url, checked_key(key, "answer"), allow_http=given.allow_http)
    try:
        site, version = api.site(), api.config().get("version")
        found = Reached(
            url=url,
            key=key,
            posts=api.count(Resource.POSTS),
            pages=api.count(Resource.PAGES),
            is_known=is_known,
        )
    finally:
        api.transport.close()
    given.console.say(f"the key works: {site.get('title') or site['url']}, Ghost {version or site['version']}")
    return found


def _known(given: Globals, folder: Path) -> tuple[str, str, bool]:
    """Return address and key where a run in this folder would find them already."""
    from ghostsync.local.credentials import KEY_NAME, URL_NAME, load_credentials

    try:
        found = load_credentials(_no_config(folder), None, os.environ)
    except CredentialsError:
        return os.environ.get(URL_NAME, ""), os.environ.get(KEY_NAME, ""), KEY_NAME in os.environ
    given.console.hide(found.key)
    given.console.say(f"using the key from the {found.source}")
    return found.url, found.key, True


def _no_config(folder: Path) -> Config:
    from ghostsync.local.config import Config

    return Config(root=folder)


def _full(address: str) -> str:
    """Return the address of a site from what people type (`blog.example.com`) or copy (with `/ghost/#/posts`)."""
    from urllib.parse import urlsplit

    from ghostsync.errors import ConfigError
    from ghostsync.ghost.address import is_loopback, parse_address

    address = address.strip()
    if not address:
        return ""
    try:
        if "://" not in address:
            is_here = is_loopback(urlsplit(f"//{address}").hostname or "")
            address = f"{'http' if is_here else 'https'}://{address}"
        return parse_address(address, allow_http=True).base.rstrip("/")
    except (ConfigError, ValueError):
        return address  # whoever connects to it says what is wrong with it
