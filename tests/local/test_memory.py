"""The cache as the engine sees it: what is remembered comes back equal, and what is damaged comes back as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ghostsync.core.base import Base, Origin
from ghostsync.local.cache import Cache
from ghostsync.local.memory import SiteMemory
from ghostsync.model import Asset, Bucket, Digest, DocPath, FieldName, Kind, Post, PostId, Slug, Tag, Upload
from ghostsync.ports import Listed, Seal

UUID, URL = "6f1d8f3c-0000-4000-8000-000000000001", "https://example.com/"
ID = PostId("64a1f0c2e4b0a1b2c3d4e5f6")
D1, D2, D3 = (Digest(letter * 64) for letter in "abc")


def base(**changes: object) -> Base:
    """Return a base with every field filled."""
    facts: dict[str, object] = {
        "origin": Origin.CACHE,
        "path": DocPath("posts/tides.md"),
        "slug": Slug("tides"),
        "fields": {FieldName("title"): "Tides", FieldName("tags"): ("sea", "moon"), FieldName("featured"): True},
        "kept": {FieldName("excerpt"): "Kept as it was", FieldName("feature_image"): None},
        "body": D1,
        "source": "# Tides\r\n\nTwo a day. ☾\n",
        "source_digest": D2,
        "images": {"images/tide.png": Upload(sha256=D3, url="https://example.com/content/images/tide.png")},
        "links": {"../about.md#us": "https://example.com/about/#us"},
    }
    return Base(**{**facts, **changes})  # type: ignore[arg-type]


def post(**changes: object) -> Post:
    """Return the post that the base belongs to."""
    facts: dict[str, object] = {
        "id": ID, "uuid": "u", "kind": Kind.POST, "slug": Slug("tides"), "fields": {}, "lexical": None, "body": D1,
        "url": "https://example.com/tides/", "created_at": "2026-11-23T07:45:00.000Z",
        "updated_at": "2026-11-23T07:46:01.000Z",
    }  # fmt: skip
    return Post(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    """A cache in a file."""
    with Cache.open(tmp_path) as opened:
        yield opened


def again(cache: Cache) -> SiteMemory:
    """Return the memory that the next run on this machine has."""
    return SiteMemory(cache.site(UUID, URL))


def test_a_remembered_base_comes_back(cache: Cache) -> None:
    """The next run knows the post, its record's op and the base; the source is fetched when somebody asks."""
    again(cache).remember(post(), base(), "op-1")
    known = again(cache).posts()[ID]
    assert (known.kind, known.path, known.slug, known.op) == (Kind.POST, "posts/tides.md", "tides", "op-1")
    assert known.updated_at == "2026-11-23T07:46:01.000Z"
    assert known.base == base(source=None)
    assert again(cache).source_of(ID) == base().source


def test_a_base_from_elsewhere_becomes_the_caches(cache: Cache) -> None:
    """Where base was found is told anew: what the cache says is the cache's word."""
    memory = again(cache)
    memory.remember(post(), base(origin=Origin.RECORD), "op-1")
    remembered = memory.posts()[ID].base
    assert remembered is not None
    assert remembered.origin is Origin.CACHE


def test_the_run_that_remembers_sees_it_too(cache: Cache) -> None:
    """Remembering and forgetting show at once in the memory that did it, and in the next."""
    memory = again(cache)
    assert memory.posts() == {}
    memory.remember(post(), base(), None)
    assert set(memory.posts()) == {ID}
    memory.forget(ID)
    assert memory.posts() == {}
    assert again(cache).posts() == {}
    assert again(cache).source_of(ID) is None


def test_a_source_too_large_to_keep_is_not_there(cache: Cache) -> None:
    """A base without source is remembered, and an older source does not stand in for it."""
    memory = again(cache)
    memory.remember(post(), base(), "op-1")
    memory.remember(post(), base(source=None), "op-2")
    assert memory.source_of(ID) is None
    assert again(cache).posts()[ID].base == base(source=None)


def test_sites_are_kept_apart(cache: Cache) -> None:
    """A sandbox and production never share a row, not even when one is a copy of the other."""
    again(cache).remember(post(), base(), "op-1")
    assert SiteMemory(cache.site(UUID, "http://127.0.0.1:2368/")).posts() == {}
    assert SiteMemory(cache.site("another", URL)).posts() == {}


def test_what_we_deleted_is_known(cache: Cache) -> None:
    """Our own deletions are told apart from those of people, on later runs too."""
    again(cache).bury(ID, "Tides", DocPath("posts/tides.md"))
    assert again(cache).deleted_by_us() == {ID}


def test_uploads_are_known_by_endpoint_and_content(cache: Cache) -> None:
    """The same bytes as a picture and as a download are two uploads."""
    asset = Asset(path=DocPath("a.png"), sha256=D1, size=3, bucket=Bucket.IMAGES, mime="image/png")
    again(cache).save_upload(asset, "https://example.com/content/images/a.png")
    assert again(cache).uploads() == {(Bucket.IMAGES, D1): "https://example.com/content/images/a.png"}


def test_tags_come_back_as_they_were(cache: Cache) -> None:
    """A tag's base is its name, id and fields; a tag that Ghost has not numbered yet is no base."""
    tag = Tag(slug=Slug("sea"), name="Sea", id="64a1f0c2e4b0a1b2c3d4e5f7", fields={FieldName("description"): "Salt"})
    memory = again(cache)
    memory.save_tag(tag)
    memory.save_tag(Tag(slug=Slug("moon"), name="Moon"))
    assert again(cache).tags() == {"sea": tag}


def test_a_damaged_cache_is_no_memory(tmp_path: Path) -> None:
    """After the file was overwritten with something else, the run goes on as on a new machine."""
    with Cache.open(tmp_path) as cache:
        again(cache).remember(post(), base(), "op-1")
        path = cache.path
    assert path is not None
    path.write_bytes(b"not a database " * 1000)
    with Cache.open(tmp_path) as cache:
        memory = again(cache)
        assert memory.posts() == {}
        memory.remember(post(), base(), "op-2")
        assert again(cache).posts()[ID].op == "op-2"


# ------------------------------------------------------------------------------------------ listing and seal

LISTED = Listed(since="2026-11-23T07:50:00.000Z", actions=frozenset({"x"}), newest="x", newest_at="t")
SEAL = Seal(tree="print", unchanged=3, managed=2, until="2026-12-01T00:00:00.000Z")


def test_a_seal_is_kept_and_broken(cache: Cache) -> None:
    """A run that found something to do breaks the seal of an earlier one."""
    again(cache).save_seal(SEAL)
    assert again(cache).seal() == SEAL
    again(cache).save_seal(None)
    assert again(cache).seal() is None


@pytest.mark.parametrize(
    ("changed", "gone", "is_whole"), [([post()], [], False), ([], [ID], False), ([post()], [], True), ([], [], True)]
)
def test_what_changes_the_listing_breaks_the_seal(
    cache: Cache, changed: list[Post], gone: list[PostId], is_whole: bool
) -> None:
    """The seal was made of the listing before: it would hide this very change."""
    again(cache).save_listing(LISTED, [post()], [], is_whole=True)
    again(cache).save_seal(SEAL)
    again(cache).save_listing(LISTED, changed, gone, is_whole=is_whole)
    assert again(cache).seal() is None
    faces = again(cache).faces()
    assert faces is not None
    assert faces.keys() == ({ID} if changed else set())


def test_news_of_nothing_keep_the_seal(cache: Cache) -> None:
    """Only up to when the listing is true has moved on."""
    again(cache).save_listing(LISTED, [post()], [], is_whole=True)
    again(cache).save_seal(SEAL)
    later = replace(LISTED, since="2026-11-23T08:00:00.000Z")
    again(cache).save_listing(later, [], [], is_whole=False)
    assert (again(cache).seal(), again(cache).listed()) == (SEAL, later)


def test_a_listing_that_lacks_a_row_is_none(cache: Cache) -> None:
    """A damaged file reads as an empty one; a listing without a post would make its document a second time."""
    again(cache).save_listing(LISTED, [post(), post(id=PostId("1" * 24))], [], is_whole=True)
    assert len(again(cache).faces() or ()) == 2
    cache.site(UUID, URL).save_faces({}, [ID], is_whole=False)
    assert again(cache).faces() is None


@pytest.mark.parametrize("damage", ["", "null", "[]", "{}", '{"tree": 1}', "no JSON"])
def test_what_is_damaged_in_the_cache_is_not_known(cache: Cache, damage: str) -> None:
    """Neither the seal nor the listing, and nothing is made of half of either."""
    memory = again(cache)
    memory.save_listing(LISTED, [post()], [], is_whole=True)
    memory.save_seal(SEAL)
    rows = cache.site(UUID, URL)
    rows.save_watermarks({name: damage for name in rows.load_watermarks() if name != "faces"})
    assert again(cache).seal() is None
    assert again(cache).listed() is None
    rows.save_faces({ID: damage}, [], is_whole=False)
    assert again(cache).faces() is None


def test_an_upload_that_was_never_heard_of_again_is_remembered(cache: Cache) -> None:
    """Until its address is known: then the next upload of the same bytes is a first one."""
    asset = Asset(path=DocPath("a.png"), sha256=D1, size=3, bucket=Bucket.IMAGES, mime="image/png")
    assert not again(cache).begin_upload(asset)
    assert again(cache).begin_upload(asset)
    assert not again(cache).begin_upload(replace(asset, sha256=D2))
    assert not again(cache).begin_upload(replace(asset, bucket=Bucket.FILES))
    again(cache).save_upload(asset, "https://example.com/content/images/a.png")
    again(cache).forget_uploads()
    assert not again(cache).begin_upload(asset)
