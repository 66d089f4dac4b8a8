"""Who is asking: Ghost's check of the token that an integration signs, with each of its refusals.

After Ghost's `services/auth/api-key/admin.js`. A token lives five minutes from its `iat`, whatever its `exp` says; one
from the future is accepted; one may be used any number of times.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from fakeghost.faults import GhostFault
from fakeghost.state import State

_LIFE_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, as the actions log names it: `kind` is `user` or `integration`."""

    kind: str
    id: str


def sign_token(
    key: str, *, issued_at: int, lives: int = 300, audience: str = "/admin/", key_id: str | None = None
) -> str:
    """A token as a correct client makes it; seconds since 1970. Any other `audience` or `key_id` makes a wrong one."""
    own_id, secret = key.split(":")
    header = {"alg": "HS256", "typ": "JWT", "kid": key_id or own_id}
    payload = {"iat": issued_at, "exp": issued_at + lives, "aud": audience}
    signed = b".".join(_encode(json.dumps(part).encode()) for part in (header, payload))
    signature = hmac.new(bytes.fromhex(secret), signed, hashlib.sha256).digest()
    return (signed + b"." + _encode(signature)).decode()


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _refused(status: int, message: str, code: str | None, *, context: str | None = None) -> GhostFault:
    kind = {400: "BadRequestError", 401: "UnauthorizedError", 403: "NoPermissionError"}[status]
    return GhostFault(status=status, kind=kind, message=message, code=code, context=context)


class Gate:
    """Checks tokens; remembers signatures that it has verified, since the same token comes many times."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._verified: dict[str, tuple[str, int, int | None]] = {}  # token → integration id, iat, exp (ms)

    def check(self, header: str | None) -> Actor:
        """The integration behind an Authorization header. Raises `GhostFault`."""
        if header is None:
            raise _refused(
                403,
                "Authorization failed",
                None,
                context="Unable to determine the authenticated user or integration. Check that cookies are being "
                "passed through if using session authentication.",
            )
        match = re.fullmatch(r"[Gg]host (\S+)", header)
        if match is None:
            raise _refused(401, 'Authorization header format is "Authorization: Ghost [token]"', "INVALID_AUTH_HEADER")
        token = match[1]
        if token not in self._verified:
            self._verified[token] = self._verify(token)
        integration_id, issued_ms, expires_ms = self._verified[token]
        now = self._state.clock.now_ms()
        if integration_id not in self._state.integrations:
            raise _refused(401, "Unknown Admin API Key", "UNKNOWN_ADMIN_API_KEY")
        if expires_ms is not None and now >= expires_ms:
            raise _refused(401, "Invalid token: jwt expired", "INVALID_JWT")
        if now >= issued_ms + _LIFE_MS:
            raise _refused(401, "Invalid token: maxAge exceeded", "INVALID_JWT")
        return Actor(kind="integration", id=integration_id)

    def _verify(self, token: str) -> tuple[str, int, int | None]:
        parts = token.split(".")
        try:
            header, payload = (json.loads(_decode(part)) for part in parts[:2])
            signature = _decode(parts[2])
        except (ValueError, IndexError):
            raise _refused(400, "Invalid token", "INVALID_JWT") from None
        key_id = header.get("kid")
        if not key_id:
            raise _refused(400, "Admin API kid missing.", "MISSING_ADMIN_API_KID")
        integration = next((row for row in self._state.integrations if row["key_id"] == key_id), None)
        if integration is None:
            if any(row["content_key_id"] == key_id for row in self._state.integrations):
                raise _refused(401, "Invalid API Key type", "INVALID_API_KEY_TYPE")
            raise _refused(401, "Unknown Admin API Key", "UNKNOWN_ADMIN_API_KEY")
        signed = ".".join(parts[:2]).encode()
        expected = hmac.new(bytes.fromhex(integration["secret"]), signed, hashlib.sha256).digest()
        if header.get("alg") != "HS256" or not hmac.compare_digest(signature, expected):
            raise _refused(401, "Invalid token: invalid signature", "INVALID_JWT")
        return integration["id"], *_claims(payload)


def _claims(payload: dict[str, Any]) -> tuple[int, int | None]:
    audience = payload.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and re.search(r"/?admin/?$", one) for one in audiences):
        raise _refused(401, "Invalid token: jwt audience invalid. expected: /\\/?admin\\/?$/", "INVALID_JWT")
    if not isinstance(payload.get("iat"), int | float):
        raise _refused(401, "Invalid token: iat required when maxAge is specified", "INVALID_JWT")
    expires = payload.get("exp")
    return int(payload["iat"] * 1000), None if expires is None else int(expires * 1000)


# First path segment → methods that an integration may use on it.
_ALLOWED = {
    "site": {"GET"},
    "posts": {"GET", "PUT", "DELETE", "POST"},
    "pages": {"GET", "PUT", "DELETE", "POST"},
    "images": {"POST"},
    "webhooks": {"POST", "PUT", "DELETE"},
    "actions": {"GET"},
    "tags": {"GET", "PUT", "DELETE", "POST"},
    "labels": {"GET", "PUT", "DELETE", "POST"},
    "users": {"GET"},
    "roles": {"GET"},
    "invites": {"POST"},
    "themes": {"POST", "PUT"},
    "members": {"GET", "PUT", "DELETE", "POST"},
    "tiers": {"GET", "PUT", "POST"},
    "offers": {"GET", "PUT", "POST"},
    "newsletters": {"GET", "PUT", "POST"},
    "config": {"GET"},
    "schedules": {"PUT"},
    "files": {"POST"},
    "media": {"POST"},
    "db": {"GET", "POST"},
    "settings": {"GET"},
    "comments": {"GET", "POST", "PUT"},
    "oembed": {"GET"},
    "search-index": {"GET"},
}


def check_endpoint(segment: str, method: str, *, major: int) -> None:
    """Integrations reach a list of endpoints only. Raises 403 (Ghost 6) or 501 (Ghost 5)."""
    if method in _ALLOWED.get(segment, set()):
        return
    message = "API tokens do not have permission to access this endpoint"
    if major >= 6:
        raise GhostFault(status=403, kind="NoPermissionError", message=message)
    raise GhostFault(status=501, kind="NotImplementedError", message=message)
