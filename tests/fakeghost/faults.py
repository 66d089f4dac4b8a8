"""Errors as Ghost words them, and the faults of the road that a test can order.

`GhostFault` is an answer: it has a status and Ghost's JSON. A `Cut` is the absence of one: the connection breaks,
before the request was understood or after its effect was committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

# Ghost keeps the true text in `context` and puts these in `message`, once a controller was reached.
_GENERIC = {
    "ValidationError": "Validation error",
    "NotFoundError": "Resource not found error",
    "BadRequestError": "Request not understood error",
    "NoPermissionError": "Permission error",
    "IncorrectUsageError": "Incorrect usage error",
    "InternalServerError": "Internal server error",
    "UnsupportedMediaTypeError": "Unsupported media error",
    "UnauthorizedError": "Authorisation error",
}
_VERBS = {"browse": "list", "read": "read", "add": "save", "edit": "edit", "destroy": "delete"}


@dataclass(kw_only=True)
class GhostFault(Exception):  # an exception must stay mutable: Python writes its traceback into it
    """One error of Ghost's; `detail` is what its `details` key holds."""

    status: int
    kind: str
    message: str
    context: str | None = None
    code: str | None = None
    prop: str | None = None
    detail: Any = None
    hint: str | None = None

    def body(self, *, method: str | None, resource: str | None, error_id: str) -> bytes:
        """Ghost's JSON. `method` and `resource` name the controller that was reached, None before that."""
        message, context = self.message, self.context
        if method in _VERBS and resource is not None:
            context = f"{self.message} {self.context}" if self.context else self.message
            if self.kind == "UpdateCollisionError":
                message = "Saving failed! Someone else is editing this post."
            elif self.kind == "EmailError":
                message = "Error sending email!"
            elif self.kind in _GENERIC:
                noun = resource if method == "browse" else resource.removesuffix("s")
                message = f"{_GENERIC[self.kind]}, cannot {_VERBS[method]} {noun}."
        error = {
            "message": message,
            "context": context,
            "type": self.kind,
            "details": self.detail,
            "property": self.prop,
            "help": self.hint,
            "code": self.code,
            "id": error_id,
            "ghostErrorCode": None,
        }
        return json.dumps({"errors": [error]}).encode()


def invalid(
    message: str, *, context: str | None = None, prop: str | None = None, detail: Any = None, hint: str | None = None
) -> GhostFault:
    return GhostFault(
        status=422, kind="ValidationError", message=message, context=context, prop=prop, detail=detail, hint=hint
    )


def missing(message: str) -> GhostFault:
    return GhostFault(status=404, kind="NotFoundError", message=message)


def bad_request(message: str, *, context: str | None = None) -> GhostFault:
    return GhostFault(status=400, kind="BadRequestError", message=message, context=context)


def unexpected(context: str) -> GhostFault:
    """What a database error becomes."""
    return GhostFault(
        status=500,
        kind="InternalServerError",
        message="An unexpected error occurred, please try again.",
        context=context,
        code="UNEXPECTED_ERROR",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived; `number` counts from 1 over the life of the server."""

    number: int
    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body of a response; `delay` is how many seconds it lets the client wait."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0

    def json(self) -> Any:
        return json.loads(self.body)


class Moment(Enum):
    """When a connection broke, as the client can tell."""

    REFUSED = "refused"  # nothing was sent: the connection could not be made
    BEFORE = "before"  # the request was sent, and lost before it had an effect
    AFTER = "after"  # the effect is committed, the answer is lost
    MIDWAY = "midway"  # the effect is committed, half of the answer arrives
    STALLED = "stalled"  # the request was sent, and nothing comes back until the client gives up


@dataclass(kw_only=True)
class Cut(Exception):
    """No answer. `answer` is the one that was lost, when there was one."""

    moment: Moment
    answer: Answer | None = None


Matcher: TypeAlias = Callable[[Request], bool]


@dataclass(kw_only=True)
class Order:
    """A fault that a test asked for: it strikes the next `times` requests that `matches` accepts."""

    matches: Matcher
    strike: Callable[[Answer | None], Answer]  # may raise Cut
    after_commit: bool
    times: int


def too_many(retry_after: float = 1) -> Answer:
    """429 as an edge server in front of Ghost sends it."""
    body = {"errors": [{"message": "Too many requests.", "type": "TooManyRequestsError"}]}
    return Answer(
        status=429,
        headers={"Retry-After": f"{retry_after:g}", "Content-Type": "application/json; charset=utf-8"},
        body=json.dumps(body).encode(),
    )


def html_page(status: int, title: str, head: str | None = None) -> Answer:
    """A page; its `<title>` is `head` where that is given."""
    text = head or f"{status} {title}"
    page = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status=status, headers={"Content-Type": "text/html; charset=utf-8"}, body=page.encode())


def bad_gateway() -> Answer:
    """502 in HTML: nginx in front of a Ghost that is away."""
    return html_page(502, "Bad Gateway")


def maintenance() -> Answer:
    """503 in HTML without Retry-After: Ghost itself while it starts."""
    return html_page(503, "", "We’ll be right back")


def too_large() -> Answer:
    """413 in HTML: nginx with a body limit."""
    return html_page(413, "Request Entity Too Large")


def server_error() -> Answer:
    """500 in Ghost's own JSON."""
    body = unexpected("SQLITE_BUSY: database is locked").body(method=None, resource=None, error_id="fault")
    return Answer(status=500, headers={"Content-Type": "application/json; charset=utf-8"}, body=body)


def cut(moment: Moment = Moment.BEFORE) -> Cut:
    """A broken connection, to be ordered like an answer."""
    return Cut(moment=moment)
