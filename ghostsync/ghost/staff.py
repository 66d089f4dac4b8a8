"""Signing in as a person instead of with a key: user name, password, and a session that Ghost keeps.

Everything that ghostsync itself does goes with a key. A session is for programs that act as a member of the staff, and
for moving on from clients that knew nothing else. The name and password stay in memory, so that a session that ended
can be opened again, once per exchange. Where Ghost asks for the code that it sends by email (`2FA_…`), `login` says so
and is called again with the code.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

from ghostsync.errors import GhostError, Unauthorized
from ghostsync.ghost.exchange import Expect
from ghostsync.ghost.transport import Transport

_COOKIE = re.compile(r"(ghost-admin-api-session=[^;,\s]+)")


class StaffSession:
    """A session of a staff member: the transport's credentials while it lasts. Safe to share between threads."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._cookie = ""
        self._username = ""
        self._password = ""

    def __repr__(self) -> str:
        return f"StaffSession({'open' if self._cookie else 'closed'})"

    def login(self, username: str, password: str, *, code: str | None = None) -> None:
        """Open a session. Raises `Unauthorized` for a wrong password, and where Ghost wants the code it emailed."""
        with self._lock:
            if code is None:
                self._open(username, password)
            else:
                self._verify(code)
            self._username, self._password = username, password

    def logout(self) -> None:
        """Close the session and forget name and password."""
        with self._lock:
            cookie, self._cookie, self._username, self._password = self._cookie, "", "", ""
            if cookie:
                self._exchange("DELETE", "/session/", cookie)

    def headers(self) -> Mapping[str, str]:
        """Return the session's cookie, and the origin that Ghost ties it to."""
        return {"Cookie": self._cookie, "Origin": self._transport.address.origin} if self._cookie else {}

    def renew(self, refused: Mapping[str, str], error: GhostError) -> bool:
        """Open the session again where it has ended ("Authorization failed"), not where it may not do something."""
        if "Authorization failed" not in error.message or not self._username:
            return False
        with self._lock:
            if refused.get("Cookie") == self._cookie:
                self._open(self._username, self._password)
        return True

    def _open(self, username: str, password: str) -> None:
        self._cookie = ""
        try:
            self._exchange("POST", "/session/", "", {"username": username, "password": password})
        except GhostError as error:
            raise _unauthorized(error) from None

    def _verify(self, code: str) -> None:
        try:
            self._exchange("PUT", "/session/verify/", self._cookie, {"token": code})
        except GhostError as error:
            raise _unauthorized(error) from None

    def _exchange(self, method: str, path: str, cookie: str, payload: object = None) -> None:
        headers = {"Origin": self._transport.address.origin, **({"Cookie": cookie} if cookie else {})}
        self._transport.send(
            method,
            path,
            payload=payload,
            expect=Expect.TEXT,
            authenticate=False,
            headers=headers,
            on_headers=self._keep_cookie,
        )

    def _keep_cookie(self, headers: Mapping[str, str]) -> None:
        if match := _COOKIE.search(headers.get("Set-Cookie", "")):
            self._cookie = match[1]


def _unauthorized(error: GhostError) -> GhostError:
    """Say what a refused login means; other errors stay what they are."""
    if error.status is None or error.status >= 500 or error.status in (404, 429):
        return error
    if error.code is not None and error.code.startswith("2FA_"):
        hint = "Ghost sent a code by email: call login(username, password, code='…') with it"
    else:
        hint = "check user name and password; after several failures Ghost asks you to wait"
    return Unauthorized(
        error.message,
        hint=hint,
        method=error.method,
        path=error.path,
        status=error.status,
        kind=error.kind,
        code=error.code,
        context=error.context,
    )
