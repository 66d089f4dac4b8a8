"""The one place that talks HTTP to Ghost.

Its promises:

* The token goes to the configured host only: no redirect is ever followed, by reads neither (`Redirected` names the
  address to use instead). TLS is verified; plain http goes to this machine only, unless allowed.
* A request is repeated only where repeating cannot do harm:

      | what came back                         | reads        | writes                                    |
      |----------------------------------------|--------------|-------------------------------------------|
      | 429                                    | again        | again: Ghost has not looked at it         |
      | Ghost's own maintenance page           | again        | again: Ghost has not looked at it         |
      | nothing was sent (DNS, refused, TLS)   | again        | again: nothing was sent                   |
      | 401 for an expired token               | again, once  | again, once: Ghost has not looked at it   |
      | sent, no whole answer                  | again        | `OutcomeUnknown`                          |
      | 502, 503, 504, any 5xx not Ghost's own | again        | `OutcomeUnknown`                          |
      | Ghost's own 500                        | again        | `ServerFault` with `may_have_happened`    |
      | everything else                        | its error    | its error                                 |

  Whoever asked for the write decides what to do about an unknown outcome, by looking; this module cannot know.
* Waiting is bounded: capped, jittered backoff, `Retry-After` honoured up to two minutes, and under 429 everybody slows
  down (`Pace`), not only the thread that was refused. A Ghost that answered before and is gone is waited for as long
  as a restart takes, where the transport is `patient`; a wrong address is told at once.
* Asked to stop (`stop`), it sends no write again that Ghost has not looked at, and begins none that waits its turn.
  Reads go on: they find out what became of the write in flight.
* No message, `repr` or traceback holds the key or a token.

Rejected: the retry support of urllib3, which cannot be told which writes are safe, and following redirects on reads,
which would hide a wrong address until the first write.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from ghostsync import __version__
from ghostsync.errors import (
    GhostError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Redirected,
    ServerFault,
    Starting,
    Unreachable,
)
from ghostsync.ghost.address import Address, parse_address
from ghostsync.ghost.auth import Credentials, ServerClock, Timing
from ghostsync.ghost.connection import ConnectionPool, Lost, Trouble
from ghostsync.ghost.exchange import (
    Answer,
    Exchange,
    Expect,
    Query,
    Request,
    StreamBody,
    Timeouts,
    encode_payload,
    encode_query,
    read_answer,
)
from ghostsync.ghost.faults import LONGEST_RETRY_AFTER, Asked, error_for_loss
from ghostsync.ghost.pace import Pace

FIRST_BACKOFF: Final = 0.5
LONGEST_BACKOFF: Final = 20.0
"""Seconds. Doubling from the first: 0.5, 1, 2, 4, 8, 16, 20; a jitter takes away up to half."""

READ_ATTEMPTS: Final = 5
"""A fault that passes is over within the 7 seconds that four backoffs take, at their longest."""

REACH_ATTEMPTS: Final = 3
"""Nothing was sent: a wrong address should be told soon."""

PATIENT_ATTEMPTS: Final = 8
"""For a Ghost that answered before: seven backoffs are 25 to 51 seconds, and a busy machine takes 20 to boot one."""

MOST_REDIRECTS: Final = 5
"""Of a public file: from http to https, to www, to a content network, and some to spare."""

REFUSAL_ATTEMPTS: Final = 8
"""429: the server is well and asks for patience."""


class Transport:
    """Exchanges with one Ghost. Safe to share between threads; each exchange uses a connection of its own."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None,
        *,
        clock: ServerClock | None = None,
        timing: Timing | None = None,
        timeouts: Timeouts | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        is_patient: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self.address = address
        self.credentials = credentials
        self.timing = timing or Timing()
        self.clock = clock or ServerClock(self.timing)
        self.pace = Pace(self.timing)
        self._timeouts = timeouts or Timeouts()
        self._on_exchange = on_exchange
        self._is_patient = is_patient
        self._stop = stop
        self._pool = ConnectionPool(self.timing, is_loopback=address.is_loopback)
        self._lock = threading.Lock()
        self._requests = 0

    @property
    def requests(self) -> int:
        """How many requests went out so far, repeated ones included."""
        return self._requests

    def close(self) -> None:
        """Close all idle connections; the transport stays usable."""
        self._pool.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        payload: object = None,
        stream: StreamBody | None = None,
        expect: Expect = Expect.JSON,
        authenticate: bool = True,
        headers: Mapping[str, str] | None = None,
        on_headers: Callable[[Mapping[str, str]], None] | None = None,
    ) -> Answer:
        """Make one exchange and return its successful answer.

        `path` is relative to the Admin API, begins and ends with a slash and is already percent-encoded; `payload` is
        sent as JSON; `on_headers` sees the headers of every answer, refusals too. Raises what `ghostsync.ghost.faults`
        makes of the answer, per the table above.
        """
        asked = Asked(method=method, path=path, site=self.address.base.rstrip("/"))
        url = self.address.api + path.lstrip("/") + encode_query(query or {})
        sent_headers = {"Accept": "application/json", "User-Agent": f"ghostsync/{__version__}", **(headers or {})}
        body: bytes | StreamBody | None = None
        if stream is not None:
            body, sent_headers["Content-Type"] = stream, stream.content_type
        elif payload is not None:
            body, sent_headers["Content-Type"] = encode_payload(asked, payload), "application/json"
        credentials = self.credentials if authenticate else None
        request = Request(asked=asked, url=url, headers=sent_headers, body=body, expect=expect, on_headers=on_headers)
        return self._persist(request, credentials)

    def download(self, url: str) -> bytes:
        """Return what is served at `url`, a public address: it is asked without any token, so redirects are followed.

        Raises `NotFound`, `ConfigError` for an address that is not encrypted (or this machine), and what reads raise.
        """
        for _ in range(MOST_REDIRECTS):
            site = parse_address(url, allow_http=self.address.base.startswith("http:")).origin
            asked = Asked(method="GET", path=urlsplit(url).path, site=site)
            headers = {"User-Agent": f"ghostsync/{__version__}"}
            try:
                request = Request(asked=asked, url=url, headers=headers, body=None, expect=Expect.BYTES)
                return bytes(self._persist(request, None).data)
            except Redirected as redirected:
                url = urljoin(url, redirected.location)
        raise NotFound(
            f"GET {url}: redirects without end",
            hint="open the address in a browser, and correct it in Ghost",
            method="GET",
            path=urlsplit(url).path,
        )

    def _persist(self, request: Request, credentials: Credentials | None) -> Answer:
        """Make attempts until one succeeds or must not be repeated."""
        attempt, has_renewed = 0, False
        troubles: Counter[type[GhostError]] = Counter()
        while True:
            attempt += 1
            if not self.pace.wait(lambda seconds: self._rest(request.asked, seconds)):
                raise _stopped(request.asked)
            # Only now: a token must not grow old at the gate.
            authorization = {} if credentials is None else credentials.headers()
            outcome = self._attempt(request, authorization, attempt)
            if isinstance(outcome, Answer):
                self.pace.speed_up()
                return outcome
            error = outcome
            if credentials is not None and error.status in (401, 403) and not has_renewed:
                has_renewed = True
                if credentials.renew(authorization, error):
                    continue
            # Each kind of trouble has its own patience: after a long absence, one 503 more is no reason to give up.
            troubles[type(error)] += 1
            delay = self._delay_before_next(request.asked, error, troubles[type(error)])
            if delay is None:
                raise error
            if isinstance(error, RateLimited):
                self.pace.slow_down(delay)
                if self._is_stopping(request.asked):
                    raise error
            elif not self._rest(request.asked, delay):
                raise error

    def _delay_before_next(self, asked: Asked, error: GhostError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt, or None where there must be none."""
        backoff: float = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1))
        backoff *= 1 - self.timing.jitter() / 2
        match error:
            case RateLimited(retry_after=after):
                if attempt >= REFUSAL_ATTEMPTS or (after is not None and after > LONGEST_RETRY_AFTER):
                    return None
                # A little of the jitter, so that a pool does not come back in one instant.
                return backoff if after is None else after + self.timing.jitter() / 2
            case Unreachable():
                return backoff if attempt < self._most_attempts(REACH_ATTEMPTS) and not _is_final(error) else None
            case Starting(retry_after=after):
                if attempt >= self._most_attempts(READ_ATTEMPTS) or (after or 0) > LONGEST_RETRY_AFTER:
                    return None
                return max(backoff, after or 0)
            case OutcomeUnknown():
                return None
            case ServerFault(retry_after=after):
                if asked.is_write or attempt >= READ_ATTEMPTS or (after or 0) > LONGEST_RETRY_AFTER:
                    return None
                return max(backoff, after or 0)
            case _:
                return None

    def _most_attempts(self, at_first: int) -> int:
        return PATIENT_ATTEMPTS if self._is_patient and self.clock.has_answered else at_first

    def _is_stopping(self, asked: Asked) -> bool:
        return asked.is_write and self._stop is not None and self._stop.is_set()

    def _rest(self, asked: Asked, seconds: float) -> bool:
        """Wait; False where meanwhile we were asked to stop, and this write need not be sent."""
        if asked.is_write and self._stop is not None:
            return not self._stop.wait(seconds)
        self.timing.sleep(seconds)
        return True

    def _attempt(self, request: Request, authorization: Mapping[str, str], attempt: int) -> Answer | GhostError:
        """Make one request. The error is returned, not raised: whether it is final is decided elsewhere."""
        asked, read_timeout = request.asked, self._timeouts.read
        if request.body is not None and not isinstance(request.body, bytes):
            request.body.rewind()
            read_timeout = self._timeouts.upload
        with self._lock:
            self._requests += 1
        started, sent_at = self.timing.monotonic(), self.timing.now()
        with self._pool.lease() as connection:
            response = connection.exchange(
                asked.method,
                request.url,
                headers={**request.headers, **authorization},
                body=request.body,
                connect_timeout=self._timeouts.connect,
                read_timeout=read_timeout,
            )
        if self._on_exchange is not None:
            self._on_exchange(
                Exchange(
                    method=asked.method,
                    path=asked.path,
                    status=None if isinstance(response, Lost) else response.status_code,
                    attempt=attempt,
                    seconds=self.timing.monotonic() - started,
                    received=0 if isinstance(response, Lost) else len(response.content),
                )
            )
        if isinstance(response, Lost):
            return error_for_loss(asked, response)
        if "Age" not in response.headers:  # a cached answer's date is not Ghost's clock
            self.clock.observe(response.headers.get("Date"), sent_at=sent_at)
        if request.on_headers is not None:
            request.on_headers(response.headers)
        return read_answer(asked, response.status_code, response.headers, response.content, request.expect)


def _stopped(asked: Asked) -> Unreachable:
    return Unreachable(
        f"{asked}: interrupted before it was sent",
        hint="run the same command again",
        code="INTERRUPTED",
        method=asked.method,
        path=asked.path,
    )


def _is_final(error: Unreachable) -> bool:
    """A certificate or a protocol does not mend itself within a second."""
    return error.code in (Trouble.CERTIFICATE.name, Trouble.TLS.name)
