"""A Ghost to hold against its documented behaviour: the fake or a real one, behind the same few methods.

Everything goes over plain HTTP with a token signed here: neither the fake nor ghostsync's own client may have a say
in what the contract is. Only two things need a hand on the server itself: letting time pass without waiting for it, and
putting an old mobiledoc post where the API no longer makes any.
"""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import requests
from fakeghost import FakeGhost, sign_token

Row = dict[str, Any]


class Site:
    """One Ghost. `major` is 5 or 6, `key` the admin key, `cookie` the open session of an editor."""

    def __init__(self, *, name: str, major: int, url: str, key: str, cookie: str, session: requests.Session) -> None:
        self.name = name
        self.major = major
        self.url = url
        self.key = key
        self.cookie = cookie
        self.session = session

    def now(self) -> int:
        """The server's time in seconds since 1970."""
        raise NotImplementedError

    def pass_time(self, seconds: int) -> None:
        """Everything stored is that much older. Read a post again afterwards: its dates may have moved."""
        raise NotImplementedError

    def put_mobiledoc(self, post: Row, mobiledoc: str) -> None:
        """Makes a post an old one, in the database."""
        raise NotImplementedError

    def count_emails(self) -> int:
        raise NotImplementedError

    # Asking

    def ask(self, method: str, path: str, document: Any = None, **query: Any) -> requests.Response:
        """A request of the integration, to a path below `/ghost/api/admin/`; redirects are not followed."""
        token = sign_token(self.key, issued_at=self.now())
        return self.send(method, path, headers={"Authorization": f"Ghost {token}"}, json=document, params=query)

    def ask_as_person(self, method: str, path: str, document: Any = None, **query: Any) -> requests.Response:
        """A request of an editor's browser."""
        headers = {"Cookie": self.cookie, "Origin": self.url}
        return self.send(method, path, headers=headers, json=document, params=query)

    def send(self, method: str, path: str, **rest: Any) -> requests.Response:
        return self.session.request(
            method, f"{self.url}/ghost/api/admin/{path}", allow_redirects=False, timeout=30, **rest
        )

    # Short forms for what nearly every test does

    def add(self, title: str = "A title", *, to: str = "posts", **fields: Any) -> Row:
        """A new post (or page) as the server answers it, with its HTML."""
        answer = self.ask("POST", f"{to}/", {to: [{"title": title, **fields}]}, formats="lexical,html")
        assert answer.status_code == 201, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def put(self, post: Row, *, to: str = "posts", query: Row | None = None, **fields: Any) -> requests.Response:
        """A PUT with the post's own `updated_at`, unless the fields name another."""
        body = {"updated_at": post["updated_at"], **fields}
        query = {"formats": "lexical,html", **(query or {})}
        return self.ask("PUT", f"{to}/{post['id']}/", {to: [body]}, **query)

    def change(self, post: Row, *, to: str = "posts", query: Row | None = None, **fields: Any) -> Row:
        """A PUT that succeeds; the post as the server answers it."""
        answer = self.put(post, to=to, query=query, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def read(self, post: Row, *, to: str = "posts", **query: Any) -> Row:
        answer = self.ask("GET", f"{to}/{post['id']}/", **{"formats": "lexical,html", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def browse(self, resource: str, **query: Any) -> list[Row]:
        answer = self.ask("GET", f"{resource}/", **query)
        assert answer.status_code == 200, answer.text
        return answer.json()[resource]  # type: ignore[no-any-return]

    def revisions(self, post: Row) -> list[Row]:
        return self.read(post, include="post_revisions")["post_revisions"]  # type: ignore[no-any-return]

    def actions(self, **query: Any) -> list[Row]:
        """The log, with `context` read, newest first."""
        rows = self.browse("actions", limit=100, **query)
        for row in rows:
            if isinstance(row["context"], str):
                row["context"] = json.loads(row["context"])
        return rows

    def refusal(self, answer: requests.Response) -> tuple[int, str]:
        """Status and true text of an error: `context`, or `message` where there is none."""
        error = answer.json()["errors"][0]
        return answer.status_code, error["context"] or error["message"]

    def upload(self, kind: str, name: str, data: bytes, mime: str | None, **fields: str) -> requests.Response:
        token = sign_token(self.key, issued_at=self.now())
        part = (name, data) if mime is None else (name, data, mime)
        headers = {"Authorization": f"Ghost {token}"}
        return self.send("POST", f"{kind}/upload/", headers=headers, files={"file": part}, data=fields)


class FakeSite(Site):
    """The fake, without sockets."""

    def __init__(self, fake: FakeGhost, session: requests.Session, *, name: str) -> None:
        super().__init__(
            name=name, major=fake.major, url=fake.url, key=fake.key, cookie=fake.cookie_of("berta"), session=session
        )
        self.fake = fake

    def now(self) -> int:
        return self.fake.clock.now_ms() // 1000

    def pass_time(self, seconds: int) -> None:
        self.fake.clock.advance(seconds)  # type: ignore[attr-defined]

    def put_mobiledoc(self, post: Row, mobiledoc: str) -> None:
        self.fake.put_mobiledoc(post["id"], mobiledoc)

    def count_emails(self) -> int:
        return len(self.fake.emails)


class RealSite(Site):
    """A Ghost of the sandbox."""

    def __init__(
        self, *, name: str, major: int, url: str, key: str, cookie: str, session: requests.Session, database: Path
    ) -> None:
        super().__init__(name=name, major=major, url=url, key=key, cookie=cookie, session=session)
        self._database = database

    def now(self) -> int:
        return int(time.time())

    def _execute(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        with closing(sqlite3.connect(self._database, timeout=10)) as connection, connection:
            for sql, values in statements:
                connection.execute(sql, values)

    def pass_time(self, seconds: int) -> None:
        # Ghost writes its log after it has answered; reading the log waits for the one connection that it writes with.
        self.browse("actions", limit=1)
        earlier = f"-{seconds} seconds"
        self._execute(
            (
                "UPDATE posts SET created_at = datetime(created_at, ?), updated_at = datetime(updated_at, ?)",
                (earlier, earlier),
            ),
            (
                "UPDATE tags SET created_at = datetime(created_at, ?), updated_at = datetime(updated_at, ?)",
                (earlier, earlier),
            ),
            ("UPDATE actions SET created_at = datetime(created_at, ?)", (earlier,)),
            (
                "UPDATE post_revisions SET created_at_ts = created_at_ts - ?, created_at = datetime(created_at, ?)",
                (seconds * 1000, earlier),
            ),
        )

    def put_mobiledoc(self, post: Row, mobiledoc: str) -> None:
        self._execute(
            ("UPDATE posts SET mobiledoc = ?, lexical = NULL WHERE id = ?", (mobiledoc, post["id"])),
            ("DELETE FROM post_revisions WHERE post_id = ?", (post["id"],)),
        )

    def count_emails(self) -> int:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM emails").fetchone()[0])
