"""ghostsync's own client and the fake at its other end."""

from __future__ import annotations

import pytest

from fakeghost import FakeGhost, Moment, bad_gateway, cut, too_many
from fakeghost.link import connect_to
from ghostsync.errors import OutcomeUnknown, UpdateCollision
from ghostsync.ghost.admin import AdminApi, Resource


@pytest.fixture
def fake() -> FakeGhost:
    """A fresh site."""
    return FakeGhost()


@pytest.fixture
def api(fake: FakeGhost) -> AdminApi:
    """ghostsync's Admin API on it."""
    return connect_to(fake)


def test_everything_that_is_read_once(fake: FakeGhost, api: AdminApi) -> None:
    """Site, configuration, settings, routes."""
    assert api.site()["title"] == "Fake Ghost"
    assert api.config()["version"] == fake.version
    assert "/{slug}/" in api.routes_yaml()
    assert api.settings()["timezone"] == "Etc/UTC"


def test_create_update_delete(fake: FakeGhost, api: AdminApi) -> None:
    """A post's life, and a collision in the middle of it."""
    post = api.create(Resource.POSTS, {"title": "Hello", "tags": ["News"]})
    fake.clock.advance(10)  # type: ignore[attr-defined]
    fake.edit_as("berta", post["id"], title="Theirs")
    with pytest.raises(UpdateCollision):
        api.update(Resource.POSTS, post["id"], {"title": "Mine", "updated_at": post["updated_at"]})
    api.delete(Resource.POSTS, post["id"])
    assert fake.post_rows() == []


def test_lists_by_key(fake: FakeGhost, api: AdminApi) -> None:
    """More posts than one answer holds."""
    for number in range(205):
        fake.create_as("ada", title=f"Post {number}")
    assert len(list(api.iter_raw(Resource.POSTS))) == 205


def test_waiting_takes_no_time(fake: FakeGhost, api: AdminApi) -> None:
    """A server that asks for patience, or is away, is asked again, on the fake's clock."""
    started = fake.clock.now_ms()
    fake.fail(too_many(30), times=3)
    api.config()
    assert fake.clock.now_ms() - started >= 90_000
    fake.fail(bad_gateway(), times=2)
    api.config()
    assert [exchange.status for exchange in fake.log] == [429, 429, 429, 200, 502, 502, 200]


def test_lost_answer_of_a_write(fake: FakeGhost, api: AdminApi) -> None:
    """A write whose answer is lost is not sent again."""
    fake.drop_answer(when=lambda request: request.is_write)
    with pytest.raises(OutcomeUnknown):
        api.create(Resource.POSTS, {"title": "Hello"})
    assert len(fake.post_rows()) == 1
    assert len(fake.writes()) == 1


def test_refused_connection_is_tried_again(fake: FakeGhost, api: AdminApi) -> None:
    """Nothing was sent: a write may be repeated."""
    fake.fail(cut(Moment.REFUSED), times=1)
    api.create(Resource.POSTS, {"title": "Hello"})
    assert len(fake.post_rows()) == 1
