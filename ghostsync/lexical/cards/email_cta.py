"""A call to action that only emails show."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="email-cta",
    title="Email call to action",
    is_shown=False,
    about="A text with a button that only the email shows, to one segment of its readers.",
    example=(
        "```ghost:email-cta\n"
        "text: Become a **supporter**.\n"
        "segment: status:-free\n"
        "show_button: true\n"
        "button_text: Support us\n"
        "button_url: https://example.com/support/\n"
        "```\n"
    ),
    properties=(
        Property(name="html", kind=Kind.BLOCKS, key="text", has_placeholders=True),
        Property(name="alignment", default="left"),
        Property(name="segment", default="status:free"),
        Property(name="showButton", default=False, kind=Kind.BOOLEAN),
        Property(name="buttonText"),
        Property(name="buttonUrl", kind=Kind.LINK),
        Property(name="showDividers", default=True, kind=Kind.BOOLEAN),
    ),
)
