"""The fake's own doors: faults, clocks, people, and the two fronts. What it answers is the contract suite's matter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fakeghost import (
    FakeGhost,
    FakeGhostAdapter,
    ManualClock,
    Moment,
    Request,
    bad_gateway,
    cut,
    maintenance,
    running,
    session_for,
    sign_token,
    too_many,
)

NODES = [
    {"type": "paragraph", "version": 1, "children": [{"type": "text", "version": 1, "text": "Hello there"}]},
    {"type": "callout", "version": 1, "calloutText": "<p>hi</p>", "calloutEmoji": "", "backgroundColor": "blue"},
    {"type": "image", "version": 1, "src": "https://example.com/a.png", "alt": "a", "caption": ""},
]
LEXICAL = json.dumps({"root": {"children": NODES, "type": "root", "version": 1, "ghostsync": {"op": "1"}}})


class Client:
    """Plain requests with a fresh token each."""

    def __init__(self, fake: FakeGhost, session: requests.Session) -> None:
        self.fake = fake
        self.session = session

    def ask(self, method: str, path: str, document: Any = None, **query: str) -> requests.Response:
        token = sign_token(self.fake.key, issued_at=self.fake.clock.now_ms() // 1000)
        url = f"{self.fake.url}/ghost/api/admin/{path}"
        headers = {"Authorization": f"Ghost {token}"}
        return self.session.request(method, url, json=document, params=query, headers=headers, timeout=(1, 5))

    def add(self, **fields: Any) -> dict[str, Any]:
        answer = self.ask("POST", "posts/", {"posts": [{"title": "Hello", **fields}]})
        assert answer.status_code == 201
        return answer.json()["posts"][0]  # type: ignore[no-any-return]


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a fresh fake."""
    fake = FakeGhost()
    with session_for(fake) as session:
        yield Client(fake, session)


def _is_post(request: Request) -> bool:
    return request.method == "POST"


@pytest.mark.parametrize("moment", [Moment.REFUSED, Moment.BEFORE, Moment.STALLED])
def test_cut_before_has_no_effect(client: Client, moment: Moment) -> None:
    """A connection that breaks before the commit leaves nothing, and strikes once."""
    client.fake.fail(cut(moment), when=_is_post)
    with pytest.raises(requests.RequestException):
        client.add()
    assert client.fake.post_rows() == []
    client.add()
    assert len(client.fake.post_rows()) == 1


@pytest.mark.parametrize("moment", [Moment.AFTER, Moment.MIDWAY])
def test_dropped_answer_keeps_the_effect(client: Client, moment: Moment) -> None:
    """A lost answer, or half of one, is an error to the client while the post is there."""
    client.fake.drop_answer(when=_is_post, moment=moment)
    with pytest.raises(requests.RequestException):
        client.add()
    assert len(client.fake.post_rows()) == 1
    assert client.fake.log[-1].fault in {"after", "midway"}


def test_answers_instead(client: Client) -> None:
    """429 with its header, and HTML of a proxy and of a Ghost that starts."""
    for answer, status in ((too_many(3), 429), (bad_gateway(), 502), (maintenance(), 503)):
        client.fake.fail(answer)
        got = client.ask("GET", "posts/")
        assert got.status_code == status
    assert client.fake.log[0].status == 429
    client.fake.replace_answer(bad_gateway(), when=_is_post)
    assert client.ask("POST", "posts/", {"posts": [{"title": "x"}]}).status_code == 502
    assert len(client.fake.post_rows()) == 1


def test_late_answers(client: Client) -> None:
    """An answer slower than the read timeout is an error after the commit; a faster one only takes time."""
    client.fake.delay_answer(9, when=_is_post)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.add()
    assert len(client.fake.post_rows()) == 1
    before = client.fake.clock.now_ms()
    client.fake.delay_answer(2)
    assert client.ask("GET", "posts/").status_code == 200
    assert client.fake.clock.now_ms() - before == 2000


def test_latency_moves_the_clock() -> None:
    """An adapter with latency makes every exchange take that long."""
    fake = FakeGhost(clock=ManualClock())
    with requests.Session() as session:
        session.mount(fake.url, FakeGhostAdapter(fake, latency_seconds=0.08))
        before = fake.clock.now_ms()
        session.get(f"{fake.url}/ghost/api/admin/site/")
        assert fake.clock.now_ms() - before == 80


def test_watcher_runs_between_exchanges(client: Client) -> None:
    """A person may save exactly between a client's read and its write."""
    post = client.add(lexical=LEXICAL)
    client.fake.clock.advance(5)  # type: ignore[attr-defined]

    def interfere(request: Request) -> None:
        if request.method == "PUT":
            client.fake.clear_faults()
            client.fake.edit_as("berta", post["id"], replace=("Hello", "Goodbye"))

    client.fake.watch(interfere)
    body = {"posts": [{"title": "Mine", "updated_at": post["updated_at"]}]}
    assert client.ask("PUT", f"posts/{post['id']}/", body).status_code == 409
    assert "Goodbye there" in client.fake.state.posts[post["id"]]["lexical"]


def test_typing_drops_the_record_and_fills_defaults(client: Client) -> None:
    """The editor keeps the words, loses the record, and writes its own defaults and spans."""
    post = client.add(lexical=LEXICAL)
    row = client.fake.edit_as("berta", post["id"], replace=("Hello", "Goodbye"))
    root = json.loads(row["lexical"])["root"]
    assert "ghostsync" not in root
    assert root["children"][0]["children"][0]["text"] == "Goodbye there"
    assert root["children"][1]["calloutText"] == '<p><span style="white-space: pre-wrap;">hi</span></p>'
    assert root["children"][2]["cardWidth"] == "regular"
    assert client.fake.record_of(post["id"]) is None
    (first, second) = client.fake.state.revisions[post["id"]]
    assert "ghostsync" in first["lexical"]
    assert "ghostsync" not in second["lexical"]


def test_settings_keep_the_record(client: Client) -> None:
    """Settings changed in the editor leave the document alone; publishing does not."""
    post = client.add(lexical=LEXICAL)
    client.fake.edit_as("berta", post["id"], meta_title="x", tags=["News"])
    assert client.fake.record_of(post["id"]) == {"op": "1"}
    client.fake.publish_as("berta", post["id"])
    assert client.fake.record_of(post["id"]) is None
    client.fake.restore_revision_as("berta", post["id"], 0)
    assert client.fake.record_of(post["id"]) == {"op": "1"}


def test_people_are_in_the_log(client: Client) -> None:
    """Who did it is told by the actions log."""
    post = client.add()
    client.fake.clock.advance(1)  # type: ignore[attr-defined]
    client.fake.delete_as("berta", post["id"])
    rows = client.ask("GET", "actions/", include="actor").json()["actions"]
    assert [(row["event"], row["actor"]["name"]) for row in rows] == [
        ("deleted", "Berta Editor"),
        ("added", "ghostsync"),
    ]


def test_scheduled_posts_are_published_in_time(client: Client) -> None:
    """The scheduler publishes before the first exchange after the date, and sends what was scheduled with it."""
    post = client.add()
    client.fake.schedule_as("berta", post["id"], at="2026-01-05T10:00:00.000Z", newsletter="weekly")
    client.ask("GET", "posts/")
    assert client.fake.state.posts[post["id"]]["status"] == "scheduled"
    client.fake.clock.advance(3600)  # type: ignore[attr-defined]
    assert client.ask("GET", f"posts/{post['id']}/").json()["posts"][0]["status"] == "published"
    assert [email["email_count"] for email in client.fake.emails] == [1]


def test_refused_save_takes_its_tags_back(client: Client) -> None:
    """A transaction that fails leaves no tag behind."""
    post = client.add()
    body = {"posts": [{"title": "x", "tags": ["New"], "updated_at": "2001-01-01T00:00:00.000Z"}]}
    assert client.ask("PUT", f"posts/{post['id']}/", body).status_code == 409
    assert client.ask("GET", "tags/").json()["tags"] == []


def test_two_fakes_are_the_same() -> None:
    """The same requests at the same times give the same ids: histories can be replayed."""
    answers = []
    for _ in range(2):
        fake = FakeGhost()
        with session_for(fake) as session:
            answers.append(Client(fake, session).add(tags=["a"], lexical=LEXICAL))
    assert answers[0] == answers[1]


def test_on_a_port() -> None:
    """The same site over real sockets, broken connections and half answers included."""
    with running() as fake, requests.Session() as session:
        client = Client(fake, session)
        client.add()
        assert len(client.ask("GET", "posts/").json()["posts"]) == 1
        for moment in (Moment.AFTER, Moment.MIDWAY):
            fake.drop_answer(moment=moment)
            with pytest.raises(requests.RequestException):
                client.add()
        fake.fail(cut(Moment.BEFORE))
        with pytest.raises(requests.ConnectionError):
            client.add()
        assert len(fake.post_rows()) == 3
