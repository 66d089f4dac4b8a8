"""A form that makes readers members."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="signup",
    title="Signup",
    about="A form that makes readers members; `labels` are given to those who sign up here.",
    example="```ghost:signup\nheader: Foxes by email\nsubheader: Once a week\nlabels:\n  - fox-page\n```\n",
    properties=(
        Property(name="alignment", default="left"),
        Property(name="backgroundColor", default="#F0F0F0"),
        Property(name="backgroundImageSrc", kind=Kind.IMAGE),
        Property(name="backgroundSize", default="cover"),
        Property(name="textColor", default="#000000"),
        Property(name="buttonColor", default="accent"),
        Property(name="buttonTextColor", default="#FFFFFF"),
        Property(name="buttonText", default="Subscribe"),
        Property(name="disclaimer", kind=Kind.INLINE),
        Property(name="header", kind=Kind.INLINE),
        Property(name="layout", default="wide"),
        Property(name="subheader", kind=Kind.INLINE),
        Property(name="successMessage", default="Email sent! Check your inbox to complete your signup."),
        Property(name="swapped", default=False, kind=Kind.BOOLEAN),
        Property(name="labels", default=(), kind=Kind.DATA),
    ),
)
