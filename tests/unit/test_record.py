"""The record in a post: it comes back as it was left, it moves with its site, and a damaged one is none."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from engine.engine_builders import record

from ghostsync.core.record import (
    SOURCE_LIMIT,
    attach_record,
    detach_record,
    is_later,
    pack_source,
    record_from_json,
    record_to_json,
    unpack_source,
)
from ghostsync.model import Digest, FieldName, FieldValue, Lexical, Record, Upload

SITE = "https://old.test/blog/"
MOVED = "https://new.test/"
BODY: Lexical = {"root": {"type": "root", "children": [], "version": 1}}

WITH_ADDRESSES = (
    *("excerpt", "feature_image", "og_image", "twitter_image", "canonical_url"),
    *("codeinjection_head", "codeinjection_foot"),
)


def fields(**given: FieldValue) -> dict[FieldName, FieldValue]:
    """Return fields by name."""
    return {FieldName(name): value for name, value in given.items()}


def whole() -> Record:
    """Return a record in which everything is said."""
    upload = Upload(sha256=Digest("a" * 64), url=f"{SITE}content/images/a.svg", original="PHN2Zz4=")
    return record(
        source="---\ntitle: Grüße\n---\nText \ud83d\ude00\r\n",
        fields=fields(title="Hello", tags=("a", "b"), featured=True, excerpt=None, feature_image=f"{SITE}a.png"),
        kept=fields(og_title="Kept", tiers=("gold",), og_image=f"{SITE}b.png"),
        images={"pics/a.svg": upload, "pics/b.png": replace(upload, original=None)},
        links={"../b.md#part": f"{SITE}b/#part", "c.md": "https://elsewhere.test/c/"},
    )


def stored(one: Record, site: str = SITE) -> dict[str, Any]:
    """Return what is left in the post, as JSON has it."""
    found: dict[str, Any] = json.loads(json.dumps(attach_record(BODY, one, site_url=site)))["root"]["ghostsync"]
    return found


def read(left: object, site: str = SITE) -> Record | None:
    """Return the record that is found in a post."""
    return detach_record({"root": {**BODY["root"], "ghostsync": left}}, site_url=site)[1]


@pytest.mark.parametrize("project", ["site", None])
def test_it_comes_back_as_it_was_left(project: str | None) -> None:
    """With every value, and without a trace in the body."""
    one = replace(whole(), project=project)
    assert detach_record(attach_record(BODY, one, site_url=SITE), site_url=SITE) == (BODY, one)
    assert read(stored(one)) == one
    assert stored(one)["images"]["pics/b.png"].keys() == {"sha256", "url"}, "nothing is sent of what is not known"
    assert detach_record(BODY, site_url=SITE) == (BODY, None)


def test_it_is_the_same_whatever_came_first() -> None:
    """The order of fields, pictures and links says nothing."""
    one = whole()
    turned = replace(
        one,
        fields=dict(reversed(list(one.fields.items()))),
        images=dict(reversed(list(one.images.items()))),
        links=dict(reversed(list(one.links.items()))),
    )
    assert json.dumps(record_to_json(turned)) == json.dumps(record_to_json(one))


# ------------------------------------------------------------------------------------------ a site that moves


@pytest.mark.parametrize("name", WITH_ADDRESSES)
@pytest.mark.parametrize("place", ["fields", "kept"])
def test_addresses_in_fields_move_with_the_site(name: str, place: str) -> None:
    """They are stored as Ghost stores its own, and read with the address that the site has then."""
    one = record(**{place: fields(**{name: f"<a href='{SITE}x/'>"})})
    assert stored(one)[place][name] == "<a href='__GHOST_URL__/x/'>"
    found = read(stored(one), MOVED)
    assert found is not None
    assert getattr(found, place) == {name: f"<a href='{MOVED}x/'>"}


def test_addresses_of_pictures_and_links_move_with_the_site() -> None:
    """Those of other sites do not, and a text that mentions an address is a text."""
    one = replace(whole(), fields=fields(title=f"About {SITE}"))
    found = read(stored(one), MOVED)
    assert found is not None
    assert [upload.url for upload in found.images.values()] == [f"{MOVED}content/images/a.svg"] * 2
    assert found.links == {"../b.md#part": f"{MOVED}b/#part", "c.md": "https://elsewhere.test/c/"}
    assert found.fields == fields(title=f"About {SITE}")


# ------------------------------------------------------------------------------------------ the text


def test_a_text_travels_up_to_a_megabyte() -> None:
    """To the byte; what is larger is left out, and the rest of the record stays."""
    largest = "ä" * (SOURCE_LIMIT // 2)
    packed = pack_source(largest)
    assert packed is not None
    assert unpack_source(packed) == largest
    assert pack_source(f"{largest}a") is None
    too_large = read(stored(record(source=f"{largest}a")))
    assert too_large is not None
    assert too_large == record(source=None)


def test_half_a_surrogate_pair_in_a_text_comes_back() -> None:
    """A file may hold bytes that are no text."""
    packed = pack_source("a\ud800b")
    assert packed is not None
    assert unpack_source(packed) == "a\ud800b"


@pytest.mark.parametrize(
    "packed",
    [
        "no base64!",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"a" * (SOURCE_LIMIT + 1))).decode(),
        base64.b64encode(zlib.compress(b"a" * 50_000_000)).decode(),
        base64.b64encode(zlib.compress(b"\xff")).decode(),
        base64.b64encode(zlib.compress(b"First words." * 9)[:-4]).decode(),
    ],
    ids=["no base64", "no zlib", "one byte too large", "a bomb", "no UTF-8", "broken off"],
)
def test_a_text_that_cannot_be_unpacked_is_none(packed: str) -> None:
    """It was written by nobody who keeps the rules; the rest of the record may still be true."""
    assert unpack_source(packed) is None
    found = read({**stored(whole()), "source": packed})
    assert found == replace(whole(), source=None)


# ------------------------------------------------------------------------------------------ damage


@pytest.mark.parametrize(
    "key", ["op", "at", "project", "path", "slug", "source", "source_digest", "fields", "body_digest"]
)
def test_a_record_that_lacks_something_is_none(key: str) -> None:
    """What every record has must be there, in its own kind."""
    left = stored(whole())
    assert read({name: value for name, value in left.items() if name != key}) is None
    for damage in (5, ["x"], {"title": 5}, "\ud800"):
        assert read({**left, key: damage}) is None


@pytest.mark.parametrize("key", ["kept", "images", "links"])
def test_what_an_early_record_lacked_may_be_missing(key: str) -> None:
    """It then says nothing of it; damaged, the record is none."""
    left = stored(whole())
    found = read({name: value for name, value in left.items() if name != key})
    assert found == replace(whole(), **{key: {}})
    for damage in ("x", ["x"], {"title": 5}, {"title": "\ud800"}):
        assert read({**left, key: damage}) is None


@pytest.mark.parametrize("upload", [{}, {"sha256": "a"}, {"url": "x"}, {"sha256": 1, "url": "x"}, "x", None])
def test_a_picture_of_which_something_is_missing(upload: object) -> None:
    """Nothing is taken from such a record."""
    assert read({**stored(whole()), "images": {"a.png": upload}}) is None


@pytest.mark.parametrize("value", [None, [], "x", 5, {}, True])
def test_what_is_no_record_at_all(value: object) -> None:
    """Whatever stands there."""
    assert record_from_json(value) is None
    assert read({name: said for name, said in stored(whole()).items() if name != "v"}) is None


@pytest.mark.parametrize("version", [0, -1, True, "1", 1.0, None, [1]])
def test_versions_that_there_never_were(version: object) -> None:
    """They prove nothing."""
    assert read({**stored(whole()), "v": version}) is None


def test_an_unknown_field_is_passed_over() -> None:
    """Every known one counts."""
    left = stored(whole())
    left["fields"]["colour"] = {"deep": 1}
    assert read(left) == whole()


def test_a_later_version_says_whose_post_it_is_and_no_more() -> None:
    """That is what every version has; without it, it is no record."""
    left = {"v": 2, "op": "o", "at": "t", "project": "site", "path": "posts/a.md", "slug": "a", "fields": 7}
    found = read(left)
    assert found is not None
    assert is_later(found)
    assert not is_later(whole())
    assert (found.project, found.path, found.slug, found.fields, found.source) == ("site", "posts/a.md", "a", {}, None)
    nobodys = read({**left, "project": None})
    assert nobodys is not None
    assert nobodys.project is None
    for key in ("op", "at", "project", "path", "slug"):
        assert read({name: value for name, value in left.items() if name != key}) is None
        assert read({**left, key: 5}) is None
