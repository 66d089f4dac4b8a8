"""Writing posts and pages: envelopes, partial updates, what is refused and what is dropped without a word."""

from __future__ import annotations

from typing import Any

import pytest
from contract.backends import Site
from contract.bodies import document, paragraph
from fakeghost import sign_token


def test_create_answers_201_with_location(site: Site) -> None:
    """A POST answers 201, the post, and its address in `Location`."""
    answer = site.ask("POST", "posts/", {"posts": [{"title": "Hello"}]})
    assert answer.status_code == 201
    (post,) = answer.json()["posts"]
    assert answer.headers["Location"].endswith(f"/ghost/api/admin/posts/{post['id']}/")


def test_defaults_of_a_new_post(site: Site) -> None:
    """A draft for everybody, by the owner, with a blank document and no HTML."""
    post = site.add("Hello")
    assert (post["status"], post["visibility"], post["featured"]) == ("draft", "public", False)
    assert (post["html"], post["published_at"], post["comment_id"]) == (None, None, post["id"])
    assert post["tags"] == []
    owner = next(user for user in site.browse("users", include="roles") if user["roles"][0]["name"] == "Owner")
    assert [author["id"] for author in post["authors"]] == [owner["id"]]
    assert post["url"] == f"{site.url}/p/{post['uuid']}/"


def test_dates_have_whole_seconds(site: Site) -> None:
    """Dates are answered in UTC, with milliseconds of zero."""
    post = site.add("Hello", status="published")
    assert all(post[name].endswith(".000Z") for name in ("created_at", "updated_at", "published_at"))


def test_update_is_partial(site: Site) -> None:
    """What a PUT does not name stays, tags and meta fields too."""
    post = site.add("Hello", custom_excerpt="short", meta_title="meta", tags=["A"], featured=True)
    changed = site.change(post, title="Other")
    assert (changed["title"], changed["custom_excerpt"], changed["meta_title"]) == ("Other", "short", "meta")
    assert changed["featured"] is True
    assert [tag["name"] for tag in changed["tags"]] == ["A"]


def test_meta_fields_are_merged(site: Site) -> None:
    """One meta field does not reset the others."""
    post = site.add(meta_title="meta", og_title="og", feature_image_alt="alt")
    changed = site.change(post, og_title=None, twitter_title="tw")
    names = ("meta_title", "og_title", "twitter_title", "feature_image_alt")
    assert [changed[name] for name in names] == ["meta", None, "tw", "alt"]


def test_unknown_fields_are_dropped(site: Site) -> None:
    """Fields that Ghost does not take are no error, and have no effect."""
    post = site.add(
        "Hello",
        nonsense=1,
        created_at="2001-01-01T00:00:00.000Z",
        uuid="x",
        html="<p>x</p>",
        plaintext="x",
        comment_id="c",
    )
    assert "nonsense" not in post
    assert not post["created_at"].startswith("2001")
    assert (post["html"], post["comment_id"]) == (None, post["id"])


def test_updated_at_of_a_new_post_is_taken(site: Site) -> None:
    """A POST may set `updated_at`."""
    assert site.add(updated_at="2020-02-02T02:02:02.000Z")["updated_at"] == "2020-02-02T02:02:02.000Z"


def test_put_needs_updated_at(site: Site) -> None:
    """A PUT without `updated_at` is refused."""
    post = site.add()
    answer = site.ask("PUT", f"posts/{post['id']}/", {"posts": [{"title": "x"}]})
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["type"] == "ValidationError"
    assert error["message"] == "Validation error, cannot edit post."


def test_post_needs_title(site: Site) -> None:
    """A POST without a title is refused; an empty one becomes `(Untitled)`."""
    assert site.ask("POST", "posts/", {"posts": [{"slug": "x"}]}).status_code == 422
    assert site.add("")["title"] == "(Untitled)"


def test_title_is_trimmed_excerpt_is_not(site: Site) -> None:
    """White space around titles goes, around excerpts and code it stays."""
    post = site.add("  Hello  ", custom_excerpt=" x ", codeinjection_head=" <b> ")
    assert (post["title"], post["custom_excerpt"], post["codeinjection_head"]) == ("Hello", " x ", " <b> ")


def test_empty_strings_are_null(site: Site) -> None:
    """Nullable fields hold null where an empty string was sent."""
    names = ["custom_excerpt", "meta_title", "feature_image", "og_image", "canonical_url", "custom_template"]
    post = site.add(**dict.fromkeys(names, ""))
    assert {name: post[name] for name in names} == dict.fromkeys(names)


REFUSED: list[tuple[str, Any]] = [
    ("title", "x" * 256),
    ("custom_excerpt", "x" * 301),
    ("meta_title", "x" * 301),
    ("meta_description", "x" * 501),
    ("feature_image_alt", "x" * 192),
    ("custom_template", "x" * 101),
    ("slug", "x" * 192),
    ("title", 5),
    ("featured", "yes"),
    ("status", "hidden"),
    ("feature_image", "https://example.com/a b.png"),
    ("published_at", "2024-01-01T00:00:00"),
    ("published_at", "yesterday"),
    ("lexical", ""),
    ("lexical", {"root": {}}),
    ("lexical", "{not json"),
    ("slug", None),
    ("authors", []),
    ("tags", "News"),
]


def test_refused_values(site: Site) -> None:
    """Values that break Ghost's types and lengths are refused with 422 and leave the post as it is."""
    post = site.add("Hello")
    for field, value in REFUSED:
        answer = site.put(post, **{field: value})
        assert answer.status_code == 422, (field, value, answer.text)
        assert answer.json()["errors"][0]["type"] == "ValidationError"
    held = site.read(post)
    assert {name: held[name] for name in post} == post


@pytest.mark.parametrize("address", ["https://example.com/ä.png", "https://example.com/[x]", "https://example.com/a|b"])
def test_addresses_must_be_encoded(site: Site, address: str) -> None:
    """Ghost 6 wants addresses percent-encoded; Ghost 5 refuses white space only."""
    answer = site.put(site.add(), feature_image=address)
    assert answer.status_code == (422 if site.major >= 6 else 200)


def test_longest_values(site: Site) -> None:
    """The limits themselves are fine, counted in characters and not in bytes."""
    post = site.add("😀" * 255, custom_excerpt="ü" * 300, meta_description="ß" * 500, feature_image_alt="x" * 191)
    assert len(post["title"]) == 255
    assert len(post["custom_excerpt"]) == 300


def test_envelope_holds_one(site: Site) -> None:
    """No body, a wrong key and two posts are refused."""
    bodies: list[dict[str, Any]] = [{}, {"post": {}}, {"posts": []}, {"posts": [{"title": "a"}, {"title": "b"}]}]
    for body in bodies:
        answer = site.ask("POST", "posts/", body)
        assert answer.status_code in {400, 422}, answer.text
    assert site.browse("posts") == []


def test_body_must_be_declared_as_json(site: Site) -> None:
    """Without the content type there is no body; with broken JSON the answer is 400."""
    headers = {"Authorization": f"Ghost {sign_token(site.key, issued_at=site.now())}"}
    body = b'{"posts":[{"title":"x"}]}'
    assert site.send("POST", "posts/", headers=headers, data=body).status_code == 422
    headers["Content-Type"] = "application/json"
    assert site.send("POST", "posts/", headers=headers, data=body).status_code == 201
    assert site.send("POST", "posts/", headers=headers, data=body[:-4]).status_code == 400


def test_wrong_kind_is_404(site: Site) -> None:
    """A post is not found among pages, nor a page among posts."""
    post, page = site.add(), site.add(to="pages")
    assert site.ask("GET", f"pages/{post['id']}/").status_code == 404
    assert site.put(page, title="x").status_code == 404
    assert site.ask("DELETE", f"pages/{post['id']}/").status_code == 404


def test_unknown_ids(site: Site) -> None:
    """An id that is nobody's is 404, what is no id is 422."""
    nobody = {"id": "0" * 24, "updated_at": "2024-01-01T00:00:00.000Z"}
    assert site.ask("GET", f"posts/{nobody['id']}/").status_code == 404
    answer = site.put(nobody, title="x")
    assert site.refusal(answer) == (404, "Post not found.")
    assert site.ask("DELETE", f"posts/{nobody['id']}/").status_code == 404
    assert site.ask("GET", "posts/not-an-id/").status_code == 422
    assert site.put({**nobody, "id": "not-an-id"}, title="x").status_code == 422
    assert site.ask("DELETE", "posts/not-an-id/").status_code == 422


def test_page_only_and_post_only_fields(site: Site) -> None:
    """`show_title_and_feature_image` is a page's; email fields are a post's."""
    page = site.add(to="pages", show_title_and_feature_image=False, email_subject="x")
    assert page["show_title_and_feature_image"] is False
    assert not {"email_subject", "email_only", "newsletter", "email"} & page.keys()
    post = site.add(show_title_and_feature_image=False, email_subject="subject")
    assert "show_title_and_feature_image" not in post
    assert post["email_subject"] == "subject"


def test_delete_is_final(site: Site) -> None:
    """204, then 404, and the slug is free again."""
    post = site.add("Hello", lexical=document(paragraph("x")))
    answer = site.ask("DELETE", f"posts/{post['id']}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert site.ask("DELETE", f"posts/{post['id']}/").status_code == 404
    assert site.ask("GET", f"posts/{post['id']}/").status_code == 404
    assert site.add("Hello")["slug"] == "hello"


def test_unknown_authors_become_the_owner(site: Site) -> None:
    """Nobody's address, slug or id is taken for the owner, silently; a slug as a bare string is one of those."""
    owner = site.add()["authors"][0]["id"]
    editor = next(user for user in site.browse("users") if user["email"] == "berta@example.com")
    for wanted in ("jane@example.com", editor["slug"], {"slug": "jane"}, {"id": "0" * 24}):
        assert [author["id"] for author in site.add(authors=[wanted])["authors"]] == [owner], wanted


def test_authors_by_id_slug_or_address(site: Site) -> None:
    """Three ways to name a person; the order is kept, the first is primary."""
    owner = site.add()["authors"][0]["id"]
    editor = next(user for user in site.browse("users") if user["email"] == "berta@example.com")
    for wanted in ({"id": editor["id"]}, {"slug": editor["slug"]}, {"email": editor["email"]}, editor["email"]):
        post = site.add(authors=[wanted, {"id": owner}])
        assert [author["id"] for author in post["authors"]] == [editor["id"], owner]
        assert post["primary_author"]["id"] == editor["id"]


def test_tiers_count_by_id_only(site: Site) -> None:
    """Tiers named by slug or name are dropped without a word; the free one as well."""
    tiers = {tier["slug"]: tier["id"] for tier in site.browse("tiers")}
    for wanted in ([{"slug": "default-product"}], ["default-product"], [{"id": tiers["free"]}]):
        assert site.add(visibility="tiers", tiers=wanted)["tiers"] == [], wanted
    post = site.add(visibility="tiers", tiers=[{"id": tiers["default-product"]}])
    assert [tier["slug"] for tier in post["tiers"]] == ["default-product"]


def test_unknown_tier_is_refused(site: Site) -> None:
    """A tier id that is nobody's is refused."""
    answer = site.ask("POST", "posts/", {"posts": [{"title": "x", "visibility": "tiers", "tiers": [{"id": "0" * 24}]}]})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("visibility", "slugs"),
    [("public", ["default-product", "free"]), ("members", ["default-product", "free"]), ("paid", ["default-product"])],
)
def test_tiers_on_read_are_made_up(site: Site, visibility: str, slugs: list[str]) -> None:
    """But for visibility `tiers`, the tiers in an answer are those who may read, not what is stored."""
    assert sorted(tier["slug"] for tier in site.add(visibility=visibility)["tiers"]) == slugs


def test_visibility_null_breaks_the_database(site: Site) -> None:
    """A visibility of null is no validation error but a 500."""
    assert site.put(site.add(), visibility=None).status_code == 500


def test_source_html(site: Site) -> None:
    """With `?source=html` the HTML becomes the document; without, it is ignored."""
    body = {"posts": [{"title": "x", "html": "<p>Hello</p><h2>There</h2>"}]}
    post = site.ask("POST", "posts/", body, source="html", formats="html,lexical").json()["posts"][0]
    assert "<p>Hello</p>" in post["html"]
    assert "There</h2>" in post["html"]
    assert site.ask("POST", "posts/", body, source="markdown").status_code == 422
