"""The public library where no real Ghost is needed: arguments, records, uploads on the wire, sessions."""

from __future__ import annotations

import copy
import io
import json
import pickle
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest

import ghostsync
from ghostsync import Ghost, GhostError
from ghostsync.errors import ConfigError, CredentialsError, NotFound, Rejected, ServerFault, Unauthorized
from ghostsync.ghost import nql
from ghostsync.ghost.admin import Resource, UploadTo
from ghostsync.ghost.records import Post, Tag, User
from ghostsync.ghost.rows import article_row, spell_moment, tag_reference
from ghostsync.ghost.uploads import endpoint_for, media_type_of, multipart_body

ID = "a" * 24
USERS = [{"id": "b" * 24, "slug": "jane", "email": "jane@example.com", "name": "Jane"}]
TIERS = [{"id": "c" * 24, "slug": "gold", "name": "Gold"}]


@pytest.fixture
def ghost(loopback: Any) -> Any:
    """Make a `Ghost` that speaks to a server of this test."""

    def make(route: Any, key: str | None = loopback.key) -> tuple[Ghost, Any]:
        server = loopback.serve(route)
        made = Ghost(server.url, key)
        loopback.apis.append(made.api)
        return made, server

    return make


def test_the_version_does_not_cost_an_http_client() -> None:
    """`import ghostsync` loads no HTTP client; `ghostsync.Ghost` does, when it is asked for."""
    code = (
        "import sys, ghostsync; before = 'requests' in sys.modules; from ghostsync import Ghost, GhostError;"
        "print(before, 'requests' in sys.modules, Ghost.__name__, GhostError.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "Ghost", "GhostError"]
    with pytest.raises(AttributeError, match="no attribute 'Gost'"):
        _ = ghostsync.Gost  # type: ignore[attr-defined]


def test_from_env_names_all_that_is_missing(loopback) -> None:
    """Both variables are named at once; with both set, the client is ready."""
    with pytest.raises(CredentialsError, match="GHOST_ADMIN_API_URL, GHOST_ADMIN_API_KEY"):
        Ghost.from_env({})
    with pytest.raises(CredentialsError, match="not set in the environment: GHOST_ADMIN_API_KEY"):
        Ghost.from_env({"GHOST_ADMIN_API_URL": "https://example.com"})
    made = Ghost.from_env({"GHOST_ADMIN_API_URL": "https://example.com", "GHOST_ADMIN_API_KEY": loopback.key})
    assert repr(made) == "Ghost('https://example.com/')"
    with pytest.raises(ConfigError):
        Ghost.from_env({"GHOST_ADMIN_API_URL": "http://example.com", "GHOST_ADMIN_API_KEY": loopback.key})


def make_database(path: Path, *integrations: tuple[str, str, str]) -> Path:
    """Write what Ghost's database has of integrations: name, slug and type; all with admin keys."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE integrations (id TEXT, name TEXT, slug TEXT, type TEXT, created_at TEXT)")
        connection.execute("CREATE TABLE api_keys (id TEXT, type TEXT, secret TEXT, integration_id TEXT)")
        for number, (name, slug, kind) in enumerate(integrations):
            connection.execute("INSERT INTO integrations VALUES (?, ?, ?, ?, '')", (str(number), name, slug, kind))
            for key_type, key in (("admin", f"{number:024x}"), ("content", f"{number + 100:024x}")):
                row = (key, key_type, "ab" * 32, str(number))
                connection.execute("INSERT INTO api_keys VALUES (?, ?, ?, ?)", row)
    connection.close()
    return path


def test_from_sqlite_takes_the_only_custom_integration(tmp_path: Path) -> None:
    """Ghost's own integrations are not taken by themselves, but by name."""
    path = make_database(tmp_path / "ghost?#.db", ("Zapier", "zapier", "builtin"), ("Mine", "mine", "custom"))
    assert Ghost.from_sqlite(path, "http://localhost:2368").api.transport.credentials is not None
    Ghost.from_sqlite(str(path), "http://localhost:2368", integration="Zapier")
    with pytest.raises(CredentialsError, match="no key of an integration 'Other'; custom integrations here: 'Mine'"):
        Ghost.from_sqlite(path, "http://localhost:2368", integration="Other")


def test_from_sqlite_does_not_choose_between_several(tmp_path: Path) -> None:
    """Several custom integrations are named, and one must be; no key is in the message."""
    path = make_database(tmp_path / "ghost.db", ("Mine", "mine", "custom"), ("Yours", "yours", "custom"))
    with pytest.raises(CredentialsError, match="2 keys of a custom integration: 'Mine', 'Yours'") as caught:
        Ghost.from_sqlite(path, "http://localhost:2368")
    assert "ab" * 8 not in str(caught.value)
    Ghost.from_sqlite(path, "http://localhost:2368", integration="yours")


def test_from_sqlite_tells_what_is_no_database_of_ghost(tmp_path: Path) -> None:
    """A missing file, a file of another kind and another program's database are told; nothing is created."""
    (tmp_path / "text").write_text("hello, this is no database at all " * 100)
    sqlite3.connect(tmp_path / "other.db").close()
    for name in ("missing", "text", "other.db"):
        with pytest.raises(CredentialsError, match=name):
            Ghost.from_sqlite(tmp_path / name, "http://localhost:2368")
    assert not (tmp_path / "missing").exists()


def test_a_record_tells_null_from_not_asked_for() -> None:
    """A field that is null is None; a field that was not asked for is an AttributeError that says how to ask."""
    post = Post({"id": ID, "title": "Hello", "custom_excerpt": None, "updated_at": "2026-11-23T07:41:28.000Z"})
    assert post.title == "Hello"
    assert post.custom_excerpt is None
    assert post.updated_at == datetime(2026, 11, 23, 7, 41, 28, tzinfo=UTC)
    for name, ask in (("html", "formats='html'"), ("tags", "include='tags'"), ("slug", "fields='slug'")):
        with pytest.raises(AttributeError, match=ask):
            getattr(post, name)
    with pytest.raises(AttributeError, match="formats='lexical,mobiledoc'"):
        _ = post.markdown
    assert not hasattr(post, "html")


def test_a_record_is_a_mapping_and_knows_future_fields() -> None:
    """Fields by name and by key, unknown ones too; records compare, copy and pickle by their rows."""
    post = Post({"id": ID, "title": "Hello", "brand_new": 3, "tags": [{"id": ID, "slug": "a", "name": "A"}]})
    assert post.brand_new == 3  # type: ignore[attr-defined]
    assert post["title"] == "Hello"
    assert post.get("slug", "none") == "none"
    assert dict(post)["brand_new"] == 3
    assert post.tags == (Tag({"id": ID, "slug": "a", "name": "A"}),)
    assert copy.deepcopy(post) == post == pickle.loads(pickle.dumps(post))
    assert repr(post) == f"Post(id='{ID}', title='Hello')"
    with pytest.raises(AttributeError, match=r"use `update\(title=…\)`"):
        post.title = "Other"  # type: ignore[misc]


def test_the_author_may_be_asked_for_as_before() -> None:
    """`author` is the first author, and says what to include where it is not there."""
    jane = {"id": ID, "slug": "jane", "name": "Jane"}
    assert Post({"primary_author": jane}).author == User(jane)
    with pytest.raises(AttributeError, match="include='authors'"):
        _ = Post({"id": ID}).author


def row(**fields: Any) -> dict[str, Any]:
    return article_row(fields, users=lambda: USERS, tiers=lambda: TIERS)


def test_tags_are_reduced_to_what_identifies_them() -> None:
    """An id is never sent beside a name, which would rename the tag for the whole site."""
    full = {"id": ID, "slug": "news", "name": "News", "description": "x"}
    assert row(tags=["News", Tag(full), full, {"slug": "s", "visibility": "public"}, Tag({"slug": "t"})])["tags"] == [
        {"name": "News"},
        {"id": ID},
        {"id": ID},
        {"slug": "s"},
        {"slug": "t"},
    ]
    assert tag_reference({"name": "#internal"}) == {"name": "#internal"}


def test_authors_and_tiers_are_looked_up() -> None:
    """Slugs, e-mail addresses and records become ids; what is unknown is refused, naming what there is."""
    made = row(authors=["jane", "jane@example.com", User({"id": "d" * 24})], tiers=["gold"])
    assert made == {"authors": [{"id": "b" * 24}, {"id": "b" * 24}, {"id": "d" * 24}], "tiers": [{"id": "c" * 24}]}
    with pytest.raises(Rejected, match="no author 'joe'") as caught:
        row(authors=["joe"])
    assert caught.value.hint == "the site has: jane"
    with pytest.raises(TypeError, match="several"):
        row(authors="jane")


def test_moments_are_spelled_as_ghost_keeps_them() -> None:
    """UTC and whole seconds; a moment without a zone is refused."""
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone(timedelta(hours=2)))
    assert spell_moment("published_at", moment) == "2026-01-02T01:04:05.000Z"
    assert row(published_at=moment) == {"published_at": "2026-01-02T01:04:05.000Z"}
    with pytest.raises(Rejected, match="no time zone"):
        row(published_at=datetime(2026, 1, 2))  # noqa: DTZ001 (that is the point)


def test_one_body_only() -> None:
    """Two bodies are a mistake; a Lexical document becomes its JSON."""
    with pytest.raises(TypeError, match="one body, please"):
        row(markdown="x", html="<p>x</p>")
    assert json.loads(row(lexical={"root": {"children": []}})["lexical"]) == {"root": {"children": []}}


def test_unknown_fields_are_told_before_anything_is_sent(ghost) -> None:
    """Ghost drops what it does not know; the library says what was probably meant."""
    made, server = ghost(lambda asked: None)
    with pytest.raises(TypeError, match="no writable field `titel`; did you mean `title`"):
        made.posts.create(titel="x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a page has no writable field `email_only`"):
        made.pages.create(email_only=True)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a tag has no writable field `title`"):
        made.tags.update(ID, title="x")  # type: ignore[call-arg]
    assert server.asked == []


@pytest.mark.parametrize("bad", ["", "bulk", "../x", "1", ID + "/..", ID.upper(), "?filter=id:x", ID[:-1]])
@pytest.mark.parametrize("resource", list(Resource))
def test_nothing_but_a_full_id_reaches_put_or_delete(ghost, resource: Resource, bad: str) -> None:
    """Without a full id nothing is sent: Ghost's DELETE without one deletes every post."""
    made, server = ghost(lambda asked: None)
    for act in (
        lambda: made.api.delete(resource, bad),
        lambda: made.api.update(resource, bad, {"title": "x"}),
        lambda: made.api.request("DELETE", f"/{resource}/{bad}"),
        lambda: made.posts.delete(bad),
        lambda: made.posts.update(bad, title="x", updated_at="2026-01-01T00:00:00.000Z"),
        lambda: made.tags.delete(bad),
    ):
        with pytest.raises(Rejected, match="nothing was sent"):
            act()
    assert server.asked == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "delete"])
@pytest.mark.parametrize(
    "tail",
    ["..", "%2e%2e/", "%2E./x/..", "./..", "../../pages", "..?a=b"],
)
def test_a_path_that_only_mentions_an_id_is_refused(ghost, method: str, tail: str) -> None:
    """`DELETE /posts/<id>/..` is `DELETE /posts/` to whoever resolves it, and a filter would choose what goes."""
    made, server = ghost(lambda asked: None)
    for path in (
        f"/posts/{ID}/{tail}",
        f"/posts/?filter=status:draft+slug:/{ID}/",
        f"/posts/#/{ID}/",
        f"/posts/;/{ID}",
    ):
        with pytest.raises(Rejected, match="could reach every row; nothing was sent"):
            made.api.request(method, path)
    assert server.asked == []


def test_a_full_id_does_reach_delete(ghost, loopback) -> None:
    """The control: with an id, the request goes out."""
    made, server = ghost(lambda asked: loopback.Reply(status=204, headers={}, body=b""))
    made.posts.delete(ID)
    made.api.request("DELETE", f"/webhooks/{ID}/", expect=_nothing())
    assert [asked.path for asked in server.asked] == [
        f"/ghost/api/admin/posts/{ID}/",
        f"/ghost/api/admin/webhooks/{ID}/",
    ]


def _nothing() -> Any:
    from ghostsync.ghost.exchange import Expect

    return Expect.NOTHING


def test_an_update_without_its_version_is_refused(ghost) -> None:
    """`updated_at` null would switch Ghost's collision check off."""
    made, server = ghost(lambda asked: None)
    with pytest.raises(Rejected, match="overwrite"):
        made.api.update(Resource.POSTS, ID, {"title": "x", "updated_at": None})
    assert server.asked == []


def test_queries_are_encoded(ghost, loopback) -> None:
    """Plus signs, ampersands and quotes arrive as they were meant."""
    made, server = ghost(lambda asked: loopback.json(200, {"posts": [], "meta": {"pagination": {"total": 0}}}))
    made.posts.list(filter="title:'a+b & c'+tag:'x'", fields=("id", "title"), order="title asc", limit=5, page=2)
    assert server.asked[0].path == (
        "/ghost/api/admin/posts/?fields=id,title&filter=title:%27a%2Bb%20%26%20c%27%2Btag:%27x%27"
        "&order=title%20asc&limit=5&page=2"
    )


def test_limits_that_ghost_would_change_silently_are_refused(ghost) -> None:
    """More than 100 at once is no page of Ghost's."""
    made, _ = ghost(lambda asked: None)
    for limit in (0, 101):
        with pytest.raises(ValueError, match="1 to 100"):
            made.posts.list(limit=limit)


def test_get_takes_one_name(ghost, loopback) -> None:
    """A bare argument is an id or a slug by its form; both or none is a mistake."""
    made, server = ghost(lambda asked: loopback.json(200, {"tags": [{"id": ID}]}))
    made.tags.get(ID)
    made.tags.get("news/ä")
    made.tags.get(slug=ID)
    assert [asked.path.removeprefix("/ghost/api/admin") for asked in server.asked] == [
        f"/tags/{ID}/",
        "/tags/slug/news%2F%C3%A4/",
        f"/tags/slug/{ID}/",
    ]
    for given in ({}, {"id": ID, "slug": "x"}):
        with pytest.raises(TypeError):
            made.tags.get(**given)


def serve_rows(loopback: Any, rows: list[dict[str, Any]]) -> Any:
    """Serve `rows` as `/posts/`, by page number or by key; the list may change on the way."""
    from urllib.parse import parse_qs, urlsplit

    def route(asked: Any) -> Any:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        limit = min(int(query.get("limit", "15")), 3)  # a server with a cap of its own
        page = int(query.get("page", "1"))
        left = rows
        if "id:>" in query.get("filter", ""):
            last = query["filter"].split("id:>'")[1][:24]
            left = [one for one in rows if one["id"] > last]
        pages = -(-len(left) // limit) or 1
        found = left[(page - 1) * limit : page * limit]
        meta = {"page": page, "limit": limit, "pages": pages, "total": len(left)}
        return loopback.json(200, {"posts": found, "meta": {"pagination": meta}})

    return route


def make_rows(count: int) -> list[dict[str, Any]]:
    return [{"id": f"{number:024x}", "title": str(number)} for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 10])
def test_listing_by_key_finds_everything(ghost, loopback, count: int) -> None:
    """Every row once, in order, also where the server gives fewer rows than were asked for."""
    made, _ = ghost(serve_rows(loopback, make_rows(count)))
    assert [one["title"] for one in made.api.iter_raw(Resource.POSTS)] == [str(n) for n in range(count)]


def test_listing_by_key_survives_deletes(ghost, loopback) -> None:
    """Rows deleted on the way hide no others, and rows created meanwhile are found."""
    rows = make_rows(10)
    made, _ = ghost(serve_rows(loopback, rows))
    found = []
    for one in made.api.iter_raw(Resource.POSTS):
        found.append(one["title"])
        if one["title"] == "2":
            del rows[0:3]
            rows.append({"id": "f" * 24, "title": "new"})
    assert found == [*(str(n) for n in range(10)), "new"]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 10, 20])
def test_deleting_what_is_iterated_leaves_nothing_out(ghost, loopback, count: int) -> None:
    """Deleting each post of a listing while going through it reaches all of them."""
    rows = make_rows(count)
    made, _ = ghost(serve_rows(loopback, rows))
    for post in made.posts.list(limit=3):
        rows[:] = [one for one in rows if one["id"] != post.id]
    assert rows == []


def test_iterating_gives_each_result_once(ghost, loopback) -> None:
    """Results that come twice, because something was created on the way, are given once."""
    rows = make_rows(7)
    made, _ = ghost(serve_rows(loopback, rows))
    found = []
    for post in made.posts.list(limit=3):
        found.append(post.title)
        if len(found) == 1:
            rows.insert(0, {"id": "f" * 24, "title": "new"})
    assert found == [str(n) for n in range(7)]
    page = made.posts.list(limit=3)
    assert (bool(page), page[1].title, repr(page)) == (True, "0", "<page 1 of 3: 3 of 8 posts>")
    assert len(made.posts.list(limit="all").items) == 8


def parse_multipart(asked: Any) -> list[tuple[str | None, str | None, str, bytes]]:
    """Return name, file name, media type and content of each part of a request's body."""
    header = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(header + asked.body)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def test_uploads_in_all_their_forms(ghost, loopback, tmp_path: Path) -> None:
    """A path, a file object, one without a name, content: each part is typed, each goes where it belongs."""

    def route(asked: Any) -> Any:
        kind = asked.path.split("/")[-3]
        return loopback.json(201, {kind: [{"url": f"https://x/{kind}", "ref": None}]})

    made, server = ghost(route)
    (tmp_path / "pic.png").write_bytes(b"PNG")
    with (tmp_path / "pic.png").open("rb") as file:
        file.read(1)
        assert made.upload(file_obj=file, purpose="icon").url == "https://x/images"
    assert str(made.upload(file_path=tmp_path / "pic.png", ref="a/b.png")) == "https://x/images"
    assert made.upload(file_obj=io.BytesIO(b"MP3"), name="talk.mp3").url == "https://x/media"
    assert made.upload(name="slides.pdf", data=b"PDF").url == "https://x/files"
    assert made.upload(name="odd.png", data=b"?", to=UploadTo.FILES).url == "https://x/files"
    assert [parse_multipart(asked) for asked in server.asked] == [
        [("purpose", None, "text/plain", b"icon"), ("file", "pic.png", "image/png", b"NG")],
        [("ref", None, "text/plain", b"a/b.png"), ("file", "pic.png", "image/png", b"PNG")],
        [("file", "talk.mp3", "audio/mpeg", b"MP3")],
        [("file", "slides.pdf", "application/pdf", b"PDF")],
        [("file", "odd.png", "image/png", b"?")],
    ]
    assert all("Content-Length" in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    "given",
    [{}, {"name": "a.png"}, {"data": b"x"}, {"file_path": "a", "data": b"x"}, {"file_obj": io.BytesIO(b"x")}],
)
def test_uploads_that_make_no_sense_are_refused(ghost, given: dict[str, Any]) -> None:
    """One source, and a name to know its type by."""
    made, server = ghost(lambda asked: None)
    with pytest.raises(TypeError):
        made.upload(**given)
    with pytest.raises(OSError, match="nothing-there"):
        made.upload(file_path="nothing-there.png")
    assert server.asked == []


def test_an_upload_is_sent_again_whole_after_429(loopback, slept) -> None:
    """A server that asks to come back later gets the whole file, not the rest of it."""
    server = loopback.serve_each(loopback.html(429), loopback.json(201, {"images": [{"url": "https://x/a.png"}]}))
    api = loopback.api(server.url, time=slept)
    with multipart_body("a.png", io.BytesIO(b"P" * 200_000)) as body:
        api.upload(UploadTo.IMAGES, body)
    assert server.asked[0].body == server.asked[1].body
    assert len(server.asked[0].body) > 200_000


def test_a_stream_that_cannot_seek_is_uploaded_too() -> None:
    """A pipe's content is taken at once."""

    class Pipe(io.RawIOBase):
        left = b"content"

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            taken, self.left = self.left, b""
            return taken

    body = multipart_body("a.txt", Pipe())  # type: ignore[arg-type]
    assert b"content" in body.read()
    assert len(body) == len(b"".join(_rewound(body)))


def _rewound(body: Any) -> Any:
    body.rewind()
    return body


@pytest.mark.parametrize(
    ("name", "endpoint", "media_type"),
    [
        ("a.JPG", UploadTo.IMAGES, "image/jpeg"),
        ("a.webp", UploadTo.IMAGES, "image/webp"),
        ("a.svg", UploadTo.IMAGES, "image/svg+xml"),
        ("a.m4a", UploadTo.MEDIA, "audio/mp4"),
        ("a.ogv", UploadTo.MEDIA, "video/ogg"),
        ("a.pdf", UploadTo.FILES, "application/pdf"),
        ("a.avif", UploadTo.FILES, "image/avif"),
        ("a.unheard-of", UploadTo.FILES, "application/octet-stream"),
        ("no extension", UploadTo.FILES, "application/octet-stream"),
    ],
)
def test_names_decide_endpoint_and_type(name: str, endpoint: UploadTo, media_type: str) -> None:
    """By the extension, whatever its case; never a missing type."""
    assert endpoint_for(name) is endpoint
    assert media_type_of(name) == media_type


def test_downloads_go_without_a_token(loopback) -> None:
    """A public file is fetched without a key, redirects included; a missing one is NotFound."""
    target = loopback.serve_each(loopback.Reply(status=200, headers={}, body=b"bytes"))
    server = loopback.serve_each(loopback.html(302, Location=f"{target.url}/there.png"))
    api = loopback.api(server.url)
    assert api.transport.download(f"{server.url}/content/images/a.png") == b"bytes"
    assert all("Authorization" not in asked.headers for asked in (*server.asked, *target.asked))
    missing = loopback.serve_each(loopback.html(404))
    with pytest.raises(NotFound):
        loopback.api(missing.url).transport.download(f"{missing.url}/content/images/a.png")
    around = loopback.serve_each(loopback.html(302, Location="/again.png"))
    with pytest.raises(NotFound, match="without end"):
        loopback.api(around.url).transport.download(f"{around.url}/again.png")


def serve_sessions(loopback: Any, *, wants_code: bool) -> Any:
    """Serve Ghost's sessions: a cookie for the right password, with a code by email if wanted."""
    state = {"open": False}

    def route(asked: Any) -> Any:
        cookie = "ghost-admin-api-session=s%3Aabc.def"
        match asked.method, asked.path.removeprefix("/ghost/api/admin"):
            case "POST", "/session/":
                assert asked.headers["Origin"].startswith("http://127.0.0.1:")
                given = json.loads(asked.body)
                if given["password"] != "right":
                    return loopback.error(422, "Your password is incorrect.", type="ValidationError")
                state["open"] = not wants_code
                reply = (
                    loopback.error(403, "User must verify session to login.", code="2FA_TOKEN_REQUIRED")
                    if wants_code
                    else loopback.html(201, "Created")
                )
                reply.headers["Set-Cookie"] = f"{cookie}; Path=/ghost; HttpOnly"
                return reply
            case "PUT", "/session/verify/":
                assert asked.headers["Cookie"] == cookie
                state["open"] = json.loads(asked.body)["token"] == "123456"
                return loopback.html(200, "OK") if state["open"] else loopback.html(401, "Unauthorized")
            case "DELETE", "/session/":
                state["open"] = False
                return loopback.Reply(status=204, headers={}, body=b"")
            case _:
                if asked.headers.get("Cookie") != cookie or not state["open"]:
                    return loopback.error(403, "Authorization failed", type="NoPermissionError")
                return loopback.json(200, {"tags": [{"id": ID}], "meta": {"pagination": {"total": 1}}})

    return route, state


def test_a_session_with_a_code_by_email(ghost, loopback) -> None:
    """Ghost's code by email is asked for, and given with a second call."""
    route, _ = serve_sessions(loopback, wants_code=True)
    made, _ = ghost(route, None)
    with pytest.raises(Unauthorized) as caught:
        made.login("jane@example.com", "right")
    assert "code=" in (caught.value.hint or "")
    with pytest.raises(GhostError):
        made.login("jane@example.com", "right", code="000000")
    made.login("jane@example.com", "right", code="123456")
    assert made.tags.list()[0].id == ID


def test_a_session_that_ends_is_opened_again_once(ghost, loopback) -> None:
    """The old client's promise: a session that ended is opened again by itself; a wrong password is told."""
    route, state = serve_sessions(loopback, wants_code=False)
    made, server = ghost(route, None)
    with pytest.raises(Unauthorized, match="password is incorrect"):
        made.login("jane@example.com", "wrong")
    made.login("jane@example.com", "right")
    state["open"] = False
    made.tags.list()
    made.logout()
    assert [f"{asked.method} {asked.path.split('?')[0][len('/ghost/api/admin') :]}" for asked in server.asked] == [
        "POST /session/",
        "POST /session/",
        "GET /tags/",
        "POST /session/",
        "GET /tags/",
        "DELETE /session/",
    ]
    assert "right" not in repr(vars(made)) + repr(made.api.transport.credentials)


def test_logout_goes_back_to_the_key(ghost, loopback) -> None:
    """After a session, the key is used again."""
    route, _ = serve_sessions(loopback, wants_code=False)
    made, server = ghost(route)
    made.login("jane@example.com", "right")
    made.logout()
    with pytest.raises(Unauthorized):  # this server knows sessions only
        made.tags.list()
    assert server.asked[-1].headers["Authorization"].startswith("Ghost ")
    assert "Cookie" not in server.asked[-1].headers


def test_filters_cannot_be_misread() -> None:
    """Every value is quoted, dates are spelled as the database keeps them, and what cannot be said is refused."""
    assert nql.equals("slug", "a") == "slug:'a'"
    assert nql.equals("name", 'it\'s "x"\\y') == "name:'it\\'s \\\"x\\\"\\y'"
    assert nql.one_of("id", ["x", "y"]) == "id:['x','y']"
    assert nql.since("updated_at", datetime(2026, 1, 2, 3, 4, 5, 9, tzinfo=UTC)) == "updated_at:>='2026-01-02 03:04:05'"
    assert nql.both("", "a:'x',b:'y'", "", "c:'z'") == "(a:'x',b:'y')+(c:'z')"
    assert nql.both("", "a:'x'") == "a:'x'"
    for value in ("", "ends with \\"):
        with pytest.raises(ValueError, match="cannot say"):
            nql.quote(value)
    with pytest.raises(ValueError, match="no values"):
        nql.one_of("id", [])


def test_a_fault_of_the_server_reaches_the_caller(ghost, loopback, slept) -> None:
    """What the transport raises, the library raises."""
    server = loopback.serve_each(loopback.error(500, "An unexpected error occurred"))
    with pytest.raises(ServerFault):
        loopback.api(server.url, time=slept).page(Resource.POSTS)
