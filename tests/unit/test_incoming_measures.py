"""What follows from a file is no edit, and what an author spelled out about it stays."""

from __future__ import annotations

import copy

import pytest

from ghostsync.core.base import Base, Origin
from ghostsync.core.digest import body_digest, bytes_digest
from ghostsync.core.incoming import incoming_body
from ghostsync.core.measure import measured, measured_as, without_measures
from ghostsync.lexical import compile_markdown
from ghostsync.model import DocPath, Lexical, Slug

BODY = """First.

::: gallery
![Stars](../images/stars.jpg)
![Meteors](../images/meteors.jpg)
:::

```ghost:product
image: ../images/book.jpg
image_width: 800
image_height: 600
title: The log
```

```ghost:audio
src: ../media/bell.wav
```
"""
SITE = "https://example.com/"


def held(body: str) -> Lexical:
    """What Ghost holds of a body: measured, the author's own figures replaced too."""
    document = copy.deepcopy(compile_markdown(body))
    gallery, product, audio = document["root"]["children"][1:4]
    for image in gallery["images"]:
        image.update(width=1600, height=900, fileName="as-uploaded.jpg")
    product.update(productImageWidth=1600, productImageHeight=1200)
    audio["mimeType"] = "audio/wav"
    return document


def incoming(remote: Lexical) -> str:
    """What pull makes of it."""
    base = Base(
        origin=Origin.RECORD,
        path=DocPath("posts/a.md"),
        slug=Slug("a"),
        fields={},
        body=body_digest(compile_markdown(BODY), site_url=SITE),
        source=BODY,
        source_digest=bytes_digest(BODY.encode()),
    )
    return incoming_body(base, BODY, remote, site_url=SITE, dialect="ghost")


def test_measures_alone_are_no_edit() -> None:
    """What Ghost or its editor says about files changes nothing in the text."""
    assert incoming(held(BODY)) == BODY


def test_an_edit_elsewhere_leaves_cards_as_they_are_spelled() -> None:
    """One word typed in the first paragraph is one line, though every card carries measures now."""
    remote = held(BODY.replace("First.", "First word."))
    assert incoming(remote) == BODY.replace("First.", "First word.")


def test_an_edit_in_a_card_keeps_the_measures_its_author_wrote() -> None:
    """A new title of a product is one line; the width and height that the author wrote stay."""
    remote = held(BODY.replace("The log", "The book"))
    assert incoming(remote) == BODY.replace("The log", "The book")


def test_a_swapped_picture_is_an_edit() -> None:
    """Another picture is written down; what was said about the old one does not hold for it."""
    remote = held(BODY.replace("book.jpg", "other.jpg"))
    expected = BODY.replace("book.jpg", "other.jpg").replace("image_width: 800\nimage_height: 600\n", "")
    assert incoming(remote) == expected


@pytest.mark.parametrize("images", [None, "x", [None, "x"], []])
def test_a_gallery_may_hold_anything(images: object) -> None:
    """Ghost's API takes it; it is compared and sent as it is, and keeps no document from being read."""
    document = {"root": {"children": [{"type": "gallery", "images": images}]}}
    assert without_measures(document) == document
    assert measured(document, {}) == document
    assert measured_as(document, document) == document
