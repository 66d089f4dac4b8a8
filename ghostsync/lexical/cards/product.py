"""A product with picture, rating and button."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="product",
    title="Product",
    about="A product, with a rating and a button if these are enabled.",
    example=(
        "```ghost:product\n"
        "image: mug.jpg\n"
        "title: Fox mug\n"
        "description: Holds *coffee*.\n"
        "rating_enabled: true\n"
        "rating: 4\n"
        "button_enabled: true\n"
        "button: Buy\n"
        "url: https://example.com/mug/\n"
        "```\n"
    ),
    properties=(
        Property(name="productImageSrc", kind=Kind.IMAGE, key="image"),
        Property(name="productImageWidth", default=None, kind=Kind.NUMBER, key="image_width"),
        Property(name="productImageHeight", default=None, kind=Kind.NUMBER, key="image_height"),
        Property(name="productTitle", kind=Kind.INLINE, key="title"),
        Property(name="productDescription", kind=Kind.BLOCKS, key="description"),
        Property(name="productRatingEnabled", default=False, kind=Kind.BOOLEAN, key="rating_enabled"),
        Property(name="productStarRating", default=5, kind=Kind.NUMBER, key="rating"),
        Property(name="productButtonEnabled", default=False, kind=Kind.BOOLEAN, key="button_enabled"),
        Property(name="productButton", key="button"),
        Property(name="productUrl", kind=Kind.LINK, key="url"),
    ),
)
