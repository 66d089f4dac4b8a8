"""Keep-alive connections, and the one thing that must be known when one breaks: had the request been sent?

"Nothing was sent" (a name that does not resolve, nobody listening, TLS refused) is harmless. "Sent, and no answer" may
have been carried out. `requests` tells the two apart only by guesswork over nested exceptions, so the connections here
say it themselves: they note the moment at which the first byte of a request is handed to an established connection.

A connection that idled close to the server's keep-alive limit (Node closes after 5 s) is opened anew instead of reused:
a request on a connection that is being closed is the commonest way to an answer that never comes.

A `requests.Session` is not safe to share between threads: each exchange leases one, and the pool grows to as many as
are ever used at once.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ghostsync.ghost.auth import Timing

DEFAULT_KEEP_ALIVE: Final = 5.0
"""Seconds: Node's default, for servers that do not say."""

KEEP_ALIVE_MARGIN: Final = 1.0
"""Seconds before the server's limit at which a connection counts as too old: half a slow round trip, generously."""


class Trouble(Enum):
    """Why there was no answer."""

    NAME = "the name does not resolve"
    REFUSED = "nobody listens there (connection refused)"
    NO_ROUTE = "there is no route to it"
    CONNECT_TIMEOUT = "it did not accept a connection in time"
    CERTIFICATE = "its TLS certificate is not valid"
    TLS = "TLS could not be negotiated"
    PROXY = "the proxy did not let the request through"
    CLOSED = "the connection was closed before an answer came"
    READ_TIMEOUT = "no answer came in time"
    CUT = "the answer broke off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An exchange without a whole answer. `was_sent`: at least one byte of the request left on a live connection."""

    trouble: Trouble
    was_sent: bool
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.trouble.value} ({self.detail})" if self.detail else self.trouble.value


class _SendNoting:
    """Mixed into urllib3's connections: tells the adapter when a request's first byte goes out."""

    adapter: _NotingAdapter
    _connecting = False

    def connect(self) -> None:
        # A proxy's CONNECT and the TLS handshake go through `send` too, but are not our request.
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        if not self._connecting:
            self.adapter.was_sent = True
        super().send(data)  # type: ignore[misc]


class _NotingAdapter(HTTPAdapter):
    """One connection, no retries of its own, and `was_sent` for the exchange at hand."""

    def __init__(self) -> None:
        self.was_sent = False
        plain = type("NotingHTTPConnection", (_SendNoting, HTTPConnection), {"adapter": self})
        tls = type("NotingHTTPSConnection", (_SendNoting, HTTPSConnection), {"adapter": self})
        self._pool_classes = {
            "http": type("NotingHTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("NotingHTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


class _HeadersOnly(AuthBase):
    """Set as the session's `auth`, so that `requests` does not look into ~/.netrc and replace the token."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Connection:
    """One leased session. Not safe to share: it belongs to whoever leased it, until it is given back."""

    def __init__(self, timing: Timing, *, is_loopback: bool) -> None:
        self._timing = timing
        self._adapter = _NotingAdapter()
        self._idle_since = 0.0
        self._keep_alive = DEFAULT_KEEP_ALIVE
        self._session = requests.Session()
        self._session.auth = _HeadersOnly()
        # Proxies and certificate bundles come from the environment as everywhere else, but this machine is never
        # reached through a proxy.
        self._session.trust_env = not is_loopback
        if is_loopback:
            self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._session.cookies.set_policy(_NoCookies())
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        body: Any,
        connect_timeout: float,
        read_timeout: float,
    ) -> requests.Response | Lost:
        """Send one request and read the whole answer, or say what was lost."""
        if self._timing.monotonic() - self._idle_since > self._keep_alive - KEEP_ALIVE_MARGIN:
            self.close()
        self._adapter.was_sent = False
        try:
            response = self._session.request(
                method,
                url,
                headers=headers,
                data=body,
                timeout=(connect_timeout, read_timeout),
                allow_redirects=False,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # Only the words leave this block: the exception holds the request, and the request holds the token.
            lost = _describe_loss(error, was_sent=self._adapter.was_sent)
            self.close()
            return lost
        except BaseException:
            self.close()  # interrupted midway: the rest of this answer must not be read as the next one
            raise
        self._idle_since = self._timing.monotonic()
        if match := re.search(r"timeout=(\d+)", response.headers.get("Keep-Alive", "")):
            self._keep_alive = float(match[1])
        return response

    def close(self) -> None:
        """Close the underlying connection; the next exchange opens a new one."""
        self._session.close()


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """Ghost's session cookies are kept by `StaffSession`, and nobody else's cookies are wanted."""

    def set_ok(self, cookie: Any, request: Any) -> bool:
        del cookie, request
        return False


class ConnectionPool:
    """Connections to lease, as many as are used at once. Safe to share between threads."""

    def __init__(self, timing: Timing, *, is_loopback: bool) -> None:
        self._timing = timing
        self._is_loopback = is_loopback
        self._idle: deque[Connection] = deque()

    @contextmanager
    def lease(self) -> Iterator[Connection]:
        """Lend a connection to this thread. The one used last comes first: it is the least likely to have aged."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = Connection(self._timing, is_loopback=self._is_loopback)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close what is idle. Connections that are leased close with their next loss or end with the process."""
        while self._idle:
            self._idle.pop().close()


def _describe_loss(error: BaseException, *, was_sent: bool) -> Lost:
    """Put a broken exchange into words that hold no object addresses and no secrets."""
    chain = tuple(_chain(error))
    if was_sent:
        if any(isinstance(one, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError) for one in chain):
            return Lost(trouble=Trouble.READ_TIMEOUT, was_sent=True)
        cut = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
        trouble = Trouble.CUT if any(isinstance(one, cut) for one in chain) else Trouble.CLOSED
        return Lost(trouble=trouble, was_sent=True)
    # From the most specific to the least: urllib3 wraps every failure to connect as a timeout, too.
    for describe in (_describe_proxy, _describe_cause, _describe_timeout):
        for one in chain:
            lost = describe(one)
            if lost is not None:
                return lost
    return Lost(trouble=Trouble.CLOSED, was_sent=False)


def _describe_proxy(error: BaseException) -> Lost | None:
    return Lost(trouble=Trouble.PROXY, was_sent=False) if isinstance(error, urllib3.exceptions.ProxyError) else None


def _describe_cause(error: BaseException) -> Lost | None:
    match error:
        case ssl.SSLCertVerificationError():
            return Lost(trouble=Trouble.CERTIFICATE, was_sent=False, detail=error.verify_message)
        case ssl.SSLError():
            detail = (error.reason or "").replace("_", " ").lower()
            return Lost(trouble=Trouble.TLS, was_sent=False, detail=detail)
        case socket.gaierror() | urllib3.exceptions.NameResolutionError():
            return Lost(trouble=Trouble.NAME, was_sent=False)
        case ConnectionRefusedError():
            return Lost(trouble=Trouble.REFUSED, was_sent=False)
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
            return Lost(trouble=Trouble.NO_ROUTE, was_sent=False)
        case _:
            return None


def _describe_timeout(error: BaseException) -> Lost | None:
    timeouts = (TimeoutError, urllib3.exceptions.ConnectTimeoutError, requests.ConnectTimeout)
    return Lost(trouble=Trouble.CONNECT_TIMEOUT, was_sent=False) if isinstance(error, timeouts) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error`, what is wrapped in it, and what it came from, outermost first, each once."""
    seen: set[int] = set()
    waiting = deque([error])
    while waiting:
        one = waiting.popleft()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        nested = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting.extend(inner for inner in nested if isinstance(inner, BaseException))
