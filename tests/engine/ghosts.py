"""A Ghost with people in it, for tests of the engine: the in-memory fake or a real server, behind the same methods.

Everything that a person does here goes over HTTP with an open session, with the requests that Ghost's own screens
send: the editor reads a post and saves it with that post's `updated_at`, typing re-serialises the body (which drops
what ghostsync left in it), the post list uses the bulk endpoints. So one scenario runs on both.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from contract.backends import FakeSite, RealSite, Row, Site
from fakeghost import editor
from fakeghost.link import connect_to

from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.connect import connect


class Ghost:
    """One site. `api` is ghostsync's own way in; the other methods are a person's, called Berta Editor."""

    editor_name: str
    owner_name: str

    def __init__(self, site: Site, api: AdminApi) -> None:
        self.site = site
        self.api = api

    # ------------------------------------------------------------------ time and counting

    def pass_time(self, seconds: int) -> None:
        """Let everything that is stored, records included, be that much older."""
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        """What the engine waits with."""
        raise NotImplementedError

    def writes(self) -> list[str]:
        """`METHOD resource` of everything that ghostsync sent to change something, so far."""
        raise NotImplementedError

    def requests(self) -> int:
        """How many requests ghostsync has sent so far."""
        raise NotImplementedError

    def emails(self) -> int:
        """Rows in the table of emails."""
        return self.site.count_emails()

    def set_permalink(self, permalink: str) -> None:
        """Change the address of posts."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave nothing behind."""

    # ------------------------------------------------------------------ looking

    def find(self, slug: str, *, to: str = "posts") -> Row:
        """Return the post with a slug, as Ghost's editor reads it."""
        query = {"formats": "lexical,html", "include": "tags,authors,tiers,email,newsletter"}
        if to == "pages":
            query["include"] = "tags,authors,tiers"
        answer = self.site.ask_as_person("GET", f"{to}/slug/{slug}/", **query)
        assert answer.status_code == 200, f"{slug}: {answer.text}"
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def read(self, id: str, *, to: str = "posts") -> Row:
        """Return the post with an id."""
        answer = self.site.ask_as_person("GET", f"{to}/{id}/", formats="lexical,html", include="tags,authors,tiers")
        assert answer.status_code == 200, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def all(self, *, to: str = "posts") -> list[Row]:
        """Return all posts, oldest first."""
        rows: list[Row] = []
        for page in range(1, 20):
            query = {"limit": 100, "page": page, "formats": "lexical,html", "include": "tags", "order": "id asc"}
            answer = self.site.ask_as_person("GET", f"{to}/", **query).json()
            rows += answer[to]
            if page >= answer["meta"]["pagination"]["pages"]:
                return rows
        raise AssertionError("too many posts")

    def slugs(self, *, to: str = "posts") -> list[str]:
        """Return the slugs of all posts in alphabetical order."""
        return sorted(row["slug"] for row in self.all(to=to))

    def body(self, slug: str) -> str:
        """Return a post's HTML."""
        return str(self.find(slug)["html"] or "")

    def tags(self, slug: str) -> list[str]:
        """Return the slugs of a post's tags."""
        return [tag["slug"] for tag in self.find(slug)["tags"]]

    def tag(self, slug: str) -> Row:
        """Return a tag."""
        return self.site.ask_as_person("GET", f"tags/slug/{slug}/").json()["tags"][0]  # type: ignore[no-any-return]

    def all_tags(self) -> list[str]:
        """Return the slugs of all tags in alphabetical order."""
        return sorted(tag["slug"] for tag in self.site.ask_as_person("GET", "tags/", limit=100).json()["tags"])

    def record(self, slug: str) -> Row | None:
        """Return what ghostsync left in a post."""
        root = json.loads(self.find(slug)["lexical"])["root"]
        return root.get("ghostsync")  # type: ignore[no-any-return]

    # ------------------------------------------------------------------ people at work

    def save(self, slug: str, *, to: str = "posts", query: Row | None = None, **fields: Any) -> Row:
        """Save some fields of a post, as the editor's settings do; the body is not touched."""
        row = self.find(slug, to=to)
        body = {"updated_at": row["updated_at"], **fields}
        answer = self.site.ask_as_person("PUT", f"{to}/{row['id']}/", {to: [body]}, **(query or {"save_revision": "1"}))
        assert answer.status_code == 200, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def type(self, slug: str, old: str, new: str, *, to: str = "posts") -> Row:
        """Replace some text in the editor, and save."""
        body = editor.type_text(self.find(slug, to=to)["lexical"], old, new)
        return self.save(slug, to=to, lexical=editor.reserialise(body))

    def retouch(self, slug: str) -> Row:
        """Save in the editor without having typed anything that lasts."""
        return self.save(slug, lexical=editor.reserialise(self.find(slug)["lexical"]))

    def publish(self, slug: str, **query: Any) -> Row:
        """Publish without typing: the editor sends the body as it holds it."""
        lexical = editor.reserialise(self.find(slug)["lexical"])
        return self.save(slug, status="published", lexical=lexical, query={"save_revision": "1", **query})

    def schedule(self, slug: str, at: str, **query: Any) -> Row:
        """Schedule, with a newsletter where the query names one."""
        return self.save(slug, status="scheduled", published_at=at, query=query)

    def restore(self, slug: str, index: int) -> Row:
        """Post history → Restore."""
        row = self.find(slug)
        answer = self.site.ask_as_person("GET", f"posts/{row['id']}/", include="post_revisions")
        revision = answer.json()["posts"][0]["post_revisions"][index]
        fields = {name: revision[name] for name in ("lexical", "title", "feature_image", "custom_excerpt")}
        return self.save(slug, **fields)

    def duplicate(self, slug: str) -> Row:
        """Duplicate a post; it becomes a draft with a title and slug of its own."""
        answer = self.site.ask_as_person("POST", f"posts/{self.find(slug)['id']}/copy/")
        assert answer.status_code == 201, answer.text
        return answer.json()["posts"][0]  # type: ignore[no-any-return]

    def create(self, title: str, *, to: str = "posts", **fields: Any) -> Row:
        """Write a post of one's own."""
        answer = self.site.ask_as_person("POST", f"{to}/", {to: [{"title": title, **fields}]})
        assert answer.status_code == 201, answer.text
        return answer.json()[to][0]  # type: ignore[no-any-return]

    def delete(self, slug: str, *, to: str = "posts") -> None:
        """Delete one post, from the editor."""
        answer = self.site.ask_as_person("DELETE", f"{to}/{self.find(slug, to=to)['id']}/")
        assert answer.status_code == 204, answer.text
        self._settle_log()

    def bulk_delete(self, *slugs: str) -> None:
        """Select several posts in the list, then delete them."""
        ids = ",".join(f"'{self.find(slug)['id']}'" for slug in slugs)
        answer = self.site.ask_as_person("DELETE", "posts/", filter=f"id:[{ids}]")
        assert answer.status_code in {200, 204}, answer.text
        self._settle_log()

    def import_post(self, slug: str, lexical: str) -> None:
        """Import an old post from a backup: it keeps its dates, and the log says nothing of it."""
        raise NotImplementedError

    def save_tag(self, tag: str, /, **fields: Any) -> None:
        """Edit the tag with a slug."""
        answer = self.site.ask_as_person("PUT", f"tags/{self.tag(tag)['id']}/", {"tags": [fields]})
        assert answer.status_code == 200, answer.text

    def _settle_log(self) -> None:
        """Ghost writes its log after it has answered; one more read waits for that."""
        self.site.browse("actions", limit=1)


class FakeOne(Ghost):
    """The fake."""

    editor_name = "Berta"

    def __init__(self, site: FakeSite) -> None:
        super().__init__(site, connect_to(site.fake))
        self.fake = site.fake
        self.editor_name = next(row["name"] for row in site.fake.state.users if row["slug"] == "berta")
        self.owner_name = next(row["name"] for row in site.fake.state.users if row["slug"] == "ada")
        self.newsletter = "weekly"

    def pass_time(self, seconds: int) -> None:
        self.fake.clock.advance(seconds)  # type: ignore[attr-defined]

    def sleep(self, seconds: float) -> None:
        self.fake.clock.advance(seconds)  # type: ignore[attr-defined]

    def writes(self) -> list[str]:
        return [
            _named(e.method, e.path)
            for e in self.fake.writes()
            if "authorization" in e.request.headers and e.status is not None and e.status < 400
        ]

    def requests(self) -> int:
        return sum(
            "authorization" in exchange.request.headers or exchange.path.endswith("/site/")
            for exchange in self.fake.log
        )

    def import_post(self, slug: str, lexical: str) -> None:
        state = self.fake.state
        known = {key for key, _ in state.actions.items()}
        row = self.create(slug, slug=slug, lexical=lexical)
        old = dict.fromkeys(("created_at", "updated_at"), 1_577_836_800_000)
        state.posts.put(row["id"], {**state.posts[row["id"]], **old})
        for key in {key for key, _ in state.actions.items()} - known:
            state.actions.drop(key)

    def set_permalink(self, permalink: str) -> None:
        self.fake.set_permalink(permalink)


class RealOne(Ghost):
    """A Ghost of the sandbox."""

    editor_name = "Berta Editor"
    owner_name = "Sandbox Owner"

    def __init__(self, site: RealSite) -> None:
        self._sent: list[str] = []
        self._routes: str | None = None
        self._asked = 0
        super().__init__(site, connect(site.url, site.key, allow_http=True, on_exchange=self._note))
        self.newsletter = str(self.site.browse("newsletters")[0]["slug"])
        self._real = site

    def _note(self, exchange: Any) -> None:
        self._asked += 1
        if exchange.method != "GET" and exchange.status is not None and exchange.status < 400:
            self._sent.append(_named(exchange.method, exchange.path))

    def pass_time(self, seconds: int) -> None:
        self.site.pass_time(seconds)
        with closing(sqlite3.connect(self._real._database, timeout=10)) as db, db:
            for table in ("posts", "post_revisions"):
                for id_, text in db.execute(f"SELECT id, lexical FROM {table} WHERE lexical LIKE '%ghostsync%'"):
                    document = json.loads(text)
                    record = document["root"].get("ghostsync")
                    if record is not None:
                        (older,) = db.execute(
                            "SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', ?, ?)", (record["at"], f"-{seconds} seconds")
                        ).fetchone()
                        document["root"]["ghostsync"] = {**record, "at": older}
                        new = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                        db.execute(f"UPDATE {table} SET lexical = ? WHERE id = ?", (new, id_))

    def sleep(self, seconds: float) -> None:
        # Waiting and everything else being older are the same to whoever looks; but the engine's belief in an
        # `updated_at` is real, so here time really passes.
        import time

        time.sleep(seconds)

    def writes(self) -> list[str]:
        return list(self._sent)

    def requests(self) -> int:
        return self._asked

    def import_post(self, slug: str, lexical: str) -> None:
        old = dict.fromkeys(("created_at", "updated_at"), "2020-01-01 00:00:00")
        row = {"id": f"{1:024x}", "title": slug, "slug": slug, "status": "draft", "lexical": lexical, **old}
        backup = {"db": [{"meta": {"exported_on": 1, "version": "5.130.6"}, "data": {"posts": [row]}}]}
        headers = {"Cookie": self.site.cookie, "Origin": self.site.url}
        part = {"importfile": ("backup.json", json.dumps(backup).encode(), "application/json")}
        answer = self.site.send("POST", "db/", headers=headers, files=part)
        assert answer.status_code == 200, answer.text

    def set_permalink(self, permalink: str) -> None:
        routes = self.site.ask_as_person("GET", "settings/routes/yaml/").text
        if self._routes is None:
            self._routes = routes
        old = next(line for line in routes.splitlines() if "permalink:" in line)
        self._upload_routes(routes.replace(old, f"    permalink: {permalink}"))

    def close(self) -> None:
        """Put back what an emptied site keeps."""
        if self._routes is not None:
            self._upload_routes(self._routes)

    def _upload_routes(self, text: str) -> None:
        headers = {"Cookie": self.site.cookie, "Origin": self.site.url}
        part = {"routes": ("routes.yaml", text.encode(), "application/yaml")}
        answer = self.site.send("POST", "settings/routes/yaml/", headers=headers, files=part)
        assert answer.status_code == 200, answer.text

    # ------------------------------------------------------------------ in its database

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(sqlite3.connect(f"file:{self._real._database}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def comment(self, id: str, html: str) -> None:
        """Let a reader have commented a post."""
        with closing(sqlite3.connect(self._real._database, timeout=10)) as db, db:
            db.execute(
                "INSERT INTO comments (id, post_id, status, html, created_at, updated_at)"
                " VALUES (?, ?, 'published', ?, datetime('now'), datetime('now'))",
                (f"{len(html):024x}", id, html),
            )


def _named(method: str, path: str) -> str:
    after = path.rpartition("/ghost/api/admin/")[2].lstrip("/")
    return f"{method} {after.split('/')[0]}"


def opened(site: Site) -> Iterator[Ghost]:
    """Yield the Ghost of a site, and close its connections."""
    ghost = FakeOne(site) if isinstance(site, FakeSite) else RealOne(site)  # type: ignore[arg-type]
    yield ghost
    ghost.close()
    ghost.api.transport.close()
