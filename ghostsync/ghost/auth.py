"""The Admin API key, and the short-lived tokens made from it.

A key is `id:secret`, 24 and 64 hex digits. The secret signs a token (JWT, HS256) that Ghost accepts for five minutes
after its `iat`, with no tolerance, whatever its `exp` says (Ghost: services/auth/api-key/admin.js). Two consequences:

* Time is Ghost's. A machine whose clock is ten minutes slow would be refused for ever, so tokens are dated with Ghost's
  own clock, learned from the `Date` header of its answers (`ServerClock`). The first token is dated with ours; where
  Ghost refuses it as expired, its refusal carries the date, and the exchange is repeated once.
* A token is used for at most four minutes: a slow upload must still arrive within the fifth.

Refused: to show a key or a token in any message or `repr`. Making a token per request was rejected because it buys
nothing: Ghost's tokens are not single-use.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import random
from typing import Final, Protocol

import jwt

from ghostsync.errors import CredentialsError, GhostError

TOKEN_LIFE: Final = 300
"""Seconds: Ghost verifies with `maxAge: '5m'`."""

TOKEN_REUSE: Final = 240
"""Seconds after which a new token is made: one minute is left for an upload to arrive."""

NOTICEABLE_SKEW: Final = 30.0
"""Seconds by which Ghost's clock must differ from ours before a refused token is blamed on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The clock and its friends, handed in so that tests own time.

    `now` is seconds since 1970, `monotonic` seconds since whenever, `sleep` waits seconds, `jitter` is in [0, 1).
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random


class ServerClock:
    """Ghost's clock, as its `Date` headers tell it; ours until the first answer. Safe to share between threads."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lock = threading.Lock()
        self._least = self._most = 0.0
        self._has_answered = False

    def observe(self, date: str | None, *, sent_at: float) -> None:
        """Learn from an answer's `Date`. `sent_at` is our time when its request was sent.

        `Date` is cut to whole seconds, and was written somewhere between sending and receiving. So each answer says
        between which two values the difference lies, and all answers together say it more closely than any of them.
        An answer that contradicts the others means that a clock was set: then it alone counts.
        """
        if date is None:
            return
        try:
            served = parsedate_to_datetime(date)
        except ValueError:
            return
        if served.tzinfo is None:
            served = served.replace(tzinfo=UTC)
        least, most = served.timestamp() - self._timing.now(), served.timestamp() + 1 - sent_at
        with self._lock:
            if self._has_answered and least <= self._most and self._least <= most:
                least, most = max(least, self._least), min(most, self._most)
            self._least, self._most = least, most
            self._has_answered = True

    @property
    def has_answered(self) -> bool:
        """Whether `now` is Ghost's time rather than ours."""
        return self._has_answered

    @property
    def offset(self) -> float:
        """Seconds that Ghost's clock is ahead of ours, at the least.

        Rather too early than too late: whoever asks whether two seconds have passed since a change must not be told so
        before they have. A slow answer alone would otherwise put Ghost's clock ahead by half the time that it took.
        """
        return self._least

    def now(self) -> float:
        """Ghost's time in seconds since 1970, at the least."""
        return self._timing.now() + self.offset

    def now_utc(self) -> datetime:
        """Ghost's time as an aware datetime."""
        return datetime.fromtimestamp(self.now(), tz=UTC)


@dataclass(frozen=True, slots=True)
class AdminKey:
    """A well-formed Admin API key (or a staff access token, which has the same form). Its `repr` shows neither part."""

    id: str = field(repr=False)
    secret: bytes = field(repr=False)


_ADMIN_KEY = re.compile(r"([0-9a-f]{24}):([0-9a-f]{64})", re.IGNORECASE)
_CONTENT_KEY = re.compile(r"[0-9a-f]{26}", re.IGNORECASE)
_WHERE = "in Ghost Admin: Settings → Integrations → your custom integration → Admin API key"


def parse_admin_key(text: str) -> AdminKey:
    """Return the key that `text` holds; blanks and quotes from copying are forgiven.

    Raises `CredentialsError`, which says what is wrong with the form but never repeats any of it.
    """
    cleaned = re.sub(r"\s+", "", text).strip("\"'`")
    if not cleaned:
        raise CredentialsError("the Admin API key is empty", hint=f"set GHOST_ADMIN_API_KEY; you find it {_WHERE}")
    if match := _ADMIN_KEY.fullmatch(cleaned):
        return AdminKey(match[1].lower(), bytes.fromhex(match[2]))
    if _CONTENT_KEY.fullmatch(cleaned):
        raise CredentialsError(
            "this is a Content API key (26 hex digits): it can only read what is public",
            hint=f"use the Admin API key beside it, 24 hex digits, a colon, 64 hex digits; you find it {_WHERE}",
        )
    raise CredentialsError(
        f"the Admin API key is malformed: {_describe_fault(cleaned)}",
        hint=f"copy it again, whole; you find it {_WHERE}",
    )


def _describe_fault(cleaned: str) -> str:
    """Say how the form differs from `24 hex digits:64 hex digits`, by counts only."""
    identifier, colon, secret = cleaned.partition(":")
    if not colon:
        return f"{len(cleaned)} characters without a colon, where 24 hex digits, a colon and 64 hex digits belong"
    if len(identifier) != 24 or len(secret) != 64:
        return f"{len(identifier)} characters before the colon and {len(secret)} after it, where 24 and 64 belong"
    return "it contains characters that are not hex digits (0-9, a-f)"


class Credentials(Protocol):
    """What the transport needs to be let in."""

    def headers(self) -> Mapping[str, str]:
        """Return the headers of the next request."""
        ...

    def renew(self, refused: Mapping[str, str], error: GhostError) -> bool:
        """Say whether an exchange whose headers were `refused` is worth repeating once, with fresh ones."""
        ...


class KeyCredentials:
    """Tokens from an Admin API key, each used for at most four minutes. Safe to share between threads."""

    def __init__(self, key: AdminKey, clock: ServerClock) -> None:
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._minted_at = 0.0

    def headers(self) -> Mapping[str, str]:
        """Return `Authorization` with a token that Ghost accepts for at least another minute."""
        with self._lock:
            age = self._clock.now() - self._minted_at
            if not self._token or not -1.0 <= age < TOKEN_REUSE:
                self._mint()
            return {"Authorization": f"Ghost {self._token}"}

    def renew(self, refused: Mapping[str, str], error: GhostError) -> bool:
        """True where Ghost refused the token as such and its clock shows that a new one would be dated otherwise.

        An unknown key or a wrong signature stays refused: repeating would only be a second failed attempt in its log.
        """
        if error.status != 401 or error.code != "INVALID_JWT" or "signature" in error.message:
            return False
        with self._lock:
            if refused.get("Authorization") != f"Ghost {self._token}":
                return True  # another thread has made a new one meanwhile
            off = abs(self._clock.now() - self._minted_at)
            if off < NOTICEABLE_SKEW:
                return False
            self._token = ""
            return True

    def _mint(self) -> None:
        issued = int(self._clock.now())
        self._minted_at = float(issued)
        self._token = jwt.encode(
            {"iat": issued, "exp": issued + TOKEN_LIFE, "aud": "/admin/"},
            self._key.secret,
            algorithm="HS256",
            headers={"kid": self._key.id},
        )
