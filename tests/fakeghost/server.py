"""`FakeGhost`: a Ghost in memory, with the quirks that a client must survive.

It exists so that thousands of histories can be tried in the time of one boot. It is not a mock: nothing is scripted,
everything that is written can be read again, and a contract suite runs the same tests on it and on real Ghosts, so
that it cannot become what we would like Ghost to be. Rejected: recording a real Ghost's answers, which cannot follow
a history that nobody recorded.

One exchange at a time (a lock), as with Ghost's SQLite. Two fronts: `adapter.FakeGhostAdapter` for a requests
session in this process, `http_front.serve` for other processes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import unquote, urlsplit

from fakeghost import starter
from fakeghost.auth import Actor, Gate, check_endpoint
from fakeghost.clock import Clock, ManualClock, http_date, to_wire
from fakeghost.endpoints import Endpoints, refuse_endpoint
from fakeghost.faults import Answer, Cut, GhostFault, Matcher, Moment, Order, Request
from fakeghost.people import People
from fakeghost.posts import Posts
from fakeghost.reading import Reader, not_found, to_json
from fakeghost.saving import Site
from fakeghost.state import Row, State
from fakeghost.tags import Tags
from fakeghost.uploads import Uploads

_API = "/ghost/api/admin/"
_JSON = "application/json; charset=utf-8"
_SESSION = "ghost-admin-api-session="
# Beyond this Ghost's body parser gives up.
_BODY_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One line of the request log. `status` is None when no answer arrived."""

    request: Request
    status: int | None
    fault: str | None = None

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def path(self) -> str:
        return self.request.path


class FakeGhost(People):
    """A site of its own. `key` is its admin key, `url` its address without a slash at the end."""

    def __init__(
        self,
        *,
        version: str = "6.65.0",
        url: str = "http://fake.ghost.test",
        clock: Clock | None = None,
        seed: int = 0,
        title: str = "Fake Ghost",
        timezone: str = "Etc/UTC",
    ) -> None:
        self.version = version
        self.major = int(version.split(".", maxsplit=1)[0])
        self.url = url.rstrip("/")
        self.clock: Clock = ManualClock() if clock is None else clock
        self.state = State(self.clock, seed=seed)
        self.site_uuid = self.state.new_uuid()
        starter.fill(self.state, title=title, timezone=timezone)
        self._scheduler = starter.add_integration(self.state, "Ghost Scheduler")
        self._next_due: int | None = None
        self._seen_changes = 0
        self.permalink = "/{slug}/"
        self.log: list[Exchange] = []
        self._lock = threading.RLock()
        self._orders: list[Order] = []
        self._watchers: list[Callable[[Request], None]] = []
        self._strangers: list[Callable[[str, int], None]] = []
        self._gate = Gate(self.state)
        site = Site(url=self.url, major=self.major)
        self._tags = Tags(self.state, site=self.url, major=self.major)
        self._posts = Posts(self.state, self._tags, site)
        self._uploads = Uploads(self.state, site=self.url, major=self.major)
        reader = Reader(self.state, major=self.major, post_url=self.post_url, site=self.url)
        self._endpoints = Endpoints(
            self.state, posts=self._posts, tags=self._tags, uploads=self._uploads, reader=reader, major=self.major
        )

    @property
    def key(self) -> str:
        """The admin key of the first integration, `ghostsync`."""
        row = next(iter(self.state.integrations))
        return f"{row['key_id']}:{row['secret']}"

    def add_integration(self, name: str) -> str:
        """Another integration; its admin key."""
        row = starter.add_integration(self.state, name)
        return f"{row['key_id']}:{row['secret']}"

    def set_permalink(self, permalink: str) -> None:
        """Another form of address for posts, such as `/{year}/{month}/{slug}/`."""
        self.permalink = permalink
        self._endpoints.routes_yaml = (
            f"routes:\n\ncollections:\n  /:\n    permalink: {permalink}\n    template: index\n\n"
            "taxonomies:\n  tag: /tag/{slug}/\n  author: /author/{slug}/\n"
        )

    # The exchange

    def handle(
        self, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One exchange. Raises `Cut` when a test ordered that no answer arrives."""
        for stranger in tuple(self._strangers):
            stranger(method, len(self.log))
        with self._lock:
            self.clock.tick()
            self._publish_when_due()
            path = path.removeprefix(urlsplit(self.url).path)  # a site may live in a folder of its domain
            lowered = {name.lower(): value for name, value in (headers or {}).items()}
            request = Request(
                number=len(self.log) + 1, method=method.upper(), path=path, query=query, headers=lowered, body=body
            )
            try:
                answer = self._exchange(request)
            except Cut as cut:
                self.log.append(Exchange(request=request, status=None, fault=cut.moment.value))
                raise
            self.log.append(Exchange(request=request, status=answer.status))
            return answer

    def _exchange(self, request: Request) -> Answer:
        for watcher in tuple(self._watchers):
            watcher(request)
        early = self._take_order(request, after_commit=False)
        if early is not None:
            return self._finish(early.strike(None))
        answer = self._finish(self._serve(request))
        late = self._take_order(request, after_commit=True)
        return answer if late is None else late.strike(answer)

    def _finish(self, answer: Answer) -> Answer:
        headers = {"Date": http_date(self.clock.now_ms()), "Content-Length": str(len(answer.body)), **answer.headers}
        if answer.status == 204:
            headers.pop("Content-Length")
        return Answer(status=answer.status, headers=headers, body=answer.body, delay=answer.delay)

    def _serve(self, request: Request) -> Answer:
        if not request.path.startswith(_API):
            return self._serve_site(request)
        segments = [unquote(part) for part in request.path.removeprefix(_API).split("/") if part]
        headers = {
            "Content-Type": _JSON,
            "Content-Version": f"v{'.'.join(self.version.split('.')[:2])}",
            "Vary": "Accept-Version, Origin, Accept-Encoding",
            "Cache-Control": "no-cache, private, no-store, must-revalidate, max-stale=0, post-check=0, pre-check=0",
        }
        if not request.path.endswith("/") and not request.is_write:
            location = f"{self.url}{request.path}/" + (f"?{request.query}" if request.query else "")
            return Answer(status=301, headers={"Location": location})
        self._endpoints.reached = None
        try:
            with self.state.transaction():
                status, document = self._dispatch(request, segments)
        except GhostFault as fault:
            return Answer(status=fault.status, headers=headers, body=self._fault_body(fault))
        if isinstance(document, str):
            return Answer(
                status=status, headers={**headers, "Content-Type": "application/yaml"}, body=document.encode()
            )
        if status == 201 and segments[0] in {"posts", "pages", "tags"}:
            headers["Location"] = f"{self.url}{_API}{segments[0]}/{document[segments[0]][0]['id']}/"
        if document is None:
            return Answer(status=status, headers=headers)
        return Answer(status=status, headers=headers, body=to_json(document))

    def _fault_body(self, fault: GhostFault) -> bytes:
        resource, method = self._endpoints.reached or (None, None)
        return fault.body(method=method, resource=resource, error_id=self.state.new_uuid())

    def _dispatch(self, request: Request, segments: list[str]) -> tuple[int, Any]:
        if segments == ["site"] and request.method == "GET":
            return 200, {"site": self._site_document()}
        if not segments:
            raise not_found()
        actor = self._who_asks(request)
        if actor.kind == "integration":
            check_endpoint(segments[0], request.method, major=self.major)
        if len(request.body) > _BODY_LIMIT and "json" in request.headers.get("content-type", ""):
            raise GhostFault(
                status=413,
                kind="InternalServerError",
                message="An unexpected error occurred, please try again.",
                context="request entity too large",
                code="UNEXPECTED_ERROR",
            )
        if segments == ["config"]:
            config = {"version": self.version, "environment": "development", "database": "sqlite3"}
            return 200, {"config": config}
        if segments == ["settings", "routes", "yaml"] and request.method == "GET":
            return 200, self._endpoints.routes_yaml
        if segments[0] == "db":
            raise refuse_endpoint("db")
        return self._endpoints.answer(request, segments, actor)

    def _who_asks(self, request: Request) -> Actor:
        """A person with an open session, or else the integration whose token it is."""
        cookie = request.headers.get("cookie", "")
        if cookie.startswith(_SESSION):
            return self._person(cookie.removeprefix(_SESSION))
        return self._gate.check(request.headers.get("authorization"))

    def cookie_of(self, who: str) -> str:
        """The Cookie header of a person who is logged in; roles and their permissions are not imitated."""
        return _SESSION + who

    def _site_document(self) -> Row:
        names = ["title", "description", "logo", "icon", "cover_image", "accent_color", "locale"]
        if self.major >= 6:
            names.append("timezone")
        return {
            **{name: self.state.settings.get(name) for name in names},
            "url": f"{self.url}/",
            "version": ".".join(self.version.split(".")[:2]),
            "allow_external_signup": True,
            "site_uuid": self.site_uuid,
        }

    # The public site

    def post_url(self, row: Row) -> str:
        """Where a post is read; drafts and scheduled ones have a preview address, which serves them to anyone."""
        if row["status"] != "published":
            email_only = self.state.posts_meta.get(row["id"], {}).get("email_only")
            return f"{self.url}/{'email' if email_only else 'p'}/{row['uuid']}/"
        if row["type"] == "page":
            return f"{self.url}/{row['slug']}/"
        date = to_wire(row["published_at"]) or ""
        tags = [self.state.tags[tag_id] for tag_id in self.state.posts_tags.get(row["id"], ())]
        authors = [self.state.users[user_id] for user_id in self.state.posts_authors.get(row["id"], ())]
        values = {
            "slug": row["slug"],
            "id": row["id"],
            "uuid": row["uuid"],
            "year": date[:4],
            "month": date[5:7],
            "day": date[8:10],
            "primary_tag": tags[0]["slug"] if tags and tags[0]["visibility"] == "public" else "all",
            "primary_author": authors[0]["slug"] if authors else "all",
        }
        return self.url + re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), self.permalink)

    def _serve_site(self, request: Request) -> Answer:
        path = unquote(request.path)
        if path.startswith("/content/"):
            held = self.state.uploads.get(path.removeprefix("/content/"))
            if held is not None:
                return Answer(status=200, headers={"Content-Type": held[0]}, body=held[1])
        for row in self.state.posts:
            if row["status"] != "sent" and self.post_url(row) == self.url + path:
                page = (
                    f"<html><head><title>{escape(row['title'])}</title></head><body>{row['html'] or ''}</body></html>"
                )
                return Answer(status=200, headers={"Content-Type": "text/html; charset=utf-8"}, body=page.encode())
        return Answer(status=404, headers={"Content-Type": "text/html; charset=utf-8"}, body=b"<h1>404</h1>")

    # What tests order and look at

    def fail(
        self,
        answer: Answer | BaseException,
        *,
        when: Matcher = lambda _request: True,
        times: int = 1,
        committed: bool = False,
    ) -> None:
        """The next `times` requests that `when` accepts get this instead, without effect unless it is `committed`.

        An exception that is no `Cut` goes through the client as well: its process dies here.
        """
        self._order(answer, when, times, after_commit=committed)

    def drop_answer(
        self, *, when: Matcher = lambda _request: True, times: int = 1, moment: Moment = Moment.AFTER
    ) -> None:
        """Their effect is committed, and the client never hears of it (or half of it: `Moment.MIDWAY`)."""

        def strike(answer: Answer | None) -> Answer:
            raise Cut(moment=moment, answer=answer)

        self._orders.append(Order(matches=when, strike=strike, after_commit=True, times=times))

    def replace_answer(self, answer: Answer, *, when: Matcher = lambda _request: True, times: int = 1) -> None:
        """Their effect is committed, and the client is told something else (502 of a proxy that gave up)."""
        self._order(answer, when, times, after_commit=True)

    def delay_answer(self, seconds: float, *, when: Matcher = lambda _request: True, times: int = 1) -> None:
        """The answer takes this long; a client with a shorter read timeout gives up after the effect is committed."""

        def strike(answer: Answer | None) -> Answer:
            assert answer is not None
            return Answer(status=answer.status, headers=answer.headers, body=answer.body, delay=seconds)

        self._orders.append(Order(matches=when, strike=strike, after_commit=True, times=times))

    def _order(self, answer: Answer | BaseException, when: Matcher, times: int, *, after_commit: bool) -> None:
        def strike(_answer: Answer | None) -> Answer:
            if isinstance(answer, Cut):
                raise Cut(moment=answer.moment)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        self._orders.append(Order(matches=when, strike=strike, after_commit=after_commit, times=times))

    def _take_order(self, request: Request, *, after_commit: bool) -> Order | None:
        for order in self._orders:
            if order.after_commit is after_commit and order.times > 0 and order.matches(request):
                order.times -= 1
                self._orders = [one for one in self._orders if one.times > 0]
                return order
        return None

    def clear_faults(self) -> None:
        """Takes back every fault that has not struck, and every watcher."""
        self._orders.clear()
        self._watchers.clear()
        self._strangers.clear()

    def watch(self, watcher: Callable[[Request], None]) -> None:
        """Called before each exchange, with the lock held: the place for an editor who saves in between."""
        self._watchers.append(watcher)

    def let_in(self, stranger: Callable[[str, int], None]) -> None:
        """Called with the method before each exchange and how many there were, without the lock.

        Whoever comes in here may exchange as much as it likes before the request that is waiting is looked at.
        """
        self._strangers.append(stranger)

    def writes(self, *, since: int = 0) -> list[Exchange]:
        """The exchanges after number `since` that could have changed something."""
        return [exchange for exchange in self.log[since:] if exchange.request.is_write]

    def publish_due(self) -> list[str]:
        """The scheduler at work: publishes what is due, with its emails. Ids. Each exchange begins with it."""
        with self._lock, self.state.transaction():
            return self._posts.publish_due(Actor(kind="integration", id=self._scheduler["id"]))

    def _publish_when_due(self) -> None:
        if self._seen_changes != self.state.posts.changes:
            dates = [row["published_at"] for row in self.state.posts if row["status"] == "scheduled"]
            self._next_due = min(dates, default=None)
            self._seen_changes = self.state.posts.changes
        if self._next_due is not None and self._next_due <= self.clock.now_ms():
            self.publish_due()

    def add_user(self, name: str, *, slug: str, email: str, role: str = "Editor") -> Row:
        return starter.add_user(self.state, name, slug=slug, email=email, role=role)

    def add_tier(self, name: str, *, slug: str) -> Row:
        return starter.add_tier(self.state, name, slug=slug, kind="paid")

    def add_member(self, email: str, *, newsletters: tuple[str, ...] = ("weekly",)) -> Row:
        ids = tuple(row["id"] for row in self.state.newsletters if row["slug"] in newsletters)
        return starter.add_member(self.state, email, newsletters=ids)

    @property
    def emails(self) -> list[Row]:
        """Every email that went out."""
        return list(self.state.emails)

    def post_rows(self, *, kind: str | None = None) -> list[Row]:
        """Posts and pages as stored, in order of creation, with their relations; for assertions."""
        rows = []
        for row in self.state.posts:
            if kind is None or row["type"] == kind:
                tags = [self.state.tags[tag_id]["slug"] for tag_id in self.state.posts_tags.get(row["id"], ())]
                authors = [self.state.users[one]["slug"] for one in self.state.posts_authors.get(row["id"], ())]
                meta = {name: value for name, value in self.meta_of(row["id"]).items() if value}
                rows.append({**row, "tags": tags, "authors": authors, "meta": meta})
        return rows

    def record_of(self, post_id: str) -> Any:
        """What is in `root.ghostsync` of a post now; None when nothing is."""
        lexical = self.state.posts[post_id]["lexical"]
        return None if lexical is None else json.loads(lexical)["root"].get("ghostsync")
