"""Several clones of one content directory, an editor in Ghost, and everything that can go wrong between them.

Hypothesis draws histories; after every step the laws hold. Words are the currency: whatever anybody writes holds a word
that nobody wrote before, so that "nothing is lost" can be counted.

What counts as ours to change: words that once were in a record, which both sides had agreed on. What a person did to a
post since our last write to it is hers, unless the pushing clone has pulled it. Posts that a person made, copied, or
another project pushed are nobody's business.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from engine.pull_steps import pull
from fakeghost import FakeGhost, ManualClock, Request
from fakeghost.link import connect_to
from world import MARKER, Clone, errors

from ghostsync.core.outcome import Report
from ghostsync.core.slugs import tag_slug
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory
from ghostsync.local.tree import ContentTree
from ghostsync.model import Digest, DocPath

WORD = re.compile(r"\bw\d{5}x\b")
NAMES = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu")
TAGS = ("One", "Two", "Three")
EDITOR = "berta"
_OPERATION = re.compile(rb'\\"op\\":\\"([^"\\]+)')
_COUNTED_UP = re.compile(r"-\d+$")
_MARKER_SLUG = tag_slug(MARKER)
_MEMORY = Path("/dev/shm")
"""Thousands of synced writes take no time here."""

State = dict[str, Any]


class Killed(BaseException):
    """The process is gone."""


class LawBroken(AssertionError):
    """One of the laws does not hold; raised with the words for it."""


def require(law: str, holds: bool, *facts: object) -> None:
    """Raise where a law does not hold."""
    if not holds:
        raise LawBroken(f"{law}: {facts}")


class FragileTree(ContentTree):
    """A tree whose process may die around its n-th write."""

    dies_at: int = 0
    has_written: bool = False

    def write(self, path: DocPath, data: bytes, *, expected: Digest | None) -> None:
        self.dies_at -= 1
        if self.dies_at == 0 and not self.has_written:
            raise Killed
        super().write(path, data, expected=expected)
        if self.dies_at == 0:
            raise Killed


def _memory_folder() -> str | None:
    return str(_MEMORY) if _MEMORY.is_dir() else None


@dataclass(slots=True)
class Machine:
    """One clone, with or without a cache, and what its user has seen of others' edits."""

    clone: Clone
    cache: Cache | None
    seen: dict[str, int] = field(default_factory=dict)

    def fresh(self) -> Clone:
        """The clone as a new process has it."""
        if self.cache is not None:
            site = self.clone.session().remote.site()
            self.clone.memory = SiteMemory(self.cache.site(site.uuid, site.url))
        return self.clone

    def files(self) -> dict[str, str]:
        root = self.clone.root
        return {
            file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
            for folder in ("posts", "pages")
            for file in sorted((root / folder).rglob("*.md"))
        }

    def close(self) -> None:
        if self.cache is not None:
            self.cache.close()


class Ground:
    """The world of one history, and its laws."""

    def __init__(self, *, site_of: Callable[..., GhostSite] = GhostSite, project: str = "site") -> None:
        self.fake = FakeGhost(clock=ManualClock(tick_ms=40))
        self.folder = Path(tempfile.mkdtemp(prefix="ghostsync-machine-", dir=_memory_folder()))
        self._words = itertools.count(1)
        self.wild: set[str] = set()
        self.ours: dict[str, State] = {}
        self.ops: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.deleted: dict[str, str] = {}
        self.born: dict[str, str] = {}
        self.agreed: set[str] = set()
        self.hers: set[str] = set()
        """Words that the editor wrote: once a pull has brought them into a file, she may still replace them."""
        self.machines = [self._machine(name, site_of, project, cached=name != "a") for name in ("a", "b", "c")]
        self._seed_wild()

    def _machine(self, name: str, site_of: Callable[..., GhostSite], project: str, *, cached: bool) -> Machine:
        root = self.folder / name
        root.mkdir()
        (root / "ghostsync.toml").write_text(f'project = "{project}"\n[pull]\nunmanaged = "ignore"\n', encoding="utf-8")
        clone = Clone(root=root, api=connect_to(self.fake), name=name, site_of=site_of, project=project)
        clone.sleep = self.fake.clock.advance  # type: ignore[attr-defined]
        return Machine(clone, Cache.open(root) if cached else None)

    def _seed_wild(self) -> None:
        """A post of a person, and one of another project, which also took a name."""
        self.wild.add(self.fake.create_as(EDITOR, title=f"Mine {self.word()}", slug="mine", status="published")["id"])
        other = self._machine("other", GhostSite, "other", cached=False)
        other.clone.write("posts/theirs.md", f"---\ntitle: Theirs\nstatus: published\n---\nWords {self.word()}.\n")
        assert errors(other.clone.push()) == []
        self.wild |= {row["id"] for row in self.fake.state.posts}
        self.fake.clock.advance(600)  # type: ignore[attr-defined]

    def close(self) -> None:
        for machine in self.machines:
            machine.close()
        shutil.rmtree(self.folder)

    def word(self) -> str:
        """A word that nobody wrote before."""
        return f"w{next(self._words):05}x"

    # ------------------------------------------------------------------ looking

    def tame(self) -> list[str]:
        """Ids of the posts that are ours, oldest first."""
        return [row["id"] for row in self.fake.state.posts if row["id"] not in self.wild]

    def look(self, id_: str) -> State:
        """What readers and editors see of a post."""
        row = self.fake.state.posts[id_]
        tags = [self.fake.state.tags[tag]["slug"] for tag in self.fake.state.posts_tags.get(id_, ())]
        meta = self.fake.meta_of(id_)
        return {
            "title": row["title"],
            "html": row["html"] or "",
            "status": row["status"],
            "excerpt": row["custom_excerpt"],
            "visibility": row["visibility"],
            "meta_title": meta["meta_title"],
            "tags": tuple(tag for tag in tags if tag != _MARKER_SLUG),
            "slug": row["slug"],
        }

    def whole(self, id_: str) -> object:
        """Everything that is stored of a post."""
        row = dict(self.fake.state.posts[id_])
        return row, tuple(self.fake.state.posts_tags.get(id_, ())), self.fake.meta_of(id_)

    def note_writes(self) -> None:
        """Take in what ghostsync has written since the last look: that is the new common ground."""
        for id_ in self.tame():
            record = self.fake.record_of(id_)
            if record is None or self.ops.get(id_) == record["op"]:
                continue
            self.ops[id_] = record["op"]
            self.ours[id_] = self.look(id_)
            self.born.setdefault(id_, self.ours[id_]["title"])
            self.agreed |= words_of(record)

    # ------------------------------------------------------------------ people

    def touched(self, id_: str) -> None:
        """A person did something to a post."""
        self.versions[id_] = self.versions.get(id_, 0) + 1

    def edit(self, which: int, what: str, when: int) -> None:
        """What an editor does in Ghost; nothing where there is nothing to do it to."""
        self.note_writes()
        ids = self.tame()
        if not ids:
            return
        id_ = ids[which % len(ids)]
        fake, word = self.fake, self.word()
        self.hers.add(word)
        row = fake.state.posts[id_]
        if row["lexical"] is None:
            return
        self.touched(id_)
        settings = {
            "title": {"title": f"Called {word}"},
            "excerpt": {"custom_excerpt": f"Short {word}"},
            "meta": {"meta_title": f"Meta {word}"},
            "tags": {"tags": [{"name": TAGS[when % 3]}, {"name": "Theirs"}]},
        }
        match what:
            case "title" | "excerpt" | "meta" | "tags":
                fake.edit_as(EDITOR, id_, **settings[what])
            case "type":
                fake.edit_as(EDITOR, id_, append=f"Typed {word}.")
            case "reword":
                old = WORD.search(row["html"] or "")
                if old is not None:
                    fake.edit_as(EDITOR, id_, replace=(old[0], word))
            case "publish" | "unpublish" | "schedule":
                self._set_status(what, id_)
            case "duplicate":
                self.wild.add(fake.duplicate_as(EDITOR, id_)["id"])
            case "restore":
                history = fake.state.revisions.get(id_, ())
                if history:
                    fake.restore_revision_as(EDITOR, id_, when % len(history))
            case "delete":
                self._gone(id_)
                fake.delete_as(EDITOR, id_)
            case _:
                self._edit_many(what, id_, ids)

    def _set_status(self, what: str, id_: str) -> None:
        row = self.fake.state.posts[id_]
        match what, row["status"]:
            case "publish", "draft":
                self.fake.publish_as(EDITOR, id_)
            case "unpublish", "published":
                self.fake.unpublish_as(EDITOR, id_)
            case "schedule", "draft":
                # With a newsletter: whoever publishes it from now on would send it.
                newsletter = "weekly" if row["type"] == "post" else None
                self.fake.schedule_as(EDITOR, id_, at="2035-01-01T00:00:00Z", newsletter=newsletter)
            case _:
                pass

    def _edit_many(self, what: str, id_: str, ids: list[str]) -> None:
        fake = self.fake
        kind = fake.state.posts[id_]["type"]
        several = [one for one in ids if fake.state.posts[one]["type"] == kind][:2]
        tags = [row["slug"] for row in fake.state.tags if row["slug"] in {"one", "two", "three", "theirs"}]
        match what:
            case "bulk delete" if len(several) > 1:
                for one in several:
                    # Ghost's log says no more than a count, and under which title each was added.
                    self._gone(one, named=self.born.get(one) == fake.state.posts[one]["title"])
                fake.bulk_delete_as(EDITOR, several)
            case "bulk unpublish" if len(several) > 1:
                for one in several:
                    self.touched(one)
                fake.bulk_unpublish_as(EDITOR, several)
            case "bulk tag" if len(several) > 1:
                for one in several:
                    self.touched(one)
                fake.bulk_edit_as(EDITOR, several, "addTag", tags=[{"name": "Bulk"}])
            case "rename tag" if tags:
                fake.edit_tag_as(EDITOR, tags[0], description=f"Renamed {self.word()}")
            case "delete tag" if tags:
                gone = next(row["id"] for row in fake.state.tags if row["slug"] == tags[0])
                for one in ids:
                    if gone in fake.state.posts_tags.get(one, ()):
                        self.touched(one)
                fake.delete_tag_as(EDITOR, tags[0])
            case _:
                pass

    def _gone(self, id_: str, *, named: bool = True) -> None:
        row = self.fake.state.posts[id_]
        if named:
            self.deleted[row["slug"]] = row["title"]
        else:
            self.deleted.pop(row["slug"], None)

    # ------------------------------------------------------------------ writers

    def write(self, machine: Machine, name: str, what: str, choice: int) -> None:
        """What a writer does to a file."""
        path = f"{'pages' if name == 'elk' else 'posts'}/{name}.md"
        files = machine.files()
        word = self.word()
        if path not in files:
            status = ("published", "draft")[choice % 2]
            tags = f"tags: [{TAGS[choice % 3]}]\n" if choice % 4 else ""
            text = (
                f"---\ntitle: New {word}\nstatus: {status}\n{tags}---\nFirst {self.word()}.\n\nSecond {self.word()}.\n"
            )
            machine.clone.write(path, text)
            return
        text = files[path]
        match what:
            case "append":
                text = f"{text.rstrip()}\n\nWritten {word}.\n"
            case "reword":
                head, _, body = text.partition("\n---\n")
                old = WORD.search(body)
                text = text if old is None else f"{head}\n---\n{body.replace(old[0], word, 1)}"
            case "title":
                text = re.sub(r"(?m)^title:.*$", f"title: Named {word}", text, count=1)
            case "excerpt":
                text = _set_key(text, "excerpt", f"Said {word}")
            case "tags":
                text = _set_key(text, "tags", f"[{TAGS[choice % 3]}, {TAGS[(choice + 1) % 3]}]")
            case "status":
                text = _set_key(text, "status", ("published", "draft")[choice % 2])
            case "remove":
                machine.clone.remove(path)
                return
            case _:
                raise AssertionError(what)
        machine.clone.write(path, text)

    def resolve(self, machine: Machine) -> None:
        """Settle every conflict in the files by keeping all lines of both sides."""
        for path, text in machine.files().items():
            if "<<<<<<<" in text:
                lines = [line for line in text.split("\n") if not re.match(r"<{7}|>{7}|={7}|\|{7}", line)]
                machine.clone.write(path, "\n".join(_one_key_each(lines)))

    def share(self, giver: Machine, taker: Machine) -> None:
        """`git pull`, from a clone whose files replace those of the other."""
        for path in taker.files():
            taker.clone.remove(path)
        for path, text in giver.files().items():
            taker.clone.write(path, text)
        taker.seen = dict(giver.seen)

    # ------------------------------------------------------------------ ghostsync at work, and the laws

    def push(self, machine: Machine, *, prefer: str = "neither", prune: str = "report", hurts: bool = False) -> None:
        """A push, and the laws that hold after it, whatever happened meanwhile."""
        with self.watched(machine, prefer=prefer, prune=prune):
            report = _survived(lambda: machine.fresh().push(prefer=prefer, prune=prune))
        if report is None or hurts:
            return
        failed = errors(report)
        require("a push in peace fails nowhere", not failed, failed)
        again = machine.fresh().plan(prefer=prefer, prune=prune)
        require("after a push there is nothing left to do", again.is_empty, again.changes)
        self._check_doubles()

    def pull(self, machine: Machine, *, prefer: str = "neither", prune: str = "report", hurts: bool = False) -> None:
        """A pull, and the laws that hold after it."""
        before, stored = machine.files(), {row["id"]: self.whole(row["id"]) for row in self.fake.state.posts}
        moment = len(self.fake.log)
        report = _survived(lambda: pull(machine.fresh(), prefer=prefer, prune=prune))
        after = machine.files()
        if not hurts:
            require("a pull writes nothing to Ghost", not self.fake.writes(since=moment))
            now = {row["id"]: self.whole(row["id"]) for row in self.fake.state.posts}
            require("a pull changes nothing in Ghost", now == stored)
        if prefer != "remote":
            for path, text in before.items():
                fresh = set(WORD.findall(text)) - self.agreed - self.hers
                lost = fresh - set(WORD.findall("".join(after.values())))
                require("a pull loses nothing that was written here", not lost, path, lost)
        if report is None or hurts:
            return
        require("a pull in peace fails nowhere", not errors(report), errors(report))
        again = pull(machine.fresh(), prefer=prefer, prune=prune)
        require("after a pull there is nothing left to pull", again.plan.is_empty, again.plan.changes)
        machine.seen = dict(self.versions)

    def watched(self, machine: Machine, *, prefer: str, prune: str) -> _Watched:
        """A stretch in which a clone pushes: what was there before, and what must be there after."""
        return _Watched(self, machine, prefer, prune)

    def _check_doubles(self) -> None:
        slugs = [row["slug"] for row in self.fake.state.posts if row["id"] not in self.wild]
        require("no post twice", not [slug for slug in slugs if _COUNTED_UP.search(slug)], slugs)
        names = [row["name"] for row in self.fake.state.tags]
        tags = [row["slug"] for row in self.fake.state.tags if _COUNTED_UP.search(row["slug"])]
        require("no tag twice", len(names) == len(set(names)) and not tags, names, tags)
        ops = [record["op"] for id_ in self.tame() if (record := self.fake.record_of(id_)) is not None]
        require("no write landed twice", len(ops) == len(set(ops)), ops)


@dataclass(slots=True)
class _Watched:
    """Compares what was there before a push with what is there after it."""

    ground: Ground
    machine: Machine
    prefer: str
    prune: str
    wild: dict[str, object] = field(default_factory=dict)
    hers: dict[str, tuple[State, State]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    start: int = 0

    def __enter__(self) -> Self:
        ground = self.ground
        ground.note_writes()
        self.files = self.machine.files()
        self.start = len(ground.fake.log)
        self.wild = {id_: ground.whole(id_) for id_ in ground.wild if id_ in ground.fake.state.posts}
        self.ids = frozenset(ground.tame())
        for id_ in ground.tame():
            self.remember(id_)
        return self

    def remember(self, id_: str) -> None:
        """Keep what a person made of a post since our last write to it."""
        ground = self.ground
        if id_ not in ground.ours or ground.versions.get(id_, 0) == self.machine.seen.get(id_, 0):
            return
        self.hers[id_] = ground.ours[id_], ground.look(id_)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            return
        ground = self.ground
        ground.note_writes()
        self._check_sent_once()
        require("nobody is emailed", not ground.fake.emails, ground.fake.emails)
        for id_, whole in self.wild.items():
            require("what is not ours stays as it is", ground.whole(id_) == whole, id_)
        require("documents are not touched by a push", self.machine.files() == self.files)
        if self.prefer == "local":
            return
        for id_, (base, remote) in self.hers.items():
            self._check_hers(id_, base, remote)
        for id_ in set(ground.tame()) - self.ids:
            # By its own title: another machine may have made a document of its own at that address meanwhile.
            slug, title = (ground.fake.state.posts[id_][key] for key in ("slug", "title"))
            require("what a person deleted is not made again", ground.deleted.get(slug) != title, slug, title)

    def _check_sent_once(self) -> None:
        """Where Ghost may have looked at a write, the same write is not sent again."""
        sent = [
            operation.group(1)
            for exchange in self.ground.fake.writes(since=self.start)
            if exchange.status not in {429, 503}
            for operation in [_OPERATION.search(exchange.request.body)]
            if operation is not None
        ]
        require("a write is sent once", len(sent) == len(set(sent)), sent)

    def _check_hers(self, id_: str, base: State, remote: State) -> None:
        moved = {name for name in base if base[name] != remote[name]}
        if not moved:
            return
        require("what a person edited is not deleted", id_ in self.ground.fake.state.posts, id_, moved)
        now = self.ground.look(id_)
        for name in moved - {"html"}:
            facts = base[name], remote[name], now[name]
            require("what a person set stays", now[name] == remote[name] or _is_settled(*facts), name, *facts)
        before, there = set(WORD.findall(base["html"])), set(WORD.findall(remote["html"]))
        after = set(WORD.findall(now["html"]))
        require("what a person wrote stays", there - before <= after, there - before, after)
        if not (there - before) and moved == {"html"}:
            back = (before - there) & after
            require("what a person took away stays away", not back, back)


def _is_settled(before: object, hers: object, now: object) -> bool:
    """Whether a value that a writer pushed holds what a person changed: the tags she added, the words of her title.

    A document that contains her edit passes (a pull merged the tags, a person settled the title), and may say more.
    """
    if isinstance(before, tuple) and isinstance(hers, tuple) and isinstance(now, tuple):
        return set(hers) - set(before) <= set(now) and not (set(before) - set(hers)) & set(now)
    if isinstance(before, str) and isinstance(hers, str) and isinstance(now, str):
        added = set(WORD.findall(hers)) - set(WORD.findall(before))
        return bool(added) and added <= set(WORD.findall(now))
    return False


def _survived(work: Callable[[], Report]) -> Report | None:
    """What became of a run; None where it died or gave up."""
    from ghostsync.errors import GhostError, PlanRefused

    try:
        return work()
    except (Killed, GhostError, PlanRefused):
        return None


def words_of(record: State) -> set[str]:
    """Every word in a record: in the source that it holds, and in its fields."""
    source = record.get("source")
    text = zlib.decompress(base64.b64decode(source)).decode() if source else ""
    return set(WORD.findall(text + json.dumps(record.get("fields"))))


def _set_key(text: str, key: str, value: str) -> str:
    if re.search(rf"(?m)^{key}:.*$", text):
        return re.sub(rf"(?m)^{key}:.*$(?:\n(?:-| ).*$)*", f"{key}: {value}", text, count=1)
    return text.replace("---\n", f"---\n{key}: {value}\n", 1)


def _one_key_each(lines: list[str]) -> Iterator[str]:
    """Front matter in which a key stands once, the first time."""
    seen: set[str] = set()
    fences = 0
    for line in lines:
        fences += line == "---"
        key = re.match(r"(\w+):", line)
        if fences == 1 and key is not None:
            if key[1] in seen:
                continue
            seen.add(key[1])
        yield line


def nth(first: int, number: int, *, writes: bool = False) -> Callable[[Request], bool]:
    """Matches the exchange with a number, counted from one after the first ones; of those that write, if so asked."""
    seen = [0]

    def matches(request: Request) -> bool:
        if request.number <= first or "cookie" in request.headers:
            return False
        seen[0] += request.is_write or not writes
        return seen[0] == number and (request.is_write or not writes)

    return matches
