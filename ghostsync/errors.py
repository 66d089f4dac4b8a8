"""Every error that ghostsync raises on purpose, with the exit code and the hint that go with it.

    GhostsyncError                       exit  a sentence saying what; `hint` says what to do next
    ├─ ConfigError                       2     every configuration fault at once, in `problems`
    │  └─ CredentialsError               2     no key, a malformed key, a key of the wrong kind
    ├─ ContentError                      5     documents that are unreadable or invalid, in `problems`
    ├─ LockHeld                          1     another ghostsync works on this directory
    ├─ SandboxError                      1     the local Ghost could not be installed, started or found
    ├─ PlanRefused                       4     the plan may not be applied
    │  ├─ ConflictsFound                       both sides moved, or the post is somebody else's
    │  ├─ SafetyLimit                          too many deletes, an empty side, deletes beside problems
    │  └─ PlanChanged                          the reviewed plan is not the plan of this moment
    └─ GhostError                        1     an exchange with Ghost; carries method, path, status
       ├─ Unreachable                          nothing was sent
       ├─ OutcomeUnknown                       sent, no answer: the write may have happened
       ├─ NotGhost                             something answers there, but it is not Ghost's Admin API
       ├─ UnsupportedVersion                   Ghost older than 5
       ├─ Redirected                           the address answers with a redirect; use the new one
       ├─ Unauthorized                         the key was refused (401, 403, and 400 for its token)
       ├─ NotFound                             404
       ├─ UpdateCollision                      409: somebody else saved first; never retried
       ├─ Rejected                             400, 413, 415, 422: Ghost refuses this content
       ├─ RateLimited                          429, after all retries
       ├─ ServerFault                          5xx
       │  └─ Starting                          Ghost starts or is in maintenance: it has not looked at it
       └─ Mismatch                             the answer to a write is not what was asked for

Library code raises; only `ghostsync.cli` prints. A message is lower case, says where and what, gives both values
when two disagree, and never contains a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar


class ExitCode(IntEnum):
    """What the process says to the shell. When several hold, `worst_exit` decides."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    REFUSED = 4
    INVALID = 5
    BUG = 70
    INTERRUPTED = 130


# From the strongest claim on the shell's attention to the weakest.
_PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.BUG,
    ExitCode.USAGE,
    ExitCode.FAILED,
    ExitCode.INVALID,
    ExitCode.REFUSED,
    ExitCode.PENDING,
    ExitCode.DONE,
)


def worst_exit(*codes: ExitCode) -> ExitCode:
    """Return the one code to exit with when several hold: 130, 70, 2, 1, 5, 4, 3, 0, in this order."""
    return min(codes, key=_PRECEDENCE.index, default=ExitCode.DONE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something unreadable or invalid. It blocks its own path only, and every delete.

    `path` is relative to the content root (or the configuration file's name), `line` counts from 1.
    """

    path: str
    line: int | None = None
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.message}"


class GhostsyncError(Exception):
    """Base of every error that ghostsync raises on purpose."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(GhostsyncError):
    """The configuration cannot be used; `problems` holds every fault, not only the first."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str | None = None, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class CredentialsError(ConfigError):
    """No Admin API key, a malformed one, or one of the wrong kind."""


class ContentError(GhostsyncError):
    """Documents are unreadable or invalid; `problems` holds every fault."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, *, hint: str | None = None, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class LockHeld(GhostsyncError):
    """Another ghostsync works on this content directory."""


class SandboxError(GhostsyncError):
    """The local Ghost could not be installed, started or found."""


class PlanRefused(GhostsyncError):
    """The plan is complete but may not be applied."""

    exit_code = ExitCode.REFUSED


class ConflictsFound(PlanRefused):
    """Both sides moved, or the post belongs to somebody else."""


class SafetyLimit(PlanRefused):
    """The plan would remove more than a plan may without being told so."""


class PlanChanged(PlanRefused):
    """The plan that was reviewed is not the plan of this moment."""


class GhostError(GhostsyncError):
    """An exchange with Ghost that did not go as asked.

    `method` and `path` name the exchange, `status` is the HTTP status or None where no answer came, `kind` and
    `code` are Ghost's own `type` and `code`, `context` is Ghost's explanation, `details` what else Ghost said.
    `may_have_happened` is True where a write may have been carried out all the same: look before sending it again.
    `retry_after` is the number of seconds that the server asked to be left alone for, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        method: str = "",
        path: str = "",
        status: int | None = None,
        kind: str | None = None,
        code: str | None = None,
        context: str | None = None,
        details: object = None,
        may_have_happened: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.method = method
        self.path = path
        self.status = status
        self.kind = kind
        self.code = code
        self.context = context
        self.details = details
        self.may_have_happened = may_have_happened
        self.retry_after = retry_after


class Unreachable(GhostError):
    """Nothing was sent: the name does not resolve, nobody listens, TLS failed."""


class OutcomeUnknown(GhostError):
    """A write was sent and no answer came: it may have happened. Look before anything else is sent."""


class NotGhost(GhostError):
    """Something answers at this address, but it is not Ghost's Admin API."""


class UnsupportedVersion(GhostError):
    """Ghost older than 5, which has no Lexical."""


class Redirected(GhostError):
    """The address answers with a redirect, which is never followed with a token; `location` is its target."""

    def __init__(self, message: str, *, location: str, hint: str | None = None, **exchange: Any) -> None:
        super().__init__(message, hint=hint, **exchange)
        self.location = location


class Unauthorized(GhostError):
    """The key was refused."""


class NotFound(GhostError):
    """404: no such post, page or tag."""


class UpdateCollision(GhostError):
    """409: somebody else saved first. Becomes a conflict, is never retried."""


class Rejected(GhostError):
    """Ghost refuses this content (400, 413, 415, 422)."""


class RateLimited(GhostError):
    """429 after all retries."""


class ServerFault(GhostError):
    """5xx: Ghost, or what stands before it, failed."""


class Starting(ServerFault):
    """Ghost starts, or is in maintenance, and says so itself: it has not looked at the request."""


class Mismatch(GhostError):
    """The answer to a write is not what was asked for: Ghost changed or dropped something."""
