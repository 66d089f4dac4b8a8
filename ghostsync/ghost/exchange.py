"""One request and one answer, as data: how they are spelled on the wire, and what an answer amounts to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from ghostsync.errors import GhostError, Rejected
from ghostsync.ghost.faults import Asked, error_for_answer, error_for_file, not_json, said_by_ghost

QueryValue = str | int | bool | tuple[str, ...]
Query = Mapping[str, QueryValue]


class Expect(Enum):
    """What a successful answer holds."""

    JSON = "json"
    TEXT = "text"
    NOTHING = "nothing"
    BYTES = "bytes"
    """Of a public file; errors are the web server's, not Ghost's."""


class StreamBody(Protocol):
    """A request body too large to hold in memory; `rewind` makes it sendable again."""

    @property
    def content_type(self) -> str: ...
    def __len__(self) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def rewind(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request as it went over the wire, for counting and logging. `status` is None where no answer came."""

    method: str
    path: str
    status: int | None
    attempt: int
    seconds: float
    received: int
    """Bytes of the answer's body, decompressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait for a connection, and for the next byte of an answer."""

    connect: float = 10.0
    read: float = 60.0
    upload: float = 300.0
    """For uploads: Ghost answers when the picture is transformed, and media may go on to a remote store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success. `data` is the decoded JSON, or the text, or None."""

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent, without what lets us in."""

    asked: Asked
    url: str
    headers: Mapping[str, str]
    body: bytes | StreamBody | None
    expect: Expect
    on_headers: Callable[[Mapping[str, str]], None] | None = None


def read_answer(
    asked: Asked, status: int, headers: Mapping[str, str], content: bytes, expect: Expect
) -> Answer | GhostError:
    if expect is Expect.BYTES and status >= 400:
        return error_for_file(asked, status, headers)
    data, is_json = _decode(content) if expect is Expect.JSON or status >= 300 else (None, False)
    error = error_for_answer(asked, status, headers, said_by_ghost(data), is_json=is_json, content=content)
    if error is not None:
        return error
    match expect:
        case Expect.BYTES:
            return Answer(status=status, headers=headers, data=content)
        case Expect.NOTHING:
            return Answer(status=status, headers=headers, data=None)
        case Expect.TEXT:
            return Answer(status=status, headers=headers, data=content.decode("utf-8", "replace"))
        case Expect.JSON:
            if not isinstance(data, dict):
                return not_json(asked, status, headers, content)
            return Answer(status=status, headers=headers, data=data)


def _decode(content: bytes) -> tuple[object, bool]:
    try:
        return json.loads(content), True
    except ValueError:
        return None, False


def encode_query(query: Query) -> str:
    """Return `?…` for `query`, every value percent-encoded (`+` too), or nothing for an empty one."""
    flat: list[tuple[str, str]] = []
    for name, value in query.items():
        match value:
            case bool():
                flat.append((name, "true" if value else "false"))
            case tuple():
                flat.append((name, ",".join(value)))
            case _:
                flat.append((name, str(value)))
    return "?" + urlencode(flat, quote_via=quote, safe=",:") if flat else ""


def encode_payload(asked: Asked, payload: object) -> bytes:
    """Return `payload` as compact UTF-8 JSON; text that is not Unicode (a lone surrogate) is refused, not mangled."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as error:
        broken = error.object[error.start : error.start + 1]
        raise Rejected(
            f"{asked}: the text holds {broken!r}, half of a character; nothing was sent",
            hint="save the document as UTF-8",
            method=asked.method,
            path=asked.path,
        ) from None
