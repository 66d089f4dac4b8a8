"""Two grounds for the same cases: the fake in this process, and a real Ghost behind the fault proxy.

A bench can be brought back to how it was when it was `keep`t, and lets one exchange, counted from there, go wrong.
"""

from __future__ import annotations

import copy
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fakeghost import FakeGhost, ManualClock, Moment, cut
from fakeghost.link import connect_to
from faults.proxy import ANSWERS, IS_CARRIED_OUT, PATIENCE, Fault, FaultProxy, proxied

from ghostsync.ghost.admin import AdminApi
from ghostsync.ghost.auth import Timing
from ghostsync.ghost.connect import connect
from ghostsync.ghost.exchange import Timeouts
from ghostsync.sandbox import Instance, database

_MOMENTS = {
    Fault.BEFORE: Moment.BEFORE,
    Fault.AFTER: Moment.AFTER,
    Fault.MIDWAY: Moment.MIDWAY,
    Fault.RESET: Moment.AFTER,
    Fault.STALL: Moment.STALLED,
}
_UPLOAD = re.compile(
    r"(?:https?://[\w.:]+|__GHOST_URL__)/content/(\w+)/(?:size/w\d+/)?\d{4}/\d{2}/([\w.-]*?-[0-9a-f]{10})(?:-\d+)?(_o)?\.(\w+)"
)
_SITE = re.compile(r"https?://(?:127\.0\.0\.1:\d+|fake\.ghost\.test)|__GHOST_URL__")

Snapshot = dict[str, Any]


def plain(text: Any) -> Any:
    """A value with uploads named by their content, wherever and however often they were stored."""
    if not isinstance(text, str):
        return text
    return _SITE.sub("SITE", _UPLOAD.sub(r"UPLOAD/\1/\2\3.\4", text))


class Bench:
    """One Ghost. `api` is ghostsync's way in."""

    api: AdminApi

    def keep(self) -> None:
        """Take what is there now as the beginning of every case."""
        raise NotImplementedError

    def restart(self) -> None:
        """Bring everything back to the beginning, and count from one."""
        raise NotImplementedError

    def arm(self, number: int, fault: Fault) -> None:
        """Let an exchange go wrong."""
        raise NotImplementedError

    def disarm(self) -> None:
        """Nothing more goes wrong."""
        raise NotImplementedError

    def exchanges(self) -> list[str]:
        """`METHOD path` of every exchange since the beginning."""
        raise NotImplementedError

    def sleep(self, seconds: float) -> None:
        """What the engine waits with."""
        raise NotImplementedError

    def snapshot(self) -> Snapshot:
        """All that a reader or an editor sees, without what differs between two equal sites."""
        raise NotImplementedError

    def emails(self) -> int:
        raise NotImplementedError


class FakeBench(Bench):
    """The fake. The clock of a case begins an hour after what is there was made."""

    def __init__(self) -> None:
        self.fake = FakeGhost(clock=ManualClock(tick_ms=7))
        self._kept = self.fake
        self._begin()

    def _begin(self) -> None:
        self.api = connect_to(self.fake)
        self._first = len(self.fake.log)

    def keep(self) -> None:
        self.fake.clock.advance(3600)  # type: ignore[attr-defined]
        lock, self.fake._lock = self.fake._lock, None  # type: ignore[assignment]
        self._kept = copy.deepcopy(self.fake)
        self.fake._lock = lock

    def restart(self) -> None:
        self.fake = copy.deepcopy(self._kept)
        self.fake._lock = type(FakeGhost().__dict__["_lock"])()
        self._begin()

    def arm(self, number: int, fault: Fault) -> None:
        at = self._first + number

        def matches(request: Any) -> bool:
            return bool(request.number == at)

        if fault in ANSWERS:
            self.fake.fail(ANSWERS[fault](), when=matches, committed=fault in IS_CARRIED_OUT)
        elif fault is Fault.BEFORE:
            self.fake.fail(cut(Moment.BEFORE), when=matches)
        else:
            self.fake.drop_answer(when=matches, moment=_MOMENTS[fault])

    def kill(self, number: int, death: BaseException, *, committed: bool) -> None:
        """Raise `death` at the write with that number, counted from the beginning, before or after its effect."""
        seen = [0]

        def matches(request: Any) -> bool:
            seen[0] += request.is_write
            return bool(request.is_write and seen[0] == number)

        self.fake.fail(death, when=matches, committed=committed)

    def disarm(self) -> None:
        self.fake.clear_faults()

    def exchanges(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.fake.log[self._first :]]

    def sleep(self, seconds: float) -> None:
        self.fake.clock.advance(seconds)  # type: ignore[attr-defined]

    def snapshot(self) -> Snapshot:
        names = ("type", "title", "html", "status", "custom_excerpt", "feature_image", "visibility", "tags", "meta")
        posts = {row["slug"]: {name: plain(row[name]) for name in names} for row in self.fake.post_rows()}
        tags = {row["slug"]: (row["name"], row["description"]) for row in self.fake.state.tags}
        return {"posts": posts, "tags": tags, "rows": len(self.fake.post_rows())}

    def emails(self) -> int:
        return len(self.fake.emails)


class RealBench(Bench):
    """A real Ghost behind the proxy. Waits of the transport are a twentieth as long, answers have their time."""

    def __init__(self, instance: Instance, proxy: FaultProxy, folder: Path) -> None:
        self.instance, self.proxy, self._folder = instance, proxy, folder
        self._begin(patience=60.0)

    def _begin(self, *, patience: float) -> None:
        self.api = connect(
            self.proxy.url,
            self.instance.admin_key,
            allow_http=True,
            timing=Timing(sleep=lambda seconds: time.sleep(seconds / 20)),
            timeouts=Timeouts(connect=10, read=patience, upload=patience),
            is_patient=True,
        )

    def keep(self) -> None:
        self.age(3600)
        self._copy_uploads(self.instance.content_path, self._folder)
        with (
            closing(sqlite3.connect(self.instance.database_path, timeout=20)) as live,
            closing(sqlite3.connect(self._folder / "kept.db")) as kept,
        ):
            live.backup(kept)

    def age(self, seconds: int) -> None:
        """Let posts, and the records in them, be that much older."""
        with closing(sqlite3.connect(self.instance.database_path, timeout=20)) as db, db:
            earlier = f"-{seconds} seconds"
            db.execute(
                "UPDATE posts SET created_at = datetime(created_at, ?), updated_at = datetime(updated_at, ?)",
                (earlier, earlier),
            )
            db.execute("UPDATE post_revisions SET created_at_ts = created_at_ts - ?", (seconds * 1000,))
            for table in ("posts", "post_revisions"):
                for id_, text in db.execute(
                    f"SELECT id, lexical FROM {table} WHERE lexical LIKE '%ghostsync%'"
                ).fetchall():
                    older = re.sub(
                        r'("at":")([^"]+)(")',
                        lambda found: found[1] + _earlier(db, found[2], earlier) + found[3],
                        text,
                    )
                    db.execute(f"UPDATE {table} SET lexical = ? WHERE id = ?", (older, id_))

    def restart(self) -> None:
        self.proxy.start_counting()
        for _ in range(10):
            self.api.site()  # what Ghost writes after it has answered is written by now
            if database.is_restored(self.instance.database_path, self._folder / "kept.db"):
                break
            database.restore_content(self.instance.database_path, self._folder / "kept.db")
        else:
            raise AssertionError("something goes on writing into Ghost")
        self._copy_uploads(self._folder, self.instance.content_path)
        self.proxy.start_counting()
        self.api.transport.close()
        self._begin(patience=60.0)

    @staticmethod
    def _copy_uploads(source: Path, target: Path) -> None:
        for kind in ("images", "media", "files"):
            shutil.rmtree(target / kind, ignore_errors=True)
            shutil.copytree(source / kind, target / kind)

    def arm(self, number: int, fault: Fault) -> None:
        if fault is Fault.STALL:
            self.api.transport.close()
            self._begin(patience=PATIENCE)
        self.proxy.arm(number, fault)

    def disarm(self) -> None:
        self.proxy.released.set()
        self.api.transport.close()
        self._begin(patience=60.0)

    def exchanges(self) -> list[str]:
        return list(self.proxy.seen)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def snapshot(self) -> Snapshot:
        self.api.site()
        with closing(sqlite3.connect(f"file:{self.instance.database_path}?mode=ro", uri=True, timeout=20)) as db:
            db.row_factory = sqlite3.Row
            tags = {row["id"]: row for row in db.execute("SELECT id, slug, name, description FROM tags")}
            worn: dict[str, list[str]] = {}
            for row in db.execute("SELECT post_id, tag_id FROM posts_tags ORDER BY post_id, sort_order"):
                worn.setdefault(row["post_id"], []).append(tags[row["tag_id"]]["slug"])
            names = ("type", "title", "html", "status", "custom_excerpt", "feature_image", "visibility")
            rows = db.execute("SELECT * FROM posts").fetchall()
            posts = {
                row["slug"]: {**{name: plain(row[name]) for name in names}, "tags": worn.get(row["id"], [])}
                for row in rows
            }
            described = {row["slug"]: (row["name"], row["description"]) for row in tags.values()}
        return {"posts": posts, "tags": described, "rows": len(rows)}

    def emails(self) -> int:
        with closing(sqlite3.connect(f"file:{self.instance.database_path}?mode=ro", uri=True, timeout=20)) as db:
            return int(db.execute("SELECT count(*) FROM emails").fetchone()[0])


def _earlier(db: sqlite3.Connection, moment: str, by: str) -> str:
    (text,) = db.execute("SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', ?, ?)", (moment, by)).fetchone()
    return str(text)


@contextmanager
def real_bench(instance: Instance, folder: Path) -> Iterator[RealBench]:
    """A bench on an emptied sandbox."""
    with proxied(instance.url) as proxy:
        folder.mkdir()
        bench = RealBench(instance, proxy, folder)
        yield bench
        bench.api.transport.close()
