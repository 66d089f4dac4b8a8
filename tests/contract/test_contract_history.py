"""Revisions, the actions log and what people do in Ghost's interface: how one finds out who changed what."""

from __future__ import annotations

import json
from typing import Any

from contract.backends import Row, Site
from contract.bodies import card, document, paragraph


def _reasons(site: Site, post: Row) -> list[str]:
    return [revision["reason"] for revision in site.revisions(post)]


def _body(number: int) -> str:
    return document(paragraph(f"text {number}"), ghostsync={"op": str(number)})


def test_revisions_come_only_when_asked_for(site: Site) -> None:
    """Without the include, an answer has no history."""
    assert "post_revisions" not in site.read(site.add())


def test_first_save_is_a_revision(site: Site) -> None:
    """A new post has one, with the document as stored, record and all."""
    post = site.add("Hello", lexical=_body(1), custom_excerpt="short", feature_image="https://example.com/a.png")
    (revision,) = site.revisions(post)
    assert revision["lexical"] == _body(1)
    assert (revision["reason"], revision["post_status"]) == ("initial_revision", "draft")
    assert (revision["title"], revision["custom_excerpt"]) == ("Hello", "short")
    assert revision["feature_image"] == "https://example.com/a.png"


def test_revision_holds_what_was_sent(site: Site) -> None:
    """Addresses and white space of a revision are as the client sent them, not as they are stored."""
    sent = '{"root": {"type": "root", "children": [{"type": "image", "version": 1, "src": "/content/a.png"}]}}'
    post = site.add(lexical=sent, feature_image="/content/b.png", custom_excerpt='<a href="/x/">x</a>')
    assert post["feature_image"] == f"{site.url}/content/b.png"
    (revision,) = site.revisions(post)
    assert revision["lexical"] == sent
    assert (revision["feature_image"], revision["custom_excerpt"]) == ("/content/b.png", '<a href="/x/">x</a>')
    site.change(post, query={"save_revision": "1"}, title="Other")
    assert site.revisions(post)[1]["lexical"] == post["lexical"]


def test_revision_forgets_picture_texts(site: Site) -> None:
    """The texts of the picture are in a revision only if that very save sent them."""
    post = site.add(feature_image="https://example.com/a.png", feature_image_alt="alt")
    post = site.change(post, query={"save_revision": "1"}, title="Other")
    assert post["feature_image_alt"] == "alt"
    assert [revision["feature_image_alt"] for revision in site.revisions(post)] == ["alt", None]


def test_draft_saves_leave_none_within_ten_minutes(site: Site) -> None:
    """A draft saved without asking leaves no revision, until the last is ten minutes old."""
    post = site.change(site.add("Hello", lexical=_body(1)), lexical=_body(2))
    assert _reasons(site, post) == ["initial_revision"]
    site.pass_time(601)
    site.change(site.read(post), lexical=_body(3))
    assert _reasons(site, post) == ["initial_revision", "background_save"]


def test_save_revision_leaves_one(site: Site) -> None:
    """`save_revision=1` leaves one, oldest first, and does so even when nothing of the content changed."""
    post = site.add("Hello", lexical=_body(1))
    post = site.change(post, query={"save_revision": "1"}, lexical=_body(2))
    assert [revision["lexical"] for revision in site.revisions(post)] == [_body(1), _body(2)]
    site.change(post, query={"save_revision": "1"}, meta_title="x", tags=["A"])
    assert _reasons(site, post) == ["initial_revision", "explicit_save", "explicit_save"]


def test_published_saves_leave_one_each(site: Site) -> None:
    """Each save of a published post leaves one, even one that changes nothing."""
    post = site.add("Hello", lexical=_body(1), status="published")
    site.change(post)
    site.change(site.read(post), lexical=_body(2))
    assert _reasons(site, post) == ["initial_revision", "published", "published"]


def test_unpublishing_leaves_one(site: Site) -> None:
    """So does taking a post back."""
    post = site.add("Hello", status="published")
    site.change(post, status="draft")
    assert _reasons(site, post) == ["initial_revision", "unpublished"]


def test_only_25_are_kept(site: Site) -> None:
    """The oldest are forgotten."""
    post = site.add("Hello", lexical=_body(0), status="published")
    for number in range(1, 27):
        post = site.change(post, lexical=_body(number))
    held = [json.loads(revision["lexical"])["root"]["ghostsync"]["op"] for revision in site.revisions(post)]
    assert held == [str(number) for number in range(2, 27)]


def test_revisions_in_a_list(site: Site) -> None:
    """Several posts' histories come in one request."""
    posts = [site.add(f"Post {number}", lexical=_body(number)) for number in range(3)]
    wanted = ",".join(f"'{post['id']}'" for post in posts[:2])
    listed = site.browse("posts", filter=f"id:[{wanted}]", include="post_revisions", order="id asc")
    assert [post["post_revisions"][0]["lexical"] for post in listed] == [_body(0), _body(1)]


def test_pages_have_revisions(site: Site) -> None:
    """Pages too."""
    page = site.add(to="pages", lexical=_body(1))
    assert len(site.read(page, to="pages", include="post_revisions")["post_revisions"]) == 1


# The actions log


def test_actions_of_a_post(site: Site) -> None:
    """Added, edited and deleted are logged with the title; the actor is the integration."""
    post = site.add("Hello")
    site.pass_time(1)
    site.change(site.read(post), title="Other")
    site.pass_time(1)
    site.ask("DELETE", f"posts/{post['id']}/")
    rows = site.actions(filter=f"resource_id:'{post['id']}'", include="actor")
    assert [row["event"] for row in rows] == ["deleted", "edited", "added"]
    assert [row["context"]["primary_name"] for row in rows] == ["Other", "Other", "Hello"]
    assert {(row["resource_type"], row["context"]["type"], row["actor_type"]) for row in rows} == {
        ("post", "post", "integration")
    }
    assert {row["actor"]["name"] for row in rows} == {"ghostsync"}


def test_pages_are_logged_as_posts(site: Site) -> None:
    """A page's resource type is `post`; its context says `page`."""
    page = site.add("About", to="pages")
    (row,) = site.actions(filter=f"resource_id:'{page['id']}'")
    assert (row["resource_type"], row["context"]["type"]) == ("post", "page")


def test_person_is_named(site: Site) -> None:
    """An edit in the interface names the person."""
    post = site.add("Hello")
    body = {"posts": [{"title": "Other", "updated_at": post["updated_at"]}]}
    assert site.ask_as_person("PUT", f"posts/{post['id']}/", body).status_code == 200
    row = next(
        row for row in site.actions(filter=f"resource_id:'{post['id']}'", include="actor") if row["event"] == "edited"
    )
    assert (row["actor_type"], row["actor"]["name"]) == ("user", "Berta Editor")


def _edits(site: Site, post: Row) -> int:
    return len(site.actions(filter=f"resource_id:'{post['id']}'+event:'edited'"))


def test_what_is_logged_as_an_edit(site: Site) -> None:
    """Tags, meta and tiers alone are logged; nothing new and a new order of tags are not."""
    tier = next(tier["id"] for tier in site.browse("tiers") if tier["type"] == "paid")
    post = site.add("Hello", tags=["A"], visibility="tiers")
    counts: list[int] = []
    changes: list[Row] = [
        {"tags": ["A", "B"]},
        {"meta_title": "x"},
        {"tiers": [{"id": tier}]},
        {},
        {"tags": ["B", "A"]},
    ]
    for fields in changes:
        site.change(site.read(post), **fields)
        counts.append(_edits(site, post))
    assert counts == [1, 2, 3, 3, 3]


def test_published_save_of_nothing_is_not_logged(site: Site) -> None:
    """A save that only leaves a revision is not an edit."""
    post = site.add("Hello", status="published")
    site.change(post)
    assert _edits(site, post) == 0


def test_refused_saves_are_not_logged(site: Site) -> None:
    """A collision leaves no trace."""
    post = site.add("Hello")
    site.put(post, updated_at="2001-01-01T00:00:00.000Z", title="Other")
    assert _edits(site, post) == 0


def test_tag_events(site: Site) -> None:
    """A renamed or deleted tag is logged as a tag, and nothing of its posts."""
    post = site.add("Hello", tags=["News"])
    tag = post["tags"][0]
    site.pass_time(1)
    site.ask_as_person("PUT", f"tags/{tag['id']}/", {"tags": [{"name": "Chronicle"}]})
    site.pass_time(1)
    site.ask_as_person("DELETE", f"tags/{tag['id']}/")
    rows = site.actions(filter="resource_type:'tag'")
    assert [(row["event"], row["resource_id"], row["context"]["primary_name"]) for row in rows] == [
        ("deleted", tag["id"], "Chronicle"),
        ("edited", tag["id"], "Chronicle"),
        ("added", tag["id"], "News"),
    ]
    assert _edits(site, post) == 0


def test_actions_since(site: Site) -> None:
    """The log is filtered by date, in SQL's spelling, and by several types."""
    site.add("Old", tags=["A"])
    site.pass_time(3600)
    post = site.add("New")
    since = post["created_at"][:19].replace("T", " ")
    rows = site.actions(filter=f"resource_type:['post','tag']+created_at:>='{since}'")
    assert [row["context"]["primary_name"] for row in rows] == ["New"]


# Bulk actions in the list of posts, and Duplicate


def _bulk(site: Site, method: str, posts: list[Row], bulk: Row | None = None, resource: str = "posts") -> Any:
    ids = ",".join(f"'{post['id']}'" for post in posts)
    path = f"{resource}/bulk/" if method == "PUT" else f"{resource}/"
    document_ = None if bulk is None else {"bulk": bulk}
    answer = site.ask_as_person(method, path, document_, filter=f"id:[{ids}]")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_bulk_unpublish_is_nearly_invisible(site: Site) -> None:
    """One row without an id, `updated_at` where it was."""
    posts = [site.add(f"Post {number}", status="published") for number in range(2)]
    site.pass_time(10)
    before = [site.read(post) for post in posts]
    _bulk(site, "PUT", posts, {"action": "unpublish", "meta": {}})
    after = [site.read(post) for post in posts]
    assert [post["status"] for post in after] == ["draft", "draft"]
    assert [post["updated_at"] for post in after] == [post["updated_at"] for post in before]
    (row,) = site.actions(filter="event:'edited'")
    assert row["resource_id"] is None
    assert (row["resource_type"], row["context"]["count"], row["context"]["type"]) == ("post", 2, "post")


def test_bulk_delete_logs_a_count(site: Site) -> None:
    """Two posts deleted at once leave one row, without ids."""
    posts = [site.add(f"Post {number}") for number in range(2)]
    kept = site.add("Kept")
    _bulk(site, "DELETE", posts)
    assert [post["id"] for post in site.browse("posts")] == [kept["id"]]
    (row,) = site.actions(filter="event:'deleted'")
    assert (row["resource_id"], row["context"]["count"]) == (None, 2)


def test_bulk_on_one_post(site: Site) -> None:
    """One post selected: its id is in the log when it is edited, and nothing is logged when it is deleted."""
    post = site.add("One", status="published")
    _bulk(site, "PUT", [post], {"action": "unpublish", "meta": {}})
    edited = [row["resource_id"] for row in site.actions(filter="event:'edited'")]
    _bulk(site, "DELETE", [post])
    deleted = [row["resource_id"] for row in site.actions(filter="event:'deleted'")]
    assert (edited, deleted) == ([post["id"]], [post["id"]])


def test_bulk_feature_and_tags(site: Site) -> None:
    """The list's other actions."""
    posts = [site.add(f"Post {number}", tags=["Own"]) for number in range(2)]
    _bulk(site, "PUT", posts, {"action": "feature", "meta": {}})
    assert all(site.read(post)["featured"] for post in posts)
    _bulk(site, "PUT", posts, {"action": "addTag", "meta": {"tags": [{"name": "Added"}]}})
    assert all({tag["name"] for tag in site.read(post)["tags"]} == {"Own", "Added"} for post in posts)


def test_bulk_access(site: Site) -> None:
    """Who may read, for several."""
    posts = [site.add(f"Post {number}") for number in range(2)]
    _bulk(site, "PUT", posts, {"action": "access", "meta": {"visibility": "members"}})
    assert [site.read(post)["visibility"] for post in posts] == ["members", "members"]


def test_delete_without_an_id_deletes_everything(site: Site) -> None:
    """DELETE on the list, without a filter, deletes every post, and only posts: clients must guard their ids."""
    site.add("One")
    site.add("Two", status="published")
    page = site.add("About", to="pages")
    assert site.ask("DELETE", "posts/").status_code == 200
    assert site.browse("posts") == []
    assert [one["id"] for one in site.browse("pages")] == [page["id"]]


def test_duplicate_copies_the_record_and_tags(site: Site) -> None:
    """A copy is a draft with the body, tags and meta of its original, the record included."""
    lexical = document(paragraph("hi"), card("horizontalrule"), ghostsync={"op": "1"})
    post = site.add("Hello", lexical=lexical, status="published", tags=["#ghostsync"], meta_title="meta", slug="hey")
    answer = site.ask_as_person("POST", f"posts/{post['id']}/copy/", formats="lexical")
    assert answer.status_code == 201, answer.text
    copy = site.read(answer.json()["posts"][0])
    assert (copy["title"], copy["status"], copy["lexical"]) == ("Hello (Copy)", "draft", lexical)
    assert (copy["slug"], copy["meta_title"], copy["published_at"]) == ("hello-copy", "meta", None)
    assert [tag["slug"] for tag in copy["tags"]] == ["hash-ghostsync"]
    assert copy["id"] != post["id"]


def test_restoring_an_old_version_brings_its_record_back(site: Site) -> None:
    """Post history → Restore saves an old document, old record included, as the newest."""
    post = site.change(site.add("Hello", lexical=_body(1)), query={"save_revision": "1"}, lexical=_body(2))
    old = site.revisions(post)[0]
    body = {"posts": [{"lexical": old["lexical"], "title": old["title"], "updated_at": post["updated_at"]}]}
    assert site.ask_as_person("PUT", f"posts/{post['id']}/", body, save_revision=1).status_code == 200
    assert [revision["lexical"] for revision in site.revisions(post)] == [_body(1), _body(2), _body(1)]
