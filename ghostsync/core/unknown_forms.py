"""Text that looks like a card's Markdown form and is none: `::: calout`, `> [!ABSTRACT]`, a gallery with words in it.

CommonMark takes such lines for text, and so readers would see the marks. It is no problem, since somebody may mean the
text; but whoever mistyped a name is told before readers are.
"""

from __future__ import annotations

import re

from ghostsync.core.template_syntax import Command, visible_texts
from ghostsync.lexical.cards.callout import ALERTS
from ghostsync.lexical.dialect import CONTAINERS
from ghostsync.model import Lexical

_CONTAINER = re.compile(r"^::: *([A-Za-z][\w-]*)", re.MULTILINE)
_ALERT = re.compile(r"^\[!([A-Za-z]+)\]")
_KINDS = f"the five kinds are {', '.join(ALERTS)}; for another colour or emoji: `::: callout`"
_ALONE = "the kind stands alone in the quote's first line; the text begins in the next"
_NAMES = f"the containers are {', '.join(f'`::: {name}`' for name in sorted(CONTAINERS))}"


def unknown_forms(document: Lexical) -> tuple[Command, ...]:
    """Return each such beginning of a block once, where it stands first."""
    found: dict[str, Command] = {}
    for text in visible_texts(document.get("root")):
        for container in _CONTAINER.finditer(text):
            found.setdefault(container[0], Command(container[0], container[0], _hint(container[1])))
        for alert in _ALERT.finditer(text):
            hint = _ALONE if alert[1].upper() in ALERTS else _KINDS
            found.setdefault(alert[0], Command(alert[0], alert[0], hint))
    return tuple(found.values())


def _hint(name: str) -> str:
    if name not in CONTAINERS:
        return _NAMES
    if name == "gallery":
        return "a gallery holds pictures and nothing else, each in a line of its own"
    return f"CommonMark alone has no containers; write a card: ```` ```ghost:{name} ````"
