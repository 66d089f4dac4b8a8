"""Status and dates: which moves Ghost allows, and what it does to the dates on the way."""

from __future__ import annotations

from datetime import UTC, datetime

from contract.backends import Site


def _in(site: Site, seconds: int) -> str:
    return datetime.fromtimestamp(site.now() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


OLD = "2020-03-04T05:06:07.000Z"


def test_publish_sets_the_date(site: Site) -> None:
    """Publishing without a date sets now; the address becomes public."""
    post = site.change(site.add("Hello"), status="published")
    assert post["status"] == "published"
    assert _in(site, -120) < post["published_at"] < _in(site, 120)
    assert post["url"] == f"{site.url}/hello/"


def test_publish_keeps_a_date(site: Site) -> None:
    """A date that is there, or comes along, stays."""
    assert site.add(status="published", published_at=OLD)["published_at"] == OLD
    draft = site.add(published_at=OLD)
    assert draft["published_at"] == OLD
    assert site.change(draft, status="published")["published_at"] == OLD


def test_unpublish_keeps_the_date(site: Site) -> None:
    """A post that is a draft again keeps its date, and gets it back when published."""
    post = site.change(site.add(status="published", published_at=OLD), status="draft")
    assert post["published_at"] == OLD
    assert site.change(post, status="published")["published_at"] == OLD


def test_null_date_of_a_published_post_becomes_now(site: Site) -> None:
    """A date of null on a published post loses the old date."""
    post = site.add(status="published", published_at=OLD)
    assert site.change(post, published_at=None)["published_at"] > "2021"


def test_offsets_and_milliseconds(site: Site) -> None:
    """Any zone is understood; milliseconds are cut off."""
    assert site.add(published_at="2020-03-04T07:06:07.000+02:00")["published_at"] == OLD
    assert site.add(published_at="2020-03-04T05:06:07.678Z")["published_at"] == OLD


def test_schedule(site: Site) -> None:
    """A future date is scheduled; the address stays the preview."""
    date = _in(site, 3600)
    post = site.change(site.add(), status="scheduled", published_at=date)
    assert (post["status"], post["published_at"]) == ("scheduled", date)
    assert "/p/" in post["url"]


def test_schedule_needs_a_date(site: Site) -> None:
    """No date, or one more than two minutes past, is refused."""
    assert site.ask("POST", "posts/", {"posts": [{"title": "x", "status": "scheduled"}]}).status_code == 422
    answer = site.ask("POST", "posts/", {"posts": [{"title": "x", "status": "scheduled", "published_at": OLD}]})
    assert site.refusal(answer) == (422, "Date must be at least -2 minutes in the future.")
    assert site.browse("posts") == []


def test_published_cannot_be_scheduled(site: Site) -> None:
    """Only by way of a draft."""
    post = site.add(status="published")
    answer = site.put(post, status="scheduled", published_at=_in(site, 3600))
    assert site.refusal(answer) == (422, "Your post is already published, please reload your page.")
    draft = site.change(post, status="draft")
    assert site.change(draft, status="scheduled", published_at=_in(site, 3600))["status"] == "scheduled"


def test_scheduled_back_to_draft_and_to_published(site: Site) -> None:
    """Both ways are open; publishing keeps the future date."""
    date = _in(site, 3600)
    post = site.add(status="scheduled", published_at=date)
    assert site.change(post, status="draft")["published_at"] == date
    other = site.add(status="scheduled", published_at=date)
    published = site.change(other, status="published")
    assert (published["status"], published["published_at"]) == ("published", date)


def test_published_with_a_future_date(site: Site) -> None:
    """`published` with a future date is published at once."""
    date = _in(site, 3600)
    assert site.add(status="published", published_at=date)["status"] == "published"


def test_sent_becomes_published(site: Site) -> None:
    """`sent` on a post that is not email-only is `published`."""
    assert site.add(status="sent")["status"] == "published"


def test_email_only_published_is_sent_and_leaves_the_site(site: Site) -> None:
    """An email-only post that is published without a newsletter becomes `sent`, and no email goes out."""
    post = site.change(site.add(email_only=True), status="published")
    assert post["status"] == "sent"
    assert site.count_emails() == 0


def test_email_only_cannot_be_scheduled_without_newsletter(site: Site) -> None:
    """Refused since Ghost 6."""
    answer = site.put(site.add(email_only=True), status="scheduled", published_at=_in(site, 3600))
    assert answer.status_code == (422 if site.major >= 6 else 200)


def test_featured_and_templates(site: Site) -> None:
    """Flags and names are stored as sent."""
    post = site.change(site.add(), featured=True, custom_template="custom-wide", visibility="members")
    assert (post["featured"], post["custom_template"], post["visibility"]) == (True, "custom-wide", "members")


# Email: what can send one, and what cannot.


def _newsletter(site: Site) -> str:
    return next(str(one["slug"]) for one in site.browse("newsletters") if one["status"] == "active")


def _add_member(site: Site) -> None:
    newsletters = [{"id": one["id"]} for one in site.browse("newsletters")]
    site.ask("POST", "members/", {"members": [{"email": "reader@example.com", "newsletters": newsletters}]})


def test_publishing_without_newsletter_sends_nothing(site: Site) -> None:
    """Neither POST nor PUT sends an email when no newsletter is named."""
    site.add(status="published")
    site.change(site.add(), status="published")
    assert site.count_emails() == 0


def test_counting_the_readers_of_a_newsletter(site: Site) -> None:
    """How many an email would reach is a count of members, by newsletter and by segment."""
    newsletter = next(one for one in site.browse("newsletters") if one["status"] == "active")
    readers = f"newsletters.slug:'{newsletter['slug']}'+email_disabled:0"

    def count(text: str) -> int:
        return int(site.ask("GET", "members/", limit=1, filter=text).json()["meta"]["pagination"]["total"])

    before = count(readers)
    member = {"email": "another@example.com", "newsletters": [{"id": newsletter["id"]}]}
    assert site.ask("POST", "members/", {"members": [member]}).status_code == 201
    assert count(readers) == before + 1
    assert count(f"({readers})+(status:free)") == before + 1
    assert count(f"({readers})+(status:-free)") == 0


def test_post_never_sends(site: Site) -> None:
    """`?newsletter=` on a POST is ignored."""
    body = {"posts": [{"title": "x", "status": "published"}]}
    post = site.ask("POST", "posts/", body, newsletter=_newsletter(site)).json()["posts"][0]
    assert post["newsletter"] is None
    assert site.count_emails() == 0


def test_unknown_newsletter_is_refused(site: Site) -> None:
    """A newsletter that does not exist: refused, and still a draft. Ghost 6 stumbles over it when publishing."""
    post, query = site.add(), {"newsletter": "nothing"}
    answer = site.put(post, query=query, status="scheduled", published_at=_in(site, 3600))
    assert site.refusal(answer) == (400, "The newsletter parameter doesn't match any active newsletter.")
    answer = site.put(post, query=query, status="published")
    assert answer.status_code == (500 if site.major >= 6 else 400)
    assert site.read(post)["status"] == "draft"
    assert site.count_emails() == 0


def test_newsletter_on_other_puts_is_ignored(site: Site) -> None:
    """It counts only when the status becomes published or scheduled."""
    post = site.change(site.add(), query={"newsletter": _newsletter(site)}, title="Other")
    assert post["newsletter"] is None


def test_publishing_with_newsletter_sends_once(site: Site) -> None:
    """One email, and none on the next saves nor after unpublishing and publishing again."""
    _add_member(site)
    post = site.change(site.add(), query={"newsletter": _newsletter(site)}, status="published")
    assert site.count_emails() == 1
    assert site.read(post)["email"] is not None
    post = site.change(site.read(post), title="Other")
    post = site.change(site.read(post), status="draft")
    site.change(site.read(post), status="published")
    assert site.count_emails() == 1


def test_scheduled_with_newsletter_sends_when_published_by_anyone(site: Site) -> None:
    """An editor schedules with a newsletter; a bare `status: published` of ours sends it."""
    _add_member(site)
    post = site.add()
    body = {"posts": [{"status": "scheduled", "published_at": _in(site, 3600), "updated_at": post["updated_at"]}]}
    assert site.ask_as_person("PUT", f"posts/{post['id']}/", body, newsletter=_newsletter(site)).status_code == 200
    held = site.read(post)
    assert held["newsletter"]["slug"] == _newsletter(site)
    assert site.count_emails() == 0
    site.change(held, status="published")
    assert site.count_emails() == 1


def test_back_to_draft_forgets_the_newsletter(site: Site) -> None:
    """Scheduled with a newsletter, then a draft again: publishing sends nothing."""
    _add_member(site)
    query = {"newsletter": _newsletter(site)}
    post = site.change(site.add(), query=query, status="scheduled", published_at=_in(site, 3600))
    assert post["newsletter"] is not None
    draft = site.change(post, status="draft")
    assert draft["newsletter"] is None
    site.change(draft, status="published")
    assert site.count_emails() == 0


def test_visibilities(site: Site) -> None:
    """The four that Ghost knows are stored as sent."""
    post = site.add()
    for visibility in ("members", "paid", "tiers", "public"):
        post = site.change(post, visibility=visibility)
        assert post["visibility"] == visibility
