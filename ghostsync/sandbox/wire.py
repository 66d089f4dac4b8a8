"""The few requests that make a fresh Ghost usable, over plain HTTP to this machine.

These are the exchanges of Ghost's own admin screen (set-up, staff login with a cookie), which the product's
transport for integrations neither has nor should have: it works with a key, and here there is none yet. Requests go
to the loopback address only, one connection each.
"""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from ghostsync.errors import SandboxError

# Ghost answers locally within milliseconds; hashing a password takes it half a second.
_PATIENCE = 30.0
ADMIN = "/ghost/api/admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said. `json` is {} when the body was not a JSON object."""

    status: int
    json: dict[str, Any]
    cookie: str


def ask(
    url: str,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    cookie: str = "",
    patience: float = _PATIENCE,
) -> Answer:
    """Send one request to the site at `url` and return the answer, whatever its status. Raises OSError."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=patience)
    # Ghost checks the origin of requests that carry or make a session cookie.
    headers = {"Origin": url.rstrip("/"), "Accept": "application/json"}
    if cookie:
        headers["Cookie"] = cookie
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        raw = response.read()
        cookies = SimpleCookie()
        for header in response.headers.get_all("Set-Cookie") or ():
            cookies.load(header)
    finally:
        connection.close()
    try:
        parsed = json.loads(raw)
    except ValueError:
        parsed = {}
    return Answer(
        status=response.status,
        json=parsed if isinstance(parsed, dict) else {},
        cookie="; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items()),
    )


def require(url: str, method: str, path: str, body: dict[str, Any] | None = None, *, cookie: str = "") -> Answer:
    """As `ask`, but raise SandboxError unless the answer is a success."""
    try:
        answer = ask(url, method, path, body, cookie=cookie)
    except (OSError, http.client.HTTPException) as fault:
        raise SandboxError(
            f"{method} {url.rstrip('/')}{path}: {fault}",
            hint="`ghostsync sandbox status` says whether it runs; its log is in its folder",
        ) from fault
    if answer.status >= 300:
        said = "; ".join(
            f"{error.get('message')} {error.get('context') or ''}".strip() for error in answer.json.get("errors", ())
        )
        raise SandboxError(
            f"{method} {url.rstrip('/')}{path}: {answer.status} {said}".rstrip(),
            hint="`ghostsync sandbox status` says whether it runs; its log is in its folder",
        )
    return answer


def log_in(url: str, email: str, password: str) -> str:
    """Log a staff user in and return the session cookie, as a Cookie header wants it."""
    return require(url, "POST", f"{ADMIN}/session/", {"username": email, "password": password}).cookie
