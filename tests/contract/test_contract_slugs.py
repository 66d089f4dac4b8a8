"""Slugs: how Ghost makes them, and what it does when one is taken."""

from __future__ import annotations

from contract.backends import Site

SLUGS = [
    ("Foo Bar!", "foo-bar"),
    ("über_straße", "uber_strasse"),
    ("it's", "its"),
    ("c++", "c"),
    ("a – b — c", "a-b-c"),
    ("50 £ & 20 $", "50-20"),
    ("¡¿!", "post"),
    ("rss", "rss-post"),
    ("Crème brûlée: l’été", "creme-brulee-lete"),
    ("x" * 200, "x" * 185),
]


def test_slug_from_title(site: Site) -> None:
    """A new post gets its slug from its title: ASCII, lower case, dashes, 185 characters, no reserved word."""
    assert [site.add(title)["slug"] for title, _slug in SLUGS] == [slug for _title, slug in SLUGS]


def test_slug_is_cleaned(site: Site) -> None:
    """A slug that is sent is cleaned in the same way."""
    assert site.add("Title", slug="Custom Slug!")["slug"] == "custom-slug"


def test_taken_slug_is_counted_up(site: Site) -> None:
    """Creating under a taken slug is no error: it becomes `-2`, `-3`."""
    slugs = [site.add("Race", slug="race")["slug"] for _ in range(3)]
    assert slugs == ["race", "race-2", "race-3"]


def test_pages_and_posts_share_slugs(site: Site) -> None:
    """A page cannot have the slug of a post."""
    site.add("Foo")
    assert site.add("Foo", to="pages")["slug"] == "foo-2"


def test_sending_a_taken_slug_again_moves_on(site: Site) -> None:
    """Asking for a taken slug on a post that holds its second form gives the next free number, then back."""
    site.add("Foo")
    post = site.add("Other", slug="foo")
    assert post["slug"] == "foo-2"
    post = site.change(post, slug="foo")
    assert post["slug"] == "foo-3"
    post = site.change(post, slug="foo")
    assert post["slug"] == "foo-2"


def test_slug_changes_alone(site: Site) -> None:
    """A slug sent alone is changed, and cleaned."""
    post = site.add("Foo")
    assert site.change(post, slug="New One")["slug"] == "new-one"


def test_title_alone_keeps_the_slug_of_a_draft(site: Site) -> None:
    """A draft's slug does not follow its title."""
    post = site.add("Foo")
    assert site.change(post, title="Bar")["slug"] == "foo"


def test_title_and_slug_of_a_draft_store_the_slug_as_sent(site: Site) -> None:
    """On a draft that was never published, a slug that comes with a new title is stored without being cleaned."""
    post = site.add("Foo")
    assert site.change(post, title="Bar", slug="Not Clean!")["slug"] == "Not Clean!"


def test_title_and_empty_slug_of_a_draft_are_refused(site: Site) -> None:
    """An empty slug makes a new one of the title, but not where the title changes too."""
    post = site.add("Foo")
    answer = site.put(post, title="Bar", slug="")
    assert site.refusal(answer) == (422, "Value in [posts.slug] cannot be blank. posts.slug")
    assert site.change(site.add("Foo", slug="other"), slug="")["slug"] == "foo-2"


def test_title_and_taken_slug_of_a_draft_break_the_database(site: Site) -> None:
    """The same with a slug that another post has: the database refuses, 500."""
    site.add("Taken")
    post = site.add("Foo")
    answer = site.put(post, title="Bar", slug="taken")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["code"] == "UNEXPECTED_ERROR"
    assert site.read(post)["slug"] == "foo"


def test_removed_slug_is_gone(site: Site) -> None:
    """The old slug of a post finds nothing."""
    post = site.change(site.add("Foo"), slug="bar")
    assert site.ask("GET", "posts/slug/foo/").status_code == 404
    assert site.ask("GET", "posts/slug/bar/").json()["posts"][0]["id"] == post["id"]


def test_tag_slugs(site: Site) -> None:
    """Internal tags get `hash-`, and since Ghost 6 no tag may be called `new`."""
    internal = site.ask("POST", "tags/", {"tags": [{"name": "#Sync it"}]}).json()["tags"][0]
    assert (internal["slug"], internal["visibility"]) == ("hash-sync-it", "internal")
    new = site.ask("POST", "tags/", {"tags": [{"name": "new"}]}).json()["tags"][0]
    assert new["slug"] == ("new-tag" if site.major >= 6 else "new")
