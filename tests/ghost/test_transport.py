"""The retry table, pace, redirects and secrets of the transport, each against a server that really misbehaves."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from ghostsync.errors import (
    ConfigError,
    ExitCode,
    GhostError,
    NotFound,
    NotGhost,
    OutcomeUnknown,
    RateLimited,
    Redirected,
    Rejected,
    ServerFault,
    Unauthorized,
    Unreachable,
    UpdateCollision,
)
from ghostsync.ghost.admin import Resource
from ghostsync.ghost.auth import ServerClock, Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.exchange import Exchange, Timeouts
from ghostsync.ghost.faults import Asked, error_for_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from ghostsync.ghost.admin import AdminApi

POST = {"id": "a" * 24, "title": "x"}
ID = "a" * 24


def read(api: AdminApi) -> Any:
    return api.read(Resource.POSTS, ID)


def create(api: AdminApi) -> Any:
    return api.create(Resource.POSTS, {"title": "x"})


def update(api: AdminApi) -> Any:
    return api.update(Resource.POSTS, ID, {"title": "x", "updated_at": "2026-01-01T00:00:00.000Z"})


def delete(api: AdminApi) -> Any:
    return api.delete(Resource.POSTS, ID)


WRITES = pytest.mark.parametrize("write", [create, update, delete])


def test_reads_are_repeated_after_a_server_fault(loopback, slept) -> None:
    """A read that met 502, an HTML 503 and a 500 of Ghost's own succeeds at the fourth attempt."""
    server = loopback.serve_each(
        loopback.html(502),
        loopback.html(503),
        loopback.error(500, "An unexpected error occurred", type="InternalServerError", code="UNEXPECTED_ERROR"),
        loopback.json(200, {"posts": [POST]}),
    )
    assert read(loopback.api(server.url, time=slept)) == POST
    assert slept.slept == [0.5, 1.0, 2.0]
    assert len(server.asked) == 4


def test_reads_give_up_after_five_attempts(loopback, slept) -> None:
    """A read that only meets 503 ends as ServerFault, after bounded waiting."""
    server = loopback.serve_each(loopback.html(503))
    with pytest.raises(ServerFault) as caught:
        read(loopback.api(server.url, time=slept))
    assert caught.value.status == 503
    assert not caught.value.may_have_happened
    assert len(server.asked) == 5
    assert sum(slept.slept) <= 20


@pytest.mark.parametrize("mishap", ["CLOSE", "CUT"])
def test_reads_are_repeated_after_a_broken_connection(loopback, slept, mishap: str) -> None:
    """A read whose answer never came, or broke off, is asked again."""
    server = loopback.serve_each(getattr(loopback, mishap), loopback.json(200, {"posts": [POST]}))
    assert read(loopback.api(server.url, time=slept)) == POST


@WRITES
@pytest.mark.parametrize("mishap", ["CLOSE", "CUT"])
def test_a_write_without_an_answer_is_not_repeated(loopback, write: Callable[..., Any], mishap: str) -> None:
    """A write that was sent and not wholly answered is OutcomeUnknown, and goes out exactly once."""
    server = loopback.serve_each(getattr(loopback, mishap))
    with pytest.raises(OutcomeUnknown) as caught:
        write(loopback.api(server.url))
    assert caught.value.may_have_happened
    assert "look" in (caught.value.hint or "")
    assert len(server.asked) == 1


def test_a_write_that_times_out_is_not_repeated(loopback) -> None:
    """A write whose answer does not come in time is OutcomeUnknown."""
    server = loopback.serve_each(loopback.HANG)
    api = loopback.api(server.url, timeouts=Timeouts(connect=2.0, read=0.2, upload=0.2))
    with pytest.raises(OutcomeUnknown, match="no answer came in time"):
        create(api)
    assert len(server.asked) == 1


@WRITES
@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("kind", ["html", "ghost"])
def test_a_gateway_error_leaves_a_write_unknown(loopback, write: Callable[..., Any], status: int, kind: str) -> None:
    """502, 503 and 504 to a write may hide a write that landed, whoever says them."""
    reply = loopback.html(status) if kind == "html" else loopback.error(status, "Maintenance")
    server = loopback.serve_each(reply)
    with pytest.raises(OutcomeUnknown) as caught:
        write(loopback.api(server.url))
    assert caught.value.status == status
    assert caught.value.may_have_happened
    assert len(server.asked) == 1


def test_a_write_that_ghost_failed_must_be_looked_up(loopback) -> None:
    """Ghost's own 500 to a write is a ServerFault that says the write may have happened."""
    server = loopback.serve_each(loopback.error(500, "An unexpected error occurred", code="UNEXPECTED_ERROR"))
    with pytest.raises(ServerFault) as caught:
        create(loopback.api(server.url))
    assert caught.value.may_have_happened
    assert caught.value.code == "UNEXPECTED_ERROR"
    assert len(server.asked) == 1


def test_a_500_of_somebody_else_leaves_a_write_unknown(loopback) -> None:
    """An HTML 500 was not said by Ghost's API."""
    server = loopback.serve_each(loopback.html(500))
    with pytest.raises(OutcomeUnknown):
        create(loopback.api(server.url))


@WRITES
def test_writes_are_repeated_after_429(loopback, slept, write: Callable[..., Any]) -> None:
    """429 means that Ghost has not looked at it: any method is repeated, after the time that was asked for."""
    done = (
        loopback.Reply(status=204, headers={}, body=b"") if write is delete else loopback.json(201, {"posts": [POST]})
    )
    server = loopback.serve_each(loopback.error(429, "Too many", type="TooManyRequestsError"), done)
    server.route = _with_retry_after(server.route, "7")
    write(loopback.api(server.url, time=slept))
    assert len(server.asked) == 2
    assert sum(slept.slept) >= 7


def _with_retry_after(route: Callable[..., Any], value: str) -> Callable[..., Any]:
    def with_header(asked: Any) -> Any:
        reply = route(asked)
        if reply.status == 429:
            reply.headers["Retry-After"] = value
        return reply

    return with_header


def test_retry_after_may_be_a_date(loopback, slept) -> None:
    """A date in Retry-After is counted from the answer's own Date, not from this machine's clock."""
    refusal = loopback.html(429, Date="Mon, 23 Nov 2026 10:00:00 GMT", Retry_After="Mon, 23 Nov 2026 10:00:11 GMT")
    server = loopback.serve_each(refusal, loopback.json(200, {"posts": [POST]}))
    read(loopback.api(server.url, time=slept))
    assert slept.slept[0] == 11.0


def test_a_very_long_retry_after_is_told_not_waited_for(loopback, slept) -> None:
    """A server that wants an hour of rest gets it from the person, not from a sleeping process."""
    server = loopback.serve_each(loopback.html(429, Retry_After="3600"))
    with pytest.raises(RateLimited) as caught:
        create(loopback.api(server.url, time=slept))
    assert caught.value.retry_after == 3600
    assert caught.value.hint == "try again in 3600 s"
    assert slept.slept == []


def test_a_fault_may_name_its_time_too(loopback, slept) -> None:
    """A read that met 503 with Retry-After waits as long as it says, and not at all where that is very long."""
    server = loopback.serve_each(loopback.html(503, Retry_After="9"), loopback.json(200, {"posts": [POST]}))
    assert read(loopback.api(server.url, time=slept)) == POST
    assert slept.slept == [9.0]
    server = loopback.serve_each(loopback.html(503, Retry_After="3600"))
    with pytest.raises(ServerFault) as caught:
        read(loopback.api(server.url, time=slept))
    assert caught.value.retry_after == 3600
    assert slept.slept == [9.0]


def test_429_is_not_repeated_for_ever(loopback, slept) -> None:
    """After eight refusals RateLimited is raised."""
    server = loopback.serve_each(loopback.html(429))
    with pytest.raises(RateLimited):
        create(loopback.api(server.url, time=slept))
    assert len(server.asked) == 8


def test_one_refusal_slows_all_threads(loopback, slept) -> None:
    """After a 429 no thread sends anything before the time that was asked for is over."""
    server = loopback.serve_each(loopback.html(429, Retry_After="30"), loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url, time=slept)
    started = slept.now
    read(api)
    times: list[float] = []

    def one(_: int) -> None:
        read(api)
        times.append(slept.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(8)))
    assert min(times) >= started + 30
    assert api.transport.pace.gap > 0


def test_the_pace_recovers(loopback, slept) -> None:
    """Enough successes after a 429 bring the gap between requests back to nothing."""
    server = loopback.serve_each(loopback.html(429), loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url, time=slept)
    for _ in range(30):
        read(api)
    assert api.transport.pace.gap == 0


@WRITES
def test_409_is_never_repeated(loopback, write: Callable[..., Any]) -> None:
    """A collision is raised at once, with what Ghost says about it."""
    details = {"serverUpdatedAt": "2026-11-23T07:41:28.000Z"}
    server = loopback.serve_each(
        loopback.error(
            409,
            "Saving failed! Someone else is editing this post.",
            type="UpdateCollisionError",
            code="UPDATE_COLLISION",
            details=details,
        )
    )
    with pytest.raises(UpdateCollision) as caught:
        write(loopback.api(server.url))
    assert caught.value.details == details
    assert not caught.value.may_have_happened
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"type": "BadRequestError"}, Rejected),
        (400, {"type": "BadRequestError", "code": "INVALID_JWT"}, Unauthorized),
        (401, {"type": "UnauthorizedError", "code": "UNKNOWN_ADMIN_API_KEY"}, Unauthorized),
        (401, {"type": "UnauthorizedError", "code": "INVALID_API_KEY_TYPE"}, Unauthorized),
        (403, {"type": "NoPermissionError"}, Unauthorized),
        (403, {"type": "HostLimitError"}, Unauthorized),
        (404, {"type": "NotFoundError"}, NotFound),
        (413, {"type": "InternalServerError"}, Rejected),
        (415, {"type": "UnsupportedMediaTypeError"}, Rejected),
        (422, {"type": "ValidationError"}, Rejected),
        (501, {"type": "NotImplementedError"}, Unauthorized),
    ],
)
def test_each_refusal_has_its_class_and_hint(loopback, status: int, error: dict[str, str], expected: type) -> None:
    """Every refusal of Ghost's becomes one class, and carries method, path, status, words and a hint."""
    server = loopback.serve_each(loopback.error(status, "It cannot be.", context="Because of this.", **error))
    with pytest.raises(GhostError) as caught:
        update(loopback.api(server.url))
    fault = caught.value
    assert type(fault) is expected
    assert (fault.method, fault.path, fault.status) == ("PUT", f"/posts/{ID}/", status)
    assert (fault.kind, fault.code, fault.context) == (error["type"], error.get("code"), "Because of this.")
    words, what = "It cannot be. Because of this", f"PUT /posts/{ID}/"
    is_about_the_key = status == 401 or error.get("code") == "INVALID_JWT"
    of_the_key = f"{server.url.rstrip('/')} refuses the key: {words} ({what})"
    assert str(fault) == (of_the_key if is_about_the_key else f"{what}: {words}")
    assert fault.hint
    assert fault.exit_code is ExitCode.FAILED
    assert not fault.may_have_happened


def test_a_proxys_413_is_told_as_such(loopback) -> None:
    """An HTML 413 of nginx names the setting to raise."""
    server = loopback.serve_each(loopback.html(413))
    with pytest.raises(Rejected) as caught:
        create(loopback.api(server.url))
    assert "client_max_body_size" in (caught.value.hint or "")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("act", [read, create, update, delete])
def test_redirects_are_never_followed(loopback, status: int, act: Callable[..., Any]) -> None:
    """Neither the token nor the request reaches a redirect's target; the error names the address to use."""
    target = loopback.serve_each(loopback.json(200, {"posts": [POST]}))
    location = f"http://127.0.0.1:{target.port}/blog/ghost/api/admin/posts/?x=1"
    server = loopback.serve_each(loopback.html(status, Location=location))
    with pytest.raises(Redirected) as caught:
        act(loopback.api(server.url))
    assert target.asked == []
    assert caught.value.location == location
    assert caught.value.hint == f"use http://127.0.0.1:{target.port}/blog as the site's address"


def test_nobody_listens(loopback, slept) -> None:
    """A refused connection is Unreachable, for writes too: nothing was sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Unreachable, match="connection refused") as caught:
        create(loopback.api(url, time=slept))
    assert not caught.value.may_have_happened
    assert caught.value.status is None
    assert len(slept.slept) == 2


def test_a_name_that_does_not_resolve(loopback) -> None:
    """An unknown host is Unreachable and says so."""
    with pytest.raises(Unreachable, match="does not resolve"):
        create(loopback.api("https://no-such-host.invalid"))


def test_https_to_a_port_that_speaks_http(loopback, slept) -> None:
    """TLS that cannot be negotiated is Unreachable, and final: it does not mend itself."""
    server = loopback.serve_each(loopback.html(200))
    with pytest.raises(Unreachable, match="TLS"):
        create(loopback.api(server.url.replace("http:", "https:"), time=slept))
    assert slept.slept == []


SELF_SIGNED = Path(__file__).with_name("selfsigned.pem")


def test_a_certificate_that_nobody_vouches_for(loopback, slept, monkeypatch) -> None:
    """An invalid certificate is Unreachable, at once, and neither token nor request reaches such a server."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    server = loopback.serve(lambda asked: loopback.json(200, {"posts": [POST]}), certificate=SELF_SIGNED)
    with pytest.raises(Unreachable, match="certificate is not valid") as caught:
        create(loopback.api(server.url, time=slept))
    assert server.asked == []
    assert slept.slept == []
    assert "REQUESTS_CA_BUNDLE" in (caught.value.hint or "")


def test_a_certificate_that_is_vouched_for(loopback, monkeypatch) -> None:
    """The control: with the certificate's authority named, the same server is spoken to."""
    server = loopback.serve(lambda asked: loopback.json(200, {"posts": [POST]}), certificate=SELF_SIGNED)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(SELF_SIGNED))
    assert read(loopback.api(server.url)) == POST


def test_a_proxy_that_refuses(loopback, slept, monkeypatch) -> None:
    """A proxy that does not let us through is Unreachable, and sees neither token nor request."""
    proxy = loopback.serve_each(loopback.json(200, {"posts": [POST]}))
    for name, value in (("HTTPS_PROXY", proxy.url), ("https_proxy", proxy.url), ("NO_PROXY", ""), ("no_proxy", "")):
        monkeypatch.setenv(name, value)
    with pytest.raises(Unreachable, match="proxy") as caught:
        create(loopback.api("https://ghost.example", time=slept))
    assert {(asked.method, asked.path) for asked in proxy.asked} == {("CONNECT", "ghost.example:443")}
    assert "HTTPS_PROXY" in (caught.value.hint or "")


def test_a_write_on_a_connection_that_died_is_unknown(loopback) -> None:
    """A reused connection that closes under a write is ambiguous, and treated so."""
    server = loopback.serve_each(loopback.json(200, {"posts": [POST]}), loopback.CLOSE)
    api = loopback.api(server.url)
    read(api)
    with pytest.raises(OutcomeUnknown):
        create(api)
    assert server.asked[0].connection == server.asked[1].connection, "the connection should have been reused"


def test_an_aged_connection_is_not_reused(loopback, slept) -> None:
    """After nearly the server's keep-alive time a new connection is opened instead of risking a dying one."""
    server = loopback.serve_each(loopback.json(200, {"posts": [POST]}, Keep_Alive="timeout=5"))
    api = loopback.api(server.url, time=slept)
    read(api)
    slept.now += 3
    read(api)
    slept.now += 4.5
    read(api)
    first, second, third = (asked.connection for asked in server.asked)
    assert first == second
    assert third != second


def test_plain_http_to_another_machine_is_refused_before_connecting(loopback) -> None:
    """http:// to anything but this machine is a configuration error; allowing it is explicit."""
    with pytest.raises(ConfigError, match="not encrypted") as caught:
        loopback.api("http://example.com")
    assert caught.value.exit_code is ExitCode.USAGE
    assert "https://example.com" in (caught.value.hint or "")
    loopback.api("http://example.com", allow_http=True)


def test_no_secret_in_any_error(loopback) -> None:
    """Neither key nor token is in message, repr, hint, arguments or the printed traceback of any error."""
    replies = [
        loopback.CLOSE,
        loopback.CUT,
        loopback.html(403),
        loopback.html(302, Location="https://elsewhere.example/"),
        loopback.error(401, "Invalid token: invalid signature", code="INVALID_JWT"),
        loopback.error(500, "no"),
    ]
    for reply in replies:
        server = loopback.serve_each(reply)
        api = loopback.api(server.url)
        with pytest.raises(GhostError) as caught:
            create(api)
        token = server.asked[0].headers["Authorization"].removeprefix("Ghost ")
        fault = caught.value
        assert fault.__cause__ is None
        assert fault.__context__ is None
        printed = "".join(traceback.format_exception(fault)) + repr(fault) + str(fault.args) + str(fault.hint)
        printed += repr(api.transport.credentials) + repr(vars(fault))
        for secret in (token, token.split(".")[2], *loopback.secrets):
            assert secret not in printed


def test_netrc_does_not_replace_the_token(loopback, tmp_path, monkeypatch) -> None:
    """A ~/.netrc entry for the host is ignored; `requests` would put it in place of the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ghost.example login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    proxy = loopback.serve_each(loopback.json(200, {"posts": [POST]}))  # another machine's stand-in
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert read(loopback.api("http://ghost.example", allow_http=True)) == POST
    assert proxy.asked[0].path.startswith("http://ghost.example/ghost/api/admin/posts/")
    assert proxy.asked[0].headers["Authorization"].startswith("Ghost ")


def test_a_proxy_is_not_used_for_this_machine(loopback, monkeypatch) -> None:
    """Proxies from the environment are not asked for loopback."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server = loopback.serve_each(loopback.json(200, {"posts": [POST]}))
    assert read(loopback.api(server.url)) == POST


def test_every_request_is_counted_and_told(loopback) -> None:
    """The hook sees each request that went out, repeated ones and lost ones too."""
    seen: list[Exchange] = []
    server = loopback.serve_each(loopback.CLOSE, loopback.html(502), loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url, on_exchange=seen.append)
    read(api)
    assert [(one.method, one.status, one.attempt) for one in seen] == [
        ("GET", None, 1),
        ("GET", 502, 2),
        ("GET", 200, 3),
    ]
    assert api.transport.requests == 3


def test_connections_are_kept_and_shared_out_to_threads(loopback) -> None:
    """Forty reads by four threads use at most four connections."""
    server = loopback.serve_each(loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url)
    barrier = threading.Barrier(4)

    def some(_: int) -> None:
        barrier.wait(5)
        for _ in range(10):
            read(api)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(some, range(4)))
    assert len(server.asked) == 40
    assert len({asked.connection for asked in server.asked}) <= 4


def test_half_a_character_is_refused_before_sending(loopback) -> None:
    """A lone surrogate cannot be sent as UTF-8; nothing goes out."""
    server = loopback.serve_each(loopback.json(201, {"posts": [POST]}))
    with pytest.raises(Rejected, match="half of a character"):
        loopback.api(server.url).create(Resource.POSTS, {"title": "a\ud800b"})
    assert server.asked == []


def test_a_readable_answer_that_is_not_ghosts(loopback) -> None:
    """A 200 with a web page is NotGhost, and to a write it says that the write may have happened."""
    server = loopback.serve_each(loopback.html(200))
    with pytest.raises(NotGhost) as caught:
        create(loopback.api(server.url))
    assert caught.value.may_have_happened
    with pytest.raises(NotGhost) as caught:
        read(loopback.api(server.url))
    assert not caught.value.may_have_happened


def test_a_connection_survives_an_interrupt(loopback) -> None:
    """A read interrupted while its answer is under way does not leave that answer to be read as the next one's."""

    def route(asked: Any) -> Any:
        if len(server.asked) == 1:
            os.kill(os.getpid(), signal.SIGINT)
            return loopback.HANG
        return loopback.json(200, {"posts": [POST]})

    server = loopback.serve(route)
    api = loopback.api(server.url, timeouts=Timeouts(connect=5.0, read=15.0, upload=15.0))
    # A process started in the background inherits an ignored SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            read(api)
    finally:
        signal.signal(signal.SIGINT, before)
    assert read(api) == POST
    assert server.asked[0].connection != server.asked[1].connection


MAINTENANCE = "<html><head>\n<title>We’ll be right back</title></head><body></body></html>"


@WRITES
def test_a_write_waits_for_a_ghost_that_says_it_is_starting(loopback, slept, write: Callable[..., Any]) -> None:
    """Ghost's own maintenance page comes before anything was looked at: any method is repeated."""
    done = (
        loopback.Reply(status=204, headers={}, body=b"") if write is delete else loopback.json(201, {"posts": [POST]})
    )
    server = loopback.serve_each(loopback.html(503, MAINTENANCE), loopback.html(503, MAINTENANCE), done)
    write(loopback.api(server.url, time=slept))
    assert len(server.asked) == 3
    server = loopback.serve_each(loopback.error(503, "Please wait.", type="MaintenanceError"), done)
    write(loopback.api(server.url, time=slept))
    assert len(server.asked) == 2


@WRITES
def test_a_503_of_somebody_else_leaves_a_write_unknown(loopback, slept, write: Callable[..., Any]) -> None:
    """Networks in front of Ghost say 503 after Ghost has worked, too: such a write is not repeated."""
    server = loopback.serve_each(loopback.html(503, "<title>503 first byte timeout</title>"))
    with pytest.raises(OutcomeUnknown):
        write(loopback.api(server.url, time=slept))
    assert len(server.asked) == 1


def test_a_ghost_that_answered_before_is_waited_for(loopback, slept) -> None:
    """Patient transports outwait a restart: refused connections, then the maintenance page, then it is there."""
    server = loopback.serve_each(loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url, time=slept, is_patient=True)
    read(api)
    api.transport.close()
    server.close()
    loopback.servers.remove(server)
    with pytest.raises(Unreachable):
        create(api)
    assert len(slept.slept) == 7
    assert 25 <= sum(slept.slept) <= 60
    api = loopback.api(server.url, time=slept, is_patient=True)
    with pytest.raises(Unreachable):
        create(api)
    assert len(slept.slept) == 7 + 2, "an address that never answered is told soon"


def test_after_a_long_absence_one_fault_more_is_no_reason_to_give_up(loopback, slept) -> None:
    """Each kind of trouble has its own patience."""
    faults = [loopback.CLOSE] * 4 + [loopback.html(503, MAINTENANCE)] * 4 + [loopback.html(429)] * 4
    server = loopback.serve_each(*faults, loopback.json(200, {"posts": [POST]}))
    assert read(loopback.api(server.url, time=slept)) == POST


def test_json_that_breaks_off_unnoticed_is_read_again(loopback, slept) -> None:
    """Where nobody on the way says how long an answer is, only its text tells that half of it is missing."""
    half = loopback.Reply(status=200, headers={"Content-Type": "application/json"}, body=b'{"posts":[{"id":')
    server = loopback.serve_each(half, loopback.json(200, {"posts": [POST]}))
    assert read(loopback.api(server.url, time=slept)) == POST
    server = loopback.serve_each(half)
    with pytest.raises(OutcomeUnknown):
        update(loopback.api(server.url, time=slept))


def test_a_token_does_not_grow_old_at_the_gate(loopback, slept) -> None:
    """The token of a request that waited its turn is made after the wait, not before it."""
    refusal = loopback.html(429, Retry_After="119")
    server = loopback.serve_each(*[refusal] * 5, loopback.json(200, {"posts": [POST]}))
    api = loopback.api(server.url, time=slept)
    sent: list[float] = []
    route = server.route

    def noting(asked: Any) -> Any:
        token = jwt.decode(asked.headers["Authorization"].removeprefix("Ghost "), options={"verify_signature": False})
        sent.append(slept.now - token["iat"])
        reply = route(asked)
        reply.headers["Date"] = format_datetime(datetime.fromtimestamp(slept.now, tz=UTC), usegmt=True)
        return reply

    server.route = noting
    read(api)
    assert len(sent) == 6
    assert max(sent) <= 241


def test_asked_to_stop_no_write_is_sent_that_waits(loopback) -> None:
    """A write that was refused is not sent again after the stop, one that waits its turn is not sent at all."""
    stop = threading.Event()

    def route(asked: Any) -> Any:
        stop.set()
        return loopback.html(429, Retry_After="60")

    server = loopback.serve(route)
    api = loopback.api(server.url, stop=stop)
    with pytest.raises(RateLimited):
        create(api)
    with pytest.raises(Unreachable, match="interrupted before it was sent"):
        create(api)
    assert len(server.asked) == 1


def test_a_wait_ends_when_asked_to_stop(loopback) -> None:
    """Whoever presses Ctrl-C does not sit out the minute that a server asked for."""
    stop = threading.Event()
    server = loopback.serve_each(loopback.html(429, Retry_After="100"))
    api = connect(server.url, loopback.key, timing=Timing(), stop=stop)
    loopback.apis.append(api)
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    before = time.monotonic()
    with pytest.raises((RateLimited, Unreachable)):
        create(api)
    timer.join()
    assert time.monotonic() - before < 20


def test_reads_go_on_after_a_stop(loopback, slept) -> None:
    """What became of the write in flight must still be found out."""
    stop = threading.Event()
    stop.set()
    server = loopback.serve_each(
        loopback.CLOSE, loopback.html(503), loopback.html(429, Retry_After="1"), loopback.json(200, {"posts": [POST]})
    )
    assert read(loopback.api(server.url, time=slept, stop=stop)) == POST


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, NotFound), (410, NotFound), (429, RateLimited), (500, ServerFault), (502, ServerFault),
        (503, ServerFault), (401, Rejected), (403, Rejected), (418, Rejected),
    ],
)  # fmt: skip
def test_a_public_file_that_is_not_served(status: int, expected: type) -> None:
    """Gone is told from what may be served in a minute: only the one may be sent again."""
    asked = Asked(method="GET", path="/content/images/a.png", site="https://site.test")
    error = error_for_file(asked, status, {"Retry-After": "7"})
    assert type(error) is expected
    assert (error.status, error.retry_after, error.may_have_happened) == (status, 7.0, False)


def test_many_threads_get_through_a_narrow_gate(loopback) -> None:
    """Eight threads and a server that takes ten requests a second: nobody gives up, and few are refused."""
    lock = threading.Lock()
    allowance = [time.monotonic(), 3.0]

    def route(asked: Any) -> Any:
        with lock:
            now = time.monotonic()
            allowance[1] = min(3.0, allowance[1] + (now - allowance[0]) * 10)
            allowance[0] = now
            if allowance[1] < 1:
                return loopback.html(429, Retry_After="0.2")
            allowance[1] -= 1
        return loopback.json(200, {"posts": [POST]})

    server = loopback.serve(route)
    api = connect(server.url, loopback.key, timing=Timing(), is_patient=True)
    loopback.apis.append(api)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: read(api), range(25))) == [POST] * 25
    assert len(server.asked) <= 60


@pytest.mark.parametrize("ahead", [-600.0, 0.0, 600.0])
def test_ghosts_clock_is_never_thought_later_than_it_is(ahead: float) -> None:
    """Slow answers, fast ones, whichever: the estimate stays below the truth, and comes within a second of it."""
    ours = [1_800_000_000.25]
    clock = ServerClock(Timing(now=lambda: ours[0]))

    def exchange(before: float, after: float) -> None:
        sent_at = ours[0]
        ours[0] += before
        date = format_datetime(datetime.fromtimestamp(int(ours[0] + ahead), tz=UTC), usegmt=True)
        ours[0] += after
        clock.observe(date, sent_at=sent_at)
        assert clock.now() <= ours[0] + ahead

    exchange(9.0, 0.1)
    for _ in range(10):
        exchange(0.05, 0.06)
        ours[0] += 0.23
    assert ours[0] + ahead - clock.now() < 0.4
    ours[0] += 3600  # our clock is set
    ahead -= 3600
    exchange(0.05, 0.06)
    assert abs(ours[0] + ahead - clock.now()) < 1.2


def test_a_download_that_is_redirected_carries_no_token(loopback) -> None:
    """Public files are asked for without a token, at the site and wherever it sends us."""
    target = loopback.serve_each(loopback.html(200, "the file"))
    server = loopback.serve_each(loopback.html(302, Location=f"{target.url}/file.png"))
    api = loopback.api(server.url)
    assert api.transport.download(f"{server.url}/content/images/file.png") == b"the file"
    sent = {name.lower() for asked in (*server.asked, *target.asked) for name in asked.headers}
    assert not sent & {"authorization", "cookie"}
