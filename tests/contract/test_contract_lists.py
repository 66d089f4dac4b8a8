"""Lists: pages of a list, filters, fields; and the single things that a client reads about a site."""

from __future__ import annotations

import pytest
import requests
from contract.backends import Site
from contract.bodies import document, paragraph
from fakeghost import sign_token


def _pagination(site: Site, **query: object) -> dict[str, object]:
    return site.ask("GET", "posts/", **query).json()["meta"]["pagination"]  # type: ignore[no-any-return]


def test_pages_of_a_list(site: Site) -> None:
    """Page, limit, total and neighbours; a page beyond the end is empty."""
    for number in range(5):
        site.add(f"Post {number}")
    assert _pagination(site, limit=2, page=2) == {"page": 2, "limit": 2, "pages": 3, "total": 5, "next": 3, "prev": 1}
    assert _pagination(site)["limit"] == 15
    assert site.browse("posts", limit=2, page=9) == []
    assert _pagination(site, limit=0)["limit"] == 15
    assert site.ask("GET", "posts/", limit="many").status_code == (200 if site.major >= 6 else 422)


def test_limit_is_capped_at_100_in_ghost_6(site: Site) -> None:
    """Ghost 6 gives at most 100, whatever is asked for; Ghost 5 gives it."""
    site.add()
    capped = site.major >= 6
    assert _pagination(site, limit=250)["limit"] == (100 if capped else 250)
    assert _pagination(site, limit="all")["limit"] == (100 if capped else "all")


def test_paging_by_key(site: Site) -> None:
    """`id:>'last'` in the order of ids reads everything once; ids grow with creation."""
    made = [site.add(f"Post {number}")["id"] for number in range(5)]
    assert made == sorted(made)
    seen: list[str] = []
    while True:
        after = f"id:>'{seen[-1]}'" if seen else None
        page = site.browse("posts", limit=2, order="id asc", fields="id", **({"filter": after} if after else {}))
        if not page:
            break
        seen += [post["id"] for post in page]
    assert seen == made


FILTERS = [
    ("slug:'one'", ["One"]),
    ("slug:['one','two']", ["One", "Two"]),
    ("slug:-['one','two']", ["Three"]),
    ("slug:-'one'", ["Two", "Three"]),
    ("slug:'one',slug:'three'", ["One", "Three"]),
    ("status:'published'+featured:true", ["Two"]),
    ("(slug:'one',slug:'two')+status:'published'", ["Two"]),
    ("title:~'o'", ["One", "Two"]),
    ("title:~^'T'", ["Two", "Three"]),
    ("title:~$'o'", ["Two"]),
    ("tag:'news'", ["One"]),
    ("tags:['news','other']", ["One", "Two"]),
    ("tag:-'news'", ["Two", "Three"]),
    ("meta_title:'x'", ["Three"]),
    ("published_at:null", ["One", "Three"]),
    ("published_at:-null", ["Two"]),
    ("title:'it\\'s'", []),
    ("slug:one", ["One"]),
    ("visibility:public", ["One", "Two", "Three"]),
    ("created_at:>now-1d", ["One", "Two", "Three"]),
    ("created_at:<now-1d", []),
]


def test_filters(site: Site) -> None:
    """The part of the filter language that a client needs."""
    site.add("One", tags=["News"])
    site.add("Two", status="published", featured=True, tags=["Other"])
    site.add("Three", meta_title="x")
    for text, titles in FILTERS:
        assert [post["title"] for post in site.browse("posts", filter=text, order="id asc")] == titles, text


@pytest.mark.parametrize("text", ["slug:[a,t]", "slug:", "nonsense:'x'", "slug:'x", "slug:'it''s'", "((slug:'x')"])
def test_bad_filters(site: Site, text: str) -> None:
    """Bad syntax, unquoted single letters and unknown columns are 400."""
    assert site.ask("GET", "posts/", filter=text).status_code == 400


def test_dates_in_filters(site: Site) -> None:
    """Dates compare as text: SQL's spelling works, ISO's finds nothing of that day."""
    post = site.add()
    date = post["updated_at"]
    assert len(site.browse("posts", filter=f"updated_at:>='{date[:19].replace('T', ' ')}'")) == 1
    assert site.browse("posts", filter=f"updated_at:>='{date}'") == []


def test_status_default(site: Site) -> None:
    """All statuses are listed unless the filter names one."""
    site.add("Draft")
    site.add("Published", status="published")
    assert len(site.browse("posts")) == 2
    assert [post["title"] for post in site.browse("posts", filter="status:'draft'")] == ["Draft"]


def test_fields(site: Site) -> None:
    """Only the fields asked for, with the relations asked for; no body unless a format is."""
    site.add(lexical=document(paragraph("x")), tags=["A"], meta_title="m")
    (post,) = site.browse("posts", fields="id,slug,title,meta_title,updated_at", include="tags")
    assert {"id", "slug", "title", "meta_title", "updated_at", "tags"} <= post.keys()
    assert not {"lexical", "html", "authors", "tiers", "excerpt"} & post.keys()
    (with_body,) = site.browse("posts", fields="id,slug", formats="lexical")
    assert "lexical" in with_body
    assert site.ask("GET", "posts/", fields="id,tags").status_code == 400
    assert site.ask("GET", "posts/", fields="id,nonsense").status_code == 200


def test_include_replaces_the_default(site: Site) -> None:
    """Naming one relation leaves the others out; unknown ones are ignored."""
    post = site.add(tags=["A"])
    held = site.read(post, include="tags,nonsense")
    assert "tags" in held
    assert not {"authors", "tiers", "email"} & held.keys()


def test_order(site: Site) -> None:
    """By any column; unknown ones are ignored, bad spelling is 422."""
    for title in ("B", "A", "C"):
        site.add(title)
    assert [post["title"] for post in site.browse("posts", order="title desc")] == ["C", "B", "A"]
    assert len(site.browse("posts", order="nonsense asc")) == 3
    assert site.ask("GET", "posts/", order="title;drop").status_code == 422


def test_default_order(site: Site) -> None:
    """Scheduled first, then drafts, then the published, newest first."""
    for year in ("2020", "2022", "2021"):
        site.add(year, status="published", published_at=f"{year}-01-01T00:00:00.000Z")
    site.add("draft")
    site.add("scheduled", status="scheduled", published_at="2099-01-01T00:00:00.000Z")
    assert [post["title"] for post in site.browse("posts")] == ["scheduled", "draft", "2022", "2021", "2020"]


def test_read_by_slug(site: Site) -> None:
    """Posts and pages by slug, drafts too; what cannot be a slug is 422."""
    post = site.add("Hello")
    assert site.ask("GET", "posts/slug/hello/").json()["posts"][0]["id"] == post["id"]
    assert site.ask("GET", "pages/slug/hello/").status_code == 404
    assert site.ask("GET", "posts/slug/Hello!/").status_code == 422


def test_people_tiers_newsletters(site: Site) -> None:
    """What a client resolves names with."""
    users = site.browse("users", fields="id,slug,email,name", limit=100)
    assert {"id", "slug", "email", "name"} <= users[0].keys()
    assert {"free", "paid"} == {tier["type"] for tier in site.browse("tiers", fields="id,slug,name,type")}
    assert {"id", "slug", "name", "status"} <= site.browse("newsletters")[0].keys()
    members = site.ask("GET", "members/", limit=1).json()
    assert isinstance(members["meta"]["pagination"]["total"], int)


def test_site_is_public(site: Site) -> None:
    """The site's own description needs no token."""
    answer = site.send("GET", "site/")
    described = answer.json()["site"]
    assert described["url"] == f"{site.url}/"
    assert described["version"].split(".")[0] == str(site.major)
    assert {"title", "site_uuid"} <= described.keys()
    assert answer.headers["Content-Version"].startswith(f"v{site.major}.")


def test_config_and_settings(site: Site) -> None:
    """The full version, the settings and the routes are allowed for the key."""
    assert site.ask("GET", "config/").json()["config"]["version"].startswith(f"{site.major}.")
    settings = {setting["key"]: setting["value"] for setting in site.ask("GET", "settings/").json()["settings"]}
    assert {"title", "timezone", "default_content_visibility"} <= settings.keys()
    routes = site.ask("GET", "settings/routes/yaml/")
    assert routes.status_code == 200
    assert "permalink: /{slug}/" in routes.text


def _with_token(site: Site, token: str | None, scheme: str = "Ghost") -> requests.Response:
    return site.send("GET", "posts/", headers={} if token is None else {"Authorization": f"{scheme} {token}"})


def test_authentication(site: Site) -> None:
    """Each way in which a token can be wrong has its own answer."""
    now, key_id = site.now(), site.key.split(":")[0]
    good = sign_token(site.key, issued_at=now)
    wrong_secret = f"{key_id}:{'0' * 64}"
    cases = [
        (None, "Ghost", 403, None),
        (good, "Bearer", 401, "INVALID_AUTH_HEADER"),
        ("nonsense", "Ghost", 400, "INVALID_JWT"),
        (sign_token(site.key, issued_at=now, key_id="0" * 24), "Ghost", 401, "UNKNOWN_ADMIN_API_KEY"),
        (sign_token(wrong_secret, issued_at=now), "Ghost", 401, "INVALID_JWT"),
        (sign_token(site.key, issued_at=now - 301, lives=900), "Ghost", 401, "INVALID_JWT"),
        (sign_token(site.key, issued_at=now - 100, lives=50), "Ghost", 401, "INVALID_JWT"),
        (sign_token(site.key, issued_at=now, audience="/content/"), "Ghost", 401, "INVALID_JWT"),
    ]
    for token, scheme, status, code in cases:
        answer = _with_token(site, token, scheme)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), answer.text
    assert _with_token(site, good).status_code == 200
    assert _with_token(site, sign_token(site.key, issued_at=now + 3600)).status_code == 200
    assert _with_token(site, sign_token(site.key, issued_at=now - 250, lives=300)).status_code == 200


def test_endpoints_that_a_key_may_not_use(site: Site) -> None:
    """403 in Ghost 6, 501 in Ghost 5; the database export is refused for want of a permission."""
    for path in ("slugs/post/x/", "snippets/", "redirects/download/", "integrations/"):
        assert site.ask("GET", path).status_code == (403 if site.major >= 6 else 501), path
    assert site.ask("GET", "db/").status_code == 403


def test_unknown_endpoint(site: Site) -> None:
    """404, or the refusal of what a key may not use."""
    assert site.ask("GET", "nonsense/").status_code in {403, 404, 501}


def test_reads_without_the_last_slash_redirect(site: Site) -> None:
    """301 for reads; writes are served."""
    answer = site.ask("GET", "posts")
    assert answer.status_code == 301
    assert answer.headers["Location"].rstrip("/").endswith("/ghost/api/admin/posts")
    assert site.ask("POST", "posts", {"posts": [{"title": "x"}]}).status_code == 201


def test_date_header(site: Site) -> None:
    """The server says what time it is."""
    assert site.send("GET", "site/").headers["Date"].endswith("GMT")
