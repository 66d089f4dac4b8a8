"""The table in docs/reference/library.md that leads from `ghost_client` to ghostsync: each row is run as printed."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ghostsync import Ghost, GhostError
from ghostsync.errors import NotFound, Unauthorized
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.exchange import Exchange, Expect
from ghostsync.ghost.records import Post, Tag

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "library.md"
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MOBILEDOC = {
    "version": "0.3.1",
    "markups": [],
    "atoms": [],
    "cards": [["markdown", {"markdown": "Old *text*."}]],
    "sections": [[10, 0]],
}

Names = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table. `code` is what its last column prints, statement by statement."""

    feature: str
    code: tuple[str, ...]


def read_rows() -> dict[str, Row]:
    """Read the table under the heading that names the old client."""
    _, _, section = PAGE.read_text("utf-8").partition("## Coming from `ghost_client`")
    rows: dict[str, Row] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) != 3 or cells[0] in ("feature", "---"):
            continue
        rows[cells[0]] = Row(feature=cells[0], code=tuple(re.findall(r"`([^`]+)`", cells[2])))
    return rows


ROWS = read_rows()
CHECKS: dict[str, Callable[[Names], object]] = {}
BEFORE: dict[str, Callable[[Names], object]] = {}


def row(*features: str, before: Callable[[Names], object] | None = None) -> Callable[[Any], Any]:
    """Register what must hold after the code of these rows has run, and what is done before."""

    def register(check: Callable[[Names], object]) -> Callable[[Names], object]:
        for feature in features:
            CHECKS[feature] = check
            if before is not None:
                BEFORE[feature] = before
        return check

    return register


def let_the_session_end(names: Names) -> None:
    """Sign in, then make Ghost forget the session behind the client's back."""
    ghost = names["ghost"]
    ghost.login(names["username"], names["password"])
    ghost.api.transport.send("DELETE", "/session/", expect=Expect.TEXT)


def let_the_token_expire(names: Names) -> None:
    """Use a client whose token is six minutes old."""
    late = 0.0
    ghost = Ghost(names["url"], names["key"], timing=Timing(now=lambda: time.time() + late))
    names["opened"].append(ghost)
    ghost.tags.list()
    late = 360.0
    names["ghost"] = ghost


def with_a_staff_token(names: Names) -> None:
    """Read the owner's staff access token, as their profile in Ghost Admin shows it."""
    ghost = Ghost(names["url"])
    names["opened"].append(ghost)
    ghost.login(names["username"], names["password"])
    token = ghost.api.request("GET", "/users/me/token/").data["apiKey"]
    ghost.logout()
    names["staff_access_token"] = f"{token['id']}:{token['secret']}"


@row("client from a token", before=with_a_staff_token)
@row("client from credentials", "client from the database", "choice of the client")
def _(names: Names) -> None:
    assert names["ghost"].posts.list().total == 5


@row("server version")
def _(names: Names) -> None:
    assert names["version"] in ("6.65", "5.130")


def without_a_key(names: Names) -> None:
    names["ghost"] = Ghost(names["url"])
    names["opened"].append(names["ghost"])


@row("log in", before=without_a_key)
def _(names: Names) -> None:
    me = names["ghost"].api.request("GET", "/users/me/").data["users"][0]
    assert me["email"] == names["username"]
    names["ghost"].logout()


@row("log in again on 401", before=let_the_session_end)
@row("refresh the session", before=let_the_token_expire)
def _(names: Names) -> None:
    assert {tag.slug for tag in names["tags"]} == {"news", "other"}


@row("log out, revoke tokens", before=lambda names: (without_a_key(names), sign_in(names)))
def _(names: Names) -> None:
    with pytest.raises(Unauthorized):
        names["ghost"].posts.list()


def sign_in(names: Names) -> None:
    names["ghost"].login(names["username"], names["password"])
    assert names["ghost"].posts.list().total == 5


@row("list", "list every status")
def _(names: Names) -> None:
    assert {post.status for post in names["posts"]} == {"draft", "published"}
    assert names["posts"].total == 5


@row("list one status")
def _(names: Names) -> None:
    assert {post.status for post in names["posts"]} == {"draft"}


@row("choose fields")
def _(names: Names) -> None:
    post = names["posts"].items[0]
    assert {"id", "title", "slug"} <= set(post)
    with pytest.raises(AttributeError, match="fields='status'"):
        _ = post.status


@row("fields as text", "no limit")
def _(names: Names) -> None:
    assert {tag.name for tag in names["tags"]} == {"News", "Other"}


@row("choose formats")
def _(names: Names) -> None:
    welcome = next(post for post in names["posts"] if post.slug == "welcome")
    assert "<p>" in welcome.html
    assert "welcome" in welcome.plaintext
    assert welcome.mobiledoc is None


@row("include relations")
def _(names: Names) -> None:
    assert names["users"].items[0].count["posts"] == 5


@row("page and limit")
def _(names: Names) -> None:
    assert (names["posts"].page, names["posts"].limit, len(names["posts"].items)) == (2, 2, 2)


@row("filter and order")
def _(names: Names) -> None:
    assert [post.title for post in names["posts"]] == ["Post 1", "Post 2"]


def a_page_of_two(names: Names) -> None:
    names["posts"] = names["ghost"].posts.list(limit=2, order="title asc")


@row("total, pages, limit", before=a_page_of_two)
def _(names: Names) -> None:
    total, pages, limit, meta = names["numbers"]
    assert (total, pages, limit) == (5, 3, 2)
    assert meta["next"] == 2


@row("results of a page", before=a_page_of_two)
def _(names: Names) -> None:
    assert names["titles"] == ["Post 1", "Post 2"]


@row("all pages", before=a_page_of_two)
def _(names: Names) -> None:
    assert names["titles"] == ["Post 1", "Post 2", "Post 3", "Post 4", "Welcome"]


@row("go through pages", before=a_page_of_two)
def _(names: Names) -> None:
    assert [post.title for post in names["second"].items] == ["Post 3", "Post 4"]
    assert [post.title for post in names["first"].items] == ["Post 1", "Post 2"]
    assert names["first"].prev_page() is None


@row("go to a page", before=a_page_of_two)
def _(names: Names) -> None:
    assert [post.title for post in names["third"].items] == ["Welcome"]
    assert names["third"].next_page() is None


@row("get by id", "get by slug", "fields as properties")
def _(names: Names) -> None:
    assert names["post"].title == "Welcome"
    assert names.get("title", "Welcome") == "Welcome"


@row("get with parameters")
def _(names: Names) -> None:
    assert [tag.slug for tag in names["post"].tags] == ["news", "other"]
    assert "welcome" in names["post"].html


@row("get tags and users")
def _(names: Names) -> None:
    assert names["tag"].name == "News"
    assert names["user"].email == names["username"]


@row("create a post")
def _(names: Names) -> None:
    stored = names["ghost"].posts.get(slug="custom-slug")
    assert (stored.title, stored.custom_excerpt, stored.status) == ("Example", "Short", "draft")
    assert [tag.name for tag in stored.tags] == ["News"]


@row("create from Markdown")
def _(names: Names) -> None:
    stored = names["ghost"].posts.get(names["post"].id, formats="html")
    assert stored.html == "<p>Some <em>Markdown</em>.</p>"


@row("create empty")
def _(names: Names) -> None:
    assert names["ghost"].posts.get(names["post"].id, formats="lexical,html").html in (None, "")
    assert names["post"].markdown == ""


@row("create from mobiledoc")
def _(names: Names) -> None:
    assert "<em>text</em>" in names["ghost"].posts.get(names["post"].id, formats="html").html
    assert "Old *text*." in names["post"].markdown


@row("create a tag")
def _(names: Names) -> None:
    assert names["ghost"].tags.get(slug="api-sample").name == "API sample"


@row("update a post")
def _(names: Names) -> None:
    stored = names["ghost"].posts.get(names["post"].id)
    assert (stored.title, stored.slug) == ("Updated title", "welcome")


@row("update Markdown")
def _(names: Names) -> None:
    assert names["ghost"].posts.get(names["post"].id, formats="html").html == "<p>Another <em>text</em>.</p>"


@row("update a tag")
def _(names: Names) -> None:
    assert names["ghost"].tags.get(names["tag"].id).name == "Updated tag"


@row("delete a post")
def _(names: Names) -> None:
    with pytest.raises(NotFound):
        names["ghost"].posts.get(names["post_id"])
    assert names["ghost"].posts.list().total == 4


@row("delete a tag")
def _(names: Names) -> None:
    assert [tag.slug for tag in names["ghost"].tags.list()] == ["other"]


@row("fields as items")
def _(names: Names) -> None:
    assert names["title"] == "Welcome"
    assert names["template"] is None


@row("change a local copy")
def _(names: Names) -> None:
    assert names["copy"]["title"] == "Mine"
    assert names["copy"]["slug"] == "welcome"
    with pytest.raises(AttributeError, match=r"update\(title="):
        names["post"].title = "Mine"


@row("body as Markdown")
def _(names: Names) -> None:
    assert names["text"].strip() == "You are *welcome*."


@row("author of a post")
def _(names: Names) -> None:
    assert names["name"] == names["ghost"].users.get(names["user_id"]).name


@row("tags of a post")
def _(names: Names) -> None:
    assert names["name"] == "News"


@row("upload a file object", "upload by path", "upload content")
def _(names: Names) -> None:
    url = names["picture"].url
    assert url == str(names["picture"])
    served = names["ghost"].api.transport.download(url)
    assert served[:4] in (GIF[:4], PNG[:4])
    assert f"/content/images/{time.strftime('%Y')}/" in url


def an_error(names: Names) -> None:
    with pytest.raises(GhostError) as caught:
        names["ghost"].posts.update(names["post"], published_at="not a date")
    names["error"] = caught.value


@row("errors", before=an_error)
def _(names: Names) -> None:
    error = names["error"]
    assert (error.status, error.kind) == (422, "ValidationError")
    assert "published_at" in (error.context or "")
    assert isinstance(error, names["GhostError"])


@row("any other request")
def _(names: Names) -> None:
    assert names["answer"].data["newsletters"][0]["slug"] == "default-newsletter"


@dataclass(slots=True)
class Filled:
    """A Ghost with five posts and two tags, and whether a row has changed them since."""

    site: Any
    post: Post
    tag: Tag
    is_changed: bool = False

    def note(self, exchange: Exchange) -> None:
        """Remember a write; signing in and uploading change nothing that rows look at."""
        if exchange.method != "GET" and not exchange.path.startswith(("/session/", "/images/")):
            self.is_changed = True

    def is_as_filled(self) -> bool:
        """Whether the next row may use it: neither this module nor another has touched it."""
        if self.is_changed:
            return False
        with Ghost(self.site.url, self.site.admin_key) as ghost, contextlib.suppress(NotFound):
            return ghost.posts.get(self.post.id) == self.post and ghost.posts.list(limit=1).total == 5
        return False


def fill(site: Any) -> Filled:
    """Put five posts and two tags into a Ghost."""
    site.empty()
    with Ghost(site.url, site.admin_key) as ghost:
        news, other = ghost.tags.create(name="News"), ghost.tags.create(name="Other")
        for number in range(1, 5):
            ghost.posts.create(title=f"Post {number}", featured=number < 3)
        markdown = "You are *welcome*."
        post = ghost.posts.create(title="Welcome", markdown=markdown, tags=[news, other], status="published")
        return Filled(site=site, post=ghost.posts.get(post.id), tag=news)


@pytest.fixture(scope="module")
def filled() -> dict[str, Filled]:
    """What was filled so far, by fixture name."""
    return {}


@pytest.fixture(params=["ghost6", "ghost5"])
def names(
    request: pytest.FixtureRequest, filled: dict[str, Filled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Names]:
    """The names that the table uses, on Ghost 6 and on Ghost 5."""
    site = request.getfixturevalue(request.param)
    if request.param not in filled or not filled[request.param].is_as_filled():
        filled[request.param] = fill(site)
    state = filled[request.param]
    (tmp_path / "sample.png").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)
    ghost = Ghost(site.url, site.admin_key, on_exchange=state.note)
    given = {
        "Ghost": Ghost,
        "GhostError": GhostError,
        "opened": [ghost],
        "ghost": ghost,
        "url": site.url,
        "key": site.admin_key,
        "path": site.database_path,
        "username": site.owner_email,
        "password": site.owner_password,
        "post": state.post,
        "post_id": state.post.id,
        "user_id": state.post.authors[0].id,
        "tag": state.tag,
        "mobiledoc": MOBILEDOC,
        "gif": GIF,
    }
    yield given
    for value in (*given["opened"], *given.values()):
        if isinstance(value, Ghost):
            value.close()


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    """A feature cannot be added to the table, or dropped from it, without its test."""
    assert set(ROWS) == set(CHECKS)
    assert len(ROWS) > 45
    assert all(row.code for row in ROWS.values())


@pytest.mark.real
@pytest.mark.parametrize("feature", sorted(ROWS))
def test_row(feature: str, names: Names) -> None:
    """The code of this row, run as it is printed, does what the old client's feature did."""
    if feature in BEFORE:
        BEFORE[feature](names)
    with contextlib.ExitStack() as stack:
        names["open"] = lambda *given: stack.enter_context(Path(given[0]).open(given[1]))
        for statement in ROWS[feature].code:
            if statement != "GhostError":
                exec(statement, names)
    CHECKS[feature](names)


@pytest.mark.real
def test_the_examples_of_the_page_run(names: Names, tmp_path: Path) -> None:
    """Every block of Python on the page runs as it is printed, one after the other, against Ghost 6 and Ghost 5."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    (tmp_path / "photo.png").write_bytes(PNG)
    (tmp_path / "talk.mp3").write_bytes(b"ID3" + bytes(100))
    site = names["url"], names["key"]
    with contextlib.ExitStack() as stack:
        names["pdf_bytes"] = b"%PDF-1.4"
        names["open"] = lambda *given: stack.enter_context(Path(given[0]).open(given[1]))
        for block in blocks:
            code = block.replace('Ghost("https://example.com", admin_key="6470…:9f3c…")', "connect()")
            names["connect"] = lambda: stack.enter_context(Ghost(*site))
            exec(code, names)
    with Ghost(*site) as ghost:
        assert ghost.posts.get("hello").status == "published"
        ghost.posts.delete(ghost.posts.get("hello"))
