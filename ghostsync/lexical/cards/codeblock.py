"""A block of code."""

from __future__ import annotations

from ghostsync.lexical.cards.definition import Card, Kind, Property

CARD = Card(
    type="codeblock",
    title="Code",
    about="A fenced code block; the caption (which is Markdown) is an attribute after the language.",
    example='```python {caption="Says *hello*"}\nprint("hello")\n```\n',
    properties=(
        Property(name="code"),
        Property(name="language"),
        Property(name="caption", kind=Kind.INLINE),
    ),
)
