"""Tags: how a post's list of tags is matched, and what an accident in it does to the whole site."""

from __future__ import annotations

import pytest
from contract.backends import Row, Site


def _tag(site: Site, **fields: str) -> Row:
    answer = site.ask("POST", "tags/", {"tags": [fields]})
    assert answer.status_code == 201, answer.text
    return answer.json()["tags"][0]  # type: ignore[no-any-return]


def _names(post: Row) -> list[str]:
    return [tag["name"] for tag in post["tags"]]


def test_tags_by_name_are_created(site: Site) -> None:
    """Names that do not exist are created, in the order sent; the first is primary."""
    post = site.add(tags=["News", "#sync"])
    assert [(tag["name"], tag["slug"], tag["visibility"]) for tag in post["tags"]] == [
        ("News", "news", "public"),
        ("#sync", "hash-sync", "internal"),
    ]
    assert post["primary_tag"]["slug"] == "news"


def test_internal_first_tag_is_no_primary_tag(site: Site) -> None:
    """An internal tag in front leaves the post without a primary tag."""
    assert site.add(tags=["#sync", "News"])["primary_tag"] is None


def test_existing_tags_by_slug_and_name(site: Site) -> None:
    """Slug or name alone find the tag that exists."""
    news = _tag(site, name="News")
    post = site.add(tags=[{"slug": "news"}])
    assert [tag["id"] for tag in post["tags"]] == [news["id"]]
    assert [tag["id"] for tag in site.change(post, tags=[{"name": "News"}])["tags"]] == [news["id"]]


def test_name_is_matched_by_case(site: Site) -> None:
    """On SQLite another spelling of the name is another tag, with a counted slug."""
    _tag(site, name="News")
    post = site.add(tags=["news"])
    assert [(tag["name"], tag["slug"]) for tag in post["tags"]] == [("news", "news-2")]


def test_name_and_slug_must_match_together(site: Site) -> None:
    """Name and slug that belong to no one tag make a new one."""
    _tag(site, name="News")
    post = site.add(tags=[{"name": "Other", "slug": "news"}])
    assert [(tag["name"], tag["slug"]) for tag in post["tags"]] == [("Other", "news-2")]


def test_unknown_slug_is_created_under_that_name(site: Site) -> None:
    """A slug that is nobody's becomes a tag whose name is the cleaned slug."""
    post = site.add(tags=[{"slug": "Brand New"}])
    assert [(tag["name"], tag["slug"]) for tag in post["tags"]] == [("brand-new", "brand-new")]


def test_unknown_id_is_refused(site: Site) -> None:
    """An id that is nobody's is refused."""
    answer = site.ask("POST", "posts/", {"posts": [{"title": "x", "tags": [{"id": "0" * 24}]}]})
    assert answer.status_code == 422
    assert site.browse("posts") == []


def test_duplicate_names_within_a_request(site: Site) -> None:
    """The same name in two cases within one request is one tag."""
    assert _names(site.add(tags=["News", "NEWS"])) == ["News"]


def test_one_tag_in_two_spellings(site: Site) -> None:
    """Slug and name of one tag, or a slug twice, are one tag, whether it exists or not."""
    assert _names(site.add(tags=["New one", {"slug": "new-one"}])) == ["New one"]
    assert _names(site.add(tags=[{"slug": "new-one"}, {"name": "New one"}])) == ["New one"]
    assert _names(site.add(tags=[{"slug": "fresh"}, {"slug": "fresh"}])) == ["fresh"]


def test_tags_are_replaced_as_a_whole(site: Site) -> None:
    """A list replaces the list; an absent one changes nothing; an empty one clears it."""
    post = site.add(tags=["A", "B"])
    assert _names(site.change(post, custom_excerpt="x")) == ["A", "B"]
    assert _names(site.change(site.read(post), tags=["C", "A"])) == ["C", "A"]
    assert _names(site.change(site.read(post), tags=[])) == []


def test_tags_left_without_posts_remain(site: Site) -> None:
    """Taking the last post off a tag does not delete the tag."""
    site.change(site.add(tags=["Alone"]), tags=[])
    assert [tag["name"] for tag in site.browse("tags")] == ["Alone"]


@pytest.mark.parametrize("name", [",comma", ""])
def test_bad_names_are_refused(site: Site, name: str) -> None:
    """A name must not be empty nor start with a comma."""
    assert site.ask("POST", "tags/", {"tags": [{"name": name}]}).status_code == 422


def test_second_tag_of_a_name_is_counted_up(site: Site) -> None:
    """Creating a tag again does not refuse: there are two then."""
    _tag(site, name="News")
    assert _tag(site, name="News")["slug"] == "news-2"


def test_stale_tag_update_overwrites(site: Site) -> None:
    """Tags have no collision check: a stale `updated_at` is not even looked at."""
    tag = _tag(site, name="News")
    body = {"tags": [{"description": "mine", "updated_at": "2001-01-01T00:00:00.000Z"}]}
    answer = site.ask("PUT", f"tags/{tag['id']}/", body)
    assert answer.status_code == 200
    assert answer.json()["tags"][0]["description"] == "mine"


def test_renaming_a_tag_keeps_its_slug(site: Site) -> None:
    """A new name leaves the slug."""
    tag = _tag(site, name="News")
    renamed = site.ask("PUT", f"tags/{tag['id']}/", {"tags": [{"name": "Chronicle"}]}).json()["tags"][0]
    assert (renamed["name"], renamed["slug"]) == ("Chronicle", "news")


def test_deleting_a_tag_detaches_it(site: Site) -> None:
    """Posts lose the tag, and their `updated_at` does not move."""
    post = site.add(tags=["News", "Other"])
    site.pass_time(10)
    before = site.read(post)
    news = next(tag for tag in before["tags"] if tag["name"] == "News")
    assert site.ask("DELETE", f"tags/{news['id']}/").status_code == 204
    after = site.read(post)
    assert _names(after) == ["Other"]
    assert after["updated_at"] == before["updated_at"]


def test_unknown_tags_are_404(site: Site) -> None:
    """Reading, changing and deleting a tag that is not there."""
    assert site.ask("GET", f"tags/{'0' * 24}/").status_code == 404
    assert site.ask("GET", "tags/slug/nothing/").status_code == 404
    assert site.ask("PUT", f"tags/{'0' * 24}/", {"tags": [{"name": "x"}]}).status_code == 404
    assert site.ask("DELETE", f"tags/{'0' * 24}/").status_code == 404


def test_id_with_name_in_a_post(site: Site) -> None:
    """An id beside another name renames the tag, for every post that has it."""
    tag = _tag(site, name="News")
    post = site.add(tags=[{"id": tag["id"], "name": "Renamed"}])
    assert [one["id"] for one in post["tags"]] == [tag["id"]]
    assert site.ask("GET", f"tags/{tag['id']}/").json()["tags"][0]["name"] == "Renamed"


def test_tag_with_count(site: Site) -> None:
    """`include=count.posts` says how many posts have it."""
    site.add(tags=["News"])
    site.add(tags=["News"])
    (tag,) = site.browse("tags", include="count.posts")
    assert tag["count"] == {"posts": 2}
