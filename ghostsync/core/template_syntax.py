"""Commands of static site generators left in a text: Hugo's `{{< … >}}`, Jekyll's and Eleventy's `{% … %}`.

There they are carried out. Ghost shows them to readers as they stand, so whoever brings a site along is told of them.
In code they are meant to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ghostsync.model import Lexical

_COMMAND = re.compile(r"\{\{[<%][^{}]*[>%]\}\}|\{%[^{}]*%\}|\{\{-?\s*(?:site|page|post|include)\.[^{}]*\}\}")
_CODE = re.compile(r"^(```|~~~).*?^\1|<(pre|code)\b.*?</\2>|`[^`\n]*`", re.DOTALL | re.MULTILINE | re.IGNORECASE)
_IS_CODE = 16
"""Lexical's bit for inline code in `format`."""


def template_commands(document: Lexical) -> tuple[str, ...]:
    """Return every command in a document outside of code, in the order of the text, each once."""
    found = (found[0] for text in _texts(document.get("root")) for found in _COMMAND.finditer(text))
    return tuple(dict.fromkeys(found))


def _texts(root: Any) -> Iterator[str]:
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
