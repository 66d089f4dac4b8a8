"""What an answer that is not the wished one means: an error with its hint.

One table for everything Ghost, or what stands before it, can say. Ghost's own errors look like

    {"errors": [{"message": "…", "context": "…", "type": "ValidationError", "code": null, "details": …}]}

with always one entry, where `message` is often generic and `context` holds the reason (Ghost: mw-error-handler). What
does not look like that was not said by Ghost's API but by a proxy, a firewall, another program, or Ghost while booting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

from ghostsync.errors import (
    GhostError,
    NotFound,
    NotGhost,
    OutcomeUnknown,
    RateLimited,
    Redirected,
    Rejected,
    ServerFault,
    Starting,
    Unauthorized,
    Unreachable,
    UnsupportedVersion,
    UpdateCollision,
)
from ghostsync.ghost.address import site_of
from ghostsync.ghost.connection import Lost, Trouble

LONGEST_RETRY_AFTER: Final = 120.0
"""Seconds. A server that wants more rest than this is told to the person instead of being waited for."""

LOOK_FIRST: Final = "it may have happened: look at the post in Ghost, or run the same command again, which looks first"

_KEY_CODES: Final = frozenset(
    ("INVALID_JWT", "MISSING_ADMIN_API_KID", "INVALID_AUTH_HEADER", "UNKNOWN_ADMIN_API_KEY", "INVALID_API_KEY_TYPE")
)
MAINTENANCE_PAGE: Final = "<title>We\u2019ll be right back</title>".encode()
"""In the page that Ghost itself sends with 503 before any request reaches it (Ghost: core/app.js, the same in 5 and
6). A 503 of anybody else may come after Ghost has worked."""

_WHERE_KEYS: Final = "Ghost Admin: Settings → Integrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Ghost's own words in an error, as far as it used them."""

    message: str = ""
    context: str | None = None
    kind: str | None = None
    code: str | None = None
    details: object = None

    def __str__(self) -> str:
        if self.context and self.context != self.message:
            return f"{self.message} {self.context}".strip().removesuffix(".")
        return self.message.removesuffix(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request, as errors name it: without host, query and anything secret. `path` is relative to the API."""

    method: str
    path: str
    site: str

    @property
    def is_write(self) -> bool:
        """Whether carrying it out twice could differ from carrying it out once."""
        return self.method not in ("GET", "HEAD")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def said_by_ghost(data: object) -> Said | None:
    """Return Ghost's words from a decoded answer, or None where they are not in Ghost's form."""
    match data:
        case {"errors": [{"message": str(message)} as first, *_]}:
            return Said(
                message=message,
                context=_text(first.get("context")),
                kind=_text(first.get("type")),
                code=_text(first.get("code")),
                details=first.get("details"),
            )
        case _:
            return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def error_for_loss(asked: Asked, lost: Lost) -> GhostError:
    """Return the error for an exchange without a whole answer."""
    common: dict[str, Any] = {"method": asked.method, "path": asked.path}
    if not lost.was_sent:
        hint = _REACH_HINTS.get(lost.trouble, _REACH_HINT)
        return Unreachable(f"{asked.site}: {lost}", hint=hint, code=lost.trouble.name, **common)
    if asked.is_write:
        message = f"{asked}: {lost}; nobody knows whether Ghost carried it out"
        return OutcomeUnknown(message, hint=LOOK_FIRST, may_have_happened=True, **common)
    return ServerFault(f"{asked}: {lost}", hint="try again; when it stays, look at Ghost's log", **common)


_REACH_HINT: Final = "check the address, that Ghost is running, and the network"
_REACH_HINTS: Final[Mapping[Trouble, str]] = {
    Trouble.NAME: "check the spelling of the site's address, and the network",
    Trouble.REFUSED: "check the port, and that Ghost is running (`ghost status`, or `ghostsync sandbox up`)",
    Trouble.CERTIFICATE: "renew the certificate; for a private authority set REQUESTS_CA_BUNDLE to its file",
    Trouble.TLS: "check the port, and whether this address speaks https at all",
    Trouble.PROXY: "check HTTPS_PROXY and NO_PROXY in the environment",
}


def error_for_answer(
    asked: Asked, status: int, headers: Mapping[str, str], said: Said | None, *, is_json: bool, content: bytes = b""
) -> GhostError | None:
    """Return the error that an answer amounts to, or None for a success.

    `said` is None where the body is not in Ghost's error form; `is_json` tells whether it is JSON at all.
    """
    if 300 <= status < 400:
        return _redirected(asked, status, headers.get("Location", ""))
    if status < 300:
        return None
    common = _common(asked, status, headers, said)
    if status == 503 and (MAINTENANCE_PAGE in content if said is None else said.kind == "MaintenanceError"):
        message = f"{asked}: {asked.site} is starting, or in maintenance"
        return Starting(message, hint="try again in a minute", **common)
    if said is None:
        return _error_of_others(asked, status, headers, common, is_json=is_json)
    text = f"{asked}: {said}"
    if said.code in _KEY_CODES or status == 401:
        return Unauthorized(f"{asked.site} refuses the key: {said} ({asked})", hint=_key_hint(said), **common)
    match status:
        case 403 | 501:
            return Unauthorized(text, hint=_permission_hint(said), **common)
        case 404:
            return NotFound(text, hint="it may have been deleted meanwhile, or belong to another site", **common)
        case 406:
            hint = "Ghost does not offer this endpoint to this client; ghostsync supports Ghost 5 and 6"
            return UnsupportedVersion(text, hint=hint, **common)
        case 409:
            hint = "read it again (`ghostsync pull` takes the other edit in), then try again"
            return UpdateCollision(text, hint=hint, **common)
        case 413:
            return Rejected(text, hint=_TOO_LARGE, **common)
        case 415:
            return Rejected(text, hint="Ghost does not take files of this type here", **common)
        case 429:
            return RateLimited(text, hint=_later(common["retry_after"]), **common)
        case _ if status >= 500:
            return _server_fault(asked, text, status, common)
        case _:
            return Rejected(text, hint="correct what Ghost names, then try again", **common)


def _common(asked: Asked, status: int, headers: Mapping[str, str], said: Said | None) -> dict[str, Any]:
    return {
        "method": asked.method,
        "path": asked.path,
        "status": status,
        "kind": said.kind if said else None,
        "code": said.code if said else None,
        "context": said.context if said else None,
        "details": said.details if said else None,
        "retry_after": retry_after(headers),
    }


_TOO_LARGE: Final = "raise the limit of the web server before Ghost (nginx: client_max_body_size), or send less"


def _later(after: float | None) -> str:
    return "try again later" if after is None else f"try again in {after:.0f} s"


def _server_fault(asked: Asked, text: str, status: int, common: dict[str, Any]) -> GhostError:
    """502, 503, 504 come from between us and Ghost, or from Ghost in passing: a write behind them may have landed."""
    if not asked.is_write:
        return ServerFault(text, hint="try again; when it stays, look at Ghost's log", **common)
    if status in (502, 503, 504):
        return OutcomeUnknown(text, hint=LOOK_FIRST, may_have_happened=True, **common)
    return ServerFault(text, hint=LOOK_FIRST, may_have_happened=True, **common)


def _error_of_others(
    asked: Asked, status: int, headers: Mapping[str, str], common: dict[str, Any], *, is_json: bool
) -> GhostError:
    """Return the error for an answer that is not in Ghost's words."""
    what = "JSON that is not Ghost's" if is_json else headers.get("Content-Type", "no content type").split(";")[0]
    text = f"{asked}: {asked.site} answers {status} with {what}"
    if status == 413:
        return Rejected(f"{asked}: {status}, the request is too large for {asked.site}", hint=_TOO_LARGE, **common)
    if status == 429:
        return RateLimited(f"{asked}: too many requests", hint=_later(common["retry_after"]), **common)
    if status >= 500 and asked.is_write:
        return OutcomeUnknown(text, hint=LOOK_FIRST, may_have_happened=True, **common)
    if status >= 500:
        hint = "Ghost is starting, in maintenance, or down behind its web server; try again in a minute"
        return ServerFault(text, hint=hint, **common)
    if status == 401 and headers.get("WWW-Authenticate", "").lower().startswith("basic"):
        hint = "the web server before Ghost asks for a password; let /ghost/api/ through without one"
        return NotGhost(f"{asked}: {asked.site} asks for a password before Ghost is reached", hint=hint, **common)
    if status in (401, 403):
        hint = "a firewall or bot protection stands before Ghost; let /ghost/api/admin/ through for this client"
        return NotGhost(f"{text}, which Ghost never does", hint=hint, **common)
    return NotGhost(f"{text}, which Ghost's Admin API never does", hint=NOT_GHOST_HINT, **common)


def error_for_file(asked: Asked, status: int, headers: Mapping[str, str]) -> GhostError:
    """Return the error for a public file that is not served."""
    common = _common(asked, status, headers, None)
    text = f"{asked}: {asked.site} answers {status}"
    if status in (404, 410):
        return NotFound(text, hint="the file is gone, or was never there", **common)
    if status == 429:
        return RateLimited(text, hint=_later(common["retry_after"]), **common)
    if status >= 500:
        return ServerFault(text, hint="try again in a minute", **common)
    return Rejected(text, hint="the file is not public", **common)


NOT_GHOST_HINT: Final = (
    "use the address under which Ghost Admin opens: the part of it before /ghost/ "
    "(with /blog where Ghost lives below a path)"
)


def not_json(asked: Asked, status: int, headers: Mapping[str, str], content: bytes) -> GhostError:
    """Return the error for a success whose body is not the JSON that Ghost sends.

    A body that begins as JSON and is none broke off, on a way where nobody says how long it is: a read is asked again.
    To a write, whatever claims to be JSON may stand for a write that happened.
    """
    content_type = headers.get("Content-Type", "no content type").split(";")[0]
    common = _common(asked, status, headers, None)
    if not asked.is_write and "json" in content_type and content.lstrip().startswith(b"{"):
        return ServerFault(f"{asked}: the answer {status} broke off", hint="try again in a minute", **common)
    if asked.is_write and "json" in content_type:
        message = f"{asked}: the answer {status} is not readable; nobody knows whether Ghost carried it out"
        return OutcomeUnknown(message, hint=LOOK_FIRST, may_have_happened=True, **common)
    message = f"{asked}: {asked.site} answers {status} with {content_type}, where Ghost's Admin API sends JSON"
    return NotGhost(message, hint=NOT_GHOST_HINT, may_have_happened=asked.is_write, **common)


def _redirected(asked: Asked, status: int, location: str) -> GhostError:
    target = site_of(location) if "://" in location else location
    hint = f"use {target} as the site's address" if "://" in location else NOT_GHOST_HINT
    return Redirected(
        f"{asked}: {asked.site} redirects to {target or 'nowhere'}; a key is never sent after a redirect",
        location=location,
        hint=hint,
        method=asked.method,
        path=asked.path,
        status=status,
    )


def _key_hint(said: Said) -> str:
    match said.code:
        case "UNKNOWN_ADMIN_API_KEY":
            return f"the integration was deleted, or the key is another site's; copy the key from {_WHERE_KEYS}"
        case "INVALID_API_KEY_TYPE":
            return f"this is a Content API key; copy the Admin API key from {_WHERE_KEYS}"
        case "INVALID_JWT" if "signature" in str(said):
            return f"the part of the key after the colon is wrong; copy the whole key again from {_WHERE_KEYS}"
        case "INVALID_JWT":
            return "Ghost's clock and this machine's disagree, or a proxy changes the `Date` header; check both clocks"
        case _:
            return f"check the Admin API key; you find it in {_WHERE_KEYS}"


def _permission_hint(said: Said) -> str:
    if said.message == "Authorization failed":
        return "no key was sent: set GHOST_ADMIN_API_KEY"
    if said.kind == "HostLimitError":
        return "the plan of this Ghost host does not allow custom integrations"
    if said.kind == "NoPermissionError" and "permission to access this endpoint" not in str(said):
        return "the key's role may not do this: use the key of a custom integration, or of an administrator"
    return "integration keys may not use this endpoint; a staff access token may (Ghost Admin: your profile)"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for (a number, or a date, counted from the answer's own `Date`)."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        said_at = parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - said_at).total_seconds())
    except (TypeError, ValueError):
        return None
