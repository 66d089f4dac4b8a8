"""Which requests a sandbox has served, read from Ghost's own log.

Ghost writes one line of JSON per request into `content/logs` when the answer has been sent or the connection has
gone. A test that says "the second push wrote nothing" counts there, on the server's side, where a client that
forgets to count cannot hide anything. A counting proxy was rejected: it would be another program between the two
that are to be tested.

A line may be written a moment after its answer was received. `RequestLog.read` therefore first sends a request of
its own with a unique query and reads until that line has arrived; since Ghost logs in the order in which it
answers, everything that was answered before is then in the file. (Requests still being served are not; for those
that a client abandoned, Ghost 6 logs status 499 as soon as it notices, Ghost 5 the status it would have sent.)
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ghostsync.errors import SandboxError
from ghostsync.sandbox import wire

# How long the log may lag behind the answer, in seconds.
_LAG = 10.0
_LOOK_EVERY = 0.005
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request that Ghost served. `path` is without the query, `milliseconds` is Ghost's own measure.

    `by_key` says whether an Authorization header came with it (an integration) rather than a cookie or nothing.
    """

    time: str
    method: str
    path: str
    query: str
    status: int
    milliseconds: int
    by_key: bool
    user_agent: str

    @property
    def is_write(self) -> bool:
        """Whether the method is one that may change something."""
        return self.method not in _READING


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLog:
    """The requests from one moment on: `mark` is a position in Ghost's log file, in bytes."""

    url: str
    path: Path
    mark: int

    def read(self) -> tuple[LoggedRequest, ...]:
        """Return every request since the mark, in the order in which Ghost answered, our own fences left out.

        Raises SandboxError when the server does not answer.
        """
        fence = f"fence-{secrets.token_hex(8)}"
        try:
            wire.ask(self.url, "GET", f"{wire.ADMIN}/site/?{_FENCE}={fence}")
        except (OSError, http.client.HTTPException) as fault:
            raise SandboxError(
                f"{self.url}: cannot read its log: {fault}", hint="`ghostsync sandbox status`"
            ) from fault
        give_up = time.monotonic() + _LAG
        while time.monotonic() < give_up:
            text = _read_from(self.path, self.mark)
            if fence in text:
                return tuple(parse_log(text.partition(fence)[0]))
            time.sleep(_LOOK_EVERY)
        raise SandboxError(f"{self.path}: ghost did not log our request within {_LAG:.0f} s")

    def writes(self) -> tuple[LoggedRequest, ...]:
        """Return the requests since the mark that may have changed something."""
        return tuple(request for request in self.read() if request.is_write)


_FENCE = "ghostsync-fence"


def log_file(content: Path, port: int) -> Path:
    """Return where Ghost logs requests: it names the file for its URL."""
    return content / "logs" / f"http___127_0_0_1_{port}_development.log"


def open_log(url: str, path: Path) -> RequestLog:
    """Return a log that begins now."""
    # Lines of earlier requests may still be on their way to the file: begin after all of them.
    RequestLog(url=url, path=path, mark=path.stat().st_size if path.exists() else 0).read()
    return RequestLog(url=url, path=path, mark=path.stat().st_size)


def parse_log(text: str) -> Iterator[LoggedRequest]:
    """Yield the requests in `text`, lines of Ghost's JSON log; other lines and unfinished ones are passed over."""
    for line in text.splitlines():
        if '"req":{' not in line:
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        request, response = entry["req"], entry.get("res", {})
        path, _, query = str(request.get("originalUrl", request["url"])).partition("?")
        if _FENCE in query:
            continue
        headers = request.get("headers", {})
        yield LoggedRequest(
            time=str(entry["time"]),
            method=str(request["method"]),
            path=path,
            query=query,
            status=int(response.get("statusCode", 0)),
            milliseconds=int(str(response.get("responseTime", "0ms")).removesuffix("ms") or 0),
            by_key="authorization" in headers,
            user_agent=str(headers.get("user-agent", "")),
        )


def _read_from(path: Path, mark: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as opened:
        opened.seek(mark)
        return opened.read().decode("utf-8", errors="replace")
