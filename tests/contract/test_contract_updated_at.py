"""When `updated_at` moves and when a stale save is refused: what detection of other people's edits stands on."""

from __future__ import annotations

from typing import Any

import pytest
from contract.backends import Row, Site
from contract.bodies import document, paragraph

STALE = "2001-01-01T00:00:00.000Z"


def _old_post(site: Site, **fields: Any) -> Row:
    """A post whose last save is some seconds ago."""
    post = site.add("Hello", lexical=document(paragraph("x")), **fields)
    site.pass_time(10)
    return site.read(post)


MOVES: Row = {
    "title": "Other",
    "slug": "other",
    "featured": True,
    "visibility": "members",
    "custom_excerpt": "x",
    "feature_image": "https://example.com/a.png",
    "codeinjection_head": "<b>x</b>",
    "custom_template": "custom-x",
    "canonical_url": "https://example.com/",
    "published_at": "2020-01-01T00:00:00.000Z",
    "status": "published",
    "lexical": document(paragraph("y")),
}
META: Row = {
    "meta_title": "x",
    "meta_description": "x",
    "og_title": "x",
    "og_image": "https://example.com/a.png",
    "twitter_title": "x",
    "feature_image_alt": "x",
    "feature_image_caption": "x",
    "email_subject": "x",
}


def test_columns_of_a_post_move_it(site: Site) -> None:
    """A change of a post's own column moves `updated_at`, and is refused when stale."""
    post = _old_post(site)
    for field, value in MOVES.items():
        assert site.put(post, updated_at=STALE, **{field: value}).status_code == 409, field
        assert site.change(post, **{field: value})["updated_at"] > post["updated_at"], field
        site.pass_time(10)
        post = site.read(post)
    assert {name: post[name] for name in MOVES} == MOVES


def test_meta_fields_do_not_move_it(site: Site) -> None:
    """A change of a meta field leaves `updated_at` where it is, and a stale one overwrites."""
    post = _old_post(site)
    for field, value in META.items():
        changed = site.change(post, updated_at=STALE, **{field: value})
        assert (changed[field], changed["updated_at"]) == (value, post["updated_at"]), field


def test_tags_do_not_move_it(site: Site) -> None:
    """Tags added or removed leave `updated_at`, but are refused when stale."""
    post = _old_post(site, tags=["A"])
    assert site.put(post, updated_at=STALE, tags=["A", "B"]).status_code == 409
    assert [tag["name"] for tag in site.browse("tags")] == ["A"]
    changed = site.change(post, tags=["A", "B"])
    assert (len(changed["tags"]), changed["updated_at"]) == (2, post["updated_at"])


def test_order_of_tags_is_unprotected(site: Site) -> None:
    """A mere new order of tags moves nothing and is never refused."""
    post = _old_post(site, tags=["A", "B"])
    changed = site.change(post, updated_at=STALE, tags=["B", "A"])
    assert [tag["name"] for tag in changed["tags"]] == ["B", "A"]
    assert changed["updated_at"] == post["updated_at"]


def test_tiers_do_not_move_it(site: Site) -> None:
    """Tiers leave `updated_at`, but are refused when stale."""
    tier = next(tier["id"] for tier in site.browse("tiers") if tier["type"] == "paid")
    post = _old_post(site, visibility="tiers")
    assert site.put(post, updated_at=STALE, tiers=[{"id": tier}]).status_code == 409
    changed = site.change(post, tiers=[{"id": tier}])
    assert (len(changed["tiers"]), changed["updated_at"]) == (1, post["updated_at"])


def test_authors_do_not_move_it(site: Site) -> None:
    """Authors leave `updated_at`."""
    editor = next(user["id"] for user in site.browse("users") if user["email"] == "berta@example.com")
    post = _old_post(site)
    changed = site.change(post, authors=[{"id": editor}])
    assert [author["id"] for author in changed["authors"]] == [editor]
    assert changed["updated_at"] == post["updated_at"]


@pytest.mark.parametrize("status", ["draft", "published"])
def test_saving_nothing_new_moves_nothing(site: Site, status: str) -> None:
    """The same values again, stale or not, are 200 and change nothing."""
    post = _old_post(site, status=status)
    same: Row = {name: post[name] for name in ("title", "slug", "lexical", "status", "custom_excerpt", "published_at")}
    assert site.change(post, **same)["updated_at"] == post["updated_at"]
    assert site.put(post, updated_at=STALE, **same).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("custom_excerpt", ""),
        ("published_at", "2020-01-01T00:00:00.678Z"),
        ("lexical", '{"root": {"children": [{"children": [], "type": "paragraph"}], "type": "root"}}'),
    ],
)
def test_other_spellings_of_the_same_move_it(site: Site, field: str, value: Any) -> None:
    """An empty string for null, milliseconds, and white space in the JSON count as changes."""
    spaced = '{"root":{"children":[{"children":[],"type":"paragraph"}],"type":"root"}}'
    post = site.add("Hello", lexical=spaced, published_at="2020-01-01T00:00:00.000Z")
    site.pass_time(10)
    post = site.read(post)
    changed = site.change(post, **{field: value})
    assert changed["updated_at"] > post["updated_at"]
    assert changed[field] == post[field]


def test_collision_says_what_and_when(site: Site) -> None:
    """The 409 names the fields; of both dates Ghost 6 makes empty objects."""
    post = _old_post(site)
    error = site.put(post, updated_at=STALE, title="Other").json()["errors"][0]
    assert (error["type"], error["code"]) == ("UpdateCollisionError", "UPDATE_COLLISION")
    assert error["message"] == "Saving failed! Someone else is editing this post."
    assert error["details"]["changedFields"] == ["title"]
    dates = (error["details"]["clientUpdatedAt"], error["details"]["serverUpdatedAt"])
    assert dates == (({}, {}) if site.major >= 6 else (STALE, post["updated_at"]))


def test_second_writer_of_a_second_is_not_seen(site: Site) -> None:
    """Two writers who read the same state within one second: if the clock did not tick, the second one wins."""
    post = _old_post(site)
    for _attempt in range(5):
        first = site.change(site.read(post), title="First", featured=not site.read(post)["featured"])
        answer = site.put(first, title="Second")
        again = site.put(first, title="Third")
        if answer.status_code == 200 and answer.json()["posts"][0]["updated_at"] == first["updated_at"]:
            assert again.status_code == 200
            return
    pytest.fail("the clock ticked between any two saves, five times")


def test_spelling_of_the_date_is_free(site: Site) -> None:
    """Another zone's spelling of the same instant is no collision."""
    post = _old_post(site)
    spelled = post["updated_at"].replace(".000Z", "+00:00")
    assert site.put(post, updated_at=spelled, title="Other").status_code == 200


def test_updated_at_null_disables_the_check(site: Site) -> None:
    """`updated_at: null` never collides, and is stored."""
    post = _old_post(site)
    changed = site.change(post, updated_at=None, title="Other")
    assert changed["updated_at"] is None
    assert site.put(post, updated_at=STALE, title="Third").status_code == 200


@pytest.mark.parametrize("resource", ["posts", "pages"])
@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_fresh_record_protects_every_save(site: Site, resource: str, status: str) -> None:
    """With a changed record in the document's root every save moves `updated_at`, and is refused when stale."""
    post = site.add(to=resource, lexical=document(paragraph("x"), ghostsync={"op": "0"}), status=status)
    saves: list[Row] = [{}, {"tags": ["B"]}, {"meta_title": "x"}]
    for number, fields in enumerate(saves, 1):
        site.pass_time(10)
        post = site.read(post, to=resource)
        lexical = document(paragraph("x"), ghostsync={"op": str(number)})
        assert site.put(post, to=resource, updated_at=STALE, lexical=lexical, **fields).status_code == 409
        changed = site.change(post, to=resource, lexical=lexical, **fields)
        assert changed["updated_at"] > post["updated_at"], fields


def test_force_rerender_moves_nothing_when_the_html_is_right(site: Site) -> None:
    """Rendering again what renders the same leaves `updated_at`; an empty body counts as rendering differently."""
    post = _old_post(site)
    assert site.change(post, query={"force_rerender": "1"})["updated_at"] == post["updated_at"]
    empty = site.add("Empty")
    site.pass_time(10)
    empty = site.read(empty)
    assert site.change(empty, query={"force_rerender": "1"})["updated_at"] > empty["updated_at"]
