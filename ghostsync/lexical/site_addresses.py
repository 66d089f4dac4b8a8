"""Addresses of the site itself, in one spelling, so that they can be compared.

Ghost keeps them as `__GHOST_URL__/…` and gives them back absolute, whatever was sent: root-relative, `//host`, `http`
for `https`, the host in capitals, letters that are not ASCII. All of these become root-relative and percent-encoded
here; every other address stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

PLACEHOLDER: Final = "__GHOST_URL__"
"""What Ghost stores in the place of its own address."""


def unchanged(value: str) -> str:
    """Return an address as it is: where the site is not known."""
    return value


@lru_cache(maxsize=16)
def addresses_of(site_url: str | None) -> Callable[[str], str]:
    """Return what makes an address of the site root-relative and leaves any other alone."""
    if site_url is None:
        return unchanged
    parts = urlsplit(site_url)
    host, base = re.escape(parts.netloc), re.escape(parts.path.rstrip("/"))
    own = re.compile(rf"(?:(?:https?:)?//{host}{base}|{PLACEHOLDER}|(?=/(?!/)))(?=[/?#]|$)", re.IGNORECASE)
    folder = parts.path.rstrip("/")

    def to_root_relative(value: str) -> str:
        match = own.match(value)
        if match is None:
            return value
        rest = value[match.end() :] or "/"
        if folder and match.end() == 0 and (rest == folder or rest.startswith(folder + "/")):
            rest = rest[len(folder) :] or "/"
        path, mark, tail = rest.partition("?") if "?" in rest else rest.partition("#")
        path = re.sub("/{2,}", "/", path if path.startswith("/") else "/" + path)
        return quote(path + mark + tail, safe="/?#%:@!$&'()*+,;=~-._[]|\\^`{}\"<>")

    return to_root_relative


#: Where an address may begin inside HTML or Markdown: after a quote, a bracket, or a comma and space of a srcset.
_START: Final = re.compile(
    rf"""(?<=["'(<=])(?:{PLACEHOLDER}|(?:https?:)?//|/)[^\s"'<>)]*|(?<=,\s)(?:{PLACEHOLDER}|(?:https?:)?//|/)[^\s"'<>)]*""",
    re.IGNORECASE,
)


def in_text(text: str, address: Callable[[str], str]) -> str:
    """Return HTML or Markdown with every address in it changed by `address`."""
    if address is unchanged:
        return text
    return _START.sub(lambda match: address(match[0]), text)
