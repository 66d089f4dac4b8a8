"""Commands of site generators left in a text: Hugo's `{{< … >}}`, Jekyll's and Eleventy's `{% … %}`.

There they are carried out. Ghost shows them to readers as they stand, so whoever brings a site along is told of them:
once for each command of a document, without what it was given, so that a habit of many documents is one line. In code
they are meant to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ghostsync.model import Lexical

_COMMAND = re.compile(r"\{\{[<%][^{}]*[>%]\}\}|\{%[^{}]*%\}|\{\{-?\s*(?:site|page|post|include)\.[^{}]*\}\}")
_NAME = re.compile(r"(\{\{[<%]|\{%)-?\s*(/?\s*[^\s/<>%{}]+)(.*?)-?(/?[>%]\}\}|%\})$", re.DOTALL)
_CODE = re.compile(r"^(```|~~~).*?^\1|<(pre|code)\b.*?</\2>|`[^`\n]*`", re.DOTALL | re.MULTILINE | re.IGNORECASE)
_IS_CODE = 16
"""Lexical's bit for inline code in `format`."""

_HINT = "write what it stands for, in Markdown or as a card; to show it as it is, put it into code"
_PATH = "write the path of the file: `[text](other-post.md)`"
_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "raw": "remove `{% raw %}` and `{% endraw %}`; Ghost carries nothing out",
        "highlight": "write a code block: ```` ```ruby ````",
        "figure": 'write `![alt](picture.jpg){caption="…"}`',
        "ref": _PATH,
        "relref": _PATH,
        "link": _PATH,
        "post_url": _PATH,
    }
)
"""What to write instead of the commands that most sites have."""


class Command(NamedTuple):
    """A command of a site generator in a text."""

    text: str
    """As it stands."""
    shown: str
    """Without what it was given: `{{< figure … >}}`."""
    hint: str


def template_commands(document: Lexical) -> tuple[Command, ...]:
    """Return each command in a document outside of code once, where it stands first; what ends one is left out."""
    found: dict[str, Command] = {}
    for text in visible_texts(document.get("root")):
        for each in _COMMAND.finditer(text):
            command = _command(each[0])
            found.setdefault(command.shown, command)
    return tuple(command for command in found.values() if not _ends_another(command.shown, found))


def _command(text: str) -> Command:
    parts = _NAME.match(text)
    if parts is None:
        return Command(text, text, _HINT)
    opened, name, given, closed = parts.groups()
    name = name.replace(" ", "")
    shown = f"{opened} {name}{' …' if given.strip() else ''} {closed.replace('/', '')}"
    return Command(text, shown, _HINTS.get(name, _HINT))


def _ends_another(shown: str, found: Mapping[str, Command]) -> bool:
    opened, name, *_ = shown.split(" ")
    begun = name.removeprefix("/") if name.startswith("/") else name.removeprefix("end")
    return begun != name and any(other.split(" ")[:2] == [opened, begun] for other in found if " " in other)


def visible_texts(root: Any) -> Iterator[str]:
    """Yield the texts of blocks: a command may run through several formats and links."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        if node.get("type") in {"html", "markdown"}:
            yield _CODE.sub(" ", str(node.get("html") or node.get("markdown") or ""))
        children = node.get("children")
        if not isinstance(children, list):
            continue
        if any(isinstance(child, dict) and "text" in child for child in children):
            yield "".join(_inline(children))
        else:
            waiting.extend(reversed(children))


def _inline(children: list[Any]) -> Iterator[str]:
    waiting = list(reversed(children))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        if "text" in node:
            is_code = isinstance(node.get("format"), int) and node["format"] & _IS_CODE
            yield " " if is_code else str(node["text"])
        elif isinstance(node.get("children"), list):
            waiting.extend(reversed(node["children"]))
        else:
            yield "\n"
