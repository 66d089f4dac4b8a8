"""What need not be looked at any more: each of the things that keep a pair from being settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from engine.engine_builders import digest, face, fields, post, record

from ghostsync.core.answers import BY_TEXT
from ghostsync.core.base import Base, base_of_record
from ghostsync.core.settled import Lookups, is_settled
from ghostsync.model import Asset, Bucket, DocPath, Face, Kind, PostFace, Slug, Upload

SITE = "https://site.test/"
PICTURE = Asset(path=DocPath("posts/a.png"), sha256=digest("a"), size=1, bucket=Bucket.IMAGES, mime="image/png")
URL = f"{SITE}content/images/a.png"

BASE = base_of_record(
    record(
        fields=fields(
            title="Hello",
            status="published",
            tags=("news", "of-day"),
            authors=("ada",),
            visibility="tiers",
            tiers=("gold", "silver"),
            feature_image=URL,
        ),
        images={"posts/a.png": Upload(sha256=digest("a"), url=URL)},
        links={"b.md#part": f"{SITE}b/#part"},
    )
)
FACE = face(
    fields=fields(
        title="Hello",
        status="published",
        tags=("News", "Of day"),
        authors=("Ada@example.com",),
        visibility="tiers",
        tiers=("silver", "gold"),
        feature_image="a.png",
    )
)
POST = post(fields=dict(BASE.fields))
LOOK = Lookups(
    site_url=SITE,
    now="2026-01-06T00:00:00.000Z",
    tag_slugs={"News": Slug("news")},
    authors={"ada@example.com": Slug("ada"), "berta": Slug("berta")},
    leads=BY_TEXT,
    asset=lambda path: PICTURE if path == PICTURE.path else None,
    address=lambda path: f"{SITE}b/" if path == "posts/b.md" else None,
)


def settled(seen: Face = FACE, there: PostFace = POST, base: Base = BASE, **look: Any) -> bool:
    """Whether the pair is settled."""
    return is_settled(seen, there, base, replace(LOOK, **look))


def saying(**given: Any) -> Face:
    """Return the document with other values."""
    return replace(FACE, fields={**FACE.fields, **fields(**given)})


def test_a_document_that_says_what_it_said_is_settled() -> None:
    """Names of tags and authors, the order of tiers, the file of a picture: as they would be sent they are the same."""
    assert settled()


@pytest.mark.parametrize(
    "moved",
    [
        lambda: settled(replace(FACE, digest=digest("other"))),
        lambda: settled(replace(FACE, path=DocPath("posts/moved.md"))),
        lambda: settled(there=replace(POST, kind=Kind.PAGE)),
        lambda: settled(saying(title="Other")),
        lambda: settled(saying(excerpt="New")),
        lambda: settled(saying(tags=("News",))),
        lambda: settled(saying(tags=("Of day", "News"))),
        lambda: settled(saying(authors=("berta",))),
        lambda: settled(saying(authors=("nobody",))),
        lambda: settled(saying(tiers=("gold",))),
        lambda: settled(saying(status="scheduled")),
        lambda: settled(there=post(fields={"status": "scheduled"})),
        lambda: settled(saying(feature_image="b.png")),
        lambda: settled(saying(feature_image="https://elsewhere.test/a.png")),
        lambda: settled(replace(FACE, fields={k: v for k, v in FACE.fields.items() if k != "tags"})),
        lambda: settled(asset=lambda _: None),
        lambda: settled(asset=lambda _: replace(PICTURE, sha256=digest("b"))),
        lambda: settled(address=lambda _: None),
        lambda: settled(address=lambda _: f"{SITE}c/"),
        lambda: settled(base=replace(BASE, links={"https://elsewhere.test/": f"{SITE}b/"})),
        lambda: settled(base=replace(BASE, links={"b.md#part": f"{SITE}b/#other"})),
        lambda: settled(base=replace(BASE, images={})),
        lambda: settled(tag_slugs={"News": Slug("news-2")}),
        lambda: settled(authors={}),
    ],
)
def test_whatever_moved_is_compared_in_full(moved: Callable[[], bool]) -> None:
    """The file, its place, what it says, what it shows, where its links lead, and what only time may move."""
    assert moved() is False
