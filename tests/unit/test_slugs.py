"""Slugs are Ghost's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.core.slugs import SLUG_LIMIT, post_slug, slugify, tag_slug

GOLDEN = json.loads((Path(__file__).parent / "golden" / "slugs.json").read_text(encoding="utf-8"))
"""1,500 texts in many scripts with what `slugify` of @tryghost/string 0.3.6 makes of them, run in Node."""


def test_slugify_is_ghosts_own() -> None:
    """Every text of the recording gives the slug that Ghost's own code gave."""
    different = [(text, slugify(text), slug) for text, slug in GOLDEN if slugify(text) != slug]
    assert different == []


def test_the_recording_is_worth_comparing_with() -> None:
    """The recording has many scripts in it, and more slugs than empty ones."""
    assert len(GOLDEN) >= 1500
    assert sum(1 for _, slug in GOLDEN if slug) > 1200
    assert sum(1 for text, _ in GOLDEN if not text.isascii()) > 1000


@given(st.text(max_size=60))
def test_a_slug_that_was_sent_comes_back(text: str) -> None:
    """Ghost makes the slug of a slug from it; ours is already what comes out."""
    slug = post_slug(text)
    assert post_slug(slug) == slug
    assert slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Foo Bar!", "foo-bar"),
        ("über_straße", "uber_strasse"),
        ("ghost", "ghost-post"),
        ("RSS", "rss-post"),
        ("!!!", "post"),
        ("", "post"),
        # Ghost's slugify keeps the É before a no-break space, and only its second pass makes an e of it.
        ("CAFÉ\u00a0»", "cafe"),
    ],
)
def test_slugs_of_posts(text: str, slug: str) -> None:
    """Posts get Ghost's slug, its protected words a suffix, and nothing becomes `post`."""
    assert post_slug(text) == slug


def test_long_slugs_are_cut_where_ghost_cuts() -> None:
    """185 characters stay."""
    assert post_slug("a" * 300) == "a" * SLUG_LIMIT


def test_a_site_in_a_subdirectory_protects_its_name() -> None:
    """The last segment of the site's path gets a suffix too."""
    assert post_slug("blog", protected=("blog",)) == "blog-post"
    assert post_slug("blog") == "blog"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("News", "news"),
        ("#internal", "hash-internal"),
        ("new", "new-tag"),
        ("#", "hash-"),
        ("???", "tag"),
        ("#new", "hash-new"),
    ],
)
def test_slugs_of_tags(name: str, slug: str) -> None:
    """Internal tags begin with `hash-`; `new` is protected for tags."""
    assert tag_slug(name) == slug
