"""Text that only emails show."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="email",
    title="Email content",
    is_shown=False,
    about='Text that only the email shows; `{first_name, "there"}` is Ghost\'s own placeholder.',
    example='```ghost:email\ntext: Hello {first_name, "there"},\n```\n',
    properties=(Property(name="html", kind=Kind.BLOCKS, key="text", has_placeholders=True),),
)
