"""Every way in which the first contact with a Ghost goes wrong: its own error, with a hint, and its exit code."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import jwt
import pytest

from ghostsync.errors import (
    ConfigError,
    CredentialsError,
    ExitCode,
    GhostError,
    NotGhost,
    Redirected,
    Unauthorized,
    Unreachable,
    UnsupportedVersion,
)
from ghostsync.ghost.address import parse_address, site_of
from ghostsync.ghost.admin import Resource
from ghostsync.ghost.auth import parse_admin_key

SITE = {"site": {"title": "Imitated", "url": "https://imitated.example/", "version": "6.65"}}
EMPTY = {"posts": [], "meta": {"pagination": {"page": 1, "pages": 1, "limit": 15, "total": 0}}}


def check_paragraph(fault: Any, exit_code: ExitCode) -> None:
    """Every error is one paragraph, has a hint of its own, and an exit code."""
    assert fault.exit_code is exit_code
    assert fault.hint
    assert "\n" not in fault.message
    assert "object at 0x" not in fault.message


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "is empty"),
        ("abc", "3 characters without a colon"),
        ("0123456789abcdef01234567:abcd", "24 characters before the colon and 4 after it"),
        ("0123456789abcdef0123456z:" + "ab" * 32, "characters that are not hex digits"),
        ("0123456789abcdef0123456789", "Content API key"),
    ],
)
def test_a_malformed_key_says_what_is_wrong_with_it(key: str, said: str) -> None:
    """A malformed key, or a Content API key, is told by its form, without repeating any of it."""
    with pytest.raises(CredentialsError, match=said) as caught:
        parse_admin_key(key)
    check_paragraph(caught.value, ExitCode.USAGE)
    if key:
        assert key not in f"{caught.value.message} {caught.value.hint}"
        assert key.split(":", maxsplit=1)[0] not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("pasted", ["  {}\n", '"{}"', "{}\r\n", "'{}' ", " {} \t"])
def test_a_key_pasted_with_blanks_or_quotes_is_understood(loopback, pasted: str) -> None:
    """What copying adds around a key is forgiven, and so is a line break within."""
    expected = parse_admin_key(loopback.key)
    assert parse_admin_key(pasted.format(loopback.key)) == expected
    assert parse_admin_key(loopback.key.replace(":", ":\n  ")) == expected
    assert parse_admin_key(loopback.key.upper()) == expected
    assert loopback.key[:24] not in repr(expected)


def test_a_wrong_key_is_told(loopback) -> None:
    """A key that Ghost does not know, or whose secret is wrong, is Unauthorized and says which."""
    for code, message, hint in (
        ("UNKNOWN_ADMIN_API_KEY", "Unknown Admin API Key", "deleted, or the key is another site's"),
        ("INVALID_JWT", "Invalid token: invalid signature", "the part of the key after the colon is wrong"),
        ("INVALID_API_KEY_TYPE", "Invalid API Key type", "this is a Content API key"),
    ):
        server = loopback.serve_each(loopback.error(401, message, type="UnauthorizedError", code=code))
        with pytest.raises(Unauthorized, match=message) as caught:
            loopback.api(server.url).page(Resource.POSTS)
        check_paragraph(caught.value, ExitCode.FAILED)
        assert hint in (caught.value.hint or "")
        assert len(server.asked) == 1, "a wrong key must not be tried again"


def test_an_unreachable_host_is_told(loopback) -> None:
    """Nobody listening, and a name that does not exist, are Unreachable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for unreachable in (url, "https://no-such-host.invalid"):
        with pytest.raises(Unreachable) as caught:
            loopback.api(unreachable).site()
        check_paragraph(caught.value, ExitCode.FAILED)
        assert unreachable in caught.value.message


@pytest.mark.parametrize("kind", ["page", "404", "json", "empty json", "other json", "password", "firewall"])
def test_a_host_that_is_not_ghost_is_told(loopback, kind: str) -> None:
    """Another program, a web server's own pages and foreign JSON are NotGhost."""
    reply = {
        "page": loopback.html(200),
        "404": loopback.html(404),
        "json": loopback.json(200, {"hello": "world"}),
        "empty json": loopback.json(200, []),
        "other json": loopback.json(404, {"error": "not found"}),
        "password": loopback.html(401, WWW_Authenticate='Basic realm="x"'),
        "firewall": loopback.html(403),
    }[kind]
    server = loopback.serve_each(reply)
    for act in (lambda api: api.site(), lambda api: api.page(Resource.POSTS)):
        with pytest.raises(NotGhost) as caught:
            act(loopback.api(server.url))
        check_paragraph(caught.value, ExitCode.FAILED)


def imitate_ghost_4(loopback: Any, version: str) -> Any:
    """Serve what a Ghost with versions in its paths answers."""

    def route(asked: Any) -> Any:
        if asked.path.startswith("/ghost/api/canary/admin/site/"):
            return loopback.json(200, {"site": {"title": "Old", "url": "http://old.example/", "version": version}})
        return loopback.error(404, "Resource not found", type="NotFoundError")

    return loopback.serve(route)


@pytest.mark.parametrize("version", ["4.48", "3.42", "2.38"])
def test_an_old_ghost_is_told(loopback, version: str) -> None:
    """A Ghost 4 (its answers imitated) is UnsupportedVersion, whatever is asked first."""
    server = imitate_ghost_4(loopback, version)
    for act in (lambda api: api.site(), lambda api: api.page(Resource.POSTS), lambda api: api.count(Resource.TAGS)):
        with pytest.raises(UnsupportedVersion, match=f"Ghost {version}; ghostsync needs Ghost 5") as caught:
            act(loopback.api(server.url))
        check_paragraph(caught.value, ExitCode.FAILED)
        assert "ghost update" in (caught.value.hint or "")


def test_the_first_ghost_5_with_the_old_answers_in_the_new_place(loopback) -> None:
    """An old version under the new path is refused as well; 5 and later are let through."""
    server = loopback.serve_each(loopback.json(200, {"site": {"version": "4.99"}}))
    with pytest.raises(UnsupportedVersion):
        loopback.api(server.url).site()
    server = loopback.serve_each(loopback.json(200, {"site": {"version": "7.0"}}))
    assert loopback.api(server.url).site()["version"] == "7.0"


def test_a_redirecting_address_is_told(loopback) -> None:
    """An address that redirects names the one to use; nothing is sent there."""
    target = loopback.serve_each(loopback.json(200, SITE))

    def route(asked: Any) -> Any:
        return loopback.html(301, Location=f"{target.url}{asked.path}")

    server = loopback.serve(route)
    with pytest.raises(Redirected) as caught:
        loopback.api(server.url).site()
    check_paragraph(caught.value, ExitCode.FAILED)
    assert caught.value.hint == f"use {target.url} as the site's address"
    assert target.asked == []


def gate(loopback: Any, server_time: float) -> Any:
    """Serve like Ghost: a token is good for five minutes after its `iat`, by the server's own clock."""

    def route(asked: Any) -> Any:
        date = formatdate(server_time, usegmt=True)
        scheme, _, token = asked.headers.get("Authorization", " ").partition(" ")
        claims = jwt.decode(
            token, bytes.fromhex(loopback.key.split(":")[1]), algorithms=["HS256"], audience="/admin/",
            options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip
        if scheme != "Ghost" or claims["iat"] + 300 <= server_time or claims["exp"] <= server_time:
            reply = loopback.error(401, "Invalid token: jwt expired", type="UnauthorizedError", code="INVALID_JWT")
        else:
            reply = loopback.json(200 if asked.method == "GET" else 201, {**EMPTY, "posts": [{"id": "a" * 24}]})
        reply.headers["Date"] = date
        return reply

    return loopback.serve(route)


@pytest.mark.parametrize("minutes", [-600, -10, 0, 10, 600])
def test_a_wrong_clock_just_works(loopback, slept, minutes: int) -> None:
    """A machine whose clock is minutes or hours off, either way, gets through, with at most one more request."""
    server = gate(loopback, slept.now + 60 * minutes)
    api = loopback.api(server.url, time=slept)
    api.page(Resource.POSTS)
    assert len(server.asked) == (2 if minutes > 0 else 1)
    assert abs(api.transport.clock.now() - (slept.now + 60 * minutes)) <= 1
    before = len(server.asked)
    api.create(Resource.POSTS, {"title": "x"})
    assert len(server.asked) == before + 1, "the correction is remembered"


def test_a_wrong_clock_works_for_a_write_as_the_first_request(loopback, slept) -> None:
    """A write that is refused for its token has not happened, and is sent once more."""
    server = gate(loopback, slept.now + 600)
    loopback.api(server.url, time=slept).create(Resource.POSTS, {"title": "x"})
    assert [asked.method for asked in server.asked] == ["POST", "POST"]


def test_a_wrong_clock_works_for_a_whole_pool(loopback, slept) -> None:
    """Threads that are refused at the same time all get through with the corrected clock."""
    server = gate(loopback, slept.now + 600)
    api = loopback.api(server.url, time=slept)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: api.page(Resource.POSTS), range(16)))


def test_a_clock_that_cannot_be_corrected_is_told(loopback, slept) -> None:
    """Where tokens stay expired although the clocks agree, the error speaks of clocks, after one more try at most."""
    refusal = loopback.error(401, "Invalid token: jwt expired", type="UnauthorizedError", code="INVALID_JWT")
    refusal.headers["Date"] = formatdate(slept.now + 3600, usegmt=True)
    server = loopback.serve_each(refusal)
    with pytest.raises(Unauthorized) as caught:
        loopback.api(server.url, time=slept).page(Resource.POSTS)
    check_paragraph(caught.value, ExitCode.FAILED)
    assert "clock" in (caught.value.hint or "")
    assert len(server.asked) == 2


def test_tokens_are_reused_for_four_minutes(loopback, slept) -> None:
    """One token serves all requests of four minutes, then a new one is made before Ghost would refuse it."""

    def route(asked: Any) -> Any:
        reply = loopback.json(200, EMPTY)
        reply.headers["Date"] = formatdate(slept.now, usegmt=True)
        return reply

    server = loopback.serve(route)
    api = loopback.api(server.url, time=slept)
    api.page(Resource.POSTS)
    slept.now += 230
    api.page(Resource.POSTS)
    slept.now += 15
    api.page(Resource.POSTS)
    first, second, third = (asked.headers["Authorization"] for asked in server.asked)
    assert first == second
    assert third != second


def test_the_token_is_what_ghost_wants(loopback, slept) -> None:
    """The token names the key in `kid`, is signed with the decoded secret, and is dated now."""
    server = loopback.serve_each(loopback.json(200, EMPTY))
    loopback.api(server.url, time=slept).page(Resource.POSTS)
    token = server.asked[0].headers["Authorization"].removeprefix("Ghost ")
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": loopback.key[:24]}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {"iat": int(slept.now), "exp": int(slept.now) + 300, "aud": "/admin/"}


def test_site_is_asked_without_a_token(loopback) -> None:
    """`site` needs no key, and sends none."""
    server = loopback.serve_each(loopback.json(200, SITE))
    assert loopback.api(server.url).site()["version"] == "6.65"
    assert "Authorization" not in server.asked[0].headers


def test_a_key_is_missed_only_where_it_is_needed(loopback) -> None:
    """Without a key, what Ghost refuses says which variable to set."""
    server = loopback.serve_each(loopback.error(403, "Authorization failed", type="NoPermissionError"))
    with pytest.raises(Unauthorized) as caught:
        loopback.api(server.url, None).page(Resource.POSTS)
    assert caught.value.hint == "no key was sent: set GHOST_ADMIN_API_KEY"


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("https://example.com", "https://example.com/"),
        ("example.com", "https://example.com/"),
        (" https://EXAMPLE.com/ ", "https://example.com/"),
        ("https://example.com:443/blog", "https://example.com/blog/"),
        ("https://example.com:8443/blog/", "https://example.com:8443/blog/"),
        ("https://example.com/ghost/", "https://example.com/"),
        ("https://example.com/ghost/#/editor/post/1", "https://example.com/"),
        ("https://example.com/blog/ghost/api/admin/", "https://example.com/blog/"),
        ("https://example.com/ghostwriter", "https://example.com/ghostwriter/"),
        ("http://localhost:2368", "http://localhost:2368/"),
        ("http://127.0.0.1:2368/", "http://127.0.0.1:2368/"),
        ("http://[::1]:2368/", "http://[::1]:2368/"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(written: str, base: str) -> None:
    """What stands in the browser's bar, with or without the admin's own part, is the site's address."""
    address = parse_address(written)
    assert address.base == base
    assert address.api == base + "ghost/api/admin/"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "ftp://example.com",
        "https://",
        "https://user:pw@example.com",
        "https://exa mple.com",
        "https://x:99999",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    """Empty, of another scheme, with credentials or not an address: a configuration error, before anything is sent."""
    with pytest.raises(ConfigError) as caught:
        parse_address(written)
    check_paragraph(caught.value, ExitCode.USAGE)
    assert "pw" not in caught.value.message


@pytest.mark.parametrize("host", ["example.com", "192.168.1.5", "localhost.example.com", "127.0.0.1.nip.io"])
def test_plain_http_elsewhere_is_refused(host: str) -> None:
    """Only this machine may be spoken to in the clear, and names that merely look like it are not this machine."""
    with pytest.raises(ConfigError, match="not encrypted") as caught:
        parse_address(f"http://{host}/")
    check_paragraph(caught.value, ExitCode.USAGE)
    assert parse_address(f"http://{host}/", allow_http=True).base == f"http://{host}/"


def test_the_site_in_a_redirect_is_found() -> None:
    """The address to use is the redirect's target without the API's part."""
    assert site_of("https://www.example.com/blog/ghost/api/admin/posts/?limit=1") == "https://www.example.com/blog"
    assert site_of("https://www.example.com/ghost/api/admin/posts/" + "a" * 24 + "/") == "https://www.example.com"


def test_errors_are_also_ghost_errors() -> None:
    """Everything that an exchange can raise is a GhostError, so that one `except` is enough."""
    for kind in (Unreachable, NotGhost, Redirected, Unauthorized, UnsupportedVersion):
        assert issubclass(kind, GhostError)
    assert json.dumps({"exit": ExitCode.FAILED}) == '{"exit": 1}'
