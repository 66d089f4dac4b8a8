"""What the Admin API, the transport and the library do with a real Ghost 6 and a real Ghost 5."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ghostsync import Ghost
from ghostsync.errors import NotFound, NotGhost, Rejected, Unauthorized, UpdateCollision
from ghostsync.ghost import nql
from ghostsync.ghost.admin import AdminApi, Resource, UploadTo
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.uploads import endpoint_for, multipart_body

pytestmark = pytest.mark.real

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><rect width="5" height="5"/></svg>'


@pytest.fixture(params=["empty_ghost6", "empty_ghost5"])
def site(request: pytest.FixtureRequest) -> Any:
    """An empty Ghost 6, then an empty Ghost 5."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def ghost(site: Any) -> Iterator[Ghost]:
    """The library, connected."""
    with Ghost(site.url, site.admin_key) as opened:
        yield opened


@pytest.fixture
def api(ghost: Ghost) -> AdminApi:
    """The Admin API below the library."""
    return ghost.api


def test_the_site_says_what_it_is(ghost: Ghost, site: Any) -> None:
    """Version, settings, configuration and routes can be read with an integration's key."""
    assert ghost.version in ("6.65", "5.130")
    assert ghost.site.url == f"{site.url}/"
    assert str(ghost.api.config()["version"]).startswith(ghost.version)
    assert "timezone" in ghost.api.settings()
    assert "permalink" in ghost.api.routes_yaml()
    assert ghost.api.oembed(f"{site.url}/")["type"] == "bookmark"


def test_ghosts_clock_is_learned(api: AdminApi) -> None:
    """After one answer the time of Ghost is known to about a second."""
    api.site()
    assert api.transport.clock.has_answered
    assert abs(api.transport.clock.now() - time.time()) < 2


@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_clock_ten_minutes_off_just_works(site: Any, seconds: int) -> None:
    """A machine that is ten minutes slow or fast can write at once."""
    api = connect(site.url, site.admin_key, timing=Timing(now=lambda: time.time() + seconds))
    assert api.create(Resource.POSTS, {"title": "Written at the wrong time"})["id"]
    assert api.transport.requests == (2 if seconds < 0 else 1)
    assert abs(api.transport.clock.offset + seconds) < 2
    api.transport.close()


def test_wrong_keys_are_refused_with_their_reason(site: Any) -> None:
    """A wrong secret and an unknown key are told apart, on the first request."""
    identifier, _, secret = site.admin_key.partition(":")
    for key, hint in ((f"{identifier}:{'0' * 64}", "after the colon"), (f"{'0' * 24}:{secret}", "another site's")):
        api = connect(site.url, key)
        with pytest.raises(Unauthorized) as caught:
            api.page(Resource.POSTS)
        assert hint in (caught.value.hint or "")
        assert api.transport.requests == 1
        api.transport.close()


def test_a_path_below_the_site_is_not_ghost(site: Any) -> None:
    """An address with a path too much is told as such."""
    api = connect(f"{site.url}/blog", site.admin_key)
    with pytest.raises(NotGhost):
        api.page(Resource.POSTS)
    api.transport.close()


def test_what_a_key_may_not_do_is_unauthorized(api: AdminApi) -> None:
    """Ghost 6 says 403 and Ghost 5 says 501; both mean that the key may not."""
    with pytest.raises(Unauthorized) as caught:
        api.request("GET", "/snippets/")
    assert caught.value.status in (403, 501)
    assert "staff access token" in (caught.value.hint or "")


def test_everything_can_be_listed_by_key(api: AdminApi) -> None:
    """Each resource lists all of its rows, a few at a time, and counts them."""
    for number in range(7):
        api.create(Resource.POSTS, {"title": f"Post {number}"})
        api.create(Resource.PAGES, {"title": f"Page {number}"})
        api.create(Resource.TAGS, {"name": f"Tag {number}"})
    for resource in (Resource.POSTS, Resource.PAGES, Resource.TAGS):
        rows = list(api.iter_raw(resource, limit=3, fields=("slug",)))
        assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
        assert len(rows) == 7 == api.count(resource)
    for resource in (Resource.USERS, Resource.TIERS, Resource.NEWSLETTERS):
        rows = list(api.iter_raw(resource, limit=1))
        assert len({row["id"] for row in rows}) == len(rows) == api.count(resource) >= 1
    assert api.count(Resource.MEMBERS, "status:free") == 0


def test_rows_by_id_come_in_few_requests(api: AdminApi) -> None:
    """Many posts with their revisions; those that are gone are left out."""
    ids = [api.create(Resource.POSTS, {"title": f"Post {n}"}, {"save_revision": True})["id"] for n in range(5)]
    api.delete(Resource.POSTS, ids[0])
    before = api.transport.requests
    rows = list(api.read_many(Resource.POSTS, ids, include=("post_revisions",), formats=("lexical",), per_request=3))
    assert {row["id"] for row in rows} == set(ids[1:])
    assert all(row["post_revisions"] for row in rows)
    assert api.transport.requests - before == 2


@pytest.mark.parametrize(
    "name", ["it's", 'quo"te', "back\\slash", "a+b, (c) [d]", "~%&?#=", "null", "1", "x\\'y", "ünï"]
)
def test_filters_find_odd_names(api: AdminApi, name: str) -> None:
    """Whatever a tag is called, a filter finds it and nothing else."""
    api.create(Resource.TAGS, {"name": name})
    api.create(Resource.TAGS, {"name": "Other"})
    assert [row["name"] for row in api.iter_raw(Resource.TAGS, filter=nql.equals("name", name))] == [name]
    assert api.count(Resource.TAGS, nql.one_of("name", [name, "Other"])) == 2


def test_changes_since_a_moment(api: AdminApi) -> None:
    """A filter by date finds what changed at or after it, to the second."""
    changed = datetime.fromisoformat(api.create(Resource.POSTS, {"title": "x"})["updated_at"])
    assert api.count(Resource.POSTS, nql.since("updated_at", changed)) == 1
    assert api.count(Resource.POSTS, nql.since("updated_at", changed + timedelta(seconds=1))) == 0


def test_the_log_says_who(api: AdminApi) -> None:
    """Ghost's log names the integration, newest first."""
    post = api.create(Resource.POSTS, {"title": "x"})
    api.delete(Resource.POSTS, post["id"])
    actions = api.actions("resource_type:'post'")["actions"]
    assert {(one["event"], one["actor"]["name"]) for one in actions} == {
        ("deleted", "ghostsync"),
        ("added", "ghostsync"),
    }


def test_a_missing_row_is_not_found(api: AdminApi) -> None:
    """By id, by slug, and when it is deleted a second time."""
    post = api.create(Resource.POSTS, {"title": "x"})
    api.delete(Resource.POSTS, post["id"])
    for act in (
        lambda: api.read(Resource.POSTS, post["id"]),
        lambda: api.read_slug(Resource.POSTS, "x"),
        lambda: api.delete(Resource.POSTS, post["id"]),
    ):
        with pytest.raises(NotFound):
            act()


def test_four_threads_share_one_client(ghost: Ghost) -> None:
    """Forty posts written by four threads over one client are forty posts."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: ghost.posts.create(title=f"Post {number}").id, range(40)))
    assert {post.id for post in ghost.posts.list(limit=7)} == set(made)


def test_the_second_writer_is_refused(ghost: Ghost) -> None:
    """An update from a version that is no longer current changes nothing; one by id is based on this moment."""
    read = ghost.posts.create(title="First", published_at=datetime(2020, 1, 1, tzinfo=UTC))
    old = {"updated_at": "2020-01-01T00:00:00.000Z"}
    with pytest.raises(UpdateCollision) as caught:
        ghost.posts.update(read, title="Second", **old)
    assert caught.value.code == "UPDATE_COLLISION"
    assert caught.value.details["changedFields"] == ["title"]  # type: ignore[index]
    assert ghost.posts.get(read.id).title == "First"
    assert ghost.posts.update(read.id, title="Third").title == "Third"


def test_markdown_comes_back(ghost: Ghost) -> None:
    """A body written as Markdown is stored as Ghost's own nodes, and writing it back changes nothing."""
    text = "## Heading\n\nSome *text* with a [link](https://example.com/).\n\n- one\n- two\n"
    post = ghost.posts.create(title="x", markdown=text)
    assert post.markdown.strip() == text.strip()
    again = ghost.posts.update(post, markdown=post.markdown)
    assert (again.lexical, again.updated_at) == (post.lexical, post.updated_at)
    assert "markdown" not in (post.lexical or "")


def test_a_body_replaces_one_of_the_old_format(ghost: Ghost) -> None:
    """Ghost 5 drops a Lexical body for a mobiledoc post; the library has it converted first."""
    mobiledoc = {
        "version": "0.3.1",
        "markups": [],
        "atoms": [],
        "cards": [],
        "sections": [[1, "p", [[0, [], 0, "old"]]]],
    }
    post = ghost.posts.create(title="x", mobiledoc=mobiledoc)
    assert post.markdown.strip() == "old"
    for body in ({"markdown": "*new*"}, {"html": "<p><em>new</em></p>"}):
        fresh = ghost.posts.create(title="y", mobiledoc=mobiledoc)
        changed = ghost.posts.update(fresh, **body)  # type: ignore[arg-type]
        assert ghost.posts.get(changed.id, formats="html").html == "<p><em>new</em></p>"


def test_pages_and_their_own_field(ghost: Ghost) -> None:
    """Pages are listed apart from posts, and have a field of their own."""
    page = ghost.pages.create(title="About", markdown="Us.", show_title_and_feature_image=False)
    assert not page.show_title_and_feature_image
    assert [one.slug for one in ghost.pages.list()] == ["about"]
    assert ghost.posts.list().total == 0
    assert ghost.pages.update(page, title="About us").slug == "about"
    ghost.pages.delete(page)
    assert not ghost.pages.list()


def test_authors_and_tiers_by_name(ghost: Ghost, site: Any) -> None:
    """Authors by e-mail, tiers by slug; an unknown author is refused where Ghost would put the owner."""
    tier = next(one for one in ghost.tiers.list() if one.type == "paid")
    post = ghost.posts.create(title="x", authors=[site.owner_email], visibility="tiers", tiers=[tier.slug])
    assert [one.email for one in post.authors] == [site.owner_email]
    assert [one.slug for one in ghost.posts.get(post.id).tiers] == [tier.slug]
    with pytest.raises(Rejected, match="no author 'nobody'"):
        ghost.posts.create(title="x", authors=["nobody"])
    assert ghost.tiers.get(tier.slug) == ghost.tiers.get(tier.id)
    assert ghost.newsletters.get("default-newsletter").status == "active"
    with pytest.raises(NotFound):
        ghost.newsletters.get("no-such-newsletter")


def test_deleting_while_listing_reaches_all(ghost: Ghost) -> None:
    """Going through a listing and deleting each post empties the site."""
    for number in range(11):
        ghost.posts.create(title=f"Post {number}")
    for post in ghost.posts.list(limit=3):
        ghost.posts.delete(post)
    assert ghost.posts.list().total == 0


def test_no_email_by_accident(ghost: Ghost) -> None:
    """A post that an editor scheduled with a newsletter is not published without naming one, by record or by id."""
    newsletter = ghost.newsletters.list()[0].slug
    post = ghost.posts.create(title="x", markdown="Hello.")
    soon = datetime.now(UTC) + timedelta(days=30)
    scheduled = ghost.posts.update(post, status="scheduled", published_at=soon, newsletter=newsletter)
    assert scheduled.newsletter is not None
    for given in (scheduled, scheduled.id):
        with pytest.raises(Rejected, match="could send it by email; nothing was sent"):
            ghost.posts.update(given, status="published")
    assert ghost.posts.get(post.id).status == "scheduled"
    draft = ghost.posts.update(scheduled, status="draft")
    assert ghost.posts.update(draft, status="published").status == "published"


def test_an_email_only_post_does_not_vanish(ghost: Ghost) -> None:
    """Publishing an email-only post without a newsletter would take it off the site, unsent."""
    with pytest.raises(Rejected, match="would take it for sent"):
        ghost.posts.create(title="x", markdown="Hello.", email_only=True, status="published")
    post = ghost.posts.create(title="x", markdown="Hello.", email_only=True)
    for fields in ({}, {"email_only": False}):
        with pytest.raises(Rejected, match="nothing was sent"):
            ghost.posts.update(post, status="published", **fields)  # type: ignore[arg-type]
    ordinary = ghost.posts.update(post, email_only=False)
    assert ghost.posts.update(ordinary, status="published").status == "published"


def test_files_go_where_they_belong(ghost: Ghost) -> None:
    """A picture, a sound and a document are accepted by the endpoint that their name chooses, and served."""
    for name, data in (("dot.svg", SVG), ("sound.mp3", b"ID3" + bytes(200)), ("paper.pdf", b"%PDF-1.4 paper")):
        uploaded = ghost.upload(name=name, data=data, ref=f"somewhere/{name}")
        assert uploaded.ref == f"somewhere/{name}"
        assert f"/content/{endpoint_for(name)}/" in uploaded.url
        assert ghost.api.transport.download(uploaded.url)
    with pytest.raises(NotFound):
        ghost.api.transport.download(f"{ghost.site.url}content/files/nothing.pdf")


def test_a_large_file_is_sent_whole(ghost: Ghost) -> None:
    """Twenty megabytes arrive byte for byte."""
    data = bytes(range(256)) * 80_000
    with multipart_body("film.mp4", io.BytesIO(data)) as body:
        url = ghost.api.upload(UploadTo.MEDIA, body)["url"]
    assert ghost.api.transport.download(url) == data


def test_a_broken_picture_says_so(ghost: Ghost) -> None:
    """What Ghost cannot read as a picture is Rejected, with Ghost's reason."""
    with pytest.raises(Rejected, match=r"Image processing failed|valid image"):
        ghost.upload(name="broken.png", data=b"this is no picture")
