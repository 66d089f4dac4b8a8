"""The cache remembers, and whatever happens to its file costs work and nothing else."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.local.cache import Cache
from ghostsync.local.cached import (
    RACY_NS,
    CachedBase,
    CachedFile,
    CachedPost,
    CachedTag,
    FileStamp,
    Tombstone,
)
from ghostsync.local.store import FORMAT
from ghostsync.model import Digest, DocPath, FieldName, Kind, PostId, Slug

URL = "https://blog.example.com"


def file_named(path: str, **changes: object) -> CachedFile:
    """Return a file that was read long after it was changed."""
    stamp = FileStamp(size=10, mtime_ns=10**18, ctime_ns=10**18)
    return CachedFile(DocPath(path), stamp, 2 * 10**18, Digest("d" * 64), "{}")._replace(**changes)


def base_of(title: str = "Hello") -> CachedBase:
    """Return a base with something in every place."""
    return CachedBase(
        fields={FieldName("title"): title, FieldName("tags"): ("a", "b"), FieldName("featured"): True},
        kept={FieldName("excerpt"): None},
        body_digest=Digest("b" * 64),
        source_digest=Digest("c" * 64),
        images={"pic.png": (Digest("e" * 64), f"{URL}/content/images/pic.png")},
        links={"../about.md": f"{URL}/about/"},
    )


def post_numbered(number: int = 1, **changes: object) -> CachedPost:
    """Return a managed post."""
    post = CachedPost(
        id=PostId(f"{number:024x}"),
        kind=Kind.POST,
        slug=Slug(f"post-{number}"),
        updated_at="2026-03-01T10:00:00.000Z",
        path=DocPath(f"posts/{number}.md"),
        op="f81d4fae",
        base_json=base_of().to_json(),
        details='{"x":1}',
    )
    return post._replace(**changes)


def test_everything_saved_is_there_after_reopening(tmp_path: Path) -> None:
    """Files, posts, sources, uploads, tags, tombstones and watermarks come back as they were."""
    unmanaged = post_numbered(2, kind=Kind.PAGE, path=None, op=None, base_json="", details="")
    tag = CachedTag(slug=Slug("news"), id="t1", name="News", updated_at="x", fields={FieldName("description"): "d"})
    stone = Tombstone(id=PostId("9" * 24), title="Gone", at="2026-03-01T10:00:00Z", path=DocPath("posts/gone.md"))
    with Cache.open(tmp_path) as cache:
        cache.save_files([file_named("posts/1.md"), file_named("posts/ü.md", summary='{"title": "Ü"}')])
        site = cache.site("uuid-1", URL)
        site.save_posts([unmanaged])
        site.save_post(post_numbered(), source="---\ntitle: Hello\n---\r\nünïcödé \ud800")
        site.save_upload("images", Digest("e" * 64), f"{URL}/a.png")
        site.save_tags([tag])
        site.save_tombstone(stone)
        site.save_watermarks({"posts": "2026-03-01T10:00:00Z"})
    with Cache.open(tmp_path) as cache:
        site = cache.site("uuid-1", URL + "/")
        assert cache.trouble is None
        assert cache.load_files()[DocPath("posts/ü.md")] == file_named("posts/ü.md", summary='{"title": "Ü"}')
        assert site.load_posts() == {unmanaged.id: unmanaged, post_numbered().id: post_numbered()}
        assert site.load_posts()[post_numbered().id].base() == base_of()
        assert site.load_posts()[unmanaged.id].base() is None
        assert site.load_source(post_numbered().id) == "---\ntitle: Hello\n---\r\nünïcödé \ud800"
        assert site.load_source(unmanaged.id) is None
        assert site.load_uploads() == {("images", "e" * 64): f"{URL}/a.png"}
        assert site.load_tags() == {Slug("news"): tag}
        assert site.load_tombstones() == (stone,)
        assert site.load_watermarks() == {"posts": "2026-03-01T10:00:00Z"}


def test_forgetting_forgets_that_and_no_more(tmp_path: Path) -> None:
    """Each forget removes what it names."""
    with Cache.open(tmp_path) as cache:
        cache.save_files([file_named("a.md"), file_named("b.md")])
        cache.forget_files([DocPath("a.md")])
        assert set(cache.load_files()) == {"b.md"}
        site = cache.site("u", URL)
        site.save_post(post_numbered(1), source="one")
        site.save_post(post_numbered(2), source="two")
        site.forget_posts([post_numbered(1).id])
        assert set(site.load_posts()) == {post_numbered(2).id}
        assert site.load_source(post_numbered(1).id) is None
        assert site.load_source(post_numbered(2).id) == "two"
        site.save_post(post_numbered(2), source=None)
        assert site.load_source(post_numbered(2).id) is None
        site.save_watermarks({"posts": "x"})
        site.forget_all()
        assert site.load_posts() == {}
        assert site.load_watermarks() == {}


def test_sites_never_meet(tmp_path: Path) -> None:
    """A site is its uuid and its address; a sandbox with the same uuid is another one."""
    with Cache.open(tmp_path) as cache:
        cache.site("u", URL).save_post(post_numbered(), source="mine")
        cache.site("u", URL).save_upload("images", Digest("e" * 64), "x")
        for uuid, url in (("u", "http://127.0.0.1:2368"), ("v", URL)):
            other = cache.site(uuid, url)
            assert other.load_posts() == {}
            assert other.load_source(post_numbered().id) is None
            assert other.load_uploads() == {}
            other.forget_all()
        assert set(cache.site("u", URL.upper()).load_posts()) == {post_numbered().id}


def test_a_new_fingerprint_forgets_files_and_keeps_posts(tmp_path: Path) -> None:
    """Summaries made by another version or configuration are not believed; what Ghost said still is."""
    with Cache.open(tmp_path, fingerprint="one") as cache:
        cache.save_files([file_named("a.md")])
        cache.site("u", URL).save_posts([post_numbered()])
    with Cache.open(tmp_path, fingerprint="one") as cache:
        assert set(cache.load_files()) == {"a.md"}
    with Cache.open(tmp_path, fingerprint="two") as cache:
        assert cache.load_files() == {}
        assert set(cache.site("u", URL).load_posts()) == {post_numbered().id}


@pytest.mark.parametrize(
    ("change", "is_current"),
    [
        ({}, True),
        ({"size": 11}, False),
        ({"mtime_ns": 10**18 + 1}, False),
        ({"ctime_ns": 10**18 + 1}, False),
    ],
)
def test_a_file_is_current_by_its_whole_stamp(change: dict[str, int], is_current: bool) -> None:
    """Size, modification and change time must all be what they were."""
    file = file_named("a.md")
    assert file.is_current(file.stamp._replace(**change)) is is_current


def test_a_file_read_right_after_it_was_changed_is_read_again() -> None:
    """Within the clock's resolution a second change would not show, so such a row is not believed."""
    stamp = FileStamp(size=10, mtime_ns=10**18, ctime_ns=10**18)
    assert not file_named("a.md", stamp=stamp, read_ns=10**18 + RACY_NS - 1).is_current(stamp)
    assert file_named("a.md", stamp=stamp, read_ns=10**18 + RACY_NS).is_current(stamp)


def test_a_batch_is_all_or_nothing(tmp_path: Path) -> None:
    """A watermark never outlives the rows that it was to vouch for."""
    with Cache.open(tmp_path) as cache:
        site = cache.site("u", URL)
        site.save_watermarks({"posts": "old"})

        def write_half() -> None:
            with cache.batch():
                site.save_posts([post_numbered()])
                site.save_watermarks({"posts": "new"})
                raise RuntimeError

        with pytest.raises(RuntimeError):
            write_half()
        assert site.load_watermarks() == {"posts": "old"}
        assert site.load_posts() == {}
        with cache.batch():
            site.save_posts([post_numbered()])
            site.save_watermarks({"posts": "new"})
    with Cache.open(tmp_path) as cache:
        assert cache.site("u", URL).load_watermarks() == {"posts": "new"}


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    """Eight threads save 50 posts each; none is lost and nobody fails."""
    with Cache.open(tmp_path) as cache:
        site = cache.site("u", URL)
        failures: list[BaseException] = []

        def work(start: int) -> None:
            try:
                for number in range(start, start + 50):
                    site.save_post(post_numbered(number), source=f"text {number}")
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 400, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(site.load_posts()) == 400
        assert site.load_source(post_numbered(399).id) == "text 399"


def fill(root: Path) -> Path:
    """Make a cache of some 200 kB, closed, and return its file."""
    with Cache.open(root) as cache:
        cache.save_files([file_named(f"posts/{number}.md", summary="s" * 200) for number in range(200)])
        site = cache.site("u", URL)
        for number in range(200):
            site.save_post(post_numbered(number), source=f"text {number} " * 20)
        site.save_watermarks({"posts": "now"})
    return root / ".ghostsync" / "cache.db"


def assert_works(root: Path) -> None:
    """The cache opens, takes rows and gives them back, now and after reopening."""
    with Cache.open(root) as cache:
        cache.save_files([file_named("fresh.md")])
        cache.site("u", URL).save_post(post_numbered(7), source="fresh")
        assert DocPath("fresh.md") in cache.load_files()
    with Cache.open(root) as cache:
        assert DocPath("fresh.md") in cache.load_files()
        assert cache.site("u", URL).load_source(post_numbered(7).id) == "fresh"


@pytest.mark.parametrize("content", [b"", b"not a database at all, only text " * 9, b"SQLite format 3\0" + bytes(84)])
def test_a_file_that_is_no_cache_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    """Whatever lies where the cache should be, the run goes on with a new one."""
    file = fill(tmp_path)
    file.write_bytes(content)
    assert_works(tmp_path)


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1, 0.01])
def test_a_truncated_file_is_begun_anew(tmp_path: Path, kept: float) -> None:
    """A half-extracted archive or a full disk leaves a torn file: it is noticed and thrown away."""
    file = fill(tmp_path)
    os.truncate(file, int(file.stat().st_size * kept))
    with Cache.open(tmp_path) as cache:
        files, site = cache.load_files(), cache.site("u", URL)
        posts, marks = site.load_posts(), site.load_watermarks()
        # Damage found on the way empties everything: what is read after it never mixes with what was read before.
        assert cache.trouble is not None
        assert files == {} or cache.load_files() == {}
        assert posts == {}
        assert marks == {} or posts != {}
    assert_works(tmp_path)


@pytest.mark.parametrize("other", ["version", "application", "directory", "link"])
def test_a_file_of_another_kind_is_begun_anew(tmp_path: Path, other: str) -> None:
    """Another version's cache, another program's database, a folder or a link in its place."""
    file = fill(tmp_path)
    if other in ("version", "application"):
        connection = sqlite3.connect(file)
        pragma = {"version": f"user_version = {FORMAT + 1}", "application": "application_id = 7"}[other]
        connection.execute(f"PRAGMA {pragma}")
        connection.close()
    else:
        file.rename(tmp_path / "elsewhere.db")
        before = (tmp_path / "elsewhere.db").read_bytes()
        file.symlink_to(tmp_path / "elsewhere.db") if other == "link" else file.mkdir()
    with Cache.open(tmp_path) as cache:
        assert cache.load_files() == {}
        assert cache.trouble is not None
        cache.save_files([file_named("fresh.md")])
        assert set(cache.load_files()) == {"fresh.md"}
    if other == "link":
        assert (tmp_path / "elsewhere.db").read_bytes() == before


def test_random_damage_gives_right_rows_or_none(tmp_path: Path) -> None:
    """Bytes overwritten anywhere: what is still read is exactly what was saved, and nothing raises."""
    file = fill(tmp_path)
    whole = file.read_bytes()
    with Cache.open(tmp_path) as cache:
        files, posts = cache.load_files(), cache.site("u", URL).load_posts()
    chance = random.Random(7)
    gave_up = 0
    for _ in range(60):
        damaged = bytearray(whole)
        start = chance.randrange(len(damaged))
        damaged[start : start + 16] = chance.randbytes(len(damaged[start : start + 16]))
        shutil.rmtree(tmp_path / ".ghostsync")
        file.parent.mkdir()
        file.write_bytes(damaged)
        with Cache.open(tmp_path) as cache:
            found_files, site = cache.load_files(), cache.site("u", URL)
            found_posts = site.load_posts()
            assert all(files[path] == row for path, row in found_files.items())
            assert all(posts[key] == row for key, row in found_posts.items())
            for key in posts:
                text = site.load_source(key)
                assert text is None or text == f"text {int(key, 16)} " * 20
            gave_up += cache.trouble is not None
    assert gave_up > 20  # the damage did reach the rows


def test_control_without_checksums_damage_would_pass(tmp_path: Path) -> None:
    """A changed letter inside a row is invisible to SQLite; the row's checksum is what finds it."""
    file = fill(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'"Hello"', b'"Jello"', 1))
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    connection.close()
    with Cache.open(tmp_path) as cache:
        assert cache.site("u", URL).load_posts() == {}
        assert cache.trouble is not None
        assert "checksum" in cache.trouble
    assert not file.exists()


def test_a_failed_write_ends_the_cache_for_this_run(tmp_path: Path) -> None:
    """After a write was lost no later watermark reaches the disk: the next run starts as on a new machine."""
    file = fill(tmp_path)
    connection = sqlite3.connect(file)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON posts BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    connection.close()
    with Cache.open(tmp_path) as cache:
        site = cache.site("u", URL)
        site.save_posts([post_numbered(900)])
        assert cache.path is None
        assert "disk is full" in (cache.trouble or "")
        site.save_watermarks({"posts": "later"})
        assert site.load_watermarks() == {"posts": "later"}
    assert not file.exists()
    with Cache.open(tmp_path) as cache:
        assert cache.site("u", URL).load_watermarks() == {}


def test_where_no_file_can_be_the_cache_lives_in_memory(tmp_path: Path) -> None:
    """A file in the folder's place is left alone, and the run has a cache all the same."""
    (tmp_path / ".ghostsync").write_text("mine")
    with Cache.open(tmp_path) as cache:
        cache.save_files([file_named("a.md")])
        assert set(cache.load_files()) == {"a.md"}
        assert cache.path is None
    assert (tmp_path / ".ghostsync").read_text() == "mine"


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_cache import URL, post_numbered
from ghostsync.local.cache import Cache
with Cache.open(Path(sys.argv[1])) as cache:
    site = cache.site("u", URL)
    number = int(site.load_watermarks().get("last", "-1"))
    print("ready", flush=True)
    while True:
        number += 1
        with cache.batch():
            site.save_post(post_numbered(number), source=f"text {number}")
            site.save_watermarks({"last": str(number)})
        print(number, flush=True)
"""


def test_kill_9_at_any_moment_leaves_the_last_whole_batch(tmp_path: Path) -> None:
    """Killed 15 times while writing: every batch that was reported is there, and whole."""
    chance = random.Random(11)
    reported = -1
    for _ in range(15):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        deadline = time.monotonic() + chance.uniform(0.001, 0.05)
        while time.monotonic() < deadline:
            reported = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        lines = process.communicate()[0].split("\n")
        reported = max([reported, *[int(line) for line in lines[:-1]]])
        with Cache.open(tmp_path) as cache:
            site = cache.site("u", URL)
            last = int(site.load_watermarks()["last"])
            assert cache.trouble is None
            assert last >= reported
            assert len(site.load_posts()) == last + 1
            assert site.load_source(post_numbered(last).id) == f"text {last}"
    assert reported > 15


def test_ten_thousand_documents_are_remembered(tmp_path: Path) -> None:
    """Everything of a large site is there again on the next run."""
    with Cache.open(tmp_path) as cache:
        cache.save_files([file_named(f"posts/some-longer-name-{n}.md", summary="s" * 400) for n in range(10_000)])
        cache.site("u", URL).save_posts([post_numbered(number) for number in range(10_000)])
    with Cache.open(tmp_path) as cache:
        assert len(cache.load_files()) == len(cache.site("u", URL).load_posts()) == 10_000


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_values = st.one_of(st.none(), st.booleans(), _text, st.lists(_text, max_size=3).map(tuple))


@given(
    st.builds(
        CachedBase,
        fields=st.dictionaries(_text.map(FieldName), _values, max_size=4),
        kept=st.dictionaries(_text.map(FieldName), _values, max_size=4),
        body_digest=_text.map(Digest),
        source_digest=_text.map(Digest),
        images=st.dictionaries(_text, st.tuples(_text.map(Digest), _text), max_size=3),
        links=st.dictionaries(_text, _text, max_size=3),
    )
)
def test_a_base_survives_its_json(base: CachedBase) -> None:
    """Whatever a base holds comes back equal."""
    assert CachedBase.from_json(base.to_json()) == base


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '[{},{},"","",{},{"a":1},3]', '[{"a":1.5},{},"","",{},{}]'])
def test_a_base_that_cannot_be_read_is_none(text: str) -> None:
    """A base in another form is not guessed at."""
    assert post_numbered(base_json=text).base() is None
