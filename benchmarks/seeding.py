"""Content for benchmarks: a directory of documents, and a sandbox's database that already holds them as posts.

Ghost takes about 25 new posts a second; ten thousand would take minutes in every run. So the posts are written into the
stopped sandbox's SQLite database, exactly as a push would have stored them: the plan is the engine's own, and so is the
record in each of them. Only Ghost's rendering of them is left out.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ghostsync.apply.applier import Applier
from ghostsync.core.changes import CreatePost, CreateTag
from ghostsync.core.digest import body_digest
from ghostsync.core.plan import Plan
from ghostsync.core.record import attach_record
from ghostsync.core.slugs import tag_slug
from ghostsync.engine.options import Options
from ghostsync.engine.session import Session
from ghostsync.ghost.connect import connect
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.cache import Cache
from ghostsync.local.config import load_config
from ghostsync.local.memory import SiteMemory
from ghostsync.local.tree import ContentTree
from ghostsync.model import Record
from ghostsync.sandbox import Instance

MARKER = "#ghostsync"
_WORDS = [
    "tide",
    "harbour",
    "lamp",
    "keel",
    "rope",
    "signal",
    "weather",
    "log",
    "stone",
    "gull",
    "channel",
    "buoy",
    "night",
    "watch",
    "bell",
    "fog",
    "anchor",
    "chart",
    "light",
    "wave",
    "shore",
    "current",
    "mooring",
    "wind",
    "spray",
    "ledge",
    "beacon",
    "pilot",
    "ferry",
    "island",
    "rock",
]
_TAGS = ("News", "Tides", "Lights", "Boats", "Weather")


def write_documents(root: Path, count: int, *, seed: int = 1) -> list[Path]:
    """Write `count` documents of about 4 kB each, 100 to a folder; one in fifty is a page."""
    chance = random.Random(seed)
    bodies = [_body(chance) for _ in range(40)]
    (root / "ghostsync.toml").write_text('project = "benchmark"\n', encoding="utf-8")
    written = []
    for number in range(count):
        folder = root / ("pages" if number % 50 == 49 else "posts") / f"{number // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        tag = _TAGS[number % len(_TAGS)]
        file = folder / f"note-{number:05}.md"
        file.write_text(
            f"---\ntitle: Note {number}\nstatus: published\ntags: [{tag}]\nexcerpt: What was seen on day {number}\n"
            f"date: 2026-01-0{1 + number % 9}T08:00:00Z\n---\n\nDay {number}.\n\n{bodies[number % len(bodies)]}",
            encoding="utf-8",
        )
        written.append(file)
    return written


def _body(chance: random.Random) -> str:
    parts = []
    for section in range(6):
        parts.append(f"## Part {section + 1}\n")
        for _ in range(3):
            words = [chance.choice(_WORDS) for _ in range(32)]
            words[4], words[9] = f"*{words[4]}*", f"[{words[9]}](https://example.org/{words[9]})"
            parts.append(" ".join(words).capitalize() + ".\n")
    parts.append("- one\n- two\n- three\n")
    return "\n".join(parts)


def open_session(root: Path, instance: Instance, cache: Cache | None = None) -> Session:
    """Return a session of a directory on a sandbox, without Git."""
    remote = GhostSite(connect(instance.url, instance.admin_key), marker=MARKER, marker_slug=tag_slug(MARKER))
    site = remote.site()
    kept = Cache.in_memory() if cache is None else cache
    config = load_config(root)
    return Session(
        remote=remote,
        tree=ContentTree(config),
        memory=SiteMemory(kept.site(site.uuid, site.url)),
        past=None,
        project=config.project,
        marker=MARKER,
    )


def seed_posts(root: Path, instance: Instance) -> int:
    """Bring the running sandbox to hold every document of `root`, through its database; return how many."""
    session = open_session(root, instance)
    plan = session.plan_push(Options())
    tags = tuple(change for change in plan.changes if isinstance(change, CreateTag))
    _apply(session, replace(plan, changes=tags))
    creates = [change for change in plan.changes if isinstance(change, CreatePost)]
    instance.stop()
    with closing(sqlite3.connect(instance.database_path)) as database, database:
        # An hour ago: what was stored moments ago is asked for again by every run, and that is not what is measured.
        then = dt.datetime.fromisoformat(plan.at) - dt.timedelta(hours=1)
        _insert(database, creates, now=f"{then:%Y-%m-%dT%H:%M:%S.000Z}", site_url=plan.site.url)
    instance.start()
    return len(creates)


def _apply(session: Session, plan: Plan) -> None:
    report = Applier(
        remote=session.remote,
        tree=session.tree,
        memory=session.memory,
        plan=plan,
        jobs=1,
        sleep=lambda _: None,
    ).run()
    if report.failed:
        raise SystemExit(f"seeding failed: {report.failed[0].error}")


def _insert(database: sqlite3.Connection, creates: Sequence[CreatePost], *, now: str, site_url: str) -> None:
    owner = database.execute("SELECT id FROM users ORDER BY created_at LIMIT 1").fetchone()[0]
    tags = dict(database.execute("SELECT slug, id FROM tags").fetchall())
    stamp = f"{now[:10]} {now[11:19]}"
    posts, authors, tagged = [], [], []
    for number, change in enumerate(creates):
        draft = change.draft
        record = Record(
            op=str(uuid.uuid4()),
            at=now,
            project=draft.project,
            path=draft.path,
            slug=draft.slug,
            source=draft.source,
            source_digest=draft.source_digest,
            fields=draft.fields,
            kept=draft.kept,
            body_digest=body_digest(change.lexical, site_url=site_url),
            links=draft.links,
        )
        whole = attach_record(change.lexical, record, site_url=site_url)
        id_ = f"6a{number:022x}"
        date = str(change.sends["published_at"])
        posts.append(
            {
                "id": id_,
                "uuid": str(uuid.uuid4()),
                "title": change.title,
                "slug": change.slug,
                "lexical": json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
                "html": f"<p>Day {number}.</p>",
                "plaintext": f"Day {number}.",
                "comment_id": id_,
                "featured": 0,
                "type": change.kind.value,
                "status": change.sends["status"],
                "visibility": "public",
                "email_recipient_filter": "all",
                "created_at": stamp,
                "updated_at": stamp,
                "published_at": f"{date[:10]} {date[11:19]}",
                "custom_excerpt": change.sends["excerpt"],
                "show_title_and_feature_image": 1,
            }
        )
        authors.append((f"6b{number:022x}", id_, owner, 0))
        names = [*change.sends["tags"], tag_slug(MARKER)]
        tagged += [(f"6c{number * 4 + place:022x}", id_, tags[slug], place) for place, slug in enumerate(names)]
    columns = list(posts[0]) if posts else []
    places = ", ".join(f":{name}" for name in columns)
    database.executemany(f"INSERT INTO posts ({', '.join(columns)}) VALUES ({places})", posts)
    database.executemany("INSERT INTO posts_authors (id, post_id, author_id, sort_order) VALUES (?, ?, ?, ?)", authors)
    database.executemany("INSERT INTO posts_tags (id, post_id, tag_id, sort_order) VALUES (?, ?, ?, ?)", tagged)
