"""A boxed remark with an emoji."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property, Wrapping

CARD = Card(
    type="callout",
    title="Callout",
    about="GitHub's five alerts are five colours and emoji; `::: callout` takes any others. An empty emoji shows none.",
    example=(
        "> [!NOTE]\n"
        "> Foxes are *not* wolves.\n"
        "\n"
        '::: callout {emoji="🦊" color=accent}\n'
        "They are related, though.\n"
        ":::\n"
    ),
    properties=(
        Property(name="calloutText", kind=Kind.INLINE, key="text", wrapping=Wrapping.PARAGRAPH),
        Property(name="calloutEmoji", default="💡", key="emoji", empty_counts=True),
        Property(name="backgroundColor", default="blue", key="color"),
    ),
)

#: GitHub's five alerts as emoji and colour. A note is Ghost's own default callout; the colours are GitHub's.
ALERTS: dict[str, tuple[str, str]] = {
    "NOTE": ("💡", "blue"),
    "TIP": ("✅", "green"),
    "IMPORTANT": ("📣", "purple"),
    "WARNING": ("⚠️", "yellow"),
    "CAUTION": ("🛑", "red"),
}
