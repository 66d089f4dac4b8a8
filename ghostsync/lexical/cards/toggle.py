"""A heading that opens its text."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="toggle",
    title="Toggle",
    about="`<details>` with Markdown inside; blank lines around the inner text are needed.",
    example="<details>\n<summary>What do foxes eat?</summary>\n\nNearly *everything*.\n\n</details>\n",
    properties=(
        Property(name="heading", kind=Kind.INLINE),
        Property(name="content", kind=Kind.BLOCKS),
    ),
)
