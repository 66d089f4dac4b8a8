"""Is the answer to a write what was asked for?

Ghost accepts nearly everything and changes some of it without a word: an unknown author becomes the owner, an unknown
tier vanishes, a taken slug gets a number, an unknown card ends the HTML. So every answer is held against the request,
and what differs is an error of that document, said plainly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from ghostsync.core.base import SENDING, STATUS, comparable_fields
from ghostsync.core.digest import body_digest
from ghostsync.model import FieldName, FieldValue, Lexical, Post

_INVISIBLE = re.compile(r"[\s\u200b-\u200d\ufeff]+")
# A value between quotes may hold `>`; a script may hold quotes that never end. Whoever looks for a text tries both.
_TAGS = (re.compile(r"<[^>]*>"), re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>"""))

# Cards that render nothing on a page, or whose text is drawn by a script.
_SILENT = frozenset({"email", "email-cta", "paywall", "signup", "transistor"})


def differences(
    sent: Mapping[FieldName, FieldValue],
    lexical: Lexical,
    post: Post,
    html: str | None,
    *,
    site_url: str,
    now: str,
) -> tuple[str, ...]:
    """Return, in words, where Ghost's answer is not what was sent; empty where it is."""
    found: list[str] = []
    wanted = comparable_fields({k: v for k, v in sent.items() if k not in SENDING}, site_url=site_url, now=now)
    stored = comparable_fields(post.fields, site_url=site_url, now=now)
    for name, value in wanted.items():
        if name not in stored:
            continue
        if name == STATUS and stored[name] == "published" and value == "published":
            continue
        if stored[name] != value:
            found.append(f"`{name}` was sent as {_say(value)} and is stored as {_say(stored[name])}")
    if post.body != body_digest(lexical, site_url=site_url):
        found.append("the body is not stored as it was sent")
    last = last_text(lexical)
    if last and html is None:
        found.append("Ghost could not render the body: its HTML is empty")
    elif last and not _shows(html or "", last):
        found.append("Ghost renders the body only in part: its last block is missing from the HTML")
    return tuple(found)


def last_text(lexical: Lexical) -> str:
    """Return the text of the last plain block, as far as it certainly appears in the HTML; empty where none does."""
    children = lexical.get("root", {}).get("children", [])
    for node in reversed(children):
        kind = node.get("type", "")
        if kind in {"paragraph", "heading", "extended-heading", "quote", "extended-quote", "aside", "list"}:
            text = _text_of(node)
            if text.strip():
                return text.strip()[-40:]
            continue
        if kind in _SILENT:
            continue
        return ""
    return ""


def _text_of(node: Mapping[str, Any]) -> str:
    if isinstance(node.get("text"), str):
        return str(node["text"])
    return "".join(_text_of(child) for child in node.get("children") or () if isinstance(child, dict))


def _shows(html: str, text: str) -> bool:
    """Whether a page shows a text: tags go before characters are unescaped, or `a < b … c > d` would go with them."""
    wanted = _squeeze(text)
    return any(wanted in _squeeze(unescape(tags.sub("", html))) for tags in _TAGS)


def _squeeze(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _say(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return "nothing" if value is None else f"`{value}`"
