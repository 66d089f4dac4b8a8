"""Where a Ghost lives: what people paste, made into one address, and refused before anything is sent.

People copy the address from the browser's bar, so `https://site/ghost/#/posts` means the site `https://site/`. What is
refused: other schemes, credentials inside the address (they would end in logs), and plain http to anything but this
machine, because the token would travel readable. Whether a *name* happens to resolve to this machine is not looked up:
an answer of DNS is not a promise.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ghostsync.errors import ConfigError

API_PATH = "ghost/api/admin/"
"""Below the site's address; Ghost 5 and 6 have no version in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A site's address. `base` ends with a slash and holds neither query nor fragment."""

    base: str
    is_loopback: bool

    @property
    def api(self) -> str:
        """The root of the Admin API, with its final slash."""
        return self.base + API_PATH

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser says it in `Origin`."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"


def parse_address(text: str, *, allow_http: bool = False) -> Address:
    """Return the address that `text` means.

    Raises `ConfigError` for what is no address, has another scheme than https, or is plain http to another machine
    without `allow_http`.
    """
    cleaned = text.strip().strip("\"'<>").strip()
    if not cleaned:
        raise ConfigError(
            "the site's address is empty", hint="set GHOST_ADMIN_API_URL, for example https://example.com"
        )
    if "://" not in cleaned:
        cleaned = "https://" + cleaned
    try:
        parts = urlsplit(cleaned)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"{text!r} is not an address: {error}", hint=_EXAMPLE) from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "the site's address contains a user name or password; they would end in logs",
            hint="write the address without them; ghostsync needs only the Admin API key",
        )
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", cleaned):
        raise ConfigError(f"{text!r} is not the address of a site", hint=_EXAMPLE)
    loopback = is_loopback(host)
    if parts.scheme == "http" and not loopback and not allow_http:
        raise ConfigError(
            f"{parts.scheme}://{host} is not encrypted: the key's token would travel readable",
            hint=f"use https://{host}, or allow it with `--allow-http`, in Python `allow_http=True`",
        )
    name = f"[{host}]" if ":" in host else host
    netloc = name if port is None or port == _DEFAULT_PORTS[parts.scheme] else f"{name}:{port}"
    base = urlunsplit((parts.scheme, netloc, _site_path(parts.path), "", ""))
    return Address(base=base, is_loopback=loopback)


_EXAMPLE = "write it like https://example.com or https://example.com/blog"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _site_path(path: str) -> str:
    """Cut the admin's own part off: everything from `/ghost` (as the last or the admin's first segment) on."""
    cut = re.sub(r"/ghost(?:/(?:#.*|api(?:/.*)?)?)?$", "", path)
    return cut.rstrip("/") + "/"


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine: `localhost`, a name below it (RFC 6761), or a loopback address."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def site_of(location: str) -> str:
    """Return the site's address in a redirect's target, which names a path below the Admin API."""
    parts = urlsplit(location)
    return urlunsplit((parts.scheme, parts.netloc, _site_path(parts.path.rstrip("/") or "/"), "", "")).rstrip("/")
